"""`simulate`: a year of the building before anyone changes it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer

from config.codes import Coded
from config.phrase import Phrase
from config.problems import Problem, as_json, ok
from config.site import Site
from schedules.time import YEARS
from simulator.people.character import Failing, People
from simulator.plant.kind import PlantKind
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import Plant, day_of, fail, finite, misused, plain_errors, show_problems
from supervisor.cli.language import of_site, spoken
from supervisor.cli.rehearsing import TODAY, Same, calibration, drawn, job, run
from supervisor.cli.replaying import replayed
from supervisor.cli.streams import in_json
from supervisor.sitefile.sitefile import load

if TYPE_CHECKING:
    from supervisor.rehearsal.job import Job
    from supervisor.rehearsal.model.kept import Calibration
    from supervisor.rehearsal.model.used import Told
    from supervisor.rehearsal.result import Result


def simulate(
    sites: Annotated[
        list[Path],
        typer.Argument(
            metavar="SITE.yaml…",
            help="The site file; several make a fleet · 站点文件；多个则成一组",
            show_default=False,
        ),
    ],
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="Another site file, or `today`: as people run it without rules · 另一个站点文件；或 `today`：没有规则时人们的用法",
        ),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--from", help="First day, YYYY-MM-DD; default 1 January · 首日，年-月-日；默认 1 月 1 日"
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help="Last day, included; default 31 December · 末日（含）；默认 12 月 31 日"),
    ] = None,
    weather: Annotated[
        Path | None,
        typer.Option(
            "--weather", help="An EPW file; default a synthetic Shanghai year · EPW 文件；默认为合成的上海年"
        ),
    ] = None,
    plant: Plant = PlantKind.RC,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", min=0, help="People, faults and synthetic weather go by it · 人员、故障和合成气象的种子"
        ),
    ] = 1,
    people: Annotated[
        People,
        typer.Option(
            "--people",
            help="How careful people are with windows, lights and knobs · 人们对窗、灯和面板的用心程度",
        ),
    ] = People.USUAL,
    empty: Annotated[
        float,
        typer.Option(
            "--empty",
            help="Share of the opening hours in which offices stand empty as a whole, 0 to 0.9: 0.27 · 开放时间内办公室整间无人的比例，0 到 0.9：如 0.27",
            min=0.0,
            max=0.9,
            callback=finite,
        ),
    ] = 0.0,
    faults: Annotated[
        Failing,
        typer.Option(
            "--faults",
            help="How often sensors stick and devices drop off the network · 传感器卡死、控制器掉线的频度",
        ),
    ] = Failing.USUAL,
    format_: FormatOption = Format.TEXT,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Every hour into this file · 逐时数据写入此文件")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="One page with plots into this file · 带图的页面写入此文件")
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay",
            help="Decide a recorded day again: a database file or URL · 重新演算记录下来的一天：数据库文件或 URL",
        ),
    ] = None,
    calibrated: Annotated[
        bool | None,
        typer.Option(
            "--calibrated/--uncalibrated",
            help="The building as `calibrate` found it, or as the site file says. Default: calibrated where it was · 采用 calibrate 校准结果，或按配置；默认有校准即用",
            show_default=False,
        ),
    ] = None,
    draws: Annotated[
        int,
        typer.Option(
            "--draws",
            min=0,
            max=200,
            help="Calibrated: buildings drawn from what the record leaves open, for the intervals; 0: none · 校准后按不确定性抽取的建筑个数，用于给出区间；0 为不抽取",
        ),
    ] = 6,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            help="A Dask cluster for a fleet: tcp://host:8786 · 用 Dask 集群跑一组：tcp://host:8786",
        ),
    ] = None,
) -> None:
    """A year of one or two configurations through the very same engine, side by side, on a physics model. · 用同一引擎在物理模型上演练一年，可将两份配置并列比较

    Example: building-supervisor simulate office.yaml --against today --from 2026-07-01 --to 2026-07-31
    """
    if len(sites) > 1 and (csv is not None or html is not None):
        misused(Phrase("--csv and --html are for one site at a time", "--csv 和 --html 一次只用于一个站点"))
    if len(sites) > 1 and replay is not None:
        misused(Phrase("--replay is for one site at a time", "--replay 一次只用于一个站点"))
    _writable(csv, html)
    other = None
    if replay is None and against is not None and against != TODAY:
        other = _site(Path(against), plant, None).or_refuse(format_)
    found = [_site(path, plant, other) for path in sites]
    broken = [] if len(found) == 1 else [one for one in found if one.site is None]
    for one in broken:
        show_problems(one.problems, one.text)
    loaded = [one.or_refuse(format_) for one in found if one not in broken]
    if replay is not None:
        replayed(replay, loaded[0], format_)
        return
    same = Same(weather, seed, plant, people, faults, empty)
    jobs: list[Job] = []
    sides = 1 if against is None else 2
    fits = [calibration(site, plant, calibrated) for site in loaded]
    for site, fit in zip(loaded, fits, strict=True):
        _check_weather(same, site, format_)
        period = _period(first, last, site)
        jobs.append(job(site, period, same, fit=fit))
        if against == TODAY:
            jobs.append(job(site, period, same, controlled=False, fit=fit))
        elif other is not None:
            jobs.append(job(other, period, same, beside=site, fit=fit))
    single = len(sites) == 1
    others = drawn(jobs, fits[0], seed, draws) if single and fits and fits[0] is not None else []
    with plain_errors():
        results = run(jobs + others, sides, scheduler, quiet=format_ is Format.JSON) if jobs else []
    told = _told(results, sides, fits, plant)
    results, every = results[: len(jobs)], results
    _show(results, sides, None if single else broken, format_, told)
    with plain_errors():
        _files(results, loaded[0] if loaded else None, csv, html, told)
    if not all(result.complete for result in every):
        raise typer.Exit(130)
    if broken:
        files = ", ".join(one.file for one in broken)
        fail(
            Phrase(
                f"{len(broken)} of {len(sites)} could not be simulated: {files}",
                f"{len(broken)}/{len(sites)} 个无法演练：{files}",
            )
        )


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
            show_problems(self.problems, self.text)
        return self.site


def _site(path: Path, plant: PlantKind, other: Site | None) -> _Found:
    """A site, and whether it can be simulated beside `other`."""
    from supervisor.rehearsal.scenario import problems

    loaded = load(path)
    of_site(loaded.language)
    found = list(loaded.problems)
    if loaded.site is not None:
        found += problems(loaded.site, plant)
        if other is not None and loaded.site.tz != other.tz:
            message = Coded(
                "simulation",
                f"{other.source} is in another time zone, {other.tz}",
                f"{other.source} 在另一时区 {other.tz}",
            )
            hint = Phrase("an hour of one must be an hour of the other", "两者的时刻必须一致")
            found.append(Problem(loaded.site.source, 1, 1, "timezone", message, hint))
    return _Found(str(path), loaded.site if ok(found) else None, loaded.text, found)


def _writable(*paths: Path | None) -> None:
    """A year is not to be lived for a file that then cannot be written."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            fail(
                Phrase(f"{path} cannot be written", f"{path} 无法写入"),
                Phrase("name a file in a folder that is there", "请指定已有目录中的文件"),
            )


def _check_weather(same: Same, site: Site, format_: Format) -> None:
    """Say what is odd about a site's weather; exit 1 where there is none."""
    from supervisor.rehearsal.scenario import weather_of

    read, found = weather_of(same.weather, same.seed, site)
    if read is None:
        _refuse(found, "", format_)
    if found:
        show_problems(found)


def _refuse(found: Sequence[Problem], text: str, format_: Format) -> NoReturn:
    if format_ is Format.JSON:
        typer.echo(in_json(as_json(found, spoken())))
    show_problems(found, text)
    raise typer.Exit(1)


def _period(first: str | None, last: str | None, site: Site) -> tuple[dt.date, dt.date]:
    """The days asked for; the present year at the site where nothing is said."""
    begin = day_of("--from", first)
    end = day_of("--to", last)
    year = (begin or end or dt.datetime.now(site.tz).date()).year
    begin, end = begin or dt.date(year, 1, 1), end or dt.date(year, 12, 31)
    if end < begin:
        misused(Phrase(f"--to {end} lies before --from {begin}", f"--to {end} 早于 --from {begin}"))
    if begin.year not in YEARS or end.year not in YEARS:
        fail(
            Phrase(f"{begin} to {end} is out of reach", f"{begin} 至 {end} 超出可及范围"),
            Phrase(f"give days of {YEARS[0]} to {YEARS[-1]}", f"请用 {YEARS[0]} 至 {YEARS[-1]} 年的日期"),
        )
    if (end - begin).days > 3660:
        fail(
            Phrase("more than ten years", "超过十年"),
            Phrase(
                "a year shows every season; give --from and --to", "一年即可看到各个季节；请写 --from 和 --to"
            ),
        )
    return begin, end


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
            answer["problems"] = as_json([p for one in broken for p in one.problems], spoken())["problems"]
        typer.echo(in_json(answer))
    elif broken is None:
        typer.echo("\n".join([*(told.lines(spoken()) if told else ()), text(groups[0], spoken())]))
    elif groups:
        if told:  # a fleet's table begins with its heads
            sys.stderr.write("\n".join(told.lines(spoken())) + "\n")
        typer.echo(fleet(groups, spoken()))
