"""What waits for a person's word and what goes into force by a save: every key of the site file is on one side."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from config.load import load_text
from config.phrase import Phrase
from supervisor.daemon.widening import widening
from tests.unit.daemon import test_every_key as keys
from tests.unit.daemon.test_every_key import Row, placed, speaks_two

TODAY = dt.date(2026, 7, 15)
LIVE = keys.SITE.replace("building: b\n", "building: b\ndry_run: false\n", 1)
_LIVE: Final = YAML(typ="safe").load(LIVE)
WAITS = {
    # the wire: what is written, where and how
    "SiteFile.priority", "PointEntry.invert", "PointEntry.state_texts", "PointEntry.priority_array", "TemplatePointEntry.object",
    "EquipmentPointEntry.object", "EquipmentEntry.at", "Device.instance", "Device.address", "Device.heartbeat",
    "Bacnet.bind", "Bacnet.port", "Bacnet.foreign", "Bacnet.bbmd", "Foreign.bbmd", "Foreign.ttl", "Bbmd.peers",
    # who decides
    "Template.kind", "Template.base", "EquipmentEntry.base", "Template.on_exit", "Template.warn", "EquipmentEntry.warn",
    "EquipmentEntry.template", "ZoneEntry.kind",
    # restraints
    "SiteFile.rules", "SiteFile.exemptions", "Exemption.zones", "Exemption.rules", "Exemption.until", "ZoneEntry.rules",

    # who may write by hand
    "Http.tokens", "Publish.requests",
    # lists of days
    "CalendarObject.refresh",
}  # fmt: skip
"""Keys whose row in the table of every key makes the building be written more."""
ROWS = {row[0]: row for row in keys.ROWS}


def lines(before: dict[str, Any], path: str, value: Any) -> list[Phrase]:
    """Why a live site whose file is changed in this one key has to wait."""
    tree = copy.deepcopy(_LIVE)
    for where, what in before.items():
        keys._set(tree, where, copy.deepcopy(what))
    old, _ = keys._site(tree)
    keys._set(tree, path, copy.deepcopy(value))
    new, _ = keys._site(tree)
    return widening(old, new, TODAY)


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> dict[str, str]:
    return keys.files.__wrapped__(tmp_path)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("row", keys.ROWS, ids=lambda row: row[0])
def test_a_key_waits_or_goes_into_force(row: Row, files: dict[str, str]) -> None:
    """Hours, limits, seasons, names and meters go into force; what is written more, or elsewhere, waits."""
    key, before, path, value, _ = row
    if key == "SiteFile.dry_run":
        return  # the site is live here
    found = lines(placed(before, files), path, placed(value, files))
    assert bool(found) == (key in WAITS), found
    speaks_two(found)


@pytest.mark.parametrize(
    ("before", "path", "value", "said"),
    [
        ({"dry_run": True}, "dry_run", False, "the dry run ends: 3 points"),
        ({"zones.room.dry_run": True}, "zones.room.dry_run", False, "the dry run ends: 2 points (ahu/start_stop, room/fcu/start_stop)"),
        ({f"{keys.FCU}.writable": False}, f"{keys.FCU}.writable", True, "made writable: 1 point"),
        ({"equipment.ahu.writable": False}, "equipment.ahu.writable", True, "made writable: 1 point (ahu/start_stop)"),
        ({"zones.store.equipment.lights.escape_route": True}, "zones.store.equipment.lights.escape_route", False, "made writable"),
        ({}, "zones.attic", {"hours": "office", "equipment": {"fcu": "ddc/70"}}, "new and writable: 1 point"),
        ({}, "templates.fcu.points.cooling_setpoint", {"object": "analog-value:0", "writable": True}, "made writable"),
        ({"templates.fcu.points.cooling_setpoint": {"object": "analog-value:0", "writable": True, "low": 24}},
         "templates.fcu.points.cooling_setpoint.low", 20, "may be written further"),
        ({"templates.fcu.compressor": True}, "templates.fcu.compressor", False, "no compressor to protect"),
        ({"templates.fcu.points.mode.writable": True}, "templates.fcu.points.mode.states", {1: "heat", 2: "cool"}, "mapped otherwise"),
        ({"devices.ddc.max_in_flight": 2}, "devices.ddc.max_in_flight", 16, "asked faster"),
        ({}, "stagger", "1s", "starts follow closer"),
        ({}, "writes_per_minute", 600, "more writes a minute: 120 → 600"),
        ({"points.fire_alarm": "ddc/binary-input:63"}, "points", {"outdoor_temperature": "ddc/analog-input:60"}, "the fire alarm"),
        ({"points.fire_alarm": "ddc/binary-input:63"}, "points.fire_alarm", {"at": "ddc/binary-input:63", "invert": True}, "the fire alarm"),
        ({"equipment.ahu.serves": ["room", "store"]}, "equipment.ahu.serves", ["room"], "serves fewer zones"),
        ({"rules": {"summer-setpoint": {"corrections_a_day": 2}}}, "rules.summer-setpoint.corrections_a_day", 6, "more corrections"),
        ({"devices.ddc.requests_per_second": 5}, "devices.ddc.requests_per_second", None, "asked faster"),
        ({}, "exemptions.0.until", "2026-08-01", "the exemption from window-off ends earlier"),
    ],
)  # fmt: skip
def test_it_says_why_it_waits(before: dict[str, Any], path: str, value: Any, said: str) -> None:
    """A line a cause, with the points."""
    found = lines(before, path, value)
    assert [line for line in found if line.en.startswith(said)], found
    speaks_two(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dry_run", True),
        (f"{keys.FCU}.writable", False),
        ("zones.store.equipment.lights.escape_route", True),
        ("stagger", "30s"),
        ("writes_per_minute", 10),
        ("devices.ddc.requests_per_second", 3),
        ("exemptions.0.until", "2029-12-31"),
        ("points.fire_alarm", "ddc/binary-input:63"),
        ("hours.office.workday", "17:30-09:00"),
        ("rules.min-off.off_for", "20min"),
    ],
)
def test_what_writes_less_goes_into_force(path: str, value: Any) -> None:
    """A way back to the dry run never waits."""
    assert lines({}, path, value) == []


def test_another_name_hides_nothing() -> None:
    """A zone that is renamed and taken over from its controller in one save: the objects on the wire are the same."""
    tree = copy.deepcopy(_LIVE)
    old, _ = keys._site(tree)
    tree["zones"]["salon"] = tree["zones"].pop("room") | {
        "equipment": {"fan": {"at": "ddc/0", "template": "fcu"}}
    }
    tree["equipment"]["ahu"]["serves"] = ["salon"]
    tree["exemptions"][0]["zones"] = ["salon"]
    tree["energyplus"]["zones"] = {"salon": "core"}
    renamed, _ = keys._site(tree)
    assert widening(old, renamed, TODAY) == []
    tree["templates"]["fcu"]["base"] = "supervisor"
    taken, _ = keys._site(tree)
    assert next(line.en for line in widening(old, taken, TODAY)).startswith("the supervisor decides")


def test_nothing_of_a_dry_building_waits() -> None:
    """An integrator at work is not asked at every save."""
    site = load_text(keys.SITE).site
    other = load_text(keys.SITE.replace("instance: 1001", "instance: 1002")).site
    assert site is not None
    assert other is not None
    assert widening(site, other, TODAY) == []
