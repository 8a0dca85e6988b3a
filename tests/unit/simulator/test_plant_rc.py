"""The built-in plant as a facility manager would know it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.plant.base import COOLING, FANS, HEATING, LIGHTS, PUMPS, Central, Commands, Observations, Plant
from simulator.plant.building import AirHandler, Building, CentralPlant, Terminal, Zone
from simulator.plant.possible import problems
from simulator.plant.rc import RcPlant
from simulator.weather import SyntheticShanghai

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEATHER = SyntheticShanghai(seed=3)
COLD, HOT = Central(boiler_on=True), Central(chiller_on=True)


def when(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    """POSIX seconds of a local date and time."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).timestamp()


def office(kind: str = "fcu", count: int = 1, **rest: Any) -> Building:
    """`count` south rooms of 40 m² with one kind of terminal."""
    terminal = Terminal(kind)  # type: ignore[arg-type]  # a literal in every call
    return Building(
        tuple(Zone.facing(f"r{i}", 40.0, "south", terminal=terminal, **rest) for i in range(count))
    )


def full(building: Building, **change: Any) -> Commands:
    """Everybody in, everything on."""
    count, handlers = len(building.zones), len(building.air_handlers)
    busy = replace(
        Commands.idle(count, handlers),
        people=np.full(count, 4.0),
        lights=np.ones(count),
        plugs=np.ones(count),
        terminal_on=np.ones(count, dtype=bool),
        air_handler_on=np.ones(handlers, dtype=bool),
    )
    return replace(busy, **change)


def go(plant: Plant, commands: Commands, hours: float, dt: float = 60.0) -> Observations:
    """Run for some hours; the last observations."""
    for _ in range(round(hours * 3600 / dt) - 1):
        plant.step(dt, commands)
    return plant.step(dt, commands)


def test_in_july_a_fan_coil_with_cold_water_brings_the_room_to_its_setpoint_and_holds_it() -> None:
    """26 °C as commanded, from a closed building's 29, and the chiller's meter turns."""
    building = office()
    plant = RcPlant(building, WEATHER, when(2025, 7, 15, 6))
    seen = go(plant, full(building, central=HOT), 4)
    assert seen.air[0] == pytest.approx(26.0, abs=1e-6)
    assert seen.hvac[0] < -500
    assert seen.central[COOLING] > 100
    assert seen.central[PUMPS] > 0
    assert seen.electric[FANS, 0] > 0
    assert seen.running[0]


def test_without_cold_water_the_fan_turns_and_the_room_stays_hot() -> None:
    """The chiller is off: run status is on, nothing is cooled."""
    building = office()
    plant = RcPlant(building, WEATHER, when(2025, 7, 15, 6))
    seen = go(plant, full(building), 6)
    assert seen.running[0]
    assert seen.hvac[0] == 0.0
    assert seen.air[0] > 29.0


def test_in_january_the_boiler_burns_gas_and_the_room_reaches_twenty_degrees() -> None:
    """Heat comes from the plant room: gas, pumps, no compressor."""
    building = office()
    plant = RcPlant(building, WEATHER, when(2025, 1, 15, 6))
    seen = go(plant, full(building, people=np.zeros(1), plugs=np.zeros(1), central=COLD), 4)
    assert seen.air[0] == pytest.approx(20.0, abs=1e-6)
    assert seen.gas > 0
    assert seen.central[HEATING] == 0.0
    assert seen.gas_energy > 0


def test_a_setpoint_of_22_costs_more_than_26() -> None:
    """The meddler's knob, on the same day."""
    used = []
    for setpoint in (22.0, 26.0):
        building = office("vrf")
        plant = RcPlant(building, WEATHER, when(2025, 7, 15, 8))
        commands = full(building, cooling_setpoint=np.array([setpoint]))
        used.append(float(go(plant, commands, 10).energy[COOLING, 0]))
    assert used[0] > 1.2 * used[1]


def test_a_unit_that_is_too_small_gives_all_it_has_and_no_more() -> None:
    """Capacity is a limit, and the room drifts above its setpoint."""
    building = office("split")
    small = replace(building.zones[0], terminal=Terminal("split", cooling_capacity=600.0))
    plant = RcPlant(Building((small,)), WEATHER, when(2025, 7, 15, 12))
    seen = go(plant, full(building), 3)
    assert seen.hvac[0] == pytest.approx(-600.0)
    assert seen.air[0] > 26.5


def test_a_compressor_that_was_stopped_waits_before_it_starts_again() -> None:
    """The controller's own minimum off time: commanded on after one minute, running after three."""
    building = office("vrf")
    plant = RcPlant(building, WEATHER, when(2025, 7, 15, 12))
    on = full(building)
    off = replace(on, terminal_on=np.zeros(1, dtype=bool))
    assert go(plant, on, 1).running[0]
    assert not plant.step(60.0, off).running[0]
    assert not plant.step(60.0, on).running[0]
    assert not plant.step(60.0, on).running[0]
    assert plant.step(60.0, on).running[0]


def test_an_open_window_lets_the_winter_in_and_the_carbon_dioxide_out() -> None:
    """Heating at full power does not hold the room; the air is fresh."""
    building = office()
    shut = RcPlant(building, WEATHER, when(2025, 1, 15, 8))
    open_ = RcPlant(building, WEATHER, when(2025, 1, 15, 8))
    closed_day = go(shut, full(building, central=COLD), 4)
    open_day = go(open_, full(building, central=COLD, window_open=np.ones(1)), 4)
    assert open_day.gas_energy > 1.5 * closed_day.gas_energy
    assert open_day.co2[0] < closed_day.co2[0]


def test_people_breathe_the_room_towards_its_balance() -> None:
    """4 persons, 0.3 air changes of 120 m³: 420 ppm + G / q = 2,500 ppm in the end (ASTM D6245)."""
    building = office()
    plant = RcPlant(building, WEATHER, when(2025, 4, 15, 8))
    seen = go(plant, full(building, terminal_on=np.zeros(1, dtype=bool)), 48, dt=300.0)
    assert seen.co2[0] == pytest.approx(420.0 + 4 * 5.2e-6 / (0.3 * 120 / 3600) * 1e6, rel=1e-3)


def test_a_cooling_coil_dries_the_room() -> None:
    """Humidity falls below what comes in, and the chiller pays for the condensate."""
    building = office()
    plant = RcPlant(building, WEATHER, when(2025, 7, 15, 8))
    drying = go(plant, full(building, central=HOT), 6)
    damp = RcPlant(building, WEATHER, when(2025, 7, 15, 8))
    assert drying.humidity[0] < go(damp, full(building), 6).humidity[0]
    assert 30.0 < drying.relative_humidity[0] < 75.0


def with_handler(**rest: Any) -> Building:
    """Three rooms on one air handler."""
    rooms = tuple(
        Zone.facing(f"r{i}", 60.0, "west", terminal=Terminal("vav"), air_handler="ahu") for i in range(3)
    )
    return Building(rooms, (AirHandler("ahu", **rest),))


def test_rooms_on_an_air_handler_have_neither_cooling_nor_fresh_air_while_it_is_off() -> None:
    """One machine, three rooms."""
    building = with_handler()
    commands = full(building, central=HOT)
    on = go(RcPlant(building, WEATHER, when(2025, 7, 15, 8)), commands, 4)
    stopped = replace(commands, air_handler_on=np.zeros(1, dtype=bool))
    off = go(RcPlant(building, WEATHER, when(2025, 7, 15, 8)), stopped, 4)
    assert on.air == pytest.approx([26.0] * 3, abs=1e-6)
    assert (off.air > 28.0).all()
    assert (off.co2 > on.co2 + 300).all()
    assert not off.running.any()
    assert on.central[FANS] > 0 == off.central[FANS]


def test_a_slower_fan_takes_the_cube_of_its_speed() -> None:
    """Affinity law."""
    building = with_handler()
    plant = RcPlant(building, WEATHER, when(2025, 7, 15, 8))
    whole = float(plant.step(60.0, full(building)).central[FANS])
    half = float(plant.step(60.0, full(building, air_handler_speed=np.array([0.5]))).central[FANS])
    assert half == pytest.approx(whole / 8)


def test_warmer_chilled_water_saves_at_the_chiller() -> None:
    """10 °C instead of 7 °C, while the coils still manage."""
    used = []
    for water in (7.0, 10.0):
        building = office()
        plant = RcPlant(building, WEATHER, when(2025, 6, 15, 8))
        central = Central(chiller_on=True, chilled_water=water)
        seen = go(plant, full(building, central=central), 8)
        assert seen.air[0] == pytest.approx(26.0, abs=1e-6)
        used.append(float(seen.central_energy[COOLING]))
    assert used[1] < 0.95 * used[0]


def test_a_retrofit_of_lamps_glass_or_chiller_is_one_field_and_lowers_its_own_end_use() -> None:
    """Envelope, lamp and chiller as a draft changes them."""

    def used(building: Building) -> Observations:
        return go(RcPlant(building, WEATHER, when(2025, 7, 15, 8)), full(building, central=HOT), 10)

    before = office()
    zone = before.zones[0]
    lamps = replace(before, zones=(replace(zone, lighting=4.0),))
    glass = replace(before, zones=(replace(zone, envelope=replace(zone.envelope, shgc=0.2)),))
    chiller = replace(before, central=CentralPlant(chiller_cop=6.0))
    base = used(before)
    lit = base.energy[LIGHTS].sum()
    assert used(lamps).energy[LIGHTS].sum() == pytest.approx(lit / 2)
    for draft in (lamps, glass, chiller):
        assert used(draft).central_energy[COOLING] < base.central_energy[COOLING]


def test_every_month_the_heat_ledger_closes_to_a_thousandth() -> None:
    """A year of working days at half-hour steps, with windows, coils, compressors and an air handler at work."""
    rooms = office("fcu", 2).zones
    second = replace(rooms[1], terminal=Terminal("vrf"), air_handler="ahu")
    building = Building((rooms[0], second), (AirHandler("ahu"),))
    plant = RcPlant(building, WEATHER, when(2025, 1, 1), balance=True)
    night = Commands.idle(2, 1)
    busy = full(building, central=Central(chiller_on=True, boiler_on=True))
    airing = replace(busy, window_open=np.array([1.0, 0.0]))
    for _ in range(365):
        for commands, hours in ((night, 8), (busy, 4), (airing, 1), (busy, 5), (night, 6)):
            go(plant, commands, hours, dt=1800.0)
    assert plant.balance is not None
    months = plant.balance.months
    assert len(months) == 12
    for month in months.values():
        assert month.residual < 1e-3
        assert np.abs(month.hvac).sum() > 0


def power(seen: Observations) -> float:
    """Electric power of the whole building, W."""
    return float(seen.electric.sum() + seen.central.sum())


def test_energy_is_power_over_time_in_every_end_use() -> None:
    """What the registers count is what ran."""
    building = with_handler()
    plant = RcPlant(building, WEATHER, when(2025, 7, 15, 8))
    commands = full(building, central=HOT)
    joules = 0.0
    for _ in range(120):
        joules += power(plant.step(60.0, commands)) * 60.0
    seen = plant.step(60.0, commands)
    joules += power(seen) * 60.0
    assert float(seen.energy.sum() + seen.central_energy.sum()) == pytest.approx(joules)


def test_the_same_start_gives_the_same_bytes_and_rooms_in_another_order_the_same_rooms() -> None:
    """Nothing in a room's physics depends on where in the list it stands."""
    kinds = ["fcu", "vrf", "split", "none", "fcu", "vrf", "fcu"]
    faces = ["north", "east", "south", "west", "south-east", "north-west", "south"]
    rooms = tuple(
        Zone.facing(f"r{i}", 20.0 + i, face, terminal=Terminal(kind))  # type: ignore[arg-type]  # literals
        for i, (kind, face) in enumerate(zip(kinds, faces, strict=True))
    )

    def run(zones: tuple[Zone, ...]) -> dict[str, bytes]:
        building = Building(zones)
        plant = RcPlant(building, WEATHER, when(2025, 7, 15, 6))
        seen = go(plant, full(building, central=HOT), 24)
        return {
            name: np.concatenate([[seen.air[i], seen.humidity[i]], seen.energy[:, i]]).tobytes()
            for i, name in enumerate(plant.zones)
        }

    first = run(rooms)
    assert run(rooms) == first
    assert run(rooms[::-1]) == first


def test_steps_of_five_minutes_tell_the_same_story_as_steps_of_one() -> None:
    """Stable and close: a free room within 0.05 K, a cooled day's heat within 2 %."""
    results = []
    for dt in (60.0, 300.0):
        building = office("vrf")
        plant = RcPlant(building, WEATHER, when(2025, 7, 15))
        free = float(go(plant, Commands.idle(1), 12, dt).air[0])
        results.append((free, float(go(plant, full(building), 8, dt).energy[COOLING, 0])))
    assert results[0][0] == pytest.approx(results[1][0], abs=0.05)
    assert results[0][1] == pytest.approx(results[1][1], rel=0.02)


def test_impossible_buildings_are_named_field_by_field() -> None:
    """Zero area, COP 0, an air handler that is not there, a name used twice: all at once."""
    bad = Building(
        (
            Zone("a", 0.0),
            Zone("a", 20.0, terminal=Terminal("vrf", cooling_cop=0.0), air_handler="roof"),
            Zone("b", float("nan")),
        ),
        central=CentralPlant(chiller_cop=0.0),
    )
    found = {problem.path for problem in problems(bad)}
    assert found == {
        "zones.0.area",
        "zones.1.id",
        "zones.1.terminal.cooling_cop",
        "zones.1.air_handler",
        "zones.2.area",
        "central.chiller_cop",
    }
    assert all(problem.hint for problem in problems(bad))
    with pytest.raises(ValueError, match=r"zones\.0\.area"):
        RcPlant(bad, WEATHER, 0.0)


@pytest.mark.parametrize("dt", [0.0, -60.0, 7200.0, float("nan")])
def test_a_step_that_is_no_step_is_refused(dt: float) -> None:
    """More than nothing and at most an hour."""
    building = office()
    with pytest.raises(ValueError, match="a step of"):
        RcPlant(building, WEATHER, 0.0).step(dt, Commands.idle(1))
