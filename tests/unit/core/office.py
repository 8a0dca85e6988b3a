"""The example office on a working day, for tests that need a whole building."""

from __future__ import annotations

from pathlib import Path

import config
from config.load import load
from config.site import Site

NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai, a working day."""
CORRIDOR = "f1-corridor"


def office() -> Site:
    """The example office."""
    loaded = load(Path(config.__file__).parent / "examples" / "office.yaml")
    assert loaded.site is not None
    return loaded.site
