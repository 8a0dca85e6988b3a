"""The short version of `make trial`: buildings side by side on the plant, each day under the arm that its own coins say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.savings.trial_days import LAG, lagging, missing
from tests.savings.trial_plant import lived


@pytest.mark.thorough
def test_each_building_lives_its_own_arms_and_no_neighbours() -> None:
    """Eleven buildings (so that no order of names is taken for one of numbers), lived in two ways in one run: those of the policy use less, day by day, and never
    the others, which have the same people to the last digit; from the second day on half of them have others, 8 % more."""
    first, n = dt.date(2025, 7, 7), 11
    arms = [b in (1, 10) for b in range(n)]
    more = tuple(1.08 if b % 2 else 1.0 for b in range(n))
    run = lived(first, 2, 1, [lambda b, _day: arms[b], lambda _b, _day: False], more, 2, dt.date(2025, 7, 8))
    assert run.energy.shape == (2, n, 2, 2)
    mixed, today = run.energy
    ratio = mixed.sum(axis=(1, 2)) / today.sum(axis=(1, 2))
    assert np.all((ratio < 0.9) == np.array(arms))
    assert np.array_equal(mixed[~np.array(arms)], today[~np.array(arms)])
    assert run.part(1).energy.shape == (2, n, 2)
    alone = lived(first, 2, 1, [lambda _b, _day: False], (1.0,) * n, 2)
    same = np.array(more) == 1.0
    assert np.allclose(alone.energy[0][same], today[same])
    assert np.allclose(alone.energy[0][..., 0], today[..., 0])
    assert not np.isclose(alone.energy[0][~same][..., 1], today[~same][..., 1]).any()


def test_a_planted_lag_of_a_day_is_what_it_says() -> None:
    """After a change of arms 63 % of the old one is still in the day's mean, and 37 % of that a day later."""
    today, policy = np.full(4, 100.0), np.full(4, 80.0)
    found = lagging(today, policy, (True, True, True, False))
    assert found[0] == pytest.approx(100 - 20 * (1 - LAG))
    assert found[1] == pytest.approx(100 - 20 * (1 - LAG * np.exp(-1)))
    assert found[3] == pytest.approx(100 - 20 * LAG * (1 - np.exp(-3)))


def test_meters_have_days_missing() -> None:
    """Some four days in a hundred, in gaps of one to three."""
    share = np.mean([missing(seed, 168).mean() for seed in range(100)])
    assert 0.03 < share < 0.05
