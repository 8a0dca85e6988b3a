"""What was learnt about asking a device: how long it holds, and what of it a restart keeps."""

from __future__ import annotations

import json
import math

from drivers.bacnet import learnt as module
from drivers.bacnet.learnt import IN_TIME, Lessons, learnt
from drivers.bacnet.peer import NO_LIMIT
from tests.unit.drivers.test_one_by_one import POINTS, Device

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


def test_what_a_bad_line_made_us_ask_for_at_once_is_tried_twice_as_large_after_a_calm_day() -> None:
    """A night of losses brought a controller down to two objects a request, for good, and over each restart."""
    device = Device()
    peer, lessons = device.peer("hall"), Lessons(device)
    peer.at_most, peer.names_at_most = 2, 100
    _says(device, lessons, 0.1, IN_TIME - 1)
    assert (peer.at_most, peer.names_at_most) == (2, 100)
    _says(device, lessons, 0.1, 1)
    assert (peer.at_most, peer.names_at_most) == (4, 200)
    assert learnt(peer)["at_most"] == 4
    _says(device, lessons, 0.1, 10 * IN_TIME)
    assert (peer.at_most, peer.names_at_most) == (NO_LIMIT, NO_LIMIT)
    assert learnt(peer) == {}


async def test_what_a_controller_does_not_take_is_tried_ever_less_often() -> None:
    """It takes three at once: what is asked for doubles after a day, is refused, and comes back after two days, then four, up to
    two weeks."""
    device = Device(most=3)
    peer, lessons = device.peer("hall"), Lessons(device)
    await device.read(POINTS)
    tried = []
    for day in range(1, 61):
        _says(device, lessons, 0.1, IN_TIME)
        if peer.at_most > 2:
            tried.append(day)
            assert [answer.value for answer in await device.read(POINTS)] == [
                float(a.instance) for a in POINTS
            ]
            assert peer.at_most == 2
    assert tried == [1, 3, 7, 15, 29, 43, 57]
