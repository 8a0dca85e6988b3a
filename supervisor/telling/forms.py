"""The statistics form of public institutions (公共机构能源资源消费统计), by edition: one line a field, as CSV.

Edition 2025-11 no longer asks for 用地面积, 充电桩数量, 可再生能源应用 and UPS装机容量, and takes heat by quantity
(热力消费量（按热量收费）); 2022 asks for them. What nobody has told stays empty: a form never holds a guess.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from csv import writer
from typing import Final

from config.site import Site
from supervisor.ledger import statistics
from supervisor.ledger.account import Account
from supervisor.ledger.statistics import Building, Figure, in_units

EDITIONS: Final = ("2025-11", "2022")
_Value = Callable[[Site, Building], float | str | None]


def _of(kind: str) -> _Value:
    def told(_site: Site, whole: Building) -> float | None:
        figure = whole.carriers.get(kind)
        return in_units(kind, figure.amount) if figure is not None and figure.rows else None

    return told


def _coal(whole: Building) -> float | None:
    return whole.coal if any(figure.rows for figure in whole.carriers.values()) else None


def _per(amount: float | None, of: float | None) -> float | None:
    return amount / of if amount is not None and of else None


_COMMON: Final[tuple[tuple[str, str, _Value], ...]] = (
    ("单位名称", "", lambda site, _: site.name or site.building),
    ("建筑面积", "m²", lambda site, _: site.area_m2),
    ("用能人数", "人", lambda site, _: site.people),
    ("电消费量", "kWh", _of("electricity")),
    ("水消费量", "m³", _of("water")),
    ("天然气消费量", "m³", _of("gas")),
    ("汽油消费量", "L", _of("petrol")),
    ("柴油消费量", "L", _of("diesel")),
)
_DROPPED: Final = {"用地面积": "m²", "充电桩数量": "个", "可再生能源应用": "", "UPS装机容量": "kVA"}
"""Fields of 2022 that nobody asks for since, with their units."""
_LAST: Final[tuple[tuple[str, str, _Value], ...]] = (
    ("能源消费总量", "kgce", lambda _, whole: _coal(whole)),
    ("单位建筑面积能耗", "kgce/m²", lambda site, whole: _per(_coal(whole), site.area_m2)),
    ("人均综合能耗", "kgce/人", lambda site, whole: _per(_coal(whole), site.people)),
)


def form(site: Site, this: Account, edition: str) -> str:
    """The form of one period as CSV: 指标, 单位, 数值, 数据完整率. `edition` is one of EDITIONS."""
    whole = statistics.building(site, this.figures)
    heat = "热力消费量（按热量收费）" if edition == "2025-11" else "热力消费量"
    file = io.StringIO()
    out = writer(file, lineterminator="\r\n")
    out.writerow(["指标", "单位", "数值", "数据完整率"])
    out.writerow(["统计期", "", this.of.name, ""])
    for name, unit, value in (*_COMMON, (heat, "GJ", _of("heat")), *_LAST):
        out.writerow([name, unit, _told(value(site, whole)), _complete(whole.carriers, name)])
    if edition == "2022":
        for name, unit in _DROPPED.items():
            out.writerow([name, unit, "", ""])
    return file.getvalue()


_KIND: Final = {"电": "electricity", "水": "water", "天": "gas", "汽": "petrol", "柴": "diesel", "热": "heat"}


def _complete(carriers: Mapping[str, Figure], name: str) -> str:
    figure = carriers.get(_KIND.get(name[0], "")) if "消费量" in name else None
    if figure is None or math.isnan(figure.completeness):
        return ""
    return f"{figure.completeness:.1%}" + ("（不足90%）" if figure.marked else "")


def _told(value: float | str | None) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
