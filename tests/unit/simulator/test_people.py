"""People, as a caretaker would tell of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.people.habits import Habits, Room
from simulator.people.people import Event, PeopleModel

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2025, 7, 14)
ROOMS = (
    Room("office", "office", 4),
    Room("meeting", "meeting", 12),
    Room("hall", "hall", 40),
    Room("lobby", "lobby", 2),
    Room("corridor", "corridor", 0),
    Room("stair", "stair", 0),
    Room("server", "server_room", 0),
    Room("duty", "duty", 1),
)


def at(day: date, hour: float) -> float:
    """POSIX seconds of an hour of a local day."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp() + hour * 3600.0


def hours(room: str, day: date) -> Sequence[tuple[float, float]]:
    """09:00 to 17:00 on weekdays; the duty room always."""
    if room == "duty":
        return [(at(day, 0), at(day, 24))]
    return [] if day.weekday() >= 5 else [(at(day, 9), at(day, 17))]


def model(seed: int = 1, rooms: Sequence[Room] = ROOMS, habits: Habits | None = None) -> PeopleModel:
    """The people of the test building."""
    return PeopleModel(seed, rooms, hours, SHANGHAI, habits)


def events(people: PeopleModel, room: str, what: str, days: int = 1) -> list[Event]:
    """What they do with one thing in one room, from Monday's midnight."""
    found = people.events(at(MONDAY, 0), at(MONDAY, 24 * days))
    return [event for event in found if event.zone == room and event.what == what]


def test_an_office_fills_about_nine_empties_at_lunch_and_is_dark_at_night() -> None:
    """Thirty rooms on a working day."""
    rooms = [Room(f"o{i}", "office", 4) for i in range(30)]
    people = model(rooms=rooms)
    counts = {hour: float(people.at(at(MONDAY, hour)).people.sum()) for hour in (3, 10, 12.9, 15, 22)}
    assert counts[3] == counts[22] == 0
    assert 60 < counts[10] <= 120
    assert counts[12.9] < 0.5 * counts[10]
    assert 60 < counts[15] <= 120


def test_some_come_late_and_some_leave_early() -> None:
    """Among four hundred people: arrivals after 09:15, departures before 16:30."""
    rooms = [Room(f"o{i}", "office", 1) for i in range(400)]
    found = model(rooms=rooms, habits=Habits(step_outs=0.0, all_out=0.0, lunch_out=0.0)).events(
        at(MONDAY, 4), at(MONDAY, 23)
    )
    here = [event for event in found if event.what == "people" and event.value]
    gone = [event for event in found if event.what == "people" and not event.value]
    assert 20 < sum(event.time > at(MONDAY, 9.25) for event in here) < 120
    assert 10 < sum(event.time < at(MONDAY, 16.5) for event in gone) < 80


def test_on_a_closed_day_hardly_anybody_comes() -> None:
    """A Saturday in a hundred rooms."""
    rooms = [Room(f"o{i}", "office", 4) for i in range(100)]
    people = model(rooms=rooms)
    saturday = MONDAY + timedelta(days=5)
    assert people.at(at(saturday, 11)).people.sum() < 20


def test_the_knob_is_turned_to_22_in_summer_and_let_go_again() -> None:
    """A command at slot 13, and None when it is turned back."""
    turns = [
        event
        for room in [Room(f"o{i}", "office", 4) for i in range(60)]
        for event in events(model(rooms=[room]), room.id, "cooling_setpoint", days=5)
    ]
    assert {event.value for event in turns} == {22.0, None}
    set_, back = (sum(event.value is value for event in turns) for value in (22.0, None))
    set_ = sum(event.value == 22.0 for event in turns)
    assert 40 < set_ < 120  # a quarter of 300 room-days
    assert abs(set_ - back) <= 20  # those of the last night are let go on the next morning


def test_a_forgotten_window_stays_open_until_the_caretakers_round() -> None:
    """Open overnight, shut at six."""
    habits = Habits(window_warm=1.0, window_forgotten=1.0, window_overnight=1.0, absent=0.0)
    people = model(habits=habits)
    (opened,) = events(people, "office", "window_open")
    assert opened.value == 1.0
    office = ROOMS[0]
    assert people.state(office, at(MONDAY, 23.5)).window_open == 1.0
    assert people.state(office, at(MONDAY, 24 + 5.9)).window_open == 1.0
    assert people.state(office, at(MONDAY, 24 + 6.1)).window_open == 0.0


def test_lights_left_on_burn_until_the_caretakers_round() -> None:
    """Nobody in, lights on, at 23:00."""
    people = model(habits=Habits(lights_left_on=1.0, absent=0.0))
    state = people.state(ROOMS[0], at(MONDAY, 23))
    assert (state.people, state.lights) == (0, 1.0)
    assert people.state(ROOMS[0], at(MONDAY, 24 + 6.1)).lights == 0.0


def test_in_a_corridor_people_only_pass() -> None:
    """Many short presences, none of a quarter of an hour, no knob and no window."""
    people = model()
    passing = events(people, "corridor", "people")
    assert len(passing) > 40
    assert {
        event.what for event in people.events(at(MONDAY, 0), at(MONDAY, 24)) if event.zone == "corridor"
    } <= {
        "people",
        "lights",
    }
    long = [
        after.time - before.time for before, after in pairwise(passing) if before.value and not after.value
    ]
    assert max(long) < 900


def test_a_duty_room_is_manned_through_the_night() -> None:
    """Hours from midnight to midnight."""
    people = model(habits=Habits(absent=0.0, step_outs=0.0, all_out=0.0, lunch_out=0.0, late=0.0, early=0.0))
    manned = [people.state(ROOMS[7], at(MONDAY, hour)).people for hour in (1, 5, 12, 23)]
    assert min(manned) >= 1


def test_machines_go_with_people_and_the_server_room_never_stops() -> None:
    """Share of the equipment power."""
    people = model()
    night, day = people.at(at(MONDAY, 3)).plugs, people.at(at(MONDAY, 10)).plugs
    assert night[0] == pytest.approx(0.10)
    assert day[0] > 0.5
    assert night[6] == day[6] == 1.0


def test_the_same_seed_tells_the_same_story_in_either_order_of_rooms() -> None:
    """Events and states, forwards and backwards, asked in pieces or at once."""
    one, two = model(), model(rooms=ROOMS[::-1])
    whole = one.events(at(MONDAY, 0), at(MONDAY, 72))
    assert whole == two.events(at(MONDAY, 0), at(MONDAY, 72))
    pieces = [event for hour in range(72) for event in two.events(at(MONDAY, hour), at(MONDAY, hour + 1))]
    assert pieces == whole
    assert model(seed=2).events(at(MONDAY, 0), at(MONDAY, 72)) != whole


def test_a_room_does_not_care_who_else_is_in_the_building() -> None:
    """A function of seed, room and date."""
    alone = model(rooms=ROOMS[:1]).events(at(MONDAY, 0), at(MONDAY, 48))
    among = [event for event in model().events(at(MONDAY, 0), at(MONDAY, 48)) if event.zone == "office"]
    assert alone == among


def test_events_lead_from_one_state_to_the_next() -> None:
    """Replaying events over the state at the start gives the state at the end, for a week."""
    people = model(habits=Habits.careless())
    crowd = {room.id: people.state(room, at(MONDAY, 0)) for room in ROOMS}
    for event in people.events(at(MONDAY, 0), at(MONDAY, 7 * 24)):
        crowd[event.zone] = crowd[event.zone]._replace(**{event.what: event.value})  # type: ignore[arg-type]  # which one is known when it runs
    assert crowd == {room.id: people.state(room, at(MONDAY, 7 * 24)) for room in ROOMS}


def test_hours_past_midnight_and_a_doubled_hour_do_not_confuse_anybody() -> None:
    """A bar in Berlin on the night the clocks go back: in until two in the morning, nobody lost."""
    berlin = ZoneInfo("Europe/Berlin")

    def late(room: str, day: date) -> Sequence[tuple[float, float]]:
        start = datetime(day.year, day.month, day.day, 20, tzinfo=berlin).timestamp()
        return [(start, start + 6 * 3600.0)]

    quiet = Habits(absent=0.0, step_outs=0.0, all_out=0.0, early=0.0, late=0.0, overtime=0.0, lunch_out=0.0)
    people = PeopleModel(1, [Room("bar", "office", 3)], late, berlin, quiet)
    start = datetime(2025, 10, 25, 21, tzinfo=berlin).timestamp()
    counts = [int(people.at(start + hour * 3600.0).people[0]) for hour in range(8)]
    assert counts[:4] == [3, 3, 3, 3]
    assert counts[-1] == 0


def test_careless_people_give_a_watcher_something_to_see_every_day() -> None:
    """What the demo needs: knobs, windows and lights in most rooms."""
    rooms = [Room(f"o{i}", "office", 4) for i in range(20)]
    found = model(rooms=rooms, habits=replace(Habits.careless(), absent=0.0)).events(
        at(MONDAY, 0), at(MONDAY, 24)
    )
    seen = Counter(event.what for event in found if event.value)
    assert seen["cooling_setpoint"] >= 10
    assert seen["window_open"] >= 8


def test_a_building_without_rooms_has_no_people() -> None:
    """Nothing to ask, nothing to answer."""
    assert model(rooms=[]).events(at(MONDAY, 0), at(MONDAY, 24)) == []
    assert isinstance(model(rooms=[]).at(at(MONDAY, 0)).people, np.ndarray)
