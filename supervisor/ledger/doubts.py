"""What was found in readings that came by hand or by a file, and what of them nobody believes yet, as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from schedules.time import local_date
from supervisor.ledger.book import Book, Finding
from supervisor.ledger.causes import TOLD, Cause


class Kept(NamedTuple):
    """What readings of a meter came to: J or m³ that were booked anew, what was found in the time that they are of, and since when
    the newest are not believed."""

    amount: float
    found: tuple[Finding, ...] = ()
    doubt: Finding | None = None


def doubt_of(book: Book) -> Finding | None:
    """Since when, and until when, the newest readings do not follow those before and are not counted; None: all are."""
    cause = book.suspicion
    return Finding(cause, book.doubted[0].at, book.doubted[-1].at) if cause is not None else None


def told(kept: Kept, tz: ZoneInfo) -> Iterator[Phrase]:
    """A line a cause, and one for readings that nobody believes yet: a figure that is not simply the difference of two is told at once."""
    by_cause: dict[Cause, list[Finding]] = {}
    for each in kept.found:
        by_cause.setdefault(each.cause, []).append(each)
    for cause, found in by_cause.items():
        said, first, last = TOLD[cause], local_date(found[0].start, tz), local_date(found[-1].start, tz)
        when = f"{first}" if len(found) == 1 else f"{first} … {last}"
        times = (
            Phrase("", "") if len(found) == 1 else Phrase(f", {len(found)} times", f"，共 {len(found)} 次")
        )
        yield Phrase(f"{cause}: {said.en} ({when}{times.en})", f"{cause}：{said.zh}（{when}{times.zh}）")
    if kept.doubt is not None:
        yield doubted(kept.doubt, tz)


def doubted(of: Finding, tz: ZoneInfo) -> Phrase:
    """Readings that do not follow the ones before, and what to do about it."""
    since, said = local_date(of.start, tz), TOLD[of.cause]
    return Phrase(
        f"not counted since {since}, since its readings do not follow those before ({said.en}): is it another meter, unit or multiplier? with "
        "its `rated` power in the site file they are believed where that allows it",
        f"自 {since} 起未计入：读数与此前不衔接（{said.zh}）；是否换表、改单位或改倍率？在站点文件中写明该表的 `rated`（额定功率）后，合理的读数会被采信",
    )
