"""What a point is for, and what values it can honestly have."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """The job of a point in its zone, equipment, building or meter."""

    # sensors of a zone
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    CO2 = "co2"
    OCCUPANCY = "occupancy"
    WINDOW = "window"
    LUX = "lux"
    # points of equipment
    START_STOP = "start_stop"
    RUN_STATUS = "run_status"
    FAULT = "fault"
    HAND_AUTO = "hand_auto"
    COOLING_SETPOINT = "cooling_setpoint"
    HEATING_SETPOINT = "heating_setpoint"
    SETPOINT = "setpoint"
    MODE = "mode"
    ACTION = "action"
    # points of the building
    OUTDOOR_TEMPERATURE = "outdoor_temperature"
    OUTDOOR_HUMIDITY = "outdoor_humidity"
    FIRE_ALARM = "fire_alarm"
    CHANGEOVER = "changeover"
    # meters and devices
    ENERGY = "energy"
    WATER = "water"
    HEARTBEAT = "heartbeat"


class Shape(StrEnum):
    """What a role's value is once decoded."""

    NUMBER = "number"
    FLAG = "flag"
    MODE = "mode"


class Mode(StrEnum):
    """An operating mode or a running action of equipment."""

    OFF = "off"
    COOL = "cool"
    HEAT = "heat"
    AUTO = "auto"
    FAN = "fan"
    DRY = "dry"


class RoleSpec(NamedTuple):
    """A role's shape, its unit (base units after decoding) and the range outside which a value is absurd."""

    shape: Shape
    unit: str
    low: float
    high: float
    meaning_zh: str


def _number(unit: str, low: float, high: float, zh: str) -> RoleSpec:
    return RoleSpec(Shape.NUMBER, unit, low, high, zh)


def _flag(zh: str) -> RoleSpec:
    return RoleSpec(Shape.FLAG, "", 0, 1, zh)


def _mode(zh: str) -> RoleSpec:
    return RoleSpec(Shape.MODE, "", 0, 255, zh)


ROLES: dict[Role, RoleSpec] = {
    Role.TEMPERATURE: _number("degC", -39, 84, "室温"),
    Role.HUMIDITY: _number("%RH", 0, 100, "相对湿度"),
    Role.CO2: _number("ppm", 0, 20_000, "二氧化碳"),
    Role.OCCUPANCY: _flag("有人"),
    Role.WINDOW: _flag("开窗"),
    Role.LUX: _number("lx", 0, 200_000, "照度"),
    Role.START_STOP: _flag("启停"),
    Role.RUN_STATUS: _flag("运行"),
    Role.FAULT: _flag("故障"),
    Role.HAND_AUTO: _flag("手自动"),
    Role.COOLING_SETPOINT: _number("degC", 5, 45, "制冷设定"),
    Role.HEATING_SETPOINT: _number("degC", 5, 45, "制热设定"),
    Role.SETPOINT: _number("degC", 5, 45, "温度设定"),
    Role.MODE: _mode("模式"),
    Role.ACTION: _mode("运行动作"),
    Role.OUTDOOR_TEMPERATURE: _number("degC", -60, 60, "室外温度"),
    Role.OUTDOOR_HUMIDITY: _number("%RH", 0, 100, "室外湿度"),
    Role.FIRE_ALARM: _flag("火警"),
    Role.CHANGEOVER: _mode("冷热切换"),
    Role.ENERGY: _number("J", 0, 1e18, "电量"),
    Role.WATER: _number("m3", 0, 1e12, "水量"),
    Role.HEARTBEAT: _flag("心跳"),
}
"""Plausible ranges are wide on purpose: they catch −273, 1e9 and a swapped wire, not bad weather. A room's leaves out the ends of
what sensors measure, which those say that have come off or have just started: -40 (4 mA of a loop), 85 (a DS18B20's first word)."""

SENSOR_ROLES = frozenset({Role.TEMPERATURE, Role.HUMIDITY, Role.CO2, Role.OCCUPANCY, Role.WINDOW, Role.LUX})
EQUIPMENT_ROLES = frozenset(
    {
        Role.START_STOP, Role.RUN_STATUS, Role.FAULT, Role.HAND_AUTO, Role.COOLING_SETPOINT,
        Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE, Role.ACTION,
    }
)  # fmt: skip
WRITABLE_ROLES = frozenset(
    {Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE, Role.HEARTBEAT}
)
"""Everything else is an input: a writable sensor is a mistake in the site file."""


class EquipmentKind(StrEnum):
    """What a piece of equipment is, which decides the rules that apply to it."""

    FCU = "fcu"
    VRF = "vrf"
    SPLIT = "split"
    VAV = "vav"
    AHU = "ahu"
    FRESH_AIR = "fresh_air"
    PLANT = "plant"
    LIGHTS = "lights"
    PLUGS = "plugs"
    SENSORS = "sensors"


HVAC_KINDS = frozenset(
    {EquipmentKind.FCU, EquipmentKind.VRF, EquipmentKind.SPLIT, EquipmentKind.VAV, EquipmentKind.AHU}
)
CIRCUIT_KINDS = frozenset({EquipmentKind.LIGHTS, EquipmentKind.PLUGS})
"""What is switched by circuit: one that several rooms share is off when every one of them wants it off."""
COMPRESSOR_KINDS = frozenset({EquipmentKind.VRF, EquipmentKind.SPLIT})
SERVING_KINDS = frozenset({EquipmentKind.AHU, EquipmentKind.FRESH_AIR, EquipmentKind.PLANT})
"""What may serve several zones and be told without being ours to command: it is there, and the rehearsal knows of it."""
REQUIRED_ROLES: dict[EquipmentKind, frozenset[Role]] = {
    kind: (
        frozenset()
        if kind is EquipmentKind.SENSORS or kind in SERVING_KINDS
        else frozenset({Role.START_STOP})
    )
    for kind in EquipmentKind
}
"""Roles that a template has. What stands in a zone has a start-stop whatever its kind."""


class ZoneKind(StrEnum):
    """What a zone is used for."""

    OFFICE = "office"
    MEETING = "meeting"
    HALL = "hall"
    LOBBY = "lobby"
    CORRIDOR = "corridor"
    STAIR = "stair"
    SERVER_ROOM = "server_room"
    CLINIC = "clinic"
    ARCHIVE = "archive"
    DUTY = "duty"
    OTHER = "other"


CIRCULATION = frozenset({ZoneKind.LOBBY, ZoneKind.CORRIDOR, ZoneKind.STAIR})
