"""What the rules were told and what they answered, step by step, so that a day can be decided again.

A row has what changed since the row before: readings as [value, quality, time, since], priority arrays as
[[[slot, value] …], relinquish default], what our slots hold, overtime, releases, the season; then whom the step was
to ask, a digest of what each zone saw, and the decisions that are new. The first row of a run has everything.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from config.points import Value
from config.site import Site
from drivers.readings import PriorityArray, Quality, Reading
from schedules.time import DAY, Instant
from supervisor.core.decider import BUILDING, Decider, Step
from supervisor.core.decisions import Command, Special
from supervisor.core.known import Known
from supervisor.store.operations import finite
from supervisor.store.recording import RecordRow

KEPT = 3 * DAY
"""s of site time that are kept: a site choice."""
MOST_POINTS = 2_000
"""Sites with more points are not recorded: it would be gigabytes a day."""
_FLUSH_AFTER = 10.0
"""s of wall time, or so many rows, that wait for the next transaction."""
_FLUSH_ROWS = 200


class RecordedState(Known):
    """A state that knows which points have changed since `news` was last emptied."""

    def __init__(self, site: Site, stale_floor: float = 0.0) -> None:
        super().__init__(site, stale_floor)
        self.news: dict[str, None] = {}

    def put_value(
        self, point_id: str, value: Value, quality: Quality, at: Instant, now: float | None = None
    ) -> bool:
        """Take a value, and note the point if that is news."""
        return self._noted(point_id, super().put_value(point_id, value, quality, at, now))

    def missing(self, point_id: str, at: Instant) -> bool:
        """The device has no answer, likewise."""
        return self._noted(point_id, super().missing(point_id, at))

    def expire(self, now: Instant) -> list[str]:
        """Readings that have just become too old, likewise."""
        gone = super().expire(now)
        self.news.update(dict.fromkeys(gone))
        return gone

    def put_array(self, point_id: str, array: PriorityArray | None) -> bool:
        """A priority array, likewise."""
        return self._noted(point_id, super().put_array(point_id, array))

    def put_ours(self, point_id: str, value: float | bool | str | None) -> bool:
        """What our slot holds, likewise."""
        return self._noted(point_id, super().put_ours(point_id, value))

    def _noted(self, point_id: str, changed: bool) -> bool:
        if changed:
            self.news[point_id] = None
        return changed

    def ours(self, point_id: str) -> float | bool | str | None:
        """What our slot holds, by the gateway's journal."""
        return self._ours.get(point_id)


class Recorder:
    """Writes a row for each step: `before` it with what it will be asked, `after` it with what it answered."""

    def __init__(
        self, known: RecordedState, decider: Decider, put: Callable[[Sequence[RecordRow], float], None]
    ) -> None:
        self._site, self._known, self._decider, self._put = known.site, known, decider, put
        self._on = len(known.site.points) <= MOST_POINTS
        self._ruled = {p: owner for p in known.site.points if (owner := owner_of(decider, p)) is not None}
        self.seen = Seen(known, self._ruled)
        self._row: dict[str, Any] | None = None
        self._decided: dict[str, Any] = {}
        self._requests: dict[str, Any] = {}
        self._building_wake: Instant | None = None
        self._waiting: list[RecordRow] = []
        self._flushed = time.monotonic()
        self._begun = False

    def before(self, now: Instant, season: tuple[str, Instant]) -> None:
        """A step is about to be made."""
        if not self._on:
            return
        known = self._known
        if self._begun:
            row: dict[str, Any] = {}
            points: Iterable[str] = [p for p in known.news if p in self._ruled]
        else:
            self._begun = True
            memory = {zone: dict(kept) for zone, kept in self._decider.memory.items()}
            row = {"config": self._site.config_hash, "source": self._site.source, "memory": memory}
            points = self._ruled
        known.news.clear()
        row |= {"at": now, **_state_of(known, points)}
        row["asked"] = list(self._decider._dirty)
        requests = {
            "season": list(season),
            "overtime": {
                z: [[o.start, o.until, o.who] for o in os] for z, os in self._decider.overtime.items()
            },
            "released": {p: [r.until, r.who] for p, r in self._decider.released.items()},
        }
        row |= {name: value for name, value in requests.items() if self._requests.get(name) != value}
        self._requests = requests
        self._building_wake = self._decider._wake.get(BUILDING)
        self._row = row

    def after(self, step: Step) -> None:
        """The step was made."""
        row, self._row = self._row, None
        if row is None:
            return
        answers = answers_of(step)
        asked = bool(step.zones) or self._decider._wake.get(BUILDING) != self._building_wake
        told = any(row.get(name) for name in ("config", "asked", "readings", "arrays", "ours"))
        if not (answers or asked or told):
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

    def flush(self) -> None:
        """Hand over what waits."""
        self._flushed = time.monotonic()
        if self._waiting:
            rows, self._waiting = self._waiting, []
            self._put(rows, rows[-1].ts - KEPT)


class Seen:
    """Digests of what the rules saw: the same readings and slots give the same digest."""

    def __init__(self, known: RecordedState, owners: Mapping[str, str]) -> None:
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


def owner_of(decider: Decider, point: str) -> str | None:
    """The zone, shared equipment or building that is asked when a point changes; None: nobody is."""
    return decider._owner.get(point)


def answers_of(step: Step) -> dict[str, list[Any]]:
    """What a step decided, as JSON: point → [value, rule]. A special command is `~` and its name."""
    return {
        p: [_plain(outcome.decision.value), str(outcome.decision.rule)]
        for p, outcome in step.outcomes.items()
    }


def _plain(command: Command) -> float | bool | str:
    return f"~{command.value}" if isinstance(command, Special) else command


def _state_of(known: RecordedState, points: Iterable[str], *, confirmed: bool = True) -> dict[str, Any]:
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
