"""A picture of the building → retained messages: each zone's state by role, and its device for Home Assistant. Pure.

A topic for commands is named only where the site file takes requests, and only for what a person may hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from config.mqtt import Publish
from config.phrase import Lang, Phrase
from supervisor.telling.snapshot import Snapshot, ZoneStatus

UNKNOWN: Final = "None"
"""What is not known; Home Assistant shows it as unknown, for numbers and states alike."""
ONLINE, OFFLINE = "online", "offline"
_MAKER: Final = "building-supervisor"


class Told(NamedTuple):
    """A role of a zone: the field that has it, the field that says it is there (whether or not it is known now), and what it is to
    Home Assistant."""

    role: str
    there: str
    component: str
    kind: str
    unit: str
    name: Phrase


ROLES: Final = (
    Told("temperature", "has_temperature", "sensor", "temperature", "°C", Phrase("Temperature", "温度")),
    Told("humidity", "has_humidity", "sensor", "humidity", "%", Phrase("Humidity", "湿度")),
    Told("co2", "has_co2", "sensor", "carbon_dioxide", "ppm", Phrase("CO₂", "二氧化碳")),
    Told(
        "cooling_setpoint",
        "has_cooling_setpoint",
        "sensor",
        "temperature",
        "°C",
        Phrase("Cooling setpoint", "制冷设定"),
    ),
    Told(
        "heating_setpoint",
        "has_heating_setpoint",
        "sensor",
        "temperature",
        "°C",
        Phrase("Heating setpoint", "制热设定"),
    ),
    Told("occupied", "has_occupancy", "binary_sensor", "occupancy", "", Phrase("Occupied", "有人")),
    Told("window_open", "has_window", "binary_sensor", "window", "", Phrase("Window", "窗户")),
    Told("hvac_on", "has_hvac", "binary_sensor", "running", "", Phrase("Air conditioning", "空调")),
    Told("lights_on", "has_lights", "binary_sensor", "light", "", Phrase("Lights", "照明")),
    Told("plugs_on", "has_plugs", "binary_sensor", "power", "", Phrase("Sockets", "插座")),
    Told("violation", "", "binary_sensor", "problem", "", Phrase("Outside the rules", "违反规则")),
)
"""`violation` has no such field: it is there where a rule applies."""


def availability(to: Publish, building: str) -> str:
    """The topic that says whether we are there; the broker says no for us when we are gone."""
    return f"{to.prefix}/{building}/availability"


def state_topic(to: Publish, building: str, zone: str, role: str) -> str:
    """Where a role of a zone stands."""
    return f"{to.prefix}/{building}/{zone}/{role}"


def device_topic(to: Publish, building: str, zone: str) -> str:
    """Where Home Assistant looks for a zone's device."""
    return f"{to.discovery}/device/{_id(building, zone)}/config"


class Set(NamedTuple):
    """What can be asked of a zone, to Home Assistant: its component, what else is told of it, its name."""

    component: str
    more: Mapping[str, Any]
    name: Phrase


_DEGREES: Final = {
    "dev_cla": "temperature",
    "unit_of_meas": "°C",
    "min": 10,
    "max": 35,
    "step": 0.5,
    "mode": "box",
}
SETS: Final[Mapping[str, Set]] = {
    "hvac_on": Set("switch", {}, Phrase("Air conditioning by hand", "空调手动")),
    "lights_on": Set("switch", {}, Phrase("Lights by hand", "照明手动")),
    "plugs_on": Set("switch", {}, Phrase("Sockets by hand", "插座手动")),
    "cooling_setpoint": Set("number", _DEGREES, Phrase("Cooling setpoint by hand", "制冷设定手动")),
    "heating_setpoint": Set("number", _DEGREES, Phrase("Heating setpoint by hand", "制热设定手动")),
    "overtime": Set("button", {"pl_prs": '{"for": "1h"}'}, Phrase("Overtime for an hour", "加班一小时")),
    "release": Set("button", {"pl_prs": '{"for": "30min"}'}, Phrase("Hand back for half an hour", "释放半小时")),
}  # fmt: skip


def retained(
    to: Publish,
    seen: Snapshot,
    lang: Lang = "en",
    sets: Mapping[str, Collection[str]] | None = None,
) -> dict[str, str]:
    """Every retained message by its topic. `sets` is what can be asked of each zone. What is there does not hang on what is known:
    a start would take from Home Assistant what is not read yet."""
    found: dict[str, str] = {}
    judged = {zone for zone, _ in seen.pairs}
    for zone in seen.zones:
        told = []
        for each in ROLES:
            if getattr(zone, each.there) if each.there else zone.id in judged:
                told.append(each)
                found[state_topic(to, seen.building, zone.id, each.role)] = _payload(_value(zone, each.role))
        if to.discovered and told:
            device = _device(to, seen, zone, told, lang)
            device["cmps"].update(_sets(to, seen, zone, (sets or {}).get(zone.id, ()), lang))
            found[device_topic(to, seen.building, zone.id)] = json.dumps(device, ensure_ascii=False)
    return found


def ours(to: Publish, building: str) -> list[str]:
    """Under what to subscribe for all that we may have left at a broker; of devices those that `mine` says are ours."""
    return [f"{to.prefix}/{building}/+/+", *([f"{to.discovery}/device/+/config"] if to.discovered else [])]


def mine(to: Publish, building: str, topic: str, payload: str) -> bool:
    """Whether a retained message is of this building's: a device is by the availability that it names."""
    return topic.startswith(f"{to.prefix}/{building}/") or _said(payload).get("avty_t") == availability(
        to, building
    )


def left(to: Publish, building: str, held: Iterable[str], now: Mapping[str, str]) -> list[str]:
    """Topics of ours that the broker holds and that no zone has any more: each is emptied, and its zone's device with it."""
    gone = dict.fromkeys(topic for topic in held if topic not in now and topic != availability(to, building))
    beneath = f"{to.prefix}/{building}/"
    zones = {topic.split("/")[-2] for topic in gone if topic.startswith(beneath)}
    devices = [device_topic(to, building, zone) for zone in sorted(zones)] if to.discovered else []
    return [*gone, *(topic for topic in devices if topic not in now and topic not in gone)]


def parted(before: str, now: str) -> str:
    """A device's message that takes what it has no more from Home Assistant, to be followed by the message itself; empty
    where nothing is gone.

    What a message leaves out, Home Assistant keeps: a component goes when its platform alone is said of it
    (its documentation, "Device discovery payload").
    """
    had, has = _said(before).get("cmps"), _said(now)
    if not isinstance(had, dict) or "cmps" not in has:
        return ""
    gone = {
        name: {"p": was["p"]}
        for name, was in had.items()
        if name not in has["cmps"] and isinstance(was, dict) and "p" in was
    }
    return json.dumps(has | {"cmps": has["cmps"] | gone}, ensure_ascii=False) if gone else ""


def _said(payload: str) -> dict[str, Any]:
    """What a message says as JSON's object; nothing where it is none."""
    try:
        said = json.loads(payload) if payload else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _value(zone: ZoneStatus, role: str) -> float | bool | None:
    if role == "violation":
        judged = [said for said in zone.compliance.values() if said is not None]
        return not all(judged) if judged else None
    value: float | bool | None = getattr(zone, role)
    return value


def _payload(value: float | bool | None) -> str:
    if value is None:
        return UNKNOWN
    return ("ON" if value else "OFF") if isinstance(value, bool) else f"{round(value, 2):g}"


def _device(to: Publish, seen: Snapshot, zone: ZoneStatus, told: list[Told], lang: Lang) -> dict[str, Any]:
    """One device a zone. Its ids come from building and zone, which no renaming changes."""
    id_ = _id(seen.building, zone.id)
    return {
        "dev": {"ids": [id_], "name": zone.name, "mf": _MAKER, "mdl": zone.kind, "sw": seen.version},
        "o": {"name": _MAKER, "sw": seen.version},
        "avty_t": availability(to, seen.building),
        "cmps": {
            each.role: {
                "p": each.component, "name": getattr(each.name, lang), "uniq_id": f"{id_}__{each.role}", "dev_cla": each.kind,
                "stat_t": state_topic(to, seen.building, zone.id, each.role),
                **({"unit_of_meas": each.unit, "stat_cla": "measurement"} if each.unit else {}),
            }
            for each in told
        },
    }  # fmt: skip


def _sets(
    to: Publish, seen: Snapshot, zone: ZoneStatus, names: Collection[str], lang: Lang
) -> dict[str, Any]:
    """What can be asked of a zone, beside what is told of it."""
    id_, found = _id(seen.building, zone.id), {}
    for name, each in SETS.items():
        if name in names:
            topic = state_topic(to, seen.building, zone.id, name)
            state = {} if each.component == "button" else {"stat_t": topic}
            found[f"{name}_set"] = {
                "p": each.component, "name": getattr(each.name, lang), "uniq_id": f"{id_}__{name}_set",
                "cmd_t": f"{topic}/set", **state, **each.more,
            }  # fmt: skip
    return found


def _id(building: str, zone: str) -> str:
    """What Home Assistant takes for an id: letters, digits, `_` and `-`; of any other sign its number."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda sign: f"x{ord(sign[0]):x}", f"{building}__{zone}")
