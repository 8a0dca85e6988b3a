"""Overtime as people ask for it: before the morning, in the evening, across midnight, on a Saturday."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from schedules.days import calendars
from schedules.seasons import Season
from schedules.time import clock
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.core.overtime import admit
from tests.site_files import OFFICE, site_of_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOM = "f2-office-201"


@pytest.fixture
def decider() -> Decider:
    """An office that is open from 09:00 to 17:30 on working days."""
    site = site_of_file(OFFICE)
    return Decider(site, Known(site), calendars(site).tables, lambda at: (Season.SUMMER, float("inf")))


def at(text: str) -> float:
    """A moment in July 2026: `15 17:00` is Wednesday the 15th."""
    day, time = text.split()
    return dt.datetime.fromisoformat(f"2026-07-{day} {time}").replace(tzinfo=SHANGHAI).timestamp()


def ask(decider: Decider, now: str, until: str) -> list[str]:
    """The room's hours from `now` on, once somebody has asked for overtime until then."""
    admit(decider, {"zone": ROOM, "until": until, "name": "张三"}, at(now))
    spans = [s for s in decider.spans(ROOM, at(now)).spans if s.close > at(now)]
    return [f"{clock(s.open, SHANGHAI)}-{clock(s.close, SHANGHAI)}" for s in spans if s.overtime]


@pytest.mark.parametrize(
    ("now", "until", "hours"),
    [
        ("15 16:00", "19:00", "09:00-19:00"),
        ("15 08:00", "19:00", "09:00-19:00"),
        ("15 07:00", "09:30", "07:00-17:30"),
        ("15 06:00", "12:00", "06:00-17:30"),
        ("15 18:00", "21:00", "18:00-21:00"),
        ("15 22:00", "00:30", "22:00-00:30"),
        ("15 22:00", "24:00", "22:00-00:00"),
        ("18 10:00", "14:00", "10:00-14:00"),
        ("15 18:00", "2026-07-16T19:00:00+08:00", "09:00-19:00"),
    ],
)
def test_overtime_is_what_it_adds_to_the_hours(decider: Decider, now: str, until: str, hours: str) -> None:
    """Asked for at breakfast, after closing, past midnight, on a Saturday, or a day ahead."""
    assert ask(decider, now, until) == [hours]


@pytest.mark.parametrize(
    ("now", "until", "said"),
    [
        ("15 16:00", "21:31", "at most 4 h at a time: until 2026-07-15T21:30:00"),
        ("15 16:00", "17:00", "is open until 2026-07-15T17:30:00"),
        ("15 18:00", "17:00", "in the future"),
        ("15 19:30", "19:00", "in the future"),
        ("15 18:00", "06:00", "in the future"),
        ("15 04:00", "12:00", "at most 4 h at a time: until 2026-07-15T08:00:00"),
        ("18 10:00", "14:01", "at most 4 h at a time: until 2026-07-18T14:00:00"),
        ("15 16:00", "evening", "HH:MM today, or at an ISO 8601 time"),
        ("15 16:00", "2026-07-20T19:00:00+08:00", "at most 4 h"),
    ],
)
def test_what_is_no_overtime_is_refused_with_the_latest_hour(
    decider: Decider, now: str, until: str, said: str
) -> None:
    """Four hours beyond the opening hours at most, and never in the past."""
    with pytest.raises(ValueError, match=said):
        ask(decider, now, until)
    assert not decider.overtime


def test_another_four_hours_may_follow(decider: Decider) -> None:
    """Those who stay until 21:00 and are not done ask again, past midnight."""
    ask(decider, "15 16:00", "21:00")
    assert ask(decider, "15 20:50", "00:45") == ["09:00-00:45"]
