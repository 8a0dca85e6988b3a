"""A trial's coins, what they show of days that were never there, and how sure one must be who looks several times."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np
import pytest

from config.trial import BLOCK
from schedules.calendar import Calendar
from schedules.hours import Timetable
from schedules.time import instant_of
from schedules.types import Interval, WeekHours
from supervisor.savings.trial.days import Days, Past
from supervisor.savings.trial.draw import counted, drawn, pair
from supervisor.savings.trial.estimate import estimate
from supervisor.savings.trial.looks import boundaries, spent
from supervisor.savings.trial.quiet import quiet
from supervisor.savings.trial.reading import unlike
from tests.savings.office import Office
from tests.savings.trial_days import LEFT, as_trial

FIRST = date(2025, 5, 5)
NO_GAPS = np.zeros(BLOCK * 4, dtype=bool)


def test_anybody_can_draw_the_schedule_anew() -> None:
    """A coin is the lowest bit of the SHA-256 of seed:block:pair: the first 42 pairs of a seed, by hand."""
    days = drawn(20270301, 1)
    for number in range(42):
        earlier = hashlib.sha256(f"20270301:1:{number}".encode()).digest()[-1] & 1
        week, weekday = divmod(number, 7)
        assert days[week * 14 + weekday] is bool(earlier)
        assert days[week * 14 + 7 + weekday] is not bool(earlier)


@pytest.mark.parametrize("length", [1, 2])
def test_a_pair_is_of_the_same_weekday_and_has_both_arms(length: int) -> None:
    """In consecutive weeks, or for arms of two days in consecutive fortnights; each arm has half of the days."""
    days = drawn(7, 0, length)
    assert sum(days) == BLOCK // 2
    of: dict[int, list[int]] = {}
    for day in range(BLOCK):
        of.setdefault(pair(day, length)[0], []).append(day)
    assert len(of) == BLOCK // 2 // length
    for members in of.values():
        first, second = members[:length], members[length:]
        assert [day + 7 * length for day in first] == second
        assert len({days[day] for day in first}) == len({days[day] for day in second}) == 1
        assert days[first[0]] is not days[second[0]]
    assert [counted(day, length) for day in range(4)] == (
        [True] * 4 if length == 1 else [False, True, False, True]
    )


def test_coins_are_fair_and_seeds_differ() -> None:
    """Of ten thousand coins half are heads, within four standard deviations; two seeds share half of their days."""
    heads = sum(drawn(seed, 0)[day] for seed in range(240) for day in range(7 * 6) if pair(day)[1])
    tosses = 240 * 21
    assert abs(heads - tosses / 2) < 4 * np.sqrt(tosses) / 2
    assert 20 < sum(a is b for a, b in zip(drawn(1, 0), drawn(2, 0), strict=True)) < 64


def test_the_boundaries_of_several_looks_are_those_of_the_textbook() -> None:
    """O'Brien and Fleming by spending, both sides 5 % (Jennison & Turnbull 2000; R's gsDesign and ldbounds)."""
    assert boundaries(1) == pytest.approx([1.645], abs=0.001)
    assert boundaries(2, 0.05) == pytest.approx([2.963, 1.969], abs=0.002)
    assert boundaries(3, 0.05) == pytest.approx([3.710, 2.511, 1.993], abs=0.002)
    assert boundaries(5, 0.05) == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=0.002)
    assert spent(1.0) == pytest.approx(0.10)
    assert spent(0.5) < 0.02


@pytest.mark.parametrize("looks", [3, 4])
def test_who_looks_after_each_block_errs_once_in_ten(looks: int) -> None:
    """Sums of noise against the boundaries, twenty thousand trials."""
    blocks = np.random.default_rng(1).standard_normal((20_000, looks))
    seen = np.abs(np.cumsum(blocks, axis=1)) / np.sqrt(np.arange(1, looks + 1))
    assert float((seen > np.array(boundaries(looks))).any(axis=1).mean()) == pytest.approx(0.10, abs=0.01)


def office(
    seed: int, saved: float, *, felt: float = 0.0, blocks: int = 2, step: float = 0.0
) -> tuple[Days, float, float]:
    """An office on trial, the true saving a day, and a mean day. `felt`: share of the saving that the days
    before bring, as walls with a time constant of 24 h remember them."""
    draw = np.random.default_rng(seed)
    made = Office(noise=0.08, rho=0.4).year(draw, FIRST.toordinal(), count=BLOCK * blocks)
    level = np.where(np.arange(len(made)) < BLOCK, 1.0, 1.0 + step)
    treated = np.array([t for block in range(blocks) for t in drawn(seed, block)], float)
    before = np.ones(len(treated))
    for day in range(1, len(treated)):
        before[day] = before[day - 1] * LEFT + treated[day - 1] * (1 - LEFT)
    energy = made.energy * level
    lived = energy * (1 - saved * ((1 - felt) * treated + felt * before))
    days = as_trial(seed, (1,) * blocks, FIRST, lived, made.temperature, NO_GAPS)._replace(
        working=made.working, before=True, idle=2
    )
    return days, float(saved * energy.mean()), float(energy.mean())


def test_the_saving_is_found_although_half_of_it_comes_later() -> None:
    """What is told is the saving of an arm that is kept; who leaves the days before out finds a third less."""
    found, naive, chances = [], [], []
    for seed in range(12):
        days, truth, mean = office(seed, 0.2, felt=0.5)
        kept, left = estimate(days, steady=True, draws=200), estimate(days, steady=False, draws=50)
        assert kept is not None
        assert left is not None
        found.append((kept.saved - truth) / mean)
        naive.append((left.saved - truth) / mean)
        chances.append(kept.chance)
    assert np.mean(found) == pytest.approx(0.0, abs=0.015)
    assert np.mean(naive) < -0.06
    assert np.mean(np.array(chances) < 0.05) >= 0.8


def test_a_level_that_moves_in_mid_trial_moves_nothing() -> None:
    """A tenth more from the second block on: pairs lie within a fortnight, and nothing of it is taken for a saving."""
    found = []
    for seed in range(12):
        days, _, mean = office(seed, 0.0, step=0.10)
        got = estimate(days, steady=True, draws=50)
        assert got is not None
        found.append(got.saved / mean)
    assert np.mean(found) == pytest.approx(0.0, abs=0.015)


@pytest.mark.thorough
def test_intervals_hold_what_they_promise() -> None:
    """Of 120 offices 85 to 95 % of the intervals of 90 % have the truth in them, with a saving and without; equal arms claim one in 7 % at most."""
    for saved in (0.0, 0.15):
        covered = claimed = 0
        for seed in range(120):
            days, truth, _ = office(seed, saved)
            got = estimate(days, steady=True, draws=300)
            assert got is not None
            covered += got.low <= truth <= got.high
            claimed += got.low > 0
        assert 0.83 <= covered / 120 <= 0.97
        if saved == 0:
            assert claimed / 120 <= 0.09


def test_days_that_do_not_count_take_their_partners_with_them() -> None:
    """A week without readings: its pairs are gone; a holiday is not compared with a working day; too little left is told as nothing."""
    days, truth, _ = office(1, 0.2)
    gone = days.energy.copy()
    gone[7:14] = np.nan
    got = estimate(days._replace(energy=gone), steady=True, draws=200)
    whole = estimate(days, steady=True, draws=200)
    assert got is not None
    assert whole is not None
    assert whole.pairs - got.pairs == 7
    assert got.saved == pytest.approx(truth, rel=0.4)
    holiday = days.working.copy()
    holiday[2] = False
    fewer = estimate(days._replace(working=holiday), steady=True, draws=200)
    assert fewer is not None
    assert whole.pairs - fewer.pairs == 1
    gone[14:] = np.nan
    assert estimate(days._replace(energy=gone), steady=True, draws=200) is None


def test_who_looks_early_must_be_surer() -> None:
    """The same days at the first of two looks and at an only one."""
    days, _, _ = office(3, 0.1, blocks=1)
    got = estimate(days, steady=True, draws=400)
    assert got is not None
    low, high = got.interval(boundaries(2)[0])
    assert low < got.low < got.saved < got.high < high
    assert got.interval() == pytest.approx((got.low, got.high))


def test_what_chance_alone_brings_is_not_claimed() -> None:
    """Where other coins over the same days show as much as was found more often than a look allows, zero is in its interval, however narrow that is."""
    days, _, _ = office(3, 0.0)
    got = estimate(days, steady=True, draws=400)
    assert got is not None
    sure = got._replace(saved=10.0, low=9.0, high=11.0)
    assert sure._replace(alike=0.3).interval() == (0.0, 11.0)
    assert sure._replace(alike=0.0).interval() == pytest.approx((9.0, 11.0))
    assert got.alike > 0.1
    saves, _, _ = office(3, 0.2)
    found = estimate(saves, steady=True, draws=400)
    assert found is not None
    assert found.alike == 0.0


def test_few_days_demand_more_at_an_early_look() -> None:
    """Two and a half deviations of a dozen days are not those of a thousand: Student's, where the normal one has 2.54."""
    days, _, _ = office(3, 0.1, blocks=1)
    got = estimate(days, steady=True, draws=200)
    assert got is not None
    few, many = (got._replace(free=free, alike=0.0).interval(2.54)[1] for free in (12.0, 1000.0))
    assert (few - got.saved) / (many - got.saved) == pytest.approx((3.04 / 1.782) / (2.54 / 1.645), rel=0.02)


def test_the_year_before_says_what_a_day_of_its_kind_uses() -> None:
    """Whatever its level, which may have been another: a year at 1.3 times of it says the same. Of too short a time before nothing is learnt."""
    days, truth, mean = office(5, 0.2)
    draw = np.random.default_rng(9)
    made = Office(noise=0.08, rho=0.4).year(draw, FIRST.toordinal() - 365)

    def said(level: float, n: int = 365) -> float:
        before = Past(made.energy[-n:] * level, made.temperature[-n:], made.working[-n:], 2)
        got = estimate(days._replace(past=before), steady=True, draws=100)
        assert got is not None
        return got.saved

    assert said(1.3) == pytest.approx(said(1.0), rel=0.01)
    assert said(1.0) == pytest.approx(truth, abs=0.05 * mean)
    assert said(1.0) != said(1.0, 200) == estimate_of(days)


def estimate_of(days: Days) -> float:
    """The saving, of these days alone."""
    got = estimate(days, steady=True, draws=100)
    assert got is not None
    return got.saved


def _table(*hours: tuple[float, float], weekend: bool = False) -> Timetable:
    from zoneinfo import ZoneInfo

    week = tuple(Interval(int(a * 60), int(b * 60)) for a, b in hours)
    return Timetable(
        ZoneInfo("Asia/Shanghai"), Calendar("CN"), WeekHours(workday=week, weekend=week if weekend else None)
    )


def test_arms_change_when_all_have_gone_and_before_anything_is_prepared() -> None:
    """At midnight; for a bar that closes at two, then; never where one group opens as another closes; what never closes is left out."""
    tz, day = _table((9, 17)).tz, date(2026, 7, 8)

    def hour(h: float) -> float:
        return instant_of(day, int(h * 60), tz)

    assert quiet(day, tz, [_table((9, 17))], 1800) == (hour(0), hour(8.5))
    assert quiet(day, tz, [_table((9, 17)), _table((18, 26))], 1800) == (hour(2), hour(8.5))
    assert quiet(day, tz, [_table((6, 17)), _table((18, 29.75))], 1800) is None
    assert quiet(day, tz, [_table((9, 17)), _table((0, 24), weekend=True)], 1800) == (hour(0), hour(8.5))


def test_the_day_after_a_holiday_is_like_no_monday() -> None:
    """Rooms that stood cold for nine days take half a week's heat on the first: that day and its partner are not compared, the Mondays are."""
    days, _, _ = office(4, 0.2)
    working, energy = days.working.copy(), days.energy.copy()
    monday = int(np.flatnonzero(days.working[1:] & ~days.working[:-1])[4]) + 1
    working[monday : monday + 5] = False
    plain = estimate(days._replace(working=working), steady=True, draws=200)
    energy[monday + 7] *= 6
    after = estimate(days._replace(working=working, energy=energy), steady=True, draws=200)
    assert plain is not None
    assert after is not None
    assert after.saved == pytest.approx(plain.saved, rel=1e-9)
    assert unlike(days._replace(working=working)) == 6
    assert unlike(days) == 0
