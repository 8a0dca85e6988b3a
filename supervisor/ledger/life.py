"""From when until when a meter counted, as the site file says: what is to be known of it before and after is nothing. Pure."""

from __future__ import annotations

import math
from datetime import timedelta
from zoneinfo import ZoneInfo

from config.site import MeterSpec
from schedules.time import instant_of


def life(meter: MeterSpec, tz: ZoneInfo) -> tuple[float, float]:
    """POSIX seconds from which until which it counted."""
    born = instant_of(meter.since, 0, tz) if meter.since is not None else -math.inf
    ended = instant_of(meter.until + timedelta(days=1), 0, tz) if meter.until is not None else math.inf
    return born, ended
