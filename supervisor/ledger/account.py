"""The account of a period: every meter's figure out of the database, and what is to be said of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import DAY, local_date
from supervisor.ledger import doubts, pace, statistics, tree, watching
from supervisor.ledger.book import Finding
from supervisor.ledger.books import restored
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.coefficients import DEFAULTS, Table
from supervisor.ledger.doubts import doubt_of
from supervisor.ledger.meters import register_of
from supervisor.ledger.periods import Period, a_year_before
from supervisor.ledger.statistics import CARRIERS, MARK, Balance, Figure, in_units, lived, told
from supervisor.ledger.vehicles import Card, cards
from supervisor.store import counts, readings, sums
from supervisor.store.problems import StoreProblem

NOTICE: Final = timedelta(days=30)
"""Before a verification is due, it is told (GB 17167-2025 asks for verified meters)."""


class Account(NamedTuple):
    """Figures of one period by meter, what was found, and which meters have others beneath them."""

    of: Period
    figures: Mapping[str, Figure]
    findings: tuple[Mapping[str, Any], ...]
    balances: tuple[Balance, ...]
    cards: tuple[Card, ...] = ()
    """Vehicles."""
    until: float = math.inf
    """Up to when it is told, where the period is not over."""
    doubts: Mapping[str, Finding] = MappingProxyType({})
    """Meters whose newest readings are not believed, and so not counted: since when, and what those look like."""


def account(
    connection: sa.Connection, site: Site, of: Period, now: float, table: Table = DEFAULTS
) -> Account:
    """Make the account of a period, up to `now`."""
    read = {m.id: figure_of(connection, m, of, now) for m in site.meters.values() if not m.virtual}
    return _of_read(connection, site, of, now, table, read)


Rows = Mapping[str, Sequence[sums.Parted]]
"""By meter, of each part of a period, what was booked."""


def parted(
    connection: sa.Connection, site: Site, parts: Sequence[Period], most: int = 0, done: Callable[[], None] = lambda: None
) -> Rows:  # fmt: skip
    """What was booked of each meter that is read, by the parts of a period, which follow one another. `done` is told ten times."""
    edges = [parts[0].start, *(part.end for part in parts)]
    read = [m.id for m in site.meters.values() if not m.virtual]
    found = {}
    for n, meter in enumerate(read, 1):
        found[meter] = sums.parted(connection, meter, edges, most)
        for _ in range((n - 1) * 10 // len(read), n * 10 // len(read)):
            done()
    return found


def accounts(
    connection: sa.Connection, site: Site, parts: Sequence[Period], whole: Period, now: float,
    table: Table = DEFAULTS, rows: Rows | None = None,
) -> list[Account]:  # fmt: skip
    """The accounts of the parts of a period, and last of the whole: what they say apart, asked for together. `rows`: what
    `parted` said, where it was asked. Raises StoreProblem."""
    rows = parted(connection, site, parts) if rows is None else rows
    read_in = _counts(connection, site, parts, now)
    found = []
    for n, part in enumerate(parts):
        read = {
            id_: _figure(site.meters[id_], part, its[n].inside, its[n].reaching, now, read_in[id_][n])
            for id_, its in rows.items()
        }
        found.append(_of_read(connection, site, part, now, table, read))
    if list(parts) == [whole]:
        return [*found, found[0]]
    read = {}
    for id_, its in rows.items():
        over = sorted({r for each in its for r in each.reaching})
        between = [
            sums.Entry(r.start, r.end, r.amount, 1, r.estimated, r.cause, r.end - r.start)
            for r in over if r.start >= whole.start and r.end <= whole.end
        ]  # fmt: skip
        inside = [e for each in its for e in each.inside] + between
        reaching = [r for r in over if r.start < whole.start or r.end > whole.end]
        count = Count()
        for each_count in read_in[id_]:
            count = count.plus(each_count)
        read[id_] = _figure(site.meters[id_], whole, inside, reaching, now, count)
    return [*found, _of_read(connection, site, whole, now, table, read, found)]


def _figure(
    meter: MeterSpec, of: Period, inside: Sequence[sums.Entry], reaching: Sequence[sums.Reaching], now: float, count: Count
) -> Figure:  # fmt: skip
    return _covered([each.summed for each in inside], reaching, meter, of, now, count)


def _covered(
    within: Sequence[sums.Sum], reaching: Sequence[sums.Reaching], meter: MeterSpec, of: Period, now: float, count: Count
) -> Figure:  # fmt: skip
    """As complete as its readings are, and with what no booking covers: a gap that a register's next difference covers is booked."""
    covered = math.nan if meter.vehicle is not None else statistics.covered(within, reaching, of, now)
    return statistics.figure(within, reaching, of, _complete(meter, covered, count), covered)


def _complete(meter: MeterSpec, covered: float, count: Count) -> float:
    """Completeness. Of a meter that is read by hand it is the share of time between its readings; of one on the wire that of its
    readings, unless they came and were not believed, and so not booked; of a vehicle, which is filled when it is filled, there is none."""
    if meter.vehicle is not None or meter.point is None or covered < _SHORT * count.share:
        return covered
    return count.share


def _counts(
    connection: sa.Connection, site: Site, parts: Sequence[Period], now: float
) -> dict[str, list[Count]]:
    """As `counted` says of each meter and part, for all of them at once."""
    wired = [m for m in site.meters.values() if m.point is not None and m.vehicle is None and not m.virtual]
    times = [(part.start, max(part.start, min(part.end, now))) for part in parts]
    came = counts.received(connection, {m.series: register_of(m).interval for m in wired}, times)
    found = {m.id: [Count()] * len(parts) for m in site.meters.values()}
    for meter in wired:
        width = register_of(meter).interval
        for n, part in enumerate(parts):
            due = statistics.expected(part, min(part.end, now), width)
            count = Count(min(came[meter.series][n], due), due) if due > 0 else Count()
            if count.came < _SHORT * count.due and (count.came or _between(connection, meter, *times[n])):
                count = _anew(connection, meter, part.start, times[n][1], count)
            found[meter.id][n] = count
    return found


_DAYS_AROUND: Final = 5 * DAY
_MONTHS_AROUND: Final = 130 * DAY
"""s before a period and after it in which readings tell how often one comes."""
_SHORT: Final = 0.98
"""Share of its readings under which a meter's intervals are laid anew, half of one earlier."""


def _of_read(
    connection: sa.Connection, site: Site, of: Period, now: float, table: Table, read: Mapping[str, Figure],
    parts: Sequence[Account] = (),
) -> Account:  # fmt: skip
    """`parts`: the period's own: what is unbooked in one is reckoned at that one's pace, a cold week at a winter's."""
    read = {id_: lived(figure, site.meters[id_], of, now, site.tz) for id_, figure in read.items()}
    read = {id_: statistics.no_less(figure, [p.figures[id_] for p in parts]) for id_, figure in read.items()}
    figures = tree.computed(site, read, statistics.together)
    found = tuple(row for row in readings.found(connection, of.start, of.end) if touches(row, of))
    return Account(
        of, figures, found, tuple(statistics.balances(site, figures)), cards(connection, site, of, table),
        min(of.end, now), _doubts(connection, site, of),
    )  # fmt: skip


def _doubts(connection: sa.Connection, site: Site, of: Period) -> dict[str, Finding]:
    found = {}
    for id_, body in readings.all_books(connection).items():
        try:
            doubt = doubt_of(restored(body)) if id_ in site.meters else None
        except (KeyError, TypeError, ValueError):
            continue  # a vehicle's card, or one that is begun anew
        if doubt is not None and doubt.start < of.end and doubt.end > of.start:
            found[id_] = doubt
    return found


def touches(finding: Mapping[str, Any], of: Period) -> bool:
    """Whether something that was found lies in a period; what ended as it began does not."""
    start, end = finding["start"], finding["end"]
    return bool(start < of.end and (end > of.start or start >= of.start))


class Count(NamedTuple):
    """In how many of the `due` intervals of a time a meter was read."""

    came: int = 0
    due: int = 0

    def plus(self, other: Count) -> Count:
        """Of two times."""
        return Count(self.came + other.came, self.due + other.due)

    @property
    def share(self) -> float:
        """NaN where none was due."""
        return min(1.0, self.came / self.due) if self.due > 0 else math.nan


def read_until(connection: sa.Connection, site: Site, of: Period, now: float) -> float:
    """Up to when a period that is not over is told: where the last booking of a meter that counts ends, as of what was not read
    since nothing is known. Of one that is over, and where nothing was booked, to its end or `now`."""
    end = min(of.end, now)
    if of.end <= now:
        return end
    needed = {m.id for m in tree.counted(site)}
    needed |= {part for m in site.meters.values() if m.id in needed for part, _ in m.of}
    ends = (sums.last(connection, id_, of.start, end) for id_ in needed if not site.meters[id_].virtual)
    return max((at for at in ends if at is not None), default=end)


def amount_of(connection: sa.Connection, meter: MeterSpec, of: Period) -> float:
    """What one meter's figure of a period amounts to, J or m³, where nobody asks how complete it is."""
    within = sums.within(connection, meter.id, of.start, of.end)
    return statistics.figure(
        within, sums.reaching(connection, meter.id, of.start, of.end), of, math.nan
    ).amount


def figure_of(connection: sa.Connection, meter: MeterSpec, of: Period, now: float) -> Figure:
    """One meter's figure of a period."""
    within = sums.within(connection, meter.id, of.start, of.end)
    reaching = sums.reaching(connection, meter.id, of.start, of.end)
    return _covered(within, reaching, meter, of, now, counted(connection, meter, of, now))


def counted(connection: sa.Connection, meter: MeterSpec, of: Period, now: float) -> Count:
    """In how many intervals of a period, up to `now`, a meter on the wire was read; none are due of any other.

    A poll that comes now just before and now just after an interval's end leaves every fourth without a reading, though none
    is missing: then the intervals are laid anew, half of one earlier.
    """
    if meter.vehicle is not None or meter.point is None:
        return Count()
    until, width = min(of.end, now), register_of(meter).interval
    due = statistics.expected(of, until, width)
    if due <= 0:
        return Count()
    came = readings.received(connection, meter.series, of.start, until, width)
    if came == 0 and not _between(connection, meter, of.start, until):
        return Count(0, due)
    return _anew(connection, meter, of.start, until, Count(came, due))


def _anew(connection: sa.Connection, meter: MeterSpec, start: float, until: float, count: Count) -> Count:
    """The intervals laid anew, and by the pace of their own, where too few had a reading."""
    width, (came, due) = register_of(meter).interval, count
    if 0 < came < _SHORT * due:
        came = max(came, readings.received(connection, meter.series, start - width / 2, until, width))
    if came < _SHORT * due:
        came += _seldom(connection, meter, start, until, width)
    return Count(min(came, due), due)


def _between(connection: sa.Connection, meter: MeterSpec, start: float, until: float) -> bool:
    """Whether a time without a reading lies between two that `_seldom` may look at: before a building opened it does not, and two wide looks
    at every such month were most of a year's report."""
    try:
        before, after = readings.edges(
            connection, meter.series, start, until - 0.001
        )  # one at `until` itself ends a step
    except StoreProblem:
        return False  # of another month, whose file is gone
    return (
        before is not None and after is not None and before >= start - _MONTHS_AROUND and after <= until + _MONTHS_AROUND
    )  # fmt: skip


def _seldom(connection: sa.Connection, meter: MeterSpec, start: float, until: float, width: float) -> int:
    """Intervals without a reading that lack none, since the meter was read at a rarer pace of its own then: from a file with a row an hour, or a bill."""
    found, inside = 0.0, list[float]()
    for reach in (
        _DAYS_AROUND,
        _MONTHS_AROUND,
    ):  # the pace of a month's only bill is known by those around it
        steps = _steps(connection, meter, start, until, reach, max(pace.RARE, width))
        found = max(found, pace.seconds(steps, start, until) / width)
        inside = [to for since, to in steps if to > start and since < until]
        if found > 0 or len(inside) > pace.AROUND:
            break
    return max(0, round(found - sum(start <= to < until for to in inside)))


def _steps(
    connection: sa.Connection, meter: MeterSpec, start: float, until: float, reach: float, least: float
) -> list[tuple[float, float]]:
    """Steps of a period and around it, or of itself alone where the file of a month around is gone: that is told of that month."""
    try:
        return readings.steps(connection, meter.series, start - reach, until + reach, least)
    except StoreProblem:
        return readings.steps(connection, meter.series, start, until, least)


def problems(site: Site, this: Account, now: float) -> list[tuple[str, Phrase]]:
    """What is wrong by itself: faults that were found, sums that do not add up, verifications that are due: (meter, what)."""
    doubted = [(meter, doubts.doubted(of, site.tz)) for meter, of in this.doubts.items()]
    return [*doubted, *_findings(site, this), *_balances(site, this), *_due(site, now), *_thirsty(this)]


def _findings(site: Site, this: Account) -> list[tuple[str, Phrase]]:
    counted: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in this.findings:
        counted.setdefault((row["meter"], row["cause"]), []).append(row)
    found = []
    for (meter, cause), rows in counted.items():
        said = TOLD[Cause(cause)]
        on = [local_date(r["start"], site.tz) for r in rows]
        when = f"{on[0]}" if len(rows) == 1 else f"{on[0]} … {on[-1]}"
        share = _share(site, this, meter, cause)
        times = f", {len(rows)} times" if len(rows) > 1 else ""
        times_zh = f"，共 {len(rows)} 次" if len(rows) > 1 else ""
        found.append((meter, Phrase(
            f"{cause}: {said.en} ({when}{times}){share.en}", f"{said.zh}（{when}{times_zh}）{share.zh}"
        )))  # fmt: skip
    return found


def _share(site: Site, this: Account, meter: str, cause: str) -> Phrase:
    """What of the period's figure was booked for a cause."""
    figure = this.figures.get(meter, Figure())
    amount = dict(figure.causes).get(cause)
    if amount is None or not figure.amount:
        return Phrase("", "")
    kind = carrier(site.meters[meter].subitem)
    said = f"{in_units(kind, amount):.2f} {CARRIERS[kind][0]}"
    return Phrase(
        f", {said}, {amount / figure.amount:.1%} of the period",
        f"，{said}，占本期 {amount / figure.amount:.1%}",
    )


def _balances(site: Site, this: Account) -> list[tuple[str, Phrase]]:
    found = []
    for each in this.balances:
        if each.wrong:
            kind, said = carrier(site.meters[each.meter].subitem), TOLD[Cause.SUB_OVER_MAIN]
            beneath = f"{in_units(kind, each.beneath.amount):.2f}" + (
                f" {MARK}" if each.beneath.marked else ""
            )
            figures = f"{beneath} > {told(kind, each.above)}"
            found.append((each.meter, Phrase(
                f"{Cause.SUB_OVER_MAIN}: {said.en} ({figures})", f"{said.zh}（{figures}）"
            )))  # fmt: skip
    return found


def _thirsty(this: Account) -> list[tuple[str, Phrase]]:
    return [
        (card.meter, Phrase(f"{card.per_100:.1f} L/100 km, its standard is {card.standard:g}",
                            f"百公里油耗 {card.per_100:.1f} L，高于标准 {card.standard:g} L"))
        for card in this.cards if card.over
    ]  # fmt: skip


def _due(site: Site, now: float) -> list[tuple[str, Phrase]]:
    today: date = local_date(now, site.tz)
    found = []
    for meter in site.meters.values():
        if meter.verify_by is not None and meter.verify_by - today <= NOTICE:
            late = meter.verify_by < today
            found.append((meter.id, Phrase(
                f"its verification {'was' if late else 'is'} due on {meter.verify_by}",
                f"检定{'已于' if late else '将于'} {meter.verify_by} 到期",
            )))  # fmt: skip
    return found


def with_year_before(
    connection: sa.Connection, site: Site, of: Period, now: float
) -> tuple[Account, Account | None]:
    """The account of a period with what its days show, and the one of the year before where anything was booked then.

    A period that is not over is compared with as much of the year before.
    """
    this = account(connection, site, of, now)
    shown = [
        {"meter": meter, "cause": f.cause, "start": f.start, "end": f.end}
        for meter, f in watching.found(connection, site, of.start, min(of.end, now))
        if not any(b.wrong and b.meter == meter and f.cause is Cause.SUB_OVER_MAIN for b in this.balances)
    ]
    this = this._replace(findings=(*this.findings, *shown))
    then = a_year_before(of, site.tz)
    if of.end > now:
        until = read_until(connection, site, of, now)
        then = then._replace(end=min(then.end, then.start + max(0.0, until - of.start)))
    before = account(connection, site, then, now)
    return this, before if any(f.rows for f in before.figures.values()) else None
