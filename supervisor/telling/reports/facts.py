"""What a report is made of: everything that the database says of a period, asked once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import Site
from config.subitems import carrier
from schedules.time import local_date
from schedules.worked import days_worked
from supervisor.ledger import statistics, tree
from supervisor.ledger.account import Account, accounts, parted, read_until
from supervisor.ledger.periods import Period, days_of, parts_of, period
from supervisor.ledger.statistics import GAP, SPLIT, Figure
from supervisor.ledger.terms import Terms
from supervisor.savings.baseline import Refused, Saving
from supervisor.savings.bills import bills
from supervisor.savings.plan import Stand, figure_by_month, standing
from supervisor.savings.targets import ratio
from supervisor.savings.tariff import Bill, KindOfDay
from supervisor.store import days, schema, sums
from supervisor.store.days import ZoneDay
from supervisor.store.sums import Entry, Parted

LISTED: Final = 40
"""Bookings of a meter and a part of the period up to which they are listed one by one."""


class Hand(NamedTuple):
    """What a rule's writes came to: how many of each result, and of those how many were only pretended."""

    results: Mapping[str, int]
    dry: int


class Facts(NamedTuple):
    """`parts`: accounts by month, or of the one month; `before`: those of the year before, as much of each as has passed.

    `entries`: by (meter, part's name) its ledger rows. `zone_days`: what each zone's days came to. `hands`: by rule.
    """

    site: Site
    of: Period
    now: float
    terms: Terms
    parts: tuple[Account, ...]
    whole: Account
    before: tuple[Account, ...]
    whole_before: Account | None
    entries: Mapping[tuple[str, str], Sequence[Entry]]
    zone_days: Sequence[ZoneDay]
    hands: Mapping[str, Hand]
    saving: Saving | Refused
    """As of the period's end, or of now where it is not over."""
    stands: Mapping[str, Stand]
    """How the year stands up to the period's end, by `area` and `head`."""
    bills: Mapping[str, Bill] | None
    """What each carrier cost by the site's tariff; None where it has none."""
    daily: Sequence[tuple[str, float | None]] = ()
    """Of a month: each day that is told and the building's electricity, kWh; None where nothing was booked."""
    rehearsals: Sequence[Mapping[str, Any]] = ()
    """Comparisons that `simulate --format json` printed."""
    until: float = math.inf
    """Up to when readings tell anything of a period that is not over: where the last booking ends."""
    price: float | None = None
    """CNY a unit by the tariff, mean of the days that the saving is of; None: not known."""
    lacking: Mapping[str, float] = MappingProxyType({})
    """Of each meter that is read and lacks any, the share of what it counted that no booking covers; where the period is not over,
    up to its own last booking: what comes after that is not missing, but not read yet."""

    @property
    def against(self) -> int:
        """The year that it is compared with: the year before, unless the site file fixes one."""
        return reference(self.site, self.of)

    @property
    def target(self) -> float:
        """The reduction against that year that is asked for, as a share."""
        return ratio(self.site.targets.a_year, int(self.of.name[:4]) - self.against)

    @property
    def then(self) -> Phrase:
        """What the time that it is compared with is called."""
        return called(self.of, self.against)

    @property
    def known(self) -> bool:
        """Anything was booked in the period."""
        return any(figure.rows for figure in self.whole.figures.values())

    @property
    def dates(self) -> tuple[date, date]:
        """First and last day that is told."""
        end = max(min(self.of.end, self.now), self.of.start + 1.0)
        return local_date(self.of.start, self.site.tz), local_date(end - 1e-3, self.site.tz)

    @property
    def read(self) -> date:
        """The last day of which anything was read."""
        return local_date(
            max(min(self.of.end, self.now, self.until), self.of.start + 1.0) - 1e-3, self.site.tz
        )

    @property
    def reckoned(self) -> tuple[date, date] | None:
        """First and last day that the saving is of; None where the site file names no baseline."""
        if self.site.savings is None:
            return None
        from supervisor.savings.account import period as reporting

        begins, ends = reporting(self.site.savings, local_date(min(self.now, self.of.end), self.site.tz))
        return begins, ends - timedelta(1)

    @property
    def completeness(self) -> float:
        """Of the least complete meter; NaN where no readings were expected."""
        shares = [f.completeness for f in self.whole.figures.values() if not math.isnan(f.completeness)]
        return min(shares, default=math.nan)


STEPS: Final = 2 * 11 + 3
"""How often `gather` tells that something is done."""


def reference(site: Site, of: Period) -> int:
    """The year that a period is compared with."""
    year, fixed = int(of.name[:4]), site.targets.against
    return fixed if fixed is not None and fixed < year else year - 1


def called(of: Period, against: int) -> Phrase:
    """What the time that a period is compared with is called."""
    if against == int(of.name[:4]) - 1:
        return Phrase("year before", "上年同期")
    return Phrase(f"same time of {against}", f"{against} 年同期")


def gather(
    connection: sa.Connection, site: Site, of: Period, now: float, terms: Terms, kind: KindOfDay,
    done: Callable[[], None] = lambda: None,
) -> Facts:  # fmt: skip
    """Ask the database. Raises StoreProblem."""
    until = read_until(connection, site, of, now)
    parts = [p for p in parts_of(of, "month", site.tz) if p.start < until] or parts_of(of, "month", site.tz)[
        :1
    ]
    rows = parted(connection, site, parts, LISTED, done)
    this = accounts(connection, site, parts, of, until, terms.table, rows)
    done()
    year = reference(site, of)
    then = as_much(parts, year, until, site)
    whole_then = period(f"{year}{of.name[4:]}", site.tz)._replace(end=then[-1].end)
    if len(then) == 1 and then[0].start == whole_then.start:
        whole_then = then[0]
    before = accounts(
        connection, site, then, whole_then, now, terms.table, parted(connection, site, then, 0, done)
    )
    done()
    had = any(figure.rows for figure in before[-1].figures.values())
    listed = {
        (id_, part.name): _entries(its[n], part) for id_, its in rows.items() for n, part in enumerate(parts)
    }
    first, last = local_date(of.start, site.tz), local_date(of.end - 1e-3, site.tz)
    zone_days = days.between(connection, str(first), str(last))
    hands = _hands(connection, of)
    done()
    saving = _saving(connection, site, min(now, of.end))
    price = _price(connection, site, kind, min(now, of.end)) if saving.refused is None else None
    done()
    stands = standing(connection, site, min(now, of.end), terms.table, int(of.name[:4]))
    costs = bills(connection, site, of._replace(end=min(now, of.end)), kind) if site.tariff else None
    done()
    return Facts(
        site, of, now, terms, tuple(this[:-1]), this[-1], tuple(before[:-1]) if had else (), before[-1] if had else None,
        listed, zone_days, hands, saving, stands, costs, _daily(connection, site, parts[0], now) if len(parts) == 1 else (),
        until=until, price=price, lacking=_lacking(connection, site, of, until, this[-1], over=of.end <= now),
    )  # fmt: skip


def _lacking(
    connection: sa.Connection, site: Site, of: Period, until: float, whole: Account, *, over: bool
) -> dict[str, float]:
    """What `Facts.lacking` says."""
    found = {}
    for id_, figure in whole.figures.items():
        meter = site.meters[id_]
        if meter.virtual or figure.lacks == 0.0:
            continue
        last = None if over else sums.last(connection, id_, of.start, until)
        own = figure if last is None else figure_by_month(connection, meter, of._replace(end=last), site.tz)
        found[id_] = own.lacks
    return found


def _daily(connection: sa.Connection, site: Site, of: Period, now: float) -> list[tuple[str, float | None]]:
    """The building's electricity by day, kWh."""
    meters = {m.id: m for m in site.meters.values() if carrier(m.subitem) == "electricity" and not m.virtual}
    found: list[tuple[str, float | None]] = []
    dates = [day for day in days_of(of, site.tz) if day.start <= now]
    edges = [of.start, *(day.end for day in dates)]
    rows = {id_: sums.parted(connection, id_, edges) for id_ in meters}
    for n, day in enumerate(dates):
        read = {
            id_: statistics.figure([e.summed for e in its[n].inside], its[n].reaching, day, math.nan)
            for id_, its in rows.items()
        }
        others = {m.id: Figure() for m in site.meters.values() if not m.virtual and m.id not in read}
        figures = tree.computed(site, {**others, **read}, statistics.together)
        power = statistics.by_carrier(site, figures).get("electricity", Figure())
        found.append((day.name, power.amount / statistics.KWH if power.rows else None))
    return found if any(v is not None for _, v in found) else []


def as_much(parts: Sequence[Period], year: int, until: float, site: Site) -> list[Period]:
    """The same parts of another year, of the last as much as of this."""
    return [_so_much(part, period(f"{year}{part.name[4:]}", site.tz), until) for part in parts]


def _so_much(part: Period, then: Period, now: float) -> Period:
    """Of the year before as much as has passed of this."""
    return (
        then._replace(end=min(then.end, then.start + now - part.start))
        if part.end > now > part.start
        else then
    )


def _entries(booked: Parted, part: Period) -> list[Entry]:
    """What lies within a part, and of what reaches over its ends the share of time."""
    found = list(booked.inside)
    for one in booked.reaching:
        inside = min(one.end, part.end) - max(one.start, part.start)
        share = one.amount * inside / (one.end - one.start)
        cause = one.cause or (GAP if one.estimated else SPLIT)
        found.append(Entry(one.start, one.end, share, 1, True, cause, inside))
    return found


def _hands(connection: sa.Connection, of: Period) -> dict[str, Hand]:
    """What came of each rule's writes: the audit's intents that were made in the period."""
    i, r = schema.intents.c, schema.results.c
    asked = (
        sa.select(i.rule, i.dry_run, r.result, sa.func.count())
        .select_from(schema.intents.outerjoin(schema.results, r.intent_id == i.id))
        .where(i.ts >= of.start, i.ts < of.end)
        .group_by(i.rule, i.dry_run, r.result)
    )
    found: dict[str, Hand] = {}
    for rule, dry, result, count in connection.execute(asked):
        had = found.get(rule, Hand({}, 0))
        name = result or "open"
        found[rule] = Hand(
            {**had.results, name: had.results.get(name, 0) + count}, had.dry + (count if dry else 0)
        )
    return found


def _saving(connection: sa.Connection, site: Site, now: float) -> Saving | Refused:
    """What the meter says against the baseline. Without one nothing of it is loaded."""
    if site.savings is None:
        return Refused(
            Phrase("the site file names no baseline (savings:)", "站点文件未指定基准期（savings:）")
        )
    from schedules.days import calendars
    from supervisor.savings.account import reckon

    return reckon(connection, site, days_worked(site, calendars(site).tables), now)


def _price(connection: sa.Connection, site: Site, kind: KindOfDay, now: float) -> float | None:
    """What a unit of the saving is worth: of the days that it is of, as in the events, and not of the report's month."""
    from supervisor.savings.account import mean_price

    return mean_price(connection, site, kind, now)


def dates_of(facts: Facts) -> list[str]:
    """Each day that is told, ISO."""
    first, last = facts.dates
    return [str(first + timedelta(n)) for n in range((last - first).days + 1)]
