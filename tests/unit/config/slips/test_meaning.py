"""Hints that do not cross meaning, one cause that is one problem, a room by its name, and what an editor of old saved."""

from __future__ import annotations

import datetime as dt

import pytest

from config.load import load_bytes, load_text
from config.problems import nearest, render_all
from config.roles import Role
from tests.unit.config.conftest import SMALL, TODAY


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("supply_temperature", None),
        ("return_temperature", None),
        ("zone_humidity", None),
        ("coolingsetpoint", "cooling_setpoint"),
        ("cooling_setpiont", "cooling_setpoint"),
        ("temprature", "temperature"),
        ("outdoor_temp", "outdoor_temperature"),
    ],
)
def test_a_hint_names_nothing_that_means_something_else(word: str, near: str | None) -> None:
    """The temperature of the supply air is not the room's."""
    assert nearest(word, [role.value for role in Role]) == near


def test_the_order_of_causes_is_kept_and_each_is_told_once(today: dt.date) -> None:
    """Two slips in one file are two problems, each at its own sign; a tab that indents leaves the rest for later."""
    text = SMALL.replace("dry_run: false", "dry_run: false。").replace("zones: [server]", "zones: [server】")
    assert [(p.code, p.column) for p in load_text(text, today=today).problems] == [
        ("look-alike", 15),
        ("look-alike", 19),
    ]
    text = text.replace("    workday: 07:30-20:30", "\t  workday: 07:30-20:30")
    assert sorted(p.code for p in load_text(text, today=today).problems) == [
        "look-alike",
        "tab",
    ]


def test_a_room_goes_by_its_name_where_a_list_of_rooms_is_asked_for(today: dt.date) -> None:
    """机房 in an exemption, ２０１ 办公室 for a room that an air handler serves."""
    text = (
        SMALL.replace("  server:\n", "  server:\n    name: 机房\n")
        .replace("  room-1:\n", "  room-1:\n    name: 201 办公室\n")
        .replace("zones: [server]", "zones: [机房]")
        .replace("serves: [room-1, room-2]", "serves: [２０１办公室、room-2]")
    )
    loaded = load_text(text, today=today)
    assert loaded.problems == []
    assert loaded.site is not None
    assert loaded.site.exemptions[0].zones == ("server",)
    assert loaded.site.shared["ahu"].zones == ("room-1", "room-2")


def test_a_name_that_two_rooms_have_is_neither(today: dt.date) -> None:
    """It is told as unknown, not guessed."""
    text = SMALL.replace("  server:\n", "  server:\n    name: 机房\n").replace(
        "  room-1:\n", "  room-1:\n    name: 机房\n"
    )
    (problem,) = load_text(text.replace("zones: [server]", "zones: [机房]"), today=today).problems
    assert problem.code == "unknown-name"


def test_the_caret_stands_under_what_was_typed(today: dt.date) -> None:
    """Full-width signs take two columns; what was put in their place moves nothing."""
    text = SMALL.replace("  - {date: 2026-09-30, close: 16:00}", "  - {date：2026-09-30，close：16：00}")
    loaded = load_text(text, "site.yaml", today)
    shown = render_all(loaded.problems, loaded.text).splitlines()
    assert shown[0].startswith("site.yaml:13:21: error: the full-width comma `，` stands here")
    assert shown[1].endswith("  - {date：2026-09-30，close：16：00}")
    assert shown[2] == " " * (len("   13 | ") + 21) + "^^"


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_what_an_old_notepad_saved_is_shown_as_it_was_written(encoding: str) -> None:
    """The line is readable in the excerpt, and the remedy is the menu's own words."""
    text = SMALL.replace("building: annex", "building: annex\nname: 街道办公楼")
    loaded = load_bytes(text.replace("\n", "\r\n").encode(encoding), "site.yaml", TODAY)
    (problem,) = loaded.problems
    assert (problem.line, problem.column, problem.code) == (3, 7, "encoding")
    assert "GB18030" in problem.hint
    assert "街道办公楼" in render_all(loaded.problems, loaded.text, "zh")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_called_by_its_name(encoding: str) -> None:
    """It is text, in an encoding that Notepad offers beside the right one."""
    (problem,) = load_bytes(SMALL.encode(encoding), "site.yaml", TODAY).problems
    assert "UTF-16" in problem.message
    assert "UTF-16" in problem.message_zh
    assert problem.code == "encoding"


def test_nothing_writable_and_a_rule_that_never_holds_are_warned_of(today: dt.date) -> None:
    """The file is sound; the manager would wait for something that cannot come."""
    text = SMALL.replace("writable: true", "writable: false")
    assert [(p.code, p.is_error) for p in load_text(text, today=today).problems] == [
        ("nothing-writable", False)
    ]
    text = SMALL.replace("special_days:", "rules: {window-off: {open_for: 30s}}\nspecial_days:")
    (problem,) = load_text(text, today=today).problems
    assert (problem.code, problem.is_error) == ("never-holds", False)
    assert "window" in problem.message
