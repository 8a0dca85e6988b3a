"""A picture of the building → what the device's objects say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from config.phrase import Lang, Phrase
from supervisor.core.views import Fire
from supervisor.telling.snapshot import Event, Snapshot, ZoneStatus


class Mode(IntEnum):
    """Who has the building, by the numbers that front ends are mapped to: none is ever given another meaning."""

    STARTING = 1
    LIVE = 2
    DRY_RUN = 3
    WATCHING = 4
    RELEASED = 5
    FIRE_ALARM = 6
    SAFE = 7
    STOPPING = 8


MODES: Final = {
    Mode.STARTING: Phrase("starting", "启动中"),
    Mode.LIVE: Phrase("live", "管控中"),
    Mode.DRY_RUN: Phrase("dry run", "试运行"),
    Mode.WATCHING: Phrase("watching only", "只监测"),
    Mode.RELEASED: Phrase("released", "已释放"),
    Mode.FIRE_ALARM: Phrase("fire alarm", "火警"),
    Mode.SAFE: Phrase("safe: nothing is written", "安全状态：不写入"),
    Mode.STOPPING: Phrase("stopping", "停止中"),
}
"""State_Text."""

LONGEST: Final = 160
"""Octets of a refusal in UTF-8, so that an answer with it fits an APDU of 206 octets, the third shortest."""


class Counts(NamedTuple):
    """Zones that comply with every rule that can be judged, that are outside one, and of which none can be judged."""

    compliant: int
    violated: int
    unjudged: int


def mode(seen: Snapshot) -> Mode:
    """What goes before all else comes first: nobody is told that a building is supervised which is not."""
    switched_off = seen.front_end is not None and not seen.front_end.enabled
    handed_back = bool(seen.holdable) and seen.handed_back >= len(seen.holdable)
    found = (
        (seen.stopping, Mode.STOPPING),
        (seen.clock_doubt is not None, Mode.SAFE),
        (seen.fire in (Fire.ACTIVE, Fire.CLEARING), Mode.FIRE_ALARM),
        (not seen.ready, Mode.STARTING),
        (seen.store_problem is not None, Mode.SAFE),
        (switched_off or handed_back, Mode.RELEASED),
        (seen.dry_run, Mode.DRY_RUN),
        (not seen.holdable, Mode.WATCHING),
    )
    return next((mode for holds, mode in found if holds), Mode.LIVE)


def counts(zones: Iterable[ZoneStatus]) -> Counts:
    """Each zone counts once. What cannot be measured is not compliant."""
    found = [0, 0, 0]
    for zone in zones:
        judged = [said for said in zone.compliance.values() if said is not None]
        found[2 if not judged else 0 if all(judged) else 1] += 1
    return Counts(*found)


def refusal(events: Iterable[Event], lang: Lang) -> str | None:
    """Why something was not written, of what was refused last: the point and the reason. None where nothing was."""
    refused = [event for event in events if event.kind == "refused"]
    if not refused:
        return None
    last = refused[-1]
    said = last.text.told(lang)
    return _short(f"{last.point}: {said}" if last.point else said)


def _short(text: str) -> str:
    """Not more than fits, cut between two characters."""
    if len(text.encode()) <= LONGEST:
        return text
    return text.encode()[: LONGEST - 3].decode(errors="ignore") + "…"
