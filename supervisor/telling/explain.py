"""Why a point is as it is: winner, losers, inputs with their ages, clause, slots, fallback, next change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from config.measure import Fit
from config.phrase import Phrase
from config.points import Point
from config.site import Site
from drivers.readings import Quality, Reading
from drivers.values import decode
from schedules.time import DAY, Instant, iso
from supervisor.core.decider import Decider
from supervisor.core.decisions import Outcome
from supervisor.core.forecast import Forecast, forecast
from supervisor.core.rules import BY_ID
from supervisor.core.rules.common import request_of
from supervisor.core.shared import evaluate_shared
from supervisor.core.wording import because
from supervisor.gateway import Gateway
from supervisor.telling.following import not_followed

_WEEK = 7 * DAY


def explain(point: Point, decider: Decider, gateway: Gateway, now: Instant) -> dict[str, Any]:
    """Everything there is to say about a point, as JSON-ready data; times are ISO 8601 with offset."""
    site = decider.site
    owner = point.zone if point.zone is not None else point.equipment
    evaluation = decider.evaluations.get(owner) if owner is not None else None
    outcome = evaluation.outcomes.get(point.id) if evaluation is not None else None
    answer: dict[str, Any] = {
        "point": point.id,
        "zone": point.zone,
        "role": str(point.role),
        "device": point.device,
        "object": f"{point.object_type}:{point.instance}",
        "now": iso(now, site.tz),
        "present": _reading(decider.known.reading(point.id), now, site) | _doubt(point.id, decider),
        "writable": gateway.writable(point),
        "dry_run": site.is_dry(point),
        "winner": _winner(outcome, decider, now) if outcome is not None else None,
        "losers": _losers(outcome, site, now) if outcome is not None else [],
        "next_change": next_change(point, decider, now),
        "config": site.config_hash,
        "arm": site.arm or None,
    }
    if gateway.writable(point):
        answer.update(_slots(point, gateway, site))
        behind = not_followed(point, decider, gateway, now)
        answer["not_followed"] = behind._asdict() if behind is not None else None
    else:
        why = _not_writable(point, site)
        answer |= {"not_writable": why.en, "not_writable_zh": why.zh}
    return answer


def unit_told(fit: Fit | None) -> dict[str, Any] | None:
    """What a point's number is counted in and what its controller takes, as it says; None: not read yet, or no number."""
    if fit is None or not fit.unit:
        return None
    taken = fit.quarrel or fit.doubt
    return {
        "unit": fit.unit,
        "times": fit.scale,
        "mismatch": fit.quarrel is not None,
        "said": taken.en if taken is not None else None,
        "said_zh": taken.zh if taken is not None else None,
        "low": fit.low if math.isfinite(fit.low) else None,
        "high": fit.high if math.isfinite(fit.high) else None,
        "step": fit.step or None,
    }


def _doubt(point: str, decider: Decider) -> dict[str, Any]:
    """Why a reading is no evidence, in both languages; nothing where it is."""
    why = decider.known.doubt(point)
    return {} if why is None else {"doubt": why.en, "doubt_zh": why.zh}


def _winner(outcome: Outcome, decider: Decider, now: Instant) -> dict[str, Any]:
    decision, site = outcome.decision, decider.site
    title, reason = BY_ID[decision.rule].title, because(decision.reason, site, now)
    return {
        "value": _json(decision.value),
        "rule": str(decision.rule),
        "title": title.en,
        "title_zh": title.zh,
        "citation": str(decision.citation),
        "document": decision.citation.document.title.zh,
        "priority": decision.priority,
        "reason": reason.en,
        "reason_zh": reason.zh,
        "expires": iso(decision.expires, site.tz),
        "inputs": [
            {"point": i.point, **_reading(Reading(i.value, i.quality, i.time, i.since), now, site)}
            | ({} if i.quality is Quality.GOOD else _doubt(i.point, decider))
            | {"beneath": i.beneath}
            for i in decision.inputs
        ],
    }


def _losers(outcome: Outcome, site: Site, now: Instant) -> list[dict[str, Any]]:
    return [
        {
            "rule": str(loser.rule),
            "value": _json(loser.value),
            "reason": (why := because(loser.reason, site, now)).en,
            "reason_zh": why.zh,
            "lost_to": str(loser.lost_to),
        }
        for loser in outcome.losers
    ]


def _json(value: object) -> object:
    """null for relinquish, as in `plan`; other commands by their own value."""
    text = getattr(value, "value", value)
    return None if text == "relinquish" else text


def _reading(reading: Reading, now: Instant, site: Site) -> dict[str, Any]:
    return {
        "value": reading.value,
        "quality": reading.quality.name.lower(),
        "age_s": round(now - reading.time, 1) if math.isfinite(reading.time) else None,
        "since": iso(reading.since, site.tz) or None,
    }


def _slots(point: Point, gateway: Gateway, site: Site) -> dict[str, Any]:
    view = gateway.slot_view(point.id)
    slots = []
    if view.array is not None:
        for slot in view.array.slots:
            ours = slot.priority == site.priority and view.ours is not None
            slots.append({"priority": slot.priority, "value": decode(point, slot.value), "ours": ours})
    unread = gateway.unread(point.id)
    return {
        "priority_array": view.has_array,
        "slots_read": view.array is not None,
        "slots_unread": unread._asdict() if unread is not None else None,
        "slots": slots,
        "ours": view.ours,
        "fallback": view.beneath,
        "relinquish_default": decode(point, view.array.relinquish_default)
        if view.array is not None
        else None,
        "override": {"priority": view.override.priority, "value": view.override.value}
        if view.override
        else None,
        "foreign_in_our_slot": view.foreign,
    }


def _not_writable(point: Point, site: Site) -> Phrase:
    if point.object_key in site.escape_objects:
        return Phrase("on an escape route: never written, by construction", "疏散通道照明：从不写入")
    return Phrase("read only: the site file does not say writable: true", "只读：站点文件未写 writable: true")


def next_change(point: Point, decider: Decider, now: Instant) -> dict[str, Any] | None:
    """What the point becomes next by the clock alone, within a week."""
    if point.zone is None:
        found = _next_of_shared(point, decider, now)
    else:
        coming = _coming(point.zone, decider, now)
        found = next(((at, outcome) for at, id_, outcome in coming if id_ == point.id and at > now), None)
    if found is None:
        return None
    at, outcome = found
    return {
        "at": iso(at, decider.site.tz),
        "value": _json(outcome.decision.value),
        "rule": str(outcome.decision.rule),
    }


def _coming(zone: str, decider: Decider, now: Instant) -> Iterator[Forecast]:
    return forecast(
        lambda at: decider.view(zone, at),
        lambda _at: decider.facts,
        decider.memory.get(zone, {}),
        now,
        now + _WEEK,
    )


def _next_of_shared(point: Point, decider: Decider, now: Instant) -> tuple[Instant, Outcome] | None:
    """What several zones share follows their requests, so the next change is one of theirs."""
    site = decider.site
    equipment = site.shared.get(point.equipment or "")
    if equipment is None:
        return None
    names = {request_of(site.zones[zone], equipment): zone for zone in equipment.zones}
    coming = [f for zone in equipment.zones for f in _coming(zone, decider, now) if f.point in names]
    requests: dict[str, Outcome | None] = dict.fromkeys(equipment.zones)
    view, stands = decider.known.equipment(equipment), None
    for at, together in groupby(sorted(coming, key=lambda f: f.at), key=lambda f: f.at):
        requests.update({names[f.point]: f.outcome for f in together})
        answer = evaluate_shared(view, requests, decider.facts, at, rest=site.rules.min_off.off_for)
        outcome = answer.outcomes.get(point.id)
        if outcome is None:
            return None
        if at > now and stands is not None and outcome.decision.value != stands:
            return at, outcome
        stands = outcome.decision.value
    return None
