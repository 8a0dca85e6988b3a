"""What a baseline knows: the building's own numbers, its working days, and how sure its sum is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from supervisor.savings import changepoint, odd, uncertainty
from supervisor.savings.baseline import DRIFT, Refused, Saving, normal, saving
from supervisor.savings.days import Days, days
from supervisor.savings.quantiles import student
from supervisor.savings.told import told
from tests.savings import null
from tests.savings.office import Office

FIRST = 738_000
SAME = Office(base=(1000.0, 1000.0), cooling=(40.0, 40.0), heating=(30.0, 30.0), noise=0.01, rho=0.3)
NONE = (0.0, 0.0)


def _year(seed: int, office: Office) -> Days:
    return office.year(np.random.default_rng(seed), FIRST)


@pytest.mark.parametrize(
    ("name", "office", "wanted"),
    [
        ("3PC", SAME._replace(heating=NONE), [1000, 40]),
        ("3PH", SAME._replace(cooling=NONE), [1000, 30]),
        ("4P", SAME._replace(cools_above=15.0, heats_below=15.0), [1000, 30, 40]),
        ("5P", SAME, [1000, 30, 40]),
        ("mean", Office(base=(700.0, 700.0), cooling=(0, 0), heating=(0, 0), noise=0.01, rho=0.3), [700]),
    ],
)
def test_the_form_and_its_numbers_are_found_within_two_percent(
    name: str, office: Office, wanted: list[float]
) -> None:
    """Noise of 1 % on a year of days: the right form, its base and its slopes."""
    found = [changepoint.best(_year(seed, office)) for seed in range(3)]
    assert [model.form.name for model in found] == [name] * 3
    mean = np.mean([model.parameters for model in found], axis=0)
    assert mean == pytest.approx(wanted, rel=0.02)


def test_change_points_are_found_within_two_percent() -> None:
    """Of an office that heats below 10 °C and cools above 20 °C."""
    found = [changepoint.best(_year(seed, SAME)) for seed in range(3)]
    assert np.mean([m.heating for m in found]) == pytest.approx(10, rel=0.02)
    assert np.mean([m.cooling for m in found]) == pytest.approx(20, rel=0.02)


def test_working_days_and_days_off_are_each_right() -> None:
    """An office that stands still on two days of seven: neither kind of day is off by 2 %."""
    year = _year(3, Office(noise=0.05, rho=0.3))
    model = changepoint.best(year)
    for kind in (year.working, ~year.working):
        of = year.where(kind)
        assert model.predicted(of).sum() == pytest.approx(of.energy.sum(), rel=0.02)


def test_a_building_that_does_not_mind_the_weather_is_said_to() -> None:
    """No counterfactual that looks like a model and is a mean."""
    model = changepoint.best(_year(1, Office(cooling=(0, 0), heating=(0, 0))))
    assert not model.weather
    assert changepoint.best(_year(1, Office())).weather


def test_the_correction_for_neighbours_counts_the_reporting_periods_months() -> None:
    """Sun & Baltazar's M for daily data: six months of reporting, and not twelve of baseline."""
    assert uncertainty.polynomial(6) == pytest.approx(1.2063, abs=5e-4)
    assert uncertainty.polynomial(12) == pytest.approx(1.3925, abs=5e-4)


def test_students_quantile_is_the_tables() -> None:
    """Two-sided 90 %: 1.860 at 8, 1.753 at 15, 1.671 at 60 degrees of freedom."""
    assert [student(v) for v in (8, 15, 60)] == pytest.approx([1.860, 1.753, 1.671], abs=0.003)


def test_a_fifth_saved_is_found_and_claimed() -> None:
    """80 % of what was used, with an interval that has the truth in it."""
    draw = np.random.default_rng(5)
    office = Office()
    found = saving(office.year(draw, FIRST), office.year(draw, FIRST + 365, level=0.8))
    assert isinstance(found, Saving)
    assert found.low / found.baseline < 0.2 < found.high / found.baseline
    assert found.claimed
    assert found.detectable < found.saved


def test_a_saving_under_what_can_be_seen_is_not_claimed() -> None:
    """One in two hundred, under noise of a tenth."""
    draw = np.random.default_rng(6)
    office = Office()
    found = saving(office.year(draw, FIRST), office.year(draw, FIRST + 365, level=0.995))
    assert isinstance(found, Saving)
    assert not found.claimed


def test_too_little_is_refused_with_its_reason() -> None:
    """Half a year of baseline; none of reporting; a baseline that used nothing."""
    year = _year(1, Office())
    half, none = year.where(np.arange(365) < 180), year.where(np.zeros(365, bool))
    still = days(year.number, year.temperature, np.zeros(365), year.working)
    for before, after, said in ((half, year, "180 days"), (year, none, "no day"), (still, year, "nothing")):
        found = saving(before, after)
        assert isinstance(found, Refused)
        assert said in found.refused.en
        assert found.refused.zh != found.refused.en


def test_one_year_of_baseline_says_that_drift_cannot_be_told_apart() -> None:
    """With one year the common figure is told; with three, this building's own widens the interval."""
    one, three = null.lived(1, 1, (0.05, 0.10)), null.lived(1, 3, (0.05, 0.10))
    assert (one.drift.share, one.drift.known) == (DRIFT, False)
    assert three.drift.known
    assert 0.02 < three.drift.share < 0.25
    assert three.detectable > three.drift.allowed * three.baseline * 0.99


def test_zero_is_in_the_interval_about_nine_times_in_ten() -> None:
    """Fifteen years without a saving; `make savings-null` lives five hundred."""
    found = [null.lived(seed, 1) for seed in range(15)]
    assert 10 <= sum(each.low <= 0 <= each.high for each in found) <= 15


def test_years_are_counted_as_they_are_lived() -> None:
    """Zero covered too seldom is sound only where every saving says that drift is not separable."""
    told = null.lived(1, 1)
    some = null.Count(9, 9, 9).and_of(told._replace(low=1.0))
    assert some == (10, 9, 10)
    assert some.sound
    assert not null.Count(10, 2, 9).sound
    assert null.Count(10, 2, 10).sound
    assert "told: drift not separable, ± 7.5%, in 10/10" in null.said(null.CASES[1], some)


def test_days_are_ranked_by_their_own_neighbours_only() -> None:
    """Where a week is missing, the days at its edges are no neighbours."""
    year = _year(2, Office())
    gap = year.where((np.arange(365) < 100) | (np.arange(365) > 107))
    assert math.isclose(changepoint.best(gap).rho, changepoint.best(year).rho, abs_tol=0.1)


def test_a_saving_is_told_for_a_typical_year_too() -> None:
    """A fifth less in a hot year is a fifth less in a typical one; of half a year nothing is said."""
    draw = np.random.default_rng(8)
    office = Office(noise=0.05)
    before, now = office.year(draw, FIRST), office.year(draw, FIRST + 365, level=0.8)
    hot = days(now.number, now.temperature + 2, now.energy, now.working)
    typical = office.year(draw, FIRST + 730)
    found = normal(before, now, typical)
    assert found is not None
    assert found.saved / found.baseline == pytest.approx(0.2, abs=0.04)
    assert found.low < 0.2 * found.baseline < found.high
    assert normal(before, hot.where(np.arange(365) < 180), typical) is None


def test_baseline_and_reporting_days_off_are_each_right_in_the_year_after() -> None:
    """Six offices of two clusters of days, the year after: neither weekdays nor weekends are off by 2 % of what they truly use."""
    for seed in range(6):
        draw = np.random.default_rng(seed)
        office = Office(noise=0.02, rho=0.3)
        model = changepoint.best(office.year(draw, FIRST))
        truth = office._replace(noise=0.0).year(draw, FIRST + 365)
        for kind in (truth.working, ~truth.working):
            of = truth.where(kind)
            assert model.predicted(of).sum() == pytest.approx(of.energy.sum(), rel=0.02), seed


def _two_years(seed: int, office: Office = Office()) -> tuple[Days, Days]:  # noqa: B008 # immutable
    draw = np.random.default_rng(seed)
    return office.year(draw, FIRST), office.year(draw, FIRST + 365)


def test_days_hotter_than_the_baseline_ever_saw_do_not_count() -> None:
    """Forty days of a heat wave, 12 K warmer: a line drawn on is no knowledge, and a year of nothing else is refused."""
    before, after = _two_years(1)
    wave = np.arange(365) % 365
    hot = np.where((wave >= 180) & (wave < 220), 12.0, 0.0)
    # A chiller at its limit uses no more for it.
    found = saving(before, days(after.number, after.temperature + hot, after.energy, after.working))
    assert isinstance(found, Saving)
    assert found.far + found.days == 365
    assert 25 <= found.far <= 45
    assert f"{found.far} days left out: colder or warmer by more than 3 K" in told(found).en
    assert f"剔除 {found.far} 天" in told(found).zh
    assert not found.claimed
    fahrenheit = days(after.number, after.temperature + 80, after.energy, after.working)
    refused = saving(before, fahrenheit)
    assert isinstance(refused, Refused)
    assert "colder or warmer" in refused.refused.en


def test_a_week_of_construction_power_is_pointed_at_wherever_it_was() -> None:
    """Four thousand more on each of seven days: which days and how much, and no other, even where least squares lean towards them (seed 1)."""
    before, after = _two_years(1)
    week = np.where((np.arange(365) >= 200) & (np.arange(365) < 207), 4000.0, 0.0)
    was, is_ = (days(of.number, of.temperature, of.energy + week, of.working) for of in (before, after))
    plain, leant = changepoint.best(before), changepoint.best(was)
    assert odd.stretches(plain, before, after) == ()
    for (found,) in (odd.stretches(leant, was, after), odd.stretches(plain, before, is_)):
        of = before if found.before else after
        assert (found.first, found.days) == (int(of.number[200]), 7)
        assert found.more == pytest.approx(28_000, rel=0.2)


def test_a_loss_is_told_as_a_loss() -> None:
    """A tenth more: not a saving of minus so much."""
    draw = np.random.default_rng(5)
    found = saving(Office().year(draw, FIRST), Office().year(draw, FIRST + 365, level=1.1))
    assert isinstance(found, Saving)
    assert found.claimed
    said = told(found)
    assert said.en.startswith("more used than by the baseline: ")
    assert said.zh.startswith("较基准期多用 ")
    assert "-" not in said.en.split(";")[0]


def test_a_meter_that_runs_backwards_is_no_measure_of_use() -> None:
    """Panels on the roof that were not there in the baseline: refused, and told to add what was generated."""
    before, after = _two_years(2)
    for of, en, zh in ((0, "of the baseline", "基准期"), (1, "of the reporting period", "核算期")):
        both = [before, after]
        sun = 900.0 * (1 - np.cos(np.arange(365) / 365 * 2 * np.pi))
        both[of] = days(both[of].number, both[of].temperature, both[of].energy - sun, both[of].working)
        refused = saving(both[0], both[1])
        assert isinstance(refused, Refused)
        assert en in refused.refused.en
        assert zh in refused.refused.zh
        assert "+generation" in refused.refused.en


def _with(of: Days, more: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Days:
    return days(of.number, of.temperature, of.energy + more, of.working)


def test_a_level_that_changed_in_mid_year_is_pointed_at_in_either_year() -> None:
    """A server room of a third from 1 July on: since when, and how much a day; no building without one is told so, nor one that saves."""
    before, after = _two_years(3)
    for level in (1.0, 0.8):
        assert odd.shifts(changepoint.best(before), before, _with(after, (level - 1) * after.energy)) == ()
    more = np.where(np.arange(365) >= 181, 400.0, 0.0)
    for was, is_, en, zh in (
        (_with(before, more), after, "in the baseline the days from about", "基准期自"),
        (before, _with(after, more), "in the reporting period the days from about", "核算期自"),
    ):
        found = saving(was, is_)
        assert isinstance(found, Saving)
        (shift,) = found.shifts
        assert abs(shift.first - int((was if shift.before else is_).number[181])) <= 7
        assert shift.more / shift.days == pytest.approx(400, rel=0.25)
        assert en in told(found).en
        assert zh in told(found).zh


def test_one_wild_day_is_pointed_at_and_a_month_of_closure_is_one_stretch() -> None:
    """A day of nine times its use; a works' August, over whose weekends little was used anyway."""
    before, after = _two_years(1)
    wild = np.where(np.arange(365) == 100, 9000.0, 0.0)
    model = changepoint.best(before)
    (day,) = odd.stretches(model, before, _with(after, wild))
    assert (day.first, day.days, day.before) == (int(after.number[100]), 1, False)
    month = (np.arange(365) >= 212) & (np.arange(365) < 243)
    closed = np.where(month, 350.0 - after.energy, 0.0)
    (stretch,) = odd.stretches(model, before, _with(after, closed))
    assert 27 <= stretch.days <= 31


def test_two_years_that_were_alike_by_chance_leave_room_for_a_third() -> None:
    """One change is seen, and may be none by luck: the interval leaves more than twice what is common."""
    draw = np.random.default_rng(6)
    both = [Office().year(draw, FIRST + 365 * n) for n in range(3)]
    one, two, after = both
    before = days(*(np.concatenate(part) for part in zip(one, two, strict=True)))
    found = saving(before, after)
    assert isinstance(found, Saving)
    assert found.drift.known
    assert found.drift.allowed > 2 * DRIFT
    assert not found.claimed
