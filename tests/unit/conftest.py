"""A building to try things on."""

from __future__ import annotations

import pytest

from config.site import Site
from tests.site_files import OFFICE, site_of_file


@pytest.fixture(scope="session")
def site() -> Site:
    """The example office; nothing of it changes."""
    return site_of_file(OFFICE)
