"""Points: each object fits its role, its unit and its writes, and none is mapped twice."""

from __future__ import annotations

from config.checks.context import Context, delete
from config.codes import Coded
from config.entries import PointEntry
from config.objects import ACCUMULATOR, is_input, is_number, is_state
from config.phrase import Phrase
from config.points import Point
from config.problems import NO_REMEDY, Path, meant, nearest
from config.roles import ROLES, WRITABLE_ROLES, Mode, Role, Shape
from config.rules import RuleId
from config.subitems import counts_energy
from config.units import UNITS, units_for
from config.values import MAX_INSTANCE, ObjectRef

_STATES = "`states: {1: off, 2: cool, 3: heat}`"
_ON_OFF = "`states: {1: auto, 2: off}`"


def check_point(ctx: Context, path: Path, role: Role, entry: PointEntry, place: ObjectRef) -> bool:
    """Whether an object can play a role as its entry says; what speaks against it is reported."""
    before = len(ctx.source.problems)
    shape = ROLES[role].shape
    if entry.writable:
        _writable(ctx, path, role, place)
    if shape is Shape.NUMBER and not is_number(place.object_type):
        hint = Phrase(
            "a number is an analog-input, analog-value or analog-output",
            "数值对象有 analog-input、analog-value、analog-output",
        )
        said = Coded(
            "point",
            f"{role} is a number, but {place.object_type} has none",
            f"{role} 是数值，而 {place.object_type} 不是",
        )
        ctx.error((*path, "object"), said, hint)
    _states(ctx, path, role, entry, place)
    if entry.invert and shape is not Shape.FLAG:
        message = Coded(
            "point",
            f"{role} is not an on/off point, so it cannot be inverted",
            f"{role} 不是开关量，不能取反",
        )
        ctx.error((*path, "invert"), message, delete("invert"))
    _unit(ctx, path, role, entry)
    _factors(ctx, path, role, entry, place)
    if shape is not Shape.NUMBER and (entry.low is not None or entry.high is not None):
        key = "low" if entry.low is not None else "high"
        said = Coded(
            "point",
            f"{role} is not a number, so it has no low and high",
            f"{role} 不是数值，没有 low 和 high",
        )
        ctx.error((*path, key), said, Phrase("delete them", "请删去"))
    elif entry.low is not None and entry.high is not None and entry.low >= entry.high:
        said = Coded(
            "out-of-range",
            f"low ({entry.low:g}) must be below high ({entry.high:g})",
            f"low（{entry.low:g}）应小于 high（{entry.high:g}）",
        )
        ctx.error((*path, "low"), said, Phrase("exchange the two", "请对调两者"))
    if entry.stale_after is not None and entry.poll is not None and entry.stale_after <= entry.poll:
        _never_fresh(ctx, path, entry.poll)
    return len(ctx.source.problems) == before


def _never_fresh(ctx: Context, path: Path, poll: float) -> None:
    said = Coded(
        "point",
        f"the point would be stale before its next poll, {poll:g} s later",
        f"该点在 {poll:g} 秒后的下次轮询前就会被视为过期",
    )
    hint = Phrase(
        f"some polls may be lost: six times the poll is usual, {6 * poll:g}s; or write a shorter `poll:`",
        f"轮询会有丢失：通常取轮询间隔的六倍，即 {6 * poll:g}s；或写更短的 `poll:`",
    )
    ctx.error((*path, "stale_after"), said, hint)


def _writable(ctx: Context, path: Path, role: Role, place: ObjectRef) -> None:
    if role not in WRITABLE_ROLES:
        roles = sorted(WRITABLE_ROLES)
        hint = Phrase(
            f"delete it; what can be writable: {', '.join(roles)}", f"请删去；可写的有：{'、'.join(roles)}"
        )
        said = Coded(
            "not-writable", f"{role} is an input and cannot be writable", f"{role} 是输入点，不能设为可写"
        )
        ctx.error((*path, "writable"), said, hint)
    elif is_input(place.object_type):
        output = place.object_type.replace("input", "output")
        hint = delete("writable")
        if output != place.object_type:
            hint = Phrase(f"is it the {output}, or a value?", f"是否应为 {output}，或 value 类对象？")
        said = Coded(
            "not-writable",
            f"an object of type {place.object_type} cannot be written",
            f"{place.object_type} 类对象不能写入",
        )
        ctx.error((*path, "writable"), said, hint)


def _states(ctx: Context, path: Path, role: Role, entry: PointEntry, place: ObjectRef) -> None:
    shape = ROLES[role].shape
    if ctx.broken(*path, "states"):
        return
    if shape is Shape.NUMBER and entry.states:
        said = Coded("point", f"{role} is a number and has no states", f"{role} 是数值，没有 states")
        ctx.error((*path, "states"), said, delete("states"))
    elif shape is Shape.MODE and not entry.states:
        said = Coded("missing", f"{role} does not say what its states mean", f"{role} 未写明各状态的含义")
        ctx.error(path, said, Phrase(f"add {_STATES}", f"加上 {_STATES}"), key=True)
    elif shape is Shape.FLAG and is_state(place.object_type) and not entry.states:
        message = Coded(
            "point",
            f"{role} is on or off: a multi-state object must say which state is off",
            f"{role} 是开或关：多态对象须写明哪个状态是关（off）",
        )
        ctx.error(path, message, Phrase(f"add {_ON_OFF}", f"加上 {_ON_OFF}"), key=True)
    elif shape is Shape.FLAG and entry.states and len({m is Mode.OFF for m in entry.states.values()}) != 2:
        message = Coded(
            "point",
            f"{role} is on or off: one state must be off, and one must not",
            f"{role} 是开或关：须有一个状态是 off，另有一个不是",
        )
        ctx.error((*path, "states"), message, Phrase(f"like {_ON_OFF}", f"如 {_ON_OFF}"))
    elif entry.states and (odd := sorted(n for n in entry.states if not _may_be(place.object_type, n))):
        _no_such_state(ctx, (*path, "states"), place.object_type, odd[0])


def _may_be(object_type: str, state: int) -> bool:
    """Whether an object can be in a state: multi-state objects count from 1 (ASHRAE 135 §12.18), binary ones have two."""
    if is_state(object_type):
        return state >= 1
    return is_number(object_type) or state in (0, 1)


def _no_such_state(ctx: Context, path: Path, object_type: str, state: int) -> None:
    said = Coded(
        "out-of-range",
        f"a {object_type} is never in state {state}",
        f"{object_type} 没有状态 {state}",
    )
    hint = (
        Phrase(
            "multi-state objects count from 1: where a manual counts from 0, each is one more here",
            "多态对象从 1 计起：手册若从 0 计起，此处各加 1",
        )
        if is_state(object_type)
        else Phrase("a binary object is 0 or 1", "二态对象只有 0 和 1")
    )
    ctx.error(path, said, hint)


def _unit(ctx: Context, path: Path, role: Role, entry: PointEntry) -> None:
    spec = ROLES[role]
    if entry.unit is None:
        return
    where = (*path, "unit")
    if spec.shape is not Shape.NUMBER:
        said = Coded("point", f"{role} is not a number and has no unit", f"{role} 不是数值，没有单位")
        ctx.error(where, said, delete("unit"))
    elif entry.unit not in UNITS:
        near = nearest(entry.unit, UNITS)
        hint = meant(near) if near in units_for(spec.unit) else _units_of(role)
        ctx.error(
            where,
            Coded("unknown-choice", f"the unit `{entry.unit}` is not known", f"不认识单位 `{entry.unit}`"),
            hint,
        )
    elif UNITS[entry.unit].base != spec.unit:
        said = Coded(
            "unknown-choice", f"{role} is not measured in {entry.unit}", f"{role} 的单位不能是 {entry.unit}"
        )
        ctx.error(where, said, _units_of(role))


def _units_of(role: Role) -> Phrase:
    choices = units_for(ROLES[role].unit)
    return Phrase(f"known for {role}: {', '.join(choices)}", f"{role} 可用的单位：{'、'.join(choices)}")


def _factors(ctx: Context, path: Path, role: Role, entry: PointEntry, place: ObjectRef) -> None:
    """`scale` says what a count is worth, `factor` multiplies a number: of anything else there is none."""
    if entry.factor != 1.0 and ROLES[role].shape is not Shape.NUMBER:
        said = Coded("point", f"{role} is not a number and has no factor", f"{role} 不是数值，没有 factor")
        ctx.error((*path, "factor"), said, delete("factor"))
    if entry.scale is not None and place.object_type != ACCUMULATOR:
        message = Coded(
            "point",
            f"{place.object_type} counts nothing: only an accumulator has a scale",
            f"{place.object_type} 不计数：只有 accumulator 才有 scale",
        )
        hint = Phrase("a transformer's ratio is written as `factor`", "互感器变比写在 `factor`")
        ctx.error((*path, "scale"), message, hint)


def check_placed(ctx: Context) -> None:
    """Points of zones, building and meters that are placed without a template."""
    for name, zone in ctx.file.zones.items():
        for role, places in zone.sensors.items():
            for i, place in enumerate(places):
                check_point(ctx, ("zones", name, "sensors", role.value, i), role, place, place.at.object)
    for name in type(ctx.file.points).model_fields:
        point = getattr(ctx.file.points, name)
        if point is not None:
            check_point(ctx, ("points", name), Role(name), point, point.at.object)
    for name, meter in ctx.file.meters.items():
        role = Role.ENERGY if counts_energy(meter.subitem) else Role.WATER
        if meter.point is not None:
            check_point(ctx, ("meters", name, "point"), role, meter.point, meter.point.at.object)
            if meter.digits is not None and not meter.point.unit:
                hint = Phrase(
                    "add `unit: kWh` to its point, as the display says",
                    "给其 point 加 `unit: kWh`，与表盘一致",
                )
                message = Coded(
                    "missing",
                    "the digits are a display's: in which unit does it count?",
                    "digits 是表盘的位数：以什么单位计？",
                )
                ctx.error(("meters", name, "digits"), message, hint)


def check_resolved(ctx: Context) -> None:
    """Where objects end up once templates are placed: beyond the last instance, or on one another."""
    seen: dict[tuple[str, str, int], Point] = {}
    twice: dict[tuple[Path, Path], list[tuple[Point, Point]]] = {}
    never: dict[Path, float] = {}
    for point in ctx.site.points.values():
        entry, mapped = ctx.resolved.origins[point.id]
        if point.stale_told and point.stale_after <= point.poll and not ctx.written(*mapped, "poll"):
            never.setdefault(
                mapped, point.poll
            )  # its device's poll, or its role's: not in the entry's own lines
        if point.instance > MAX_INSTANCE:
            message = Coded(
                "no-object",
                f"{point.object_type}:{point.instance} is beyond the last instance, {MAX_INSTANCE}",
                f"{point.object_type}:{point.instance} 超出最大实例号 {MAX_INSTANCE}",
            )
            ctx.error((*entry, "at"), message, Phrase("is the offset right?", "起始号是否有误？"))
        other = seen.setdefault(point.object_key, point)
        if other is not point and (point.scale, point.shift) != (other.scale, other.shift):
            message = Coded(
                "twice",
                f"`{other.id}` reads the same object with another unit, scale or factor",
                f"`{other.id}` 读取同一对象，但单位、scale 或 factor 不同",
            )
            ctx.error(mapped, message, Phrase("one object counts in one unit", "一个对象只有一个单位"))
        if other is not point and not _both_sensors(point, other):
            own = mapped if mapped[: len(entry)] == entry else entry
            twice.setdefault((own, ctx.resolved.origins[other.id].entry), []).append((point, other))
    for mapped, poll in never.items():
        _never_fresh(ctx, mapped, poll)
    for (own, other_entry), pairs in twice.items():
        point, other = pairs[0]
        place = f"{point.device}/{point.object_type}:{point.instance}"
        others = len(pairs) - 1
        more = Phrase(f", and {others} more like it", f"，另有 {others} 处相同") if others else NO_REMEDY
        line = ctx.tree.find(ctx.structure.original(other_entry))[0].at.line
        hint = Phrase(
            f"line {line} has it as `{other.id}`; equipment of several zones is written once, with `serves:`",
            f"第 {line} 行已作 `{other.id}`；多个区域共用的设备只写一次，并注明 `serves:`",
        )
        said = Coded(
            "twice",
            f"{place} is mapped twice: here as `{point.id}`{more.en}",
            f"{place} 映射了两次：此处作 `{point.id}`{more.zh}",
        )
        ctx.error(own, said, hint)


def _both_sensors(point: Point, other: Point) -> bool:
    """Two zones may read one sensor, where both say so themselves."""
    return (
        point.equipment is None and other.equipment is None and point.role is other.role and bool(point.zone)
    )


def check_limits(ctx: Context) -> None:
    """A setpoint that we limit must be allowed to take the limit's value."""
    told: set[str] = set()
    for zone in ctx.site.zones.values():
        limits = {
            role: limit
            for role, rule, limit in (
                (Role.COOLING_SETPOINT, RuleId.SUMMER_SETPOINT, zone.rules.summer_setpoint.minimum),
                (Role.HEATING_SETPOINT, RuleId.WINTER_SETPOINT, zone.rules.winter_setpoint.maximum),
            )
            if zone.exemption(rule) is None
        }
        # What was found unsound is not among them.
        shared = [ctx.site.shared[id_] for id_ in zone.served_by if id_ in ctx.site.shared]
        for equipment in (*zone.equipment, *(e for e in shared if e.hvac)):
            for role, limit in limits.items():
                point = equipment.points.get(role)
                if point is None or point.id in told:
                    continue
                if point.writable and not point.low <= limit <= point.high:
                    told.add(point.id)
                    message = Coded(
                        "limits",
                        f"{role} may be written from {point.low:.4g} to {point.high:.4g} °C, "
                        f"which leaves out the limit {limit:g} °C",
                        f"{role} 可写范围为 {point.low:.4g} 到 {point.high:.4g} °C，不含限值 {limit:g} °C",
                    )
                    hint = Phrase(
                        f"widen low and high, or the rule of {zone.id} cannot be enforced",
                        f"请放宽 low 和 high，否则 {zone.id} 的规则无法执行",
                    )
                    ctx.error(ctx.resolved.origins[point.id].mapped, message, hint, key=True)
