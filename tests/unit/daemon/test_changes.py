"""What a saved site file changes, told in lines that a manager can check."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.load import load_text
from schedules.days import calendars
from supervisor.daemon.changes import difference

OFFICE = (Path(__file__).resolve().parents[3] / "config/examples/office.yaml").read_text(encoding="utf-8")
NOON = dt.datetime(2026, 7, 15, 12, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()


def told(*edits: tuple[str, str]) -> list[str]:
    """The lines that a reload prints after these edits of the office's file."""
    text = OFFICE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    before, after = load_text(OFFICE).site, load_text(text).site
    assert before is not None
    assert after is not None
    running: Any = SimpleNamespace(
        site=before, decider=SimpleNamespace(timetables=calendars(before).tables)
    )  # what `difference` reads of what runs
    return [line.en for line in difference(running, after, calendars(after), NOON)]


SERVER = "exemption of f4-server from window-off, pre-close-off, vacancy-off, mild-season-off, summer-setpoint, winter-setpoint"
DAY = "  - {date: 2026-12-26, hours: 09:00-15:00, groups: [hall, common], name: 周末便民服务}"


@pytest.mark.parametrize(
    ("edit", "lines"),
    [
        (("until: 2028-12-31", "until: 2027-06-30"), [f"{SERVER}: until 2028-12-31 → 2027-06-30"]),
        (("approver: 机关事务管理中心 王敏", "approver: 李"), [f"{SERVER}: reason or approver"]),
        (("dry_run: false", "dry_run: true"), ["dry_run: false → true"]),
        (
            ("name: 201 办公室", "name: 201 办公室\n    dry_run: true"),
            ["zone f2-office-201: dry_run false → true"],
        ),
        (("name: 国庆节前提前下班", "name: 国庆节前"), ["special days: 1 added, 1 removed"]),
        (
            (DAY, f"{DAY}\n  - {{date: 2026-12-27, hours: closed, groups: [hall], name: 清洁}}"),
            ["special days: 1 added"],
        ),
    ],
)
def test_each_change_has_a_line_that_says_what(edit: tuple[str, str], lines: list[str]) -> None:
    """Not that there were two exemptions and there are two; and a switch of the whole site is one line."""
    assert told(edit) == lines


def test_an_exemption_that_is_removed_and_another_that_is_new() -> None:
    """Each is named by its zones and rules."""
    assert told(("zones: [f4-server]\n", "zones: [f1-duty]\n")) == [
        f"{SERVER.replace('f4-server', 'f1-duty')}: new, until 2028-12-31",
        f"{SERVER}: removed",
    ]
