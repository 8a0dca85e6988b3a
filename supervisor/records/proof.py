"""Enforcements that really happened: a read-back proves the command, a run status proves the deed."""

from __future__ import annotations

from collections.abc import Iterator

from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.decisions import Special
from supervisor.core.known import Known
from supervisor.gateway import events as gw

PROOF_WITHIN = 300.0
"""s of site time in which a run status must follow a command for it to count as enforced; a site choice."""


class Proof:
    """Commands that were read back, until it is known whether the equipment followed."""

    def __init__(self) -> None:
        self._waiting: dict[str, gw.Enforced] = {}

    def add(self, event: gw.Enforced) -> None:
        """A command stands in its slot. A hand-back is no enforcement."""
        if not isinstance(event.command, Special):
            self._waiting[event.point] = event

    def settled(self, known: Known, now: Instant) -> Iterator[tuple[str, RuleId]]:
        """(zone, rule) of each enforcement that has been proven since the last time: one for each zone served."""
        for point, event in list(self._waiting.items()):
            proven = _proven(event, known, now)
            if proven is None:
                continue
            del self._waiting[point]
            if proven:
                mapped = known.site.points[point]
                shared = known.site.shared.get(mapped.equipment or "")
                zones = shared.zones if shared is not None else (mapped.place,)
                yield from ((zone, RuleId(event.rule)) for zone in zones)


def _proven(event: gw.Enforced, known: Known, now: Instant) -> bool | None:
    """Whether what was read back really happened; None: not yet.

    A unit in hand, one whose mapped run status does not follow in time, and a point that is gone are no
    enforcement.
    """
    view = known.unit(event.point) if event.point in known.site.points else None
    if view is None or view.in_hand:
        return False
    if view.start_stop is None or view.start_stop.point.id != event.point or view.run_status is None:
        return True
    if view.run_status.good and view.run_status.value == event.command:
        return True
    return None if now - event.at < PROOF_WITHIN else False
