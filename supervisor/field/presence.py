"""What a presence sensor says against itself, and what else a room says of people. Pure.

A sensor that sees nobody keeps its room dark and off while people sit there; one that always sees somebody, or that is wired the
wrong way round, is worth no more. Each is noticed by what a room does not do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import Role, ZoneKind
from config.site import Zone
from drivers.readings import Quality, Reading
from schedules.hours import Timetable
from schedules.time import DAY, Instant, clock, local_date
from supervisor.core.known import Known

ALWAYS_DAYS: Final = 3
"""Working days, with their nights, through which nobody is seen without a break; a site choice, that of a window's contact."""
NEVER_DAYS: Final = 5
"""Working days after which people are told that a room has been empty all along: a week's leave is none of its sensor's faults. A site
choice; its room stays off."""
REVERSED_DAYS: Final = 3
"""Working days in a row that were empty, after nights that were not, after which a sensor counts as wired the wrong way; a site choice."""
SIGNS: Final = 2
"""Signs of people in a room that is said to be empty all the while, after which its sensor counts as blind; a site choice."""
UNSEEN_FOR: Final = 8 * 3600.0
"""s of its opening hours for which nobody was seen in such a room, a working day; a site choice. For less, who comes in may have been overlooked."""
APART: Final = 600.0
"""s that two signs lie apart to be two; a site choice: a window that is opened and shut is one."""
SEEN_WITHIN: Final = 300.0
"""s before and after a sign within which a sensor may have seen, or may yet see, who gave it; a site choice."""
BREATH: Final = 200.0
"""ppm of CO2 by which a room's air rises within `APART * 6` where people breathe, to more than `BREATHED`; site choices."""
BREATHED: Final = 800.0
SETTLED: Final = 90.0
"""s for which a contact has to stand as it is before somebody moved its window; a site choice: gateways flap for a minute after a start."""
TOGETHER: Final = 2
"""Rooms that are turned by hand in one minute at most: more are a programme's. A site choice."""
SAME_TIME: Final = 900.0
"""s of the day within which what is switched on two days is a timetable's, and no hand's; a site choice."""
_SETTINGS: Final = (Role.START_STOP, Role.SETPOINT, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.MODE)
_MARKS_FOR: Final = 8 * DAY
_WINDOW: Final = Phrase("a window was moved", "有人动过窗户")
_HAND: Final = Phrase("a switch or a thermostat was turned", "有人操作过开关或温控器")
_AIR: Final = Phrase("CO2 rose as where people breathe", "二氧化碳如有人般上升")


class _Sign(NamedTuple):
    at: Instant
    what: Phrase


@dataclass(slots=True)
class _Sensor:
    """What one sensor has said since its room was last open, in looks; and how many days it was the wrong way round."""

    open_looks: int = 0
    open_seen: int = 0
    shut_looks: int = 0
    shut_seen: int = 0
    was_open: bool = False
    reversed_days: int = 0
    told_since: Instant | None = None
    """The absence that people were told of."""


@dataclass(slots=True)
class Room:
    """One zone with presence sensors: what it has said of people."""

    zone: Zone
    table: Timetable
    began: Instant
    sure_since: Instant = -math.inf
    """When the clock last leapt."""
    sensors: dict[str, _Sensor] = field(default_factory=dict)
    windows: Mapping[str, object] = field(default_factory=dict)
    beneath: Mapping[str, object] = field(default_factory=dict)
    """What windows, and switches and settings beneath our slot, said at the last look."""
    air: tuple[Instant, float] | None = None
    """When the air was at its best of the last hour, and its CO2 then."""
    pending: list[_Sign] = field(default_factory=list)
    signs: list[_Sign] = field(default_factory=list)
    marks: list[Instant] = field(default_factory=list)
    """When something was switched or set beneath our slot, of the last days."""

    def clock_set(self, now: Instant) -> None:
        """The clock was set: nothing has stood for days because of that, and no signs are at an instant to come."""
        self.began = self.sure_since = now
        self.air, self.pending, self.signs, self.marks = None, [], [], []

    # ------------------------------------------------------------------ a look

    def look(
        self, known: Known, now: Instant, together: dict[Instant, int]
    ) -> Iterator[tuple[Point, Phrase]]:
        """The sensors that are no evidence, by now, and why. `together` counts the rooms in which hands were at work, by look."""
        self._gather(known, now, together)
        points = self.zone.sensors[Role.OCCUPANCY]
        blind = self._blind(known.figure(self.zone, Role.OCCUPANCY), now, together)
        open_ = self.table.is_open(now)
        for point in points:
            sensor = self.sensors.setdefault(point.id, _Sensor())
            reading = known.reading(point.id)
            answers = reading.good or (reading.quality is Quality.FAULT and point.id in known.suspected)
            reversed_ = self._reversed(sensor, reading.value if answers else None, open_)
            if not reading.good:
                continue
            why = reversed_ or self._always(reading, now) or (blind if not reading.value else None)
            if why is not None:
                yield point, why

    def long_empty(self, known: Known, now: Instant) -> Iterator[tuple[Point, Phrase]]:
        """Sensors that have seen nobody for so many working days that somebody should look; each once."""
        for point in self.zone.sensors[Role.OCCUPANCY]:
            reading, sensor = known.reading(point.id), self.sensors.setdefault(point.id, _Sensor())
            if not reading.good or reading.value or sensor.told_since == reading.since:
                continue
            if self._worked_through(reading.since, now) >= NEVER_DAYS:
                sensor.told_since = reading.since
                yield (
                    point,
                    Phrase(
                        f"has seen nobody through {NEVER_DAYS} working days: the room stands empty, or the sensor sees nobody. Look at "
                        "the room; air conditioning and lights stay off until somebody is seen",
                        f"连续 {NEVER_DAYS} 个工作日未感知到任何人：房间确实空置，或传感器失灵。请到现场查看；感知到人之前空调和照明保持关闭",
                    ),
                )

    def upside_down(self, point: str) -> bool:
        """Whether a sensor still counts as wired the wrong way round."""
        return self.sensors.setdefault(point, _Sensor()).reversed_days >= REVERSED_DAYS

    # ------------------------------------------------------------------ what the sensor says

    def _worked_through(self, since: Instant, now: Instant) -> int:
        """Working days that opened after an instant, and have closed."""
        since = max(since, self.sure_since)
        if now - since < ALWAYS_DAYS * DAY:
            return 0
        on, last, count = (
            local_date(max(since, now - 30 * DAY), self.table.tz),
            local_date(now, self.table.tz),
            0,
        )
        while on <= last:
            pieces = self.table.day(on).intervals
            if pieces and pieces[0][0] >= since and pieces[-1][1] <= now:
                count += 1
            on += timedelta(days=1)
        return count

    def _open_for(self, since: Instant, now: Instant) -> float:
        """s of opening hours in the week before now, from an instant on."""
        since = max(since, self.sure_since, now - 7 * DAY)
        on, last, total = local_date(since, self.table.tz), local_date(now, self.table.tz), 0.0
        while on <= last:
            total += sum(
                max(0.0, min(end, now) - max(begin, since)) for begin, end in self.table.day(on).intervals
            )
            on += timedelta(days=1)
        return total

    def _always(self, reading: Reading, now: Instant) -> Phrase | None:
        if not reading.value or self.zone.kind is ZoneKind.DUTY:
            return None
        if self._worked_through(reading.since, now) < ALWAYS_DAYS:
            return None
        pieces = self.table.day(local_date(now, self.table.tz)).intervals
        if sum(end - begin for begin, end in pieces) > DAY * 0.9:
            return None  # open round the clock: somebody may be there all the time
        return Phrase(
            f"has seen somebody through {ALWAYS_DAYS} working days and their nights without a break: not believed until it changes; "
            "check the sensor",
            f"连续 {ALWAYS_DAYS} 个工作日连同夜间始终显示有人：变化之前不采信；请检查该传感器",
        )

    def _reversed(self, sensor: _Sensor, seen: Value, open_: bool) -> Phrase | None:
        if sensor.was_open and not open_ and sensor.open_looks and sensor.shut_looks:
            empty = sensor.open_seen <= 0.1 * sensor.open_looks
            nights = sensor.shut_seen >= 0.5 * sensor.shut_looks
            sensor.reversed_days = sensor.reversed_days + 1 if empty and nights else 0
            sensor.open_looks = sensor.open_seen = sensor.shut_looks = sensor.shut_seen = 0
        sensor.was_open = open_
        if isinstance(seen, bool) and open_:
            sensor.open_looks, sensor.open_seen = sensor.open_looks + 1, sensor.open_seen + seen
        elif isinstance(seen, bool):
            sensor.shut_looks, sensor.shut_seen = sensor.shut_looks + 1, sensor.shut_seen + seen
        if sensor.reversed_days < REVERSED_DAYS:
            return None
        return Phrase(
            f"saw nobody through {REVERSED_DAYS} working days, and somebody through their nights: wired the wrong way round? Then say "
            "`invert: true` in the site file; not believed until a day is as days are",
            f"连续 {REVERSED_DAYS} 个工作日白天无人、夜间有人：是否接反？如是，请在配置中写 invert: true；恢复正常之前不采信",
        )

    # ------------------------------------------------------------------ what else the room says

    def _gather(self, known: Known, now: Instant, together: dict[Instant, int]) -> None:
        """Take note of what has moved since the last look."""
        windows, moved_at = dict(self.windows), now
        for p in self.zone.sensors.get(Role.WINDOW, ()):
            reading = known.reading(p.id)
            if reading.good and now - reading.since >= SETTLED:
                # what its gateway makes of it while it starts is nobody's hand
                if windows.get(p.id, reading.value) != reading.value:
                    moved_at = reading.since
                windows[p.id] = reading.value
            elif not reading.good:
                windows.pop(p.id, None)
        beneath = _beneath(known, self.zone)
        if _moved(self.windows, windows):
            self.pending.append(_Sign(moved_at, _WINDOW))
        if _moved(self.beneath, beneath):
            together[now] = together.get(now, 0) + 1
            self.marks = [mark for mark in self.marks if now - mark < _MARKS_FOR]
            if self._by_hand(now):
                self.pending.append(_Sign(now, _HAND))
            self.marks.append(now)
        self.windows, self.beneath = windows, beneath
        self._breathe(known.figure(self.zone, Role.CO2), now)

    def _by_hand(self, now: Instant) -> bool:
        """Whether it was no timetable: a day was watched, and nothing was switched at this time on one before."""
        if now - self.began < DAY:
            return False
        return all(
            now - mark < DAY / 2 or min((now - mark) % DAY, -(now - mark) % DAY) > SAME_TIME
            for mark in self.marks
        )

    def _breathe(self, air: Reading, now: Instant) -> None:
        if not air.good or not isinstance(air.value, int | float):
            self.air = None
        elif self.air is None or air.value <= self.air[1] or now - self.air[0] > 6 * APART:
            self.air = (now, air.value)
        elif air.value - self.air[1] >= BREATH and air.value >= BREATHED:
            self.pending.append(_Sign(now, _AIR))
            self.air = (now, air.value)

    def _blind(self, presence: Reading, now: Instant, together: dict[Instant, int]) -> Phrase | None:
        """Why nobody can be seen by the sensors of a room that says otherwise."""
        due = [sign for sign in self.pending if now - sign.at >= SEEN_WITHIN]
        self.pending = [sign for sign in self.pending if now - sign.at < SEEN_WITHIN]
        if not presence.good or presence.value:
            self.signs = []
            return None
        for sign in due:
            if presence.since > sign.at - SEEN_WITHIN or not self.table.is_open(sign.at):
                continue
            if sign.what is _HAND and together.get(sign.at, 0) > TOGETHER:
                continue
            if not self.signs or sign.at - self.signs[-1].at >= APART:
                self.signs.append(sign)
        if len(self.signs) < SIGNS or self._open_for(presence.since, now) < UNSEEN_FOR:
            return None
        (one, first), (other, second) = self.signs[0], self.signs[-1]
        since, at, again = (clock(t, self.table.tz, now) for t in (presence.since, one, other))
        return Phrase(
            f"has seen nobody since {since}, while {first.en} at {at}, and {second.en} at {again}: not believed until it sees "
            "somebody; check the sensor",
            f"{since} 起一直显示无人，而 {at} {first.zh}、{again} {second.zh}：感知到人之前不采信；请检查该传感器",
        )


def _moved(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    return any(id_ in before and before[id_] != value for id_, value in after.items())


def _beneath(known: Known, zone: Zone) -> dict[str, object]:
    """What switches and settings of a room would be without us."""
    found: dict[str, object] = {}
    for unit in zone.equipment:
        for role in _SETTINGS:
            point = unit.points.get(role)
            array = known.arrays.get(point.id) if point is not None else None
            if point is not None and array is not None and array.above(known.site.priority) is None:
                found[point.id] = array.beneath(known.site.priority)
    return found
