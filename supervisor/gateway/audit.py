"""Outcomes as rows of the audit and of the journal."""

from __future__ import annotations

from typing import Any, Protocol

from schedules.time import Instant
from supervisor.core.decisions import Command, Loser, Outcome, Special
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Context
from supervisor.store.rows import IntentRow, SlotRow


def plain(command: Command) -> float | bool | str | None:
    """A command as JSON keeps it: None relinquishes."""
    return None if isinstance(command, Special) else command


class MakeIntent(Protocol):
    """Puts an outcome about to be written into a row of the audit."""

    def __call__(
        self,
        context: Context,
        c: Commandable,
        outcome: Outcome,
        wire: float | int | None,
        *,
        dry_run: bool = False,
    ) -> IntentRow:
        """The row."""


def intent_row(
    context: Context, c: Commandable, outcome: Outcome, wire: float | int | None, *, dry_run: bool = False
) -> IntentRow:
    """The audit row of a write about to happen, with the reason put into words."""
    decision = outcome.decision
    return IntentRow(
        ts=context.clock.now(),
        wall=context.stamp(),
        point=c.name,
        command=plain(decision.value),
        wire=wire,
        priority=c.key.priority or None,
        rule=str(decision.rule),
        citation=str(decision.citation),
        reason_en=str(decision.reason),
        reason_zh=decision.reason.in_chinese(),
        inputs=[i._asdict() | {"quality": i.quality.name.lower()} for i in decision.inputs],
        losers=[_loser(loser) for loser in outcome.losers],
        expires=decision.expires,
        config_hash=context.site.config_hash,
        dry_run=dry_run,
    )


def bare_row(
    context: Context, c: Commandable, outcome: Outcome, wire: float | int | None, *, dry_run: bool = False
) -> IntentRow:
    """The same for a journal that keeps no audit: nobody will read why, so nothing is put into words."""
    decision = outcome.decision
    return IntentRow(
        context.clock.now(), context.stamp(), c.name, plain(decision.value), wire, c.key.priority or None,
        decision.rule, "", "", "", [], [], decision.expires, context.site.config_hash, dry_run,
    )  # fmt: skip


def _loser(loser: Loser) -> dict[str, Any]:
    return {
        "rule": str(loser.rule),
        "value": plain(loser.value),
        "reason_en": str(loser.reason),
        "reason_zh": loser.reason.in_chinese(),
        "lost_to": str(loser.lost_to),
    }


def journal_row(
    c: Commandable, wire: float | int, rule: str, at: Instant, prior: float | int | None = None
) -> SlotRow:
    """The journal row of a slot that holds, or will hold, `wire`."""
    kept = c.owned.prior_value if c.owned is not None else prior
    return SlotRow(c.key, c.name, wire, at, rule, kept)
