"""EPW weather files: read with every problem told at once, and served for any date.

The format is that of EnergyPlus's Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary": eight
header lines, then one line an hour. Hour 1 ends at 01:00 local standard time: temperatures, humidity and wind
are those of that moment, radiation is the mean of the hour before it.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase
from config.reading import MIB, read_at_most
from config.reasons import reason
from schedules.time import DAY, Instant
from schedules.weather import air
from schedules.weather.series import Sample, Series, Site, on_clock, sky_infrared

Floats: TypeAlias = NDArray[np.float64]

HOURS = 8760
MAX_BYTES = 20 * MIB
"""A year of hours is 1.6 MB; a site choice."""
_HEADER = 8
_COLUMNS = 24
"""Columns that are read from: up to the opaque sky cover. A whole line has 35."""


@dataclass(frozen=True)
class WeatherProblem:
    """What is wrong with a weather file, where, and what would mend it."""

    file: str
    line: int
    """From 1; 0 for the file as a whole."""
    column: int
    """Field of the line, from 1; 0 for the line as a whole."""
    said: Phrase
    remedy: Phrase

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.said.en

    @property
    def hint(self) -> str:
        """What would mend it, in English."""
        return self.remedy.en


class Reading(NamedTuple):
    """What came of reading a file: the weather, or the reasons why there is none."""

    weather: EpwWeather | None
    problems: list[WeatherProblem]


class _Quantity(NamedTuple):
    """A column that the physics needs."""

    name: str
    column: int
    """From 0."""
    low: float
    high: float
    missing: float
    """The format's own code for a missing value: this or more."""


_DRY = _Quantity("dry-bulb temperature", 6, -70.0, 70.0, 99.9)
_DEW = _Quantity("dew-point temperature", 7, -90.0, 70.0, 99.9)
_HUMID = _Quantity("relative humidity", 8, 0.0, 110.0, 999.0)
_INFRARED = _Quantity("horizontal infrared radiation", 12, 0.0, 800.0, 9999.0)
_DIRECT = _Quantity("direct normal radiation", 14, 0.0, 1500.0, 9999.0)
_DIFFUSE = _Quantity("diffuse horizontal radiation", 15, 0.0, 1000.0, 9999.0)
_WIND = _Quantity("wind speed", 21, 0.0, 60.0, 999.0)
_OPAQUE = _Quantity("opaque sky cover", 23, 0.0, 10.0, 99.0)
_QUANTITIES = (_DRY, _DEW, _HUMID, _INFRARED, _DIRECT, _DIFFUSE, _WIND, _OPAQUE)
_SPARE = {_DEW.name, _HUMID.name, _INFRARED.name, _OPAQUE.name}
"""Quantities that can be worked out from others where the code for missing stands."""


class EpwWeather:
    """An EPW file's year, repeated every year; 29 February takes the 28th. Linear between the hours."""

    def __init__(self, site: Site, label: str, hourly: dict[str, Floats]) -> None:
        self._site = site
        self._label = label
        self._moments = [hourly[name.name] for name in (_DRY, _HUMID, _WIND, _INFRARED)]
        self._means = [hourly[name.name] for name in (_DIRECT, _DIFFUSE)]

    @property
    def site(self) -> Site:
        """Where it is."""
        return self._site

    @property
    def daily_means(self) -> Floats:
        """Daily mean dry-bulb temperature in °C, 365 values, 1 January first."""
        means: Floats = self._moments[0].reshape(HOURS // 24, 24).mean(axis=1)
        return means

    @property
    def label(self) -> str:
        """What a report calls it."""
        return self._label

    def moved(self, utc_offset: float) -> EpwWeather:
        """The same hours by another clock, `utc_offset` h east of UTC, and the sun with them."""
        other = copy(self)
        other._site = on_clock(self._site, utc_offset)
        other._label = f"{self._label}, by a clock of UTC{utc_offset:+g}"
        return other

    def at(self, time: Instant) -> Sample:
        """The weather at one instant."""
        return Sample(*(float(values[0]) for values in self.series(np.array([time]))))

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`."""
        hour = _hour_of_year(times + self._site.utc_offset * 3600.0)
        dry, humidity, wind, infrared = (_between(values, hour - 1.0) for values in self._moments)
        direct, diffuse = (_between(values, hour - 0.5) for values in self._means)
        return Series(dry, humidity, wind, direct, diffuse, infrared)


def _between(values: Floats, position: Floats) -> Floats:
    """Linear interpolation on a ring of hours."""
    lower = np.floor(position).astype(np.int64)
    share = position - lower
    return values[lower % HOURS] * (1.0 - share) + values[(lower + 1) % HOURS] * share


def _hour_of_year(local: Floats) -> Floats:
    """Hours since 1 January 00:00 of a year of 365 days, for local standard POSIX seconds."""
    number = np.floor(local / DAY)
    days = number.astype(np.int64).astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    day = (days - years.astype("datetime64[D]")).astype(np.int64)
    year = years.astype(np.int64) + 1970
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    day -= leap & (day >= 59)  # 29 February is day 59 of a leap year, counted from 0
    hours: Floats = day * 24.0 + (local / DAY - number) * 24.0
    return hours


_FILL = Phrase("fill the gap, or give another file", "请补齐，或换用其他文件")


def read_epw(path: Path) -> Reading:
    """Read an EPW file. Never raises for what is in it or for its absence: problems say what is wrong."""
    try:
        raw = read_at_most(path, MAX_BYTES)
    except OSError as error:
        hint = Phrase(
            "check the spelling, or leave --weather out for a synthetic year",
            "检查文件名；不写 --weather 则用合成的一年",
        )
        said = Phrase(f"cannot be read: {error}", f"无法读取：{getattr(error, 'said', reason(error)).zh}")
        return Reading(None, [WeatherProblem(str(path), 0, 0, said, hint)])
    return parse_epw(raw, str(path))


def parse_epw(raw: bytes, file: str) -> Reading:
    """`read_epw` of bytes; `file` is what problems call it."""
    shape = _not_text(raw, file)
    if shape is not None:
        return Reading(None, [shape])
    lines = _lines(raw)
    tell = _Teller(file)
    site = _location(lines[0] if lines else "", tell)
    _periods(lines if lines[-1] else lines[:-1], tell)
    records = [(n, line.split(",")) for n, line in enumerate(lines[_HEADER:], _HEADER + 1) if line.strip()]
    records = _whole_lines(records, tell)
    if not tell.problems:
        _calendar(records, tell)
    hourly = _quantities(records, tell) if records else {}
    if tell.problems or site is None:
        return Reading(None, tell.problems)
    _complete(hourly)
    return Reading(EpwWeather(site, f"{site.name} ({Path(file).name})", hourly), [])


def _lines(raw: bytes) -> list[str]:
    """The lines of a file in any 8-bit code: the format is ASCII, place names and comments come as they come.

    Only carriage return and line feed end a line: a byte of 包头 is Unicode's "next line" in Latin-1.
    """
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class _Teller:
    """Collects problems; of one kind the first is told, with how many more there are."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[WeatherProblem] = []

    def one(self, line: int, column: int, message: Phrase, hint: Phrase) -> None:
        """A problem of its own."""
        self.problems.append(WeatherProblem(self.file, line, column, message, hint))

    def many(self, where: list[tuple[int, int]], message: Callable[[int], Phrase], hint: Phrase) -> None:
        """A problem that stands at each of `where` (line, column); told at the first."""
        if where:
            self.one(*where[0], message(len(where)), hint)


def _not_text(raw: bytes, file: str) -> WeatherProblem | None:
    if raw[:2] == b"\x1f\x8b":
        said = Phrase("is compressed (gzip)", "是压缩文件（gzip）")
        return WeatherProblem(
            file, 0, 0, said, Phrase(f"unpack it first: gunzip {file}", f"请先解压：gunzip {file}")
        )
    if raw[:4] == b"PK\x03\x04":
        hint = Phrase("unpack it and give the .epw inside", "请解压后给出其中的 .epw")
        return WeatherProblem(file, 0, 0, Phrase("is a zip archive", "是 zip 压缩包"), hint)
    if raw[:3] == b"BZh" or raw[:6] == b"\xfd7zXZ\0":
        return WeatherProblem(
            file,
            0,
            0,
            Phrase("is compressed (bzip2 or xz)", "是压缩文件（bzip2 或 xz）"),
            Phrase(f"unpack it first: bunzip2 or unxz {file}", f"请先解压：bunzip2 或 unxz {file}"),
        )
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return WeatherProblem(
            file,
            0,
            0,
            Phrase("is UTF-16 text", "是 UTF-16 文本"),
            Phrase(
                f"save it as plain text: iconv -f UTF-16 -t UTF-8 {file}",
                f"请另存为纯文本：iconv -f UTF-16 -t UTF-8 {file}",
            ),
        )
    if not raw.strip():
        return WeatherProblem(
            file,
            0,
            0,
            Phrase("is empty", "是空文件"),
            Phrase("give an EPW file, or leave --weather out", "请给出 EPW 文件，或不写 --weather"),
        )
    if b"\0" in raw[:4096]:
        return WeatherProblem(
            file, 0, 0, Phrase("is not text", "不是文本"), Phrase("give an EPW file", "请给出 EPW 文件")
        )
    return None


def _location(line: str, tell: _Teller) -> Site | None:
    """`LOCATION,city,state,country,source,WMO,latitude,longitude,hours from UTC,altitude`."""
    fields = [field.strip() for field in line.split(",")]
    line_ = "LOCATION,city,state,country,source,WMO,latitude,longitude,UTC offset,altitude"
    hint = Phrase(f"an EPW file begins: {line_}", f"EPW 文件首行为：{line_}")
    if fields[0].upper() != "LOCATION" or len(fields) < 10:
        said = Phrase("does not begin with a LOCATION line of ten fields", "首行不是有十个字段的 LOCATION 行")
        tell.one(1, 1, said, hint)
        return None
    numbers = []
    limits = ((6, -90.0, 90.0), (7, -180.0, 180.0), (8, -12.0, 14.0), (9, -500.0, 6000.0))
    for column, low, high in limits:
        value = _number(fields[column])
        if not low <= value <= high:
            said = Phrase(
                f"{fields[column]!r} is not a number from {low:g} to {high:g}",
                f"{fields[column]!r} 不是 {low:g} 到 {high:g} 之间的数",
            )
            tell.one(1, column + 1, said, hint)
        numbers.append(value)
    latitude, longitude, offset, altitude = numbers
    return Site(fields[1] or "unnamed", latitude, longitude, altitude, offset)


def _periods(lines: list[str], tell: _Teller) -> None:
    """Line 8, `DATA PERIODS,count,records per hour,…`."""
    if len(lines) < _HEADER:
        tell.one(
            len(lines),
            0,
            Phrase(f"ends after {len(lines)} lines", f"只有 {len(lines)} 行"),
            Phrase("an EPW file has 8 header lines and 8,760 hours", "EPW 文件有 8 行文件头和 8760 个小时"),
        )
        return
    fields = lines[_HEADER - 1].split(",")
    if fields[0].strip().upper() != "DATA PERIODS":
        said = Phrase("the eighth line is not DATA PERIODS", "第八行不是 DATA PERIODS")
        tell.one(_HEADER, 1, said, Phrase("an EPW file has 8 header lines", "EPW 文件有 8 行文件头"))
    elif len(fields) > 2 and _number(fields[2]) != 1.0:
        found = fields[2].strip()
        said = Phrase(f"{found} records an hour", f"每小时 {found} 条记录")
        tell.one(_HEADER, 3, said, Phrase("give a file with one record an hour", "请用每小时一条记录的文件"))


def _whole_lines(records: list[tuple[int, list[str]]], tell: _Teller) -> list[tuple[int, list[str]]]:
    """The records that have enough columns, and hours that are numbers."""
    short = [(number, 0) for number, fields in records if len(fields) < _COLUMNS]
    tell.many(
        short,
        lambda count: Phrase(
            f"has too few columns (35 are usual; {count} such lines)",
            f"列数太少（通常 35 列；共 {count} 行）",
        ),
        Phrase(
            "is it a comma-separated EPW, not a CSV of another layout?",
            "是否为逗号分隔的 EPW，而非其他格式的 CSV？",
        ),
    )
    return [(number, fields) for number, fields in records if len(fields) >= _COLUMNS]


def _calendar(records: list[tuple[int, list[str]]], tell: _Teller) -> None:
    """Every hour of 365 days once and in order."""
    count = len(records)
    if count == HOURS + 24 and any(_stamp(fields)[:2] == (2, 29) for _, fields in records):
        said = Phrase("has 8,784 hours: a leap year", "有 8784 个小时：是闰年")
        tell.one(0, 0, said, Phrase("take out the 24 lines of 29 February", "请去掉 2 月 29 日的 24 行"))
        return
    expected = _expected()
    for place, (number, fields) in enumerate(records[:HOURS]):
        month, day, hour = expected[place]
        if _stamp(fields) != (month, day, hour):
            date, nth = f"{fields[1].strip()}-{fields[2].strip()}", fields[3].strip()
            message = Phrase(
                f"is {date} hour {nth} where {month}-{day} hour {hour} is due; {count:,} hours in all",
                f"此处为 {date} 第 {nth} 时，应为 {month}-{day} 第 {hour} 时；共 {count:,} 个小时",
            )
            tell.one(
                number,
                2,
                message,
                Phrase(
                    "every hour from 1-1 hour 1 to 12-31 hour 24 must be there, once, in order",
                    "从 1-1 第 1 时到 12-31 第 24 时，每小时一条，依次排列",
                ),
            )
            return
    if count != HOURS:
        tell.one(
            0,
            0,
            Phrase(f"has {count:,} hours", f"有 {count:,} 个小时"),
            Phrase("a year has 8,760", "一年有 8760 个"),
        )


def _expected() -> list[tuple[int, int, int]]:
    days = np.arange("2001-01-01", "2002-01-01", dtype="datetime64[D]").tolist()
    return [(day.month, day.day, hour) for day in days for hour in range(1, 25)]


def _stamp(fields: list[str]) -> tuple[int, int, int]:
    """Month, day, hour; zeros where they are not whole numbers."""
    numbers = [_number(field) for field in fields[1:4]]
    month, day, hour = (int(number) if math.isfinite(number) else 0 for number in numbers)
    return month, day, hour


def _quantities(records: list[tuple[int, list[str]]], tell: _Teller) -> dict[str, Floats]:
    """Each quantity by name, NaN where the format's code says missing and the value can be worked out."""
    hourly = {}
    for quantity in _QUANTITIES:
        values = np.array([_number(fields[quantity.column]) for _, fields in records])
        lines = [number for number, _ in records]
        missing = (values >= quantity.missing) & np.isfinite(values)
        wrong = ~missing & ~((values >= quantity.low) & (values <= quantity.high))
        column = quantity.column + 1
        if quantity.name not in _SPARE:
            tell.many(
                [(lines[i], column) for i in np.flatnonzero(missing)],
                lambda n, q=quantity: Phrase(  # type: ignore[misc]  # binds the loop's value
                    f"{q.name} is missing (code {q.missing:g}; {n} such hours)",
                    f"缺 {q.name}（代码 {q.missing:g}；共 {n} 个小时）",
                ),
                _FILL,
            )
        first = np.flatnonzero(wrong)
        shown = records[first[0]][1][quantity.column].strip() if first.size else ""
        tell.many(
            [(lines[i], column) for i in first],
            lambda n, q=quantity, s=shown: Phrase(  # type: ignore[misc]  # binds the loop's value
                f"{q.name} {s!r} is no such thing ({n} such hours)",
                f"{q.name} 的值 {s!r} 不可能（共 {n} 个小时）",
            ),
            Phrase(
                f"a number from {quantity.low:g} to {quantity.high:g}; missing is {quantity.missing:g}",
                f"应为 {quantity.low:g} 到 {quantity.high:g} 的数；缺测写 {quantity.missing:g}",
            ),
        )
        hourly[quantity.name] = np.where(missing, np.nan, values)
    _need_humidity(records, hourly, tell)
    if not tell.problems:
        _need_order(records, hourly, tell)
    return hourly


def _need_humidity(records: list[tuple[int, list[str]]], hourly: dict[str, Floats], tell: _Teller) -> None:
    """Relative humidity or dew point must be there."""
    none = np.isnan(hourly[_HUMID.name]) & np.isnan(hourly[_DEW.name])
    tell.many(
        [(records[i][0], _HUMID.column + 1) for i in np.flatnonzero(none)],
        lambda count: Phrase(
            f"neither relative humidity nor dew point ({count} such hours)",
            f"既无相对湿度也无露点（共 {count} 个小时）",
        ),
        _FILL,
    )


def _need_order(records: list[tuple[int, list[str]]], hourly: dict[str, Floats], tell: _Teller) -> None:
    """Air is never wetter than saturated: where its dew point lies above its temperature, columns were swapped.

    A degree is let pass, and single hours: stations round, and thermometers differ.
    """
    above = np.flatnonzero(hourly[_DEW.name] > hourly[_DRY.name] + 1.0)
    if above.size > len(records) // 100:
        tell.many(
            [(records[i][0], _DEW.column + 1) for i in above],
            lambda count: Phrase(
                f"the dew point lies above the dry-bulb temperature ({count} such hours)",
                f"露点高于干球温度（共 {count} 个小时）",
            ),
            Phrase(
                "are the columns in EPW's order? field 7 is the dry bulb, 8 the dew point, 9 the humidity",
                "列的次序是否为 EPW 的？第 7 列干球温度，第 8 列露点，第 9 列湿度",
            ),
        )


def _complete(hourly: dict[str, Floats]) -> None:
    """Work out what may be missing: humidity from the dew point, infrared from clouds (else 5 tenths)."""
    dry, humidity, dew = hourly[_DRY.name], hourly[_HUMID.name], hourly[_DEW.name]
    worked = 100.0 * air.saturation_pressure(dew) / air.saturation_pressure(dry)
    humidity = np.clip(np.where(np.isnan(humidity), worked, humidity), 1.0, 100.0)
    hourly[_HUMID.name] = humidity
    clouds = np.nan_to_num(hourly[_OPAQUE.name], nan=5.0)
    infrared = hourly[_INFRARED.name]
    # Some converters write 0 for "not measured"; no sky on earth sends none.
    unknown = np.isnan(infrared) | (infrared < 50.0)
    hourly[_INFRARED.name] = np.where(unknown, sky_infrared(dry, humidity, clouds), infrared)


def _number(text: str) -> float:
    """The number in a field; NaN where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
