"""What controllers call their states, and programs loaded into them that call one the other way round."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from config.points import Point
from config.roles import Role
from config.site import Site
from config.state_texts import StateTexts
from drivers.protocol import Address, Called

WORDS = {
    Role.START_STOP: ("Off", "On"),
    Role.OCCUPANCY: ("Vacant", "Occupied"),
    Role.WINDOW: ("Closed", "Open"),
    Role.FIRE_ALARM: ("Normal", "Alarm"),
}
"""Inactive_Text and Active_Text as they are in this building."""
ASKED = 2400.0
"""s by which a controller that started has been asked: ten minutes between two such questions, two polls, and their retries."""


class Programs:
    """By controller: what it calls its states. Times are of the loop."""

    def __init__(self, site: Site) -> None:
        self.points: dict[Address, list[Point]] = {}
        for point in site.points.values():
            if point.role in WORDS:
                address = Address(point.device, point.object_type, point.instance)
                self.points.setdefault(address, []).append(point)
        self.crossed: dict[Address, float] = {}
        """Objects whose states are called the other way round, and since when."""
        self.straight: dict[Address, float] = {}
        """Those that were, and since when they are called as they should be."""
        self.announced: dict[str, float] = {}
        """When each controller last said that it had started."""

    def of(self, device: str) -> list[Address]:
        """Objects of a controller of which the states have a name."""
        return sorted(address for address in self.points if address.device == device)

    def cross(self, address: Address, now: float) -> None:
        """A program is loaded that calls the states of an object the other way round."""
        self.crossed[address] = now

    def mend(self, address: Address, now: float) -> None:
        """The right one is loaded."""
        if self.crossed.pop(address, None) is not None:
            self.straight[address] = now

    def noticed(self, address: Address, began: float) -> float:
        """From when on a daemon that began then can know how an object's states are called now; infinity: nothing tells it."""
        since = self.crossed.get(address, self.straight.get(address, -math.inf))
        announced = self.announced.get(address.device, -math.inf)
        return began if began >= since else announced if announced >= since else math.inf

    def says(self, wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        """What a controller answers."""
        return [Called(address, StateTexts(tuple(self._texts(address))), None) for address in wanted]

    def _texts(self, address: Address) -> Iterator[tuple[int, str]]:
        words = WORDS[self.points[address][0].role]
        return enumerate(reversed(words) if address in self.crossed else words)
