"""What Home Assistant is told, against what its documentation takes (home-assistant.io, integrations mqtt, sensor, binary_sensor,
number, switch, button; read in November 2026): nothing of it would be refused there."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any, Final

from config.mqtt import Publish
from schedules.days import calendars
from schedules.seasons import Season
from schedules.time import Instant
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.telling.looking import Looking
from supervisor.telling.mqtt.asked import Askable
from supervisor.telling.mqtt.messages import parted, retained
from supervisor.telling.snapshot import Snapshot
from tests.contract.test_mqtt_published import building
from tests.unit.telling.test_mqtt_asked import SITE

assert SITE is not None
OFFICE: Final = SITE
TO: Final = Publish.model_validate({"broker": "mqtt://192.0.2.5", "requests": {"name": "x"}})
UNITS: Final = {"temperature": "°C", "humidity": "%", "carbon_dioxide": "ppm"}
"""Device classes of sensors that we use → a unit that each takes. All of them may be `measurement`."""
BINARY: Final = {"occupancy", "window", "running", "light", "power", "problem"}
KEYS: Final = {
    "sensor": {"stat_t", "unit_of_meas", "stat_cla", "dev_cla"},
    "binary_sensor": {"stat_t", "dev_cla"},
    "switch": {"stat_t", "cmd_t"},
    "number": {"stat_t", "cmd_t", "dev_cla", "unit_of_meas", "min", "max", "step", "mode"},
    "button": {"cmd_t", "pl_prs"},
}
"""Component → what we say of it beside `p`, `name` and `uniq_id`; each key is an abbreviation of the documentation's list."""
ID: Final = re.compile(r"[A-Za-z0-9_-]+")


def unread() -> Snapshot:
    """The example office at its start: nothing has been read yet."""
    days, known = calendars(OFFICE), Known(OFFICE)
    at: Instant = 1_784_100_000.0
    decider = Decider(OFFICE, known, days.tables, lambda _: (Season.SUMMER, math.inf))
    looking = Looking(OFFICE, decider)
    zones = [looking.zone(zone, at, changes=False) for zone in OFFICE.zones.values()]
    return replace(building(*zones), pairs=looking.pairs)


def test_no_entity_would_be_refused() -> None:
    """Ids, classes, units and topics of every zone of the example office: allowed together, unique, and published."""
    messages = retained(TO, unread(), "zh", Askable(OFFICE).sets)
    devices = {topic: json.loads(said) for topic, said in messages.items() if "/device/" in topic}
    assert len(devices) == len(OFFICE.zones)
    unique: list[str] = []
    for topic, device in devices.items():
        prefix, kind, id_, end = topic.split("/")
        assert (prefix, kind, end) == ("homeassistant", "device", "config")
        assert ID.fullmatch(id_)
        assert set(device) == {"dev", "o", "avty_t", "cmps"}
        assert device["o"]["name"]
        assert device["dev"]["ids"] == [id_]
        for name, component in device["cmps"].items():
            assert ID.fullmatch(name)
            allowed(component)
            unique.append(component["uniq_id"])
            assert component.get("stat_t", device["avty_t"]) in {*messages, device["avty_t"]}
    assert len(set(unique)) == len(unique) > 150


def allowed(component: dict[str, Any]) -> None:
    """What the documentation asks of one component."""
    kind = component["p"]
    assert component["name"]
    assert component["uniq_id"]
    assert set(component) - {"p", "name", "uniq_id"} <= KEYS[kind]
    if kind in ("sensor", "number"):
        assert component["unit_of_meas"] == UNITS[component["dev_cla"]]
        assert component.get("stat_cla", "measurement") == "measurement"
    if kind == "binary_sensor":
        assert component["dev_cla"] in BINARY
    if kind == "number":
        assert component["min"] < component["max"]
        assert component["step"] >= 0.001
        assert component["mode"] in ("auto", "box", "slider")


def test_a_start_takes_nothing_away() -> None:
    """Before anything was read the same is announced as afterwards, and each state is `None`."""
    messages = retained(TO, unread(), "zh")
    office = f"{TO.prefix}/town-hall/f2-office-201"
    for role in ("temperature", "cooling_setpoint", "heating_setpoint", "occupied", "hvac_on", "violation"):
        assert messages[f"{office}/{role}"] == "None", role
    assert f"{office}/humidity" not in messages


def test_what_a_zone_has_no_more_is_taken_from_home_assistant() -> None:
    """By its platform alone, once, before the message without it; a new sensor, another name or a garbled message take nothing."""
    topic = "homeassistant/device/town-hall__f2-office-201/config"
    before = retained(TO, unread(), "zh", Askable(OFFICE).sets)[topic]
    now = retained(TO, unread(), "zh")[topic]
    taken = json.loads(parted(before, now))["cmps"]
    assert taken["hvac_on_set"] == {"p": "switch"}
    assert taken["overtime_set"] == {"p": "button"}
    assert taken["temperature"] == json.loads(now)["cmps"]["temperature"]
    assert parted(now, before) == parted(now, now) == parted("", now) == parted("{", now) == ""


def test_sockets_have_a_state() -> None:
    """What can be switched is told of, too: a switch whose topic nobody publishes would never show how it stands."""
    sets = {"f2-office-201": {"plugs_on"}}
    seen = unread()
    seen = replace(
        seen,
        zones=tuple(
            replace(z, has_plugs=True, plugs_on=False) for z in seen.zones if z.id == "f2-office-201"
        ),
    )
    messages = retained(TO, seen, "en", sets)
    switch = json.loads(messages["homeassistant/device/town-hall__f2-office-201/config"])["cmps"][
        "plugs_on_set"
    ]
    assert messages[switch["stat_t"]] == "OFF"
