"""Instants to the millisecond: rounded where they are kept, and as bounds what lies on one side of them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from supervisor.store.instants import EVER, bound, grid, millis


@given(st.integers(-(10**12), 4 * 10**12))
def test_a_kept_instant_comes_back_as_it_was(ms: int) -> None:
    """Rounded once it stays, and as a bound it is itself."""
    at = ms / 1000.0
    assert grid(at) == at
    assert millis(at) == bound(at) == ms


@given(st.integers(10**12, 4 * 10**12))
def test_a_little_more_than_an_instant_reaches_over_it(ms: int) -> None:
    """Whoever asks until just after a reading is given it."""
    for more in (ms / 1000.0 + 1e-6, math.nextafter(ms / 1000.0, math.inf)):
        assert bound(more) == ms + 1
    for less in (ms / 1000.0 - 1e-6, math.nextafter(ms / 1000.0, -math.inf)):
        assert bound(less) == ms


def test_ever_is_farther_than_anything() -> None:
    """No bound is a bound too."""
    assert (bound(-math.inf), bound(math.inf)) == (-EVER, EVER)
