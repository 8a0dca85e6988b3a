"""Rooftop units, furnaces, slabs kept warm and partitions, on the built-in plant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.plant.base import COOLING, FANS, HEATING, Commands, Observations
from simulator.plant.building import Building, Envelope, Partition, Slab, Storey, Terminal, Zone
from simulator.plant.possible import problems
from simulator.plant.rc import RcPlant
from simulator.plant.rooms import Walls
from simulator.weather import SyntheticShanghai
from tests.bench.small_office import building as reference

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEATHER = SyntheticShanghai(seed=3)
JULY = datetime(2026, 7, 15, 8, tzinfo=SHANGHAI).timestamp()
JANUARY = datetime(2026, 1, 14, 8, tzinfo=SHANGHAI).timestamp()


def room(name: str = "room", **terminal: float) -> Zone:
    """A south room of 60 m² with a unit of its own compressor."""
    unit = Terminal("split", minimum_off=0.0, **terminal)  # type: ignore[arg-type] # only numbers are asked for
    return Zone.facing(name, 60.0, "south", terminal=unit)


def go(building: Building, start: float, hours: float, **change: object) -> Observations:
    """Everything on for some hours."""
    count = len(building.zones)
    change = {"terminal_on": np.ones(count, dtype=bool), **change}
    commands = replace(Commands.idle(count), **change)  # type: ignore[arg-type] # fields of Commands
    plant = RcPlant(building, WEATHER, start, balance=True)
    for _ in range(round(hours * 60)):
        seen = plant.step(60.0, commands)
    assert plant.balance is not None
    assert all(month.residual < 1e-9 for month in plant.balance.months.values())
    return seen


def test_a_rooftop_unit_brings_in_air_while_its_fan_runs_and_pays_for_it() -> None:
    """In July more cooling for the same setpoint, and fresher air; stopped, it brings in none."""
    people = np.full(1, 8.0)
    plain, mixing = Building((room(),)), Building((room(outdoor_air=300.0),))
    alone, fresh = (go(b, JULY, 3, people=people) for b in (plain, mixing))
    assert fresh.air == pytest.approx(alone.air)
    assert fresh.electric[COOLING, 0] > 1.2 * alone.electric[COOLING, 0]
    assert fresh.co2[0] < alone.co2[0] - 300.0
    off = np.zeros(1, dtype=bool)
    stopped = [go(b, JULY, 3, people=people, terminal_on=off) for b in (plain, mixing)]
    assert stopped[0].co2[0] == stopped[1].co2[0]
    assert stopped[0].air[0] == stopped[1].air[0]


def test_a_furnace_burns_gas_in_place_of_the_heat_pumps_electricity() -> None:
    """The heat of the room over its efficiency; the fan goes on taking power."""
    seen = go(Building((room(gas_efficiency=0.8),)), JANUARY, 2)
    assert seen.electric[HEATING, 0] == 0.0
    assert seen.electric[FANS, 0] > 0.0
    assert seen.gas == pytest.approx(seen.hvac[0] / 0.8)
    assert seen.gas_energy > 0.0


def test_a_fan_in_the_air_stream_warms_the_room() -> None:
    """All of its power, where the file says so: less gas in January, by just that."""
    without, within = (
        go(Building((room(gas_efficiency=1.0, fan_power=400.0, fan_heat=share),)), JANUARY, 8)
        for share in (0.0, 1.0)
    )
    assert without.gas - within.gas == pytest.approx(400.0, rel=0.02)


def test_a_slab_that_is_kept_warm_holds_a_room_up_in_winter_and_down_in_summer() -> None:
    """Twelve temperatures beneath the floor in place of the outdoor air's share."""
    warm = tuple([20.0] * 12)
    off = np.zeros(1, dtype=bool)
    for start, above in ((JANUARY, True), (JULY, False)):
        rooms = [
            replace(room(), ground_area=60.0, envelope=Envelope(u_ground=2.0, ground=ground))
            for ground in (None, warm)
        ]
        plain, slab = (go(Building((zone,)), start, 48, terminal_on=off) for zone in rooms)
        assert (slab.air[0] > plain.air[0] + 1.0) == above
        assert abs(slab.air[0] - 20.0) < abs(plain.air[0] - 20.0)


def test_heat_passes_through_partitions_from_the_warm_room_to_the_cold_one() -> None:
    """One heated room in two: its neighbour is warmer than behind no partition at all, and it costs the first."""
    zones = (room("a", gas_efficiency=1.0), room("b"))
    one = np.array([True, False])
    apart = go(Building(zones), JANUARY, 24, terminal_on=one)
    joined = go(Building(zones, partitions=(Partition("a", "b", 100.0),)), JANUARY, 24, terminal_on=one)
    assert joined.air[1] > apart.air[1] + 0.5
    assert joined.gas > apart.gas + 100.0


def test_the_rooms_of_a_storey_give_each_other_heat() -> None:
    """One heated room of three: both others are warmer than each by itself, and all the heat comes from the first."""
    zones = (room("a", gas_efficiency=1.0), room("b"), room("c"))
    one = np.array([True, False, False])
    apart = go(Building(zones), JANUARY, 24, terminal_on=one)
    joined = go(Building(zones, storeys=(Storey(("a", "b", "c"), 3.0),)), JANUARY, 24, terminal_on=one)
    assert (joined.air[1:] > apart.air[1:] + 0.5).all()
    assert joined.gas > apart.gas + 100.0


def test_a_slab_under_carpet_is_felt_at_once() -> None:
    """Ground at 19.5 °C keeps an unheated January room warmer, and gives what its conductance and the room's temperature say."""
    off = np.array([False])
    slab = Slab(140.0, 19.5)
    bare, carpeted = (
        go(Building((replace(room(), slab=s),)), JANUARY, 24, terminal_on=off) for s in (None, slab)
    )
    assert bare.air[0] + 2.0 < carpeted.air[0] < 19.5
    walls = Walls([Building((replace(room(), slab=slab),))])
    assert walls.heat(np.array([17.5])) == pytest.approx([280.0])
    assert walls.heat(np.array([20.5])) == pytest.approx([-140.0])


def test_what_passes_between_rooms_is_neither_made_nor_lost() -> None:
    """What comes into some rooms has come out of others, on each storey by itself, and room by room in buildings side by side."""
    zones = tuple(
        replace(room(name), area=area) for name, area in zip("abcd", (20.0, 50.0, 30.0, 60.0), strict=True)
    )
    floors = (Storey(("a", "b"), 2.0), Storey(("c", "d"), 3.0))
    building = Building(zones, partitions=(Partition("a", "b", 100.0),), storeys=floors)
    at = np.array([16.0, 20.0, 22.0, 25.0])
    heat = Walls([building]).heat(at)
    assert heat[0] > 0.0 and heat[2] > 0.0
    assert heat[0] + heat[1] == pytest.approx(0.0) and heat[2] + heat[3] == pytest.approx(0.0)
    other = replace(building, storeys=tuple(storey._replace(conductance=5.0) for storey in floors))
    two = np.concatenate([at, at + 1.0])
    assert Walls([building, other]).heat(two)[:4] == pytest.approx(heat)
    assert Walls([building, other], as_first=True).heat(two)[:4] == pytest.approx(heat)


def test_what_cannot_be_is_told_with_its_place() -> None:
    """A partition to nowhere; eleven ground temperatures."""
    short = replace(room(), envelope=Envelope(ground=(10.0,) * 11))
    found = problems(
        Building(
            (short,), partitions=(Partition("room", "nowhere", 10.0),), storeys=(Storey(("room",), 50.0),)
        )
    )
    assert [p.path for p in found] == ["zones.0.envelope.ground", "partitions.0", "storeys.0.conductance"]
    assert all(p.hint for p in found)


def test_the_reference_small_office_is_a_sound_building() -> None:
    """Five zones of 511 m², as `make savings-plants` tells the built-in plant of them."""
    office = reference()
    assert problems(office) == []
    assert office.area == pytest.approx(511.16)
