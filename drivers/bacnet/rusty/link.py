"""rusty-bacnet's client on a port: requests that end with their caller, and ears for I-Am and COV."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import structlog
from rusty_bacnet import (
    BacnetAbortError,
    BACnetClient,
    BacnetError,
    Bbmd,
    CovNotification,
    CovNotificationIterator,
    ForeignDevice,
)

from drivers.bacnet.peer import IAm, Ignored
from drivers.bacnet.rusty.i_ams import IAms
from drivers.bacnet.rusty.port import Port
from drivers.bacnet.rusty.routed import Behind
from drivers.bacnet.rusty.routes import Routes
from drivers.bacnet.rusty.station import Station, Where
from drivers.care import ports
from drivers.care.bind import Adrift, adrift, choose
from drivers.care.ports import Subnets
from drivers.protocol import Misconfigured

SENT: Final = 4
"""Times that rusty-bacnet (0.14) sends a request by itself, all under one invoke id, before it reports silence as an
Abort of reason 10, as if the device had said it."""

_TSM_TIMEOUT: Final = 10

NEVER: Final = 3_600.0
"""Seconds of a patience with which the stack sends nothing again."""

REPEAT: Final = 0.45
"""Share of a call's time after which rusty-bacnet sends a request again: three copies, the last just before its end."""

_LEFT: Final = 0.88
"""Share of it after which a request that something else was sent in place of is not sent a third time."""

BESIDES: Final = 16
"""How far our second port lies behind the first: 47824 behind 47808, outside the sixteen that networks of BACnet/IP use by custom.
The same after each restart, so that a controller takes what is subscribed to from there for the same and not for one more."""

PORTS: Final = 1 << 16

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


MOST_WAITING: Final = 20_000
"""Notifications that wait for us at most: some ten megabytes, two for each object of a large building. A site choice."""
_ENDS_WITHIN = 1.0
"""s that a stop waits for the thread that takes them."""


class Ears:
    """Takes what `told` yields, in a thread of its own, until the stack is stopped; `wake` is called in the loop that this was made
    in, with this, once something waits.

    rusty-bacnet 0.14 keeps some dozens of notifications that nobody has taken, throws the oldest away, and hands one over a turn
    of the loop that asks for it. A loop that has a building to run turns too slowly for a start's thousand, or a busy machine's hundred.
    """

    def __init__(self, told: CovNotificationIterator, wake: Callable[[Ears], None]) -> None:
        self._told, self._wake = told, wake
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._waiting: deque[CovNotification] = deque()
        self._woken = False
        self._dropped = 0
        self._missed = 0
        """How many were lost, as far as that was told."""
        threading.Thread(target=lambda: asyncio.run(self._listen()), name="cov", daemon=True).start()

    def heard(self) -> list[CovNotification]:
        """All that wait, in order."""
        self._woken = False
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def lost(self) -> bool:
        """Whether some were lost since this was asked last."""
        before, self._missed = self._missed, self._told.missed + self._dropped
        return self._missed > before

    async def end(self) -> None:
        """Wait, not for long, until the thread has ended: call it once the stack was stopped."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ENDS_WITHIN):
                await self._ended.wait()

    async def _listen(self) -> None:
        """In the thread: take each as it comes, and wake the loop unless it is about to look anyway."""
        try:
            with contextlib.suppress(StopAsyncIteration):
                while True:
                    self._keep(await self._told.__anext__())
        finally:
            self._call(self._ended.set)

    def _keep(self, notification: CovNotification) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._dropped += 1
            return
        self._waiting.append(notification)
        if not self._woken:
            self._woken = True
            self._call(lambda: self._wake(self))

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # our loop is closed: nobody listens
            self._loop.call_soon_threadsafe(what)


class Link:
    """rusty-bacnet bound to `bind` (an address, with `/bits` where the mask is not 24) and `port`."""

    def __init__(
        self,
        bind: str | None,
        port: int,
        on_i_am: Callable[[IAm[Where]], None],
        on_cov: Callable[[Where, CovNotification], None],
        subnets: Subnets,
        patience: float = NEVER,
        served: int | None = None,
    ) -> None:
        self._patience = patience
        """Seconds that a call to the most patient device may take: the stack sends requests again by itself at one pace for
        all devices, and would throw away the answers of one that takes longer than it waits. NEVER where it must not: it
        knows no cap on requests a second."""
        self._bind, self._port, self._beside = bind, port, beside(port, served)
        self._on_cov = on_cov
        self.on_lost: Callable[[], None] = lambda: None
        """Told when notifications were lost between the stack and us: it keeps some dozens that nobody has taken yet."""
        self.on_told: Callable[[tuple[str, int], bytes], None] = lambda where, data: None
        """Told of a change of value at the second port."""
        self._subnets = subnets
        self._open: set[asyncio.Future[object]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._routes = Routes(lambda: self.client)
        self._i_ams = IAms(lambda: self.client, self._of, self._routes, on_i_am)
        self._host = ""
        self.ear: tuple[str, int] | None = None
        """Where broadcasts of our subnet arrive, once the port is open."""
        self._client: BACnetClient | None = None
        self._ears: Ears | None = None
        self.second: Port | None = None
        """A second port, for reading many objects; None where there is none."""

    @property
    def client(self) -> BACnetClient:
        """The stack itself. Raises Misconfigured unless it is started."""
        if self._client is None:
            raise Misconfigured("rusty", "the driver is not started")
        return self._client

    async def ready(self) -> BACnetClient:
        """The stack itself, once requests can be sent through it. Raises Misconfigured unless it is started."""
        return self.client

    @property
    def why(self) -> str:
        """Why nothing can be sent now; empty where it can."""
        return ""

    def _of(self, mac: bytes) -> Where | None:
        """Who has the address that came with a message."""
        return Station.from_mac(mac)

    @property
    def up(self) -> bool:
        """Whether the port is open."""
        return self._client is not None

    @property
    def host(self) -> str:
        """Our own address."""
        return self._host

    @property
    def in_flight(self) -> int:
        """Requests that nobody has answered or given up."""
        return len(self._open) + (self.second.in_flight if self.second is not None else 0)

    async def open(self, devices: Sequence[str | None] = ()) -> None:
        """Bind the port. Raises Misconfigured when it is taken or the address is not ours.

        `devices` are their addresses, from which ours follows where it is not said.
        """
        interface = ports.interface(choose(self._bind, devices, "rusty"), "rusty")
        host = str(interface.ip)
        ports.probe(host, self._port, "rusty")
        client = BACnetClient(
            interface=host,
            port=self._port,
            broadcast_address=_broadcast(interface),
            apdu_timeout_ms=max(1, round(REPEAT * self._patience * 1000)),
            # binds the address itself, so that simulated devices beside us may use the same port
            share_port_by_address=True,
            foreign_device=ForeignDevice(*foreign) if (foreign := self._subnets.foreign) else None,
            bbmd=Bbmd(list(peers)) if (peers := self._subnets.peers) else None,
        )
        try:
            await client.__aenter__()
        except OSError as error:
            raise ports.unusable(host, self._port, error, "rusty") from None
        except BacnetError as error:
            raise Misconfigured("rusty", str(error)) from None
        self._client, self._host = client, host
        with contextlib.suppress(OSError):  # it only saves time: the stack does all of it by itself
            self.second = Port(host, self._beside)
            self.second.on_told, self.second.on_lost = self.on_told, self.on_lost
        self.ear = (_broadcast(interface), self._port)
        # Before anything is subscribed to: what comes earlier than the iterator is lost.
        self._ears = Ears(await client.cov_notifications(), self._hear)
        self._tasks = [
            asyncio.create_task(self._i_ams.watch(), name="rusty i-am"),
        ]

    async def close(self) -> None:
        """Give up what is in flight and free the port. Harmless when it is not open."""
        client, self._client = self._client, None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for future in list(self._open):
            future.cancel()
        second, self.second = self.second, None
        if second is not None:
            second.close()
        self._routes.close()
        if client is not None:
            await client.stop()
        ears, self._ears = self._ears, None
        if ears is not None:
            await ears.end()

    async def request(
        self,
        send: Callable[[], Awaitable[_T]],
        spacing: float,
        tries: int,
        again: Callable[[], float] = lambda: 0.0,
        *,
        once: bool = False,
        instead: Callable[[], Awaitable[object]] | None = None,
    ) -> _T:
        """The result of `send`, sent up to `tries` times, `spacing` seconds apart, until one has come; each
        time but the first when `again` says (seconds from now).

        Waits for ever: the caller brings the deadline. Raises what the stack raises. Where the stack's own pace is
        the one asked for, or with `once`, the stack alone sends it again, under the invoke id that it has (not at all where it must not): a
        controller that is slow does a write once. Else each copy has an invoke id of its own. An answer to any of
        them counts. `instead` takes the place of the last copy: Ignored where only that one is answered.
        Whatever the end, no copy stays in flight. Raises Misconfigured once the port is closed: a call that waited
        for its turn until then would hold up the stack's own stop, which waits for every request.
        """
        copies: list[asyncio.Future[_T]] = []
        other: asyncio.Future[object] | None = None
        if once or 0.9 <= spacing * tries / self._patience <= 1.1:
            return await self._by_the_stack(send, spacing * tries, again, instead)
        try:
            for left in range(tries - 1, -1, -1):
                if copies and (pause := again()) > 0:
                    done, _ = await asyncio.wait(copies, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                    if done:
                        return _first(done)
                if self._client is None:
                    raise Misconfigured("rusty", "the driver is not started")
                if copies and not left and instead is not None:
                    other = self._send(instead)
                else:
                    copies.append(self._send(send))
                waiting: list[asyncio.Future[object]] = [*copies]  # type: ignore[list-item] # futures of anything
                if other is not None:
                    waiting.append(other)
                await asyncio.wait(
                    waiting, timeout=spacing if left else None, return_when=asyncio.FIRST_COMPLETED
                )
                if done := {copy for copy in copies if copy.done()}:
                    return _first(done)
                if other is not None:
                    raise Ignored
        finally:
            self._end(*copies, *([other] if other is not None else []))
        raise AssertionError("the last wait has no time-out")

    async def _by_the_stack(
        self,
        send: Callable[[], Awaitable[_T]],
        patience: float,
        again: Callable[[], float],
        instead: Callable[[], Awaitable[object]] | None,
    ) -> _T:
        """The result of `send`, which the stack sends again; only the turns that its copies take are kept account of."""
        if self._client is None:
            raise Misconfigured("rusty", "the driver is not started")
        copy = self._send(send)
        other: asyncio.Future[object] | None = None
        try:
            if await _comes(copy, within=REPEAT * patience):
                return copy.result()
            again()
            if instead is None:
                return await copy
            if await _comes(copy, within=(2 / 3 - REPEAT) * patience + again()):
                return copy.result()
            other = self._send(instead)
            await asyncio.wait(
                (copy, other), timeout=(_LEFT - 2 / 3) * patience, return_when=asyncio.FIRST_COMPLETED
            )
            if copy.done():
                return copy.result()
            copy.cancel()
            await asyncio.wait((other,))
            raise Ignored
        finally:
            self._end(copy, *([other] if other is not None else []))

    def _end(self, *copies: asyncio.Future[Any]) -> None:
        """None of them stays in flight."""
        for made in copies:
            made.cancel()
            self._open.discard(made)
            if made.done() and not made.cancelled():
                made.exception()

    def _send(self, send: Callable[[], Awaitable[_T]]) -> asyncio.Future[_T]:
        copy = asyncio.ensure_future(self._heard(send))
        self._open.add(copy)  # type: ignore[arg-type] # a set of futures of anything
        return copy

    async def _heard(self, send: Callable[[], Awaitable[_T]]) -> _T:
        """What a device said. Where the stack has given up by itself, that is nothing, for ever."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            return await send()
        except BacnetAbortError as abort:
            if abort.reason != _TSM_TIMEOUT or clock() - began < 0.95 * SENT * REPEAT * self._patience:
                raise
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it") from None

    async def way(self, station: Where) -> str:
        """What to give the stack as a device's address. Waits until somebody says that he leads to its network."""
        if not isinstance(station, Behind):
            return str(station)
        return await self._routes.way(station, (self._host, self._port))

    def adrift(self, devices: Sequence[str | None]) -> Adrift | None:
        """Whether our own address has gone; the hub's side has none."""
        return adrift(self._host, self._bind, devices, self._port) if self.up else None

    def doubt(self, station: Where | None, seconds: float) -> None:
        """A device was silent: where nothing at all came from its network for so long, who leads there is asked anew."""
        if isinstance(station, Behind):
            self._routes.doubt(station, seconds)

    async def who_is(self, station: Where | None, instance: int | None, wait: float) -> IAm[Where] | None:
        """The first I-Am after a Who-Is: from `station`, or broadcast and of `instance`. None: nobody's."""

        async def ask() -> None:
            client = await self.ready()
            if station is not None:
                await client.who_is_directed(await self.way(station), instance, instance)
            else:
                await client.who_is(instance, instance)

        return await self._i_ams.after(ask, station, instance, wait)

    def _hear(self, ears: Ears) -> None:
        """Take changes of value as they come."""
        for notification in ears.heard():
            station = self._of(notification.source_mac)
            if station is None or notification.source_network is not None:
                continue
            try:
                self._on_cov(self._routes.end(station), notification)
            except Exception:  # one notification that we cannot take must not end the listening
                _log.exception("a change of value broke", source=str(station))
        if ears.lost():
            self.on_lost()


def beside(port: int, served: int | None) -> int:
    """Where our second port is to be; 0, wherever there is room, where that is no port, or one at which we serve a device."""
    wanted = port + BESIDES
    return wanted if wanted < PORTS and wanted != served else 0


async def _comes(copy: asyncio.Future[Any], within: float) -> bool:
    """Whether it ends within so many seconds."""
    done, _ = await asyncio.wait((copy,), timeout=within)
    return bool(done)


def _first(done: set[asyncio.Future[_T]]) -> _T:
    """The result of one that has one, else what another raised."""
    good = [each for each in done if not each.cancelled() and each.exception() is None]
    return (good or list(done))[0].result()


def _broadcast(interface: ipaddress.IPv4Interface) -> str:
    """The subnet's broadcast address; rusty-bacnet refuses one that is not the machine's own."""
    if interface.ip.is_loopback:
        return "127.255.255.255"
    return str(interface.network.broadcast_address)
