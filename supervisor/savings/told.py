"""A saving in one sentence: how much, how sure, and what is to be known of it."""

from __future__ import annotations

from typing import Final

from config.phrase import Phrase
from supervisor.savings.baseline import Saving

KWH: Final = 3.6e6
"""J."""
SEEN: Final = 0.05
"""Share of days with weather that the baseline never saw, from which on that is told."""


def told(saving: Saving) -> Phrase:
    """The sentence of a saving in joules. Nothing is claimed where the 90 % interval leaves zero in."""
    s = saving
    figures = (
        f"{s.saved / KWH:.0f} kWh ({s.saved / s.baseline:.1%}; 90 %: {s.low / KWH:.0f} … {s.high / KWH:.0f})"
    )
    en, zh = [f"{s.days} days"], [f"{s.days} 天"]
    if s.claimed:
        en.insert(0, f"saved against the baseline: {figures}")
        zh.insert(0, f"较基准期节能 {figures}")
    else:
        least = f"{s.detectable / KWH:.0f} kWh"
        en.insert(0, f"no saving can be claimed: {figures}, and under {least} these data show none")
        zh.insert(0, f"尚不能认定节能：{figures}，低于 {least} 的节能量无法识别")
    en.append(f"by Guideline 14's formula ± {s.formula / KWH:.0f} kWh, CV(RMSE) {s.fitness.cv:.1%}")
    zh.append(f"按 Guideline 14 公式 ± {s.formula / KWH:.0f} kWh，CV(RMSE) {s.fitness.cv:.1%}")
    if not s.model.weather:
        en.append("no dependence on the weather was found")
        zh.append("未发现能耗与气温有关")
    if not s.drift.known:
        en.append(f"drift not separable: ± {s.drift.share:.1%}")
        zh.append(f"逐年漂移无法分离：± {s.drift.share:.1%}")
    if s.beyond >= SEEN:
        en.append(f"{s.beyond:.0%} of the days had weather that the baseline never saw")
        zh.append(f"{s.beyond:.0%} 的日期气温超出基准期范围")
    return Phrase("; ".join(en), "；".join(zh))
