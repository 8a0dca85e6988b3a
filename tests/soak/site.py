"""Eight zones on three controllers: what the soak supervises."""

from __future__ import annotations

from config.load import load_text
from config.site import Site

_POLL = "poll: 150s"
TEXT = f"""
version: 1
building: soak-office
timezone: Asia/Shanghai
dry_run: false
stagger: 1s
bacnet: {{cov_lifetime: 8h}}
writes_per_minute: 600
hours:
  office: {{workday: 09:00-17:30}}
  hall: {{workday: "08:30-12:00", saturday: 09:00-16:00}}
  always: {{workday: 24h, weekend: 24h, holiday: 24h}}
season:
  method: dates
  dates: {{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
exemptions:
  - zones: [server]
    rules: [window-off, pre-close-off, vacancy-off, mild-season-off, summer-setpoint, winter-setpoint]
    reason: servers
    approver: head of office
    until: 2060-12-31
zones:
  o1: {{hours: office, equipment: {{fcu: d1/100, lights: d1/100}}}}
  o2: {{hours: office, equipment: {{fcu: d1/200, lights: d1/200}}}}
  o3: {{hours: office, equipment: {{fcu: d2/100, lights: d2/100}}}}
  meeting: {{hours: office, kind: meeting, equipment: {{stuffy: {{at: d2/200, base: supervisor}}, lights: d2/200}}}}
  hall: {{hours: hall, kind: hall, equipment: {{fcu: d3/100, lights: d3/100}}}}
  server: {{hours: always, kind: server_room, equipment: {{fcu: d3/200}}}}
  corridor: {{hours: office, kind: corridor, equipment: {{corridor: {{at: d3/300, escape_route: false}}}}}}
  stair: {{hours: office, kind: stair, equipment: {{corridor: {{at: d3/400, escape_route: true}}}}}}
points:
  fire_alarm: {{at: d3/binary-input:1, {_POLL}}}
  outdoor_temperature: {{at: d3/analog-input:2, {_POLL}}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {{object: binary-output:0, writable: true, {_POLL}}}
      cooling_setpoint: {{object: analog-value:0, writable: true, low: 16, high: 32, {_POLL}}}
      temperature: {{object: analog-input:0, {_POLL}}}
      occupancy: {{object: binary-input:1, {_POLL}}}
      window: {{object: binary-input:2, {_POLL}}}
  stuffy:
    kind: fcu
    points:
      start_stop: {{object: binary-output:0, writable: true, {_POLL}}}
      cooling_setpoint: {{object: analog-value:0, writable: true, low: 16, high: 32, {_POLL}}}
      temperature: {{object: analog-input:0, {_POLL}}}
      humidity: {{object: analog-input:3, {_POLL}}}
      co2: {{object: analog-input:4, {_POLL}}}
      occupancy: {{object: binary-input:1, {_POLL}}}
      window: {{object: binary-input:2, {_POLL}}}
  lights:
    kind: lights
    points:
      start_stop: {{object: binary-output:5, writable: true, {_POLL}}}
  corridor:
    kind: lights
    points:
      start_stop: {{object: binary-output:5, writable: true, {_POLL}}}
      occupancy: {{object: binary-input:6, {_POLL}}}
devices:
  d1: {{instance: 1, address: "127.0.0.2:47809"}}
  d2: {{instance: 2, address: "127.0.0.3:47809"}}
  d3: {{instance: 3, address: "127.0.0.4:47809"}}
"""


def soak_site() -> Site:
    """The site, resolved."""
    loaded = load_text(TEXT)
    assert loaded.site is not None, loaded.problems
    return loaded.site
