"""统计台账: area and heads, and the national indicators, a sheet each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from config.phrase import Lang, Phrase
from supervisor.ledger import indicators
from supervisor.ledger.indicators import Whole
from supervisor.telling.reports.columns import Columns, capital
from supervisor.telling.reports.document import Cell, Part, Table, Text

_BASIS: Final = Phrase("area and heads", "面积与人数")
_BASES: Final = {
    "area": (Phrase("floor area", "建筑面积"), Phrase("m²", "m²")),
    "heated": (Phrase("heated area", "供暖建筑面积"), Phrase("m²", "m²")),
    "people": (Phrase("people", "用能人数"), Phrase("heads", "人")),
}
_HEATS: Final = Phrase("coal that heated", "供暖折标煤")
_REST: Final = Phrase("coal but for heating", "非供暖折标煤")
_MADE_OF: Final[dict[str, tuple[str, str]]] = {
    indicators.PER_AREA.en: ("coal/total", "basis/area"), indicators.NOT_HEATING.en: ("coal/rest", "basis/area"),
    indicators.ELECTRICITY.en: ("electricity/total", "basis/area"), indicators.CO2.en: ("co2/total", "basis/area"),
    indicators.HEATING.en: ("coal/heating", "basis/heated"), indicators.PER_HEAD.en: ("coal/total", "basis/people"),
    indicators.WATER.en: ("water/total", "basis/people"),
}  # fmt: skip


def basis(columns: Columns, wholes: Sequence[tuple[str, Whole]], lang: Lang) -> Part:
    """Area and heads as means over each column's time, and the coal that heated, where a meter counts it."""
    rows = []
    for key, (name, unit) in _BASES.items():
        values = [(k, getattr(whole, key)) for k, whole in wholes]
        if any(v is not None for _, v in values):
            # a mean over a year of one number is that number but for the last bits
            digits = int(any(v is not None and abs(v - round(v)) >= 0.05 for _, v in values))
            cells = [Cell(v, digits, key=f"basis/{key}/{k}") for k, v in values]
            rows.append(
                (
                    Cell(f"{name.told(lang)} · {unit.told(lang)}"),
                    *cells,
                    *columns.change(f"basis/{key}", cells),
                )
            )
    for stem, name, less in (("coal/heating", _HEATS, 0.0), ("coal/rest", _REST, 1.0)):
        if any(whole.heating is not None for _, whole in wholes):
            cells = [
                Cell(
                    (w.coal - w.heating_coal if less else w.heating_coal) if w.energy_known else None, key=f"{stem}/{k}", marked=w.energy_known and w.energy_marked,
                    formula=f"{{coal/total/{k}}}-{{coal/heating/{k}}}" if stem == "coal/rest" and w.energy_known else "",
                )
                for k, w in wholes
            ]  # fmt: skip
            rows.append((Cell(f"{name.told(lang)} · kgce"), *cells, *columns.change(stem, cells)))
    note = Phrase("mean over the period by time", "按时间加权平均")
    if not rows:
        none = Phrase(
            "The site file tells neither area nor heads: no indicator can be told.",
            "站点文件未给出面积与人数，无法计算单位面积与人均指标。",
        )
        return Part(
            "ledger-basis",
            _BASIS.told(lang).capitalize(),
            _BASIS.told(lang).capitalize(),
            (Text(none.told(lang)),),
            follows=True,
        )
    heads = (_BASIS.told(lang), *columns.heads(lang))
    blocks = (Table(heads, tuple(rows)), Text(note.told(lang), "note"))
    return Part(
        "ledger-basis", _BASIS.told(lang).capitalize(), _BASIS.told(lang).capitalize(), blocks, follows=True
    )


def each(columns: Columns, wholes: Sequence[tuple[str, Whole]], lang: Lang) -> Iterator[Part]:
    """A sheet an indicator that can be told of any column."""
    told = [(key, {i.name.en: i for i in whole.indicators()}) for key, whole in wholes]
    heated = any(whole.heating is not None for _, whole in wholes)
    for name in dict.fromkeys(n for _, each in told for n in each):
        first = next(each[name] for _, each in told if name in each)
        above, below = _MADE_OF[name]
        above = "coal/total" if above == "coal/rest" and not heated else above
        cells = []
        for key, each in told:
            one = each.get(name)
            formula = f"{{{above}/{key}}}/{{{below}/{key}}}" if one is not None else ""
            cells.append(Cell(
                one.value if one is not None else None, 3, one is not None and one.marked, f"indicator/{name}/{key}",
                formula, tone="total",
            ))  # fmt: skip
        title = f"{first.name.told(lang)} · {first.unit.told(lang)}"
        row = (Cell(first.name.told(lang), tone="total"), *cells, *columns.change(f"indicator/{name}", cells))
        heads = (Phrase("indicator", "指标").told(lang), *columns.heads(lang))
        id_ = f"ledger-{name.lower().replace(' ', '-')}"
        yield Part(
            id_, capital(title), capital(first.name.told(lang))[:31], (Table(heads, (row,)),), follows=True
        )
