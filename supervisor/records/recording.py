"""What the rules were told and what they answered, step by step, so that a day can be decided again.

A row has what changed since the row before: readings as [value, quality, time, since], priority arrays as
[[[slot, value] …], relinquish default], what our slots hold, overtime, releases, what people hold by hand, the season; then whom the step was
to ask, a digest of what each zone saw, and the decisions that are new. The first row of a run has everything.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drivers.readings import PriorityArray, Reading
from schedules.time import DAY, Instant
from supervisor.core.decider import BUILDING, Decider, SeasonSource
from supervisor.core.decisions import Command, Special
from supervisor.core.known import Known
from supervisor.core.turn import Step, Turn
from supervisor.store.operations import finite
from supervisor.store.recording import RecordRow

KEPT = 3 * DAY
"""s of site time that are kept: a site choice."""
MOST_POINTS = 2_000
"""Sites with more points are not recorded: it would be gigabytes a day."""
_FLUSH_AFTER = 10.0
"""s of wall time, or so many rows, that wait for the next transaction."""
_FLUSH_ROWS = 200


class Recorder:
    """Listens to turns, and writes a row for each that has something to tell."""

    def __init__(
        self, decider: Decider, season: SeasonSource, put: Callable[[Sequence[RecordRow], float], None]
    ) -> None:
        known = decider.known
        self._site, self._known, self._decider, self._season, self._put = (
            known.site,
            known,
            decider,
            season,
            put,
        )
        self._on = len(known.site.points) <= MOST_POINTS
        self._ruled = {p: owner for p in known.site.points if (owner := decider.owner(p)) is not None}
        self.seen = Seen(known, self._ruled)
        self._decided: dict[str, Any] = {}
        self._requests: dict[str, Any] = {}
        self._waiting: list[RecordRow] = []
        self._flushed = time.monotonic()
        self._beginning: dict[str, Any] | None = None
        self._news: dict[str, None] = {}
        """Points that were told of since the last turn in which the rules were asked, in the order in which they were."""

    def begin(self) -> None:
        """The first turn is about to be taken: with what the rules remember."""
        memory = {zone: dict(kept) for zone, kept in self._decider.memory.items()}
        self._beginning = {"config": self._site.config_hash, "source": self._site.source, "memory": memory}

    def __call__(self, turn: Turn[object]) -> None:
        """A turn was taken."""
        if not self._on:
            return
        self._news.update(dict.fromkeys(p for p in turn.heard.points if p in self._ruled))
        if not turn.decided:
            return
        step, first = turn.step, self._beginning
        points: Iterable[str] = self._ruled if first else self._news
        self._beginning, self._news = None, {}
        row = {**(first or {}), "at": turn.now, **_state_of(self._known, points), "asked": list(step.asked)}
        row |= self._requested(turn.now)
        answers = answers_of(step)
        told = any(row.get(name) for name in ("config", "asked", "readings", "arrays", "ours"))
        if not (answers or step.zones or step.building or told):
            # A turn of the loop at which nothing happened; requests, if any, are told with the next row.
            self._requests = {}
            return
        row["seen"] = self.seen.by(step.zones, row["readings"])
        row["answers"] = len(answers)
        row["decisions"] = {p: a for p, a in answers.items() if self._decided.get(p) != a}
        self._decided.update(row["decisions"])
        self._waiting.append(RecordRow(row["at"], row))
        late = time.monotonic() - self._flushed > _FLUSH_AFTER
        if late or len(self._waiting) >= _FLUSH_ROWS:
            self.flush()

    def _requested(self, now: Instant) -> dict[str, Any]:
        """The season, overtime, releases and what is held by hand, where they are others than in the row before."""
        requests = {
            "season": list(self._season(now)),
            "overtime": {
                z: [[o.start, o.until, o.who] for o in os] for z, os in self._decider.overtime.items()
            },
            "released": {p: [r.until, r.who] for p, r in self._decider.released.items()},
            "manual": {p: list(m) for p, m in self._decider.manual.items()},
        }
        new = {name: value for name, value in requests.items() if self._requests.get(name) != value}
        self._requests = requests
        return new

    def flush(self) -> None:
        """Hand over what waits."""
        self._flushed = time.monotonic()
        if self._waiting:
            rows, self._waiting = self._waiting, []
            self._put(rows, rows[-1].ts - KEPT)


class Seen:
    """Digests of what the rules saw: the same readings and slots give the same digest."""

    def __init__(self, known: Known, owners: Mapping[str, str]) -> None:
        self._known = known
        self._places = {p: owner if owner in known.site.zones else BUILDING for p, owner in owners.items()}
        self._points: dict[str, list[str]] = {}
        for point, place in sorted(self._places.items()):
            self._points.setdefault(place, []).append(point)

    def by(self, zones: Iterable[str], news: Iterable[str]) -> dict[str, str]:
        """A digest for each zone that was asked, for each that was not because its news change no answer, and one for
        the building with all that zones share."""
        places = dict.fromkeys((BUILDING, *zones, *(self._places[point] for point in news)))
        return {place: self._digest(place) for place in places}

    def _digest(self, place: str) -> str:
        points = self._points.get(place, ())
        told = _state_of(self._known, points, confirmed=False)
        try:
            text = json.dumps(told, allow_nan=False)
        except ValueError:
            # as it is kept: going through every figure is dear, and next to none is infinite
            text = json.dumps(finite(told))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def answers_of(step: Step) -> dict[str, list[Any]]:
    """What a step decided, as JSON: point → [value, rule]. A special command is `~` and its name."""
    return {
        p: [_plain(outcome.decision.value), str(outcome.decision.rule)]
        for p, outcome in step.outcomes.items()
    }


def _plain(command: Command) -> float | bool | str:
    return f"~{command.value}" if isinstance(command, Special) else command


def _state_of(known: Known, points: Iterable[str], *, confirmed: bool = True) -> dict[str, Any]:
    """What is known of points. `confirmed`: with when each reading was last confirmed, which no answer turns on."""
    ids = list(points)
    told: dict[str, Any] = {
        "readings": {p: _reading(known.readings[p], confirmed) for p in ids if p in known.readings},
        "arrays": {p: _array(known.arrays.get(p)) for p in ids if known.site.points[p].writable},
        "ours": {p: known.ours(p) for p in ids if known.site.points[p].writable},
    }
    return told


def _reading(reading: Reading, confirmed: bool) -> list[Any]:
    if confirmed:
        return [reading.value, int(reading.quality), reading.time, reading.since]
    return [reading.value, int(reading.quality), reading.since]


def _array(array: PriorityArray | None) -> list[Any] | None:
    if array is None:
        return None
    told = [[list(slot) for slot in array.slots], array.relinquish_default]
    return [*told, array.egress] if array.egress else told
