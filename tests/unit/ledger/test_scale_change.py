"""Current transformers are exchanged, or a multiplier is set in a live meter: its figures rise on, forty times as fast."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from supervisor.ledger.causes import Cause
from supervisor.ledger.patterns import Hours, of_one
from supervisor.ledger.periods import period

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = period("2026-03-02", SHANGHAI).start


def found(factor: float, *, at_night: bool = True) -> list[Cause]:
    """What four weeks of an office show, of which the last count `factor` times; not so at night."""
    amounts = []
    for n in range(28 * 24):
        busy = 8 <= n % 24 < 18 and n // 24 % 7 < 5
        amount = 30.0 + n % 5 if busy else 6.0 + n % 3
        amounts.append(amount * (factor if n >= 15 * 24 and (busy or at_night) else 1.0))
    return [f.cause for f in of_one("electricity", Hours(START, amounts), SHANGHAI)]


@pytest.mark.parametrize(
    ("factor", "causes"), [(40.0, [Cause.SCALE]), (1 / 40, [Cause.SCALE]), (1.0, []), (2.5, [])]
)
def test_another_multiplier_shows(factor: float, causes: list[Cause]) -> None:
    """By day and by night forty times as much, or a fortieth: it is asked about. Two and a half times a building may use by itself."""
    assert found(factor) == causes


@pytest.mark.parametrize(("before", "after"), [(20.0, 0.0), (20.0, 0.05), (0.05, 20.0)])
def test_a_load_that_is_switched_off_or_on_is_no_multiplier(before: float, after: float) -> None:
    """Heating pumps stop in March, all day and night; a chiller's standby ends in June."""
    amounts = [before if n < 15 * 24 else after for n in range(28 * 24)]
    assert of_one("electricity", Hours(START, amounts), SHANGHAI) == []


def test_a_machine_that_is_switched_on_is_no_multiplier() -> None:
    """Eight times as much by day and nothing more at night."""
    assert found(8.0, at_night=False) == []
