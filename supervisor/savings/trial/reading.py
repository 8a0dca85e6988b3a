"""A trial read: at the ends of its blocks, what it shows; at any time, what was lived and what does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from config.phrase import Phrase
from config.rules import RuleId
from config.saving import NonRoutine
from config.site import Site
from config.trial import BLOCK, Arm, Trial
from schedules.time import instant_of, local_date
from supervisor.savings import account
from supervisor.savings.counted import counted as meters_of
from supervisor.savings.counted import gone
from supervisor.savings.days import Floats
from supervisor.savings.trial.days import Days, Past
from supervisor.savings.trial.draw import counted, pair
from supervisor.savings.trial.estimate import FELT, Estimate, estimate
from supervisor.savings.trial.looks import boundaries
from supervisor.savings.trial.record import COUNTED, YEAR_BEFORE, Drawn, Record, worked
from supervisor.savings.trial.sensed import sensed
from supervisor.savings.weather import BadWeather
from supervisor.store import schema

NEAR: Final = 1.0
"""K within which a day of the year counts as seen by an arm."""
ENOUGH: Final = 0.8
"""Share of the year's days that both arms should have seen before a saving is taken for a year's (Raftery et al. 2024)."""
A_YEAR: Final = 330
"""Days of which the temperature must be known for a year to be."""
Working = Callable[[date], bool]
_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "fire": (RuleId.FIRE_ALARM,), "freeze": (RuleId.FREEZE_PROTECT,), "requests": ("operator",),
}  # fmt: skip
WHY: Final[Mapping[str, Phrase]] = {
    "other arm": Phrase("not run as drawn", "未按抽签运行"),
    "event": Phrase("known beforehand", "事先排除"),
    "fire": Phrase("fire alarm", "火警"),
    "freeze": Phrase("freeze protection", "防冻保护"),
    "requests": Phrase("a person's request", "人工请求"),
    "energy": Phrase("readings missing", "缺读数"),
    "weather": Phrase("weather unknown", "缺气温"),
}
"""Why a day does not count, in the order in which it is asked."""


class Look(NamedTuple):
    """What the trial shows at the end of a block."""

    block: int
    """Blocks that are over."""
    found: Estimate | None
    """In joules; None: too few pairs."""
    low: float
    high: float
    """As wide as looking several times demands, 90 % for all looks together; NaN without an estimate."""

    @property
    def claimed(self) -> bool:
        """A saving, or a loss, may be claimed."""
        return self.found is not None and not self.low <= 0 <= self.high


class Reading(NamedTuple):
    """A trial so far."""

    record: Record
    today: date
    looks: tuple[Look, ...]
    counts: Mapping[str, tuple[int, int]]
    """Days that count (`counted`) and that do not, by reason: of the reference, of the treatment."""
    unlike: int
    """Pairs of days that count and are of two kinds, one with work and one without, or one after a holiday: they are not compared."""
    before: int | None
    """Days of the year before of which energy and weather are known; None: nothing is learnt from them, by what was drawn."""
    seen: float | None
    """Share of the year's days whose temperature both arms have seen; None: the year is not known."""
    gone: tuple[str, ...] = ()
    """Meters that it was drawn with and that the site file does not name any more: their energy is in no day."""

    @property
    def next_look(self) -> date | None:
        """The day after the block that is lived now; None: there is none any more."""
        drawn = self.record.drawn
        return next((day for day in _ends(drawn) if day > self.today), None)


def read(
    connection: sa.Connection,
    site: Site,
    record: Record,
    working: Working,
    now: float,
    typical: Sequence[float] = (),
) -> Reading:
    """Read a trial. Nothing is estimated before a block is over. Raises StoreProblem, BadWeather."""
    drawn, today = record.drawn, local_date(now, site.tz)
    days, why = days_lived(connection, site, record, working, min(today, drawn.end))
    over = sum(day <= today for day in _ends(drawn))
    looks = tuple(look(days, block, drawn.blocks) for block in range(1, over + 1))
    year = typical or _year(connection, site, drawn.start)
    return Reading(
        record, today, looks, _counts(days, why), unlike(days),
        days.past.known if days.past is not None else None, _seen(days, why, year),
        gone(site, _terms(drawn)),
    )  # fmt: skip


def _ends(drawn: Drawn) -> Iterator[date]:
    return (drawn.start + timedelta(BLOCK * block) for block in range(1, drawn.blocks + 1))


def look(days: Days, block: int, blocks: int) -> Look:
    """The look at the end of a block (1 is the first)."""
    n = BLOCK * block
    found = estimate(days.until(n), steady=True)
    if found is None:
        return Look(block, None, float("nan"), float("nan"))
    return Look(block, found, *found.interval(boundaries(blocks)[block - 1]))


def length_after(days: Days, block: int) -> tuple[int, float]:
    """How long an arm is in the block after so many, and the chance by which that was decided: two days where one is felt on the next."""
    found = estimate(days.until(BLOCK * block), steady=True)
    chance = found.chance if found is not None else 1.0
    return (2 if chance < FELT else 1), chance


def days_lived(
    connection: sa.Connection, site: Site, record: Record, working: Working, end: date
) -> tuple[Days, list[str]]:
    """The trial's days until before `end`, and by day why it does not count, or nothing. Raises BadWeather."""
    drawn = record.drawn
    working = worked(drawn, working)
    count = max(0, (end - drawn.start).days)
    dates = [drawn.start + timedelta(n) for n in range(count)]
    terms = _terms(drawn)
    meters = meters_of(site, terms)
    energy = [account.daily(connection, site, meter, drawn.start, end) for meter in meters] if count else []
    try:
        means = account.outdoor(connection, site, site.savings, drawn.start, end) if count else {}
    except BadWeather:
        means = {}
    noted = _noted(connection, site, dates, terms)
    why, treated = [], []
    for day in dates:
        lived = _arm(record, day)
        reason = "other arm" if lived is not record.arm(day) else noted.get(day, "")
        reason = reason or _known(terms.events, day)
        if not reason and not (energy and all(day in each for each in energy)):
            reason = "energy"
        why.append(reason or ("weather" if day not in means else ""))
        treated.append((lived or record.arm(day)) is drawn.arms[1])
    places = [(n // BLOCK, n % BLOCK) for n in range(count)]
    pairs = [pair(day, record.length(block)) for block, day in places]
    return Days(
        np.array([sum(e[day] for e in energy) if not w else np.nan for day, w in zip(dates, why, strict=True)], float),
        np.array([means.get(day, np.nan) for day in dates], float),
        np.array([working(day) for day in dates], bool),
        np.array(treated, bool),
        np.array([number + BLOCK * block for (number, _), (block, _) in zip(pairs, places, strict=True)], np.int64),
        np.array([earlier for _, earlier in pairs], bool),
        np.array([counted(day, record.length(block)) for block, day in places], bool),
        before=drawn.arms[1] is Arm.POLICY, idle=idle_before(working, drawn.start),
        sensed=sensed(connection, site, terms.adjust, dates),
        past=_year_before(connection, site, terms, working) if count and drawn.terms.get(YEAR_BEFORE) else None,
    ), why  # fmt: skip


def _year_before(connection: sa.Connection, site: Site, terms: Trial, working: Working) -> Past:
    """The year before a trial's first day, as far as the ledger and the weather know it. Raises StoreProblem."""
    first = terms.start - timedelta(365)
    dates = [first + timedelta(n) for n in range(365)]
    energy = [account.daily(connection, site, meter, first, terms.start) for meter in meters_of(site, terms)]
    try:
        means = account.outdoor(connection, site, site.savings, first, terms.start)
    except BadWeather:
        means = {}
    whole = [bool(energy) and all(day in each for each in energy) for day in dates]
    return Past(
        np.array([sum(e[day] for e in energy) if w else np.nan for day, w in zip(dates, whole, strict=True)], float),
        np.array([means.get(day, np.nan) for day in dates], float),
        np.array([working(day) for day in dates], bool),
        idle_before(working, first),
    )  # fmt: skip


def idle_before(working: Working, start: date) -> int:
    """Days without work that lie just before a day; a month at most."""
    return next((n for n in range(30) if working(start - timedelta(n + 1))), 30)


_KEYS: Final = frozenset(Trial.keys())
_BEFORE_SENSORS: Final = {"adjust": ()}
"""Terms of a trial that was drawn when nothing was taken out but the weather."""


def _terms(drawn: Drawn) -> Trial:
    """The trial as it was drawn, whatever the site file says of it now, with the meters that were the building's then."""
    found = {k: v for k, v in drawn.terms.items() if k in _KEYS}
    return Trial.model_validate(
        _BEFORE_SENSORS | found | {"meters": drawn.terms.get(COUNTED) or drawn.terms["meters"]}
    )


def _arm(record: Record, day: date) -> Arm | None:
    """The arm that a day was lived under as a whole; None: under none, or under several."""
    rows = [lived for lived in record.lived if lived.day == day]
    if not rows or any(lived.dry for lived in rows) or len({lived.arm for lived in rows}) != 1:
        return None
    first = rows[0]
    return Arm(first.arm) if first.arm and first.at < first.by else None


def _known(events: Sequence[NonRoutine], day: date) -> str:
    return "event" if any(event.first <= day <= event.last for event in events) else ""


def _noted(connection: sa.Connection, site: Site, dates: list[date], terms: Trial) -> dict[date, str]:
    """Days on which something was noted that takes a day out, by the rules of the trial."""
    found: dict[date, str] = {}
    if not dates:
        return found
    n = schema.notices.c
    start, end = instant_of(dates[0], 0, site.tz), instant_of(dates[-1] + timedelta(1), 0, site.tz)
    for reason in terms.exclude:
        rows = sa.select(n.ts).where(n.rule.in_(_RULES[reason]), n.ts >= start, n.ts < end)
        for (ts,) in connection.execute(rows):
            found.setdefault(local_date(ts, site.tz), reason)
    return found


def _counts(days: Days, why: list[str]) -> dict[str, tuple[int, int]]:
    named = [reason or "counted" for reason in why]
    found = {}
    for name in ("counted", *WHY):
        mine = [bool(t) for t, reason in zip(days.treated, named, strict=True) if reason == name]
        if mine or name == "counted":
            found[name] = (mine.count(False), mine.count(True))
    return found


def unlike(days: Days) -> int:
    """Pairs that are left out since only one of their days is worked, or follows a holiday."""
    kind = days.kinds
    found: dict[int, list[int]] = {}
    for n in np.flatnonzero(days.compared & days.counts).tolist():
        found.setdefault(int(days.pair[n]), []).append(int(kind[n]))
    return sum(len(both) == 2 and both[0] != both[1] for both in found.values())


def _year(connection: sa.Connection, site: Site, start: date) -> list[float]:
    """The daily means of the year before the trial, where most of them are known."""
    first = start - timedelta(365)
    try:
        means = account.outdoor(connection, site, site.savings, first, start)
    except BadWeather:
        return []
    known = [mean for day, mean in means.items() if first <= day < start]
    return known if len(known) >= A_YEAR else []


def _seen(days: Days, why: list[str], typical: Sequence[float]) -> float | None:
    """The share of a typical year's days near which both arms have lived one."""
    if not typical:
        return None
    year, counts = np.asarray(typical), np.array([not reason for reason in why], bool)
    both = [_near(year, days.temperature[counts & (days.treated == arm)]) for arm in (False, True)]
    return float((both[0] & both[1]).mean())


def _near(year: Floats, lived: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if not lived.size:
        return np.zeros(year.size, dtype=bool)
    return np.asarray(np.abs(year[:, None] - lived[None, :]).min(axis=1) <= NEAR)
