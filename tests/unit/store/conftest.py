"""A store to try things on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from supervisor.store import Store


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """In a database of either kind."""
    store = Store(database)
    store.open()
    yield store
    store.close()
