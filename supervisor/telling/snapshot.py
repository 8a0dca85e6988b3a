"""The building at a glance: what the metrics, the page, the console and the API all show.

Plain frozen data, made by the daemon from its state; whoever shows it needs nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from config.phrase import Phrase
from config.rules import RuleId
from schedules.time import Instant
from supervisor.core.decisions import Because
from supervisor.core.tally import Totals


@dataclass(frozen=True, slots=True)
class Why:
    """The rule that decides a zone's HVAC or lights now, and its reason."""

    rule: RuleId
    reason: Because
    on: bool | None
    """What it wants; None where the point is handed back."""
    withheld: Phrase | None = None
    """Why it is decided and not written, where nothing is written to its controller."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is planned: when, and what."""

    at: Instant
    what: Phrase


@dataclass(frozen=True, slots=True)
class Override:
    """Another master holds a point: its zone, role, slot (0: switched to hand on site) and value."""

    zone: str
    role: str
    point: str
    priority: int
    value: float | bool | str

    @property
    def protection(self) -> bool:
        """Slots 1 to 7 are life safety's and equipment protection's (ASHRAE 135 §19.2): nobody overrides by them."""
        return 0 < self.priority < 8


@dataclass(frozen=True, slots=True)
class ByHand:
    """A person holds a value: zone (or shared equipment), role, point, value in the role's unit, until when; who, and why."""

    zone: str
    role: str
    point: str
    value: float | bool | str
    until: Instant
    who: str
    why: str
    outranked: RuleId | None = None
    """The rule that goes before it now."""


class Released(NamedTuple):
    """What a person asked to let go of: zones (or shared equipment), how many points, until when, who."""

    zones: tuple[str, ...]
    points: int
    until: Instant
    who: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one point, and why: what is wanted of it does not stand, or its reading is no evidence."""

    point: str
    why: Phrase


class Silence(NamedTuple):
    """A controller that does not answer: its name, and when it last did (None: never)."""

    device: str
    since: Instant | None


@dataclass(frozen=True, slots=True)
class ZoneStatus:
    """One zone now. None means not known or not there; never 'off'."""

    id: str
    name: str
    kind: str
    floor: int | None
    open: bool
    temperature: float | None = None
    humidity: float | None = None
    co2: float | None = None
    cooling_setpoint: float | None = None
    heating_setpoint: float | None = None
    occupied: bool | None = None
    window_open: bool | None = None
    hvac_on: bool | None = None
    lights_on: bool | None = None
    plugs_on: bool | None = None
    has_temperature: bool = False
    has_occupancy: bool = False
    has_window: bool = False
    has_hvac: bool = False
    has_lights: bool = False
    has_plugs: bool = False
    has_humidity: bool = False
    has_co2: bool = False
    has_cooling_setpoint: bool = False
    has_heating_setpoint: bool = False
    escape_route: bool = False
    dry_run: bool = False
    compliance: Mapping[RuleId, bool | None] = field(default_factory=dict)
    """Only rules that apply to the zone and from which it is not exempt."""
    judged: bool = True
    """False while the fire alarm owns the building: nothing may be written then, and no rule is said to be kept or broken."""
    exempt: Mapping[RuleId, str] = field(default_factory=dict)
    """Rule → reason of the exemption."""
    why_hvac: Why | None = None
    why_lights: Why | None = None
    why_setpoint: Why | None = None
    next_change: Change | None = None
    unwritten: tuple[Trouble, ...] = ()
    """Points of which something is decided that their devices do not do."""
    doubtful: tuple[Trouble, ...] = ()
    """Points whose devices answer, and whose readings are no evidence."""
    silent: tuple[Silence, ...] = ()
    """Its controllers that do not answer: what is shown of it is as old as their last answers."""

    @property
    def contact_suspect(self) -> bool | None:
        """A window contact answers and is not believed; None where no contact is known, or nothing hangs on it, or its
        controller is silent, or nothing is judged."""
        if (
            self.silent
            or not self.judged
            or not self.has_window
            or self.window_open is None
            or RuleId.WINDOW_OFF not in self.compliance
        ):
            return None
        return self.compliance[RuleId.WINDOW_OFF] is None


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One controller. `up`: it answers, and is the one that was adopted."""

    id: str
    name: str
    up: bool
    last_answer: Instant | None
    points: int
    stale: int
    problem: Phrase | None = None
    """Why it does not answer, or is not believed."""
    quarantine: Phrase | None = None
    """Why it is taken for another device than the one that was adopted: not up, whatever it answers."""
    elsewhere: Phrase | None = None
    """Where it answers, or is said to, besides where it belongs."""
    habits: tuple[Phrase, ...] = ()
    """What it does otherwise than it should, though it answers."""
    doubtful: tuple[Trouble, ...] = ()
    """Points that it answers about, and whose readings are no evidence."""
    writable: tuple[str, ...] = ()
    """Its points among those that a person may hold."""
    answers: bool = False
    """It is not up though it says something."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A point that nobody can take: of its number site file and device say different units, or none is known; or what the device
    calls its `states` contradicts the file."""

    point: str
    device: str
    said: Phrase
    states: bool = False


@dataclass(frozen=True, slots=True)
class MeterStatus:
    """One meter: joules or cubic metres, a reading that falls held back. `value` None while not known."""

    id: str
    name: str
    subitem: str
    water: bool
    value: float | None
    healthy: bool
    troubles: tuple[Phrase, ...] = ()
    """What is wrong with it, or with what it is computed from."""
    verify_by: date | None = None
    of: tuple[tuple[str, float], ...] = ()
    """What it is computed from; empty: it is read."""

    @property
    def counts(self) -> bool:
        """It never falls: a difference of meters may."""
        return all(sign > 0 for _, sign in self.of)


@dataclass(frozen=True, slots=True)
class SavingStatus:
    """A saving so far by one method, in joules; `low` to `high` is its 90 % interval."""

    baseline: float
    saved: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class YearStatus:
    """How the year stands per area or per head: shares by which it is under the reference year; None while not known."""

    target: float
    reduction: float | None
    forecast: float | None
    unbooked: float | None = None
    """By how much each may be smaller, as no booking covers all of the time."""


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """What the building's front end commands of us over BACnet: whether we are enabled; if not, until when, and who asked."""

    enabled: bool
    until: Instant | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class HubStatus:
    """The hub of BACnet/SC: `primary` or `failover`, None while none is reached, and why."""

    active: str | None
    problem: Phrase | None
    failover: bool = False
    """There is a failover hub."""


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """One certificate that the site file names, or a hub has shown: for which connection, which of its files, when it ends
    (POSIX s)."""

    use: str
    file: str
    ends: float


class CertificateTrouble(NamedTuple):
    """What is wrong with one of them, and what to do; `grave`: the connection is refused for it."""

    use: str
    file: str
    grave: bool
    what: Phrase
    step: Phrase


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened: shown in the console and on the page."""

    at: Instant
    kind: str
    """`enforced`, `released`, `alert`, `exception`, `override`, `device`, `refused`, `mismatch`, …"""
    zone: str
    point: str
    rule: str
    text: Phrase


class TakenUp(NamedTuple):
    """A site file that went into force while the daemon ran: when, what it changed, by whose word (empty: saved)."""

    at: Instant
    changes: tuple[Phrase, ...]
    by: str = ""
    undo: bool = True
    """There is a version to go back to."""


class Waiting(NamedTuple):
    """A saved site file that waits for a person's word: why, what it changes, what it is known by."""

    why: tuple[Phrase, ...]
    changes: tuple[Phrase, ...]
    key: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole building at `now`. `pairs` are the (zone, rule) pairs that apply."""

    building: str
    name: str
    version: str
    now: Instant
    timezone: str
    dry_run: bool
    ready: bool
    season: str | None
    day_type: str
    announced: bool
    fire: str
    outdoor_temperature: float | None
    zones: tuple[ZoneStatus, ...]
    devices: tuple[DeviceStatus, ...]
    meters: tuple[MeterStatus, ...]
    overrides: tuple[Override, ...]
    totals: Totals
    events: tuple[Event, ...]
    """The newest last; at most 200."""
    points: int
    stale_points: int
    owned_slots: int
    calendar_valid_until: Instant | None
    reload_successful: bool
    reload_time: Instant
    """Wall time of the last configuration load, POSIX seconds."""
    problem: Phrase | None = None
    """What is wrong with the configuration on disk, while the old one stays in force; else None."""
    pairs: tuple[tuple[str, RuleId], ...] = ()
    waiting_for: tuple[str, ...] = ()
    stopping: bool = False
    """A stop was asked for: slots are being let go of."""
    """What is still missing until `ready`, for people: `ddc-1 has not answered`."""
    audit_valid: bool | None = None
    """The audit's chain of hashes is whole; None until it has been walked."""
    audit_rows: int | None = None
    """How many rows the audit has had from its first, those that were let go of included; None while none is known."""
    audit_head: int | None = None
    """The first 48 bits of what its last row hashes to."""
    clock_doubt: Phrase | None = None
    """Why the computer's clock is not believed and nothing is decided; None where it is."""
    mismatches: tuple[Mismatch, ...] = ()
    """Points that are neither believed nor written, for their unit."""
    helpers: Mapping[str, str] = field(default_factory=dict)
    """What runs beside the daemon (`http`, `mqtt`, `housekeeping`) → why it does not run or work; empty for what does."""
    mqtt_requests: Mapping[str, int] = field(default_factory=dict)
    """Requests that came by MQTT, by what became of them; empty where none are taken."""
    by_hand: tuple[ByHand, ...] = ()
    protected: tuple[Override, ...] = ()
    """Points that a slot of protection (1 to 7) holds: recorded, never judged."""
    released: tuple[tuple[str, str], ...] = ()
    """Zone (or shared equipment) and role of each point that a person asked to let go of, while that lasts."""
    releases: tuple[Released, ...] = ()
    """The same by request, what ends first, first."""
    handed_back: int = 0
    """How many of `holdable` that are."""
    front_end: FrontEnd | None = None
    """What the front end commands; None where the site lets it command nothing."""
    overtime: Mapping[str, Instant] = field(default_factory=dict)
    """Zones that are kept open at a person's request now, and until when."""
    turned_away: Mapping[str, int] = field(default_factory=dict)
    """Requests for a change that the page refused, by why, since this run began."""
    wall: Instant | None = None
    """The computer's own clock at `now`; None where nobody looked at it."""
    holdable: tuple[str, ...] = ()
    """Points that a person may hold."""
    store_problem: Phrase | None = None
    """Why the store takes no rows, so that nothing is written; None where it does."""
    savings: Mapping[str, SavingStatus] = field(default_factory=dict)
    """By method (`baseline`, `trial`, `model`), of those that have a figure."""
    targets: Mapping[str, YearStatus] = field(default_factory=dict)
    """The year against its target, by `area` and `head`, of those whose divisor is told."""
    lapsed: tuple[tuple[str, RuleId], ...] = ()
    """Zones whose exemption from a rule has ended."""
    hub: HubStatus | None = None
    """The hub of BACnet/SC that controllers are behind; None where there is none."""
    certificates: tuple[CertificateStatus, ...] = ()
    certificate_troubles: tuple[CertificateTrouble, ...] = ()
    standing: Mapping[str, Instant] = field(default_factory=dict)
    """What needs somebody, by its key: since when it has stood."""
    arm: str = ""
    """The arm of a trial that is in force; empty where none runs."""
    trial: Phrase | None = None
    """What is to be said of it on the page."""
    savings_refused: Phrase | None = None
    """Why there is none against the baseline that the site file names."""
    speed: float = 1.0
    """How much faster than the wall clock the site clock runs."""
    news: TakenUp | None = None
    """What the configuration in force changed, where it was taken up while the daemon ran."""
    waiting: Waiting | None = None
    """The configuration on disk, while it waits for a person's word; else None."""
