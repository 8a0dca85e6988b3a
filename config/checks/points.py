"""Points: each object fits its role, its unit and its writes, and none is mapped twice."""

from __future__ import annotations

from config.checks.context import Context
from config.entries import PointEntry
from config.objects import ACCUMULATOR, is_input, is_number, is_state
from config.points import Point
from config.problems import Path, nearest
from config.roles import ROLES, WRITABLE_ROLES, Mode, Role, Shape
from config.rules import RuleId
from config.subitems import counts_energy
from config.units import UNITS, units_for
from config.values import MAX_INSTANCE, ObjectRef

_STATES = "`states: {1: off, 2: cool, 3: heat}`"


def check_point(ctx: Context, path: Path, role: Role, entry: PointEntry, place: ObjectRef) -> bool:
    """Whether an object can play a role as its entry says; what speaks against it is reported."""
    before = len(ctx.source.problems)
    shape = ROLES[role].shape
    if entry.writable:
        _writable(ctx, path, role, place)
    if shape is Shape.NUMBER and not is_number(place.object_type):
        hint = "a number is an analog-input, analog-value or analog-output"
        ctx.error((*path, "object"), f"{role} is a number, but {place.object_type} has none", hint)
    _states(ctx, path, role, entry, place)
    if entry.invert and shape is not Shape.FLAG:
        message = f"{role} is not an on/off point, so it cannot be inverted"
        ctx.error((*path, "invert"), message, "delete `invert`")
    _unit(ctx, path, role, entry)
    _factors(ctx, path, role, entry, place)
    if shape is not Shape.NUMBER and (entry.low is not None or entry.high is not None):
        key = "low" if entry.low is not None else "high"
        ctx.error((*path, key), f"{role} is not a number, so it has no low and high", "delete them")
    elif entry.low is not None and entry.high is not None and entry.low >= entry.high:
        ctx.error(
            (*path, "low"), f"low ({entry.low:g}) must be below high ({entry.high:g})", "exchange the two"
        )
    if entry.stale_after is not None and entry.poll is not None and entry.stale_after <= entry.poll:
        hint = "some polls may be lost: six times the poll is usual"
        ctx.error((*path, "stale_after"), "the point would be stale before its next poll", hint)
    return len(ctx.source.problems) == before


def _writable(ctx: Context, path: Path, role: Role, place: ObjectRef) -> None:
    if role not in WRITABLE_ROLES:
        hint = f"delete it; what can be writable: {', '.join(sorted(WRITABLE_ROLES))}"
        ctx.error((*path, "writable"), f"{role} is an input and cannot be writable", hint)
    elif is_input(place.object_type):
        output = place.object_type.replace("input", "output")
        hint = f"is it the {output}, or a value?" if output != place.object_type else "delete `writable`"
        ctx.error((*path, "writable"), f"an object of type {place.object_type} cannot be written", hint)


def _states(ctx: Context, path: Path, role: Role, entry: PointEntry, place: ObjectRef) -> None:
    shape = ROLES[role].shape
    if ctx.broken(*path, "states"):
        return
    if shape is Shape.NUMBER and entry.states:
        ctx.error((*path, "states"), f"{role} is a number and has no states", "delete `states`")
    elif shape is Shape.MODE and not entry.states:
        ctx.error(path, f"{role} does not say what its states mean", f"add {_STATES}", key=True)
    elif shape is Shape.FLAG and is_state(place.object_type) and not entry.states:
        message = f"{role} is on or off: a multi-state object must say which state is off"
        ctx.error(path, message, "add `states: {1: auto, 2: off}`", key=True)
    elif shape is Shape.FLAG and entry.states and len({m is Mode.OFF for m in entry.states.values()}) != 2:
        message = f"{role} is on or off: one state must be off, and one must not"
        ctx.error((*path, "states"), message, "like `states: {1: auto, 2: off}`")


def _unit(ctx: Context, path: Path, role: Role, entry: PointEntry) -> None:
    spec = ROLES[role]
    if entry.unit is None:
        return
    where = (*path, "unit")
    if spec.shape is not Shape.NUMBER:
        ctx.error(where, f"{role} is not a number and has no unit", "delete `unit`")
    elif entry.unit not in UNITS:
        near = nearest(entry.unit, UNITS)
        choices = units_for(spec.unit)
        hint = f"did you mean `{near}`?" if near in choices else f"known for {role}: {', '.join(choices)}"
        ctx.error(where, f"the unit `{entry.unit}` is not known", hint)
    elif UNITS[entry.unit].base != spec.unit:
        hint = f"known for {role}: {', '.join(units_for(spec.unit))}"
        ctx.error(where, f"{role} is not measured in {entry.unit}", hint)


def _factors(ctx: Context, path: Path, role: Role, entry: PointEntry, place: ObjectRef) -> None:
    """`scale` says what a count is worth, `factor` multiplies a number: of anything else there is none."""
    if entry.factor != 1.0 and ROLES[role].shape is not Shape.NUMBER:
        ctx.error((*path, "factor"), f"{role} is not a number and has no factor", "delete `factor`")
    if entry.scale is not None and place.object_type != ACCUMULATOR:
        message = f"{place.object_type} counts nothing: only an accumulator has a scale"
        ctx.error((*path, "scale"), message, "a transformer's ratio is written as `factor`")


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
                hint = "add `unit: kWh` to its point, as the display says"
                message = "the digits are a display's: in which unit does it count?"
                ctx.error(("meters", name, "digits"), message, hint)


def check_resolved(ctx: Context) -> None:
    """Where objects end up once templates are placed: beyond the last instance, or on one another."""
    seen: dict[tuple[str, str, int], Point] = {}
    twice: dict[tuple[Path, Path], list[tuple[Point, Point]]] = {}
    for point in ctx.site.points.values():
        entry, mapped = ctx.resolved.origins[point.id]
        if point.instance > MAX_INSTANCE:
            message = f"{point.object_type}:{point.instance} is beyond the last instance, {MAX_INSTANCE}"
            ctx.error((*entry, "at"), message, "is the offset right?")
        other = seen.setdefault((point.device, point.object_type, point.instance), point)
        if other is not point and (point.scale, point.shift) != (other.scale, other.shift):
            message = f"`{other.id}` reads the same object with another unit, scale or factor"
            ctx.error(mapped, message, "one object counts in one unit")
        if other is not point and not _both_sensors(point, other):
            own = mapped if mapped[: len(entry)] == entry else entry
            twice.setdefault((own, ctx.resolved.origins[other.id].entry), []).append((point, other))
    for (own, other_entry), pairs in twice.items():
        point, other = pairs[0]
        place = f"{point.device}/{point.object_type}:{point.instance}"
        more = f", and {len(pairs) - 1} more like it" if len(pairs) > 1 else ""
        line = ctx.tree.find(ctx.structure.original(other_entry))[0].at.line
        hint = (
            f"line {line} has it as `{other.id}`; equipment of several zones is written once, with `serves:`"
        )
        ctx.error(own, f"{place} is mapped twice: here as `{point.id}`{more}", hint)


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
                    allowed = f"{point.low:.4g} to {point.high:.4g} °C"
                    message = f"{role} may be written from {allowed}, which leaves out the limit {limit:g} °C"
                    hint = f"widen low and high, or the rule of {zone.id} cannot be enforced"
                    ctx.error(ctx.resolved.origins[point.id].mapped, message, hint, key=True)
