"""The soak of the ledger in small, and that each of its figures can be off."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.meters.killed import Toll, count, soak


def test_killed_again_and_again_nothing_is_lost_and_nothing_is_twice(tmp_path: Path) -> None:
    """Four lives; `make soak-ledger` takes two hundred. Then a reading, and a booking, are taken away: each is seen."""
    toll = soak(tmp_path, 4, seed=3)
    assert (toll.gaps, toll.doubles, toll.orphans) == (0, 0, 0)
    assert toll.kept > 0

    def after(change: str) -> Toll:
        with sqlite3.connect(tmp_path / "supervisor.sqlite3") as database:
            database.execute(change)
        found = Toll(kept=toll.kept)
        count(tmp_path, found)
        return found

    one = "(SELECT at FROM readings WHERE series = 1 ORDER BY at LIMIT 1 OFFSET 3)"
    lost = after(f"DELETE FROM readings WHERE series = 1 AND at = {one}")
    assert lost.gaps == 1
    assert lost.orphans >= 1
    assert (
        after(
            "UPDATE bookings SET amount = amount + 5 WHERE start = (SELECT min(start) FROM bookings)"
        ).doubles
        > 0
    )
