"""What we sent to one object, and what its controller made of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from config.objects import is_number
from drivers.values import same
from supervisor.gateway.effects import Bend
from supervisor.gateway.grid import ON_GRID, Grid, learnt

REMEMBERED: Final = 8
"""How many values sent to a point are known as ours when a late duplicate of one turns up."""
NEAR: Final = 0.5
"""How far (in the wire's unit) a number may lie from what we sent and be the controller's rounding of it, where no
acknowledgement says that it took ours: half of a whole degree, the coarsest grid met."""

ECHO: Final = 600.0
"""Seconds for which a value that we sent counts as ours if it turns up in our slot again: a duplicate that the network
kept. A site choice."""
LATE: Final = 120.0
"""Seconds after a value was handed over within which the controller may still round it to its grid."""


@dataclass(slots=True)
class Sent:
    """The last values sent to an object, on the wire's scale. Monotonic seconds."""

    object_type: str
    values: tuple[tuple[float, float], ...] = ()
    """Each with the second at which it was sent, newest last."""
    bends: tuple[Bend, ...] = ()
    """What the controller made of values, newest last."""
    grid: Grid | None = None
    """The grid on which it keeps numbers, as its first bend showed it."""
    grid_refuted: bool = False
    declared: Grid | None = None
    """The grid that its Resolution states, or that whole numbers are: goes before a guess."""
    declared_certain: bool = False
    """It can hold nothing else, so that nothing refutes it."""
    declared_refuted: bool = False

    @property
    def analog(self) -> bool:
        """Whether the object holds a number."""
        return is_number(self.object_type)

    def has(self, found: float | int, *, to_the_digit: bool = False) -> bool:
        """Whether a value is one that we sent, or what the controller made of one."""
        for wire, _ in self.values:
            made = self.made(wire)
            if to_the_digit:
                if abs(found - (wire if made is None else made)) <= ON_GRID:
                    return True
            elif same(self.object_type, found, wire) or same(self.object_type, found, made):
                return True
        return False

    def age(self, wall: float) -> float:
        """Seconds since the last was sent; infinity: none was."""
        return wall - self.values[-1][1] if self.values else math.inf

    def remember(self, wire: float, wall: float) -> None:
        """Note a value about to be sent."""
        others = [(v, at) for v, at in self.values if not same(self.object_type, v, wire)]
        self.values = (*others[1 - REMEMBERED :], (wire, wall))

    def kept(self, values: list[float], wall: float) -> None:
        """Values that an earlier run sent, oldest first: counted from now, since its seconds are not ours."""
        self.values += tuple((value, wall) for value in values)

    def may_be(self, values: list[float]) -> None:
        """Values that are ours whenever they were sent."""
        self.values = tuple((value, 0.0) for value in values)

    def echoes(self, found: float | int, wall: float) -> bool:
        """Whether a value is a late copy of one that we sent: as it was, as it was made of one, or just now rounded."""
        for wire, at in self.values:
            made = self.made(wire)
            if wall - at <= ECHO and (
                same(self.object_type, found, wire) or same(self.object_type, found, made)
            ):
                return True
            if wall - at <= LATE and made is None and self.near(found, wire):
                return True
        return False

    def near(self, found: float | int, wire: float | int) -> bool:
        """Whether a number may be what a controller made of one that we sent, by rounding it."""
        return self.analog and abs(found - wire) <= NEAR

    def made(self, wire: float | int | None) -> float | int | None:
        """What the controller makes of a value, as far as it has shown; None: not known."""
        if not self.bends:
            return None
        return next((b.made for b in reversed(self.bends) if same(self.object_type, b.written, wire)), None)

    def bent(self, bend: Bend) -> None:
        """Note what the controller made of a value, and on which grid that lies."""
        others = [b for b in self.bends if not same(self.object_type, b.written, bend.written)]
        self.bends = (*others[1 - REMEMBERED :], bend)
        if not self.analog:
            return
        if self.declared is not None and self.declared.has(bend.written):
            self.declared_refuted = not self.declared_certain
        if self.grid is not None and self.grid.has(bend.written):
            # It would have kept what lies on its grid: a clamp, or no grid. Never guessed again, so never in circles.
            self.grid_refuted = True
        elif self.grid is None:
            self.grid = learnt(bend.written, bend.made)

    def insisted(self, wire: float | int | None) -> bool:
        """Whether a value counts as ignored, because what stood there before it stood there after some tries."""
        return any(bend.insisted and same(self.object_type, bend.written, wire) for bend in self.bends)

    def insist_no_more(self, wire: float | int | None) -> None:
        """Something else is written, or what is ours given back: what was ignored until now may be taken the next time."""
        self._drop(lambda bend: not same(self.object_type, bend.written, wire))

    def refute(self, found: float | int | None) -> bool:
        """A value stands there: it is not ignored. True: that is news."""
        return self._drop(lambda bend: same(self.object_type, bend.written, found))

    def _drop(self, over: Callable[[Bend], bool]) -> bool:
        """Forget what was guessed by insisting, where that is over."""
        kept = tuple(bend for bend in self.bends if not (bend.insisted and over(bend)))
        dropped, self.bends = len(kept) < len(self.bends), kept
        return dropped

    def fitted(self, wire: float | int, up: bool | None) -> float | int:
        """A value moved to the side that keeps the rule, on the controller's grid; as it is where none is known."""
        if self.declared is not None and not self.declared_refuted:
            return self.declared.nearest(wire) if up is None else self.declared.beside(wire, up=up)
        if self.grid is None or self.grid_refuted or up is None:
            return wire
        return self.grid.beside(wire, up=up)

    def declare(self, grid: Grid | None, *, certain: bool) -> None:
        """Note the grid that the controller says of itself; another one than before counts anew."""
        if grid != self.declared:
            self.declared, self.declared_certain, self.declared_refuted = grid, certain, False
