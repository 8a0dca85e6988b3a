"""The controllers of a simulated building: which objects each device of a site file shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.points import Point, Value
from config.roles import ROLES, EquipmentKind, Mode, Role, Shape
from config.site import Equipment, Site
from config.units import UNITS
from drivers.values import encode
from simulator.bacnet.front import LIGHTING, DeviceSpec, ObjectSpec
from simulator.bacnet.front import UNITS as BACNET

_UNITS: Mapping[int | None, str] = {number: name for name, number in BACNET.items()}
_COV_INCREMENT = {"degC": 0.1, "%RH": 1.0, "ppm": 25.0, "lx": 10.0, "J": 0.1, "m3": 0.01}
_EGRESS = 300
"""s of the site clock: as commissioned where a plan wants people warned five minutes ahead."""
FACTORY: Mapping[Role, Value] = {
    Role.COOLING_SETPOINT: 26.0,
    Role.HEATING_SETPOINT: 20.0,
    Role.SETPOINT: 26.0,
    Role.MODE: Mode.COOL,
    Role.TEMPERATURE: 26.0,
    Role.HUMIDITY: 55.0,
    Role.CO2: 450.0,
    Role.OUTDOOR_TEMPERATURE: 28.0,
    Role.OUTDOOR_HUMIDITY: 60.0,
}
"""What a controller shows before anybody has touched it, in the role's unit."""


def devices_of(site: Site, speed: float = 1.0) -> tuple[DeviceSpec, ...]:
    """Every device of the site with its objects. ValueError for a device without a loopback address.

    At `speed` site seconds a second, a lamp that warns by itself is commissioned with so much less Egress_Time, in
    whole seconds and rather shorter than longer: like any controller's it runs in wall seconds.
    """
    return tuple(_device(site, device, int(_EGRESS / speed)) for device in site.devices)


def falls_back_on(site: Site, point: Point) -> bool:
    """Whether a start-stop means 'on' when nobody commands it.

    As in many buildings: fan coils and air handlers run until somebody stops them, lights of circulation are
    lit, lights of rooms are dark until somebody switches them on.
    """
    equipment = _equipment(site, point)
    if equipment is None or point.role is not Role.START_STOP:
        return False
    if equipment.kind is EquipmentKind.LIGHTS:
        return point.zone is not None and site.zones[point.zone].circulation
    return True


def _equipment(site: Site, point: Point) -> Equipment | None:
    if point.zone is not None:
        return next((e for e in site.zones[point.zone].equipment if point in e.points.values()), None)
    return next((e for e in site.shared.values() if point in e.points.values()), None)


def _device(site: Site, device_id: str, egress: int) -> DeviceSpec:
    device = site.devices[device_id]
    host, _, port = (device.address or "").partition(":")
    if not host.startswith("127."):
        raise ValueError(f"device {device_id}: the simulated building needs a loopback address, 127.0.0.x")
    points = [p for p in site.points.values() if p.device == device_id]
    return DeviceSpec(
        device_id,
        device.instance,
        host,
        int(port or 47808),
        tuple(_objects(site, points, egress)),
        model_name=device.name,
        calendars=tuple(o.instance for o in site.calendar_objects if o.device == device_id),
    )


def _objects(site: Site, points: Iterable[Point], egress: int) -> Iterable[ObjectSpec]:
    seen = set()
    for point in points:
        key = (point.object_type, point.instance)
        if key not in seen:
            seen.add(key)
            yield _object(site, point, egress)


def _object(site: Site, point: Point, egress: int) -> ObjectSpec:
    spec = ROLES[point.role]
    analog = point.object_type.startswith("analog")
    commandable = not point.object_type.endswith("-input") and point.priority_array
    initial = _initial(site, point)
    states: tuple[str, ...] = ()
    if point.object_type.startswith("multi-state"):
        states = tuple(str(point.states.get(i + 1, "unused")) for i in range(max(point.states, default=1)))
    elif point.object_type.startswith("binary"):
        states = ("on", "off") if point.invert else ("off", "on")
    return ObjectSpec(
        point.object_type,
        point.instance,
        point.id,
        _unit(point) if analog else None,
        initial,
        initial if commandable else None,
        _COV_INCREMENT.get(spec.unit) if analog else None,
        states,
        spec.meaning_zh,
        egress if point.object_type == LIGHTING else 0,
    )


def _unit(point: Point) -> str:
    """What its controller says that it counts in: the unit of the site file, or else the role's."""
    unit = point.unit or ROLES[point.role].unit
    return _UNITS.get(UNITS[unit].number, "no-units") if unit in UNITS else "no-units"


def _initial(site: Site, point: Point) -> float | int:
    if point.role is Role.START_STOP:
        return encode(point, falls_back_on(site, point))
    value = FACTORY.get(point.role)
    if ROLES[point.role].shape is Shape.FLAG:
        return encode(point, False)
    if ROLES[point.role].shape is Shape.MODE and value not in point.states.values():
        return min(point.states, default=1)
    return encode(point, value if value is not None else 0.0)
