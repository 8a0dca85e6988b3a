"""A book as JSON, and back: what a restart goes on from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from supervisor.ledger.booking import Book, Series
from supervisor.ledger.register import Habits, Reading


def saved(book: Book) -> dict[str, Any]:
    """JSON-ready; numbers come back as they were, to the last bit."""
    return {
        "base": astuple(book.base) if book.base is not None else None,
        "last": book.last if math.isfinite(book.last) else None,
        "factor": book.factor,
        "habits": list(book.habits),
        "doubted": [list(reading) for reading in book.doubted],
        "chain": book.chain,
        "former": [astuple(series) for series in book.former],
        "told": book.told,
        "turns": book.turns,
        "down": book.down,
        "steps": list(book.steps),
    }


def restored(body: Mapping[str, Any]) -> Book:
    """From what `saved` gave. Raises KeyError, TypeError, ValueError."""
    base, last = body["base"], body["last"]
    return Book(
        Series(*map(float, base)) if base is not None else None,
        float(last) if last is not None else -math.inf,
        float(body["factor"]),
        Habits(*body["habits"]),
        tuple(Reading(*map(float, reading)) for reading in body["doubted"]),
        int(body["chain"]),
        tuple(Series(*map(float, series)) for series in body["former"]),
        float(body.get("told", 0.0)),  # an earlier program kept none of these
        int(body.get("turns", 1)),
        int(body.get("down", 0)),
        tuple(map(float, body.get("steps", ()))),
    )
