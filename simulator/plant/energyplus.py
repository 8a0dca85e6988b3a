"""The EnergyPlus plant: a model of EnergyPlus's own, commanded and observed like the built-in one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase
from config.problems import did_you_mean
from schedules.time import DAY, Instant
from schedules.weather import air
from schedules.weather.series import Sample, Weather
from simulator.plant import building as physical
from simulator.plant.base import (
    COOLING,
    END_USES,
    EQUIPMENT,
    FANS,
    HEATING,
    LIGHTS,
    POWER,
    PUMPS,
    Commands,
    Felt,
    Observations,
    Stop,
    Stride,
    Told,
)
from simulator.plant.energyplus_engine import COMMANDS, METERS, READS
from simulator.plant.energyplus_files import days_until, midnight, model_path, read_model
from simulator.plant.energyplus_model import Document, ModelProblem, Unusable, prepare, zone_names
from simulator.plant.energyplus_process import EngineProcess
from simulator.plant.ventilation import Ventilation

Floats: TypeAlias = NDArray[np.float64]

NEVER_HEAT, NEVER_COOL = -60.0, 90.0
"""Setpoints, °C, of a mode that is off; EnergyPlus asks only that heating lies below cooling."""
_MODEL_POWERS = {"cooling": COOLING, "heating": HEATING, "fans": FANS, "pumps": PUMPS}
_MINUTE = 60.0
_AHEAD = 370.0 * DAY
"""s that a run lasts where nobody says."""


class EnergyPlusPlant:
    """A building as an EnergyPlus model, stepped from outside. Use it as a context, or `close` it.

    `zones` maps the zones of `building` to those of the model, `model` names it (see `model_path`). Geometry,
    machines and what lamps and sockets take come from the model; from `building` come the openings of the windows and
    what the model does not know: lifts and water. `weather` is written as an EPW file, so that it is the same for both
    plants. The run lasts until `end` (default about a year on).

    EnergyPlus takes commands once in each of its own steps (`timesteps` an hour); in between, what is seen
    is interpolated. Speeds and supply temperatures of air handlers and of the plant room are the model's own. The electricity of all
    machines counts as central. Raises Unusable.
    """

    def __init__(
        self,
        building: physical.Building,
        zones: Mapping[str, str],
        model: str,
        weather: Weather,
        start: Instant,
        *,
        end: Instant | None = None,
        timesteps: int = 60,
        folder: Path | None = None,
    ) -> None:
        names = tuple(zone.id for zone in building.zones)
        path = model_path(model, folder or Path())
        document = read_model(path)
        found = map_problems(names, zones, document)
        if found:
            raise Unusable(found)
        self.building, self.weather = building, weather
        self.zones = names
        self.air_handlers = tuple(handler.id for handler in building.air_handlers)
        first, last = days_until(start, start + _AHEAD if end is None else end, weather)
        prepared = prepare(document, [zones[zone] for zone in names], first, last, timesteps)
        self._grid = 3600.0 / timesteps
        self._pressure = air.pressure_at(weather.site.altitude)
        self._allocate(building)
        self.time = self._ahead = midnight(first, weather)
        self._process = EngineProcess(prepared, weather, first, last, path.name)
        self._catch_up(start)

    def _allocate(self, building: physical.Building) -> None:
        """What the zones are told and what was last seen of them."""
        zones = building.zones
        count, uses = len(zones), len(END_USES)
        self._ventilation = Ventilation(building, air.density(self._pressure))
        self._leak = self._ventilation.outdoor.copy()
        self._water_fed = np.array([zone.terminal.water for zone in zones])
        self._vav = np.array([zone.terminal.kind == "vav" for zone in zones])
        self._handler = np.array(
            [self.air_handlers.index(z.air_handler) if z.air_handler else -1 for z in zones]
        )
        self._told = np.zeros((count, len(COMMANDS)))
        self._told_of: Commands | None = None
        self._sky: tuple[Instant, list[Sample]] = (-math.inf, [])
        """The weather of a day by the minute, and when that day began."""
        self._before = self._after = np.full((len(READS), count), 20.0)
        """What was seen when the model's last step began, and when it ended."""
        self._step_energy = np.zeros(len(METERS))
        """J over the model's last step."""
        self._energy = np.zeros((uses, count))
        self._central_energy = np.zeros(uses)
        self._gas_energy = self._water = 0.0

    # ------------------------------------------------------------------ the Protocol

    def step(self, dt: float, commands: Commands) -> Observations:
        """Go on by `dt` seconds under `commands`: see `Plant.step`. Raises Stopped after the end, or once closed."""
        if not 0.0 < dt <= 3600.0:
            raise ValueError(f"a step of {dt} s: it takes more than 0 and at most 3,600")
        end = self.time + dt
        energy, central, gas = np.zeros_like(self._energy), np.zeros_like(self._central_energy), 0.0
        begin = self.time
        while begin < end - 1e-6:
            if begin >= self._ahead - 1e-6:
                self._exchange(commands)
            until = min(end, self._ahead)
            span = until - begin
            energy[LIGHTS] += self._after[READS.index("Zone Lights Electricity Rate")] * span
            energy[EQUIPMENT] += self._after[READS.index("Zone Electric Equipment Electricity Rate")] * span
            for (use, _), joules in zip(METERS, self._step_energy, strict=True):
                if use == "gas":
                    gas += joules * span / self._grid
                else:
                    central[_MODEL_POWERS[use]] += joules * span / self._grid
            begin = until
        services = self.building.services
        people = float(commands.people.sum())
        central[POWER] = dt * (
            services.power_standby * self.building.area + services.power_per_person * people
        )
        self._water += services.water_per_person / 28_800.0 * people / 1000.0 * dt
        self._energy = self._energy + energy
        self._central_energy = self._central_energy + central
        self._gas_energy += gas
        self.time = end
        self._seen = self._observe(commands, energy / dt, central / dt, gas / dt)
        return self._seen

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """One step: see `Plant.stride`."""
        return Stride.of(self.step(dt, commands))

    def observe(self) -> Observations:
        """The building at the end of the last step: see `Plant.observe`."""
        return self._seen

    def feel(self, told: Told) -> None:
        """At once: see `Plant.feel`."""
        told(Felt.of(self.observe()))

    def close(self) -> None:
        """Stop EnergyPlus, wherever it is; again is no harm."""
        self._process.close()

    def __enter__(self) -> EnergyPlusPlant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ the other side

    def _catch_up(self, start: Instant) -> None:
        """A run begins at midnight: live until `start` with everything off, and forget what that took."""
        idle = Commands.idle(len(self.zones), len(self.air_handlers))
        while self.time < start:
            self.step(min(3600.0, start - self.time), idle)
        self._energy = np.zeros_like(self._energy)
        self._central_energy = np.zeros_like(self._central_energy)
        self._gas_energy = self._water = 0.0

    def _exchange(self, commands: Commands) -> None:
        """Have the model take its next step."""
        self._tell(commands)
        seen = self._process.exchange(self._told)
        count = len(self.zones)
        self._before, self._after = self._after, seen[: count * len(READS)].reshape(count, len(READS)).T
        self._step_energy = seen[count * len(READS) :]
        self._ahead += self._grid

    def _tell(self, commands: Commands) -> None:
        """Commands as the engine takes them, a row a zone."""
        if commands is self._told_of and not commands.window_open.any():
            return
        self._told_of = commands
        on = self._runs(commands)
        central = commands.central
        cools = on & commands.cooling & (~self._water_fed | central.chiller_on)
        heats = on & commands.heating & (~self._water_fed | central.boiler_on)
        cool_to = np.where(cools, commands.cooling_setpoint, NEVER_COOL)
        wanted = np.where(heats, commands.heating_setpoint, NEVER_HEAT)
        handled = self._handler >= 0
        air_on = np.where(handled, np.append(commands.air_handler_on, False)[self._handler], on)
        rows = {
            "people": commands.people, "window": self._through_windows(commands), "lights": commands.lights,
            "equipment": commands.plugs, "on": on, "air": air_on,
            "heat_to": np.minimum(wanted, cool_to), "cool_to": cool_to,
        }  # fmt: skip
        for place, name in enumerate(COMMANDS):
            self._told[:, place] = rows[name]

    def _through_windows(self, commands: Commands) -> Floats:
        """(zones,) m³/s by the built-in plant's equation; what leaks besides is the model's own."""
        if not commands.window_open.any():
            return np.zeros(len(self.zones))
        still = np.zeros(len(self.air_handlers))
        self._ventilation.update(commands.window_open, still, self._after[0], self._outdoors(self._ahead))
        through: Floats = self._ventilation.outdoor - self._leak
        return through

    def _runs(self, commands: Commands) -> NDArray[np.bool_]:
        """(zones,) terminals that are on; a VAV box only with its air handler."""
        served = np.append(commands.air_handler_on, False)[self._handler]
        runs: NDArray[np.bool_] = commands.terminal_on & (served | ~self._vav)
        return runs

    def _outdoors(self, time: Instant) -> Sample:
        """The weather at the nearest minute: a day at a time costs a hundredth of as many questions."""
        first, samples = self._sky
        if not 0.0 <= time - first < DAY:
            first = time // DAY * DAY
            minutes = first + np.arange(round(DAY / _MINUTE) + 1, dtype=np.float64) * _MINUTE
            samples = [Sample(*row) for row in np.array(self.weather.series(minutes)).T.tolist()]
            self._sky = (first, samples)
        return samples[round((time - first) / _MINUTE)]

    def _observe(self, commands: Commands, electric: Floats, central: Floats, gas: float) -> Observations:
        share = 1.0 - (self._ahead - self.time) / self._grid
        seen = self._before + (self._after - self._before) * share
        runs = self._runs(commands)
        return Observations(
            self.time,
            self._outdoors(self.time),
            seen[0],
            seen[1],
            seen[2],
            seen[3],
            # EnergyPlus counts here, while nothing runs, the lamps' heat that else goes with the return air.
            (self._after[4] - self._after[5]) * runs,
            runs,
            commands.air_handler_on,
            electric,
            central,
            gas,
            self._energy,
            self._central_energy,
            self._gas_energy,
            self._water,
            self._pressure,
        )


def map_problems(names: tuple[str, ...], zones: Mapping[str, str], document: Document) -> list[ModelProblem]:
    """What is wrong with a zone map: zones that have no place, places that are not there or are taken twice."""
    known = zone_names(document)
    lower = {name.lower() for name in known}
    found = [
        ModelProblem(
            ("zones",),
            Phrase(f"zone {name} has no zone of the model", f"区域 {name} 在模型中没有对应的区"),
            Phrase(f"write `{name}: …` here", f"请在此写 `{name}: …`"),
        )
        for name in names
        if name not in zones
    ]
    taken: dict[str, str] = {}
    for name, place in zones.items():
        if place.lower() not in lower:
            hint = did_you_mean(place, known)
            found.append(
                ModelProblem(
                    ("zones", name),
                    Phrase(f"the model has no zone `{place}`", f"模型中没有区 `{place}`"),
                    hint,
                )
            )
        elif place.lower() in taken:
            other = taken[place.lower()]
            message = Phrase(f"{name} and {other} are both `{place}`", f"{name} 与 {other} 都对应 `{place}`")
            hint = Phrase("one zone of the model for each of ours", "每个区域对应模型中的一个区")
            found.append(ModelProblem(("zones", name), message, hint))
        taken[place.lower()] = name
    return found
