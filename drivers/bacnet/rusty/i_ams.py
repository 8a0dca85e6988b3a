"""Who said I-Am: rusty-bacnet keeps a table of it and tells nobody, so it is looked at again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog
from rusty_bacnet import BACnetClient, DiscoveredDevice

from drivers.bacnet.peer import IAm, Place
from drivers.bacnet.rusty.routed import Behind
from drivers.bacnet.rusty.routes import Routes
from drivers.bacnet.rusty.station import Station, Where

WATCH: Final = 0.5
"""Seconds between two looks."""

MOST_KEPT: Final = 200
"""Devices of others, for most of them, that the stack's table may hold before it is emptied."""

_TAKEN: Final = "0.0.0.0:1"
_TAKEN_MAC: Final = b"\0\0\0\0\0\1"
"""Nobody's address: it marks an I-Am that was taken."""

LOOK: Final = 0.02
"""Seconds between two looks while an I-Am is awaited."""

_log = structlog.get_logger(__name__)


class _Said(NamedTuple):
    """What a device said of itself, and when on the loop's clock."""

    i_am: IAm[Where]
    at: float


class _Awaited(NamedTuple):
    """An I-Am that somebody waits for: from `station`, or of `instance` where that is given."""

    station: Where | None
    instance: int | None
    since: float
    answer: asyncio.Future[IAm[Where]]

    def by(self, said: _Said) -> bool:
        """Whether this is it."""
        if said.at < self.since - LOOK:
            return False
        if self.instance is None:
            return said.i_am.place.station == self.station
        return said.i_am.instance == self.instance


class IAms:
    """Of one link. `of` says who has the address that came with a message; `on_i_am` is told of each."""

    def __init__(
        self,
        client: Callable[[], BACnetClient],
        of: Callable[[bytes], Where | None],
        routes: Routes,
        on_i_am: Callable[[IAm[Where]], None],
    ) -> None:
        self._client, self._of, self._routes, self._on_i_am = client, of, routes, on_i_am
        self._awaited: list[_Awaited] = []
        self._wanted = asyncio.Event()

    async def after(
        self,
        ask: Callable[[], Awaitable[None]],
        station: Where | None,
        instance: int | None,
        wait: float,
    ) -> IAm[Where] | None:
        """The first one after a Who-Is, which `ask` sends: from `station`, or of `instance`. None: nobody's within `wait` s."""
        loop = asyncio.get_running_loop()
        awaited = _Awaited(station, instance, loop.time(), loop.create_future())
        self._awaited.append(awaited)
        self._wanted.set()
        try:
            async with asyncio.timeout(wait):
                await ask()
                return await awaited.answer
        except TimeoutError:
            return None
        finally:
            self._awaited.remove(awaited)

    async def watch(self) -> None:
        """Tell who said I-Am, soon where somebody waits for it."""
        while True:
            self._wanted.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH):
                    await self._wanted.wait()
            await self._look()
            while self._awaited:
                await asyncio.sleep(LOOK)
                await self._look()

    async def _look(self) -> None:
        """Take what the stack has noted of I-Am.

        It would go on giving the first address of an instance for ever, also when the device has moved. So what was taken
        is marked by an address that nobody has, which the next I-Am replaces, whatever address it comes from. To empty the
        table instead would lose an I-Am that comes between the reading and the emptying: that is done only when it has
        grown long, and all in it was marked before.
        """
        try:
            found = await self._client().discovered_devices()
            now = asyncio.get_running_loop().time()
            news = [device for device in found if bytes(device.mac_address) != _TAKEN_MAC]
            for device in news:
                await self._client().add_device(device.object_identifier.instance, _TAKEN)
                said = self._i_am(device, now)
                if said is not None:
                    self._told(said)
            if len(found) > MOST_KEPT and not news:
                await self._client().clear_devices()
        except Exception:  # one entry that we cannot take must not end the watch: no restart would be noticed
            _log.exception("the look at who said I-Am broke")

    def _told(self, said: _Said) -> None:
        for awaited in self._awaited:
            if awaited.by(said) and not awaited.answer.done():
                awaited.answer.set_result(said.i_am)
        self._on_i_am(said.i_am)

    def _i_am(self, device: DiscoveredDevice, now: float) -> _Said | None:
        """An entry of the stack's table; one from behind a router tells who leads there, too."""
        at = self._of(device.mac_address)
        if at is None:
            return None
        station: Where = self._routes.end(at)
        if device.source_network is not None:
            if not isinstance(at, Station):
                return None  # requests by VMAC know no network and station behind it (rusty-bacnet 0.14)
            self._routes.leads(device.source_network, at)
            station = Behind(device.source_network, bytes(device.source_address or b""))
        instance = device.object_identifier.instance
        said = IAm(instance, Place(station, device.max_apdu_length))
        return _Said(said, now - device.seconds_since_seen)
