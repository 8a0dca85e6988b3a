"""What the reviewers of public institutions' statistics ask of a period, check by check, and what cannot be judged.

Year on year, area and heads, unit price, completeness, and the days against the month: (同比审核, 基本信息审核, 单价审核,
完整性审核, 日月合计审核).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import DAY
from supervisor.ledger import tree
from supervisor.ledger.account import Account, amount_of, touches
from supervisor.ledger.causes import Cause
from supervisor.ledger.coefficients import Table
from supervisor.ledger.costs import Costs, paid
from supervisor.ledger.indicators import mean
from supervisor.ledger.life import life
from supervisor.ledger.periods import Period, a_year_before, days_of, months_of
from supervisor.ledger.statistics import CARRIERS, ENOUGH, MARK, Figure, by_carrier, changed, in_units
from supervisor.store import readings

UNUSUAL: Final = 0.10
"""By what share a figure, the area or the heads may differ from the year before without a question."""
APART: Final = 0.05
"""By what share the days of a month may add up to something else than the month."""
_RENEWED: Final = frozenset(
    {Cause.ROLLOVER, Cause.RESET, Cause.REPLACED, Cause.UNIT, Cause.JUMP, Cause.BACKWARDS, Cause.BAD_ZERO}
)
"""Causes after which a month is not the difference of its register's last and first figure."""


class Check(StrEnum):
    """A check of the reviewers."""

    YEAR = "year_on_year"
    BASICS = "area_and_heads"
    PRICE = "unit_price"
    COMPLETE = "completeness"
    DAYS = "days_against_month"


TOLD: Final[Mapping[Check, Phrase]] = MappingProxyType(
    {
        Check.YEAR: Phrase(f"year on year, {UNUSUAL:.0%}", f"同比 ±{UNUSUAL:.0%}"),
        Check.BASICS: Phrase(f"area and heads, {UNUSUAL:.0%}", f"面积与人数 ±{UNUSUAL:.0%}"),
        Check.PRICE: Phrase("unit price", "单价"),
        Check.COMPLETE: Phrase(f"completeness, {ENOUGH:.0%}", f"完整率 ≥{ENOUGH:.0%}"),
        Check.DAYS: Phrase(f"days against month, {APART:.0%}", f"日月合计 ≤{APART:.0%}"),
    }
)


class Asked(NamedTuple):
    """What one check says about a meter, a carrier or the building. `judged` False: it could not be judged, and why."""

    check: Check
    about: str
    what: Phrase
    judged: bool = True


def review(
    connection: sa.Connection,
    site: Site,
    this: Account,
    before: Account | None,
    terms: tuple[Table, Costs | None],
) -> list[Asked]:
    """Everything that a reviewer would ask about, and what cannot be judged."""
    table, costs = terms
    return [
        *_year(site, this, before), *_basics(site, this), *_prices(site, this, table, costs),
        *_completeness(connection, site, this), *_beside(site, this), *_days(connection, site, this),
    ]  # fmt: skip


def _year(site: Site, this: Account, before: Account | None) -> Iterator[Asked]:
    if before is None:
        yield Asked(Check.YEAR, site.building, Phrase(
            "nothing was booked in the year before: not judged", "上年同期无数据，未审核"
        ), judged=False)  # fmt: skip
        return
    now_, then = by_carrier(site, this.figures), by_carrier(site, before.figures)
    for name, figure in now_.items():
        if not (figure.rows and name in then and then[name].rows):
            continue
        change = changed(figure.amount, then[name].amount)
        if abs(change) > UNUSUAL:
            label, short = CARRIERS[name][2], _short(figure, then[name])
            yield Asked(Check.YEAR, name, Phrase(
                f"{label.en}: {change:+.0%} against {before.of.name}{short.en}: say why",
                f"{label.zh}较 {before.of.name} 变化 {change:+.0%}{short.zh}，需说明原因",
            ))  # fmt: skip


def _short(*figures: Figure) -> Phrase:
    """The mark of what is reckoned from figures of which one lacks readings."""
    if not any(figure.marked for figure in figures):
        return Phrase("", "")
    least = min(figure.completeness for figure in figures if figure.marked)
    return Phrase(f" {MARK} (completeness {least:.1%})", f" {MARK}（完整率 {least:.1%}）")


def _basics(site: Site, this: Account) -> Iterator[Asked]:
    """Area and heads against those of the year before, by their histories in the site file."""
    then = a_year_before(this.of, site.tz)
    for key, unit, zh in (("area_m2", " m²", "建筑面积"), ("people", "", "用能人数")):
        history = getattr(site, key)
        is_ = mean(history, this.of, this.until, site.tz)
        was = mean(history, then, then.start + (this.until - this.of.start), site.tz)
        if is_ is None or was is None:
            when = this.of.name if is_ is None else then.name
            yield Asked(Check.BASICS, key, Phrase(
                f"the site file does not tell it of {when}: not judged", f"站点文件未写 {when} 的{zh}，未审核"
            ), judged=False)  # fmt: skip
        elif abs(changed(is_, was)) > UNUSUAL:
            moved = f"{was:.0f} → {is_:.0f}{unit}"
            yield Asked(Check.BASICS, key, Phrase(
                f"{moved} ({changed(is_, was):+.0%} against {then.name}): say why",
                f"{zh} {moved}（较 {then.name} 变化 {changed(is_, was):+.0%}），需说明原因",
            ))  # fmt: skip


def _prices(site: Site, this: Account, table: Table, costs: Costs | None) -> Iterator[Asked]:
    months = [month.name for month in months_of(this.of, site.tz)]
    for name, figure in by_carrier(site, this.figures).items():
        unit, _, label = CARRIERS[name]
        low, high = table.get(f"{name}_price_low"), table.get(f"{name}_price_high")
        cost = paid(costs or {}, name, months) if len(this.of.name) <= len("2026-03") else None
        if cost is None or low is None or high is None:
            if figure.rows:
                yield Asked(Check.PRICE, name, Phrase(
                    "no cost is told: not judged", f"{label.zh}：没有费用数据，未审核"
                ), judged=False)  # fmt: skip
            continue
        amount = in_units(name, figure.amount)
        if not amount > 0:
            if cost > 0:
                yield Asked(Check.PRICE, name, Phrase(
                    f"{cost:.2f} CNY were paid and nothing was counted",
                    f"{label.zh}：支付 {cost:.2f} 元，但无用量",
                ))  # fmt: skip
            continue
        price = cost / amount
        if not low.value <= price <= high.value:
            short = _short(figure)
            yield Asked(Check.PRICE, name, Phrase(
                f"{price:.4f} CNY/{unit}{short.en} lies outside {low.value:g} to {high.value:g}",
                f"{label.zh}：单价 {price:.4f} 元/{unit}{short.zh}，超出参考范围 {low.value:g}–{high.value:g}",
            ))  # fmt: skip


def _completeness(connection: sa.Connection, site: Site, this: Account) -> Iterator[Asked]:
    for id_, figure in this.figures.items():
        hand = not (site.meters[id_].watched or site.meters[id_].virtual)
        if math.isnan(figure.completeness):
            continue  # nothing was to come yet
        if not figure.marked or (hand and this.until < this.of.end):
            continue  # who reads by hand reads at the end
        if hand and not figure.rows and _never(connection, site.meters[id_]):
            yield Asked(Check.COMPLETE, id_, Phrase(
                "nobody has read it yet: not judged", "从未抄表，未审核"
            ), judged=False)  # fmt: skip
            continue
        yield Asked(Check.COMPLETE, id_, _came(figure, hand=hand))


def _beside(site: Site, this: Account) -> Iterator[Asked]:
    """Meters of a part that stand beneath no other beside one of the whole: the building's sum has them both."""
    counted = [m for m in tree.counted(site) if this.figures[m.id].amount > 0]
    for meter in counted:
        kind = carrier(meter.subitem)
        whole = [
            m.id for m in counted if m.subitem == "total" and carrier(m.subitem) == kind and m is not meter
        ]
        if whole and meter.subitem != "total":
            yield Asked(Check.COMPLETE, meter.id, Phrase(
                f"no `parent` is told of it, so that it is added to `{whole[0]}`: `parent: {whole[0]}` where that counts it already; where it does not, a "
                f"computed meter above both, of: [+{whole[0]}, +{meter.id}], says so",
                f"未写上级表，其用量与 `{whole[0]}` 相加：若已计入 `{whole[0]}`，请写 `parent: {whole[0]}`；若未计入，请在两表之上设计算表 `of: [+{whole[0]}, +{meter.id}]`",
            ), judged=False)  # fmt: skip


def _never(connection: sa.Connection, meter: MeterSpec) -> bool:
    return readings.edges(connection, meter.series, math.inf, math.inf)[0] is None


def _came(figure: Figure, *, hand: bool) -> Phrase:
    share = f"{figure.completeness:.1%}"
    if hand and not figure.rows:
        return Phrase("nobody read it in this period: what it counted is not known", "本期无人抄表，用量未知")
    if hand:
        return Phrase(
            f"only {share} of the time lies between readings by hand, under {ENOUGH:.0%}",
            f"人工抄表仅覆盖 {share} 的时间，低于 {ENOUGH:.0%}",
        )
    return Phrase(
        f"only {share} of its readings have come, under {ENOUGH:.0%}",
        f"数据完整率 {share}，低于 {ENOUGH:.0%}",
    )


def _days(connection: sa.Connection, site: Site, this: Account) -> Iterator[Asked]:
    """The days of each month, as they were booked, against what the register says of the month; for the meters that
    stand beneath no other."""
    for meter in site.meters.values():
        above = site.meters.get(meter.parent) if meter.parent is not None else None
        if (above is not None and not above.virtual) or meter.virtual or meter.vehicle is not None:
            continue
        if not this.figures[meter.id].rows:
            continue
        for month in months_of(this.of, site.tz):
            born, ended = life(meter, site.tz)
            if month.end > this.until or born > month.start or ended < month.end:
                continue  # neither a day, nor a month that is not over, or in which it came or went
            if _renewed(this, meter, month):
                yield Asked(Check.DAYS, meter.id, Phrase(
                    f"{month.name}: its register began anew, so that the month is no difference of two figures: not judged",
                    f"{month.name}：表底中途改变，月用量不等于首末表底之差，未审核",
                ), judged=False)  # fmt: skip
                continue
            rise = _rise(connection, meter, month)
            if rise is None:
                yield Asked(Check.DAYS, meter.id, Phrase(
                    f"{month.name}: no reading near its first or its last day: not judged",
                    f"{month.name}：月初或月末附近无读数，未审核",
                ), judged=False)  # fmt: skip
                continue
            days = math.fsum(amount_of(connection, meter, day) for day in days_of(month, site.tz))
            if abs(days - rise) > APART * abs(rise):
                yield _apart(meter, month, days, rise)


def _apart(meter: MeterSpec, month: Period, days: float, rise: float) -> Asked:
    kind = carrier(meter.subitem)
    figures = f"{in_units(kind, days):.2f} / {in_units(kind, rise):.2f} {CARRIERS[kind][0]}"
    return Asked(Check.DAYS, meter.id, Phrase(
        f"{month.name}: its days add up to something else than the register's month ({figures})",
        f"{month.name}：各日合计与表底月用量不符（{figures}）",
    ))  # fmt: skip


def _renewed(this: Account, meter: MeterSpec, month: Period) -> bool:
    return any(
        row["meter"] == meter.id and row["cause"] in _RENEWED and touches(row, month) for row in this.findings
    )


def _rise(connection: sa.Connection, meter: MeterSpec, month: Period) -> float | None:
    """What the register rose by from the start of a month to its end, J or m³; None where nobody read it near either."""
    first, last = (_standing(connection, meter, at) for at in (month.start, month.end))
    return (last - first) * meter.scale if first is not None and last is not None else None


def _standing(connection: sa.Connection, meter: MeterSpec, at: float) -> float | None:
    """What a register said at an instant: the reading nearest to it, within half a day (a sixtieth of the month)."""
    near = readings.between(connection, meter.series, at - DAY / 2, at + DAY / 2)
    found = [(abs(when - at), value) for when, value in near if value is not None]
    return min(found)[1] if found else None
