"""What rules that regard no sensor last said of a zone, for as long as they would say the same again."""

from __future__ import annotations

from operator import is_
from typing import NamedTuple

from schedules.time import Instant
from schedules.types import Spans
from supervisor.core.now import Now
from supervisor.core.rule import Memory, Verdict
from supervisor.core.views import EquipmentView, Facts, ZoneView


class _Seen(NamedTuple):
    """All that such a rule sees, but the time."""

    equipment: tuple[EquipmentView, ...]
    spans: Spans
    facts: Facts
    memory: Memory


class _Kept(NamedTuple):
    """A verdict, and between which instants it stands."""

    verdict: Verdict
    since: Instant
    until: Instant


_new = tuple.__new__


class Verdicts:
    """Of one zone. Rules are pure and compare time only through `Now.reached`, so this is proven by identity alone."""

    __slots__ = ("_kept", "_seen")

    def __init__(self) -> None:
        self._seen: _Seen | None = None
        self._kept: dict[int, _Kept] = {}

    def look(self, view: ZoneView, facts: Facts, memory: Memory) -> None:
        """The zone is asked: where anything that such a rule sees is not the very same as before, all is to be said anew."""
        seen, own = self._seen, view.equipment
        if (
            seen is not None
            and seen.facts is facts
            and seen.memory is memory
            and seen.spans is view.spans
            and (
                seen.equipment is own
                or (len(seen.equipment) == len(own) and all(map(is_, seen.equipment, own)))
            )
        ):
            return
        self._seen = _new(_Seen, (own, view.spans, facts, memory))
        if self._kept:
            self._kept = {}

    def of(self, number: int, now: Now) -> Verdict | None:
        """What a rule said, `number` among those of the zone; None where it could say something else by now."""
        kept = self._kept.get(number)
        if kept is None:
            return None
        verdict, since, until = kept
        if not since <= now.at < until:
            return None
        now.reached(until)
        return verdict

    def keep(self, number: int, verdict: Verdict, asked: Now) -> None:
        """A rule says this; `asked` knows of what moments it alone has asked."""
        if verdict.remember or verdict.notices:
            # What changes the memory, or tells of a moment that was not asked for, is said once.
            self._kept.pop(number, None)
        else:
            self._kept[number] = _new(_Kept, (verdict, asked.at, asked.wake_at))
