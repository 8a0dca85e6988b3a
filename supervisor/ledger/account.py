"""The account of a period: every meter's figure out of the database, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import local_date
from supervisor.ledger import statistics, tree, watching
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.periods import Period, a_year_before
from supervisor.ledger.statistics import CARRIERS, ENOUGH, Balance, Figure, in_units
from supervisor.ledger.vehicles import Card, cards
from supervisor.store import readings

NOTICE: Final = timedelta(days=30)
"""Before a verification is due, it is told (GB 17167-2025 asks for verified meters)."""
UNUSUAL: Final = 0.10
"""By what share a year's figure may differ from the year before without a question: the reviewers' check."""


class Account(NamedTuple):
    """Figures of one period by meter, what was found, and which meters have others beneath them."""

    of: Period
    figures: Mapping[str, Figure]
    findings: tuple[Mapping[str, Any], ...]
    balances: tuple[Balance, ...]
    cards: tuple[Card, ...] = ()
    """Vehicles."""


def account(connection: sa.Connection, site: Site, of: Period, now: float) -> Account:
    """Make the account of a period, up to `now`."""
    read = {m.id: figure_of(connection, m, of, now) for m in site.meters.values() if not m.virtual}
    figures = tree.computed(site, read, statistics.together)
    found = tuple(readings.found(connection, of.start, of.end))
    return Account(of, figures, found, tuple(statistics.balances(site, figures)),
                   cards(connection, site, of))  # fmt: skip


def figure_of(connection: sa.Connection, meter: MeterSpec, of: Period, now: float) -> Figure:
    """One meter's figure of a period. A meter that is read by hand has no readings that should have come."""
    rows = readings.booked(connection, meter.id, of.start, of.end)
    if meter.point is None:
        return statistics.figure(rows, 0, 0, of)
    received = readings.received(connection, meter.series, of.start, min(of.end, now), meter.interval)
    return statistics.figure(rows, received, statistics.expected(meter, of, now), of)


def problems(site: Site, this: Account, before: Account | None, now: float) -> list[tuple[str, Phrase]]:
    """What a reviewer would ask about: (meter or carrier, what)."""
    found = [*_findings(site, this), *_balances(site, this), *_completeness(site, this), *_due(site, now),
             *_thirsty(this)]  # fmt: skip
    return [*found, *_compared(site, this, before)] if before is not None else found


def _findings(site: Site, this: Account) -> list[tuple[str, Phrase]]:
    counted: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in this.findings:
        counted.setdefault((row["meter"], row["cause"]), []).append(row)
    found = []
    for (meter, cause), rows in counted.items():
        told = TOLD[Cause(cause)]
        on = [local_date(r["start"], site.tz) for r in rows]
        when = f"{on[0]}" if len(rows) == 1 else f"{on[0]} … {on[-1]}"
        times = f", {len(rows)} times" if len(rows) > 1 else ""
        times_zh = f"，共 {len(rows)} 次" if len(rows) > 1 else ""
        found.append((meter, Phrase(f"{cause}: {told.en} ({when}{times})", f"{told.zh}（{when}{times_zh}）")))
    return found


def _balances(site: Site, this: Account) -> list[tuple[str, Phrase]]:
    found = []
    for each in this.balances:
        if each.wrong:
            kind = carrier(site.meters[each.meter].subitem)
            unit, told = CARRIERS[kind][0], TOLD[Cause.SUB_OVER_MAIN]
            above, beneath = in_units(kind, each.above.amount), in_units(kind, each.beneath.amount)
            figures = f"{beneath:.2f} > {above:.2f} {unit}"
            found.append(
                (
                    each.meter,
                    Phrase(f"{Cause.SUB_OVER_MAIN}: {told.en} ({figures})", f"{told.zh}（{figures}）"),
                )
            )
    return found


def _completeness(site: Site, this: Account) -> list[tuple[str, Phrase]]:
    return [
        (id_, Phrase(f"only {f.completeness:.0%} of its readings have come, under {ENOUGH:.0%}",
                     f"数据完整率 {f.completeness:.0%}，低于 {ENOUGH:.0%}"))
        for id_, f in this.figures.items()
        if (site.meters[id_].watched or site.meters[id_].virtual) and f.completeness < ENOUGH
    ]  # fmt: skip


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


def _compared(site: Site, this: Account, before: Account) -> list[tuple[str, Phrase]]:
    now_, then = statistics.by_carrier(site, this.figures), statistics.by_carrier(site, before.figures)
    found = []
    for name, f in now_.items():
        change = statistics.changed(f.amount, then[name].amount) if name in then else float("nan")
        if abs(change) > UNUSUAL:
            label = CARRIERS[name][2]
            found.append((name, Phrase(
                f"{label.en}: {change:+.0%} against {before.of.name}: say why",
                f"{label.zh}较 {before.of.name} 变化 {change:+.0%}，需说明原因",
            )))  # fmt: skip
    return found


def with_year_before(
    connection: sa.Connection, site: Site, of: Period, now: float
) -> tuple[Account, Account | None]:
    """The account of a period with what its days show, and the one of the year before where anything was booked then."""
    this = account(connection, site, of, now)
    shown = [
        {"meter": meter, "cause": f.cause, "start": f.start, "end": f.end}
        for meter, f in watching.found(connection, site, of.start, min(of.end, now))
        if not any(b.wrong and b.meter == meter and f.cause is Cause.SUB_OVER_MAIN for b in this.balances)
    ]
    this = this._replace(findings=(*this.findings, *shown))
    before = account(connection, site, a_year_before(of, site.tz), now)
    return this, before if any(f.amount for f in before.figures.values()) else None
