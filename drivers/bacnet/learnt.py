"""What a device's answers have taught us about asking it, as it is kept over a restart: how long it takes, how much at once."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from drivers.bacnet.peer import NO_LIMIT, Calls, Peer
from drivers.care.late import LONGEST

IN_TIME: Final = 1440
"""How often in a row a device that was late has to say in time who it is, once a minute, until it counts as slow no more: a day, for
trunks are slow by day. A site choice."""

LONGEST_CALM: Final = 14 * IN_TIME
"""How often in a row at most before twice as much is asked for at once again: two weeks. A site choice."""

S = TypeVar("S")


class Learnt(NamedTuple):
    """Of one device. Whoever is found in its place with other looks is not asked so."""

    looks: str
    """What it said of itself when this was learnt: vendor, model, longest APDU, services."""
    waits: float = 0.0
    """Seconds for which it is waited, longer than the site file says; 0: it is not."""
    at_most: int = NO_LIMIT
    names_at_most: int = NO_LIMIT
    slots_singly: bool = False
    texts_by_index: bool = False
    """As `drivers.bacnet.peer.Peer` has them."""
    singly: bool = False
    """It was found to take no request for many, though it says that it does."""
    for_objects: bool = False
    """It is slow for its objects: that it says at once who it is does not end the waiting."""


def learnt(peer: Peer[Any]) -> dict[str, Any]:
    """What is to be kept of a device, JSON-ready: only what differs from any other; empty where nothing does."""
    late = peer.stated is not None and peer.target.timeout > peer.stated
    found = Learnt(
        repr(peer.looks), peer.target.timeout if late else 0.0, peer.at_most, peer.names_at_most,
        peer.slots_singly, peer.texts_by_index, not peer.rpm and peer.many.shunned, late and peer.in_time == -math.inf,
    )  # fmt: skip
    usual = Learnt(found.looks)
    return {} if found == usual else found._asdict()


def restored(saved: Mapping[str, Any]) -> Learnt | None:
    """From what `learnt` gave; None for what is not so, from whatever hand."""
    try:
        found = Learnt(**saved)
        numbers = (found.waits, found.at_most, found.names_at_most)
        if not all(isinstance(n, int | float) and math.isfinite(n) and n >= 0 for n in numbers):
            return None
    except TypeError:
        return None
    return found._replace(
        waits=min(found.waits, LONGEST),
        at_most=max(1, int(found.at_most)),
        names_at_most=max(1, int(found.names_at_most)),
    )


def take_up(peer: Peer[Any], known: Learnt, now: float) -> None:
    """Ask a device as an earlier run had learnt to; how long it is waited for is not said here."""
    peer.at_most, peer.names_at_most = known.at_most, known.names_at_most
    peer.slots_singly, peer.texts_by_index = bool(known.slots_singly), bool(known.texts_by_index)
    if known.singly and peer.rpm:
        peer.rpm = False
        peer.many.shun(now)


class Calm:
    """How long a device has taken as much at once as it is asked for: after a day of it twice as much is tried, for what was too much
    may have been the line. Where that is too much again, after two days the next time, and so on."""

    def __init__(self) -> None:
        self._room = NO_LIMIT, NO_LIMIT
        self._looks = 0
        self._needed = IN_TIME
        self._tried = False

    def took(self, peer: Peer[Any]) -> None:
        """It has said who it is, once a minute."""
        room, before = (peer.at_most, peer.names_at_most), self._room
        self._room = room
        if room[0] < before[0] or room[1] < before[1]:
            self._needed = min(2 * self._needed, LONGEST_CALM) if self._tried else self._needed
            self._looks, self._tried = 0, False
        if room == (NO_LIMIT, NO_LIMIT):
            self._looks = 0
            return
        self._looks += 1
        if self._looks >= self._needed:
            if self._tried:
                self._needed = IN_TIME  # so much was taken all the while
            peer.at_most, peer.names_at_most = self._room = (
                min(2 * room[0], NO_LIMIT),
                min(2 * room[1], NO_LIMIT),
            )
            self._looks, self._tried = 0, True


class Lessons(Generic[S]):
    """What an earlier run had learnt of the devices of one network, until each has said who it is."""

    def __init__(self, calls: Calls[S]) -> None:
        self._calls = calls
        self._recalled: dict[str, Learnt] = {}
        self._calm: defaultdict[str, Calm] = defaultdict(Calm)
        calls.met = self._met

    def recall(self, device: str, saved: Mapping[str, Any]) -> None:
        """How long it is waited for counts at once, the rest once it says that it is the same. Raises Misconfigured."""
        peer, known = self._calls.peer(device), restored(saved)
        if known is None or peer.looks is not None:
            return
        self._recalled[device] = known
        if known.waits > peer.target.timeout:
            self._calls.is_late(peer, known.waits)
            if known.for_objects:
                peer.in_time = -math.inf

    def _met(self, peer: Peer[S], another: bool) -> None:
        known = self._recalled.pop(peer.target.device, None)
        if known is not None and known.looks == repr(peer.looks):
            take_up(peer, known, asyncio.get_running_loop().time())
        elif another or known is not None:
            self._calls.is_in_time(peer)

    def took(self, peer: Peer[S], seconds: float) -> None:
        """It has said who it is: a trunk was slow for a while, or a controller busy, and is not any more."""
        device = peer.target.device
        if device in self._calm or (peer.at_most, peer.names_at_most) != (NO_LIMIT, NO_LIMIT):
            self._calm[device].took(peer)
        if peer.stated is None or peer.in_time == -math.inf:
            return
        peer.in_time = peer.in_time + 1 if seconds < peer.stated else 0
        if peer.in_time >= IN_TIME:
            self._calls.is_in_time(peer)
