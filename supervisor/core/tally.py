"""Seconds in and out of each rule, counted in site time between one look and the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.daily import Daily, Kind, Standing

AT_ONCE = 50
"""Zones that are counted before others may have their turn: half a millisecond."""
MAX_GAP = 3600.0
"""s: a longer gap between two looks is a clock step or a machine asleep, not time observed."""


class Warmth(NamedTuple):
    """How far a room is above and below its comfort band at an instant, K; 0 within. `occupied`: whether somebody is there;
    None: as before."""

    at: Instant
    hot_kelvin: float
    cold_kelvin: float
    occupied: bool | None = None


class Look(NamedTuple):
    """How a zone stands at an instant; it is taken to stand so until the next look."""

    at: Instant
    violated: tuple[RuleId, ...]
    blocked: tuple[RuleId, ...]
    occupied: bool
    hot_kelvin: float
    """K above the comfort band while occupied, else 0."""
    cold_kelvin: float
    set_but_off: tuple[RuleId, ...] = ()
    """Rules whose limit a setting breaks while its unit is off; none of `violated`."""
    suspended: tuple[RuleId, ...] = ()
    """Rules that give way for now."""
    overridden: tuple[str, ...] = ()
    """Roles that another master holds, or a switch at the machine."""
    by_hand: tuple[str, ...] = ()
    """Roles that a person holds through us."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counters since the store began, keyed as their metrics are labelled; seconds of site time."""

    violation_seconds: Mapping[tuple[str, RuleId], float] = field(default_factory=dict)
    enforcements: Mapping[tuple[str, RuleId], int] = field(default_factory=dict)
    blocked_seconds: Mapping[tuple[str, RuleId], float] = field(default_factory=dict)
    occupied_seconds: Mapping[str, float] = field(default_factory=dict)
    discomfort_kelvin_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """(zone, `hot` or `cold`)."""
    writes: Mapping[str, int] = field(default_factory=dict)
    """Result → count."""
    set_but_off_seconds: Mapping[tuple[str, RuleId], float] = field(default_factory=dict)

    def counters(self) -> Iterator[tuple[tuple[str, str], float]]:
        """Everything, keyed (counter, labels joined by a comma), for the store; one by one, since they are ten thousand."""
        for name, values in (
            ("violation", self.violation_seconds), ("blocked", self.blocked_seconds),
            ("set_but_off", self.set_but_off_seconds), ("enforced", self.enforcements),
            ("discomfort", self.discomfort_kelvin_seconds),
        ):  # fmt: skip
            for (zone, what), value in values.items():
                yield (name, f"{zone},{what}"), float(value)
        for zone, seconds in self.occupied_seconds.items():
            yield ("occupied", zone), seconds
        for result, count in self.writes.items():
            yield ("writes", result), count


class Tally:
    """Totals that only grow, and survive a restart through `counters` and `restore`; and what each day came to."""

    def __init__(self, daily: Daily | None = None) -> None:
        self.daily = daily
        self._last: dict[str, Look] = {}
        self._violation: defaultdict[tuple[str, RuleId], float] = defaultdict(float)
        self._blocked: defaultdict[tuple[str, RuleId], float] = defaultdict(float)
        self._set_but_off: defaultdict[tuple[str, RuleId], float] = defaultdict(float)
        self._enforced: defaultdict[tuple[str, RuleId], int] = defaultdict(int)
        self._occupied: defaultdict[str, float] = defaultdict(float)
        self._discomfort: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._writes: defaultdict[str, int] = defaultdict(int)

    def look(self, zone: str, look: Look) -> None:
        """Take a new look at a zone: what stood until now is counted up to it."""
        self._count(zone, look.at)
        self._last[zone] = look
        if self.daily is not None:
            self.daily.stands(zone, _standing(look))

    def warmed(self, zone: str, warmth: Warmth) -> None:
        """A zone stands as it stood, and its temperature has changed, or somebody came or left."""
        last = self._last.get(zone)
        if last is None:
            return
        felt = warmth if warmth.occupied is not None else warmth._replace(occupied=last.occupied)
        if not felt.occupied:
            felt = felt._replace(hot_kelvin=0.0, cold_kelvin=0.0)
        if (last.hot_kelvin, last.cold_kelvin, last.occupied) != felt[1:]:
            self.look(zone, last._replace(**felt._asdict()))

    def settle(self, at: Instant) -> None:
        """Count every zone up to `at`."""
        for _ in self.settling(at):
            pass

    def settling(self, at: Instant) -> Iterator[None]:
        """The same, some zones at a time: a thousand of them are some ten milliseconds. What is looked at meanwhile stays so."""
        for number, (zone, look) in enumerate(list(self._last.items()), 1):
            if self._last[zone] is look:
                self._count(zone, at)
                self._last[zone] = look._replace(at=at)
            if number % AT_ONCE == 0:
                yield

    def _count(self, zone: str, at: Instant) -> None:
        last = self._last.get(zone)
        if last is None:
            return
        seconds = at - last.at
        if not 0 < seconds <= MAX_GAP:
            return
        if self.daily is not None:
            self.daily.passed(zone, last.at, at)
        for rule in last.violated:
            self._violation[zone, rule] += seconds
        for rule in last.blocked:
            self._blocked[zone, rule] += seconds
        for rule in last.set_but_off:
            self._set_but_off[zone, rule] += seconds
        if last.occupied:
            self._occupied[zone] += seconds
            self._discomfort[zone, "hot"] += seconds * last.hot_kelvin
            self._discomfort[zone, "cold"] += seconds * last.cold_kelvin

    def enforced(self, zone: str, rule: RuleId, at: Instant) -> None:
        """A correction reached the device and was read back."""
        self._enforced[zone, rule] += 1
        if self.daily is not None:
            self.daily.happened(zone, Kind.CORRECTION, rule, at)

    def excepted(self, zone: str, rule: RuleId, at: Instant) -> None:
        """A rule begins to give way for a zone."""
        if self.daily is not None:
            self.daily.happened(zone, Kind.EXCEPTION, rule, at)

    def wrote(self, result: str) -> None:
        """A write ended, in one way or another."""
        self._writes[result] += 1

    def totals(self) -> Totals:
        """A frozen copy, all of one instant."""
        return Totals(*map(dict, self._counters()))

    def totalling(self) -> Generator[None, None, Totals]:
        """The same, one counter at a time: those of a thousand zones are two milliseconds. What is counted meanwhile is in some of
        them."""
        copied = []
        for counter in self._counters():
            copied.append(dict(counter))
            yield
        return Totals(*copied)

    def _counters(self) -> tuple[dict[Any, Any], ...]:
        """In the order of `Totals`."""
        return (
            self._violation, self._enforced, self._blocked, self._occupied, self._discomfort, self._writes, self._set_but_off,
        )  # fmt: skip

    def counters(self) -> dict[tuple[str, str], float]:
        """Everything, keyed (counter, labels joined by a comma), for the store."""
        return dict(self.totals().counters())

    def restore(self, counters: Mapping[tuple[str, str], float]) -> None:
        """Take up what `counters` gave."""
        for (name, labels), value in counters.items():
            first, _, second = labels.partition(",")
            if name == "violation":
                self._violation[first, RuleId(second)] = value
            elif name == "blocked":
                self._blocked[first, RuleId(second)] = value
            elif name == "set_but_off":
                self._set_but_off[first, RuleId(second)] = value
            elif name == "enforced":
                self._enforced[first, RuleId(second)] = int(value)
            elif name == "discomfort":
                self._discomfort[first, second] = value
            elif name == "occupied":
                self._occupied[labels] = value
            elif name == "writes":
                self._writes[labels] = int(value)


def _standing(look: Look) -> Standing:
    """What is counted of a zone while it stands so."""
    found = [(Kind.WATCHED, "")]
    for kind, things in (
        (Kind.VIOLATION, look.violated), (Kind.SET_BUT_OFF, look.set_but_off), (Kind.BLOCKED, look.blocked),
        (Kind.SUSPENDED, look.suspended), (Kind.OVERRIDE, look.overridden), (Kind.BY_HAND, look.by_hand),
    ):  # fmt: skip
        if things:
            found += [(kind, str(what)) for what in things]
    return tuple(found)
