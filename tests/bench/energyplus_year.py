"""What a year of EnergyPlus costs: `python -m tests.bench.energyplus_year`, for five zones by the minute.

The reference small office with everything on in hours, stepped by the minute as the rehearsal does, without rules or
people that move: the price of the physics alone, to be set beside the built-in plant's.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from simulator.plant.base import Commands
from simulator.plant.choice import plant_for
from simulator.plant.from_site import building_of
from simulator.plant.kind import PlantKind
from simulator.weather import SyntheticShanghai
from tests.site_files import site_of_text

SITE = Path(__file__).with_name("small_office.yaml")
DAY = 86_400.0


def year(kind: PlantKind, days: int = 365, timesteps: int = 60) -> str:
    """Live `days` of minutes on a plant; one line of what they cost."""
    text = SITE.read_text(encoding="utf-8")
    text = text.replace("  model: small_office\n", f"  model: small_office\n  timesteps: {timesteps}\n")
    site = site_of_text(text, str(SITE))
    start = dt.datetime(2026, 1, 1, tzinfo=site.tz).timestamp()
    count = len(site.zones)
    idle = replace(Commands.idle(count), plugs=np.full(count, 0.1))
    work = replace(
        idle, terminal_on=np.ones(count, dtype=np.bool_), people=np.full(count, 5.0),
        lights=np.ones(count), plugs=np.ones(count),
    )  # fmt: skip
    wall, processor = time.perf_counter(), _processor()
    plant = plant_for(kind, site, building_of(site), SyntheticShanghai(1), start, start + days * DAY)
    ready = time.perf_counter() - wall
    for minute in range(days * 1440):
        plant.step(60.0, work if 480 <= minute % 1440 < 1080 else idle)
    plant.close()
    wall, processor = time.perf_counter() - wall, _processor() - processor
    return (
        f"plant={kind} zones={count} days={days} steps_an_hour={timesteps} wall={wall:.1f}s "
        f"processor={processor:.1f}s ready_after={ready:.1f}s"
    )


def _processor() -> float:
    """Seconds of this process and of the engines that it has seen end."""
    ours, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def main() -> None:
    """Print a line for each plant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--timesteps", type=int, default=60, help="EnergyPlus's steps an hour")
    options = parser.parse_args()
    for kind in PlantKind:
        print(year(kind, options.days, options.timesteps), flush=True)


if __name__ == "__main__":
    main()
