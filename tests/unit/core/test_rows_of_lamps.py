"""A room with several circuits, and hours at the edge of half an hour: nobody is forgotten."""

from __future__ import annotations

import pytest

from config.roles import EquipmentKind, Role
from schedules.types import Interval
from supervisor.core.engine import evaluate, plan_zone
from supervisor.core.views import EquipmentView, Facts, PointView, ZoneView
from tests.unit.core import parts
from tests.unit.core.story import Day

ROWS = ("door", "middle", "window")


def off_in(day: Day) -> set[str]:
    """The rows that are told to be off."""
    assert day.building.answer is not None
    outcomes = day.building.answer.outcomes
    rows = {row.name: row.points[Role.START_STOP].id for row in day.building.zone.equipment}
    return {name for name, point in rows.items() if outcomes[point].decision.value is False}


@pytest.mark.parametrize("plain", ROWS)
def test_each_row_that_may_blink_blinks_and_the_plain_one_does_not(plain: str) -> None:
    """Three rows of lamps, one of them without a warning, wherever it stands in the list."""
    rows = [
        parts.equipment(name, EquipmentKind.LIGHTS, warn="none" if name == plain else "blink")
        for name in ROWS
    ]
    day = Day(parts.zone(*rows))
    day.at("17:32", people=0)
    day.at("17:35")
    assert off_in(day) == set(ROWS) - {plain}


@pytest.mark.parametrize("plain", ROWS)
def test_each_output_that_warns_by_itself_is_told(plain: str) -> None:
    """Two Binary Lighting Outputs with three minutes of egress beside a plain row."""
    rows = [
        parts.equipment(
            name,
            EquipmentKind.LIGHTS,
            warn="none" if name == plain else "blink",
            object_type="binary-value" if name == plain else "binary-lighting-output",
        )
        for name in ROWS
    ]
    day = Day(parts.zone(*rows))
    for row in rows:
        day.building.outputs[row.points[Role.START_STOP].id].egress = 180.0
    day.at("17:32", people=0)
    day.at("17:37")
    assert off_in(day) == set(ROWS) - {plain}


def _fan_coil_at(moment: str, workday: tuple[Interval, ...]) -> tuple[bool, float]:
    """Whether a fan coil alone is held off, and when to ask again if no lease runs out before."""
    zone = parts.zone(parts.fan_coil((Role.START_STOP,)), sensors=())
    point = zone.equipment[0].points[Role.START_STOP]
    at = Day(zone).when(moment)
    view = ZoneView(
        zone,
        parts.timetable(workday).spans(at),
        equipment=(EquipmentView(zone.equipment[0], PointView(point)),),
    )
    answer = evaluate(view, Facts(), {}, at, plan=plan_zone(zone), lease=400 * 86_400.0)
    return answer.outcomes[point.id].decision.value is False, answer.wake_at


def test_after_closing_the_next_thing_to_wake_for_is_the_close_and_then_prestart() -> None:
    """At 17:10 it is off and 17:30 changes the reason; from 17:30 on nothing happens until 08:30."""
    office = parts.OFFICE_HOURS
    when = Day(parts.zone(parts.fan_coil())).when
    assert _fan_coil_at("17:10", office) == (True, when("17:30"))
    off, wake_at = _fan_coil_at("17:30", office)
    assert off
    assert wake_at - when("17:30") == 15 * 3600.0


@pytest.mark.parametrize(("close", "prepared"), [(10 * 60 + 30, False), (10 * 60 + 31, True)])
def test_an_opening_of_half_an_hour_is_all_last_half_hour(close: int, prepared: bool) -> None:
    """10:00 to 10:30 is not prepared for, a minute longer is."""
    off, _ = _fan_coil_at("09:45", (Interval(600, close),))
    assert off is not prepared
