"""What will change by the clock alone: the rules' own wake-ups, played forward."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.roles import Role
from supervisor.core import forecast as module
from supervisor.core.decisions import RELINQUISH, Command
from supervisor.core.engine import plan_zone
from supervisor.core.forecast import forecast
from supervisor.core.views import Facts, ZoneView
from tests.unit.core import parts
from tests.unit.core.story import Day


def told(day: Day, until: str, *, planned: bool = True) -> list[tuple[str, str, Command, str]]:
    """The forecast of a building in which nobody does anything: clock, point, value, rule."""
    building = day.building
    asked: list[float] = []

    def view_at(at: float) -> ZoneView:
        building.now = at
        return building.view()

    def facts_at(at: float) -> Facts:
        asked.append(at)
        return building.facts

    plan = plan_zone(building.zone) if planned else None
    end = day.when(until)
    found = list(forecast(view_at, facts_at, building.memory, building.now, end, plan))
    assert asked == sorted(set(asked))
    assert all(at < end for at in asked)
    assert len(asked) <= 12  # at wake-ups, not at every lease
    return [
        (
            datetime.fromtimestamp(at, day.timetable.tz).strftime("%H:%M"),
            point.removeprefix("office-201/"),
            outcome.decision.value,
            str(outcome.decision.rule),
        )
        for at, point, outcome in found
    ]


def office() -> Day:
    """An office with a fan coil's switch and lights, empty since 16:00."""
    day = Day(parts.zone(parts.fan_coil((Role.START_STOP,)), parts.lamps()))
    return day.at("16:00", people=0)


FAN, LIGHT = "fcu/start_stop", "lights/start_stop"


@pytest.mark.parametrize("planned", [True, False])
def test_an_empty_evening_is_told_change_by_change(planned: bool) -> None:
    """Each point once at the start, then whenever its value or its rule changes, until before the end."""
    assert told(office(), "08:00", planned=planned) == [
        ("16:00", FAN, RELINQUISH, "base"),
        ("16:00", LIGHT, RELINQUISH, "base"),
        ("16:10", LIGHT, False, "vacancy-off"),
        ("16:15", FAN, False, "vacancy-off"),
        ("17:00", FAN, False, "pre-close-off"),
        ("17:40", LIGHT, False, "lights-close"),
    ]


def test_the_end_itself_is_not_part_of_it() -> None:
    """Up to, not at."""
    assert told(office(), "16:10")[-1][0] == "16:00"
    assert told(office(), "16:10:01")[-1][0] == "16:10"


def test_memory_is_carried_from_wake_up_to_wake_up() -> None:
    """An open window is held off for as long as it stands open."""
    day = Day(parts.zone(parts.fan_coil((Role.START_STOP,))))
    day.at("09:30", window="open")
    changes = told(day, "13:31")
    assert changes[-2:] == [("09:30", FAN, RELINQUISH, "base"), ("09:31", FAN, False, "window-off")]


def test_it_gives_up_after_so_many_wake_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forecast is for reading."""
    monkeypatch.setattr(module, "MAX_STEPS", 2)
    assert told(office(), "08:00")[-1][0] == "16:10"
