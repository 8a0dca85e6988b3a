"""A turn is a value: what was heard, what was decided on it, what came of the writes.

The live daemon, the rehearsal, the soak and the replay take turns with `Decider.take_turn`. Whoever wants to know of them
is a listener in a list: metrics, events, tally, proof, recording. What is heard, or comes of a write, between two
decisions is told at once, as a turn in which nothing was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from config.phrase import Phrase
from schedules.time import Instant
from supervisor.core.decisions import Notice, Outcome
from supervisor.core.tally import Warmth

Done = TypeVar("Done", covariant=True)
"""What a gateway says that came of a write; the core knows of no gateway."""


class Heard(NamedTuple):
    """What has come in."""

    points: tuple[str, ...] = ()
    """Points of which something is news since they were told of last: reading, slots, or hold."""
    arrived: Mapping[str, float] = MappingProxyType({})
    """Zone (empty: the building) → monotonic seconds at which the first news came that its rules are asked for."""
    rooms: tuple[tuple[str, Warmth], ...] = ()
    """Zones whose temperature has changed, or where somebody came or left, and no answer with it."""
    devices: tuple[tuple[str, bool], ...] = ()
    """Devices that answer again (True) or no more."""
    habits: tuple[tuple[str, Phrase], ...] = ()
    """Devices that were found to do something lasting otherwise than they should, or to do so no more, in words."""
    scans: tuple[tuple[str, float], ...] = ()
    """Devices that were read, and the seconds of wall time that it took."""


class Step(NamedTuple):
    """What one step decided: outcomes of every point that was asked about, and which zones were."""

    outcomes: Mapping[str, Outcome]
    zones: tuple[str, ...]
    notices: tuple[Notice, ...]
    asked: tuple[str, ...] = ()
    """Whom the step was to ask before anything woke up by itself."""
    building: bool = False
    """The facts that all zones share were asked for."""
    failed: tuple[Failure, ...] = ()


class Failure(NamedTuple):
    """A rule that fell over: in which zone or shared equipment, and how."""

    what: str
    error: Exception


NOTHING_HEARD: Final = Heard()
NOTHING_ASKED: Final = Step({}, (), ())


class Turn(NamedTuple, Generic[Done]):
    """One turn at the instant `now`."""

    now: Instant
    heard: Heard
    step: Step
    done: tuple[Done, ...] = ()

    @property
    def decided(self) -> bool:
        """The rules were given a turn, though perhaps none was due."""
        return self.step is not NOTHING_ASKED


Listener: TypeAlias = Callable[[Turn[Done]], None]
