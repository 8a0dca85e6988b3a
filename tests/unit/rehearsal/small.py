"""A small building for rehearsals: offices, a meeting room, a corridor, open-plan rooms behind an air handler."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from config.site import Site
from schedules.days import calendars
from schedules.weather.series import Weather
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.scenario import Scenario
from tests.site_files import site_of_text

HEAD = """
version: 1
building: small
name: 小楼
timezone: Asia/Shanghai
area_m2: 200
people: 20
dry_run: true
season: {method: temperature}
hours:
  office: {workday: "09:00-17:30"}
  common: {workday: "07:30-20:00"}
templates:
  vrf:
    kind: vrf
    points:
      start_stop: {object: binary-output:0, writable: true}
      run_status: binary-input:0
      cooling_setpoint: {object: analog-value:0, writable: true, low: 16, high: 32}
      heating_setpoint: {object: analog-value:1, writable: true, low: 10, high: 28}
      temperature: analog-input:0
      humidity: analog-input:1
      co2: analog-input:2
      occupancy: binary-input:1
      window: binary-input:2
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-output:0, writable: true}
      run_status: binary-input:0
      setpoint: {object: analog-value:0, writable: true, priority_array: false}
      mode: {object: multi-state-value:0, writable: true, states: {1: off, 2: cool, 3: heat, 4: auto}}
      temperature: analog-input:0
      occupancy: binary-input:1
      window: binary-input:2
  vav:
    kind: vav
    points:
      start_stop: {object: binary-value:0, writable: true}
      run_status: binary-input:0
      cooling_setpoint: {object: analog-value:0, writable: true}
      heating_setpoint: {object: analog-value:1, writable: true}
      temperature: analog-input:0
      occupancy: binary-input:1
  ahu:
    kind: ahu
    points: {start_stop: {object: binary-output:9, writable: true}, run_status: binary-input:9}
  lights:
    kind: lights
    points: {start_stop: {object: binary-output:5, writable: true}, run_status: binary-input:5}
  corridor-lights:
    kind: lights
    points:
      start_stop: {object: binary-output:5, writable: true}
      run_status: binary-input:5
      occupancy: binary-input:1
equipment:
  air: {template: ahu, at: d2/0, serves: [open]}
points:
  outdoor_temperature: d1/analog-input:900
  fire_alarm: d1/binary-input:900
meters:
  total: {name: 总表, subitem: total, point: {at: "d1/analog-input:901", unit: kWh}}
devices:
  d1: {instance: 1001, address: "127.0.0.2:47808"}
  d2: {instance: 1002, address: "127.0.0.3:47808"}
zones:
"""
ZONES = (
    "  north: {hours: office, area_m2: 30, people: 3, envelope: {orientation: N}, equipment: "
    "{vrf: d1/100, lights: d1/100}}\n",
    "  west: {hours: office, area_m2: 40, people: 4, envelope: {orientation: W, window_share: 0.6}, equipment: "
    "{ac: {template: fcu, at: d1/200, base: supervisor}, lights: d1/200}}\n",
    "  meeting: {kind: meeting, hours: office, area_m2: 30, people: 10, equipment: {vrf: d1/300, lights: d1/300}}\n",
    "  open: {hours: office, area_m2: 60, people: 6, equipment: {vav: d2/100, lights: d2/100}}\n",
    "  corridor: {kind: corridor, hours: common, area_m2: 30, equipment: "
    "{lights: {template: corridor-lights, at: d2/200, escape_route: false}}}\n",
    "  stair: {kind: stair, hours: common, area_m2: 10, equipment: "
    "{lights: {template: corridor-lights, at: d2/300, escape_route: true}}}\n",
)


def text(zones: Sequence[str] = ZONES, head: str = HEAD) -> str:
    """The site file."""
    return head + "".join(zones)


def site(zones: Sequence[str] = ZONES, head: str = HEAD, source: str = "small.yaml") -> Site:
    """The site, sound."""
    return site_of_text(text(zones, head), source)


def written(folder: Path, name: str = "small.yaml", zones: Sequence[str] = ZONES, head: str = HEAD) -> Path:
    """The site file on disk."""
    path = folder / name
    path.write_text(text(zones, head), encoding="utf-8")
    return path


def scenario(
    first: str,
    days: int,
    *,
    of: Site | None = None,
    seed: int = 1,
    controlled: bool = True,
    weather: Weather | None = None,
) -> Scenario:
    """Some days of the small building."""
    place = of or site()
    begin = dt.date.fromisoformat(first)
    last = begin + dt.timedelta(days=days - 1)
    return Scenario(
        place,
        calendars(place),
        weather or SyntheticShanghai(seed),
        seed,
        begin,
        last,
        "small.yaml",
        controlled,
    )
