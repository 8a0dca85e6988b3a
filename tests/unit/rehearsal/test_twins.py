"""A short version of `make calibrate-twins`, and what its buildings are made of."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from supervisor.rehearsal.model.fit import bounds
from supervisor.rehearsal.model.reading import at_work
from tests.savings import twins
from tests.savings.elsewhere import BEIJING, GUANGZHOU, Elsewhere

DAY = 86_400.0


def test_seeds_are_many_kinds_of_buildings() -> None:
    """Twenty seeds have every kind of unit, every climate, summer and winter, and people of every sort."""
    assert twins.seeds("0-2,7") == [0, 1, 2, 7]
    all_ = [twins.twin(seed) for seed in range(20)]
    assert {of.kind for of in all_} == set(twins.KINDS)
    assert {of.place for of in all_} == set(twins.PLACES)
    assert len({of.people for of in all_}) == 3
    assert {of.month in (6, 7, 8) for of in all_} == {True, False}


@pytest.mark.parametrize("normals", [BEIJING, GUANGZHOU], ids=["beijing", "guangzhou"])
def test_a_year_elsewhere_has_the_normals_of_the_place(normals: object) -> None:
    """Five Januaries and Julys lie within 1.5 K of the city's normals, and what the air holds stays possible."""
    assert isinstance(normals, type(BEIJING))
    for month in (1, 7):
        begin = dt.datetime(2026, month, 1, tzinfo=dt.UTC).timestamp() - 8 * 3600.0
        times = begin + np.arange(0.0, 31 * DAY, 7200.0)
        found = [Elsewhere(seed, normals).series(times) for seed in range(5)]
        usual = (normals.maximum[month - 1] + normals.minimum[month - 1]) / 2.0
        assert abs(float(np.mean([each.dry_bulb for each in found])) - usual) < 1.5
        assert all(
            (each.relative_humidity >= 15.0).all() and (each.relative_humidity <= 100.0).all()
            for each in found
        )


def test_machines_run_from_the_first_who_is_seen_until_the_last() -> None:
    """An empty room at noon does not switch its screens off; a night does."""
    of = twins.twin(0)
    zone = twins.site_of(of).tz
    times = dt.datetime(2026, 7, 6, tzinfo=zone).timestamp() + np.arange(0.0, 2 * DAY, 1800.0)
    present = np.zeros(len(times), dtype=np.bool_)
    present[18:24] = present[26:35] = True
    found = at_work(present, times, zone)
    assert found[18:35].all() and not found[:18].any() and not found[35:].any()


@pytest.mark.thorough
def test_the_estimator_alone_finds_the_saving() -> None:
    """With the model's own equations and nothing unknown but the parameters, a building 30 % off is told within three points."""
    of = twins.twin(2)
    source, seen = twins.observed(of, exact=True)
    found = twins.tried(of, source, seen, draws=3)
    assert abs(found.off) < 3.0, twins.line(found)
    assert found.covered, twins.line(found)
    assert "covered=1/1" in twins.summary([found])
    low, high = bounds(len(found.fit.fit.groups))
    assert ((low <= found.fit.fit.theta) & (found.fit.fit.theta <= high)).all()
