"""`release --offline`: letting go of a building without its daemon, by the journal or without one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from config.phrase import Phrase
from config.points import Value
from config.site import Site
from supervisor.cli.common import aloud, fail, plain_errors, say, say_aloud
from supervisor.cli.language import named as chosen
from supervisor.cli.language import told
from supervisor.daemon.socket import NoDaemon, ask

if TYPE_CHECKING:
    from supervisor.gateway import Left, Offline
    from supervisor.gateway.lost import Search


def release_journalled(site: Site, folder: Path, named: str) -> None:
    """Let go of what the journal says is ours. `named` is the site file as it was called."""
    from supervisor.daemon.assemble import let_go

    with plain_errors():
        _no_daemon(folder, named)
        done = asyncio.run(let_go(site, folder, say_aloud))
    _account(done, named)


def release_lost(site: Site, folder: Path, named: str, who: str, *, yes: bool) -> None:
    """List what our priority holds, whatever the journal says; with `yes`, let go of it."""
    from supervisor.daemon.assemble import let_go_unjournalled

    with plain_errors():
        _no_daemon(folder, named)
        n, m = len(site.points), len(site.devices)
        aloud(told(Phrase(f"reading {n} points of {m} controllers", f"正在读取 {m} 台控制器的 {n} 个点")))
        looked, done = asyncio.run(let_go_unjournalled(site, folder, who, yes=yes, aloud=say_aloud))
    _list(looked, site.priority)
    if done is not None:
        _account(done, named)
        return
    _name(looked.left, named)
    if looked.found:
        fail(
            Phrase(
                f"{len(looked.found)} slots at priority {site.priority} are not empty",
                f"有 {len(looked.found)} 个点的优先级 {site.priority} 被占用",
            ),
            Phrase(
                f"where no other system writes at that priority: release {named} --offline --lost-journal --yes lets go of "
                "them",
                f"若无其他系统使用该优先级：release {named} --offline --lost-journal --yes 释放以上占用",
            ),
        )
    if looked.unread:
        n = len(looked.unread)
        fail(
            Phrase(
                f"{n} points could not be read: whether they are held is not known",
                f"{n} 个点无法读取：不知是否被占用",
            )
        )


def _no_daemon(folder: Path, named: str) -> None:
    """Exit 1 where a daemon runs on this state folder: it would take up again what is let go of here."""
    try:
        asyncio.run(ask(folder, {"do": "status"}))
    except NoDaemon:
        return
    fail(
        Phrase("a daemon runs on this state folder", "此状态目录上有守护进程在运行"),
        Phrase(
            f"stop it first, or ask it: release {named} --for 1h",
            f"请先停止它，或请它释放：release {named} --for 1h",
        ),
    )


def _list(looked: Search, priority: int) -> None:
    for f in looked.found:
        where = (
            Phrase("in the journal", "日志有记录") if f.journalled else Phrase("in no journal", "日志无记录")
        )
        value = _shown(f.value)
        say(
            Phrase(
                f"held: {f.point} ({f.place}) = {value}: {where.en}",
                f"占用：{f.point}（{f.place}）= {value}：{where.zh}",
            )
        )
    unknown = sum(not f.journalled for f in looked.found)
    counts = (
        f"priority={priority} held={len(looked.found)} in_no_journal={unknown} not_read={len(looked.unread)}"
    )
    typer.echo(counts)


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value}"


def _name(points: Sequence[Left], named: str) -> None:
    from supervisor.gateway.left import told as lines_of

    for line in lines_of(points, named, chosen()):
        aloud(line)


def _account(done: Offline, named: str) -> None:
    """What was let go of, and each point that was not. Exits 1 where that would have been ours to do."""
    typer.echo(f"released={len(done.released)} failed={len(done.failed)} owned={done.owned}")
    _name(done.left, named)
    if done.failed:
        fail(
            Phrase(f"not released: {', '.join(done.failed)}", f"未释放：{'、'.join(done.failed)}"),
            Phrase(
                "the journal keeps them; try again when they answer", "日志保留其记录；待控制器应答后重试"
            ),
        )
