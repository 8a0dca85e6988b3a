"""What the physics costs: `python -m tests.bench.bench_plant`.

One-minute steps of 10, 100 and 1,000 zones through a summer week in which people come and go at every minute of
the working day: CPU time a step, and what a year of 525,600 steps would take (aim: 100 zones below 25 s). CPU time,
so that a busy machine does not decide the figure.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from simulator.plant.base import Central, Commands
from simulator.plant.building import ORIENTATIONS, AirHandler, Building, Terminal, Zone
from simulator.plant.rc import RcPlant
from simulator.weather import SyntheticShanghai

START = 1_751_299_200.0
"""2025-07-01T00:00 in Shanghai."""
DAYS = 7
YEAR = 525_600


def building(zones: int) -> Building:
    """Rooms of every orientation, half on fan coils, half on VRF, every fifth with fresh air."""
    faces = list(ORIENTATIONS)
    rooms = tuple(
        Zone.facing(
            f"z{number}",
            30.0,
            faces[number % len(faces)],
            terminal=Terminal("fcu" if number % 2 else "vrf"),
            air_handler="fresh" if number % 5 == 0 else None,
        )
        for number in range(zones)
    )
    return Building(rooms, (AirHandler("fresh"),))


def seconds_per_step(zones: int, days: int = DAYS) -> float:
    """CPU time of one step, the weather's share included."""
    plant = RcPlant(building(zones), SyntheticShanghai(1), START)
    idle = Commands.idle(zones, 1)
    busy = replace(
        idle,
        lights=np.ones(zones),
        plugs=np.ones(zones),
        terminal_on=np.ones(zones, dtype=np.bool_),
        air_handler_on=np.ones(1, dtype=np.bool_),
        central=Central(chiller_on=True),
    )
    began = time.process_time()
    for minute in range(days * 1440):
        at_work = 480 <= minute % 1440 < 1080
        plant.step(60.0, replace(busy, people=np.full(zones, float(minute % 3))) if at_work else idle)
    return (time.process_time() - began) / (days * 1440)


def main() -> None:
    """Print one line for each size."""
    for zones in (10, 100, 1000):
        step = seconds_per_step(zones)
        print(
            f"zones={zones} step={step * 1e6:.1f}us year={step * YEAR:.1f}s per_zone={step / zones * 1e9:.0f}ns"
        )


if __name__ == "__main__":
    main()
