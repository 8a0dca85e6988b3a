"""Equipment: templates that are whole, escape routes that are declared, and writes that are allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.checks.context import DELETE, Context, delete
from config.checks.points import check_point
from config.codes import Coded
from config.entries import PointEntry
from config.file import EquipmentEntry, Template
from config.phrase import Phrase
from config.problems import Path
from config.resolve import template_name
from config.roles import (
    CIRCULATION,
    EQUIPMENT_ROLES,
    REQUIRED_ROLES,
    SENSOR_ROLES,
    SERVING_KINDS,
    EquipmentKind,
    Role,
    ZoneKind,
)
from config.values import ObjectRef

_NOBODY_LOOKS = Coded(
    "never-holds",
    "no rule looks at sensors that several zones share here",
    "规则不使用写在此处的多区域共用传感器",
)
_AT_THE_ZONE = Phrase(
    "write the sensor under `sensors:` of each zone that it tells of",
    "请把该传感器写到相关各区域的 `sensors:` 下",
)
_ONLY_LIGHTS = Coded("equipment", "only lights can warn by blinking", "只有照明可以闪烁预告")
_KINDS_ZH: Final = {ZoneKind.LOBBY: "门厅", ZoneKind.CORRIDOR: "走廊", ZoneKind.STAIR: "楼梯"}
"""Where lamps must say whether they light an escape."""


def check_equipment(ctx: Context) -> None:
    """Templates, then each piece of equipment placed from them."""
    itself = _says_itself(ctx)
    sound = {
        (name, role)
        for name, template in ctx.file.templates.items()
        for role in _template(ctx, name, template, itself.get(name, frozenset()))
    }
    for path, key, entry in _entries(ctx):
        name = template_name(entry, key)
        template = ctx.file.templates.get(name)
        if template is None:
            continue
        _own_points(ctx, path, name, template, entry, sound)
        _switchable(ctx, path, name, template, entry)
        _promises(ctx, path, template, entry)
        if (entry.warn or template.warn) == "blink":
            _blink(ctx, path, template, entry)
        if template.kind is EquipmentKind.LIGHTS and entry.escape_route is None:
            _undeclared(ctx, path, key, entry)
        elif path[0] == "equipment" and template.kind is EquipmentKind.SENSORS:
            ctx.warn(path, _NOBODY_LOOKS, _AT_THE_ZONE, key=True)
        if entry.escape_route:
            _escape_route(ctx, path, entry)
        if entry.smoke_control:
            _smoke_control(ctx, path, template, entry)
    for name, zone in ctx.file.zones.items():
        for role in zone.sensors:
            if role not in SENSOR_ROLES:
                roles = sorted(SENSOR_ROLES)
                hint = Phrase(f"sensors of a zone: {', '.join(roles)}", f"区域的传感器有：{'、'.join(roles)}")
                message = Coded(
                    "unknown-choice", f"{role} is no sensor of a zone", f"{role} 不是区域的传感器"
                )
                ctx.error(("zones", name, "sensors", role.value), message, hint, key=True)


def _no_role(role: Role) -> Coded:
    return Coded("unknown-choice", f"{role} does not belong to equipment", f"{role} 不属于设备")


def _entries(ctx: Context) -> Iterator[tuple[Path, str, EquipmentEntry]]:
    for zone_name, zone in ctx.file.zones.items():
        for key, entry in zone.equipment.items():
            yield ("zones", zone_name, "equipment", key), key, entry
    for key, shared in ctx.file.equipment.items():
        yield ("equipment", key), key, shared


def _says_itself(ctx: Context) -> dict[str, frozenset[Role]]:
    """By template, the roles that everything placed from it maps by itself: a points list without a pattern, which leaves
    the template to say only what kind of thing it is."""
    found: dict[str, frozenset[Role]] = {}
    for path, key, entry in _entries(ctx):
        name = template_name(entry, key)
        template = ctx.file.templates.get(name)
        if template is not None:
            own = {r for r in REQUIRED_ROLES[template.kind] if ctx.written(*path, "points", r.value)}
            found[name] = found.get(name, frozenset(own)) & own
    return found


def _template(ctx: Context, name: str, template: Template, itself: frozenset[Role]) -> list[Role]:
    """The roles of a template whose points are sound. `itself`: those that each use of it maps."""
    path: Path = ("templates", name)
    for role in sorted(REQUIRED_ROLES[template.kind] - itself):
        if not ctx.written(*path, "points", role.value):
            example = f"`{role}: {{object: binary-output:0, writable: true}}`"
            hint = Phrase(f"add {example} to its points", f"在其 points 中加 {example}")
            message = Coded(
                "equipment",
                f"template `{name}` has no {role}: nothing of kind {template.kind} can be switched without it",
                f"模板 `{name}` 没有 {role}：没有它，{template.kind} 类设备无法启停",
            )
            ctx.error(path, message, hint, key=True)
    both = {Role.COOLING_SETPOINT, Role.HEATING_SETPOINT} & template.points.keys()
    if Role.SETPOINT in template.points:
        where: Path = (*path, "points", Role.SETPOINT.value)
        if both:
            message = Coded(
                "equipment",
                f"template `{name}` has both a single setpoint and {' and '.join(sorted(both))}",
                f"模板 `{name}` 既有单一设定点，又有 {' 和 '.join(sorted(both))}",
            )
            hint = Phrase("keep the ones that the controller obeys", "只留控制器实际采用的")
            ctx.error(where, message, hint, key=True)
        elif not ({Role.MODE, Role.ACTION} & template.points.keys()) and ctx.file.points.changeover is None:
            message = Coded(
                "equipment",
                "a single setpoint without mode, action or changeover: its rules are unmeasurable",
                "单一设定点却没有 mode、action 或 changeover：相应规则无法判定",
            )
            hint = Phrase(
                "map mode or action, or points: changeover", "映射 mode 或 action，或 points: changeover"
            )
            ctx.warn(where, message, hint, key=True)
    if template.warn == "blink" and template.kind is not EquipmentKind.LIGHTS:
        ctx.error((*path, "warn"), _ONLY_LIGHTS, delete("warn"))
    sound = []
    for role, point in template.points.items():
        where = (*path, "points", role.value)
        if role not in EQUIPMENT_ROLES | SENSOR_ROLES:
            roles = sorted(EQUIPMENT_ROLES | SENSOR_ROLES)
            hint = Phrase(f"roles of equipment: {', '.join(roles)}", f"设备的点位角色有：{'、'.join(roles)}")
            ctx.error(where, _no_role(role), hint, key=True)
        elif check_point(ctx, where, role, point, point.object):
            sound.append(role)
    return sound


def _switchable(ctx: Context, path: Path, name: str, template: Template, entry: EquipmentEntry) -> None:
    """An air handler may be told that is not ours to command: but only as what serves zones."""
    role = Role.START_STOP
    if template.kind not in SERVING_KINDS or role in template.points or role in entry.points:
        return
    if ctx.written("templates", name, "points", role.value) or ctx.written(*path, "points", role.value):
        return  # broken, and reported
    if path[0] == "zones":
        message = Coded(
            "equipment",
            f"template `{name}` has no {role}: without it this {template.kind} can only serve zones",
            f"模板 `{name}` 没有启停点 {role}：这样的 {template.kind} 只能登记为服务多个区域的设备",
        )
        hint = Phrase(
            "add start_stop to its points, or write it under `equipment:` with `serves: [zone, …]`",
            "在其 points 中加 start_stop；或写到 `equipment:` 下并注明 `serves: [区域, …]`",
        )
        ctx.error(path, message, hint, key=True)
    elif (entry.base or template.base) == "supervisor":
        message = Coded(
            "equipment",
            "base: supervisor, but it has no start_stop: we could not start it",
            "base: supervisor，但没有启停点 start_stop：无法由本系统开启",
        )
        hint = Phrase(
            "map start_stop, or write `base: controller`", "映射 start_stop，或写 `base: controller`"
        )
        ctx.error(path, message, hint, key=True)


def _own_points(
    ctx: Context,
    path: Path,
    name: str,
    template: Template,
    entry: EquipmentEntry,
    sound: set[tuple[str, Role]],
) -> None:
    """Points that an entry adds to its template, or changes."""
    for role, own in entry.points.items():
        where: Path = (*path, "points", role.value)
        base = template.points.get(role)
        place: ObjectRef | None = own.object or (base.object if base is not None else None)
        if place is None:
            if not ctx.written(*where, "object") and not ctx.written("templates", name, "points", role.value):
                hint = Phrase(
                    f"add `object:`, as template `{name}` has no {role}",
                    f"加上 `object:`，因为模板 `{name}` 没有 {role}",
                )
                ctx.error(
                    where, Coded("missing", f"{role} has no object", f"{role} 没有对象"), hint, key=True
                )
            continue
        if role not in EQUIPMENT_ROLES | SENSOR_ROLES:
            ctx.error(where, _no_role(role), DELETE, key=True)
        elif base is None or (name, role) in sound:
            settings: PointEntry = base if base is not None else PointEntry()
            changed = {field: getattr(own, field) for field in own.model_fields_set - {"object"}}
            check_point(ctx, where, role, settings.model_copy(update=changed), place)


def _promises(ctx: Context, path: Path, template: Template, entry: EquipmentEntry) -> None:
    """What base and on_exit need in order to hold."""
    device = ctx.file.devices.get(entry.at.device)
    if (
        template.on_exit == "hold"
        and device is not None
        and not ctx.written("devices", entry.at.device, "heartbeat")
    ):
        device_name = entry.at.device
        message = Coded(
            "missing",
            f"on_exit: hold needs a heartbeat, by which {device_name} notices that we are gone",
            f"on_exit: hold 需要心跳，{device_name} 据此得知本系统已退出",
        )
        hint = Phrase(
            f"add `heartbeat:` to device {device_name}, or drop `on_exit: hold`",
            f"给控制器 {device_name} 加 `heartbeat:`，或去掉 `on_exit: hold`",
        )
        ctx.error(path, message, hint)
    if (entry.base or template.base) != "supervisor" or entry.escape_route or entry.smoke_control:
        return
    point = template.points.get(Role.START_STOP)
    if point is None:
        return  # reported at the template
    own = entry.points.get(Role.START_STOP)
    writable = point.writable if entry.writable is None else entry.writable
    if own is not None and "writable" in own.model_fields_set:
        writable = own.writable
    if not writable:
        message = Coded(
            "equipment",
            "base: supervisor, but its start_stop is read-only: we could not start it",
            "base: supervisor，但其启停点 start_stop 只读：无法由本系统开启",
        )
        hint = Phrase(
            "make start_stop `writable: true`, or write `base: controller`",
            "给 start_stop 写 `writable: true`，或写 `base: controller`",
        )
        ctx.warn(path, message, hint, key=True)


def _blink(ctx: Context, path: Path, template: Template, entry: EquipmentEntry) -> None:
    """A blink is an off that ends: the circuit must be ours to switch off, and on again."""
    where: Path = (*path, "warn") if entry.warn is not None else path
    point = _entry_point(template, entry, Role.START_STOP)
    if template.kind is not EquipmentKind.LIGHTS:
        if entry.warn is not None:
            ctx.error(where, _ONLY_LIGHTS, delete("warn"))
        return
    if entry.escape_route or entry.smoke_control:
        if entry.warn is not None:
            message = Coded(
                "not-writable",
                "an escape-route light is never written, so it cannot blink",
                "疏散通道照明从不写入，因此不能闪烁",
            )
            ctx.error(where, message, delete("warn"))
    elif point is not None and not point.writable:
        hint = Phrase(
            "make start_stop `writable: true`, or write `warn: none`",
            "给 start_stop 写 `writable: true`，或写 `warn: none`",
        )
        said = Coded("never-holds", "a circuit that is only read cannot blink", "只读的回路不能闪烁")
        ctx.warn(where, said, hint, key=entry.warn is None)
    elif point is not None and not point.priority_array and (entry.base or template.base) == "controller":
        message = Coded(
            "equipment",
            "without a priority array nothing puts the lamps on again after a blink",
            "没有优先级数组，闪烁后灯不会自行复亮",
        )
        hint = Phrase(
            "write `warn: none`; or `base: supervisor`, and we put them on",
            "写 `warn: none`；或写 `base: supervisor`，由本系统复亮",
        )
        ctx.error(where, message, hint, key=entry.warn is None)


def _entry_point(template: Template, entry: EquipmentEntry, role: Role) -> PointEntry | None:
    """A point as an entry has it: its template's, with what the entry changes."""
    base, own = template.points.get(role), entry.points.get(role)
    if base is None and own is None:
        return None
    settings: PointEntry = base if base is not None else PointEntry()
    changed: dict[str, object] = {} if entry.writable is None else {"writable": entry.writable}
    if own is not None:
        changed |= {field: getattr(own, field) for field in own.model_fields_set - {"object"}}
    return settings.model_copy(update=changed)


def _undeclared(ctx: Context, path: Path, key: str, entry: EquipmentEntry) -> None:
    """Every circuit of a corridor, stair or lobby says whether it is an escape route."""
    if ctx.written(*path, "escape_route"):
        return  # broken, and reported
    names = (str(path[1]),) if path[0] == "zones" else tuple(getattr(entry, "serves", ()))
    for name in names:
        zone = ctx.file.zones.get(name)
        if zone is not None and zone.kind in CIRCULATION:
            message = Coded(
                "missing",
                f"the lighting circuit `{key}` of {zone.kind} `{name}` does not say escape_route",
                f"{_KINDS_ZH[zone.kind]} `{name}` 的照明回路 `{key}` 未写明 escape_route（是否疏散通道）",
            )
            hint = Phrase(
                "add `escape_route: true` (then it is never written) or `escape_route: false`",
                "加上 `escape_route: true`（则从不写入）或 `escape_route: false`",
            )
            ctx.error(path, message, hint, key=True)
            return


def _explicit_writes(entry: EquipmentEntry) -> list[tuple[str, ...]]:
    """Where an entry itself says `writable: true`."""
    found: list[tuple[str, ...]] = [("writable",)] if entry.writable else []
    found += [("points", role.value, "writable") for role, own in entry.points.items() if own.writable]
    return found


def _escape_route(ctx: Context, path: Path, entry: EquipmentEntry) -> None:
    for where in _explicit_writes(entry):
        message = Coded(
            "not-writable",
            "an escape-route light is never written, so it cannot be writable",
            "疏散通道照明从不写入，因此不能设为可写",
        )
        hint = Phrase(
            "delete `writable: true`; escape-route lights stay lit",
            "请删去 `writable: true`；疏散通道照明常亮",
        )
        ctx.error((*path, *where), message, hint)


def _smoke_control(ctx: Context, path: Path, template: Template, entry: EquipmentEntry) -> None:
    by_template = entry.writable is None and any(
        point.writable and not (role in entry.points and "writable" in entry.points[role].model_fields_set)
        for role, point in template.points.items()
    )
    if by_template or _explicit_writes(entry):
        message = Coded(
            "not-writable",
            "a smoke or dual-use fan belongs to the fire system and cannot be writable",
            "排烟或两用风机属于消防系统，不能设为可写",
        )
        hint = Phrase(
            "add `writable: false` to this equipment: then it is only read",
            "给该设备写 `writable: false`：只读不写",
        )
        ctx.error((*path, "smoke_control"), message, hint)
