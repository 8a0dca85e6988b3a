"""The trial lived: the schedule drawn into the audit, and each day the site file of its arm in force from midnight on.

An arm is a version of the site file, and a change of arms is a reload between two days. What cannot be run is not run: then the file in force
stays, and the day is counted as not run as drawn.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Protocol

import structlog

from config.phrase import Phrase
from config.problems import Problem
from config.site import Site
from config.trial import BLOCK, Arm, Trial
from schedules.days import CalendarProblem, calendars
from schedules.hours import Timetable
from schedules.time import Instant, instant_of, local_date
from schedules.types import WORKED
from schedules.worked import otherwise
from supervisor.clockwork.clock import PacedClock
from supervisor.daemon.reload import Load
from supervisor.daemon.running import Running
from supervisor.daemon.saved import TRIAL, Saved
from supervisor.savings.trial.quiet import quiet
from supervisor.savings.trial.record import (
    Lived,
    Record,
    as_drawn,
    decided_row,
    draw,
    drawn_row,
    lived_row,
    record,
)
from supervisor.sitefile.arms import NoArm, arm_of
from supervisor.store.writer import Store
from supervisor.telling.snapshot import SavingStatus

log = structlog.get_logger()
LOOK_AGAIN: Final = 300.0
"""s of site time after which the trial is looked at again: a reload may have brought one, or a person overtime."""
LEARNT: Final = 365 + 30
"""Days before a trial's first that tell it something: the year before, and how long nobody worked before that."""
_ARMS: Final = {
    Arm.TODAY: Phrase(
        "the controllers by themselves; every rule of the plan is exempt", "控制器自行运行，方案各项规则豁免"
    ),
    Arm.POLICY: Phrase("the site file in force", "现行站点文件"),
    Arm.DRAFT: Phrase("the draft", "草案"),
}


class Alive(Protocol):
    """What a trial needs of a daemon."""

    running: Running
    savings: Saved

    @property
    def accepted(self) -> Site:
        """The site file that was accepted last."""

    async def take_arm(self, site: Site) -> None:
        """Run another arm from now on."""

    def tell(self, topic: str, kind: str, en: str, zh: str, level: str | None = None) -> None:
        """Something that a person should know."""


class Trials:
    """The trial of one daemon. `dry`: nothing is written whatever the site file says."""

    def __init__(self, store: Store, clock: PacedClock, *, dry: bool = False) -> None:
        self._store, self._clock, self._dry = store, clock, dry
        self._record: Record | None = None
        self._wanted = Arm.POLICY
        self._told: set[str] = set()
        self._tables: dict[str, list[Timetable]] = {}
        self._problem: Phrase | None = None

    @property
    def drawn(self) -> bool:
        """Whether there is a trial whose schedule stands in the audit."""
        return self._record is not None

    def told(self, site: Site) -> list[Phrase]:
        """How the trial stands, a line each."""
        if site.trial is None:
            return [Phrase("the site file in force names no trial", "现行站点文件中没有试验")]
        if self._record is None and (self._dry or site.dry_run):
            return [_not_yet(site.trial)]
        if self._record is None:
            late = Phrase(
                f"the trial {site.trial.name} is not drawn: its first day, {site.trial.start}, must lie ahead, and its draft be sound",
                f"试验 {site.trial.name} 未抽签：首日 {site.trial.start} 须在今日之后，且草案无误",
            )
            return [late]
        drawn, arm = self._record.drawn, told(site)
        weeks, last = drawn.blocks * BLOCK // 7, drawn.end - timedelta(1)
        found = [Phrase(
            f"trial {drawn.name}: {drawn.arms[0]} and {drawn.arms[1]}, {weeks} weeks from {drawn.start} to {last}, schedule {drawn.hash}",
            f"试验 {drawn.name}：{drawn.arms[0]} 与 {drawn.arms[1]}，{drawn.start} 至 {last} 共 {weeks} 周，日程摘要 {drawn.hash}",
        )]  # fmt: skip
        return found if arm is None else [*found, arm]

    # ------------------------------------------------------------------ the site file of the day

    def first(self, site: Site) -> Site:
        """The site file with which a daemon starts: that of the arm of the day. Raises StoreProblem."""
        if site.trial is None:
            return site
        name = site.trial.name
        self._record = self._store.read_now(lambda connection: record(connection, name))
        self._wanted = self._lived_last()
        return self._armed(site)

    def loading(self, load: Load) -> Load:
        """Reads the site file as the arm of the day runs it."""

        def read() -> tuple[Site | None, list[Problem]]:
            site, problems = load()
            return (self._armed(site) if site is not None else None), problems

        return read

    def _armed(self, site: Site) -> Site:
        """The site file of the wanted arm; the file itself where that cannot be run."""
        self._problem = None
        if site.trial is None or self._record is None or self._record.drawn.name != site.trial.name:
            return replace(site, arm="")
        if not self._record.drawn.start <= local_date(self._clock.now(), site.tz) < self._record.drawn.end:
            return replace(site, arm="")
        try:
            made = arm_of(site, self._wanted)
            draft = self._record.drawn.terms["draft"]
            if made.arm == Arm.DRAFT and made.config_hash != draft:
                raise NoArm(Phrase("the draft is not the one that was drawn", "草案与抽签时不同"))
        except NoArm as why:
            self._problem = why.said
            return replace(site, arm=Arm.POLICY)
        return made

    # ------------------------------------------------------------------ when

    def _night(self, site: Site, day: date) -> tuple[Instant, Instant] | None:
        """When arms may change on a day, by the hours of every arm that has run; None: not at all."""
        tables = [table for each in self._tables.values() for table in each]
        prestarts = (zone.rules.pre_close_off.prestart for zone in site.zones.values())
        return quiet(day, site.tz, tables, max(prestarts, default=0.0))

    def _lived_last(self) -> Arm:
        """The arm that was in force last."""
        rows = self._record.lived if self._record is not None else ()
        return Arm(rows[-1].arm) if rows and rows[-1].arm else Arm.POLICY

    # ------------------------------------------------------------------ life

    async def run(self, daemon: Alive) -> None:
        """Draw what is to be drawn, and change the arm of the day when it is due, until cancelled. Raises StoreProblem."""
        never = asyncio.Event()
        while True:
            try:
                await self.step(daemon)
            except CalendarProblem as why:  # a file was moved or cut off since it was accepted: it is looked at again, as the trial is
                said = Phrase(
                    "the trial waits: a calendar cannot be read", "试验等待：日历文件无法读取"
                ).detailed(why.said)
                self._once(daemon, f"calendar {why.said.en}", said)
            await self._clock.wait(self._next(daemon.accepted), never)

    def _next(self, site: Site) -> Instant:
        now = self._clock.now()
        tomorrow = instant_of(local_date(now, site.tz) + timedelta(1), 0, site.tz)
        return min(now + LOOK_AGAIN, tomorrow)

    async def step(self, daemon: Alive) -> None:
        """What is due by now."""
        site, now = daemon.accepted, self._clock.now()
        if site.trial is None:
            self._record = None
            return
        if self._record is None or self._record.drawn.name != site.trial.name:
            await self._begin(daemon, site, site.trial, now)
        if self._record is None:
            return
        drawn, day = self._record.drawn, local_date(now, site.tz)
        if not as_drawn(drawn, site.trial):
            self._once(daemon, "terms", Phrase(
                f"trial {drawn.name}: the file says something else than was drawn, and what was drawn goes on; another name begins another trial",
                f"试验 {drawn.name}：文件与抽签时不同，仍按抽签进行；换名才是新的试验",
            ))  # fmt: skip
        if drawn.start <= day and (day < drawn.end or site.arm):
            await self._change(daemon, site, now)

    async def _begin(self, daemon: Alive, site: Site, trial: Trial, now: Instant) -> None:
        """Find the trial in the audit, or draw it."""
        self._record = await self._store.read(lambda connection: record(connection, trial.name))
        if self._record is not None:
            return
        if trial.start <= local_date(now, site.tz):
            self._once(daemon, "late", Phrase(
                f"the trial {trial.name} does not begin: its first day, {trial.start}, is not ahead, and its schedule is drawn before it",
                f"试验 {trial.name} 未开始：首日 {trial.start} 已到，抽签须在首日之前完成",
            ))  # fmt: skip
            return
        if self._dry or site.dry_run:
            self._once(daemon, "dry", _not_yet(trial))
            return
        try:
            draft = (
                (await asyncio.to_thread(arm_of, site, Arm.DRAFT)).config_hash
                if trial.draft is not None
                else None
            )
        except NoArm as why:
            self._once(
                daemon,
                "draft",
                Phrase("the trial is not drawn", "试验未抽签").detailed(why.said),
            )
            return
        drawn = draw(site, trial, draft, await asyncio.to_thread(worked_otherwise, site, trial))
        row = drawn_row(drawn, now, time.time(), site.config_hash)
        await self._store.commit_unsent(row, "dry_run", "drawn")
        self._record = Record(drawn)
        daemon.tell("trial", "trial", row.reason_en, row.reason_zh)

    async def _change(self, daemon: Alive, site: Site, now: Instant) -> None:
        assert self._record is not None
        self._tables[site.arm] = list(daemon.running.days.tables.values())
        day = local_date(now, site.tz)
        night, over = self._night(site, day), day >= self._record.drawn.end
        began = any(lived.day == day for lived in self._record.lived)
        if night is not None and night[0] <= now < night[1] and not began and not self._overtime(daemon, now):
            await self._decide(daemon, site, day, now)
            self._wanted = self._record.arm(day)
            if site.arm != ("" if over else self._wanted):
                made = await asyncio.to_thread(self._armed, site.written)
                if made.arm != site.arm:
                    await daemon.take_arm(made)
        elif not began and (night is None or now < night[1]):
            return  # not yet; or a day without a night goes on as the one before
        if over:
            return
        if self._problem is not None:
            self._once(daemon, str(day), Phrase(
                f"{day} is not run as drawn: {self._problem.en}", f"{day} 未按抽签运行：{self._problem.zh}"
            ))  # fmt: skip
        await self._note(daemon, day, night[1] if night is not None else now)

    def _overtime(self, daemon: Alive, now: Instant) -> bool:
        """Whether somebody works late just now: a day's arm stays until all have gone."""
        requests = daemon.running.decider.overtime.values()
        return any(o.start <= now < o.until for each in requests for o in each)

    async def _note(self, daemon: Alive, day: date, by: Instant) -> None:
        """The arm that is in force into the audit, once a day and arm."""
        assert self._record is not None
        site = daemon.accepted
        if any(lived.day == day and lived.arm == site.arm for lived in self._record.lived):
            return
        now = self._clock.now()
        lived = Lived(day, site.arm, now, by, self._dry or site.dry_run)
        row = lived_row(self._record.drawn.name, lived, time.time(), site.config_hash)
        await self._store.commit_unsent(row, "dry_run", "lived")
        self._record = self._record._replace(lived=(*self._record.lived, lived))
        daemon.tell("trial", "trial", row.reason_en, row.reason_zh)

    async def _decide(self, daemon: Alive, site: Site, day: date, now: Instant) -> None:
        """At the end of a block: whether a day is felt on the next, and arms are of two days from here on."""
        found = self._record
        assert found is not None
        block = (day - found.drawn.start).days // BLOCK
        if not 1 <= block < found.drawn.blocks or block in found.lengths:
            return
        from supervisor.savings.trial.reading import (
            days_lived,
            length_after,
        )  # numpy, for those alone that run a trial

        end = found.drawn.start + timedelta(block * BLOCK)
        days, _ = await self._store.read(lambda c: days_lived(c, site, found, ordinarily_worked(site), end))
        length, chance = await asyncio.to_thread(length_after, days, block)
        length = max(length, found.length(block - 1))
        row = decided_row(found.drawn.name, block, length, chance, now, time.time(), site.config_hash)
        await self._store.commit_unsent(row, "dry_run", "decided")
        self._record = found._replace(lengths={**found.lengths, block: length})
        daemon.tell("trial", "trial", row.reason_en, row.reason_zh)

    async def reckon(self, daemon: Alive) -> None:
        """What the last look shows, for the metrics; told on the day after its block. Raises StoreProblem."""
        found, site = self._record, daemon.accepted
        daemon.savings.others.pop(TRIAL, None)
        if found is None or site.trial is None or not found.lived:
            return
        from supervisor.savings.trial.reading import read
        from supervisor.savings.trial.told import told as look_told

        now = self._clock.now()
        got = await self._store.read(lambda c: read(c, site, found, ordinarily_worked(site), now))
        if not got.looks or (last := got.looks[-1]).found is None:
            return
        n, e = last.found.treated_days, last.found
        saved = e.saved * n
        daemon.savings.others[TRIAL] = SavingStatus(e.treated + saved, saved, last.low * n, last.high * n)
        if found.drawn.start + timedelta(BLOCK * last.block) == local_date(now, site.tz):
            daemon.tell("trial", "savings", *look_told(last, got))

    def _once(self, daemon: Alive, what: str, said: Phrase) -> None:
        if what not in self._told:
            self._told.add(what)
            daemon.tell("trial", "alert", said.en, said.zh)


def _not_yet(trial: Trial) -> Phrase:
    """Why nothing is drawn while nothing is written: every day would be alike under both arms, and none would count."""
    return Phrase(
        f"the trial {trial.name} is not drawn while nothing is written (dry run): go live before its first day, {trial.start}",
        f"试运行期间不下发写入，试验 {trial.name} 不抽签：请在首日 {trial.start} 之前正式投运",
    )


def ordinarily_worked(site: Site) -> Callable[[date], bool]:
    """Whether a day is worked by the state's calendar. What the site's special days say otherwise was fixed at the draw."""
    table = next(iter(calendars(site).tables.values()))
    return lambda day: table.day(day).ordinary.type in WORKED


def worked_otherwise(site: Site, trial: Trial) -> dict[date, bool]:
    """Days of a trial, and of the year before it that it learns from, that the site's special days make worked or not. Raises
    CalendarProblem."""
    return otherwise(site, calendars(site).tables, trial.start - timedelta(LEARNT), trial.end)


def told(site: Site) -> Phrase | None:
    """The arm in force, for the page; None without a trial."""
    if not site.arm or site.trial is None:
        return None
    arm = Arm(site.arm)
    what = _ARMS[arm]
    return Phrase(
        f"a trial runs; today's arm is {arm}: {what.en}", f"正在进行对照试验，今日为 {arm} 组：{what.zh}"
    )
