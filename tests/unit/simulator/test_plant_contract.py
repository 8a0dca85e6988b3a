"""What every plant keeps: the built-in one and EnergyPlus, asked the same questions about the same five-zone office.

EnergyPlus steps six times an hour here, which the tests of time and of sameness do by the minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from config.site import Site
from simulator.plant.base import COOLING, EQUIPMENT, FANS, HEATING, LIGHTS, Commands, Observations, Plant
from simulator.plant.choice import plant_for
from simulator.plant.from_site import building_of
from simulator.plant.kind import PlantKind
from simulator.weather import SyntheticShanghai
from tests.site_files import site_of_file, site_of_text

OFFICE = Path(__file__).parents[2] / "bench" / "small_office.yaml"
WEATHER = SyntheticShanghai(seed=3)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600.0
DAY = 24 * HOUR


def when(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    """POSIX seconds of a local date and time."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).timestamp()


JULY, JANUARY = when(2026, 7, 15, 8), when(2026, 1, 14, 8)
Start = Callable[..., Plant]


@pytest.fixture(scope="module")
def site() -> Site:
    """The reference small office."""
    text = OFFICE.read_text(encoding="utf-8").replace(
        "model: small_office", "model: small_office\n  timesteps: 6"
    )
    return site_of_text(text, str(OFFICE))


@pytest.fixture(scope="module")
def minutely() -> Site:
    """The same as its file has it: a step a minute."""
    return site_of_file(OFFICE)


@pytest.fixture(params=list(PlantKind), scope="module")
def kind(request: pytest.FixtureRequest) -> PlantKind:
    """Each plant in turn."""
    chosen: PlantKind = request.param
    return chosen


@contextmanager
def running(kind: PlantKind, site: Site, start: float = JULY) -> Iterator[Plant]:
    """A plant of that kind, let go at the end."""
    plant = plant_for(kind, site, building_of(site), WEATHER, start, start + 3 * DAY)
    try:
        yield plant
    finally:
        plant.close()


def busy(**change: Any) -> Commands:
    """An office at work: people, lamps and screens; air conditioning that may cool, at 26 °C, and is on."""
    count = 5
    commands = replace(
        Commands.idle(count),
        people=np.full(count, 4.0),
        lights=np.ones(count),
        plugs=np.ones(count),
        terminal_on=np.ones(count, dtype=bool),
        heating=np.zeros(count, dtype=bool),
    )
    return replace(commands, **change)


def go(plant: Plant, commands: Commands, hours: float, dt: float = 60.0) -> Observations:
    """Live some hours; a copy of what is seen at their end."""
    for _ in range(round(hours * HOUR / dt) - 1):
        plant.step(dt, commands)
    return kept(plant.step(dt, commands))


def kept(seen: Observations) -> Observations:
    """What the next step does not overwrite."""
    copies: dict[str, Any] = {
        name: x.copy() for name, x in seen._asdict().items() if isinstance(x, np.ndarray)
    }
    return seen._replace(**copies)


@pytest.fixture(scope="module")
def july(kind: PlantKind, site: Site) -> tuple[Observations, Observations, Observations]:
    """A July morning: after an hour with all off, after two more with cooling, after two more without."""
    with running(kind, site) as plant:
        off = busy(terminal_on=np.zeros(5, dtype=bool))
        return go(plant, off, 1), go(plant, busy(), 2), go(plant, off, 2)


Morning = tuple[Observations, Observations, Observations]


def test_time_goes_on_by_exactly_what_was_asked(kind: PlantKind, minutely: Site) -> None:
    """Minutes, odd seconds and a whole hour; the clock shows their sum, and the weather is that moment's."""
    with running(kind, minutely) as plant:
        assert plant.time == JULY
        assert plant.zones == ("core", "east", "north", "south", "west")
        now = JULY
        for dt in (60.0, 60.0, 17.0, 43.0, 90.0, 3600.0, 0.5):
            seen = plant.step(dt, busy())
            now += dt
            assert seen.time == plant.time == now
            assert seen.outdoor.dry_bulb == pytest.approx(WEATHER.at(now).dry_bulb, abs=1.0)


def test_a_step_of_no_length_or_of_more_than_an_hour_is_refused(kind: PlantKind, site: Site) -> None:
    """ValueError, and nothing has happened."""
    with running(kind, site) as plant:
        for dt in (0.0, -60.0, 3601.0, float("nan")):
            with pytest.raises(ValueError, match="a step of"):
                plant.step(dt, busy())
        assert plant.time == JULY


def test_with_everything_off_in_july_rooms_warm_and_no_machine_takes_power(july: Morning) -> None:
    """People, lamps, screens and sun heat the rooms above the outdoor air; nothing carries it away."""
    closed, _, _ = july
    assert (closed.air > 25.0).all()
    assert not closed.running.any()
    assert (closed.hvac == 0.0).all()
    assert closed.central[FANS] + closed.electric[FANS].sum() == 0.0
    assert closed.central[COOLING] + closed.electric[COOLING].sum() == 0.0


def test_cooling_brings_every_room_to_its_setpoint_and_costs_electricity(july: Morning) -> None:
    """26 °C within two hours, held to a tenth; compressors and fans take power while heat is carried away."""
    before, cooled, _ = july
    assert (cooled.air < before.air).all()
    assert cooled.air == pytest.approx(26.0, abs=0.1)
    assert (cooled.hvac < 0.0).all()
    assert cooled.running.all()
    assert cooled.central[COOLING] + cooled.electric[COOLING].sum() > 1000.0
    assert cooled.central[FANS] + cooled.electric[FANS].sum() > 100.0
    spent = (
        cooled.energy.sum() + cooled.central_energy.sum() - before.energy.sum() - before.central_energy.sum()
    )
    assert spent > 5 * 3.6e6


def test_what_is_switched_off_stops_and_the_rooms_drift_back(july: Morning) -> None:
    """No run status, no power, and warmer than the setpoint again."""
    _, cooled, off = july
    assert not off.running.any()
    assert (off.air > cooled.air + 0.3).all()
    assert off.central[COOLING] + off.electric[COOLING].sum() == 0.0


def test_in_january_an_empty_office_cools_and_heating_warms_it_for_fuel_or_power(
    kind: PlantKind, site: Site
) -> None:
    """Off overnight it falls towards the outdoor air; heated, it reaches 20 °C and something is burnt."""
    empty = Commands.idle(5)
    heated = replace(
        empty,
        terminal_on=np.ones(5, dtype=bool),
        heating=np.ones(5, dtype=bool),
        cooling=np.zeros(5, dtype=bool),
    )
    with running(kind, site, JANUARY) as plant:
        early = go(plant, empty, 0.5)
        late = go(plant, empty, 12, 600.0)
        assert (late.air < early.air + 0.5).all()
        assert (late.air > late.outdoor.dry_bulb).all()
        warm = go(plant, heated, 3)
    assert warm.air == pytest.approx(20.0, abs=0.2)
    assert (warm.hvac > 0.0).all()
    assert warm.gas + warm.central[HEATING] + warm.electric[HEATING].sum() > 1000.0


def test_one_room_is_cooled_and_the_others_are_left_alone(kind: PlantKind, site: Site) -> None:
    """Each zone has a start-stop of its own: the south room at 24 °C, its neighbours still above 26."""
    south = 3
    on = np.zeros(5, dtype=bool)
    on[south] = True
    with running(kind, site) as plant:
        seen = go(plant, busy(terminal_on=on, cooling_setpoint=np.full(5, 24.0)), 3)
    assert plant.zones[south] == "south"
    assert seen.air[south] == pytest.approx(24.0, abs=0.1)
    assert (np.delete(seen.air, south) > 26.0).all()
    assert (np.delete(seen.hvac, south) == 0.0).all()


def test_a_unit_that_may_not_cool_does_not(kind: PlantKind, site: Site) -> None:
    """In heating season the changeover leaves a hot room hot: its fan turns, nothing is cooled."""
    with running(kind, site) as plant:
        seen = go(plant, busy(cooling=np.zeros(5, dtype=bool)), 2)
    assert (seen.air > 27.0).all()
    assert seen.central[COOLING] + seen.electric[COOLING].sum() == pytest.approx(0.0, abs=1.0)


def test_lamps_and_screens_take_the_power_they_are_told_to(kind: PlantKind, site: Site) -> None:
    """Half the lamps half the power; none none; and what they take warms the room."""
    with running(kind, site) as plant:
        full = kept(plant.step(600.0, busy()))
        half = kept(plant.step(600.0, busy(lights=np.full(5, 0.5), plugs=np.full(5, 0.5))))
        none = kept(plant.step(600.0, busy(lights=np.zeros(5), plugs=np.zeros(5))))
    for use in (LIGHTS, EQUIPMENT):
        assert (full.electric[use] > 100.0).all()
        assert half.electric[use] == pytest.approx(full.electric[use] / 2.0)
        assert none.electric[use].sum() == 0.0


def test_an_open_window_on_a_cold_day_chills_the_room(kind: PlantKind, site: Site) -> None:
    """The plan's 开空调时不开窗 has a cost to save: three kelvin and more within two hours, and no closed room's."""
    idle = Commands.idle(5)
    opened = np.zeros(5)
    opened[3] = 1.0
    with running(kind, site, JANUARY) as plant:
        go(plant, idle, 1)
        shut = kept(plant.step(60.0, idle))
        seen = go(plant, replace(idle, window_open=opened), 2)
    assert seen.air[3] < shut.air[3] - 1.0
    assert (np.delete(seen.air - shut.air, 3) > -1.0).all()


def test_people_bring_warmth_vapour_and_carbon_dioxide(kind: PlantKind, site: Site) -> None:
    """Beside the same room empty: a full one is warmer, damper and staler after three hours."""
    rooms = []
    for people in (0.0, 15.0):
        with running(kind, site) as plant:
            off = busy(people=np.full(5, people), terminal_on=np.zeros(5, dtype=bool))
            rooms.append(go(plant, off, 3))
    empty, full = rooms
    assert (full.air > empty.air + 0.2).all()
    assert (full.humidity > empty.humidity).all()
    assert (full.co2 > empty.co2 + 200.0).all()


def test_registers_only_ever_rise_and_are_the_sum_of_the_powers(kind: PlantKind, site: Site) -> None:
    """Energy counts exactly what the powers say, in steps of any length; water rises with people."""
    commands = busy()
    with running(kind, site) as plant:
        last = kept(plant.step(60.0, commands))
        for dt in (60.0, 60.0, 30.0, 30.0, 200.0, 600.0):
            seen = kept(plant.step(dt, commands))
            assert (seen.energy - last.energy) == pytest.approx(seen.electric * dt, abs=1e-3)
            assert (seen.central_energy - last.central_energy) == pytest.approx(seen.central * dt, abs=1e-3)
            assert seen.gas_energy - last.gas_energy == pytest.approx(seen.gas * dt, abs=1e-3)
            assert (seen.electric >= 0.0).all()
            assert (seen.central >= 0.0).all()
            assert seen.water > last.water
            last = seen


def test_the_same_commands_from_the_same_start_give_the_same_bytes(kind: PlantKind, minutely: Site) -> None:
    """Two plants, side by side in time: not a digit differs."""
    with running(kind, minutely) as one, running(kind, minutely) as other:
        for _ in range(30):
            ours, theirs = one.step(60.0, busy()), other.step(60.0, busy())
            for a, b in zip(ours, theirs, strict=True):
                assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_a_plant_is_let_go_in_the_middle_of_its_run_and_twice(kind: PlantKind, site: Site) -> None:
    """Ctrl-C in the rehearsal: nothing hangs, nothing is left; another one can begin."""
    with running(kind, site) as plant:
        plant.step(600.0, busy())
        plant.close()
        plant.close()
    with running(kind, site) as again:
        assert again.step(60.0, busy()).time == JULY + 60.0


def test_indoor_readings_are_what_a_sensor_could_show(july: Morning) -> None:
    """Operative temperature near the air's, humidity and carbon dioxide of a real room."""
    for seen in july:
        assert (np.abs(seen.operative - seen.air) < 5.0).all()
        assert (seen.relative_humidity > 10.0).all()
        assert (seen.relative_humidity < 100.5).all()
        assert (seen.co2 >= 400.0).all()
        assert seen.pressure == pytest.approx(101_000, abs=1500)
