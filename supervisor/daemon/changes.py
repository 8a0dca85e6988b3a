"""What a new site file changes, in a facility manager's words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from config.section import Section
from config.site import Site
from schedules.hours import Timetable
from schedules.time import Instant, clock, local_date

if TYPE_CHECKING:
    from schedules.days import Calendars
    from supervisor.daemon.running import Running

_DAYS_AHEAD = 400
"""Days in which a change of hours is looked for: a calendar file may speak of next year's holidays."""


def difference(running: Running, site: Site, days: Calendars, now: Instant) -> list[str]:
    """One line a change: hours by group with the zones they affect, limits, zones, points, devices."""
    old = running.site
    lines = [
        *_hours(old, site, running.decider.timetables, days.tables, now),
        *_sections(old, site),
        *_zones(old, site),
        *_points(old, site),
    ]
    return lines or ["the file changed, its meaning did not"]


def _hours(
    old: Site, new: Site, before: Mapping[str, Timetable], after: Mapping[str, Timetable], now: Instant
) -> Iterator[str]:
    for group in new.hours:
        zones = [z for z in new.zones.values() if z.hours == group]
        if group not in before:
            yield f"{group}: new opening hours, {_count(len(zones), 'zone')}"
            continue
        found = _first_difference(before[group], after[group], new, now)
        if found is not None:
            yield f"{group} {found}; affects {_count(len(zones), 'zone')}{_next(after[group], new, now)}"
    for group in old.hours:
        if group not in new.hours:
            yield f"{group}: opening hours removed"


def _first_difference(before: Timetable, after: Timetable, site: Site, now: Instant) -> str | None:
    """How the first day that differs differs: `closes 20:00 → 18:00`, with its date unless it is today."""
    today = local_date(now, site.tz)
    for ahead in range(_DAYS_AHEAD):
        date = today + dt.timedelta(days=ahead)
        was, is_ = before.day(date).intervals, after.day(date).intervals
        if was == is_:
            continue
        on = "" if ahead == 0 else f" from {date:%m-%d}"
        if not was or not is_:
            return ("is open" if is_ else "is closed") + (on or " today")
        said = []
        if was[0][0] != is_[0][0]:
            said.append(f"opens {clock(was[0][0], site.tz)} → {clock(is_[0][0], site.tz)}")
        if was[-1][1] != is_[-1][1]:
            said.append(f"closes {clock(was[-1][1], site.tz)} → {clock(is_[-1][1], site.tz)}")
        return (", ".join(said) or "has another midday") + on
    return None


def _next(table: Timetable, site: Site, now: Instant) -> str:
    lead = site.rules.pre_close_off.lead
    change = table.next_change(now, opening=[-site.rules.pre_close_off.prestart], closing=[-lead])
    return (
        f", next change {clock(change, site.tz, now)}" if change is not None and math.isfinite(change) else ""
    )


def _sections(old: Site, new: Site) -> Iterator[str]:
    for name in ("rules", "season", "calendar", "bacnet", "http"):
        yield from _fields(name, getattr(old, name), getattr(new, name))
    for name in ("dry_run", "priority", "stagger", "writes_per_minute"):
        was, is_ = getattr(old, name), getattr(new, name)
        if was != is_:
            yield f"{name}: {was} → {is_}"
    yield from _exemptions(old, new)
    added = [day for day in new.special_days if day not in old.special_days]
    removed = [day for day in old.special_days if day not in new.special_days]
    if added or removed:
        said = ((len(added), "added"), (len(removed), "removed"))
        yield f"special days: {', '.join(f'{n} {word}' for n, word in said if n)}"


def _exemptions(old: Site, new: Site) -> Iterator[str]:
    """By the zones and rules that they are about: new, prolonged or cut short, removed."""
    before, after = (
        {f"exemption of {', '.join(e.zones)} from {', '.join(e.rules)}": e for e in site.exemptions}
        for site in (old, new)
    )
    for name, exemption in after.items():
        was = before.get(name)
        if was is None:
            yield f"{name}: new, until {exemption.until}"
        elif was.until != exemption.until:
            yield f"{name}: until {was.until} → {exemption.until}"
        elif was != exemption:
            yield f"{name}: reason or approver"
    yield from (f"{name}: removed" for name in before if name not in after)


def _fields(path: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Section) or hasattr(type(old), "model_fields"):
        for field in type(old).model_fields:  # type: ignore[attr-defined] # a pydantic model
            yield from _fields(f"{path}.{field.replace('_', '-')}", getattr(old, field), getattr(new, field))
    else:
        yield f"{path}: {old} → {new}"


def _zones(old: Site, new: Site) -> Iterator[str]:
    yield from (f"zone {zone}: new" for zone in new.zones if zone not in old.zones)
    yield from (f"zone {zone}: removed" for zone in old.zones if zone not in new.zones)
    for id_, zone in new.zones.items():
        before = old.zones.get(id_)
        if before is None:
            continue
        if before.hours != zone.hours:
            yield f"zone {id_}: hours {before.hours} → {zone.hours}"
        follows = (before.dry_run, zone.dry_run) == (old.dry_run, new.dry_run)
        if before.dry_run != zone.dry_run and not follows:
            yield f"zone {id_}: dry_run {before.dry_run} → {zone.dry_run}"
        if before.rules != zone.rules and old.rules == new.rules:
            yield from _fields(f"zone {id_}: rules", before.rules, zone.rules)


def _points(old: Site, new: Site) -> Iterator[str]:
    added = [p for p in new.points if p not in old.points]
    removed = [p for p in old.points if p not in new.points]
    moved = [p for p, point in new.points.items() if p in old.points and old.points[p] != point]
    if added:
        yield f"{_count(len(added), 'point')} added"
    if removed:
        yield f"{_count(len(removed), 'point')} removed: what we hold there is relinquished"
    if moved:
        yield f"{_count(len(moved), 'point')} mapped otherwise"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
