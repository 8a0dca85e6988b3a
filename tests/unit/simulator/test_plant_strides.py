"""The built-in plant in strides: to the last bit what it is one minute at a time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from schedules.weather.series import Sample
from simulator.plant.base import END_USES, Central, Commands, Felt, Observations
from simulator.plant.building import AirHandler, Building, CentralPlant, Partition, Storey, Terminal, Zone
from simulator.plant.plantroom import PlantRoom
from simulator.plant.rc import Floats, RcPlant
from simulator.plant.strides import StridingRcPlant
from simulator.plant.ventilation import Ventilation
from simulator.weather import SyntheticShanghai

WEATHER = SyntheticShanghai(seed=3)
FACES = ("south", "east", "north", "west")


def of(kind: str, count: int = 3, **rest: Any) -> Building:
    """Rooms with one kind of terminal; VAV boxes and fresh air hang on an air handler."""
    terminal = Terminal(kind, **rest)  # type: ignore[arg-type]  # a literal in every call
    rooms = tuple(
        Zone.facing(
            f"r{n}",
            30.0 + n,
            FACES[n % 4],
            terminal=terminal,
            air_handler="ahu" if kind == "vav" or n == 1 else None,
        )
        for n in range(count)
    )
    return Building(rooms, (AirHandler("ahu"),), CentralPlant(reheat="electric"))


BUILDINGS = {
    "fan coils": of("fcu"),
    "one room": of("fcu", 1),
    "boxes": of("vav"),
    "compressors": of("vrf", fan_heat=1.0),
    "gas furnaces": of("split", gas_efficiency=0.9, outdoor_air=200.0),
    "resistance": of("split", resistance=True),
    "walls between rooms": replace(of("fcu"), partitions=(Partition("r0", "r1", 20.0),)),
    "rooms of a storey": replace(of("split", gas_efficiency=0.9), storeys=(Storey(("r0", "r1", "r2"), 4.0),)),
    "heat recovery": replace(of("vav"), air_handlers=(AirHandler("ahu", recovery=0.6),)),
}


def day(building: Building, seed: int, month: int) -> list[tuple[int, Commands]]:
    """What is commanded, and for how many minutes, by people who change their minds at odd times."""
    dice, count = random.Random(seed), len(building.zones)
    commands, found = Commands.idle(count, len(building.air_handlers)), []
    central = Central(chiller_on=month == 7, boiler_on=month == 1)
    for _ in range(40):
        some = np.array([dice.random() < 0.5 for _ in range(count)])
        change: dict[str, Any] = dice.choice(
            [
                {"people": some * 3.0, "plugs": some * 1.0},
                {"lights": some * 1.0},
                {"window_open": some * 0.5},
                {"terminal_on": some, "central": central},
                {"terminal_on": ~some, "air_handler_on": np.array([dice.random() < 0.7])},
                {"cooling_setpoint": 22.0 + 4.0 * some},
            ]
        )
        commands = replace(commands, **change)
        found.append((dice.choice((1, 2, 3, 7, 20, 45, 90)), commands))
    return found


def bits(seen: Observations | Felt) -> list[object]:
    """All that is seen, as bits."""
    return [x.tobytes() if isinstance(x, np.ndarray) else x for x in seen]


@pytest.mark.parametrize("month", [1, 7])
@pytest.mark.parametrize("name", BUILDINGS)
def test_strides_leave_every_bit_as_single_minutes_do(name: str, month: int) -> None:
    """Winter and summer, every kind of terminal, across midnight: all figures at the end of each stride are the same."""
    building = BUILDINGS[name]
    start = datetime(2026, month, 14, 17, 3, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    one, other = RcPlant(building, WEATHER, start), StridingRcPlant(building, WEATHER, start)
    dice, longest = random.Random(month), 1
    asked, told = [], []

    def some(air: Floats, outdoors: Sequence[Sample]) -> int:
        assert len(air) == len(outdoors)
        return len(air) if dice.random() < 0.5 else dice.randint(1, len(air))

    for minutes, commands in day(building, month, month):
        while minutes:
            passed = other.stride(60.0, commands, minutes, some)
            lived = len(passed.air)
            longest = max(longest, lived)
            for row in passed.air:
                seen = one.step(60.0, commands)
                assert row.tobytes() == seen.air.tobytes()
            if minutes % 3 == 0:
                asked.append(bits(Felt.of(seen)))
                other.feel(lambda felt: told.append(bits(felt)))
            if dice.random() < 0.3:
                assert bits(seen) == bits(other.observe())
                assert one.coil_cold.tobytes() == other.coil_cold.tobytes()
            assert seen.running.tobytes() == passed.running.tobytes()
            assert (seen.time, seen.outdoor) == (passed.time, passed.outdoor)
            minutes -= lived
    other.observe()
    assert told == asked, "what it felt like, told later"
    assert asked
    assert (longest > 10) is (name != "heat recovery"), "what is to be shown"


def test_a_stride_ends_with_the_minute_in_which_a_compressor_may_start_again() -> None:
    """Its minimum off time ends in the middle: what runs is seen at the end of a stride of one minute."""
    building = of("vrf")
    plant = StridingRcPlant(building, WEATHER, 1_784_000_040.0)
    off = Commands.idle(3, 1)
    on = replace(off, terminal_on=np.ones(3, dtype=bool))
    for commands in (on, off):
        plant.stride(60.0, commands, 1, lambda air, _: len(air))
    plant.stride(60.0, on, 60, lambda air, _: len(air))
    while not plant.stride(60.0, on, 60, lambda air, _: len(air)).running.all():
        assert plant.time < 1_784_000_040.0 + 360.0
    assert plant.time == 1_784_000_040.0 + 300.0


@pytest.mark.parametrize("heater", ["gas", "heat_pump", "electric"])
def test_the_plant_room_serves_many_minutes_as_it_serves_each(heater: Any) -> None:
    """Electricity and gas to the last bit, whatever is asked for, idle minutes among them."""
    building = replace(BUILDINGS["boxes"], central=CentralPlant(heater=heater, reheat="electric"))
    room = PlantRoom(building, Ventilation(building, 1.2))
    dice = np.random.default_rng(5)
    some = np.array([n % 3 > 0 for n in range(12)])
    cold, hot = dice.uniform(0.0, 40_000.0, 12) * some, dice.uniform(0.0, 9_000.0, (12, 3)) * ~some[:, None]
    dry, wet = dice.uniform(-5.0, 38.0, 12), dice.uniform(-6.0, 27.0, 12)
    for central in (Central(), Central(chiller_on=True, pump_speed=0.7), Central(boiler_on=True)):
        for cooling, heating in ((cold, hot), (cold, 0.0 * hot), (0.0 * cold, hot), (0.0 * cold, 0.0 * hot)):
            one, many = np.ones((12, len(END_USES))), np.ones((12, len(END_USES)))
            gas = [
                room.serve(float(cooling[n]), tuple(heating[n].tolist()), central, (dry[n], wet[n]), one[n])
                for n in range(12)
            ]
            assert room.serve_all(cooling, heating, central, (dry, wet), many).tolist() == gas
            assert many.tobytes() == one.tobytes()
