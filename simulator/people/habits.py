"""How people use rooms, and one room's day drawn from it. Every number here is a site choice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from schedules.time import Instant
from simulator.people.seen import AT_WORK, PRESENT

MINUTE, HOUR = 60.0, 3600.0

Steps: TypeAlias = list[tuple[Instant, float]]
"""A quantity that changes in steps: (from when, value), in order of time; 0 before the first."""
Interval: TypeAlias = tuple[Instant, Instant]


@dataclass(frozen=True)
class Habits:
    """How careless people are. Probabilities are per room and day unless they say otherwise."""

    absent: float = 0.10
    """Per person: on leave, ill, travelling."""
    late: float = 0.15
    """Per person: comes later than opening, by 20 min on average more than the others."""
    early: float = 0.10
    """Per person: leaves 15 to 120 min before closing."""
    overtime: float = 0.08
    """Per person: stays an hour or two after closing."""
    lunch_out: float = 0.85
    """Per person: leaves the room at lunch."""
    step_outs: float = 2.0
    """Per person: times out of the room, 5 to 30 min each."""
    all_out: float = 0.5
    """The whole room goes to a meeting, 30 to 90 min."""
    empty: float = 0.0
    """Share of the opening hours in which an office stands empty as a whole (together at lunch, in meetings, out in the
    district), besides what its people do each for himself. 0: by `all_out` alone. A building's own figure: from its presence sensors."""
    weekend: float = 0.03
    """Somebody comes on a closed day, for 2 to 4 h."""
    lights_left_on: float = 0.35
    """The last to leave does not switch off."""
    window_warm: float = 0.20
    """A window is opened, in `warm_months`."""
    window_cold: float = 0.12
    """A window is opened, in `cold_months`."""
    window_mild: float = 0.50
    """A window is opened, in the months between."""
    window_forgotten: float = 0.15
    """Once opened: it stays open until the last person leaves."""
    window_overnight: float = 0.25
    """Once forgotten: it stays open until the caretaker's round."""
    meddle: float = 0.25
    """Somebody turns the knob: the cooling setpoint in warm months, the heating setpoint in cold ones."""
    meddle_reset: float = 0.5
    """Once turned: it is turned back when the last person leaves; otherwise on the caretaker's round."""
    meddled_cooling: float = 22.0
    """°C."""
    meddled_heating: float = 24.0
    """°C."""
    warm_months: frozenset[int] = frozenset({5, 6, 7, 8, 9, 10})
    cold_months: frozenset[int] = frozenset({12, 1, 2})

    @classmethod
    def careless(cls) -> Habits:
        """A building worth watching: what goes wrong now and then goes wrong in most rooms on most days."""
        return cls(
            lights_left_on=0.8, window_warm=0.7, window_mild=0.8, window_cold=0.5, meddle=0.8, all_out=0.8
        )


class Room(NamedTuple):
    """A room as far as people matter."""

    id: str
    kind: str
    """office, meeting, hall, lobby, corridor, stair, server_room; any other is used as an office."""
    people: float
    """Persons when full."""


class Day(NamedTuple):
    """What people do in one room on one day, which may end after midnight. Each ends by itself at 0."""

    people: Steps
    present: Steps
    """People whose machines are on: those who came and have not gone home."""
    window: Steps
    lights: Steps
    cooling: Steps
    """The knob's cooling setpoint, °C; 0 while nobody has turned it."""
    heating: Steps


class Dice:
    """Random numbers that belong to (seed, room, date) and to nothing else."""

    def __init__(self, seed: int, room: str, day: date) -> None:
        key = hashlib.blake2b(f"{seed}\0{room}\0{day.toordinal()}".encode(), digest_size=16).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(key, "big")))
        self._pool: list[float] = []

    def roll(self) -> float:
        """Uniform in [0, 1)."""
        if not self._pool:
            self._pool = self._generator.random(64).tolist()
        return self._pool.pop()

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return self.roll() < probability

    def between(self, low: float, high: float) -> float:
        """Uniform between two values."""
        return low + (high - low) * self.roll()

    def about(self, middle: float, spread: float) -> float:
        """Bell-shaped about `middle`, standard deviation `spread`, never more than three of them away."""
        return middle + 2.0 * spread * (self.roll() + self.roll() + self.roll() - 1.5)

    def times(self, mean: float) -> int:
        """How often something happens that happens `mean` times on average."""
        return int(mean * (0.5 + self.roll()) + self.roll())


def draw_day(
    room: Room,
    day: date,
    open_: Sequence[Interval],
    caretaker: Instant,
    habits: Habits,
    seed: int,
    seen: Sequence[Interval] | None = None,
) -> Day:
    """One room's day: `open_` are its opening hours, `caretaker` the round that ends what was forgotten.

    `seen`: when somebody is in, where that is known; of rooms in which people stay."""
    dice = Dice(seed, room.id, day)
    if seen is not None and room.kind not in ("lobby", "corridor", "stair", "server_room"):
        return _as_seen(room, day, seen, dice, habits, caretaker)
    if room.kind in ("lobby", "corridor", "stair"):
        return _circulation(room, open_, dice, habits, caretaker)
    if room.kind == "hall":
        people = _visitors(room, open_, dice)
        return _careless(people, people, day, dice, habits, caretaker)
    if room.kind == "meeting":
        people = _meetings(room, open_, dice)
        return _careless(people, people, day, dice, habits, caretaker)
    if room.kind == "server_room":
        return _technician(open_, dice)
    return _office(room, day, open_, dice, habits, caretaker)


def _as_seen(
    room: Room, day: date, seen: Sequence[Interval], dice: Dice, habits: Habits, caretaker: Instant
) -> Day:
    """Somebody is in when a sensor saw somebody: most of the room's people; machines run from the first to the last."""
    count = float(max(1, round(room.people * PRESENT)))
    inside = [(at, count * level) for at, level in _count(list(seen))]
    on = max(1.0, room.people * AT_WORK)
    at_work = [(at, on * level) for at, level in _count([(seen[0][0], seen[-1][1])] if seen else [])]
    return _careless(inside, at_work, day, dice, habits, caretaker)


def _office(
    room: Room, day: date, open_: Sequence[Interval], dice: Dice, habits: Habits, caretaker: Instant
) -> Day:
    inside: list[Interval] = []
    at_work: list[Interval] = []
    if not open_:
        if dice.chance(habits.weekend):
            start = caretaker - 24.0 * HOUR + dice.between(3.0, 8.0) * HOUR
            visit = (start, start + dice.between(2.0, 4.0) * HOUR)
            inside, at_work = [visit], [visit]
    else:
        away = _empties(open_, dice, habits.empty) if habits.empty else _all_out(open_, dice, habits)
        for _ in range(max(1, round(room.people))):
            if dice.chance(habits.absent):
                continue
            stay = _stay(open_, dice, habits)
            at_work.append(stay)
            inside += _without(stay, away + _absences(stay, open_, dice, habits))
    return _careless(_count(inside), _count(at_work), day, dice, habits, caretaker)


def _stay(open_: Sequence[Interval], dice: Dice, habits: Habits) -> Interval:
    """When one person comes and goes."""
    arrives = dice.about(open_[0][0] - 3.0 * MINUTE, 6.0 * MINUTE)
    if dice.chance(habits.late):
        arrives += dice.between(5.0, 55.0) * MINUTE
    leaves = dice.about(open_[-1][1] + 3.0 * MINUTE, 6.0 * MINUTE)
    if dice.chance(habits.early):
        leaves -= dice.between(15.0, 120.0) * MINUTE
    elif dice.chance(habits.overtime):
        leaves += dice.between(60.0, 120.0) * MINUTE
    return arrives, max(leaves, arrives + 10.0 * MINUTE)


def _all_out(open_: Sequence[Interval], dice: Dice, habits: Habits) -> list[Interval]:
    if not dice.chance(habits.all_out):
        return []
    first, last = open_[0][0], open_[-1][1]
    start = dice.between(first + HOUR, max(first + 2.0 * HOUR, last - 1.75 * HOUR))
    return [(start, start + dice.between(30.0, 90.0) * MINUTE)]


def _empties(open_: Sequence[Interval], dice: Dice, share: float) -> list[Interval]:
    """Half an hour to two hours at a time in which nobody is in, `share` of the opening hours in the long run."""
    away: list[Interval] = []
    for start, end in open_:
        gone = dice.between(0.5, 2.0) * HOUR
        # As if the day were cut out of a time without end: it may begin, and end, with an empty room.
        time = start - gone + gone / share * dice.roll()
        while time < end:
            away.append((time, time + gone))
            gone = dice.between(0.5, 2.0) * HOUR
            time = away[-1][1] + gone * (1.0 - share) / share * dice.between(0.5, 1.5)
    return [(max(start, open_[0][0]), min(end, open_[-1][1])) for start, end in away if end > open_[0][0]]


def _absences(stay: Interval, open_: Sequence[Interval], dice: Dice, habits: Habits) -> list[Interval]:
    """Lunch and the times that one person steps out."""
    away: list[Interval] = []
    for (_, before), (after, _) in pairwise(open_):
        if dice.chance(habits.lunch_out):
            away.append((dice.about(before, 5.0 * MINUTE), dice.about(after, 5.0 * MINUTE)))
    if len(open_) == 1 and open_[0][1] - open_[0][0] > 6.0 * HOUR and dice.chance(habits.lunch_out):
        noon = (open_[0][0] + open_[0][1]) / 2.0 - 30.0 * MINUTE
        away.append((dice.about(noon, 8.0 * MINUTE), dice.about(noon + HOUR, 8.0 * MINUTE)))
    for _ in range(dice.times(habits.step_outs)):
        start = dice.between(*stay)
        away.append((start, start + dice.between(5.0, 30.0) * MINUTE))
    return away


def _without(stay: Interval, away: list[Interval]) -> list[Interval]:
    """`stay` less every interval of `away`."""
    inside = []
    cursor, end = stay
    for start, back in sorted(away):
        if start >= end:
            break
        if start > cursor:
            inside.append((cursor, start))
        cursor = max(cursor, back)
    if cursor < end:
        inside.append((cursor, end))
    return inside


def _count(intervals: list[Interval]) -> Steps:
    """How many of the intervals hold, over time."""
    marks = sorted([(start, 1.0) for start, _ in intervals] + [(end, -1.0) for _, end in intervals])
    steps: Steps = []
    level = 0.0
    for time, change in marks:
        level += change
        if steps and steps[-1][0] == time:
            steps[-1] = (time, level)
        else:
            steps.append((time, level))
    return steps


def _visitors(room: Room, open_: Sequence[Interval], dice: Dice) -> Steps:
    """A service hall: clerks all day, and visitors who come in waves, fewer at either end."""
    steps: Steps = []
    clerks = max(1, round(room.people * 0.2))
    for start, end in open_:
        time = start - 10.0 * MINUTE
        steps.append((time, float(clerks)))
        time = start
        while time < end:
            share = 4.0 * (time - start) * (end - time) / max(end - start, 1.0) ** 2
            steps.append(
                (time, float(clerks + round((room.people - clerks) * share * dice.between(0.2, 1.0))))
            )
            time += dice.between(10.0, 20.0) * MINUTE
        steps += [(end, float(clerks)), (end + dice.between(2.0, 20.0) * MINUTE, 0.0)]
    return _in_order(steps)


def _meetings(room: Room, open_: Sequence[Interval], dice: Dice) -> Steps:
    steps: Steps = []
    for start, end in open_:
        time = start + dice.between(10.0, 90.0) * MINUTE
        while time < end - 30.0 * MINUTE:
            over = min(time + dice.between(30.0, 120.0) * MINUTE, end + 15.0 * MINUTE)
            steps += [(time, float(max(2, round(room.people * dice.between(0.3, 1.0))))), (over, 0.0)]
            time = over + dice.between(15.0, 150.0) * MINUTE
    return steps


def _technician(open_: Sequence[Interval], dice: Dice) -> Day:
    """A server room: now and then somebody comes, and switches off again."""
    visits: list[Interval] = []
    if open_ and dice.chance(0.3):
        start = dice.between(*open_[0])
        visits = [(start, start + dice.between(10.0, 40.0) * MINUTE)]
    steps = _count(visits)
    return Day(steps, steps, [], steps, [], [])


def _circulation(
    room: Room, open_: Sequence[Interval], dice: Dice, habits: Habits, caretaker: Instant
) -> Day:
    """Lobby, corridor, stair: people pass, most about opening and closing; a guard sits in the lobby."""
    passing: list[Interval] = []
    lights: Steps = []
    for start, end in open_:
        for middle, spread, count in ((start, 12.0, 14), (end, 12.0, 14)):
            for _ in range(dice.times(count)):
                time = dice.about(middle, spread * MINUTE)
                passing.append((time, time + dice.between(10.0, 50.0)))
        for _ in range(dice.times((end - start) / HOUR * 4.0)):
            time = dice.between(start, end)
            passing.append((time, time + dice.between(10.0, 50.0)))
        if room.kind == "lobby":
            passing.append((start - 30.0 * MINUTE, end + 30.0 * MINUTE))
        lights.append((start - 20.0 * MINUTE, 1.0))
    if lights:
        off = open_[-1][1] + 20.0 * MINUTE
        lights.append((caretaker if dice.chance(habits.lights_left_on) and caretaker > off else off, 0.0))
    people = _count(passing)
    return Day(people, [], [], lights, [], [])


def _careless(
    people: Steps, present: Steps, day: date, dice: Dice, habits: Habits, caretaker: Instant
) -> Day:
    """Lights, windows and knobs of a room that people use and then leave."""
    if not present:
        return Day(people, present, [], [], [], [])
    first, last = present[0][0], present[-1][0]
    end = max(caretaker, last)
    off = end if dice.chance(habits.lights_left_on) else last
    lights: Steps = [(first, 1.0), (off, 0.0)]
    window: Steps = []
    warm, cold = day.month in habits.warm_months, day.month in habits.cold_months
    opens = habits.window_warm if warm else habits.window_cold if cold else habits.window_mild
    if dice.chance(opens):
        start = dice.between(first, max(first, last - 1.5 * HOUR))
        shut = min(start + dice.between(15.0, 120.0) * MINUTE, last)
        if dice.chance(habits.window_forgotten):
            shut = end if dice.chance(habits.window_overnight) else last
        window = [(start, 1.0), (shut, 0.0)]
    knob: Steps = []
    if (warm or cold) and dice.chance(habits.meddle):
        start = dice.between(first + 10.0 * MINUTE, max(first + 20.0 * MINUTE, last - 1.5 * HOUR))
        back = last if dice.chance(habits.meddle_reset) else end
        knob = [(start, habits.meddled_cooling if warm else habits.meddled_heating), (max(back, start), 0.0)]
    return Day(people, present, window, lights, knob if warm else [], knob if cold else [])


def _in_order(steps: Steps) -> Steps:
    """By time; of two values at one time the later one written stays."""
    ordered = dict(sorted(steps, key=lambda step: step[0]))
    return list(ordered.items())
