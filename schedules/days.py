"""The files of days that a site file names: holidays, special days, a typical year. Problems say which and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from config.file import IcsEntry
from config.reading import MIB, FileRefused, read_at_most
from config.site import Site
from schedules.calendar import Calendar, CalendarError
from schedules.from_site import calendar_of, timetables
from schedules.hours import Timetable
from schedules.ics import IcsDays, IcsProblem, read_ics
from schedules.marks import Meaning
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
    """A calendar file that cannot be used; the message names it, and the line in it."""


class Found(NamedTuple):
    """Something wrong with a calendar file: its place in the site file, and how to mend it where that is special."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    warning: bool = False


MAX_BYTES = MIB
"""Of an .ics file or a notice: thousands of events. A site choice, against a disk image named by mistake."""
MAX_EPW_BYTES = 20 * MIB  # as schedules.weather.epw has it, whose numpy most sites do without
_MOST = 20
"""Events of one file that are told; the rest is counted."""


def calendars(site: Site) -> Calendars:
    """Read the site's holiday notices and .ics files, beside the site file, and build its timetables.

    Raises CalendarProblem.
    """
    folder = Path(site.source).parent
    notices = [_notice(folder / name) for name in site.calendar.holiday_cn]
    try:
        calendar = calendar_of(site, notices)
    except CalendarError as error:
        raise CalendarProblem(f"calendar: {error}") from error
    extra: list[SpecialDay] = []
    for entry in site.calendar.ics:
        days, problems = _ics(site, entry, calendar)
        for problem in problems:
            if not problem.warning:
                raise CalendarProblem(f"{folder / entry.file}: {problem.message}")
        extra += days
    digest = hashlib.sha256(b"\0".join(_bytes(path, MAX_EPW_BYTES) for path in calendar_files(site)))
    return Calendars(calendar, timetables(site, calendar, extra), _typical_year(site), digest.hexdigest())


def calendar_files(site: Site) -> tuple[Path, ...]:
    """The files that a site file names: holiday notices, .ics files, the typical year."""
    ics = (entry.file for entry in site.calendar.ics)
    names = (*site.calendar.holiday_cn, *ics, *filter(None, [site.season.weather]))
    return tuple(Path(site.source).parent / name for name in names)


def calendar_problems(site: Site) -> Iterator[Found]:
    """What is wrong with them, each with its place in the site file."""
    folder = Path(site.source).parent
    notices = []
    for index, name in enumerate(site.calendar.holiday_cn):
        try:
            notice = _notice(folder / name)
            Calendar(notices=[notice])
        except CalendarProblem as error:
            yield Found(("calendar", "holiday_cn", index), str(error))
        except CalendarError as error:
            yield Found(("calendar", "holiday_cn", index), f"{folder / name}: {error}")
        else:
            notices.append(notice)
    calendar = None
    try:
        calendar = calendar_of(site, notices)
    except CalendarError as error:
        yield Found(("calendar", _unknown_part(site)), str(error))
    for index, entry in enumerate(site.calendar.ics):
        yield from _ics_problems(site, index, entry, calendar)
    try:
        _typical_year(site)
    except CalendarProblem as error:
        yield Found(("season", "weather"), str(error))


def _ics_problems(site: Site, index: int, entry: IcsEntry, calendar: Calendar | None) -> Iterator[Found]:
    path, file = ("calendar", "ics", index, "file"), Path(site.source).parent / entry.file
    try:
        days, problems = _ics(site, entry, calendar)
    except CalendarProblem as error:
        yield Found(path, str(error))
        return
    for problem in _worst_first(problems)[:_MOST]:
        yield Found(path, f"{file}: {problem.message}", problem.hint, problem.warning)
    if len(problems) > _MOST:
        left = _worst_first(problems)[_MOST:]
        more = f"{file}: {len(left)} more events are not plain, or not right"
        yield Found(
            path, more, "mend the first ones; see the others then", all(each.warning for each in left)
        )
    for group in sorted({group for day in days for group in day.groups} - set(site.hours)):
        known = ", ".join(sorted(site.hours))
        yield Found(path, f"{file}: its groups name `{group}`, which is none of the hours: {known}")


def _worst_first(problems: Sequence[IcsProblem]) -> list[IcsProblem]:
    """Errors before warnings, each in the file's order."""
    return sorted(problems, key=lambda problem: problem.warning)


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
    except RecursionError as error:
        raise CalendarProblem(f"{path}: line 1: nested too deep to be a holiday notice") from error
    return read


def _ics(site: Site, entry: IcsEntry, calendar: Calendar | None) -> IcsDays:
    path = Path(site.source).parent / entry.file
    means = {word: Meaning(meaning) for word, meaning in entry.means.items()}
    try:
        return read_ics(_text(path), site.tz, calendar, means)
    except ValueError as error:
        raise CalendarProblem(f"{path}: {error}") from error


def _bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Raises CalendarProblem for a file that is none, or too large."""
    try:
        return read_at_most(path, limit)
    except FileRefused as error:
        raise CalendarProblem(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")  # Windows programs begin a file with a byte order mark
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} at offset {error.start}"
        raise CalendarProblem(f"{path}: not UTF-8: {found}; save it in the encoding UTF-8") from error
