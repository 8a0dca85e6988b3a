"""A day in the life of a zone."""

from __future__ import annotations

import pytest

from tests.unit.core.story import Day


@pytest.fixture
def day() -> Day:
    """An office on a Wednesday in July, open 09:00 to 17:30: fan coil, lights, one window, one presence sensor."""
    return Day()
