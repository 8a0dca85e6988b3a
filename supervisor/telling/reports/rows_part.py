"""台账流水: the ledger's bookings behind each figure, so that each kWh can be led back to what was read."""

from __future__ import annotations

from typing import Final

from config.phrase import Lang, Phrase
from config.site import MeterSpec
from config.subitems import carrier
from schedules.time import iso
from supervisor.ledger.statistics import CARRIERS, in_units
from supervisor.store.sums import Entry
from supervisor.telling.causes import word
from supervisor.telling.reports.document import Cell, Part, Row, Table, Text
from supervisor.telling.reports.facts import LISTED, Facts

_TITLE: Final = Phrase("Ledger rows", "台账流水")
_NOTE: Final = Phrase(
    f"Each figure of this report is the sum of these bookings. Of a meter and month up to {LISTED} stand one by one, more are put"
    " together by what was done about them, with their number. In the database: table bookings, columns meter, start, end"
    " (POSIX seconds), amount (J or m³). What reaches over the end of a month counts by its share of time.",
    f"本报告各项用量均为下列台账记录之和：每表每月不超过 {LISTED} 条的逐条列出，其余按处理方式合并并注明条数。"
    "数据库中为 bookings 表，列为 meter、start、end（POSIX 秒）、amount（J 或 m³）；跨月记录按时间比例分摊。",
)
_HEADS: Final = (
    Phrase("meter", "表计"), Phrase("period", "统计期"), Phrase("from", "起"), Phrase("to", "止"), Phrase("rows", "条数"),
    Phrase("amount", "用量"), Phrase("unit", "单位"), Phrase("how", "处理方式"),
)  # fmt: skip
_READ: Final = Phrase("as read", "抄见")
_ESTIMATED: Final = Phrase("estimated: ", "估算：")
_ALL: Final = Phrase("in all", "合计")
_COMPUTED: Final = Phrase("computed: ", "由其他表计算：")
_NONE: Final = Phrase("nothing booked", "无记录")
_IDLE: Final = Phrase("did not count then", "当期不计量")


def anchor_of(meter: str, part: str = "") -> str:
    """What the ledger rows of a meter, and of one part of the period, are called by those that link to them."""
    return f"rows/{meter}/{part}" if part else f"rows/{meter}"


def part(facts: Facts, lang: Lang) -> Part:
    """Every meter's rows, in the order of the site file."""
    rows: list[Row] = []
    anchors: list[str] = []
    for meter in facts.site.meters.values():
        for anchor, row in _of_meter(facts, meter, lang):
            anchors.append(anchor)
            rows.append(row)
    title = _TITLE.told(lang)
    table = Table(tuple(h.told(lang) for h in _HEADS), tuple(rows), tuple(anchors))
    return Part("rows", title, title, (Text(_NOTE.told(lang), "note"), table), long=True)


def _of_meter(facts: Facts, meter: MeterSpec, lang: Lang) -> list[tuple[str, Row]]:
    kind = carrier(meter.subitem)
    unit = CARRIERS[kind][0]
    whole = facts.whole.figures[meter.id]
    how = _ALL.told(lang)
    if meter.virtual:
        how = _COMPUTED.told(lang) + " ".join(map(repr, meter.of))
    amount = in_units(kind, whole.amount) if whole.rows else None
    found: list[tuple[str, Row]] = [(anchor_of(meter.id), (
        Cell(_name(meter), tone="total"), Cell(facts.of.name, tone="total"), Cell("", tone="total"), Cell("", tone="total"),
        Cell(float(whole.bookings), 0, tone="total"), Cell(amount, tone="total", marked=whole.marked and amount is not None, key=f"rows/{meter.id}/whole"),
        Cell(unit, tone="total"), Cell(how, tone="total"),
    ))]  # fmt: skip
    for account in facts.parts:
        if meter.virtual:
            figure = account.figures[meter.id]
            value = in_units(kind, figure.amount) if figure.rows else None
            found.append((anchor_of(meter.id, account.of.name), (
                Cell(_name(meter)), Cell(account.of.name), Cell(""), Cell(""), Cell(float(figure.bookings), 0),
                Cell(value, marked=figure.marked and value is not None), Cell(unit), Cell(how),
            )))  # fmt: skip
            continue
        entries = facts.entries[meter.id, account.of.name]
        for n, entry in enumerate(entries):
            anchor = anchor_of(meter.id, account.of.name) if n == 0 else ""
            found.append((anchor, _row(facts, meter, account.of.name, entry, lang)))
        if not entries:
            idle = account.figures[meter.id].idle > 0
            found.append((anchor_of(meter.id, account.of.name), (
                Cell(_name(meter)), Cell(account.of.name), Cell(""), Cell(""), Cell(0.0, 0), Cell(0.0 if idle else None), Cell(unit),
                Cell((_IDLE if idle else _NONE).told(lang), tone="faint"),
            )))  # fmt: skip
    return found


def _row(facts: Facts, meter: MeterSpec, name: str, entry: Entry, lang: Lang) -> Row:
    kind = carrier(meter.subitem)
    how = word(entry.cause).told(lang) if entry.cause else ""
    how = (
        f"{_ESTIMATED.told(lang)}{how or word('gap').told(lang)}"
        if entry.estimated
        else how or _READ.told(lang)
    )
    return (
        Cell(_name(meter)), Cell(name), Cell(_at(facts, entry.first)), Cell(_at(facts, entry.last)),
        Cell(float(entry.rows), 0), Cell(in_units(kind, entry.amount), 4), Cell(CARRIERS[kind][0]), Cell(how),
    )  # fmt: skip


def _name(meter: MeterSpec) -> str:
    return f"{meter.name} {meter.id}" if meter.name else meter.id


def _at(facts: Facts, instant: float) -> str:
    return iso(instant, facts.site.tz)[:16].replace("T", " ")
