"""Rooms that empty as a whole: how much of the day they do is the building's own figure, and the report says it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from simulator.people.habits import Habits, Interval, Room
from simulator.people.people import PeopleModel
from supervisor.cli.main import app
from tests.unit.rehearsal import small

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN = (8.5 * 3600.0, 17.0 * 3600.0)
TWO = (
    "  open: {hours: office, area_m2: 60, people: 6, equipment: {vav: d2/100, lights: d2/100}}\n",
    "  north: {hours: office, area_m2: 30, people: 3, equipment: {vrf: d1/100, lights: d1/100}}\n",
)
WEEK = ("--from", "2026-07-13", "--to", "2026-07-15")


def simulate(path: Path, *options: object) -> str:
    """What the verb prints."""
    done = CliRunner().invoke(app, ["simulate", str(path), *map(str, (*WEEK, *options))])
    assert done.exit_code == 0, done.output
    return done.stdout


def occupied(share: float, people: float = 20.0) -> float:
    """Share of the opening hours of a hundred days in which somebody is in a crowded office."""

    def hours(_room: str, day: dt.date) -> list[Interval]:
        midnight = dt.datetime.combine(day, dt.time(), SHANGHAI).timestamp()
        return [(midnight + OPEN[0], midnight + OPEN[1])]

    model = PeopleModel(1, [Room("big", "office", people)], hours, SHANGHAI, Habits(empty=share))
    inside, minutes = 0, 0
    for day in range(100):
        opens = hours("big", dt.date(2026, 3, 2) + dt.timedelta(days=day))[0][0]
        for minute in range(10, int((OPEN[1] - OPEN[0]) / 60.0) - 10, 5):
            inside += model.state(model.rooms[0], opens + 60.0 * minute).people > 0
            minutes += 1
    return inside / minutes


@pytest.mark.parametrize("share", [0.1, 0.27, 0.5, 0.9])
def test_an_office_stands_empty_for_the_share_that_was_asked_for(share: float) -> None:
    """Twenty people who never leave together by chance: what is empty is what was asked for."""
    assert 1.0 - occupied(share) == pytest.approx(share, abs=0.05)


def test_emptier_rooms_save_more_light_and_the_report_says_what_was_assumed(tmp_path: Path) -> None:
    """Same people who come and go; hours, share and lights stand in the answer, in both languages in the table."""
    path = small.written(tmp_path, zones=TWO)

    def sides(*options: object) -> list[Any]:
        found: list[Any] = json.loads(simulate(path, "--against", "today", *options, "--format", "json"))[
            "runs"
        ]
        return found

    (full, _), (empty, today) = sides(), sides("--empty", 0.4)
    assert full["people"] == {"kind": "usual", "rooms_empty": None}
    assert empty["people"] == {"kind": "usual", "rooms_empty": 0.4}
    assert empty["comfort"]["open_hours"] == full["comfort"]["open_hours"] == 2 * 3 * 8.5
    assert empty["comfort"]["occupied_hours"] < 0.8 * full["comfort"]["occupied_hours"]
    assert empty["energy_kwh"]["lights"] < 0.85 * full["energy_kwh"]["lights"]
    assert today["comfort"]["occupied_hours"] == empty["comfort"]["occupied_hours"]


def test_table_and_page_say_in_both_languages_how_rooms_empty(tmp_path: Path) -> None:
    """With the share; without it, that it can be said."""
    path, page = small.written(tmp_path, zones=TWO), tmp_path / "p.html"
    told = simulate(path, "--empty", "0.27", "--html", page)
    for where in (told, page.read_text(encoding="utf-8")):
        assert "offices stand empty as a whole 27% of their opening hours" in " ".join(where.split())
    assert "有 27% 整间无人" in page.read_text(encoding="utf-8")
    assert "offices seldom stand empty as a whole" in " ".join(simulate(path).split())
    assert "办公室很少整间无人" in simulate(path, "--lang", "zh")
