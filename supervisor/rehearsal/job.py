"""One run as a job that any process can do: what it needs goes in as text, figures come out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from config.load import load_text
from supervisor.calendars import calendars
from supervisor.rehearsal.result import Result, result_of
from supervisor.rehearsal.run import Progress, Rehearsal
from supervisor.rehearsal.scenario import Scenario, weather_of


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


def scenario_of(job: Job) -> Scenario:
    """The scenario of a job that was checked before. Raises ValueError where it is not sound."""
    site = load_text(job.text, job.source).site
    weather, _ = weather_of(job.weather, job.seed)
    if site is None or weather is None:
        raise ValueError(f"{job.source} is no sound site file, or its weather is not")
    return Scenario(site, calendars(site), weather, job.seed, job.first, job.last, job.label, job.controlled)


def rehearse(job: Job, progress: Progress = lambda _share: None) -> Result:
    """Do a job. A KeyboardInterrupt ends it early with what was lived until then."""
    scenario = scenario_of(job)
    rehearsal = Rehearsal(scenario)
    try:
        account = rehearsal.run(progress)
    except KeyboardInterrupt:
        account = rehearsal.account
    return result_of(scenario, account, rehearsal.world.plant.zones)
