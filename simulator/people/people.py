"""People: who is where, which window they left open, which knob they turned; from a seed, for any date."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schedules.time import Instant, instant_of, local_date
from simulator.people.habits import Day, Habits, Interval, Room, Steps, draw_day
from simulator.people.seen import MINUTE, Seen

Floats: TypeAlias = NDArray[np.float64]

_T = TypeVar("_T")
_new = tuple.__new__
"""Makes states and events of their fields, in half the time that their own constructors take: thousands a day."""
_PEOPLE, _PRESENT, _, _, _COOLING, _ = range(len(Day._fields))

Hours: TypeAlias = Callable[[str, date], Sequence[Interval]]
"""Opening hours that begin on a date in a room, in order; empty on a closed day."""

ROUND = time(6, 0)
"""The caretaker's round, local time: forgotten windows are shut, lights switched off, knobs turned back."""

STANDBY = 0.10
"""Share of the equipment power that stays on when nobody is in. Site choice."""
UNATTENDED = {"server_room": 1.0, "corridor": 0.0, "stair": 0.0, "lobby": 0.3}
"""Share of the equipment power in rooms where it does not go with people. Site choice."""


class State(NamedTuple):
    """What people do to a room at an instant."""

    people: int
    window_open: float
    """0 or 1."""
    lights: float
    """What the wall switch says, 0 or 1."""
    plugs: float
    """Share of the equipment power that is on."""
    cooling_setpoint: float | None
    """What the knob commands at slot 13, °C; None while nobody has turned it."""
    heating_setpoint: float | None


What: TypeAlias = Literal["people", "window_open", "lights", "plugs", "cooling_setpoint", "heating_setpoint"]


_FIELDS: tuple[What, ...] = (
    "people",
    "window_open",
    "lights",
    "plugs",
    "cooling_setpoint",
    "heating_setpoint",
)
"""What a `State` has, in its order."""


class Event(NamedTuple):
    """`zone`'s `what` is `value` from `time` on. None relinquishes the knob's slot."""

    time: Instant
    zone: str
    what: What
    value: float | None


class Crowd(NamedTuple):
    """Every room at an instant, in the order of the rooms. NaN: the knob is not turned."""

    people: Floats
    window_open: Floats
    lights: Floats
    plugs: Floats
    cooling_setpoint: Floats
    heating_setpoint: Floats


class PeopleModel:
    """The people of a building. What happens in a room on a date depends on (seed, room, date, hours) alone.

    `hours(room, date)` gives the opening hours that begin on a local date of `zone`, as POSIX intervals.
    """

    def __init__(
        self,
        seed: int,
        rooms: Iterable[Room],
        hours: Hours,
        timezone: ZoneInfo,
        habits: Habits | None = None,
        seen: Seen | None = None,
    ) -> None:
        self._seen = seen
        self.rooms = tuple(rooms)
        self._seed = seed
        self._hours = hours
        self._timezone = timezone
        self._habits = habits or Habits()
        self._days: dict[tuple[str, date], Day] = {}
        self._lines: dict[tuple[str, date], tuple[list[Instant], list[State]]] = {}

    def at(self, instant: Instant) -> Crowd:
        """Every room at `instant`."""
        states = [self.state(room, instant) for room in self.rooms]
        table = np.array(
            [[np.nan if value is None else value for value in state] for state in states], dtype=np.float64
        ).reshape(len(states), len(State._fields))
        return Crowd(*np.ascontiguousarray(table.T))

    def state(self, room: Room, instant: Instant) -> State:
        """One room at `instant`."""
        times, states = self._line(room, self._date(instant))
        return states[bisect_right(times, instant) - 1]

    def events(self, after: Instant, until: Instant) -> list[Event]:
        """What people do in (after, until], by time, then room, then what; rooms in any order."""
        found: list[Event] = []
        for room in self.rooms:
            last = self.state(room, after)
            day, final = self._date(after), self._date(until)
            while day <= final:
                times, states = self._line(room, day)
                for index in range(bisect_right(times, after), bisect_right(times, until)):
                    _changes(room.id, times[index], last, states[index], found)
                    last = states[index]
                day += timedelta(days=1)
        found.sort(key=lambda event: event[:3])
        return found

    def _date(self, instant: Instant) -> date:
        return local_date(instant, self._timezone)

    def _midnight(self, day: date) -> Instant:
        return instant_of(day, 0, self._timezone)

    def _day(self, room: Room, day: date) -> Day:
        key = (room.id, day)
        known = self._days.get(key)
        if known is None:
            if len(self._days) > 8 * len(self.rooms) + 64:
                self._days = _near(self._days, day)
            following = datetime.combine(day + timedelta(days=1), ROUND, self._timezone).timestamp()
            hours = list(self._hours(room.id, day))
            seen = self._as_seen(room, day, opens=bool(hours))
            known = draw_day(room, day, hours, following, self._habits, self._seed, seen)
            self._days[key] = known
        return known

    def _as_seen(self, room: Room, day: date, *, opens: bool) -> list[Interval] | None:
        """When somebody is in on a date, as it was recorded once; None where nothing was."""
        spans = self._seen.spans(self._seed, room.id, day, opens) if self._seen is not None else None
        if spans is None:
            return None
        midnight = self._midnight(day)
        return [(midnight + first * MINUTE, midnight + last * MINUTE) for first, last in spans]

    def _line(self, room: Room, day: date) -> tuple[list[Instant], list[State]]:
        """The states of a room through a local date, from its midnight to the next."""
        key = (room.id, day)
        known = self._lines.get(key)
        if known is None:
            if len(self._lines) > 4 * len(self.rooms) + 64:
                self._lines = _near(self._lines, day)
            known = self._lines[key] = self._merge(room, day)
        return known

    def _merge(self, room: Room, day: date) -> tuple[list[Instant], list[State]]:
        """Three days laid together: yesterday's people may still be here, tomorrow's come early."""
        plans = [self._day(room, day + timedelta(days=offset)) for offset in (-1, 0, 1)]
        begin, end = self._midnight(day), self._midnight(day + timedelta(days=1))
        marks: list[tuple[Instant, int, int, float]] = []
        levels = [[0.0, 0.0, 0.0] for _ in Day._fields]
        for number, plan in enumerate(plans):
            for field, steps in enumerate(plan):
                _lay(steps, begin, end, field, number, levels, marks)
        marks.sort()
        values = [_value(room, levels, place) for place in range(len(levels))]
        times, states = [begin], [_state(values)]
        for instant, field, number, value in marks:
            level = levels[field]
            level[number] = value
            found = int(level[0] + level[1] + level[2]) if field == _PEOPLE else _value(room, levels, field)
            if found == values[field]:
                continue
            values[field] = found
            if instant == times[-1]:
                states[-1] = _state(values)
            else:
                times.append(instant)
                states.append(_state(values))
        return times, states


def _lay(
    steps: Steps,
    begin: Instant,
    end: Instant,
    field: int,
    number: int,
    levels: list[list[float]],
    marks: list[tuple[Instant, int, int, float]],
) -> None:
    """Sort one quantity of one plan into what holds at `begin` and what changes before `end`."""
    for instant, value in steps:
        if instant <= begin:
            levels[field][number] = value
        elif instant < end:
            marks.append((instant, field, number, value))


def _value(room: Room, levels: list[list[float]], field: int) -> float | None:
    """What one quantity of a `Day` comes to, of yesterday's people, today's and tomorrow's."""
    one, two, three = levels[field]
    if field == _PEOPLE:
        return int(one + two + three)
    if field == _PRESENT:
        share = UNATTENDED.get(room.kind)
        if share is None:
            share = STANDBY + (1.0 - STANDBY) * min(1.0, (one + two + three) / max(room.people, 1.0))
        return share
    most = max(one, two, three)
    return most if field < _COOLING else most or None


def _state(values: list[float | None]) -> State:
    people, present, window, lights, cooling, heating = values
    return _new(State, (people, window, lights, present, cooling, heating))


def _near(known: dict[tuple[str, date], _T], day: date) -> dict[tuple[str, date], _T]:
    """What is known of the days about one: those that are asked for next."""
    return {key: what for key, what in known.items() if abs((key[1] - day).days) <= 2}


def _changes(zone: str, instant: Instant, before: State, after: State, found: list[Event]) -> None:
    """What a room is otherwise than before, field by field: nearly always one thing is."""
    if before[0] != after[0]:
        found.append(_new(Event, (instant, zone, _FIELDS[0], after[0])))
    if before[1:] != after[1:]:
        found += [
            _new(Event, (instant, zone, what, new))
            for what, old, new in zip(_FIELDS[1:], before[1:], after[1:], strict=True)
            if old != new
        ]
