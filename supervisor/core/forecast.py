"""What will change by the clock alone: the rules asked again at each of their own wake-ups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from schedules.time import Instant
from supervisor.core.decisions import Outcome
from supervisor.core.engine import NO_LEASE, Evaluation, ZonePlan, evaluate, plan_zone
from supervisor.core.rule import Memory
from supervisor.core.views import Facts, ZoneView

MAX_STEPS = 2000
"""Wake-ups after which a forecast gives up: a year of a zone takes fewer."""


class Forecast(NamedTuple):
    """From `at` on, `point` has this outcome, if nothing but the time changes."""

    at: Instant
    point: str
    outcome: Outcome


def forecast(
    view_at: Callable[[Instant], ZoneView],
    facts_at: Callable[[Instant], Facts],
    memory: Memory,
    start: Instant,
    until: Instant,
    plan: ZonePlan | None = None,
) -> Iterator[Forecast]:
    """Every change of a point's command from `start` (all points are told then) to before `until`."""
    at = start
    last: dict[str, tuple[object, object]] = {}
    for _ in range(MAX_STEPS):
        view = view_at(at)
        plan = plan if plan is not None else plan_zone(view.zone)
        answer: Evaluation = evaluate(view, facts_at(at), memory, at, plan=plan, lease=NO_LEASE)
        memory = answer.memory
        for point, outcome in answer.outcomes.items():
            told = (outcome.decision.value, outcome.decision.rule)
            if last.get(point) != told:
                last[point] = told
                yield Forecast(at, point, outcome)
        if not at < answer.wake_at < until:
            return
        at = answer.wake_at
