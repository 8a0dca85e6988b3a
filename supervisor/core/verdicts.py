"""What rules that regard no sensor last said of a zone, for as long as they would say the same again."""

from __future__ import annotations

from operator import is_
from typing import NamedTuple

from schedules.time import Instant
from schedules.types import Spans
from supervisor.core.now import Now
from supervisor.core.rule import Memory, Verdict
from supervisor.core.views import EquipmentView, Facts, ZoneView


class _Kept(NamedTuple):
    """A verdict, all that it rests on, and between which instants it stands."""

    verdict: Verdict
    equipment: tuple[EquipmentView, ...]
    spans: Spans
    facts: Facts
    memory: Memory
    since: Instant
    until: Instant

    def stands(self, view: ZoneView, facts: Facts, memory: Memory, at: Instant) -> bool:
        """Whether the rule would say the same: all that it sees is the very same, and no moment that it waited for has come."""
        return (
            self.since <= at < self.until
            and self.facts is facts
            and self.memory is memory
            and self.spans is view.spans
            and len(self.equipment) == len(view.equipment)
            and all(map(is_, self.equipment, view.equipment))
        )


class Verdicts:
    """Of one zone. Rules are pure and compare time only through `Now.reached`, so this is proven by identity alone."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}

    def of(self, number: int, view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict | None:
        """What a rule said, `number` among those of the zone; None where it could say something else by now."""
        kept = self._kept.get(number)
        if kept is None or not kept.stands(view, facts, memory, now.at):
            return None
        now.reached(kept.until)
        return kept.verdict

    def keep(
        self, number: int, verdict: Verdict, view: ZoneView, facts: Facts, memory: Memory, asked: Now
    ) -> None:
        """A rule says this; `asked` knows of what moments it alone has asked."""
        if verdict.remember or verdict.notices:
            # What changes the memory, or tells of a moment that was not asked for, is said once.
            self._kept.pop(number, None)
        else:
            self._kept[number] = _Kept(
                verdict, view.equipment, view.spans, facts, memory, asked.at, asked.wake_at
            )
