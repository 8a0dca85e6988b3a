"""What needs somebody and what comes next today, as lines of one language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.phrase import Lang
from schedules.time import clock, local_date
from supervisor.telling.floors import key_of
from supervisor.telling.needs import OWNERS, Need
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.words import duration, word

SHOWN_CHANGES = 8
_MINUTE = 60.0
"""s: what a line tells of an instant."""


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One thing that somebody has to see to; `href` leads to where it is seen."""

    tone: str
    mark: str
    what: str
    where: str
    cause: str
    step: str
    owner: str
    age: str
    href: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What the clock alone changes next: when, what, and in how many zones."""

    at: str
    what: str
    zones: int
    names: str


def need_lines(snapshot: Snapshot, needs: Iterable[Need], lang: Lang) -> list[NeedLine]:
    """Each in words; how long it has stood, where that is known."""
    tz = ZoneInfo(snapshot.timezone)
    places = {zone.id: (index, key_of(zone)) for index, zone in enumerate(snapshot.zones)}
    lines = []
    for need in needs:
        since = snapshot.standing.get(need.key, need.since)
        age = "" if since is None else word("n_since", lang).format(
            clock(since, tz, snapshot.now), duration(snapshot.now - since, lang)
        )  # fmt: skip
        place = places.get(need.zone)
        href = f"?floor={place[1]}&lang={lang}#zone-{place[0]}" if place is not None else "#devices"
        lines.append(
            NeedLine(
                need.tone, word(f"n_{need.tone}", lang), need.what.told(lang), need.where.told(lang),
                need.cause.told(lang), need.step.told(lang), OWNERS[need.owner].told(lang), age, href,
            )
        )  # fmt: skip
    return lines


def timeline(snapshot: Snapshot, lang: Lang) -> list[ChangeLine]:
    """What is still to come today by the clock alone, soonest first: zones that change alike within a minute are one line."""
    tz = ZoneInfo(snapshot.timezone)
    today = local_date(snapshot.now, tz)
    changes = {zone.next_change.at for zone in snapshot.zones if zone.next_change is not None}
    coming = {
        at for at in changes if at >= snapshot.now and local_date(at, tz) == today
    }  # a thousand zones change at a handful of instants
    found: Counter[tuple[float, str]] = Counter()
    names: dict[tuple[float, str], list[str]] = {}
    for zone in snapshot.zones:
        change = zone.next_change
        if change is not None and change.at in coming:
            key = (change.at // _MINUTE, change.what.told(lang))
            found[key] += 1
            names.setdefault(key, []).append(zone.name)
    comma = "、" if lang == "zh" else ", "
    return [
        ChangeLine(clock(minute * _MINUTE, tz), what, count, comma.join(names[minute, what]))
        for (minute, what), count in sorted(found.items())[:SHOWN_CHANGES]
    ]
