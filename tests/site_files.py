"""Sites of sound files: a test that is not about mistakes has the site, or fails with what is wrong with its file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import config
from config.load import Loaded, load, load_text
from config.site import Site

EXAMPLES: Final = Path(config.__file__).parent / "examples"
OFFICE: Final = EXAMPLES / "office.yaml"


def site_of_file(path: Path | str, today: dt.date | None = None) -> Site:
    """As `load` reads it."""
    return _sound(load(path, today))


def site_of_text(text: str, source: str = "site.yaml", today: dt.date | None = None) -> Site:
    """As `load_text` reads it."""
    return _sound(load_text(text, source, today))


def _sound(loaded: Loaded) -> Site:
    assert loaded.site is not None, loaded.problems
    return loaded.site
