"""What a part of a rehearsal goes by, as one digest: parts of one digest have the same figures, to the last bit.

A run is a function of its arguments. Told here is whatever may change a figure: the site without what `bare` takes out of it
(and then no run sees that), the days as they are opened, the clock of the time zone, the weather, people, faults, the
physical building, the program itself and what it counts with.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import platform
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

import config
import drivers
import schedules
import simulator
import supervisor
from config.accounting import Statistics
from config.file import Calendar, Http
from config.saving import Targets
from config.section import Section
from config.site import Site
from schedules.hours import Timetable
from schedules.time import DAY, instant_of
from schedules.types import OpenDay, Span

MARGIN = 7
"""Days before and after a part, those that come before its first included, whose hours are told too: people settle the days
around theirs (two before, three after), and night shifts reach from one day into the next."""
_PACKAGES = (config, schedules, drivers, simulator, supervisor)


def bare(site: Site) -> Site:
    """A site without what no rehearsal on the built-in plant goes by: whoever runs this cannot see the rest.

    Its hours and calendar are not gone: timetables are made of them before.
    """
    return dataclasses.replace(
        site, hours={}, special_days=(), calendar=Calendar(), meters={}, organisations={}, statistics=Statistics(),
        http=Http(), database=None, readings_for=0.0, config_hash="", audit_years=0, source="", text="", settle=0.0,
        savings=None, language=None, publish=None, targets=Targets(), tariff=(), trial=None, arm="", made_of=None,
    )  # fmt: skip


class Unknown(TypeError):
    """Something of which it is not known how it is told: a part that goes by it is lived."""


def told(*what: object) -> bytes:
    """The digest of data: of equal data the same in every process, of different data different. Raises Unknown."""
    pieces: list[str | bytes] = []
    _take(what, pieces)
    found = hashlib.sha256()
    for piece in pieces:
        octets = piece.encode() if isinstance(piece, str) else piece
        found.update(b"%d:" % len(octets))
        found.update(octets)
    return found.digest()


def _take(of: object, pieces: list[str | bytes]) -> None:
    """A datum in pieces: what it is and how much it holds, then what that is."""
    kind = type(of).__qualname__
    match of:
        case Enum():
            pieces.append(f"{kind} {of.name}")
        case float():
            pieces.append(f"{kind} {of.hex()}")
        case None | bool() | int() | str() | bytes() | dt.date() | Path() | ZoneInfo():
            pieces.append(f"{kind} {of!s}")
        case tuple() | list():
            pieces.append(f"{kind} {len(of)}")
            for each in of:
                _take(each, pieces)
        case Mapping():
            pieces.append(f"mapping {len(of)}")
            for pair in of.items():
                _take(pair, pieces)
        case AbstractSet():
            pieces += [f"set {len(of)}", *sorted(told(each) for each in of)]
        case np.ndarray():
            pieces += [f"array {of.dtype.str} {of.shape}", of.tobytes()]
        case Section():
            pieces.append(kind)
            _take((of.model_fields_set, vars(of)), pieces)
        case _ if dataclasses.is_dataclass(of) and not isinstance(of, type):
            pieces.append(kind)
            for field in dataclasses.fields(of):
                _take((field.name, getattr(of, field.name)), pieces)
        case _:
            raise Unknown(kind)


def days_told(
    tables: Mapping[str, Timetable], tz: ZoneInfo, first: dt.date, last: dt.date, before: float
) -> bytes:
    """The digest of the hours of every group, as they are answered from `before` s before the first day until the last one
    is over, with a margin; and of the hours of the clock."""
    begin = first - dt.timedelta(days=round(before / DAY) + MARGIN)
    days = [begin + dt.timedelta(days=n) for n in range((last - begin).days + MARGIN + 1)]
    clock = [
        str(dt.datetime.fromtimestamp(instant_of(day, 0, tz) + 3600.0 * hour, tz).utcoffset())
        for day in days
        for hour in range(24)
    ]
    return told(clock, {group: _answers(table, days) for group, table in tables.items()})


def _answers(table: Timetable, days: Sequence[dt.date]) -> tuple[object, ...]:
    """What a timetable answers on some days, each day and span that it names told once."""
    named: dict[dt.date, OpenDay] = {on: table.day(on) for on in days}
    spans: dict[Span, int] = {}
    found: list[tuple[object, ...]] = []
    for on in days:
        around = table.spans(named[on].start)
        named |= {day.date: day for day in around.days}
        places = [spans.setdefault(span, len(spans)) for span in around.spans]
        looked_at = around.days[0].date, len(around.days)
        found.append((places, looked_at, around.horizon, table.ordinarily_open(on)))
    return list(named.values()), list(spans), found


@lru_cache(maxsize=1)
def program_told() -> bytes:
    """The digest of the program: every file of it, Python, numpy, and what of the processor numpy's sums may go by. Raises OSError."""
    found = hashlib.sha256()
    for package in _PACKAGES:
        root = Path(str(package.__file__)).parent
        for file in sorted(root.rglob("*")):
            if "__pycache__" not in file.parts and file.is_file():
                found.update(file.relative_to(root.parent).as_posix().encode() + b"\0")
                found.update(hashlib.sha256(file.read_bytes()).digest())
    counts = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return told(found.digest(), platform.machine(), platform.libc_ver(), sys.version, np.__version__, counts)
