"""The store as a daemon opens it: a server that is away is waited for, and it is remembered where the store was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog

from config.file import Http
from config.phrase import Lang, Phrase
from config.site import Site
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.idle import DATABASE, Idle
from supervisor.daemon.lost import url_of
from supervisor.daemon.stopping import Stop
from supervisor.sitefile.places import private
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store
from supervisor.telling.web import serve

log = structlog.get_logger()
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""s of wall time before a server that is away is asked again; doubled each time. A site choice."""
WHERE: Final = "database.url"
"""A file in the state folder: the address of the server that has the journal. A site file that is spoilt may not say it."""


class FileChanged(Exception):
    """The site file was saved while its database was waited for: it may name another."""


async def opened(
    site: Site,
    state_dir: Path,
    make: Callable[[], Store],
    stop: Stop,
    *,
    http: bool,
    path: Path | None = None,
    waits: Callable[[Phrase], None] = lambda said: None,
    device: Callable[[], Awaitable[None]] | None = None,
) -> Store | None:
    """The site's store; None where a stop was asked for while its server was away.

    Meanwhile it is said, to `waits`, on the page if `http`, and by the `device` of our own. Raises FileChanged, and StoreProblem for what waiting does not mend.
    """
    try:
        store = make()
    except StoreProblem as problem:
        if not problem.away:
            raise
        waits(problem.said)
        found = await _waited_for(site, problem, make, stop, http=http, path=path, device=device)
        if found is None:
            return None
        store = found
    remember(site, state_dir)
    return store


async def _waited_for(
    site: Site,
    problem: StoreProblem,
    make: Callable[[], Store],
    stop: Stop,
    *,
    http: bool,
    path: Path | None,
    device: Callable[[], Awaitable[None]] | None,
) -> Store | None:
    said, file = [problem.said], _content(path)
    page = Helpers()

    def newest(lang: Lang) -> str:
        return said[0].told(lang)

    if http:
        page.start("http", lambda: _page(site.http, newest))
    if device is not None:
        page.start("bacnet device", device)
    stop.say(Phrase(f"{said[0].en} It is tried again.", f"{said[0].zh}正在重试。"))
    pause = FIRST_PAUSE
    try:
        while not await _asked(stop, pause):
            pause = min(2 * pause, LONGEST_PAUSE)
            if _content(path) != file:
                log.warning("the site file was saved: it is read again")
                raise FileChanged
            try:
                store = await asyncio.to_thread(make)
            except StoreProblem as again:
                if not again.away:
                    raise
                if again.said != said[0]:
                    log.error("the database is away", problem=again.said)
                said[0] = again.said
            else:
                log.warning("the database is there: supervision begins")
                return store
        return None
    finally:
        await page.stop()


def _content(path: Path | None) -> bytes:
    """What stands in the site file; nothing where it cannot be read just now."""
    try:
        return path.read_bytes() if path is not None else b""
    except OSError:
        return b""


async def _asked(stop: Stop, seconds: float) -> bool:
    """Whether a stop is asked for within some seconds."""
    try:
        async with asyncio.timeout(seconds):
            await stop.asked.wait()
    except TimeoutError:
        return False
    return True


async def _page(http: Http, text: Callable[[Lang], str]) -> None:
    await serve(Idle(http, lambda: DATABASE, text).app(), http.bind, http.port)


def remember(site: Site, state_dir: Path) -> None:
    """Note where the store is, for its owner alone: the address may have a password. Raises OSError."""
    private(state_dir)
    file = state_dir / WHERE
    if site.database is None:
        file.unlink(missing_ok=True)
        return
    beside = file.with_suffix(".new")
    with os.fdopen(
        os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as to:
        to.write(url_of(site, state_dir))
        to.flush()
        os.fsync(to.fileno())
    beside.replace(file)


def remembered(state_dir: Path) -> str | None:
    """Where the store of the last run was; None: beside, or nobody knows."""
    try:
        return (state_dir / WHERE).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
