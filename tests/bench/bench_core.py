"""What deciding costs: `python -m tests.bench.bench_core`, part of `make bench`.

1,000 zones from scratch (aim below 50 ms) and one changed reading among 10, 100 and 1,000 zones (aim below
50 µs, level). Medians over many runs, so that a busy machine does not decide the figure.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from config.roles import Role
from config.site import Zone
from drivers.readings import Quality, Reading
from schedules.seasons import Season
from supervisor.core.engine import Evaluation, evaluate, plan_zone
from supervisor.core.rule import Memory
from supervisor.core.views import Facts, ZoneView
from tests.unit.core import parts
from tests.unit.core.building import Building

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""
FACTS = Facts(season=Season.SUMMER, weather_normal=True)
SCRATCH_AIM = 0.050
CHANGE_AIM = 50e-6


def office(number: int) -> ZoneView:
    """A zone with a fan coil, lights, a window contact, presence and temperature; every third is empty."""
    zone: Zone = replace(parts.zone(parts.fan_coil(), parts.lamps()), id=f"office-{number}")
    building = Building(zone, parts.timetable(), NOON, Season.SUMMER)
    for role, value in ((Role.TEMPERATURE, 25.0), (Role.OCCUPANCY, number % 3 > 0), (Role.WINDOW, False)):
        building.readings[zone.sensors[role][0].id] = Reading(value, Quality.GOOD, NOON, NOON - 1200.0)
    for output in building.outputs.values():
        output.settle(NOON)
    return building.view()


def timed(what: Callable[[], object], runs: int) -> float:
    """Median seconds of processor time of a call: what it costs, not what else the machine does."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        what()
        found.append(time.process_time() - start)
    return statistics.median(found)


def scratch(zones: int = 1000, runs: int = 15) -> float:
    """Seconds to decide every zone with nothing remembered."""
    views = [office(n) for n in range(zones)]
    plans = [plan_zone(view.zone) for view in views]

    def everything() -> None:
        for view, plan in zip(views, plans, strict=True):
            evaluate(view, FACTS, {}, NOON, plan=plan)

    return timed(everything, runs)


def one_change(zones: int, runs: int = 2000) -> float:
    """Seconds to decide the one zone whose thermometer moved, among `zones` that are decided already."""
    views = {n: office(n) for n in range(zones)}
    plans = {n: plan_zone(view.zone) for n, view in views.items()}
    memories: dict[int, Memory] = {}
    answers: dict[int, Evaluation] = {}
    for n, view in views.items():
        answers[n] = evaluate(view, FACTS, {}, NOON, plan=plans[n])
        memories[n] = answers[n].memory
    changed = zones // 2
    turn = 0

    def change() -> None:
        nonlocal turn
        turn += 1
        old = views[changed]
        assert old.temperature is not None
        reading = Reading(24.0 + turn % 20 / 10, Quality.GOOD, NOON + turn, NOON + turn)
        views[changed] = old._replace(temperature=old.temperature._replace(reading=reading))
        answers[changed] = evaluate(
            views[changed], FACTS, memories[changed], NOON + turn, plan=plans[changed]
        )

    return timed(change, runs)


def main() -> None:
    """Print the figures beside their aims."""
    gc.disable()
    seconds = scratch()
    print(f"1000 zones from scratch   {seconds * 1e3:7.1f} ms   aim < {SCRATCH_AIM * 1e3:.0f} ms")
    for zones in (10, 100, 1000):
        seconds = one_change(zones)
        print(f"one reading of {zones:4} zones  {seconds * 1e6:7.1f} µs   aim < {CHANGE_AIM * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
