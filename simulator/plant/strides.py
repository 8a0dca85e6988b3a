"""The built-in plant in strides: what follows from the rooms' temperatures is worked out for many minutes at once.

Rooms can only be stepped one minute after another, since each minute begins where the last one ended. While nobody
changes what is commanded, all that goes into a minute but the rooms themselves is known beforehand; and moisture,
electricity and the plant room's work follow from the rooms afterwards, when somebody asks or the machines are told
something new. Each is one sweep of numpy, whose fixed cost is most of what a small building pays. Every number is
made by the same operations in the same order as by `RcPlant.step`, so that no digit differs.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import numpy as np

from schedules.time import Instant
from schedules.weather import air
from schedules.weather.series import Weather
from simulator.plant import building as physical
from simulator.plant.base import (
    COOLING,
    END_USES,
    FANS,
    HEATING,
    POWER,
    Commands,
    Felt,
    Flags,
    Observations,
    Stop,
    Stride,
    Told,
)
from simulator.plant.network import INPUTS
from simulator.plant.rc import COIL_HUMIDITY, Floats, RcPlant
from simulator.plant.sky import GRID
from simulator.plant.terminals import COIL_TEMPERATURE, compressor_factors

_RUNNING, _OPEN_BOXES, _, _COIL, _LATENT, _ = range(6)
"""Places in `_Terms`."""
LONGEST = 60
"""Steps that are kept at most until what follows from them is worked out."""


class _Terms(NamedTuple):
    """What the account of a step goes by besides its rows, as long as neither machines nor air flows change.

    The arrays are never changed in place: a change makes new ones.
    """

    running: Flags
    open_boxes: Floats
    factor: Floats
    coil: Floats
    latent: Floats
    keep: Floats


class _Step(NamedTuple):
    """What is known of a step that is not yet accounted for, besides its rows of the arrays."""

    terms: _Terms
    dry_bulb: float
    wet_bulb: float
    cold: float
    """W that the air handlers' coils take, and of heat."""
    hot: float
    water_flow: float


class StridingRcPlant(RcPlant):
    """An `RcPlant` that takes steps of a minute in strides, to the same digit."""

    def __init__(self, building: physical.Building, weather: Weather, start: Instant) -> None:
        super().__init__(building, weather, start)
        self._plain = not self._recovers
        """What a step begins with follows from the weather and the rooms' own nodes alone."""
        self._terms: _Terms | None = None
        """Of the steps to come; None: to be put together anew."""
        self._steps: list[_Step] = []
        """Steps that are not yet accounted for."""
        self._feeling: list[tuple[int, Told]] = []
        """Who waits to be told what a step felt like, by its number among those."""
        self._row = 0
        self._rows: list[tuple[Floats, ...]] = []
        """Of each step: products, those of the nodes, free nodes, free air, heat, nodes, nodes as inputs."""

    def _lay_out(self) -> None:
        """What steps leave behind, made at the first stride; and the rows of it, each looked up once."""
        most, uses, count = LONGEST, len(END_USES), len(self.zones)
        self._all_products = np.empty((most, len(INPUTS), 3, count))
        self._all_free = np.empty((most, 3, count))
        self._all_nodes = np.empty((most, 3, count))
        self._all_hvac = np.zeros((most, count))
        self._all_sources = np.empty((most, count))
        self._all_vapour = np.empty((most, count))
        self._all_carbon = np.empty((most, count))
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

    # ------------------------------------------------------------------ a stride

    def step(self, dt: float, commands: Commands) -> Observations:
        """Go on by `dt` seconds under `commands`: see `Plant.step`."""
        self._settle_accounts()
        return super().step(dt, commands)

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """Go on by as many steps of `dt` s, up to `most`, as `stop` says: see `Plant.stride`."""
        if not self._plain or dt != GRID:
            return super().stride(dt, commands, most, stop)
        if not self._rows:
            self._lay_out()
        if len(self._steps) == LONGEST:
            self._settle_accounts()
        steps = self._at_once(dt, commands, most)
        if self._terms is None:
            self._terms = self._terms_now()
        first, row = len(self._steps), self._sky.row(self.time + dt / 2.0)
        if steps == 1:
            self._drive_one(first, row)
        else:
            self._drive_all(first, row, steps)
        self._respond_all(first, steps)
        taken = steps
        if steps > 1:
            steps = stop(self._all_nodes[first : first + steps, 0], self._sky.samples[row : row + steps])
            del self._steps[first + steps :]
        last = first + steps
        self._nodes[:] = self._all_nodes[last - 1]
        if self._between is not None and steps < taken:
            self._operate(self._nodes)
        np.multiply(self._electric, dt, out=self._energy_step)
        self._all_energy[first + 1 : last + 1] = self._energy_step
        self._all_central[first + 1 : last + 1] = self._central
        self._all_carbon[first:last] = self._co2_gain
        for _ in range(steps):
            self.time += dt
        self._row = row + steps - 1
        rooms = self._all_nodes[first:last, 0]
        return Stride(self.time, self._sky.samples[self._row], self._terminals.running, rooms)

    def observe(self) -> Observations:
        """The building at the end of the last step: see `Plant.observe`."""
        if not self._steps:
            return super().observe()
        self._settle_accounts()
        self._operate(self._nodes)
        self._seen = self._observe(self._row)
        return self._seen

    def feel(self, told: Told) -> None:
        """When the step is accounted for: see `Plant.feel`."""
        if self._steps:
            self._feeling.append((len(self._steps) - 1, told))
        else:
            super().feel(told)

    def _at_once(self, dt: float, commands: Commands, most: int) -> int:
        """How many steps can be taken before anything but the rooms and the weather changes, `commands` adopted."""
        ran, known, unlocked = self._terminals.running, self._commands, self.time >= self._terminals.unlock_at
        if commands is not known or unlocked:
            if known is None or not _same_plantroom(known, commands):
                self._settle_accounts()
            self._adopt(commands)
            if self._terminals.running is not ran:
                self._terms = None
        if dt != self._dt or self.time >= self._airflow_due:
            if dt != self._dt:
                self._settle_accounts()
            self._conduct(dt, self._sky.row(self.time + dt / 2.0))
            self._terms = None
        if most == 1 or self._terminals.running is not ran:
            return 1  # whoever goes by what runs may have to hear of it at once
        due = min(self._terminals.unlock_at, self._airflow_due) - self.time
        before = LONGEST if math.isinf(due) else max(1, math.ceil(due / dt))
        row = self._sky.row(self.time + dt / 2.0)
        return min(most, LONGEST - len(self._steps), len(self._sky.samples) - row, before)

    def _terms_now(self) -> _Terms:
        terminals = self._terminals
        return _Terms(
            terminals.running, terminals.open_boxes,
            self._vapour_factor, self._vapour_coil, self._latent_scale, self._co2_keep,
        )  # fmt: skip

    # ------------------------------------------------------------------ the rooms

    def _drive_one(self, n: int, row: int) -> None:
        """All that goes into one step, as step `n` of those that are kept."""
        coils = self._drive(row)
        self._all_vapour[n] = self._vapour_source
        np.multiply(self._weights, self._inputs, out=self._all_products[n])
        assert self._terms is not None
        sky = self._sky
        self._steps.append(
            _Step(self._terms, sky.samples[row].dry_bulb, sky.wet_bulb[row], *coils, self._water_flow)
        )

    def _drive_all(self, first: int, row: int, steps: int) -> None:
        """All that goes into several steps but the rooms: its products with the network's response, and its vapour."""
        assert self._terms is not None
        terms, sky, weights, end = self._terms, self._sky, self._weights, first + steps
        products, source = self._all_products[first:end], self._all_sources[first:end]
        vapour = self._all_vapour[first:end]
        outdoor = sky.outdoor[row : row + steps, None]
        np.multiply(self._outdoor_heat, outdoor, out=source)
        if self._terminals.fans_warm:
            source += self._terminals.fan_heat
        np.multiply(self._vapour_out, sky.ratio[row : row + steps, None], out=vapour)
        vapour += self._vapour_people
        for n in range(steps):
            coils = self._blow(row + n, source[n], vapour[n]) if self._supplied else (0.0, 0.0)
            self._steps.append(
                _Step(terms, sky.samples[row + n].dry_bulb, sky.wet_bulb[row + n], *coils, self._water_flow)
            )
        np.multiply(weights[2], outdoor[:, :, None], out=products[:, 2])
        np.multiply(weights[3], sky.solar[row : row + steps, None], out=products[:, 3])
        np.multiply(weights[4], self._gains, out=products[:, 4])
        np.multiply(weights[5], source[:, None], out=products[:, 5])

    def _respond_all(self, first: int, steps: int) -> None:
        """`_respond`, one step after another; the products of a single one have its nodes already."""
        multiply, reduce, maximum, minimum = np.multiply, np.add.reduce, np.maximum, np.minimum
        weights, nodes, terminals = self._weights[:2], self._nodes[:2, None], self._terminals
        between = self._between
        heat_to, cool_to = terminals.heat_to, terminals.cool_to
        cool_limit, heat_limit = terminals.cool_limit, terminals.heat_limit
        per_gain, gain, scratch = self._per_gain, self._gain, self._scratch3
        if not terminals.active:
            self._all_hvac[first : first + steps] = 0.0
        for products, of_states, free, free_air, heat, after, states in self._rows[first : first + steps]:
            if steps > 1:
                multiply(weights, nodes, out=of_states)
                nodes = states
                if between is not None:
                    np.add(self._internal, between.heat(self._operative), out=self._gains)
                    multiply(self._weights[4], self._gains, out=products[4])
            if not terminals.active:
                reduce(products, axis=0, out=after)
            else:
                reduce(products, axis=0, out=free)
                maximum(free_air, heat_to, out=heat)
                minimum(heat, cool_to, out=heat)
                np.subtract(heat, free_air, out=heat)
                multiply(heat, per_gain, out=heat)
                maximum(heat, cool_limit, out=heat)
                minimum(heat, heat_limit, out=heat)
                multiply(gain, heat, out=scratch)
                np.add(free, scratch, out=after)
            if between is not None:
                self._operate(after)

    # ------------------------------------------------------------------ what follows

    def _settle_accounts(self) -> None:
        """Work out moisture, electricity, gas and water of the steps that are kept, and keep them no more."""
        steps = len(self._steps)
        if steps:
            self._dry_all(steps)
            for n, told in self._feeling:
                told(self._felt(n))
            self._feeling.clear()
            self._account_all(steps)
            self._steps.clear()

    def _felt(self, n: int) -> Felt:
        """Operative temperature as in `_respond`, relative humidity as in `Observations`."""
        nodes = self._all_nodes[n]
        operative = nodes[0] * 0.3
        operative += nodes[2] * 0.7
        humidity = air.relative_humidity(nodes[0], self._all_humidity[n], self._pressure)
        return Felt(nodes[0], operative, humidity)

    def _dry_all(self, steps: int) -> None:
        """`_dry`, one step after another; `_latent` is not kept but `_all_humidity`, from which it follows."""
        w, vapour, after = self._humidity, self._all_vapour, self._all_humidity
        carbon, gain, past = self._co2, self._all_carbon, self._coils(steps)
        for n, step in enumerate(self._steps):
            factor = step.terms.factor
            carbon *= step.terms.keep
            carbon += gain[n]
            w += vapour[n]
            if past is None:
                w /= factor
            else:
                through = past[n]
                dry = w / factor
                through *= dry > COIL_HUMIDITY
                w += through * COIL_HUMIDITY
                w /= factor + through
            after[n] = w

    def _each(self, term: int) -> Floats:
        """A term of each step: (zones,) where it is one for all, else (steps, zones)."""
        if self._steps[-1].terms is self._steps[0].terms:
            return cast("Floats", self._steps[0].terms[term])
        return np.array([step.terms[term] for step in self._steps])

    def _coils(self, steps: int) -> Floats | None:
        """(steps, zones) air past each coil as in `_dry`; None where no terminal cools."""
        self._past = None
        hvac = self._all_hvac[:steps]
        cooling = self._all_cooling = np.maximum(np.negative(hvac), 0.0)
        self._hvac[:] = hvac[-1]
        if not cooling.any():
            return None
        drop = np.maximum(self._all_nodes[:steps, 0] - COIL_TEMPERATURE, 2.0)
        self._past = cooling * self._each(_COIL)
        self._past /= drop
        return self._past

    def _account_all(self, steps: int) -> None:
        """`_account` of every step, the totals added up one after another."""
        energy, central, dt = self._all_energy[: steps + 1], self._all_central[: steps + 1], self._dt
        electric = self._electric
        if self._all_hvac[:steps].any():
            whole, warm = self._heat_moved(steps)
            cooled, heated = self._compressors(whole, warm)
            electric[COOLING], electric[HEATING] = cooled[-1], heated[-1]
            np.multiply(cooled, dt, out=energy[1:, COOLING])
            np.multiply(heated, dt, out=energy[1:, HEATING])
            asked = self._asked(whole, warm)
        else:
            electric[COOLING] = electric[HEATING] = energy[1:, COOLING] = energy[1:, HEATING] = 0.0
            self._latent[:] = 0.0
            asked = [(step.cold, (0.0, 0.0, step.hot), 0.0) for step in self._steps]
        self._energy_known = False
        energy[0] = self._energy
        np.add.reduce(energy, axis=0, out=self._energy)
        self._serve_all(asked)
        central[1:] *= dt
        central[0] = self._central_energy
        np.add.reduce(central, axis=0, out=self._central_energy)

    def _heat_moved(self, steps: int) -> tuple[Floats, Floats]:
        """(steps, zones) W that each coil takes out, latent heat included, and that it brings."""
        cooling, warm = self._all_cooling, np.maximum(self._all_hvac[:steps], 0.0)
        if self._past is None:
            latent = np.zeros_like(cooling)
        else:
            latent = self._past * (self._all_humidity[:steps] - COIL_HUMIDITY)
            np.maximum(latent, 0.0, out=latent)
            latent *= self._each(_LATENT)
        whole = cooling + latent
        self._latent[:] = whole[-1]
        return whole, warm

    def _compressors(self, whole: Floats, warm: Floats) -> tuple[Floats, Floats]:
        """(steps, zones) W of electricity that units with a compressor of their own take for cooling and heating."""
        terminals = self._terminals
        factors = np.array([compressor_factors(step.dry_bulb) for step in self._steps])
        cooled = whole * terminals.per_cooling
        cooled *= factors[:, 0, None]
        heated = warm * terminals.per_heating
        heated *= factors[:, 1, None]
        if terminals.resists:
            heated += warm * terminals.resistance
        return cooled, heated

    def _asked(self, whole: Floats, warm: Floats) -> list[tuple[float, tuple[float, float, float], float]]:
        """What each step asks of the plant room: W of cold, of heat by its three circuits; and W of gas burnt in rooms."""
        terminals, found = self._terminals, []
        any_cold, any_warm = bool(whole.any()), bool(warm.any())
        for n, step in enumerate(self._steps):
            cold, hot = step.cold, step.hot
            coils = boxes = burnt = 0.0
            if any_cold:
                cold += float(np.dot(whole[n], terminals.water_share))
            if any_warm:
                coils, boxes, blown = (terminals.coils @ warm[n]).tolist()
                hot += blown
                burnt = float(np.dot(warm[n], terminals.per_gas)) if terminals.burns else 0.0
            found.append((cold, (coils, boxes, hot), burnt))
        return found

    def _serve_all(self, asked: list[tuple[float, tuple[float, float, float], float]]) -> None:
        """Have the plant room serve every step; its electricity, W, into `_all_central` from its second row on."""
        assert self._commands is not None
        central, room, terminals = self._all_central[1:], self._room, self._terminals
        steps, told, dt = len(self._steps), self._commands.central, self._dt
        if terminals.throttles and room.blows:
            let = terminals.boxes(self._all_hvac[:steps], self._each(_RUNNING))
            central[:steps, FANS] = room.throttled(let, self._each(_OPEN_BOXES))
        for n, (step, (cold, heat, burnt)) in enumerate(zip(self._steps, asked, strict=True)):
            gas = burnt + room.serve(cold, heat, told, (step.dry_bulb, step.wet_bulb), central[n])
            self._gas = gas
            self._gas_energy += gas * dt
            self._water += step.water_flow * dt
        # Lifts go with the people, who may have changed since; all else was settled before it changed.
        self._central[:POWER] = central[steps - 1, :POWER]


def _same_plantroom(before: Commands, after: Commands) -> bool:
    """Whether plant room and air handlers are told the very same."""
    return (
        before.central is after.central
        and before.air_handler_on is after.air_handler_on
        and before.air_handler_speed is after.air_handler_speed
    )
