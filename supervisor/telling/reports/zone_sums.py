"""What the zones' days of a period came to, all days together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from supervisor.core.daily import Kind
from supervisor.telling.reports.facts import Facts


class ZoneSums:
    """Seconds or times of a period by kind, what, and zone."""

    def __init__(self, facts: Facts) -> None:
        self.values: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for row in facts.zone_days:
            by_zone = self.values[row.kind, row.what]
            by_zone[row.zone] = by_zone.get(row.zone, 0.0) + row.value

    def of(self, kind: Kind, what: str) -> Mapping[str, float]:
        """By zone."""
        return self.values.get((kind, what), {})

    def total(self, kind: Kind, what: str) -> float:
        """Over all zones."""
        return sum(self.of(kind, what).values())
