"""Numbers of the rules far from what anybody chooses: taken as they are written, and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from config.checks.context import Context
from config.codes import Coded
from config.likely import short
from config.phrase import Phrase
from config.problems import Path
from config.rules import RuleSettings, Usual, usual_numbers

_ASKED: Final = Phrase(
    "is this meant? it is taken as it is written; to switch a rule off write an exemption, which has an approver and an end",
    "是否有意如此？将按所写执行；停用规则请写豁免（须有批准人和截止日）",
)


def check_usual(ctx: Context) -> None:
    """A dot that was forgotten, or a rule that waits so long that it is switched off: warnings alone, as a daemon that is
    started anew after an upgrade reads files that were sound before."""
    places: list[tuple[Path, RuleSettings]] = [(("rules",), ctx.site.rules)]
    places += [
        (("zones", id_, "rules"), zone.rules)
        for id_, zone in ctx.site.zones.items()
        if zone.rules is not ctx.site.rules
    ]
    for rule, key, lasts, usual in usual_numbers():
        told: Callable[[float], str] = short if lasts else "{:g}".format
        for path, rules in places:
            value = getattr(getattr(rules, rule.replace("-", "_")), key)
            if (end := _beyond(value, usual, told)) and ctx.written(*path, rule, key):
                said = Coded(
                    "out-of-range",
                    f"{key} is {told(value)}; usual is {end.en}",
                    f"{key} 为 {told(value)}，通常{end.zh}",
                )
                ctx.warn((*path, rule, key), said, _ASKED)


def _beyond(value: float, usual: Usual, told: Callable[[float], str]) -> Phrase | None:
    """The end that a value is beyond."""
    if usual.low is not None and value < usual.low:
        return Phrase(f"at least {told(usual.low)}", f"不小于 {told(usual.low)}")
    if usual.high is not None and value > usual.high:
        return Phrase(f"at most {told(usual.high)}", f"不大于 {told(usual.high)}")
    return None
