"""A database of either kind."""

from pathlib import Path

import pytest

from tests.unit.store.test_store_backends import _empty, server  # noqa: F401

N = [0]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    N[0] += 1
    return _empty(request.param, tmp_path, request, f"last{N[0]}")
