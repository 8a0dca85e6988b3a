"""The day's mean outdoor temperature, from readings as they come."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.weather.daily_mean import DailyMean

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
MIDNIGHT = datetime(2026, 5, 1, tzinfo=SHANGHAI).timestamp()
HOUR = 3600.0

Ended = list[tuple[date, float | None]]


def tell(
    readings: list[tuple[float, float | None]], tz: ZoneInfo = SHANGHAI, midnight: float = MIDNIGHT
) -> tuple[DailyMean, Ended]:
    """The record and the days ended after readings at (hours from midnight, °C)."""
    record = DailyMean.begin(midnight, tz)
    ended: Ended = []
    for hours, value in readings:
        record, days = record.add(midnight + HOUR * hours, value, tz)
        ended += days
    return record, ended


def test_a_day_of_hourly_readings_ends_at_midnight_with_its_mean() -> None:
    """Half a day at 10 °C and half at 20 °C; the first reading of the next day ends it."""
    readings: list[tuple[float, float | None]] = [(h, 10.0 if h < 12 else 20.0) for h in range(25)]
    assert tell(readings[:-1])[1] == []
    record, ended = tell(readings)
    assert ended == [(date(2026, 5, 1), 15.0)]
    assert record.day == date(2026, 5, 2)


def test_the_mean_is_over_time_not_over_readings() -> None:
    """A sensor that reports every minute at noon does not make the day hot."""
    readings: list[tuple[float, float | None]] = [(h / 2, 10.0) for h in range(48)]
    readings += [(12.0 + m / 60, 30.0) for m in range(1, 30)]
    _, ended = tell([*sorted(readings), (24.0, 10.0)])
    (mean,) = [m for _, m in ended]
    assert mean == pytest.approx(10.0 + 20.0 * 29 / 60 / 24)


def test_too_little_of_a_day_is_no_mean() -> None:
    """Three quarters are 18 hours: from six in the morning on is enough, from half a minute past is not."""
    for first, expected in ((0.0, 15.0), (30.0, None)):
        _, ended = tell([(6.0 + first / HOUR, 15.0), *((float(h), 15.0) for h in range(7, 25))])
        assert ended == [(date(2026, 5, 1), expected)]


def test_a_reading_stands_for_an_hour_at_most() -> None:
    """One reading in the morning and one at night cover two hours."""
    record, _ = tell([(6.0, 15.0), (23.0, 15.0), (23.5, 15.0)])
    assert record.covered == 1.5 * HOUR


def test_a_bad_reading_ends_what_the_good_one_stood_for() -> None:
    """Unknown is not the last value: a fault at 06:10 leaves ten minutes."""
    for bad in (None, math.nan, math.inf):
        record, _ = tell([(6.0, 15.0), (6.0 + 1 / 6, bad), (8.0, 15.0), (8.5, 15.0)])
        assert record.covered == pytest.approx(0.5 * HOUR + 600)


def test_a_reading_before_midnight_counts_after_it_too() -> None:
    """Half an hour of the evening's reading belongs to the new day."""
    record, ended = tell([(23.5, 15.0), (24.5, 16.0)])
    assert ended == [(date(2026, 5, 1), None)]
    assert (record.covered, record.weighted) == (0.5 * HOUR, 15.0 * 0.5 * HOUR)


def test_days_of_silence_are_left_out() -> None:
    """From Friday 23:30 to Tuesday: Friday is ended, Saturday has half an hour, the rest is not told."""
    _, ended = tell([(23.5, 15.0), (24.0 * 4 + 1, 16.0)])
    assert ended == [(date(2026, 5, 1), None), (date(2026, 5, 2), None)]
    for last in (20.0, 23.0):  # what was read at 23:00 stands until midnight sharp, and not for Saturday
        _, ended = tell([(last, 15.0), (24.0 * 4 + 1, 16.0)])
        assert ended == [(date(2026, 5, 1), None)]


def test_a_sensor_that_reports_each_second_is_heard_as_well_as_an_hourly_one() -> None:
    """Many short stretches cover what they cover: an hour of seconds is an hour."""
    record, _ = tell([(6.0 + second / HOUR, 15.0) for second in range(3601)])
    assert record.covered == pytest.approx(HOUR)
    assert record.weighted == pytest.approx(15.0 * HOUR)


def test_the_day_that_samoa_skipped_has_no_mean() -> None:
    """2011-12-30 lasted no second at Apia: there is nothing to divide by, and the 29th has its own mean."""
    apia = ZoneInfo("Pacific/Apia")
    midnight = datetime(2011, 12, 29, tzinfo=apia).timestamp()
    _, ended = tell([(h / 2, 25.0) for h in range(50)], apia, midnight)
    assert ended[0] == (date(2011, 12, 29), 25.0)
    assert all(mean is None for _, mean in ended[1:])


def test_readings_out_of_order_are_ignored() -> None:
    """A late answer neither counts twice nor turns time back."""
    ordered = tell([(6.0, 15.0), (6.5, 16.0), (7.0, 15.0)])
    assert tell([(6.0, 15.0), (6.5, 16.0), (6.2, 99.0), (6.5, 99.0), (7.0, 15.0)]) == ordered


def test_a_clock_put_back_by_days_begins_anew() -> None:
    """Readings of a day that has not come yet say nothing."""
    record, ended = tell([(24.0 * 30, 15.0), (6.0, 10.0), (6.5, 10.0)])
    assert record.day == date(2026, 5, 1)
    assert record.covered == 0.5 * HOUR
    assert [day for day, _ in ended] == [date(2026, 5, 1)]  # the day the record had begun with


def test_a_day_of_23_or_25_hours_is_covered_by_its_own_length() -> None:
    """New York in 2026: 8 March lasts 23 hours, 1 November 25."""
    for day, length in ((date(2026, 3, 8), 23), (date(2026, 11, 1), 25)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()
        _, ended = tell([(float(h), 15.0) for h in range(length + 1)], NEW_YORK, midnight)
        assert ended == [(day, 15.0)]


@given(
    st.lists(
        st.tuples(st.integers(0, 4 * 96).map(lambda q: q / 4), st.none() | st.floats(-40, 50)), max_size=60
    ),
    st.integers(0, 60),
)
def test_a_restart_loses_nothing(readings: list[tuple[float, float | None]], cut: int) -> None:
    """Through JSON and back between any two readings; a mean lies among the readings."""
    whole, ended = tell(readings)
    first, days = tell(readings[:cut])
    record = DailyMean.from_json(json.loads(json.dumps(first.to_json())))
    assert record == first
    for hours, value in readings[cut:]:
        record, more = record.add(MIDNIGHT + HOUR * hours, value, SHANGHAI)
        days += more
    assert (record, days) == (whole, ended)
    values = [value for _, value in readings if value is not None]
    assert all(min(values) - 1e-9 <= mean <= max(values) + 1e-9 for _, mean in ended if mean is not None)


def test_a_restart_at_noon_keeps_the_morning() -> None:
    """Twelve hours at 10 °C are kept, with the last reading; the day's mean comes out as if nothing happened."""
    morning, _ = tell([(h / 2, 10.0) for h in range(25)])
    kept = json.loads(json.dumps(morning.to_json()))
    assert kept == {
        "day": "2026-05-01",
        "weighted": 10.0 * 12 * HOUR,
        "covered": 12 * HOUR,
        "time": MIDNIGHT + 12 * HOUR,
        "value": 10.0,
    }
    record = DailyMean.from_json(kept)
    assert record == morning
    ended: Ended = []
    for half_hours in range(25, 49):
        record, days = record.add(MIDNIGHT + HOUR * half_hours / 2, 20.0, SHANGHAI)
        ended += days
    ((day, mean),) = ended
    assert day == date(2026, 5, 1)
    assert mean == pytest.approx((12.5 * 10.0 + 11.5 * 20.0) / 24)


def test_a_restart_while_the_sensor_is_away_keeps_that_too() -> None:
    """No value is no value after it."""
    away, _ = tell([(6.0, 15.0), (7.0, None)])
    assert DailyMean.from_json(json.loads(json.dumps(away.to_json()))) == away
    assert away.value is None


def test_a_record_with_no_reading_yet_can_be_kept_too() -> None:
    """JSON has no infinity: a strict reader of the column, PostgreSQL's say, would refuse it."""
    fresh = DailyMean.begin(MIDNIGHT, SHANGHAI)
    assert DailyMean.from_json(json.loads(json.dumps(fresh.to_json(), allow_nan=False))) == fresh


def test_a_list_is_not_a_record_and_the_message_says_what_is() -> None:
    """For whoever finds the log line after a damaged disk."""
    with pytest.raises(ValueError, match=r"not a daily mean's record: TypeError\('expected an object'\)"):
        DailyMean.from_json([])


@pytest.mark.parametrize("data", [None, {}, {"day": "yesterday"}])
def test_a_damaged_record_is_refused(data: object) -> None:
    """What is read back from disk is checked."""
    with pytest.raises(ValueError, match="not a daily mean's record"):
        DailyMean.from_json(data)
