"""The soak of the ledger in small, and that each of its figures can be off."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.meters.killed import Toll, count, soak
from tests.postgres import Server


def test_killed_again_and_again_nothing_is_lost_and_nothing_is_twice(
    tmp_path: Path, postgres: Server
) -> None:
    """Three lives, one of them on PostgreSQL; `make soak-ledger` takes two hundred. Then readings, a booking and a write
    are taken away: each is seen."""
    toll = soak(tmp_path, 3, 3, postgres)
    assert (toll.gaps, toll.doubles, toll.orphans, toll.on_server) == (0, 0, 0, 1)
    assert all(place.kept and place.written for place in toll.places)

    def after(change: str) -> Toll:
        with sqlite3.connect(tmp_path / "sqlite" / "supervisor.sqlite3") as database:
            database.execute(change)
        database.close()
        found = Toll()
        count(toll.places[0], found)
        return found

    lost = after("DELETE FROM readings WHERE series = 1")
    assert lost.gaps == len(
        toll.places[0].kept
    )  # each that was promised; what was on its way counts for nothing
    assert lost.orphans >= 1
    assert (
        after(
            "UPDATE bookings SET amount = amount + 5 WHERE start = (SELECT min(start) FROM bookings)"
        ).doubles
        > 0
    )
    assert after("DELETE FROM results WHERE id = (SELECT min(id) FROM results)").gaps > lost.gaps
