"""Opening hours as a facility manager would tell them."""

from __future__ import annotations

import math
import timeit
from datetime import date
from functools import partial
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from schedules.calendar import Calendar
from schedules.hours import Timetable
from schedules.types import ALL_DAY, CLOSED, DayType, Interval, SpecialDay, WeekHours
from tests.unit.schedules.told import ALWAYS, NEW_YORK, OFFICE, SHANGHAI, at, hours, timetable, told, wall


def test_the_saturday_worked_for_spring_festival_has_the_offices_day() -> None:
    """2026-02-14 is a make-up workday, 2026-02-17 is closed, an ordinary Saturday too."""
    table = timetable()
    assert told(table, "2026-02-14") == ["08:00-12:00", "13:00-18:00"]
    assert told(table, "2026-02-17") == []
    assert told(table, "2026-03-07") == []
    assert table.day(date(2026, 2, 14)).day.type is DayType.MAKEUP_WORKDAY


def test_the_best_said_hours_win() -> None:
    """A named weekday before the kind of day, and a make-up workday never has the weekend's hours."""
    week = WeekHours(
        workday=hours("08:00-18:00"),
        by_weekday=(None, None, None, None, hours("08:00-16:00"), hours("09:00-12:00"), None),
        weekend=hours("10:00-11:00"),
        holiday=hours("10:00-15:00"),
    )
    table = timetable(week)
    assert told(table, "2026-03-06") == ["08:00-16:00"]  # a Friday
    assert told(table, "2026-03-07") == ["09:00-12:00"]  # a Saturday
    assert told(table, "2026-03-08") == ["10:00-11:00"]  # a Sunday
    assert told(table, "2026-05-01") == ["10:00-15:00"]  # a Friday, Labour Day
    assert told(table, "2026-05-09") == ["08:00-18:00"]  # a Saturday, worked for it


def test_a_make_up_workday_has_its_own_hours_if_given_else_mondays() -> None:
    """A site that lists its weekdays one by one has no hours of "a workday"."""
    monday = hours("07:00-15:00")
    assert told(timetable(WeekHours(by_weekday=(monday, *[None] * 6))), "2026-05-09") == ["07:00-15:00"]
    own = WeekHours(workday=monday, makeup_workday=hours("09:00-12:00"))
    assert told(timetable(own), "2026-05-09") == ["09:00-12:00"]
    assert told(timetable(WeekHours(workday=monday, makeup_workday=CLOSED)), "2026-05-09") == []


def test_a_special_day_has_no_hours_of_the_weeks() -> None:
    """It brings its own."""
    with pytest.raises(ValueError, match=r"^a special day brings its own hours$"):
        OFFICE.hours(DayType.SPECIAL, 0)


def test_the_sites_own_days_go_before_the_states() -> None:
    """Closed on a Thursday, open on a holiday, closing early on another, for all or for one group."""
    specials = [
        SpecialDay(date(2026, 3, 5), date(2026, 3, 5), CLOSED, name="power works"),
        SpecialDay(date(2026, 10, 1), date(2026, 10, 1), hours("09:00-12:00"), name="open day"),
        SpecialDay(date(2026, 9, 30), date(2026, 9, 30), close=15 * 60 + 30),
        SpecialDay(date(2026, 3, 6), date(2026, 3, 6), CLOSED, groups=frozenset({"hall"})),
    ]
    table = timetable(specials=specials)
    assert told(table, "2026-03-05") == []
    assert told(table, "2026-10-01") == ["09:00-12:00"]
    assert told(table, "2026-09-30") == ["08:00-12:00", "13:00-15:30"]
    assert told(table, "2026-03-06") == ["08:00-12:00", "13:00-18:00"]
    assert told(timetable(specials=specials, group="hall"), "2026-03-06") == []


def test_a_special_day_keeps_what_the_day_would_have_been() -> None:
    """The plan says special; the reports still know that it was a holiday."""
    special = SpecialDay(date(2026, 10, 1), date(2026, 10, 1), hours("09:00-12:00"), name="open day")
    day = timetable(specials=[special]).day(date(2026, 10, 1))
    assert (day.day.type, day.day.name) == (DayType.SPECIAL, "open day")
    assert (day.ordinary.type, day.ordinary.name) == (DayType.HOLIDAY, "国庆节")


def test_an_early_closing_before_noon_drops_the_afternoon() -> None:
    """And one before opening closes the day."""
    for close, left in ((11 * 60, ["08:00-11:00"]), (12 * 60 + 30, ["08:00-12:00"]), (7 * 60, [])):
        special = SpecialDay(date(2026, 3, 5), date(2026, 3, 5), close=close)
        assert told(timetable(specials=[special]), "2026-03-05") == left


def test_the_narrower_special_day_wins_whatever_the_order() -> None:
    """Mornings only in July, the 15th closed, and the hall open on it all the same."""
    july = SpecialDay(date(2026, 7, 1), date(2026, 7, 31), hours("08:00-12:00"))
    fifteenth = SpecialDay(date(2026, 7, 15), date(2026, 7, 15), CLOSED)
    hall = SpecialDay(date(2026, 7, 15), date(2026, 7, 15), hours("10:00-11:00"), groups=frozenset({"hall"}))
    for order in ([july, fifteenth, hall], [hall, fifteenth, july]):
        assert told(timetable(specials=order), "2026-07-15") == []
        assert told(timetable(specials=order), "2026-07-16") == ["08:00-12:00"]
        assert told(timetable(specials=order, group="hall"), "2026-07-15") == ["10:00-11:00"]


def test_of_two_equal_special_days_the_later_listed_wins() -> None:
    """As a reader of the file expects."""
    days = [
        SpecialDay(date(2026, 7, 15), date(2026, 7, 15), hours(h)) for h in ("08:00-09:00", "10:00-11:00")
    ]
    assert told(timetable(specials=days), "2026-07-15") == ["10:00-11:00"]


def test_lunch_is_no_close() -> None:
    """One span from first opening to last close, and closed at noon all the same."""
    spans = timetable().spans(at("2026-03-03 12:30"))
    span = spans.at(at("2026-03-03 12:30"))
    assert span is not None
    assert (wall(span.open), wall(span.close)) == ("2026-03-03 08:00", "2026-03-03 18:00")
    assert not spans.is_open(at("2026-03-03 12:30"))
    assert spans.is_open(at("2026-03-03 13:00"))
    assert not spans.is_open(at("2026-03-03 18:00"))


def test_a_span_ends_at_its_close_and_the_next_is_after_its_opening() -> None:
    """At 18:00 sharp it is over; at 08:00 sharp the next one is tomorrow's."""
    spans = timetable().spans(at("2026-03-03 12:30"))
    assert spans.at(at("2026-03-03 18:00")) is None
    span, following = spans.at(at("2026-03-03 08:00")), spans.next(at("2026-03-03 08:00"))
    assert span is not None
    assert following is not None
    assert (span.date, following.date) == (date(2026, 3, 3), date(2026, 3, 4))


def test_before_a_long_holiday_the_next_opening_is_in_sight() -> None:
    """From the eve of Spring Festival to the Tuesday after it, complete as far as the horizon."""
    spans = timetable().spans(at("2026-02-14 19:00"))
    following, previous = spans.next(at("2026-02-14 19:00")), spans.previous(at("2026-02-14 19:00"))
    assert following is not None
    assert previous is not None
    assert wall(following.open) == "2026-02-24 08:00"
    assert wall(previous.close) == "2026-02-14 18:00"
    assert spans.horizon >= following.close
    assert spans.at(at("2026-02-14 19:00")) is None
    assert spans.day(at("2026-02-14 19:00")).date == date(2026, 2, 14)
    assert spans.day(0.0).date == spans.days[0].date


def test_hours_past_midnight_belong_to_the_evening() -> None:
    """A Friday night's late shift ends on Saturday at two, on a day that is closed itself."""
    table = timetable(WeekHours(workday=hours("20:00-26:00")))
    span = table.spans(at("2026-03-07 01:00")).at(at("2026-03-07 01:00"))
    assert span is not None
    assert (wall(span.open), wall(span.close)) == ("2026-03-06 20:00", "2026-03-07 02:00")
    assert span.date == date(2026, 3, 6)
    assert wall(table.next_change(at("2026-03-07 01:00"))) == "2026-03-07 02:00"
    assert wall(table.next_change(at("2026-03-07 02:00"))) == "2026-03-09 20:00"


def test_a_round_the_clock_week_is_one_span_until_the_weekend() -> None:
    """Nobody is switched off at midnight."""
    table = timetable(WeekHours(workday=ALL_DAY))
    span = table.spans(at("2026-03-04 12:00")).at(at("2026-03-04 12:00"))
    assert span is not None
    assert (wall(span.open), wall(span.close)) == ("2026-03-02 00:00", "2026-03-07 00:00")
    assert wall(table.next_change(at("2026-03-04 12:00"))) == "2026-03-07 00:00"


def test_a_duty_room_never_closes() -> None:
    """One span without ends, and no change ever."""
    table = timetable(ALWAYS)
    spans = table.spans(at("2026-03-04 12:00"))
    assert [(s.open, s.close) for s in spans.spans] == [(-math.inf, math.inf)]
    assert spans.horizon == math.inf
    assert table.next_change(at("2026-03-04 12:00")) is None
    assert table.next_change(at("2026-03-04 12:00"), opening=[-1800.0], closing=[-1800.0]) is None


def test_a_duty_room_that_closes_once_a_year_is_seen_to() -> None:
    """The one closed day has its edges; long after and long before it, it is open without end."""
    works = SpecialDay(date(2026, 9, 1), date(2026, 9, 1), CLOSED)
    table = timetable(ALWAYS, [works])
    assert wall(table.next_change(at("2026-03-04 12:00"))) == "2026-09-01 00:00"
    assert wall(table.next_change(at("2026-09-01 00:00"))) == "2026-09-02 00:00"
    assert table.next_change(at("2026-09-02 00:00")) is None
    spans = table.spans(at("2026-09-01 12:00"))
    assert [(wall(s.open) if s.open > 0 else "", s.close) for s in spans.spans][-1] == (
        "2026-09-02 00:00",
        math.inf,
    )
    assert spans.spans[0].open == -math.inf


def test_a_duty_room_knows_its_opening_for_a_fortnight() -> None:
    """Ten days after the works it opened after them; three weeks after, it has always been open."""
    table = timetable(ALWAYS, [SpecialDay(date(2026, 9, 1), date(2026, 9, 1), CLOSED)])
    opened = [table.spans(at(f"2026-09-{day}")).spans[0].open for day in ("12", "16", "17", "22")]
    assert opened == [at("2026-09-02"), at("2026-09-02"), -math.inf, -math.inf]


def test_midnight_belongs_to_the_new_day() -> None:
    """What was remembered for yesterday does not answer for today."""
    table = timetable()
    midnight = at("2026-03-03")
    before = table.spans(midnight - 1)
    assert table.spans(midnight) == timetable().spans(midnight) != before
    assert table.spans(midnight - 1) == before


def test_a_closed_building_never_opens() -> None:
    """No spans and no change, and the answer holds for ever."""
    table = timetable(WeekHours())
    assert table.spans(at("2026-03-04 12:00")).spans == ()
    assert table.spans(at("2026-03-04 12:00")).horizon == math.inf
    assert table.next_change(at("2026-03-04 12:00")) is None


def test_what_lies_more_than_400_days_ahead_is_not_looked_for() -> None:
    """A jubilee in two years is no change yet, and the horizon says how far was looked."""
    jubilee = SpecialDay(date(2028, 3, 4), date(2028, 3, 4), hours("10:00-12:00"))
    table = timetable(WeekHours(), [jubilee])
    assert table.next_change(at("2026-03-04 12:00")) is None
    assert wall(table.spans(at("2026-03-04 12:00")).horizon) == "2027-04-08 00:00"
    assert wall(table.next_change(at("2027-03-04 12:00"))) == "2028-03-04 10:00"


def test_an_always_open_room_named_on_a_special_day_stays_open() -> None:
    """A special day that changes nothing adds no edge."""
    named = SpecialDay(date(2026, 3, 5), date(2026, 3, 5), name="anniversary")
    assert timetable(ALWAYS, [named]).next_change(at("2026-03-04 12:00")) is None


def test_offsets_ask_for_prestart_and_for_the_half_hour_before_closing() -> None:
    """From noon: 13:00 after lunch, 17:30 before closing, and next morning's 07:30."""
    table = timetable()
    asked = {"opening": [-1800.0], "closing": [-1800.0, 600.0]}
    seen: list[str] = []
    t: float | None = at("2026-03-03 12:00")
    while t is not None and len(seen) < 6:
        t = table.next_change(t, **asked)
        seen.append(wall(t)[11:])
    assert seen == ["13:00", "17:30", "18:00", "18:10", "07:30", "08:00"]


def test_spring_forward_moves_a_missing_opening_by_the_gap() -> None:
    """New York, 2026-03-08: there is no 02:30, so a room that opens at 02:30 opens at 03:30."""
    week = WeekHours(by_weekday=(hours("02:30-06:00"),) * 7)
    table = timetable(week, tz=NEW_YORK, country="US")
    assert told(table, "2026-03-07", NEW_YORK) == ["02:30-06:00"]
    assert told(table, "2026-03-08", NEW_YORK) == ["03:30-06:00"]


def test_an_interval_that_the_clock_skips_keeps_its_length() -> None:
    """02:30 to 03:15 does not come out backwards: it is 03:30 to 04:15 that night."""
    week = WeekHours(by_weekday=(hours("02:30-03:15"),) * 7)
    table = timetable(week, tz=NEW_YORK, country="US")
    assert told(table, "2026-03-08", NEW_YORK) == ["03:30-04:15"]


def test_fall_back_opens_at_the_first_and_closes_at_the_second() -> None:
    """New York, 2026-11-01: 01:30 comes twice, and in between the room stays as it is."""
    week = WeekHours(by_weekday=(hours("01:30-05:00"),) * 7)
    table = timetable(week, tz=NEW_YORK, country="US")
    first, second = (at("2026-11-01 01:30", NEW_YORK, fold) for fold in (0, 1))
    assert table.next_change(first - 60) == first
    assert table.next_change(first) == at("2026-11-01 05:00", NEW_YORK)
    late = timetable(WeekHours(by_weekday=(hours("20:00-25:30"),) * 7), tz=NEW_YORK, country="US")
    assert late.next_change(first) == second
    assert late.is_open(second - 60)


def test_a_night_shift_is_as_long_as_the_night() -> None:
    """22:00 to 06:00 is seven hours when the clock goes forward and nine when it goes back."""
    table = timetable(WeekHours(by_weekday=(hours("22:00-30:00"),) * 7), tz=NEW_YORK, country="US")
    nights = {d: table.day(date.fromisoformat(d)).intervals[0] for d in ("2026-03-07", "2026-10-31")}
    assert [(end - start) / 3600 for start, end in nights.values()] == [7.0, 9.0]


def test_the_day_that_samoa_skipped_is_not_opened() -> None:
    """2011-12-30, a Friday, never came at Apia; the Saturday after it keeps its own hours."""
    apia = ZoneInfo("Pacific/Apia")
    week = WeekHours(by_weekday=(hours("09:00-17:00"),) * 5 + (CLOSED,) * 2)
    table = timetable(week, tz=apia, country="DE")
    assert table.day(date(2011, 12, 30)).intervals == ()
    assert wall(table.next_change(at("2011-12-29 17:00", apia)), apia) == "2012-01-02 09:00"


@pytest.mark.parametrize("wrong", [(-1, 60), (1440, 1500), (60, 60), (60, 30), (480, 1921)])
def test_an_interval_that_is_none_is_refused(wrong: tuple[int, int]) -> None:
    """It begins within the day and lasts a day at most."""
    with pytest.raises(ValueError, match="24 hours"):
        Interval(*wrong)


def test_a_week_has_seven_days_and_special_days_run_forward() -> None:
    """What the configuration would build wrongly is refused on the spot."""
    with pytest.raises(ValueError, match="seven"):
        WeekHours(by_weekday=(None,) * 5)
    with pytest.raises(ValueError, match="before it starts"):
        SpecialDay(date(2026, 3, 5), date(2026, 3, 4))


def test_asking_twice_is_quick_and_asking_first_is_not_slow() -> None:
    """The engine asks at every evaluation: under 5 µs of processor time again, under 1 ms afresh (best of several)."""
    noon = at("2026-03-04 12:00")
    calendar = Calendar()
    table = Timetable(SHANGHAI, calendar, OFFICE)
    of = partial(timeit.repeat, timer=process_time, repeat=20)  # what neighbours take is not ours
    again = min(of(lambda: table.spans(noon), number=1000)) / 1000
    afresh = min(of(lambda: Timetable(SHANGHAI, calendar, OFFICE).spans(noon), number=10))
    assert again < 5e-6
    assert afresh / 10 < 1e-3


def test_many_years_are_crossed_without_hoarding_them() -> None:
    """A rehearsal of twenty years gives the same answers as a fresh timetable, in bounded memory."""
    table = timetable()
    days = [at("2006-01-02 12:00") + 86400.0 * n for n in range(0, 20 * 365, 1)]
    for t in days:
        table.spans(t)
    sample = days[:: len(days) // 20]
    assert [table.spans(t) for t in sample] == [timetable().spans(t) for t in sample]
    assert all(len(kept) <= 4097 for kept in (table._days, table._windows, table._quiet_days))
