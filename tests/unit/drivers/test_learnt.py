"""What was learnt about asking a device: how long it holds, and what of it a restart keeps."""

from __future__ import annotations

import json
import math

from drivers.bacnet import learnt as module
from drivers.bacnet.learnt import IN_TIME, Lessons, learnt
from tests.unit.drivers.test_one_by_one import Device

STATED = 1.0
"""Seconds that the site file gives the hall's gateway."""


def _says(device: Device, lessons: Lessons[str], seconds: float, times: int) -> None:
    """It says who it is, once a minute, each time after so long."""
    for _ in range(times):
        lessons.took(device.peer("hall"), seconds)


def test_a_gateway_that_is_slow_for_its_meters_is_waited_for_after_a_busy_minute_and_a_restart() -> None:
    """Late once for itself, or started once: a day later it was put back to the file's time-out, and its meters were silent again."""
    device = Device()
    peer, lessons = device.peer("hall"), Lessons(device)
    device.is_late(peer, 9.0)
    peer.in_time = -math.inf
    _says(device, lessons, 2 * STATED, 1)
    _says(device, lessons, 0.1, IN_TIME)
    assert peer.target.timeout == 9.0
    device.is_late(peer, 12.0)
    _says(device, lessons, 0.1, IN_TIME)
    assert peer.target.timeout == 12.0

    again = Device()
    lessons = Lessons(again)
    lessons.recall("hall", json.loads(json.dumps(learnt(peer))))
    _says(again, lessons, 0.1, IN_TIME)
    assert again.peer("hall").target.timeout == 12.0
    assert learnt(again.peer("hall")) == learnt(peer)


def test_one_that_was_slow_for_itself_is_waited_for_as_the_file_says_after_a_day_in_time() -> None:
    """Also where a restart lies between: a day from then."""
    device = Device()
    peer, lessons = device.peer("hall"), Lessons(device)
    lessons.recall("hall", learnt_of(9.0))
    _says(device, lessons, 0.1, IN_TIME - 1)
    assert peer.target.timeout == 9.0
    _says(device, lessons, 0.1, 1)
    assert peer.target.timeout == STATED


def learnt_of(waits: float) -> dict[str, object]:
    """As an earlier version kept it, which knew nothing of objects."""
    kept = module.Learnt("None", waits)._asdict()
    del kept["for_objects"]
    return kept
