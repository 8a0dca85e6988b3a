"""What a rehearsal lives: the runs of each side, in the building as it was calibrated, and the buildings drawn around it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.phrase import Phrase
from config.site import Site
from simulator.people.character import Failing, People
from simulator.plant.kind import PlantKind
from supervisor.cli.common import fail, plain_errors
from supervisor.cli.language import told
from supervisor.cli.progress import bar

if TYPE_CHECKING:
    from supervisor.rehearsal.job import Job
    from supervisor.rehearsal.model.kept import Calibration
    from supervisor.rehearsal.result import Result
    from supervisor.rehearsal.shelf import Shelf

TODAY = "today"
"""The side on which nobody supervises."""


class Same(NamedTuple):
    """What is the same for both sides of a comparison, so that differences are differences."""

    weather: Path | None
    seed: int
    plant: PlantKind
    people: People
    failing: Failing
    empty: float


def job(
    site: Site,
    period: tuple[dt.date, dt.date],
    same: Same,
    *,
    controlled: bool = True,
    beside: Site | None = None,
    fit: Calibration | None = None,
) -> Job:
    """A run, called after its file; after the whole path where the file `beside` it has the same name."""
    from simulator.plant.from_site import building_of
    from supervisor.rehearsal.job import Job

    label = Path(site.source).name if controlled else TODAY
    if beside is not None and label == Path(beside.source).name:
        label = site.source if site.source != beside.source else f"{label} again"
    return Job(
        site.text, site.source, label, controlled, *period, same.weather, same.seed,
        plant=same.plant, people=same.people, failing=same.failing, empty=same.empty,
        building=fit.building(building_of(site)) if fit is not None else None,
        seen=fit.seen if fit is not None and not same.empty else None,
    )  # fmt: skip


def calibration(site: Site, plant: PlantKind, wanted: bool | None) -> Calibration | None:
    """What `calibrate` found of a site, where it is to be used; exit 1 where it is wanted and is not there, or is no good."""
    from supervisor.rehearsal.model.kept import BadCalibration, load, path_beside

    if wanted is False or plant is not PlantKind.RC:
        return None
    path = path_beside(site.source, site.building)
    if not path.is_file():
        if wanted:
            fail(
                Phrase(f"{site.building} is not calibrated: there is no {path}", f"{site.building} 尚未校准：没有 {path}"),
                Phrase("building-supervisor calibrate SITE.yaml makes it", "请先运行 building-supervisor calibrate"),
            )  # fmt: skip
        return None
    with plain_errors():
        try:
            return load(path, site.building)
        except BadCalibration as bad:
            fail(
                bad.said,
                Phrase("--uncalibrated goes without it", "加 --uncalibrated 可不使用"),
            )


def drawn(jobs: Sequence[Job], fit: Calibration, seed: int, draws: int) -> list[Job]:
    """The same runs in buildings that the data leave possible too, each side of a comparison in the same one."""
    from dataclasses import replace

    from config.load import load_text
    from simulator.plant.from_site import building_of

    found = []
    for number in range(draws):
        for job in jobs:
            site = load_text(job.text, job.source).site
            assert site is not None
            found.append(replace(job, building=fit.drawn(building_of(site), seed, number)))
    return found


def run(jobs: Sequence[Job], sides: int, scheduler: str | None, *, quiet: bool) -> list[Result]:
    """Live the jobs, here or at a cluster, behind a bar unless `quiet`; what cannot be lived says why, and exit 1."""
    from concurrent.futures import BrokenExecutor

    from simulator.plant.energyplus_model import Stopped, Unusable
    from supervisor.rehearsal.fleet import NoScheduler, run_here, run_there
    from supervisor.rehearsal.job import Unsound
    from supervisor.rehearsal.shelf import Shelf, default_folder

    folder = default_folder()
    shelf = Shelf(folder) if folder is not None else None
    with bar(Phrase("rehearsing", "演练中"), quiet=quiet) as progress:
        try:
            if scheduler is None:
                results = run_here(jobs, progress, sides=sides, shelf=shelf)
                _say_what_was_known(shelf, quiet=quiet)
                return results
            return run_there(jobs, scheduler, progress, sides=sides)
        except Unusable as error:
            first = error.problems[0]
            fail(first.message, first.hint)
        except (NoScheduler, Stopped, Unsound) as error:
            fail(error.said)
        except BrokenExecutor:
            fail(
                Phrase("a worker process was ended before its time", "一个工作进程被提前终止"),
                Phrase(
                    "is there memory enough? a run wants some 300 MB", "内存是否足够？每个运行约需 300 MB"
                ),
            )


def _say_what_was_known(shelf: Shelf | None, *, quiet: bool) -> None:
    """Nobody is to wonder why a year took a second."""
    if shelf is None or not shelf.found or quiet:
        return
    said = Phrase(
        f"not lived again, as nothing that it goes by has changed: {shelf.found} parts, kept in {shelf.folder}",
        f"{shelf.found} 段所依据的条件均未改变，直接取用此前的演练结果，存于 {shelf.folder}",
    )
    sys.stderr.write(told(said) + "\n")
