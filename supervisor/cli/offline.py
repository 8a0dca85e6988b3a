"""`release --offline`: letting go of a building without its daemon, by the journal or without one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from config.points import Value
from config.site import Site
from supervisor.cli.common import aloud, fail, plain_errors
from supervisor.daemon.socket import NoDaemon, ask

if TYPE_CHECKING:
    from supervisor.gateway import Left, Offline
    from supervisor.gateway.lost import Search


def release_journalled(site: Site, folder: Path, named: str) -> None:
    """Let go of what the journal says is ours. `named` is the site file as it was called."""
    from supervisor.daemon.assemble import let_go

    with plain_errors():
        _no_daemon(folder, named)
        done = asyncio.run(let_go(site, folder, aloud))
    _account(done, named)


def release_lost(site: Site, folder: Path, named: str, who: str, *, yes: bool) -> None:
    """List what our priority holds, whatever the journal says; with `yes`, let go of it."""
    from supervisor.daemon.assemble import let_go_unjournalled

    with plain_errors():
        _no_daemon(folder, named)
        aloud(
            f"reading {len(site.points)} points of {len(site.devices)} controllers · 正在读取各控制器的写入级"
        )
        looked, done = asyncio.run(let_go_unjournalled(site, folder, who, yes=yes, aloud=aloud))
    _list(looked, site.priority)
    if done is not None:
        _account(done, named)
        return
    _name(looked.left, named)
    if looked.found:
        fail(
            f"{len(looked.found)} slots at priority {site.priority} are not empty",
            f"where no other system writes at that priority: release {named} --offline --lost-journal --yes lets go of "
            "them",
            f"若无其他系统使用该优先级：release {named} --offline --lost-journal --yes 释放以上占用",
        )
    if looked.unread:
        fail(f"{len(looked.unread)} points could not be read: whether they are held is not known")


def _no_daemon(folder: Path, named: str) -> None:
    """Exit 1 where a daemon runs on this state folder: it would take up again what is let go of here."""
    try:
        asyncio.run(ask(folder, {"do": "status"}))
    except NoDaemon:
        return
    fail("a daemon runs on this state folder", f"stop it first, or ask it: release {named} --for 1h")


def _list(looked: Search, priority: int) -> None:
    for f in looked.found:
        told = "in the journal · 日志有记录" if f.journalled else "in no journal · 日志无记录"
        typer.echo(f"held: {f.point} ({f.place}) = {_shown(f.value)}: {told}")
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
    from supervisor.gateway.left import told

    for line in told(points, named):
        aloud(line)


def _account(done: Offline, named: str) -> None:
    """What was let go of, and each point that was not. Exits 1 where that would have been ours to do."""
    typer.echo(f"released={len(done.released)} failed={len(done.failed)} owned={done.owned}")
    _name(done.left, named)
    if done.failed:
        fail(f"not released: {', '.join(done.failed)}", "the journal keeps them; try again when they answer")
