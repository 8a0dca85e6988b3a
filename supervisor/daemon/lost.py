"""A store that is damaged, lost or older than the building: beginning anew beside it, and letting go without it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import structlog

from config.phrase import Phrase
from config.reasons import told
from config.site import Site
from drivers.protocol import Line
from supervisor.field.kept import register_of
from supervisor.field.vetted import vetted
from supervisor.gateway import Gateway, Offline
from supervisor.gateway.lost import Search, release_lost, search
from supervisor.gateway.offline import known
from supervisor.sitefile.places import private
from supervisor.store.damage import file_of, problem_of, set_aside
from supervisor.store.gateways import address
from supervisor.store.months import FOLDER
from supervisor.store.problems import StoreProblem, make_url
from supervisor.store.rows import NoticeRow
from supervisor.store.writer import Store

log = structlog.get_logger()
IN_MEMORY = "sqlite://"
_SHOWN = 20
"""Points that one line names; the log has them all."""
Aloud = Callable[[Phrase], None]
"""Hears what somebody who waits should know, line by line."""


def url_of(site: Site, state_dir: Path) -> str:
    """Where the site's store is: SQLite in the state folder by default; on a server the building's own part."""
    return address(site.database or f"sqlite:///{state_dir / 'supervisor.sqlite3'}", site.building)


def open_anew(site: Site, state_dir: Path, aloud: Aloud) -> Store:
    """The site's store, opened; one that cannot be relied on is kept under another name, and a new one begun.

    A sound store is opened as it is. Raises StoreProblem, OSError.
    """
    private(state_dir)
    url = url_of(site, state_dir)
    file, problem = file_of(make_url(url)), problem_of(url)
    if problem is None:
        if file is None or file.exists():
            aloud(Phrase("the store is sound and stays in use", "数据库完好，继续使用"))
        store = Store(url, folder=state_dir / FOLDER)
        store.open()
        return store
    return _begin(site, url, problem, aloud)


def _begin(site: Site, url: str, problem: StoreProblem, aloud: Aloud) -> Store:
    """A new store in the place of one that is lost. Raises StoreProblem, OSError."""
    file = file_of(make_url(url))
    if problem.busy or file is None:
        raise problem
    kept = set_aside(file)
    store = Store(url)
    store.open()
    why = problem.pair[0]
    said = Phrase(
        f"a new store was begun: {why.en}; the old one is kept as {kept}",
        f"已新建数据库（原因：{why.zh}）；原文件保留为 {kept}",
    )
    log.warning("new store", kept=str(kept), because=problem.message, zh=said.zh)
    aloud(said)
    store.notice(NoticeRow(time.time(), "store", "alert", site.building, said.en, said.zh))
    return store


class Lost(NamedTuple):
    """What `release --offline --lost-journal` found, and what it let go of (None: it was only to look)."""

    search: Search
    done: Offline | None


async def release_without_journal(
    site: Site, state_dir: Path, line: Line, by: str, *, yes: bool, aloud: Aloud = lambda said: None
) -> Lost:
    """List what our priority holds on the site's points; with `yes` let go of it.

    Looking puts no file aside. Raises DriverError, StoreProblem where another program has the store, OSError.
    """
    store = _to_record(site, state_dir, aloud) if yes else _to_look(site, state_dir, aloud)
    try:
        await line.reader.start()
        try:
            recognised = vetted(site, line, register_of(store))
            if yes:
                return await _released(site, store, recognised, by, aloud)
            return Lost(await search(await known(site, store, recognised.writer), recognised.writer), None)
        finally:
            await line.reader.stop()
    finally:
        store.close()


def _to_look(site: Site, state_dir: Path, aloud: Aloud) -> Store:
    """The site's store to look into; where it is lost, an empty one in memory."""
    url = url_of(site, state_dir)
    file, problem = file_of(make_url(url)), problem_of(url)
    if problem is not None and problem.busy:
        raise problem
    if problem is not None or (file is not None and not file.exists()):
        absent = Phrase(f"there is no database {file}", f"没有数据库 {file}")
        _say_lost(aloud, problem.pair[0] if problem is not None else absent)
        store = Store(IN_MEMORY, inline=True)
    else:
        store = Store(url)
    store.open()
    return store


def _to_record(site: Site, state_dir: Path, aloud: Aloud) -> Store:
    """The site's store to write the audit into: a new one where it is lost, and one in memory where none can be."""
    url = url_of(site, state_dir)
    try:
        private(state_dir)
        problem = problem_of(url)
        if problem is not None:
            return _begin(site, url, problem, aloud)
        store = Store(url)
        store.open()
        return store
    except (StoreProblem, OSError) as problem:
        if isinstance(problem, StoreProblem) and problem.busy:
            raise
        return _unrecorded(problem, aloud)


async def _released(site: Site, store: Store, line: Line, by: str, aloud: Aloud) -> Lost:
    try:
        return Lost(*await release_lost(site, store, line.writer, by))
    except StoreProblem as problem:
        if problem.busy:
            raise
        spare = _unrecorded(problem, aloud)
        try:
            return Lost(*await release_lost(site, spare, line.writer, by))
        finally:
            spare.close()


def _unrecorded(problem: StoreProblem | OSError, aloud: Aloud) -> Store:
    """A journal in memory: the building comes first, it is let go of, and what is missing is said."""
    why = problem.pair[0] if isinstance(problem, StoreProblem) else told(problem)
    aloud(Phrase("no record is kept of what follows", "以下操作无法留下记录").detailed(why))
    log.error("no record is kept", problem=why)
    store = Store(IN_MEMORY, inline=True)
    store.open()
    return store


def strangers(gateway: Gateway) -> dict[str, str]:
    """Points whose slot at our priority holds what no journal of ours knows, with what it holds."""
    views = ((name, gateway.slot_view(name)) for name in gateway.points)
    return {name: f"{view.foreign}" for name, view in views if view.foreign is not None}


def tell_strangers(found: Mapping[str, str], tell: Callable[[str, str, str, str], None]) -> None:
    """Say at the start that the building holds more at our priority than the store knows of."""
    if not found:
        return
    shown = ", ".join(f"{point} = {value}" for point, value in list(found.items())[:_SHOWN])
    more = f" (+{len(found) - _SHOWN})" if len(found) > _SHOWN else ""
    en = (
        f"{len(found)} slots at our priority are in no journal and left alone: {shown}{more}; if the store was lost "
        "or is an older copy: stop, then release SITE.yaml --offline --lost-journal; if another system writes at this "
        "priority: give one of the two another `priority`"
    )
    zh = (
        f"本优先级有 {len(found)} 处占用不在日志中，保持不动：{shown}{more}；若数据库丢失或为旧备份："
        "停止后执行 release SITE.yaml --offline --lost-journal；若另有系统使用该优先级：请为其中之一改用别的 `priority`"
    )
    log.warning("slots in no journal", points=dict(found), problem=en, zh=zh)
    tell("store", "alert", en, zh)


def _say_lost(aloud: Aloud, why: Phrase) -> None:
    aloud(Phrase("no journal to go by", "没有可用的日志").detailed(why))
