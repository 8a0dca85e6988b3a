"""The built-in plant in strides: what follows from the rooms' temperatures is worked out for many minutes at once.

Rooms can only be stepped one minute after another, since each minute begins where the last one ended. While nobody
changes what is commanded, all that goes into a minute but the rooms themselves is known beforehand; and moisture,
electricity and the plant room's work follow from the rooms afterwards, when somebody asks or the machines are told
something new. Each is one sweep of numpy, whose fixed cost is most of what a small building pays. Every number is
made by the same operations in the same order as by `RcPlant.step`, so that no digit differs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import is_
from typing import NamedTuple, cast

import numpy as np

from schedules.time import Instant
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
    Central,
    Commands,
    Felt,
    Flags,
    Observations,
    Stop,
    Stride,
    Told,
)
from simulator.plant.network import INPUTS
from simulator.plant.plantroom import Supply, supply_air
from simulator.plant.rc import COIL_HUMIDITY, Floats, RcPlant
from simulator.plant.sky import GRID
from simulator.plant.terminals import COIL_TEMPERATURE, compressors_factors

_RUNNING, _OPEN_BOXES, _FACTOR, _COIL, _LATENT, _OUT, _BREATH, _BLOWN, _EACH, _FRESH = range(10)
"""Places in `_Terms`."""
LONGEST = 60
"""Steps that are kept at most until what follows from them is worked out; and minutes whose weather is laid out ahead."""
_BLOWING = 15
"""Minutes laid out ahead while air handlers blow: each is worked out by itself, and a window undoes what is left of them."""


class _Terms(NamedTuple):
    """What the account of a step goes by besides its rows, as long as neither machines nor air flows change.

    The arrays are never changed in place: a change makes new ones.
    """

    running: Flags
    open_boxes: Floats
    factors: Floats
    """(2, zones) of moisture and CO2."""
    coil: Floats
    latent: Floats
    out: Floats
    breath: Floats
    blown: Floats
    """(air handlers, zones)."""
    each: Floats
    fresh: Floats


class _Blown(NamedTuple):
    """What air handlers make of the outdoor air of a minute."""

    cold: float
    """W that their coils take, and of heat."""
    hot: float
    moist: tuple[float, ...]
    """(air handlers,) kg/kg of what they supply."""


class _Load(NamedTuple):
    """What people and machines take and give, as long as no command changes."""

    commands: Commands
    fans: Floats
    power: float
    """W of lifts and pumps."""
    water: float
    """m³/s."""


class _Step(NamedTuple):
    """What is known of a step that is not yet accounted for, besides its rows of the arrays."""

    terms: _Terms
    load: _Load
    blown: _Blown


_STILL = _Blown(0.0, 0.0, ())


class _Ahead(NamedTuple):
    """What the products that are laid out ahead go by, and the rows of the sky that they are of."""

    weights: Floats
    samples: Sequence[Sample]
    fan_heat: Floats
    central: Central
    supply: Floats
    first: int
    end: int


class StridingRcPlant(RcPlant):
    """An `RcPlant` that takes steps of a minute in strides, to the same digit."""

    def __init__(self, building: physical.Building, weather: Weather, start: Instant) -> None:
        super().__init__(building, weather, start)
        self._plain = not self._recovers
        """What a step begins with follows from the weather and the rooms' own nodes alone."""
        self._terms: _Terms | None = None
        """Of the steps to come; None: to be put together anew."""
        self._load: _Load | None = None
        self._put_off = False
        """What people breathe is worked out when it is accounted for."""
        self._steps: list[_Step] = []
        """Steps that are not yet accounted for."""
        self._feeling: list[tuple[int, Told]] = []
        """Who waits to be told what a step felt like, by its number among those."""
        self._first_row = self._row = 0
        """Of the sky, in the first and the last of `_steps`: all are of one day."""
        self._day_ends: Instant = math.inf
        self._ahead: _Ahead | None = None
        self._supplies: dict[int, list[Supply]] = {}
        """By row of the sky, as long as what it goes by is `_supplying`."""
        self._supplying: tuple[object, ...] = (None, None, None)
        self._blown: list[_Blown] = []
        """Of the rows that are laid out ahead."""
        self._rows: list[tuple[Floats, ...]] = []
        """Of each step: free nodes, free air, heat, nodes, nodes as inputs, air as a row."""
        self._laid: list[tuple[Floats, ...]] = []
        """Of each minute that is laid out ahead: products, those of the nodes, those of the gains."""

    def _lay_out(self) -> None:
        """What steps leave behind, made at the first stride; and the rows of it, each looked up once."""
        most, uses, count = LONGEST, len(END_USES), len(self.zones)
        self._products_ahead = np.empty((most, len(INPUTS), 3, count))
        self._sources_ahead = np.empty((most, count))
        self._all_free = np.empty((most, 3, count))
        self._all_nodes = np.empty((most, 3, count))
        self._all_hvac = np.zeros((most, count))
        self._all_given = np.empty((most, 2, count))
        self._all_vapour, self._all_carbon = self._all_given[:, 0], self._all_given[:, 1]
        self._all_air = np.empty((most, 2, count))
        self._all_humidity = self._all_air[:, 0]
        self._wet, self._damp = np.empty(count), np.empty(count, dtype=np.bool_)
        self._air_rows = [
            (given, after, after[0]) for given, after in zip(self._all_given, self._all_air, strict=True)
        ]
        self._all_energy = np.zeros((most + 1, uses, count))
        self._all_central = np.empty((most + 1, uses))
        self._nodes_in = self._nodes[:2, None]
        self._laid = [(of, of[:2], of[4]) for of in self._products_ahead]
        self._rows = [
            (free, free[0], heat, nodes, nodes[:2, None], nodes[:1])
            for free, heat, nodes in zip(self._all_free, self._all_hvac, self._all_nodes, strict=True)
        ]

    # ------------------------------------------------------------------ a stride

    def step(self, dt: float, commands: Commands) -> Observations:
        """Go on by `dt` seconds under `commands`: see `Plant.step`."""
        self._settle_accounts()
        if self._put_off:
            self._put_off = False
            self._breathe()
        return super().step(dt, commands)

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """Go on by as many steps of `dt` s, up to `most`, as `stop` says: see `Plant.stride`."""
        if not self._plain or dt != GRID:
            return super().stride(dt, commands, most, stop)
        if not self._rows:
            self._lay_out()
        self._put_off = True
        if len(self._steps) == LONGEST or self.time >= self._day_ends:
            self._settle_accounts()
        steps = self._at_once(dt, commands, most)
        first, row = len(self._steps), self._sky.row(self.time + dt / 2.0)
        if not first:
            self._first_row, self._day_ends = row, self.time + (len(self._sky.samples) - row) * GRID
        ahead = self._ahead_of(row, steps)
        self._respond_all(first, ahead, steps)
        if steps == 1:
            rooms = self._rows[first][5]
        else:
            rooms = self._all_nodes[first : first + steps, 0]
            taken, steps = steps, stop(rooms, self._sky.samples[row : row + steps])
            rooms = rooms[:steps]
            if self._between is not None and steps < taken:
                self._operate(self._all_nodes[first + steps - 1])
        terms, load = self._terms or self._terms_now(), self._load_now()
        self._steps += [_Step(terms, load, blown) for blown in self._blown[ahead : ahead + steps]]
        self._nodes[:] = self._all_nodes[first + steps - 1]
        for _ in range(steps):
            self.time += dt
        self._row = row + steps - 1
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

    def _breathe(self) -> None:
        if not self._put_off:
            super()._breathe()

    def _terms_now(self) -> _Terms:
        terminals = self._terminals
        self._terms = _Terms(
            terminals.running, terminals.open_boxes, np.array([self._vapour_factor, self._co2_factor]),
            self._vapour_coil, self._latent_scale, self._vapour_out, self._vapour_each, self._vapour_supply,
            self._co2_each, self._co2_fresh,
        )  # fmt: skip
        return self._terms

    def _load_now(self) -> _Load:
        load, commands, fans = self._load, self._commands, self._terminals.fans
        assert commands is not None
        if load is None or load.commands is not commands or load.fans is not fans:
            load = self._load = _Load(commands, fans, float(self._central[POWER]), self._water_flow)
        return load

    # ------------------------------------------------------------------ the rooms

    def _ahead_of(self, row: int, steps: int) -> int:
        """Where the products of `steps` rows of the sky from `row` on are laid out; lays them out where they are not."""
        known, commands, terminals = self._ahead, self._commands, self._terminals
        assert commands is not None
        if (
            known is not None
            and known.weights is self._weights
            and known.samples is self._sky.samples
            and known.first <= row
            and row + steps <= known.end
            and (known.fan_heat is terminals.fan_heat or not terminals.fans_warm)
            and (
                not self._supplied
                or (known.central is commands.central and known.supply is commands.air_handler_supply)
            )
        ):
            return row - known.first
        most = _BLOWING if self._supplied else LONGEST
        if math.isfinite(self._airflow_due):
            most = min(most, math.ceil((self._airflow_due - self.time) / GRID))
        count = min(LONGEST, max(most, steps), len(self._sky.samples) - row)
        self._lay_ahead(row, count)
        self._ahead = _Ahead(
            self._weights, self._sky.samples, terminals.fan_heat, commands.central, commands.air_handler_supply,
            row, row + count,
        )  # fmt: skip
        return 0

    def _lay_ahead(self, row: int, count: int) -> None:
        """The products of the network's response with all that goes into some minutes but the rooms and what is in them."""
        sky, weights, end = self._sky, self._weights, row + count
        products, source = self._products_ahead[:count], self._sources_ahead[:count]
        outdoor = sky.outdoor[row:end, None]
        np.multiply(self._outdoor_heat, outdoor, out=source)
        if self._terminals.fans_warm:
            source += self._terminals.fan_heat
        self._blown = self._blow_all(row, source) if self._supplied else [_STILL] * count
        np.multiply(weights[2], outdoor[:, :, None], out=products[:, 2])
        np.multiply(weights[3], sky.solar[row:end, None], out=products[:, 3])
        np.multiply(weights[5], source[:, None], out=products[:, 5])

    def _blow_all(self, row: int, source: Floats) -> list[_Blown]:
        """`_blow` of several minutes: the heat added to (minutes, zones); what coils take and how moist the air is, of each."""
        flows, found = self._supply_flow.tolist(), []
        rows = [self._supply_at(row + n) for n in range(len(source))]
        for supplies in rows:
            cooling = heating = 0.0
            for flow, blown in zip(flows, supplies, strict=True):
                if flow > 0.0:
                    cooling += blown.cooling * flow
                    heating += blown.heating * flow
            found.append(_Blown(cooling, heating, tuple([blown.humidity for blown in supplies])))
        for number, flow in enumerate(flows):
            if flow > 0.0:
                temperatures = np.array([supplies[number].temperature for supplies in rows])
                source += self._supply_heat[number] * temperatures[:, None]
        return found

    def _supply_at(self, row: int) -> list[Supply]:
        """What each air handler supplies in a minute; known until they are told anything else, whatever the windows do."""
        commands, sky = self._commands, self._sky
        assert commands is not None
        told = (commands.central, commands.air_handler_supply, sky.samples)
        if not all(map(is_, told, self._supplying)):
            self._supplying = told
            self._supplies.clear()
        found = self._supplies.get(row)
        if found is None:
            outside = (sky.samples[row].dry_bulb, sky.humidity[row])
            found = self._supplies[row] = [
                supply_air(handler, commands.central, wanted, outside, 0.0, self._density)
                for handler, wanted in zip(
                    self.building.air_handlers, commands.air_handler_supply.tolist(), strict=True
                )
            ]
        return found

    def _respond_all(self, first: int, ahead: int, steps: int) -> None:
        """`_respond`, one step after another, from the products that are laid out."""
        multiply, reduce, maximum, minimum = np.multiply, np.add.reduce, np.maximum, np.minimum
        weights, nodes, terminals = self._weights[:2], self._nodes_in, self._terminals
        between, gains, per_internal = self._between, self._gains, self._weights[4]
        heat_to, cool_to, active = terminals.heat_to, terminals.cool_to, terminals.active
        cool_limit, heat_limit = terminals.cool_limit, terminals.heat_limit
        per_gain, gain, scratch = self._per_gain, self._gain, self._scratch3
        if steps > 1 and between is None:
            multiply(per_internal, gains, out=self._products_ahead[ahead : ahead + steps, 4])
        if not active:
            self._all_hvac[first : first + steps] = 0.0
        rows = zip(self._rows[first : first + steps], self._laid[ahead : ahead + steps], strict=True)
        for (free, free_air, heat, after, states, _), (products, of_states, of_gains) in rows:
            multiply(weights, nodes, out=of_states)
            nodes = states
            if between is not None:
                np.add(self._internal, between.heat(self._operative), out=gains)
            if steps == 1 or between is not None:
                multiply(per_internal, gains, out=of_gains)
            if not active:
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
            if self._feeling:
                self._tell()
            self._account_all(steps)
            self._steps.clear()

    def _tell(self) -> None:
        """Whoever waits for it: operative temperature as in `_respond`, relative humidity as in `Observations`."""
        steps = [n for n, _ in self._feeling]
        nodes = self._all_nodes[steps]
        operative = nodes[:, 0] * 0.3
        operative += nodes[:, 2] * 0.7
        humidity = air.relative_humidity(nodes[:, 0], self._all_humidity[steps], self._pressure)
        for place, (_, told) in enumerate(self._feeling):
            told(Felt(nodes[place, 0], operative[place], humidity[place]))
        self._feeling.clear()

    def _dry_all(self, steps: int) -> None:
        """`_dry`, one step after another: moisture and CO2 in one go, then the rooms that a coil dries."""
        self._breathe_all(steps)
        past = self._coils(steps)
        add, divide = np.add, np.divide
        air, wet, damp = np.array([self._humidity, self._co2]), self._wet, self._damp
        if past is not None:
            factor = self._each(_FACTOR)
            brought, through = past * COIL_HUMIDITY, factor[..., 0, :] + past
        for n, (step, (given, after, humid)) in enumerate(zip(self._steps, self._air_rows, strict=False)):
            add(air, given, out=after)
            if past is not None:
                add(humid, brought[n], out=wet)
                divide(wet, through[n], out=wet)
            air = divide(after, step.terms.factors, out=after)
            if past is not None:
                np.greater(humid, COIL_HUMIDITY, out=damp)
                np.copyto(humid, wet, where=damp)
        self._humidity[:], self._co2[:] = air

    def _breathe_all(self, steps: int) -> None:
        """What each step adds to moisture and CO2: the outdoor air, people, and what air handlers supply."""
        people, vapour, gain = self._commanded("people"), self._all_vapour[:steps], self._all_carbon[:steps]
        ratio = self._sky.ratio[self._first_row : self._first_row + steps]
        np.multiply(self._each(_OUT), ratio[:, None], out=vapour)
        vapour += self._each(_BREATH) * people
        if any(step.blown is not _STILL for step in self._steps):
            supply = self._each(_BLOWN)
            for number in range(supply.shape[-2]):
                moist = np.array(
                    [step.blown.moist[number] if step.blown.moist else 0.0 for step in self._steps]
                )
                vapour += supply[..., number, :] * moist[:, None]
        np.multiply(self._each(_EACH), people, out=gain)
        gain += self._each(_FRESH)

    def _commanded(self, name: str) -> Floats:
        """A command of each step: (zones,) where it is one for all, else (steps, zones)."""
        last: Floats = getattr(self._steps[-1].load.commands, name)
        if self._steps[0].load is self._steps[-1].load:
            return last
        found = [getattr(step.load.commands, name) for step in self._steps]
        return last if all(one is last for one in found) else np.array(found)

    def _each(self, term: int) -> Floats:
        """A term of each step: as it is where it is one for all, else (steps, ...)."""
        if self._steps[-1].terms is self._steps[0].terms:
            return cast("Floats", self._steps[0].terms[term])
        return np.array([step.terms[term] for step in self._steps])

    def _coils(self, steps: int) -> Floats | None:
        """(steps, zones) air past each coil as in `_dry`, were each wet; None where no terminal cools."""
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
        np.multiply(self._fans_of(), dt, out=energy[1:, FANS])
        for use, power, name in (
            (LIGHTS, self._light_power, "lights"),
            (EQUIPMENT, self._plug_power, "plugs"),
        ):
            np.multiply(power, self._commanded(name), out=energy[1:, use])
            energy[1:, use] *= dt
        central[1:] = self._central
        central[1:, POWER] = [step.load.power for step in self._steps]
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
            asked = self._asked(None, None)
        self._energy_known = False
        energy[0] = self._energy
        np.add.reduce(energy, axis=0, out=self._energy)
        self._serve_all(asked)
        central[1:] *= dt
        central[0] = self._central_energy
        np.add.reduce(central, axis=0, out=self._central_energy)

    def _fans_of(self) -> Floats:
        """(zones,) or (steps, zones) W of the terminals' fans."""
        last = self._steps[-1].load.fans
        found = [step.load.fans for step in self._steps]
        return last if all(one is last for one in found) else np.array(found)

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
        outdoor = self._sky.outdoor[self._first_row : self._first_row + len(whole)]
        cold, hot = compressors_factors(outdoor[:, None])
        cooled = whole * terminals.per_cooling
        cooled *= cold
        heated = warm * terminals.per_heating
        heated *= hot
        if terminals.resists:
            heated += warm * terminals.resistance
        return cooled, heated

    def _asked(self, whole: Floats | None, warm: Floats | None) -> tuple[Floats, Floats, Floats]:
        """What each step asks of the plant room: (steps,) W of cold, (steps, 3) of heat by circuit; and W of gas burnt in rooms.

        `whole` and `warm` as in `_heat_moved`; None where no terminal does anything.
        """
        terminals, steps = self._terminals, len(self._steps)
        cold = np.array([step.blown.cold for step in self._steps])
        hot, burnt = np.zeros((steps, 3)), np.zeros(steps)
        hot[:, 2] = [step.blown.hot for step in self._steps]
        if whole is not None and whole.any():
            cold += [np.dot(row, terminals.water_share) for row in whole]
        if warm is not None and warm.any():
            hot += [terminals.coils @ row for row in warm]
            if terminals.burns:
                burnt += [np.dot(row, terminals.per_gas) for row in warm]
        return cold, hot, burnt

    def _serve_all(self, asked: tuple[Floats, Floats, Floats]) -> None:
        """Have the plant room serve every step; its electricity, W, into `_all_central` from its second row on."""
        assert self._commands is not None
        steps, told, dt = len(self._steps), self._commands.central, self._dt
        central, room, terminals = self._all_central[1 : steps + 1], self._room, self._terminals
        if terminals.throttles and room.blows:
            let = terminals.boxes(self._all_hvac[:steps], self._each(_RUNNING))
            central[:, FANS] = room.throttled(let, self._each(_OPEN_BOXES))
        cold, hot, burnt = asked
        rows = slice(self._first_row, self._first_row + steps)
        weather = self._sky.outdoor[rows], np.array(self._sky.wet_bulb[rows])
        gas = burnt + room.serve_all(cold, hot, told, weather, central)
        for used in gas.tolist():
            self._gas = used
            self._gas_energy += used * dt
        for step in self._steps:
            self._water += step.load.water * dt
        # Lifts go with the people, who may have changed since; all else was settled before it changed.
        self._central[:POWER] = central[-1, :POWER]


def _same_plantroom(before: Commands, after: Commands) -> bool:
    """Whether plant room and air handlers are told the very same."""
    return (
        before.central is after.central
        and before.air_handler_on is after.air_handler_on
        and before.air_handler_speed is after.air_handler_speed
    )
