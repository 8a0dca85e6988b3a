"""A building to try things on."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.site import Site

OFFICE = Path(__file__).resolve().parents[2] / "config/examples/office.yaml"


@pytest.fixture(scope="session")
def site() -> Site:
    """The example office; nothing of it changes."""
    site = load(OFFICE).site
    assert site is not None
    return site
