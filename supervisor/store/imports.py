"""What was imported of which time, numbered: whoever has told readings on learns what of it came late. The newest are kept
apart, older ones together, so that none is forgotten and the list stays short.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import sqlalchemy as sa

from supervisor.store import operations as op
from supervisor.store import schema

MOST: Final = 500
"""Stretches that are told apart."""
TOGETHER: Final = 900.0
"""s between two readings of one stretch: the interval of a data centre."""
_KEY: Final = "imports"


class Import(NamedTuple):
    """Readings of a series came late, from `start` to `end` (POSIX seconds); `series` is empty where it may be of any."""

    number: int
    series: str
    start: float
    end: float


def note(connection: sa.Connection, series: str, instants: Iterable[float]) -> None:
    """Remember that readings of a series came by import or by hand, in the transaction that keeps them."""
    found = connection.execute(
        sa.select(schema.kv.c.value).where(schema.kv.c.key == _KEY).with_for_update()
    ).scalar()
    kept = [Import(*row) for row in found or ()]
    number = kept[-1].number if kept else 0
    for start, end in _stretches(sorted(instants)):
        number += 1
        kept.append(Import(number, series, start, end))
    while len(kept) > MOST:
        half = [_both(*kept[n : n + 2]) for n in range(0, MOST, 2)]
        kept = [*half, *kept[MOST:]]
    op.upsert(connection, schema.kv, {"key": _KEY, "value": [list(each) for each in kept]})


def since(connection: sa.Connection, number: int) -> list[Import]:
    """What was imported after the one of a number, oldest first."""
    found = connection.execute(sa.select(schema.kv.c.value).where(schema.kv.c.key == _KEY)).scalar()
    return [each for row in found or () if (each := Import(*row)).number > number]


def newest(connection: sa.Connection) -> int:
    """The number of the last import; 0: there was none."""
    return max((each.number for each in since(connection, 0)), default=0)


def _stretches(instants: list[float]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for at in instants:
        if found and at - found[-1][1] <= TOGETHER:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def _both(one: Import, other: Import) -> Import:
    series = one.series if one.series == other.series else ""
    return Import(other.number, series, min(one.start, other.start), max(one.end, other.end))
