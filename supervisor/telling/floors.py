"""The floors of the page: one line each, and the lines of the zones of those that are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from config.phrase import Lang
from supervisor.telling.rows import Row
from supervisor.telling.snapshot import Snapshot, ZoneStatus
from supervisor.telling.words import word

EVERY: Final = "all"
NOWHERE: Final = "other"
"""The key of the zones that stand on no floor."""
FEW: Final = 12
"""Zones of a building whose floors need no folding: they fit a screen or two."""


@dataclass(frozen=True, slots=True)
class Floor:
    """One floor: how many of its zones do what, of how many that is known. `rows` are filled where it is open."""

    key: str
    name: str
    zones: int
    open_zones: int
    people: str
    hvac: str
    lights: str
    outside: int
    """Zones out of limits."""
    unknown: int
    """Zones of which something that they have is not known."""
    is_open: bool
    rows: Sequence[Row] = ()


def key_of(zone: ZoneStatus) -> str:
    """The floor's key, as it stands in the page's address."""
    return NOWHERE if zone.floor is None else str(zone.floor)


def shown(snapshot: Snapshot, asked: str) -> frozenset[str]:
    """Keys of the floors that are open: the one that was asked for, or all of a small building."""
    keys = {key_of(zone) for zone in snapshot.zones}
    if asked == EVERY or (not asked and len(snapshot.zones) <= FEW):
        return frozenset(keys)
    return frozenset(keys & {asked})


def folded(snapshot: Snapshot, open_: Collection[str], lang: Lang) -> list[Floor]:
    """Every floor without its rows, lowest first; zones without a floor last."""

    def order(zone: ZoneStatus) -> tuple[bool, int]:
        return zone.floor is None, zone.floor or 0

    found = []
    for key, zones in groupby(sorted(snapshot.zones, key=order), key=key_of):
        name = word("elsewhere", lang) if key == NOWHERE else word("floor", lang).format(key)
        found.append(_folded(key, name, list(zones), key in open_))
    return found


def with_rows(floors: list[Floor], rows: list[tuple[str, Row]]) -> list[Floor]:
    """The floors with the lines of their zones."""
    return [replace(floor, rows=[row for key, row in rows if key == floor.key]) for floor in floors]


def _folded(key: str, name: str, zones: list[ZoneStatus], is_open: bool) -> Floor:
    return Floor(
        key,
        name,
        len(zones),
        sum(zone.open for zone in zones),
        _of([z.occupied for z in zones if z.has_occupancy]),
        _of([z.hvac_on for z in zones if z.has_hvac]),
        _of([z.lights_on for z in zones if z.has_lights or z.escape_route]),
        sum(False in zone.compliance.values() for zone in zones),
        sum(_unknown(zone) for zone in zones),
        is_open,
    )


def _of(states: list[bool | None]) -> str:
    """`3/5`: how many are, of how many there are; `3–4/5` where one is not known; empty where there are none."""
    if not states:
        return ""
    sure, doubt = states.count(True), states.count(None)
    return f"{sure}–{sure + doubt}/{len(states)}" if doubt else f"{sure}/{len(states)}"


def _unknown(zone: ZoneStatus) -> bool:
    return (
        bool(zone.silent)
        or (zone.has_temperature and zone.temperature is None)
        or (zone.has_occupancy and zone.occupied is None)
        or (zone.has_hvac and zone.hvac_on is None)
        or (zone.has_window and zone.window_open is None)
    )
