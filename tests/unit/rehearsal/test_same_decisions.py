"""Skipping what cannot matter changes nothing: the same writes at the same minutes as asking every minute."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from schedules.weather.series import Series, Weather
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.run import Rehearsal
from supervisor.store.memory import MemoryJournal
from tests.unit.rehearsal import small


class Colder(SyntheticShanghai):
    """The synthetic year, twenty kelvin colder."""

    def series(self, times: NDArray[np.float64]) -> Series:
        """The weather at `times`."""
        found = super().series(times)
        return found._replace(dry_bulb=found.dry_bulb - 20.0)


def lived(
    first: str, days: int, *, every_minute: bool, weather: Weather | None = None
) -> tuple[list[tuple[float, str, object, str]], list[float], float]:
    """Every write with its minute, rule and value, the electricity of each hour, seconds of exceptions."""
    journal = MemoryJournal()
    rehearsal = Rehearsal(
        small.scenario(first, days, weather=weather),
        every_minute=every_minute,
        journal=journal,
        warm_up=21_600.0,
    )
    account = rehearsal.run()
    assert {i.priority for i in journal.intents.values()} <= {10, None}
    assert not any(i.point.startswith("stair/") for i in journal.intents.values()), "an escape route"
    writes: list[tuple[float, str, object, str]] = [
        (i.ts, i.point, i.command, i.rule) for i in journal.intents.values()
    ]
    assert all(journal.results[key].result == "ok" for key in journal.intents)
    return writes, account.uses.sum(axis=1).tolist(), account.exception_seconds


@pytest.mark.parametrize("first", ["2026-01-14", "2026-04-20", "2026-07-09"])
def test_decisions_are_those_of_a_building_that_reports_every_minute(first: str) -> None:
    """Winter, spring, summer: asked at events only, or all zones each minute, it does the same."""
    found = lived(first, 1, every_minute=False)
    assert found == lived(first, 1, every_minute=True)
    if first.startswith("2026-04"):
        assert found[2] > 0.0, "no room crossed a limit that day: it proves nothing of limits"


def test_frost_is_met_at_the_same_minute_too() -> None:
    """A weekend at twenty below: rooms freeze, are heated and let go, and nobody is in to notice."""
    found = lived("2026-01-17", 1, every_minute=False, weather=Colder(1))
    assert any(rule == "freeze-protect" for *_, rule in found[0])
    assert found == lived("2026-01-17", 1, every_minute=True, weather=Colder(1))
