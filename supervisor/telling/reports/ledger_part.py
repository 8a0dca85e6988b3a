"""统计台账: a sheet an indicator, each figure reckoned where it stands and led back to its ledger rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from config.phrase import Lang, Phrase
from config.site import MeterSpec
from config.subitems import SUBITEMS, carrier
from supervisor.ledger import indicators, statistics, tree
from supervisor.ledger.account import Account
from supervisor.ledger.coefficients import co2_of
from supervisor.ledger.indicators import Whole
from supervisor.ledger.statistics import CARRIERS, Figure, by_carrier, in_units, kgce
from supervisor.telling import svg
from supervisor.telling.reports import ledger_indicators
from supervisor.telling.reports.columns import BEFORE, WHOLE, Columns, capital
from supervisor.telling.reports.document import Block, Cell, Part, Plot, Row, Table, Text
from supervisor.telling.reports.facts import Facts
from supervisor.telling.reports.progress import plot
from supervisor.telling.reports.rows_part import anchor_of
from supervisor.telling.statement import CO2, COAL

_NAME: Final = Phrase("meter", "表计")
_ID: Final = Phrase("id", "表号")
_PART: Final = Phrase("part", "分项")
_TOTAL: Final = Phrase("building, total", "全楼合计")
_COMPLETE: Final = Phrase("complete", "完整率")
_GUESS: Final = Phrase("estimated", "其中估算")
_CARRIER: Final = Phrase("carrier", "能源品种")
_LEDGER: Final = Phrase("Statistical ledger", "能源资源消费统计台账")
_OF: Final = Phrase("ledger of {}", "{}台账")
_LEAD: Final = Phrase(
    "A figure's link leads to the ledger rows that it is made of. “!” marks what has fewer than 90 % of its readings; “–” is not known, and no zero.",
    "点击数值可查其台账流水。“!”表示数据完整率低于 90 %，“–”表示无数据（不是零）。",
)
_COEFFICIENTS: Final = Phrase("Coefficients", "折算系数")


def parts(facts: Facts, lang: Lang) -> Iterator[Part]:
    """The sheets: one a carrier, coal, CO₂, area and heads, one an indicator, one of the organisations."""
    columns = Columns(facts)
    kinds = [
        k for k in CARRIERS if any(carrier(m.subitem) == k for m in facts.site.meters.values())
    ]  # in their order
    for n, kind in enumerate(kinds):
        name, unit = CARRIERS[kind][2].told(lang), CARRIERS[kind][0]
        title = capital(f"{_OF.told(lang).format(name)} · {unit}")
        blocks: list[Block] = [_of_carrier(columns, kind, lang)]
        lead = _LEDGER.told(lang)
        if n == 0:
            blocks = [Text(title, "heading"), Text(_LEAD.told(lang), "note"), *blocks, *_plots(facts, lang)]
        yield Part(
            f"ledger-{kind}", lead if n == 0 else title, name.capitalize(), tuple(blocks), wide=columns.several, follows=n > 0
        )  # fmt: skip
    wholes = [
        (key, indicators.whole(facts.site, a.figures, a.of, a.until, facts.terms.table))
        for key, a in columns.accounts
    ]
    if not kinds:
        return
    yield _coal(columns, [k for k in kinds if k != "water"], wholes, lang)
    yield _co2(columns, wholes, lang)
    yield ledger_indicators.basis(columns, wholes, lang)
    yield from ledger_indicators.each(columns, wholes, lang)


# ------------------------------------------------------------------ a carrier


def _depth(facts: Facts, meter: MeterSpec) -> int:
    depth, above = 0, meter.parent
    while above is not None and above in facts.site.meters and depth < 8:
        depth, above = depth + 1, facts.site.meters[above].parent
    return depth


def _of_carrier(columns: Columns, kind: str, lang: Lang) -> Table:
    facts = columns.facts
    meters = [m for m in facts.site.meters.values() if carrier(m.subitem) == kind]
    rows = [_of_meter(columns, kind, meter, lang) for meter in meters]
    counted = [m.id for m in tree.counted(facts.site) if carrier(m.subitem) == kind]
    if counted:
        rows.append(_total(columns, kind, counted, lang))
    heads = (
        _NAME.told(lang), _ID.told(lang), _PART.told(lang), *columns.heads(lang), _COMPLETE.told(lang),
        _GUESS.told(lang),
    )  # fmt: skip
    return Table(heads, tuple(rows))


def _of_meter(columns: Columns, kind: str, meter: MeterSpec, lang: Lang) -> Row:
    facts, stem = columns.facts, f"{kind}/{meter.id}"
    name = "　" * _depth(facts, meter) + (meter.name or meter.id)
    cells = []
    for key, account in columns.accounts:
        figure = account.figures[meter.id]
        formula = ""
        if (
            meter.virtual
            and figure.rows
            and all(carrier(facts.site.meters[p].subitem) == kind for p, _ in meter.of)
        ):
            formula = "".join(f"{'-' if sign < 0 else '+'}{{{kind}/{part}/{key}}}" for part, sign in meter.of)
        elif key == WHOLE:
            formula = columns.summed(stem)
        anchor = "" if key == BEFORE else anchor_of(meter.id, "" if key == WHOLE else account.of.name)
        cells.append(_cell(kind, figure, f"{stem}/{key}", formula, anchor))
    whole = facts.whole.figures[meter.id]
    return (
        Cell(name), Cell(meter.id, tone="faint"), Cell(SUBITEMS[meter.subitem].name.told(lang)), *cells,
        *columns.change(stem, cells), _share(whole), Cell(in_units(kind, whole.estimated) if whole.rows else None),
    )  # fmt: skip


def _total(columns: Columns, kind: str, counted: Sequence[str], lang: Lang) -> Row:
    cells, stem = [], f"{kind}/total"
    whole = Figure()
    for key, account in columns.accounts:
        figure = statistics.total(account.figures[m] for m in counted)
        whole = figure if key == columns.last else whole
        formula = "+".join(f"{{{kind}/{m}/{key}}}" for m in counted if account.figures[m].rows)
        cells.append(_cell(kind, figure, f"{stem}/{key}", formula, "", "total"))
    return (
        Cell(_TOTAL.told(lang), tone="total"), Cell("", tone="total"), Cell(CARRIERS[kind][0], tone="total"), *cells,
        *columns.change(stem, cells), _share(whole), Cell(in_units(kind, whole.estimated) if whole.rows else None),
    )  # fmt: skip


def _cell(kind: str, figure: Figure, key: str, formula: str, anchor: str, tone: str = "") -> Cell:
    """A carrier's figure; what is not known is no zero."""
    value = in_units(kind, figure.amount) if figure.rows else None
    return Cell(
        value, marked=figure.marked and value is not None, key=key, formula=formula if value is not None else "",
        anchor=anchor, tone=tone,
    )  # fmt: skip


def _share(figure: Figure) -> Cell:
    """How complete a figure is."""
    if math.isnan(figure.completeness):
        return Cell("–")
    return Cell(
        f"{100 * figure.completeness:.1f} %{' !' if figure.marked else ''}",
        tone="bad" if figure.marked else "",
    )


# ------------------------------------------------------------------ coal and CO₂


def _coal(columns: Columns, kinds: Sequence[str], wholes: Sequence[tuple[str, Whole]], lang: Lang) -> Part:
    table = columns.facts.terms.table
    used, rows = [], []
    for kind in kinds:
        cells = []
        for name in [f"{kind}_kgce", *([f"{kind}_density"] if kind in ("petrol", "diesel") else [])]:
            each = table[name]
            used.append((
                Cell(coefficient(kind, name, lang)), Cell(each.value, 4, key=f"k/{name}"), Cell(each.unit), Cell(each.basis.told(lang)),
                Cell(each.source.told(lang)),
            ))  # fmt: skip
        factor = f"*{{k/{kind}_kgce}}" + (f"*{{k/{kind}_density}}" if kind in ("petrol", "diesel") else "")
        for key, whole in wholes:
            figure = whole.carriers.get(kind, Figure())
            value = kgce(kind, figure.amount, table) if figure.rows else None
            formula = f"{{{kind}/total/{key}}}{factor}" if value is not None else ""
            cells.append(
                Cell(
                    value,
                    marked=figure.marked and value is not None,
                    key=f"coal/{kind}/{key}",
                    formula=formula,
                )
            )
        rows.append((Cell(CARRIERS[kind][2].told(lang)), *cells, *columns.change(f"coal/{kind}", cells)))
    totals = []
    for key, whole in wholes:
        known = whole.energy_known
        formula = f"SUM({{coal/{kinds[0]}/{key}}}:{{coal/{kinds[-1]}/{key}}})" if kinds and known else ""
        totals.append(Cell(
            whole.coal if known else None, marked=whole.energy_marked and known, key=f"coal/total/{key}", formula=formula,
            tone="total",
        ))  # fmt: skip
    rows.append((Cell(COAL.told(lang), tone="total"), *totals, *columns.change("coal/total", totals)))
    heads = (_CARRIER.told(lang), *columns.heads(lang))
    name = COAL.told(lang)
    blocks = (
        Table(heads, tuple(rows)),
        Table(tuple(p.told(lang) for p in _HEADS_K), tuple(used), title=_COEFFICIENTS.told(lang)),
    )
    return Part(
        "ledger-coal",
        capital(f"{_OF.told(lang).format(name)} · kgce"),
        name.capitalize(),
        blocks,
        follows=True,
    )


def coefficient(kind: str, name: str, lang: Lang) -> str:
    """What a coefficient is of, and its name in the table of the site."""
    return name if lang == "en" else f"{CARRIERS[kind][2].zh}（{name}）"


_HEADS_K: Final = (
    Phrase("coefficient", "系数"), Phrase("value", "数值"), Phrase("unit", "单位"), Phrase("basis", "口径"),
    Phrase("source", "来源"),
)  # fmt: skip


def _co2(columns: Columns, wholes: Sequence[tuple[str, Whole]], lang: Lang) -> Part:
    facts, cells = columns.facts, []
    factor = co2_of(facts.site.statistics.region, facts.terms.table)
    for key, whole in wholes:
        figure = whole.carriers.get("electricity", Figure())
        value = whole.co2 if figure.rows else None
        formula = f"{{electricity/total/{key}}}*{{k/co2}}" if value is not None else ""
        cells.append(
            Cell(
                value,
                marked=figure.marked and value is not None,
                key=f"co2/total/{key}",
                formula=formula,
                tone="total",
            )
        )
    row = (Cell(CO2.told(lang), tone="total"), *cells, *columns.change("co2/total", cells))
    used = (
        Cell(coefficient("electricity", "electricity_co2", lang)), Cell(factor.value, 4, key="k/co2"), Cell(factor.unit), Cell(factor.basis.told(lang)),
        Cell(factor.source.told(lang)),
    )  # fmt: skip
    blocks = (
        Table((_CARRIER.told(lang), *columns.heads(lang)), (row,)),
        Table(tuple(p.told(lang) for p in _HEADS_K), (used,), title=_COEFFICIENTS.told(lang)),
    )
    name = CO2.told(lang)
    return Part("ledger-co2", capital(f"{_OF.told(lang).format(name)} · kgCO₂"), name, blocks, follows=True)


def _plots(facts: Facts, lang: Lang) -> Iterator[Block]:
    if len(facts.parts) > 1:
        yield from _by_month(facts, lang)
        yield from (plot(stand, lang) for stand in list(facts.stands.values())[:1])
    elif facts.daily:
        name = Phrase("electricity by day, kWh", "逐日用电量，kWh").told(lang)
        values_ = [0.0 if v is None else v for _, v in facts.daily]
        series = svg.Series(CARRIERS["electricity"][2].told(lang), values_)
        yield Plot(
            svg.stacked_bars(name, [d[8:].lstrip("0") for d, _ in facts.daily], [[series]], "kWh"), name
        )


def _by_month(facts: Facts, lang: Lang) -> Iterator[Block]:
    def months(accounts: Sequence[Account]) -> list[float]:
        return [_power(facts, a) for a in accounts]

    this, then = months(facts.parts), months(facts.before)
    if not any(this):
        return
    labels = [f"{int(a.of.name[5:7])}{'月' if lang == 'zh' else ''}" for a in facts.parts]
    caption = Phrase("electricity by month, kWh", "各月用电量，kWh").told(lang)
    power = CARRIERS["electricity"][2].told(lang)
    groups = [[svg.Series(power, this)]]
    if any(then):
        groups.append([svg.Series(power, then)])
        caption = Phrase(
            f"{caption}: {facts.of.name} (dark), year before (pale)",
            f"{caption}：{facts.of.name}（深色）与上年同期（浅色）",
        ).told(lang)
    yield Plot(svg.stacked_bars(caption, labels, groups, "kWh"), caption)


def _power(facts: Facts, account: Account) -> float:
    figure = by_carrier(facts.site, account.figures).get("electricity", Figure())
    return in_units("electricity", figure.amount) if figure.rows else 0.0
