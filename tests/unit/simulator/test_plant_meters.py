"""Meters of the simulated building."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.meters import Meter, MeterBank
from simulator.plant.base import Central, Commands, Observations
from simulator.plant.building import Building, Terminal, Zone
from simulator.plant.rc import RcPlant
from simulator.weather import SyntheticShanghai

BUILDING = Building(
    (
        Zone.facing("office", 40.0, "south", equipment=15.0),
        Zone.facing("server", 20.0, "north", terminal=Terminal("split"), equipment=300.0, special=True),
    )
)
METERS = (
    Meter("all", "total"),
    Meter("sockets", "lighting_socket"),
    Meter("cool", "hvac"),
    Meter("lifts", "power"),
    Meter("racks", "special"),
    Meter("taps", "water"),
    Meter("floor", "lighting_socket", zones=("office",)),
)


def afternoon() -> Observations:
    """Four hours of work in July."""
    commands = replace(
        Commands.idle(2),
        people=np.array([4.0, 0.0]),
        lights=np.array([1.0, 0.0]),
        plugs=np.ones(2),
        terminal_on=np.ones(2, dtype=bool),
        central=Central(chiller_on=True),
    )
    plant = RcPlant(BUILDING, SyntheticShanghai(1), 1_752_552_000.0)
    for _ in range(239):
        plant.step(60.0, commands)
    return plant.step(60.0, commands)


def test_the_sub_items_add_up_to_the_total() -> None:
    """照明插座 + 空调 + 动力 + 特殊 = 总, in energy and in power."""
    bank, seen = MeterBank(METERS, BUILDING), afternoon()
    for shown in (bank.read(seen), bank.power(seen)):
        by = dict(zip((meter.id for meter in METERS), shown, strict=True))
        assert by["sockets"] + by["cool"] + by["lifts"] + by["racks"] == pytest.approx(by["all"])
        assert by["cool"] > 0.0


def test_a_server_room_counts_as_special_use_and_an_office_as_sockets() -> None:
    """300 W/m² on 20 m² for 4 h is 24 kWh; 23 W/m² on 40 m² is 3.68 kWh."""
    by = dict(zip((meter.id for meter in METERS), MeterBank(METERS, BUILDING).read(afternoon()), strict=True))
    assert by["racks"] == pytest.approx(24.0)
    assert by["sockets"] == by["floor"] == pytest.approx(3.68)


def test_water_goes_with_people() -> None:
    """Four persons, half a day: 80 litres."""
    by = dict(zip((meter.id for meter in METERS), MeterBank(METERS, BUILDING).read(afternoon()), strict=True))
    assert by["taps"] == pytest.approx(0.080)


def test_a_register_starts_where_it_stood_and_rolls_over() -> None:
    """Three digits: 999.5 kWh and a little more begins again at 0."""
    bank = MeterBank([Meter("old", "special", start=990.0, digits=3)], BUILDING)
    assert bank.read(afternoon())[0] == pytest.approx(990.0 + 24.0 - 1000.0)


def test_a_meter_of_a_room_that_is_not_there_is_refused() -> None:
    """A wrong name in a zone list."""
    with pytest.raises(KeyError, match="attic"):
        MeterBank([Meter("m", "total", zones=("attic",))], BUILDING)


def test_a_gas_meter_counts_what_the_boiler_burns_in_cubic_metres() -> None:
    """A winter's day by hot water; what the station takes and what the rooms take are together the air conditioning."""
    meters = [
        Meter(name, name) for name in ("gas", "hvac", "hvac_station", "hvac_terminals", "total", "diesel")
    ]
    bank = MeterBank(meters, BUILDING)
    plant = RcPlant(BUILDING, SyntheticShanghai(1), 1_736_900_000.0)
    on = replace(Commands.idle(2), terminal_on=np.ones(2, dtype=bool), central=Central(boiler_on=True))
    for _ in range(240):
        seen = plant.step(60.0, on)
    by = dict(zip((meter.id for meter in meters), bank.read(seen), strict=True))
    assert by["gas"] == pytest.approx(seen.gas_energy / 35.544e6)
    assert by["gas"] > 0.1
    assert by["hvac_station"] + by["hvac_terminals"] == pytest.approx(by["hvac"])
    assert by["hvac_station"] > 0.0 < by["hvac_terminals"]
    assert by["total"] == pytest.approx(by["hvac"] + seen.central_energy[-1] / 3.6e6)
    assert by["diesel"] == 0.0
