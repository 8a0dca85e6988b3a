"""The season of a building that has no record of its own yet: its place's typical year, else the month."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.file import Season as SeasonSection
from config.load import load
from schedules.days import calendars
from schedules.thermal_seasons import typical_state
from schedules.types import Season
from supervisor.core.plan import plan_day
from supervisor.core.season import SeasonKeeper, turns_of
from supervisor.sitefile.sitefile import load as load_whole
from tests.site_files import OFFICE, site_of_file
from tests.unit.simulator import test_weather_epw as epw

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = 86_400.0


def year(mean: float, swing: float) -> list[float]:
    """365 daily means in °C, coldest on 15 January."""
    return [mean - swing * math.cos(2 * math.pi * (day - 14) / 365) for day in range(365)]


GUANGZHOU, HARBIN = year(22.5, 7.5), year(4.5, 21.0)


def file(means: list[float]) -> bytes:
    """An EPW file with those daily means."""
    rows = epw.year()
    for hour, row in enumerate(rows):
        row[6] = f"{means[hour // 24]:.1f}"
    return epw.text(rows)


def office(folder: Path, weather: str = "") -> Path:
    """The example office, whose season follows its outdoor sensor, with a weather file or none."""
    text = OFFICE.read_text(encoding="utf-8")
    assert "\nseason:\n  method: dates" in text
    path = folder / "site.yaml"
    path.write_text(
        text.replace("\nseason:\n  method: dates", f"\nseason:\n{weather}  method: temperature"),
        encoding="utf-8",
    )
    return path


def noon(month: int, day: int) -> float:
    """Noon of a day in 2026."""
    return dt.datetime(2026, month, day, 12, tzinfo=SHANGHAI).timestamp()


@pytest.mark.parametrize(
    ("month", "by_month", "guangzhou", "harbin"),
    [(1, "winter", "spring", "winter"), (4, "spring", "summer", "winter"), (5, "spring", "summer", "spring"),
     (7, "summer", "summer", "summer"), (10, "autumn", "summer", "winter"), (11, "autumn", "autumn", "winter")],
)  # fmt: skip
def test_the_place_decides_where_the_month_would_be_wrong(
    month: int, by_month: str, guangzhou: str, harbin: str
) -> None:
    """A first start on the 25th: Guangzhou cools in October, Harbin heats in April, whatever the month says."""
    section, now = SeasonSection(), noon(month, 25)
    found = [
        SeasonKeeper(section, SHANGHAI, now, typical).now(now).season for typical in ((), GUANGZHOU, HARBIN)
    ]
    assert [str(season) for season in found] == [by_month, guangzhou, harbin]


def test_the_buildings_own_record_takes_over() -> None:
    """Twelve cold days at the sensor make winter in Guangzhou too; a restart keeps that, a young record not."""
    now = noon(10, 20)
    keeper = SeasonKeeper(SeasonSection(), SHANGHAI, now, GUANGZHOU)
    young = keeper.memory()
    assert (keeper.now(now).season, keeper.source(now)) == (Season.SUMMER, "typical year")
    for hour in range(12 * 24):
        keeper.outdoor(now + hour * 3600.0, 6.0)
    later = now + 12 * DAY
    assert (keeper.now(later).season, keeper.source(later)) == (Season.WINTER, "measured")
    restarted = SeasonKeeper(SeasonSection(), SHANGHAI, later, GUANGZHOU)
    restarted.restore(young)
    assert restarted.source(later) == "typical year", "it had seen no day yet"
    restarted.restore(keeper.memory())
    assert (restarted.now(later).season, restarted.source(later)) == (Season.WINTER, "measured")


def test_which_season_the_weather_made_when_is_on_record() -> None:
    """Whoever looks at a week gone by: summer until the cold days were five, winter from the day after; a restart keeps it."""
    now = noon(10, 20)
    keeper = SeasonKeeper(SeasonSection(), SHANGHAI, now, GUANGZHOU)
    for hour in range(12 * 24):
        keeper.outdoor(now + hour * 3600.0, 6.0)
    made = dt.date.fromisoformat(keeper.memory()["state"]["since"]) + dt.timedelta(days=1)
    assert turns_of(keeper.memory()) == [(dt.date(2026, 10, 20), Season.SUMMER), (made, Season.WINTER)]
    restarted = SeasonKeeper(SeasonSection(), SHANGHAI, now + 12 * DAY, GUANGZHOU)
    restarted.restore(keeper.memory())
    assert restarted.memory()["turns"] == keeper.memory()["turns"]
    earlier = {name: kept for name, kept in keeper.memory().items() if name != "turns"}
    restarted.restore(earlier)
    assert turns_of(restarted.memory()) == [(made, Season.WINTER)], "of an earlier version: what stands"
    for broken in ({"turns": [7]}, {"turns": [["2026-10-20", "monsoon"]]}, {"turns": 7}):
        with pytest.raises(ValueError, match=r".+"):
            turns_of(broken)


def test_the_day_that_three_years_of_four_do_not_have() -> None:
    """29 February takes the typical 28th; a year of another length is refused."""
    assert typical_state(HARBIN, dt.date(2028, 3, 1)).season is Season.WINTER
    with pytest.raises(ValueError, match="365 days, not 364"):
        typical_state(HARBIN[1:], dt.date(2028, 3, 1))


def test_plan_says_what_the_season_rests_on(tmp_path: Path) -> None:
    """With an EPW file beside the site file, a day in any year has the place's season; without, the month's."""
    (tmp_path / "place.epw").write_bytes(file(GUANGZHOU))
    day, told = dt.date(2031, 10, 20), []
    for weather in ("", "  weather: place.epw\n"):
        site = site_of_file(office(tmp_path, weather))
        made = plan_day(site, calendars(site), day)
        told.append((str(made.season), made.season_from))
    assert told == [("autumn", "month"), ("summer", "typical year")]


def test_a_weather_file_that_is_none_is_a_problem_of_its_line(tmp_path: Path) -> None:
    """Missing or cut short, it is told at `season.weather`, before anything starts."""
    path = office(tmp_path, "  weather: place.epw\n")
    errors = [p for p in load(path).problems if p.is_error]
    assert [(p.path, "there is no file" in p.message) for p in errors] == [("season.weather", True)]
    (tmp_path / "place.epw").write_bytes(file(HARBIN)[:5000])
    problems = [p for p in load_whole(path).problems if p.is_error]
    assert [p.path for p in problems] == ["season.weather"]
    assert "place.epw:" in problems[0].message


def test_a_season_said_once_holds_until_its_day_and_not_for_a_clock_that_is_put_back() -> None:
    """June, asked twice a day, is summer to the end; set back to May it is spring again; October is autumn."""
    dates = {"spring": "03-20", "summer": "06-01", "autumn": "10-01", "winter": "12-01"}
    section = SeasonSection.model_validate({"method": "dates", "dates": dates})
    keeper = SeasonKeeper(section, SHANGHAI, noon(6, 1))
    asked = [(6, 1), (6, 2), (9, 30), (5, 31), (6, 1), (10, 1)]
    said = [keeper.season(noon(*day))[0] for day in asked]
    assert said == [*[Season.SUMMER] * 3, Season.SPRING, Season.SUMMER, Season.AUTUMN]
