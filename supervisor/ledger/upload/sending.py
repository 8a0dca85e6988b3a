"""Keeps one centre up to date: connects, logs in, beats, sends what is due in order, and begins again when that fails."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import Site
from schedules.time import DAY, Instant, iso
from supervisor.clockwork.clock import PacedClock
from supervisor.ledger.meters import PUT_BACK_FOR
from supervisor.ledger.upload import due as dues
from supervisor.ledger.upload.cursor import Cursor
from supervisor.ledger.upload.link import Link, connected
from supervisor.ledger.upload.model import CentreProblem, Report
from supervisor.ledger.upload.profile import Collector, Operation
from supervisor.ledger.upload.session import (
    Acked,
    Alive,
    Asked,
    Event,
    LoggedIn,
    Period,
    Send,
)
from supervisor.store import imports
from supervisor.store.problems import StoreProblem

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0
"""s of wall time before a centre is tried again; doubled each time, until it takes a report. A site choice."""
LOOK: Final = 15.0
"""s between two looks into the database for what is due."""
APART: Final = 60.0
"""s between a centre's clock and ours that are told."""


@dataclass(frozen=True)
class Means:
    """What sending stands on: the clock, the store's queries, whoever hears what is wrong, pauses; and whether readings wait on
    the disk for the database."""

    clock: PacedClock
    ask: Callable[[Callable[[sa.Connection], Any]], Awaitable[Any]]
    say: Callable[[Phrase], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    behind: Callable[[], bool] = lambda: False


class Centre:
    """One centre and how far it is."""

    def __init__(
        self, site: Site, profile: Collector, codes: Mapping[str, str], cursor: Cursor, means: Means
    ) -> None:
        self._site, self._profile, self._cursor, self._means = site, profile, cursor, means
        self._meters = dues.listed(site, profile, codes)
        self._failed = 0
        self._apart = False
        self._tried: Instant | None = None
        self._replied = float("-inf")
        self._back: Instant | None = None
        """Since when the clock is behind what was sent."""
        self.sent = 0
        """Reports that it has confirmed to this process."""
        if cursor.damaged:
            means.say(Phrase(
                "how far it is cannot be read: the buffer's days are sent again", "上传进度文件损坏，将重发缓存期内的数据"
            ))  # fmt: skip

    @property
    def minutes(self) -> int:
        """How often it wants a report."""
        return self._cursor.period or self._profile.reports.every

    async def run(self) -> None:
        """Keep it up to date until cancelled; what fails is told and tried again after a growing pause."""
        while True:
            try:
                await self._connected(stay=True)
            except Exception as error:  # whatever it is, the other centres go on, and this one is tried again
                pause = min(FIRST_PAUSE * 2.0**self._failed, LONGEST_PAUSE)
                self._failed = min(self._failed + 1, 16)
                said = told(error)
                again = Phrase(f"{said.en}; again in {pause:g} s", f"{said.zh}；{pause:g} 秒后重试")
                self._means.say(again)
                await self._means.pause(pause)

    def close(self) -> None:
        """Another process may go on where it is."""
        self._cursor.close()

    async def once(self) -> None:
        """Send all that is due now. Raises CentreProblem, OSError, StoreProblem."""
        await self._connected(stay=False)

    async def _connected(self, *, stay: bool) -> None:
        async with connected(self._profile, self._site) as link:
            await self._log_in(link)
            while True:
                await self._beat(link)
                await self._send_due(link)
                if not stay:
                    return
                look = self._means.clock.now() + LOOK
                await self._means.clock.wait(min(link.beat, look), link.arrived)
                await self._attend(link)

    async def _beat(self, link: Link, *, due: bool = False) -> None:
        """A heart beat where one is due, or is made so."""
        now = self._means.clock.now()
        if due or not now < link.beat <= now + self._profile.heart_beat:  # the clock may have been set back
            link.beat = now + self._profile.heart_beat
            link.unanswered += 1
            await link.send(link.session.beat(now))

    async def _log_in(self, link: Link) -> None:
        await link.send(link.session.begin())
        await self._until(link, lambda event: isinstance(event, LoggedIn), Phrase("login", "登录"))
        self._means.say(Phrase("logged in", "已登录"))

    # ------------------------------------------------------------------ reports

    async def _send_due(self, link: Link) -> None:
        if self._cursor.imported is None and self._cursor.sent is None:
            # new to us: it gets what is there, whenever that came
            self._cursor.imported = await self._means.ask(imports.newest)
        done = 0
        while reports := await self._due():
            now = self._means.clock.now()
            total = done + max(len(reports), int((now - reports[0].at) // (60 * self.minutes)) + 1)
            for report in reports:
                await self._beat(link)
                done += 1
                await self._report(link, Report(report.at, report.rows, max(total, done), done))
        await self._send_again(link)

    async def _send_again(self, link: Link) -> None:
        """What was imported into intervals that it has: each of them once more, as `continuous`, with the sequence and the
        time that it had."""
        for late in await self._means.ask(lambda c: imports.since(c, self._imported())):
            now, sent = self._means.clock.now(), self._cursor.sent
            if sent is not None:
                told = (now - self._profile.buffer_days * DAY, sent)
                what = partial(dues.again, meters=self._meters, minutes=self.minutes, late=late, told=told)
                reports: list[Report] = await self._means.ask(what)
                for number, report in enumerate(reports, 1):
                    await self._beat(link)
                    await self._report(link, Report(report.at, report.rows, len(reports), number), again=True)
            self._advance(self._cursor.sent, self._cursor.period, late.number)

    def _imported(self) -> int:
        return self._cursor.imported or 0

    async def _due(self) -> list[Report]:
        now = self._means.clock.now()
        oldest = now - self._profile.buffer_days * DAY
        after = self._cursor.sent if self._cursor.sent is not None else oldest
        if after <= now:
            self._back = None
        elif not self._put_back(after, now):
            return []
        else:
            after = oldest
            self._advance(oldest, self._cursor.period, self._cursor.imported)
        if after < oldest:
            since, until = iso(after, self._site.tz), iso(oldest, self._site.tz)
            self._means.say(Phrase(
                f"it was away for longer than buffer_days: what was read from {since} to {until} is not sent",
                f"中断超过 buffer_days：{since} 至 {until} 的数据不再发送",
            ))  # fmt: skip
            self._advance(oldest, self._cursor.period, self._cursor.imported)
            after = oldest
        minutes, meters, behind = self.minutes, self._meters, self._means.behind()
        found: list[Report] = await self._means.ask(
            lambda c: dues.due(c, meters, minutes, after, now, behind=behind)
        )
        return found

    def _put_back(self, sent: Instant, now: Instant) -> bool:
        """Whether the clock, which was ahead when it got that far, has stood back for long enough to go by: else a centre would
        get nothing until what it has comes round again."""
        self._back = now if self._back is None else min(self._back, now)
        if now - self._back < PUT_BACK_FOR:
            return False
        self._back = None
        said = iso(sent, self._site.tz)
        self._means.say(Phrase(
            f"the clock was put back, and it was sent until {said}: the buffer's days are sent again",
            f"时钟曾被回拨，而已发送至 {said}：将重发缓存期内的数据",
        ))  # fmt: skip
        return True

    def _advance(self, sent: Instant | None, period: int | None, imported: int | None) -> None:
        """It is so far now. Where that cannot be written down, a restart sends again what this process sent."""
        try:
            self._cursor.put(sent, period, imported)
        except OSError as error:
            why = error.strerror or str(error)
            self._means.say(Phrase(
                f"how far it is cannot be written down: {why}; a restart will send again", f"无法保存上传进度：{why}；重启后将重发"
            ))  # fmt: skip

    async def _report(self, link: Link, report: Report, *, again: bool = False) -> None:
        """Send one and have it confirmed, before the next: so their order is kept, whatever breaks in between."""
        late = again or self._means.clock.now() - report.at > 120.0 * self.minutes
        operation: Operation = "continuous" if late or self._tried == report.at else "report"
        self._tried = report.at
        await link.send(link.session.tells(report, operation))
        by = self._profile.confirms.continuous if operation == "continuous" else self._profile.confirms.report
        what = Phrase(
            f"the report of {iso(report.at, self._site.tz)}", f"{iso(report.at, self._site.tz)} 的数据"
        )
        if by == "ack":
            acked = await self._until(
                link, lambda e: isinstance(e, Acked) and link.session.answers(e, report), what
            )
            if isinstance(acked, Acked) and not acked.good:
                raise CentreProblem(Phrase(f"it refuses {what.en}", f"中心拒收 {what.zh}"))
        else:
            await self._attend(link)
            await self._beat(link, due=True)
            # not the answer to an earlier one, which says nothing of what was sent since
            await self._until(link, lambda event: isinstance(event, Alive) and not link.unanswered, what)
        if not again:
            self._advance(report.at, self._cursor.period, self._cursor.imported)
        self.sent += 1
        self._failed = 0

    # ------------------------------------------------------------------ what the centre says

    async def _until(self, link: Link, wanted: Callable[[Event], bool], what: Phrase) -> Event:
        """What was waited for; the rest is attended to meanwhile."""
        try:
            async with asyncio.timeout(self._profile.timeout):
                while True:
                    async for event in self._news(link):
                        if wanted(event):
                            return event
                    await link.arrived.wait()
        except TimeoutError:
            seconds = f"{self._profile.timeout:g}"
            raise CentreProblem(Phrase(
                f"no answer to {what.en} within {seconds} s", f"{seconds} 秒内未收到对{what.zh}的应答"
            )) from None  # fmt: skip

    async def _attend(self, link: Link) -> None:
        async for _ in self._news(link):
            pass

    async def _news(self, link: Link) -> AsyncIterator[Event]:
        while (event := link.next()) is not None:
            if isinstance(event, Send):
                await link.send(event.data)
            elif isinstance(event, Asked):
                await self._reply(link)
            elif isinstance(event, Period):
                await self._take_period(link, event.minutes)
            else:
                if isinstance(event, Alive):
                    link.unanswered = max(0, link.unanswered - 1)
                    self._compare(event.time)
                yield event

    async def _reply(self, link: Link) -> None:
        """What every meter says now; a centre that asks all the time is answered once a second."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._replied < 1.0:
            return
        self._replied = loop.time()
        meters, now = self._meters, self._means.clock.now()
        report: Report = await self._means.ask(lambda c: dues.latest(c, meters, now))
        await link.send(link.session.tells(report, "reply"))

    def _compare(self, time: str) -> None:
        """Its clock beside ours. No centre sets a gateway's clock: whoever keeps that is told where they differ."""
        try:
            theirs = datetime.strptime(time, "%Y%m%d%H%M%S").replace(tzinfo=self._site.tz).timestamp()
        except (ValueError, OverflowError):
            return
        apart = theirs - self._means.clock.now()
        if (abs(apart) > APART) is not self._apart:
            self._apart = not self._apart
            if self._apart:
                self._means.say(Phrase(
                    f"its clock is {apart:+.0f} s from ours, which is left as it is: compare both with an NTP server",
                    f"中心时钟与本机相差 {apart:+.0f} 秒，本机时钟不作调整：请以 NTP 核对",
                ))  # fmt: skip

    async def _take_period(self, link: Link, minutes: str) -> None:
        if not (re.fullmatch(r"[1-9][0-9]{0,3}", minutes) and 1440 % int(minutes) == 0):
            self._means.say(Phrase(
                f"it wants a report every {minutes[:20]!r} minutes, which do not divide a day: as before",
                f"中心要求的周期 {minutes[:20]!r} 分钟不能整除一天，维持原周期",
            ))  # fmt: skip
            return
        self._advance(self._cursor.sent, int(minutes), self._cursor.imported)
        await link.send(link.session.agreed())


def told(error: Exception) -> Phrase:
    """What went wrong, in both languages as far as it is known."""
    if isinstance(error, CentreProblem):
        return error.what
    if isinstance(error, StoreProblem):
        return error.said
    if not isinstance(error, OSError):
        return Phrase(f"unexpected: {error!r}", f"意外错误：{error!r}")
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Phrase(f"cannot be reached: {said}", f"无法连接：{said}")
