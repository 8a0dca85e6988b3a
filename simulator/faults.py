"""What fails in a building, from a seed: sensors that stick at a value, devices that drop off the network.

Every rate and duration here is a site choice: no published rate was at hand for either.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from schedules.time import DAY, Instant
from simulator.people.character import Failing

HOUR = 3600.0
What: TypeAlias = Literal["stuck", "silent"]


@dataclass(frozen=True, slots=True)
class Faults:
    """How often things fail, and for how long. An infinite number of days: never."""

    stuck_every: float = 365.0
    """Days between two faults of one sensor, on average."""
    stuck_for: tuple[float, float] = (1.0, 48.0)
    """Hours that a sensor stands still, from and to, all equally likely."""
    silent_every: float = 60.0
    """Days between two silences of one device, on average."""
    silent_for: tuple[float, float] = (0.1, 6.0)
    """Hours that a device does not answer, likewise."""

    @classmethod
    def named(cls, failing: Failing) -> Faults:
        """Never; the usual; or often, as in a neglected building: a sensor monthly, a device weekly."""
        if failing is Failing.NEVER:
            return NEVER
        return cls() if failing is Failing.USUAL else cls(stuck_every=30.0, silent_every=7.0)


NEVER = Faults(stuck_every=math.inf, silent_every=math.inf)
"""Nothing ever fails."""


class Outage(NamedTuple):
    """One sensor or one device, out of order from `begin` until `end`."""

    begin: Instant
    end: Instant
    what: What
    id: str


class Edge(NamedTuple):
    """A sensor sticks or a device falls silent (`on`), or that ends."""

    time: Instant
    on: bool
    what: What
    id: str


def outages(
    seed: int, faults: Faults, sensors: Iterable[str], devices: Iterable[str], begin: Instant, end: Instant
) -> list[Outage]:
    """All that touch [begin, end), by time. They depend on seed, id and date alone, not on the period asked for."""
    found: list[Outage] = []
    for sensor in sensors:
        found += _of(seed, "stuck", sensor, faults.stuck_every, faults.stuck_for, begin, end)
    for device in devices:
        found += _of(seed, "silent", device, faults.silent_every, faults.silent_for, begin, end)
    return sorted(found)


def _of(
    seed: int, what: What, id_: str, every: float, lasting: tuple[float, float], begin: Instant, end: Instant
) -> Iterator[Outage]:
    """A Poisson process in each calendar year (UTC); what would begin while the last one stands does not."""
    if not math.isfinite(every):
        return
    for year in range(_year(begin) - 1, _year(end) + 1):
        first, following = (datetime(y, 1, 1, tzinfo=UTC).timestamp() for y in (year, year + 1))
        key = hashlib.blake2b(f"{seed}\0{what}\0{id_}\0{year}".encode(), digest_size=16).digest()
        dice = np.random.Generator(np.random.PCG64(int.from_bytes(key, "big")))
        at, free = first, -math.inf
        while (at := at + float(dice.exponential(every)) * DAY) < following:
            until = at + float(dice.uniform(*lasting)) * HOUR
            if at < free:
                continue
            free = until
            if at < end and until > begin:
                yield Outage(at, until, what, id_)


def _year(at: Instant) -> int:
    return datetime.fromtimestamp(at, UTC).year


def edges(found: Iterable[Outage]) -> list[Edge]:
    """When each begins and ends, by time; at one instant what ends comes first."""
    return sorted(
        edge for o in found for edge in (Edge(o.begin, True, o.what, o.id), Edge(o.end, False, o.what, o.id))
    )


def hours(found: Iterable[Outage], what: What, begin: Instant, end: Instant) -> float:
    """Hours of one kind of fault within a period, over all sensors or devices."""
    lengths = (min(o.end, end) - max(o.begin, begin) for o in found if o.what == what)
    return sum(length for length in lengths if length > 0.0) / HOUR
