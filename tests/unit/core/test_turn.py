"""A turn is a value: it says what was heard and what was decided, and the next one begins afresh."""

from __future__ import annotations

import pytest

from config.roles import Role
from config.site import Site
from drivers.readings import PriorityArray, Quality, Slot
from schedules.days import calendars
from schedules.seasons import Season
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.core.turn import NOTHING_ASKED, NOTHING_HEARD, Turn
from tests.site_files import OFFICE, site_of_file

NOON = 1_784_088_000.0
ROOM = "f4-office-401"


@pytest.fixture
def decider() -> Decider:
    """The example office, of which nothing is known yet."""
    site = site_of_file(OFFICE)
    return Decider(site, Known(site), calendars(site).tables, lambda t: (Season.SUMMER, t + 86_400.0))


def _point(site: Site, role: Role) -> str:
    return site.zones[ROOM].sensors[role][0].id


def test_a_turn_says_what_was_heard_and_what_was_decided_on_it(decider: Decider) -> None:
    """A window is opened: the turn names its contact, the room that was asked, and what becomes of its equipment."""
    decider.take_turn(NOON)
    window = _point(decider.site, Role.WINDOW)
    assert decider.known.put_value(window, True, Quality.GOOD, NOON + 1)
    decider.touch(window)
    turn: Turn[object] = decider.take_turn(NOON + 2, {ROOM: 17.5})
    assert turn.now == NOON + 2
    assert turn.heard.points == (window,)
    assert turn.heard.arrived == {ROOM: 17.5}
    assert turn.step.asked == turn.step.zones == (ROOM,)
    assert turn.step.outcomes
    assert turn.decided
    assert not turn.step.building


def test_news_is_told_once(decider: Decider) -> None:
    """Reading, slots and hold of one point are one piece of news; an answer that says the same is none."""
    known, point = decider.known, f"{ROOM}/fcu/cooling_setpoint"
    assert point in decider.site.points
    known.put_value(point, 26.0, Quality.GOOD, NOON)
    known.put_array(point, PriorityArray((Slot(10, 26.0),), 24.0))
    known.put_ours(point, 26.0)
    known.missing(_point(decider.site, Role.TEMPERATURE), NOON)
    turn: Turn[object] = decider.take_turn(NOON)
    assert turn.heard.points == (point, _point(decider.site, Role.TEMPERATURE))
    known.put_value(point, 26.0, Quality.GOOD, NOON + 1)
    known.put_ours(point, 26.0)
    again: Turn[object] = decider.take_turn(NOON + 2)
    assert again.heard is NOTHING_HEARD
    known.put_value(point, 26.0, Quality.GOOD, NOON + 3)
    assert known.expire(NOON + 7_200.0) == [point]
    later: Turn[object] = decider.take_turn(NOON + 7_200.0)
    assert later.heard.points == (point,)


def test_what_is_told_between_two_decisions_asks_nothing(decider: Decider) -> None:
    """A write has ended: listeners hear of it at once, in a turn that no rule was given."""
    told = Turn(NOON, NOTHING_HEARD, NOTHING_ASKED, ("a write ended",))
    assert not told.decided
    assert not told.step.outcomes
    quiet: Turn[str] = decider.take_turn(NOON)
    assert decider.take_turn(NOON).decided, "a turn in which none was due was one all the same"
    assert quiet.done == ()
