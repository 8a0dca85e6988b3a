"""What is not evidence never looks like evidence to a rule: absurd, old, from the future, not answered."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.points import Point, Raw, Value
from config.roles import ROLES, Role
from config.site import Site
from drivers.protocol import Address, Answer, Rejected
from drivers.readings import PriorityArray, Quality, Reading, Slot
from drivers.values import judged
from schedules.calendar import Calendar
from schedules.from_site import calendar_of, timetables
from supervisor.core.known import FUTURE_TOLERANCE, Known
from supervisor.core.merging import merged
from supervisor.core.views import Held, SensorView, ZoneView
from tests.site_files import OFFICE, site_of_file

NOW = 1_784_167_200.0
"""2026-07-16T10:00:00+08:00, a working day."""
ROOM = "f2-office-201"
TEMPERATURE, WINDOW, OCCUPANCY, SETPOINT, FAN = (
    f"{ROOM}/fcu/{role}" for role in ("temperature", "window", "occupancy", "cooling_setpoint", "start_stop")
)
WRONG_NUMBERS: list[Raw] = [math.nan, math.inf, -math.inf, -273, -273.15, 1e9, 10**400, True, "21.5", "nan"]
WRONG_FLAGS: list[Raw] = [2, -1, 0.5, math.nan, math.inf, 1e9, "1", "active"]
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4))


@pytest.fixture(scope="module")
def site() -> Site:
    """The example office."""
    return site_of_file(OFFICE)


@pytest.fixture(scope="module")
def calendar(site: Site) -> Calendar:
    """Its working days."""
    return calendar_of(site)


@pytest.fixture
def known(site: Site) -> Known:
    """Nothing is known yet."""
    return Known(site)


def _put(known: Known, point: str, raw: Raw, *, fault: bool = False, at: float = NOW) -> bool:
    return known.put(known.site.points[point], raw, fault, at)


def _view(known: Known, calendar: Calendar) -> ZoneView:
    """The room as the rules are given it."""
    spans = timetables(known.site, calendar)["office"].spans(NOW)
    return known.zone(known.site.zones[ROOM], spans, {})


def test_a_room_of_which_nothing_has_been_heard_is_unknown(known: Known, calendar: Calendar) -> None:
    """Not empty, not shut, not off: unknown."""
    view = _view(known, calendar)
    assert view.temperature is not None
    assert view.occupancy is not None
    readings = [view.temperature.reading, view.occupancy.reading, *(w.reading for w in view.windows)]
    assert [r.quality for r in readings] == [Quality.MISSING] * len(readings)
    assert view.equipment[0].on is None


def test_a_figure_that_came_another_way_is_confirmed_from_its_second_poll_on(known: Known) -> None:
    """Told as a change, or read by the stack first: the same number, but not the object that polls go on with."""
    point = known.site.points[TEMPERATURE]
    address = Address(point.device, point.object_type, point.instance)
    known.put(point, float("24.5"), False, NOW)
    polled = Answer(address, float("24.5"), False, None)
    for seconds in (1.0, 2.0):
        for answer in known.confirm([polled], NOW + seconds):
            assert not known.put(point, answer.value, False, NOW + seconds)
    assert known.confirm([polled], NOW + 3.0) == []
    assert known.reading(TEMPERATURE) == Reading(24.5, Quality.GOOD, NOW + 3.0, NOW)


def test_what_is_said_once_more_is_as_fresh_in_every_view(known: Known, calendar: Calendar) -> None:
    """A device read again: what it says anew is given back, the rest is confirmed, and the room shows it so."""
    points = [known.site.points[each] for each in (TEMPERATURE, WINDOW, SETPOINT)]
    answers = [
        Answer(Address(p.device, p.object_type, p.instance), raw, False, None)
        for p, raw in zip(points, (24.5, 0, 26.0), strict=True)
    ]
    assert known.confirm(answers, NOW) == answers
    for point, answer in zip(points, answers, strict=True):
        known.put(point, answer.value, False, NOW)
    known.take_news()
    _view(known, calendar)
    assert known.confirm(list(answers), NOW + 60.0) == []
    view = _view(known, calendar)
    assert view.temperature is not None
    assert view.temperature.reading == Reading(24.5, Quality.GOOD, NOW + 60.0, NOW)
    assert view.windows[0].reading.time == NOW + 60.0
    assert known.take_news() == ()
    changed = answers[0]._replace(value=25.0)
    broken = answers[1]._replace(error=Rejected("d", "gone"))
    assert known.confirm([changed, broken, answers[2]], NOW + 90.0) == [changed, broken]
    assert known.confirm(answers[1:], NOW + 95.0) == answers[1:]
    known.put_value(SETPOINT, 25.0, Quality.GOOD, NOW + 95.0)
    assert known.confirm(answers[1:], NOW + 99.0) == [answers[2]], (
        "a value that came another way is heard again"
    )


def test_equipment_is_not_looked_at_again_for_what_a_sensor_says(known: Known, calendar: Calendar) -> None:
    """A room's thermometer hangs on its fan coil: the room is another then, and the fan coil the very same."""
    _put(known, FAN, 1)
    before = _view(known, calendar)
    _put(known, TEMPERATURE, 24.0)
    after = _view(known, calendar)
    assert after.temperature != before.temperature
    assert after.equipment[0] is before.equipment[0] is known.unit(TEMPERATURE)
    _put(known, FAN, 0)
    assert _view(known, calendar).equipment[0] is not before.equipment[0]


@pytest.mark.parametrize("raw", WRONG_NUMBERS, ids=repr)
@pytest.mark.parametrize("point", [TEMPERATURE, SETPOINT])
def test_a_number_that_cannot_be_true_reaches_no_rule_as_good(
    known: Known, calendar: Calendar, point: str, raw: Raw
) -> None:
    """Not a number, infinite, absurd, of the wrong type; also where a good value was known before."""
    _put(known, point, 26.0)
    assert _put(known, point, raw), "that it is no longer known is news"
    assert known.reading(point).value is None
    assert known.reading(point).quality is Quality.INVALID
    view = _view(known, calendar)
    setpoint = view.equipment[0].cooling_setpoint
    assert setpoint is not None
    assert view.temperature is not None
    seen = view.temperature.reading if point == TEMPERATURE else setpoint.beneath
    assert not seen.good


@pytest.mark.parametrize("raw", WRONG_FLAGS, ids=repr)
@pytest.mark.parametrize("point", [WINDOW, OCCUPANCY])
def test_a_contact_that_is_neither_open_nor_shut_is_unknown(known: Known, point: str, raw: Raw) -> None:
    """A third state of a binary input is no state."""
    _put(known, point, 1)
    assert _put(known, point, raw)
    assert not known.reading(point).good


@given(raw=ANYTHING, fault=st.booleans(), point=st.sampled_from([TEMPERATURE, WINDOW, OCCUPANCY, FAN]))
def test_whatever_a_controller_says_what_is_good_is_plausible(
    site: Site, raw: Raw, fault: bool, point: str
) -> None:
    """Any type, any number: good means finite, within the role's range, of the role's type, without fault."""
    known = Known(site)
    _put(known, point, raw, fault=fault)
    reading = known.reading(point)
    if not reading.good:
        return
    assert not fault
    role = ROLES[site.points[point].role]
    if site.points[point].role is Role.TEMPERATURE:
        assert isinstance(reading.value, float)
        assert role.low <= reading.value <= role.high
    else:
        assert isinstance(reading.value, bool)


def test_a_value_that_the_controller_distrusts_is_not_believed(known: Known) -> None:
    """Status_Flags says fault: the sensor is broken, whatever it shows."""
    assert _put(known, TEMPERATURE, 24.0, fault=True)
    assert known.reading(TEMPERATURE).quality is Quality.FAULT


def test_a_reading_from_the_future_is_not_believed(known: Known) -> None:
    """A gateway whose clock is an hour ahead; a few seconds are nobody's fault."""
    assert known.put_value(TEMPERATURE, 24.0, Quality.GOOD, NOW + 3600, now=NOW)
    reading = known.reading(TEMPERATURE)
    assert (reading.value, reading.quality, reading.time) == (None, Quality.INVALID, NOW)
    assert known.put_value(TEMPERATURE, 24.0, Quality.GOOD, NOW + FUTURE_TOLERANCE, now=NOW)
    assert known.reading(TEMPERATURE).good


def test_when_the_clock_is_put_back_no_reading_keeps_its_lead(known: Known, site: Site) -> None:
    """Else what was read at 11:00 would not age before 11:00 comes round again."""
    _put(known, TEMPERATURE, 24.0, at=NOW)
    earlier = NOW - 3600
    assert known.expire(earlier) == []
    reading = known.reading(TEMPERATURE)
    assert (reading.time, reading.since) == (earlier, earlier)
    late = earlier + site.points[TEMPERATURE].stale_after + 1
    assert known.expire(late) == [TEMPERATURE]


def test_a_reading_that_is_confirmed_right_after_the_clock_was_put_back_is_of_now(known: Known) -> None:
    """Else a contact that shut while the clock was a year ahead would keep its unit off for a year."""
    _put(known, WINDOW, 0, at=NOW + 366 * 86_400.0)
    _put(known, WINDOW, 0)
    assert known.reading(WINDOW).since > NOW
    known.put_back(NOW)
    assert known.reading(WINDOW).since == NOW


def test_ages_are_looked_at_a_few_points_at_a_time(known: Known) -> None:
    """In a large building: those that were asked about go stale, the others when they are."""
    _put(known, TEMPERATURE, 26.0)
    _put(known, WINDOW, 0)
    late = NOW + 1e6
    assert known.expire(late, [WINDOW]) == [WINDOW]
    assert known.reading(TEMPERATURE).good
    assert known.expire(late) == [TEMPERATURE]


def test_a_reading_ages_to_stale_and_a_new_answer_makes_it_good_again(known: Known, site: Site) -> None:
    """The cable is pulled for a while; the room has not changed meanwhile, as far as anybody knows."""
    _put(known, TEMPERATURE, 24.0)
    limit = site.points[TEMPERATURE].stale_after
    assert known.expire(NOW + limit) == []
    assert known.expire(NOW + limit + 1) == [TEMPERATURE]
    assert known.reading(TEMPERATURE).quality is Quality.STALE
    assert known.expire(NOW + limit + 2) == [], "told once"
    assert _put(known, TEMPERATURE, 24.0, at=NOW + limit + 60)
    reading = known.reading(TEMPERATURE)
    assert (reading.good, reading.time, reading.since) == (True, NOW + limit + 60, NOW)


def test_an_error_for_one_point_makes_that_point_unknown_and_no_other(known: Known, site: Site) -> None:
    """The object was deleted in the controller: its neighbours are read as before."""
    _put(known, TEMPERATURE, 24.0)
    _put(known, WINDOW, 0)
    assert known.missing(TEMPERATURE, NOW + 10)
    assert not known.missing(TEMPERATURE, NOW + 20), "told once"
    assert known.reading(TEMPERATURE).quality is Quality.MISSING
    assert known.reading(WINDOW).good
    assert known.stale == len(site.points) - 1


def test_two_windows_one_unknown_are_not_taken_for_shut(site: Site) -> None:
    """The hall has two contacts: each is shown for what it is."""
    known = Known(site)
    _put(known, "f1-hall/fcu-east/window", 0)
    windows = site.zones["f1-hall"].sensors[Role.WINDOW]
    qualities = {p.id: known.reading(p.id).quality for p in windows}
    assert qualities == {
        "f1-hall/fcu-east/window": Quality.GOOD,
        "f1-hall/fcu-west/window": Quality.MISSING,
    }


def test_two_presence_sensors_empty_only_if_both_say_so(site: Site, calendar: Calendar) -> None:
    """Anybody seen is presence; nobody seen by one of two is not absence."""
    known = Known(site)

    def presence() -> tuple[object, bool]:
        view = known.zone(site.zones["f1-hall"], timetables(site, calendar)["hall"].spans(NOW), {})
        assert view.occupancy is not None
        return view.occupancy.reading.value, view.occupancy.reading.good

    east, west = (f"f1-hall/{fcu}/occupancy" for fcu in ("fcu-east", "fcu-west"))
    _put(known, east, 0)
    assert presence()[1] is False
    _put(known, west, 1)
    assert presence() == (True, True)
    _put(known, west, 0)
    assert presence() == (False, True)


def test_numbers_of_one_role_are_averaged_over_the_good_ones(site: Site, calendar: Calendar) -> None:
    """A broken thermometer does not pull the hall's mean."""
    known = Known(site)
    _put(known, "f1-hall/fcu-east/temperature", 25.0)
    _put(known, "f1-hall/fcu-west/temperature", -273)
    view = known.zone(site.zones["f1-hall"], timetables(site, calendar)["hall"].spans(NOW), {})
    assert view.temperature is not None
    assert (view.temperature.reading.value, view.temperature.reading.good) == (25.0, True)


_SAID = st.one_of(
    st.tuples(
        st.just("answer"), st.sampled_from([0, 1, 1.0, True, False, 21.5, math.nan, None]), st.booleans()
    ),
    st.tuples(st.sampled_from(["missing", "expire", "recall", "value", "reload"]), st.none(), st.just(False)),
)


@given(point=st.sampled_from([TEMPERATURE, WINDOW]), story=st.lists(_SAID, max_size=12))
def test_an_answer_that_is_not_decoded_again_reads_as_if_it_were(
    site: Site, point: str, story: list[tuple[str, Raw, bool]]
) -> None:
    """Whatever came before, the shortest way leads to the same reading as the long one."""
    quick, thorough = Known(site), Known(site)
    for minute, (what, raw, fault) in enumerate(story):
        at = NOW + 60.0 * minute
        if what == "answer":
            value, quality = judged(site.points[point], raw, fault)
            assert _put(quick, point, raw, fault=fault, at=at) == thorough.put_value(
                point, value, quality, at
            )
        for each in (quick, thorough) if what != "answer" else ():
            match what:
                case "missing":
                    each.missing(point, at)
                case "expire":
                    each.expire(at + 1e6)
                case "recall":
                    each.recall(point, Reading(7.0, Quality.GOOD, at, at))
                case "value":
                    each.put_value(point, 1.0, Quality.GOOD, at)
                case _:
                    each.carry_over(each)
        assert quick.reading(point) == thorough.reading(point)


def test_a_slot_above_ours_that_holds_no_number_outranks_ours_all_the_same(
    known: Known, calendar: Calendar
) -> None:
    """Slot 8 holds NaN: an override, shown as one whose value nobody knows, and what stands is not evidence."""
    known.put_array(SETPOINT, PriorityArray((Slot(8, math.nan), Slot(10, 26.0)), 24.0))
    _put(known, SETPOINT, math.nan)
    view = known.point(known.site.points[SETPOINT])
    assert view.override == Held(8, "?")
    assert view.present.quality is Quality.INVALID
    assert not known.put_array(SETPOINT, PriorityArray((Slot(8, math.nan), Slot(10, 26.0)), 24.0)), "no news"
    json.dumps(view.override, allow_nan=False)


def _sensor(number: int, value: Value, since: float, *, good: bool = True) -> SensorView:
    point = Point(f"hall/{number}", Role.OCCUPANCY, "ddc", "binary-input", number)
    quality = Quality.GOOD if good else Quality.STALE
    return SensorView(point, Reading(value, quality, NOW, since))


def test_the_hall_is_occupied_since_the_first_of_those_who_are_there_and_empty_since_the_last_left() -> None:
    """Presence, absence and their age are those of the sensor that decides, which is named as the evidence."""
    early, late, gone = _sensor(1, True, 10.0), _sensor(2, True, 20.0), _sensor(3, False, 30.0)
    assert merged(Role.OCCUPANCY, [late, gone, early]) is early
    assert merged(Role.OCCUPANCY, [_sensor(4, False, 5.0), gone]) is gone
    silent = _sensor(5, False, 1.0, good=False)
    assert merged(Role.OCCUPANCY, [gone, silent]) is silent
    assert merged(Role.OCCUPANCY, [silent, early]) is early
    assert merged(Role.OCCUPANCY, [silent]) is silent
