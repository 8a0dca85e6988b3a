"""The site file as it is written: one frozen model a section, unknown keys forbidden."""

from __future__ import annotations

from typing import Annotated, Literal

from config.accounting import AreaHistory, Organisation, PeopleHistory, Statistics
from config.calendar_objects import CalendarObject
from config.codes import Coded
from config.declared import After, Before, field
from config.entries import EquipmentPoint, PlacedPoint, TemplatePoint
from config.metering import Meter
from config.mqtt import Mqtt, Publish
from config.own_device import BacnetDevice
from config.phrase import Phrase
from config.plant import Plant
from config.roles import EquipmentKind, Role, ZoneKind
from config.rules import RuleId, RuleSettings
from config.saving import Savings, Targets
from config.section import OneOrMore, Section, Shorthand
from config.secure import VMAC, SecureConnect
from config.tariff import Tariff
from config.trial import Trial
from config.values import (
    Clock,
    Day,
    DevicePlace,
    Duration,
    Hours,
    Misread,
    MonthDay,
    Name,
    ObjectPlace,
)

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
    first: Annotated[Day | None, field(alias="from")] = None
    last: Annotated[Day | None, field(alias="to")] = None
    hours: Hours | None = None
    close: Clock | None = None
    groups: tuple[str, ...] = ()
    name: str = ""


class Exemption(Section):
    """Zones that rules leave alone, until a date, with a reason and somebody who answers for it."""

    zones: tuple[str, ...] = field(min_length=1)
    rules: tuple[RuleId, ...] = field(min_length=1)
    reason: str = field(min_length=1)
    approver: str = field(min_length=1)
    until: Day


class SeasonDates(Section):
    """The first day of each season."""

    spring: MonthDay
    summer: MonthDay
    autumn: MonthDay
    winter: MonthDay


class HeatingDates(Section):
    """The district-heating period: winter from its first day to its last."""

    first: Annotated[MonthDay, field(alias="from")]
    last: Annotated[MonthDay, field(alias="to")]


class SeasonOverride(Section):
    """A manager's word on the season, for a while."""

    season: Literal["spring", "summer", "autumn", "winter"]
    until: Day
    name: str = field(min_length=1)


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

    file: str = field(min_length=1)
    means: dict[str, Literal["closed", "worked", "nothing"]] = field(default_factory=dict)
    """Words of its titles → what such a day is: a whole title goes before a word in it, a longer before a shorter."""


Ics = Annotated[IcsEntry, Shorthand("file")]


class Calendar(Section):
    """Which public holidays apply, and files that add to them."""

    country: str = field("CN", pattern="^[A-Z]{2}$")
    subdivision: str | None = None
    holiday_cn: tuple[str, ...] = ()
    ics: tuple[Ics, ...] = ()


class Comfort(Section):
    """The band outside which occupied time counts as discomfort, degC (GB/T 18883-2022 table 1: 16–28)."""

    low: float = field(19.0, ge=10, le=25)
    high: float = field(27.0, ge=20, le=32)


# ---------------------------------------------------------------- what an integrator maps once


class Template(Section):
    """A kind of equipment as this building's controllers present it, mapped once."""

    kind: EquipmentKind
    base: Literal["controller", "supervisor"] = "controller"
    compressor: bool | None = None
    on_exit: Literal["release", "hold"] = "release"
    warn: Literal["none", "blink"] = "none"
    points: dict[Role, TemplatePoint] = field(default_factory=dict)


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
    points: dict[Role, EquipmentPoint] = field(default_factory=dict)


Equipment = Annotated[EquipmentEntry, Shorthand("at")]


class SharedEquipmentEntry(EquipmentEntry):
    """Equipment that serves several zones and runs while one of them requests it; a circuit of lights or sockets is off when none needs it."""

    serves: tuple[str, ...] = field(min_length=1)


class Envelope(Section):
    """What the rehearsal needs to know of a zone's walls and glass."""

    orientation: Literal["N", "NE", "E", "SE", "S", "SW", "W", "NW", "core"] = "S"
    window_share: float = field(0.4, ge=0, le=0.9)
    u_wall: float | None = field(None, gt=0, le=5)
    u_window: float | None = field(None, gt=0, le=7)
    u_roof: float | None = field(None, gt=0, le=5)
    shgc: float | None = field(None, ge=0, le=1)
    infiltration: float | None = field(None, ge=0, le=20)
    mass: Literal["very_light", "light", "medium", "heavy", "very_heavy"] = "medium"
    height: float = field(3.0, gt=1.5, le=20)


def _whole(value: object) -> object:
    """A scalar arrives as the text that was written."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class EnergyPlus(Section):
    """The building as an EnergyPlus model, for `simulate --plant energyplus`.

    `zones` says which zone of the model each of ours is.
    """

    model: str = field(min_length=1)
    """A model of the extra's by name (`small_office`), or an .idf or .epJSON file beside the site file."""
    zones: dict[Name, str] = field(min_length=1)
    timesteps: Annotated[Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60], Before(_whole)] = 60
    """Steps an hour: 60 sees each minute, 6 is ten times as fast."""


class ZoneEntry(Section):
    """A room, or rooms controlled together."""

    name: str = ""
    kind: ZoneKind = ZoneKind.OFFICE
    hours: str
    floor: int | None = None
    area_m2: float = field(40.0, gt=0, le=100_000)
    people: float | None = field(None, ge=0, le=100_000)
    dry_run: bool | None = None
    rules: RuleSettings | None = None
    comfort: Comfort | None = None
    equipment: dict[Name, Equipment] = field(default_factory=dict)
    sensors: dict[Role, Annotated[tuple[PlacedPoint, ...], OneOrMore()]] = field(default_factory=dict)
    envelope: Envelope = Envelope()
    lighting_w_m2: float | None = field(None, ge=0, le=500)
    equipment_w_m2: float | None = field(None, ge=0, le=20_000)


class Device(Section):
    """A BACnet device: known by its instance, found at its address or by Who-Is.

    `address` is `host:port`, `network:station` behind a router (`2001:12`), or a VMAC on BACnet/SC (`02:1a:2b:3c:4d:5e`).
    `requests_per_second` caps everything that is sent to it; devices of one network behind a router share the
    lowest that is stated for any of them, 10 where none is.
    """

    instance: int = field(ge=0, le=4_194_302)
    address: str | None = field(None, pattern=rf"^([0-9A-Za-z_.\-\[\]]+(:\d{{1,5}})?|{VMAC})$")
    name: str = ""
    timeout: Duration = field(3.0, gt=0, le=30)
    max_in_flight: int = field(16, ge=1, le=200)
    requests_per_second: float | None = field(None, gt=0)
    cov: bool = True
    poll: Duration = field(10.0, ge=0.2)
    heartbeat: ObjectPlace | None = None
    mqtt: Mqtt | None = None
    """It is no BACnet device but a broker of MQTT, whose topics play its objects; `instance` then only names it."""


class Foreign(Section):
    """Registration as a foreign device (ASHRAE 135 §J.5): broadcasts then go through a BBMD of another subnet.

    `ttl` is how long the BBMD keeps the registration; it is renewed at half of that.
    """

    bbmd: str
    ttl: Duration = field(300.0, ge=10, le=65_535)


class Bbmd(Section):
    """Being this subnet's BBMD (ASHRAE 135 §J.4): broadcasts are exchanged with the BBMDs of other subnets."""

    peers: tuple[str, ...] = field(min_length=1)


class Bacnet(Section):
    """The daemon's own end of the wire.

    Without `bind` it works from the address of this machine that the devices' addresses are routed to.
    `foreign` is for devices of another subnet that has a BBMD, `bbmd` for a subnet that has none.
    """

    stack: Literal["bac0", "rusty"] = "bac0"
    bind: str | None = None
    port: int = field(47808, ge=1, le=65535)
    instance: int = field(3_056_001, ge=0, le=4_194_302)
    cov_lifetime: Duration = field(300.0, ge=10)
    foreign: Foreign | None = None
    bbmd: Bbmd | None = None
    sc: SecureConnect | None = None
    """Devices without an address, and those at a VMAC, are behind this hub; those at `host:port` are on BACnet/IP."""


class Http(Section):
    """Where the page and the metrics are served."""

    bind: str = "127.0.0.1"
    port: int = field(8026, ge=1, le=65535)
    names: tuple[str, ...] = ()
    """Further host names under which the page is reached."""
    tokens: tuple[Annotated[str, field(pattern="^[0-9a-f]{64}$")], ...] = ()
    """Hashes that `building-supervisor token` prints: who may read from another machine."""
    proxy: bool = False
    """A proxy on this machine passes requests on: then nobody is taken for a reader at this machine, all need a token."""


class Building(Section):
    """Points of the whole building."""

    outdoor_temperature: PlacedPoint | None = None
    outdoor_humidity: PlacedPoint | None = None
    fire_alarm: PlacedPoint | None = None
    changeover: PlacedPoint | None = None


_PRIORITIES = Phrase("leave it out for the default, 10, or choose 9 to 16", "不写则为默认值 10，或选 9 到 16")


def _writable_priority(value: int) -> int:
    if 1 <= value <= 8:
        raise Misread(
            Coded(
                "out-of-range",
                "priorities 1 to 8 belong to life safety, critical equipment, minimum on/off and the manual "
                "operator (ASHRAE 135 table 19-1)",
                "优先级 1 到 8 属于生命安全、关键设备、最短启停和人工操作（ASHRAE 135 表 19-1）",
            ),
            _PRIORITIES,
        )
    if not 9 <= value <= 16:
        raise Misread(
            Coded("out-of-range", "there is no such priority for us", "没有可供本系统使用的这个优先级"),
            _PRIORITIES,
        )
    return value


def _version(value: object) -> object:
    return 1 if str(value).strip() == "1" else value


class SiteFile(Section):
    """The whole file."""

    version: Annotated[Literal[1], Before(_version)]
    building: Name
    name: str = ""
    language: Literal["zh", "en"] | None = None
    """Of whatever the command line tells of this site; by default the terminal's."""
    timezone: str
    area_m2: AreaHistory = ()
    heated_m2: AreaHistory = ()
    people: PeopleHistory = ()
    dry_run: bool = True

    hours: dict[Name, Annotated[WeekHours, Shorthand("workday")]] = field(min_length=1)
    special_days: tuple[SpecialDayEntry, ...] = ()
    calendar: Calendar = Calendar()
    calendar_objects: tuple[CalendarObject, ...] = ()
    season: Season = Season()
    comfort: Comfort = Comfort()
    rules: RuleSettings = RuleSettings()
    exemptions: tuple[Exemption, ...] = ()

    zones: dict[Name, ZoneEntry] = field(default_factory=dict)
    equipment: dict[Name, SharedEquipmentEntry] = field(default_factory=dict)
    points: Building = Building()
    meters: dict[Name, Meter] = field(default_factory=dict)
    organisations: dict[Name, Organisation] = field(default_factory=dict)
    statistics: Statistics = Statistics()
    templates: dict[Name, Template] = field(default_factory=dict)
    devices: dict[Name, Device] = field(default_factory=dict)
    plant: Plant = Plant()
    energyplus: EnergyPlus | None = None
    savings: Savings | None = None
    targets: Targets = Targets()
    tariff: Annotated[tuple[Tariff, ...], OneOrMore()] = ()
    trial: Trial | None = None

    priority: Annotated[int, After(_writable_priority)] = 10
    stagger: Duration = field(5.0, le=600)
    writes_per_minute: int = field(120, ge=1)
    settle: Duration = field(10.0, le=3600)
    bacnet: Bacnet = Bacnet()
    http: Http = Http()
    publish: Publish | None = None
    bacnet_device: BacnetDevice | None = None
    database: str | None = None
    readings_for: Duration = field(90 * 86400.0, ge=7 * 86400)
    audit_years: int = field(5, ge=1, le=100)
