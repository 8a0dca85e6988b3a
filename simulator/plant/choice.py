"""Which physics stands behind a site: the built-in plant, or the EnergyPlus model that its file names."""

from __future__ import annotations

from pathlib import Path

from config.codes import Coded
from config.phrase import Phrase, same
from config.problems import Problem, dotted
from config.site import Site
from config.source import TOP, read_source
from schedules.time import Instant
from schedules.weather.series import Weather
from simulator.plant.base import Plant
from simulator.plant.building import Building
from simulator.plant.energyplus import EnergyPlusPlant, map_problems
from simulator.plant.energyplus_files import model_path, read_model
from simulator.plant.energyplus_model import ModelProblem, Unusable
from simulator.plant.kind import PlantKind
from simulator.plant.strides import StridingRcPlant


def plant_for(
    kind: PlantKind,
    site: Site,
    building: Building,
    weather: Weather,
    start: Instant,
    end: Instant | None = None,
) -> Plant:
    """A plant at `start`, with what EnergyPlus needs known until `end`. Raises Unusable."""
    if kind is PlantKind.RC:
        return StridingRcPlant(building, weather, start)
    model = site.energyplus
    if model is None:
        raise Unusable([_NO_MODEL])
    folder = Path(site.source).parent
    return EnergyPlusPlant(
        building, model.zones, model.model, weather, start, end=end, timesteps=model.timesteps, folder=folder
    )


_NO_MODEL = ModelProblem(
    (),
    Phrase("the site file names no EnergyPlus model", "站点文件未指定 EnergyPlus 模型"),
    same("energyplus: {model: small_office, zones: {room: Core_ZN}}"),
)


def model_problems(site: Site) -> list[Problem]:
    """Why EnergyPlus cannot simulate a site, with the place in its file; empty where it can."""
    model = site.energyplus
    if model is None:
        return [Problem(site.source, 1, 1, "", Coded("simulation", *_NO_MODEL.message), _NO_MODEL.hint)]
    try:
        document = read_model(model_path(model.model, Path(site.source).parent))
    except Unusable as error:
        return [_placed(site, problem) for problem in error.problems]
    found = map_problems(tuple(sorted(site.zones)), model.zones, document)
    return [_placed(site, problem) for problem in found]


def _placed(site: Site, problem: ModelProblem) -> Problem:
    path = ("energyplus", *problem.path)
    tree = read_source(site.text.encode(), site.source).tree
    mark = TOP
    if tree is not None:
        node, _ = tree.find(path)
        mark = node.key if node.text is None and node.key is not None else node.at
    return Problem(
        site.source,
        mark.line,
        mark.column,
        dotted(path),
        Coded("simulation", *problem.message),
        problem.hint,
        width=mark.width,
    )
