"""The files of days that a site file names: holidays, special days, a typical year. Problems say which and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from config.file import IcsEntry
from config.phrase import Phrase, Said
from config.problems import NO_REMEDY
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


class CalendarProblem(Said, OSError):
    """A calendar file that cannot be used; `said` names it, and the line in it."""


class Found(NamedTuple):
    """Something wrong with a calendar file: its place in the site file, and how to mend it where that is special."""

    path: tuple[str | int, ...]
    message: Phrase
    hint: Phrase = NO_REMEDY
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
        raise CalendarProblem(Phrase(f"calendar: {error.said.en}", f"calendar：{error.said.zh}")) from error
    extra: list[SpecialDay] = []
    for entry in site.calendar.ics:
        days, problems = _ics(site, entry, calendar)
        for problem in problems:
            if not problem.warning:
                raise CalendarProblem(_of(folder / entry.file, problem.message))
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
            yield Found(("calendar", "holiday_cn", index), error.said)
        except CalendarError as error:
            yield Found(("calendar", "holiday_cn", index), _of(folder / name, error.said))
        else:
            notices.append(notice)
    calendar = None
    try:
        calendar = calendar_of(site, notices)
    except CalendarError as error:
        yield Found(("calendar", _unknown_part(site)), error.said)
    for index, entry in enumerate(site.calendar.ics):
        yield from _ics_problems(site, index, entry, calendar)
    try:
        _typical_year(site)
    except CalendarProblem as error:
        yield Found(("season", "weather"), error.said)


def _ics_problems(site: Site, index: int, entry: IcsEntry, calendar: Calendar | None) -> Iterator[Found]:
    path, file = ("calendar", "ics", index, "file"), Path(site.source).parent / entry.file
    try:
        days, problems = _ics(site, entry, calendar)
    except CalendarProblem as error:
        yield Found(path, error.said)
        return
    for problem in _worst_first(problems)[:_MOST]:
        yield Found(path, _of(file, problem.message), problem.hint, problem.warning)
    if len(problems) > _MOST:
        left = _worst_first(problems)[_MOST:]
        more = Phrase(
            f"{len(left)} more events are not plain, or not right", f"另有 {len(left)} 个事件含义不明或有误"
        )
        first = Phrase("mend the first ones; see the others then", "先改正前面的，再看其余的")
        yield Found(path, _of(file, more), first, all(each.warning for each in left))
    for group in sorted({group for day in days for group in day.groups} - set(site.hours)):
        known = ", ".join(sorted(site.hours))
        none = Phrase(
            f"its groups name `{group}`, which is none of the hours: {known}",
            f"其中的区域组 `{group}` 不在 hours 中：{known}",
        )
        yield Found(path, _of(file, none))


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
        place = f"{first.file}:{first.line}"
        raise CalendarProblem(
            Phrase(
                f"{place}: {first.said.en}; {first.remedy.en}", f"{place}：{first.said.zh}；{first.remedy.zh}"
            )
        )
    return tuple(float(mean) for mean in weather.daily_means)


def _notice(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(_text(path))
    except ValueError as error:
        raise CalendarProblem(_of(path, Phrase(f"not JSON: {error}", f"不是 JSON：{error}"))) from error
    except RecursionError as error:
        deep = Phrase("line 1: nested too deep to be a holiday notice", "第 1 行：嵌套过深，不会是放假通知")
        raise CalendarProblem(_of(path, deep)) from error
    return read


def _ics(site: Site, entry: IcsEntry, calendar: Calendar | None) -> IcsDays:
    path = Path(site.source).parent / entry.file
    means = {word: Meaning(meaning) for word, meaning in entry.means.items()}
    try:
        return read_ics(_text(path), site.tz, calendar, means)
    except CalendarError as error:
        raise CalendarProblem(_of(path, error.said)) from error


def _of(path: Path, said: Phrase) -> Phrase:
    """What is wrong, after the file that it is wrong with."""
    return Phrase(f"{path}: {said.en}", f"{path}：{said.zh}")


def _bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Raises CalendarProblem for a file that is none, or too large."""
    try:
        return read_at_most(path, limit)
    except FileRefused as error:
        raise CalendarProblem(_of(path, error.said)) from error


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")  # Windows programs begin a file with a byte order mark
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02X} at offset {error.start}"
        found_zh = f"偏移 {error.start} 处的字节 0x{error.object[error.start]:02X}"
        raise CalendarProblem(
            _of(
                path,
                Phrase(
                    f"not UTF-8: {found}; save it in the encoding UTF-8",
                    f"不是 UTF-8：{found_zh}；请以 UTF-8 编码另存",
                ),
            )
        ) from error
