"""What a relay's log, the controllers and the audit say of a day on a bad line. Pure: nothing is asked here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from simulator.bacnet.apdu import OBJECT_TYPES, writes_in
from tests.contract import wire
from tests.wire.relay import Passed

CALL: Final = 10.5
"""Wall seconds for which a write that was begun in time may still go out: half a second in which points of one device
wait for one another (`supervisor.gateway.convoy.MUSTER`), then the two calls after which the gateway gives up several
writes, in company and singly, their turn in the queue and their repetitions included. One call is `timeout` of the site
file, 3 s, and `supervisor.gateway.context.CALL_MARGIN`, 2 s."""
SAME: Final = 0.05
"""Two Reals within this are one command, as the gateway has it (`supervisor.gateway.wire.SAME_WITHIN`)."""

Place = tuple[str, str, int]
"""Device, object type, instance."""


class Sent(NamedTuple):
    """One write as the daemon put it on the wire."""

    at: float
    """POSIX seconds."""
    place: Place
    priority: int | None
    value: float | None
    property_id: int


class Asked(NamedTuple):
    """One committed intent of the audit."""

    place: Place
    wall: float
    """POSIX seconds at which it was committed."""
    wire: float | None
    priority: int | None
    expires: float
    """POSIX seconds of wall time at which its decision expires."""


def writes(log: Iterable[Passed]) -> list[Sent]:
    """Every write that came to a relay from the daemon, repetitions included, lost ones too."""
    return [
        Sent(
            each.at, (each.device, write.object_type, write.instance), write.priority, _number(write.value),
            write.property_id,
        )
        for each in log
        if each.to_controller
        for write in writes_in(each.datagram)
    ]  # fmt: skip


def _number(value: object) -> float | None:
    return None if value is None else float(value) if isinstance(value, int | float) else float("nan")


def intents(database: Path, places: Mapping[str, Place], speed: float) -> list[Asked]:
    """The audit, as the database file has it; expiries from site time into wall time at `speed`."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as store:
        rows = store.execute(
            "SELECT point, ts, wall, wire, priority, expires FROM intents WHERE NOT dry_run ORDER BY id"
        ).fetchall()
    return [
        Asked(places[point], at, value, priority, at + ((expires or float("inf")) - ts) / speed)
        for point, ts, at, value, priority, expires in rows
    ]


def unasked(sent: Sequence[Sent], asked: Sequence[Asked]) -> list[Sent]:
    """Writes of which no decision had been recorded before they went out."""
    return [write for write in sent if _decision(write, asked) is None]


def expired(sent: Sequence[Sent], asked: Sequence[Asked], call: float = CALL) -> list[Sent]:
    """Writes that went out when their decision had expired more than one call's time before.

    Letting go (NULL) never comes too late.
    """
    late = []
    for write in sent:
        decision = _decision(write, asked)
        if decision is not None and write.value is not None and write.at > decision.expires + call:
            late.append(write)
    return late


def _decision(write: Sent, asked: Sequence[Asked]) -> Asked | None:
    """The last intent before a write that asks for just this."""
    return next(
        (
            each
            for each in reversed(asked)
            if each.place == write.place
            and each.priority == write.priority
            and each.wall <= write.at
            and _same(each.wire, write.value)
        ),
        None,
    )


def _same(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else abs(a - b) <= SAME


class Cov(NamedTuple):
    """Change of value before, during and after a cut."""

    before: frozenset[Place]
    """Objects that were notified of before."""
    expired: bool
    """The controllers had given all subscriptions up before the cable was back."""
    back: dict[Place, float]
    """Seconds from the cable's return to the first notification that a controller sent."""

    def seconds(self) -> float:
        """Until the last of them was back; infinite where one is not."""
        return max((self.back.get(place, float("inf")) for place in self.before), default=float("inf"))


def cov(log: Iterable[Passed], cut: tuple[float, float], quiet: float) -> Cov:
    """Notifications as the controllers sent them. `cut` is from when to when, `quiet` the end of it in which a
    controller whose subscriptions have run out says nothing, seconds."""
    before: set[Place] = set()
    back: dict[Place, float] = {}
    silent = True
    for each in log:
        place = None if each.to_controller else _notified(each)
        if place is None:
            continue
        if each.at < cut[0]:
            before.add(place)
        elif each.at > cut[1]:
            back.setdefault(place, each.at - cut[1])
        elif each.at > cut[1] - quiet:
            silent = False
    return Cov(frozenset(before), silent, back)


def _notified(passed: Passed) -> Place | None:
    """The object that an UnconfirmedCOVNotification is about (ASHRAE 135 §13.15): its third parameter."""
    frame = wire.parse(passed.datagram)
    if frame is None or frame.type != wire.UNCONFIRMED or frame.service != wire.UNCONFIRMED_COV:
        return None
    number, instance = divmod(wire.tags(frame.data)[2].integer(), 1 << 22)
    return passed.device, OBJECT_TYPES.get(number, str(number)), instance


class Line(NamedTuple):
    """What the line did to the datagrams that came to it while it was whole."""

    carried: int
    lost: int
    duplicated: int
    late: int
    """Arrived after one that was sent later."""


def line(log: Iterable[Passed]) -> Line:
    """Count what the relays did."""
    carried = lost = duplicated = late = 0
    newest: dict[tuple[str, bool], float] = {}
    arrivals = []
    for each in log:
        if each.cut:
            continue
        carried += 1
        lost += not each.delays
        duplicated += len(each.delays) > 1
        arrivals += [(each.at + d, each.at, (each.device, each.to_controller)) for d in each.delays]
    for _, sent, way in sorted(arrivals):
        late += sent < newest.get(way, 0.0)
        newest[way] = max(sent, newest.get(way, 0.0))
    return Line(carried, lost, duplicated, late)
