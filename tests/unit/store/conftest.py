"""A database of either kind, until every test has one: this file goes once tests/postgres.py is there."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

if find_spec("tests.postgres") is None:
    from tests.unit.store.test_store_backends import _empty, server  # noqa: F401

    _NUMBERS = count(1)

    @pytest.fixture(params=["sqlite", "postgresql"])
    def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
        """The URL of an empty database."""
        return _empty(request.param, tmp_path, request, f"last{next(_NUMBERS)}")
