"""A meter whose gateway answers 0 while it boots: what Prometheus takes for its consumption."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.counter import Counter, heard


def exported(readings: list[float]) -> list[Counter]:
    """The counter after each reading."""
    counters: list[Counter] = []
    for reading in readings:
        counters.append(heard(counters[-1] if counters else None, reading))
    return counters


def test_a_dip_to_zero_is_held_back_and_the_meter_is_not_healthy_meanwhile() -> None:
    """13,423 kWh, 0 for a while, 13,423 again: nothing was consumed."""
    assert exported([13423.5, 0.0, 0.0, 13423.5, 13424.0]) == [
        Counter(13423.5), Counter(13423.5, plausible=False), Counter(13423.5, plausible=False),
        Counter(13423.5), Counter(13424.0),
    ]  # fmt: skip


@given(st.lists(st.floats(0, 1e12), min_size=1))
def test_what_is_exported_never_falls_and_is_always_something_that_was_read(readings: list[float]) -> None:
    """So `increase()` over it is at most the highest reading less the first."""
    counted = [counter.counted for counter in exported(readings)]
    assert counted == sorted(counted)
    assert set(counted) <= set(readings)
    assert counted[-1] == max(readings)
