"""What is wrong with the meaning of a site file: names, equipment, time, devices and points."""

from __future__ import annotations

import datetime as dt

from config.resolve import Resolved
from config.source import Source
from config.structure import Structure


def check_meaning(
    source: Source, structure: Structure, resolved: Resolved, today: dt.date | None = None
) -> None:
    """Append what is wrong with the meaning of the sound parts of a file to the source's problems."""
