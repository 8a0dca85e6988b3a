"""Run statuses of the simulated building: each piece of equipment answers for itself."""

from __future__ import annotations

from config.points import Point
from config.site import Site
from simulator.building import SimulatedBuilding
from simulator.plant.kind import PlantKind
from tests.site_files import site_of_text

SUMMER = 1784073600.0  # 2026-07-15T08:00:00+08:00

STAIRS = """
version: 1
building: stairs
timezone: Asia/Shanghai
hours: {common: {workday: 07:00-20:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones:
  stair:
    kind: stair
    hours: common
    equipment:
      escape: {template: lamps, at: ddc/10, escape_route: true}
      rest: {template: lamps, at: ddc/20, escape_route: false}
  hall:
    hours: common
    equipment: {east: {template: fcu, at: ddc/30}, west: {template: fcu, at: ddc/40}}
templates:
  lamps: {kind: lights, points: {start_stop: {object: BO0, writable: true}, run_status: BI0}}
  fcu: {kind: fcu, points: {start_stop: {object: BO0, writable: true}, run_status: BI0, temperature: AI0}}
devices: {ddc: {instance: 1101, address: "127.0.0.11:47809"}}
"""


def _site() -> Site:
    return site_of_text(STAIRS)


def test_each_of_two_circuits_and_of_two_units_says_itself_whether_it_runs() -> None:
    """The escape light stays lit and the other lamp is switched off: that one's status is off, not the room's."""
    building = SimulatedBuilding(_site(), SUMMER, plant=PlantKind.RC)
    off = {"stair/rest/start_stop", "hall/west/start_stop"}

    def present(point: Point) -> float | int:
        return 0 if point.id in off else 1

    building.command(present)
    sent, _ = building.advance(SUMMER + 60.0)
    status = {i.instance: i.value for i in sent if i.object_type == "binary-input"}
    assert status == {10: 1, 20: 0, 30: 1, 40: 0}
