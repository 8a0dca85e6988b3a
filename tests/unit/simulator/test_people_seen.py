"""People as presence sensors saw them, lived again."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schedules.time import instant_of
from simulator.people.habits import Room
from simulator.people.people import PeopleModel
from simulator.people.seen import Seen, SeenDay

TZ = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 7, 6)


def week(weekday: int, a: float, b: float, *, opens: bool = True) -> SeenDay:
    """A day on which `a` and `b` were seen from these minutes on, for an hour."""
    spans = {"a": ((a, a + 60.0),), "b": ((b, b + 60.0),)}
    none: dict[str, tuple[tuple[float, float], ...]] = {"a": (), "b": ()}
    return SeenDay(weekday, spans if opens else none, {"a": opens, "b": opens})


DAYS = (week(0, 540.0, 541.0), week(0, 600.0, 601.0), week(1, 700.0, 701.0), week(5, 0.0, 0.0, opens=False))


def begins(seen: Seen, zone: str, day: date) -> float:
    """The minute at which somebody comes."""
    spans = seen.spans(1, zone, day, True)
    assert spans
    return spans[0][0]


def test_a_weekday_lives_one_of_its_own() -> None:
    """Mondays are lived as one of the two Mondays that were seen, never as the Tuesday."""
    seen = Seen(DAYS, (("a",), ("b",)), 0.2)
    assert {begins(seen, "a", MONDAY + timedelta(weeks=n)) for n in range(30)} == {540.0, 600.0}


def test_rooms_that_empty_together_live_the_same_day() -> None:
    """What two rooms did together they do together, week after week; rooms apart do not."""
    weeks = [MONDAY + timedelta(weeks=n) for n in range(30)]
    together, apart = Seen(DAYS, (("a", "b"),), 0.2), Seen(DAYS, (("a",), ("b",)), 0.2)
    assert {begins(together, "b", day) - begins(together, "a", day) for day in weeks} == {1.0}
    assert len({begins(apart, "b", day) - begins(apart, "a", day) for day in weeks}) > 1


def test_a_weekday_that_was_not_seen_lives_another_open_day() -> None:
    """A Friday of which nothing is known is lived as some working day, and a Sunday as the closed one."""
    seen = Seen(DAYS, (("a",), ("b",)), 0.2)
    assert begins(seen, "a", MONDAY + timedelta(days=4)) in {540.0, 600.0, 700.0}
    assert seen.spans(1, "a", MONDAY + timedelta(days=6), False) == ()


def test_a_zone_without_a_sensor_is_as_habits_have_it() -> None:
    """Nothing is made up of a room that nobody watched."""
    assert Seen(DAYS, (("a",),), 0.2).spans(1, "c", MONDAY, True) is None


def test_the_people_of_a_rehearsal_are_in_when_they_were_seen() -> None:
    """In at 09:30 where the recorded day says 09:00 to 10:00, three quarters of eight; out at eleven."""
    seen = Seen(DAYS[:1], (("a",),), 0.2)
    nine = instant_of(MONDAY, 9 * 60, TZ)
    people = PeopleModel(
        1, [Room("a", "office", 8.0)], lambda _room, _day: [(nine, nine + 30_000.0)], TZ, seen=seen
    )
    assert people.state(people.rooms[0], nine + 1800.0).people == 6
    assert people.state(people.rooms[0], nine + 7200.0).people == 0
