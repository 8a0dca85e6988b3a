"""A statement of statistics as text, as CSV and as JSON."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Sequence
from csv import writer
from typing import Any, Final

from config.phrase import Lang, Phrase
from config.site import Site
from config.visible import in_a_cell
from schedules.time import iso
from supervisor.ledger.coefficients import Coefficient, co2_of
from supervisor.ledger.statistics import ENOUGH, MARK
from supervisor.ledger.terms import Terms
from supervisor.telling.aligned import aligned, decimal
from supervisor.telling.causes import notes
from supervisor.telling.statement import BUILDING, Cell, Line, Statement

NONE: Final = "–"
MARKED: Final = Phrase(
    f"{MARK} completeness under {ENOUGH:.0%}: the figure is not whole",
    f"{MARK} 数据完整率低于 {ENOUGH:.0%}，数值不完整",
)
_ACROSS: Final = 6
"""Periods beside one another: a terminal of 120 columns has room for no more."""
_HEADINGS: Final = {
    "carrier": Phrase("energy and water", "能源资源"),
    "subitem": Phrase("parts", "分项"),
    "basis": Phrase("area and heads (mean by time)", "面积与人数（按时间加权）"),
    "indicator": Phrase("indicators (of the period)", "指标（本期）"),
}
_UNDER: Final = {"coal": "carrier", "co2": "carrier"}


def number(value: float | None, marked: bool = False, digits: int = 2) -> str:
    """A figure as it is printed, with room for its mark; one that is not whole never stands without it."""
    if value is None:
        return f"{NONE}  "
    return f"{decimal(value, digits)} {MARK if marked else ' '}"


def _digits(line: Line) -> int:
    return 3 if line.kind == "indicator" else 2


def text(site: Site, this: Statement, terms: Terms, lang: Lang) -> list[str]:
    """The statement for a terminal: periods beside one another, the whole last, and what it rests on."""
    names = [a.of.name for a in this.parts[:-1]] + [Phrase("total", "合计").told(lang)]
    if len(this.parts) == 1:
        names = [this.parts[0].of.name]
    lines = [f"{site.name or site.building} · {this.parts[-1].of.name}"]
    for start in range(0, len(names), _ACROSS):
        shown = range(start, min(start + _ACROSS, len(names)))
        rows, headings = _rows(site, this, names, shown, lang)
        table = aligned(rows, right=range(2, 2 + len(shown)))
        lines += ["", table[0]]
        for n, line in enumerate(table[1:], 1):
            lines += [f"[{headings[n]}]"] if n in headings else []
            lines.append(line)
    if any(cell.marked and cell.value is not None for line in this.lines for cell in line.cells):
        lines += ["", MARKED.told(lang)]
    lines += notes(site, this.parts[:-1] or this.parts, lang)
    rests = rests_on(site, this, terms, lang)
    return [*lines, "", Phrase("coefficients:", "折算系数：").told(lang), *(f"  {r}" for r in rests)]


def _rows(
    site: Site, this: Statement, names: Sequence[str], shown: range, lang: Lang
) -> tuple[list[list[str]], dict[int, str]]:
    """Rows, and the headings that stand before some of them."""
    rows = [["", "", *(f"{names[n]}  " for n in shown)]]
    headings: dict[int, str] = {}
    under = (BUILDING, "")
    for line in this.lines:
        group = (line.of, _UNDER.get(line.kind, line.kind))
        if group != under:
            heading = _HEADINGS[group[1]].told(lang)
            if line.of != BUILDING:
                heading = f"{site.organisations[line.of].name} · {heading}"
            headings[len(rows)] = heading
            under = group
        cells = [number(line.cells[n].value, line.cells[n].marked, _digits(line)) for n in shown]
        rows.append([f"  {line.name.told(lang)}", line.unit.told(lang), *cells])
    return rows, headings


def rests_on(site: Site, this: Statement, terms: Terms, lang: Lang) -> Iterator[str]:
    """The coefficients that the figures were made with, each with its basis and source."""
    for name, each in used(site, this, terms).items():
        colon, comma = Phrase(": ", "：").told(lang), Phrase("; ", "；").told(lang)
        yield f"{name} {each.value:g} {each.unit}{colon}{each.basis.told(lang)}{comma}{each.source.told(lang)}"


def used(site: Site, this: Statement, terms: Terms) -> dict[str, Coefficient]:
    """The coefficients of the carriers that the building has."""
    kinds = [line.key for line in this.lines if line.kind == "carrier" and line.of == BUILDING]
    found = {}
    for kind in kinds:
        for name in (f"{kind}_kgce", f"{kind}_density"):
            if name in terms.table:
                found[name] = terms.table[name]
    if "electricity" in kinds:
        region = site.statistics.region
        name = "electricity_co2" if region == "national" else f"electricity_co2_{region}"
        found[name] = co2_of(region, terms.table)
    return found


def sheet(site: Site, this: Statement) -> str:
    """The statement as CSV, a figure a line: period, whose, kind, name, value, unit, estimated, completeness, mark."""
    file = io.StringIO()
    out = writer(file, lineterminator="\r\n")
    out.writerow([
        "building", "period", "of", "kind", "key", "name", "value", "unit", "estimated", "completeness", "mark",
    ])  # fmt: skip
    for n, account in enumerate(this.parts):
        for line in this.lines:
            cell = line.cells[n]
            out.writerow([
                site.building, account.of.name, line.of, line.kind, line.key, in_a_cell(line.name.zh), plain(cell.value), line.unit.zh,
                plain(cell.estimated) if line.kind in ("carrier", "subitem") and cell.value is not None else "",
                "" if math.isnan(cell.completeness) else f"{cell.completeness:.4f}",
                MARK if cell.marked and cell.value is not None else "",
            ])  # fmt: skip
    return file.getvalue()


def plain(value: float | None) -> str:
    """A figure for a spreadsheet, to its sixth decimal; empty where it is not known."""
    return "" if value is None else f"{value:.6f}"


def as_json(site: Site, this: Statement, terms: Terms) -> str:
    """The statement for programs."""
    body = {
        "building": site.building,
        "name": site.name,
        "periods": [
            {
                "period": account.of.name,
                "start": iso(account.of.start, site.tz),
                "end": iso(account.of.end, site.tz),
                "figures": [_figure(line, line.cells[n]) for line in this.lines],
            }
            for n, account in enumerate(this.parts)
        ],
        "coefficients": {name: _coefficient(each) for name, each in used(site, this, terms).items()},
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _coefficient(of: Coefficient) -> dict[str, Any]:
    return {
        "value": of.value, "unit": of.unit, "basis": of.basis.en, "basis_zh": of.basis.zh,
        "source": of.source.en, "source_zh": of.source.zh,
    }  # fmt: skip


def _figure(line: Line, cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = {
        "of": line.of, "kind": line.kind, "key": line.key, "name": line.name.en, "name_zh": line.name.zh,
        "value": None if cell.value is None else round(cell.value, 9), "unit": line.unit.en, "marked": cell.marked,
    }  # fmt: skip
    if line.kind in ("carrier", "subitem"):
        found["estimated"] = round(cell.estimated, 9)
        found["completeness"] = None if math.isnan(cell.completeness) else round(cell.completeness, 4)
        found["causes"] = {cause: round(amount, 9) for cause, amount in cell.causes}
    return found
