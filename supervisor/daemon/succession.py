"""The version of the site file that comes next: a file that was read and accepted, the one before, another arm of a trial."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from config.phrase import Phrase, same
from config.site import Site
from drivers.protocol import Line
from schedules.days import Calendars, calendars
from supervisor.clockwork.clock import Clock
from supervisor.core import asking
from supervisor.daemon.changes import difference
from supervisor.daemon.reload import New, Refused, Reload, answer, waiting_answer
from supervisor.daemon.running import Running
from supervisor.daemon.versions import Versions
from supervisor.store.writer import Store

OPENS: Final = 20.0
"""Seconds of wall time that whoever asked waits for the wire of a new version: opening takes one, a point that is given up
is let go of before. A site choice, less than the 30 s for which the command line waits."""

MakeLine = Callable[[Site], Line]
MakeRunning = Callable[[Site, Calendars, Line], Running]


class Succession:
    """Of one daemon, which takes up `next` once it is `due`. `running` is what is in force."""

    def __init__(
        self,
        running: Callable[[], Running],
        make_line: MakeLine,
        made: MakeRunning,
        store: Store,
        clock: Clock,
        reloads: Reload,
        versions: Versions,
    ) -> None:
        self.next: Running | None = None
        self.due = asyncio.Event()
        self._running, self._make_line, self._made = running, make_line, made
        self._store, self._clock = store, clock
        self._reloads, self._versions = reloads, versions
        self._one = asyncio.Lock()
        """One change at a time."""
        self._wire: asyncio.Future[Phrase | None] | None = None
        """Whether the next version's own wire could be opened, and why not; None where it keeps the wire there is."""

    @property
    def accepted(self) -> Site:
        """The site file that was accepted last: in force, or about to be."""
        return (self.next or self._running()).site

    def take(self) -> Running:
        """The next version, which is no longer the next."""
        following, self.next = self.next, None
        assert following is not None
        self.due.clear()
        return following

    async def reload(self, by: str = "") -> dict[str, Any]:
        """Read the site file again: check first; keep the old one on any problem; say what changes.

        What writes more than before waits, unless `by` says who accepts it. Where the new version needs another wire, the answer
        comes when that is open, or says why it could not be opened. Raises Refused.
        """
        async with self._one:
            # Beside what was accepted last: a save and a request at the same moment would tell a change twice.
            in_force = self.next or self._running()
            read = await self._reloads.read(in_force)
            if not isinstance(read, New):
                return answer(read)
            file, was = read.site.written, in_force.site.written  # whatever arm of a trial runs
            new = replace(read, waits=self._versions.waits(file, read.days, was))
            if new.waits and not by:
                self._reloads.wait(new)
                return waiting_answer(new)
            self._versions.accept(file, new.days, by)
            self._accept(new, by)
            why_not = await self._unopened()
            return answer(new if why_not is None else Refused(why_not))

    async def go_back(self, by: str, *, yes: bool) -> dict[str, Any]:
        """Put the configuration before the one in force in its place. What would write more needs `yes`. Raises Refused."""
        async with self._one:
            in_force = self.next or self._running()
            site, days = await asyncio.to_thread(self._versions.earlier)
            changes = difference(in_force, site, days, self._clock.now())
            new = New(site, days, changes, self._versions.waits(site, days, in_force.site.written))
            if new.waits and not yes:
                return waiting_answer(new)
            self._versions.go_back(site, days, by)
            self._accept(new, by)
            if (why_not := await self._unopened()) is not None:
                raise asking.Refused(why_not.en, why_not.zh)
        await self.reload()  # what stands on disk waits from now on, and says so
        return answer(new)

    async def take_arm(self, site: Site) -> None:
        """Run another arm of the trial from now on: made of the file in force, which nobody has to accept again."""
        async with self._one:
            days = await asyncio.to_thread(calendars, site)
            self._take(site, days)

    async def rewire(self) -> None:
        """Run the same version on a wire opened anew: what it was bound to has gone."""
        async with self._one:
            if self.next is None:
                now = self._running()
                self.next = self._made(now.site, now.days, self._make_line(now.site))
                self.due.set()

    def not_taken(self, before: Running, following: Running, problem: Phrase) -> None:
        """What was accepted cannot run: what was in force before is again, and the file waits for a person's word."""
        self._versions.not_taken(before.site.written, before.days)
        where = following.site.source
        said = same(where).detailed(problem)
        self._reloads.not_taken(said)
        self._answer(said)

    def wired(self) -> None:
        """The new version's own wire is open."""
        self._answer(None)

    def _answer(self, why_not: Phrase | None) -> None:
        if self._wire is not None and not self._wire.done():
            self._wire.set_result(why_not)

    async def _unopened(self) -> Phrase | None:
        """Why the wire of the version accepted last is not open; None where it is, or where it is the one there was."""
        if self._wire is None:
            return None
        await asyncio.wait((self._wire,), timeout=OPENS)
        if self._wire.done():
            return self._wire.result()
        return Phrase(
            f"accepted, but not in force after {OPENS:g} s: its wire is not open yet; the page says when it is",
            f"已接受，但 {OPENS:g} 秒后仍未生效：其通信端口尚未打开；生效后页面会显示",
        )

    def _accept(self, new: New, by: str) -> None:
        self._reloads.accepted(new, by, undo=self._versions.undo)
        self._take(new.site, new.days)

    def _take(self, site: Site, days: Calendars) -> None:
        now = self._running()
        same_wire = site.devices == now.site.devices and site.bacnet == now.site.bacnet
        line = now.line if same_wire else self._make_line(site)
        self._store.put_config(site.config_hash, site.text, time.time())
        self.next = self._made(site, days, line)
        self._wire = None if line is now.line else asyncio.get_running_loop().create_future()
        self.due.set()
