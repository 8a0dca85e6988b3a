"""The files of days that a site file names: holidays, special days, a typical year. Problems say which and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
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
    typical: tuple[float, ...] = ()
    """The place's typical year: 365 daily mean outdoor temperatures in °C, 1 January first; may be empty."""
    digest: str = ""
    """sha256 (hex) of the files they were read from."""


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
    digest = hashlib.sha256(b"\0".join(_bytes(path) for path in calendar_files(site)))
    return Calendars(calendar, timetables(site, calendar, extra), _typical_year(site), digest.hexdigest())


def calendar_files(site: Site) -> tuple[Path, ...]:
    """The files that a site file names: holiday notices, .ics files, the typical year."""
    names = (*site.calendar.holiday_cn, *site.calendar.ics, *filter(None, [site.season.weather]))
    return tuple(Path(site.source).parent / name for name in names)


def calendar_problems(site: Site) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with them, each with its place in the site file."""
    folder = Path(site.source).parent
    for index, name in enumerate(site.calendar.holiday_cn):
        try:
            Calendar(notices=[_notice(folder / name)])
        except (CalendarProblem, CalendarError) as error:
            yield ("calendar", "holiday_cn", index), str(error)
    try:
        calendar_of(site)
    except CalendarError as error:
        yield ("calendar", _unknown_part(site)), str(error)
    for index, name in enumerate(site.calendar.ics):
        try:
            days = _ics(site, folder / name)
        except CalendarProblem as error:
            yield ("calendar", "ics", index), str(error)
            continue
        for group in sorted({group for day in days for group in day.groups} - set(site.hours)):
            known = ", ".join(sorted(site.hours))
            yield (
                ("calendar", "ics", index),
                f"{folder / name}: its groups name `{group}`, which is none of the hours: {known}",
            )
    try:
        _typical_year(site)
    except CalendarProblem as error:
        yield ("season", "weather"), str(error)


def _unknown_part(site: Site) -> str:
    """Which key names no place with holidays: the country, or only its part."""
    try:
        Calendar(site.calendar.country)
    except CalendarError:
        return "country"
    return "subdivision"


def _typical_year(site: Site) -> tuple[float, ...]:
    if site.season.weather is None:
        return ()
    from schedules.weather.epw import read_epw  # numpy: only where there is such a file

    weather, problems = read_epw(Path(site.source).parent / site.season.weather)
    if weather is None:
        first = problems[0]
        raise CalendarProblem(f"{first.file}:{first.line}: {first.message}; {first.hint}")
    return tuple(float(mean) for mean in weather.daily_means)


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


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CalendarProblem(f"{path}: {error.strerror}") from error


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")  # Windows programs begin a file with a byte order mark
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} at offset {error.start}"
        raise CalendarProblem(f"{path}: not UTF-8: {found}; save it in the encoding UTF-8") from error
