"""Every metric: its name, what it means, and how it is read off a snapshot.

Names, labels and units are the ones that dashboards and alerts stand on (design, section 5). What is not
known has no sample, so that "unknown" is never read as "off" or "compliant".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from config.rules import OF_SETTINGS, RuleId
from config.trial import Arm
from schedules.types import Season
from supervisor.core.views import Fire
from supervisor.telling.snapshot import MeterStatus, SavingStatus, Snapshot, YearStatus, ZoneStatus

WRITE_RESULTS = ("ok", "refused", "failed", "mismatch", "dry_run")
REACTION_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. A reading acted upon within one controller scan (1 s) is good; 5 s is the read-back's deadline."""
SCAN_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. From a controller on Ethernet (milliseconds) to an MS/TP trunk behind a router (many seconds)."""

Sample: TypeAlias = tuple[tuple[str, ...], float]
"""Label values after `building`, and the value."""


class Kind(StrEnum):
    """Types of the exposition format."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


class Definition(NamedTuple):
    """One metric: its name, what it means, and how to read it off a snapshot.

    `labels` come after `building`, which every metric carries.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    samples: Callable[[Snapshot], Iterable[Sample]]


def _one(value: float | None) -> Iterator[Sample]:
    if value is not None:
        yield (), float(value)


def _arms(snapshot: Snapshot) -> Iterator[Sample]:
    if snapshot.arm:
        yield from (((arm,), float(arm == snapshot.arm)) for arm in Arm)


def _savings(of: Callable[[SavingStatus], float]) -> Callable[[Snapshot], Iterator[Sample]]:
    """One sample a method that has a figure."""
    return lambda snapshot: (((method,), of(saving)) for method, saving in snapshot.savings.items())


def _year(of: Callable[[YearStatus], float | None]) -> Callable[[Snapshot], Iterator[Sample]]:
    """One sample per area and per head, none while it is not known."""

    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for per, year in snapshot.targets.items():
            value = of(year)
            if value is not None:
                yield (per,), value

    return samples


def _zones(of: Callable[[ZoneStatus], float | None]) -> Callable[[Snapshot], Iterator[Sample]]:
    """One sample a zone, none while the value is not known."""

    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for zone in snapshot.zones:
            value = of(zone)
            if value is not None:
                yield (zone.id,), float(value)

    return samples


def _info(snapshot: Snapshot) -> Iterator[Sample]:
    yield (snapshot.name, snapshot.version), 1.0


def _season(snapshot: Snapshot) -> Iterator[Sample]:
    if snapshot.season is not None:
        for season in Season:
            yield (season.value,), float(season == snapshot.season)


def _fire(snapshot: Snapshot) -> Iterator[Sample]:
    if snapshot.fire and snapshot.fire != Fire.NOT_WIRED:
        for state in (Fire.CLEAR, Fire.ACTIVE, Fire.CLEARING, Fire.UNKNOWN):
            yield (state.value,), float(state == snapshot.fire)


def _setpoints(snapshot: Snapshot) -> Iterator[Sample]:
    for zone in snapshot.zones:
        if zone.cooling_setpoint is not None:
            yield (zone.id, "cooling"), zone.cooling_setpoint
        if zone.heating_setpoint is not None:
            yield (zone.id, "heating"), zone.heating_setpoint


def _compliance(snapshot: Snapshot) -> Iterator[Sample]:
    for zone in snapshot.zones:
        for rule, compliant in zone.compliance.items():
            if compliant is not None:
                yield (zone.id, rule.value), float(compliant)


def _pairs(snapshot: Snapshot) -> tuple[tuple[str, RuleId], ...]:
    """The (zone, rule) pairs that apply: their counters begin at 0, so that a first increase is seen."""
    return snapshot.pairs or tuple((zone.id, rule) for zone in snapshot.zones for rule in zone.compliance)


def _violations(snapshot: Snapshot) -> Iterator[Sample]:
    seconds = snapshot.totals.violation_seconds
    return (((zone, rule.value), seconds.get((zone, rule), 0.0)) for zone, rule in _pairs(snapshot))


def _set_but_off(snapshot: Snapshot) -> Iterator[Sample]:
    seconds = snapshot.totals.set_but_off_seconds
    pairs = (pair for pair in _pairs(snapshot) if pair[1] in OF_SETTINGS)
    return (((zone, rule.value), seconds.get((zone, rule), 0.0)) for zone, rule in pairs)


def _enforcements(snapshot: Snapshot) -> Iterator[Sample]:
    counts = snapshot.totals.enforcements
    return (((zone, rule.value), float(counts.get((zone, rule), 0))) for zone, rule in _pairs(snapshot))


def _blocked(snapshot: Snapshot) -> Iterator[Sample]:
    seconds = snapshot.totals.blocked_seconds
    return (((zone, rule.value), seconds.get((zone, rule), 0.0)) for zone, rule in _pairs(snapshot))


def _occupied_seconds(zone: ZoneStatus, snapshot: Snapshot) -> float | None:
    seconds = snapshot.totals.occupied_seconds.get(zone.id)
    return 0.0 if seconds is None and zone.has_occupancy else seconds


def _occupied(snapshot: Snapshot) -> Iterator[Sample]:
    return _zones(lambda zone: _occupied_seconds(zone, snapshot))(snapshot)


def _discomfort(snapshot: Snapshot) -> Iterator[Sample]:
    totals = snapshot.totals.discomfort_kelvin_seconds
    for zone in snapshot.zones:
        measured = zone.has_occupancy and zone.temperature is not None
        for direction in ("hot", "cold"):
            value = totals.get((zone.id, direction))
            if value is not None or measured:
                yield (zone.id, direction), value or 0.0


def _overrides(snapshot: Snapshot) -> Iterator[Sample]:
    held = sorted({(override.zone, override.role) for override in snapshot.overrides})
    return ((labels, 1.0) for labels in held)


def _energy(snapshot: Snapshot) -> Iterator[Sample]:
    return (
        ((meter.id, meter.subitem), meter.value)
        for meter in snapshot.meters
        if not meter.water and meter.value is not None and meter.counts
    )


def _water(snapshot: Snapshot) -> Iterator[Sample]:
    return (((m.id,), m.value) for m in snapshot.meters if m.water and m.value is not None and m.counts)


def _due(snapshot: Snapshot) -> Iterator[Sample]:
    """The end of the day until which each meter is verified."""
    zone = ZoneInfo(snapshot.timezone)
    for meter in snapshot.meters:
        if meter.verify_by is not None:
            end = datetime.combine(meter.verify_by + timedelta(days=1), time(), zone)
            yield (meter.id,), end.timestamp()


def _healthy(meter: MeterStatus) -> Sample:
    return (meter.id,), float(meter.healthy)


def _writes(snapshot: Snapshot) -> Iterator[Sample]:
    return (((result,), float(snapshot.totals.writes.get(result, 0))) for result in WRITE_RESULTS)


_G, _C, _H = Kind.GAUGE, Kind.COUNTER, Kind.HISTOGRAM
_ZONE, _ZONE_RULE = ("zone",), ("zone", "rule")

REACTION = Definition(
    "building_supervisor_reaction_seconds", _H, (),
    "Time from a reading coming in to the write that answers it leaving on the wire; a start's wait for its turn is not counted.", lambda _: (),
)  # fmt: skip
SCAN = Definition(
    "building_supervisor_scan_seconds", _H, ("device",),
    "Time that one scan of a controller's polled points took.", lambda _: (),
)  # fmt: skip

DEFINITIONS: tuple[Definition, ...] = (
    Definition("building_info", _G, ("name", "version"),
               "Always 1; the building's name and the supervisor's version.", _info),
    Definition("building_season", _G, ("season",),
               "1 for the season in force, 0 for the others.", _season),
    Definition("building_outdoor_temperature_celsius", _G, (),
               "Outdoor temperature.", lambda s: _one(s.outdoor_temperature)),
    Definition("building_fire_alarm", _G, ("state",),
               "1 for what the fire-alarm input says, 0 for the other states; absent if not wired.", _fire),
    Definition("building_zone_temperature_celsius", _G, _ZONE,
               "Room temperature.", _zones(lambda z: z.temperature)),
    Definition("building_zone_setpoint_celsius", _G, ("zone", "mode"),
               "Temperature setpoint in force, by mode (cooling, heating).", _setpoints),
    Definition("building_zone_occupied", _G, _ZONE,
               "1 while somebody is in the zone, 0 while nobody is.", _zones(lambda z: z.occupied)),
    Definition("building_zone_window_open", _G, _ZONE,
               "1 while a window of the zone is open, 0 while all are closed.",
               _zones(lambda z: z.window_open)),
    Definition("building_zone_hvac_on", _G, _ZONE,
               "1 while air conditioning of the zone runs, 0 while it is off.", _zones(lambda z: z.hvac_on)),
    Definition("building_zone_lights_on", _G, _ZONE,
               "1 while lights of the zone are on, 0 while they are off.", _zones(lambda z: z.lights_on)),
    Definition("building_zone_open", _G, _ZONE,
               "1 during the zone's opening hours, 0 outside them.", _zones(lambda z: z.open)),
    Definition("building_zone_compliant", _G, _ZONE_RULE,
               "1 while the zone complies with the rule, 0 while not; absent while unmeasurable.",
               _compliance),
    Definition("building_rule_violation_seconds_total", _C, _ZONE_RULE,
               "Time that the zone stood outside the rule; not counted while the fire alarm owns the building.", _violations),
    Definition("building_rule_set_but_off_seconds_total", _C, _ZONE_RULE,
               "Time that a setting was outside the rule's limit while its unit was off; none of it is in the time outside.",
               _set_but_off),
    Definition("building_rule_enforcements_total", _C, _ZONE_RULE,
               "Corrections that reached the controller and were read back.", _enforcements),
    Definition("building_rule_blocked_seconds_total", _C, _ZONE_RULE,
               "Time within opening hours that the rule kept equipment off.", _blocked),
    Definition("building_zone_occupied_seconds_total", _C, _ZONE,
               "Time that somebody was in the zone.", _occupied),
    Definition("building_zone_discomfort_kelvin_seconds_total", _C, ("zone", "direction"),
               "Kelvin outside the comfort band, times occupied seconds, by direction (hot, cold).",
               _discomfort),
    Definition("building_meter_energy_joules_total", _C, ("meter", "subitem"),
               "Energy as the meter reads; a reading that falls is held back until one reaches the last again.", _energy),
    Definition("building_meter_water_cubic_meters_total", _C, ("meter",),
               "Water as the meter reads; a reading that falls is held back until one reaches the last again.", _water),
    Definition("building_meter_healthy", _G, ("meter",),
               "1 while the meter answers, 0 while it is silent, stuck, backwards, jumping, or its days show a fault.",
               lambda s: map(_healthy, s.meters)),
    Definition("building_meter_verified_until_timestamp_seconds", _G, ("meter",),
               "End of the day until which the meter's verification holds, POSIX time.", _due),
    Definition("building_energy_baseline_joules", _G, ("method",),
               "Energy that the reporting period's days so far would have used by this method's account of how the building was "
               "run before; reckoned each night. Method `model`: the last four recorded weeks, lived again on the calibrated building.",
               _savings(lambda s: s.baseline)),
    Definition("building_energy_saved_joules", _G, ("method",),
               "The baseline less what was measured on the same days (method `model`: less the same days lived again as they were run); "
               "negative where more was used. A saving may be claimed only where its 90 % interval leaves zero out.", _savings(lambda s: s.saved)),
    Definition("building_energy_saved_low_joules", _G, ("method",),
               "Lower end of the 90 % interval of the saving.", _savings(lambda s: s.low)),
    Definition("building_energy_saved_high_joules", _G, ("method",),
               "Upper end of the 90 % interval of the saving.", _savings(lambda s: s.high)),
    Definition("building_energy_target_ratio", _G, ("per",),
               "Share by which this year's energy, as standard coal per area or per head, shall be under the reference year's.",
               _year(lambda y: y.target)),
    Definition("building_energy_reduction_ratio", _G, ("per",),
               "Share by which this year's days so far are under the same days of the reference year, of months that nine tenths "
               "of the readings are there for; negative where more was used.", _year(lambda y: y.reduction)),
    Definition("building_energy_forecast_reduction_ratio", _G, ("per",),
               "The same of the whole year, if the months left fare as those that are over did; absent until three are.",
               _year(lambda y: y.forecast)),
    Definition("building_trial_arm", _G, ("arm",),
               "1 for the arm of a randomised trial that is in force (today, policy, draft), else 0; absent where none runs.",
               _arms),
    Definition("building_calendar_valid_until_timestamp_seconds", _G, (),
               "End of the last year whose holidays and make-up workdays are known, POSIX time.",
               lambda s: _one(s.calendar_valid_until)),
    Definition("building_audit_chain_valid", _G, (),
               "1 while every row of the audit carries the hash of the one before it, 0 once one was altered.",
               lambda s: _one(s.audit_valid)),
    Definition("building_audit_rows", _G, (),
               "Rows of the audit from its first on, those that a checkpoint stands for included; it never falls.",
               lambda s: _one(s.audit_rows)),
    Definition("building_audit_head", _G, (),
               "First 48 bits of the audit's last hash as a number, exact; with building_audit_rows it is what ledger verify "
               "--head and --length look for.", lambda s: _one(s.audit_head)),
    Definition("building_foreign_override", _G, ("zone", "role"),
               "1 while another master holds the point above our slot; absent otherwise.", _overrides),
    Definition("building_supervisor_device_up", _G, ("device",),
               "1 while the controller answers and is the one that was adopted, 0 while it is silent or in quarantine.",
               lambda s: (((d.id,), float(d.up)) for d in s.devices)),
    Definition("building_supervisor_writes_total", _C, ("result",),
               "Writes by result (ok, refused, failed, mismatch, dry_run).", _writes),
    REACTION,
    SCAN,
    Definition("building_supervisor_clock_trusted", _G, (),
               "1 while the computer's clock is believed; 0 while it lies before the store's newest entry or this program's "
               "making, and nothing is decided.", lambda s: _one(s.clock_doubt is None)),
    Definition("building_supervisor_helper_up", _G, ("helper",),
               "1 while what runs beside the daemon (http, reload, housekeeping) runs, 0 while it waits to be started again.",
               lambda s: (((name,), float(not wrong)) for name, wrong in s.helpers.items())),
    Definition("building_supervisor_points", _G, (),
               "Points that are read.", lambda s: _one(s.points)),
    Definition("building_supervisor_stale_points", _G, (),
               "Points of which nothing is known now: silent, too old, flagged, senseless, or never read.",
               lambda s: _one(s.stale_points)),
    Definition("building_supervisor_point_unit_mismatch", _G, ("device", "point"),
               "1 while a point is neither believed nor written, since its unit or scale differs between site file and "
               "controller, or cannot be known; absent otherwise.",
               lambda s: (((m.device, m.point), 1.0) for m in s.mismatches)),
    Definition("building_supervisor_doubtful_points", _G, ("device",),
               "Points that the controller answers about and whose readings are no evidence: flagged faulty or out of service, "
               "text, outside what they can be, or an error.", lambda s: (((d.id,), float(len(d.doubtful))) for d in s.devices)),
    Definition("building_supervisor_store_up", _G, (),
               "1 while the store takes rows; 0 while it does not (full, locked, read-only), and so nothing is written.",
               lambda s: _one(s.store_problem is None)),
    Definition("building_supervisor_config_last_reload_successful", _G, (),
               "1 while the configuration on disk is sound, 0 after a reload that was refused.",
               lambda s: _one(s.reload_successful)),
    Definition("building_supervisor_config_waiting", _G, (),
               "1 while a saved configuration waits for a person's word (`reload --yes`), 0 while none does.",
               lambda s: _one(s.waiting is not None)),
    Definition("building_supervisor_config_last_reload_timestamp_seconds", _G, (),
               "When the configuration was last loaded, POSIX time.", lambda s: _one(s.reload_time)),
)  # fmt: skip
"""Every metric, in the order of the design's table."""
