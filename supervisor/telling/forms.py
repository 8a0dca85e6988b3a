"""The statistics form of public institutions (公共机构能源资源消费统计), by edition: one line a field, as CSV.

Edition 2025-11 (国管局《公共机构能源资源消费统计调查制度》, notice of November 2025) no longer asks for 用地面积, 充电桩数量,
可再生能源应用 and UPS装机容量, and takes heat by what is billed by quantity (热力消费量（按热量收费）); 2022 (国管节能〔2022〕301号)
asks for them. What nobody has told stays empty: a form never holds a guess, and no figure stands without its mark.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from csv import writer
from typing import Final, NamedTuple

from config.phrase import Lang, Phrase
from config.site import Site
from config.visible import in_a_cell
from supervisor.ledger.account import Account
from supervisor.ledger.costs import paid
from supervisor.ledger.indicators import Whole, organisations, whole
from supervisor.ledger.periods import months_of
from supervisor.ledger.statistics import ENOUGH, Figure, in_units
from supervisor.ledger.terms import Terms
from supervisor.telling.aligned import decimal

EDITIONS: Final = ("2025-11", "2022")
SHORT: Final = f"（不足{ENOUGH:.0%}）"
"""The mark of a figure that lacks readings, as the form has it."""


class Field(NamedTuple):
    """A line of the form; values as they are printed."""

    name: Phrase
    unit: str
    value: str = ""
    complete: str = ""
    estimated: str = ""
    cost: str = ""


_DROPPED: Final = (
    (Phrase("site area", "用地面积"), "m²"), (Phrase("charging points", "充电桩数量"), "个"),
    (Phrase("renewable energy", "可再生能源应用"), ""), (Phrase("UPS capacity", "UPS装机容量"), "kVA"),
)  # fmt: skip
"""Fields of 2022 that nobody asks for since, with their units."""
_CONSUMED: Final = (
    ("electricity", Phrase("electricity", "电消费量"), "kWh"), ("water", Phrase("water", "水消费量"), "m³"),
    ("gas", Phrase("natural gas", "天然气消费量"), "m³"), ("petrol", Phrase("petrol", "汽油消费量"), "L"),
    ("diesel", Phrase("diesel", "柴油消费量"), "L"),
)  # fmt: skip
_HEAT: Final = {
    "2025-11": Phrase("heat, as far as billed by quantity", "热力消费量（按热量收费）"),
    "2022": Phrase("heat", "热力消费量"),
}


def form(
    site: Site,
    this: Account,
    edition: str,
    terms: Terms = Terms(),  # noqa: B008
    lang: Lang = "zh",
    organisation: str | None = None,
) -> str:
    """The form of one period as CSV: 指标, 单位, 数值, 数据完整率, 其中估算, 费用（元）, and in English what each is where that
    is asked for. `edition` is one of EDITIONS; `organisation`: of one that uses a part of the building."""
    file = io.StringIO()
    out = writer(file, lineterminator="\r\n")
    english = lang == "en"
    out.writerow(
        ["指标", "单位", "数值", "数据完整率", "其中估算", "费用（元）", *(["in English"] if english else [])]
    )
    for field in fields(site, this, edition, terms, organisation):
        out.writerow([field.name.zh, *field[1:], *([field.name.en] if english else [])])
    return file.getvalue()


def fields(
    site: Site, this: Account, edition: str, terms: Terms, organisation: str | None
) -> Iterator[Field]:
    """The lines of the form of one edition. What was paid is the building's: of an organisation it is not told."""
    table = terms.table
    if organisation is None:
        all_, name = whole(site, this.figures, this.of, this.until, table), site.name or site.building
    else:
        all_ = organisations(site, this.figures, this.of, this.until, table)[organisation]
        name, terms = site.organisations[organisation].name, Terms(table)
    yield Field(Phrase("period", "统计期"), "", this.of.name)
    yield Field(Phrase("institution", "单位名称"), "", in_a_cell(name))
    yield Field(Phrase("floor area", "建筑面积"), "m²", _told(all_.area))
    yield Field(Phrase("heads", "用能人数"), "人", _told(all_.people))
    if edition == "2022":
        yield from (Field(name_, unit) for name_, unit in _DROPPED)
    for kind, told, unit in _CONSUMED:
        yield _consumed(site, this, all_, terms, kind, told, unit)
    yield Field(Phrase("heated area", "供暖建筑面积"), "m²", _told(all_.heated))
    yield _consumed(site, this, all_, terms, "heat", _HEAT[edition], "GJ")
    mark = SHORT if all_.energy_marked else ""
    coal = Phrase("energy, as standard coal", "能源消费总量")
    yield Field(
        coal, "kgce", _told(all_.coal if all_.energy_known else None), mark if all_.energy_known else ""
    )
    for each in all_.indicators():
        yield Field(each.name, each.unit.zh, _told(each.value), SHORT if each.marked else "")


def _consumed(
    site: Site, this: Account, all_: Whole, terms: Terms, kind: str, name: Phrase, unit: str
) -> Field:
    figure = all_.carriers.get(kind, Figure())
    months = [month.name for month in months_of(this.of, site.tz)]
    cost = paid(terms.costs or {}, kind, months) if len(this.of.name) <= len("2026-03") else None
    if not figure.rows:
        return Field(name, unit, cost=_told(cost))
    complete = (
        ""
        if math.isnan(figure.completeness)
        else f"{figure.completeness:.1%}" + (SHORT if figure.marked else "")
    )
    return Field(
        name,
        unit,
        _told(in_units(kind, figure.amount)),
        complete,
        _told(in_units(kind, figure.estimated)),
        _told(cost),
    )


def _told(value: float | None) -> str:
    return "" if value is None else decimal(value)
