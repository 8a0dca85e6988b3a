"""The state's working days: which dates are worked, rested, or worked in lieu, and in which years we know."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import chinese_calendar

from config.phrase import Phrase, Said, same
from config.visible import visible
from schedules.time import Instant
from schedules.types import Day, DayType

if TYPE_CHECKING:
    import holidays

Notice: TypeAlias = Mapping[str, Any]
"""A year's notice in holiday-cn's JSON form: `{"year": 2027, "days": [{"name", "date", "isOffDay"}, …]}`."""

_Entry: TypeAlias = tuple[DayType, str]

_WEEKEND = frozenset({5, 6})
_CHINESE = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


class CalendarError(Said, ValueError):
    """A calendar, a notice or an .ics file that cannot be read as one; `said` names what to mend."""


_LONGEST_NAME = 60
"""Characters that are shown of a word out of somebody's file: a title, a holiday's name."""


def shown(text: str) -> str:
    """A text out of a file, for people: one line, what is not printable as `�`, cut where nobody reads on."""
    return visible(" ".join(text.split()), _LONGEST_NAME)


class Calendar:
    """Type and name of each date in one country, without the site's own special days.

    China's days come from the State Council's notices: chinesecalendar's, then `notices`, of which one with
    days in it replaces what the library says of its year (notices are amended, as in January 2020). A year
    with no notice has plain weekdays and is not `announced`: working days are moved each year by decree, so
    they cannot be computed. Elsewhere the `holidays` package computes them, and `notices` go before it.

    `country` is an ISO 3166-1 alpha-2 code, `subdivision` as that package names it. `CalendarError` for one
    it does not know and for a notice that is malformed.
    """

    def __init__(
        self, country: str = "CN", subdivision: str | None = None, notices: Sequence[Notice] = ()
    ) -> None:
        self.country = country
        self._days: dict[date, _Entry] = {}
        self._years: set[int] = set()
        self._foreign: holidays.HolidayBase | None = None
        if country == "CN":
            self._days, self._years = _state_council()
        else:
            self._foreign = _country(country, subdivision)
        for year, days in sorted((_read_notice(notice) for notice in notices), key=lambda read: read[0]):
            self._take(year, days)

    def day(self, on: date) -> Day:
        """That date's type; `name` is the holiday's, also on a day worked in lieu of it, else empty."""
        announced = self.announced(on.year)
        entry = self._days.get(on)
        if entry is None and self._foreign is not None and on.year not in self._years:
            entry = _computed(self._foreign, on)
        if entry is not None:
            return Day(on, entry[0], entry[1], announced)
        return Day(on, DayType.WEEKEND if on.weekday() in self.rest else DayType.WORKDAY, "", announced)

    @property
    def rest(self) -> Collection[int]:
        """Weekdays of rest, Monday 0."""
        return _WEEKEND if self._foreign is None else self._foreign.weekend

    def announced(self, year: int) -> bool:
        """True where that year's holidays are known."""
        if year in self._years:
            return True
        return self._foreign is not None and self._foreign.start_year <= year <= self._foreign.end_year

    def valid_until(self, tz: ZoneInfo, now: Instant) -> Instant:
        """Until when the calendar holds without a gap: the end of the last announced year in a row.

        Counted from the year of `now` in `tz`; where that year itself is unannounced, the end of the last
        announced one before it, or -inf if there is none.
        """
        year = datetime.fromtimestamp(now, tz).year
        if self.announced(year):
            while self.announced(year + 1):
                year += 1
        else:
            earlier = [known for known in self._years if known < year]
            if self._foreign is not None:
                earlier.append(min(self._foreign.end_year, year))
            if not earlier:
                return -math.inf
            year = max(earlier)
        return datetime(year + 1, 1, 1, tzinfo=tz).timestamp()

    def _take(self, year: int, days: dict[date, _Entry]) -> None:
        """Replace a year by its notice. Days that it decrees in a neighbouring year go on top of that one."""
        if not days:
            return  # holiday-cn publishes an empty file before the notice is out
        # The last days of December belong to the next year's New Year, so to the next year's notice.
        kept = {d: entry for d, entry in self._days.items() if d.year != year or (d.month, d.day) > (12, 25)}
        self._days = kept | days
        self._years.add(year)


def _state_council() -> tuple[dict[date, _Entry], set[int]]:
    """chinesecalendar's holidays and make-up workdays, and the years whose notice it has in full."""
    days: dict[date, _Entry] = {}
    for on, name in chinese_calendar.holidays.items():
        days[on] = (DayType.HOLIDAY, _CHINESE.get(name, name))
    for on, name in chinese_calendar.workdays.items():
        days[on] = (DayType.MAKEUP_WORKDAY, _CHINESE.get(name, name))
    # A notice may decree days of the December before, so a year is known by its National Day, not by any day.
    return days, {on.year for on in days if (on.month, on.day) == (10, 1)}


def _country(country: str, subdivision: str | None) -> holidays.HolidayBase:
    import holidays  # six megabytes that China's buildings do without

    try:
        return holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as unknown:  # what `holidays` raises for a country or part that it lacks
        where = country if subdivision is None else f"{country}, {subdivision}"
        raise CalendarError(
            Phrase(f"no holidays known for {where}: {unknown}", f"没有 {where} 的法定节假日数据：{unknown}")
        ) from unknown


def _computed(country: holidays.HolidayBase, on: date) -> _Entry | None:
    name = country.get(on)
    if name is not None:
        return DayType.HOLIDAY, str(name)
    if on in country.weekend_workdays:
        return DayType.MAKEUP_WORKDAY, ""
    return None


def _read_notice(notice: Notice) -> tuple[int, dict[date, _Entry]]:
    """A notice's year and its days, checked as data from outside."""
    year = notice.get("year") if isinstance(notice, Mapping) else None
    listed = notice.get("days") if isinstance(notice, Mapping) else None
    if not isinstance(year, int) or isinstance(year, bool) or not isinstance(listed, list):
        raise CalendarError(
            Phrase(
                'a holiday notice is an object with "year" (a number) and "days" (a list)',
                '放假通知应为一个对象，含 "year"（数字）和 "days"（列表）',
            )
        )
    if not 1949 <= year <= 2200:
        raise CalendarError(
            Phrase(
                '"year" of a holiday notice lies between 1949 and 2200',
                '放假通知的 "year" 应在 1949 至 2200 之间',
            )
        )
    days: dict[date, _Entry] = {}
    for number, entry in enumerate(listed, start=1):
        where = Phrase(f"holiday notice for {year}, day {number}", f"{year} 年放假通知第 {number} 条")
        on, kind, name = _read_entry(entry, where)
        if abs(on.year - year) > 1:
            raise CalendarError(
                Phrase(f"{where.en}: {on} is of another year", f"{where.zh}：{on} 属于另一年")
            )
        if on in days:
            raise CalendarError(Phrase(f"{where.en}: {on} is listed twice", f"{where.zh}：{on} 出现两次"))
        days[on] = (kind, name)
    return year, days


def _read_entry(entry: object, where: Phrase) -> tuple[date, DayType, str]:
    if not isinstance(entry, Mapping):
        raise CalendarError(
            Phrase(
                f'{where.en}: expected an object with "name", "date" and "isOffDay"',
                f'{where.zh}：应为含 "name"、"date" 和 "isOffDay" 的对象',
            )
        )
    off, text, name = entry.get("isOffDay"), entry.get("date"), entry.get("name", "")
    if not isinstance(off, bool):
        cut = _cut(off)
        raise CalendarError(
            Phrase(
                f'{where.en}: "isOffDay" is true or false, not {cut.en}',
                f'{where.zh}："isOffDay" 应为 true 或 false，而不是 {cut.zh}',
            )
        )
    if not isinstance(name, str):
        cut = _cut(name)
        raise CalendarError(
            Phrase(
                f'{where.en}: "name" is a text, not {cut.en}', f'{where.zh}："name" 应为文本，而不是 {cut.zh}'
            )
        )
    try:
        on = date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        cut = _cut(text)
        raise CalendarError(
            Phrase(
                f'{where.en}: "date" is written 2027-01-01, not {cut.en}',
                f'{where.zh}："date" 写作 2027-01-01，而不是 {cut.zh}',
            )
        ) from None
    # An off day that falls on a weekend is part of the holiday; a worked one that falls on a weekday is
    # an ordinary working day that the notice spells out.
    if off:
        kind = DayType.HOLIDAY
    else:
        kind = DayType.MAKEUP_WORKDAY if on.weekday() in _WEEKEND else DayType.WORKDAY
    return on, kind, shown(name)


def _cut(value: object) -> Phrase:
    """A value out of JSON for a message; a list or an object, which may be of any size, by its kind."""
    if isinstance(value, list | dict):
        return Phrase("a list", "列表") if isinstance(value, list) else Phrase("an object", "对象")
    return same(repr(shown(value)) if isinstance(value, str) else shown(repr(value)))
