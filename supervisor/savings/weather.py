"""The mean outdoor temperature of each day: out of the building's own record, or out of a file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from config.phrase import Phrase
from schedules.time import local_date
from schedules.weather.daily_mean import COVERAGE
from supervisor.ledger.late import read
from supervisor.store import hours, readings
from supervisor.store.hours import HOUR, Hour

COLDEST, WARMEST = -60.0, 60.0
"""°C between which a day's mean lies anywhere that people live."""
MOST: Final = 20_000
"""Lines of a file of daily means: fifty years."""

COMMON: Final = 30
"""Days that two sources must both know for the one to be put on the other's scale."""
IMPLAUSIBLE: Final = 0.05
"""Share of a sensor's days that may be no weather (a broken sensor's) before it is not believed at all."""

Means = dict[date, float]


class BadWeather(ValueError):
    """What is wrong with a file of daily means, and where."""

    def __init__(self, said: Phrase) -> None:
        super().__init__(said.en)
        self.said = said


class Joined(NamedTuple):
    """The outdoor air out of a file and out of a sensor, as the source of the baseline has it."""

    means: Means
    sensor: bool
    """Whether that is the sensor."""
    other: frozenset[date]
    """Days that it lacks, and that the other one has."""
    shift: float | None
    """K by which those were moved to its scale; None where too few days have both."""
    both: int
    implausible: frozenset[date] = frozenset()
    """Days of the sensor's that were no weather, and are left out."""


def joined(file: Means, sensor: Means, first: date, last: date) -> Joined:
    """Both sources on the scale of the one that knows more of the baseline's days, which goes before the other. Raises BadWeather.

    A sensor on a warm roof reads 1 to 3 K more than a station: a year by the one against a year by the other is a saving that nobody made.
    """
    wild = frozenset(day for day, mean in sensor.items() if not COLDEST <= mean <= WARMEST)
    if len(wild) > IMPLAUSIBLE * len(sensor):
        day = min(wild)
        raise BadWeather(Phrase(
            f"the outdoor sensor is no thermometer in °C: {sensor[day]:.0f} on {day}, and {len(wild)} such days; in °F? Give its point unit: degF",
            f"室外温度传感器读数不是 °C：{day} 为 {sensor[day]:.0f}，此类日期共 {len(wild)} 天；若为 °F，请在点位写 unit: degF",
        ))  # fmt: skip
    sensor = {day: mean for day, mean in sensor.items() if day not in wild}
    counts = [sum(first <= day <= last for day in of) for of in (sensor, file)]
    own = counts[0] >= counts[1]
    main, other = (sensor, file) if own else (file, sensor)
    both = main.keys() & other.keys()
    shift = fmean(main[day] - other[day] for day in both) if len(both) >= COMMON else None
    lacked = {day: mean + (shift or 0.0) for day, mean in other.items() if day not in main}
    return Joined(lacked | main, own, frozenset(lacked), shift, len(both), wild)


def recorded(connection: sa.Connection, series: str, start: float, end: float, tz: ZoneInfo) -> Means:
    """Each local day's mean by time, °C, of a point's kept readings. A day known for less than three quarters has none."""
    found: dict[date, list[float]] = {}
    for hour in _hours(connection, series, start, end):
        on = found.setdefault(local_date(hour.start, tz), [0.0, 0.0])
        on[0] += hour.mean * hour.known
        on[1] += hour.known
    return {day: total / known for day, (total, known) in found.items() if known >= COVERAGE * 24}


def _hours(connection: sa.Connection, series: str, start: float, end: float) -> Iterator[Hour]:
    yield from hours.between(connection, series, start, end)
    raw = list(readings.between(connection, series, start, end))
    if raw:
        first = math.floor(raw[0][0] / HOUR) * HOUR
        last = math.ceil(min(end, raw[-1][0] + HOUR) / HOUR) * HOUR
        yield from hours.by_hour([r for r in raw if r[0] < last], None, first, last)


def filed(path: Path) -> Means:
    """The daily means of a CSV file, `2025-01-31,4.2` a line; a first line of words is a heading. Raises BadWeather."""
    try:
        lines, wrong = read(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadWeather(Phrase(f"{path} cannot be read: {reason}", f"无法读取 {path}：{reason}")) from None
    if wrong is not None:
        raise BadWeather(Phrase(f"{path}: {wrong.what.en}", f"{path}：{wrong.what.zh}"))
    return dict(_rows(path, lines))


def _rows(path: Path, lines: Iterable[str]) -> Iterator[tuple[date, float]]:
    for number, row in enumerate(csv.reader(lines), 1):
        if number > MOST:
            raise _bad(path, number, f"more than {MOST} lines", f"超过 {MOST} 行")
        if not any(cell.strip() for cell in row):
            continue
        try:
            day, mean = date.fromisoformat(row[0].strip()), float(row[1])
        except (ValueError, IndexError):
            if number == 1:
                continue
            raise _bad(path, number, "a line is `2025-01-31,4.2`: the date, then the day's mean in °C",
                       "每行应为“2025-01-31,4.2”：日期和当日平均气温（°C）") from None  # fmt: skip
        if not COLDEST <= mean <= WARMEST:
            raise _bad(
                path,
                number,
                f"{mean} °C is no day's mean (°F are to be converted)",
                f"{mean} °C 不是日平均气温（°F 请先换算）",
            )
        yield day, mean


def _bad(path: Path, line: int, en: str, zh: str) -> BadWeather:
    return BadWeather(Phrase(f"{path}:{line}: {en}", f"{path} 第 {line} 行：{zh}"))
