"""The built-in plant in strides: many minutes at once while nobody changes what is commanded.

Rooms can only be stepped one minute after another, since each minute begins where the last one ended. All that goes
into a minute but the rooms themselves is known beforehand, and all that follows from it can be worked out afterwards,
for every minute of the stride in one sweep of numpy, whose fixed cost is most of what a small building pays. Each
number is made by the same operations in the same order as by `step`, so that no digit differs.
"""

from __future__ import annotations

import math

import numpy as np

from schedules.time import Instant
from schedules.weather.series import Weather
from simulator.plant import building as physical
from simulator.plant.base import COOLING, END_USES, HEATING, Commands, Stop, Stride
from simulator.plant.network import INPUTS
from simulator.plant.rc import COIL_HUMIDITY, Floats, RcPlant
from simulator.plant.sky import GRID
from simulator.plant.terminals import COIL_TEMPERATURE, compressor_factors

LONGEST = 32
"""Steps of a stride at most: what they leave still fits the processor's near caches for a building of fifty rooms."""
_SHORT = 2
"""Steps up to which a sweep costs more than it saves."""


class StridingRcPlant(RcPlant):
    """An `RcPlant` that takes many steps of a minute at a time, to the same digit."""

    def __init__(self, building: physical.Building, weather: Weather, start: Instant) -> None:
        super().__init__(building, weather, start)
        self._plain = self._between is None and not self._recovers
        """What a step begins with follows from the weather and the rooms' own nodes alone."""
        self._rows: list[tuple[Floats, ...]] = []
        """Of each step of a stride: products, those of the nodes, free nodes, free air, heat, nodes, nodes as inputs."""

    def _lay_out(self) -> None:
        """What a stride leaves behind, step by step, made at the first; and the rows of it, each looked up once."""
        most, uses, count = LONGEST, len(END_USES), len(self.zones)
        self._all_products = np.empty((most, len(INPUTS), 3, count))
        self._all_free = np.empty((most, 3, count))
        self._all_nodes = np.empty((most, 3, count))
        self._all_hvac = np.zeros((most, count))
        self._all_sources = np.empty((most, count))
        self._all_vapour = np.empty((most, count))
        self._all_humidity = np.empty((most, count))
        self._all_energy = np.empty((most + 1, uses, count))
        self._all_central = np.empty((most + 1, uses))
        self._rows = [
            (
                self._all_products[n],
                self._all_products[n, :2],
                self._all_free[n],
                self._all_free[n, 0],
                self._all_hvac[n],
                self._all_nodes[n],
                self._all_nodes[n, :2, None],
            )
            for n in range(most)
        ]

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """Go on by as many steps of `dt` s, up to `most`, as `stop` says: see `Plant.stride`."""
        steps = self._at_once(dt, commands, most)
        if steps <= _SHORT:
            return super().stride(dt, commands, 1, stop)
        row = self._sky.row(self.time + dt / 2.0)
        if not self._rows:
            self._lay_out()
        cooling, heating = self._drive_all(row, steps)
        self._respond_all(steps)
        samples = self._sky.samples[row : row + steps]
        steps = stop(self._all_nodes[:steps, 0], samples)
        self._nodes[:] = self._all_nodes[steps - 1]
        np.multiply(self._air, 0.3, out=self._operative)
        np.multiply(self._surface, 0.7, out=self._scratch)
        self._operative += self._scratch
        self._dry_all(steps)
        self._account_all(dt, row, steps, cooling, heating)
        for _ in range(steps):
            self.time += dt
        return Stride(self._observe(row + steps - 1), self._all_nodes[:steps, 0])

    def _at_once(self, dt: float, commands: Commands, most: int) -> int:
        """How many steps can be taken before anything but the rooms and the weather changes, `commands` adopted."""
        if not self._plain or dt != GRID or most <= _SHORT:
            return 1
        row, ran = self._sky.row(self.time + dt / 2.0), self._terminals.running
        if commands is not self._commands or self.time >= self._terminals.unlock_at:
            self._adopt(commands)
            if self._terminals.running is not ran:
                return 1  # whoever goes by what runs may have to hear of it at once
        if dt != self._dt or self.time >= self._airflow_due:
            self._conduct(dt, row)
        due = min(self._terminals.unlock_at, self._airflow_due) - self.time
        before = LONGEST if math.isinf(due) else max(1, math.ceil(due / dt))
        return min(most, LONGEST, len(self._sky.samples) - row, before)

    # ------------------------------------------------------------------ the rooms

    def _drive_all(self, row: int, steps: int) -> tuple[list[float], list[float]]:
        """All that goes into each step but the rooms: its products with the network's response, and its vapour.

        Returns what the air handlers' coils take in each, W of cold and of heat.
        """
        weights, products = self._weights, self._all_products[:steps]
        outdoor = self._sky.outdoor[row : row + steps, None]
        source, vapour = self._all_sources[:steps], self._all_vapour[:steps]
        np.multiply(self._outdoor_heat, outdoor, out=source)
        if self._terminals.fans_warm:
            source += self._terminals.fan_heat
        np.multiply(self._vapour_out, self._sky.ratio[row : row + steps, None], out=vapour)
        vapour += self._vapour_people
        coils = [(0.0, 0.0)] * steps
        if self._supplied:
            coils = [self._blow(row + n, source[n], vapour[n]) for n in range(steps)]
        np.multiply(weights[2], outdoor[:, :, None], out=products[:, 2])
        np.multiply(weights[3], self._sky.solar[row : row + steps, None], out=products[:, 3])
        np.multiply(weights[4], self._gains, out=products[:, 4])
        np.multiply(weights[5], source[:, None], out=products[:, 5])
        return [cold for cold, _ in coils], [hot for _, hot in coils]

    def _respond_all(self, steps: int) -> None:
        """`_respond`, one step after another."""
        multiply, reduce, maximum, minimum = np.multiply, np.add.reduce, np.maximum, np.minimum
        weights, nodes, terminals = self._weights[:2], self._nodes[:2, None], self._terminals
        if not terminals.active:
            for products, of_states, _, _, _, after, states in self._rows[:steps]:
                multiply(weights, nodes, out=of_states)
                reduce(products, axis=0, out=after)
                nodes = states
            return
        heat_to, cool_to = terminals.heat_to, terminals.cool_to
        cool_limit, heat_limit = terminals.cool_limit, terminals.heat_limit
        per_gain, gain, scratch = self._per_gain, self._gain, self._scratch3
        for products, of_states, free, free_air, heat, after, states in self._rows[:steps]:
            multiply(weights, nodes, out=of_states)
            reduce(products, axis=0, out=free)
            maximum(free_air, heat_to, out=heat)
            minimum(heat, cool_to, out=heat)
            np.subtract(heat, free_air, out=heat)
            multiply(heat, per_gain, out=heat)
            maximum(heat, cool_limit, out=heat)
            minimum(heat, heat_limit, out=heat)
            multiply(gain, heat, out=scratch)
            np.add(free, scratch, out=after)
            nodes = states

    # ------------------------------------------------------------------ what follows

    def _dry_all(self, steps: int) -> None:
        """`_dry`, one step after another; `_latent` is not kept but `_all_humidity`, from which it follows."""
        w, vapour, factor = self._humidity, self._all_vapour, self._vapour_factor
        carbon, keep, gain = self._co2, self._co2_keep, self._co2_gain
        for _ in range(steps):
            carbon *= keep
            carbon += gain
        past = self._coils(steps)
        for n in range(steps):
            w += vapour[n]
            if past is None:
                w /= factor
                continue
            through = past[n]
            dry = w / factor
            through *= dry > COIL_HUMIDITY
            w += through * COIL_HUMIDITY
            w /= factor + through
            self._all_humidity[n] = w

    def _coils(self, steps: int) -> Floats | None:
        """(steps, zones) air past each coil as in `_dry`; None where no terminal can heat or cool."""
        self._past = None
        if not self._terminals.active:
            return None
        hvac = self._all_hvac[:steps]
        cooling = self._all_cooling = np.maximum(np.negative(hvac), 0.0)
        self._hvac[:] = hvac[-1]
        if not cooling.any():
            return None
        drop = np.maximum(self._all_nodes[:steps, 0] - COIL_TEMPERATURE, 2.0)
        self._past = cooling * self._vapour_coil
        self._past /= drop
        return self._past

    def _account_all(
        self, dt: float, row: int, steps: int, cooling_air: list[float], heating_air: list[float]
    ) -> None:
        """`_account` of every step, the totals added up one after another."""
        energy, central = self._all_energy[: steps + 1], self._all_central[: steps + 1]
        electric, terminals = self._electric, self._terminals
        energy[0] = self._energy
        if terminals.active:
            whole, warm = self._heat_moved(steps)
            cooled, heated = self._compressors(row, steps, whole, warm)
            electric[COOLING], electric[HEATING] = cooled[-1], heated[-1]
            np.multiply(electric, dt, out=self._energy_step)
            energy[1:] = self._energy_step
            np.multiply(cooled, dt, out=energy[1:, COOLING])
            np.multiply(heated, dt, out=energy[1:, HEATING])
            asked = self._asked(steps, whole, warm, cooling_air, heating_air)
        else:
            if not self._energy_known:
                np.multiply(electric, dt, out=self._energy_step)
            energy[1:] = self._energy_step
            asked = [(c, (0.0, 0.0, h), 0.0) for c, h in zip(cooling_air[:steps], heating_air, strict=False)]
        self._energy_known = True
        np.add.reduce(energy, axis=0, out=self._energy)
        central[0] = self._central_energy
        self._serve_all(dt, row, asked)
        np.add.reduce(central, axis=0, out=self._central_energy)

    def _heat_moved(self, steps: int) -> tuple[Floats, Floats]:
        """(steps, zones) W that each coil takes out, latent heat included, and that it brings."""
        cooling, warm = self._all_cooling, np.maximum(self._all_hvac[:steps], 0.0)
        if self._past is None:
            latent = np.zeros_like(cooling)
        else:
            latent = self._past * (self._all_humidity[:steps] - COIL_HUMIDITY)
            np.maximum(latent, 0.0, out=latent)
            latent *= self._latent_scale
        whole = cooling + latent
        self._latent[:] = whole[-1]
        return whole, warm

    def _compressors(self, row: int, steps: int, whole: Floats, warm: Floats) -> tuple[Floats, Floats]:
        """(steps, zones) W of electricity that units with a compressor of their own take for cooling and heating."""
        terminals = self._terminals
        factors = [compressor_factors(sample.dry_bulb) for sample in self._sky.samples[row : row + steps]]
        by_weather = np.array(factors)
        cooled = whole * terminals.per_cooling
        cooled *= by_weather[:, 0, None]
        heated = warm * terminals.per_heating
        heated *= by_weather[:, 1, None]
        if terminals.resists:
            heated += warm * terminals.resistance
        return cooled, heated

    def _asked(
        self, steps: int, whole: Floats, warm: Floats, cooling_air: list[float], heating_air: list[float]
    ) -> list[tuple[float, tuple[float, float, float], float]]:
        """What each step asks of the plant room: W of cold, of heat by its three circuits; and W of gas burnt in rooms."""
        terminals, found = self._terminals, []
        any_cold, any_warm = bool(whole.any()), bool(warm.any())
        for n in range(steps):
            cold, hot = cooling_air[n], heating_air[n]
            coils = boxes = burnt = 0.0
            if any_cold:
                cold += float(np.dot(whole[n], terminals.water_share))
            if any_warm:
                coils, boxes, blown = (terminals.coils @ warm[n]).tolist()
                hot += blown
                burnt = float(np.dot(warm[n], terminals.per_gas)) if terminals.burns else 0.0
            found.append((cold, (coils, boxes, hot), burnt))
        return found

    def _serve_all(
        self, dt: float, row: int, asked: list[tuple[float, tuple[float, float, float], float]]
    ) -> None:
        """Have the plant room serve every step; its electricity, J, into `_all_central` from its second row on."""
        assert self._commands is not None
        central, room, terminals = self._central, self._room, self._terminals
        for n, (cold, heat, burnt) in enumerate(asked):
            if terminals.throttles and room.blows:
                hvac = self._all_hvac[n] if terminals.active else self._hvac
                room.throttle(terminals.boxes(hvac), terminals.open_boxes, central)
            weather = (self._sky.samples[row + n].dry_bulb, self._sky.wet_bulb[row + n])
            gas = burnt + room.serve(cold, heat, self._commands.central, weather, central)
            np.multiply(central, dt, out=self._all_central[n + 1])
            self._gas = gas
            self._gas_energy += gas * dt
            self._water += self._water_flow * dt
