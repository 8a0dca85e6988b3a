"""What a zone's day came to: to the second, whichever midnight ends it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.roles import Role
from config.rules import RuleId
from schedules.time import DAY
from supervisor.core.daily import Daily, Entry, Kind
from supervisor.core.looks import by_hand, overridden
from supervisor.core.tally import Look, Tally
from tests.unit.core import parts
from tests.unit.core.story import Day

SHANGHAI = ZoneInfo("Asia/Shanghai")
WINDOW, SUMMER = RuleId.WINDOW_OFF, RuleId.SUMMER_SETPOINT


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    """An instant on the building's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def outside(when: float, *rules: RuleId) -> Look:
    """The room stands outside these rules."""
    return Look(when, rules, (), False, 0.0, 0.0)


def seconds(tally: Tally, kind: Kind = Kind.VIOLATION) -> dict[tuple[str, str], float]:
    """Of each day and rule."""
    assert tally.daily is not None
    return {(e.day, e.what): v for e, v in tally.daily.values.items() if e.kind == kind and e.zone == "room"}


def every_half_hour(tally: Tally, since: float, until: float) -> None:
    """The daemon saves, and counts up to there."""
    while since < until:
        since = min(since + 1800.0, until)
        tally.settle(since)


def test_what_stands_over_midnight_is_split_there() -> None:
    """A window open from 23:50 to 00:20: ten minutes are yesterday's, twenty today's."""
    tally = Tally(Daily(SHANGHAI))
    tally.look("room", outside(at("2026-07-01T23:50"), WINDOW))
    tally.look("room", outside(at("2026-07-02T00:20")))
    assert seconds(tally) == {("2026-07-01", WINDOW): 600.0, ("2026-07-02", WINDOW): 1200.0}
    assert seconds(tally, Kind.WATCHED) == {("2026-07-01", ""): 600.0, ("2026-07-02", ""): 1200.0}


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("Asia/Beirut", "2026-03-29", 23),
     ("America/Havana", "2026-11-01", 25), ("Asia/Shanghai", "2026-07-01", 24), ("Australia/Lord_Howe", "2026-04-05", 24.5)],
)  # fmt: skip
def test_a_day_is_as_long_as_the_clock_on_the_wall_makes_it(zone: str, day: str, hours: float) -> None:
    """A day of the change has 23 or 25 hours, also where the clocks change at midnight itself."""
    tz = ZoneInfo(zone)
    tally = Tally(Daily(tz))
    since, until = at(f"{day}T12:00", tz) - 2 * DAY, at(f"{day}T12:00", tz) + 2 * DAY
    tally.look("room", outside(since, WINDOW))
    every_half_hour(tally, since, until)
    found = seconds(tally)
    assert found[day, WINDOW] == hours * 3600
    assert sum(found.values()) == until - since == tally.totals().violation_seconds["room", WINDOW]


def test_a_silence_is_nobodys_time_on_either_side_of_midnight() -> None:
    """A machine that slept from 22:00 to 02:00 has watched nothing."""
    tally = Tally(Daily(SHANGHAI))
    tally.look("room", outside(at("2026-07-01T22:00"), WINDOW))
    tally.settle(at("2026-07-02T02:00"))
    assert seconds(tally) == {}
    every_half_hour(tally, at("2026-07-02T02:00"), at("2026-07-02T03:00"))
    assert seconds(tally) == {("2026-07-02", WINDOW): 3600.0}


def test_corrections_and_exceptions_are_counted_on_their_day() -> None:
    """Two corrections before midnight, one after it, and a rule that gives way."""
    tally = Tally(Daily(SHANGHAI))
    for when in ("2026-07-01T09:00", "2026-07-01T23:59:59", "2026-07-02T00:00"):
        tally.enforced("room", SUMMER, at(when))
    tally.excepted("room", RuleId.MILD_SEASON_OFF, at("2026-07-02T14:00"))
    assert seconds(tally, Kind.CORRECTION) == {("2026-07-01", SUMMER): 2.0, ("2026-07-02", SUMMER): 1.0}
    assert seconds(tally, Kind.EXCEPTION) == {("2026-07-02", RuleId.MILD_SEASON_OFF): 1.0}


def test_a_building_that_moves_to_another_zone_ends_its_day_there() -> None:
    """The file said the wrong time zone: from its mending on, midnight is the right one."""
    tally = Tally(Daily(SHANGHAI))
    assert tally.daily is not None
    start = at("2026-07-01T23:30")
    tally.look("room", outside(start, WINDOW))
    tally.settle(start + 600.0)
    tally.daily.move(ZoneInfo("Europe/Berlin"))
    every_half_hour(tally, start + 600.0, start + 7200.0)
    assert seconds(tally) == {("2026-07-01", WINDOW): 7200.0}, "in Berlin it is still afternoon"


def test_what_is_over_is_forgotten_once_it_is_kept() -> None:
    """The days before today go; today stays."""
    daily = Daily(SHANGHAI)
    for day in ("2026-07-01", "2026-07-02"):
        daily.happened("room", Kind.CORRECTION, SUMMER, at(f"{day}T10:00"))
    daily.forget("2026-07-02")
    assert dict(daily.values) == {Entry("2026-07-02", "room", Kind.CORRECTION, SUMMER): 1.0}


def test_another_masters_slot_is_an_override_for_as_long_as_it_holds_and_protection_is_none() -> None:
    """The front end holds the fan coil at slot 8; slot 5 is the controller's own protection."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps()))
    day.at("10:00", held=("hvac", 8, True), light_switch=True)
    assert overridden(day.building.view()) == (Role.START_STOP,)
    day.at("10:30", held=("cooling", 9, 22.0))
    assert overridden(day.building.view()) == (Role.COOLING_SETPOINT, Role.START_STOP)
    day.at("11:00", held=("hvac", 8, None))
    day.at("11:00", held=("cooling", 9, None))
    day.at("11:30", held=("hvac", 5, True))
    assert overridden(day.building.view()) == ()


def test_what_a_person_holds_is_told_by_its_role() -> None:
    """Held on for a visit."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps()))
    assert by_hand(day.building.view()) == ()
    day.at("17:10", by_hand=("hvac", True, "18:00"))
    assert by_hand(day.building.view()) == (Role.START_STOP,)
