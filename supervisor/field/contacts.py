"""What a window's contact says against itself: one that is shut for minutes a day alone is wired the wrong way round, or its window
stands open for good. Pure.

A contact that never changes is found out by the rule of windows; this one changes whenever somebody airs the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from config.phrase import Phrase
from drivers.readings import Reading
from schedules.hours import Timetable
from schedules.time import Instant

REVERSED_DAYS: Final = 3
"""Working days, with their nights, that it says open but for moments; a site choice, that of a contact that never changes."""
SHUT_FOR: Final = 3600.0
"""s for which a window that is shut at all is shut; a site choice: rooms are aired for less."""
WHY: Final = Phrase(
    f"has said open through {REVERSED_DAYS} working days and their nights, and shut for less than an hour at a time: wired the wrong "
    "way round? Then say `invert: true` in the site file. Not believed until it has been shut for an hour; look at the window",
    f"连续 {REVERSED_DAYS} 个工作日及夜间一直为开，每次关闭不足一小时：是否接反？如是，请在配置中写 invert: true。"
    "连续关闭满一小时之前不采信；请现场查看窗户",
)


@dataclass(slots=True)
class Contact:
    """One contact, as it has been since it was last shut for long."""

    days: int = 0
    moved: bool = False
    was_open: bool = False
    """Its room was, at the last look."""
    whole: bool = False
    """It has not been shut for long since its room last closed."""
    said: bool | None = None

    def look(self, reading: Reading, answers: bool, table: Timetable, now: Instant) -> Phrase | None:
        """Why it is no evidence; None where it may be. `answers`: it is good, or put aside for this."""
        if not answers or not isinstance(reading.value, bool):
            return WHY if self.wrong else None
        if self.said is not None and self.said is not reading.value:
            self.moved = True
        self.said = reading.value
        if not reading.value and now - reading.since >= SHUT_FOR:
            self.days, self.moved, self.whole = 0, False, False
        open_ = table.is_open(now)
        if self.was_open and not open_:
            self.days, self.whole = self.days + self.whole, True
        self.was_open = open_
        return WHY if self.wrong else None

    @property
    def wrong(self) -> bool:
        """It counts as wired the wrong way round."""
        return self.moved and self.days >= REVERSED_DAYS
