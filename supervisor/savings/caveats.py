"""What is to be known of the data behind a saving: where they come from, what they lack, and what else changed meanwhile."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from datetime import date
from statistics import fmean
from typing import Final

import numpy as np

from config.dated import Dated
from config.phrase import Phrase
from config.site import Site
from supervisor.savings import uncertainty
from supervisor.savings.baseline import Saving
from supervisor.savings.changepoint import Model
from supervisor.savings.days import Days, Flags
from supervisor.savings.weather import COMMON, Joined
from supervisor.savings.written import percent

CHANGED: Final = 0.05
"""By which share area or heads must have changed to be told: what a saving's 90 % interval is wide, about."""
APART: Final = 1.0
"""K, half of the 90 % interval of how far two thermometers that nobody compared read apart. Site choice: a wall in the sun is 1 to 3 K off."""
SPLIT: Final = 0.05
"""Share of days without a reading of their own from which on that is told."""


def lacking(over: int, known: int) -> Iterator[Phrase]:
    """Days of the reporting period that are in no sum, so many of which are over."""
    if (lost := over - known) > 0:
        yield Phrase(
            f"{lost} of {over} days lack energy or weather and do not count",
            f"{over} 天中有 {lost} 天缺能耗或气温，未计入",
        )


def changed(site: Site, before: Days, reporting: Days) -> Iterator[Phrase]:
    """Floor area or heads that are others than in the baseline: a saving knows nothing of them."""
    for of, en, zh in ((site.area_m2, "floor area, m²,", "建筑面积（m²）"), (site.people, "heads", "人数")):
        was, now = _mean(of, before), _mean(of, reporting)
        if was and now is not None and abs(now / was - 1) >= CHANGED:
            yield Phrase(
                f"{en} {was:.0f} → {now:.0f} ({percent(now / was - 1, 0, '+')}): not taken into account; what came of it belongs under savings: events (adds)",
                f"{zh}由 {was:.0f} 变为 {now:.0f}（{percent(now / was - 1, 0, '+')}），未作修正；其影响请列入 savings: events（adds）",
            )  # fmt: skip


_PANELS: Final = re.compile(r"光伏|太阳能发电|solar|photovoltaic|(?<![a-z])pv(?![a-z])", re.IGNORECASE)


def panels(site: Site, counted: Collection[str]) -> Iterator[Phrase]:
    """Meters that by their name count what panels make and that are in no sum of the saving: what the building uses of it never
    passes its main meter, so that it looks saved."""
    for meter in site.meters.values():
        if (
            meter.energy
            and not meter.of
            and meter.id not in counted
            and _PANELS.search(f"{meter.id} {meter.name}")
        ):
            yield Phrase(
                f"`{meter.id}` seems to count what solar panels make, which the building uses without its main meter seeing it: that looks like a "
                "saving and is none; a computed meter, `of: [+main, +pv, -export]`, under savings: meters counts both",
                f"`{meter.id}` 似为光伏发电表：自发自用的电不经过总表，看似节能而并非节能；请以计算表（`of: [+总表, +光伏, -上网]`）列入 savings: meters",
            )  # fmt: skip


def _mean(of: Dated, on: Days) -> float | None:
    """Over the days of which it is told, if it is told of most of them."""
    known = [value for n in on.number if (value := of.at(date.fromordinal(int(n)))) is not None]
    return fmean(known) if known and 2 * len(known) >= len(on) else None


def split(before: Days, reporting: Days, shared: dict[date, int]) -> Iterator[Phrase]:
    """Days that have no reading of their own: `shared` are those within a longer reading, with the days that it spans."""
    for of, en, zh in ((before, "baseline", "基准期"), (reporting, "reporting period", "核算期")):
        spans = [shared[day] for n in of.number if (day := date.fromordinal(int(n))) in shared]
        if len(spans) >= SPLIT * len(of):
            yield Phrase(
                f"{len(spans)} days of the {en} have no reading of their own, they are equal shares of up to {max(spans)} days",
                f"{zh}有 {len(spans)} 天没有当日读数，由最长 {max(spans)} 天的读数平均分摊",
            )  # fmt: skip


def outdoors(air: Joined, share: float, before: Days, reporting: Days) -> Iterator[Phrase]:
    """That the outdoor air comes from two thermometers, and what comes of it if one of them reads higher: `share` a kelvin, by `apart`."""
    if air.implausible:
        yield Phrase(
            f"{len(air.implausible)} days of the outdoor sensor were no weather ({min(air.implausible)}) and are left out",
            f"室外温度传感器有 {len(air.implausible)} 天读数不合理（{min(air.implausible)}），已剔除",
        )  # fmt: skip
    count = int(_moved(air, reporting).sum() + _moved(air, before).sum())
    if not count:
        return
    one, other = Phrase("the sensor's", "传感器"), Phrase("the file's", "气象文件")
    if air.sensor:
        one, other = other, one
    if air.shift is not None:
        yield Phrase(
            f"the outdoor air of {count} days is {one.en}, moved by {air.shift:+.1f} K to that of {other.en} baseline ({air.both} days have both)",
            f"{count} 天的室外气温取自{one.zh}，已按基准期所用的{other.zh}修正 {air.shift:+.1f} K（{air.both} 天两者都有）",
        )  # fmt: skip
        return
    yield Phrase(
        f"the outdoor air of {count} days is {one.en}, that of the others {other.en}, and {air.both} days have both ({COMMON} are needed to compare "
        f"them): each K by which they differ is {percent(share)} that nobody saved, and the interval has ± {percent(APART * share)} for it",
        f"{count} 天的室外气温取自{one.zh}，其余取自{other.zh}，仅 {air.both} 天两者都有（至少需要 {COMMON} 天才能比对）：两者每相差 1 K，节能量即偏差 {percent(share)}，"
        f"区间已计入 ± {percent(APART * share)}",
    )  # fmt: skip


def apart(air: Joined, model: Model, reporting: Days) -> float:
    """What of the reporting days' baseline 1 K between two thermometers makes, as a share; 0 where they can be compared, or one knows all days."""
    if air.shift is not None or not air.other:
        return 0.0
    moved = _moved(air, reporting)
    warmer = Days(reporting.number, reporting.temperature + moved, reporting.energy, reporting.working)
    was = uncertainty.expected(model, reporting)
    return abs(uncertainty.expected(model, warmer) - was) / was


def allowed(of: Saving, share: float) -> Saving:
    """A saving whose interval, a typical year's too, leaves room for two thermometers of which 1 K is that share."""
    low, high = _wider(of.saved, of.low, of.high, APART * share * of.baseline)
    year = of.normal
    if year is not None:
        ends = _wider(year.saved, year.low, year.high, APART * share * year.baseline)
        year = year._replace(low=ends[0], high=ends[1])
    return of._replace(low=low, high=high, normal=year)


def _wider(at: float, low: float, high: float, by: float) -> tuple[float, float]:
    return at - math.hypot(at - low, by), at + math.hypot(high - at, by)


def _moved(air: Joined, on: Days) -> Flags:
    return np.array([date.fromordinal(int(n)) in air.other for n in on.number], bool)
