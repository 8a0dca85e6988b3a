"""The calendar files that a site file names, read and turned into days. Problems say which file and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from config.site import Site
from schedules.calendar import Calendar, CalendarError
from schedules.from_site import calendar_of, timetables
from schedules.hours import Timetable
from schedules.ics import special_days_from_ics
from schedules.types import SpecialDay


class Calendars(NamedTuple):
    """The state's calendar and a timetable for each group of hours."""

    calendar: Calendar
    tables: Mapping[str, Timetable]


class CalendarProblem(OSError):
    """A calendar file that cannot be used; the message names it."""


def calendars(site: Site) -> Calendars:
    """Read the site's holiday notices and .ics files, beside the site file, and build its timetables.

    Raises CalendarProblem.
    """
    folder = Path(site.source).parent
    notices = [_notice(folder / name) for name in site.calendar.holiday_cn]
    extra: list[SpecialDay] = []
    for name in site.calendar.ics:
        extra += _ics(site, folder / name)
    try:
        calendar = calendar_of(site, notices)
    except CalendarError as error:
        raise CalendarProblem(f"calendar: {error}") from error
    return Calendars(calendar, timetables(site, calendar, extra))


def _notice(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(_text(path))
    except ValueError as error:
        raise CalendarProblem(f"{path}: not JSON: {error}") from error
    return read


def _ics(site: Site, path: Path) -> list[SpecialDay]:
    try:
        return special_days_from_ics(_text(path), site.tz)
    except ValueError as error:
        raise CalendarProblem(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarProblem(f"{path}: {error}") from error
