"""The way to devices on BACnet/SC: one connection to a hub, dialled again for ever, and what stands in its way said in words.

rusty-bacnet (0.14) keeps a connection that it once had: it redials the primary hub, goes to the failover hub after some tries,
and looks for the primary from there. What it does not do is done here: to start without any hub, to go on after it gave up,
and to take up certificates that were renewed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import structlog
from rusty_bacnet import (
    BACnetClient,
    BacnetError,
    BacnetTransportError,
    CovNotification,
    ScEvent,
    ScEventIterator,
    ScReconnect,
)

from drivers.bacnet.peer import IAm
from drivers.bacnet.rusty import refused
from drivers.bacnet.rusty.link import NEVER, REPEAT, Ears, Link
from drivers.bacnet.rusty.node import Node, Self
from drivers.bacnet.rusty.station import Where
from drivers.care.ports import Subnets
from drivers.protocol import Uplink

REDIAL: Final = 2.0
"""Seconds before the first new dial, and between two looks for the primary hub (§12.56.77 SC_Minimum_Reconnect_Time: 2 to 300)."""

LONGEST: Final = 10.0
"""Seconds between two dials at most: changes of value are to be told again within half a minute of the hub's return."""

DIALS: Final = 2
"""Dials of the primary hub that fail before the failover hub is dialled, and where there is none before all is begun anew: only
the first dial of a connection says in full why it failed."""

DIAL: Final = 5.0
"""Seconds that one dial may take, its TLS included."""

BEAT: Final = 5.0
"""Seconds between two heartbeats."""

DEAF: Final = 12.0
"""Seconds without an answer to them after which a hub is gone that did not say so, as when its power is cut."""

LOOK: Final = 5.0
"""Seconds between two looks at whether the certificates' files were replaced."""

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Secure:
    """The hubs, our files, and the folder that keeps who we are."""

    hub: str
    failover: str | None
    ca: str
    certificate: str
    key: str
    folder: Path | None


class HubLink(Link):
    """rusty-bacnet behind a hub. `on_up` is called when there is a connection again: what was told meanwhile is lost."""

    def __init__(
        self,
        secure: Secure,
        on_i_am: Callable[[IAm[Where]], None],
        on_cov: Callable[[Where, CovNotification], None],
        on_up: Callable[[], None],
        patience: float = NEVER,
    ) -> None:
        super().__init__(None, 0, on_i_am, on_cov, Subnets(), patience)
        self._secure, self._on_up = secure, on_up
        self._self = Self(secure.folder)
        self._up = asyncio.Event()
        self._tried = asyncio.Event()
        self._problem = ""
        self._keeper: asyncio.Task[None] | None = None
        self.uplink = Uplink(None, "no hub dialled yet")

    @property
    def why(self) -> str:
        """Why no hub is reached; empty while one is."""
        return "" if self._up.is_set() else self.uplink.problem

    def _of(self, mac: bytes) -> Where | None:
        return Node(bytes(mac)) if len(mac) == 6 else None

    async def ready(self) -> BACnetClient:
        """The stack, once there is a connection: the caller brings the deadline. Raises Misconfigured unless started."""
        if self._keeper is not None:
            await self._up.wait()
        return self.client

    async def open(self, devices: object = ()) -> None:
        """Dial. No hub is no reason not to start: it is dialled again until it answers. Raises Misconfigured.

        Returns after the first dial, however it went.
        """
        self._self.take()
        self._keeper = asyncio.create_task(self._keep(), name="bacnet/sc")
        await self._tried.wait()

    async def close(self) -> None:
        """Leave the hub. Harmless when it was never reached."""
        keeper, self._keeper = self._keeper, None
        for future in list(self._open):
            future.cancel()  # or the stack's own stop would wait for them
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        self._up.clear()
        await super().close()
        self._self.leave()

    async def _heard(self, send: Callable[[], Awaitable[_T]]) -> _T:
        """What a device said. What the connection says in its place is no answer: its caller waits for one until its deadline."""
        try:
            return await super()._heard(send)
        except BacnetError as error:
            if type(error) is not BacnetError and not isinstance(error, BacnetTransportError):
                raise
            if self._up.is_set() and "not in Connected state" not in str(error):
                raise
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    # ------------------------------------------------------------------ for as long as it is open

    async def _keep(self) -> None:
        """Dial, follow the connection until it is lost for good or other certificates are there, and again."""
        while True:
            stamp = self._stamp()
            try:
                if await self._one(stamp):
                    continue
            except Exception as error:  # a fault of ours must not end it: nobody would ever be reached again
                _log.exception("bacnet/sc broke")
                self._down(refused.dialling(error))
            self._tried.set()
            await self._pause(stamp)

    async def _one(self, stamp: object) -> bool:
        """One connection from its first dial to its end; False where it did not come about."""
        try:
            client = await self._dial()
        except (BacnetError, RuntimeError, ValueError, OSError) as error:
            self._down(refused.dialling(error))
            if refused.vmac_taken(error):
                self._self.renew_vmac()
                _log.warning("bacnet/sc vmac taken", now=str(Node(self._self.vmac)))
            return False
        try:
            await self._serve(client, stamp)
        finally:
            self._up.clear()
            await self._leave(client)
        return True

    async def _dial(self) -> BACnetClient:
        """A client with a connection to one of the hubs."""
        secure = self._secure
        client = BACnetClient(
            transport="sc",
            apdu_timeout_ms=max(1, round(REPEAT * self._patience * 1000)),
            sc_hub=secure.hub,
            sc_failover_hub=secure.failover,
            sc_vmac=self._self.vmac,
            sc_device_uuid=self._self.uuid,
            sc_ca_cert=secure.ca,
            sc_client_cert=secure.certificate,
            sc_client_key=secure.key,
            sc_heartbeat_interval_ms=round(BEAT * 1000),
            sc_heartbeat_timeout_ms=round(DEAF * 1000),
            sc_connect_timeout_ms=round(DIAL * 1000),
            reconnect=ScReconnect(
                initial_delay_ms=round(REDIAL * 1000), max_delay_ms=round(LONGEST * 1000), max_retries=DIALS
            ),
        )
        await client.__aenter__()
        return client

    async def _serve(self, client: BACnetClient, stamp: object) -> None:
        """Hear what comes through a connection, and follow how it fares."""
        self._client = client
        self._ears = Ears(await client.cov_notifications(), self._hear)
        events = await client.connection_events()
        self._tasks = [
            asyncio.create_task(self._i_ams.watch(), name="bacnet/sc i-am"),
        ]
        following = asyncio.create_task(self._follow(events), name="bacnet/sc events")
        try:
            while not following.done():
                await asyncio.wait({following}, timeout=LOOK)
                if self._stamp() != stamp:
                    _log.info("bacnet/sc certificates replaced")
                    return
            await following  # it does not raise, unless it is broken
        finally:
            for task in (following, *self._tasks):
                task.cancel()
            await asyncio.gather(following, *self._tasks, return_exceptions=True)
            self._tasks = []

    async def _follow(self, events: ScEventIterator) -> None:
        """Say what becomes of the connection, until the stack has given up."""
        with contextlib.suppress(StopAsyncIteration):
            while True:
                event = await events.__anext__()
                if event.kind == "connected":
                    self._connected(event, await self._expiry())
                elif event.kind == "disconnected":
                    self._down(refused.ended(event))
                elif event.kind == "connect_failed" and not self._up.is_set():
                    self._down(refused.failed(event))
                    if refused.vmac_taken(event):
                        return  # the stack would take one that nobody keeps; the next dial hears it again
                elif event.kind == "reconnect_gave_up":
                    return

    async def _expiry(self) -> float | None:
        """When the certificate ends that the hub has shown."""
        peer = await self.client.sc_peer_info()
        leaf = peer.certificates[0].metadata if peer is not None and peer.certificates else None
        return float(leaf.not_after_unix) if leaf is not None else None

    def _connected(self, event: ScEvent, expires: float | None) -> None:
        self.uplink = Uplink(event.hub or "primary", "", expires)
        _log.info("bacnet/sc connected", hub=event.hub, uri=self._uri(event.hub))
        self._up.set()
        self._tried.set()
        self._on_up()

    def _down(self, problem: str) -> None:
        """No hub is reached, and why: told once for each reason."""
        if self._up.is_set() or problem != self.uplink.problem:
            _log.warning("bacnet/sc not connected", reason=problem)
        self._up.clear()
        self.uplink = Uplink(None, problem, self.uplink.expires)

    def _uri(self, hub: str | None) -> str | None:
        return self._secure.failover if hub == "failover" else self._secure.hub

    async def _pause(self, stamp: object) -> None:
        """Until the next dial: at once where other certificates are there."""
        for _ in range(4):
            await asyncio.sleep(REDIAL / 4)
            if self._stamp() != stamp:
                return

    def _stamp(self) -> tuple[object, ...]:
        """What tells whether the files are others than before."""
        files = (self._secure.ca, self._secure.certificate, self._secure.key)
        return tuple(_stamp_of(file) for file in files)

    async def _leave(self, client: BACnetClient) -> None:
        """Let go of a connection, in flight or not."""
        self._client = None
        with contextlib.suppress(BacnetError, RuntimeError):
            await client.stop()


def _stamp_of(file: str) -> object:
    try:
        found = Path(file).stat()
    except OSError as error:
        return error.errno
    return found.st_mtime_ns, found.st_size, found.st_ino
