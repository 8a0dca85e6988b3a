"""The half hour before closing on any hours and calendar, in any time zone, on any day of twenty years."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from config.roles import Role
from schedules.hours import Timetable, with_overtime
from schedules.types import Interval, Overtime, Spans, WeekHours
from supervisor.core.engine import evaluate, plan_zone
from supervisor.core.views import EquipmentView, Facts, PointView, ZoneView
from tests.unit.core import parts
from tests.unit.schedules.drawn import calendars, places, special_days

LEAD = PRESTART = 1800.0
DAYS = 3 * 86_400.0
_ZONE = parts.zone(parts.fan_coil((Role.START_STOP,)), sensors=())
_PLAN = plan_zone(_ZONE)
_START_STOP = _ZONE.equipment[0].points[Role.START_STOP]
_FAN_COIL = EquipmentView(_ZONE.equipment[0], PointView(_START_STOP))


def _interval(open_: int, length: int) -> Interval:
    return Interval(open_, open_ + length)


_INTERVALS = st.builds(_interval, st.integers(0, 1439), st.sampled_from([10, 31, 61, 240, 510, 1430, 1440]))
_DAY = st.lists(_INTERVALS, max_size=2).map(tuple)
_WEEK = st.builds(
    lambda workday, weekend, holiday: WeekHours(workday, weekend=weekend, holiday=holiday), _DAY, _DAY, _DAY
)
_OVERTIME = st.lists(
    st.tuples(st.floats(0, DAYS), st.sampled_from([600.0, 1800.0, 2400.0, 7200.0, 14_400.0])), max_size=2
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Timetable, float]:
    """Any hours, calendar, special days and time zone, and the start of 72 hours there."""
    zone, minute = draw(places())
    near = datetime.fromtimestamp(60.0 * minute, ZoneInfo(zone)).date()
    specials = draw(special_days(near, st.none() | _DAY))
    return Timetable(ZoneInfo(zone), draw(calendars), draw(_WEEK), specials, "office"), 60.0 * minute


def may_run(spans: Spans, t: float) -> bool:
    """The rule in one sentence, by brute force: from prestart, not before the last close, until the half hour."""
    closed = float("-inf")
    for span in spans.spans:
        if max(span.open - PRESTART, closed) <= t < span.close - LEAD and span.close - LEAD > span.open:
            return True
        if not span.overtime:
            closed = span.close
    return False


def decided_off(spans: Spans, t: float) -> tuple[bool, float]:
    """Whether the fan coil is held off at `t`, and when to ask again."""
    view = ZoneView(_ZONE, spans, equipment=(_FAN_COIL,))
    answer = evaluate(view, Facts(), {}, t, plan=_PLAN, lease=400 * 86_400.0)
    decision = answer.outcomes[_START_STOP.id].decision
    assert decision.value is not False or decision.rule == "pre-close-off"
    return decision.value is False, answer.wake_at


@settings(max_examples=150, deadline=None)
@given(place=tables(), overtime=_OVERTIME, data=st.data())
def test_air_conditioning_is_off_in_every_last_half_hour_and_nowhere_else_in_hours(
    place: tuple[Timetable, float], overtime: list[tuple[float, float]], data: st.DataObject
) -> None:
    """Three days from a random one: asked at wake-ups, compared with the sentence at random moments between."""
    timetable, start = place
    requests = [Overtime(start + after, start + after + length, "Li") for after, length in overtime]
    at = start
    while at < start + DAYS:
        spans = with_overtime(timetable.spans(at), requests)
        off, wake_at = decided_off(spans, at)
        until = min(wake_at, start + DAYS)
        for part in (0.0, data.draw(st.floats(0, 0.999)), 0.999):
            t = min(at + part * (until - at), math.nextafter(until, -math.inf))
            here = with_overtime(timetable.spans(t), requests)
            assert may_run(here, t) is not off, t
            span = here.at(t)
            if span is not None and not span.overtime and span.close - LEAD <= t:
                assert off, t
        assert wake_at > at
        at = wake_at


@settings(max_examples=100, deadline=None)
@given(place=tables(), after=st.floats(0, DAYS), t=st.floats(0, DAYS))
def test_overtime_never_switches_off_what_would_run_without_it(
    place: tuple[Timetable, float], after: float, t: float
) -> None:
    """Overtime adds; it takes nothing away, not even prestart."""
    timetable, start = place
    spans = timetable.spans(start + t)
    request = Overtime(start + after, start + after + 3600.0, "Li")
    if not decided_off(spans, start + t)[0]:
        assert not decided_off(with_overtime(spans, [request]), start + t)[0]
