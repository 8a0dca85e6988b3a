"""Every metric: its name, what it means, and how it is read off a snapshot.

Names, labels and units are the ones that dashboards and alerts stand on (design, section 5). What is not
known has no sample, so that "unknown" is never read as "off" or "compliant".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from supervisor.telling.metrics import samples as of
from supervisor.telling.metrics.samples import Sample
from supervisor.telling.snapshot import Snapshot

REACTION_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. A reading acted upon within one controller scan (1 s) is good; 5 s is the read-back's deadline."""
SCAN_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. From a controller on Ethernet (milliseconds) to an MS/TP trunk behind a router (many seconds)."""


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
               "Always 1; the building's name and the supervisor's version.", of.info),
    Definition("building_zone_info", _G, ("zone", "name", "floor", "kind"),
               "Always 1; what people call the zone, its floor (empty where the site file says none) and its kind.", of.zone_info),
    Definition("building_device_info", _G, ("device", "name"),
               "Always 1; what people call the controller.",
               lambda s: (((d.id, d.name or d.id), 1.0) for d in s.devices)),
    Definition("building_meter_info", _G, ("meter", "name"),
               "Always 1; what people call the meter.", lambda s: (((m.id, m.name or m.id), 1.0) for m in s.meters)),
    Definition("building_rule_info", _G, ("rule", "title", "title_zh"),
               "Always 1; what people call a rule that applies to some zone, in English and in Chinese.", of.rule_info),
    Definition("building_season", _G, ("season",),
               "1 for the season in force, 0 for the others.", of.season),
    Definition("building_outdoor_temperature_celsius", _G, (),
               "Outdoor temperature.", lambda s: of.one(s.outdoor_temperature)),
    Definition("building_fire_alarm", _G, ("state",),
               "1 for what the fire-alarm input says, 0 for the other states; absent if not wired.", of.fire),
    Definition("building_zone_temperature_celsius", _G, _ZONE,
               "Room temperature.", of.zones(lambda z: z.temperature)),
    Definition("building_zone_setpoint_celsius", _G, ("zone", "mode"),
               "Temperature setpoint in force, by mode (cooling, heating).", of.setpoints),
    Definition("building_zone_occupied", _G, _ZONE,
               "1 while somebody is in the zone, 0 while nobody is.", of.zones(lambda z: z.occupied)),
    Definition("building_zone_window_open", _G, _ZONE,
               "1 while a window of the zone is open, 0 while all are closed.",
               of.zones(lambda z: z.window_open)),
    Definition("building_zone_hvac_on", _G, _ZONE,
               "1 while air conditioning of the zone runs, 0 while it is off.", of.zones(lambda z: z.hvac_on)),
    Definition("building_zone_lights_on", _G, _ZONE,
               "1 while lights of the zone are on, 0 while they are off.", of.zones(lambda z: z.lights_on)),
    Definition("building_zone_open", _G, _ZONE,
               "1 during the zone's opening hours, 0 outside them.", of.zones(lambda z: z.open)),
    Definition("building_zone_overtime", _G, _ZONE,
               "1 while the zone is kept open at a person's request, 0 otherwise.", of.overtime),
    Definition("building_zone_dry_run", _G, _ZONE,
               "1 while writes to the zone are only pretended (the zone, the building or the command line says so), 0 while they "
               "are real.", of.dry_zones),
    Definition("building_zone_contact_suspect", _G, _ZONE,
               "1 while a window contact of the zone answers and is not believed, 0 while all are; absent where none is known.",
               of.zones(lambda zone: zone.contact_suspect)),
    Definition("building_zone_compliant", _G, _ZONE_RULE,
               "1 while the zone complies with the rule, 0 while not; absent while unmeasurable, while its controller is silent, "
               "and while the fire alarm owns the building.",
               of.compliance),
    Definition("building_rule_violation_seconds_total", _C, _ZONE_RULE,
               "Time that the zone stood outside the rule; not counted while the fire alarm owns the building.", of.violations),
    Definition("building_rule_set_but_off_seconds_total", _C, _ZONE_RULE,
               "Time that a setting was outside the rule's limit while its unit was off; none of it is in the time outside.",
               of.set_but_off),
    Definition("building_rule_enforcements_total", _C, _ZONE_RULE,
               "Corrections that reached the controller and were read back.", of.enforcements),
    Definition("building_rule_blocked_seconds_total", _C, _ZONE_RULE,
               "Time within opening hours that the rule kept equipment off.", of.blocked),
    Definition("building_zone_occupied_seconds_total", _C, _ZONE,
               "Time that somebody was in the zone.", of.occupied),
    Definition("building_zone_discomfort_kelvin_seconds_total", _C, ("zone", "direction"),
               "Kelvin outside the comfort band, times occupied seconds, by direction (hot, cold).",
               of.discomfort),
    Definition("building_meter_energy_joules_total", _C, ("meter", "subitem"),
               "Energy as the meter reads; a reading that falls is held back until one reaches the last again.", of.energy),
    Definition("building_meter_water_cubic_meters_total", _C, ("meter",),
               "Water as the meter reads; a reading that falls is held back until one reaches the last again.", of.water),
    Definition("building_meter_healthy", _G, ("meter",),
               "1 while the meter answers, 0 while it is silent, stuck, backwards, jumping, or its days show a fault.",
               lambda s: map(of.healthy, s.meters)),
    Definition("building_meter_verified_until_timestamp_seconds", _G, ("meter",),
               "End of the day until which the meter's verification holds, POSIX time.", of.due),
    Definition("building_energy_baseline_joules", _G, ("method",),
               "Energy that the reporting period's days so far would have used by this method's account of how the building was "
               "run before; reckoned each night. Method `model`: the last four recorded weeks, lived again on the calibrated building.",
               of.savings(lambda s: s.baseline)),
    Definition("building_energy_saved_joules", _G, ("method",),
               "The baseline less what was measured on the same days (method `model`: less the same days lived again as they were run); "
               "negative where more was used. A saving may be claimed only where its 90 % interval leaves zero out.", of.savings(lambda s: s.saved)),
    Definition("building_energy_saved_low_joules", _G, ("method",),
               "Lower end of the 90 % interval of the saving.", of.savings(lambda s: s.low)),
    Definition("building_energy_saved_high_joules", _G, ("method",),
               "Upper end of the 90 % interval of the saving.", of.savings(lambda s: s.high)),
    Definition("building_energy_target_ratio", _G, ("per",),
               "Share by which this year's energy, as standard coal per area or per head, shall be under the reference year's.",
               of.year(lambda y: y.target)),
    Definition("building_energy_reduction_ratio", _G, ("per",),
               "Share by which this year's days so far are under the same days of the reference year, of months that nine tenths "
               "of the readings are there for; negative where more was used.", of.year(lambda y: y.reduction)),
    Definition("building_energy_unbooked_ratio", _G, ("per",),
               "Share of those days' energy that no booking covers, at the mean pace of the rest: by so much the reduction may be smaller.",
               of.year(lambda y: y.unbooked)),
    Definition("building_energy_forecast_reduction_ratio", _G, ("per",),
               "The same of the whole year, if the months left fare as those that are over did; absent until three are.",
               of.year(lambda y: y.forecast)),
    Definition("building_trial_arm", _G, ("arm",),
               "1 for the arm of a randomised trial that is in force (today, policy, draft), else 0; absent where none runs.",
               of.arms),
    Definition("building_calendar_valid_until_timestamp_seconds", _G, (),
               "End of the last year whose holidays and make-up workdays are known, POSIX time.",
               lambda s: of.one(s.calendar_valid_until)),
    Definition("building_calendar_announced", _G, (),
               "1 while the holidays of today's year are known, 0 while it is run by weekday.", lambda s: of.one(s.announced)),
    Definition("building_audit_chain_valid", _G, (),
               "1 while every row of the audit carries the hash of the one before it, 0 once one was altered.",
               lambda s: of.one(s.audit_valid)),
    Definition("building_audit_rows", _G, (),
               "Rows of the audit from its first on, those that a checkpoint stands for included; it never falls.",
               lambda s: of.one(s.audit_rows)),
    Definition("building_audit_head", _G, (),
               "First 48 bits of the audit's last hash as a number, exact; with building_audit_rows it is what ledger verify "
               "--head and --length look for.", lambda s: of.one(s.audit_head)),
    Definition("building_foreign_override", _G, ("zone", "role"),
               "1 while another master holds the point above our slot; absent otherwise.", of.overrides),
    Definition("building_protection_slot", _G, ("zone", "role"),
               "The slot (1 to 7) by which life safety or equipment protection holds the point, never judged; absent otherwise.",
               of.protected),
    Definition("building_manual", _G, ("zone", "role"),
               "1 while a person holds the point by this supervisor; absent otherwise.", of.by_hand),
    Definition("building_release", _G, ("zone", "role"),
               "1 while the point is handed back at a person's request; absent otherwise.",
               lambda s: ((labels, 1.0) for labels in s.released)),
    Definition("building_front_end_enabled", _G, (),
               "1 while the building's front end leaves supervision enabled, 0 while it has switched it off over BACnet; absent "
               "where the site does not let it.", lambda s: of.one(None if s.front_end is None else s.front_end.enabled)),
    Definition("building_exemption_lapsed", _G, _ZONE_RULE,
               "1 while the site file names an exemption of the zone from the rule that has ended; absent otherwise.",
               lambda s: (((zone, rule.value), 1.0) for zone, rule in s.lapsed)),
    Definition("building_supervisor_device_up", _G, ("device",),
               "1 while the controller answers and is the one that was adopted, 0 while it is silent or in quarantine.",
               lambda s: (((d.id,), float(d.up)) for d in s.devices)),
    Definition("building_supervisor_writes_total", _C, ("result",),
               "Writes by result (ok, refused, failed, mismatch, dry_run).", of.writes),
    Definition("building_supervisor_requests_refused_total", _C, ("why",),
               "Requests for a change that the page turned away (token, origin, host, size, senseless, widening), since the start.",
               lambda s: (((why,), float(count)) for why, count in s.turned_away.items())),
    REACTION,
    SCAN,
    Definition("building_supervisor_dry_run", _G, (),
               "1 while nothing at all is written, all writes being only pretended; 0 otherwise.", lambda s: of.one(s.dry_run)),
    Definition("building_supervisor_ready", _G, (),
               "1 while the rules are decided, 0 while it is still waited for controllers or the clock.", lambda s: of.one(s.ready)),
    Definition("building_supervisor_owned_slots", _G, (),
               "Slots of controllers' objects that are ours now.", lambda s: of.one(s.owned_slots)),
    Definition("building_supervisor_clock_timestamp_seconds", _G, (),
               "The computer's clock, POSIX time: what differs from the scrape's own time is its error. The site clock may be "
               "another, in a rehearsal.", lambda s: of.one(s.wall)),
    Definition("building_supervisor_clock_trusted", _G, (),
               "1 while the computer's clock is believed; 0 while it lies before the store's newest entry or this program's "
               "making, and nothing is decided.", lambda s: of.one(s.clock_doubt is None)),
    Definition("building_supervisor_helper_up", _G, ("helper",),
               "1 while what runs beside the daemon (http, mqtt, reload, housekeeping) works, 0 while it waits to be started again, reaches no "
               "broker, or could not do a chore the last time.",
               lambda s: (((name,), float(not wrong)) for name, wrong in s.helpers.items())),
    Definition("building_supervisor_hub_up", _G, ("hub",),
               "1 for the BACnet/SC hub (primary, failover) that controllers are reached through, 0 for the other; absent where none "
               "is named.", of.hubs),
    Definition("building_supervisor_certificate_expiry_timestamp_seconds", _G, ("use", "file"),
               "When a certificate of a connection (bacnet-sc, mqtt-…) ends, POSIX time: the site file's `ca` and `certificate`, "
               "and the one that the `hub` showed last.", lambda s: (((c.use, c.file), c.ends) for c in s.certificates)),
    Definition("building_supervisor_mqtt_requests_total", _C, ("result",),
               "Messages at set topics by what became of them (accepted, refused, retained, limited: more than is looked at); absent "
               "where the site file takes none.", lambda s: (((result,), float(n)) for result, n in s.mqtt_requests.items())),
    Definition("building_supervisor_points", _G, (),
               "Points that are read.", lambda s: of.one(s.points)),
    Definition("building_supervisor_stale_points", _G, (),
               "Points of which nothing is known now: silent, too old, flagged, senseless, or never read.",
               lambda s: of.one(s.stale_points)),
    Definition("building_supervisor_point_unit_mismatch", _G, ("device", "point"),
               "1 while a point is neither believed nor written, since its unit or scale differs between site file and "
               "controller, or cannot be known; absent otherwise.",
               lambda s: (((m.device, m.point), 1.0) for m in s.mismatches if not m.states)),
    Definition("building_supervisor_point_state_mismatch", _G, ("device", "point"),
               "1 while a point is neither believed (a fire alarm: but for an alarm) nor written, since what the controller calls its "
               "states contradicts the site file; absent otherwise.",
               lambda s: (((m.device, m.point), 1.0) for m in s.mismatches if m.states)),
    Definition("building_supervisor_doubtful_points", _G, ("device",),
               "Points that the controller answers about and whose readings are no evidence: flagged faulty or out of service, "
               "text, outside what they can be, or an error.", lambda s: (((d.id,), float(len(d.doubtful))) for d in s.devices)),
    Definition("building_supervisor_store_up", _G, (),
               "1 while the store takes rows; 0 while it does not (full, locked, read-only), and so nothing is written.",
               lambda s: of.one(s.store_problem is None)),
    Definition("building_supervisor_config_last_reload_successful", _G, (),
               "1 while the configuration on disk is sound, 0 after a reload that was refused.",
               lambda s: of.one(s.reload_successful)),
    Definition("building_supervisor_config_waiting", _G, (),
               "1 while a saved configuration waits for a person's word (`reload --yes`), 0 while none does.",
               lambda s: of.one(s.waiting is not None)),
    Definition("building_supervisor_config_last_reload_timestamp_seconds", _G, (),
               "When the configuration was last loaded, POSIX time.", lambda s: of.one(s.reload_time)),
)  # fmt: skip
"""Every metric, in the order of the design's table."""
