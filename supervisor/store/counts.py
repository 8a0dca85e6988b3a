"""In how many intervals many series were read, part by part of a period: each file is opened once, and each part asked of once.

For one series and one time it is `readings.received`, which says the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from supervisor.store import months
from supervisor.store.instants import bound, millis
from supervisor.store.kinds import READINGS
from supervisor.store.months import Month
from supervisor.store.problems import StoreProblem
from supervisor.store.readings import readings, series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Parts = Sequence[tuple[float, float]]
"""Times from until before, POSIX seconds, that follow one another."""


def received(connection: sa.Connection, wanted: Mapping[str, float], parts: Parts) -> dict[str, list[int]]:
    """In how many intervals of each part each series was read. `wanted`: s of an interval by name. Raises StoreProblem."""
    if not parts or not wanted:
        return {name: [0] * len(parts) for name in wanted}
    numbers = _numbers(connection, wanted)
    files = months.moved(connection, READINGS, parts[0][0], parts[-1][1])
    pieces, whose = _cut(parts, [month for month, _ in files], set(wanted.values()))
    found = {name: [0] * len(parts) for name in wanted}
    across = []
    for n, (start, end) in enumerate(pieces):
        if any(month.end > start and month.start < end for month, _ in files):
            across.append(n)
        elif end > start:
            for name, count in _here(connection, numbers, wanted, start, end):
                found[name][whose[n]] += count
    if across:
        for (name, n), seen in _seen(connection, numbers, wanted, pieces, across, files).items():
            found[name][whose[n]] += int(seen.sum())
    return found


def _cut(parts: Parts, files: Sequence[Month], widths: Collection[float]) -> tuple[Parts, list[int]]:
    """The parts, cut where files begin and end if no interval is cut by that; and of which part each piece is. What is in the
    database alone is then counted there."""
    pieces: list[tuple[float, float]] = []
    whose = []
    for n, (start, end) in enumerate(parts):
        inside = sorted({at for month in files for at in (month.start, month.end) if start < at < end})
        cuts = [at for at in inside if all((millis(at) - millis(start)) % millis(w) == 0 for w in widths)]
        for piece in pairwise([start, *cuts, end]):
            pieces.append(piece)
            whose.append(n)
    return pieces, whose


def _numbers(connection: sa.Connection, wanted: Mapping[str, float]) -> dict[int, str]:
    return {
        row.id: row.name
        for some in _some(list(wanted))
        for row in connection.execute(sa.select(series.c.id, series.c.name).where(series.c.name.in_(some)))
    }


def _some(all_: Sequence[Any]) -> list[Sequence[Any]]:
    """Not all at once: a statement takes so many parameters and no more."""
    return [all_[n : n + 500] for n in range(0, len(all_), 500)]


def _here(
    connection: sa.Connection, numbers: Mapping[int, str], wanted: Mapping[str, float], start: float, end: float
) -> list[tuple[str, int]]:  # fmt: skip
    """Of a part that is in the database as a whole."""
    by_width: dict[float, list[int]] = {}
    for number, name in numbers.items():
        by_width.setdefault(wanted[name], []).append(number)
    at = sa.type_coerce(readings.c.at, sa.BigInteger)
    found = []
    for width, its in by_width.items():
        slot = (at - millis(start)) // sa.literal(millis(width), sa.BigInteger)
        for some in _some(its):
            counted = (
                sa.select(readings.c.series, sa.func.count(sa.distinct(slot)))
                .where(
                    readings.c.series.in_(some), readings.c.at >= start, readings.c.at < end, readings.c.value.is_not(None),
                )
                .group_by(readings.c.series)
            )  # fmt: skip
            found += [(numbers[number], count) for number, count in connection.execute(counted)]
    return found


def _seen(
    connection: sa.Connection, numbers: Mapping[int, str], wanted: Mapping[str, float], parts: Parts,
    across: Sequence[int], files: Sequence[tuple[Month, Path]],
) -> dict[tuple[str, int], NDArray[np.bool_]]:  # fmt: skip
    """The intervals of those parts that files have something of: what stands in both counts once, and the database is right."""
    import numpy as np

    seen = {
        (name, n): np.zeros(-((millis(parts[n][0]) - millis(parts[n][1])) // millis(width)), np.bool_)
        for name, width in wanted.items() for n in across
    }  # fmt: skip
    late: dict[str, set[int]] = {}
    for some in _some(list(numbers)):
        for n in across:
            start, end = parts[n]
            rows = sa.select(readings.c.series, sa.type_coerce(readings.c.at, sa.BigInteger), readings.c.value).where(
                readings.c.series.in_(some), readings.c.at >= start, readings.c.at < end
            )  # fmt: skip
            for number, at, value in connection.execute(rows):
                name = numbers[number]
                late.setdefault(name, set()).add(at)
                if value is not None:
                    seen[name, n][(at - millis(start)) // millis(wanted[name])] = True
    for _, path in files:
        _of_file(path, wanted, parts, across, late, seen)
    return seen


def _of_file(
    path: Path, wanted: Mapping[str, float], parts: Parts, across: Sequence[int], late: Mapping[str, set[int]],
    seen: dict[tuple[str, int], NDArray[np.bool_]],
) -> None:  # fmt: skip
    import numpy as np

    from supervisor.store import parquet

    try:
        for stretch in parquet.read(
            path, READINGS, None, bound(parts[across[0]][0]), bound(parts[across[-1]][1])
        ):
            if stretch.name not in wanted:
                continue
            known = ~np.isnan(stretch.values[0])
            if but := late.get(stretch.name):
                known &= ~np.isin(stretch.at, list(but))
            at = stretch.at[known]
            for n in across:
                start, end = parts[n]
                low, high = np.searchsorted(at, [bound(start), bound(end)])
                if high > low:
                    slots = (at[low:high] - millis(start)) // millis(wanted[stretch.name])
                    seen[stretch.name, n][slots] = True
    except OSError as error:
        raise StoreProblem(f"{path} cannot be read: {error.strerror or error}") from error
