"""What a rule is: a pure function with its citation, and the verdict it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from config.site import Zone
from schedules.time import Instant
from supervisor.core.citations import Citation
from supervisor.core.decisions import Demand, Notice
from supervisor.core.now import Now
from supervisor.core.views import Facts, ZoneView

MemoryValue: TypeAlias = float | bool | str | None
Memory: TypeAlias = Mapping[str, MemoryValue]
"""What a zone remembers between evaluations; keys begin with the rule's id. Never changed in place."""

NOTHING_REMEMBERED: Memory = {}


def forgotten(memory: Memory, *keys: str) -> Memory:
    """What a verdict says to have keys forgotten, of those that are remembered at all."""
    return {key: None for key in keys if key in memory}


def not_yet(memory: Memory, now: Instant) -> Memory:
    """What is remembered, after the clock was put back to `now`: an instant that has not come yet becomes this one. Else what
    began while the clock was ahead, frost for one, would wait for a year for its minute to pass.

    Of what rules remember only instants are that large.
    """
    ahead = {key: now for key, v in memory.items() if isinstance(v, float) and v > now > _LARGEST_FIGURE}
    return {**memory, **ahead} if ahead else memory


_LARGEST_FIGURE = 1e8
"""What no figure that is remembered reaches (temperatures, counts), and every instant of `schedules.time.YEARS` exceeds."""


class Compliance(Enum):
    """How a zone stands to a rule now."""

    YES = 1
    NO = 0
    UNMEASURABLE = -1
    """The inputs do not say: neither compliant nor in violation."""
    BY_DEMANDS = 2
    """Whether the equipment is as the demands want it."""


class Verdict(NamedTuple):
    """What a rule has to say about a zone."""

    demands: tuple[Demand, ...] = ()
    compliance: Compliance = Compliance.BY_DEMANDS
    remember: Memory = NOTHING_REMEMBERED
    """Updates to the memory; a value of None forgets the key."""
    notices: tuple[Notice, ...] = ()
    set_but_off: bool = False
    """A setting is outside the limit, and its unit is known to be off: nobody is cooled or heated by it."""


NO_OPINION = Verdict()
COMPLIANT = Verdict(compliance=Compliance.YES)
UNMEASURABLE = Verdict(compliance=Compliance.UNMEASURABLE)

Evaluate: TypeAlias = Callable[[ZoneView, Facts, Memory, Now], Verdict]


class Rule(NamedTuple):
    """One rule of the plan, with all that its page and its evidence need."""

    id: RuleId
    title: Phrase
    text: Phrase
    cites: tuple[Citation, ...]
    reads: tuple[Role, ...]
    writes: tuple[Role, ...]
    applies: Callable[[Zone], bool]
    """Whether the rule concerns a zone at all, by what the zone has."""
    evaluate: Evaluate
    example: tuple[tuple[str, str, str], ...] = ()
    """A day: (time, what happens, what follows)."""
    yields_to_equal: bool = False
    """Gives way to a lower rule that wants the same value: it only ever delays the contrary."""
    regards_sensors: bool = True
    """Its answer may turn on a sensor of the zone. False: on its own equipment, opening hours, facts, memory and the time alone."""
