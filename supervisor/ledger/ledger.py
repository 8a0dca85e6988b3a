"""The ledger of the running version: it listens to turns, samples what changed, and books what meters counted."""

from __future__ import annotations

import math
from typing import Final

from config.site import Site
from schedules.time import Instant
from supervisor.core.known import Known
from supervisor.core.turn import Turn
from supervisor.gateway.events import Event
from supervisor.ledger.meters import Meters
from supervisor.ledger.samples import Samples

SWEEP: Final = 5.0
"""s between two looks at all meters: that a figure was confirmed unchanged is no news, and yet a reading."""


class Ledger:
    """What is read of one version of the site file, on its way to be kept."""

    def __init__(self, site: Site, known: Known) -> None:
        self._known = known
        self.meters = Meters(site)
        self._meter_of = {spec.series: spec.id for spec in site.meters.values()}
        self.samples = Samples({id_: p for id_, p in site.points.items() if id_ not in self._meter_of})
        self._swept: Instant = -math.inf

    def __call__(self, turn: Turn[Event]) -> None:
        """A turn was taken."""
        news, readings = turn.heard.points, self._known.readings
        self.samples.heard(news, readings, turn.now)
        for id_ in news:
            if (meter := self._meter_of.get(id_)) is not None and id_ in readings:
                self.meters.of(meter).take(readings[id_])
        self.look(turn.now)

    def look(self, now: Instant) -> None:
        """Take the readings of all meters, if the last look is some seconds ago."""
        if abs(now - self._swept) >= SWEEP:
            self._swept = now
            self.meters.take(self._known.readings)

    @property
    def lost(self) -> int:
        """Readings that could be kept nowhere, and went to make room in memory."""
        return self.samples.lost + self.meters.lost

    def carry_over(self, other: Ledger) -> None:
        """Go on from another version: meters that are mapped as they were, samples that are not kept yet."""
        self.meters.carry_over(other.meters)
        self.samples.give_back(other.samples.take())
        self.samples.lost += other.samples.lost
