"""What was booked of a meter, asked part by part and asked at once, on either kind of database."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from supervisor.store import Store, readings, sums
from supervisor.store.readings import Batch, Posting


async def test_parts_asked_at_once_are_what_each_is_by_itself(database: str) -> None:
    """Plain bookings, guesses, one that reaches over three parts, and few that are listed one by one."""
    draw = np.random.default_rng(2)
    edges = np.concatenate([[0.0], np.cumsum(draw.uniform(5, 40, 900)), [60_000.0]]).tolist()
    booked = [
        (a, b, float(draw.uniform(0, 1e7)), n % 40 == 7, "silent" if n % 80 == 7 else "")
        for n, (a, b) in enumerate(pairwise(edges))
    ]
    store = Store(database, inline=True)
    store.open()
    try:
        await store.change(
            lambda c: readings.keep(c, Batch(postings=(Posting("main", (), tuple(booked), (), None),)))
        )
        parts = [3_000.0, 6_000.0, 9_000.5, 20_000.0, 30_000.0, 55_000.0, 70_000.0]
        together = store.read_now(lambda c: sums.parted(c, "main", parts, most=3))
        for (start, end), found in zip(pairwise(parts), together, strict=True):
            within = store.read_now(lambda c, s=start, e=end: sums.within(c, "main", s, e))  # type: ignore[misc]
            assert found.reaching == store.read_now(lambda c, s=start, e=end: sums.reaching(c, "main", s, e))  # type: ignore[misc]
            assert sum(e.rows for e in found.inside) == sum(w.rows for w in within)
            by_kind = {(w.estimated, w.cause): w.amount for w in within}
            mine = {(bool(e.estimated), e.cause): e.amount for e in found.inside}
            assert mine == by_kind
        listed = store.read_now(lambda c: sums.parted(c, "main", [3_000.0, 3_060.0], most=9))
        assert all(entry.rows == 1 for entry in listed[0].inside) and listed[0].inside
    finally:
        store.close()
