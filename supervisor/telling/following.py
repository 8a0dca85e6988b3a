"""Whether a controller does what was written to it: what is decided and what stands are not always one."""

from __future__ import annotations

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import Role
from drivers.values import SAME_WITHIN
from schedules.time import Instant, clock
from supervisor.core.decider import Decider
from supervisor.core.wording import command
from supervisor.gateway import Gateway
from supervisor.records.proof import PROOF_WITHIN

READ_SINCE = 5.0
"""s of site time after a write from which a reading of the point is one of what the write made of it."""
_IN_HAND = Phrase("switched to hand on site: it follows nobody", "现场已切换为手动：不受远程控制")


def not_followed(
    point: Point, decider: Decider, gateway: Gateway, now: Instant, patience: float = 0.0
) -> Phrase | None:
    """Why what is wanted of a point is not what its equipment does, as far as is known; None: nothing says so.

    `patience` is how long a run status may take to follow its command, s of site time.
    """
    if gateway.at_rest(point.id):
        return None
    hindered = gateway.unwritten(point.id)
    if hindered is not None:
        return hindered
    held = gateway.held(point.id)
    if held is None:
        return None
    unit = decider.known.unit(point.id)
    if unit is not None and unit.in_hand:
        return _IN_HAND
    present = decider.known.reading(point.id)
    if present.good and present.time > held.since + READ_SINCE and not _same(present.value, held.value):
        return _differs(
            "our slot holds", "我方占位为", "the point is", "该点为", held.value, present.value, point
        )
    status = unit.run_status if unit is not None and point.role is Role.START_STOP else None
    if status is None or not status.good or status.value == held.value:
        return None
    if status.time <= held.since or now < held.since + patience:
        return None
    since = clock(held.since, decider.site.tz, now)
    return _differs(
        f"commanded at {since}:",
        f"{since} 下达指令：",
        "its run status says",
        "运行状态为",
        held.value,
        status.value,
        point,
    )


def seldom(point: Point, decider: Decider, gateway: Gateway, now: Instant) -> Phrase | None:
    """The same for a page: equipment is given the time that it may take to follow."""
    return not_followed(point, decider, gateway, now, PROOF_WITHIN)


def _differs(en: str, zh: str, but: str, but_zh: str, wanted: Value, found: Value, point: Point) -> Phrase:
    shown, seen = (v if isinstance(v, bool | float | str) else str(v) for v in (wanted, found))
    return Phrase(
        f"the controller does not follow: {en} {command(shown, point.role)}, {but} {command(seen, point.role)}",
        f"控制器未跟随：{zh}{command(shown, point.role, zh=True)}，{but_zh}{command(seen, point.role, zh=True)}",
    )


def _same(found: Value, wanted: Value) -> bool:
    if isinstance(found, float) and isinstance(wanted, float | int):
        return abs(found - wanted) <= SAME_WITHIN
    return found == wanted
