"""The neutral model: what is told to a centre, and what it says, before anybody's spelling of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from config.phrase import Phrase
from schedules.time import Instant

ACKNOWLEDGED: Final = ("report", "report_ack", "continuous", "continuous_ack", "reply")
"""Kinds of a centre's message that answer a report: some send back its own kind."""
KINDS: Final = ("sequence", "result", "time", "query", "period", *ACKNOWLEDGED)
"""What a centre says."""


class CentreProblem(Exception):
    """A centre cannot be reached, does not let us in, or says what nobody understands."""

    def __init__(self, what: Phrase) -> None:
        super().__init__(what.en)
        self.what = what


class Measured(NamedTuple):
    """A meter's register as a report tells it, in kWh, m³, GJ or L; None: it was not read."""

    meter: str
    name: str
    function: str
    coding: str
    value: float | None


@dataclass(frozen=True)
class Report:
    """All meters at one instant. `sequence` follows from the instant alone: a report that is sent again has the same.

    `current` of `total`: which one of those it is that an outage left.
    """

    at: Instant
    rows: tuple[Measured, ...]
    total: int = 1
    current: int = 1

    @property
    def sequence(self) -> int:
        """Minutes since 1970: it rises, never repeats, and fits 32 bits."""
        return int(self.at // 60)


@dataclass(frozen=True)
class Heard:
    """A message of a centre: its kind, and what its elements say."""

    kind: str
    says: Mapping[str, str] = field(default_factory=dict)
