"""An EnergyPlus model made ready to be commanded: which object stands for which zone, and our schedules in it.

Pure: epJSON documents in, epJSON documents out. Object and field names are those of EnergyPlus 25.2's "Input Output
Reference". What is changed, and nothing else: the run period and the step, the outputs (none), for each mapped zone
a schedule that makes its air terminal or unit available and a ventilation object for its windows, for each air loop
that serves one a schedule in place of its availability managers, and carbon dioxide, which is switched on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from config.phrase import Phrase, Said

Document: TypeAlias = dict[str, dict[str, dict[str, Any]]]
"""epJSON: object types → names → fields."""

VERSION = "25.2"
"""Of the engine inside pyenergyplus-lbnl 26.1: it reads no other version's files rightly."""
ALWAYS_ON, AIR, WINDOW, CO2 = "Supervisor on", "Supervisor air", "Supervisor windows", "Supervisor CO2"
"""First words of the names of what we add."""


class ModelProblem(NamedTuple):
    """Why a model cannot be simulated: where in the site file's `energyplus`, what is wrong, what would mend it."""

    path: tuple[str, ...]
    """Below `energyplus`: `("model",)`, `("zones", "core")`."""
    message: Phrase
    hint: Phrase


class Unusable(ValueError):
    """The model cannot be simulated; `problems` say why."""

    def __init__(self, problems: Sequence[ModelProblem]) -> None:
        super().__init__("; ".join(f"{problem.message.en} ({problem.hint.en})" for problem in problems))
        self.problems = list(problems)

    def __reduce__(self) -> tuple[type[Unusable], tuple[list[ModelProblem]]]:
        """It travels between processes."""
        return type(self), (self.problems,)


class Stopped(Said, RuntimeError):
    """EnergyPlus is at the end of its run, was closed, or has given up; the message says why where it says so."""


@dataclass(frozen=True)
class ZoneParts:
    """The objects of the model that one of our zones commands. Names as in the model."""

    name: str
    people: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    conditioned: bool = False
    """It has a thermostat."""
    available: str = ""
    """The schedule of its terminal or unit."""
    window: str = ""
    """The schedule of its windows' air flow, m³/s."""


@dataclass(frozen=True)
class Loop:
    """An air loop, its availability schedule, and which of our zones (by place) it serves."""

    name: str
    schedule: str
    zones: tuple[int, ...]


@dataclass(frozen=True)
class Prepared:
    """The document to run, and how to command it."""

    document: Document
    zones: tuple[ZoneParts, ...]
    loops: tuple[Loop, ...] = field(default_factory=tuple)


def zone_names(document: Document) -> list[str]:
    """The thermal zones of a model."""
    return list(document.get("Zone", {}))


def prepare(
    document: Document, zones: Sequence[str], first: dt.date, last: dt.date, timesteps: int
) -> Prepared:
    """The model from `first` to `last` (included), its `zones`, in our order, ready to be commanded."""
    work = deepcopy(document)
    _without_outputs(work)
    _period(work, first, last, timesteps)
    _schedule(work, CO2, 420.0)
    work["ZoneAirContaminantBalance"] = {
        "Supervisor": {
            "carbon_dioxide_concentration": "Yes",
            "outdoor_carbon_dioxide_schedule_name": CO2,
        }
    }
    names = {name.lower(): name for name in zone_names(work)}
    wanted = [names[zone.lower()] for zone in zones]
    parts = tuple(_zone(work, zone) for zone in wanted)
    return Prepared(work, parts, tuple(_loops(work, wanted)))


# ---------------------------------------------------------------------- the run


def _without_outputs(work: Document) -> None:
    """Nothing is written to disk but the error file; no tariffs; no summer time, which our clock has already."""
    for kind in list(work):
        if kind.startswith(("Output:", "OutputControl:", "UtilityCost:", "Meter:", "LifeCycleCost:")):
            del work[kind]
    for kind in ("RunPeriodControl:DaylightSavingTime", "EnvironmentalImpactFactors", "FuelFactors"):
        work.pop(kind, None)
    files = ("csv", "mtr", "eso", "eio", "tabular", "sqlite", "json", "audit", "space_sizing", "zone_sizing",
             "system_sizing", "dxf", "bnd", "rdd", "mdd", "mtd", "end", "shd")  # fmt: skip
    work["OutputControl:Files"] = {"Supervisor": {f"output_{name}": "No" for name in files}}


def _period(work: Document, first: dt.date, last: dt.date, timesteps: int) -> None:
    """Real dates of real years, sized by the model's own design days."""
    before = int(next(iter(work.get("Timestep", {}).values()), {}).get("number_of_timesteps_per_hour", 6))
    for sizing in _of(work, "Sizing:Parameters"):
        # The window is counted in steps: without this, machines would be sized by the length of ours.
        window = int(sizing.get("timesteps_in_averaging_window", before))
        sizing["timesteps_in_averaging_window"] = max(1, round(window * timesteps / before))
    work["Timestep"] = {"Supervisor": {"number_of_timesteps_per_hour": timesteps}}
    work["RunPeriod"] = {
        "Supervisor": {
            "begin_year": first.year, "begin_month": first.month, "begin_day_of_month": first.day,
            "end_year": last.year, "end_month": last.month, "end_day_of_month": last.day,
            "treat_weather_as_actual": "Yes",
            "use_weather_file_holidays_and_special_days": "No",
            "use_weather_file_daylight_saving_period": "No",
            "use_weather_file_rain_indicators": "No", "use_weather_file_snow_indicators": "No",
        }
    }  # fmt: skip
    sizing = next(iter(work.get("SimulationControl", {}).values()), {})
    sizing |= {
        "run_simulation_for_sizing_periods": "No",
        "run_simulation_for_weather_file_run_periods": "Yes",
        "do_hvac_sizing_simulation_for_sizing_periods": "No",
    }
    work["SimulationControl"] = {"Supervisor": sizing}


def _schedule(work: Document, name: str, value: float) -> str:
    work.setdefault("Schedule:Constant", {})[name] = {"hourly_value": value}
    return name


# ---------------------------------------------------------------------- zones


def _zone(work: Document, zone: str) -> ZoneParts:
    available = _schedule(work, f"{ALWAYS_ON} {zone}", 1.0)
    window = _schedule(work, f"{WINDOW} {zone}", 0.0)
    place = _field_of(work, "ZoneVentilation:DesignFlowRate")
    work.setdefault("ZoneVentilation:DesignFlowRate", {})[f"{WINDOW} {zone}"] = {
        place: zone,
        "schedule_name": window,
        "design_flow_rate_calculation_method": "Flow/Zone",
        "design_flow_rate": 1.0,
        "ventilation_type": "Natural",
    }
    for unit in _equipment(work, zone):
        if "availability_schedule_name" in unit:
            unit["availability_schedule_name"] = available
    return ZoneParts(
        zone,
        people=tuple(_gains(work, "People", zone)),
        lights=tuple(_gains(work, "Lights", zone)),
        equipment=tuple(_gains(work, "ElectricEquipment", zone)),
        conditioned=any(
            _covers(work, thermostat, zone) for thermostat in _of(work, "ZoneControl:Thermostat")
        ),
        available=available,
        window=window,
    )


def _field_of(work: Document, kind: str) -> str:
    """What this object type calls its zone: `zone_or_zonelist_…`, which goes by the version of the format."""
    for thing in (*_of(work, kind), *_of(work, "ZoneInfiltration:DesignFlowRate")):
        for name in thing:
            if name.startswith("zone_or_zonelist"):
                return name
    return "zone_or_zonelist_or_space_or_spacelist_name"


def _of(work: Document, kind: str) -> Iterator[dict[str, Any]]:
    yield from work.get(kind, {}).values()


def _place(thing: Mapping[str, Any]) -> str:
    """The zone or list of zones that an object names."""
    return next((str(v) for k, v in thing.items() if k.startswith("zone_or_zonelist")), "")


def _covers(work: Document, thing: Mapping[str, Any], zone: str) -> bool:
    place = _place(thing).lower()
    return place == zone.lower() or zone.lower() in _listed(work, place)


def _listed(work: Document, place: str) -> set[str]:
    for name, entry in work.get("ZoneList", {}).items():
        if name.lower() == place:
            return {str(member.get("zone_name", "")).lower() for member in entry.get("zones", ())}
    return set()


def _gains(work: Document, kind: str, zone: str) -> Iterator[str]:
    """What EnergyPlus calls a zone's gains: the object's name, with the zone's before it where it has a list."""
    for name, thing in work.get(kind, {}).items():
        if _place(thing).lower() == zone.lower():
            yield name
        elif _covers(work, thing, zone):
            yield f"{zone} {name}"


def _equipment(work: Document, zone: str) -> Iterator[dict[str, Any]]:
    """The zone's units, and the terminals inside its air distribution units."""
    for connection in _of(work, "ZoneHVAC:EquipmentConnections"):
        if str(connection.get("zone_name", "")).lower() != zone.lower():
            continue
        lists = work.get("ZoneHVAC:EquipmentList", {})
        chosen = _named(lists, connection.get("zone_conditioning_equipment_list_name", ""))
        for entry in chosen.get("equipment", ()):
            kind, name = entry["zone_equipment_object_type"], entry["zone_equipment_name"]
            unit = _named(work.get(kind, {}), name)
            if kind == "ZoneHVAC:AirDistributionUnit":
                unit = _named(work.get(unit["air_terminal_object_type"], {}), unit["air_terminal_name"])
            yield unit


def _named(things: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    return next((thing for key, thing in things.items() if key.lower() == name.lower()), {})


# ---------------------------------------------------------------------- air loops


def _loops(work: Document, zones: Sequence[str]) -> Iterator[Loop]:
    """Every air loop that serves one of our zones, switched by a schedule of ours alone: no night cycle."""
    inlets = {
        zone: {str(v).lower() for unit in _equipment(work, zone) for v in unit.values()} for zone in zones
    }
    for name, loop in work.get("AirLoopHVAC", {}).items():
        outlets = _outlets(work, str(loop.get("demand_side_inlet_node_names", "")))
        served = tuple(n for n, zone in enumerate(zones) if outlets & inlets[zone])
        if not served:
            continue
        schedule = _schedule(work, f"{AIR} {name}", 1.0)
        work.setdefault("AvailabilityManager:Scheduled", {})[schedule] = {"schedule_name": schedule}
        work.setdefault("AvailabilityManagerAssignmentList", {})[schedule] = {
            "managers": [
                {
                    "availability_manager_object_type": "AvailabilityManager:Scheduled",
                    "availability_manager_name": schedule,
                }
            ]
        }
        loop["availability_manager_list_name"] = schedule
        yield Loop(name, schedule, served)


def _outlets(work: Document, inlet: str) -> set[str]:
    """Nodes at which the supply path that begins at `inlet` hands its air to terminals; lower case."""
    found: set[str] = set()
    for path in _of(work, "AirLoopHVAC:SupplyPath"):
        if str(path.get("supply_air_path_inlet_node_name", "")).lower() != inlet.lower():
            continue
        for part in path.get("components", ()):
            thing = _named(work.get(part["component_object_type"], {}), part["component_name"])
            for node in thing.get("nodes", thing.get("outlet_nodes", ())):
                found.update(str(value).lower() for value in node.values())
    return found
