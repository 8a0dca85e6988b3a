"""Sensors that go on answering and are no evidence: what stands still for days, zeros, the blind, the reversed. On a clock of its own."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.points import Raw
from drivers.readings import PriorityArray, Slot
from schedules.days import calendars
from schedules.seasons import Season
from schedules.time import DAY
from supervisor.core.known import Known
from supervisor.field.disbelief import Disbelief
from tests.site_files import site_of_text

SITE = """
version: 1
building: annex
timezone: Asia/Shanghai
area_m2: 500
people: 20
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:00}, round-the-clock: {workday: 00:00-24:00, weekend: 00:00-24:00, holiday: 00:00-24:00}}
points: {outdoor_temperature: d1/analog-input:9}
templates:
  fcu: {kind: fcu, points: {start_stop: {object: binary-output:1, writable: true}}}
zones:
  room:
    hours: office
    equipment: {fcu: {template: fcu, at: d1/0}}
    sensors:
      temperature: d1/analog-input:1
      humidity: d1/analog-input:2
      co2: d1/analog-input:3
      occupancy: d1/binary-input:1
      window: d1/binary-input:2
  guards:
    hours: round-the-clock
    equipment: {fcu: {template: fcu, at: d1/100}}
    sensors: {occupancy: d1/binary-input:3}
devices:
  d1: {instance: 1001, address: '127.0.0.2:47808', cov: false}
"""
MONDAY = "2026-07-13 08:00"
T, RH, CO2, PIR, WINDOW = (
    f"room/{role}" for role in ("temperature", "humidity", "co2", "occupancy", "window")
)
OUTDOORS, SWITCH, GUARDS = "building/outdoor_temperature", "room/fcu/start_stop", "guards/occupancy"


class Days:
    """What sensors say from a Monday on, read once a minute, or so rarely as a story needs it."""

    def __init__(self, start: str = MONDAY, season: Season | None = None, text: str = SITE) -> None:
        self.site = site_of_text(text)
        self.known = Known(self.site)
        self.now = self._instant(start)
        self.asked: list[str] = []
        self.disbelief = Disbelief(
            self.known, calendars(self.site).tables, self.now, lambda point, what: self.asked.append(point.id),
            lambda at: season,
        )  # fmt: skip
        self.says: dict[str, Raw] = {
            T: 22.3,
            RH: 40.2,
            CO2: 600.0,
            PIR: 1,
            WINDOW: 0,
            OUTDOORS: 20.1,
            GUARDS: 1,
        }
        self.says = {id_: raw for id_, raw in self.says.items() if id_ in self.site.points}
        self._read()

    def _instant(self, text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=self.site.tz).timestamp()

    def _read(self) -> None:
        for id_, raw in self.says.items():
            self.known.put(self.site.points[id_], raw, False, self.now)

    def until(self, text: str, step: float = 600.0) -> Days:
        """Time passes: 07-14 09:00."""
        end = self._instant(f"2026-{text}")
        while self.now < end:
            self.now = min(end, self.now + step)
            self._read()
            list(self.disbelief.look(self.now))
        return self

    def say(self, **raws: Raw) -> Days:
        """From now on points say this."""
        names = {
            "temperature": T,
            "humidity": RH,
            "co2": CO2,
            "seen": PIR,
            "window": WINDOW,
            "outdoors": OUTDOORS,
        }
        self.says.update({names[name]: raw for name, raw in raws.items()})
        self._read()
        return self

    def turn(self, on: int) -> Days:
        """Somebody turns the switch beneath our slot."""
        self.known.put_array(SWITCH, PriorityArray((Slot(10, 0), Slot(16, on)), 0))
        return self

    def believed(self, *points: str) -> bool:
        """Whether all of these are evidence."""
        return all(self.known.reading(point).good for point in points)

    def why(self, point: str) -> str:
        """What is said of a point, in English; in Chinese there is as much to say."""
        doubt = self.known.doubt(point)
        assert doubt is not None and doubt.zh
        return doubt.en


@pytest.fixture
def days() -> Days:
    """A Monday morning."""
    return Days()


def test_numbers_that_stand_still_for_three_days_are_none_until_they_change(days: Days) -> None:
    """Everything that a gateway repeats, the weather too; one that moves by a tenth is living."""
    days.until("07-16 07:50", 3600.0)
    assert days.believed(T, RH, CO2, OUTDOORS)
    days.until("07-16 08:10")
    for point in (T, RH, CO2, OUTDOORS):
        assert not days.believed(point)
        assert "for 3 days without any change" in days.why(point)
        assert days.known.faulty(point)
    days.until("07-16 12:00", 3600.0)
    assert not days.believed(T)
    days.say(temperature=22.4, outdoors=20.2)
    assert days.believed(T, OUTDOORS)
    days.until("07-17 12:00", 3600.0)
    assert days.believed(T, OUTDOORS)


def test_what_may_honestly_stand_still_does_so(days: Days) -> None:
    """Whole and half degrees over a long weekend, 72 °F, fresh air in an empty room; not so for weeks."""
    for value in (22.0, 22.5, 22.222):
        days = Days()
        days.say(temperature=value, co2=400.0).until("07-19 20:00", 3 * 3600.0)
        assert days.believed(T, CO2)
        days.until("07-20 09:00", 3600.0)
        assert not days.believed(T)
        assert days.believed(CO2)


def test_a_clock_that_leaps_ahead_makes_nobody_stand_still(days: Days) -> None:
    """A year ahead for a minute, and put right."""
    days.now += 365 * DAY
    days.disbelief.clock_set(days.now)
    days._read()
    list(days.disbelief.look(days.now + 60.0))
    assert days.believed(T, RH, CO2, OUTDOORS)
    days.now -= 365 * DAY
    days.disbelief.clock_set(days.now)
    days.until("07-15 20:00", 3600.0)
    assert days.believed(T, RH, CO2, OUTDOORS)


def test_exactly_nothing_at_a_stroke_is_no_temperature_until_it_moves(days: Days) -> None:
    """From 22 °C to 0.0, and back: the input was open. A room that came down to zero is cold, and so is one that moves there."""
    days.say(temperature=0.0)
    assert not days.believed(T)
    assert "from 22.3 °C at a stroke" in days.why(T)
    days.until("07-13 09:00")
    assert not days.believed(T)
    days.say(temperature=22.3)
    assert days.believed(T)
    days.say(outdoors=13.0).say(outdoors=8.0)
    for value in (8.0, 4.0, 0.0):
        days.say(temperature=value)
        assert days.believed(T)
    days.say(temperature=22.0, outdoors=-17.778).say(temperature=0.0).say(temperature=0.4)
    assert days.believed(T)
    assert not days.believed(OUTDOORS)


def test_a_gateway_that_begins_with_zeros_starts_no_frost_protection() -> None:
    """The first word of an input is 0.0; the outdoor sensor may mean it."""
    days = Days()
    days.known.readings.clear()
    days.say(temperature=0.0, outdoors=0.0)
    assert not days.believed(T)
    assert "with nothing before it" in days.why(T)
    assert days.believed(OUTDOORS)
    days.known.missing(T, days.now, "error")
    days.say(temperature=21.0)
    assert days.believed(T)


def test_somebody_seen_for_three_working_days_and_nights_is_a_stuck_sensor_but_not_at_the_guards(
    days: Days,
) -> None:
    """Seen since Monday at eight: Monday, Tuesday and Wednesday close, and it is no evidence until it changes."""
    days.until("07-15 16:50", 3600.0)
    assert days.believed(PIR)
    days.until("07-16 12:00", 3600.0)
    assert not days.believed(PIR)
    assert "without a break" in days.why(PIR)
    assert days.believed(GUARDS)
    days.say(seen=0)
    assert days.believed(PIR)


def test_a_room_that_is_empty_for_a_week_is_told_once_and_stays_believed(days: Days) -> None:
    """A week's leave, or a dead sensor: somebody should look."""
    days.say(seen=0).until("07-17 16:50", 3600.0)
    assert not days.asked
    days.until("07-21 09:00", 3600.0)
    assert days.asked == [PIR]
    assert days.believed(PIR)
    days.say(seen=1).say(seen=0).until("07-27 20:00", 3600.0)
    assert days.asked == [PIR, PIR]


def test_a_sensor_that_sees_nobody_while_the_room_is_lived_in_is_not_believed(days: Days) -> None:
    """The window was moved at ten, and the air is used up by eleven: people sit there. The room is theirs from its close on, and the sensor
    is believed again when it sees somebody."""
    days.say(seen=0).until("07-13 10:00", 60.0)
    days.say(window=1).until("07-13 10:20", 60.0)
    days.say(co2=1000.0).until("07-13 16:50", 60.0)
    assert days.believed(PIR)
    days.until("07-13 17:00", 60.0)
    assert not days.believed(PIR)
    assert "a window was moved at 10:00" in days.why(PIR)
    days.say(seen=1)
    assert days.believed(PIR)


def test_who_opens_a_window_and_is_seen_proves_nothing_against_the_sensor(days: Days) -> None:
    """Seen just before he left, or a minute after he came."""
    for hour in ("10", "11", "12", "13"):
        days.say(seen=0, window=0).until(f"07-13 {hour}:20", 60.0)
        days.say(window=1).until(f"07-13 {hour}:22", 60.0)
        days.say(seen=1).until(f"07-13 {hour}:30", 60.0)
        days.say(seen=0, window=0).until(f"07-13 {hour}:50", 60.0)
        assert days.believed(PIR)


def test_a_hand_at_the_switch_is_told_from_a_timetable(days: Days) -> None:
    """The controller's own timetable switches at eight and at six, all week: no sign of anybody. A hand at other times is, twice."""
    days.say(seen=0).turn(0)
    for day in range(13, 17):
        days.until(f"07-{day} 09:30", 600.0).turn(1).until(f"07-{day} 16:30", 600.0).turn(0)
    assert days.believed(PIR)
    days.until("07-17 11:00", 60.0).turn(1).until("07-17 11:20", 60.0)
    assert days.believed(PIR)
    days.turn(0).until("07-17 11:30", 60.0)
    assert not days.believed(PIR)
    assert "a switch or a thermostat was turned" in days.why(PIR)


def test_a_sensor_wired_the_wrong_way_round_sees_people_at_night_alone(days: Days) -> None:
    """Told with what to write in the site file; right again when it is."""
    days.say(seen=0)
    for day in range(13, 17):
        days.until(f"07-{day} 09:00", 1800.0).say(seen=0).until(f"07-{day} 17:00", 1800.0)
        days.until(f"07-{day} 17:30", 1800.0).say(seen=1)
    assert not days.believed(PIR)
    assert "invert: true" in days.why(PIR)
    for day in (17, 20, 21):
        days.until(f"07-{day} 09:00", 1800.0).say(seen=1).until(f"07-{day} 17:30", 1800.0).say(seen=0)
    assert days.believed(PIR)


def test_a_contact_wired_the_wrong_way_round_says_shut_while_the_room_is_aired(days: Days) -> None:
    """Ten minutes each morning; it keeps the air conditioning off all day. One that is shut at night is a window's."""
    days.say(window=1)
    for day in range(13, 17):
        days.until(f"07-{day} 09:10").say(window=0).until(f"07-{day} 09:20").say(window=1)
    days.until("07-16 17:10")
    assert not days.believed(WINDOW)
    assert "invert: true" in days.why(WINDOW)
    days.until("07-17 09:10").say(window=0).until("07-17 09:20")
    assert not days.believed(WINDOW)
    days.until("07-17 10:30")
    assert days.believed(WINDOW)
    days = Days()
    for day in range(13, 18):
        days.until(f"07-{day} 09:10").say(window=1).until(f"07-{day} 17:20").say(window=0)
        assert days.believed(WINDOW)


def test_a_reload_forgets_nothing_of_it(days: Days) -> None:
    """The saved file is taken up on Thursday morning: what was put aside stays so, until it moves."""
    days.until("07-16 09:00", 3600.0).say(outdoors=0.0)
    known = Known(days.site)
    disbelief = Disbelief(known, calendars(days.site).tables, days.now)
    known.carry_over(days.known)
    disbelief.carry_over(days.disbelief)
    days.known, days.disbelief = known, disbelief
    days.until("07-16 09:20", 60.0)
    assert not days.believed(T)
    assert "for 3 days" in days.why(T)
    assert not days.believed(OUTDOORS)
    days.say(temperature=22.1, outdoors=21.0)
    assert days.believed(T, OUTDOORS)


def test_a_gateway_that_flaps_its_contacts_whenever_it_starts_moves_no_windows(days: Days) -> None:
    """Three starts a day in an empty room, a minute of open and shut each: the presence sensor is right, and stays believed."""
    days.say(seen=0)
    for hour in ("10", "12", "15"):
        days.until(f"07-13 {hour}:00", 20.0)
        for second in (10, 30, 50):
            days.say(window=1).until(f"07-13 {hour}:00:{second}", 10.0).say(window=0)
            days.until(f"07-13 {hour}:00:{second + 9}", 10.0)
        days.say(window=1).until(f"07-13 {hour}:01:10", 10.0).say(window=0)
    days.until("07-13 20:00", 60.0)
    assert days.believed(PIR)
