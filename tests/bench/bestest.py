"""BESTEST cases 600, 640, 900 and 940 on the built-in plant, beside the ranges of ASHRAE 140-2020.

    python tests/bench/bestest.py WEATHER.epw

prints the table of docs/validation.md, which says where the inputs come from. Without an argument it
takes the Denver year of the `energyplus` extra. Exits 1 when a file has problems.
"""

from __future__ import annotations

import dataclasses
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from schedules.weather.epw import read_epw
from schedules.weather.series import Weather
from simulator.plant.base import Commands
from simulator.plant.building import Building, Envelope, Facade, Mass, Terminal, Zone
from simulator.plant.rc import RcPlant

FLOOR, HEIGHT = 48.0, 2.7
"""m² and m: 8 m by 6 m by 2.7 m. ASHRAE 140-2020, 7.2.1."""
NORTH_SOUTH, EAST_WEST, GLASS = 8.0 * HEIGHT, 6.0 * HEIGHT, 12.0
OPAQUE = 2 * NORTH_SOUTH + 2 * EAST_WEST - GLASS


class Case(NamedTuple):
    """A case: its layers' heat capacities as ISO 13790 counts them, and whether the heating is set back."""

    wall: float
    """J/(m² K) inside of the insulation, at most 10 cm deep: ISO 13790:2008, 12.3.1.2."""
    roof: float
    floor: float
    setback: bool


# Density, specific heat and thickness of the layers: ASHRAE 140-2020, tables 7-2 (600) and 7-28 (900).
_LIGHT = (0.012 * 950 * 840, 0.010 * 950 * 840, 0.025 * 650 * 1200)
_HEAVY = (0.100 * 1400 * 1000, 0.010 * 950 * 840, 0.080 * 1400 * 1000)
CASES = {
    "600": Case(*_LIGHT, setback=False),
    "640": Case(*_LIGHT, setback=True),
    "900": Case(*_HEAVY, setback=False),
    "940": Case(*_HEAVY, setback=True),
}


class Range(NamedTuple):
    """Lowest and highest of the six reference programs, ASHRAE 140-2020 tables B8-1 to B8-4 (MWh, kW)."""

    heating: tuple[float, float]
    cooling: tuple[float, float]
    peak_heating: tuple[float, float]
    peak_cooling: tuple[float, float]


RANGES = {
    "600": Range((3.993, 4.504), (5.432, 6.162), (3.020, 3.359), (5.422, 6.481)),
    "640": Range((2.403, 2.682), (5.237, 5.893), (4.039, 4.658), (5.365, 6.429)),
    "900": Range((1.379, 1.814), (2.267, 2.714), (2.443, 2.778), (2.556, 3.376)),
    "940": Range((0.863, 1.389), (2.203, 2.613), (3.052, 3.882), (2.556, 3.376)),
}


class Result(NamedTuple):
    """Annual sensible loads, MWh; peaks of hourly means, kW; the worst month's residual of the balance."""

    heating: float
    cooling: float
    peak_heating: float
    peak_cooling: float
    residual: float


def building(case: Case) -> Building:
    """The case's building. U-values, window, gains, infiltration: ASHRAE 140-2020, 7.2.1.

    3.5 % of the sun goes out again by the window: its Annex B, "interior solar distribution".
    """
    areas = np.array([OPAQUE, FLOOR, FLOOR])
    capacities = np.array([case.wall, case.roof, case.floor])
    whole = float(areas @ capacities)
    effective = whole**2 / float(areas @ capacities**2)  # ISO 13790:2008, 12.2.2
    envelope = Envelope(
        u_wall=0.514, u_roof=0.318, u_ground=0.039, ground_factor=1.0, u_window=2.10, shgc=0.769, frame=0.0,
        shading=0.965, angular=True, absorptance=0.6, emissivity=0.9, r_outside=1 / 29.3, infiltration=0.5,
        mass=Mass(whole / FLOOR, effective / FLOOR), inner_capacity=0.985 * 1006.0 * HEIGHT,
        surface_ratio=(OPAQUE + GLASS + 2 * FLOOR) / FLOOR,
    )  # fmt: skip
    facades = (
        Facade(180.0, NORTH_SOUTH, GLASS / NORTH_SOUTH),
        Facade(0.0, NORTH_SOUTH, 0.0),
        Facade(90.0, EAST_WEST, 0.0),
        Facade(270.0, EAST_WEST, 0.0),
    )
    zone = Zone(
        "cell", FLOOR, height=HEIGHT, facades=facades, roof_area=FLOOR, ground_area=FLOOR, envelope=envelope,
        equipment=200.0 / FLOOR, lighting=0.0,
        terminal=Terminal("split", cooling_capacity=1e6, heating_capacity=1e6, minimum_off=0.0),
    )  # fmt: skip
    return Building((zone,))


def run(case: Case, weather: Weather, *, year: int = 2005, dt: float = 60.0) -> Result:
    """A year of the case at steps of `dt` seconds, after a fortnight of warming up in the same weather."""
    offset = np.timedelta64(int(weather.site.utc_offset * 3600), "s")
    start = float((np.datetime64(f"{year}-01-01T00:00:00") - offset).astype(np.int64))
    plant = RcPlant(building(case), weather, start - 14 * 86_400.0, balance=True)
    day = dataclasses.replace(
        Commands.idle(1), plugs=np.ones(1), terminal_on=np.ones(1, dtype=np.bool_),
        cooling_setpoint=np.array([27.0]), heating_setpoint=np.array([20.0]),
    )  # fmt: skip
    night = dataclasses.replace(day, heating_setpoint=np.array([10.0])) if case.setback else day
    per_hour = round(3600.0 / dt)
    loads = np.zeros((365 * 24, 2))
    for hour in range(-14 * 24, 365 * 24):
        commands = day if 7 <= hour % 24 < 23 else night
        for _ in range(per_hour):
            heat = float(plant.step(dt, commands).hvac[0])
            if hour >= 0:
                loads[hour, 0 if heat > 0 else 1] += abs(heat) / per_hour
    assert plant.balance is not None
    residual = max(month.residual for month in plant.balance.months.values())
    (heating, cooling), (peak_heating, peak_cooling) = loads.sum(axis=0) / 1e6, loads.max(axis=0) / 1e3
    return Result(heating, cooling, peak_heating, peak_cooling, residual)


def table(weather: Weather) -> str:
    """The four cases as a Markdown table."""
    lines = ["| case | quantity | here | range | |", "|---|---|---:|---:|---|"]
    for name, case in CASES.items():
        result = run(case, weather)
        for quantity, (low, high) in RANGES[name]._asdict().items():
            value = getattr(result, quantity)
            off = 0.0 if low <= value <= high else value / (low if value < low else high) - 1.0
            verdict = "in range" if off == 0.0 else f"{off:+.0%}"
            unit = "kW" if "peak" in quantity else "MWh"
            what = f"{quantity.replace('_', ' ')}, {unit}"
            lines.append(f"| {name} | {what} | {value:.3f} | {low:.3f}–{high:.3f} | {verdict} |")
        lines.append(f"| {name} | worst month's balance | {result.residual:.1e} | 1e-3 | |")
    return "\n".join(lines)


def default_weather() -> Path:
    """The Denver year in the `energyplus` extra. Raises SystemExit when that is not installed."""
    found = find_spec("pyenergyplus")
    if found is None or found.origin is None:
        raise SystemExit("give an EPW file, or install the energyplus extra")
    return Path(found.origin).parent / "data/weather/USA_CO_Denver-Aurora-Buckley.AFB.724695_TMY3.epw"


def main() -> int:
    """Print the table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default_weather()
    reading = read_epw(path)
    for problem in reading.problems:
        print(f"{problem.file}:{problem.line}: {problem.message} ({problem.hint})", file=sys.stderr)
    if reading.weather is None:
        return 1
    print(f"Weather: {reading.weather.label}\n\n{table(reading.weather)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
