"""The few phrases that rules share."""

from __future__ import annotations

import math
from collections.abc import Iterator

from config.roles import CIRCUIT_KINDS, EquipmentKind, Role
from config.rules import RuleId
from config.site import Equipment, Zone
from schedules.time import Instant
from supervisor.core.decisions import Because, Demand, Input
from supervisor.core.now import Now
from supervisor.core.views import EquipmentView, ZoneView

PLANT_REQUEST = "plant_request"
"""The role of a zone's virtual point by which it asks its air handlers and plant to run."""


class At(float):
    """An instant inside a reason; shown as local time by whoever puts the reason into words."""

    __slots__ = ()


def plant_request(zone: Zone) -> str:
    """Id of the zone's virtual request point. Never written to a device."""
    return f"{zone.id}/{PLANT_REQUEST}"


def circuit_request(zone: Zone, circuit: Equipment) -> str:
    """Id of what a zone wants of a circuit that it has together with others. Never written to a device."""
    return f"{zone.id}/{circuit.id}/request"


def request_of(zone: Zone, shared: Equipment) -> str:
    """Id of the virtual point by which a zone asks for something that it has together with others."""
    return circuit_request(zone, shared) if shared.kind in CIRCUIT_KINDS else plant_request(zone)


def hvac(view: ZoneView) -> Iterator[EquipmentView]:
    """The zone's own terminals."""
    return (e for e in view.equipment if e.equipment.hvac)


def lights(view: ZoneView) -> Iterator[EquipmentView]:
    """The zone's lighting circuits that may be switched, shared ones too: never one on an escape route."""
    return (e for e in view.units if switchable_light(e.equipment))


def plugs(view: ZoneView) -> Iterator[EquipmentView]:
    """The zone's switched socket circuits, shared ones too."""
    return (e for e in view.units if e.equipment.kind is EquipmentKind.PLUGS)


def switch(equipment: EquipmentView, on: bool, because: Because, *inputs: Input) -> Iterator[Demand]:
    """Start or stop equipment by its start-stop role: what the rule wants, whether or not we may write it.

    Arbitration drops demands for points that are not on the zone's list, compliance counts them all. A
    circuit of an escape route is never named.
    """
    point = equipment.start_stop
    if point is not None and not equipment.equipment.escape_route:
        yield Demand(point.asked_as or point.point.id, on, because, (*inputs, point.as_input()))


def hvac_off(view: ZoneView, because: Because, *inputs: Input) -> tuple[Demand, ...]:
    """The zone's terminals off, and no request to the air handlers that serve it."""
    demands = [d for e in hvac(view) for d in switch(e, False, because, *inputs)]
    if view.zone.served_by:
        demands.append(Demand(plant_request(view.zone), False, because, inputs))
    return tuple(demands)


def has_hvac(zone: Zone) -> bool:
    """The zone has terminals of its own, or is served by an air handler."""
    return bool(zone.served_by) or any(e.hvac for e in zone.equipment)


def has_lights(zone: Zone) -> bool:
    """The zone has a lighting circuit that may be switched."""
    return any(switchable_light(e) for e in zone.units)


def switchable_light(equipment: Equipment) -> bool:
    """A lighting circuit that is not on an escape route."""
    return equipment.lights and not equipment.escape_route


def has_sensor(zone: Zone, role: Role) -> bool:
    """The zone has a sensor of that role."""
    return bool(zone.sensors.get(role))


def occupied(view: ZoneView, now: Now) -> bool | None:
    """Somebody is there, nobody is, or not known: no sensor, or one that is stale or faulty."""
    now.noticed()
    sensor = view.occupancy
    return bool(sensor.reading.value) if sensor is not None and sensor.reading.good else None


def presence(view: ZoneView) -> tuple[Input, ...]:
    """What the sensor of people says, as evidence; nothing where there is none."""
    return (view.occupancy.as_input(),) if view.occupancy is not None else ()


def vacant_since(view: ZoneView) -> Instant | None:
    """When the last person left; None while somebody is there or it is not known.

    Whoever does more with it than ask `now.empty_for` says `now.noticed`.
    """
    sensor = view.occupancy
    if sensor is None or not sensor.reading.good or sensor.reading.value:
        return None
    return sensor.reading.since


def closed_since(view: ZoneView, now: Now, lead: float, prestart: float) -> Instant | None:
    """The moment `lead` seconds before the last close, from then until `prestart` before the next opening.

    Prestart never reaches back into the span before, unless that is of overtime: overtime takes nothing away.
    A span that is over before it began, because it is no longer than `lead`, is none. None while the zone is open or being prepared for opening; -inf where the
    last close is out of sight.
    """
    since = closed = -math.inf
    at = now.at
    for span in view.spans.spans:
        opens, closes = span.open, span.close
        end = closes - lead
        if end > opens:
            # what lies behind us needs no asking: this is called more often than anything else
            begins = opens - prestart
            if begins < closed:
                begins = closed
            if begins > at and not now.reached(begins):
                return since
            if end > at and not now.reached(end):
                return None
            since = end
        if not span.overtime:
            closed = closes
    now.reached(view.spans.horizon)
    return since


def open_since(view: ZoneView, now: Now) -> Instant | None:
    """When the span that we are in opened (lunch included); None outside the hours."""
    for span in view.spans.spans:
        if not now.reached(span.open):
            return None
        if not now.reached(span.close):
            return span.open
    now.reached(view.spans.horizon)
    return None


def last_close(view: ZoneView, now: Now) -> Instant | None:
    """The last close, while the zone is closed and not yet being prepared for opening; else None."""
    return closed_since(view, now, 0.0, view.zone.rules.pre_close_off.prestart)


def closed_because(close: Instant) -> Because:
    """The reason of rules that follow the close; a close that is out of sight has no time to show."""
    if math.isinf(close):
        return Because("closed", "未开放")
    return Because("closed since {}", "{} 已关门", (At(close),))


def exempt(view: ZoneView, rule: RuleId, now: Now) -> bool:
    """Whether the zone is exempt from a rule now."""
    until = view.exempt_until.get(rule)
    return until is not None and not now.reached(until)
