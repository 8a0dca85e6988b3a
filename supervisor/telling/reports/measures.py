"""整改措施: what follows from what drove it, with room for who does it, until when, and what else is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.phrase import Lang, Phrase
from config.rules import RuleId
from supervisor.core.daily import Kind
from supervisor.core.rules import BY_ID
from supervisor.telling.reports.document import Block, Cell, Table
from supervisor.telling.reports.facts import Facts
from supervisor.telling.reports.zone_sums import ZoneSums

_TO_DO: Final[dict[RuleId, Phrase]] = {
    RuleId.SUMMER_SETPOINT: Phrase("Hold cooling setpoints at 26 °C or above; tell the rooms named above", "将制冷设定温度保持在 26 °C 及以上，告知上列区域使用人"),
    RuleId.WINTER_SETPOINT: Phrase("Hold heating setpoints at 20 °C or below; tell the rooms named above", "将供暖设定温度保持在 20 °C 及以下，告知上列区域使用人"),
    RuleId.WINDOW_OFF: Phrase("Close windows before air conditioning is asked for; look for windows that stay open", "开空调先关窗，排查长期开启的窗户"),
    RuleId.PRE_CLOSE_OFF: Phrase("Find why units ran after close-off: overtime, local switches, fallback of the controller", "查明关闭时刻后仍运行的原因：加班、就地开关或控制器默认值"),
    RuleId.VACANCY_OFF: Phrase("See that presence sensors and local switches let empty rooms go off", "检查人员传感器与就地开关，确保无人时关闭"),
    RuleId.LIGHTS_CLOSE: Phrase("Have the lights of the zones named above put out at close", "下班后关闭上列区域照明"),
    RuleId.CORRIDOR_DELAY: Phrase("Check delay switches and presence sensors of corridors", "检查走廊延时开关与人员传感器"),
    RuleId.MILD_SEASON_OFF: Phrase("Keep air conditioning off in spring and autumn while the weather is normal", "春秋季正常天气不开空调"),
    RuleId.PLUG_CLOSE: Phrase("Have sockets on the list switched off after close", "下班后切断清单内插座"),
}  # fmt: skip


SHOWN: Final = 0.0005
"""A share that is printed as more than 0.0 %."""


def nowhere(facts: Facts, meter: str) -> bool:
    """Whether what a meter counted while it was not read is booked nowhere."""
    return facts.lacking.get(meter, 0.0) >= SHOWN


def gap(facts: Facts, meter: str) -> bool:
    """Whether a meter lacks readings enough to be named: too many, or any whose energy is booked nowhere."""
    return facts.whole.figures[meter].marked or nowhere(facts, meter)


def measures(facts: Facts, zones: ZoneSums, lang: Lang) -> Iterator[Block]:
    """What follows from the above, with room for who does it and until when, and for what else is to be done."""
    said = [
        _TO_DO[rule] for rule in sorted(BY_ID, key=lambda r: -zones.total(Kind.VIOLATION, r))
        if rule in _TO_DO and zones.total(Kind.VIOLATION, rule) > 0
    ]  # fmt: skip
    if any(kind == Kind.OVERRIDE for kind, _ in zones.values):
        said.append(
            Phrase(
                "Have the overrides of section 4 released, or approved with an end",
                "解除第四部分所列占用，确需保留的办理批准并注明期限",
            )
        )
    if any(gap(facts, id_) for id_ in facts.whole.figures) or facts.whole.findings:
        said.append(Phrase("Mend the meters of section 5", "修复第五部分所列表计"))
    if any(e.until < facts.dates[1] for e in facts.site.exemptions):
        said.append(Phrase("Renew or end the exemptions that lapsed", "对已失效的豁免办理续批或终止"))
    rows = [(Cell(p.told(lang)), Cell(""), Cell(""), Cell("")) for p in said]
    rows += [(Cell(""), Cell(""), Cell(""), Cell(""))] * max(2, 5 - len(rows))
    heads = (
        Phrase("measure", "措施"),
        Phrase("who", "责任人"),
        Phrase("until", "完成期限"),
        Phrase("outcome", "完成情况"),
    )
    yield Table(tuple(h.told(lang) for h in heads), tuple(rows), broad=True)
