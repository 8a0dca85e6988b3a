"""The short version of `make trial`: buildings side by side on the plant, each day under the arm that its own coins say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.savings.trial import LAG, _gaps, _lagging
from tests.savings.trial_plant import lived


@pytest.mark.thorough
def test_each_building_lives_its_own_arms_and_no_neighbours() -> None:
    """Eleven buildings (so that no order of names is taken for one of numbers): those of the policy use less, day by day, and never the others."""
    first, n = dt.date(2025, 7, 7), 11
    arms = [b in (1, 10) for b in range(n)]
    mixed = lived(first, 2, 1, lambda b, day: arms[b], (1.0,) * n)
    today = lived(first, 2, 1, lambda _b, _day: False, (1.0,) * n)
    assert mixed.energy.shape == (n, 2)
    ratio = mixed.energy.sum(axis=1) / today.energy.sum(axis=1)
    assert np.all((ratio < 0.9) == np.array(arms))
    assert np.allclose(mixed.outdoor, today.outdoor)


def test_a_planted_lag_of_a_day_is_what_it_says() -> None:
    """After a change of arms 63 % of the old one is still in the day's mean, and 37 % of that a day later."""
    today, policy = np.full(4, 100.0), np.full(4, 80.0)
    found = _lagging(today, policy, (True, True, True, False))
    assert found[0] == pytest.approx(100 - 20 * (1 - LAG))
    assert found[1] == pytest.approx(100 - 20 * (1 - LAG * np.exp(-1)))
    assert found[3] == pytest.approx(100 - 20 * LAG * (1 - np.exp(-3)))


def test_meters_have_gaps() -> None:
    """Some four days in a hundred, in gaps of one to three."""
    share = np.mean([_gaps(seed, 168).mean() for seed in range(100)])
    assert 0.03 < share < 0.05
