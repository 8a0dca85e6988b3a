"""What is wrong with meters, told while the daemon runs: when it begins, when it is over, and what only many days show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from config.phrase import Phrase
from config.site import MeterSpec
from schedules.time import DAY, Instant, local_date
from supervisor.daemon.daemon import Daemon
from supervisor.ledger import watching
from supervisor.ledger.account import NOTICE
from supervisor.ledger.booking import Finding
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.meters import SILENT_AFTER
from supervisor.store.writer import Store

LOOK_EVERY: Final = 60.0
"""s of wall time between two looks at all meters."""
AGAIN: Final = 3600.0
"""s of site time in which the same is not told again of a meter."""
ONGOING: Final = 1.5 * DAY
"""s ago that something must have shown last to be so still: the days of a meter are looked at each morning."""
PAUSE: Final = 0.005
"""s left to others between two meters."""
_NOWHERE: Final = Phrase(
    "neither the database nor the disk takes what is read: it waits in memory, which a restart empties",
    "数据库与磁盘均无法写入：读数暂存内存，重启将丢失",
)
_KEPT: Final = Phrase("what is read is kept again", "读数恢复保存")
_OVER: Final = Phrase("reads as it should again", "恢复正常")


class Metering:
    """Tells what is wrong with the meters of a running daemon, and what was found."""

    def __init__(self, daemon: Daemon, store: Store) -> None:
        self._daemon, self._store = daemon, store
        self._began = daemon.clock.now()
        self._troubles: dict[str, set[Cause]] = {}
        self._told: dict[tuple[str, Cause], Instant] = {}
        self._nowhere, self._lost = False, 0
        self._lost_told = float("-inf")

    async def run(self) -> None:
        """Look every minute until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Tell what has begun, what is over, and what was found since the last look."""
        self._look_at_keeping()
        ledger, now = self._daemon.running.ledger, self._daemon.clock.now()
        for meter in ledger.meters:
            troubles = set(meter.troubles(now))
            silence = now - max(self._began, meter.book.last)
            if silence <= SILENT_AFTER * self._daemon.clock.speed:
                troubles.discard(
                    Cause.SILENT
                )  # not read yet, or read at the pace of the wire, which no clock hurries
            before = self._troubles.get(meter.spec.id, set())
            self._troubles[meter.spec.id] = troubles
            for cause in sorted(troubles - before):
                self._tell(meter.spec, cause, now)
            for finding in meter.news():
                if finding.cause not in before | troubles and finding.cause is not Cause.SILENT:
                    self._tell(meter.spec, finding.cause, now)
            if before and not troubles:
                self._say(meter.spec, "recovered", _OVER)

    def _look_at_keeping(self) -> None:
        """Readings that neither database nor disk takes wait in memory; of those for which it has no room it is said how many."""
        keeping, now = self._daemon.keeping, self._daemon.clock.now()
        if keeping.nowhere is not self._nowhere:
            self._nowhere = keeping.nowhere
            self._daemon.tell(
                "meters", "alert" if self._nowhere else "recovered", *(_NOWHERE if self._nowhere else _KEPT)
            )
        if keeping.lost > self._lost and not (self._nowhere and 0 <= now - self._lost_told < AGAIN):
            gone, self._lost, self._lost_told = keeping.lost - self._lost, keeping.lost, now
            self._daemon.tell(
                "meters", "alert",
                f"{gone} readings could be kept nowhere for too long, and went; what meters counted did not",
                f"{gone} 条读数长时间无处保存，已舍弃；各表用量不受影响", "error",
            )  # fmt: skip

    def _tell(self, spec: MeterSpec, cause: Cause, now: Instant) -> None:
        told = self._told.get((spec.id, cause))
        if told is None or not 0 <= now - told < AGAIN:
            self._told[spec.id, cause] = now
            self._say(spec, "exception" if cause is Cause.ROLLOVER else "alert", TOLD[cause])

    def _say(self, spec: MeterSpec, kind: str, what: Phrase) -> None:
        name = f"{spec.name} ({spec.id})" if spec.name != spec.id else spec.id
        self._daemon.tell("meters", kind, f"meter {name}: {what.en}", f"计量表 {name}：{what.zh}")

    # ------------------------------------------------------------------ each morning

    async def weigh(self) -> None:
        """What the last weeks show: water that runs all night, a missing phase, meters beneath that exceed the one above."""
        site, now = self._daemon.site, self._daemon.clock.now()
        for spec in site.meters.values():
            query: Callable[..., list[Finding]] = partial(
                watching.of_meter, site=site, meter=spec, start=now - ONGOING, end=now
            )
            found = await self._store.read(query)
            causes = {f.cause for f in found if f.end > now - ONGOING}
            self._daemon.running.ledger.meters.show(spec.id, frozenset(causes))
            if spec.point is None:  # the others are told by `look`
                for cause in sorted(causes):
                    self._tell(spec, cause, now)
            await asyncio.sleep(PAUSE)
        self.look()

    async def verifications(self) -> None:
        """Meters whose verification is due within thirty days, or was (GB 17167-2025): each morning, all in one line."""
        site = self._daemon.site
        today = local_date(self._daemon.clock.now(), site.tz)
        due = [m for m in site.meters.values() if m.verify_by is not None and m.verify_by - today <= NOTICE]
        for late in (True, False):
            named = [m for m in due if m.verify_by is not None and (m.verify_by < today) is late]
            if named:
                en = ", ".join(f"{m.id} ({m.verify_by})" for m in named)
                zh = "、".join(f"{m.name}（{m.verify_by}）" for m in named)
                within = timedelta(days=30).days
                self._daemon.tell(
                    "meters", "alert",
                    f"verification overdue: {en}" if late else f"verification due within {within} days: {en}",
                    f"检定已过期：{zh}" if late else f"{within} 天内检定到期：{zh}",
                )  # fmt: skip
