"""Buildings that are not in Shanghai: noon is noon there, July is winter in the south, and nobody is left guessing."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from config.file import EnergyPlus
from config.roles import Role
from config.site import Site
from schedules.days import calendars
from schedules.weather import sun
from schedules.weather.series import Weather
from simulator.plant.choice import model_problems
from supervisor.rehearsal.controllers import Controllers
from supervisor.rehearsal.program import Programme
from supervisor.rehearsal.scenario import weather_of
from tests.unit.rehearsal import small
from tests.unit.simulator.test_weather_epw import text, year

SOUTH = "season: {method: temperature, hemisphere: south}"


def site_in(timezone: str, season: str = "season: {method: temperature}") -> Site:
    """The small building elsewhere."""
    head = small.HEAD.replace("Asia/Shanghai", timezone).replace("season: {method: temperature}", season)
    return small.site(head=head)


def day_of(weather: Weather, date: dt.date, tz: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each hour of a day by the local clock: how high the sun is, direct sun, temperature."""
    start = dt.datetime.combine(date, dt.time(), ZoneInfo(tz)).timestamp()
    times = start + np.arange(24, dtype=np.float64) * np.float64(3600.0)
    seen = weather.series(times)
    high = sun.position(times, weather.site.latitude, weather.site.longitude).cos_zenith
    return high, seen.direct_normal, seen.dry_bulb


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/Denver", "Pacific/Auckland", "Asia/Kolkata"])
def test_without_a_file_it_is_the_shanghai_year_by_the_buildings_own_clock(timezone: str) -> None:
    """Dark at midnight, the sun up at noon, warmest in the afternoon; and a warning says whose weather it is."""
    weather, said = weather_of(None, 1, site_in(timezone))
    assert weather is not None
    high, direct, warm = day_of(weather, dt.date(2026, 4, 2), timezone)
    assert high[0] < 0.0 < high[12]
    assert direct[:4].max() == 0.0
    assert 12 <= int(np.argmax(warm)) <= 17
    (warning,) = said
    assert not warning.is_error
    assert f"{timezone} has the weather of Shanghai" in warning.message
    assert "--weather" in warning.hint


def test_in_china_nothing_is_said_and_nothing_moves() -> None:
    """The label and the place are Shanghai's."""
    weather, said = weather_of(None, 1, site_in("Asia/Shanghai"))
    assert said == []
    assert weather is not None
    assert weather.label == "synthetic Shanghai year (normals 1981-2010, seed 1)"


def test_the_south_has_its_summer_in_january() -> None:
    """The same year half a year later, with the sun in the north at noon."""
    site = site_in("Australia/Sydney", SOUTH)
    weather, said = weather_of(None, 1, site)
    assert weather is not None
    january, july = (
        day_of(weather, dt.date(2026, month, 15), "Australia/Sydney")[2].mean() for month in (1, 7)
    )
    assert january > july + 12.0
    assert "half a year later" in said[0].message
    noon = np.array([dt.datetime(2026, 7, 15, 12, tzinfo=ZoneInfo("Australia/Sydney")).timestamp()])
    azimuth = np.degrees(sun.position(noon, weather.site.latitude, weather.site.longitude).azimuth)
    assert np.cos(np.radians(azimuth))[0] > 0.9


def test_a_file_from_elsewhere_goes_by_the_buildings_clock_and_says_so(tmp_path: Path) -> None:
    """A building in Denver with a file of Shanghai: its fourteenth hour is two in the afternoon in Denver."""
    file = tmp_path / "w.epw"
    file.write_bytes(text(year()))
    weather, said = weather_of(file, 1, site_in("America/Denver"))
    assert weather is not None
    _, direct, warm = day_of(weather, dt.date(2026, 1, 15), "America/Denver")
    assert warm[14] == pytest.approx(13.0)  # the file counts its hours from 0
    assert int(np.argmax(direct)) in (11, 12, 13)
    assert "UTC+8, and a building of UTC-7" in said[0].message
    assert "by a clock of UTC-7" in weather.label
    assert weather_of(file, 1, site_in("Asia/Shanghai"))[1] == []


def test_a_file_of_the_other_hemisphere_is_remarked_upon(tmp_path: Path) -> None:
    """Its July is winter; whether the site file means that is for its author to say."""
    file = tmp_path / "w.epw"
    file.write_bytes(text(year()))
    _, said = weather_of(file, 1, site_in("Asia/Shanghai", SOUTH))
    assert "a building in the south" in said[0].message
    assert not said[0].is_error


@pytest.mark.parametrize(
    ("season", "cold"),
    [("season: {method: temperature}", {11, 12, 1, 2, 3}), (SOUTH, {5, 6, 7, 8, 9})],
)
def test_the_caretaker_changes_over_with_the_hemisphere(season: str, cold: set[int]) -> None:
    """As it is run today: heating is on offer in the cold months of the place."""
    site = site_in("Asia/Shanghai", season)
    start, end = (dt.datetime(y, 1, 1, tzinfo=site.tz).timestamp() for y in (2026, 2027))
    programme = Programme(site, calendars(site).tables, Controllers(site), start, end)
    for month in range(1, 13):
        programme.advance(dt.datetime(2026, month, 10, tzinfo=site.tz).timestamp())
        assert programme.heating is (month in cold)


def test_machines_are_cooled_day_and_night_whatever_hours_their_room_keeps() -> None:
    """A server room in the hours group of the offices: nobody stops its unit in the evening."""
    rooms = (
        "  rack: {kind: server_room, hours: office, area_m2: 20, people: 0, equipment: {vrf: d1/400}}\n",
        *small.ZONES[3:4],
    )
    site = small.site(rooms)
    controllers = Controllers(site)
    start, end = (dt.datetime(2026, 7, day, tzinfo=site.tz).timestamp() for day in (8, 10))
    programme = Programme(site, calendars(site).tables, controllers, start, end)
    units = {
        zone.id: equipment.points[Role.START_STOP]
        for zone in site.zones.values()
        for equipment in zone.equipment
        if equipment.hvac
    }
    for hour in range(0, 24, 2):
        programme.advance(start + hour * 3600.0)
        assert controllers.value(units["rack"]) is True
    assert {zone for zone, point in units.items() if controllers.value(point)} == {"rack"}


def test_a_weather_name_that_nobody_knows_is_told_with_those_that_are_known() -> None:
    """`usa_co_denvr`: no traceback, no guess."""
    weather, (problem,) = weather_of(Path("usa_co_denvr"), 1)
    assert weather is None
    assert "no such weather file" in problem.message
    assert "usa_co_denver" in problem.hint


def test_without_the_extra_a_weather_name_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """EnergyPlus is not there, or only half of it: the name is explained all the same."""
    monkeypatch.setitem(sys.modules, "pyenergyplus.dataset", None)
    weather, (problem,) = weather_of(Path("usa_co_denver"), 1)
    assert weather is None
    assert "pyenergyplus-lbnl" in problem.hint
    site = small.site()
    (missing,) = model_problems(replace(site, energyplus=EnergyPlus(model="small_office", zones={"a": "b"})))
    assert missing.message == "EnergyPlus is not installed"
