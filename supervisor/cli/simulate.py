"""`simulate`: a year of the building before anyone changes it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer

from config.problems import Problem, as_json, ok, render_all
from config.site import Site
from schedules.time import YEARS
from simulator.people.character import Failing, People
from simulator.plant.kind import PlantKind
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import Plant, fail, finite, misused, plain_errors
from supervisor.cli.streams import in_json
from supervisor.sitefile.sitefile import load

if TYPE_CHECKING:
    from supervisor.rehearsal.job import Job
    from supervisor.rehearsal.model.kept import Calibration
    from supervisor.rehearsal.model.used import Told
    from supervisor.rehearsal.result import Result

TODAY = "today"
_EXAMPLE_DATE = "write it as 2026-02-14"


def simulate(
    sites: Annotated[
        list[Path],
        typer.Argument(metavar="SITE.yaml…", help="The site file; several make a fleet.", show_default=False),
    ],
    against: Annotated[
        str | None,
        typer.Option("--against", help="Another site file, or `today`: as people run it without rules."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First day, YYYY-MM-DD; default 1 January.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, included; default 31 December.")] = None,
    weather: Annotated[
        Path | None, typer.Option("--weather", help="An EPW file; default a synthetic Shanghai year.")
    ] = None,
    plant: Plant = PlantKind.RC,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="People, faults and synthetic weather go by it.")
    ] = 1,
    people: Annotated[
        People, typer.Option("--people", help="How careful people are with windows, lights and knobs.")
    ] = People.USUAL,
    empty: Annotated[
        float,
        typer.Option(
            "--empty",
            help="Share of the opening hours in which offices stand empty as a whole, 0 to 0.9: 0.27.",
            min=0.0,
            max=0.9,
            callback=finite,
        ),
    ] = 0.0,
    faults: Annotated[
        Failing, typer.Option("--faults", help="How often sensors stick and devices drop off the network.")
    ] = Failing.USUAL,
    format_: FormatOption = Format.TEXT,
    csv: Annotated[Path | None, typer.Option("--csv", help="Every hour into this file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="One page with plots into this file.")] = None,
    replay: Annotated[
        str | None, typer.Option("--replay", help="Decide a recorded day again: a database file or URL.")
    ] = None,
    calibrated: Annotated[
        bool | None,
        typer.Option(
            "--calibrated/--uncalibrated",
            help="The building as `calibrate` found it, or as the site file says. Default: calibrated where it was.",
            show_default=False,
        ),
    ] = None,
    draws: Annotated[
        int,
        typer.Option(
            "--draws",
            min=0,
            max=200,
            help="Calibrated: buildings drawn from what the record leaves open, for the intervals; 0: none.",
        ),
    ] = 6,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="A Dask cluster for a fleet: tcp://host:8786.")
    ] = None,
) -> None:
    """A year of one or two configurations through the very same engine, side by side, on a physics model.

    Example: building-supervisor simulate office.yaml --against today --from 2026-07-01 --to 2026-07-31
    """
    if len(sites) > 1 and (csv is not None or html is not None):
        raise typer.BadParameter("--csv and --html are for one site at a time")
    if len(sites) > 1 and replay is not None:
        raise typer.BadParameter("--replay is for one site at a time")
    _writable(csv, html)
    other = None
    if replay is None and against is not None and against != TODAY:
        other = _site(Path(against), plant, None).or_refuse(format_)
    found = [_site(path, plant, other) for path in sites]
    broken = [] if len(found) == 1 else [one for one in found if one.site is None]
    for one in broken:
        sys.stderr.write(render_all(one.problems, one.text) + "\n")
    loaded = [one.or_refuse(format_) for one in found if one not in broken]
    if replay is not None:
        _replay(replay, loaded[0], format_)
        return
    same = _Same(weather, seed, plant, people, faults, empty)
    jobs: list[Job] = []
    sides = 1 if against is None else 2
    fits = [_calibration(site, plant, calibrated) for site in loaded]
    for site, fit in zip(loaded, fits, strict=True):
        _check_weather(same, site, format_)
        period = _period(first, last, site)
        jobs.append(_job(site, period, same, fit=fit))
        if against == TODAY:
            jobs.append(_job(site, period, same, controlled=False, fit=fit))
        elif other is not None:
            jobs.append(_job(other, period, same, beside=site, fit=fit))
    single = len(sites) == 1
    drawn = _drawn(jobs, fits[0], seed, draws) if single and fits and fits[0] is not None else []
    with plain_errors():
        results = _run(jobs + drawn, sides, scheduler, quiet=format_ is Format.JSON) if jobs else []
    told = _told(results, sides, fits, plant)
    results, every = results[: len(jobs)], results
    _show(results, sides, None if single else broken, format_, told)
    with plain_errors():
        _files(results, loaded[0] if loaded else None, csv, html, told)
    if not all(result.complete for result in every):
        raise typer.Exit(130)
    if broken:
        fail(f"{len(broken)} of {len(sites)} could not be simulated: {', '.join(one.file for one in broken)}")


# ---------------------------------------------------------------------- what goes in


class _Found(NamedTuple):
    """What came of a site file: a site that can be simulated, or the reasons why not."""

    file: str
    site: Site | None
    text: str
    problems: Sequence[Problem]

    def or_refuse(self, format_: Format) -> Site:
        """The site, after its warnings; or every problem and exit 1."""
        if self.site is None:
            _refuse(self.problems, self.text, format_)
        if self.problems:
            sys.stderr.write(render_all(self.problems, self.text) + "\n")
        return self.site


def _site(path: Path, plant: PlantKind, other: Site | None) -> _Found:
    """A site, and whether it can be simulated beside `other`."""
    from supervisor.rehearsal.scenario import problems

    loaded = load(path)
    found = list(loaded.problems)
    if loaded.site is not None:
        found += problems(loaded.site, plant)
        if other is not None and loaded.site.tz != other.tz:
            message = f"{other.source} is in another time zone, {other.tz}"
            hint = "an hour of one must be an hour of the other"
            found.append(Problem(loaded.site.source, 1, 1, "timezone", message, hint))
    return _Found(str(path), loaded.site if ok(found) else None, loaded.text, found)


def _writable(*paths: Path | None) -> None:
    """A year is not to be lived for a file that then cannot be written."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            fail(f"{path} cannot be written", "name a file in a folder that is there")


def _check_weather(same: _Same, site: Site, format_: Format) -> None:
    """Say what is odd about a site's weather; exit 1 where there is none."""
    from supervisor.rehearsal.scenario import weather_of

    read, found = weather_of(same.weather, same.seed, site)
    if read is None:
        _refuse(found, "", format_)
    if found:
        sys.stderr.write(render_all(found, "") + "\n")


def _refuse(found: Sequence[Problem], text: str, format_: Format) -> NoReturn:
    if format_ is Format.JSON:
        typer.echo(in_json(as_json(found)))
    sys.stderr.write(render_all(found, text) + "\n")
    raise typer.Exit(1)


def _period(first: str | None, last: str | None, site: Site) -> tuple[dt.date, dt.date]:
    """The days asked for; the present year at the site where nothing is said."""
    begin = _date("--from", first)
    end = _date("--to", last)
    year = (begin or end or dt.datetime.now(site.tz).date()).year
    begin, end = begin or dt.date(year, 1, 1), end or dt.date(year, 12, 31)
    if end < begin:
        misused(f"--to {end} lies before --from {begin}")
    if begin.year not in YEARS or end.year not in YEARS:
        years = f"{YEARS[0]} to {YEARS[-1]}"
        fail(
            f"{begin} to {end} is out of reach",
            f"give days of {years}",
            f"请用 {YEARS[0]} 至 {YEARS[-1]} 年的日期",
        )
    if (end - begin).days > 3660:
        fail("more than ten years", "a year shows every season; give --from and --to")
    return begin, end


def _date(option: str, text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        misused(f"{option} {text} is no date", _EXAMPLE_DATE)


class _Same(NamedTuple):
    """What is the same for both sides of a comparison, so that differences are differences."""

    weather: Path | None
    seed: int
    plant: PlantKind
    people: People
    failing: Failing
    empty: float


def _job(
    site: Site,
    period: tuple[dt.date, dt.date],
    same: _Same,
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


def _calibration(site: Site, plant: PlantKind, wanted: bool | None) -> Calibration | None:
    """What `calibrate` found of a site, where it is to be used; exit 1 where it is wanted and is not there, or is no good."""
    from supervisor.rehearsal.model.kept import BadCalibration, load, path_beside

    if wanted is False or plant is not PlantKind.RC:
        return None
    path = path_beside(site.source, site.building)
    if not path.is_file():
        if wanted:
            fail(
                f"{site.building} is not calibrated: there is no {path}",
                "building-supervisor calibrate SITE.yaml makes it", "请先运行 building-supervisor calibrate",
                message_zh=f"{site.building} 尚未校准：没有 {path}",
            )  # fmt: skip
        return None
    with plain_errors():
        try:
            return load(path, site.building)
        except BadCalibration as bad:
            fail(
                bad.said.en,
                "--uncalibrated goes without it",
                "加 --uncalibrated 可不使用",
                message_zh=bad.said.zh,
            )


def _drawn(jobs: Sequence[Job], fit: Calibration, seed: int, draws: int) -> list[Job]:
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


def _told(
    results: Sequence[Result], sides: int, fits: Sequence[Calibration | None], plant: PlantKind
) -> Told | None:
    """What stands above the figures, and the intervals of one building. None on another plant than the built-in."""
    from supervisor.rehearsal.model.used import Figures, Told, first_line, intervals

    if plant is not PlantKind.RC or not fits:
        return None
    fit = next((fit for fit in fits if fit is None), fits[0])
    figures = [Figures(r.hvac, r.electricity + r.gas) for r in results]
    groups = [figures[n : n + sides] for n in range(0, len(figures), sides)]
    sure = fit is not None and len(fits) == 1 and all(r.complete for r in results)
    return Told(first_line(fit), fit is not None, intervals(groups, fit) if sure and fit is not None else [])


def _replay(store: str, site: Site, format_: Format) -> None:
    """Decide again what a daemon recorded; exit 1 at any difference."""
    from supervisor.records.replay import Unplayable
    from supervisor.records.replay import replay as decide_again

    if "://" not in store and not Path(store).is_file():
        fail(f"{store}: there is no such database", "it is supervisor.sqlite3 in the daemon's --state-dir")
    if "://" not in store and Path(store).stat().st_size == 0:
        # Opened, it would become a database: whoever asks what is in a file does not want it filled.
        fail(f"{store} is empty", "it is supervisor.sqlite3 in the daemon's --state-dir")
    with plain_errors():
        try:
            answer = decide_again(store, site)
        except Unplayable as error:
            fail(str(error))
    if format_ is Format.JSON:
        typer.echo(in_json(answer._asdict(), None))
    else:
        typer.echo(f"decisions={answer.decisions} matched={answer.matched}")
    if answer.difference is not None:
        fail(f"first difference: {answer.difference}")


# ---------------------------------------------------------------------- the run


def _run(jobs: Sequence[Job], sides: int, scheduler: str | None, *, quiet: bool) -> list[Result]:
    from concurrent.futures import BrokenExecutor

    from simulator.plant.energyplus_model import Stopped, Unusable
    from supervisor.rehearsal.fleet import NoScheduler, run_here, run_there
    from supervisor.rehearsal.job import Unsound

    with bar("rehearsing", quiet=quiet) as progress:
        try:
            if scheduler is None:
                return run_here(jobs, progress, sides=sides)
            return run_there(jobs, scheduler, progress, sides=sides)
        except Unusable as error:
            fail(error.problems[0].message, error.problems[0].hint)
        except (NoScheduler, Stopped, Unsound) as error:
            fail(str(error))
        except BrokenExecutor:
            fail(
                "a worker process was ended before its time",
                "is there memory enough? a run wants some 300 MB",
            )


@contextmanager
def bar(doing: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A progress bar with the time left, on a terminal only; standard output stays for the answer."""
    if quiet or not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share: bar.update(task, completed=share)


# ---------------------------------------------------------------------- what comes out


def _files(
    results: Sequence[Result], site: Site | None, csv: Path | None, html: Path | None, told: Told | None
) -> None:
    """Write what was asked for. Raises OSError."""
    from supervisor.rehearsal.page import hours_csv, page

    if site is None:
        return
    if csv is not None:
        with csv.open("w", encoding="utf-8", newline="") as file:
            file.writelines(hours_csv(results, site.tz))
    if html is not None:
        html.write_text(page(results, site.tz, told.heads if told else ()), encoding="utf-8")


def _show(
    results: Sequence[Result],
    each: int,
    broken: Sequence[_Found] | None,
    format_: Format,
    told: Told | None,
) -> None:
    """One building's figures, or of a fleet (`broken` is a list) a line a building."""
    from supervisor.rehearsal.table import document, fleet, text

    groups = [results[n : n + each] for n in range(0, len(results), each)]
    if format_ is Format.JSON:
        documents = [document(group) | (told.as_json() if told else {}) for group in groups]
        answer: dict[str, Any] = documents[0] if broken is None else {"sites": documents}
        if broken:
            answer["problems"] = as_json([p for one in broken for p in one.problems])["problems"]
        typer.echo(in_json(answer))
    elif broken is None:
        typer.echo("\n".join([*(told.lines if told else ()), text(groups[0])]))
    elif groups:
        if told:  # a fleet's table begins with its heads
            sys.stderr.write("\n".join(told.lines) + "\n")
        typer.echo(fleet(groups))
