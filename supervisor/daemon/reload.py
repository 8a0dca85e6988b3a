"""The site file read again while the building runs: when, whether it may be taken up, and how that went."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from config.phrase import Phrase
from config.problems import Problem
from config.site import Site
from schedules.days import Calendars, calendars
from supervisor.clockwork.clock import Clock
from supervisor.daemon.changes import difference
from supervisor.daemon.running import Running
from supervisor.sitefile.saved import saves
from supervisor.telling.snapshot import Event

log = structlog.get_logger()
Load = Callable[[], tuple[Site | None, list[Problem]]]


@dataclass(frozen=True, slots=True)
class New:
    """A site file that may be taken up, with its calendars, and what it changes, a line each."""

    site: Site
    days: Calendars
    changes: list[Phrase]


@dataclass(frozen=True, slots=True)
class Same:
    """The file says what is in force already."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be taken up: the old configuration stays."""

    problem: str


class Reload:
    """Reads the site file again. Everything is checked before anything is changed."""

    def __init__(self, load: Load | None, clock: Clock, tell: Callable[[Event], None]) -> None:
        self._load, self._clock, self._tell = load, clock, tell
        self.successful = True
        self.time = time.time()
        """When the configuration in force was taken up, POSIX seconds of wall time."""
        self.anew = asyncio.Event()
        """Set when another configuration is in force; whoever waits for it clears it."""
        self.problem = ""
        """What is wrong with the file on disk, while the old one stays in force; else empty."""

    async def read(self, running: Running) -> New | Same | Refused:
        """The file as it is on disk, beside what runs. ValueError where there is no file to read."""
        if self._load is None:
            raise ValueError("this daemon has no site file to read again")
        try:
            read = await self._checked(self._load, running)
        except Exception as error:
            # Whatever a file makes of its readers is a refusal of that file: nothing else tells of it.
            log.exception("the files of the site cannot be read")
            file = running.site.source
            read = Refused(f"{file}: it, or a file that it names, cannot be read: {_words(error)}")
        if isinstance(read, Refused):
            self._refuse(read.problem)
        elif isinstance(read, Same):
            self.successful, self.problem = True, ""
        return read

    async def _checked(self, load: Load, running: Running) -> New | Same | Refused:
        site, problems = await asyncio.to_thread(load)
        building = running.site.building
        if site is not None and site.building != building:
            return Refused(
                f"building is now {site.building}: a running daemon keeps its building; restart it"
            )
        if site is None:
            return Refused(_first(problems))
        try:
            days = await asyncio.to_thread(calendars, site)
        except OSError as error:
            return Refused(str(error))
        if (site.config_hash, days.digest) == (running.site.config_hash, running.days.digest):
            return Same()
        return New(site, days, difference(running, site, days, self._clock.now()))

    def _refuse(self, problem: str) -> None:
        self.successful, self.problem = False, problem
        log.error("not reloaded: the old configuration stays", problem=problem)
        text = Phrase(f"not reloaded: {problem}", f"配置有误，沿用旧配置：{problem}")
        self._tell(Event(self._clock.now(), "alert", "", "", "", text))

    def accepted(self, new: New) -> None:
        """The file is about to be taken up. Said now: by the time it is, a worse one may have been refused."""
        self.successful, self.problem = True, ""
        for change in new.changes:
            log.info("changed", what=change.en)
            self._tell(Event(self._clock.now(), "reload", "", "", "", change))

    def taken_up(self) -> None:
        """The new configuration is in force from now on."""
        self.time = time.time()
        self.anew.set()


def _words(error: Exception) -> str:
    """One line of an error that nobody foresaw."""
    first = (str(error).strip().splitlines() or [""])[0][:200]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _first(problems: list[Problem]) -> str:
    """The first error with its place, and how many there are besides."""
    errors = [p for p in problems if p.is_error]
    first, more = errors[0], len(errors) - 1
    return f"{first.file}:{first.line}:{first.column}: {first.message}{f' (and {more} more)' if more else ''}"


def answer(read: New | Same | Refused) -> dict[str, Any]:
    """What whoever asked for a reload is told."""
    if isinstance(read, Refused):
        return {"ok": False, "problem": read.problem}
    changes = read.changes if isinstance(read, New) else []
    return {"ok": True, "changes": [c.en for c in changes], "changes_zh": [c.zh for c in changes]}


# ------------------------------------------------------------------ when


async def on_save(
    path: Path, reload: Callable[[], Awaitable[object]], folders: Callable[[], frozenset[Path]]
) -> None:
    """Reload when the site file or a calendar file is saved, or on SIGHUP. `folders`: where those files are now."""
    hup = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hup.set)
    watched, saved = folders(), None
    try:
        while True:
            if saved is None:
                saved = asyncio.create_task(saves(path, hup, watched))
                await asyncio.sleep(0)  # from here on it watches
            await hup.wait()
            hup.clear()
            try:
                await reload()
            except Exception:  # a reload that fails must never stop the site that runs
                log.exception("reload failed")
            if watched != folders():
                # What was saved before the new watch began is read at once: no save is lost in between.
                watched = folders()
                saved.cancel()
                saved = None
                hup.set()
    finally:
        if saved is not None:
            saved.cancel()
