"""The built-in plant fitted to records of buildings whose parameters are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from supervisor.rehearsal.model.fit import KEPT, Fit, every, fit
from supervisor.rehearsal.model.parameters import BY_GROUP, PLACES
from supervisor.rehearsal.model.record import Floats
from tests.unit.rehearsal.made import off, office, recorded, schedule


@pytest.fixture(scope="module")
def summer() -> tuple[Fit, Floats]:
    """Eleven days of July in two rooms that are 30 % from what is thought beforehand."""
    building = office(2)
    truth = off(building)
    return fit(building, recorded(building, truth, schedule(building, 11, 7))), truth


def of(theta: Floats, name: str) -> Floats:
    """A parameter of every group."""
    return np.asarray(theta[PLACES[name] :: len(BY_GROUP)][:2])


@pytest.mark.parametrize("name", ["loss", "mass", "inner", "sun", "cooling"])
def test_what_is_thirty_per_cent_off_is_found(summer: tuple[Fit, Floats], name: str) -> None:
    """Heat loss, capacities, sun, gains and the unit's size within a few per cent, where defaults are 30 % off."""
    found, truth = summer
    assert np.abs(of(found.theta, name) - of(truth, name)).max() < 0.08


@pytest.mark.parametrize("name", ["between", "surface"])
def test_what_rooms_give_each_other_is_found(summer: tuple[Fit, Floats], name: str) -> None:
    """Heat from room to room, and the surface of what stores it, within two standard deviations that say less than was thought before."""
    found, truth = summer
    place = [p.name for p in every(len(found.groups))].index(name)
    assert abs(found.theta[place] - truth[place]) < 2.0 * found.spread[place]
    assert found.spread[place] < KEPT * every(len(found.groups))[place].spread


def test_the_electricity_of_cooling_is_found(summer: tuple[Fit, Floats]) -> None:
    """A unit that takes a quarter more for its cold is seen on the meter of air conditioning."""
    found, truth = summer
    assert abs(found.theta[-3] - truth[-3]) < 0.05


def test_the_truth_lies_within_what_is_told(summer: tuple[Fit, Floats]) -> None:
    """Nine parameters of ten lie within two standard deviations of what was found."""
    found, truth = summer
    assert np.mean(np.abs(found.theta - truth) <= 2.0 * found.spread) >= 0.9


def test_what_a_summer_cannot_tell_keeps_its_prior(summer: tuple[Fit, Floats]) -> None:
    """Heating never ran in July: its size and its electricity are as uncertain as before."""
    found, _ = summer
    told = every(len(found.groups))
    for place in (PLACES["heating"], len(told) - 2):
        assert found.spread[place] > KEPT * told[place].spread


def test_without_meters_efficiency_keeps_its_prior_and_walls_do_not() -> None:
    """Temperatures alone say how fast a room cools down, and nothing of what cold costs."""
    building = office(1)
    truth = off(building)
    found = fit(building, replace(recorded(building, truth, schedule(building, 8, 7)), meters={}))
    told = every(1)
    assert found.spread[-3] == pytest.approx(told[-3].spread)
    assert found.spread[PLACES["loss"]] < 0.5 * told[PLACES["loss"]].spread


def test_a_draw_is_a_building(summer: tuple[Fit, Floats]) -> None:
    """What is drawn from the spread can be simulated, and is not always the same."""
    found, _ = summer
    random = np.random.default_rng(1)
    one, other = found.draw(random), found.draw(random)
    assert not np.array_equal(one, other)
    assert found.building(office(2), one).zones[0].id == "z00"
