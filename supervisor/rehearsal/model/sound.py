"""Whether a record may be believed: what was silent, stood still, counts in other units or says the contrary of something else.

What can be left out is left out, and told as a doubt; what would make every figure wrong is refused by whoever reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from config.phrase import Phrase
from schedules.time import DAY
from supervisor.rehearsal.model.record import HOUR, STEP, Flags, Floats

SILENT: Final = 6.0 * HOUR
"""s in which no point of the whole site told anything and no meter was booked: then nobody was recording. Site choice."""
COLDEST, WARMEST = 5.0, 42.0
"""°C between which a room's median temperature lies. Site choice: beyond that it is another unit, or another scale."""
CONTRARY: Final = -0.5
"""Correlation of a run status with what it should follow below which it says the contrary. Site choice."""
MOST: Final = 1000.0
"""W/m² in the mean that no building of rooms takes: a server room takes 300. A meter of Wh that is read as kWh says thousands."""
LEAST: Final = 0.03
"""W/m² in the mean below which a meter of something that ran counts nothing, or in other units. Site choice: of kWh read as Wh some 0.01 are left."""
PARTS: Final = 1.1
"""Sum of sub-meters over the main meter from which on one of them is wrong."""


def silences(told: Iterable[float], start: float, end: float) -> tuple[tuple[int, int], ...]:
    """Steps from which until before which nothing was recorded. `told`: instants at which anything was, in any order."""
    inside = sorted(at for at in told if start <= at < end)
    edges = [start, *inside, end]
    found = []
    for before, after in pairwise(edges):
        if after - before > SILENT:
            first = 0 if before == start else int((before - start) // STEP) + 1
            found.append((first, int(-((start - after) // STEP))))
    return tuple(found)


def gaps(spans: Sequence[tuple[int, int]]) -> list[Phrase]:
    """What is said of them."""
    hours = sum(last - first for first, last in spans) * STEP / HOUR
    if not spans:
        return []
    return [
        Phrase(
            f"nothing was recorded for {hours:,.0f} hours in {len(spans)} gaps: they are left out, the rest of the day and the day after, too",
            f"共有 {len(spans)} 段、{hours:,.0f} 小时没有记录：这些时段、当日其余时间及次日不参与校准",
        )
    ]


def rooms(
    names: Sequence[str], sensed: Sequence[bool], air: Floats, least: float
) -> tuple[Floats, list[Phrase]]:
    """(steps, zones) °C without thermometers that no room has, or that tell too little; and what is said of these."""
    found, doubts = air.copy(), []
    for place, name in enumerate(names):
        known = air[np.isfinite(air[:, place]), place]
        if not sensed[place]:
            continue
        if len(known) < least * len(air):
            found[:, place] = np.nan
            share = 1.0 - len(known) / max(1, len(air))
            doubts.append(
                Phrase(
                    f"{name}: its thermometer stood still, was silent or told no room's temperature for {share:.0%} of the time: it is not used"
                    " (what tells tenths of a degree is not understood: have the controller tell °C)",
                    f"{name}：温度传感器在 {share:.0%} 的时间里不变、无数据或数值不合理，未使用（以 0.1 °C 为单位的数值无法识别，请让控制器输出 °C）",
                )
            )
        elif not COLDEST <= (middle := float(np.median(known))) <= WARMEST:
            found[:, place] = np.nan
            doubts.append(
                Phrase(
                    f"{name}: {middle:.1f} °C is no room's usual temperature: its thermometer is not used; look at its unit",
                    f"{name}：{middle:.1f} °C 不是正常室温，未使用其温度传感器；请检查单位",
                )
            )
    return found, doubts


def contrary(one: Flags, other: Flags, known: Flags) -> bool:
    """Whether one says on where the other says off, nearly always, while both say either for some time."""
    a, b = one[known], other[known]
    if len(a) < DAY / STEP or not all(0.05 < x.mean() < 0.95 for x in (a, b)):
        return False
    return float(np.corrcoef(a, b)[0, 1]) < CONTRARY


def inverted(names: Sequence[str]) -> Phrase:
    """Why a record with such statuses is refused."""
    listed = ", ".join(names)
    return Phrase(
        f"{listed}: says off while the equipment was told to run, or while the building was open, and on otherwise;"
        " if it is inverted, write invert: true at the point",
        f"{listed}：与启停命令（或开放时间）相反；若信号反相，请在该点写 invert: true",
    )


def meters(
    told: Mapping[str, Floats], area: float, ran: Mapping[str, bool]
) -> tuple[dict[str, Floats], list[Phrase]]:
    """Sub-items whose meters may be believed, and what is said of the others. `area`: m²; `ran`: whether what a sub-item counts did anything."""
    found, doubts = dict(told), []
    for subitem, joules in told.items():
        known = joules[np.isfinite(joules)]
        mean = float(known.mean()) / HOUR / area if len(known) else 0.0
        if len(known) and (mean > MOST or mean < -LEAST or (mean < LEAST and ran.get(subitem, True))):
            del found[subitem]
            doubts.append(
                Phrase(
                    f"meter {subitem}: {mean:,.3g} W/m² in the mean: it is not used; look at its unit (Wh, kWh, MWh) and factor",
                    f"计量 {subitem}：平均 {mean:,.3g} W/m²，未使用；请检查单位（Wh、kWh、MWh）与倍率",
                )
            )
    parts = [subitem for subitem in found if subitem in ("hvac", "lighting_socket")]
    if parts and "total" in found:
        both = np.isfinite(found["total"]) & np.all([np.isfinite(found[p]) for p in parts], axis=0)
        whole, sum_ = float(found["total"][both].sum()), sum(float(found[p][both].sum()) for p in parts)
        if sum_ > PARTS * whole > 0.0:
            for subitem in (*parts, "total"):
                del found[subitem]
            doubts.append(
                Phrase(
                    f"sub-meters ({', '.join(parts)}) count {sum_ / whole:.1f} times what the main meter does: none of them is used;"
                    " look at units, factors and what each counts",
                    f"分项计量（{'、'.join(parts)}）之和为总表的 {sum_ / whole:.1f} 倍：均未使用；请检查单位、倍率与计量范围",
                )
            )
    return found, doubts


def unseen(names: Sequence[str]) -> list[Phrase]:
    """Zones whose people nobody saw."""
    if not names:
        return []
    return [
        Phrase(
            f"no presence sensor that tells anything in {', '.join(names)}: people are taken to be in at opening hours",
            f"{'、'.join(names)} 没有有效的人体传感器：按开放时间计人员",
        )
    ]


def idle(cooled: bool, heated: bool) -> list[Phrase]:
    """What units did not do in a record, and what follows."""
    found = []
    for did, what in ((cooled, Phrase("cooling", "制冷")), (heated, Phrase("heating", "制热"))):
        if not did:
            found.append(
                Phrase(
                    f"{what.en} never ran in these days: what it can and what it takes stay as the site file says, and only days with {what.en} tell more",
                    f"这些天没有{what.zh}运行：其能力与能耗沿用站点文件，需有{what.zh}运行的记录才能校准",
                )
            )
    return found


def odd(names: Sequence[str], modelled: Floats, recorded: Floats) -> list[Phrase]:
    """Rooms that the fitted model cannot follow; (steps, zones) °C both. Two of them may have each other's thermometers."""
    own = np.array([_apart(modelled[:, z], recorded[:, z]) for z in range(len(names))])
    known = own[np.isfinite(own)]
    if not len(known):
        return []
    usual = float(np.median(known))
    far = [z for z in range(len(names)) if np.isfinite(own[z]) and own[z] > max(ODD, 2.0 * min(usual, ODD))]
    found: list[Phrase] = []
    said: set[int] = set()
    for a in far:
        for b in (b for b in range(len(names)) if b != a and np.isfinite(own[b]) and own[b] > ODD / 2.0):
            other = _apart(modelled[:, a], recorded[:, b]) + _apart(modelled[:, b], recorded[:, a])
            if other < 0.6 * (own[a] + own[b]) and not {a, b} & said:
                said |= {a, b}
                found.append(
                    Phrase(
                        f"{names[a]} and {names[b]}: each follows what the other's unit does: are their thermometers exchanged?",
                        f"{names[a]} 与 {names[b]}：室温各随对方机组变化，温度传感器是否接反？",
                    )
                )
    found += [
        Phrase(
            f"{names[z]}: ± {own[z]:.1f} K from what the model makes of its run status and setpoints: look at its thermometer and its run status",
            f"{names[z]}：与模型相差 ± {own[z]:.1f} K，请检查温度传感器与运行状态",
        )
        for z in far
        if z not in said
    ]
    return found


ODD: Final = 1.2
"""K, root mean square over the record, from which on a room is not followed. Site choice: rooms of EnergyPlus are met within 0.6."""


def _apart(one: Floats, other: Floats) -> float:
    off = one - other
    off = off[np.isfinite(off)]
    return float(np.sqrt(np.mean(off**2))) if len(off) > DAY / STEP else float("nan")


def extreme(told: Iterable[tuple[Phrase, float, float]]) -> list[Phrase]:
    """Of (what, spreads from what was thought, shown value) those that are hardly believable."""
    return [
        Phrase(
            f"{what.en} × {shown:.2f}: hardly to be believed; does its meter count other rooms too, or only some, or in other units, or are thermometers exchanged?",
            f"{what.zh} × {shown:.2f}：难以置信；计量是否多计或漏计了区域、单位有误，或温度传感器接反？",
        )
        for what, by, shown in told
        if abs(by) > BELIEVED
    ]


BELIEVED: Final = 2.0
"""Of its prior's spreads, within which a fitted parameter is believed: a meter that counts two groups is 2.3 from it. Site choice."""
