"""Parts of a virtual building: zones, equipment and points as the site file would resolve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from config.file import Comfort, Envelope
from config.points import Point
from config.roles import COMPRESSOR_KINDS, ROLES, EquipmentKind, Role, ZoneKind
from config.rules import RuleSettings
from config.site import Equipment, Zone
from schedules.calendar import Calendar
from schedules.hours import Timetable
from schedules.types import Interval, SpecialDay, WeekHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = Calendar("CN")
OFFICE_HOURS = (Interval(9 * 60, 12 * 60), Interval(13 * 60, 17 * 60 + 30))
"""09:00 to 17:30 with a lunch closing."""
ZONE = "office-201"
FAN_COIL = (Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.MODE)
THERMOSTAT = (Role.START_STOP, Role.SETPOINT, Role.MODE)
SENSORS = (Role.TEMPERATURE, Role.OCCUPANCY, Role.WINDOW)
_COMMANDED = frozenset(
    {Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE}
)
_counter = 0


def point(
    id_: str, role: Role, *, writable: bool = False, priority_array: bool = True, **more: object
) -> Point:
    """A point of the virtual building."""
    global _counter
    _counter += 1
    made = Point(
        id_, role, "ddc", "binary-value", _counter, zone=ZONE, writable=writable, priority_array=priority_array,
        low=ROLES[role].low, high=ROLES[role].high,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type] # whatever a test changes


def equipment(
    name: str,
    kind: EquipmentKind,
    roles: Sequence[Role] = (Role.START_STOP,),
    *,
    base: str = "controller",
    writable: bool = True,
    priority_array: bool = True,
    escape_route: bool = False,
    warn: str = "none",
    object_type: str = "binary-value",
) -> Equipment:
    """A piece of equipment with a point a role; what can be commanded is writable."""
    id_ = f"{ZONE}/{name}"
    points = {
        role: point(
            f"{id_}/{role}",
            role,
            writable=writable and role in _COMMANDED,
            priority_array=priority_array,
            equipment=id_,
            object_type=object_type,
        )
        for role in roles
    }
    return Equipment(
        id_, name, kind, base, (ZONE,), points,
        compressor=kind in COMPRESSOR_KINDS, escape_route=escape_route, warn=warn,
    )  # fmt: skip


def fan_coil(roles: Sequence[Role] = FAN_COIL, **more: object) -> Equipment:
    """A fan coil with a cooling and a heating setpoint."""
    return equipment("fcu", EquipmentKind.FCU, roles, **more)  # type: ignore[arg-type] # passed on


def lamps(**more: object) -> Equipment:
    """A lighting circuit."""
    return equipment("lights", EquipmentKind.LIGHTS, **more)  # type: ignore[arg-type] # passed on


def zone(
    *parts: Equipment,
    kind: ZoneKind = ZoneKind.OFFICE,
    sensors: Sequence[Role] = SENSORS,
    windows: int = 1,
    rules: RuleSettings | None = None,
    served_by: tuple[str, ...] = (),
) -> Zone:
    """A zone with one sensor a role, and as many window contacts as asked for."""
    placed: dict[Role, tuple[Point, ...]] = {}
    for role in sensors:
        count = windows if role is Role.WINDOW else 1
        placed[role] = tuple(point(f"{ZONE}/{role}-{n + 1}", role) for n in range(count))
    return Zone(
        ZONE, "Office 201", kind, "office", 2, 40.0, 4.0, False, rules or RuleSettings(), Comfort(), parts,
        placed, (), Envelope(), served_by=served_by,
    )  # fmt: skip


def timetable(
    workday: tuple[Interval, ...] = OFFICE_HOURS,
    specials: Sequence[SpecialDay] = (),
    tz: ZoneInfo = SHANGHAI,
    week: WeekHours | None = None,
) -> Timetable:
    """The hours of the virtual building: weekdays of China's calendar."""
    return Timetable(tz, CHINA, week or WeekHours(workday=workday), specials, "office")


def early_closing(day: str, close: int) -> SpecialDay:
    """A day that closes at `close` minutes after midnight."""
    on = date.fromisoformat(day)
    return SpecialDay(on, on, close=close)
