"""Buildings whose meters are uploaded: on SQLite, and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upload.building import MIDNIGHT, Hall, MakeHall


@pytest.fixture
def hall_at(tmp_path: Path, database: str) -> Iterator[MakeHall]:
    """Makes a building whose clock shows some instant, midnight by default; its database is of either kind."""
    made: list[Hall] = []

    def at(now: float = MIDNIGHT) -> Hall:
        made.append(Hall(tmp_path, database, now))
        return made[-1]

    yield at
    for each in made:
        each.store.close()
