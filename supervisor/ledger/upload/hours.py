"""What each energy item took in each hour, of what was booked; and what is to be said of it.

A code's hour is what the meters of the code and of its parts counted, but for those beneath another of them: so a whole
that is metered is its meter's, and one that is not is the sum of its parts. What was not read is left out, and no zero.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import Instant
from supervisor.ledger.periods import Period
from supervisor.ledger.statistics import CARRIERS, in_units
from supervisor.ledger.upload.codes import above
from supervisor.store import readings

HOUR: Final = 3600.0
EQUAL: Final = 0.01
"""kWh, m³, GJ or L by which parts and whole may differ unsaid."""
DECIMALS: Final = 4
_SLACK: Final = 1.0
"""s of an hour that may be nobody's: readings do not come at its very ends."""


class Hour(NamedTuple):
    """What a meter, or a code, counted within an hour, J or m³; `valid`: all of it is known, and nothing is a guess."""

    amount: float
    valid: bool


@dataclass(frozen=True)
class Hours:
    """Hours of a period, and what each code took in those that are known. `bounds`: where they begin, and the last ends."""

    bounds: tuple[Instant, ...]
    by_code: Mapping[str, Mapping[int, Hour]]
    carriers: Mapping[str, str]

    def parts(self, code: str) -> list[str]:
        """The codes that a code is made of."""
        return [part for part in self.by_code if above(part) == code]

    def told(self, code: str, hour: int) -> float:
        """A figure as it is written: in its carrier's unit, rounded. A whole that is the sum of its parts is that of
        what is written of them, to the last digit."""
        amount = self.by_code[code][hour].amount
        parts = [part for part in self.parts(code) if hour in self.by_code[part]]
        if parts and math.isclose(sum(self.by_code[p][hour].amount for p in parts), amount, abs_tol=1e-9):
            return round(sum(self.told(part, hour) for part in parts), DECIMALS)
        return round(in_units(self.carriers[code], amount), DECIMALS)


def bounds_of(of: Period, tz: ZoneInfo, now: Instant) -> tuple[Instant, ...]:
    """Where the hours of the building's own clock begin, and where the last that is over ends. An hour that happens twice
    is two, one that does not is none."""
    found = [of.start]
    while found[-1] < of.end:
        local = datetime.fromtimestamp(found[-1], tz)
        after = found[-1] + HOUR - (local.minute * 60 + local.second)
        if after > min(of.end, now):
            break
        found.append(after)
    return tuple(found)


def hours_of(
    connection: sa.Connection, site: Site, table: Mapping[str, str], of: Period, now: Instant
) -> Hours:
    """What every code took in each hour of a period that is over."""
    bounds = bounds_of(of, site.tz, now)
    by_meter = {
        m.id: hourly(readings.booked(connection, m.id, bounds[0], bounds[-1]), bounds)
        for m in site.meters.values()
    }
    codes = {m.id: table[m.subitem] for m in site.meters.values()}
    wanted: dict[str, str] = {}
    for meter in site.meters.values():
        code: str | None = codes[meter.id]
        while code is not None:
            wanted.setdefault(code, carrier(meter.subitem))
            code = above(code)
    by_code = {code: _sum([by_meter[m] for m in _members(site, codes, code)]) for code in sorted(wanted)}
    return Hours(bounds, by_code, wanted)


def hourly(rows: Sequence[Mapping[str, Any]], bounds: Sequence[Instant]) -> dict[int, Hour]:
    """Bookings, spread over hours by time. An hour is valid where all of it is booked, and no booking is estimated or so
    long that its spread is a guess."""
    amount: dict[int, float] = {}
    known: dict[int, float] = {}
    guessed: set[int] = set()
    for row in rows:
        start, end = row["start"], row["end"]
        first = max(0, bisect.bisect_right(bounds, start) - 1)
        for hour in range(first, len(bounds) - 1):
            begin, over = bounds[hour], bounds[hour + 1]
            if begin >= end and end > start:
                break
            inside = min(end, over) - max(start, begin)
            if inside <= 0 and (end > start or not begin <= start < over):
                continue
            share = inside / (end - start) if end > start else 1.0
            amount[hour] = amount.get(hour, 0.0) + row["amount"] * share
            known[hour] = known.get(hour, 0.0) + max(0.0, inside)
            if row["estimated"] or end - start > HOUR + _SLACK:
                guessed.add(hour)
            if end <= start:
                break
    return {
        hour: Hour(
            amount[hour], hour not in guessed and known[hour] >= bounds[hour + 1] - bounds[hour] - _SLACK
        )
        for hour in amount
    }


def _members(site: Site, codes: Mapping[str, str], code: str) -> list[str]:
    """The meters that a code is the sum of."""
    family = {m.id for m in site.meters.values() if _is_part(codes[m.id], code)}
    return [m.id for m in site.meters.values() if m.id in family and not _beneath(site, m, family)]


def _is_part(code: str | None, whole: str) -> bool:
    while code is not None and code != whole:
        code = above(code)
    return code == whole


def _beneath(site: Site, meter: MeterSpec, family: set[str]) -> bool:
    seen: set[str] = set()
    up = meter.parent
    while up is not None and up not in seen:
        if up in family:
            return True
        seen.add(up)
        up = site.meters[up].parent
    return False


def _sum(meters: Sequence[Mapping[int, Hour]]) -> dict[int, Hour]:
    found: dict[int, Hour] = {}
    for hour in sorted({hour for each in meters for hour in each}):
        parts = [each.get(hour) for each in meters]
        known = [part for part in parts if part is not None]
        found[hour] = Hour(
            sum(part.amount for part in known), len(known) == len(parts) and all(part.valid for part in known)
        )
    return found


def doubts(hours: Hours) -> Iterator[Phrase]:
    """What is to be said of the figures: parts that are not their whole, hours that are not known."""
    whole = range(len(hours.bounds) - 1)
    for code, known in hours.by_code.items():
        unit = CARRIERS[hours.carriers[code]][0]
        parts = hours.parts(code)
        both = [h for h in known if all(h in hours.by_code[c] for c in parts)] if parts else []
        rest = sum(hours.told(code, h) for h in both) - sum(hours.told(c, h) for c in parts for h in both)
        if abs(rest) > EQUAL:
            of = f"{code} {'<' if rest < 0 else '>'} {' + '.join(parts)}"
            yield Phrase(f"{of}: parts and whole differ by {abs(rest):.2f} {unit}", f"{of}：分项合计与总量相差 {abs(rest):.2f} {unit}")  # fmt: skip
        missing = len(whole) - len(known)
        if missing:
            yield Phrase(f"{code}: {missing} of {len(whole)} hours are not known, and left out", f"{code}：{len(whole)} 小时中有 {missing} 小时无数据，未上报")  # fmt: skip
        if guesses := sum(not each.valid for each in known.values()):
            yield Phrase(f"{code}: {guesses} hours are estimated or in part, with F_State 0", f"{code}：{guesses} 小时为估算或不完整，F_State 为 0")  # fmt: skip
