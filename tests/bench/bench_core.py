"""What deciding costs: `python -m tests.bench.bench_core`, part of `make bench`.

1,000 zones from scratch (aim below 50 ms), one changed reading among 10, 100 and 1,000 zones (aim below 50 µs,
level), a reading that did not change (aim below 5 µs). Medians of processor time over many runs, so that a busy
machine does not decide the figure.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from config.points import Point
from config.roles import Role
from config.site import Site, Zone
from drivers.readings import Quality, Reading
from schedules.from_site import calendar_of, timetables
from schedules.seasons import Season
from supervisor.core.decider import Decider
from supervisor.core.engine import Evaluation, evaluate, plan_zone
from supervisor.core.known import Known
from supervisor.core.rule import Memory
from supervisor.core.views import Facts, ZoneView
from tests.bench import machine
from tests.site_files import site_of_file
from tests.unit.core import parts
from tests.unit.core.building import Building

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""
FACTS = Facts(season=Season.SUMMER, weather_normal=True)
SITE = Path(__file__).parents[2] / "config" / "examples" / "office.yaml"
SCRATCH_AIM = 0.050
CHANGE_AIM = 50e-6
UNCHANGED_AIM = 5e-6


def plain() -> Zone:
    """An office with a fan coil and lights, a thermometer, a window contact, a presence sensor."""
    return parts.zone(parts.fan_coil(), parts.lamps())


def office(number: int) -> ZoneView:
    """An office as it stands at noon; every third is empty."""
    zone: Zone = replace(plain(), id=f"office-{number}")
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


def cloned(zone: Zone, number: int) -> Zone:
    """The same zone again under another name, with points of its own."""
    id_ = f"{zone.id}-{number}"

    def own(point: Point) -> Point:
        name = point.id.replace(zone.id, id_, 1)
        return replace(point, id=name, zone=id_, device=f"{point.device}-{number}")

    parts_ = tuple(
        replace(e, id=e.id.replace(zone.id, id_, 1), points={r: own(p) for r, p in e.points.items()})
        for e in zone.equipment
    )
    sensors = {role: tuple(own(p) for p in points) for role, points in zone.sensors.items()}
    return replace(zone, id=id_, equipment=parts_, sensors=sensors, served_by=())


def points_of(zone: Zone) -> Iterator[Point]:
    """Every point of a zone."""
    for item in zone.equipment:
        yield from item.points.values()
    for found in zone.sensors.values():
        yield from found


def example() -> Site:
    """The example building."""
    return site_of_file(SITE)


def site_of(kind: Zone, zones: int) -> Site:
    """A site of so many zones like `kind`, with the example's hours and rules."""
    made = {zone.id: zone for zone in (cloned(kind, n) for n in range(zones))}
    points = {p.id: p for zone in made.values() for p in points_of(zone)}
    assert len(points) == zones * len({point.id for point in points_of(kind)})
    return replace(example(), zones=made, shared={}, points=points)


def hall() -> Zone:
    """The largest zone of the example: two fan coils, lights, two thermometers, two of each other sensor."""
    return next(z for z in example().zones.values() if Role.TEMPERATURE in z.sensors and z.equipment)


def at_noon(kind: Zone, zones: int) -> tuple[Known, Decider]:
    """A site of `zones` such zones, in which people are and 24 °C, decided."""
    site = site_of(kind, zones)
    known = Known(site)
    tables = timetables(site, calendar_of(site))
    decider = Decider(site, known, tables, lambda t: (Season.SUMMER, t + 86_400.0))
    told = {Role.TEMPERATURE: 24.0, Role.OCCUPANCY: 1, Role.WINDOW: 0}
    for point in site.points.values():
        if point.role in told:
            known.put(point, told[point.role], False, NOON)
    decider.step(NOON)
    return known, decider


def through_the_daemon(kind: Zone, zones: int, runs: int = 1000) -> float:
    """Seconds from a raw reading to its decisions through state and decider, in a site of `zones` such zones: a
    window is opened and shut, and each time its room is asked."""
    known, decider = at_noon(kind, zones)
    changed = known.site.zones[f"{kind.id}-{zones // 2}"].sensors[Role.WINDOW][0]
    turn = 0

    def change() -> None:
        nonlocal turn
        turn += 1
        at = NOON + turn / 1000
        assert known.put(changed, turn % 2, False, at)
        assert decider.touch(changed.id)
        assert len(decider.step(at).zones) == 1

    return timed(change, runs)


def between_limits(runs: int = 1000) -> float:
    """Seconds from a raw temperature to the certainty that it changes no answer, among 1,000 zones."""
    known, decider = at_noon(plain(), 1000)
    changed = next(p for p in known.site.points.values() if p.role is Role.TEMPERATURE)
    turn = 0

    def change() -> None:
        nonlocal turn
        turn += 1
        assert known.put(changed, 24.0 + turn % 20 / 10, False, NOON + turn / 1000)
        assert not decider.touch(changed.id)

    return timed(change, runs)


def unchanged(runs: int = 50, batch: int = 1000) -> float:
    """Seconds that a reading costs which says what was known, decoding included; each of many points in turn."""
    site = site_of(plain(), batch)
    known = Known(site)
    points = [zone.sensors[Role.TEMPERATURE][0] for zone in site.zones.values()]
    turn = 0

    def again() -> None:
        nonlocal turn
        turn += 1
        for point in points:
            known.put(point, 24.0, False, NOON + turn)

    again()
    return timed(again, runs) / batch


def row(what: str, seconds: float, unit: str, aim: float | None) -> str:
    """A line of the table; `aim` in seconds, None where there is none."""
    scale = {"ms": 1e3, "µs": 1e6}[unit]
    if aim is None:
        return f"| {what} | {seconds * scale:.1f} {unit} | | |"
    return f"| {what} | {seconds * scale:.1f} {unit} | < {aim * scale:.0f} {unit} | {'met' if seconds < aim else 'NOT met'} |"


def main() -> None:
    """Print the figures beside their aims."""
    gc.disable()
    print("| decided | processor time | aim | |")
    print("|---|---|---|---|")
    print(row("1,000 zones from scratch", scratch(), "ms", SCRATCH_AIM))
    for zones in (10, 100, 1000):
        print(
            row(f"one changed reading of {zones:,} zones, rules alone", one_change(zones), "µs", CHANGE_AIM)
        )
    for zones in (10, 100, 1000):
        seconds = through_the_daemon(plain(), zones)
        print(row(f"the same through state and decider, {zones:,} zones", seconds, "µs", CHANGE_AIM))
    seconds = through_the_daemon(hall(), 100)
    print(row("the same in a hall with two fan coils and eighteen points", seconds, "µs", None))
    print(row("a temperature that moved between two limits, 1,000 zones", between_limits(), "µs", None))
    print(row("a reading that did not change, decoding included", unchanged(), "µs", UNCHANGED_AIM))
    print(f"\n{machine.described()}")


if __name__ == "__main__":
    main()
