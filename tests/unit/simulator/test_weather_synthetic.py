"""The made-up Shanghai year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from schedules.weather.series import Sample
from simulator.weather import SyntheticShanghai, erbs_diffuse_fraction

LOCAL = timezone(timedelta(hours=8))


def hours(start: datetime, count: int) -> np.ndarray:
    """POSIX seconds of every hour."""
    return start.timestamp() + np.arange(count) * 3600.0


def test_ten_years_of_it_have_the_published_monthly_means() -> None:
    """Normals 1981-2010: January 8.1 / 2.1 °C, July 32.2 / 25.8 °C; humidity 74 % and 77 %; within the spread."""
    weather = SyntheticShanghai(seed=5)
    for month, high, low, humidity in ((1, 8.1, 2.1, 74.0), (4, 19.5, 11.9, 72.0), (7, 32.2, 25.8, 77.0)):
        highs, lows, humid = [], [], []
        for year in range(2016, 2026):
            days = weather.series(hours(datetime(year, month, 1, tzinfo=LOCAL), 30 * 24))
            highs.append(days.dry_bulb.reshape(30, 24).max(axis=1).mean())
            lows.append(days.dry_bulb.reshape(30, 24).min(axis=1).mean())
            humid.append(days.relative_humidity.mean())
        assert np.mean(highs) == pytest.approx(high, abs=1.2)
        assert np.mean(lows) == pytest.approx(low, abs=1.2)
        assert np.mean(humid) == pytest.approx(humidity, abs=5.0)


def test_a_year_gets_about_as_much_sun_as_shanghai_does() -> None:
    """Global horizontal 1,200 to 1,450 kWh/m² a year, of which half is diffuse; no sun at night."""
    from schedules.weather import sun

    weather = SyntheticShanghai(seed=1)
    times = hours(datetime(2025, 1, 1, tzinfo=LOCAL), 8760)
    year = weather.series(times)
    high = sun.position(times, weather.site.latitude, weather.site.longitude).cos_zenith
    whole = (year.direct_normal * np.maximum(high, 0.0) + year.diffuse).sum() / 1000.0
    assert 1200.0 < whole < 1450.0
    assert 0.4 < year.diffuse.sum() / 1000.0 / whole < 0.75
    assert year.direct_normal[high <= 0.0].max() == 0.0
    assert year.diffuse[high <= 0.0].max() == 0.0


def test_the_same_seed_gives_the_same_weather_whoever_asks_and_in_whatever_order() -> None:
    """One instant asked alone, the same in a series, and by another object with the seed."""
    times = hours(datetime(2025, 6, 1, 3, tzinfo=LOCAL), 48)
    series = SyntheticShanghai(seed=7).series(times)
    alone = [SyntheticShanghai(seed=7).at(float(time)) for time in times[::-1]][::-1]
    for number, sample in enumerate(alone):
        assert sample == Sample(*(float(values[number]) for values in series))


def test_another_seed_gives_another_year() -> None:
    """Not the same days, the same climate."""
    times = hours(datetime(2025, 6, 1, tzinfo=LOCAL), 240)
    one, two = (SyntheticShanghai(seed=seed).series(times).dry_bulb for seed in (1, 2))
    assert np.abs(one - two).max() > 1.0


@pytest.mark.parametrize("year", [1950, 1969, 1970, 2000, 2024, 2099])
def test_it_answers_for_any_date_and_never_jumps(year: int) -> None:
    """Around new year and a leap day, minute by minute: less than 0.1 K a minute, all within physical limits."""
    weather = SyntheticShanghai(seed=4)
    for month, day in ((12, 31), (2, 28)):
        start = datetime(year, month, day, tzinfo=UTC).timestamp()
        two = weather.series(start + 60.0 * np.arange(2 * 1440, dtype=np.float64))
        assert np.abs(np.diff(two.dry_bulb)).max() < 0.1
        assert np.abs(np.diff(two.relative_humidity)).max() < 1.0
        assert ((two.relative_humidity > 0.0) & (two.relative_humidity <= 100.0)).all()
        assert ((two.infrared > 150.0) & (two.infrared < 550.0)).all()
        assert (two.wind > 0.0).all()


def test_it_says_that_it_is_synthetic() -> None:
    """A report must not pass it off as a record."""
    assert "synthetic" in SyntheticShanghai().label


def test_a_dull_sky_is_all_diffuse_and_a_clear_one_mostly_direct() -> None:
    """Erbs et al.: k_t 0.1 gives 99 %, k_t 0.8 gives 16.5 %."""
    fraction = erbs_diffuse_fraction(np.array([100.0, 820.0]), np.array([1000.0, 1000.0]))
    assert fraction == pytest.approx([0.991, 0.165], abs=0.001)
