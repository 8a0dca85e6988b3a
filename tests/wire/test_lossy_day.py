"""A day on a bad line: a fifth of all datagrams lost, the rest late, doubled, out of order; then a cut cable."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from drivers.values import encode
from simulator.bacnet.relay import bad_line
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import SiteFiles
from tests.e2e.slots import Held, Place, held
from tests.networks import subnet
from tests.wire import day
from tests.wire.annex import DEVICES, annex, relays
from tests.wire.kept import KeptWaiting
from tests.wire.relay import Relays

NETWORK = subnet(5)
SEED = int(os.environ.get("SEED", "304"))
SPEED = 600.0
FULL = os.environ.get("CONTRACT") == "full"
"""The whole day on both stacks, as `make contract` runs it; else from eleven, with subscriptions half as long."""
MORNING = f"2026-07-17T{'07:30' if FULL else '11:00'}:00+08:00"
"""A Friday in summer: no new day begins while a loaded machine takes its time over the night."""
LIFETIME = 20.0 if FULL else 10.0
"""s of wall time for which a subscription lasts; the cut lasts two of them."""
BEFORE = 10.0
"""Wall seconds between the first decision and the cut: more than an hour and a half of the day."""
LATEST = 40.0
"""Wall seconds after which the cable is cut even if not all objects have told a change: over such a line a start takes some twenty until
they have, thirty where a subscription gets lost more than once."""
OBJECTS = 30
"""Whose changes must have been told before it is."""
AGAIN = 60.0
"""Wall seconds in which change of value must be back, less what daemon, line and controllers were kept waiting for a processor:
on two cores with much else to do it took 85 once."""
CALM = 8.0
"""Wall seconds without a change in any slot after which it is asked what was decided: each question reads a
slot anew, and on such a line takes the gateway's turn for seconds."""
SETTLED = 300.0
"""Wall seconds after the cable's return in which all is as decided: Sunday night, before the next working day begins. A write
that is lost with all its copies and found so by a lost read-back is tried again after ten seconds, and so on; quiet, it takes
some forty."""
NIGHT = (13.5 if FULL else 10.0) * 3600
"""Site seconds from the morning to 21:00, after which the clock changes nothing until Monday morning."""
QUIET = 0.75 * LIFETIME
"""Wall seconds at the cut's end in which no subscription can be left."""
STACKS = ("bac0", "rusty") if FULL else ("bac0",)


class Day(NamedTuple):
    """What was seen of it."""

    building: Building
    files: SiteFiles
    daemon: DaemonProcess
    held: Held
    """At the end, by the witness, past the relays."""
    decided: Held
    line: day.Line
    cov: day.Cov
    sent: list[day.Sent]
    asked: list[day.Asked]
    kept: float
    """Wall seconds for which the three that talk were kept waiting for a processor, from the cable's return until all were heard."""

    def back(self) -> float:
        """Seconds in which change of value was back, on a machine of their own."""
        return self.cov.seconds() - self.kept


def _relays(files: SiteFiles) -> Relays:
    fates = {
        device: bad_line(SEED + octet, loss=0.2, delay=0.2, jitter=0.15, duplicates=0.1)
        for device, octet in DEVICES.items()
    }
    return relays(files, NETWORK, fates)


def _told(relays: Relays) -> int:
    """How many objects have told a change so far."""
    return len(day.cov(list(relays.log), (math.inf, math.inf), 0.0).before)


def _cut(relays: Relays, seconds: float) -> tuple[float, float]:
    """Cut the cable of every controller for a while; from when to when."""
    relays.cut = True
    began = time.time()
    time.sleep(seconds)  # the cut itself: other processes live through it on a real wire
    relays.cut = False
    return began, time.time()


def _decided(daemon: DaemonProcess) -> Held:
    """What the slots should hold, by the daemon's explanations, asked for at once: each reads its slot anew."""
    points = [point for point in daemon.files.site.points.values() if point.writable]
    with ThreadPoolExecutor(len(points)) as asking:
        winners = [answer["winner"] for answer in asking.map(daemon.explain, [p.id for p in points])]
    return {
        Place(p.device, p.object_type, p.instance): float(encode(p, winner["value"]))
        for p, winner in zip(points, winners, strict=True)
        if winner is not None and isinstance(winner["value"], bool | float)
    }


def _settled(daemon: DaemonProcess, until: float) -> tuple[Held, Held]:
    """What the witness finds in our slots, and what was decided: as soon as they agree, or at `until`."""
    while True:
        _calm(daemon, until)
        wanted, found = _decided(daemon), held(daemon.files)
        if found == wanted or time.monotonic() > until:
            return found, wanted


def _calm(daemon: DaemonProcess, until: float) -> None:
    """Wait until no slot has changed for a while, by the witness alone."""
    last, since = held(daemon.files), time.monotonic()
    while time.monotonic() < min(since + CALM, until):
        time.sleep(1.0)  # the witness reads every slot over the bad line: no more than once a second
        if (now := held(daemon.files)) != last:
            last, since = now, time.monotonic()


def _lived(folder: Path, stack: str) -> Iterator[Day]:
    """One day, from the morning to its last decision, and what is found then."""
    files, state = annex(folder, NETWORK, stack, LIFETIME), folder / "state"
    places = {p.id: (p.device, p.object_type, p.instance) for p in files.site.points.values()}
    with (
        Building(files, start=MORNING, speed=SPEED) as building,
        _relays(files) as wires,
        DaemonProcess(files, state, start=MORNING, speed=SPEED) as daemon,
        KeptWaiting(daemon.process.pid, building.pid, wires.thread) as kept,
    ):
        began = time.monotonic()
        daemon.ready()
        latest = time.monotonic() + LATEST
        time.sleep(BEFORE)  # the day before the cut, lived by another process
        while _told(wires) < OBJECTS and time.monotonic() < latest:
            time.sleep(0.5)
        cut = _cut(wires, 2 * LIFETIME)
        back = time.monotonic()
        rest = max(
            LIFETIME / 2, NIGHT / SPEED - (back - began)
        )  # until night, and half a subscription at least
        time.sleep(rest)  # lived by another process, like the day before the cut
        found, wanted = _settled(daemon, back + SETTLED)
        log = list(wires.log)
        cov = day.cov(log, cut, QUIET)
        yield Day(
            building, files, daemon, found, wanted, day.line(log), cov, day.writes(log),
            day.intents(state / "supervisor.sqlite3", places, SPEED), kept.between(cut[1], cut[1] + cov.seconds()),
        )  # fmt: skip


@pytest.fixture(scope="module", params=STACKS)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day, on one stack; on both by `make contract`."""
    folder = tmp_path_factory.mktemp("lossy")
    yield from _lived(folder, request.param)


@pytest.fixture(scope="module")
def summary(lived: Day, request: pytest.FixtureRequest) -> str:
    """The day in one line, which `pytest -s` shows."""
    wrong = len(lived.held.items() ^ lived.decided.items())
    late = len(day.expired(lived.sent, lived.asked))
    line = lived.line
    text = (
        f"stack={lived.files.site.bacnet.stack} seed={SEED} datagrams={line.carried} lost={line.lost} "
        f"duplicated={line.duplicated} late={line.late} writes={len(lived.sent)} expired_writes={late} "
        f"slots={len(lived.held)} slots_wrong={wrong} cov_back_s={lived.cov.seconds():.1f} "
        f"kept_waiting_s={lived.kept:.1f}"
    )
    print(text)
    return text


def test_the_line_was_as_bad_as_promised(lived: Day, summary: str) -> None:
    """A fifth lost, a tenth doubled, some overtaken: by the relays' log."""
    line = lived.line
    assert 0.15 < line.lost / line.carried < 0.25, summary
    assert 0.05 < line.duplicated / line.carried < 0.12, summary
    assert line.late > line.carried / 20, summary


def test_every_slot_is_as_decided_at_the_end_of_the_day(lived: Day, summary: str) -> None:
    """Read by another stack, past the relays, while the line is still bad; and the building sleeps."""
    assert lived.held == lived.decided, summary
    assert len(lived.held) >= 5, "the annex is held off by night"
    assert not any(lived.building.on(f"{zone}/fcu/start_stop") for zone in ("hall", "east", "west"))


def test_no_write_went_out_after_its_decision_had_expired(lived: Day, summary: str) -> None:
    """Each write on the wire, repetitions too, against the expiry recorded before it: a cut cable holds none back."""
    assert len(lived.sent) >= 10, summary
    assert day.unasked(lived.sent, lived.asked) == []
    assert day.expired(lived.sent, lived.asked) == []


def test_every_object_reports_its_changes_again_within_a_minute_of_the_cables_return(
    lived: Day, summary: str
) -> None:
    """The controllers had given up every subscription: their notifications, as the relays saw them, end and begin."""
    assert lived.cov.expired, "during the cut all subscriptions ran out"
    assert len(lived.cov.before) >= OBJECTS, summary
    assert lived.back() < AGAIN, summary


def test_nothing_was_written_but_ours_at_priority_ten(lived: Day) -> None:
    """By the controllers' own log: never an escape route, never another slot, never but Present_Value."""
    arrived = lived.building.all_writes()
    assert {(write[4], write[6]) for write in arrived} == {(10, 85)}
    assert lived.building.writes("stair/lights/start_stop") == []
    places = {(p.device, p.object_type, p.instance) for p in lived.files.site.points.values() if p.writable}
    assert {write.place for write in lived.sent} <= places
