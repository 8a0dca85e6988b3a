"""A day and a time of day in two columns of a table are one time, where they are that; two whole times are not. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, timedelta, timezone
from itertools import pairwise
from typing import Final

from config.phrase import Phrase
from schedules.moments import NARROW, begins_a_day, day_alone, instant
from schedules.time import DAY
from supervisor.ledger import columns as named
from supervisor.ledger.lines import Line

_LAST: Final = 23 * 3600.0
"""s of a day from which its last hour runs: midnight behind it, of the same day, ends it."""
_OFFSET: Final = re.compile(r"\s*(?:Z|[+-]\d\d(?::?\d\d)?)$", re.IGNORECASE)
_EAST: Final = 14 * 3600.0
_WEST: Final = 12 * 3600.0
"""s by which the first of the world's zones is before UTC, and the last behind it."""

Joined = tuple[list[Line], tuple[Phrase, ...], tuple[int, Phrase] | None]


def joined(lines: Sequence[Line], columns: dict[str, int], heading: Sequence[str]) -> Joined:
    """Lines whose time is whole in the one column; what was taken of midnights; and what can be read in two ways, with its line."""
    where, clock = columns.get("time"), columns.get("clock")
    if where is None or clock is None:
        return list(lines), (), None
    rows = [n for n, line in enumerate(lines) if max(where, clock) < len(line.cells) and line.cells[clock]]
    whole = any(_is_whole(lines[n].cells[where]) for n in rows)
    clocks: dict[int, str] = {}
    made = list(lines)
    for n in rows:
        day, said = lines[n].cells[where], lines[n].cells[clock]
        if begins_a_day(said):
            if not _same(day, said) and named.bare(heading[clock]) not in named.WHEN_READ:
                return list(lines), (), (lines[n].number, _two_times(heading[where], heading[clock]))
            made[n] = _dated(lines[n], where, said)
        elif (alone := day_alone(day)) is not None and not (whole and alone != day.strip()):
            clocks[n] = f"{said}:00" if said.isdigit() and len(said) < 3 else said
            made[n] = _dated(lines[n], where, alone)
    ends = _ends(made, columns, clocks, ending=named.bare(heading[clock]) in named.ENDS)
    for n, said in clocks.items():
        made[n] = _dated(made[n], where, f"{made[n].cells[where]} {'24:00' if n in ends else said}")
    return made, tuple(_noted(made[min(ends)].number, len(ends)) if ends else ()), None


def _ends(
    lines: Sequence[Line], columns: dict[str, int], clocks: dict[int, str], *, ending: bool
) -> set[int]:
    """Which rows' midnight ends the day that they name: it stands behind the day's other hours, in the order of the file. `ending`: the
    column says when intervals end."""
    where, meter = columns["time"], columns.get("meter")
    by_day: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for n, said in clocks.items():
        cells = lines[n].cells
        whose = cells[meter] if meter is not None and meter < len(cells) else ""
        if (second := _second(cells[where], said)) is not None:
            by_day.setdefault((whose, cells[where]), []).append((n, second))
    found = set[int]()
    for its in by_day.values():
        for midnight, rest, forward in ((its[-1], its[:-1], True), (its[0], its[:0:-1], False)):
            seconds = [second for _, second in rest]
            behind = bool(seconds) and seconds[0] > 0.0 and all(b > a for a, b in pairwise(seconds))
            enough = len(seconds) > 1 or (forward and (ending or (behind and seconds[-1] >= _LAST)))
            if midnight[1] == 0.0 and behind and enough and (ending or seconds[-1] >= _LAST):
                found.add(midnight[0])
    return found


def _second(day: str, said: str) -> float | None:
    """The second of the day that a clock says; None where it says none, or the end of the day."""
    try:
        second = instant(f"{day} {said}", UTC) - instant(day, UTC)
    except ValueError:
        return None
    return second if second < DAY else None


def _is_whole(cell: str) -> bool:
    """Whether a cell has a day and a time of it."""
    return begins_a_day(cell) and day_alone(cell) is None


def _same(day: str, said: str) -> bool:
    """Whether a whole time is one of the day beside it, or its very time.

    A time with an offset is compared by its own clock; one in UTC is, too, or is of the day somewhere: of which zone the day is, is not known here."""
    if not begins_a_day(day) or said.translate(NARROW).replace(".", "", 1).isdigit():
        return True
    try:
        first, at = instant(day, UTC), instant(said, UTC)
        fixed, both = _has_offset(said), _has_offset(day)
        shown = instant(_OFFSET.sub("", said.strip()), UTC) if fixed else at
    except ValueError:
        return True  # which of them is wrong is told of its row
    if _is_whole(day):
        return first == (at if both else shown)
    if fixed and shown == at:
        return first - _EAST <= at <= first + DAY + _WEST
    return 0 <= shown - first <= DAY


def _has_offset(text: str) -> bool:
    """Whether a time is the same in every zone. Raises ValueError."""
    return instant(text, UTC) == instant(text, timezone(timedelta(seconds=_EAST)))


def _dated(line: Line, where: int, said: str) -> Line:
    return line._replace(cells=(*line.cells[:where], said, *line.cells[where + 1 :]))


def _two_times(day: str, clock: str) -> Phrase:
    return Phrase(
        f"`{day}` and `{clock}` both say a time, and not the same one: keep the column of when the meter was read",
        f"“{day}”与“{clock}”都是时间且不一致：请只保留抄表时间一列",
    )


def _noted(line: int, count: int) -> tuple[Phrase]:
    return (
        Phrase(
            f"0:00 behind the other hours of a day was taken for its end, 24:00 ({count} rows, line {line} first)",
            f"排在当日其他时刻之后的 0:00 按当日 24:00 读取（{count} 行，首个在第 {line} 行）",
        ),
    )
