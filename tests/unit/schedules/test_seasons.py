"""Which season is in force, and when that may change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.seasons import (
    ByTemperature,
    DistrictHeating,
    FixedDates,
    Method,
    MonthDay,
    Season,
    SeasonOverride,
    SeasonState,
    Why,
    next_season_change,
    season_at,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DATES = FixedDates(
    (
        (MonthDay(12, 1), Season.WINTER),
        (MonthDay(3, 15), Season.SPRING),
        (MonthDay(6, 1), Season.SUMMER),
        (MonthDay(10, 1), Season.AUTUMN),
    )
)
BEIJING = DistrictHeating(MonthDay(11, 15), MonthDay(3, 15), ByTemperature())
STATE = SeasonState(Season.AUTUMN, date(2026, 9, 25))


def at(text: str) -> float:
    """The instant of `2026-03-15` or `2026-03-15 12:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def ask(
    method: Method, moment: str, state: SeasonState | None = None, override: SeasonOverride | None = None
) -> tuple[str, str, str, str]:
    """Season, why, since and until, as text."""
    now = season_at(method, state, override, at(moment), SHANGHAI)
    until = "" if now.until is None else str(datetime.fromtimestamp(now.until, SHANGHAI))[:16]
    return now.season.value, now.why.value, str(now.since or ""), until


def test_fixed_dates_turn_at_local_midnight() -> None:
    """The last minute of spring and the first of summer."""
    assert ask(DATES, "2026-05-31 23:59") == ("spring", "dates", "2026-03-15", "2026-06-01 00:00")
    assert ask(DATES, "2026-06-01 00:00") == ("summer", "dates", "2026-06-01", "2026-10-01 00:00")


def test_winter_runs_over_the_new_year() -> None:
    """January belongs to the winter that began in December."""
    assert ask(DATES, "2026-01-10") == ("winter", "dates", "2025-12-01", "2026-03-15 00:00")
    assert ask(DATES, "2026-12-10") == ("winter", "dates", "2026-12-01", "2027-03-15 00:00")


def test_a_place_may_have_two_seasons_or_one() -> None:
    """Haikou: a long summer and an autumn; a greenhouse: summer for ever."""
    haikou = FixedDates(((MonthDay(3, 1), Season.SUMMER), (MonthDay(11, 20), Season.AUTUMN)))
    assert ask(haikou, "2026-02-01")[0] == "autumn"
    assert ask(FixedDates(((MonthDay(1, 1), Season.SUMMER),)), "2026-05-05") == ("summer", "dates", "", "")


def test_district_heating_is_winter_to_its_last_day() -> None:
    """Beijing's heating ends with 15 March; the next day the thermometer decides."""
    assert ask(BEIJING, "2026-03-15 23:59", STATE) == ("winter", "heating", "2025-11-15", "2026-03-16 00:00")
    assert ask(BEIJING, "2026-11-14", STATE) == ("autumn", "temperature", "2026-09-25", "2026-11-15 00:00")


def test_after_the_heating_the_thermometers_season_counts_from_that_day() -> None:
    """It may have known since February that spring is here."""
    early = SeasonState(Season.SPRING, date(2026, 2, 20))
    assert ask(BEIJING, "2026-03-16", early) == ("spring", "temperature", "2026-03-16", "2026-11-15 00:00")


def test_district_heating_with_dates_for_the_rest() -> None:
    """Heating from mid-November cuts autumn short, and 1 December changes nothing."""
    method = DistrictHeating(MonthDay(11, 15), MonthDay(3, 14), DATES)
    assert ask(method, "2026-11-20") == ("winter", "heating", "2026-11-15", "2027-03-15 00:00")
    assert ask(method, "2026-11-14") == ("autumn", "dates", "2026-10-01", "2026-11-15 00:00")


def test_heating_in_the_middle_of_a_year_is_the_south() -> None:
    """June to August, south of the equator."""
    method = DistrictHeating(MonthDay(6, 1), MonthDay(8, 31), ByTemperature(southern=True))
    assert ask(method, "2026-07-01", STATE)[:2] == ("winter", "heating")
    assert ask(method, "2026-09-01", STATE)[1] == "temperature"


def test_by_temperature_the_state_decides_and_dates_never_turn_it() -> None:
    """Nothing to wake up for: the next daily mean is new weather."""
    assert ask(ByTemperature(), "2026-10-10", STATE) == ("autumn", "temperature", "2026-09-25", "")


def test_by_temperature_without_a_record_is_an_error() -> None:
    """The configuration must have an outdoor sensor, or dates."""
    with pytest.raises(
        ValueError, match=r"^the season follows the weather, and no weather has been recorded$"
    ):
        ask(ByTemperature(), "2026-10-10")
    assert ask(BEIJING, "2026-01-10")[0] == "winter"


def test_a_managers_word_goes_first_and_expires() -> None:
    """Summer until Sunday midnight, then what the dates say, to the second."""
    override = SeasonOverride(Season.SUMMER, at("2026-05-25"))
    assert ask(DATES, "2026-05-20", override=override) == ("summer", "override", "", "2026-05-25 00:00")
    assert ask(DATES, "2026-05-25", override=override)[:2] == ("spring", "dates")
    assert ask(ByTemperature(), "2026-05-20", None, override)[0] == "summer"
    assert next_season_change(DATES, override, override.until, SHANGHAI) == at("2026-06-01")


def test_29_february_is_1_march_in_a_common_year() -> None:
    """As a start, and as the last day of heating it is the end of February."""
    method = FixedDates(((MonthDay(2, 29), Season.SPRING), (MonthDay(11, 1), Season.WINTER)))
    assert ask(method, "2026-02-28 12:00") == ("winter", "dates", "2025-11-01", "2026-03-01 00:00")
    assert ask(method, "2028-02-29 12:00")[0] == "spring"
    heating = DistrictHeating(MonthDay(11, 15), MonthDay(2, 29), DATES)
    assert ask(heating, "2026-03-01")[1] == "dates"
    assert ask(heating, "2028-02-29 12:00") == ("winter", "heating", "2027-11-15", "2028-03-01 00:00")


@pytest.mark.parametrize(
    "starts",
    [
        (),
        ((MonthDay(6, 1), Season.SUMMER), (MonthDay(6, 1), Season.WINTER)),
        ((MonthDay(6, 31), Season.SUMMER),),
    ],
)
def test_dates_that_make_no_sense_are_refused(starts: tuple[tuple[MonthDay, Season], ...]) -> None:
    """None at all, two on one day, or a 31 June."""
    with pytest.raises(ValueError, match=r"^fixed seasons|^day|^month"):
        FixedDates(starts)


def test_heating_on_a_day_that_does_not_exist_is_refused() -> None:
    """31 November."""
    with pytest.raises(ValueError, match="day"):
        DistrictHeating(MonthDay(11, 31), MonthDay(3, 15), DATES)
    with pytest.raises(ValueError, match="day"):
        DistrictHeating(MonthDay(11, 15), MonthDay(2, 30), DATES)


def test_a_district_may_heat_for_one_day() -> None:
    """A trial run on 1 November: not the day before it, and not the year around it."""
    trial = DistrictHeating(MonthDay(11, 1), MonthDay(11, 1), DATES)
    assert [ask(trial, day)[1] for day in ("2026-10-31", "2026-11-01", "2026-11-02", "2026-05-01")] == [
        "dates", "heating", "dates", "dates"
    ]  # fmt: skip


def test_29_february_and_1_march_are_two_days() -> None:
    """In a leap year one has its own day; in a common one the later of the two in the list holds."""
    method = FixedDates(((MonthDay(2, 29), Season.WINTER), (MonthDay(3, 1), Season.SPRING)))
    assert [ask(method, day)[0] for day in ("2028-02-29", "2028-03-01", "2026-03-01")] == [
        "winter", "spring", "spring"
    ]  # fmt: skip


month_days = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda d: MonthDay(d.month, d.day))
fixed = st.lists(
    st.tuples(month_days, st.sampled_from(Season)), min_size=1, max_size=6, unique_by=lambda start: start[0]
).map(lambda starts: FixedDates(tuple(starts)))
methods = fixed | st.builds(DistrictHeating, month_days, month_days, fixed | st.just(ByTemperature()))


@given(methods, st.dates(date(2006, 1, 1), date(2026, 12, 31)), st.integers(0, 86399))
def test_the_next_change_is_the_first_day_with_another_answer(method: Method, on: date, second: int) -> None:
    """Against a walk day by day through more than a year, and `since` against a walk back."""

    def answer(day: date) -> tuple[Season, Why]:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI).timestamp()
        return season_at(method, STATE, None, noon, SHANGHAI)[:2]

    t = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI).timestamp() + second
    change = next_season_change(method, None, t, SHANGHAI)
    ahead = [on + timedelta(n) for n in range(1, 367)]
    expected = next((d for d in ahead if answer(d) != answer(on)), None)
    assert change == (
        expected and datetime(expected.year, expected.month, expected.day, tzinfo=SHANGHAI).timestamp()
    )
    now = season_at(method, STATE, None, t, SHANGHAI)
    if now.since is not None and now.why is not Why.TEMPERATURE:
        assert answer(now.since) == answer(on)
        assert answer(now.since - timedelta(1)) != answer(on)
