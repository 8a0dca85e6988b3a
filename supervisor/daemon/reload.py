"""The site file read again while the building runs: when, whether it may be taken up, and how that went."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from config import reasons
from config.phrase import Phrase
from config.problems import Problem
from config.site import Site
from schedules.days import CalendarProblem, Calendars, calendars
from supervisor.clockwork.clock import Clock
from supervisor.core import asking
from supervisor.daemon.changes import difference
from supervisor.daemon.running import Running
from supervisor.sitefile.saved import saves
from supervisor.telling.snapshot import Event, TakenUp, Waiting

log = structlog.get_logger()
Load = Callable[[], tuple[Site | None, list[Problem]]]


@dataclass(frozen=True, slots=True)
class New:
    """A site file that may be taken up, with its calendars, and what it changes, a line each.

    `waits`: why it does not go into force by being saved; empty where it does.
    """

    site: Site
    days: Calendars
    changes: list[Phrase]
    waits: Sequence[Phrase] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What the version is known by: the file, and the calendars it names."""
        return self.site.config_hash, self.days.digest


@dataclass(frozen=True, slots=True)
class Same:
    """The file says what is in force already."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be taken up: the old configuration stays."""

    problem: Phrase


class Reload:
    """Reads the site file again. Everything is checked before anything is changed."""

    def __init__(self, load: Load | None, clock: Clock, tell: Callable[[Event], None]) -> None:
        self._load, self._clock, self._tell = load, clock, tell
        self.successful = True
        self.time = time.time()
        """When the configuration in force was taken up, POSIX seconds of wall time."""
        self.anew = asyncio.Event()
        """Set when another configuration is in force; whoever waits for it clears it."""
        self.problem: Phrase | None = None
        """What is wrong with the file on disk, while the old one stays in force; else None."""
        self.waiting: Waiting | None = None
        """The file on disk, while it waits for a person's word."""
        self.news: TakenUp | None = None
        """What the version in force changed; None for the one of the start."""

    async def read(self, running: Running) -> New | Same | Refused:
        """The file as it is on disk, beside what runs. asking.Refused where there is no file to read."""
        if self._load is None:
            raise asking.Refused(
                "this daemon has no site file to read again", "此守护进程没有可重新读取的站点文件"
            )
        try:
            read = await self._checked(self._load, running)
        except Exception as error:
            # Whatever a file makes of its readers is a refusal of that file: nothing else tells of it.
            log.exception("the files of the site cannot be read")
            file = running.site.source
            words = _words(error)
            read = Refused(
                Phrase(
                    f"{file}: it, or a file that it names, cannot be read: {words}",
                    f"{file}：站点文件或其所列文件无法读取：{words}",
                )
            )
        if isinstance(read, Refused):
            self.waiting = None
            self._refuse(read.problem)
        elif isinstance(read, Same):
            self.successful, self.problem, self.waiting = True, None, None
        return read

    @property
    def waits(self) -> list[str]:
        """A line that says that a saved file waits, and why; none where none does."""
        return [waits_said(self.waiting.why).en] if self.waiting is not None else []

    def wait(self, new: New) -> None:
        """The file is sound, and waits for a person's word: said once."""
        self.successful, self.problem = True, None
        waiting = Waiting(tuple(new.waits), tuple(new.changes), new.key)
        if self.waiting is not None and self.waiting.key == waiting.key:
            return
        self.waiting = waiting
        log.warning("the saved file waits", why=[why.en for why in new.waits])
        self._tell(Event(self._clock.now(), "alert", "", "", "", waits_said(new.waits)))

    async def _checked(self, load: Load, running: Running) -> New | Same | Refused:
        site, problems = await asyncio.to_thread(load)
        building = running.site.building
        if site is not None and site.building != building:
            return Refused(
                Phrase(
                    f"building is now {site.building}: a running daemon keeps its building; restart it",
                    f"building 已改为 {site.building}：运行中的守护进程不更换建筑，请重新启动",
                )
            )
        if site is None:
            return Refused(_first(problems))
        try:
            days = await asyncio.to_thread(calendars, site)
        except CalendarProblem as error:
            return Refused(error.said)
        except OSError as error:
            return Refused(reasons.told(error))
        new, old = ((s.config_hash, s.arm, d.digest) for s, d in ((site, days), (running.site, running.days)))
        if new == old:
            return Same()
        return New(site, days, difference(running, site, days, self._clock.now()))

    def _refuse(self, problem: Phrase) -> None:
        self.successful, self.problem = False, problem
        log.error("not reloaded: the old configuration stays", problem=problem)
        text = Phrase("not reloaded", "配置有误，沿用旧配置").detailed(problem)
        self._tell(Event(self._clock.now(), "alert", "", "", "", text))

    def accepted(self, new: New, by: str = "", *, undo: bool = True) -> None:
        """The file is about to be taken up. Said now: by the time it is, a worse one may have been refused."""
        self.successful, self.problem, self.waiting = True, None, None
        self.news = TakenUp(self._clock.now(), tuple(new.changes), by, undo)
        for change in new.changes:
            log.info("changed", what=change)
            self._tell(Event(self._clock.now(), "reload", "", "", "", change))

    def not_taken(self, problem: Phrase) -> None:
        """What was accepted could not be taken up: the configuration before it is in force again."""
        self.news = None
        self._refuse(problem)

    def taken_up(self) -> None:
        """The new configuration is in force from now on."""
        self.time = time.time()
        self.anew.set()


def _words(error: Exception) -> str:
    """One line of an error that nobody foresaw."""
    first = (str(error).strip().splitlines() or [""])[0][:200]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _first(problems: list[Problem]) -> Phrase:
    """The first error with its place, and how many there are besides."""
    errors = [p for p in problems if p.is_error]
    first, more = errors[0], len(errors) - 1
    place = f"{first.file}:{first.line}:{first.column}"
    return Phrase(
        f"{place}: {first.said.en}{f' (and {more} more)' if more else ''}",
        f"{place}：{first.said.zh}{f'（另有 {more} 处）' if more else ''}",
    )


def answer(read: New | Same | Refused) -> dict[str, Any]:
    """What whoever asked for a reload is told."""
    if isinstance(read, Refused):
        return {"ok": False, "problem": read.problem.en, "problem_zh": read.problem.zh}
    changes = read.changes if isinstance(read, New) else []
    return {"ok": True, **_both("changes", changes)}


def waiting_answer(new: New) -> dict[str, Any]:
    """The same, where the file waits."""
    return {"ok": True, "waiting": True, **_both("changes", new.changes), **_both("why", new.waits)}


def _both(key: str, lines: Sequence[Phrase]) -> dict[str, list[str]]:
    return {key: [line.en for line in lines], f"{key}_zh": [line.zh for line in lines]}


def waits_said(why: Sequence[Phrase]) -> Phrase:
    """That a saved file waits, and why."""
    return Phrase(
        f"the saved file waits for `reload --yes --by NAME`: {'; '.join(w.en for w in why)}",
        f"已保存的配置未生效，待 `reload --yes --by 姓名` 确认：{'；'.join(w.zh for w in why)}",
    )


# ------------------------------------------------------------------ when


async def on_save(
    path: Path,
    reload: Callable[[], Awaitable[object]],
    folders: Callable[[], frozenset[Path]],
    settle: Callable[[], float] = lambda: 0.0,
    *,
    at_once: bool = False,
) -> None:
    """Reload when the site file or a calendar file is saved and has rested for `settle` seconds of wall time, or at once on
    SIGHUP and where a link leads to another file. `folders`: where those files are now; `at_once`: look at the beginning, too."""
    hup, changed = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hup.set)
    watched, saved = folders(), None
    if at_once:
        hup.set()
    try:
        while True:
            if saved is None:
                saved = asyncio.create_task(saves(path, changed, watched, led=hup))
                await asyncio.sleep(0)  # from here on it watches
            await _rested(hup, changed, settle)
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


async def _rested(hup: asyncio.Event, changed: asyncio.Event, settle: Callable[[], float]) -> None:
    """Wait until somebody asks, or a save has not been followed by another for as long as files settle."""
    within: float | None = None
    while not hup.is_set():
        waits = [asyncio.ensure_future(event.wait()) for event in (hup, changed)]
        try:
            done, _ = await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not done:
            break
        changed.clear()
        within = settle()
        if not hup.is_set():
            log.info("saved: it is read when it has rested", seconds=within)
    hup.clear()
    changed.clear()
