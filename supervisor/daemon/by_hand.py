"""Tells how it goes with what a person holds: outranked by a rule, standing again, over. Forgets what is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from config.phrase import Phrase
from config.points import Point
from config.rules import PRECEDENCE, RuleId
from schedules.time import clock
from supervisor.core.decider import Decider
from supervisor.core.rules import BY_ID
from supervisor.core.turn import Turn
from supervisor.core.views import Manual
from supervisor.core.wording import command

Tell: TypeAlias = Callable[[Point, str, Phrase], None]
"""About which point, on whose word, what."""
_AGAIN = Phrase("held by hand again", "恢复手动")


class ByHand:
    """Listens to the turns of one version of the site file."""

    def __init__(self, decider: Decider, tell: Tell) -> None:
        self._decider, self._tell = decider, tell
        self._outranked: dict[str, RuleId] = {}

    def __call__(self, turn: Turn[object]) -> None:
        """A turn was taken."""
        if not turn.decided or not (self._decider.manual or self._outranked):
            return
        held = self._decider.manual
        for id_, manual in held.items():
            point = self._decider.site.points.get(id_)
            if point is None or manual.until <= turn.now:
                self._over(id_, point, manual)
            else:
                self._stands(point, manual)
        self._outranked = {p: r for p, r in self._outranked.items() if p in self._decider.manual}

    def _over(self, id_: str, point: Point | None, manual: Manual) -> None:
        self._decider.manual = {p: m for p, m in self._decider.manual.items() if p != id_}
        if point is not None:
            at = clock(manual.until, self._decider.site.tz)
            self._tell(point, manual.who, Phrase(f"held by hand until {at}: over", f"手动至 {at}：已结束"))

    def _stands(self, point: Point, manual: Manual) -> None:
        """What goes before a person's word is told once, and so is its end. Limits tell for themselves."""
        decision = self._decider.decision(point.id)
        if decision is None:
            return
        rule = decision.rule
        above = PRECEDENCE[rule] < PRECEDENCE[RuleId.MANUAL] and decision.value != manual.value
        before = self._outranked.get(point.id)
        if above and before is not rule:
            self._outranked[point.id] = rule
            title = BY_ID[rule].title
            text = Phrase(
                f"held by hand, but {rule} goes before it: {command(decision.value, point.role)}",
                f"手动中，但{title.zh}优先：{command(decision.value, point.role, zh=True)}",
            )
            self._tell(point, manual.who, text)
        elif not above and before is not None and rule is RuleId.MANUAL:
            del self._outranked[point.id]
            self._tell(point, manual.who, _AGAIN)


def began(point: Point, manual: Manual, until: str) -> Phrase:
    """That a person has begun to hold a value."""
    return Phrase(
        f"held by hand at {command(manual.value, point.role)} until {until}: {manual.why}",
        f"手动为 {command(manual.value, point.role, zh=True)}，至 {until}：{manual.why}",
    )


ENDED = Phrase("no longer held by hand: ended early", "提前结束手动")
RELEASED = Phrase("no longer held by hand: released", "结束手动：已释放")
GONE = Phrase(
    "no longer held by hand: the new site file does not have the point like that",
    "结束手动：新配置中该点已变更",
)
