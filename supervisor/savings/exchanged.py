"""Meters that came or went between a baseline and what is reckoned against it, with none in their place: that is no saving. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.saving import Savings
from config.site import MeterSpec, Site
from supervisor.savings.counted import rested

APART: Final = 3
"""Days that may lie between the last of one meter and the first of the next. Site choice: an exchange over a weekend."""
DAY: Final = timedelta(1)


class Change(NamedTuple):
    """From `day` on a register counts, or counts no more; `sign` is that with which it stands in the sum."""

    meter: str
    sign: float
    day: date
    begins: bool


def unmatched(
    site: Site, meters: Sequence[MeterSpec], spec: Savings, begins: date, ends: date
) -> Phrase | None:
    """Why the days from `begins` until before `ends` cannot be held against the baseline's; None: each register that begins or ends among
    them has another that ends or begins within `APART` days, or an event tells of all days before or after."""
    every = [change for meter in meters for change in _changes(site, meter, 1.0)]
    days: Sequence[date] = [
        *_dates(spec.baseline.first, spec.baseline.last + DAY),
        *_dates(max(begins, spec.baseline.last + DAY), ends),
    ]
    if not (days := _lived(days, site, meters)):
        return None
    alone = {
        each.meter: each
        for each in every
        if days[0] < each.day <= days[-1] and not _matched(each, every) and not _told(each, spec, days)
    }
    if not alone:
        return None
    said = [_said(each) for each in alone.values()]
    en, zh = ", ".join(s.en for s in said), "，".join(s.zh for s in said)
    return Phrase(
        f"{en}: what it counted is in a part of the days only, which looks saved or lost and is neither. Under savings: events say from that day to the "
        "last what it is a day (adds: negative if it fell away, 0 if another meter counts it), or name under savings: meters only those that count throughout",
        f"{zh}：其用量只计入部分日期，看似节能或多用而实非如此。请在 savings: events 中写明自该日起的每日用量（adds：减少写负数，已由其他表计量写 0），"
        "或在 savings: meters 中只列始终计量的表",
    )  # fmt: skip


def _lived(days: Sequence[date], site: Site, meters: Sequence[MeterSpec]) -> Sequence[date]:
    """The days without those at both ends on which none of the meters counted: these are in no sum."""
    rests = [rested(site, meter) for meter in meters]
    counted = [n for n, day in enumerate(days) if not all(rest(day) for rest in rests)]
    return days[counted[0] : counted[-1] + 1] if counted else []


def _changes(site: Site, meter: MeterSpec, sign: float) -> Iterator[Change]:
    for part in meter.of:
        yield from _changes(site, site.meters[part.meter], sign * part.sign)
    if not meter.of and meter.since is not None:
        yield Change(meter.id, sign, meter.since, begins=True)
    if not meter.of and meter.until is not None:
        yield Change(meter.id, sign, meter.until + DAY, begins=False)


def _matched(of: Change, every: Sequence[Change]) -> bool:
    """Whether another stands in its place."""
    return any(
        each.meter != of.meter and each.sign == of.sign and each.begins is not of.begins and abs(each.day - of.day) <= APART * DAY
        for each in every
    )  # fmt: skip


def _told(of: Change, spec: Savings, days: Sequence[date]) -> bool:
    """Whether events tell of all the days on one side of it, but for `APART`: taken out, or with what it is a day."""
    before = [day for day in days if day < of.day - APART * DAY]
    after = [day for day in days if day >= of.day + APART * DAY]
    return any(
        all(any(e.first <= day <= e.last for e in spec.events) for day in side) for side in (before, after)
    )


def _said(of: Change) -> Phrase:
    if of.begins:
        return Phrase(
            f"`{of.meter}` counts from {of.day} on, and no meter ended then",
            f"`{of.meter}` 自 {of.day} 起计量，此前没有被替换的表",
        )
    last = of.day - DAY
    return Phrase(
        f"`{of.meter}` ended on {last}, and no meter follows it",
        f"`{of.meter}` 计量至 {last}，此后没有接替的表",
    )


def _dates(first: date, end: date) -> Iterator[date]:
    return (first + n * DAY for n in range((end - first).days))
