"""Held by hand: a person asks for a value of a point until a time, with a name and a reason; it ends by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from config.phrase import Phrase
from config.points import Point
from config.roles import ROLES, Mode, Shape
from drivers.values import encode
from schedules.from_site import exemption_ends
from schedules.time import Instant, clock, iso
from supervisor.core.asking import Refused, find_point, until_of
from supervisor.core.decider import Decider
from supervisor.core.now import Now
from supervisor.core.rules.manual import allowed, bounds_of, within
from supervisor.core.shared_setpoints import Served, bounds_of_served
from supervisor.core.views import EquipmentView, Manual, PointView
from supervisor.core.wording import command

LONGEST = 12 * 3600.0
"""s for which a value may be held at a time: a site choice, as long as a release."""
LONGEST_WORDS = 200
"""Characters of a name, and of a reason."""
_ON = frozenset({"on", "true", "1", "yes", "start", "开", "启", "开启", "启动"})
_OFF = frozenset({"off", "false", "0", "no", "stop", "关", "停", "关闭", "停止"})


def admit(decider: Decider, request: Mapping[str, Any], now: Instant) -> tuple[Point, Manual]:
    """Take a request `{point, value, until, name, why}`. Raises Refused, saying what is wrong with it.

    A value that was held there before, and a release of the point, end: the last word counts.
    """
    point = find_point(decider.site, str(request.get("point", "")))
    equipment, view = _held_on(decider, point, now)
    who, why = _words(request)
    value = _value(point, request.get("value"))
    manual = Manual(value, now, _until(str(request.get("until", "")), decider, now), who, why)
    _within_limits(decider, manual, equipment, view, now)
    decider.manual = {**decider.manual, point.id: manual}
    decider.released.pop(point.id, None)
    touch(decider, point)
    return point, manual


def end(decider: Decider, name: str) -> tuple[Point, Manual]:
    """End what is held on a point. Raises Refused where nothing is."""
    point = find_point(decider.site, name)
    if point.id not in decider.manual:
        raise Refused(f"{point.id} is not held by hand", f"{point.id} 未被手动控制")
    ended = decider.manual[point.id]
    decider.manual = {p: m for p, m in decider.manual.items() if p != point.id}
    touch(decider, point)
    return point, ended


def touch(decider: Decider, point: Point) -> None:
    """Ask again about whatever a point belongs to."""
    if point.zone is not None:
        decider.touch_zone(point.zone)
    else:
        decider.touch(point.id)


def still_fits(decider: Decider, id_: str, manual: Manual) -> bool:
    """Whether what was held under another site file, or before a restart, can be held under this one."""
    point = decider.site.points.get(id_)
    try:
        if point is None:
            return False
        _held_on(decider, point, manual.since)
        encode(point, manual.value)
        return True
    except (ValueError, ZeroDivisionError):
        return False


def _held_on(decider: Decider, point: Point, now: Instant) -> tuple[EquipmentView, PointView]:
    """The equipment of a point that may be written."""
    views = list(decider.view(point.zone, now).equipment) if point.zone is not None else []
    shared = decider.site.shared.get(point.equipment or "") if point.zone is None else None
    if shared is not None:
        views.append(decider.known.equipment(shared))
    if point.object_key in decider.site.escape_objects:
        raise Refused(
            f"{point.id} is on an escape route: never written, by construction",
            f"{point.id} 属于消防通道：从不写入",
        )
    for equipment in views:
        for view in equipment.writable_points():
            if view.point.id == point.id:
                return equipment, view
    raise Refused(
        f"{point.id} may not be written: the site file does not say writable: true",
        f"{point.id} 不可写：配置文件未注明 writable: true",
    )


def _words(request: Mapping[str, Any]) -> tuple[str, str]:
    who, why = (" ".join(str(request.get(key) or "").split()) for key in ("name", "why"))
    if not who:
        raise Refused("holding by hand needs a name: who asks for it", "手动控制须注明姓名")
    if not why:
        raise Refused("holding by hand needs a reason", "手动控制须注明原因")
    if max(len(who), len(why)) > LONGEST_WORDS:
        raise Refused(
            f"a name and a reason have at most {LONGEST_WORDS} characters",
            f"姓名与原因各不超过 {LONGEST_WORDS} 个字符",
        )
    return who, why


def _value(point: Point, given: object) -> float | bool | str:
    """A value as people write it, in the unit of the point's role: on, off, 26, 26.5°C, cool, 开."""
    text, shape = str(given if given is not None else "").strip().lower(), ROLES[point.role].shape
    value: float | bool | str | None = None
    if shape is Shape.FLAG:
        value = True if text in _ON else False if text in _OFF else None
        wanted = Phrase("on or off", "开 或 关")
    elif shape is Shape.MODE:
        modes = sorted({str(mode) for mode in point.states.values()})
        value = Mode(text) if text in modes else None
        wanted = Phrase(f"one of {', '.join(modes)}", f"{'、'.join(modes)} 之一")
    else:
        value = _number(text)
        wanted = Phrase("a temperature in °C, like 26.5", "温度（°C），如 26.5")
    if value is None:
        raise Refused(
            f"{point.id} takes {wanted.en}, not {given}", f"{point.id} 的值应为{wanted.zh}，而非 {given}"
        )
    try:
        encode(point, value)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise Refused(f"{point.id} cannot be {given}: {error}", f"{point.id} 无法写为 {given}") from None
    return value


def _number(text: str) -> float | None:
    try:
        number = float(text.removesuffix("c").removesuffix("°").removesuffix("℃").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(text: str, decider: Decider, now: Instant) -> Instant:
    tz, latest = decider.site.tz, now + LONGEST
    try:
        until = until_of(text.strip(), now, tz, latest)
    except (ValueError, OverflowError):
        raise Refused(
            f"it ends at HH:MM today, or at an ISO 8601 time, not at {text!r}",
            f"结束时间应为当日 HH:MM 或 ISO 8601 时间，而非 {text!r}",
        ) from None
    if not math.isfinite(until) or until <= now:
        raise Refused("holding by hand ends in the future", "手动控制的结束时间须晚于现在")
    if until > latest:
        raise Refused(
            f"at most {LONGEST / 3600:.0f} h at a time: until {iso(latest, tz)}",
            f"一次最长 {LONGEST / 3600:.0f} 小时：至 {clock(latest, tz, now)}",
        )
    return until


def _within_limits(
    decider: Decider, manual: Manual, equipment: EquipmentView, view: PointView, now: Instant
) -> None:
    point, site, at = view.point, decider.site, Now(now)
    if ROLES[point.role].shape is not Shape.NUMBER:
        return
    if point.zone is not None:
        bounds = bounds_of(decider.view(point.zone, now), at)
    else:
        zones = [site.zones[zone] for zone in site.shared[point.equipment or ""].zones]
        bounds = bounds_of_served([Served(zone, exemption_ends(zone, site.tz)) for zone in zones], at)
    low, high = allowed(equipment, view, bounds, decider.facts)
    if not within(manual, (low, high)):
        raise Refused(
            f"{point.id}: {command(manual.value, point.role)} is outside the limits: "
            f"{low:.1f} to {high:.1f} °C now",
            f"{point.id}：{command(manual.value, point.role, zh=True)} 超出限值：目前为 {low:.1f} 至 {high:.1f} °C",
        )
