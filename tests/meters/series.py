"""A file of one meter's readings, with what is wrong in it and what was truly consumed.

    # unit: kWh
    # interval_s: 900
    # rated: 120            most in an hour, where it is known
    # digits: 6             where they are known
    # fault: rollover 2026-03-04T10:00:00+08:00 2026-03-04T10:15:00+08:00
    time,value,true
    2026-03-01T00:00:00+08:00,999984,0

`true` is what has been consumed since the first row; it and the comments but `interval_s` may be left out.
"""

from __future__ import annotations

import csv
import itertools
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from schedules.time import from_iso
from supervisor.ledger.causes import Cause
from supervisor.ledger.register import Reading, Register


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


def load(path: Path) -> Series:
    """Read one file. Raises ValueError with file and line."""
    notes: dict[str, str] = {}
    faults: list[Fault] = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows: list[tuple[Reading, float | None]] = []
        for number, line in enumerate(lines, 1):
            try:
                _line(line.strip(), notes, faults, rows)
            except (ValueError, IndexError) as error:
                raise ValueError(f"{path}, line {number}: {error}") from None
    interval = float(notes.get("interval_s") or _usual([r.at for r, _ in rows]))
    rated = float(notes["rated"]) if "rated" in notes else None
    end = 10.0 ** int(notes["digits"]) if "digits" in notes else None
    register = Register(interval, rated, end, notes.get("always_on") == "true")
    true = [t for _, t in rows if t is not None]
    return Series(path.stem, register, [r for r, _ in rows], true if len(true) == len(rows) else [], faults,
                  notes.get("unit", "kWh"))  # fmt: skip


def _line(
    line: str, notes: dict[str, str], faults: list[Fault], rows: list[tuple[Reading, float | None]]
) -> None:
    if line.startswith("#"):
        key, _, value = line[1:].partition(":")
        if key.strip() == "fault":
            cause, start, end = value.split()
            faults.append(Fault(Cause(cause), _instant(start), _instant(end)))
        elif value:
            notes[key.strip()] = value.split()[0]
        return
    if not line or line.startswith("time"):
        return
    cells = next(csv.reader([line]))
    said = float(cells[1]) if cells[1] else math.nan
    rows.append((Reading(_instant(cells[0]), said), float(cells[2]) if len(cells) > 2 and cells[2] else None))


def _instant(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdigit() else from_iso(text)


def _usual(times: list[float]) -> float:
    """The median distance of two readings, in order of time."""
    times = sorted(set(times))
    steps = sorted(b - a for a, b in itertools.pairwise(times))
    if not steps:
        raise ValueError("fewer than two readings")
    return steps[len(steps) // 2]


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
