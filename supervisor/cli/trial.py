"""`trial`: a randomised trial planned, run and read."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.phrase import Phrase
from config.site import Site
from config.trial import BLOCK, Trial
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import SitePath, StateDir, fail, load_site, plain_errors, refused, state_dir_of
from supervisor.cli.database import read
from supervisor.cli.language import spoken
from supervisor.cli.streams import in_json
from supervisor.cli.verbs import Verb, Verbs

if TYPE_CHECKING:
    from supervisor.savings.trial.reading import Reading
    from supervisor.savings.trial.size import Needed

app = typer.Typer(
    cls=Verbs,
    help="""A randomised trial: a coin says how the building runs on each day · 随机对照试验

    Example: building-supervisor trial plan office.yaml
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
SHOWN = (1, 2, 3, 4)
"""Blocks for which it is told what they can show."""


@app.command("plan", cls=Verb)
def plan(
    site: SitePath,
    saving: Annotated[
        float,
        typer.Option(
            "--saving", min=0.1, max=90, help="The saving that is to be seen, in % · 要识别的节能率（%）"
        ),
    ] = 5.0,
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """How many weeks this building needs, by how its days scatter · 按本楼逐日波动推算试验需要多少周

    Nothing is drawn and nothing is changed. Of the days so far it is reckoned what coins would have made of them. · 不抽签，也不改动任何东西；按已有各日推算抽签的效果

    Example: building-supervisor trial plan office.yaml --saving 5
    """
    loaded, trial = _trial(site)
    from schedules.days import calendars
    from schedules.worked import working_days
    from supervisor.savings.trial.size import needed
    from supervisor.savings.weather import BadWeather

    try:
        with plain_errors():
            works = working_days(loaded, calendars(loaded).tables)
            found = read(
                loaded, state_dir, lambda c: needed(c, loaded, trial, works, time.time(), saving / 100)
            )
    except BadWeather as bad:
        fail(bad.said)
    if isinstance(found, Phrase):
        fail(found)
    if format_ is Format.JSON:
        typer.echo(in_json(_sized(found)))
        return
    for line in _size_lines(found, trial):
        typer.echo(line.told(spoken("zh")))


def _trial(site: Any) -> tuple[Site, Trial]:
    loaded = load_site(site)
    if loaded.trial is None:
        fail(
            Phrase("the site file names no trial", "站点文件中没有 trial（试验）"),
            Phrase(
                "add `trial: {compare: draft.yaml, start: YYYY-MM-DD, seed: 1}`; docs/how-to/run-a-trial.md says how",
                "请加上 `trial: {compare: draft.yaml, start: YYYY-MM-DD, seed: 1}`，见 docs/how-to/run-a-trial.md",
            ),
        )
    return loaded, loaded.trial


def _sized(found: Needed) -> dict[str, Any]:
    return {
        "days": found.days,
        "kwh_a_day": found.mean / 3.6e6,
        "saving": found.saving,
        "weeks": None if found.blocks is None else found.blocks * BLOCK // 7,
        "by_weeks": {
            str(12 * n): {"half_interval": found.half(n), "detectable": found.detectable(n)} for n in SHOWN
        },
    }


def _size_lines(found: Needed, trial: Trial) -> list[Phrase]:
    mean = f"{found.mean / 3.6e6:.1f} kWh"
    lines = [
        Phrase(
            f"by the last {found.days} days with readings, {mean} a day:",
            f"依据最近 {found.days} 天的读数（日均 {mean}）：",
        ),
    ]
    for n in SHOWN:
        half, least = f"{found.half(n):.1%}", f"{found.detectable(n):.1%}"
        lines.append(
            Phrase(f"  {12 * n} weeks: ± {half}; a saving of {least} is seen in four trials out of five",
                   f"  {12 * n} 周：± {half}；五次试验中有四次可识别 {least} 的节能")
        )  # fmt: skip
    share = f"{found.saving:.1%}"
    if found.blocks is None:
        lines.append(Phrase(f"{share} cannot be seen within three years: try a submeter (HVAC), or a larger change",
                            f"{share} 的节能三年内无法识别：请改用分项表（空调），或试验更大的改动"))  # fmt: skip
        return lines
    weeks = 12 * found.blocks
    lines.append(
        Phrase(
            f"{share} needs {weeks} weeks: `blocks: {found.blocks}`",
            f"识别 {share} 需要 {weeks} 周：`blocks: {found.blocks}`",
        )
    )
    if found.blocks > trial.blocks:
        lines.append(Phrase(f"the file has {trial.blocks}: too few", f"文件中为 {trial.blocks}：不足"))
    return lines


@app.command("run", cls=Verb)
def run(site: SitePath, state_dir: StateDir = None) -> None:
    """Draw the schedule into the audit now, by the running daemon, and say how the trial stands · 由守护进程立即抽签并写入审计

    The daemon does so by itself when it takes up a site file with a trial; what was drawn is never drawn again. · 守护进程启用含试验的站点文件时会自行抽签；抽过的不再重抽

    Example: building-supervisor trial run office.yaml
    """
    loaded, _ = _trial(site)
    from supervisor.daemon.socket import ask

    with plain_errors():
        answer = asyncio.run(ask(state_dir_of(loaded, state_dir), {"do": "trial"}))
    if "error" in answer:
        fail(refused(answer))
    for en, zh in answer["lines"]:
        typer.echo(Phrase(en, zh).told(spoken("zh")))
    if not answer["drawn"]:
        raise typer.Exit(1)


@app.command("read", cls=Verb)
def read_trial(
    site: SitePath,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Another trial of this building than the file's · 本楼的其他试验"),
    ] = None,
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """What the trial shows at the ends of its blocks, and which days count · 查看试验结果与计入天数

    Before a block is over nothing is estimated, whoever asks. · 一个区组结束之前不作任何估计

    Example: building-supervisor trial read office.yaml
    """
    if name is None:
        loaded, trial = _trial(site)
        name = trial.name
    else:
        loaded = load_site(site)
    from schedules.days import calendars
    from supervisor.daemon.trial import ordinarily_worked
    from supervisor.savings.trial import reading
    from supervisor.savings.trial.record import record
    from supervisor.savings.trial.told import lines

    def query(connection: Any) -> Reading | None:
        found = record(connection, name)
        if found is None:
            return None
        typical = calendars(loaded).typical
        return reading.read(connection, loaded, found, ordinarily_worked(loaded), time.time(), typical)

    got = read(loaded, state_dir, query)
    if got is None:
        fail(
            Phrase(f"the trial {name} was never drawn", f"试验 {name} 尚未抽签"),
            Phrase(
                "the daemon draws it when it takes up the site file, before the first day: building-supervisor trial run SITE.yaml",
                "守护进程在首日之前载入站点文件时抽签：building-supervisor trial run SITE.yaml",
            ),
        )
    if format_ is Format.JSON:
        typer.echo(in_json(_as_json(got)))
        return
    for line in lines(got):
        typer.echo(line.told(spoken("zh")))


def _as_json(got: Reading) -> dict[str, Any]:
    drawn = got.record.drawn
    return {
        "name": drawn.name,
        "reference": str(drawn.arms[0]),
        "treatment": str(drawn.arms[1]),
        "from": str(drawn.start),
        "blocks": drawn.blocks,
        "schedule": drawn.hash,
        "seen": got.seen,
        "unlike_pairs": got.unlike,
        "meters_gone": list(got.gone),
        "days": {why: {"reference": one, "treatment": two} for why, (one, two) in got.counts.items()},
        "next_look": str(got.next_look) if got.next_look is not None else None,
        "looks": [
            {
                "weeks": look.block * BLOCK // 7,
                "claimed": look.claimed,
                **(
                    {
                        "kwh_a_day": look.found.saved / 3.6e6, "low": look.low / 3.6e6, "high": look.high / 3.6e6,
                        "share": look.found.share, "pairs": look.found.pairs, "carry_over": look.found.chance,
                        "taken_out": {t.name: t.used for t in look.found.taken},
                    }
                    if look.found is not None
                    else {"refused": "too few pairs"}
                ),
            }
            for look in got.looks
        ],
    }  # fmt: skip
