"""`calibrate`: the rehearsal's building fitted to what this building recorded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.phrase import Phrase
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import SitePath, StateDir, day_of, fail, load_site, misused, plain_errors
from supervisor.cli.language import spoken
from supervisor.cli.progress import bar
from supervisor.cli.streams import in_json

if TYPE_CHECKING:
    from config.site import Site
    from supervisor.rehearsal.model.kept import Calibration
    from supervisor.rehearsal.model.numbers import Source


def calibrate(
    site: SitePath,
    first: Annotated[
        str | None,
        typer.Option("--from", help="First recorded day to use, YYYY-MM-DD · 所用记录的首日，年-月-日"),
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, included · 末日（含）")] = None,
    weather: Annotated[
        Path | None,
        typer.Option(
            "--weather",
            help="An EPW file of the weather of those days, for sun and wind; without it the sun is estimated"
            " from the outdoor temperature · 当时的实测气象（日照、风）",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="Write it here; default BUILDING.calibration.json beside the site file · 写入此文件；默认为站点文件旁的 楼宇.calibration.json",
        ),
    ] = None,
    saved: Annotated[
        bool,
        typer.Option(
            "--saved",
            help="Fit nothing: live the recorded days again as people ran the building before, and tell what control saved"
            ", by rule · 不再拟合，按原运行方式重演记录，给出各规则的控制节能",
        ),
    ] = False,
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """Fit the rehearsal's building to the last four weeks of this building's own record: room temperatures, run statuses,
    outdoor temperature, presence and sub-meters, recorded live or in dry run. `simulate` then uses it · 用本楼自己的运行记录
    校准仿真模型，此后 simulate 默认使用

    Says how far a fit to the first weeks was off on the last one, and what the data cannot tell apart · 并说明用前几周校准、
    对最后一周预测的误差，以及数据无法区分的参数

    Example: building-supervisor calibrate office.yaml --from 2026-07-06 --to 2026-08-02
    """
    period = day_of("--from", first), day_of("--to", last)
    loaded = load_site(site)
    if saved:
        if out is not None:
            misused(
                Phrase("--saved writes no calibration: leave -o out", "--saved 不写校准文件，请勿使用 -o")
            )
        with plain_errors():
            _saved(loaded, period, weather, state_dir, format_)
        return
    with plain_errors():
        found = _calibrated(loaded, period, weather, state_dir, quiet=format_ is Format.JSON)
        _written(found, loaded, out)
    from supervisor.rehearsal.model import kept, told

    if format_ is Format.JSON:
        typer.echo(in_json(kept.as_json(found)))
    else:
        typer.echo("\n".join(told.lines(found, spoken())))


def _saved(
    site: Site,
    period: tuple[dt.date | None, dt.date | None],
    weather: Path | None,
    state_dir: Path | None,
    format_: Format,
) -> None:
    """Live the recorded days again and tell what control saved; exit 1 where nothing was calibrated or recorded."""
    from supervisor.cli.database import read
    from supervisor.rehearsal.model import relive, told
    from supervisor.rehearsal.model.calibrate import Period, recorded
    from supervisor.rehearsal.model.kept import BadCalibration, load, path_beside
    from supervisor.rehearsal.model.numbers import Unrecorded

    path, source = path_beside(site.source, site.building), _source(site, weather)
    if not path.is_file():
        fail(
            Phrase(f"{site.building} is not calibrated: there is no {path}", f"{site.building} 尚未校准：没有 {path}"),
            Phrase("run building-supervisor calibrate first, without --saved", "请先运行 building-supervisor calibrate（不加 --saved）"),
        )  # fmt: skip
    try:
        fit = load(path, site.building)
        found = read(
            site, state_dir,
            lambda c: relive.relived(c, source, recorded(c, source, Period(*period), least=1), fit),
        )  # fmt: skip
    except (BadCalibration, Unrecorded) as why:
        fail(why.said)
    typer.echo(
        in_json(relive.as_json(found)) if format_ is Format.JSON else "\n".join(told.saved(found, spoken()))
    )


def _calibrated(
    site: Site,
    period: tuple[dt.date | None, dt.date | None],
    weather: Path | None,
    state_dir: Path | None,
    *,
    quiet: bool,
) -> Calibration:
    from supervisor.cli.database import read
    from supervisor.rehearsal.model.calibrate import Period, calibrated, recorded
    from supervisor.rehearsal.model.numbers import Unrecorded

    source = _source(site, weather)
    try:
        record = read(site, state_dir, lambda connection: recorded(connection, source, Period(*period)))
    except Unrecorded as why:
        fail(
            why.said,
            Phrase("let it record for some weeks: a dry run does (dry_run: true)", "请先记录数周：试运行（dry_run: true）即可"),
        )  # fmt: skip
    with bar(Phrase("fitting", "校准中"), quiet=quiet) as progress:
        return calibrated(source, record, progress)


def _source(site: Site, weather: Path | None) -> Source:
    """What a record of the site is read with; exit 1 where it cannot be simulated at all."""
    import sys

    from config.problems import ok, render_all
    from schedules.days import calendars
    from simulator.plant.from_site import building_of
    from supervisor.rehearsal.model.numbers import Source
    from supervisor.rehearsal.scenario import problems, weather_of

    found = problems(site)
    read, told = weather_of(weather, 0, site)
    if weather is not None:
        found += told
    if found:
        sys.stderr.write(render_all(found, site.text, spoken()) + "\n")
    if not ok(found) or read is None:
        raise typer.Exit(1)
    measured = read if weather is not None else None
    return Source(site, building_of(site), calendars(site).tables, read.site, measured)


def _written(found: Calibration, site: Site, out: Path | None) -> None:
    from supervisor.rehearsal.model.kept import path_beside, save

    path = out or path_beside(site.source, site.building)
    save(found, path)
    said = Phrase(f"{path}: simulate uses it from now on", f"{path}：simulate 今后使用此校准")
    typer.echo(said.told(spoken()), err=True)
