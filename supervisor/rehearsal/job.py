"""One run as a job that any process can do: what it needs goes in as text, figures come out."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from config.load import load_text
from config.phrase import Phrase, Said
from config.site import Site
from schedules.days import Calendars, calendars
from schedules.weather.series import Weather
from simulator.faults import Faults
from simulator.people.character import Failing, People
from simulator.people.seen import Seen
from simulator.plant.building import Building
from simulator.plant.kind import PlantKind
from supervisor.rehearsal.crowd import HABITS
from supervisor.rehearsal.inputs import bare, days_told, program_told, told
from supervisor.rehearsal.result import Result, result_of
from supervisor.rehearsal.run import WARM_UP, Progress, Rehearsal
from supervisor.rehearsal.scenario import Scenario, weather_file, weather_of


class Unsound(Said, ValueError):
    """What a job needs is not where it is done: a worker of a cluster sees other files."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to rehearse. `text` is the site file, `source` its path, beside which calendar files are looked for."""

    text: str
    source: str
    label: str
    controlled: bool
    first: dt.date
    last: dt.date
    weather: Path | None
    seed: int
    warm_up: float = WARM_UP
    """s that are lived before the first day."""
    plant: PlantKind = PlantKind.RC
    building: Building | None = None
    """The physical building, where it is not the one that the site file describes."""
    people: People = People.USUAL
    empty: float = 0.0
    """Share of the opening hours in which offices stand empty as a whole; 0: as `people` have it."""
    failing: Failing = Failing.NEVER
    seen: Seen | None = None
    """People as presence sensors saw them."""


PARTED_AFTER = 100
"""Days beyond which a run is lived in parts."""


def parts(job: Job) -> list[Job]:
    """A long run as pairs of calendar months, which cores can live side by side: a month of the mild seasons takes twice
    as long as another, and of fewer, longer parts the last would have a core to itself.

    Each part is lived from four days before its first, with the weather of the weeks before: see decision record
    0008. The parts depend on the dates alone, never on the machine, so that figures do not either.
    """
    if (job.last - job.first).days < PARTED_AFTER:
        return [job]
    found, first = [], job.first
    while first <= job.last:
        month = (first.month - 1) // 2 * 2 + 3
        following = dt.date(first.year + month // 13, (month - 1) % 12 + 1, 1)
        found.append(replace(job, first=first, last=min(job.last, following - dt.timedelta(days=1))))
        first = following
    return found


Read: TypeAlias = dict[tuple[object, ...], tuple[Site, Weather, Calendars]]
"""Sites with their weather and calendars, as they were read for earlier jobs; by what was read."""


def scenario_of(job: Job, read: Read | None = None) -> Scenario:
    """The scenario of a job that was checked before. Raises Unsound where it is not, or not here.

    The parts of a run read one site file: of those in `read` nothing is read again, and others are added.
    """
    read = {} if read is None else read
    key = (job.text, job.source, job.weather, job.seed, job.plant)
    if key not in read:
        read[key] = _read(job)
    site, weather, days = read[key]
    return Scenario(
        site, days, weather, job.seed, job.first, job.last, job.label, job.controlled, job.plant,
        people=job.people, habits=replace(HABITS[job.people], empty=job.empty), faults=Faults.named(job.failing), building=job.building,
        seen=job.seen,
    )  # fmt: skip


def _read(job: Job) -> tuple[Site, Weather, Calendars]:
    site = load_text(job.text, job.source).site
    weather, _ = weather_of(job.weather, job.seed, site)
    if site is None or weather is None:
        raise Unsound(
            Phrase(
                f"{job.source} is no sound site file, or {job.weather or 'its weather'} cannot be read here",
                f"{job.source} 不是正确的站点文件，或此处无法读取 {job.weather or '其气象'}",
            )
        )
    days = calendars(site)
    return bare(site) if job.plant is PlantKind.RC else site, weather, days


def inputs(job: Job, read: Read, sites: dict[int, bytes]) -> str:
    """What the figures of a part follow from, as hex digits: parts of which they are the same have the same figures, whatever
    they are called. `read`: see `scenario_of`; `sites`: what is told of those in it. Raises Unsound, Unknown, OSError."""
    scenario = scenario_of(job, read)
    site, weather = scenario.site, scenario.weather
    if id(site) not in sites:
        sites[id(site)] = told(site)
    file = b"" if job.weather is None else hashlib.sha256(weather_file(job.weather).read_bytes()).digest()
    days = days_told(scenario.days.tables, site.tz, job.first, job.last, job.warm_up)
    asked = replace(job, text="", source="", label="", weather=None)
    return told(program_told(), asked, sites[id(site)], weather.label, file, days).hex()


def rehearse(job: Job, progress: Progress = lambda _share: None, read: Read | None = None) -> Result:
    """Do a job. A KeyboardInterrupt ends it early with what was lived until then. `read`: see `scenario_of`."""
    scenario = scenario_of(job, read)
    rehearsal = Rehearsal(scenario, warm_up=job.warm_up)
    account = rehearsal.account
    with contextlib.suppress(KeyboardInterrupt), _seldom_swept():
        rehearsal.run(progress)
    return result_of(scenario, account, rehearsal.world.plant.zones, rehearsal.failed())


@contextlib.contextmanager
def _seldom_swept() -> Iterator[None]:
    """A run makes millions of short-lived tuples and no rings: looking for rings often costs a tenth of it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
