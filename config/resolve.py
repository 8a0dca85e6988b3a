"""Models of the file → the resolved `Site`: templates expanded, offsets added, defaults filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.accounting import AreaEntry, Organisation, PeopleEntry, Statistics
from config.dated import Dated
from config.entries import PointEntry
from config.file import Bacnet, Calendar, Device, EquipmentEntry, Exemption, Season, SiteFile, ZoneEntry
from config.metering import Meter
from config.mqtt import Broker
from config.placing import Origin, Placer
from config.points import Point
from config.problems import Path
from config.roles import (
    CIRCUIT_KINDS,
    CIRCULATION,
    SENSOR_ROLES,
    EquipmentKind,
    Role,
    ZoneKind,
)
from config.saving import Savings
from config.section import Section
from config.site import DeviceSpec, Equipment, MeterSpec, OrganisationSpec, Part, Site, Zone, is_compressor
from config.subitems import carrier, counts_energy
from config.trial import Trial
from config.units import UNITS

_AREA_PER_PERSON: Mapping[ZoneKind, float] = {
    ZoneKind.MEETING: 2.5,
    ZoneKind.HALL: 4.0,
    ZoneKind.SERVER_ROOM: math.inf,
    ZoneKind.ARCHIVE: math.inf,
    **dict.fromkeys(CIRCULATION, math.inf),
}
"""m² a person where the file does not say. Site choices; offices take 10 (GB 55015-2021, appendix C)."""

_NO_AIR = CIRCUIT_KINDS | {EquipmentKind.SENSORS}
"""Shared equipment that conditions nothing."""

S = TypeVar("S", bound=Section)
B = TypeVar("B", bound=Broker)


@dataclass(slots=True)
class Resolved:
    """A site, and the place in the file of each of its points, by id."""

    site: Site
    origins: dict[str, Origin] = field(default_factory=dict)


def resolve(file: SiteFile, source: str = "", text: str = "", config_hash: str = "") -> Resolved:
    """The site of a file. What refers to something unknown is left out: the checks report it."""
    return _Resolver(file).resolve(source, text, config_hash)


def template_name(entry: EquipmentEntry, key: str) -> str:
    """The template of equipment: named, or the name under which the equipment is written."""
    return entry.template or key


def merged(base: S, over: S | None) -> S:
    """Settings of `base` with those that `over` sets, section by section."""
    if over is None:
        return base
    changes: dict[str, object] = {}
    for name in over.model_fields_set:
        value, under = getattr(over, name), getattr(base, name)
        nested = isinstance(value, Section) and isinstance(under, Section)
        changes[name] = merged(under, value) if nested else value
    return base.model_copy(update=changes)


def time_zone(name: str) -> ZoneInfo | None:
    """The IANA time zone, or None where there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def part_of(text: str) -> Part:
    """A part of a computed meter, `main`, `+main` or `-main`: its name, and its sign."""
    name = text.strip()
    return Part(name.lstrip("+-").strip(), -1.0 if name.startswith("-") else 1.0)


class _Resolver:
    def __init__(self, file: SiteFile) -> None:
        self.file = file
        self.placer = Placer(file)
        self.source = ""
        self.exempt: dict[str, list[Exemption]] = {}
        for exemption in file.exemptions:
            for zone in dict.fromkeys(exemption.zones):
                self.exempt.setdefault(zone, []).append(exemption)
        self.servers: dict[str, list[str]] = {}
        self.shared: dict[str, Equipment] = {}
        for key, entry in file.equipment.items():
            for zone in dict.fromkeys(entry.serves):
                self.servers.setdefault(zone, []).append(key)

    def resolve(self, source: str, text: str, config_hash: str) -> Resolved:
        file = self.file
        self.source = source
        shared = self.shared = {
            name: self.equipment(name, entry, None, ("equipment", name))
            for name, entry in file.equipment.items()
            if template_name(entry, name) in file.templates
        }
        zones = {name: self.zone(name, entry) for name, entry in file.zones.items()}
        building = {
            Role(name): self.placer.placed("building", Role(name), entry, ("points", name))
            for name in type(file.points).model_fields
            if (entry := getattr(file.points, name)) is not None
        }
        site = Site(
            building=file.building,
            name=file.name or file.building,
            language=file.language,
            tz=time_zone(file.timezone) or ZoneInfo("UTC"),
            area_m2=_dated(file.area_m2),
            heated_m2=_dated(file.heated_m2),
            people=_dated(file.people),
            dry_run=file.dry_run,
            hours=dict(file.hours),
            special_days=file.special_days,
            calendar=_calendar(file.calendar, source),
            season=_season(file.season, source),
            rules=file.rules,
            exemptions=file.exemptions,
            zones=zones,
            shared=shared,
            building_points=building,
            meters={n: self.meter(n, m) for n, m in file.meters.items()},
            organisations={n: _organisation(n, o) for n, o in file.organisations.items()},
            statistics=_statistics(file.statistics, source),
            devices={n: self.device(n, d) for n, d in file.devices.items()},
            points=self.placer.points,
            priority=file.priority,
            stagger=file.stagger,
            writes_per_minute=file.writes_per_minute,
            settle=file.settle,
            bacnet=_bacnet(file.bacnet, source),
            http=file.http,
            publish=_broker(file.publish, source),
            bacnet_device=file.bacnet_device,
            calendar_objects=file.calendar_objects,
            database=file.database,
            readings_for=file.readings_for,
            audit_years=file.audit_years,
            config_hash=config_hash,
            source=source,
            text=text,
            plant=file.plant,
            energyplus=file.energyplus,
            savings=_savings(file.savings, source),
            targets=file.targets,
            tariff=file.tariff,
            trial=_trial(file.trial, source),
        )
        return Resolved(site, self.placer.origins)

    def zone(self, name: str, entry: ZoneEntry) -> Zone:
        equipment = tuple(
            self.equipment(key, item, name, ("zones", name, "equipment", key))
            for key, item in entry.equipment.items()
            if template_name(item, key) in self.file.templates
        )
        sensors: dict[Role, tuple[Point, ...]] = {}
        for role, places in entry.sensors.items():
            path: Path = ("zones", name, "sensors", role.value)
            many = len(places) > 1
            sensors[role] = tuple(
                self.placer.placed(
                    name, role, place, (*path, i), zone=name, suffix=f"-{i + 1}" if many else ""
                )
                for i, place in enumerate(places)
            )
        for item in equipment:
            for role in SENSOR_ROLES & item.points.keys():
                sensors[role] = (*sensors.get(role, ()), item.points[role])
        serving = [self.shared[key] for key in self.servers.get(name, ()) if key in self.shared]
        return Zone(
            id=name,
            name=entry.name or name,
            kind=entry.kind,
            hours=entry.hours,
            floor=entry.floor,
            area_m2=entry.area_m2,
            people=_people(entry),
            dry_run=self.file.dry_run if entry.dry_run is None else entry.dry_run,
            rules=merged(self.file.rules, entry.rules),
            comfort=merged(self.file.comfort, entry.comfort),
            equipment=equipment,
            sensors={role: sensors[role] for role in sorted(sensors)},
            exemptions=tuple(self.exempt.get(name, ())),
            envelope=entry.envelope,
            lighting_w_m2=entry.lighting_w_m2,
            equipment_w_m2=entry.equipment_w_m2,
            served_by=tuple(e.id for e in serving if e.kind not in _NO_AIR),
            circuits=tuple(e for e in serving if e.kind in CIRCUIT_KINDS),
        )

    def equipment(self, key: str, entry: EquipmentEntry, zone: str | None, path: Path) -> Equipment:
        template = self.file.templates[template_name(entry, key)]
        id_ = f"{zone}/{key}" if zone else key
        points: dict[Role, Point] = {}
        for role in {**template.points, **entry.points}:
            point = self.placer.equipment_point(id_, role, template, entry, zone)
            if point is not None:
                points[role] = point
                own = role in entry.points
                mapped = (
                    (*path, "points", role.value)
                    if own
                    else ("templates", template_name(entry, key), "points", role.value)
                )
                self.placer.keep(point, Origin(path, mapped))
        return Equipment(
            id=id_,
            name=entry.name or key,
            kind=template.kind,
            base=entry.base or template.base,
            zones=(zone,) if zone else getattr(entry, "serves", ()),
            points=points,
            shared=zone is None,
            compressor=is_compressor(template.kind, template.compressor),
            escape_route=bool(entry.escape_route),
            warn=entry.warn or template.warn,
            on_exit=template.on_exit,
            template=template_name(entry, key),
        )

    def meter(self, name: str, entry: Meter) -> MeterSpec:
        role = Role.WATER if not counts_energy(entry.subitem) else Role.ENERGY
        point = None
        if entry.point is not None:
            point = self.placer.placed(f"meter/{name}", role, entry.point, ("meters", name, "point"))
        usual = "L" if entry.vehicle is not None else "m3" if role is Role.WATER else "kWh"
        unit = UNITS[entry.unit or usual]
        return MeterSpec(
            name, entry.name or name, entry.subitem, role is Role.ENERGY, point, entry.parent,
            point.scale if point is not None else unit.scale,
            entry.interval, entry.rated, entry.digits, entry.always_on, entry.accuracy, entry.verify_by,
            tuple(part_of(part) for part in entry.of or ()), entry.vehicle,
            entry.organisation, carrier(entry.subitem) == "heat" if entry.heating is None else entry.heating,
            entry.since, entry.until,
        )  # fmt: skip

    def device(self, name: str, entry: Device) -> DeviceSpec:
        heartbeat = None
        if entry.heartbeat is not None:
            heartbeat = self.placer.point(
                f"device/{name}/heartbeat",
                Role.HEARTBEAT,
                name,
                entry.heartbeat,
                PointEntry(),
                None,
                None,
                writable=True,
            )
            path: Path = ("devices", name, "heartbeat")
            self.placer.keep(heartbeat, Origin(path, path))
        return DeviceSpec(
            id=name,
            name=entry.name or name,
            instance=entry.instance,
            address=entry.address,
            timeout=entry.timeout,
            max_in_flight=entry.max_in_flight,
            requests_per_second=entry.requests_per_second,
            cov=entry.cov,
            poll=entry.poll,
            heartbeat=heartbeat,
            mqtt=_broker(entry.mqtt, self.source),
        )


def _people(entry: ZoneEntry) -> float:
    if entry.people is not None:
        return entry.people
    return entry.area_m2 / _AREA_PER_PERSON.get(entry.kind, 10.0)


def _dated(entries: Sequence[AreaEntry | PeopleEntry]) -> Dated:
    return Dated(tuple((e.first, e.area_m2 if isinstance(e, AreaEntry) else e.people) for e in entries))


def _organisation(name: str, entry: Organisation) -> OrganisationSpec:
    return OrganisationSpec(name, entry.name or name, _dated(entry.area_m2), _dated(entry.people))


def _statistics(section: Statistics, source: str) -> Statistics:
    """Its files, relative to the site file, as whole paths."""
    folder = FilePath(source).parent if source else FilePath()
    files = {"coefficients": section.coefficients, "costs": section.costs, "quotas": section.quotas}
    return section.model_copy(update={k: str(folder / v) for k, v in files.items() if v is not None})


def _season(season: Season, source: str) -> Season:
    """Its weather file, relative to the site file, as a whole path."""
    if season.weather is None:
        return season
    folder = FilePath(source).parent if source else FilePath()
    return season.model_copy(update={"weather": str(folder / season.weather)})


def _savings(savings: Savings | None, source: str) -> Savings | None:
    """Its file, relative to the site file, as a whole path."""
    if savings is None or savings.weather is None:
        return savings
    folder = FilePath(source).parent if source else FilePath()
    return savings.model_copy(update={"weather": str(folder / savings.weather)})


def _broker(broker: B | None, source: str) -> B | None:
    """Its files, relative to the site file, as whole paths."""
    return (
        _beside(broker, source, "password_file", "ca", "certificate", "key") if broker is not None else None
    )


def _bacnet(bacnet: Bacnet, source: str) -> Bacnet:
    """The same, of the certificates of BACnet/SC."""
    if bacnet.sc is None:
        return bacnet
    return bacnet.model_copy(update={"sc": _beside(bacnet.sc, source, "ca", "certificate", "key")})


def _beside(section: S, source: str, *files: str) -> S:
    folder = FilePath(source).parent if source else FilePath()
    return section.model_copy(
        update={name: str(folder / file) for name in files if (file := getattr(section, name)) is not None}
    )


def _trial(trial: Trial | None, source: str) -> Trial | None:
    """Its draft, relative to the site file, as a whole path."""
    if trial is None or trial.draft is None:
        return trial
    folder = FilePath(source).parent if source else FilePath()
    return trial.model_copy(update={"compare": str(folder / trial.draft)})


def _calendar(calendar: Calendar, source: str) -> Calendar:
    """Its files, relative to the site file, as whole paths."""
    folder = FilePath(source).parent if source else FilePath()
    return calendar.model_copy(
        update={
            "holiday_cn": tuple(str(folder / name) for name in calendar.holiday_cn),
            "ics": tuple(each.model_copy(update={"file": str(folder / each.file)}) for each in calendar.ics),
        }
    )
