"""From a site file to walls, windows and machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import config
from config.load import load
from config.site import Site
from simulator.plant.building import MassClass, problems
from simulator.plant.from_site import building_of

OFFICE = Path(config.__file__).parent / "examples" / "office.yaml"


@pytest.fixture(scope="module")
def site() -> Site:
    """The example office."""
    found = load(OFFICE).site
    assert found is not None
    return found


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
