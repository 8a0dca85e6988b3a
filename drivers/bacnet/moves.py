"""Where devices are: each has a home, and what answers elsewhere in its name may be a clone.

Anybody on the network can say an instance, a vendor and names that anybody can read. So a device whose address stands in the
site file is never followed: that it is said to be elsewhere is told, and a person decides (`follow`). One that is found by
Who-Is is followed where it was silent at home, and in either case home wins as soon as it answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from drivers.bacnet.peer import UNKNOWN_MAX_APDU, Peer, Place, same
from drivers.protocol import DriverError, Elsewhere, Identity, Sighting

_log = structlog.get_logger(__name__)

S = TypeVar("S")

HOME_EVERY: Final = 5.0
"""Seconds between two questions at the home of a device that is followed elsewhere; a site choice."""
CLAIM_EVERY: Final = 60.0
"""Seconds after which a Who-Is shows whether somebody still says elsewhere that it is a device."""
CLAIM_MISSED: Final = 3
"""Such questions without an answer after which nobody says so any more."""


@dataclass(slots=True)
class _Claim(Generic[S]):
    """Somebody else says that it is this device, `since` when and last `at` when, on the loop's clock."""

    place: Place[S]
    since: float
    at: float
    missed: int = 0


class Moves(Generic[S]):
    """Knows where each device is. `ask` reads a device's identity where it is now, and `at_home` where it belongs, None
    while nobody answers as it there; `look` sends a Who-Is for it and returns the place of its I-Am (None: nobody's),
    `settle` makes later calls go to a place, `seen` hears where else than at home a device is or is said to be."""

    def __init__(
        self,
        ask: Callable[[Peer[S]], Awaitable[Identity]],
        at_home: Callable[[Peer[S]], Awaitable[Place[S] | None]],
        look: Callable[[Peer[S]], Awaitable[Place[S] | None]],
        settle: Callable[[Peer[S], Place[S]], None],
        seen: Callable[[str, Sighting | None], None],
    ) -> None:
        self._ask, self._at_home, self._look, self._settle = ask, at_home, look, settle
        self._seen = seen
        self._lost: set[str] = set()
        self._claims: dict[str, _Claim[S]] = {}
        self._told: dict[str, Sighting | None] = {}
        self._attended: dict[str, asyncio.Task[None]] = {}

    async def stop(self) -> None:
        """Look after nobody any more."""
        tasks = list(self._attended.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------------ what is heard

    def lose(self, device: str) -> None:
        """A call got no answer: look for the device before it is asked who it is again."""
        self._lost.add(device)

    def hear(self, peer: Peer[S], place: Place[S], *, silent: bool) -> None:
        """An I-Am. Home is believed at once, another place only where nobody said where home is, and the device is
        `silent` where it was."""
        if same(peer.station, place.station):
            return
        if peer.station is None or same(peer.home, place.station) or (silent and peer.target.address is None):
            self.take(peer, place)
        else:
            self._claim(peer, place)

    def take(self, peer: Peer[S], place: Place[S]) -> None:
        """The device is here: later calls go there."""
        was, device = peer.station, peer.target.device
        if same(was, place.station):
            self._settle(peer, place)
            return
        self._settle(peer, place)
        if peer.home is None:
            peer.home = place.station
        self._claims.pop(device, None)
        _log.warning(
            "device found" if was is None else "device moved",
            device=device, instance=peer.target.instance, was=str(was or ""), now=str(place.station),
        )  # fmt: skip
        self._tell(peer)

    def follow(self, peer: Peer[S], station: S) -> None:
        """A person said that the device is there now. Where no address stands in the site file, that is its home."""
        claim = self._claims.pop(peer.target.device, None)
        self._lost.discard(peer.target.device)
        if peer.target.address is None:
            peer.home = station
        known = claim is not None and same(claim.place.station, station)
        self.take(peer, claim.place if claim is not None and known else Place(station, UNKNOWN_MAX_APDU))
        self._tell(peer)

    # ------------------------------------------------------------------ who it is

    async def identify(self, peer: Peer[S]) -> Identity:
        """Who the device is. Raises Elsewhere where only another one answers."""
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
        """Look for a device of a known address by its instance; whether it is asked somewhere else from now on."""
        if peer.target.address is None:
            return False  # its calls look for it by themselves
        place = await self._look(peer)
        if place is None or same(peer.station, place.station):
            return False
        if not same(peer.home, place.station):
            self._claim(peer, place)
            return False
        self.take(peer, place)
        return True

    # ------------------------------------------------------------------ in two places

    def _claim(self, peer: Peer[S], place: Place[S]) -> None:
        now, before = asyncio.get_running_loop().time(), self._claims.get(peer.target.device)
        if before is not None and same(before.place.station, place.station):
            before.at, before.missed = now, 0
        elif before is None or now - before.since >= CLAIM_EVERY:
            # of many that forge an I-Am, one in this time is news
            self._claims[peer.target.device] = _Claim(place, now, now)
        self._tell(peer)

    def _sighting(self, peer: Peer[S]) -> Sighting | None:
        """Where else than at home it is, or somebody says that it is."""
        home, claim = str(peer.home), self._claims.get(peer.target.device)
        if self._away(peer):
            return Sighting(home, str(peer.station), followed=True)
        return Sighting(home, str(claim.place.station), followed=False) if claim is not None else None

    def _away(self, peer: Peer[S]) -> bool:
        return peer.home is not None and not same(peer.home, peer.station)

    def _tell(self, peer: Peer[S]) -> None:
        """Tell where it is, if that is news, and look after it until it is in one place."""
        device, sighting = peer.target.device, self._sighting(peer)
        if self._told.get(device) != sighting:
            self._told[device] = sighting
            self._seen(device, sighting)
        if sighting is not None and (device not in self._attended or self._attended[device].done()):
            self._attended[device] = asyncio.create_task(self._attend(peer), name=f"where {device} is")

    async def _attend(self, peer: Peer[S]) -> None:
        """Bring a device home that answers there, and forget who is no longer heard elsewhere."""
        away = self._away(peer)
        while away or self._sighting(peer) is not None:
            await asyncio.sleep(HOME_EVERY)
            try:
                if self._away(peer):
                    place = await self._at_home(peer)
                    if place is not None and self._away(peer):
                        self.take(peer, place)
                elif away:
                    await self._look(peer)  # whoever else says that it is this device is heard, and told
                else:
                    await self._still_claimed(peer)
                away = self._away(peer)
            except DriverError as error:
                _log.debug("not looked for", device=peer.target.device, reason=error.message)
            self._tell(peer)

    async def _still_claimed(self, peer: Peer[S]) -> None:
        """Ask who says that it is this device, where that was not heard lately."""
        device = peer.target.device
        claim = self._claims.get(device)
        if claim is None or asyncio.get_running_loop().time() - claim.at < CLAIM_EVERY * (claim.missed + 1):
            return
        place = await self._look(peer)
        if place is not None and same(place.station, claim.place.station):
            claim.at, claim.missed = asyncio.get_running_loop().time(), 0
        elif self._claims.get(device) is claim:
            claim.missed += 1
            if claim.missed >= CLAIM_MISSED:
                del self._claims[device]
