"""When a point changes next by the clock alone: a zone's own, and an air handler's by the zones that it serves."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schedules.days import calendars
from schedules.seasons import Season
from schedules.types import Overtime
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.telling.explain import next_change
from tests.site_files import OFFICE, site_of_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
AHU = "ahu/start_stop"


def at(text: str) -> float:
    """A moment in July 2026: `15 17:00` is Wednesday the 15th."""
    day, time = text.split()
    return dt.datetime.fromisoformat(f"2026-07-{day} {time}").replace(tzinfo=SHANGHAI).timestamp()


def coming(point: str, now: str, *overtime: Overtime) -> tuple[Any, Any, Any] | None:
    """Time, value and rule of the point's next change, asked for at `now`."""
    site = site_of_file(OFFICE)
    decider = Decider(site, Known(site), calendars(site).tables, lambda _: (Season.SUMMER, float("inf")))
    decider.overtime = {"f3-open-west": overtime}
    decider.step(at(now))
    change = next_change(site.points[point], decider, at(now))
    return (change["at"][8:16], change["value"], change["rule"]) if change is not None else None


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("15 10:00", ("15T17:00", False, "pre-close-off")),
        ("15 20:00", ("16T08:30", None, "base")),
        ("17 20:00", ("20T08:30", None, "base")),
    ],
)
def test_an_air_handler_goes_with_the_zones_that_it_serves(now: str, then: tuple[str, Any, str]) -> None:
    """Off half an hour before they close, handed back at the prestart, on Friday evening for Monday."""
    assert coming(AHU, now) == then
    assert coming("f3-open-west/vav/start_stop", now) == then


def test_the_last_zone_that_requests_it_decides() -> None:
    """One room in overtime keeps the air handler of three."""
    stay = Overtime(at("15 16:00"), at("15 19:00"), "张三")
    assert coming("f3-open-east/vav/start_stop", "15 16:30", stay) == ("15T17:00", False, "pre-close-off")
    assert coming(AHU, "15 16:30", stay) == ("15T18:30", False, "pre-close-off")


def test_what_no_clock_decides_has_no_next_change() -> None:
    """A meter of the building, an escape stair."""
    assert coming("building/outdoor_temperature", "15 10:00") is None
    assert coming("stair-a/lights/start_stop", "15 10:00") is None
