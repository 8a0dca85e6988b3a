"""What stands beside each point of a points list while the daemon runs: its value, how old it is, who holds it."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

from config.phrase import Phrase
from config.points import Point
from schedules.time import Instant
from supervisor.core.wording import command

if TYPE_CHECKING:
    from supervisor.daemon.running import Running

AT_ONCE = 1000
"""Points of one answer: it stays far below the longest that the control socket takes."""


def live_points(running: Running, now: Instant, begin: int) -> dict[str, Any]:
    """Points from the `begin`th on, by id: value in its role's unit, age in s of site time, and the holder of the present value."""
    points = islice(running.site.points.values(), max(begin, 0), max(begin, 0) + AT_ONCE)
    return {"points": {point.id: _beside(running, point, now) for point in points}}


def _beside(running: Running, point: Point, now: Instant) -> dict[str, str]:
    reading = running.decider.known.reading(point.id)
    age = now - reading.time
    holder = _holder(running, point)
    return {
        "value": "" if reading.value is None else _number(reading.value, point),
        "age": f"{age:.0f} s" if math.isfinite(age) else "",
        "holder": holder.en,
        "holder_zh": holder.zh,
    }


def _number(value: object, point: Point) -> str:
    if isinstance(value, bool | str):
        return command(value, point.role) if isinstance(value, bool) else str(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _holder(running: Running, point: Point) -> Phrase:
    """Our rule, another master with its slot, or nobody."""
    gateway = running.gateway
    if point.id not in gateway.points:
        return Phrase("", "")
    view = gateway.slot_view(point.id)
    if view.override is not None:
        slot = view.override.priority
        return Phrase(f"another master, slot {slot}", f"他人占用，{slot} 级")
    if view.ours is None:
        return Phrase("", "")
    owner = point.zone if point.zone is not None else point.equipment
    evaluation = running.decider.evaluations.get(owner or "")
    outcome = evaluation.outcomes.get(point.id) if evaluation is not None else None
    rule = str(outcome.decision.rule) if outcome is not None else "we"
    return Phrase(rule, rule if outcome is not None else "本系统")
