"""A building's saving so far: days out of the ledger and the weather, against the baseline that the site file names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from config.phrase import Phrase
from config.roles import Role
from config.saving import Savings
from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import DAY, instant_of, local_date
from schedules.types import DayType
from schedules.weather.epw import read_epw
from supervisor.ledger.coefficients import DEFAULTS, Table
from supervisor.ledger.periods import Period
from supervisor.savings import baseline, caveats
from supervisor.savings.baseline import Event, Refused, Saving
from supervisor.savings.bills import bills
from supervisor.savings.counted import counted, registers, rested
from supervisor.savings.days import Days, days
from supervisor.savings.exchanged import unmatched
from supervisor.savings.told import unit
from supervisor.savings.weather import BadWeather, Joined, Means, filed, joined, recorded
from supervisor.savings.worth import Worth, worth
from supervisor.store import readings

METERED: Final = 0.9
"""Share of a day that a meter's readings must cover for the day to count."""
SETTLED: Final = timedelta(28)
"""Days for which the period that is over stays in place of one that has hardly begun."""

OF_A_DAY: Final = 1.5 * DAY
"""s between two readings above which what lies between them is no day's own."""

Working = Callable[[date], bool]


def reckon(connection: sa.Connection, site: Site, working: Working, now: float) -> Saving | Refused:
    """The saving, J or m³, from the reporting period's first day until yesterday. Raises StoreProblem."""
    spec = site.savings
    if spec is None:
        return Refused(
            Phrase("the site file names no baseline (savings:)", "站点文件未指定基准期（savings:）")
        )
    meters = counted(site, spec)
    if not meters:
        return Refused(Phrase("there is no meter of the building's electricity", "没有全楼电表"))
    first, last = spec.baseline.first, spec.baseline.last
    begins, ends = period(spec, local_date(now, site.tz))
    if begins >= ends:
        return Refused(
            Phrase(
                f"the reporting period, from {begins} on, has no whole day yet",
                f"核算期自 {begins} 起，尚无完整的一天",
            )
        )
    if (alone := unmatched(site, meters, spec, begins, ends)) is not None:
        return Refused(alone)
    try:
        air = joined(*_sources(connection, site, spec, first, ends), first, last)
    except BadWeather as bad:
        return Refused(bad.said)
    means = air.means
    before = _days(connection, site, spec, meters, means, working, first, last + timedelta(1))
    reporting = _days(connection, site, spec, meters, means, working, begins, ends)
    found = baseline.saving(before, reporting)
    if isinstance(found, Refused):
        return found
    year = _typical(site, working, begins)
    apart = caveats.apart(air, found.model, reporting)
    found = found._replace(
        carrier=carrier(meters[0].subitem),
        events=_events(spec, reporting, begins, ends),
        caveats=tuple(_caveats(connection, site, spec, air, apart, before, reporting, (begins, ends))),
        normal=baseline.normal(before, reporting, year) if year is not None else None,
    )
    return caveats.allowed(found, apart)


def _caveats(
    connection: sa.Connection, site: Site, spec: Savings, air: Joined, apart: float, before: Days, reporting: Days, of: tuple[date, date]
) -> Iterator[Phrase]:  # fmt: skip
    """What is to be known of the data of a saving. `apart`: `caveats.apart`."""
    ordinary = sum(not _left_out(spec, day) for day in _dates(*of))
    yield from caveats.lacking(ordinary, len(reporting))
    shared: dict[date, int] = {}
    for name in {m: None for meter in counted(site, spec) for m in registers(site, meter)}:
        for span in (spec.baseline.first, spec.baseline.last + timedelta(1)), of:
            shared |= _shared(connection, site, name, *span)
    yield from caveats.split(before, reporting, shared)
    yield from caveats.outdoors(air, apart, before, reporting)
    yield from caveats.changed(site, before, reporting)
    yield from caveats.panels(site, {m for meter in counted(site, spec) for m in registers(site, meter)})


def _shared(connection: sa.Connection, site: Site, meter: str, first: date, end: date) -> dict[date, int]:
    """Days that lie within a longer reading, with the days that it spans."""
    found = {}
    start, until = (instant_of(day, 0, site.tz) for day in (first, end))
    for since, to in readings.longer(connection, meter, start, until, OF_A_DAY):
        for day in _dates(
            max(first, local_date(since, site.tz)), min(end, local_date(to - 1, site.tz) + timedelta(1))
        ):
            found[day] = round((to - since) / DAY)
    return found


def _typical(site: Site, working: Working, begins: date) -> Days | None:
    """The place's typical year (`season: weather`), with the working days of the year from a day on; None where there is none."""
    if site.season.weather is None or (read := read_epw(Path(site.season.weather)).weather) is None:
        return None
    on = [begins + timedelta(n) for n in range(365)]
    means = read.daily_means
    return days(
        [day.toordinal() for day in on],
        [means[min(day.timetuple().tm_yday, 365) - 1] for day in on],
        [0.0] * 365,
        [working(day) for day in on],
    )


def _events(spec: Savings, reporting: Days, begins: date, ends: date) -> tuple[Event, ...]:
    """What was out of the ordinary in the reporting period, with the days that it concerns."""
    counted = {date.fromordinal(int(n)) for n in reporting.number}
    found = []
    for each in spec.events:
        days = [d for d in _dates(begins, ends) if each.first <= d <= each.last]
        if days:
            found.append(
                Event(each.note, len(days) if each.adds is None else len(counted & set(days)), each.adds)
            )
    return tuple(found)


def paid(
    connection: sa.Connection,
    site: Site,
    saving: Saving,
    kind: Callable[[date], DayType],
    now: float,
    table: Table = DEFAULTS,
) -> Worth:
    """What a saving is worth, by the mean price of what the building took since the reporting period began. Raises StoreProblem."""
    assert site.savings is not None
    name = carrier(counted(site, site.savings)[0].subitem)
    price = mean_price(connection, site, kind, now)
    return worth(saving.saved, site.statistics.region, price, table, carrier=name)


def mean_price(
    connection: sa.Connection, site: Site, kind: Callable[[date], DayType], now: float
) -> float | None:
    """By the tariff, of what the building took over the days that the saving is of, CNY a unit; None: not known. Raises StoreProblem."""
    if site.savings is None or not site.tariff:
        return None
    begins, ends = period(site.savings, local_date(now, site.tz))
    of = Period("", instant_of(begins, 0, site.tz), instant_of(ends, 0, site.tz))
    bill = bills(connection, site, of, kind).get(carrier(counted(site, site.savings)[0].subitem))
    return bill.mean if bill is not None and bill.whole else None


def period(spec: Savings, today: date) -> tuple[date, date]:
    """The reporting period's first day, and the day after its last that is over: whole years from the first one on."""
    begins = spec.since or spec.baseline.last + timedelta(1)
    while (after := _a_year_on(begins)) + SETTLED <= today:
        begins = after
    return begins, min(after, today)


def _a_year_on(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # a leap day
        return date(day.year + 1, 2, 28)


def outdoor(connection: sa.Connection, site: Site, spec: Savings | None, first: date, end: date) -> Means:
    """Daily means of the outdoor air: the sensor's where it has any, else the file's. Raises BadWeather."""
    file, sensor = _sources(connection, site, spec, first, end)
    return file | sensor


def _sources(
    connection: sa.Connection, site: Site, spec: Savings | None, first: date, end: date
) -> tuple[Means, Means]:
    """What the file says of the outdoor air, and what our sensor recorded. Raises BadWeather."""
    file = filed(Path(spec.weather)) if spec is not None and spec.weather is not None else {}
    point = site.building_points.get(Role.OUTDOOR_TEMPERATURE)
    if point is None:
        return file, {}
    return file, recorded(
        connection, point.id, instant_of(first, 0, site.tz), instant_of(end, 0, site.tz), site.tz
    )


def _days(
    connection: sa.Connection,
    site: Site,
    spec: Savings,
    meters: list[MeterSpec],
    means: Means,
    working: Working,
    first: date,
    end: date,
) -> Days:
    """The days from `first` until before `end` of which energy and weather are known, and which no event took out."""
    together = _summed(connection, site, [(1.0, meter) for meter in meters], first, end)
    known = [day for day in together if day in means and not _left_out(spec, day)]
    one = unit(carrier(meters[0].subitem))[1]
    adds = [sum(e.adds or 0.0 for e in spec.events if e.first <= day <= e.last) * one for day in known]
    return days(
        [day.toordinal() for day in known],
        [means[day] for day in known],
        [together[day] - more for day, more in zip(known, adds, strict=True)],
        [working(day) for day in known],
    )


def _left_out(spec: Savings, day: date) -> bool:
    return any(e.first <= day <= e.last for e in spec.events if e.adds is None)


def _dates(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((end - first).days))


def _summed(
    connection: sa.Connection, site: Site, meters: Iterable[tuple[float, MeterSpec]], first: date, end: date
) -> dict[date, float]:
    """The joules of meters, each with its sign, of each day on which all are known; one that did not count yet, or no more, had none, if
    another did."""
    parts = [(sign, daily(connection, site, m, first, end), rested(site, m)) for sign, m in meters]
    return {
        day: sum(sign * known.get(day, 0.0) for sign, known, _ in parts)
        for day in _dates(first, end)
        if all(day in known or rests(day) for _, known, rests in parts)
        and any(day in known for _, known, _ in parts)
    }


def daily(
    connection: sa.Connection, site: Site, meter: MeterSpec, first: date, end: date
) -> dict[date, float]:
    """A meter's joules of each local day whose readings cover nine tenths of it; what is booked across days is split by time.

    Of a computed meter those days on which all its parts are known.
    """
    if meter.of:
        return _summed(
            connection, site, [(part.sign, site.meters[part.meter]) for part in meter.of], first, end
        )
    edges = [instant_of(day, 0, site.tz) for day in _dates(first, end + timedelta(1))]
    found = {day: [0.0, 0.0] for day in _dates(first, end)}
    at = 0
    for row in readings.booked(connection, meter.id, edges[0], edges[-1]):
        start, stop = row["start"], row["end"]
        while at > 0 and edges[at] > start:
            at -= 1
        n = at
        while n < len(found) and edges[n] < stop:
            inside = min(stop, edges[n + 1]) - max(start, edges[n])
            if inside > 0:
                day = found[first + timedelta(n)]
                day[0] += row["amount"] * inside / (stop - start)
                day[1] += 0.0 if row["estimated"] else inside
                at = n
            n += 1
    return {
        day: joules
        for n, (day, (joules, covered)) in enumerate(found.items())
        if covered >= METERED * (edges[n + 1] - edges[n])
    }
