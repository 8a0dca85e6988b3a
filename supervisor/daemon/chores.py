"""Chores of the computer, by the wall clock: backups, retention, the audit's chain, next year's calendar.

Nothing here decides about the building. The hours are those of the building's own night, so that a slow disk
holds up nobody; a chore that fails is told and tried again the next day.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from config import reasons
from schedules.time import DAY, iso
from supervisor.daemon import relived
from supervisor.daemon.aging import Aging
from supervisor.daemon.audited import month_before, retire, walk
from supervisor.daemon.daemon import Daemon
from supervisor.daemon.metering import Metering
from supervisor.daemon.reckoning import Reckoning
from supervisor.daemon.saved import MODEL
from supervisor.store import chores
from supervisor.store.months import FOLDER
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store

log = structlog.get_logger()
BACKUPS: Final = 7
"""Daily copies that are kept; a site choice."""
NOTICES_FOR: Final = 3 * 366 * DAY
"""Seconds of site time that notices are kept: this year and the two before, which a yearly report compares.

A site choice. The audit itself, which notices only tell of, is kept for `audit_years`."""
BOOKED_FOR: Final = 2 * DAY
"""Seconds of site time that bookings stay as they were made, one between two kept readings; then by the hour. A site choice."""
FORESIGHT: Final = 30 * DAY
"""Seconds before the known calendar ends at which a person is asked to bring the next; a site choice.

The State Council tells a year's days in the November before it."""
LATE: Final = 3600
"""Seconds by which a chore may be late (the box was asleep) and still be done."""

Chore = Callable[[], Awaitable[None]]


class Chores:
    """The chores of one daemon; `run` until cancelled."""

    def __init__(self, daemon: Daemon, store: Store, state_dir: Path) -> None:
        self._daemon = daemon
        self._store = store
        self._state_dir = state_dir
        self._folder = state_dir / "backups"
        self._failed: dict[str, str] = {}
        """Chores that could not be done the last time, and why."""
        self._aging = Aging(store)
        self.metering = Metering(daemon, store)
        self.reckoning = Reckoning(daemon, store)

    def scheduler(self) -> AsyncIOScheduler:
        """Every chore at its hour of the building's day; not started."""
        zone = self._daemon.site.tz
        found = AsyncIOScheduler(timezone=zone)
        plan: tuple[tuple[str, Chore], ...] = (
            ("02:10", self.forget),
            ("01:10", self.age),
            ("02:30", self.verify),
            ("02:50", self.retire),
            ("03:10", self.back_up),
            ("04:10", self.reckon),
            ("04:30", self.relive),
            ("05:10", self.refresh_calendars),
            ("06:10", self.metering.weigh),
            ("08:00", self.look_ahead),
            ("08:05", self.metering.verifications),
        )
        for at, chore in plan:
            hour, minute = at.split(":")
            found.add_job(
                self._tried,
                CronTrigger(hour=hour, minute=minute, timezone=zone),
                args=(chore,),
                id=chore.__name__,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=LATE,
            )
        return found

    async def run(self) -> None:
        """Look at the audit and the calendar once, then do each chore at its hour, until cancelled."""
        await self._tried(self.verify)
        await self._tried(self.look_ahead)
        await self._tried(self.metering.weigh)
        await self._tried(self.metering.verifications)
        await self._tried(self.reckon)
        async with asyncio.TaskGroup() as beside:
            beside.create_task(self._tried(self.relive))  # minutes, in a process of its own
            beside.create_task(self._reckon_when_asked())
            await self._each_at_its_hour()

    async def _each_at_its_hour(self) -> None:
        while True:
            scheduler = self.scheduler()
            scheduler.start()
            try:
                await self._elsewhere(self._daemon.site.tz)
            finally:
                scheduler.shutdown(wait=False)

    async def _reckon_when_asked(self) -> None:
        """Readings that were imported change what was saved: not only tomorrow."""
        while True:
            await self.reckoning.whenever_due()
            await self._tried(self.reckon)

    async def _elsewhere(self, zone: ZoneInfo) -> None:
        """Until a reload gives the building another time zone, and so another night."""
        anew = self._daemon.reloads.anew
        while self._daemon.site.tz == zone:
            anew.clear()
            await anew.wait()

    async def _tried(self, chore: Chore) -> None:
        """Do a chore; what stands in its way is told, and stops neither the building nor the other chores. Until it is done
        housekeeping is in trouble."""
        name = chore.__name__.replace("_", " ")
        try:
            await chore()
            self._failed.pop(name, None)
        except (StoreProblem, OSError) as problem:
            said = problem.said if isinstance(problem, StoreProblem) else reasons.told(problem)
            self._failed[name] = f"{name}: {said.en}"
            self._daemon.tell(
                "housekeeping", "alert", f"{name}: {said.en}", f"后台维护失败（{name}）：{said.zh}", "error"
            )
        self._daemon.helpers.trouble("housekeeping", "; ".join(self._failed.values()))

    # ------------------------------------------------------------------ the chores

    async def back_up(self) -> None:
        """A copy of the months in files, and of the SQLite store, whole and checked by the database itself; the oldest copies
        of the store go."""
        if (months := self._store.months) is not None:
            count = await asyncio.to_thread(chores.copy_files, months.folder, self._folder / FOLDER)
            if count:
                log.info("backed up", files=count, folder=str(self._folder / FOLDER))
        if self._store.url.get_backend_name() != "sqlite":
            return  # a database server has its own backups, and its own people
        day = time.strftime("%Y-%m-%d")
        target = self._folder / f"supervisor-{day}.sqlite3"
        await self._store.read(lambda connection: chores.copy_to(connection, target))
        for old in sorted(self._folder.glob("supervisor-*.sqlite3"))[:-BACKUPS]:
            old.unlink()
        log.info("backed up", file=str(target))

    def _unsure(self, chore: str) -> bool:
        """Whether the clock leapt by a day or more within the last: one that is years ahead would have it let go of all that is
        kept, and a time server may yet put it right."""
        unsure = asyncio.get_running_loop().time() - self._daemon.leapt < DAY
        if unsure:
            log.warning("nothing goes for its age: the clock leapt today", chore=chore)
        return unsure

    async def forget(self) -> None:
        """Notices older than three years."""
        if self._unsure("forget"):
            return
        await self._store.forget_notices(self._daemon.clock.now() - NOTICES_FOR)

    async def age(self) -> None:
        """What was read long ago takes less room: points and bookings by the hour, months of readings in files."""
        if self._unsure("age"):
            return
        site = self._daemon.site
        before = self._daemon.clock.now() - site.readings_for
        await self._aging.thin(before, frozenset(site.points))
        if not self._daemon.keeping.waiting:  # what waits may have been kept, and is then kept anew as it was
            await self._aging.settle(self._daemon.clock.now() - BOOKED_FOR, site)
        await self._aging.move(before)

    async def verify(self) -> None:
        """Walk the audit's chain of hashes from its first row, or from its last checkpoint."""
        broken = (await walk(self._store, self._state_dir)).broken
        was, self._daemon.audit_valid = self._daemon.audit_valid, broken is None
        if broken is not None and was is not False:
            self._daemon.tell(
                "housekeeping",
                "alert",
                f"the audit was altered: {broken.what.en}",
                f"审计记录被改动：{broken.what.zh}",
                "error",
            )

    async def retire(self) -> None:
        """Let go of the audit's rows of months that lie further back than `audit_years`, under a signed checkpoint."""
        if self._unsure("retire"):
            return
        site, now = self._daemon.site, self._daemon.clock.now()
        gone = await retire(self._store, self._state_dir, month_before(now, site.tz, site.audit_years))
        if gone is not None:
            log.info(
                "let go of old audit",
                until=iso(gone.until, site.tz),
                rows=gone.head.rows,
                head=gone.head.short,
            )

    async def reckon(self) -> None:
        """What was saved until yesterday, by trial and by baseline, and how the year stands."""
        daemon = self._daemon
        if daemon.trials is not None:
            await daemon.trials.reckon(daemon)
        await self.reckoning.reckon()

    async def relive(self) -> None:
        """What control saved by the building's own model, where `calibrate` made one."""
        site = self._daemon.site
        there = relived.calibration(site).is_file()
        asked = relived.command(site, self._state_dir)
        found = await relived.relived(asked) if there else None
        self._daemon.savings.others.pop(MODEL, None)
        if found is not None:
            self._daemon.savings.others[MODEL] = found

    async def refresh_calendars(self) -> None:
        """Controllers' Calendar objects that opted in get what has changed in ours."""
        await self._daemon.refresh_calendars()

    async def look_ahead(self) -> None:
        """Ask for the next year's holidays while there is time to bring them."""
        daemon = self._daemon
        now = daemon.clock.now()
        until = daemon.running.calendar.valid_until(daemon.site.tz, now)
        if math.isfinite(until) and now < until <= now + FORESIGHT:
            last = iso(until - 1.0, daemon.site.tz)[:10]
            daemon.tell(
                "calendar",
                "alert",
                f"the public holidays are known until {last}: bring the next year's (calendar.holiday_cn)",
                f"节假日安排仅已知至 {last}：请提供下一年度通知（calendar.holiday_cn）",
            )
