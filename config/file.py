"""The site file as it is written: one frozen model a section, unknown keys forbidden."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from config.accounting import AreaHistory, Organisation, PeopleHistory, Statistics
from config.plant import Plant
from config.roles import EquipmentKind, Mode, Role, ZoneKind
from config.rules import RuleId, RuleSettings
from config.section import OneOrMore, Section, Shorthand
from config.units import UNITS, units_for
from config.values import (
    Clock,
    Day,
    DeviceObject,
    DevicePlace,
    Duration,
    Hours,
    Misread,
    MonthDay,
    ObjectPlace,
)

_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
Name = Annotated[str, Field(pattern=_NAME)]
"""An identifier that becomes a metric label and an MQTT topic level."""


# ---------------------------------------------------------------- what a facility manager changes


class WeekHours(Section):
    """Opening hours of a group of zones. Days left out: weekends and holidays are closed."""

    workday: Hours = ()
    monday: Hours | None = None
    tuesday: Hours | None = None
    wednesday: Hours | None = None
    thursday: Hours | None = None
    friday: Hours | None = None
    saturday: Hours | None = None
    sunday: Hours | None = None
    weekend: Hours | None = None
    holiday: Hours | None = None
    makeup_workday: Hours | None = None


class SpecialDayEntry(Section):
    """A day, or a range of days, that differs: closed, other hours, or an early closing."""

    date: Day | None = None
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    hours: Hours | None = None
    close: Clock | None = None
    groups: tuple[str, ...] = ()
    name: str = ""


class Exemption(Section):
    """Zones that rules leave alone, until a date, with a reason and somebody who answers for it."""

    zones: tuple[str, ...] = Field(min_length=1)
    rules: tuple[RuleId, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)
    approver: str = Field(min_length=1)
    until: Day


class SeasonDates(Section):
    """The first day of each season."""

    spring: MonthDay
    summer: MonthDay
    autumn: MonthDay
    winter: MonthDay


class HeatingDates(Section):
    """The district-heating period: winter from its first day to its last."""

    first: Annotated[MonthDay, Field(alias="from")]
    last: Annotated[MonthDay, Field(alias="to")]


class SeasonOverride(Section):
    """A manager's word on the season, for a while."""

    season: Literal["spring", "summer", "autumn", "winter"]
    until: Day
    name: str = Field(min_length=1)


class Season(Section):
    """How the season is found: by `dates`, by outdoor `temperature`, or winter by `heating` dates."""

    method: Literal["dates", "temperature", "heating"] = "temperature"
    dates: SeasonDates | None = None
    heating: HeatingDates | None = None
    override: SeasonOverride | None = None
    hemisphere: Literal["north", "south"] = "north"
    weather: str | None = None
    """An EPW file, beside the site file: the place's typical year, for `plan` and for the first days of a
    daemon that has no outdoor record yet. Without it the month decides there."""


class IcsEntry(Section):
    """A file of special days, and what its words mean here."""

    file: str = Field(min_length=1)
    means: dict[str, Literal["closed", "worked", "nothing"]] = Field(default_factory=dict)
    """Words of its titles → what such a day is: a whole title goes before a word in it, a longer before a shorter."""


Ics = Annotated[IcsEntry, Shorthand("file")]


class DateRange(Section):
    """Days from the first to the last, both included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class NonRoutine(DateRange):
    """Days that neither the baseline nor the reporting period counts, and why: a fair, a closed wing, a broken chiller."""

    note: str = Field(min_length=1)


class Savings(Section):
    """What savings are reckoned against."""

    baseline: DateRange
    since: Day | None = None
    meters: tuple[Name, ...] = ()
    weather: str | None = Field(None, min_length=1)
    events: tuple[NonRoutine, ...] = ()


class Calendar(Section):
    """Which public holidays apply, and files that add to them."""

    country: str = Field("CN", pattern="^[A-Z]{2}$")
    subdivision: str | None = None
    holiday_cn: tuple[str, ...] = ()
    ics: tuple[Ics, ...] = ()


class Comfort(Section):
    """The band outside which occupied time counts as discomfort, degC (GB/T 18883-2022 table 1: 16–28)."""

    low: float = Field(19.0, ge=10, le=25)
    high: float = Field(27.0, ge=20, le=32)


# ---------------------------------------------------------------- what an integrator maps once


class PointEntry(Section):
    """How to read a point, and whether it may be written.

    `unit` is the wire's, by default what the device's Units says; `scale` is what one count of an accumulator is worth
    in it, by default the device's Scale; `factor` multiplies what is read, as a current transformer's ratio. `low` and
    `high` bound what may be written, in that unit.
    """

    writable: bool = False
    invert: bool = False
    unit: str | None = None
    scale: float | None = Field(None, gt=0)
    factor: float = Field(1.0, gt=0)
    states: dict[int, Mode] | None = None
    priority_array: bool = True
    low: float | None = None
    high: float | None = None
    poll: Duration | None = None
    stale_after: Duration | None = None


class TemplatePointEntry(PointEntry):
    """A point of a template: its instance is counted from the offset at which equipment is placed."""

    object: ObjectPlace


class EquipmentPointEntry(PointEntry):
    """A point of one piece of equipment: what differs from its template, or a point of its own.

    An `object` here is as it stands in the device: the offset is not added.
    """

    object: ObjectPlace | None = None


class PlacedPointEntry(PointEntry):
    """A point outside templates: `at` names device and object."""

    at: DeviceObject


TemplatePoint = Annotated[TemplatePointEntry, Shorthand("object")]
EquipmentPoint = Annotated[EquipmentPointEntry, Shorthand("object")]
PlacedPoint = Annotated[PlacedPointEntry, Shorthand("at")]


class Template(Section):
    """A kind of equipment as this building's controllers present it, mapped once."""

    kind: EquipmentKind
    base: Literal["controller", "supervisor"] = "controller"
    compressor: bool | None = None
    on_exit: Literal["release", "hold"] = "release"
    warn: Literal["none", "blink"] = "none"
    points: dict[Role, TemplatePoint] = Field(default_factory=dict)


class EquipmentEntry(Section):
    """One piece of equipment: a template placed at a device.

    Without `template`, the name under which it is written is the template's.
    """

    template: str | None = None
    at: DevicePlace
    name: str | None = None
    base: Literal["controller", "supervisor"] | None = None
    warn: Literal["none", "blink"] | None = None
    escape_route: bool | None = None
    smoke_control: bool = False
    writable: bool | None = None
    points: dict[Role, EquipmentPoint] = Field(default_factory=dict)


Equipment = Annotated[EquipmentEntry, Shorthand("at")]


class SharedEquipmentEntry(EquipmentEntry):
    """Equipment that serves several zones and runs while one of them requests it."""

    serves: tuple[str, ...] = Field(min_length=1)


class Envelope(Section):
    """What the rehearsal needs to know of a zone's walls and glass."""

    orientation: Literal["N", "NE", "E", "SE", "S", "SW", "W", "NW", "core"] = "S"
    window_share: float = Field(0.4, ge=0, le=0.9)
    u_wall: float | None = Field(None, gt=0, le=5)
    u_window: float | None = Field(None, gt=0, le=7)
    u_roof: float | None = Field(None, gt=0, le=5)
    shgc: float | None = Field(None, ge=0, le=1)
    infiltration: float | None = Field(None, ge=0, le=20)
    mass: Literal["very_light", "light", "medium", "heavy", "very_heavy"] = "medium"
    height: float = Field(3.0, gt=1.5, le=20)


class EnergyPlus(Section):
    """The building as an EnergyPlus model, for `simulate --plant energyplus`.

    `zones` says which zone of the model each of ours is.
    """

    model: str = Field(min_length=1)
    """A model of the extra's by name (`small_office`), or an .idf or .epJSON file beside the site file."""
    zones: dict[Name, str] = Field(min_length=1)
    timesteps: Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] = 60
    """Steps an hour: 60 sees each minute, 6 is ten times as fast."""

    @field_validator("timesteps", mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        """A scalar arrives as the text that was written."""
        return int(value) if isinstance(value, str) and value.isdecimal() else value


class ZoneEntry(Section):
    """A room, or rooms controlled together."""

    name: str = ""
    kind: ZoneKind = ZoneKind.OFFICE
    hours: str
    floor: int | None = None
    area_m2: float = Field(40.0, gt=0, le=100_000)
    people: float | None = Field(None, ge=0, le=100_000)
    dry_run: bool | None = None
    rules: RuleSettings | None = None
    comfort: Comfort | None = None
    equipment: dict[Name, Equipment] = Field(default_factory=dict)
    sensors: dict[Role, Annotated[tuple[PlacedPoint, ...], OneOrMore()]] = Field(default_factory=dict)
    envelope: Envelope = Envelope()
    lighting_w_m2: float | None = Field(None, ge=0, le=500)
    equipment_w_m2: float | None = Field(None, ge=0, le=20_000)


class Device(Section):
    """A BACnet device: known by its instance, found at its address or by Who-Is.

    `address` is `host:port`, or `network:station` behind a router (`2001:12`).
    `requests_per_second` caps everything that is sent to it; devices of one network behind a router share the
    lowest that is stated for any of them, 10 where none is.
    """

    instance: int = Field(ge=0, le=4_194_302)
    address: str | None = Field(None, pattern=r"^[0-9A-Za-z_.\-\[\]]+(:\d{1,5})?$")
    name: str = ""
    timeout: Duration = Field(3.0, gt=0, le=30)
    max_in_flight: int = Field(16, ge=1, le=200)
    requests_per_second: float | None = Field(None, gt=0)
    cov: bool = True
    poll: Duration = Field(10.0, ge=0.2)
    heartbeat: ObjectPlace | None = None


class Vehicle(Section):
    """A vehicle's card: what its model should take, and how much goes into its tank."""

    model: str = ""
    standard: float | None = Field(None, gt=0, le=100)
    """L/100 km."""
    tank: float | None = Field(None, gt=0, le=2000)
    """L."""


class Meter(Section):
    """A meter: cumulative energy or water, where it stands in the ledger."""

    name: str = ""
    subitem: Literal[
        "total",
        "lighting_socket",
        "lighting_socket_room",
        "corridor_lighting",
        "outdoor_lighting",
        "hvac",
        "hvac_station",
        "hvac_terminals",
        "power",
        "lifts",
        "pumps",
        "fans",
        "special",
        "server_room",
        "water",
        "gas",
        "heat",
        "cold",
        "petrol",
        "diesel",
    ]
    point: PlacedPoint | None = None
    unit: str | None = None
    of: tuple[str, ...] | None = None
    vehicle: Vehicle | None = None
    parent: str | None = None
    organisation: str | None = None
    heating: bool | None = None
    interval: Duration = Field(60.0, ge=10)
    rated: float | None = Field(None, gt=0)
    digits: int | None = Field(None, ge=3, le=12)
    always_on: bool = False
    accuracy: str = ""
    verify_by: Day | None = None

    @field_validator("unit")
    @classmethod
    def _unit(cls, unit: str | None) -> str | None:
        if unit is not None and (unit not in UNITS or UNITS[unit].base not in ("J", "m3")):
            raise ValueError(
                f"`{unit}` is no unit of energy or volume: {', '.join([*units_for('J'), *units_for('m3')])}"
            )
        return unit


class Foreign(Section):
    """Registration as a foreign device (ASHRAE 135 §J.5): broadcasts then go through a BBMD of another subnet.

    `ttl` is how long the BBMD keeps the registration; it is renewed at half of that.
    """

    bbmd: str
    ttl: Duration = Field(300.0, ge=10, le=65_535)


class Bbmd(Section):
    """Being this subnet's BBMD (ASHRAE 135 §J.4): broadcasts are exchanged with the BBMDs of other subnets."""

    peers: tuple[str, ...] = Field(min_length=1)


class Bacnet(Section):
    """The daemon's own end of the wire.

    Without `bind` it works from the address of this machine that the devices' addresses are routed to.
    `foreign` is for devices of another subnet that has a BBMD, `bbmd` for a subnet that has none.
    """

    stack: Literal["bac0", "rusty"] = "bac0"
    bind: str | None = None
    port: int = Field(47808, ge=1, le=65535)
    instance: int = Field(3_056_001, ge=0, le=4_194_302)
    cov_lifetime: Duration = Field(300.0, ge=10)
    foreign: Foreign | None = None
    bbmd: Bbmd | None = None


class Http(Section):
    """Where the page and the metrics are served."""

    bind: str = "127.0.0.1"
    port: int = Field(8026, ge=1, le=65535)
    names: tuple[str, ...] = ()
    """Further host names under which the page is reached."""
    tokens: tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...] = ()
    """Hashes that `building-supervisor token` prints: who may read from another machine."""
    proxy: bool = False
    """A proxy on this machine passes requests on: then nobody is taken for a reader at this machine, all need a token."""


class Building(Section):
    """Points of the whole building."""

    outdoor_temperature: PlacedPoint | None = None
    outdoor_humidity: PlacedPoint | None = None
    fire_alarm: PlacedPoint | None = None
    changeover: PlacedPoint | None = None


def _writable_priority(value: int) -> int:
    if 1 <= value <= 8:
        raise Misread(
            "priorities 1 to 8 belong to life safety, critical equipment, minimum on/off and the manual "
            "operator (ASHRAE 135 table 19-1)",
            "leave it out for the default, 10, or choose 9 to 16",
        )
    if not 9 <= value <= 16:
        raise Misread(
            "there is no such priority for us", "leave it out for the default, 10, or choose 9 to 16"
        )
    return value


def _version(value: object) -> object:
    return 1 if str(value).strip() == "1" else value


class SiteFile(Section):
    """The whole file."""

    version: Annotated[Literal[1], BeforeValidator(_version)]
    building: Name
    name: str = ""
    timezone: str
    area_m2: AreaHistory = ()
    heated_m2: AreaHistory = ()
    people: PeopleHistory = ()
    dry_run: bool = True

    hours: dict[Name, Annotated[WeekHours, Shorthand("workday")]] = Field(min_length=1)
    special_days: tuple[SpecialDayEntry, ...] = ()
    calendar: Calendar = Calendar()
    season: Season = Season()
    comfort: Comfort = Comfort()
    rules: RuleSettings = RuleSettings()
    exemptions: tuple[Exemption, ...] = ()

    zones: dict[Name, ZoneEntry] = Field(min_length=1)
    equipment: dict[Name, SharedEquipmentEntry] = Field(default_factory=dict)
    points: Building = Building()
    meters: dict[Name, Meter] = Field(default_factory=dict)
    organisations: dict[Name, Organisation] = Field(default_factory=dict)
    statistics: Statistics = Statistics()
    templates: dict[Name, Template] = Field(default_factory=dict)
    devices: dict[Name, Device] = Field(min_length=1)
    plant: Plant = Plant()
    energyplus: EnergyPlus | None = None
    savings: Savings | None = None

    priority: Annotated[int, AfterValidator(_writable_priority)] = 10
    stagger: Duration = Field(5.0, le=600)
    writes_per_minute: int = Field(120, ge=1)
    bacnet: Bacnet = Bacnet()
    http: Http = Http()
    database: str | None = None
    readings_for: Duration = Field(90 * 86400.0, ge=7 * 86400)
    audit_years: int = Field(5, ge=1, le=100)
