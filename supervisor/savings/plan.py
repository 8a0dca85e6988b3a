"""The year against its targets, and how it will end, out of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import instant_of, local_date
from supervisor.ledger import statistics, tree
from supervisor.ledger.account import read_until
from supervisor.ledger.coefficients import DEFAULTS, Table
from supervisor.ledger.indicators import mean
from supervisor.ledger.periods import Period, parts_of, period
from supervisor.ledger.statistics import Figure, by_carrier, kgce, lived
from supervisor.savings import targets
from supervisor.savings.forecast import Forecast, Refused, forecast
from supervisor.savings.targets import PER, Progress, Used
from supervisor.store import sums


class Stand(NamedTuple):
    """How a year stands, per area or per head."""

    progress: Progress
    forecast: Forecast | Refused


def standing(
    connection: sa.Connection, site: Site, now: float, table: Table = DEFAULTS, year: int | None = None
) -> dict[str, Stand]:
    """The year that `now` lies in, up to last midnight, or another one: by `area` and by `head`. Raises StoreProblem.

    Neither has an entry where nobody has told its divisor.
    """
    today = local_date(now, site.tz)
    year = year or today.year
    end = min(today, date(year + 1, 1, 1))
    if year == today.year and end.day > 1:
        end = _read(connection, site, end)
    against = site.targets.against if (site.targets.against or year) < year else None
    before = against or year - 1
    actual = [
        used(connection, site, _month(year, n, site, end), table) for n in range(1, _begun(year, end) + 1)
    ]
    reference = [used(connection, site, _month(before, n, site), table) for n in range(1, 13)]
    over = 12 if end.year > year else end.month - 1 if end.year == year else 0
    compared = reference[:over] + [
        used(connection, site, _month(before, n, site, _same_day(before, end)), table)
        for n in range(over + 1, len(actual) + 1)
    ]
    found = {}
    for per in PER:
        if site.area_m2 if per == "area" else site.people:
            stands = targets.progress(
                per, year, before, site.targets.a_year, actual, reference, compared, over
            )
            found[per] = Stand(stands, forecast(stands))
    return found


def _read(connection: sa.Connection, site: Site, end: date) -> date:
    """The day before which a month that has begun is told: the one in which its last booking ends, so that it is compared with
    as many days of the year before."""
    of = period(f"{end:%Y-%m}", site.tz)
    until = instant_of(end, 0, site.tz)
    last = read_until(connection, site, of, until)
    return max(end.replace(day=2), local_date(last, site.tz)) if last < until else end


def _begun(year: int, end: date) -> int:
    """Months of a year that have a day before `end`."""
    return sum(date(year, n, 1) < end for n in range(1, 13))


def _same_day(year: int, day: date) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # a leap day
        return date(year, 3, 1)


def _month(year: int, month: int, site: Site, end: date | None = None) -> Period:
    """A month, or its days before `end`."""
    whole = period(f"{year}-{month:02}", site.tz)
    return whole if end is None else whole._replace(end=min(whole.end, instant_of(end, 0, site.tz)))


def used(connection: sa.Connection, site: Site, of: Period, table: Table = DEFAULTS) -> Used:
    """The building's energy of a period in standard coal, with area and heads of the same days.

    Marked where less than nine tenths of the time in which it counted lie between readings of each meter: months that came as one bill are whole.
    """
    needed = [site.meters[m] for m in _needed(site) if not site.meters[m].virtual]
    read = {m.id: asked(m, lived(figure(connection, m.id, of), m, of, of.end, site.tz)) for m in needed}
    figures = tree.computed(site, read, statistics.together)
    energy = [m.id for m in tree.counted(site) if carrier(m.subitem) != "water" and m.vehicle is None]
    known = [figures[m] for m in energy if figures[m].rows]
    of_carriers = by_carrier(site, figures)
    coal, unbooked, overbooked = (
        sum(kgce(name, getattr(each, what), table) for name, each in of_carriers.items())
        for what in ("amount", "unbooked", "overbooked")
    )
    return Used(
        of.name, coal if known else None,
        mean(site.area_m2, of, of.end, site.tz), mean(site.people, of, of.end, site.tz),
        marked=len(known) < len(energy) or any(each.marked for each in known), unbooked=unbooked, overbooked=overbooked,
    )  # fmt: skip


def figure(connection: sa.Connection, meter: str, of: Period) -> Figure:
    """A meter's figure of a period, as complete as the time between its readings is."""
    within = sums.within(connection, meter, of.start, of.end)
    reaching = sums.reaching(connection, meter, of.start, of.end)
    return _of_part(within, reaching, of)


def asked(meter: MeterSpec, figure: Figure) -> Figure:
    """A meter's figure; of a vehicle, which is filled when it is filled, no time is unbooked."""
    return figure if meter.vehicle is None else figure._replace(unbooked=0.0)


def figure_by_month(connection: sa.Connection, meter: MeterSpec, of: Period, tz: ZoneInfo) -> Figure:
    """The same of the time in which it counted, and what of a year is unbooked at the pace of its month."""
    whole, parts = lived(figure(connection, meter.id, of), meter, of, of.end, tz), parts_of(of, "month", tz)
    if len(parts) < 2:
        return whole
    parts = [p._replace(end=min(p.end, of.end)) for p in parts if p.start < of.end]
    read = sums.parted(connection, meter.id, [of.start, *(p.end for p in parts)])
    each = [
        lived(_of_part([e.summed for e in its.inside], its.reaching, p), meter, p, p.end, tz)
        for p, its in zip(parts, read, strict=True)
    ]
    return statistics.no_less(whole, each)


def _of_part(within: Sequence[sums.Sum], reaching: Sequence[sums.Reaching], of: Period) -> Figure:
    covered = statistics.covered(within, reaching, of, of.end)
    return statistics.figure(within, reaching, of, covered, covered)


def _needed(site: Site) -> Iterable[str]:
    """The meters that the building's sum is made of, and the parts of computed ones."""
    found = {m.id: None for m in tree.counted(site)}
    for meter in site.meters.values():
        found |= {part: None for part, _ in meter.of}
    return found
