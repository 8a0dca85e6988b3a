"""A time, a day or a duration that is not taken: the hint has the words that would be right, in both languages."""

from __future__ import annotations

import pytest

from config.problems import meant
from config.values import Misread, parse_clock, parse_day, parse_duration, parse_hours
from tests.unit.config.conftest import Broken


def remedy(parse: object, text: object) -> tuple[str, str]:
    """The hint in both languages."""
    with pytest.raises(Misread) as refused:
        parse(text)  # type: ignore[operator] # one of the parsers
    return refused.value.remedy.en, refused.value.remedy.zh


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("30 minutes", "30min"), ("90 mins", "90min"), ("1.5 hours", "90min"), ("two hours", "2h"), ("90 secs", "90s"),
        ("half an hour", "30min"), ("an hour and a half", "90min"), ("1h30", "90min"), ("1h 30min", "90min"),
        ("2 hours and 15 minutes", "135min"), ("PT30M", "30min"), ("pt1h30m", "90min"), ("3 days", "3d"), ("30'", "30min"),
    ],
)  # fmt: skip
def test_a_duration_in_english(text: str, right: str) -> None:
    """And what is right is taken, with the same length whichever way it is said."""
    assert remedy(parse_duration, text) == tuple(meant(right))
    assert parse_duration(right) > 0


@pytest.mark.parametrize(
    ("text", "seconds"), [("1.5h", 5400), ("90 min", 5400), ("90min", 5400), ("1.5小时", 5400)]
)
def test_what_is_taken_stays_taken(text: str, seconds: float) -> None:
    """Nobody has to be asked."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["soon", "30 parsecs", "minutes", "1h or 2h", "-5 min", ""])
def test_what_is_no_duration_at_all_is_told_how_one_is_written(text: str) -> None:
    """Nothing is guessed."""
    assert remedy(parse_duration, text)[0] == "write seconds, or like 90s, 15min, 4h"


def test_hours_and_minutes_or_minutes_and_seconds() -> None:
    """1:30 may be either, and both are named."""
    en, zh = remedy(parse_duration, "1:30")
    assert "`90min`" in en
    assert "`90s`" in en
    assert "`90min`" in zh


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("9pm", "21:00"), ("4 p.m.", "16:00"), ("12am", "00:00"), ("12 pm", "12:00"), ("half past 8", "08:30"),
        ("quarter to nine", "08:45"), ("half past 5 pm", "17:30"), ("17.30", "17:30"), ("17h30", "17:30"), ("16", "16:00"),
        ("9 o'clock", "09:00"), ("noon", "12:00"),
    ],
)  # fmt: skip
def test_a_time_in_english(text: str, right: str) -> None:
    """am and pm, and whatever stands for the colon."""
    assert remedy(parse_clock, text) == tuple(meant(right))


@pytest.mark.parametrize("text", ["13pm", "25", "8:75", "half past noon", "late"])
def test_what_is_no_time_is_told_how_one_is_written(text: str) -> None:
    """No 37 o'clock."""
    assert remedy(parse_clock, text)[0] == "write it like 08:30, from 00:00 to 24:00"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("9am-5pm", "09:00-17:00"), ("9:00 am - 5:30 pm", "09:00-17:30"), ("09:00 to 17:30", "09:00-17:30"),
        ("from 9 to 17", "09:00-17:00"), ("9-5", "09:00-17:00"), ("8.30-17.30", "08:30-17:30"), ("10pm-6am", "22:00-06:00"),
        ("all day", "24h"), ("24/7", "24h"), ("24 hours", "24h"),
    ],
)  # fmt: skip
def test_opening_hours_in_english(text: str, right: str) -> None:
    """Both ends; nine to five is not five in the morning."""
    assert remedy(parse_hours, text) == tuple(meant(right))
    assert parse_hours(right)


@pytest.mark.parametrize("text", ["全天", "整天", "全天候", "24小时"])
def test_all_day_in_chinese_is_taken(text: str) -> None:
    """One is as plain as the other."""
    assert parse_hours(text) == parse_hours("24h")


def test_one_end_of_the_hours_and_a_day_in_their_place() -> None:
    """9pm is when it closes, and when does it open? 周末 belongs before the colon."""
    assert remedy(parse_hours, "9pm")[0].endswith("like 09:00-21:00")
    assert remedy(parse_hours, "half past 8")[1] == "开门和关门都要写，如 08:30-17:30"
    assert "`weekend: closed`" in remedy(parse_hours, "周末")[1]


@pytest.mark.parametrize(
    ("text", "right"),
    [("1 Oct 2026", "2026-10-01"), ("October 1st, 2026", "2026-10-01"), ("5 of May 2027", "2027-05-05")],
)
def test_a_day_in_english(text: str, right: str) -> None:
    """The month by its name says which number is the day."""
    assert remedy(parse_day, text) == tuple(meant(right))


@pytest.mark.parametrize("text", ["Oct 1", "10-01", "10月1日"])
def test_a_day_without_its_year(text: str) -> None:
    """Which year nobody knows: it is asked for."""
    assert remedy(parse_day, text) == ("write its year as well, like 2026-10-01", "还要写年份，如 2026-10-01")


@pytest.mark.parametrize("text", ["国庆节", "中秋", "春节", "元旦", "National Day", "国庆节放假"])
def test_a_holiday_by_its_name(text: str) -> None:
    """The calendar knows it: what the site adds is how it opens then."""
    en, zh = remedy(parse_day, text)
    assert "`holiday: 09:00-12:00`" in en
    assert "法定节假日已在日历中" in zh


def test_a_holiday_as_a_line_of_the_hours(broken: Broken) -> None:
    """There is one line for all of them."""
    problem = broken(("    workday: 09:00-17:30", "    workday: 09:00-17:30\n    §国庆节: closed"))
    assert problem.message == "unknown key `国庆节`"
    assert problem.hint.startswith("write `holiday:` for every public holiday")
