"""The ledger as people read it at a terminal and in a spreadsheet."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from csv import writer

from config.phrase import Lang, Phrase, columns
from config.site import Site
from config.subitems import SUBITEMS, carrier
from supervisor.ledger import statistics
from supervisor.ledger.account import Account
from supervisor.ledger.statistics import CARRIERS, Figure, in_units
from supervisor.ledger.vehicles import Card

_HEAD = (
    Phrase("meter", "表"), Phrase("name", "名称"), Phrase("code", "编码"), Phrase("above", "上级"),
    Phrase("consumed", "用量"), Phrase("unit", "单位"), Phrase("estimated", "估算"), Phrase("complete", "完整率"),
    Phrase("class", "等级"), Phrase("verify by", "检定到期"),
)  # fmt: skip
_CARD = (
    Phrase("vehicle", "车辆"), Phrase("name", "名称"), Phrase("fills", "加油次数"), Phrase("L", "升"), Phrase("km", "公里"),
    Phrase("L/100 km", "百公里油耗"), Phrase("standard", "标准"), Phrase("against it", "与标准比"), Phrase("kg", "千克"),
)  # fmt: skip
_HAND = Phrase("by hand", "人工")
_REST = Phrase("not metered beneath", "下级未计量")
_NONE = "–"


def meters(site: Site, this: Account, lang: Lang) -> list[str]:
    """A line a meter, then the building's sums and indicators."""
    rows = [[p.told(lang) for p in _HEAD], *_rows(site, this, lang)]
    lines = [f"{site.name or site.building} · {this.of.name}", *aligned(rows), ""]
    if this.cards:
        lines += [*aligned([[p.told(lang) for p in _CARD], *_cards(site, this)]), ""]
    return [*lines, *_sums(site, this, lang)]


def _cards(site: Site, this: Account) -> Iterator[list[str]]:
    for card in this.cards:
        known = (card.per_100, card.standard)
        yield [
            card.meter, site.meters[card.meter].name, str(card.fills), f"{card.litres:.2f}", _figure(card.km, 0),
            _figure(card.per_100, 1) + (" !" if card.over else ""), _figure(card.standard, 1),
            f"{(known[0] or 0) / known[1] - 1:+.0%}" if None not in known and known[1] else _NONE, f"{card.kg:.1f}",
        ]  # fmt: skip


def _figure(value: float | None, places: int) -> str:
    return _NONE if value is None else f"{value:.{places}f}"


def _rows(site: Site, this: Account, lang: Lang) -> Iterator[list[str]]:
    balances = {balance.meter: balance for balance in this.balances}
    for meter in site.meters.values():
        kind, figure = carrier(meter.subitem), this.figures[meter.id]
        yield [
            meter.id, meter.name, SUBITEMS[meter.subitem].code, meter.parent or _NONE,
            told(kind, figure), CARRIERS[kind][0],
            amount(kind, figure.estimated) if figure.estimated else _NONE,
            complete(figure) if meter.watched or meter.virtual else _HAND.told(lang),
            meter.accuracy or _NONE, str(meter.verify_by or _NONE),
        ]  # fmt: skip
        if (balance := balances.get(meter.id)) is not None:
            rest = amount(kind, balance.rest) if balance.known else _NONE
            mark = " !" if balance.wrong else ""
            yield ["", _REST.told(lang), "", meter.id, rest + mark, CARRIERS[kind][0]]


def _sums(site: Site, this: Account, lang: Lang) -> list[str]:
    whole = statistics.building(site, this.figures)
    rows = []
    for kind, figure in whole.carriers.items():
        label = CARRIERS[kind][2].told(lang)
        mark = f"  ! {complete(figure)}" if figure.marked and not math.isnan(figure.completeness) else ""
        rows.append([label, told(kind, figure), CARRIERS[kind][0] + mark])
    if any(figure.rows for figure in whole.carriers.values()):
        rows.append([Phrase("standard coal", "折标煤").told(lang), f"{whole.coal:.2f}", "kgce"])
        rows.append([Phrase("CO2 of electricity", "用电碳排放").told(lang), f"{whole.co2:.2f}", "kgCO2"])
    rows += [[name.told(lang), f"{value:.3f}", unit] for name, value, unit in whole.indicators()]
    return aligned(rows)


def told(kind: str, figure: Figure) -> str:
    """A figure in its carrier's unit; what is not known is no zero."""
    return amount(kind, figure.amount) if figure.rows else _NONE


def amount(kind: str, joules_or_m3: float) -> str:
    """An amount in its carrier's unit, to a hundredth."""
    return f"{in_units(kind, joules_or_m3):.2f}"


def complete(figure: Figure) -> str:
    """How complete a figure is; one that must not stand without its mark has it."""
    if math.isnan(figure.completeness):
        return _NONE
    return f"{figure.completeness:.1%}" + (" !" if figure.marked else "")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns as wide as their widest cell; Chinese characters take two."""
    wide = [
        max(columns(row[n]) for row in rows if n < len(row)) for n in range(max(map(len, rows), default=0))
    ]
    return [
        "  ".join(cell + " " * (wide[n] - columns(cell)) for n, cell in enumerate(row)).rstrip()
        for row in rows
    ]


def sheet(site: Site, this: Account) -> str:
    """Every meter's figure as CSV, for a spreadsheet: amounts as they are, completeness beside them."""
    file = io.StringIO()
    out = writer(file, lineterminator="\r\n")
    out.writerow(
        [
            "building",
            "period",
            "meter",
            "name",
            "code",
            "parent",
            "amount",
            "unit",
            "estimated",
            "completeness",
            "km",
            "l_per_100km",
            "standard_l_per_100km",
            "kg",
        ]
    )
    cards = {card.meter: card for card in this.cards}
    for meter in site.meters.values():
        kind, figure = carrier(meter.subitem), this.figures[meter.id]
        complete_ = "" if math.isnan(figure.completeness) else f"{figure.completeness:.4f}"
        out.writerow([
            site.building, this.of.name, meter.id, meter.name, SUBITEMS[meter.subitem].code, meter.parent or "",
            f"{in_units(kind, figure.amount):.6f}" if figure.rows else "", CARRIERS[kind][0],
            f"{in_units(kind, figure.estimated):.6f}", complete_, *_of_card(cards.get(meter.id)),
        ])  # fmt: skip
    return file.getvalue()


def _of_card(card: Card | None) -> list[str]:
    if card is None:
        return [""] * 4
    figures = (card.km, card.per_100, card.standard, card.kg)
    return ["" if figure is None else f"{figure:.3f}" for figure in figures]
