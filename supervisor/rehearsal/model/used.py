"""How a rehearsal uses a calibration: the buildings that its runs are given, what it says first, and its intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from config.phrase import LANGS, Lang, Phrase, filled
from config.subitems import SUBITEMS
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.table import WIDTH

Z90: Final = 1.6449
"""Two-sided 90 % quantile of the normal distribution."""
MISSED: Final = 0.09
"""Standard deviation of what the model itself misses of a saving, as a share of it, beside what a calibration's parameters leave open:
sized over the fourteen buildings that had no say in anything before (those by which faults were found say 0.04); docs/validation.md has them."""
UNCALIBRATED: Final = Phrase(
    "not calibrated: the figures may be far off. On an office that it had never seen, a rehearsal from the site file alone"
    " said that 2.5 to 14 %, 2.2 to 9.8 % and 3.3 to 32 % of all energy would be saved on three days, where the truth was"
    " 38.5, 34.7 and 37.5 %. Run: building-supervisor calibrate SITE.yaml",
    "未校准，结果可能偏差很大：在一座从未见过的办公楼上，仅凭站点文件的演练在三天里预测总能耗节约 2.5–14 %、2.2–9.8 % 和"
    " 3.3–32 %，实际为 38.5 %、34.7 % 和 37.5 %。请运行：building-supervisor calibrate SITE.yaml",
)


def first_line(of: Calibration | None) -> Phrase:
    """What a rehearsal says before any figure: how far it may be off."""
    if of is None:
        return UNCALIBRATED
    seen = of.ahead
    off = Phrase(
        "; ".join(f"{SUBITEMS[name].name.en} {share:+.1%}" for name, share in seen.meters.items()),
        "；".join(f"{SUBITEMS[name].name.zh} {share:+.1%}" for name, share in seen.meters.items()),
    )
    days = f"{of.first} … {of.last}"
    return Phrase(
        f"calibrated on {days}: on {seen.days} days not seen, rooms ± {seen.week:.1f} K"
        + (f"; {off.en}" if off.en else "")
        + (f"; {len(of.doubts)} doubts about its record, which calibrate listed" if of.doubts else "")
        + f"; the intervals allow ± {Z90 * MISSED:.0%} of what is saved for what the model itself misses",
        f"已按 {days} 的记录校准：在未参与校准的 {seen.days} 天上，室温 ± {seen.week:.1f} K"
        + (f"；{off.zh}" if off.zh else "")
        + (f"；记录有 {len(of.doubts)} 处存疑（见 calibrate 输出）" if of.doubts else "")
        + f"；区间另计入模型自身的偏差（节能量的 ± {Z90 * MISSED:.0%}）",
    )


class Figures(NamedTuple):
    """What one run comes to, kWh."""

    hvac: float
    whole: float
    """Electricity and gas."""


class Interval(NamedTuple):
    """A figure of the most probable building with its 90 % interval."""

    name: str
    said: Phrase
    unit: str
    value: float
    low: float
    high: float

    def line(self, lang: Lang) -> str:
        """For a terminal."""
        places = 1 if self.unit == "%" else 0
        low, value, high = (f"{x:,.{places}f}" for x in (self.low, self.value, self.high))
        figures = f"{value} {self.unit} (90 %: {low} … {high})"
        return Phrase(f"{self.said.en}: {figures}", f"{self.said.zh}：{figures}").told(lang)

    def as_json(self) -> dict[str, Any]:
        """As `simulate --format json` prints it."""
        return {"unit": self.unit, **{k: round(getattr(self, k), 3) for k in ("value", "low", "high")}}


class Told(NamedTuple):
    """What a rehearsal says besides its table."""

    first: Phrase
    calibrated: bool
    intervals: Sequence[Interval]

    def lines(self, lang: Lang) -> list[str]:
        """For a terminal, above the table."""
        return [filled(self.first.told(lang), WIDTH, hang=2), *(f"  {i.line(lang)}" for i in self.intervals)]

    @property
    def heads(self) -> tuple[str, ...]:
        """For a page: each language a line, then the intervals."""
        return (*self.first, *(each.line(lang) for each in self.intervals for lang in LANGS))

    def as_json(self) -> dict[str, Any]:
        """As `simulate --format json` prints it."""
        return {
            "calibrated": self.calibrated,
            "how_far_off": self.first._asdict(),
            "intervals": {each.name: each.as_json() for each in self.intervals},
        }


def intervals(groups: Sequence[Sequence[Figures]], of: Calibration) -> list[Interval]:
    """Of the most probable building's runs (first group) and of the drawn ones' (the others).

    What parameters leave open is widened by what no draw knows of, a wrong equation: by how much the fit was off on a week that it had not
    seen, and what is saved by `MISSED`. A level that is wrong for both sides of a comparison is wrong for what is used, not for the share saved of it; of all energy
    it is wrong for that, too, as far as the rest (lamps, machines) does not go with it.
    """
    errors = [abs(share) for name, share in of.ahead.meters.items() if name in ("hvac", "total", "gas")]
    off, missed = max(errors, default=UNKNOWN), Z90 * MISSED
    found = []
    for part, what in (("hvac", Phrase("HVAC", "暖通空调")), ("whole", Phrase("all energy", "总能耗"))):
        for side, name in enumerate(("this", "other")[: len(groups[0])]):
            values = [getattr(group[side], part) for group in groups]
            said = what if side == 0 else Phrase(f"{what.en}, compared with", f"对照{what.zh}")
            found.append(_interval(f"{part}_{name}", said, "kWh", values, off * values[0]))
        if len(groups[0]) > 1:
            kwh = [getattr(g[1], part) - getattr(g[0], part) for g in groups]
            said = Phrase(f"{what.en} saved", f"{what.zh}节约")
            found.append(_interval(f"{part}_saved", said, "kWh", kwh, math.hypot(off, missed) * abs(kwh[0])))
            shares = [
                100.0 * (1.0 - getattr(g[0], part) / getattr(g[1], part)) if getattr(g[1], part) else math.nan
                for g in groups
            ]
            wrong = math.hypot(missed, off * _rest(groups[0][1], part))
            found.append(_interval(f"{part}_saved_share", said, "%", shares, wrong * abs(shares[0])))
    return found


def _rest(of: Figures, part: str) -> float:
    """Share of a part that is no heating, cooling or ventilation."""
    amount = float(getattr(of, part))
    return 1.0 - of.hvac / amount if amount > 0 else 0.0


UNKNOWN: Final = 0.3
"""Share by which energy may be off where no meter could be tried: of the order of a unit's efficiency that nobody knows."""


def _interval(name: str, said: Phrase, unit: str, values: Sequence[float], wrong: float) -> Interval:
    spread = float(np.std(values[1:], ddof=1)) if len(values) > 2 else 0.0
    half = math.hypot(Z90 * spread, wrong)
    return Interval(name, said, unit, values[0], values[0] - half, values[0] + half)
