"""An import taken back: the readings of a file go out again, and what lies around them is booked as if they had never come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from config.site import Site
from supervisor.ledger.late import Row, by_meter, rebook
from supervisor.ledger.vehicles import Fill, fill_series
from supervisor.store import imports, readings
from supervisor.store.instants import grid


def undo(connection: sa.Connection, site: Site, rows: Iterable[Row]) -> dict[str, int]:
    """Take readings out, in the transaction that is open; how many of each meter went. One that says something else now stays: it
    came after the file."""
    gone = {}
    for name, its in by_meter(rows).items():
        meter = site.meters[name]
        said = {grid(row.at): row.value for row in its}
        kept = readings.between(connection, meter.series, min(said), max(said) + 1e-3)
        away = [at for at, value in kept if value is not None and said.get(grid(at)) == value]
        gone[name] = len(away)
        if not away:
            continue
        readings.withdraw(connection, meter.series, away)
        imports.note(connection, meter.series, set(away))
        if meter.point is None and not any(
            value is not None for _, value in readings.between(connection, meter.series, -math.inf, math.inf)
        ):
            readings.unbook(connection, name, -math.inf, math.inf)
            readings.begin_anew(connection, name)
        else:
            rebook(connection, meter, min(away), max(away), its[-1].times)
    return gone


def undo_fills(connection: sa.Connection, fills: Sequence[Fill]) -> dict[str, int]:
    """Take a vehicle's fills out again, in the transaction that is open; how many of each went."""
    gone: dict[str, int] = {}
    for fill in fills:
        at, amounts = grid(fill.at), fill_series(fill.meter, "fill")
        kept = [value for _, value in readings.between(connection, amounts, at, at + 1e-3)]
        if kept == [fill.litres]:
            for series in (amounts, fill_series(fill.meter, "km")):
                readings.withdraw(connection, series, [at])
            readings.unbook(connection, fill.meter, fill.at, fill.at + 1.0)
            gone[fill.meter] = gone.get(fill.meter, 0) + 1
        else:
            gone.setdefault(fill.meter, 0)
    return gone
