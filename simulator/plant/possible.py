"""Whether a building can be: every figure within what a building may have, every name one that is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from config.phrase import Phrase
from simulator.plant.building import Building, Partition, Storey, Zone


class BuildingProblem(NamedTuple):
    """Why a building cannot be: where, what is wrong and what would mend it."""

    path: str
    """As in the site file: `zones.3.area`."""
    message: Phrase
    hint: Phrase


_NO_ZONES = (
    Phrase("a building without zones", "建筑没有区域"),
    Phrase("give at least one zone", "至少写一个区域"),
)


def _one_of(names: set[str]) -> Phrase:
    return Phrase(f"one of {sorted(names)}", f"可用：{sorted(names)}")


def problems(building: Building) -> list[BuildingProblem]:
    """Every reason why `building` cannot be simulated; empty when there is none."""
    found: list[BuildingProblem] = []
    if not building.zones:
        found.append(BuildingProblem("zones", *_NO_ZONES))
    handlers = {handler.id for handler in building.air_handlers}
    seen: set[str] = set()
    for number, zone in enumerate(building.zones):
        path = f"zones.{number}"
        if zone.id in seen:
            said = Phrase(f"zone {zone.id} is there twice", f"区域 {zone.id} 出现了两次")
            found.append(
                BuildingProblem(f"{path}.id", said, Phrase("rename one of them", "请给其中一个改名"))
            )
        seen.add(zone.id)
        found += _zone(path, zone, handlers)
    for number, handler in enumerate(building.air_handlers):
        found += _ranges(f"air_handlers.{number}", handler, _HANDLER)
    found += _ranges("central", building.central, _CENTRAL)
    for number, partition in enumerate(building.partitions):
        found += _partition(f"partitions.{number}", partition, seen)
    for number, storey in enumerate(building.storeys):
        found += _storey(f"storeys.{number}", storey, seen)
    return found


def _zone(path: str, zone: Zone, handlers: set[str]) -> list[BuildingProblem]:
    found = []
    if zone.air_handler is not None and zone.air_handler not in handlers:
        said = Phrase(f"air handler {zone.air_handler} does not exist", f"没有空调机组 {zone.air_handler}")
        found.append(BuildingProblem(f"{path}.air_handler", said, _one_of(handlers)))
    found += _ranges(path, zone, _ZONE)
    found += _ranges(f"{path}.envelope", zone.envelope, _ENVELOPE)
    found += _ranges(f"{path}.terminal", zone.terminal, _TERMINAL)
    if zone.slab is not None:
        limits = {"conductance": (0.0, 10.0 * zone.area), "temperature": (-40.0, 60.0)}
        found += _ranges(f"{path}.slab", zone.slab, limits)
    ground = zone.envelope.ground
    if ground is not None and not (len(ground) == 12 and all(-40.0 <= value <= 60.0 for value in ground)):
        said = Phrase(
            f"{len(ground)} ground temperatures, or one that no ground has",
            f"地温有 {len(ground)} 个，或有一个不可能的值",
        )
        hint = Phrase("twelve, from -40 to 60 °C", "应为十二个，从 -40 到 60 °C")
        found.append(BuildingProblem(f"{path}.envelope.ground", said, hint))
    for index, facade in enumerate(zone.facades):
        found += _ranges(f"{path}.facades.{index}", facade, _FACADE)
    return found


def _partition(path: str, partition: Partition, zones: set[str]) -> list[BuildingProblem]:
    found = _strangers(path, (partition.one, partition.other), zones)
    return found + _ranges(path, partition, {"conductance": (0.0, 1e5)})


def _storey(path: str, storey: Storey, zones: set[str]) -> list[BuildingProblem]:
    # above that a step of five minutes would throw more heat to and fro than the air can hold
    return _strangers(path, storey.zones, zones) + _ranges(path, storey, {"conductance": (0.0, 20.0)})


def _strangers(path: str, names: Iterable[str], zones: set[str]) -> list[BuildingProblem]:
    return [
        BuildingProblem(path, Phrase(f"zone {name} does not exist", f"没有区域 {name}"), _one_of(zones))
        for name in names
        if name not in zones
    ]


_Limits: TypeAlias = dict[str, tuple[float, float]]
_ZONE: _Limits = {
    "area": (0.5, 1e6), "height": (1.5, 60.0), "roof_area": (0.0, 1e6), "ground_area": (0.0, 1e6),
    "people_area": (0.3, 1e6), "lighting": (0.0, 500.0), "equipment": (0.0, 20_000.0),
    "fresh_air": (0.0, 500.0), "openable": (0.0, 1.0), "window_height": (0.1, 10.0),
}  # fmt: skip
_ENVELOPE: _Limits = {
    "u_wall": (0.01, 10.0), "u_window": (0.1, 10.0), "u_roof": (0.01, 10.0), "u_ground": (0.01, 10.0),
    "ground_factor": (0.0, 1.0), "shgc": (0.0, 1.0), "frame": (0.0, 0.9), "incidence": (0.1, 1.0),
    "shading": (0.0, 1.0), "absorptance": (0.0, 1.0), "r_outside": (0.0, 1.0), "emissivity": (0.0, 1.0),
    "infiltration": (0.0, 50.0), "surface_ratio": (2.0, 12.0), "inner_capacity": (500.0, 1e6),
}  # fmt: skip
_TERMINAL: _Limits = {
    "cooling_capacity": (0.0, 1e8), "heating_capacity": (0.0, 1e8), "cooling_cop": (0.5, 20.0),
    "heating_cop": (0.5, 20.0), "fan_power": (0.0, 1e6), "minimum_off": (0.0, 7200.0),
    "outdoor_air": (0.0, 1e6), "gas_efficiency": (0.0, 1.2), "fan_heat": (0.0, 5.0),
    "minimum_flow": (0.0, 1.0),
}  # fmt: skip
_FACADE: _Limits = {"azimuth": (-360.0, 360.0), "area": (0.01, 1e6), "window_share": (0.0, 1.0)}
_HANDLER: _Limits = {
    "specific_fan_power": (0.0, 5.0), "heating_supply": (5.0, 60.0), "recovery": (0.0, 0.95),
}  # fmt: skip
_CENTRAL: _Limits = {
    "chiller_cop": (0.5, 20.0), "tower_share": (0.0, 1.0), "boiler_efficiency": (0.05, 1.2),
    "heat_pump_cop": (0.5, 20.0), "pump_share": (0.0, 1.0), "pumps": (1, 100),
}  # fmt: skip


def _ranges(path: str, thing: object, limits: _Limits) -> list[BuildingProblem]:
    """A problem for each field of `thing` outside its limits, or not a number."""
    found = []
    for name, (low, high) in limits.items():
        value = getattr(thing, name)
        if not low <= value <= high:
            message = Phrase(f"{name} {value} is out of range", f"{name} {value} 超出范围")
            hint = Phrase(f"from {low:g} to {high:g}", f"从 {low:g} 到 {high:g}")
            found.append(BuildingProblem(f"{path}.{name}", message, hint))
    return found
