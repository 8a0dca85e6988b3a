"""What is rehearsed: a site, run by its rules or as people run it today, through days, in a weather, by a seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.problems import Problem
from config.site import Site
from drivers.readings import Instant
from schedules.localtime import instant_of
from simulator.character import People
from simulator.epw import read_epw
from simulator.faults import NEVER, Faults
from simulator.habits import Habits
from simulator.plant import building as physical
from simulator.plant.choice import model_problems
from simulator.plant.energyplus_files import wheel_weather
from simulator.plant.from_site import building_of
from simulator.plant.kind import PlantKind
from simulator.plant.network import network_of
from simulator.weather import SyntheticShanghai, Weather
from supervisor.calendars import Calendars
from supervisor.rehearsal.crowd import HABITS

TODAY = "today"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One building for one run. `controlled` False: as people run it today, without our rules."""

    site: Site
    days: Calendars
    weather: Weather
    seed: int
    first: dt.date
    last: dt.date
    """Included."""
    label: str
    controlled: bool = True
    plant: PlantKind = PlantKind.RC
    building: physical.Building | None = None
    """The physical building, where it is not the one that the site file describes."""
    habits: Habits = HABITS[People.USUAL]
    faults: Faults = NEVER

    @property
    def start(self) -> Instant:
        """Midnight at the site."""
        return instant_of(self.first, 0, self.site.tz)

    @property
    def end(self) -> Instant:
        """The midnight after the last day."""
        return instant_of(self.last + dt.timedelta(days=1), 0, self.site.tz)

    @property
    def hours(self) -> int:
        """Whole hours from start to end."""
        return round((self.end - self.start) / 3600.0)


def problems(site: Site, plant: PlantKind = PlantKind.RC) -> list[Problem]:
    """Why a site's building cannot be simulated, as `check` would say it; empty where it can."""
    found = model_problems(site) if plant is PlantKind.ENERGYPLUS else []
    building = building_of(site)
    told = physical.problems(building)
    for problem in told or _unconnected(building):
        where, column = _place(site, problem.path, building)
        message = f"cannot be simulated: {problem.message}"
        found.append(Problem(site.source, where, column, problem.path, message, problem.hint))
    return found


def _unconnected(building: physical.Building) -> Iterator[physical.BuildingProblem]:
    """Zones whose parts, each possible by itself, make no room."""
    for number, zone in enumerate(building.zones):
        try:
            network_of((zone,))
        except ValueError as error:
            message = str(error).removeprefix(f"{zone.id}: ")
            hint = "more floor area, a better wall (u_wall), a lower storey (height) or a heavier mass"
            yield physical.BuildingProblem(f"zones.{number}.envelope", message, hint)


def _place(site: Site, path: str, building: physical.Building) -> tuple[int, int]:
    """Line and column of the zone that a problem of the physics is about; the file's first line otherwise."""
    parts = path.split(".")
    if parts[0] == "zones" and len(parts) > 1 and parts[1].isdigit():
        key = building.zones[int(parts[1])].id
        for number, line in enumerate(site.text.splitlines(), 1):
            if line.strip().startswith(f"{key}:"):
                return number, len(line) - len(line.lstrip()) + 1
    return 1, 1


def weather_of(path: Path | None, seed: int) -> tuple[Weather | None, list[Problem]]:
    """The weather of a file, or the synthetic year of a seed; or every problem of the file.

    A name that is no file may be that of a weather file in EnergyPlus's wheel: `usa_co_denver`.
    """
    if path is None:
        return SyntheticShanghai(seed), []
    if not path.suffix and not path.exists():
        path = wheel_weather().get(str(path), path)
    read = read_epw(path)
    found = [Problem(p.file, max(1, p.line), max(1, p.column), "", p.message, p.hint) for p in read.problems]
    return read.weather, found
