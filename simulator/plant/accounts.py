"""What follows from the steps of the built-in plant, worked out for many minutes at once: moisture, CO2, electricity, gas, water.

Each is one sweep of numpy for all steps since somebody last asked. Every number is made by the same operations in the same order
as by `RcPlant.step`, so that no digit differs.
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
    EQUIPMENT,
    FANS,
    HEATING,
    LIGHTS,
    POWER,
    Commands,
    Felt,
    Flags,
    Told,
)  # fmt: skip
from simulator.plant.rc import COIL_HUMIDITY, Floats, RcPlant
from simulator.plant.terminals import COIL_TEMPERATURE, compressors_factors

_RUNNING, _OPEN_BOXES, _FACTOR, _COIL, _LATENT, _OUT, _BREATH, _BLOWN, _EACH, _FRESH = range(10)
"""Places in `Terms`."""
LONGEST = 60
"""Steps that are kept at most until what follows from them is worked out; and minutes whose weather is laid out ahead."""


class Terms(NamedTuple):
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


class Blown(NamedTuple):
    """What air handlers make of the outdoor air of a minute."""

    cold: float
    """W that their coils take, and of heat."""
    hot: float
    moist: tuple[float, ...]
    """(air handlers,) kg/kg of what they supply."""


class Load(NamedTuple):
    """What people and machines take and give, as long as no command changes."""

    commands: Commands
    fans: Floats
    power: float
    """W of lifts and pumps."""
    water: float
    """m³/s."""


class Step(NamedTuple):
    """What is known of a step that is not yet accounted for, besides its rows of the arrays."""

    terms: Terms
    load: Load
    blown: Blown


STILL = Blown(0.0, 0.0, ())


def _rows(found: list[Floats]) -> Floats:
    """What each step has, (zones,) each: as it is where it is one for all, else (steps, zones)."""
    last = found[-1]
    if all(one is last for one in found):
        return last
    return np.concatenate(found).reshape(
        len(found), -1
    )  # a quarter of the time that an array of arrays takes


class LaterRcPlant(RcPlant):
    """An `RcPlant` that keeps steps of a minute, and works out later what follows from them."""

    def __init__(self, building: physical.Building, weather: Weather, start: Instant) -> None:
        super().__init__(building, weather, start)
        self._terms: Terms | None = None
        """Of the steps to come; None: to be put together anew."""
        self._load: Load | None = None
        self._put_off = False
        """What people breathe is worked out when it is accounted for."""
        self._steps: list[Step] = []
        """Steps that are not yet accounted for."""
        self._feeling: list[tuple[int, Told]] = []
        """Who waits to be told what a step felt like, by its number among those."""
        self._first_row = self._row = 0
        """Of the sky, in the first and the last of `_steps`: all are of one day."""
        self._day_ends: Instant = math.inf

    def _lay_out(self) -> None:
        """What steps leave behind, made before the first."""
        most, uses, count = LONGEST, len(END_USES), len(self.zones)
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

    # ------------------------------------------------------------------ what is kept of a step

    def _breathe(self) -> None:
        if not self._put_off:
            super()._breathe()

    def _terms_now(self) -> Terms:
        terminals = self._terminals
        self._terms = Terms(
            terminals.running, terminals.open_boxes, np.array([self._vapour_factor, self._co2_factor]),
            self._vapour_coil, self._latent_scale, self._vapour_out, self._vapour_each, self._vapour_supply,
            self._co2_each, self._co2_fresh,
        )  # fmt: skip
        return self._terms

    def _load_now(self) -> Load:
        load, commands, fans = self._load, self._commands, self._terminals.fans
        assert commands is not None
        if load is None or load.commands is not commands or load.fans is not fans:
            load = self._load = Load(commands, fans, float(self._central[POWER]), self._water_flow)
        return load

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
        add, divide, greater, copyto = np.add, np.divide, np.greater, np.copyto
        air, wet, damp = np.array([self._humidity, self._co2]), self._wet, self._damp
        if past is not None:
            factor = self._each(_FACTOR)
            brought, through = past * COIL_HUMIDITY, factor[..., 0, :] + past
        for n, (step, (given, after, humid)) in enumerate(zip(self._steps, self._air_rows, strict=False)):
            add(air, given, after)
            if past is not None:
                add(humid, brought[n], wet)
                divide(wet, through[n], wet)
            air = divide(after, step.terms.factors, after)
            if past is not None:
                greater(humid, COIL_HUMIDITY, damp)
                copyto(humid, wet, where=damp)
        self._humidity[:], self._co2[:] = air

    def _breathe_all(self, steps: int) -> None:
        """What each step adds to moisture and CO2: the outdoor air, people, and what air handlers supply."""
        people, vapour, gain = self._commanded("people"), self._all_vapour[:steps], self._all_carbon[:steps]
        ratio = self._sky.ratio[self._first_row : self._first_row + steps]
        np.multiply(self._each(_OUT), ratio[:, None], out=vapour)
        vapour += self._each(_BREATH) * people
        if any(step.blown is not STILL for step in self._steps):
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
        return _rows([getattr(step.load.commands, name) for step in self._steps])

    def _each(self, term: int) -> Floats:
        """A term of each step: as it is where it is one for all, else (steps, ...)."""
        if self._steps[-1].terms is self._steps[0].terms:
            return cast("Floats", self._steps[0].terms[term])
        rows = cast("list[Floats]", [step.terms[term] for step in self._steps])
        found: Floats = np.concatenate(rows).reshape(len(rows), *rows[0].shape)
        return found

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
        return _rows([step.load.fans for step in self._steps])

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
