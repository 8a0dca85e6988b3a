"""`calendar`: the building's holidays in controllers' Calendar objects: listed, compared, written, read back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import (
    SitePath,
    StateDir,
    aloud,
    fail,
    load_site,
    misused,
    plain_errors,
    refused,
    say,
    state_dir_of,
)
from supervisor.cli.language import spoken
from supervisor.cli.streams import in_json
from supervisor.core.asking import Refused
from supervisor.daemon.socket import NoDaemon, ask


def calendar(
    site: SitePath,
    push: Annotated[
        bool,
        typer.Option(
            "--push",
            help="Read the controllers' lists and show what would change; with --yes, write them · 读取控制器中的日期表并显示差异；加 --yes 则写入",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write, and read back · 写入并读回")] = False,
    by: Annotated[
        str, typer.Option("--by", help="Who says so: it goes into the audit · 由谁决定，记入审计")
    ] = "",
    only: Annotated[
        str,
        typer.Option(
            "--only",
            help="One object of the list, like ddc-1/calendar:1 · 只处理其中一个对象，如 ddc-1/calendar:1",
        ),
    ] = "",
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """The days that controllers should know without us, by calendar_objects of the site file. · 控制器脱离本系统也应知道的日期（见配置中的 calendar_objects）

    Without --push the days are listed and nobody is asked. With it each list is read and compared; nothing is written without --yes and
    a name. The running daemon does it, or this command where none runs. · 不加 --push 只列出日期；加上则读取并比较；须有 --yes 和姓名才写入。由运行中的守护进程执行，未运行时由本命令执行

    Example: building-supervisor calendar office.yaml --push
    Example: building-supervisor calendar office.yaml --push --yes --by 李工
    """
    if yes and not push:
        misused(Phrase("--yes goes with --push", "--yes 须与 --push 同用"))
    if yes and not by.strip():
        misused(Phrase("a name is needed: --by NAME", "需要姓名：--by 姓名"))
    loaded = load_site(site)
    if not loaded.calendar_objects:
        fail(
            Phrase("the site file lists no calendar_objects", "配置文件未列出 calendar_objects"),
            Phrase(
                "add `calendar_objects: [{at: ddc-1/calendar:1}]`",
                "请加 `calendar_objects: [{at: ddc-1/calendar:1}]`",
            ),
        )
    if not push:
        _list(loaded, only)
        return
    answer = _asked(
        loaded, state_dir_of(loaded, state_dir), {"do": "calendar", "yes": yes, "name": by, "at": only}
    )
    if format_ is Format.JSON:
        typer.echo(in_json(answer))
    else:
        _tell(answer)
    bad = [
        told["at"]
        for told in answer["objects"]
        if "error" in told or told.get("result") not in (None, "ok", "dry_run")
    ]
    if bad:
        raise typer.Exit(1)


def _list(site: Site, only: str) -> None:
    """What the calendar says, without asking anybody."""
    from datetime import datetime

    from schedules.closures import closures, spans
    from schedules.days import calendars
    from supervisor.daemon.holidays import WORDS

    with plain_errors():
        days = calendars(site)
    today = datetime.now(site.tz).date()
    for object_ in site.calendar_objects:
        if only not in ("", object_.at):
            continue
        meant = closures(object_, days, today)
        _head(object_.at, WORDS[object_.days], object_.hours, list(meant.years), len(meant.days))
        for first, last in spans(meant.days):
            typer.echo(f"    {first}" if first == last else f"    {first} – {last}")


def _head(at: str, words: Phrase, hours: str | None, years: list[int], count: int) -> None:
    group = f" ({hours})" if hours else ""
    of = ", ".join(map(str, years)) or "?"
    say(
        Phrase(
            f"{at}  {words.en}{group} of {of}: {count} days", f"{at}  {of} 年{words.zh}{group}：{count} 天"
        )
    )


def _asked(site: Site, folder: Path, request: dict[str, Any]) -> Mapping[str, Any]:
    """The daemon's answer, or our own where none runs."""
    with plain_errors():
        try:
            answer: Mapping[str, Any] = asyncio.run(ask(folder, request))
        except NoDaemon:
            aloud_no_daemon()
            try:
                answer = asyncio.run(_without(site, folder, request))
            except Refused as error:
                fail(error.phrase)
    if "error" in answer:
        fail(refused(answer))
    return answer


def aloud_no_daemon() -> None:
    """Say who asks the controllers."""
    from supervisor.cli.language import told

    aloud(
        told(
            Phrase("no daemon runs: asking the controllers from here", "没有守护进程：由本命令直接询问控制器")
        )
    )


async def _without(site: Site, folder: Path, request: Mapping[str, Any]) -> Mapping[str, Any]:
    from schedules.days import calendars
    from supervisor.clockwork.clock import SiteClock
    from supervisor.core.views import Fire
    from supervisor.daemon.assemble import make_line, open_store
    from supervisor.daemon.holidays import Building, answer
    from supervisor.daemon.logs import configure
    from supervisor.field.kept import register_of
    from supervisor.field.vetted import vetted
    from supervisor.gateway import Gateway
    from supervisor.store.rows import NoticeRow

    configure(quiet=True, lang=spoken, person=True)
    clock, store, line = SiteClock(), open_store(site, folder), make_line(site)

    def tell(who: str, en: str, zh: str) -> None:
        store.notice(
            NoticeRow(clock.now(), "operator", "request", site.building, f"{who}: {en}", f"{who}：{zh}")
        )

    try:
        await line.reader.start()
        try:
            gateway = Gateway(site, vetted(site, line, register_of(store)).writer, store, clock)
            building = Building(site, calendars(site), gateway, store, clock.now())
            # without a daemon nobody knows of an alarm: the person at the terminal does
            return await answer(building, request, Fire.UNKNOWN, tell)
        finally:
            await line.reader.stop()
            await store.flush()
    finally:
        store.close()


def _tell(answer: Mapping[str, Any]) -> None:
    from supervisor.daemon.holidays import RESULTS, WORDS

    for told in answer["objects"]:
        _head(told["at"], WORDS[told["days"]], told["hours"], told["years"], told["count"])
        for sign, key in (("+", "adds"), ("-", "goes"), ("-", "patterns")):
            for entry in told.get(key, ()):
                typer.echo(f"  {sign} {entry.replace('/', ' – ')}")
        if "error" not in told and not (told["adds"] or told["goes"] or told["patterns"]):
            say(Phrase("    as it should be", "    已一致"))
        if "result" in told:
            said = RESULTS[told["result"]]
            say(Phrase(f"    {said.en}", f"    {said.zh}"))
        if "error" in told:
            say(Phrase(f"    {told['error']}", f"    {told['error_zh']}"))
    if not answer["written"]:
        say(Phrase("nothing is written: --yes --by NAME does", "未写入：加 --yes --by 姓名 才写入"))
