"""Which devices are polled through our second port, and what becomes of those that do not answer there.

A device is first read by the stack, which finds out how much it takes at once and what it refuses. Once that went without a
hitch, it is asked through the second port; what gets no answer there is asked for by the stack, in the time that is left.
A firewall that knows our BACnet port alone, or a controller that answers to that one whoever asked, thus costs some
seconds now and then, and no value.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Final

import structlog

from drivers.bacnet import apdu
from drivers.bacnet.peer import TRIES
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.link import Link
from drivers.bacnet.rusty.port import Port, Q, Round, Where, refusal_of
from drivers.bacnet.rusty.station import Station

IN_A_ROW: Final = 5
"""Calls in a row of which the stack got an answer and the second port none, before a device is left to the stack for a while:
at 20 % loss each way that happens once in 170 times, at 5 % never."""

FIRST_AGAIN, LONGEST_AGAIN = 60.0, 3600.0
"""Seconds for which it is left to it, doubled each time; a site choice."""

WITHIN: Final = 1 / TRIES
"""Share of a call's time after which the stack asks for what has not come."""

LATELY: Final = 2.0
"""Seconds for which an answer through the second port shows that the device hears us there; a site choice."""

ITS_TIME: Final = 0.85
"""Share of a device's time after which a write that is cancelled counts as not acknowledged: the wait for a turn comes out of it,
and the last copy is sent at 0.9. A site choice."""

FOR_EVER: Final = 3600.0
"""Seconds of patience with a request whose caller brings a deadline of his own."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Trust:
    """How a device does. Times are the loop's."""

    ready: bool = False
    """The stack has read it without a hitch since it was last silent."""
    lost: bool = False
    """It was silent, and has not been read since."""
    missed: int = 0
    again: float = 0.0
    pause: float = FIRST_AGAIN
    heard: float = -math.inf
    """When it last answered through the second port."""
    writes_again: float = -math.inf
    """When a write may be sent there again, after one that it did not acknowledge."""
    writes_pause: float = FIRST_AGAIN
    """Seconds for which the next such write leaves them to the stack."""


class Polls:
    """The second port's devices."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._trusted: dict[str, _Trust] = {}

    def may(self, peer: Peer, *, unread: bool = False) -> bool:
        """Whether a device is asked through the second port now: neither behind a router nor spared requests. `unread`: also
        one that has said who it is, and was not read yet."""
        trust = self._trusted.get(peer.target.device)
        if trust is None and unread and peer.looks is not None:
            trust = self._trusted[peer.target.device] = _Trust()
        elif trust is None or not (trust.ready or (unread and not trust.lost)):
            return False
        if self._link.second is None:
            return False
        plain = peer.rpm and peer.sure and peer.gate.pace is None and not peer.many.spared
        return plain and isinstance(peer.station, Station) and _now() >= trust.again

    async def ask(self, peer: Peer, asked: list[Q]) -> Round[Q] | None:
        """Ask for all of it, and return once it is there or nothing more is to be expected; None where there was no room for
        a request. Whoever gets it has to end it."""
        port, station = self._link.second, peer.station
        if port is None or not isinstance(station, Station):
            return None
        room = await peer.gate.enter_at_once(len(asked))
        if not room:
            return None
        round_ = Round(port, station, asked, room, peer.target.timeout * WITHIN)
        try:
            await round_.quiet
        except BaseException:
            round_.end()
            raise
        else:
            self._crowded(peer, round_)
        finally:
            peer.gate.leave(room)
        if not round_.missing:
            trust = self._trusted[peer.target.device]
            trust.missed, trust.pause, trust.heard = 0, FIRST_AGAIN, _now()
        return round_

    @staticmethod
    def _crowded(peer: Peer, round_: Round[Q]) -> None:
        """Fewer at once from now on, where the device had no room for some, and others were under way: the stack asks for them."""
        crowded = sum(map(_is_crowded, round_.refused.values()))
        if crowded and peer.gate.room.crowded(min(crowded, len(round_.missing))):
            round_.forgive(_is_crowded)

    def way(self, peer: Peer) -> tuple[Port, Where] | None:
        """The port and where the device is; None where it is not asked there now."""
        return self.place(peer) if self.may(peer) else None

    def place(self, peer: Peer) -> tuple[Port, Where] | None:
        """The same whether or not it is asked there now; None where it never can be."""
        port, station = self._link.second, peer.station
        return (port, station) if port is not None and isinstance(station, Station) else None

    def heard(self, peer: Peer) -> float:
        """When a device last answered there, in seconds of the loop; long ago where it never did."""
        trust = self._trusted.get(peer.target.device)
        return trust.heard if trust is not None else -math.inf

    async def way_for_a_write(self, peer: Peer) -> tuple[Port, Where] | None:
        """The port for one write to a device that has just answered there, and where the device is; None where it has not, or there
        is no room for it. Whoever gets it leaves the device's gate in the end."""
        way, trust = self.way(peer), self._trusted.get(peer.target.device)
        if way is None or trust is None:
            return None
        if _now() - trust.heard > LATELY or _now() < trust.writes_again:
            return None
        return way if await peer.gate.enter_at_once(1) else None

    def unacknowledged(self, peer: Peer) -> None:
        """A write through the second port was not acknowledged in its time: for a while they go through the stack."""
        if (trust := self._trusted.get(peer.target.device)) is not None:
            trust.writes_again = _now() + trust.writes_pause
            trust.writes_pause = min(2 * trust.writes_pause, LONGEST_AGAIN)

    def acknowledged(self, peer: Peer) -> None:
        """A write through the second port was answered."""
        if (trust := self._trusted.get(peer.target.device)) is not None:
            trust.writes_pause = FIRST_AGAIN

    def by_the_stack(self, peer: Peer, *, clean: bool, instead: bool = False) -> None:
        """The stack has read a device: `clean` by whole requests alone, `instead` of the second port."""
        trust = self._trusted.setdefault(peer.target.device, _Trust())
        trust.ready, trust.lost = clean, False
        if instead and clean:
            self._missed(peer, trust)

    def unheard(self, peer: Peer) -> None:
        """Nothing came through the second port, and the stack has not been asked."""
        if (trust := self._trusted.get(peer.target.device)) is not None:
            if not trust.ready:
                trust.missed = IN_A_ROW  # it never answered there: others wait for its start
            self._missed(peer, trust)

    @staticmethod
    def _missed(peer: Peer, trust: _Trust) -> None:
        trust.missed += 1
        if trust.missed >= IN_A_ROW:
            trust.missed = IN_A_ROW - 1
            trust.again, trust.pause = _now() + trust.pause, min(2 * trust.pause, LONGEST_AGAIN)
            if trust.pause == 2 * FIRST_AGAIN:
                _log.info("device not polled through the second port", device=peer.target.device)

    def silent(self, peer: Peer) -> None:
        """A device did not answer at all: the stack tells us when it does again."""
        if (trust := self._trusted.get(peer.target.device)) is not None:
            trust.ready, trust.lost = False, True


def _is_crowded(said: bytes) -> bool:
    return apdu.crowded(refusal_of(said))


def _now() -> float:
    return asyncio.get_running_loop().time()
