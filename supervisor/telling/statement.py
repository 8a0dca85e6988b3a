"""The statistics of a period by its parts, as one table of lines: what text, CSV and JSON are all made of."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from config.phrase import Phrase, same
from config.site import Site
from config.subitems import SUBITEMS, carrier
from supervisor.ledger import indicators, statistics
from supervisor.ledger.account import Account
from supervisor.ledger.indicators import Whole
from supervisor.ledger.statistics import CARRIERS, Figure, in_units
from supervisor.ledger.terms import Terms

COAL: Final = Phrase("standard coal", "折标煤")
CO2: Final = Phrase("CO₂ of electricity", "用电碳排放")
_KGCE: Final = Phrase("kgce", "kgce")
_KGCO2: Final = Phrase("kgCO₂", "kgCO₂")


class Cell(NamedTuple):
    """What one line says of one period. `value` None: not known. `marked`: it lacks readings and never stands without
    its mark. `causes`: what of it, in the line's unit, was booked for which cause."""

    value: float | None = None
    marked: bool = False
    estimated: float = 0.0
    completeness: float = math.nan
    causes: tuple[tuple[str, float], ...] = ()


class Line(NamedTuple):
    """A thing that is counted. `of`: whose it is: `building`, or an organisation's id; `kind`: carrier, subitem, basis
    (area and heads), coal, co2 or indicator."""

    of: str
    kind: str
    key: str
    name: Phrase
    unit: Phrase
    cells: tuple[Cell, ...]


class Statement(NamedTuple):
    """Lines by part of the period, and last the whole. `parts`: names of the columns."""

    parts: tuple[Account, ...]
    lines: tuple[Line, ...]


BUILDING: Final = "building"


def statement(site: Site, parts: Sequence[Account], terms: Terms) -> Statement:
    """The statement of accounts: those of the parts, and last of the whole."""
    whole = [indicators.whole(site, a.figures, a.of, a.until, terms.table) for a in parts]
    users = [indicators.organisations(site, a.figures, a.of, a.until, terms.table) for a in parts]
    lines = [*_lines(BUILDING, whole), *_subitems(site, parts)]
    for name in site.organisations:
        lines += _lines(name, [each[name] for each in users])
    return Statement(tuple(parts), tuple(lines))


def _lines(of: str, whole: Sequence[Whole]) -> Iterator[Line]:
    for name, (unit, _, told) in CARRIERS.items():
        if any(name in each.carriers for each in whole):
            cells = tuple(cell_of(name, each.carriers.get(name, Figure())) for each in whole)
            yield Line(of, "carrier", name, told, same(unit), cells)
    yield Line(
        of, "coal", "coal", COAL, _KGCE, _cells(whole, lambda w: w.coal if w.energy_known else None, _energy)
    )
    yield Line(of, "co2", "co2", CO2, _KGCO2, _cells(whole, lambda w: w.co2 if _powered(w) else None, _power))
    yield from _basis(of, whole)
    yield from _indicators(of, whole)


def _energy(whole: Whole) -> bool:
    return whole.energy_marked


def _power(whole: Whole) -> bool:
    return whole.carriers.get("electricity", Figure()).marked


def _powered(whole: Whole) -> bool:
    return bool(whole.carriers.get("electricity", Figure()).rows)


def _cells(
    whole: Sequence[Whole], value: Callable[[Whole], float | None], marked: Callable[[Whole], bool]
) -> tuple[Cell, ...]:
    return tuple(Cell(value(each), value(each) is not None and marked(each)) for each in whole)


def _basis(of: str, whole: Sequence[Whole]) -> Iterator[Line]:
    for key, name, unit in (
        ("area", Phrase("floor area", "建筑面积"), Phrase("m²", "m²")),
        ("heated", Phrase("heated area", "供暖建筑面积"), Phrase("m²", "m²")),
        ("people", Phrase("heads", "用能人数"), Phrase("heads", "人")),
    ):
        values = [getattr(each, key) for each in whole]
        if any(value is not None for value in values):
            yield Line(of, "basis", key, name, unit, tuple(Cell(value) for value in values))


def _indicators(of: str, whole: Sequence[Whole]) -> Iterator[Line]:
    told: list[Mapping[str, indicators.Indicator]] = [{i.name.en: i for i in w.indicators()} for w in whole]
    for name in dict.fromkeys(name for each in told for name in each):
        found = [each.get(name) for each in told]
        first = next(i for i in found if i is not None)
        cells = tuple(Cell(i.value, i.marked) if i is not None else Cell() for i in found)
        plain = unicodedata.normalize("NFKC", name).lower()  # CO₂ is co2 in keys, as it always was
        key = plain.replace(" ", "_").replace("-", "_")
        yield Line(of, "indicator", key, first.name, first.unit, cells)


def _subitems(site: Site, parts: Sequence[Account]) -> Iterator[Line]:
    by_part = [statistics.by_subitem(site, a.figures) for a in parts]
    for name in by_part[-1]:
        kind, item = carrier(name), SUBITEMS[name]
        told = Phrase(f"{item.code} {item.name.en}", f"{item.code} {item.name.zh}")
        cells = tuple(cell_of(kind, each[name]) for each in by_part)
        yield Line(BUILDING, "subitem", name, told, same(CARRIERS[kind][0]), cells)


def cell_of(kind: str, figure: Figure) -> Cell:
    """A figure in its carrier's unit; what is not known is no zero."""
    return Cell(
        in_units(kind, figure.amount) if figure.rows else None,
        figure.marked,
        in_units(kind, figure.estimated),
        figure.completeness,
        tuple((cause, in_units(kind, amount)) for cause, amount in figure.causes),
    )
