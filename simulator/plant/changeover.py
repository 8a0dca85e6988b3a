"""When a caretaker turns a building from cooling to heating, where nothing on the wire says it."""

from __future__ import annotations

from datetime import datetime

from config.site import Site
from schedules.time import Instant

HEATING_MONTHS = frozenset({11, 12, 1, 2, 3})
"""In the northern hemisphere; half a year later in the southern. Site choice."""


def heats(at: Instant, site: Site) -> bool:
    """Whether heating is on offer at an instant, and cooling is not."""
    return cold_month(datetime.fromtimestamp(at, site.tz).month, site)


def cold_month(month: int, site: Site) -> bool:
    """Whether heating is on offer in a month, 1 to 12, at a site."""
    if site.season.hemisphere == "south":
        month = (month + 5) % 12 + 1
    return month in HEATING_MONTHS
