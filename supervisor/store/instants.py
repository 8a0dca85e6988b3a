"""Instants of readings: POSIX milliseconds in the database and in files, POSIX seconds everywhere else."""

from __future__ import annotations

import math
from typing import Any, Final

import sqlalchemy as sa

EVER: Final = 2**53
"""ms; farther from 1970 than anything that is kept: what infinity becomes."""


def grid(at: float) -> float:
    """An instant as it is kept, to the millisecond: whoever books by it must book by what will be read again."""
    return round(at * 1000.0) / 1000.0


def millis(at: float) -> int:
    """POSIX seconds as whole milliseconds; infinity becomes `EVER`."""
    return round(max(-EVER / 1000.0, min(EVER / 1000.0, at)) * 1000.0)


def bound(at: float) -> int:
    """The first whole millisecond that is not before an instant: what it means as the start or the end of a time."""
    near = millis(at)
    return near + 1 if math.isfinite(at) and near / 1000.0 < at else near


class Millis(sa.types.TypeDecorator[float]):
    """A column of whole milliseconds (6 octets in SQLite, where a fraction of a second takes 8), told in seconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: sa.Dialect) -> int | None:
        """Seconds to milliseconds, as a bound; what is kept is rounded before (`grid`)."""
        return None if value is None else bound(value)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> float | None:
        """Milliseconds to seconds: the same double that was rounded to them."""
        return None if value is None else value / 1000.0
