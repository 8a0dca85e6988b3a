"""What we sent to one object, and what its controller made of it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from config.points import same
from supervisor.gateway.effects import Bend
from supervisor.gateway.grid import Grid, learnt

REMEMBERED: Final = 8
"""How many values sent to a point are known as ours when a late duplicate of one turns up."""


@dataclass(slots=True)
class Sent:
    """The last values sent to an object, on the wire's scale. Monotonic seconds."""

    object_type: str
    values: list[tuple[float, float]] = field(default_factory=list)
    """Each with the second at which it was sent, newest last."""
    bends: list[Bend] = field(default_factory=list)
    """What the controller made of values, newest last."""
    grid: Grid | None = None
    """The grid on which it keeps numbers, as its first bend showed it."""
    grid_refuted: bool = False

    @property
    def analog(self) -> bool:
        """Whether the object holds a number."""
        return self.object_type.startswith("analog")

    def has(self, wire: float | int) -> bool:
        """Whether a value is one that we sent."""
        return any(self.same(wire, each) for each, _ in self.values)

    def same(self, a: float | int | None, b: float | int | None) -> bool:
        """Whether two wire values are one command to this object."""
        return same(self.object_type, a, b)

    def age(self, wall: float) -> float:
        """Seconds since the last was sent; infinity: none was."""
        return wall - self.values[-1][1] if self.values else math.inf

    def remember(self, wire: float, wall: float) -> None:
        """Note a value about to be sent."""
        self.values = [(v, at) for v, at in self.values if not self.same(v, wire)][1 - REMEMBERED :]
        self.values.append((wire, wall))

    def echoes(self, found: float | int, since: float) -> bool:
        """Whether a value is, or is made of, one that was sent since a moment."""
        late = [wire for wire, at in self.values if at >= since]
        return any(self.same(found, wire) or self.same(found, self.made(wire)) for wire in late)

    def made(self, wire: float | int | None) -> float | int | None:
        """What the controller makes of a value, as far as it has shown; None: not known."""
        if not self.bends:
            return None
        return next((b.made for b in reversed(self.bends) if self.same(b.written, wire)), None)

    def bent(self, bend: Bend) -> None:
        """Note what the controller made of a value, and on which grid that lies."""
        self.bends = [b for b in self.bends if not self.same(b.written, bend.written)][1 - REMEMBERED :]
        self.bends.append(bend)
        if not self.analog:
            return
        if self.grid is not None and self.grid.has(bend.written):
            # It would have kept what lies on its grid: a clamp, or no grid. Never guessed again, so never in circles.
            self.grid_refuted = True
        elif self.grid is None:
            self.grid = learnt(bend.written, bend.made)

    def fitted(self, wire: float | int, up: bool | None) -> float | int:
        """A value moved to the side that keeps the rule, on the controller's grid; as it is where none is known."""
        if self.grid is None or self.grid_refuted or up is None:
            return wire
        return self.grid.beside(wire, up=up)
