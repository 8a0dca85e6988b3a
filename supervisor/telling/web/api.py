"""The same content as JSON, for programs. Instants are ISO 8601 with the site's offset; unknown is null."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from config.rules import OF_SETTINGS, RuleId
from schedules.time import Instant, iso
from supervisor.clockwork.turns import Work
from supervisor.core.rules import BY_ID
from supervisor.telling.snapshot import ByHand, Event, Snapshot, Trouble, Why, ZoneStatus
from supervisor.telling.words import phrase


def _iso(at: Instant | None, tz: ZoneInfo) -> str | None:
    return None if at is None else iso(at, tz)


def text(content: object) -> str:
    """JSON without blanks."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def building(snapshot: Snapshot) -> dict[str, Any]:
    """The building: facts, devices, meters, overrides, the configuration's state."""
    tz = ZoneInfo(snapshot.timezone)
    return {
        "building": snapshot.building,
        "name": snapshot.name,
        "version": snapshot.version,
        "now": _iso(snapshot.now, tz),
        "timezone": snapshot.timezone,
        "speed": snapshot.speed,
        "ready": snapshot.ready and snapshot.store_problem is None,
        "dry_run": snapshot.dry_run,
        "season": snapshot.season,
        "day_type": snapshot.day_type,
        "announced": snapshot.announced,
        "calendar_valid_until": _iso(snapshot.calendar_valid_until, tz),
        "fire_alarm": snapshot.fire,
        "outdoor_temperature": snapshot.outdoor_temperature,
        "points": snapshot.points,
        "stale_points": snapshot.stale_points,
        "owned_slots": snapshot.owned_slots,
        "writes": dict(snapshot.totals.writes),
        "configuration": {
            "successful": snapshot.reload_successful,
            "loaded": _iso(snapshot.reload_time, tz),
            "problem": snapshot.problem.en if snapshot.problem is not None else None,
            "problem_zh": snapshot.problem.zh if snapshot.problem is not None else None,
            "waiting": _waiting(snapshot),
            "updated": _updated(snapshot, tz),
        },
        "store": {"up": snapshot.store_problem is None, "problem": _both(snapshot.store_problem)},
        "devices": [
            {
                "id": d.id, "name": d.name, "up": d.up, "last_answer": _iso(d.last_answer, tz),
                "points": d.points, "stale": d.stale, "problem": d.problem.en if d.problem is not None else None,
                "problem_zh": d.problem.zh if d.problem is not None else None,
                "quarantine": _both(d.quarantine), "elsewhere": _both(d.elsewhere),
                "habits": [{"en": habit.en, "zh": habit.zh} for habit in d.habits],
                "doubtful": [_trouble(trouble) for trouble in d.doubtful],
            }
            for d in snapshot.devices
        ],
        "rules": [_rule(rule, snapshot) for rule in RuleId if any(r is rule for _, r in snapshot.pairs)],
        "meters": [
            {
                "id": m.id, "name": m.name, "subitem": m.subitem, "unit": "m3" if m.water else "J",
                "value": m.value, "healthy": m.healthy, "troubles": [_both(trouble) for trouble in m.troubles],
                "verify_by": str(m.verify_by) if m.verify_by is not None else None,
                "of": dict(m.of) or None,
            }
            for m in snapshot.meters
        ],
        "unit_mismatches": [
            {"point": m.point, "device": m.device, "message": m.said.en, "message_zh": m.said.zh}
            for m in snapshot.mismatches if not m.states
        ],
        "state_mismatches": [
            {"point": m.point, "device": m.device, "message": m.said.en, "message_zh": m.said.zh}
            for m in snapshot.mismatches if m.states
        ],
        "overrides": [
            {"zone": o.zone, "role": o.role, "point": o.point, "priority": o.priority, "value": o.value}
            for o in snapshot.overrides
        ],
        "manual": [_by_hand(held, tz) for held in snapshot.by_hand],
    }  # fmt: skip


def _waiting(snapshot: Snapshot) -> dict[str, Any] | None:
    """Why the file on disk waits for a person's word, and what it would change."""
    found = snapshot.waiting
    if found is None:
        return None
    return {"why": [w._asdict() for w in found.why], "changes": [c._asdict() for c in found.changes]}


def _updated(snapshot: Snapshot, tz: ZoneInfo) -> dict[str, Any] | None:
    """When the configuration was updated last while the daemon ran, by whose word, and what it changed."""
    told = snapshot.news
    if told is None:
        return None
    return {
        "at": _iso(told.at, tz),
        "by": told.by or None,
        "undo": told.undo,
        "changes": [c._asdict() for c in told.changes],
    }


def _both(said: Phrase | None) -> dict[str, str] | None:
    return None if said is None else said._asdict()


def _trouble(trouble: Trouble) -> dict[str, Any]:
    return {"point": trouble.point, **trouble.why._asdict()}


def _rule(rule: RuleId, snapshot: Snapshot) -> dict[str, Any]:
    """What was counted of a rule in all zones."""
    totals = snapshot.totals

    def summed(table: Mapping[tuple[str, RuleId], float]) -> float:
        return sum(value for (_, of), value in table.items() if of is rule)

    told = {"rule": rule.value, "violation_seconds": summed(totals.violation_seconds)}
    if rule in OF_SETTINGS:
        told["set_but_off_seconds"] = summed(totals.set_but_off_seconds)
    return told | {
        "blocked_seconds": summed(totals.blocked_seconds),
        "enforcements": int(summed(totals.enforcements)),
    }


def zones(snapshot: Snapshot) -> Work[str]:
    """Every zone, with what decides it and why: as text, since there may be a thousand of them."""
    tz = ZoneInfo(snapshot.timezone)
    told = []
    for zone in snapshot.zones:
        told.append(text(_zone(zone, snapshot, tz)))
        yield
    return f'{{"now":{text(_iso(snapshot.now, tz))},"zones":[{",".join(told)}]}}'


def _zone(zone: ZoneStatus, snapshot: Snapshot, tz: ZoneInfo) -> dict[str, Any]:
    change = zone.next_change
    return {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "floor": zone.floor,
        "open": zone.open,
        "temperature": zone.temperature,
        "humidity": zone.humidity,
        "co2": zone.co2,
        "cooling_setpoint": zone.cooling_setpoint,
        "heating_setpoint": zone.heating_setpoint,
        "occupied": zone.occupied,
        "window_open": zone.window_open,
        "hvac_on": zone.hvac_on,
        "lights_on": zone.lights_on,
        "escape_route": zone.escape_route,
        "dry_run": zone.dry_run,
        "compliance": {rule.value: compliant for rule, compliant in zone.compliance.items()},
        "exempt": {rule.value: reason for rule, reason in zone.exempt.items()},
        "manual": [_by_hand(held, tz) for held in snapshot.by_hand if held.zone == zone.id],
        "why": {
            "hvac": _why(zone.why_hvac, snapshot.now, tz),
            "lights": _why(zone.why_lights, snapshot.now, tz),
            "setpoint": _why(zone.why_setpoint, snapshot.now, tz),
        },
        "unwritten": [_trouble(trouble) for trouble in zone.unwritten],
        "doubtful": [_trouble(trouble) for trouble in zone.doubtful],
        "silent": [{"device": s.device, "last_answer": _iso(s.since, tz)} for s in zone.silent],
        "next_change": change and {"at": _iso(change.at, tz), **change.what._asdict()},
    }


def _by_hand(held: ByHand, tz: ZoneInfo) -> dict[str, Any]:
    return {
        "zone": held.zone, "role": held.role, "point": held.point, "value": held.value,
        "until": _iso(held.until, tz), "name": held.who, "why": held.why,
        "outranked": held.outranked and held.outranked.value,
    }  # fmt: skip


def _why(why: Why | None, now: Instant, tz: ZoneInfo) -> dict[str, Any] | None:
    if why is None:
        return None
    return {
        "rule": why.rule.value,
        "on": why.on,
        "reason": {"en": phrase(why.reason, tz, "en", now), "zh": phrase(why.reason, tz, "zh", now)},
        "citations": [str(citation) for citation in BY_ID[why.rule].cites],
        "withheld": _both(why.withheld),
    }


def events(told: Sequence[Event], timezone: str, limit: int) -> dict[str, Any]:
    """The last `limit` events, the newest last."""
    tz = ZoneInfo(timezone)
    return {"events": [_event(event, tz) for event in told[-limit:]]}


def _event(event: Event, tz: ZoneInfo) -> dict[str, Any]:
    return {
        "at": _iso(event.at, tz),
        "kind": event.kind,
        "zone": event.zone or None,
        "point": event.point or None,
        "rule": event.rule or None,
        **event.text._asdict(),
    }
