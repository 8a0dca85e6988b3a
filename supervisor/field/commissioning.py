"""Commissioning: each writable point is written once, watched, and released, on a signed record."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from config.points import Point, Value
from config.roles import ROLES, Mode, Role, Shape
from config.rules import RuleId
from config.site import Equipment, Site
from drivers.protocol import Address, DriverError, FieldReader
from drivers.values import decode
from schedules.time import Instant, iso
from supervisor.core.citations import SITE, Citation
from supervisor.core.decisions import Because, Command, Decision, Outcome
from supervisor.gateway import Gateway

WATCH = 15.0
"""s in which a run status must follow its command; a site choice, longer than a damper's start interlock."""
_LOOK_EVERY = 0.5
_SETTLE = 10.0
_REASON = Because("commissioning test", "调试点动测试")


class Trial(NamedTuple):
    """What came of one point. `observed` is the run status where one is mapped, else the present value."""

    point: str
    object: str
    before: Value
    wrote: Value
    observed: Value
    status_mapped: bool
    released: bool
    passed: bool
    said: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return self._asdict()


def trials(site: Site) -> list[tuple[Equipment, Point]]:
    """The points to try: every writable start-stop, setpoint and mode."""
    return [
        (equipment, point)
        for equipment in site.all_equipment
        for point in equipment.points.values()
        if point.writable
    ]


class Commissioner:
    """Tries points through the gateway, the one writer, whatever `dry_run` says: that is what it is for."""

    def __init__(self, site: Site, driver: FieldReader, gateway: Gateway, now: Callable[[], Instant]) -> None:
        self._site = site
        self._driver = driver
        self._gateway = gateway
        self._now = now

    async def present(self, point: Point) -> Value:
        """The point's value now, None where it cannot be had. Raises DriverError for a silent device."""
        answer = (await self._driver.read([_address(point)]))[0]
        return None if answer.error is not None else decode(point, answer.value)

    async def attempt(self, equipment: Equipment, point: Point) -> Trial:
        """Write, watch, release one point; never leaves a slot behind."""
        try:
            before = await self.present(point)
            if before is None:
                return _failed(point, None, "its present value is not readable")
            wanted = trial_value(point, before)
            self._gateway.submit({point.id: self._outcome(point, wanted)})
            wrote = await self._gateway.settled(_SETTLE, [self._gateway.points[point.id]])
            held = self._gateway.slot_view(point.id).ours
            status = equipment.points.get(Role.RUN_STATUS) if point.role is Role.START_STOP else None
            observed = await self._watch(status or point, wanted)
        except DriverError as error:
            return _failed(point, None, error.message)
        finally:
            done = await self._gateway.release([point.id])
        released = not done.failed
        passed = wrote and released and held == wanted and observed == wanted
        said = "" if passed else _why(wrote, held, wanted, observed, released)
        return Trial(
            point.id, _object(point), before, wanted, observed, status is not None, released, passed, said
        )

    async def _watch(self, point: Point, wanted: Value) -> Value:
        """The value once it is as wanted, or what it still is after the time allowed."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WATCH
        while True:
            seen = await self.present(point)
            if seen == wanted or loop.time() >= until:
                return seen
            await asyncio.sleep(_LOOK_EVERY)

    def _outcome(self, point: Point, value: Value) -> Outcome:
        command: Command = value if isinstance(value, bool | float | str) else float(str(value))
        decision = Decision(
            point.id, command, self._site.priority, RuleId.BASE, Citation(SITE, "commissioning", site_choice=True),
            _REASON, (), self._now() + 60.0,
        )  # fmt: skip
        return Outcome(decision, ())


def trial_value(point: Point, before: Value) -> Value:
    """The opposite of a start-stop; one kelvin away for a setpoint, to the side where there is room; another of the modes that
    the point maps, one that runs rather than off. A point that maps one mode alone is given that."""
    if isinstance(before, bool):
        return not before
    if ROLES[point.role].shape is Shape.MODE:
        others = [mode for _, mode in sorted(point.states.items()) if mode != before]
        return next((mode for mode in others if mode is not Mode.OFF), others[0] if others else before)
    value = float(before or 0.0)
    return value + 1.0 if value + 1.0 <= min(point.high, ROLES[point.role].high) else value - 1.0


def _why(wrote: bool, held: Value, wanted: Value, observed: Value, released: bool) -> str:
    if not wrote or held != wanted:
        return "the write was not confirmed by a read-back"
    if observed != wanted:
        return f"the status stayed {observed}"
    return "" if released else "our slot could not be released"


def _failed(point: Point, before: Value, said: str) -> Trial:
    return Trial(point.id, _object(point), before, None, None, False, True, False, said)


def _object(point: Point) -> str:
    return f"{point.device} {point.object_type}:{point.instance}"


def _address(point: Point) -> Address:
    return Address(point.device, point.object_type, point.instance)


def record(site: Site, done: list[Trial], by: str, at: Instant) -> dict[str, Any]:
    """The record of a walk, signed with a name and sealed by its own digest: `sha256` is over all the rest."""
    body: dict[str, Any] = {
        "building": site.building,
        "config": site.config_hash,
        "priority": site.priority,
        "at": iso(at, site.tz),
        "signed_by": by,
        "passed": sum(t.passed for t in done),
        "failed": sum(not t.passed for t in done),
        "trials": [t.as_dict() for t in done],
    }
    return {**body, "sha256": seal(body)}


def seal(body: dict[str, Any]) -> str:
    """The digest of a record without its `sha256`, over its sorted JSON."""
    plain = {key: value for key, value in body.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
