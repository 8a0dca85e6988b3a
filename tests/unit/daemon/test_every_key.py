"""A reload tells the truth: whatever key of the site file is changed, a line says so, in both languages."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import functools
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

import pyenergyplus
import pytest
from ruamel.yaml import YAML

from config.load import load_text
from config.phrase import Phrase
from config.rules import RuleSettings
from config.schema import sections
from config.section import Section
from config.site import Site
from schedules.days import Calendars, calendars
from supervisor.daemon.changes import NOTHING, RESTART, difference

WEATHER = next((Path(pyenergyplus.__file__).parent / "data" / "weather").glob("USA_CA_Fresno*.epw"))
NOON = dt.datetime(2026, 7, 15, 12, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
SITE = """
version: 1
building: b
timezone: Asia/Shanghai
hours:
  office: {workday: 09:00-17:00}
  late: {workday: 09:00-22:00}
special_days:
  - {date: 2026-09-30, hours: 09:00-12:00, name: inventory}
exemptions:
  - {zones: [room], rules: [window-off], reason: servers, approver: Wang, until: 2028-12-31}
season:
  method: dates
  dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}
  override: {season: summer, until: 2026-12-31, name: Wang}
zones:
  room:
    hours: office
    equipment: {fcu: ddc/0}
    sensors: {temperature: ddc/analog-input:50}
  store:
    hours: office
    equipment: {lights: {at: ddc/20, escape_route: false}}
equipment:
  ahu: {at: ddc/30, serves: [room]}
points:
  outdoor_temperature: ddc/analog-input:60
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
  part: {subitem: hvac, point: {at: ddc/analog-input:71, unit: kWh}}
templates:
  fcu: {kind: fcu, points: {start_stop: {object: binary-output:0, writable: true}, cooling_setpoint: analog-value:0, mode: {object: multi-state-value:0, states: {1: cool, 2: heat}}}}
  ahu: {kind: ahu, points: {start_stop: {object: binary-output:0, writable: true}}}
  lights: {kind: lights, points: {start_stop: {object: binary-output:0, writable: true}}}
  lamps: {kind: lights, points: {start_stop: {object: binary-output:0, writable: true}}}
devices:
  ddc: {instance: 1001, address: 192.0.2.1}
energyplus: {model: small_office, zones: {room: core}}
savings:
  baseline: {from: 2024-01-01, to: 2024-12-31}
  since: 2025-01-01
  events: [{from: 2025-05-01, to: 2025-05-07, note: a fair}]
"""
_TREE: Final = YAML(typ="safe").load(SITE)
FCU = "templates.fcu.points.start_stop"
TARIFF = {
    "tariff": {
        "prices": {"sharp": 1.4, "peak": 1.1, "flat": 0.68, "valley": 0.33, "deep_valley": 0.2},
        "hours": [{"peak": "08:00-11:00", "valley": "23:00-07:00"}],
    }
}
FOREIGN = {"bacnet.foreign": {"bbmd": "192.0.2.9"}}
SECURE = {
    "bacnet.stack": "rusty",
    "bacnet.sc": {"hub": "wss://192.0.2.9", "ca": "a", "certificate": "c", "key": "k"},
    "devices.ddc": {"instance": 1001},
}
BBMD = {"bacnet.bbmd": {"peers": ["192.0.2.9"]}}
HEATING = {"method": "heating", "heating": {"from": "11-15", "to": "03-15"}}
RANGE = {"special_days": [{"from": "2026-11-02", "to": "2026-11-03", "hours": "closed"}]}
CLOSE = {"special_days": [{"date": "2026-11-02", "close": "16:00"}]}
ORGANISED = {"organisations": {"tax": {"name": "Tax office"}}}
GROWN = {
    "area_m2": [{"from": "2025-01-01", "area_m2": 900}, {"from": "2026-03-01", "area_m2": 950}],
    "people": [{"people": 90}, {"from": "2026-03-01", "people": 95}],
}
TRIAL = {
    "dry_run": False,
    "trial": {
        "start": "2027-03-01",
        "seed": 1,
        "commissioning": {"approver": "Wang", "reason": "why not", "until": "2028-12-31"},
    },
}
BROKER: dict[str, Any] = {
    "devices.zb": {
        "instance": 9001,
        "mqtt": {
            "broker": "mqtts://192.0.2.5",
            "user": "bs",
            "password_file": "p",
            "certificate": "c",
            "key": "k",
            "topics": {"binary-input:1": {"topic": "zigbee2mqtt/room", "refresh": "15min"}},
        },
    }
}
COMMON: dict[str, Any] = {}
Row: TypeAlias = tuple[str, dict[str, Any], str, Any, str]

ROWS: list[Row] = [
    # key, what is written before besides SITE, path, new value, what must be told of it
    ("SiteFile.name", COMMON, "name", "Town hall", "name: b → Town hall"),
    ("SiteFile.language", COMMON, "language", "zh", "language: none → zh"),
    ("SiteFile.timezone", COMMON, "timezone", "Asia/Tokyo", "timezone: Asia/Shanghai → Asia/Tokyo"),
    ("SiteFile.area_m2", COMMON, "area_m2", 900, "area_m2: none → 900"),
    ("SiteFile.heated_m2", COMMON, "heated_m2", 800, "heated_m2: none → 800"),
    ("SiteFile.people", COMMON, "people", 90, "people: none → 90"),
    ("SiteFile.dry_run", COMMON, "dry_run", False, "dry_run: true → false"),
    ("SiteFile.hours", COMMON, "hours.night", "22:00-06:00", "night: new opening hours"),
    ("SiteFile.special_days", COMMON, "special_days", [], "special days: 1 removed"),
    ("SiteFile.calendar", COMMON, "calendar", {"country": "DE"}, "calendar.country: CN → DE"),
    ("SiteFile.season", COMMON, "season", {"method": "temperature"}, "season.method: dates → temperature"),
    ("SiteFile.comfort", COMMON, "comfort", {"low": 18}, "comfort.low: 19.0 → 18.0: 2 zones"),
    ("SiteFile.rules", COMMON, "rules", {"min-off": {"off_for": "9min"}}, "rules.min-off.off-for: 600.0 → 540.0"),
    ("SiteFile.exemptions", COMMON, "exemptions", [], "exemption of room from window-off: removed"),
    ("SiteFile.zones", COMMON, "zones.attic", {"hours": "office"}, "zone attic: new"),
    ("SiteFile.equipment", COMMON, "equipment", {}, "equipment ahu: removed"),
    ("SiteFile.points", {"savings": None}, "points", {}, "1 point removed"),
    ("SiteFile.meters", COMMON, "meters", {}, "meter main: removed"),
    ("SiteFile.organisations", COMMON, "organisations.tax", {"name": "Tax office"}, "organisation tax: new"),
    ("SiteFile.statistics", COMMON, "statistics", {"region": "north"}, "statistics.region: national → north"),
    ("SiteFile.templates", COMMON, "templates.fcu.points.cooling_setpoint", "analog-value:1", "mapped otherwise (object)"),
    ("SiteFile.devices", COMMON, "devices.two", {"instance": 5}, "device two: new"),
    ("SiteFile.plant", COMMON, "plant", {"heater": "electric"}, "plant.heater: none → electric (for the rehearsal)"),
    ("SiteFile.energyplus", COMMON, "energyplus.timesteps", 6, "energyplus.timesteps: 60 → 6 (for the rehearsal)"),
    ("SiteFile.priority", COMMON, "priority", 11, "priority: 10 → 11"),
    ("SiteFile.stagger", COMMON, "stagger", "9s", "stagger: 5.0 → 9.0"),
    ("SiteFile.writes_per_minute", COMMON, "writes_per_minute", 60, "writes_per_minute: 120 → 60"),
    ("SiteFile.settle", COMMON, "settle", "30s", "settle: 10.0 → 30.0"),
    ("SiteFile.bacnet", COMMON, "bacnet", {"stack": "rusty"}, "bacnet.stack: bac0 → rusty"),
    ("SiteFile.http", COMMON, "http", {"port": 8027}, "http.port: 8026 → 8027 (needs a restart)"),
    ("SiteFile.readings_for", COMMON, "readings_for", "30d", "readings_for: 7776000.0 → 2592000.0"),
    ("SiteFile.audit_years", COMMON, "audit_years", 10, "audit_years: 5 → 10"),
    ("SiteFile.database", COMMON, "database", "sqlite:////tmp/b.sqlite3", "database: another one (needs a restart)"),
    ("WeekHours.workday", COMMON, "hours.office.workday", "09:00-16:00", "closes 17:00 → 16:00"),
    *(
        (f"WeekHours.{day}", COMMON, f"hours.office.{day}", "10:00-15:00", f"office {told}")
        for day, told in (
            ("monday", "opens 09:00 → 10:00"), ("tuesday", "opens 09:00 → 10:00"),
            ("wednesday", "opens 09:00 → 10:00"), ("thursday", "opens 09:00 → 10:00"),
            ("friday", "opens 09:00 → 10:00"), ("saturday", "is open from 07-18"), ("sunday", "is open from 07-19"),
            ("weekend", "is open from 07-18"), ("holiday", "is open from"), ("makeup_workday", "opens 09:00 → 10:00"),
        )
    ),
    ("SpecialDayEntry.date", COMMON, "special_days.0.date", "2026-09-29", "office closes 17:00 → 12:00 from 09-29"),
    ("SpecialDayEntry.from", RANGE, "special_days.0.from", "2026-11-01", "special days: 1 added, 1 removed"),
    ("SpecialDayEntry.to", RANGE, "special_days.0.to", "2026-11-04", "special days: 1 added, 1 removed"),
    ("SpecialDayEntry.hours", COMMON, "special_days.0.hours", "closed", "office is closed from 09-30"),
    ("SpecialDayEntry.close", CLOSE, "special_days.0.close", "15:00", "closes 16:00 → 15:00 from 11-02"),
    ("SpecialDayEntry.groups", COMMON, "special_days.0.groups", ["office"], "special days: 1 added, 1 removed"),
    ("SpecialDayEntry.name", COMMON, "special_days.0.name", "stock", "special days: 1 added, 1 removed"),
    ("Exemption.zones", COMMON, "exemptions.0.zones", ["store"], "exemption of store from window-off: new"),
    ("Exemption.rules", COMMON, "exemptions.0.rules", ["vacancy-off"], "exemption of room from vacancy-off: new"),
    ("Exemption.reason", COMMON, "exemptions.0.reason", "archive", "window-off: reason or approver"),
    ("Exemption.approver", COMMON, "exemptions.0.approver", "Li", "window-off: reason or approver"),
    ("Exemption.until", COMMON, "exemptions.0.until", "2027-12-31", "until 2028-12-31 → 2027-12-31"),
    ("Season.method", COMMON, "season.method", "temperature", "season.method: dates → temperature"),
    *(
        (f"SeasonDates.{season}", COMMON, f"season.dates.{season}", day, f"season.dates.{season}: ")
        for season, day in (("spring", "03-21"), ("summer", "06-02"), ("autumn", "10-02"), ("winter", "12-02"))
    ),
    ("Season.dates", {"season.method": "temperature"}, "season.dates", None, "season.dates: "),
    ("Season.heating", COMMON, "season", HEATING, "season.heating: "),
    ("HeatingDates.from", {"season": HEATING}, "season.heating.from", "11-16", "season.heating.first: "),
    ("HeatingDates.to", {"season": HEATING}, "season.heating.to", "03-16", "season.heating.last: "),
    ("Season.override", COMMON, "season.override", None, "season.override: "),
    ("SeasonOverride.season", COMMON, "season.override.season", "autumn", "season.override.season: summer → autumn"),
    ("SeasonOverride.until", COMMON, "season.override.until", "2026-11-30", "season.override.until: "),
    ("SeasonOverride.name", COMMON, "season.override.name", "Li", "season.override.name: Wang → Li"),
    ("Season.hemisphere", COMMON, "season.hemisphere", "south", "season.hemisphere: north → south"),
    ("Season.weather", COMMON, "season.weather", "WEATHER", "season.weather: none → "),
    ("Calendar.country", COMMON, "calendar.country", "DE", "calendar.country: CN → DE"),
    ("Calendar.subdivision", {"calendar.country": "DE"}, "calendar.subdivision", "BY", "calendar.subdivision: none → BY"),
    ("Calendar.holiday_cn", COMMON, "calendar.holiday_cn", ["HOLIDAYS"], "calendar.holiday-cn: none → "),
    ("Calendar.ics", COMMON, "calendar.ics", ["ICS"], "calendar.ics: none → "),
    ("IcsEntry.file", {"calendar.ics": ["ICS"]}, "calendar.ics", ["ICS2"], "calendar.ics: "),
    ("IcsEntry.means", {"calendar.ics": ["ICS"]}, "calendar.ics", [{"file": "ICS", "means": {"clean": "closed"}}], "calendar.ics: "),
    ("Comfort.low", COMMON, "zones.room.comfort.low", 18, "zone room: comfort.low: 19.0 → 18.0"),
    ("Comfort.high", COMMON, "comfort.high", 26, "comfort.high: 27.0 → 26.0: 2 zones"),
    ("PointEntry.writable", COMMON, f"{FCU}.writable", False, "mapped otherwise (writable)"),
    ("PointEntry.invert", COMMON, f"{FCU}.invert", True, "mapped otherwise (invert)"),
    ("PointEntry.unit", COMMON, "meters.main.point.unit", "MWh", "1 point mapped otherwise (unit)"),
    ("PointEntry.factor", COMMON, "meters.main.point.factor", 40, "1 point mapped otherwise (factor)"),
    ("PointEntry.scale", COMMON, "meters.main.point", {"at": "ddc/accumulator:7", "unit": "kWh", "scale": 0.1}, "mapped otherwise (object, scale)"),
    ("PointEntry.states", COMMON, "templates.fcu.points.mode.states", {1: "heat", 2: "cool"}, "(states)"),
    ("PointEntry.state_texts", COMMON, f"{FCU}.state_texts", False, "mapped otherwise (state_texts)"),
    ("PointEntry.priority_array", COMMON, f"{FCU}.priority_array", False, "mapped otherwise (priority_array)"),
    ("PointEntry.low", COMMON, "templates.fcu.points.cooling_setpoint", {"object": "analog-value:0", "low": 20}, "(low)"),
    ("PointEntry.high", COMMON, "templates.fcu.points.cooling_setpoint", {"object": "analog-value:0", "high": 29}, "(high)"),
    ("PointEntry.poll", COMMON, f"{FCU}.poll", "20s", "mapped otherwise (poll"),
    ("PointEntry.stale_after", COMMON, f"{FCU}.stale_after", "20min", "mapped otherwise (stale_after)"),
    ("TemplatePointEntry.object", COMMON, f"{FCU}.object", "binary-output:1", "mapped otherwise (object)"),
    ("EquipmentPointEntry.object", COMMON, "zones.room.equipment.fcu", {"at": "ddc/0", "points": {"start_stop": "binary-output:9"}}, "(object)"),
    ("PlacedPointEntry.at", COMMON, "meters.main.point.at", "ddc/analog-input:99", "mapped otherwise (object)"),
    ("Template.kind", COMMON, "templates.fcu.kind", "split", "equipment room/fcu: kind fcu → split"),
    ("Template.base", COMMON, "templates.fcu.base", "supervisor", "equipment room/fcu: base controller → supervisor"),
    ("Template.compressor", COMMON, "templates.fcu.compressor", True, "equipment room/fcu: compressor false → true"),
    ("Template.on_exit", {"devices.ddc.heartbeat": "binary-value:90"}, "templates.fcu.on_exit", "hold", "equipment room/fcu: on_exit release → hold"),
    ("Template.warn", COMMON, "templates.lights.warn", "blink", "equipment store/lights: warn none → blink"),
    ("Template.points", COMMON, "templates.fcu.points.run_status", "binary-input:0", "1 point added"),
    ("EquipmentEntry.template", COMMON, "zones.store.equipment.lights", {"at": "ddc/20", "template": "lamps", "escape_route": False, "warn": "blink"}, "warn none → blink"),
    ("EquipmentEntry.at", COMMON, "zones.room.equipment.fcu", "ddc/5", "mapped otherwise (object)"),
    ("EquipmentEntry.name", COMMON, "equipment.ahu.name", "AHU 1", "equipment ahu: name "),
    ("EquipmentEntry.base", COMMON, "equipment.ahu.base", "supervisor", "equipment ahu: base controller → supervisor"),
    ("EquipmentEntry.warn", COMMON, "zones.store.equipment.lights.warn", "blink", "equipment store/lights: warn none → blink"),
    ("EquipmentEntry.escape_route", COMMON, "zones.store.equipment.lights.escape_route", True, "equipment store/lights: escape_route false → true"),
    ("EquipmentEntry.writable", COMMON, "equipment.ahu.writable", False, "1 point mapped otherwise (writable)"),
    ("EquipmentEntry.points", COMMON, "equipment.ahu.points", {"run_status": "binary-input:99"}, "1 point added"),
    ("SharedEquipmentEntry.serves", COMMON, "equipment.ahu.serves", ["room", "store"], "equipment ahu: serves "),
    *(
        (f"Envelope.{key}", COMMON, f"zones.room.envelope.{key}", value, f"zone room: envelope.{key.replace('_', '-')}: ")
        for key, value in (
            ("orientation", "N"), ("window_share", 0.3), ("u_wall", 0.8), ("u_window", 2.5), ("u_roof", 0.5),
            ("shgc", 0.5), ("infiltration", 0.5), ("mass", "heavy"), ("height", 3.6),
        )
    ),
    *(
        (f"Plant.{key}", COMMON, f"plant.{key}", value, f"plant.{key.replace('_', '-')}: none → {value} (for the rehearsal)")
        for key, value in (
            ("chiller_cop", 5.0), ("heater", "electric"), ("boiler_efficiency", 0.8), ("heat_pump_cop", 3.5),
            ("pump_share", 0.05), ("unit_cooling_cop", 3.0), ("unit_heating_cop", 3.0), ("heat_recovery", 0.5),
            ("lighting_w_m2", 9.0), ("air_heater", "electric"), ("reheat", "electric"), ("unit_heater", "gas"),
        )
    ),
    ("SiteFile.savings", COMMON, "savings.since", "2025-02-01", "savings.since: 2025-01-01 → 2025-02-01"),
    ("Savings.baseline", COMMON, "savings.baseline.to", "2024-11-30", "savings.baseline.last: "),
    ("Savings.since", COMMON, "savings.since", "2025-03-01", "savings.since: 2025-01-01 → 2025-03-01"),
    ("Savings.meters", COMMON, "savings.meters", ["part"], "savings.meters: "),
    ("Savings.weather", COMMON, "savings.weather", str(WEATHER), "savings.weather: "),
    ("Savings.events", COMMON, "savings.events", [], "savings.events: "),
    ("DateRange.from", COMMON, "savings.baseline.from", "2024-02-01", "savings.baseline.first: "),
    ("DateRange.to", COMMON, "savings.baseline.to", "2024-11-30", "savings.baseline.last: "),
    ("SiteFile.targets", COMMON, "targets", {"a_year": 0.04}, "targets.a-year: 0.05 → 0.04"),
    ("Targets.a_year", COMMON, "targets", {"a_year": 0.04}, "targets.a-year: 0.05 → 0.04"),
    ("Targets.against", COMMON, "targets", {"against": 2020}, "targets.against: none → 2020"),
    ("SiteFile.tariff", COMMON, "tariff", {"water": 4}, "tariff: "),
    *(
        (f"Tariff.{key}", TARIFF, f"tariff.{key}", value, "tariff: ")
        for key, value in (
            ("from", "2026-01-01"), ("prices", {"peak": 2, "flat": 1, "valley": 0.5, "sharp": 3, "deep_valley": 0.1}), ("hours", []),
            ("water", 4), ("gas", 3), ("heat", 90), ("cold", 80),
        )
    ),
    *(
        (f"TariffHours.{key}", TARIFF, f"tariff.hours.0.{key}", value, "tariff: ")
        for key, value in (
            ("months", [7]), ("days", ["workday"]), ("sharp", "11:00-12:00"), ("peak", "08:00-10:00"), ("valley", "23:00-06:00"),
            ("deep_valley", "12:00-13:00"), ("prices", {"flat": 0.7}),
        )
    ),
    *((f"Prices.{key}", TARIFF, f"tariff.prices.{key}", 0.9, "tariff: ")
      for key in ("sharp", "peak", "flat", "valley", "deep_valley")),
    ("NonRoutine.adds", COMMON, "savings.events.0.adds", 120, "savings.events: "),
    ("NonRoutine.note", COMMON, "savings.events.0.note", "a flood", "savings.events: "),
    ("SiteFile.trial", TRIAL, "trial", None, "trial: "),
    ("Trial.name", TRIAL, "trial.name", "second", "trial.name: trial → second"),
    ("Trial.compare", TRIAL, "trial.compare", "draft.yaml", "trial.compare: today → draft.yaml"),
    ("Trial.start", TRIAL, "trial.start", "2027-03-08", "trial.start: 2027-03-01 → 2027-03-08"),
    ("Trial.blocks", TRIAL, "trial.blocks", 3, "trial.blocks: 2 → 3"),
    ("Trial.seed", TRIAL, "trial.seed", 2, "trial.seed: 1 → 2"),
    ("Trial.meters", TRIAL, "trial.meters", ["part"], "trial.meters: "),
    ("Trial.exclude", TRIAL, "trial.exclude", ["fire", "requests"], "trial.exclude: "),
    ("Trial.events", TRIAL, "trial.events", [{"from": "2027-05-01", "to": "2027-05-02", "note": "a fair"}], "trial.events: "),
    ("Trial.adjust", TRIAL, "trial.adjust", ["windows"], "trial.adjust: "),
    ("Trial.commissioning", TRIAL, "trial.commissioning.reason", "to see", "trial.commissioning.reason: "),
    ("Commissioning.approver", TRIAL, "trial.commissioning.approver", "Li", "trial.commissioning.approver: Wang → Li"),
    ("Commissioning.reason", TRIAL, "trial.commissioning.reason", "to see", "trial.commissioning.reason: "),
    ("Commissioning.until", TRIAL, "trial.commissioning.until", "2028-11-30", "trial.commissioning.until: "),
    ("EnergyPlus.model", COMMON, "energyplus.model", "large_office", "energyplus.model: "),
    ("EnergyPlus.zones", COMMON, "energyplus.zones", {"room": "other"}, "energyplus.zones: "),
    ("EnergyPlus.timesteps", COMMON, "energyplus.timesteps", 6, "energyplus.timesteps: 60 → 6 (for the rehearsal)"),
    ("ZoneEntry.name", COMMON, "zones.room.name", "Room 1", "zone room: name "),
    ("ZoneEntry.kind", COMMON, "zones.room.kind", "meeting", "zone room: kind office → meeting"),
    ("ZoneEntry.hours", COMMON, "zones.room.hours", "late", "zone room: hours office → late"),
    ("ZoneEntry.floor", COMMON, "zones.room.floor", 2, "zone room: floor none → 2"),
    ("ZoneEntry.area_m2", COMMON, "zones.room.area_m2", 50, "zone room: area_m2 40.0 → 50.0 (for the rehearsal)"),
    ("ZoneEntry.people", COMMON, "zones.room.people", 9, "zone room: people 4.0 → 9.0 (for the rehearsal)"),
    ("ZoneEntry.dry_run", {"dry_run": False}, "zones.room.dry_run", True, "zone room: dry_run false → true"),
    ("ZoneEntry.rules", COMMON, "zones.room.rules", {"min-off": {"off_for": "9min"}}, "zone room: rules.min-off.off-for: 600.0 → 540.0"),
    ("ZoneEntry.comfort", COMMON, "zones.room.comfort", {"high": 26}, "zone room: comfort.high: 27.0 → 26.0"),
    ("ZoneEntry.equipment", COMMON, "zones.room.equipment", {}, "equipment room/fcu: removed"),
    ("ZoneEntry.sensors", COMMON, "zones.room.sensors", {}, "1 point removed"),
    ("ZoneEntry.envelope", COMMON, "zones.room.envelope", {"mass": "light"}, "zone room: envelope.mass: medium → light (for the rehearsal)"),
    ("ZoneEntry.lighting_w_m2", COMMON, "zones.room.lighting_w_m2", 9, "zone room: lighting_w_m2 none → 9.0 (for the rehearsal)"),
    ("ZoneEntry.equipment_w_m2", COMMON, "zones.room.equipment_w_m2", 9, "zone room: equipment_w_m2 none → 9.0 (for the rehearsal)"),
    *(
        (f"Device.{key}", COMMON, f"devices.ddc.{key}", value, f"device ddc: {told}")
        for key, value, told in (
            ("instance", 7, "instance 1001 → 7"), ("address", "192.0.2.2", "address 192.0.2.1"), ("name", "DDC", "name "),
            ("timeout", "9s", "timeout 3.0 → 9.0"), ("max_in_flight", 2, "max_in_flight 16 → 2"),
            ("requests_per_second", 5, "requests_per_second none → 5.0"), ("cov", False, "cov true → false"),
            ("poll", "20s", "poll 10.0 → 20.0"),
        )
    ),
    ("Device.heartbeat", COMMON, "devices.ddc.heartbeat", "binary-value:90", "1 point added"),
    ("Device.mqtt", BROKER, "devices.zb.mqtt", {"broker": "mqtt://192.0.2.5", "topics": {"analog-input:1": {"topic": "t", "refresh": "1h"}}}, "device zb: mqtt.broker: mqtts://192.0.2.5 → mqtt://192.0.2.5"),
    *(
        (f"{'Mqtt' if key == 'topics' else 'Broker'}.{key}", BROKER, f"devices.zb.mqtt.{key}", value, f"device zb: mqtt.{key.replace('_', '-')}: ")
        for key, value in (
            ("broker", "mqtts://192.0.2.6"), ("user", "me"), ("password_file", "q"), ("ca", "a"), ("certificate", "d"), ("key", "l"),
            ("topics", {"binary-input:2": {"topic": "zigbee2mqtt/room", "refresh": "15min"}}),
        )
    ),
    *(
        (f"Topic.{key}", BROKER, f"devices.zb.mqtt.topics.binary-input:1.{key}", value, "device zb: mqtt.topics")
        for key, value in (
            ("topic", "t"), ("path", "occupancy"), ("refresh", "1h"), ("time", "ts"), ("availability", "a"), ("values", {"nobody": 0}),
        )
    ),
    ("SiteFile.publish", COMMON, "publish", {"broker": "mqtt://192.0.2.5"}, "(needs a restart)"),
    ("Publish.prefix", {"publish": {"broker": "mqtt://192.0.2.5"}}, "publish.prefix", "house", "publish.prefix: building → house (needs a restart)"),
    ("Publish.discovery", {"publish": {"broker": "mqtt://192.0.2.5"}}, "publish.discovery", "ha", "publish.discovery: homeassistant → ha"),
    ("SiteFile.bacnet_device", COMMON, "bacnet_device", {"name": "front"}, "(needs a restart)"),
    *(
        (f"BacnetDevice.{key}", {"bacnet.stack": "rusty", "bacnet_device": {"enabled_point": True}}, f"bacnet_device.{key}", value, told)
        for key, value, told in (
            ("name", "front", "bacnet_device.name"), ("port", 47810, "bacnet_device.port"), ("expires", "1h", "bacnet_device.expires: 14400.0 → 3600.0"),
            ("enabled_point", False, "bacnet_device.enabled-point: true → false"),
        )
    ),
    ("SiteFile.calendar_objects", COMMON, "calendar_objects", [{"at": "ddc/calendar:1"}], "calendar_objects: – → ddc/calendar:1 holidays"),
    *(
        (f"CalendarObject.{key}", {"calendar_objects": [{"at": "ddc/calendar:1", "days": "closed", "hours": "office"}]}, f"calendar_objects.0.{key}", value, told)
        for key, value, told in (
            ("at", "ddc/calendar:2", "ddc/calendar:1 closed office → ddc/calendar:2 closed office"),
            ("days", "opened", "→ ddc/calendar:1 opened office"),
            ("hours", "late", "→ ddc/calendar:1 closed late"),
            ("refresh", True, "→ ddc/calendar:1 closed office refresh"),
        )
    ),
    ("Publish.requests", {"publish": {"broker": "mqtt://192.0.2.5"}}, "publish.requests", {"name": "front end"}, "publish.requests"),
    *(
        (f"Taken.{key}", {"publish": {"broker": "mqtt://192.0.2.5", "requests": {"name": "front end"}}}, f"publish.requests.{key}", value, told)
        for key, value, told in (
            ("name", "BMS", "publish.requests.name: front end → BMS (needs a restart)"),
            ("lasts", "1h", "publish.requests.lasts: 7200.0 → 3600.0 (needs a restart)"),
        )
    ),
    ("Meter.name", COMMON, "meters.main.name", "Main", "meter main: name "),
    ("Meter.subitem", COMMON, "meters.part.subitem", "power", "meter part: subitem hvac → power"),
    ("Meter.point", COMMON, "meters.main.point", {"at": "ddc/analog-input:77", "unit": "kWh"}, "mapped otherwise (object)"),
    ("Meter.interval", COMMON, "meters.main.interval", "5min", "meter main: interval 60.0 → 300.0"),
    ("Meter.rated", COMMON, "meters.main.rated", 250, "meter main: rated none → 250.0"),
    ("Meter.digits", COMMON, "meters.main.digits", 6, "meter main: digits none → 6"),
    ("Meter.unit", {**COMMON, "meters.hand": {"subitem": "water", "unit": "m3"}}, "meters.hand.unit", "L", "meter hand: scale 1.0 → 0.001"),
    ("Meter.accuracy", COMMON, "meters.main.accuracy", "0.5S", "meter main: accuracy none → 0.5S"),
    ("Meter.verify_by", COMMON, "meters.main.verify_by", "2027-05-01", "meter main: verify_by none → 2027-05-01"),
    ("Meter.since", COMMON, "meters.main.since", "2025-05-01", "meter main: since none → 2025-05-01"),
    ("Meter.until", COMMON, "meters.main.until", "2027-05-01", "meter main: until none → 2027-05-01"),
    ("Meter.always_on", COMMON, "meters.main.always_on", True, "meter main: always_on false → true"),
    ("Meter.of", {**COMMON, "meters.rest": {"subitem": "total", "of": ["main"]}}, "meters.rest.of", ["main", "-part"],
     "meter rest: of +main → +main, -part"),
    ("Meter.vehicle", {**COMMON, "meters.car": {"subitem": "petrol", "unit": "L"}}, "meters.car.vehicle", {"standard": 8},
     "meter car: vehicle none → "),
    *((f"Vehicle.{key}", {**COMMON, "meters.car": {"subitem": "petrol", "vehicle": {"tank": 50}}}, f"meters.car.vehicle.{key}",
       value, f"vehicle.{key}: ") for key, value in (("model", "GL8"), ("standard", 8.5), ("tank", 60))),
    ("Meter.parent", COMMON, "meters.part.parent", "main", "meter part: parent none → main"),
    ("Meter.organisation", ORGANISED, "meters.part.organisation", "tax", "meter part: organisation none → tax"),
    ("Meter.heating", COMMON, "meters.part.heating", True, "meter part: heating false → true"),
    ("AreaEntry.area_m2", GROWN, "area_m2.1.area_m2", 990, "area_m2: 2025-01-01: 900, 2026-03-01: 950 → 2025-01-01: 900, 2026-03-01: 990"),
    ("AreaEntry.from", GROWN, "area_m2.1.from", "2026-04-01", "→ 2025-01-01: 900, 2026-04-01: 950"),
    ("PeopleEntry.people", GROWN, "people.1.people", 99, "people: 90, 2026-03-01: 95 → 90, 2026-03-01: 99"),
    ("PeopleEntry.from", GROWN, "people.1.from", "2026-04-01", "→ 90, 2026-04-01: 95"),
    ("Organisation.name", ORGANISED, "organisations.tax.name", "Revenue", "organisation tax: name Tax office → Revenue"),
    ("Organisation.area_m2", ORGANISED, "organisations.tax.area_m2", 300, "organisation tax: area_m2 none → 300"),
    ("Organisation.people", ORGANISED, "organisations.tax.people", 30, "organisation tax: people none → 30"),
    ("Statistics.region", COMMON, "statistics.region", "east", "statistics.region: national → east"),
    ("Statistics.coefficients", COMMON, "statistics.coefficients", "c.csv", "statistics.coefficients: none → c.csv"),
    ("Statistics.quotas", COMMON, "statistics.quotas", "q.csv", "statistics.quotas: none → q.csv"),
    ("Statistics.kind", COMMON, "statistics.kind", "office", "statistics.kind: none → office"),
    ("Statistics.climate", COMMON, "statistics.climate", "cold", "statistics.climate: none → cold"),
    ("Statistics.costs", COMMON, "statistics.costs", "costs.csv", "statistics.costs: none → costs.csv"),
    ("Foreign.bbmd", FOREIGN, "bacnet.foreign.bbmd", "192.0.2.8", "bacnet.foreign.bbmd: "),
    ("Foreign.ttl", FOREIGN, "bacnet.foreign.ttl", "10min", "bacnet.foreign.ttl: 300.0 → 600.0"),
    ("Bbmd.peers", BBMD, "bacnet.bbmd.peers", ["192.0.2.8"], "bacnet.bbmd.peers: "),
    *(
        (f"Bacnet.{key}", COMMON, f"bacnet.{key}", value, f"bacnet.{key.replace('_', '-')}: ")
        for key, value in (
            ("stack", "rusty"), ("bind", "192.0.2.3"), ("port", 47809), ("instance", 9), ("cov_lifetime", "10min"),
            ("foreign", FOREIGN["bacnet.foreign"]), ("bbmd", BBMD["bacnet.bbmd"]),
        )
    ),
    ("Bacnet.sc", {"bacnet.stack": "rusty"}, "bacnet.sc", SECURE["bacnet.sc"], "bacnet.sc: none → hub="),
    *(
        (f"SecureConnect.{key}", SECURE, f"bacnet.sc.{key}", value, f"bacnet.sc.{key}: ")
        for key, value in (
            ("hub", "wss://192.0.2.8"), ("failover", "wss://192.0.2.8"), ("ca", "d"), ("certificate", "d"), ("key", "d"),
        )
    ),
    ("Http.bind", COMMON, "http.bind", "127.0.0.2", "http.bind: 127.0.0.1 → 127.0.0.2 (needs a restart)"),
    ("Http.port", COMMON, "http.port", 8027, "http.port: 8026 → 8027 (needs a restart)"),
    ("Http.names", COMMON, "http.names", ["house.local"], "http.names: "),
    ("Http.proxy", COMMON, "http.proxy", True, "http.proxy: false → true"),
    ("Http.tokens", {"http.tokens": ["a" * 64]}, "http.tokens", ["b" * 64], "http.tokens: 1 added, 1 removed, refused from now on"),
    ("Building.outdoor_temperature", COMMON, "points.outdoor_temperature", "ddc/analog-input:61", "(object)"),
    *(
        (f"Building.{key}", COMMON, f"points.{key}", at, "1 point added")
        for key, at in (
            ("outdoor_humidity", "ddc/analog-input:62"), ("fire_alarm", "ddc/binary-input:63"),
            ("changeover", {"at": "ddc/multi-state-input:64", "states": {1: "cool", 2: "heat"}}),
        )
    ),
]  # fmt: skip
NOT_TAKEN_UP = {"SiteFile.version": "1 is the only one", "SiteFile.building": "refused: a daemon keeps its building",
                "EquipmentEntry.smoke_control": "true is refused by `check`"}  # fmt: skip
"""Keys that no file that may be taken up changes."""


def _set(tree: Any, path: str, value: Any) -> None:
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        tree = tree[step] if isinstance(step, int) else tree.setdefault(step, {})
    if value is None:
        del tree[last]
    else:
        tree[last] = value


def _site(tree: Any) -> tuple[Site, Calendars]:
    return _loaded(json.dumps(tree, default=str))


@functools.lru_cache(maxsize=64)
def _loaded(text: str) -> tuple[Site, Calendars]:
    """Of the same text the same site: most rows begin with one."""
    loaded = load_text(text)
    assert loaded.site is not None, [f"{p.path}: {p.message}" for p in loaded.problems if p.is_error]
    return loaded.site, calendars(loaded.site)


def told(before: dict[str, Any], path: str, value: Any) -> list[Phrase]:
    """What the reload of a file that differs in this one key says."""
    tree = copy.deepcopy(_TREE)
    for where, what in before.items():
        _set(tree, where, copy.deepcopy(what))
    old, days = _site(tree)
    _set(tree, path, copy.deepcopy(value))
    new, new_days = _site(tree)
    running: Any = SimpleNamespace(site=old, decider=SimpleNamespace(timetables=days.tables))
    return difference(running, new, new_days, NOON)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A weather file and two calendars."""
    holidays, days = tmp_path / "h.json", tmp_path / "d.ics"
    holidays.write_text(
        '{"year": 2027, "days": [{"name": "x", "date": "2027-01-01", "isOffDay": true}]}', "utf-8"
    )
    days.write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    more = tmp_path / "e.ics"
    more.write_bytes(days.read_bytes())
    return {"WEATHER": str(WEATHER), "HOLIDAYS": str(holidays), "ICS": str(days), "ICS2": str(more)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_changed_key_has_its_line_in_both_languages(row: Row, files: dict[str, str]) -> None:
    """The line names the key or its thing; its Chinese twin is there and says as much of a restart."""
    _key, before, path, value, said = row
    before, value = placed(before, files), placed(value, files)
    lines = told(before, path, value)
    assert NOTHING not in lines
    assert [line for line in lines if said in line.en], lines
    speaks_two(lines)


def placed(value: Any, files: dict[str, str]) -> Any:
    """What is written, with the paths of the files in the places of their names."""
    if isinstance(value, dict):
        return {key: placed(each, files) for key, each in value.items()}
    if isinstance(value, list):
        return [placed(each, files) for each in value]
    return files.get(value, value) if isinstance(value, str) else value


def speaks_two(lines: list[Phrase]) -> None:
    """Each line has a Chinese twin that carries the same note."""
    for line in lines:
        assert re.search("[\u4e00-\u9fff：]", line.zh), line
        assert (RESTART.en in line.en) == (RESTART.zh in line.zh)


def _others(value: float) -> list[float]:
    return [value + 1, value - 1, value + 3600, value - 60, value / 2]


RULES = [
    (rule, section.alias, key, getattr(section.default, key))
    for rule, section in RuleSettings.model_fields.items()
    for key in type(section.default).model_fields
]


@pytest.mark.parametrize(("rule", "alias", "key", "value"), RULES, ids=lambda x: str(x))
def test_each_number_of_each_rule_has_its_line(rule: str, alias: str, key: str, value: float) -> None:
    """`rules.window-off.open-for: 60.0 → 61.0`, whichever way it may be moved."""
    said = f"rules.{rule.replace('_', '-')}.{key.replace('_', '-')}: "
    lines: list[Phrase] = []
    for other in _others(value):
        with contextlib.suppress(AssertionError):
            lines = told({}, f"rules.{alias}.{key}", int(other) if isinstance(value, int) else other)
            break
    assert [line for line in lines if line.en.startswith(said)], lines
    speaks_two(lines)


def test_no_key_is_without_its_line() -> None:
    """Every key of the JSON schema stands in the table above, or is a rule's number, which is walked as it is."""
    rules = {
        name
        for name in sections()
        if name in {type(f.default).__name__ for f in RuleSettings.model_fields.values()}
    }
    keys = {
        f"{name}.{field.alias or key}"
        for name, model in sections().items()
        if name not in rules | {"RuleSettings"}
        for key, field in model.model_fields.items()
        if not any(key in base.model_fields for base in model.__bases__ if issubclass(base, Section))
    }
    assert keys == {row[0] for row in ROWS} | NOT_TAKEN_UP.keys()


def test_another_default_that_every_zone_overrides_changes_nothing() -> None:
    """Then, and only then, its meaning did not change."""
    own = {"zones.room.comfort": {"low": 18}, "zones.store.comfort": {"low": 18}}
    assert told(own, "comfort", {"low": 17}) == [NOTHING]


def test_neither_a_password_nor_a_hash_is_told() -> None:
    """Lines go to the page, the journal and the log."""
    lines = told({}, "database", "postgresql://u:secret@db/b") + told(
        {"http.tokens": ["a" * 64]}, "http.tokens", ["b" * 64]
    )
    assert not [line for line in lines if "secret" in "".join(line) or "aaaa" in "".join(line)]
