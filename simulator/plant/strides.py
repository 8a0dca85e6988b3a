"""The built-in plant in strides: many minutes at once, as far as nobody changes what is commanded.

Rooms can only be stepped one minute after another, since each minute begins where the last one ended. What the weather
brings into a minute is known beforehand, and laid out for many of them; moisture, electricity and the plant room's work
follow from the rooms afterwards (`accounts`). numpy's fixed cost is most of what a small building pays. Every number is
made by the same operations in the same order as by `RcPlant.step`, so that no digit differs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import is_
from typing import NamedTuple

import numpy as np

from schedules.time import Instant
from schedules.weather.series import Sample, Weather
from simulator.plant import building as physical
from simulator.plant.accounts import LONGEST, STILL, Blown, LaterRcPlant, Step
from simulator.plant.base import Central, Commands, Observations, Stop, Stride, Told
from simulator.plant.network import INPUTS
from simulator.plant.plantroom import Supply, supply_air
from simulator.plant.rc import Floats
from simulator.plant.sky import GRID

_new = tuple.__new__
"""Makes a named tuple of its fields in half the time that its own constructor takes."""
_BLOWING = 15
"""Minutes laid out ahead while air handlers blow: each is worked out by itself, and a window undoes what is left of them."""


class _Ahead(NamedTuple):
    """What the products that are laid out ahead go by, and the rows of the sky that they are of."""

    weights: Floats
    samples: Sequence[Sample]
    fan_heat: Floats
    central: Central
    supply: Floats
    first: int
    end: int


class StridingRcPlant(LaterRcPlant):
    """A plant that takes steps of a minute in strides, to the same digit."""

    def __init__(self, building: physical.Building, weather: Weather, start: Instant) -> None:
        super().__init__(building, weather, start)
        self._plain = not self._recovers
        """What a step begins with follows from the weather and the rooms' own nodes alone."""
        self._ahead: _Ahead | None = None
        self._supplies: dict[int, list[Supply]] = {}
        """By row of the sky, as long as what it goes by is `_supplying`."""
        self._supplying: tuple[object, ...] = (None, None, None)
        self._blown: list[Blown] = []
        """Of the rows that are laid out ahead."""
        self._rows: list[tuple[Floats, ...]] = []
        """Of each step: free nodes, free air, heat, nodes, nodes as inputs, air as a row."""
        self._laid: list[tuple[Floats, ...]] = []
        """Of each minute that is laid out ahead: products, those of the nodes, those of the gains."""

    def _lay_out(self) -> None:
        """Likewise what they begin with; and the rows of both, each looked up once."""
        super()._lay_out()
        most, count = LONGEST, len(self.zones)
        self._products_ahead = np.empty((most, len(INPUTS), 3, count))
        self._sources_ahead = np.empty((most, count))
        self._all_free = np.empty((most, 3, count))
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
        self._steps += [_new(Step, (terms, load, blown)) for blown in self._blown[ahead : ahead + steps]]
        self._nodes[:] = self._all_nodes[first + steps - 1]
        for _ in range(steps):
            self.time += dt
        self._row = row + steps - 1
        return _new(Stride, (self.time, self._sky.samples[self._row], self._terminals.running, rooms))

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
        self._blown = self._blow_all(row, source) if self._supplied else [STILL] * count
        np.multiply(weights[2], outdoor[:, :, None], out=products[:, 2])
        np.multiply(weights[3], sky.solar[row:end, None], out=products[:, 3])
        np.multiply(weights[5], source[:, None], out=products[:, 5])

    def _blow_all(self, row: int, source: Floats) -> list[Blown]:
        """`_blow` of several minutes: the heat added to (minutes, zones); what coils take and how moist the air is, of each."""
        flows, found = self._supply_flow.tolist(), []
        rows = self._supplies_of(row, len(source))
        for supplies in rows:
            cooling = heating = 0.0
            for flow, blown in zip(flows, supplies, strict=True):
                if flow > 0.0:
                    cooling += blown.cooling * flow
                    heating += blown.heating * flow
            found.append(Blown(cooling, heating, tuple([blown.humidity for blown in supplies])))
        for number, flow in enumerate(flows):
            if flow > 0.0:
                temperatures = np.array([supplies[number].temperature for supplies in rows])
                source += self._supply_heat[number] * temperatures[:, None]
        return found

    def _supplies_of(self, first: int, count: int) -> list[list[Supply]]:
        """What each air handler supplies in each of some minutes; known until they are told anything else, whatever the windows do."""
        commands, sky = self._commands, self._sky
        assert commands is not None
        told = (commands.central, commands.air_handler_supply, sky.samples)
        if not all(map(is_, told, self._supplying)):
            self._supplying = told
            self._supplies.clear()
        known, handlers = self._supplies, self.building.air_handlers
        wanted = commands.air_handler_supply.tolist()
        for row in range(first, first + count):
            if row not in known:
                outside = (sky.samples[row].dry_bulb, sky.humidity[row])
                known[row] = [
                    supply_air(handler, commands.central, supply, outside, 0.0, self._density)
                    for handler, supply in zip(handlers, wanted, strict=True)
                ]
        return [known[row] for row in range(first, first + count)]

    def _respond_all(self, first: int, ahead: int, steps: int) -> None:
        """`_respond`, one step after another, from the products that are laid out."""
        multiply, add, subtract, reduce = np.multiply, np.add, np.subtract, np.add.reduce
        maximum, minimum = np.maximum, np.minimum
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
            # Where numpy allows it what is written comes last: it takes a tenth longer to find it by its name.
            multiply(weights, nodes, of_states)
            nodes = states
            if between is not None:
                add(self._internal, between.heat(self._operative), gains)
            if steps == 1 or between is not None:
                multiply(per_internal, gains, of_gains)
            if not active:
                reduce(products, axis=0, out=after)
            else:
                reduce(products, axis=0, out=free)
                maximum(free_air, heat_to, out=heat)
                minimum(heat, cool_to, out=heat)
                subtract(heat, free_air, heat)
                multiply(heat, per_gain, heat)
                maximum(heat, cool_limit, out=heat)
                minimum(heat, heat_limit, out=heat)
                multiply(gain, heat, scratch)
                add(free, scratch, after)
            if between is not None:
                self._operate(after)


def _same_plantroom(before: Commands, after: Commands) -> bool:
    """Whether plant room and air handlers are told the very same."""
    return (
        before.central is after.central
        and before.air_handler_on is after.air_handler_on
        and before.air_handler_speed is after.air_handler_speed
    )
