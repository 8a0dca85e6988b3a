"""The site as the rest of the program sees it: templates expanded, names resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.accounting import Statistics
from config.calendar_objects import CalendarObject
from config.dated import Dated
from config.file import (
    Bacnet,
    Calendar,
    Comfort,
    EnergyPlus,
    Envelope,
    Exemption,
    Http,
    Season,
    SpecialDayEntry,
    WeekHours,
)
from config.metering import Vehicle
from config.mqtt import Mqtt, Publish
from config.own_device import BacnetDevice
from config.phrase import Lang
from config.plant import Plant
from config.points import Point
from config.roles import CIRCULATION, COMPRESSOR_KINDS, HVAC_KINDS, EquipmentKind, Role, ZoneKind
from config.rules import RuleId, RuleSettings
from config.saving import Savings, Targets
from config.secure import behind_hub
from config.tariff import Tariff
from config.trial import Trial


@dataclass(frozen=True, slots=True)
class Equipment:
    """A fan coil, a lighting circuit, an air handler: its points by role, and who decides over it."""

    id: str
    name: str
    kind: EquipmentKind
    base: str
    zones: tuple[str, ...]
    points: Mapping[Role, Point] = field(hash=False)
    shared: bool = False
    compressor: bool = False
    escape_route: bool = False
    warn: str = "none"
    on_exit: str = "release"
    template: str = ""
    """The template that it was placed by."""

    @property
    def hvac(self) -> bool:
        """Conditions a room: what `off` means to the air-conditioning rules."""
        return self.kind in HVAC_KINDS

    @property
    def lights(self) -> bool:
        """A lighting circuit."""
        return self.kind is EquipmentKind.LIGHTS


@dataclass(frozen=True, slots=True)
class Zone:
    """A room, or rooms controlled together."""

    id: str
    name: str
    kind: ZoneKind
    hours: str
    floor: int | None
    area_m2: float
    people: float
    dry_run: bool
    rules: RuleSettings
    comfort: Comfort
    equipment: tuple[Equipment, ...]
    sensors: Mapping[Role, tuple[Point, ...]] = field(hash=False)
    exemptions: tuple[Exemption, ...]
    envelope: Envelope
    lighting_w_m2: float | None = None
    equipment_w_m2: float | None = None
    served_by: tuple[str, ...] = ()
    """Ids of shared air conditioning, fresh air and plant that serves this zone."""
    circuits: tuple[Equipment, ...] = ()
    """Lighting and socket circuits that it has together with other zones."""

    @property
    def units(self) -> tuple[Equipment, ...]:
        """Its own equipment, and the circuits that it has together with others."""
        return (*self.equipment, *self.circuits)

    @property
    def shares(self) -> tuple[str, ...]:
        """Ids of all that serves it together with others."""
        return (*self.served_by, *(circuit.id for circuit in self.circuits))

    @property
    def circulation(self) -> bool:
        """A corridor, stair or lobby."""
        return self.kind in CIRCULATION

    def exemption(self, rule: RuleId) -> Exemption | None:
        """The exemption of this zone from `rule` that ends last, in force or lapsed."""
        found = [e for e in self.exemptions if rule in e.rules]
        return max(found, key=lambda e: e.until) if found else None


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device to talk to: on BACnet, or a broker of MQTT."""

    id: str
    name: str
    instance: int
    address: str | None
    timeout: float
    max_in_flight: int
    requests_per_second: float | None
    cov: bool
    poll: float
    heartbeat: Point | None
    mqtt: Mqtt | None = None
    """The broker that it is, its files as whole paths; None for a BACnet device."""


class Part(NamedTuple):
    """What a meter is computed from: another meter, added or taken away."""

    meter: str
    sign: float

    def __repr__(self) -> str:
        return f"{'-' if self.sign < 0 else '+'}{self.meter}"


@dataclass(frozen=True, slots=True)
class MeterSpec:
    """A meter and its place in the ledger."""

    id: str
    name: str
    subitem: str
    energy: bool
    """It counts J; otherwise m³."""
    point: Point | None
    """Its register on the wire; None: it is read by hand, or imported."""
    parent: str | None
    scale: float = 3.6e6
    """J, or m³, in one unit of its register."""
    interval: float = 60.0
    """s between two readings that are kept."""
    rated: float | None = None
    """The most it can count: kW, or m³/h."""
    digits: int | None = None
    """Digits of its register before the point, after which it begins again at 0."""
    always_on: bool = False
    """Something behind it consumes at any time."""
    accuracy: str = ""
    verify_by: date | None = None
    of: tuple[Part, ...] = ()
    """Meters that this one is computed from, each with +1 or -1; empty: it is read."""
    vehicle: Vehicle | None = None
    """A vehicle's card: what is read are fills and its odometer."""
    organisation: str | None = None
    """Who uses what it counts, where the file says so."""
    heating: bool = False
    """What it counts heats the building: it stands under heating energy (供暖能耗)."""
    since: date | None = None
    """The first day on which it counted; None: nobody says."""
    until: date | None = None
    """The last one: it was exchanged or taken out."""

    @property
    def virtual(self) -> bool:
        """It is computed from others."""
        return bool(self.of)

    @property
    def watched(self) -> bool:
        """Readings of it should come by themselves."""
        return self.point is not None

    @property
    def error(self) -> float:
        """The share by which it may be wrong, by its class: 0.005 for 0.5S; 0.01 where nobody says."""
        found = re.search(r"\d+(\.\d+)?", self.accuracy)
        return min(float(found[0]), 10.0) / 100 if found and float(found[0]) > 0 else 0.01

    @property
    def series(self) -> str:
        """What its readings are kept under: its point's id, were it read by hand."""
        return f"meter/{self.id}/{'energy' if self.energy else 'water'}"


@dataclass(frozen=True, slots=True)
class OrganisationSpec:
    """An organisation (单位) that uses a part of the building."""

    id: str
    name: str
    area_m2: Dated
    people: Dated


@dataclass(frozen=True, slots=True)
class Site:
    """Everything about one building. Immutable; a reload makes a new one."""

    building: str
    name: str
    tz: ZoneInfo
    area_m2: Dated
    heated_m2: Dated
    people: Dated
    dry_run: bool
    hours: Mapping[str, WeekHours]
    special_days: tuple[SpecialDayEntry, ...]
    calendar: Calendar
    season: Season
    rules: RuleSettings
    exemptions: tuple[Exemption, ...]
    zones: Mapping[str, Zone]
    shared: Mapping[str, Equipment]
    building_points: Mapping[Role, Point]
    meters: Mapping[str, MeterSpec]
    organisations: Mapping[str, OrganisationSpec]
    statistics: Statistics
    devices: Mapping[str, DeviceSpec]
    points: Mapping[str, Point]
    """Every point, by id."""
    priority: int
    stagger: float
    writes_per_minute: int
    bacnet: Bacnet
    http: Http
    database: str | None
    readings_for: float
    """s that readings stay in the database as they came."""
    config_hash: str
    """sha256 of the file's bytes, hex: each decision carries it."""
    audit_years: int = 5
    source: str = ""
    """Path of the site file."""
    text: str = ""
    """The file itself, kept so that a replay is exact."""
    plant: Plant = field(default_factory=Plant)
    """Plant room, units and lamps, for the rehearsal."""
    energyplus: EnergyPlus | None = None
    """The building as an EnergyPlus model, where the file names one."""
    settle: float = 10.0
    """s of wall time that a saved file rests before it is taken up; a site choice."""
    savings: Savings | None = None
    """What savings are reckoned against; None where the file says nothing of it."""
    language: Lang | None = None
    """What the command line tells of it is told in; None for the terminal's."""
    publish: Publish | None = None
    bacnet_device: BacnetDevice | None = None
    """The device that we are to the building's front end; None: none."""
    calendar_objects: tuple[CalendarObject, ...] = ()
    """Lists of days in controllers that are kept as our calendar is."""
    targets: Targets = field(default_factory=Targets)
    tariff: tuple[Tariff, ...] = ()
    """What energy and water cost, oldest first."""
    trial: Trial | None = None
    """A randomised trial, where the file names one; its draft as a whole path."""
    arm: str = ""
    """The arm of a trial that this is, where a trial runs; else empty."""
    made_of: Site | None = field(default=None, compare=False)
    """The site file that a person wrote and accepted, where this is an arm made of it."""

    @property
    def written(self) -> Site:
        """The site file as a person wrote it, whatever arm of it runs."""
        return self.made_of if self.made_of is not None else self

    @property
    def all_equipment(self) -> tuple[Equipment, ...]:
        """Every piece of equipment, zone by zone, then what they share."""
        return (*(e for zone in self.zones.values() for e in zone.equipment), *self.shared.values())

    @property
    def escape_objects(self) -> frozenset[tuple[str, str, int]]:
        """Objects (`Point.object_key`) of equipment on an escape route: never written, whatever other point has them as well."""
        return frozenset(
            p.object_key for e in self.all_equipment if e.escape_route for p in e.points.values()
        )

    @property
    def hidden(self) -> bool:
        """Whether nobody is on BACnet/IP, a device of ours neither: every BACnet device is behind the hub of BACnet/SC."""
        sc = self.bacnet.sc
        if self.bacnet_device is not None:
            return False
        return sc is not None and all(behind_hub(sc, device.address) for device in self.devices.values())

    def is_dry(self, point: Point) -> bool:
        """True when writes to this point are only pretended.

        Shared equipment is dry where every zone that it serves is: its stop would be felt there.
        """
        if self.dry_run:
            return True
        if point.zone is not None:
            return self.zones[point.zone].dry_run
        shared = self.shared.get(point.equipment or "")
        return shared is not None and all(self.zones[zone].dry_run for zone in shared.zones)


def is_compressor(kind: EquipmentKind, declared: bool | None) -> bool:
    """Whether stopping equipment stops a compressor, which must then rest."""
    return kind in COMPRESSOR_KINDS if declared is None else declared
