"""Quotas of energy use (能耗指标): the constraint value (约束值) that a building shall keep, and the guidance value (引导值) to strive for.

GB/T 51161 tells them by kind of building and climate, provinces and cities their own. None stands here: editions and localities differ,
and a figure that nobody has checked against its text is worse than none. A site brings its table, kind,climate,constraint,guidance,unit,source.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.site import Site
from supervisor.ledger.indicators import Whole
from supervisor.ledger.late import Wrong
from supervisor.ledger.statistics import in_units, share_of
from supervisor.ledger.tables import BadTable, rows
from supervisor.savings.written import percent

HEAD: Final = "kind,climate,constraint,guidance,unit,source"
KWH, KGCE = "kWh/m²", "kgce/m²"
_UNITS: Final = {"kwh/m2": KWH, "kgce/m2": KGCE}


class Quota(NamedTuple):
    """A year's energy but for heating, per m². `guidance` None where the table has none."""

    constraint: float
    guidance: float | None
    unit: str
    source: str


class Judged(NamedTuple):
    """A year against its quota."""

    quota: Quota
    used: float
    """In the quota's unit."""
    marked: bool
    said: Phrase


def quota_of(site: Site) -> Quota | Phrase:
    """The quota of a site's kind and climate, or why there is none. Raises OSError, BadTable."""
    told = site.statistics
    if told.kind is None or told.climate is None:
        return Phrase(
            "no quota: the site file names no kind and climate (statistics: kind, climate)",
            "无能耗指标：站点文件未写明建筑类型和气候区（statistics: kind、climate）",
        )
    if told.quotas is None:
        return Phrase(
            f"no quota: no table says what GB/T 51161 or the province allows {told.kind}, {told.climate} (statistics: quotas)",
            f"无能耗指标：未提供“{told.kind}、{told.climate}”的约束值和引导值表（GB/T 51161 或地方标准，statistics: quotas）",
        )
    found = quotas_of(Path(told.quotas)).get((told.kind, told.climate))
    return found or Phrase(
        f"no quota: {told.quotas} has no row {told.kind},{told.climate}",
        f"无能耗指标：{told.quotas} 中没有“{told.kind},{told.climate}”一行",
    )


def quotas_of(path: Path) -> dict[tuple[str, str], Quota]:
    """A table of quotas by kind and climate. Raises OSError, BadTable."""
    found: dict[tuple[str, str], Quota] = {}
    wrong: list[Wrong] = []
    for number, cells in rows(path, HEAD):
        if isinstance(cells, Wrong):
            wrong.append(cells)
            continue
        row, key = _row(number, cells), (cells[0], cells[1])
        if isinstance(row, Wrong):
            wrong.append(row)
        elif key in found:
            wrong.append(Wrong(number, Phrase(
                f"{', '.join(key)} stands in the table already", f"“{'、'.join(key)}”在表中重复"
            )))  # fmt: skip
        else:
            found[key] = row
    if wrong:
        raise BadTable(path, wrong)
    return found


def _row(number: int, cells: list[str]) -> Quota | Wrong:
    kind, climate, constraint, guidance, unit, source = cells
    if not (kind and climate and source):
        return Wrong(number, Phrase(
            "kind, climate and source must be there: the standard, its table, the year",
            "建筑类型、气候区和来源（标准号、表号、年份）不能为空",
        ))  # fmt: skip
    plain = _UNITS.get(unit.replace("²", "2").replace(" ", "").lower())
    if plain is None:
        return Wrong(number, Phrase(f"`{unit}`: {KWH} or {KGCE}", f"`{unit}`：应为 {KWH} 或 {KGCE}"))
    try:
        high, low = float(constraint), float(guidance) if guidance else None
    except ValueError:
        high, low = math.nan, None
    if not (0 < high < 10_000 and (low is None or 0 < low <= high)):
        return Wrong(number, Phrase(
            "the constraint value is a number above 0, the guidance value one that is not above it, or empty",
            "约束值应为正数，引导值不应大于约束值，或留空",
        ))  # fmt: skip
    return Quota(high, low, plain, source)


def judged(quota: Quota, year: Whole) -> Judged | None:
    """A whole year against its quota; None where area or energy is not known."""
    if not year.area or not year.energy_known:
        return None
    used = _used(quota, year)
    words = list(_words(quota, used, share_of(year.unbooked, year.coal)))
    en = f"{used:.1f} {quota.unit} but for heating: {'; '.join(w.en for w in words)} ({quota.source})"
    zh = f"非供暖能耗 {used:.1f} {quota.unit}：{'；'.join(w.zh for w in words)}（{quota.source}）"
    return Judged(quota, used, year.energy_marked, Phrase(en, zh))


def _used(quota: Quota, year: Whole) -> float:
    coal = year.coal - year.heating_coal
    if quota.unit == KGCE:
        return coal / (year.area or math.nan)
    power = (
        in_units("electricity", year.carriers["electricity"].amount)
        if "electricity" in year.carriers
        else 0.0
    )
    return power / (year.area or math.nan)


def _words(quota: Quota, used: float, lacks: float) -> Iterator[Phrase]:
    over = used / quota.constraint - 1
    if over > 0:
        yield Phrase(
            f"{percent(over)} above the constraint value {quota.constraint:g}",
            f"超出约束值 {quota.constraint:g} {percent(over)}",
        )
        return
    if used > quota.constraint * (1 - lacks):
        yield Phrase(
            f"whether within the constraint value {quota.constraint:g} cannot be told, as {percent(lacks)} is booked nowhere",
            f"缺读数，{percent(lacks)} 的用量无记录，无法判定是否符合约束值 {quota.constraint:g}",
        )
        return
    yield Phrase(f"within the constraint value {quota.constraint:g}", f"符合约束值 {quota.constraint:g}")
    if quota.guidance is not None:
        best = used <= quota.guidance
        yield Phrase(
            f"{'within' if best else 'above'} the guidance value {quota.guidance:g}",
            f"{'达到' if best else '未达到'}引导值 {quota.guidance:g}",
        )
