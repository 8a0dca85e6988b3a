"""Where devices are: known by their instance, looked for by Who-Is when they are not where they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from drivers.bacnet.peer import Peer, Place, same
from drivers.protocol import Elsewhere, Identity, Target

_log = structlog.get_logger(__name__)

S = TypeVar("S")


class Moves(Generic[S]):
    """Finds devices again. `ask` reads a device's identity where it is now, `look` sends a Who-Is for it and
    returns the place of its I-Am (None: nobody's), `settle` makes later calls go to a place."""

    def __init__(
        self,
        ask: Callable[[Peer[S]], Awaitable[Identity]],
        look: Callable[[Peer[S]], Awaitable[Place[S] | None]],
        settle: Callable[[Peer[S], Place[S]], None],
        configured: Callable[[Target], S | None],
    ) -> None:
        self._ask, self._look, self._settle = ask, look, settle
        self._configured = configured
        self._lost: set[str] = set()
        self._heard: dict[str, Place[S]] = {}

    def lose(self, device: str) -> None:
        """A call got no answer: look for the device before it is asked who it is again."""
        self._lost.add(device)

    def hear(self, peer: Peer[S], place: Place[S], *, silent: bool) -> None:
        """An I-Am that nobody asked for. Believed at once only where the device is `silent` at its place, or was never
        found: two devices may have the same instance by mistake, and the other one is not to be written."""
        device = peer.target.device
        if same(peer.station, place.station):
            self._heard.pop(device, None)
        elif silent or peer.station is None:
            self._move(peer, place)
        else:
            before = self._heard.get(device)
            if before is None or not same(before.station, place.station):
                _log.warning(
                    "two devices say that they are this one", device=device,
                    instance=peer.target.instance, here=str(peer.station), there=str(place.station),
                )  # fmt: skip
            self._heard[device] = place

    async def identify(self, peer: Peer[S]) -> Identity:
        """Who the device is, wherever it is. Raises Elsewhere where only another one answers."""
        if peer.target.device in self._lost:
            await self._seek(peer)
        try:
            who = await self._ask(peer)
        except Elsewhere:
            if not await self._seek(peer):
                raise
            who = await self._ask(peer)
        self._lost.discard(peer.target.device)
        return who

    async def _seek(self, peer: Peer[S]) -> bool:
        """Look for a device by its instance; whether it is somewhere else than believed."""
        if peer.target.address is None:
            return False  # its calls look for it by themselves
        place = await self._look(peer) or self._heard.pop(peer.target.device, None)
        if place is not None:
            return self._move(peer, place)
        home = self._configured(peer.target)
        if home is not None and not same(peer.station, home):
            # where broadcasts do not reach, a device that is back is found only by asking it
            peer.station = home
            return True
        return False

    def _move(self, peer: Peer[S], place: Place[S]) -> bool:
        if same(peer.station, place.station):
            return False
        was, name = peer.station, peer.target.device
        self._settle(peer, place)
        self._heard.pop(name, None)
        _log.warning(
            "device moved" if was is not None else "device found",
            device=name, instance=peer.target.instance, was=str(was or ""), now=str(place.station),
        )  # fmt: skip
        return True
