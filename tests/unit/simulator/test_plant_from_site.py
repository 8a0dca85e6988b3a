"""From a site file to walls, windows and machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from config.site import Site
from simulator.plant.base import FANS, Central, Commands
from simulator.plant.building import AirHandler, Building, MassClass, Terminal, Zone
from simulator.plant.from_site import building_of
from simulator.plant.possible import problems
from simulator.plant.rc import RcPlant
from simulator.weather import SyntheticShanghai
from tests.site_files import OFFICE, site_of_file


@pytest.fixture(scope="module")
def site() -> Site:
    """The example office."""
    return site_of_file(OFFICE)


def test_the_example_office_becomes_a_building_that_can_be(site: Site) -> None:
    """Every zone is there, under a roof only on the top floor, and nothing is impossible."""
    building = building_of(site)
    assert problems(building) == []
    assert {zone.id for zone in building.zones} == set(site.zones)
    assert building.area == pytest.approx(sum(zone.area_m2 for zone in site.zones.values()))
    top = max(zone.floor for zone in site.zones.values() if zone.floor is not None)
    for zone in building.zones:
        assert (zone.roof_area > 0) == (site.zones[zone.id].floor == top)


def test_the_order_of_zones_in_the_file_does_not_matter(site: Site) -> None:
    """A report must come out the same."""
    turned = replace(site, zones=dict(reversed(list(site.zones.items()))))
    assert building_of(turned) == building_of(site)


def test_a_retrofit_in_a_draft_is_a_line_in_the_zones_envelope(site: Site) -> None:
    """Better glass and heavier walls in one room."""
    name = next(iter(site.zones))
    zone = site.zones[name]
    entry = zone.envelope.model_copy(
        update={"u_window": 1.1, "u_wall": 0.3, "mass": "heavy", "orientation": "NE"}
    )
    draft = replace(site, zones={**site.zones, name: replace(zone, envelope=entry)})
    room = next(z for z in building_of(draft).zones if z.id == name)
    assert (room.envelope.u_window, room.envelope.u_wall) == (1.1, 0.3)
    assert room.envelope.mass is MassClass.HEAVY
    assert room.facades[0].azimuth == 45.0


def test_a_core_zone_has_no_outside_wall(site: Site) -> None:
    """No sun, no wind."""
    name = next(iter(site.zones))
    zone = site.zones[name]
    core = zone.envelope.model_copy(update={"orientation": "core"})
    draft = replace(site, zones={name: replace(zone, envelope=core)})
    assert building_of(draft).zones[0].facades == ()


def test_the_server_rooms_unit_is_sized_for_its_machines_and_metered_apart(site: Site) -> None:
    """300 W/m² need more than a rule of thumb."""
    (server,) = [zone for zone in building_of(site).zones if zone.special]
    assert server.kind == "server_room"
    assert server.cooling_capacity >= server.equipment * server.area


def test_what_an_air_handlers_fan_takes_follows_the_air_that_its_boxes_let_through() -> None:
    """Hot and crowded: all of it. Mild and empty: the least. Boxes shut: hardly any, and no fresh air comes in."""
    place = Building(
        (Zone("room", 100.0, terminal=Terminal("vav"), air_handler="air"),), (AirHandler("air"),)
    )
    start = datetime(2026, 7, 20, 12, tzinfo=UTC).timestamp()

    def fan(on: bool, cool_to: float, people: float) -> tuple[float, float]:
        plant = RcPlant(place, SyntheticShanghai(1), start)
        commands = replace(
            Commands.idle(1, 1), terminal_on=np.array([on]), air_handler_on=np.array([True]),
            cooling_setpoint=np.array([cool_to]), people=np.array([people]), plugs=np.array([1.0 if people else 0.0]),
            central=Central(chiller_on=True),
        )  # fmt: skip
        for _ in range(240):
            seen = plant.step(60.0, commands)
        return float(seen.central[FANS]), float(seen.co2[0])

    hot, mild, shut = fan(True, 16.0, 60.0), fan(True, 30.0, 0.0), fan(False, 26.0, 10.0)
    assert hot[0] == pytest.approx(0.27 * place.zones[0].box_air, rel=0.01)
    assert 0.05 * hot[0] < mild[0] < 0.2 * hot[0]
    assert shut[0] < 0.01 * hot[0]
    assert shut[1] > 1000.0 > mild[1]
