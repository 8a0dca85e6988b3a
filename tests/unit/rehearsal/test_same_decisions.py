"""Skipping what cannot matter changes nothing: the same writes at the same minutes as asking every minute."""

from __future__ import annotations

import pytest

from supervisor.core.rules import freeze_protect
from supervisor.rehearsal.run import Rehearsal
from supervisor.rehearsal.sensors import FROST_BAND
from supervisor.store.memory import MemoryJournal
from tests.unit.rehearsal import small


def lived(first: str, days: int, *, every_minute: bool) -> tuple[list[tuple[object, ...]], list[float]]:
    """Every write with its minute, rule and value, and the electricity of each hour."""
    journal = MemoryJournal()
    rehearsal = Rehearsal(
        small.scenario(first, days), every_minute=every_minute, journal=journal, warm_up=21_600.0
    )
    account = rehearsal.run()
    writes = [(i.ts, i.point, i.command, i.rule) for i in journal.intents.values()]
    assert all(journal.results[key].result == "ok" for key in journal.intents)
    return writes, account.uses.sum(axis=1).tolist()


@pytest.mark.parametrize("first", ["2026-01-14", "2026-04-20", "2026-07-09"])
def test_decisions_are_those_of_a_building_that_reports_every_minute(first: str) -> None:
    """Winter, spring, summer: asked at events only, or all zones each minute, it does the same."""
    assert lived(first, 1, every_minute=False) == lived(first, 1, every_minute=True)


def test_the_frost_margin_is_the_rules_own() -> None:
    """The limit at which a reading is reported is the one at which the rule lets go."""
    assert freeze_protect._BAND == FROST_BAND
