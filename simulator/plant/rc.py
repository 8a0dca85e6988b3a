"""The built-in plant: every zone a resistor-capacitor network, stepped together in numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import Instant
from schedules.weather import air
from schedules.weather.series import Weather
from simulator.plant import building as physical
from simulator.plant.balance import Balance
from simulator.plant.base import (
    COOLING,
    END_USES,
    EQUIPMENT,
    FANS,
    HEATING,
    LIGHTS,
    POWER,
    Commands,
    Felt,
    Observations,
    Stop,
    Stride,
    Told,
)
from simulator.plant.network import INPUTS, end_weights, fixed, network_of, response
from simulator.plant.plantroom import PlantRoom, supply_air
from simulator.plant.possible import problems
from simulator.plant.rooms import Coupling, walls_of
from simulator.plant.sky import Sky
from simulator.plant.terminals import COIL_TEMPERATURE, Terminals, compressor_factors
from simulator.plant.ventilation import Ventilation

Floats: TypeAlias = NDArray[np.float64]

SENSIBLE_PERSON = 75.0
"""W a person gives to the room: ASHRAE Fundamentals (2021), ch. 18, table 1, office work."""
LATENT_PERSON = 55.0
"""W a person gives as vapour: the same row."""
CO2_PERSON = 5.2e-6
"""m³/s a person breathes out at 1.2 met: ASTM D6245-18, section 6."""
CO2_OUTDOOR = 420.0
"""ppm: NOAA Global Monitoring Laboratory, global mean of 2023, rounded."""
VAPOUR_BUFFER = 5.0
"""Moisture capacity of a furnished room over that of its air. Site choice."""
AIRFLOW_PERIOD = 900.0
"""Seconds after which the flow through open windows is worked out again for new wind and temperatures."""
COIL_HUMIDITY = air.saturated_ratio(COIL_TEMPERATURE, 100.0, air.STANDARD_PRESSURE)
"""kg/kg of air that leaves a wet coil."""


class RcPlant:
    """A building by ISO 13790:2008's simple hourly method, run in minutes. See `network` for the equations.

    `balance=True` keeps the heat ledger of `Balance`, at some cost a step.
    """

    def __init__(
        self, building: physical.Building, weather: Weather, start: Instant, *, balance: bool = False
    ) -> None:
        found = problems(building)
        if found:
            raise ValueError("; ".join(f"{p.path}: {p.message} ({p.hint})" for p in found))
        self.building = building
        self.weather = weather
        altitude = weather.site.altitude if building.altitude is None else building.altitude
        self._pressure = air.pressure_at(altitude)
        self._density = air.density(self._pressure)
        self._network = network_of(building.zones)
        self._fixed = fixed(self._network)
        self._sky = Sky(building.zones, weather, self._pressure)
        self._ventilation = Ventilation(building, self._density)
        self._terminals = Terminals(building)
        self._room = PlantRoom(building, self._ventilation)
        self._recovers = any(handler.recovery > 0.0 for handler in building.air_handlers)
        self.zones = tuple(zone.id for zone in building.zones)
        self.air_handlers = tuple(handler.id for handler in building.air_handlers)
        self._between: Coupling | None = walls_of(building)
        self.time = start
        self._allocate(len(building.zones))
        self.balance = Balance(self._network, weather.site.utc_offset) if balance else None
        self._settle(start)

    def _allocate(self, count: int) -> None:
        """Every array that a step writes, made once."""
        uses = len(END_USES)
        zones = self.building.zones
        self._light_power = np.array([zone.lighting * zone.area for zone in zones])
        self._plug_power = np.array([zone.equipment * zone.area for zone in zones])
        self._inputs = np.zeros((len(INPUTS), 1, count))
        self._states = self._inputs[:2, 0]
        self._outdoor, self._solar, self._gains, self._air_side = self._inputs[2:, 0]
        self._internal = np.zeros(count)
        self._products = np.empty((len(INPUTS), 3, count))
        self._free = np.empty((3, count))
        self._nodes = np.full((3, count), 20.0)
        self._air, self._surface = self._nodes[0], self._nodes[2]
        self._hvac = np.zeros(count)
        self._scratch = np.empty(count)
        self._scratch3 = np.empty((3, count))
        self._cooling = np.zeros(count)
        self._latent = np.zeros(count)
        self._humidity = np.full(count, 0.007)
        self._vapour_people = np.zeros(count)
        self._vapour_source = np.zeros(count)
        self._co2 = np.full(count, CO2_OUTDOOR)
        self._co2_gain = np.zeros(count)
        self._operative = np.full(count, 20.0)
        self._electric = np.zeros((uses, count))
        self._energy = np.zeros((uses, count))
        self._energy_step = np.empty((uses, count))
        self._energy_known = False
        """`_energy_step` is that of the electric powers as they stand."""
        self._central = np.zeros(uses)
        self._central_energy = np.zeros(uses)
        self._gas_energy = 0.0
        self._water = 0.0
        self._commands: Commands | None = None
        self._dt = 0.0
        self._airflow_due: Instant = -math.inf

    def _settle(self, start: Instant) -> None:
        """Begin at the mean temperature of the last day outside, at least 12 °C."""
        times = start - np.arange(24, dtype=np.float64) * 3600.0
        mean = max(12.0, float(self.weather.series(times).dry_bulb.mean()))
        self._nodes[:] = mean
        self._operative[:] = mean
        row = self._sky.row(start)
        self._humidity[:] = self._sky.humidity[row]

    def step(self, dt: float, commands: Commands) -> Observations:
        """Go on by `dt` seconds under `commands`: see `Plant.step`."""
        if not 0.0 < dt <= 3600.0:
            raise ValueError(f"a step of {dt} s: it takes more than 0 and at most 3,600")
        time = self.time
        row = self._sky.row(time + dt / 2.0)
        if commands is not self._commands or time >= self._terminals.unlock_at:
            self._adopt(commands)
        if dt != self._dt or time >= self._airflow_due:
            self._conduct(dt, row)
        cooling_air, heating_air = self._drive(row)
        self._respond()
        self._dry(dt, row)
        self._account(dt, row, cooling_air, heating_air)
        self.time = time + dt
        if self.balance is not None:
            sample = self._sky.samples[row]
            self.balance.add(time, dt, self._inputs, self._nodes, self._hvac, sample.dry_bulb)
        self._seen = self._observe(row)
        return self._seen

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """One step; `strides` takes more at a time. See `Plant.stride`."""
        return Stride.of(self.step(dt, commands))

    def observe(self) -> Observations:
        """The building at the end of the last step: see `Plant.observe`. Raises AttributeError before the first."""
        return self._seen

    def feel(self, told: Told) -> None:
        """At once: see `Plant.feel`."""
        told(Felt.of(self.observe()))

    def settle_at(self, air: Floats) -> None:
        """Begin with every room, and what it is made of, at (zones,) °C: for a building whose past is recorded."""
        self._nodes[:] = air
        self._operative[:] = air

    def shine(self, factor: Callable[[Floats], Floats]) -> None:
        """Multiply the weather's sunlight, by zone: see `Sky.shone`. Before the first step."""
        self._sky.shone = factor

    def couple(self, rooms: Coupling) -> None:
        """Have heat pass from room to room as `rooms` says, in place of what the building's own walls let through."""
        self._between = rooms

    @property
    def coil_cold(self) -> Floats:
        """(zones,) W that each terminal's coil took out in the last step, latent heat included."""
        return self._latent if self._terminals.active else np.zeros_like(self._latent)

    def close(self) -> None:
        """Nothing to let go of: see `Plant.close`."""

    def _adopt(self, commands: Commands) -> None:
        """Take over what depends on commands alone, and of that only what is new."""
        before = self._commands
        self._commands = commands
        if before is None or self.time >= self._terminals.unlock_at or not same_machines(before, commands):
            ran = self._terminals.running
            self._terminals.adopt(commands, self.time)
            breathes = self._terminals.mixes or self._terminals.throttles
            if breathes and not np.array_equal(ran, self._terminals.running):
                self._airflow_due = -math.inf
            self._electric[FANS] = self._terminals.fans
            if not self._terminals.active:
                self._hvac[:] = 0.0
                self._electric[COOLING] = self._electric[HEATING] = 0.0
            if before is None or not same_air(before, commands):
                self._room.adopt(commands, self._central)
        if before is None or before.people is not commands.people:
            people = float(np.add.reduce(commands.people))
            self._central[POWER] = self._room.services_power(people)
            self._water_flow = self.building.services.water_per_person / 28_800.0 * people / 1000.0
        lights, plugs = self._electric[LIGHTS], self._electric[EQUIPMENT]
        if before is None or before.lights is not commands.lights:
            np.multiply(self._light_power, commands.lights, out=lights)
        if before is None or before.plugs is not commands.plugs:
            np.multiply(self._plug_power, commands.plugs, out=plugs)
        if before is None or not _same_gains(before, commands):
            internal = self._internal
            np.multiply(commands.people, SENSIBLE_PERSON, internal)
            internal += lights
            internal += plugs
            self._gains[:] = internal
        self._energy_known = False
        if before is None or moves_air(before, commands):
            self._airflow_due = -math.inf
        elif before.people is not commands.people:
            self._breathe()

    def _conduct(self, dt: float, row: int) -> None:
        """Air flows, and the network's response to a step of `dt` with them."""
        commands = self._commands
        assert commands is not None
        speeds = np.where(commands.air_handler_on, commands.air_handler_speed, 0.0)
        sample = self._sky.samples[row]
        mixed = self._terminals.outdoor_air * self._terminals.running
        boxes = self._terminals.open_boxes if self._terminals.throttles else 1.0
        self._ventilation.update(commands.window_open, speeds, self._air, sample, mixed, boxes)
        self._dt, self._energy_known = dt, False
        if self.balance is not None:
            answer = response(self._network, self._ventilation.h_ve, dt)
            self.balance.conduct(answer, self._ventilation.h_ve)
        end = end_weights(self._network, self._fixed, self._ventilation.h_ve, dt)
        self._weights = end
        self._gain = self._weights[5]
        self._per_gain = 1.0 / self._gain[0]
        self._outdoor_heat = self._ventilation.heat * self._ventilation.outdoor
        self._supplied = bool(np.count_nonzero(self._ventilation.supply))
        self._supply_heat = self._ventilation.heat * self._ventilation.supply
        self._supply_flow = self._ventilation.supply.sum(axis=1)
        self._mix(dt)
        windows = bool(np.count_nonzero(commands.window_open))
        self._airflow_due = self.time + AIRFLOW_PERIOD if windows else math.inf

    def _mix(self, dt: float) -> None:
        """Terms of the moisture and CO2 balances, which are stepped implicitly: stable for any step."""
        flow = self._ventilation
        buffered = dt / (flow.volume * VAPOUR_BUFFER)
        self._vapour_factor = buffered * flow.total + 1.0
        self._vapour_out = buffered * flow.outdoor
        self._vapour_supply = buffered * flow.supply
        self._vapour_each = buffered * (LATENT_PERSON / air.H_FG / self._density)
        # Air past the coil, as a share of the buffered volume and step, for each W of sensible cooling and K.
        self._vapour_coil = buffered / flow.heat
        self._latent_scale = self._density * air.H_FG / buffered
        plain = dt / flow.volume
        changed = plain * flow.total
        self._co2_factor = changed + 1.0
        self._co2_fresh = changed * CO2_OUTDOOR
        self._co2_each = plain * (CO2_PERSON * 1e6)
        self._breathe()

    def _breathe(self) -> None:
        """What the people who are here add to moisture and CO2 in a step."""
        assert self._commands is not None
        people = self._commands.people
        np.multiply(self._vapour_each, people, out=self._vapour_people)
        np.multiply(self._co2_each, people, out=self._co2_gain)
        self._co2_gain += self._co2_fresh

    def _drive(self, row: int) -> tuple[float, float]:
        """Fill the inputs of this step; returns what the air handlers' coils take, W of cold and of heat."""
        outdoor, source = self._sky.samples[row].dry_bulb, self._air_side
        self._states[:] = self._nodes[:2]
        self._outdoor[:] = outdoor
        self._solar[:] = self._sky.solar[row]
        if self._between is not None:
            np.add(self._internal, self._between.heat(self._operative), out=self._gains)
        np.multiply(self._outdoor_heat, outdoor, out=source)
        if self._terminals.fans_warm:
            source += self._terminals.fan_heat
        np.multiply(self._vapour_out, self._sky.humidity[row], out=self._vapour_source)
        self._vapour_source += self._vapour_people
        return self._blow(row, source, self._vapour_source) if self._supplied else (0.0, 0.0)

    def _blow(self, row: int, source: Floats, vapour: Floats) -> tuple[float, float]:
        """Add what air handlers supply to the heat and the vapour of a step; what their coils take, W of cold and heat."""
        assert self._commands is not None
        outdoor = self._sky.samples[row].dry_bulb
        commands = self._commands
        extract = float(self._air.mean()) if self._recovers else 0.0
        cooling = heating = 0.0
        for number, handler in enumerate(self.building.air_handlers):
            flow = float(self._supply_flow[number])
            if flow <= 0.0:
                continue
            wanted = float(commands.air_handler_supply[number])
            outside = (outdoor, self._sky.humidity[row])
            blown = supply_air(handler, commands.central, wanted, outside, extract, self._density)
            source += self._supply_heat[number] * blown.temperature
            vapour += self._vapour_supply[number] * blown.humidity
            cooling += blown.cooling * flow
            heating += blown.heating * flow
        return cooling, heating

    def _respond(self) -> None:
        """The step's end: where the rooms would drift to, and the heat that holds them at their setpoints."""
        free, hvac, terminals = self._free, self._hvac, self._terminals
        np.multiply(self._weights, self._inputs, out=self._products)
        if not terminals.active:
            np.add.reduce(self._products, axis=0, out=self._nodes)
        else:
            np.add.reduce(self._products, axis=0, out=free)
            np.maximum(free[0], terminals.heat_to, out=hvac)
            np.minimum(hvac, terminals.cool_to, out=hvac)
            hvac -= free[0]
            hvac *= self._per_gain
            np.maximum(hvac, terminals.cool_limit, out=hvac)
            np.minimum(hvac, terminals.heat_limit, out=hvac)
            np.multiply(self._gain, hvac, out=self._scratch3)
            np.add(free, self._scratch3, out=self._nodes)
        self._operate(self._nodes)

    def _operate(self, nodes: Floats) -> None:
        """Operative temperatures of rooms at `nodes`. ISO 13790:2008, C.12: theta_op = 0.3 theta_air + 0.7 theta_s."""
        np.multiply(nodes[0], 0.3, out=self._operative)
        np.multiply(nodes[2], 0.7, out=self._scratch)
        self._operative += self._scratch

    def _dry(self, dt: float, row: int) -> None:
        """Moisture and CO2 of every room; a cooling coil is air at its temperature mixed in."""
        w = self._humidity
        w += self._vapour_source
        self._co2 += self._co2_gain
        self._co2 /= self._co2_factor
        if not self._terminals.active:
            w /= self._vapour_factor
            return
        np.negative(self._hvac, out=self._cooling)
        np.maximum(self._cooling, 0.0, out=self._cooling)
        drop = np.subtract(self._air, COIL_TEMPERATURE, out=self._scratch)
        np.maximum(drop, 2.0, out=drop)
        past = self._cooling * self._vapour_coil
        past /= drop
        dry = w / self._vapour_factor
        past *= dry > COIL_HUMIDITY
        w += past * COIL_HUMIDITY
        w /= self._vapour_factor + past
        np.multiply(past, w - COIL_HUMIDITY, out=self._latent)
        np.maximum(self._latent, 0.0, out=self._latent)
        self._latent *= self._latent_scale

    def _account(self, dt: float, row: int, cooling_air: float, heating_air: float) -> None:
        """Electricity and gas of the step, and the totals."""
        assert self._commands is not None
        sample, electric = self._sky.samples[row], self._electric
        terminals = self._terminals
        cooling, burnt = cooling_air, 0.0
        fan_coils = boxes = 0.0
        if terminals.active:
            cold, hot = compressor_factors(sample.dry_bulb)
            whole = np.add(self._cooling, self._latent, out=self._latent)
            np.multiply(whole, terminals.per_cooling, out=electric[COOLING])
            electric[COOLING] *= cold
            warm = np.maximum(self._hvac, 0.0, out=self._scratch)
            np.multiply(warm, terminals.per_heating, out=electric[HEATING])
            electric[HEATING] *= hot
            if terminals.resists:
                electric[HEATING] += warm * terminals.resistance
            cooling += float(np.dot(whole, terminals.water_share))
            fan_coils, boxes, blown = (terminals.coils @ warm).tolist()
            heating_air += blown
            burnt = float(np.dot(warm, terminals.per_gas)) if terminals.burns else 0.0
            self._energy_known = False
        if terminals.throttles and self._room.blows:
            let_through = terminals.boxes(self._hvac, terminals.running)
            self._central[FANS] = float(self._room.throttled(let_through, terminals.open_boxes))
        weather = (sample.dry_bulb, self._sky.wet_bulb[row])
        gas = burnt + self._room.serve(
            cooling, (fan_coils, boxes, heating_air), self._commands.central, weather, self._central
        )
        if not self._energy_known:
            np.multiply(electric, dt, out=self._energy_step)
            self._energy_known = True
        self._energy += self._energy_step
        self._central_energy += self._central * dt
        self._gas = gas
        self._gas_energy += gas * dt
        self._water += self._water_flow * dt

    def _observe(self, row: int) -> Observations:
        assert self._commands is not None
        return Observations(
            self.time,
            self._sky.samples[row],
            self._air,
            self._operative,
            self._humidity,
            self._co2,
            self._hvac,
            self._terminals.running,
            self._commands.air_handler_on,
            self._electric,
            self._central,
            self._gas,
            self._energy,
            self._central_energy,
            self._gas_energy,
            self._water,
            self._pressure,
        )


def same_machines(before: Commands, after: Commands) -> bool:
    """Whether all that terminals and plant room go by is the very same, by identity."""
    return (
        before.terminal_on is after.terminal_on
        and before.cooling is after.cooling
        and before.heating is after.heating
        and before.cooling_setpoint is after.cooling_setpoint
        and before.heating_setpoint is after.heating_setpoint
        and before.air_handler_on is after.air_handler_on
        and before.air_handler_speed is after.air_handler_speed
        and before.central is after.central
    )


def _same_gains(before: Commands, after: Commands) -> bool:
    """Whether people, lamps and what is plugged in warm the rooms as before, by identity."""
    return before.people is after.people and before.lights is after.lights and before.plugs is after.plugs


def same_air(before: Commands, after: Commands) -> bool:
    """Whether the air handlers are told the very same, by identity."""
    return (
        before.air_handler_on is after.air_handler_on and before.air_handler_speed is after.air_handler_speed
    )


def moves_air(before: Commands, after: Commands) -> bool:
    """Whether the change from `before` to `after` alters an air flow."""
    return (
        _differs(before.window_open, after.window_open)
        or _differs(before.air_handler_on, after.air_handler_on)
        or _differs(before.air_handler_speed, after.air_handler_speed)
    )


def _differs(old: NDArray[np.generic], new: NDArray[np.generic]) -> bool:
    return old is not new and not np.array_equal(old, new)
