"""What a new site file changes, in a facility manager's words: no key without its line.

Sites are compared as they are resolved, so that a template or a default of the building is told by what it changes.
A line says so where a change has to wait for a restart, or counts for the rehearsal only; all else is taken up.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from config.calendar_objects import CalendarObject
from config.file import Http
from config.phrase import Phrase, same
from config.points import Point
from config.section import Section
from config.site import DeviceSpec, Equipment, MeterSpec, OrganisationSpec, Site, Zone
from schedules.hours import Timetable
from schedules.time import Instant, clock, local_date

if TYPE_CHECKING:
    from schedules.days import Calendars
    from supervisor.daemon.running import Running

_DAYS_AHEAD = 400
"""Days in which a change of hours is looked for: a calendar file may speak of next year's holidays."""
RESTART: Final = Phrase(" (needs a restart)", "（重启后生效）")
"""What is opened once for the life of the process: the database, and the port of page and metrics."""
REHEARSAL: Final = Phrase(" (for the rehearsal)", "（用于预演）")
"""What only `simulate` reads, from the file itself."""
NOTHING: Final = Phrase("the file changed, its meaning did not", "文件有改动，含义未变")

_REHEARSED: Final = frozenset({"area_m2", "people", "envelope", "lighting_w_m2", "equipment_w_m2"})
"""Fields of a zone by which a plant is made."""
_ELSEWHERE: Final = frozenset(
    {
        "id",
        "rules",
        "dry_run",
        "equipment",
        "sensors",
        "exemptions",
        "served_by",
        "circuits",
        "points",
        "template",
    }
)
"""Fields of zones, equipment and devices that have lines of their own, or follow from others."""
_POINT_KEYS: Final = {
    "role": "object", "device": "object", "object_type": "object", "instance": "object", "zone": "object",
    "equipment": "object", "counts": "scale",
}  # fmt: skip
"""Fields of a point that are written under another key."""
_FOLLOW: Final = frozenset({"scale", "shift", "stale_told"})
"""Fields of a point that follow from its unit, scale, factor and `stale_after`."""
_KEYS: Final = {"zones": "serves", "shared": "serves"}


def difference(running: Running, site: Site, days: Calendars, now: Instant) -> list[Phrase]:
    """One line a change: hours by group with the zones they affect, limits, zones, equipment, points, meters,
    organisations, devices."""
    old = running.site
    lines = [
        *_hours(old, site, running.decider.timetables, days.tables, now),
        *_sections(old, site),
        *_zones(old, site),
        *_things(
            "equipment",
            _equipment(old),
            _equipment(site),
            ("piece of equipment", "pieces of equipment", "台设备"),
        ),
        *_points(old, site),
        *_things("meter", old.meters, site.meters, ("meter", "meters", "块表")),
        *_things(
            "organisation",
            old.organisations,
            site.organisations,
            ("organisation", "organisations", "个单位"),
        ),
        *_things("device", old.devices, site.devices, ("device", "devices", "台控制器")),
    ]
    return lines or [NOTHING]


def _plain(path: str, was: object, is_: object, note: Phrase | None = None) -> Phrase:
    """`path: was → is`, in both languages."""
    en, zh = note or ("", "")
    before, after = _as_written(was), _as_written(is_)
    return Phrase(f"{path}: {before.en} → {after.en}{en}", f"{path}：{before.zh} → {after.zh}{zh}")


def _as_written(value: object) -> Phrase:
    """A value as a site file writes it: `true`, not `True`; none where it has none."""
    if isinstance(value, bool):
        return same(str(value).lower())
    said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return same(said) if said not in ("", "None") else Phrase("none", "无")


def _hours(
    old: Site, new: Site, before: Mapping[str, Timetable], after: Mapping[str, Timetable], now: Instant
) -> Iterator[Phrase]:
    for group in new.hours:
        zones = sum(z.hours == group for z in new.zones.values())
        if group not in before:
            yield Phrase(
                f"{group}: new opening hours, {_count(zones, 'zone')}",
                f"{group}：新增开放时间，{zones} 个区域",
            )
            continue
        found = _first_difference(before[group], after[group], new, now)
        if found is not None:
            en, zh = _next(after[group], new, now)
            yield Phrase(
                f"{group} {found.en}; affects {_count(zones, 'zone')}{en}",
                f"{group} {found.zh}；影响 {zones} 个区域{zh}",
            )
        elif old.hours.get(group) != new.hours[group]:
            yield Phrase(
                f"{group}: hours written otherwise, no day of the next {_DAYS_AHEAD} differs",
                f"{group}：开放时间写法有改动，今后 {_DAYS_AHEAD} 天无差别",
            )
    for group in old.hours:
        if group not in new.hours:
            yield Phrase(f"{group}: opening hours removed", f"{group}：开放时间已删除")


def _objects(listed: Iterable[CalendarObject]) -> str:
    return (
        ", ".join(
            f"{o.at} {o.days}{' ' + o.hours if o.hours else ''}{' refresh' if o.refresh else ''}"
            for o in listed
        )
        or "–"
    )


def _first_difference(before: Timetable, after: Timetable, site: Site, now: Instant) -> Phrase | None:
    """How the first day that differs differs: `closes 20:00 → 18:00`, with its date unless it is today."""
    today = local_date(now, site.tz)
    for ahead in range(_DAYS_AHEAD):
        date = today + dt.timedelta(days=ahead)
        was, is_ = before.day(date).intervals, after.day(date).intervals
        if was == is_:
            continue
        on = Phrase("", "") if ahead == 0 else Phrase(f" from {date:%m-%d}", f"{date:%m-%d} 起")
        if not was or not is_:
            stands = Phrase("is open", "开放") if is_ else Phrase("is closed", "关闭")
            return Phrase(stands.en + (on.en or " today"), (on.zh or "今日") + stands.zh)
        said = []
        if was[0][0] != is_[0][0]:
            moved = f"{clock(was[0][0], site.tz)} → {clock(is_[0][0], site.tz)}"
            said.append(Phrase(f"opens {moved}", f"开门 {moved}"))
        if was[-1][1] != is_[-1][1]:
            moved = f"{clock(was[-1][1], site.tz)} → {clock(is_[-1][1], site.tz)}"
            said.append(Phrase(f"closes {moved}", f"关门 {moved}"))
        said = said or [Phrase("has another midday", "午间时段有变")]
        return Phrase(", ".join(p.en for p in said) + on.en, on.zh + "，".join(p.zh for p in said))
    return None


def _next(table: Timetable, site: Site, now: Instant) -> Phrase:
    lead = site.rules.pre_close_off.lead
    change = table.next_change(now, opening=[-site.rules.pre_close_off.prestart], closing=[-lead])
    if change is None or not math.isfinite(change):
        return Phrase("", "")
    at = clock(change, site.tz, now)
    return Phrase(f", next change {at}", f"，下次变化 {at}")


def _sections(old: Site, new: Site) -> Iterator[Phrase]:
    for name in ("rules", "season", "calendar", "statistics", "bacnet"):
        yield from _fields(name, getattr(old, name), getattr(new, name))
    yield from _http(old.http, new.http)
    if old.calendar_objects != new.calendar_objects:
        was, is_ = _objects(old.calendar_objects), _objects(new.calendar_objects)
        yield _plain("calendar_objects", was, is_)
    yield from _fields("publish", old.publish, new.publish, RESTART)
    yield from _fields("bacnet_device", old.bacnet_device, new.bacnet_device, RESTART)
    for name in (
        "name",
        "language",
        "area_m2",
        "heated_m2",
        "people",
        "dry_run",
        "priority",
        "stagger",
        "writes_per_minute",
        "settle",
        "readings_for",
        "audit_years",
    ):
        was, is_ = getattr(old, name), getattr(new, name)
        if was != is_:
            yield _plain(name, was, is_)
    if old.tz.key != new.tz.key:
        yield _plain("timezone", old.tz, new.tz)
    if old.database != new.database:
        # its address may hold a password
        yield Phrase(f"database: another one{RESTART.en}", f"database：数据库已改{RESTART.zh}")
    yield from _fields("savings", old.savings, new.savings)
    yield from _fields("targets", old.targets, new.targets)
    yield from _fields("tariff", old.tariff, new.tariff)
    yield from _fields("trial", old.trial, new.trial)
    if old.arm != new.arm:
        yield _plain("trial.arm", old.arm or "–", new.arm or "–")
    yield from _fields("plant", old.plant, new.plant, REHEARSAL)
    yield from _fields("energyplus", old.energyplus, new.energyplus, REHEARSAL)
    yield from _exemptions(old, new)
    added = sum(day not in old.special_days for day in new.special_days)
    removed = sum(day not in new.special_days for day in old.special_days)
    if added or removed:
        yield _came_and_went("special days", "特殊日", added, removed)


def _came_and_went(en: str, zh: str, added: int, removed: int) -> Phrase:
    said = ((added, "added", "新增"), (removed, "removed", "删除"))
    return Phrase(
        f"{en}: {', '.join(f'{n} {word}' for n, word, _ in said if n)}",
        f"{zh}：{'，'.join(f'{word} {n}' for n, _, word in said if n)}",
    )


def _http(old: Http, new: Http) -> Iterator[Phrase]:
    """Names, tokens and a proxy count from now on; where it is served stays until a restart. Hashes are not told."""
    now = {"tokens": old.tokens, "names": old.names, "proxy": old.proxy}
    yield from _fields("http", old, new.model_copy(update=now), RESTART)
    yield from _fields("http.names", old.names, new.names)
    yield from _fields("http.proxy", old.proxy, new.proxy)
    added = len(set(new.tokens) - set(old.tokens))
    removed = len(set(old.tokens) - set(new.tokens))
    if added or removed:
        refused = Phrase(", refused from now on", "，即刻失效") if removed else Phrase("", "")
        told = _came_and_went("http.tokens", "http.tokens", added, removed)
        yield Phrase(told.en + refused.en, told.zh + refused.zh)


def _exemptions(old: Site, new: Site) -> Iterator[Phrase]:
    """By the zones and rules that they are about: new, prolonged or cut short, removed."""
    before, after = (
        {
            Phrase(
                f"exemption of {', '.join(e.zones)} from {', '.join(e.rules)}",
                f"{'、'.join(e.zones)} 对 {'、'.join(e.rules)} 的豁免",
            ): e
            for e in site.exemptions
        }
        for site in (old, new)
    )
    for (en, zh), exemption in after.items():
        was = before.get(Phrase(en, zh))
        if was is None:
            yield Phrase(f"{en}: new, until {exemption.until}", f"{zh}：新增，至 {exemption.until}")
        elif was.until != exemption.until:
            moved = f"{was.until} → {exemption.until}"
            yield Phrase(f"{en}: until {moved}", f"{zh}：截止日 {moved}")
        elif was != exemption:
            yield Phrase(f"{en}: reason or approver", f"{zh}：理由或批准人有改动")
    yield from (Phrase(f"{n.en}: removed", f"{n.zh}：已删除") for n in before if n not in after)


def _fields(path: str, old: object, new: object, note: Phrase | None = None) -> Iterator[Phrase]:
    if old == new:
        return
    if isinstance(old, Section) and isinstance(new, Section):
        for field in old.keys():  # noqa: SIM118 - a section is no mapping
            yield from _fields(
                f"{path}.{field.replace('_', '-')}", getattr(old, field), getattr(new, field), note
            )
    else:
        yield _plain(path, old, new, note)


def _zones(old: Site, new: Site) -> Iterator[Phrase]:
    yield from _things("zone", old.zones, new.zones, ("zone", "zones", "个区域"))
    for id_, zone in new.zones.items():
        before = old.zones.get(id_)
        if before is None:
            continue
        follows = (before.dry_run, zone.dry_run) == (old.dry_run, new.dry_run)
        if before.dry_run != zone.dry_run and not follows:
            en, zh = _plain("dry_run", before.dry_run, zone.dry_run)
            yield Phrase(f"zone {id_}: {en.replace(':', '')}", f"区域 {id_}：{zh.replace('：', ' ')}")
        if before.rules != zone.rules and old.rules == new.rules:
            for en, zh in _fields("rules", before.rules, zone.rules):
                yield Phrase(f"zone {id_}: {en}", f"区域 {id_}：{zh}")


def _equipment(site: Site) -> dict[str, Equipment]:
    return {e.id: e for e in site.all_equipment}


_NOUNS: Final = {
    "zone": "区域",
    "equipment": "设备",
    "meter": "计量表",
    "organisation": "单位",
    "device": "控制器",
}
_Thing: TypeAlias = Zone | Equipment | MeterSpec | OrganisationSpec | DeviceSpec


def _things(
    noun: str,
    old: Mapping[str, _Thing],
    new: Mapping[str, _Thing],
    counted: tuple[str, str, str],
) -> Iterator[Phrase]:
    """What is new, what is removed, and field by field what differs; once where several differ alike."""
    zh = _NOUNS[noun]
    yield from (Phrase(f"{noun} {id_}: new", f"{zh} {id_}：新增") for id_ in new if id_ not in old)
    yield from (Phrase(f"{noun} {id_}: removed", f"{zh} {id_}：已删除") for id_ in old if id_ not in new)
    alike: dict[Phrase, list[str]] = {}
    for id_, thing in new.items():
        if id_ in old:
            for told in _differs(old[id_], thing):
                alike.setdefault(told, []).append(id_)
    for told, ids in alike.items():
        if len(ids) == 1:
            yield Phrase(f"{noun} {ids[0]}: {told.en}", f"{zh} {ids[0]}：{told.zh}")
        else:
            yield Phrase(f"{told.en}: {len(ids)} {counted[1]}", f"{told.zh}：{len(ids)} {counted[2]}")


def _differs(old: _Thing, new: object) -> Iterator[Phrase]:
    for field in dataclasses.fields(old):
        was, is_ = getattr(old, field.name), getattr(new, field.name)
        if was == is_ or field.name in _ELSEWHERE or isinstance(was or is_, Point):
            continue  # points have their own lines
        note = REHEARSAL if isinstance(old, Zone) and field.name in _REHEARSED else None
        if isinstance(was, Section) and isinstance(is_, Section):
            yield from _fields(field.name, was, is_, note)
        else:
            en, zh = note or ("", "")
            key = _KEYS.get(field.name, field.name)
            before, after = _as_written(was), _as_written(is_)
            yield Phrase(f"{key} {before.en} → {after.en}{en}", f"{key} {before.zh} → {after.zh}{zh}")


def _points(old: Site, new: Site) -> Iterator[Phrase]:
    added = sum(p not in old.points for p in new.points)
    removed = sum(p not in new.points for p in old.points)
    moved = [
        (old.points[p], point)
        for p, point in new.points.items()
        if p in old.points and old.points[p] != point
    ]
    if added:
        yield Phrase(f"{_count(added, 'point')} added", f"新增 {added} 个点")
    if removed:
        yield Phrase(
            f"{_count(removed, 'point')} removed: what we hold there is relinquished",
            f"删除 {removed} 个点：所持写入将释放",
        )
    if moved:
        keys = ", ".join(_keys(moved))
        yield Phrase(
            f"{_count(len(moved), 'point')} mapped otherwise ({keys})", f"{len(moved)} 个点映射有变（{keys}）"
        )


def _keys(moved: Iterable[tuple[Point, Point]]) -> list[str]:
    """Keys under which points differ."""
    fields = {
        _POINT_KEYS.get(field.name, field.name)
        for was, is_ in moved
        for field in dataclasses.fields(Point)
        if field.name not in _FOLLOW and getattr(was, field.name) != getattr(is_, field.name)
    }
    return sorted(fields)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
