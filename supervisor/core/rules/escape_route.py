"""`escape-route`: lights of an escape route are watched and never written."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, Rule, Verdict
from supervisor.core.views import Facts, ZoneView


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """No demand, ever. Compliant while every escape-route circuit is lit."""
    states = [e.on for e in view.equipment if e.equipment.escape_route]
    if False in states:
        return Verdict(compliance=Compliance.NO)
    return Verdict(compliance=Compliance.UNMEASURABLE if None in states else Compliance.YES)


ESCAPE_ROUTE = Rule(
    id=RuleId.ESCAPE_ROUTE,
    title=Phrase("Escape routes stay lit", "消防通道照明"),
    text=Phrase(
        (
            "A circuit marked escape_route: true is on no allow-list: no rule can name it and the gateway has no "
            "way to write it. Every circuit of a corridor, stair or lobby must say true or false. Whether it is "
            "lit is measured. A fan that also serves smoke control is never written either."
        ),
        (
            "标记 escape_route: true 的回路不在任何可写清单中：任何规则都不能指定它，网关也无法写入。"
            "走廊、楼梯、门厅的每个回路必须注明是或否。仅监测其是否点亮。消防兼用风机同样永不写入。"
        ),
    ),
    cites=(
        Citation(ACTION_PLAN, "（四）除消防通道外，安装延时开关"),
        Citation(ACTION_PLAN, "never written", site_choice=True, ours=Phrase("never written", "永不写入")),
    ),
    reads=(Role.START_STOP, Role.RUN_STATUS),
    writes=(),
    applies=lambda zone: any(e.escape_route for e in zone.equipment),
    evaluate=evaluate,
    example=(("23:00", "everybody has gone home", "the escape stairs are lit; nothing was written to them"),),
)
