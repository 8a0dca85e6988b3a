"""People as the presence sensors of a record saw them: by zone, weekday and hour, and which rooms empty together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from config.roles import Role
from schedules.time import DAY, instant_of, local_date
from simulator.people.seen import Seen, SeenDay
from supervisor.rehearsal.model.numbers import Source
from supervisor.rehearsal.model.record import STEP, Flags, Record

ALIKE: Final = 0.5
"""Correlation of emptiness in opening hours from which on rooms empty together. Site choice."""
MINUTES: Final = STEP / 60.0


def seen(source: Source, record: Record) -> Seen | None:
    """What presence sensors told of whole days; None where there is no sensor."""
    site = source.site
    sensed = [place for place, zone in enumerate(record.zones) if Role.OCCUPANCY in site.zones[zone].sensors]
    if not sensed or not (record.people[:, sensed] > 0.0).any():
        return None
    present = record.people > 0.0
    opened = _opened(source, record)
    days = _days(source, record, present, sensed)
    stays = [p for p in sensed if not site.zones[record.zones[p]].circulation]
    opened &= ~record.unknown()[:, None]
    hours = float(opened[:, stays].sum())
    empty = float((opened & ~present)[:, stays].sum()) / hours if hours else 0.0
    groups = _together(present, opened, sensed)
    return Seen(tuple(days), tuple(tuple(record.zones[p] for p in group) for group in groups), empty)


def _opened(source: Source, record: Record) -> Flags:
    """(steps, zones) within the zone's hours."""
    times = record.start + np.arange(record.steps) * STEP
    found = np.zeros((record.steps, len(record.zones)), dtype=np.bool_)
    for day in _dates(source, record):
        for place, zone in enumerate(record.zones):
            for begin, end in source.tables[source.site.zones[zone].hours].day(day).intervals:
                found[:, place] |= (times >= begin) & (times < end)
    return found


def _dates(source: Source, record: Record) -> Sequence[dt.date]:
    first = local_date(record.start, source.site.tz)
    count = round((record.end - record.start) / DAY)
    return [first + dt.timedelta(days=n) for n in range(count)]


def _days(source: Source, record: Record, present: Flags, sensed: Sequence[int]) -> Sequence[SeenDay]:
    found = []
    silent = record.unknown()
    for day in _dates(source, record):
        begin = round((instant_of(day, 0, source.site.tz) - record.start) / STEP)
        rows = present[begin : begin + round(DAY / STEP)]
        if silent[begin : begin + round(DAY / STEP)].any():
            continue  # a state that nobody told any more stands, as long as it may
        spans = {record.zones[p]: _spans(rows[:, p]) for p in sensed}
        opens = {
            zone: bool(source.tables[source.site.zones[zone].hours].day(day).intervals) for zone in spans
        }
        found.append(SeenDay(day.weekday(), spans, opens))
    return found


def _spans(row: Flags) -> tuple[tuple[float, float], ...]:
    """Minutes between which a flag holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return tuple(
        (float(a) * MINUTES, float(b) * MINUTES) for a, b in zip(edges[::2], edges[1::2], strict=True)
    )


def _together(present: Flags, opened: Flags, sensed: Sequence[int]) -> list[list[int]]:
    """Zones whose rooms are empty at the same times of their opening hours: each with those that it resembles."""
    groups: list[list[int]] = []
    for place in sensed:
        home = next((g for g in groups if _alike(present, opened, g[0], place)), None)
        if home is None:
            groups.append([place])
        else:
            home.append(place)
    return groups


def _alike(present: Flags, opened: Flags, one: int, other: int) -> bool:
    both = opened[:, one] & opened[:, other]
    a, b = present[both, one], present[both, other]
    if len(a) == 0 or a.all() or b.all() or not a.any() or not b.any():
        return False
    return float(np.corrcoef(a, b)[0, 1]) >= ALIKE


# ---------------------------------------------------------------------- in a file


def as_json(of: Seen) -> dict[str, Any]:
    """As a calibration's file has it."""
    return {
        "empty": of.empty,
        "together": [list(group) for group in of.together],
        "days": [
            {"weekday": d.weekday, "open": dict(d.open), "in": {z: [list(s) for s in spans] for z, spans in d.spans.items()}}
            for d in of.days
        ],
    }  # fmt: skip


def of_json(told: Mapping[str, Any]) -> Seen | None:
    """From what a file says; None where it says nothing. Raises ValueError, KeyError, TypeError."""
    if not told:
        return None
    pair: Callable[[Any], tuple[float, float]] = lambda span: (float(span[0]), float(span[1]))  # noqa: E731 - said once
    return Seen(
        tuple(
            SeenDay(
                int(day["weekday"]),
                {str(z): tuple(map(pair, spans)) for z, spans in day["in"].items()},
                {str(z): bool(is_open) for z, is_open in day["open"].items()},
            )
            for day in told["days"]
        ),
        tuple(tuple(map(str, group)) for group in told["together"]),
        float(told["empty"]),
    )
