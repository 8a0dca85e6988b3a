"""What a setpoint without a priority array is clamped to when it is given back."""

from __future__ import annotations

import pytest

from config.site import Site
from schedules.seasons import Season
from supervisor.core.limits import LimitsInForce
from supervisor.core.views import Facts
from tests.site_files import site_of_text

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""
SITE = """
version: 1
building: annex
timezone: Asia/Shanghai
dry_run: false
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:30}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-value:1, writable: true}
      cooling_setpoint: {object: analog-value:1, writable: true, priority_array: false, low: 18, high: 30}
      heating_setpoint: {object: analog-value:2, writable: true, priority_array: false}
  thermostat:
    kind: fcu
    points:
      start_stop: {object: binary-value:1, writable: true}
      setpoint: {object: analog-value:3, writable: true, priority_array: false, low: 16, high: 30}
      mode: {object: multi-state-value:1, states: {1: off, 2: cool, 3: heat}}
zones:
  east: {hours: office, equipment: {fcu: ddc/10, thermostat: ddc/15}, rules: {summer-setpoint: {minimum: 27}}}
  west: {hours: office, equipment: {fcu: ddc/20}}
equipment:
  ahu: {template: fcu, at: ddc/30, serves: [east, west]}
exemptions:
  - {zones: [west], rules: [summer-setpoint], reason: paper, approver: Wang Min, until: 2026-12-31}
devices:
  ddc: {instance: 1, address: 127.0.0.2:47808}
"""


@pytest.fixture(scope="module")
def site() -> Site:
    """Two rooms, a stricter limit in one, an exemption in the other, and an air handler for both."""
    return site_of_text(SITE)


@pytest.mark.parametrize(
    ("point", "season", "expected"),
    [
        ("east/fcu/cooling_setpoint", Season.SUMMER, (27.0, 30.0)),
        ("west/fcu/cooling_setpoint", Season.SUMMER, (18.0, 30.0)),
        ("ahu/cooling_setpoint", Season.SUMMER, (27.0, 30.0)),
        ("east/fcu/heating_setpoint", Season.WINTER, (5.0, 20.0)),
        ("east/thermostat/setpoint", Season.SUMMER, (27.0, 30.0)),
        ("east/thermostat/setpoint", Season.WINTER, (16.0, 20.0)),
        ("east/thermostat/setpoint", Season.SPRING, (16.0, 30.0)),
    ],
)
def test_an_occupants_22_comes_back_as_the_limit_in_force(
    site: Site, point: str, season: Season, expected: tuple[float, float]
) -> None:
    """The zone's own limit, none where it is exempt, the strictest for what is shared, the season's for a thermostat."""
    limits = LimitsInForce(site, lambda: Facts(season=season), lambda: NOON)
    assert limits(site.points[point]) == expected
