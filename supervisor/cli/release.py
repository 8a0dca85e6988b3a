"""`release`: every slot is let go of now, by the running daemon or without one; and the end of it before its time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from config.phrase import Phrase
from config.problems import NO_REMEDY
from config.site import Site
from config.values import Misread, parse_duration
from supervisor.cli.ask import ask_daemon
from supervisor.cli.common import (
    SitePath,
    StateDir,
    fail,
    load_site,
    misused,
    refused,
    say,
    state_dir_of,
    whoever,
)
from supervisor.cli.language import spoken
from supervisor.daemon.logs import configure
from supervisor.daemon.socket import NoDaemon, ask


def release(
    site: SitePath,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help="No daemon runs: release what its journal says it left · 没有守护进程时：按日志释放其留下的占用",
        ),
    ] = False,
    lost_journal: Annotated[
        bool,
        typer.Option(
            "--lost-journal",
            help="With --offline, where the store is damaged, lost or an older copy: list every slot at our priority "
            "that is not empty, by reading the controllers. With --yes, let go of them · 与 --offline 同用，数据库损坏、丢失或为旧副本时：读取各控制器，列出本优先级上所有非空占用；加 --yes 则释放",
        ),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="With --lost-journal: let go of what was found · 与 --lost-journal 同用：释放所找到的占用",
        ),
    ] = False,
    lasting: Annotated[
        str,
        typer.Option(
            "--for",
            help="How long the running daemon keeps its hands off: 30min, 2h · 运行中的守护进程多久不再写入：30min、2h",
        ),
    ] = "30min",
    name: Annotated[str, typer.Option("--name", help="Who asks · 申请人")] = "",
    end: Annotated[
        bool,
        typer.Option(
            "--end",
            help="End what was released, whoever asked for it: the rules apply again now · 结束释放（不论由谁申请），规则立即恢复执行",
        ),
    ] = False,
    of: Annotated[
        str,
        typer.Option(
            "--of",
            metavar="NAME",
            help="With --end: only what this name asked for; BACnet is the building's front end · 与 --end 同用：只结束此人申请的释放；BACnet 指楼宇自控前端",
        ),
    ] = "",
    state_dir: StateDir = None,
) -> None:
    """Let go of every slot now. A running daemon takes up again what its rules want when the time is over, or at --end. · 立即释放所有占用；到时或用 --end 后，运行中的守护进程按规则重新写入

    Exit 1 when a slot that we may write is held still, or may be: it is named, with why, and what to do. · 仍有（或可能有）占用时返回 1，并列出点位、原因和办法

    Example: building-supervisor release office.yaml --for 1h --name 李工
    Example: building-supervisor release office.yaml --end --name 李工
    Example: building-supervisor release office.yaml --offline
    Example: building-supervisor release office.yaml --offline --lost-journal --yes
    """
    configure(quiet=True, lang=spoken, person=True)
    if lost_journal and not offline:
        misused(
            Phrase("--lost-journal goes with --offline", "--lost-journal 须与 --offline 同用"),
            Phrase(
                "a running daemon has its journal; stop it first", "运行中的守护进程有自己的日志；请先停止它"
            ),
        )
    if yes and not lost_journal:
        misused(
            Phrase("--yes goes with --lost-journal", "--yes 须与 --lost-journal 同用"),
            Phrase("without it, nothing has to be confirmed", "没有它就无须确认"),
        )
    if end and offline:
        misused(
            Phrase(
                "--end asks the running daemon, --offline is for none",
                "--end 针对运行中的守护进程，不能与 --offline 同用",
            )
        )
    if of and not end:
        misused(Phrase("--of goes with --end", "--of 须与 --end 同用"))
    seconds = _lasting(lasting)
    loaded = load_site(site)
    who = name or whoever()
    if end:
        _end(loaded, state_dir, of.strip(), who)
        return
    if not offline:
        _ask_to_release(state_dir_of(loaded, state_dir), str(site), seconds, who)
        return
    from supervisor.cli.offline import release_journalled, release_lost

    folder = state_dir_of(loaded, state_dir)
    if lost_journal:
        release_lost(loaded, folder, str(site), who, yes=yes)
    else:
        release_journalled(loaded, folder, str(site))


def _end(site: Site, state_dir: Path | None, of: str, who: str) -> None:
    """Have the running daemon take up again what was released. Exits 1 where nothing was, so that a wrong name is noticed."""
    answer = ask_daemon(site, state_dir, {"do": "release-end", "of": of, "everyone": not of, "name": who})
    ended, still = answer["ended"], answer["still"]
    if not ended:
        by = Phrase(f" by {of}", f"（申请人 {of}）") if of else Phrase("", "")
        hint = (
            Phrase(f"released by: {', '.join(still)}", f"申请人有：{'、'.join(still)}")
            if still
            else NO_REMEDY
        )
        fail(Phrase(f"nothing is released{by.en}", f"没有处于释放中的点{by.zh}"), hint)
    say(
        Phrase(
            f"release of {ended} points ended: the rules apply again",
            f"已结束 {ended} 个点的释放：规则恢复执行",
        )
    )
    if still:
        say(Phrase(f"still released by {', '.join(still)}", f"仍由 {'、'.join(still)} 释放"))


def _lasting(text: str) -> float:
    """`--for` in s. Exits 2 where it is no time."""
    try:
        return parse_duration(text)
    except Misread as error:
        misused(Phrase(f"--for {text}: {error}", f"--for {text}：{error.said.zh}"), error.remedy)


def _ask_to_release(folder: Path, named: str, seconds: float, who: str) -> None:
    """Have the running daemon let go for a while. Exits 1 where none runs, or something is held still."""
    try:
        answer = asyncio.run(ask(folder, {"do": "release", "seconds": seconds, "name": who}))
    except NoDaemon as error:
        offline = f"release {named} --offline"
        fail(
            error.said,
            Phrase(f"let go of what it left behind: {offline}", f"请释放其遗留的占用：{offline}"),
        )
    if "error" in answer:
        fail(refused(answer))
    counts = f"released={answer['released']} failed={len(answer['failed'])} owned={answer['owned']}"
    say(Phrase(f"{counts} until {answer['until']}", f"{counts} 至 {answer['until']}"))
    if answer["failed"]:
        fail(
            Phrase(f"still held: {', '.join(answer['failed'])}", f"仍被占用：{'、'.join(answer['failed'])}"),
            Phrase(
                "their devices may be silent; they are released when they answer",
                "其控制器可能无应答；应答后即释放",
            ),
        )
