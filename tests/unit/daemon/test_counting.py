"""What a turn adds to the day: an exception where a rule begins to give way, an override for as long as it is held."""

from __future__ import annotations

from config.rules import RuleId
from drivers.readings import PriorityArray, Quality, Slot
from schedules.days import calendars
from schedules.time import from_iso
from schedules.types import Season
from supervisor.core.daily import Daily, Kind
from supervisor.core.decider import Decider
from supervisor.core.decisions import Because, Notice
from supervisor.core.known import Known
from supervisor.core.tally import Tally
from supervisor.core.turn import NOTHING_HEARD, Step, Turn
from supervisor.daemon.listeners import Counting
from supervisor.records.proof import Proof
from tests.site_files import site_of_text
from tests.unit.daemon.test_every_key import SITE

NOON = from_iso("2026-07-15T12:00:00+08:00")
START = "room/fcu/start_stop"


def office() -> tuple[Decider, Tally, Counting]:
    """A decider, a tally with its day, and who counts for it."""
    site = site_of_text(SITE)
    decider = Decider(site, Known(site), calendars(site).tables, lambda _: (Season.SUMMER, float("inf")))
    tally = Tally(Daily(site.tz))
    return decider, tally, Counting(tally, Proof(), decider)


def day(tally: Tally, kind: Kind) -> dict[tuple[str, str], float]:
    """What the day came to so far, by zone and rule or role."""
    assert tally.daily is not None
    return {(e.zone, e.what): v for e, v in tally.daily.values.items() if e.kind == kind}


def test_an_exception_is_counted_once_where_it_begins() -> None:
    """Room too warm and too humid at once: one rule gives way once, though two figures are told; an alert is none."""
    _, tally, counting = office()
    told = [
        Notice(RuleId.MILD_SEASON_OFF, kind, "room", Because(what, what))
        for kind, what in (("exception", "warm"), ("exception", "humid"), ("alert", "x"))
    ]
    counting(Turn(NOON, NOTHING_HEARD, Step({}, (), tuple(told))))
    assert day(tally, Kind.EXCEPTION) == {("room", RuleId.MILD_SEASON_OFF): 1.0}


def test_a_front_end_that_holds_a_unit_at_slot_eight_is_counted_for_as_long_as_it_does() -> None:
    """From ten past to half past; the daemon asks the zone when the array has changed, and never by itself."""
    decider, tally, counting = office()
    empty, held = PriorityArray((), 0), PriorityArray((Slot(8, 1),), 0)
    for minute, array in ((0, empty), (10, held), (30, empty), (45, empty)):
        now = NOON + 60.0 * minute
        decider.known.put_value(START, minute == 10, Quality.GOOD, now)
        decider.known.put_array(START, array)
        decider.touch(START)
        counting(decider.take_turn(now))
    tally.settle(NOON + 3000.0)
    assert day(tally, Kind.OVERRIDE) == {("room", "start_stop"): 1200.0}
    assert day(tally, Kind.WATCHED)["room", ""] == 3000.0
