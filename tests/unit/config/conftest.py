"""A small sound site file, and a way to break it at one marked place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from config.load import load_text
from config.problems import Problem

TODAY = dt.date(2026, 7, 15)

SMALL = """\
version: 1
building: annex
timezone: Asia/Shanghai
dry_run: false

hours:
  office:
    workday: 09:00-17:30
  common:
    workday: 07:30-20:30

special_days:
  - {date: 2026-09-30, close: 16:00}

season:
  method: dates
  dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}

exemptions:
  - zones: [server]
    rules: [window-off, summer-setpoint]
    reason: servers
    approver: Wang Min
    until: 2028-12-31

zones:
  room-1:
    hours: office
    equipment: {fcu: ddc-1/10, lights: ddc-1/10}
  room-2:
    hours: office
    equipment: {fcu: ddc-1/20, lights: ddc-1/20}
    sensors: {temperature: ddc-2/analog-input:7}
  server:
    kind: server_room
    hours: office
    equipment: {fcu: ddc-1/30}
  stair:
    kind: stair
    hours: common
    equipment:
      lights: {at: ddc-2/10, escape_route: true}

equipment:
  ahu: {at: ddc-2/100, serves: [room-1, room-2]}

points:
  outdoor_temperature: ddc-2/analog-input:1
  fire_alarm: ddc-2/binary-input:1

meters:
  main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: kWh}}
  water: {subitem: water, point: ddc-2/analog-input:3}

templates:
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-output:0, writable: true}
      cooling_setpoint: {object: analog-value:0, writable: true}
      mode: {object: multi-state-value:0, states: {1: off, 2: cool, 3: heat}}
      temperature: analog-input:0
  lights:
    kind: lights
    points:
      start_stop: {object: binary-output:5, writable: true}
  ahu:
    kind: ahu
    points:
      start_stop: {object: binary-output:0, writable: true}

devices:
  ddc-1: {instance: 11, address: 127.0.0.11:47809}
  ddc-2: {instance: 12, address: 127.0.0.12:47809}

priority: 10
bacnet: {bind: 127.0.0.1}
"""

Edit = tuple[str, str]
Broken = Callable[..., Problem]


def edited(*edits: Edit) -> tuple[str, tuple[int, int]]:
    """The small site with pieces replaced, and where in it the mark § stood (line, column)."""
    text = SMALL
    for old, new in edits:
        assert text.count(old) >= 1, f"{old!r} is not in the small site"
        text = text.replace(old, new, 1)
    before, mark, after = text.partition("§")
    assert mark, "mark with § where the problem is expected"
    return before + after, (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


@pytest.fixture
def broken() -> Broken:
    """Edits the small site and returns its only problem, which must stand at the mark."""

    def check(*edits: Edit, warning: bool = False) -> Problem:
        text, place = edited(*edits)
        loaded = load_text(text, "site.yaml", TODAY)
        assert len(loaded.problems) == 1, loaded.problems
        problem = loaded.problems[0]
        assert (problem.file, (problem.line, problem.column)) == ("site.yaml", place)
        assert problem.is_error is not warning
        assert (loaded.site is None) is not warning
        assert problem.hint
        return problem

    return check


@pytest.fixture
def small() -> str:
    """The text of the small site."""
    return SMALL


@pytest.fixture
def today() -> dt.date:
    """The day on which the tests' exemptions are judged."""
    return TODAY
