"""The ledger as people read it at a terminal and in a spreadsheet."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from csv import writer
from typing import Final

from config.phrase import Lang, Phrase
from config.site import Site
from config.subitems import SUBITEMS, carrier
from config.visible import in_a_cell
from supervisor.ledger import indicators
from supervisor.ledger.account import Account
from supervisor.ledger.statistics import CARRIERS, MARK, Figure, in_units
from supervisor.ledger.terms import Terms
from supervisor.ledger.vehicles import Card
from supervisor.telling.aligned import aligned, decimal
from supervisor.telling.causes import LEAST, notes
from supervisor.telling.statement import CO2, COAL
from supervisor.telling.statements import MARKED, NONE, number, plain

_HEAD: Final = (
    Phrase("meter", "表"), Phrase("name", "名称"), Phrase("code", "编码"), Phrase("above", "上级"),
    Phrase("consumed  ", "用量  "), Phrase("unit", "单位"), Phrase("estimated", "估算"), Phrase("complete  ", "完整率  "),
    Phrase("class", "等级"), Phrase("verify by", "检定到期"),
)  # fmt: skip
_CARD: Final = (
    Phrase("vehicle", "车辆"), Phrase("name", "名称"), Phrase("fills", "加油次数"), Phrase("L", "升"), Phrase("km", "公里"),
    Phrase("L/100 km", "百公里油耗"), Phrase("standard", "标准"), Phrase("against it", "与标准比"), Phrase("kg", "千克"),
)  # fmt: skip
_RIGHT: Final = (4, 6, 7)
_HAND: Final = Phrase("by hand", "人工")
_REST: Final = Phrase("not metered beneath", "下级未计量")


def meters(site: Site, this: Account, lang: Lang, terms: Terms = Terms()) -> list[str]:  # noqa: B008
    """A line a meter, then the building's sums and indicators, and what was estimated or put right."""
    rows = [[p.told(lang) for p in _HEAD], *_rows(site, this, lang)]
    lines = [f"{site.name or site.building} · {this.of.name}", *aligned(rows, _RIGHT), ""]
    if this.cards:
        lines += [*aligned([[p.told(lang) for p in _CARD], *_cards(site, this)], range(2, 9)), ""]
    lines += _sums(site, this, lang, terms)
    if any(figure.marked for figure in this.figures.values()):
        lines += ["", MARKED.told(lang)]
    return lines + notes(site, [this], lang)


def _cards(site: Site, this: Account) -> Iterator[list[str]]:
    for card in this.cards:
        known = (card.per_100, card.standard)
        yield [
            card.meter, site.meters[card.meter].name, str(card.fills), f"{card.litres:.2f}", _figure(card.km, 0),
            _figure(card.per_100, 1) + (" !" if card.over else ""), _figure(card.standard, 1),
            f"{(known[0] or 0) / known[1] - 1:+.0%}" if None not in known and known[1] else NONE, f"{card.kg:.1f}",
        ]  # fmt: skip


def _figure(value: float | None, places: int) -> str:
    return NONE if value is None else f"{value:.{places}f}"


def _rows(site: Site, this: Account, lang: Lang) -> Iterator[list[str]]:
    balances = {balance.meter: balance for balance in this.balances}
    for meter in site.meters.values():
        kind, figure = carrier(meter.subitem), this.figures[meter.id]
        guess = in_units(kind, figure.estimated)
        yield [
            meter.id, meter.name, SUBITEMS[meter.subitem].code, meter.parent or NONE,
            _told(kind, figure), CARRIERS[kind][0],
            decimal(guess) if guess >= LEAST else NONE,
            complete(figure) if meter.watched or meter.virtual else f"{_HAND.told(lang)} {complete(figure)}",
            meter.accuracy or NONE, str(meter.verify_by or NONE),
        ]  # fmt: skip
        if (balance := balances.get(meter.id)) is not None:
            short = balance.wrong or balance.above.marked or balance.beneath.marked
            rest = number(in_units(kind, balance.rest) if balance.known else None, short)
            yield ["", _REST.told(lang), "", meter.id, rest, CARRIERS[kind][0]]


def _sums(site: Site, this: Account, lang: Lang, terms: Terms) -> list[str]:
    whole = indicators.whole(site, this.figures, this.of, this.until, terms.table)
    rows = []
    for kind, figure in whole.carriers.items():
        mark = f"{MARK} {figure.completeness:.1%}" if figure.marked else ""
        rows.append(
            [CARRIERS[kind][2].told(lang), _told(kind, figure).rstrip(f" {MARK}"), CARRIERS[kind][0], mark]
        )
    if whole.energy_known:
        rows.append([COAL.told(lang), decimal(whole.coal), "kgce", MARK if whole.energy_marked else ""])
    power = whole.carriers.get("electricity", Figure())
    if power.rows:
        rows.append([CO2.told(lang), decimal(whole.co2), "kgCO₂", MARK if power.marked else ""])
    rows += [
        [i.name.told(lang), decimal(i.value, 3), i.unit.told(lang), MARK if i.marked else ""]
        for i in whole.indicators()
    ]
    return aligned(rows, (1,))


def _told(kind: str, figure: Figure) -> str:
    return number(in_units(kind, figure.amount) if figure.rows else None, figure.marked)


def complete(figure: Figure) -> str:
    """How complete a figure is; one that must not stand without its mark has it."""
    if math.isnan(figure.completeness):
        return f"{NONE}  "
    return f"{figure.completeness:.1%} {MARK if figure.marked else ' '}"


def sheet(site: Site, this: Account) -> str:
    """Every meter's figure as CSV, for a spreadsheet: amounts as they are, completeness and mark beside them."""
    file = io.StringIO()
    out = writer(file, lineterminator="\r\n")
    out.writerow([
        "building", "period", "meter", "name", "code", "parent", "amount", "unit", "estimated", "completeness",
        "km", "l_per_100km", "standard_l_per_100km", "kg", "mark", "causes", "organisation",
    ])  # fmt: skip
    cards = {card.meter: card for card in this.cards}
    for meter in site.meters.values():
        kind, figure = carrier(meter.subitem), this.figures[meter.id]
        causes = "; ".join(f"{cause}={plain(in_units(kind, amount))}" for cause, amount in figure.causes)
        out.writerow([
            site.building, this.of.name, meter.id, in_a_cell(meter.name), SUBITEMS[meter.subitem].code, meter.parent or "",
            plain(in_units(kind, figure.amount)) if figure.rows else "", CARRIERS[kind][0],
            plain(in_units(kind, figure.estimated)),
            "" if math.isnan(figure.completeness) else f"{figure.completeness:.4f}",
            *_of_card(cards.get(meter.id)), MARK if figure.marked else "", causes, meter.organisation or "",
        ])  # fmt: skip
    return file.getvalue()


def _of_card(card: Card | None) -> list[str]:
    if card is None:
        return [""] * 4
    figures = (card.km, card.per_100, card.standard, card.kg)
    return ["" if figure is None else f"{figure:.3f}" for figure in figures]
