"""Seasons from the thermometer, told day by day."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.thermal_seasons import Band, ByTemperature, SeasonState, advance, typical_state
from schedules.types import Season


def tell(state: SeasonState, first: date, means: Iterable[float | None]) -> SeasonState:
    """The state after these daily means, from `first` on."""
    for n, mean in enumerate(means):
        state = advance(state, first + timedelta(n), mean)
    return state


MAY = date(2024, 5, 1)
SPRING = SeasonState(Season.SPRING, date(2024, 3, 20))


def test_beijing_2024_turns_to_summer_on_14_may() -> None:
    """As its observatory reported: trailing means at or above 22 °C from the 10th, five of them on the 14th.

    The daily means are made up but for the 7th (22.1 °C, the standard's first day of that summer).
    """
    means = [15.0, 15.0, 16.0, 17.0, 18.0, 20.0, 22.1, 23.0, 24.0, 24.0, 23.0, 24.0, 25.0]  # 1 to 13 May
    eve = tell(SPRING, MAY, means)
    assert (eve.season, eve.band, eve.run) == (Season.SPRING, Band.HOT, 4)
    state = advance(eve, date(2024, 5, 14), 24.0)
    assert (state.season, state.since) == (Season.SUMMER, date(2024, 5, 14))
    later = tell(state, date(2024, 5, 15), [25.0] * 10)
    assert (later.season, later.since) == (Season.SUMMER, date(2024, 5, 14))


def test_nine_hot_days_make_summer_and_eight_do_not() -> None:
    """Five days for the first trailing mean, and five such means in a row; 22.0 °C is hot."""
    assert tell(SPRING, MAY, [22.0] * 8).season is Season.SPRING
    assert tell(SPRING, MAY, [22.0] * 9).season is Season.SUMMER


def test_winter_comes_below_ten_degrees_not_at_it() -> None:
    """10.0 °C is still mild."""
    autumn = SeasonState(Season.AUTUMN, date(2024, 10, 1))
    assert tell(autumn, date(2024, 11, 1), [10.0] * 20).season is Season.AUTUMN
    assert tell(autumn, date(2024, 11, 1), [9.9] * 9).season is Season.WINTER


def test_mild_days_are_spring_before_mid_july_and_autumn_after() -> None:
    """On a day's evidence of its own: five mild days after a cold or a hot spell."""
    winter = SeasonState(Season.WINTER, date(2024, 1, 1))
    assert tell(winter, date(2024, 3, 1), [15.0] * 9).season is Season.SPRING
    summer = SeasonState(Season.SUMMER, date(2024, 6, 1))
    assert tell(summer, date(2024, 9, 20), [15.0] * 9).season is Season.AUTUMN


def test_where_it_is_always_mild_spring_becomes_autumn_on_15_july() -> None:
    """Kunming has neither summer nor winter: the date alone turns it, and back in mid-January."""
    state = tell(SPRING, date(2024, 5, 1), [18.0] * 75)
    assert (state.last, state.season) == (date(2024, 7, 14), Season.SPRING)
    state = advance(state, date(2024, 7, 15), 18.0)
    assert (state.season, state.since) == (Season.AUTUMN, date(2024, 7, 15))
    state = tell(state, date(2024, 7, 16), [18.0] * 183)
    assert (state.last, state.season) == (date(2025, 1, 14), Season.AUTUMN)
    assert advance(state, date(2025, 1, 15), 18.0).season is Season.SPRING


def test_a_cool_week_in_june_does_not_lose_the_summer() -> None:
    """The season returns: the standard's plain order would stay in autumn from June on."""
    state = tell(SPRING, MAY, [24.0] * 20 + [19.0] * 12)
    assert state.season is Season.SPRING
    assert tell(state, date(2024, 6, 2), [26.0] * 9).season is Season.SUMMER


def test_one_cool_day_is_averaged_away() -> None:
    """The trailing mean stays at or above 22 °C, so the row goes on."""
    assert tell(SPRING, MAY, [26.0, 26.0, 26.0, 26.0, 16.0, 26.0, 26.0, 26.0, 26.0]).season is Season.SUMMER


def test_a_missing_day_is_no_evidence_and_the_row_starts_anew() -> None:
    """With the sensor away on the eighth day, summer waits for five more days."""
    means: list[float | None] = [25.0] * 7 + [None] + [25.0] * 4
    state = tell(SPRING, MAY, means)
    assert (state.season, state.run) == (Season.SPRING, 4)
    assert advance(state, date(2024, 5, 13), 25.0).season is Season.SUMMER


def test_two_missing_days_in_five_give_no_mean() -> None:
    """Three days are too few to speak for five."""
    state = tell(SPRING, MAY, [25.0] * 5 + [None, None] + [25.0] * 3)
    assert (state.run, state.band) == (0, None)
    assert advance(state, date(2024, 5, 11), 25.0).run == 1


def test_a_dead_sensor_keeps_the_season() -> None:
    """Months of nothing decide nothing."""
    assert tell(SPRING, MAY, [None] * 100).season is Season.SPRING
    assert tell(SPRING, MAY, [math.nan] * 100).season is Season.SPRING


def test_days_left_out_are_missing_days() -> None:
    """The daemon was down for three weeks: what it knew before is no evidence for today."""
    state = tell(SPRING, MAY, [25.0] * 8)
    later = advance(state, date(2024, 5, 30), 25.0)
    assert (later.season, later.run) == (Season.SPRING, 0)
    assert later.means == (None, None, None, None, 25.0)
    near = advance(state, date(2024, 5, 10), 25.0)
    assert near.means == (25.0, 25.0, 25.0, None, 25.0)
    assert near.run == 1


def test_a_day_told_twice_counts_once() -> None:
    """After a restart the same midnight may be told again."""
    state = tell(SPRING, MAY, [25.0] * 8)
    assert advance(state, date(2024, 5, 8), 25.0) is state
    assert advance(state, date(2024, 5, 1), -5.0) is state
    assert advance(state, date(2024, 4, 8), 25.0) is state
    assert advance(state, date(2024, 4, 7), 25.0) is not state  # 31 days: see below


def test_a_clock_that_was_a_year_ahead_does_not_stop_the_seasons() -> None:
    """The evidence of days that have not come yet is dropped, the season is kept."""
    wrong = tell(SPRING, date(2025, 5, 1), [25.0] * 8)
    state = advance(wrong, MAY, 25.0)
    assert (state.season, state.last, state.run, state.means) == (Season.SPRING, MAY, 0, (25.0,))
    assert (state.since, state.band) == (MAY, None)
    assert tell(wrong, MAY, [25.0] * 9).season is Season.SUMMER


def test_south_of_the_equator_the_year_is_mirrored() -> None:
    """Mild days are autumn in May and spring in October; a first guess follows suit."""
    south = ByTemperature(southern=True)
    assert south.season(Band.MILD, date(2024, 5, 1)) is Season.AUTUMN
    assert south.season(Band.MILD, date(2024, 10, 1)) is Season.SPRING
    assert south.season(Band.HOT, date(2024, 1, 1)) is Season.SUMMER
    assert south.begin(date(2024, 1, 20)) == SeasonState(Season.SUMMER, date(2024, 1, 20))
    assert [south.begin(date(2024, m, 20)).season for m in (4, 7, 10)] == ["autumn", "winter", "spring"]


@pytest.mark.parametrize(
    ("month", "season"),
    [
        (12, "winter"),
        (2, "winter"),
        (3, "spring"),
        (5, "spring"),
        (6, "summer"),
        (9, "autumn"),
        (11, "autumn"),
    ],
)
def test_before_any_weather_the_month_decides(month: int, season: str) -> None:
    """March to May is spring."""
    assert ByTemperature().begin(date(2024, month, 20)).season == season


def test_a_locality_may_have_thresholds_of_its_own() -> None:
    """But winter's below summer's."""
    state = SPRING
    for n in range(9):
        state = advance(state, MAY + timedelta(n), 20.0, ByTemperature(hot=20.0))
    assert state.season is Season.SUMMER
    with pytest.raises(ValueError, match="below summer"):
        ByTemperature(hot=10.0, cold=10.0)


def test_a_restart_in_may_finds_the_row_where_it_was() -> None:
    """Four hot days stood when the power went: what was kept says so, and the fifth makes summer."""
    eve = tell(SPRING, MAY, [20.5, *[25.0] * 7])
    kept = json.loads(json.dumps(eve.to_json()))
    assert kept == {
        "season": "spring",
        "since": "2024-03-20",
        "last": "2024-05-08",
        "means": [25.0, 25.0, 25.0, 25.0, 25.0],
        "band": "hot",
        "run": 4,
    }
    assert SeasonState.from_json(kept) == eve
    assert advance(SeasonState.from_json(kept), date(2024, 5, 9), 25.0).season is Season.SUMMER


def test_a_state_that_knows_nothing_yet_is_kept_as_that() -> None:
    """No day told, and a day whose mean is unknown."""
    assert (SPRING.run, SPRING.means, SPRING.last) == (0, (), None)
    for state in (SPRING, advance(SPRING, MAY, None)):
        assert SeasonState.from_json(json.loads(json.dumps(state.to_json()))) == state
    assert SPRING.to_json()["last"] is SPRING.to_json()["band"] is None


def test_of_a_record_with_more_days_the_last_five_count() -> None:
    """As a version with a longer memory would have written it."""
    longer = {**tell(SPRING, MAY, [25.0] * 8).to_json(), "means": [1.0, 2.0, 25.0, 25.0, 25.0, 25.0, 24.0]}
    assert SeasonState.from_json(longer).means == (25.0, 25.0, 25.0, 25.0, 24.0)


def typical(*turns: tuple[date, float]) -> list[float]:
    """A year of daily means, each turn's from its day on; dates are of 2025."""
    days = [date(2025, 1, 1) + timedelta(n) for n in range(365)]
    return [next(mean for first, mean in reversed(turns) if first <= day) for day in days]


BEIJING = typical(
    (date(2025, 1, 1), 0.0),
    (date(2025, 2, 28), 15.0),
    (date(2025, 5, 30), 26.0),
    (date(2025, 9, 1), 15.0),
    (date(2025, 11, 1), 0.0),
)
"""Made up to turn on days that can be counted, one on 28 February."""


@pytest.mark.parametrize(
    ("eve", "season", "since", "next_season"),
    [
        (date(2026, 3, 7), Season.WINTER, date(2025, 11, 6), Season.SPRING),
        (date(2028, 3, 6), Season.WINTER, date(2027, 11, 6), Season.SPRING),  # 29 February is as the 28th
        (date(2026, 6, 6), Season.SPRING, date(2026, 3, 7), Season.SUMMER),
        (date(2026, 11, 6), Season.AUTUMN, date(2026, 9, 6), Season.WINTER),
    ],
)
def test_a_typical_year_gives_the_season_in_which_a_day_begins(
    eve: date, season: Season, since: date, next_season: Season
) -> None:
    """On the fifth day in a row the old season still holds, the day after begins in the new one."""
    assert typical_state(BEIJING, eve) == SeasonState(season, since)
    assert typical_state(BEIJING, eve + timedelta(1)) == SeasonState(next_season, eve)


def test_a_typical_year_south_of_the_equator_and_with_thresholds_of_its_own() -> None:
    """Mild days in May are autumn there; where 15 °C is hot, they are summer."""
    may = date(2026, 5, 20)
    assert typical_state(BEIJING, may, ByTemperature(southern=True)).season is Season.AUTUMN
    assert typical_state(BEIJING, may, ByTemperature(hot=15.0)).season is Season.SUMMER


def test_a_typical_year_has_365_days() -> None:
    """A file of a leap year would count each day after February wrongly."""
    with pytest.raises(ValueError, match=r"^a typical year has 365 days, not 366$"):
        typical_state([*BEIJING, 0.0], date(2026, 5, 20))


@given(st.lists(st.none() | st.floats(-40, 50), max_size=40), st.integers(0, 40))
def test_a_restart_at_any_midnight_changes_nothing(means: list[float | None], cut: int) -> None:
    """Through JSON and back, the same days give the same season."""
    whole = tell(SPRING, MAY, means)
    first = tell(SPRING, MAY, means[:cut])
    again = SeasonState.from_json(json.loads(json.dumps(first.to_json())))
    assert again == first
    assert tell(again, MAY + timedelta(min(cut, len(means))), means[cut:]) == whole


@given(st.lists(st.none() | st.floats(-40, 50), max_size=60))
def test_no_season_without_nine_days_of_evidence(means: list[float | None]) -> None:
    """A change needs five days in a row, each measured, and a band that explains it."""
    state = SPRING
    for n, mean in enumerate(means):
        before, state = state, advance(state, MAY + timedelta(n), mean)
        if state.season is not before.season:
            assert n >= 8
            assert None not in means[n - 4 : n + 1]
            assert state.run >= 5
            assert state.since == MAY + timedelta(n)


@pytest.mark.parametrize(
    "data", [None, [], {}, {**SPRING.to_json(), "season": "monsoon"}, {**SPRING.to_json(), "means": 3}]
)
def test_a_damaged_record_is_refused(data: object) -> None:
    """What is read back from disk is checked."""
    with pytest.raises(ValueError, match="not a season's state"):
        SeasonState.from_json(data)


def test_a_list_is_not_a_seasons_state_and_the_message_says_what_is() -> None:
    """For whoever finds the log line after a damaged disk."""
    with pytest.raises(ValueError, match=r"not a season's state: TypeError\('expected an object'\)"):
        SeasonState.from_json([])
