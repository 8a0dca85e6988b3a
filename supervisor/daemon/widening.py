"""What a new site file writes that the one in force does not: such a file waits for a person's word.

Both are compared as they are resolved, and by what stands on the wire (device, address, object): another name of a zone,
a template or a default of the building hides nothing. Pure. What may loosen and what may not is listed in
docs/decisions/0018-saving-is-not-going-live.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from config.phrase import Phrase
from config.points import Point
from config.roles import Role
from config.rules import RuleId
from config.site import DeviceSpec, Equipment, Site, Zone

_NAMED = 3
"""Points that one line names; more are counted."""
Place: TypeAlias = tuple[int, str | None, str, int]
"""Device instance, its address, object type, object instance."""


class Written(NamedTuple):
    """A point that is written, with whom it belongs to."""

    point: Point
    equipment: Equipment | None
    zones: tuple[Zone, ...]


def widening(old: Site, new: Site, today: dt.date) -> list[Phrase]:
    """A line for each way in which `new` writes more, elsewhere or with less restraint; empty where it does not.

    `today`: the date at the site, by which an exemption has lapsed.
    """
    dated = list(_calendar_objects(old, new))
    after = written(new)
    if not after:
        return dated  # no point of it is written
    before = written(old)
    both = [(before[place], after[place]) for place in after if place in before]
    return [*dated, *_newly(old, before, after), *_otherwise(both, today), *_building(old, new)]


def _calendar_objects(old: Site, new: Site) -> Iterator[Phrase]:
    """Lists of days that are written by themselves from now on, or at another controller."""
    if new.dry_run:
        return
    before = {(o, old.devices.get(o.device)) for o in old.calendar_objects if o.refresh and not old.dry_run}
    now = ((o, new.devices.get(o.device)) for o in new.calendar_objects if o.refresh)
    if found := [o.at for o, device in now if (o, device) not in before]:
        yield Phrase(
            f"calendars written each night: {', '.join(found)}", f"每晚写入的日历：{'、'.join(found)}"
        )


def written(site: Site) -> dict[Place, Written]:
    """What is written at a site: writable, and not in a dry run."""
    equipment = {e.id: e for e in site.all_equipment}
    found = {}
    for point in site.points.values():
        if point.writable and not site.is_dry(point) and point.device in site.devices:
            of = equipment.get(point.equipment or "")
            ids = of.zones if of is not None else (point.zone,) if point.zone else ()
            zones = tuple(site.zones[z] for z in ids if z in site.zones)
            found[_place(site, point)] = Written(point, of, zones)
    return found


def _place(site: Site, point: Point) -> Place:
    device = site.devices[point.device]
    return device.instance, device.address, point.object_type, point.instance


# ------------------------------------------------------------------ points that were not written


def _newly(old: Site, before: Mapping[Place, Written], after: Mapping[Place, Written]) -> Iterator[Phrase]:
    known = {_place(old, p): p for p in old.points.values() if p.device in old.devices}
    ended: list[str] = []
    opened: list[str] = []
    moved: list[str] = []
    new: list[str] = []
    for place, told in after.items():
        if place in before:
            continue
        was = known.get(place)
        if was is None:
            (moved if told.point.id in old.points else new).append(told.point.id)
        else:
            (ended if was.writable else opened).append(told.point.id)
    yield from _many(Phrase("the dry run ends", "试运行结束"), ended)
    yield from _many(Phrase("made writable", "改为可写"), opened)
    yield from _many(
        Phrase("written at another device, address or object", "写入另一控制器、地址或对象"), moved
    )
    yield from _many(Phrase("new and writable", "新增可写点"), new)


def _many(said: Phrase, ids: list[str]) -> Iterator[Phrase]:
    """One line: what is so, how many, and the first few."""
    if ids:
        some, more = ids[:_NAMED], len(ids) - _NAMED
        rest = Phrase(f" and {more} more", " 等") if more > 0 else Phrase("", "")
        points = "point" if len(ids) == 1 else "points"
        yield Phrase(
            f"{said.en}: {len(ids)} {points} ({', '.join(some)}{rest.en})",
            f"{said.zh}：{len(ids)} 个点（{'、'.join(some)}{rest.zh}）",
        )


# ------------------------------------------------------------------ points that were written, written otherwise


class _Loosened(NamedTuple):
    """One way in which a point may be written with less restraint."""

    said: Phrase
    looser: Callable[[Written, Written], bool]


def _of(field: str, free: object) -> Callable[[Written, Written], bool]:
    """True where a field of the equipment comes to stand at its free value."""

    def looser(was: Written, is_: Written) -> bool:
        return _get(was.equipment, field) != free == _get(is_.equipment, field)

    return looser


def _get(equipment: Equipment | None, field: str) -> object:
    return getattr(equipment, field) if equipment is not None else None


def _wire(written: Written) -> tuple[object, ...]:
    p = written.point
    states = sorted((number, str(mode)) for number, mode in p.states.items())
    return (
        p.role,
        p.invert,
        p.scale,
        p.shift,
        p.unit,
        p.counts,
        p.factor,
        p.priority_array,
        p.state_texts,
        states,
    )


def _range(was: Written, is_: Written) -> bool:
    return is_.point.low < was.point.low or is_.point.high > was.point.high


def _kind(was: Written, is_: Written) -> bool:
    kinds = [sorted({str(zone.kind) for zone in told.zones}) for told in (was, is_)]
    return kinds[0] != kinds[1] or _get(was.equipment, "kind") != _get(is_.equipment, "kind")


def _serves(was: Written, is_: Written) -> bool:
    return len(is_.zones) < len(was.zones)


def _rest(was: Written, is_: Written) -> bool:
    """A compressor's rest is shorter (design: min-off protects the machine)."""
    off = [min((z.rules.min_off.off_for for z in told.zones), default=0.0) for told in (was, is_)]
    return off[1] < off[0]


def _corrections(was: Written, is_: Written) -> bool:
    return any(more > most for most, more in zip(_most(was), _most(is_), strict=True))


def _most(told: Written) -> tuple[int, int]:
    """Corrections a day, in summer and in winter."""
    rules = [zone.rules for zone in told.zones]
    return (
        max((r.summer_setpoint.corrections_a_day for r in rules), default=0),
        max((r.winter_setpoint.corrections_a_day for r in rules), default=0),
    )


_WAYS: Final = (
    _Loosened(Phrase("mapped otherwise", "映射改变"), lambda was, is_: _wire(was) != _wire(is_)),
    _Loosened(Phrase("may be written further (low, high)", "可写范围变宽（low、high）"), _range),
    _Loosened(Phrase("the supervisor decides where the controller did (base)", "由控制器改为本系统决定（base）"), _of("base", "supervisor")),
    _Loosened(Phrase("lamps blink as a warning (warn)", "灯光闪烁预警（warn）"), _of("warn", "blink")),
    _Loosened(Phrase("what was written last stays after a failure (on_exit: hold)", "故障后保持最后写入（on_exit: hold）"), _of("on_exit", "hold")),
    _Loosened(Phrase("no compressor to protect any more (compressor)", "不再保护压缩机（compressor）"), _of("compressor", False)),
    _Loosened(Phrase("another kind of zone or equipment", "区域或设备类型改变（kind）"), _kind),
    _Loosened(Phrase("serves fewer zones", "服务区域减少（serves）"), _serves),
    _Loosened(Phrase("a shorter rest after a stop (min-off)", "停机后间隔缩短（min-off）"), _rest),
    _Loosened(Phrase("more corrections a day", "每日纠正次数增加（corrections_a_day）"), _corrections),
)  # fmt: skip


def _otherwise(both: Iterable[tuple[Written, Written]], today: dt.date) -> Iterator[Phrase]:
    pairs = list(both)
    for way in _WAYS:
        yield from _many(way.said, [is_.point.id for was, is_ in pairs if way.looser(was, is_)])
    sooner: dict[RuleId, list[str]] = {}
    for was, is_ in pairs:
        for rule, until in _exempt(was, today).items():
            if _exempt(is_, today).get(rule, dt.date.min) < until:
                sooner.setdefault(rule, []).append(is_.point.id)
    for rule, ids in sooner.items():
        yield from _many(
            Phrase(f"the exemption from {rule} ends earlier", f"对 {rule} 的豁免取消或缩短"), ids
        )


def _exempt(told: Written, today: dt.date) -> dict[RuleId, dt.date]:
    """The last day of each exemption of the zones that a point belongs to, in force today."""
    found: dict[RuleId, dt.date] = {}
    for zone in told.zones:
        for exemption in zone.exemptions:
            if exemption.until >= today:
                for rule in exemption.rules:
                    found[rule] = max(found.get(rule, dt.date.min), exemption.until)
    return found


# ------------------------------------------------------------------ the building


def _building(old: Site, new: Site) -> Iterator[Phrase]:
    if old.priority != new.priority:
        moved = f"{old.priority} → {new.priority}"
        yield Phrase(f"another priority: {moved}", f"写入优先级改变：{moved}")
    if new.stagger < old.stagger:
        moved = f"{old.stagger:g} → {new.stagger:g} s"
        yield Phrase(
            f"starts follow closer on each other (stagger): {moved}", f"启动间隔缩短（stagger）：{moved}"
        )
    if new.writes_per_minute > old.writes_per_minute:
        moved = f"{old.writes_per_minute} → {new.writes_per_minute}"
        yield Phrase(f"more writes a minute: {moved}", f"每分钟写入上限提高：{moved}")
    for key in ("bind", "port", "foreign", "bbmd"):
        if getattr(old.bacnet, key) != getattr(new.bacnet, key):
            yield Phrase(f"another network: bacnet.{key}", f"接入网络改变：bacnet.{key}")
    yield from _pace(old, new)
    if _fire(old) is not None and _fire(old) != _fire(new):
        yield Phrase(
            "the fire alarm is read elsewhere, or no longer: then nothing is handed back",
            "火警信号点改变或删除：火警时可能不再交还",
        )
    added = len(set(new.http.tokens) - set(old.http.tokens))
    if added:
        yield Phrase(
            f"{added} more {'token' if added == 1 else 'tokens'}: whoever has it may hold values by hand",
            f"新增 {added} 个令牌：持有者可手动控制",
        )
    if _asked_at(new) is not None and _asked_at(old) != _asked_at(new):
        yield Phrase(
            "requests are taken by MQTT: whoever may publish there may hold values by hand",
            "接受 MQTT 请求：有权发布者可手动控制",
        )


def _asked_at(site: Site) -> tuple[str, str] | None:
    """Where requests are taken."""
    publish = site.publish
    return (publish.broker, publish.prefix) if publish is not None and publish.requests is not None else None


def _fire(site: Site) -> tuple[object, ...] | None:
    """Where and how the fire alarm is read."""
    point = site.building_points.get(Role.FIRE_ALARM)
    if point is None or point.device not in site.devices:
        return None
    return *_place(site, point), point.invert, tuple(sorted((n, str(m)) for n, m in point.states.items()))


def _pace(old: Site, new: Site) -> Iterator[Phrase]:
    before = {device.instance: device for device in old.devices.values()}
    faster = [d.id for d in new.devices.values() if _faster(before.get(d.instance), d)]
    if faster:
        yield Phrase(
            f"asked faster, or more at once: {', '.join(faster)}", f"请求更快或并发更多：{'、'.join(faster)}"
        )


def _faster(was: DeviceSpec | None, is_: DeviceSpec) -> bool:
    if was is None:
        return False
    cap, before = is_.requests_per_second, was.requests_per_second
    return is_.max_in_flight > was.max_in_flight or (before is not None and (cap is None or cap > before))
