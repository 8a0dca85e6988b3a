"""Golden days: what happens in the building, told hour by hour, and what must follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from config.roles import EquipmentKind, Role
from config.rules import RuleId
from config.site import Zone
from drivers.readings import Quality
from schedules.hours import Timetable
from schedules.seasons import Season
from schedules.time import local_date
from schedules.types import Overtime
from supervisor.core.decisions import Because, Notice, Outcome
from supervisor.core.rules.common import At, plant_request
from supervisor.core.views import Manual, Release
from tests.unit.core import parts
from tests.unit.core.building import KNOB, Building

UNKNOWN = "unknown"
_SENSORS = {
    "people": Role.OCCUPANCY,
    "temperature": Role.TEMPERATURE,
    "humidity": Role.HUMIDITY,
    "co2": Role.CO2,
    "lux": Role.LUX,
}
_SETTINGS = {
    "cooling": Role.COOLING_SETPOINT,
    "heating": Role.HEATING_SETPOINT,
    "setpoint": Role.SETPOINT,
    "mode": Role.MODE,
}
_STATUS = {"run_status": Role.RUN_STATUS, "hand": Role.HAND_AUTO, "action": Role.ACTION}


class Day:
    """A day in one zone, from 06:00 on. `at` lets time pass and things happen, `expect` looks."""

    def __init__(
        self,
        zone: Zone | None = None,
        *,
        on: str = "2026-07-15",
        season: Season = Season.SUMMER,
        timetable: Timetable | None = None,
        start: str = "06:00",
    ) -> None:
        self.timetable = timetable or parts.timetable()
        self.building = Building(
            zone or parts.zone(parts.fan_coil(), parts.lamps()),
            self.timetable,
            self._instant(date.fromisoformat(on), start),
            season=season,
        )
        present = {"people": 1, "temperature": 24.0, "humidity": 50.0, "co2": 600.0, "lux": 20.0}
        for name, value in present.items():
            self._sense(name, value)
        self._windows("closed")
        self._status_of("run_status", True)

    # ------------------------------------------------------------------ time and happenings

    def at(self, clock: str, **happens: Any) -> Day:
        """Let time pass until `clock` (the next day's where it has gone by), then let things happen."""
        self.building.advance(self.when(clock))
        for name, value in happens.items():
            self._happen(name, value)
        self.building.decide()
        return self

    def when(self, clock: str) -> float:
        """The next instant at which the wall clock shows `clock` (HH:MM or HH:MM:SS)."""
        now = self.building.now
        on = local_date(now, self.timetable.tz)
        found = self._instant(on, clock)
        return found if found >= now else self._instant(on + timedelta(days=1), clock)

    def _instant(self, on: date, clock: str) -> float:
        return datetime.combine(on, time.fromisoformat(clock), self.timetable.tz).timestamp()

    def _happen(self, name: str, value: Any) -> None:
        if name in _SENSORS:
            self._sense(name, value)
        elif name.startswith("window"):
            self._windows(str(value), name.removeprefix("window"))
        elif name in _STATUS:
            self._status_of(name, value)
        elif name in ("fire", "outdoor", "changeover"):
            unknown = value == UNKNOWN
            self.building.put_fact(name, None if unknown else value, Quality(int(unknown)))
        else:
            _DEEDS[name](self, value)

    def _sense(self, name: str, value: Any) -> None:
        for point in self.building.zone.sensors.get(_SENSORS[name], ()):
            if value == UNKNOWN:
                self.building.put(point.id, None, Quality.STALE)
            else:
                self.building.put(point.id, bool(value) if name == "people" else float(value))

    def _windows(self, state: str, which: str = "") -> None:
        for point in self.building.zone.sensors.get(Role.WINDOW, ()):
            if not which or point.id.endswith(f"-{which.strip('_')}"):
                if state == UNKNOWN:
                    self.building.put(point.id, None, Quality.STALE)
                else:
                    self.building.put(point.id, state == "open")

    def _status_of(self, name: str, value: Any) -> None:
        for item in self.building.zone.equipment:
            point = item.points.get(_STATUS[name])
            if point is not None:
                quality = Quality.STALE if value == UNKNOWN else Quality.GOOD
                self.building.put(point.id, None if value == UNKNOWN else value, quality)

    def _slot(self, what: str, slot: int, value: Any) -> None:
        output = self.building.outputs[self._point(what)]
        if not output.point.priority_array:
            output.default = value
        elif value is None:
            output.slots.pop(slot, None)
        else:
            output.slots[slot] = value

    def _point(self, what: str) -> str:
        """The point behind a word of the story."""
        if what == "request":
            return plant_request(self.building.zone)
        if what in _SETTINGS:
            items = [e for e in self.building.zone.equipment if _SETTINGS[what] in e.points]
            return items[0].points[_SETTINGS[what]].id
        kinds: dict[str, Callable[[EquipmentKind], bool]] = {
            "lights": lambda kind: kind is EquipmentKind.LIGHTS,
            "sockets": lambda kind: kind is EquipmentKind.PLUGS,
            "fresh_air": lambda kind: kind is EquipmentKind.FRESH_AIR,
        }
        fits = kinds.get(what)
        for item in self.building.zone.equipment:
            if (fits(item.kind) if fits else item.hvac) and Role.START_STOP in item.points:
                return item.points[Role.START_STOP].id
        raise AssertionError(f"no {what} in this zone")

    # ------------------------------------------------------------------ looking

    def outcome(self, what: str) -> Outcome:
        """The outcome of the point behind a word."""
        assert self.building.answer is not None
        return self.building.answer.outcomes[self._point(what)]

    def expect(self, *, rule: str | None = None, slot: Any = ..., **seen: Any) -> Day:
        """What must stand now. `rule` decided each point named, `slot` is what ours holds on it (None: NULL)."""
        for what, wanted in seen.items():
            point = self._point(what)
            here = datetime.fromtimestamp(self.building.now, self.timetable.tz)
            if point in self.building.outputs:
                found = self.building.outputs[point].value()
                value = {"on": True, "off": False}.get(str(wanted), wanted)
                assert found == value, f"{here}: {what} is {found}, not {wanted}: {self.outcome(what)}"
            else:
                assert self.outcome(what).decision.value == wanted, f"{here}: {self.outcome(what)}"
            if rule is not None:
                assert self.outcome(what).decision.rule == rule, f"{here}: {self.outcome(what)}"
            if slot is not ...:
                assert self.building.outputs[point].ours == slot, f"{here}: {self.building.outputs[point]}"
        return self

    def why(self, what: str) -> tuple[str, str]:
        """The reason of the point behind a word in English and Chinese, instants as the wall clock shows them."""
        return self.words(self.outcome(what).decision.reason)

    def words(self, reason: Because) -> tuple[str, str]:
        """A reason in both languages."""
        shown = tuple(
            datetime.fromtimestamp(arg, self.timetable.tz).strftime("%H:%M") if isinstance(arg, At) else arg
            for arg in reason.args
        )
        said = reason._replace(args=shown)
        return str(said), said.in_chinese()

    def complies(self, **rules: bool | None) -> Day:
        """How the zone stands to rules now; underscores for hyphens. None: not measurable."""
        assert self.building.answer is not None
        for name, wanted in rules.items():
            found = self.building.answer.compliance[RuleId(name.replace("_", "-"))]
            assert found is wanted, f"{name}: {found}, not {wanted}"
        return self

    def told(self, kind: str, rule: str) -> list[Notice]:
        """The distinct notices of a kind so far."""
        return list(dict.fromkeys(n for n in self.building.notices if n.kind == kind and n.rule == rule))


def _knob(role: str) -> Callable[[Day, Any], None]:
    return lambda day, value: day._slot(role, KNOB, value)


def _overtime(day: Day, value: Any) -> None:
    until, who = value
    request = Overtime(day.building.now, day.when(until), who)
    day.building.overtime = (*day.building.overtime, request)


def _held(day: Day, value: Any) -> None:
    what, slot, command = value
    day._slot(what, slot, command)


def _exempt(day: Day, value: Any) -> None:
    rule, until = value
    day.building.exempt_until[RuleId(rule)] = until


def _season(day: Day, value: Any) -> None:
    day.building.season = None if value is None else Season(str(value))


def _release(day: Day, value: Any) -> None:
    request = Release(day.when(str(value)), "Wang")
    day.building.released = dict.fromkeys(day.building.plan.points, request)


def _by_hand(day: Day, value: Any) -> None:
    what, command, until = value
    word = Manual(command, day.building.now, day.when(until), "Wang", "a visit")
    day.building.manual = {**day.building.manual, day._point(what): word}


_DEEDS: dict[str, Callable[[Day, Any], None]] = {
    "cooling_knob": _knob("cooling"),
    "heating_knob": _knob("heating"),
    "setpoint_knob": _knob("setpoint"),
    "mode_knob": _knob("mode"),
    "hvac_switch": _knob("hvac"),
    "light_switch": _knob("lights"),
    "overtime": _overtime,
    "held": _held,
    "exempt": _exempt,
    "season": _season,
    "release": _release,
    "by_hand": _by_hand,
}
