"""A room that says that it is nearly freezing: in winter it is heated whatever else is said, in July its sensor is looked at."""

from __future__ import annotations

import pytest

from schedules.seasons import Season
from tests.unit.field.test_disbelief import OUTDOORS, SITE, Days, T

SUMMER, AUTUMN, SPRING, WINTER = Season.SUMMER, Season.AUTUMN, Season.SPRING, Season.WINTER
ALONE = SITE.replace("points: {outdoor_temperature: d1/analog-input:9}\n", "")
"""The annex without an outdoor sensor, and with three rooms more."""
AMONG = ALONE.replace(
    "devices:",
    "".join(
        f"  r{n}: {{hours: office, equipment: {{fcu: {{template: fcu, at: d1/{200 + n}}}}}, "
        f"sensors: {{temperature: d1/analog-input:{200 + n}}}}}\n"
        for n in (1, 2, 3)
    )
    + "devices:",
)


def day(start: str, season: Season, outdoors: float = 25.0, *, text: str = SITE) -> Days:
    """An office at nine in the morning, its outdoor sensor alive."""
    days = Days(f"2026-{start} 08:00", season, text)
    if text is not SITE:
        return days
    return days.say(outdoors=outdoors - 0.3).until(f"{start} 08:30").say(outdoors=outdoors)


@pytest.mark.parametrize("stuck", [5.0, 7.9, 2.0, -20.0, 11.9])
def test_a_sensor_that_gets_stuck_at_five_degrees_in_july_heats_nothing(stuck: float) -> None:
    """It was live, and says so from one moment to the next, or by and by; the tenths that it still moves by change nothing."""
    days = day("07-13", SUMMER).say(temperature=stuck)
    assert not days.believed(T)
    assert "24.7 °C outdoors or more" in days.why(T)
    days.say(temperature=stuck + 0.05).until("07-15 09:00", 1800.0)
    assert not days.believed(T)
    days.say(temperature=24.0)
    assert days.believed(T)


@pytest.mark.parametrize(
    ("start", "season", "outdoors"),
    [
        ("01-12", WINTER, 18.0),  # the sun on its sensor, or a sensor that hangs indoors
        ("11-16", AUTUMN, 20.0),  # the same before winter was told
        ("03-16", SPRING, 21.0),
        ("04-13", WINTER, 20.0),  # heating by dates
        ("10-12", AUTUMN, 12.0),  # a window open in a cold autumn
        ("07-13", SUMMER, 14.0),  # an odd summer, on a mountain
    ],
)
def test_frost_is_believed_in_winter_and_wherever_it_may_be(
    start: str, season: Season, outdoors: float
) -> None:
    """Whatever another sensor says in the cold months, and whenever it is not warm outdoors."""
    assert day(start, season, outdoors).say(temperature=5.0).until(f"{start} 20:00").believed(T)


def test_it_is_believed_again_as_soon_as_it_turns_cold_outdoors() -> None:
    """Two days of May: 22 °C in the sun, 7 °C by night, and the coldest of the day counts for a day."""
    days = day("05-11", SPRING, 22.0).until("05-11 20:00").say(outdoors=18.0)
    days.until("05-12 08:00").say(outdoors=22.0).say(temperature=6.0)
    assert not days.believed(T)
    for hour, outdoors in ((18, 15.5), (21, 9.0)):
        days.until(f"05-12 {hour}:00").say(outdoors=outdoors)
    assert days.until("05-12 21:10").believed(T)
    days.until("05-13 08:00").say(outdoors=13.0).until("05-13 12:00").say(outdoors=22.0)
    assert days.until("05-13 14:00").believed(T)


def test_after_a_start_in_the_april_sun_nothing_is_said_against_a_cold_room() -> None:
    """Nobody has seen the night: the sun may be on the outdoor sensor, and the room have frozen."""
    days = day("04-13", SPRING, 22.0).say(temperature=6.0)
    assert days.until("04-13 14:00").believed(T)


def test_an_outdoor_sensor_that_is_stuck_itself_says_nothing_against_a_room() -> None:
    """In autumn for longer than six hours: the front may have come since. In summer there is no frost."""
    for season, start, believed in ((AUTUMN, "10-12", True), (SUMMER, "07-13", False)):
        days = day(start, season, 18.0).until(f"{start} 16:00").say(temperature=5.0)
        assert days.until(f"{start} 18:00").believed(T) is believed


def test_what_was_believed_by_night_is_not_when_it_has_stood_into_the_warmth() -> None:
    """The sensor says no new word: the look of each minute finds it, and the coldest night is a day ago."""
    days = day("09-14", SUMMER, 14.0).say(temperature=5.0)
    assert days.believed(T)
    for hour, outdoors in ((10, 18.0), (12, 24.0)):
        days.until(f"09-14 {hour}:00").say(outdoors=outdoors)
    assert days.until("09-14 12:10").believed(T)
    days.until("09-15 13:10")
    assert not days.believed(T)


def test_without_an_outdoor_sensor_the_other_rooms_speak_in_summer_alone() -> None:
    """Three of them at least; half of them are at 24 °C."""
    others = {f"r{n}/temperature": 20.0 + 2 * n for n in (1, 2, 3)}
    for season, start, believed in ((SUMMER, "07-13", False), (AUTUMN, "10-12", True)):
        days = day(start, season, text=AMONG)
        days.says.update(others)
        days.say(temperature=5.0)
        assert days.until(f"{start} 09:00").believed(T) is believed
    alone = day("07-13", SUMMER, text=ALONE).say(temperature=5.0)
    assert alone.until("07-13 09:00").believed(T)


def test_a_larder_that_nobody_heats_may_be_cold_in_july() -> None:
    """Its temperature is only watched."""
    larder = SITE.replace(
        "devices:", "  larder: {hours: office, sensors: {temperature: d1/analog-input:77}}\ndevices:"
    )
    days = day("07-13", SUMMER, text=larder)
    days.says["larder/temperature"] = 4.0
    assert days.say(outdoors=25.0).until("07-13 12:00").believed("larder/temperature")


def test_a_sensor_outdoors_that_leaps_to_a_code_is_not_believed_until_it_moves() -> None:
    """-40.0, 50.0: figures that weather can have. One that was exchanged moves within minutes; back is believed at once."""
    for code in (-40.0, 50.0):
        days = day("07-13", SUMMER).say(outdoors=code)
        assert not days.until("07-13 12:00").believed(OUTDOORS)
        assert "at a stroke" in days.why(OUTDOORS)
        assert days.say(outdoors=25.2).believed(OUTDOORS)
        assert days.say(outdoors=10.0).say(outdoors=-9.0).believed(OUTDOORS)
        assert days.say(outdoors=code).say(outdoors=code + 0.1).believed(OUTDOORS)
