"""A file of one meter's readings, with what is wrong in it and what was truly consumed.

    # unit: kWh
    # interval_s: 900
    # rated: 120            most in an hour, where it is known
    # digits: 6             where they are known; or bits: 32, with step: 0.1
    # parent: main          the file of the meter above it, where that is scored beside it: sub_over_main is then found
    # fault: rollover 2026-03-04T10:00:00+08:00 2026-03-04T10:15:00+08:00
    time,value,true
    2026-03-01T00:00:00+08:00,999984,0

`true` is what has been consumed since the first row; it and the comments may be left out. What else a spreadsheet does to such a
file (GBK, `;`, a decimal comma, Chinese names of columns, times without an offset) is read as `ledger import` reads it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO
from zoneinfo import ZoneInfo

from schedules import moments
from supervisor.ledger import figures, sheets
from supervisor.ledger.causes import Cause
from supervisor.ledger.register import Reading, Register

CHINA: Final = ZoneInfo("Asia/Shanghai")
"""Times without an offset are by its clock."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong from `start` to `end`."""

    cause: Cause
    start: float
    end: float


@dataclass(slots=True)
class Series:
    """Readings in the order in which they came, and the truth about them."""

    name: str
    register: Register
    readings: list[Reading] = field(default_factory=list)
    true: list[float] = field(default_factory=list)
    """Consumed since the first row; empty where nobody knows."""
    faults: list[Fault] = field(default_factory=list)
    unit: str = "kWh"
    parent: str = ""
    """Name of the series of the meter above it, where that is scored beside it."""


def load(path: Path) -> Series:
    """Read one file: UTF-8 or GBK, whatever divides its cells. Raises ValueError with file and line."""
    text = sheets.decoded(path.read_bytes())
    if text is None:
        raise ValueError(f"{path}: neither UTF-8 nor GBK")
    notes: dict[str, str] = {}
    faults: list[Fault] = []
    rows: list[tuple[Reading, float | None]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            with _told(path, number):
                _note(line, notes, faults)
    table = sheets.table(lines)
    columns = table.columns or {"time": 0, "value": 1, "true": 2}
    if "value" not in columns:
        raise ValueError(f"{path}: no column is called value")
    last: float | None = None
    for row in table.lines:
        with _told(path, row.number):
            cells = {name: row.cells[n] for name, n in columns.items() if n < len(row.cells)}
            last = _instant(cells["time"], last)
            said = _figure(cells["value"], table.comma)
            true = _figure(cells.get("true", ""), table.comma)
            rows.append((Reading(last, said), None if math.isnan(true) else true))
    interval = float(notes.get("interval_s") or _usual([r.at for r, _ in rows]))
    rated = float(notes["rated"]) if "rated" in notes else None
    end = 10.0 ** int(notes["digits"]) if "digits" in notes else None
    if "bits" in notes:
        end = 2.0 ** int(notes["bits"]) * float(notes.get("step", 1))
    register = Register(interval, rated, end, notes.get("always_on") == "true")
    true_ = [t for _, t in rows if t is not None]
    return Series(path.stem, register, [r for r, _ in rows], true_ if len(true_) == len(rows) else [], faults,
                  notes.get("unit", "kWh"), notes.get("parent", ""))  # fmt: skip


@contextmanager
def _told(path: Path, number: int) -> Iterator[None]:
    try:
        yield
    except (ValueError, IndexError, KeyError) as error:
        raise ValueError(f"{path}, line {number}: {error}") from None


def _note(line: str, notes: dict[str, str], faults: list[Fault]) -> None:
    key, _, value = line[1:].partition(":")
    if key.strip() == "fault":
        cause, start, end = value.split()
        faults.append(Fault(Cause(cause), _instant(start), _instant(end)))
    elif value.strip():
        notes[key.strip()] = value.split()[0]


def _figure(text: str, comma: bool) -> float:
    """What a register said; NaN where that is no number that it can say."""
    value = figures.number(text, comma=comma)
    return math.nan if value is None else value


def _instant(text: str, after: float | None = None) -> float:
    if text.replace(".", "", 1).isdigit() and len(text) < 9:
        return float(text)
    return moments.instant(text, CHINA, after)


def _usual(times: list[float]) -> float:
    """How far two readings lie apart, in order of time: nine in ten no farther."""
    times = sorted(set(times))
    steps = sorted(b - a for a, b in itertools.pairwise(times))
    if not steps:
        raise ValueError("fewer than two readings")
    return max(steps[len(steps) // 2], steps[len(steps) * 9 // 10])


def save(series: Series, file: TextIO) -> None:
    """Write one file as `load` reads it; times are POSIX seconds."""
    register = series.register
    file.write(f"# unit: {series.unit}\n# interval_s: {register.interval:g}\n")
    if register.rated is not None:
        file.write(f"# rated: {register.rated:g}\n")
    if register.end is not None:
        file.write(f"# digits: {round(math.log10(register.end))}\n")
    for fault in series.faults:
        file.write(f"# fault: {fault.cause} {fault.start:.0f} {fault.end:.0f}\n")
    file.write("time,value,true\n")
    for reading, true in zip(series.readings, series.true, strict=True):
        value = "" if math.isnan(reading.value) else f"{reading.value:.10g}"
        file.write(f"{reading.at:.0f},{value},{true:.10g}\n")
