"""What `plan` says of a day, for people and for programs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schedules.days import calendars
from schedules.types import Overtime
from supervisor.cli.main import app
from supervisor.core.plan import Plan, plan_day
from tests.site_files import OFFICE, site_of_file

ROOM = "f2-office-201"


def said(date: str, *more: str) -> dict[str, Any]:
    """`plan --format json` of a date."""
    ran = CliRunner().invoke(app, ["plan", str(OFFICE), "--date", date, "--format", "json", *more])
    assert ran.exit_code == 0, ran.output
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def day(date: dt.date, zone: str | None = ROOM, **more: Any) -> Plan:
    """The plan of the example office."""
    site = site_of_file(OFFICE)
    return plan_day(site, calendars(site), date, zone, **more)


def times(answer: dict[str, Any], rule: str) -> list[str]:
    """When a rule acts, as HH:MM."""
    return [e["time"][11:16] for e in answer["events"] if e["rule"] == rule]


def test_a_saturday_at_work_has_the_offices_day() -> None:
    """14 February 2026 is worked in lieu: off at 17:00, half an hour before closing, lights at 17:40."""
    answer = said("2026-02-14", "--zone", ROOM)
    assert answer["day_type"] == "makeup_workday"
    assert answer["announced"] is True
    assert times(answer, "pre-close-off") == ["00:00", "17:00"]
    assert times(answer, "lights-close") == ["00:00", "17:40"]


def test_the_spring_festival_is_closed_all_day() -> None:
    """17 February 2026: what stands at midnight stands all day."""
    answer = said("2026-02-17", "--zone", ROOM)
    assert answer["day_type"] == "holiday"
    assert {e["time"][11:16] for e in answer["events"]} == {"00:00"}
    assert all(e["value"] is False for e in answer["events"])


def test_a_year_that_is_not_announced_says_so() -> None:
    """1 January 2027: the State Council's notice is not known, plain weekdays are assumed."""
    assert said("2027-01-01", "--zone", ROOM)["announced"] is False
    ran = CliRunner().invoke(
        app, ["plan", str(OFFICE), "--date", "2027-01-01", "--zone", ROOM, "--lang", "zh"]
    )
    assert "尚未公布" in ran.stdout


def test_a_room_that_opens_soon_after_midnight_was_empty_before_it(tmp_path: Path) -> None:
    """Opens at 00:30, prestart at 00:00: its lights are off from midnight, not from ten minutes into an empty day."""
    text = OFFICE.read_text(encoding="utf-8").replace(
        "    workday: 09:00-17:30\n", "    workday: 00:30-08:00\n", 1
    )
    path = tmp_path / "night.yaml"
    path.write_text(text, encoding="utf-8")
    ran = CliRunner().invoke(
        app, ["plan", str(path), "--date", "2026-07-15", "--zone", ROOM, "--format", "json"]
    )
    lights = [e for e in json.loads(ran.stdout)["events"] if e["equipment"].endswith("lights")]
    assert [(e["time"][11:16], e["value"]) for e in lights] == [
        ("00:00", False),
        ("00:30", None),
        ("08:10", False),
    ]


def test_an_early_closing_moves_the_half_hour() -> None:
    """30 September 2026 closes at 16:00 for all but the duty room: off at 15:30, a special day."""
    answer = said("2026-09-30", "--zone", ROOM)
    assert answer["day_type"] == "special"
    assert "15:30" in times(answer, "pre-close-off")
    assert said("2026-09-30")["day_type"] == "special"
    duty = said("2026-09-30", "--zone", "f1-duty")
    assert (duty["day_type"], duty["events"]) == ("workday", [])
    assert said("2026-09-30")["special_days"] == []
    hall = said("2026-11-02")
    assert hall["day_type"] == "workday", "works in the hall are not the whole building's"
    assert hall["special_days"] == [{"name": "大厅检修", "groups": ["hall"]}]


def test_the_hall_has_other_hours_than_the_offices() -> None:
    """One building, two closings, and the air handler follows the zones that it serves."""
    answer = said("2026-07-15")
    found = {(e["time"][11:16], e["zone"]) for e in answer["events"] if e["rule"] == "pre-close-off"}
    assert {("17:00", ROOM), ("19:30", "f1-hall"), ("17:00", "ahu")} <= found
    assert not [z for _, z in found if z == "f4-server"], "the server room is exempt"


@pytest.mark.parametrize("date", ["2016-05-18", "2024-03-29", "2035-11-05"])
def test_years_back_and_years_ahead(date: str) -> None:
    """The same question for any date; in spring and autumn the air conditioning stays off."""
    answer = said(date, "--zone", ROOM)
    assert set(answer) == {"date", "day_type", "season", "announced", "special_days", "events"}
    assert answer["season"] in ("spring", "autumn")
    assert "mild-season-off" in {e["rule"] for e in answer["events"]}


def test_every_event_names_its_clause_and_its_offset() -> None:
    """Time with offset, zone, role, value, rule, citation: nothing is left to guess."""
    for event in said("2026-07-15")["events"]:
        assert {"time", "zone", "role", "value", "rule", "citation"} <= set(event)
        assert event["time"].endswith("+08:00")
        assert event["citation"]


def test_overtime_moves_one_zones_close_and_no_others() -> None:
    """201 stays until 19:00: off at 18:30."""
    start = dt.datetime(2026, 7, 15, 16, 0, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
    made = day(dt.date(2026, 7, 15), None, overtime={ROOM: [Overtime(start, start + 3 * 3600, "张三")]})
    ends = {e.zone: e.time for e in made.events if e.rule == "pre-close-off" and e.time > start - 3600}
    assert ends[ROOM] - ends["f2-office-202"] == 5400.0


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["--date", "14.02.2026"], 2, "2026-02-14"),
        (["--date", ""], 2, "2026-02-14"),
        (["--date", "0001-01-01"], 2, "from 1900 to 2200"),
        (["--date", "9999-12-31"], 2, "from 1900 to 2200"),
        (["--zone", "f2-ofice-201"], 1, "f2-office-201"),
    ],
)
def test_a_slip_is_answered_in_plain_words(words: list[str], code: int, hint: str) -> None:
    """2 for an option that cannot be read, 1 for a zone that the file has not, and how to write it; no traceback."""
    ran = CliRunner().invoke(app, ["plan", str(OFFICE), *words])
    assert ran.exit_code == code
    assert hint in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("date", "said"),
    [("1900-01-01", "1900 is not known:"), ("2200-12-31", "2200 is not known yet:"), ("2026-02-14", "")],
)
def test_a_day_long_past_or_far_ahead_is_planned_on_plain_weekdays(date: str, said: str) -> None:
    """The plan says which year's notice it does not have, and whether it can still come."""
    ran = CliRunner().invoke(app, ["plan", str(OFFICE), "--date", date])
    assert ran.exit_code == 0
    assert said in ran.stdout
    assert ("note:" in ran.stdout) is bool(said)
