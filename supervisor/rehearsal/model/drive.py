"""The built-in plant driven through a record: as many variants of a building side by side as a fit wants to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.plant.base import END_USES, Central, Commands
from simulator.plant.building import Building
from simulator.plant.rc import RcPlant
from simulator.plant.rooms import Walls, touched
from supervisor.rehearsal.model.record import PER_HOUR, STEP, Floats, Record

Scalar = TypeVar("Scalar", bound=np.generic)


class Lived(NamedTuple):
    """What variants of a building did through a record; the first axis is the variants'."""

    air: Floats
    """(variants, steps, zones) °C at the beginning of each step, as in a record."""
    energy: Floats
    """(variants, hours, end uses, zones) J of what each zone takes by itself."""
    load: Floats
    """(variants, hours, zones) J that the zone's coil took from the plant room, cold and heat alike."""
    central: Floats
    """(hours, end uses) J of what serves many zones, of a variant in the mean."""
    heat: Floats
    """(variants, hours, zones) J of heat that the terminals brought."""
    gas: Floats
    """(hours,) J of fuel, of a variant in the mean."""


def lived(
    variants: Sequence[Building], record: Record, sun: Floats | None = None, *, as_first: bool = False
) -> Lived:
    """Drive buildings of the same zones through a record, from rooms as first recorded.

    `sun`: (variants, days) by which each day's sunlight is another than the record's weather says; days of local standard time.
    `as_first`: rooms have the neighbours of the first variant: see `Walls`.
    """
    plant = RcPlant(_beside(variants), record.weather, record.start)
    if sun is not None:
        plant.shine(_by_day(np.repeat(sun, len(record.zones), axis=0), record))
    if touched(variants[0]):
        plant.couple(Walls(variants, as_first=as_first))
    count, zones, steps = len(variants), len(record.zones), record.steps
    plant.settle_at(np.tile(_begin(record), count))
    water = np.array([zone.terminal.water for zone in variants[0].zones], dtype=np.float64)
    found = np.empty((steps, count * zones))
    energy = np.empty((record.hours + 1, len(END_USES), count * zones))
    central = np.empty((record.hours + 1, len(END_USES)))
    load, heat = np.zeros((2, record.hours, count * zones))
    gas = np.zeros(record.hours + 1)
    energy[0] = central[0] = 0.0
    now = np.tile(_begin(record), count)
    commands = Commands.idle(count * zones, record.handlers.shape[1])
    resumes = record.resumes
    for step in range(steps):
        if step in resumes:
            now = _again(record, step, now)
            plant.settle_at(now)
        found[step] = now
        if step == 0 or _moved(record, step):
            commands = _commands(record, step, count, commands, water)
        seen = plant.step(STEP, commands)
        now = seen.air
        hour = step // PER_HOUR
        warmth = np.maximum(seen.hvac, 0.0)
        load[hour] += (plant.coil_cold + warmth) * STEP
        heat[hour] += warmth * STEP
        if step % PER_HOUR == PER_HOUR - 1:
            energy[hour + 1], central[hour + 1] = seen.energy, seen.central_energy
            gas[hour + 1] = seen.gas_energy
    by_zone = np.diff(energy, axis=0).reshape(record.hours, len(END_USES), count, zones)
    return Lived(
        found.reshape(steps, count, zones).transpose(1, 0, 2),
        by_zone.transpose(2, 0, 1, 3),
        (load.reshape(record.hours, count, zones) * water).transpose(1, 0, 2),
        np.diff(central, axis=0) / count,
        heat.reshape(record.hours, count, zones).transpose(1, 0, 2),
        np.diff(gas) / count,
    )


def _by_day(factors: Floats, record: Record) -> Callable[[Floats], Floats]:
    """POSIX times → (times, zones) factors out of (zones, days); before and after the record those of its first and last day."""

    def at(times: Floats) -> Floats:
        found: Floats = factors[:, record.day(times)].T
        return found

    return at


def _begin(record: Record) -> Floats:
    """Each room's first recorded temperature; 24 °C where there is none."""
    known = np.isfinite(record.air)
    first = known.argmax(axis=0)
    there = record.air[first, np.arange(record.air.shape[1])]
    return np.where(known.any(axis=0), there, 24.0)


def _again(record: Record, step: int, now: Floats) -> Floats:
    """Where rooms go on from after a silence: as they are recorded within the next hour, else as they were."""
    soon = record.air[step : step + PER_HOUR]
    known = np.isfinite(soon)
    there = soon[known.argmax(axis=0), np.arange(soon.shape[1])]
    count = len(now) // soon.shape[1]
    return np.where(np.tile(known.any(axis=0), count), np.tile(there, count), now)


def _beside(variants: Sequence[Building]) -> Building:
    """The zones of all variants as one building: each variant lives as if it were alone."""
    zones = tuple(
        replace(zone, id=f"{number}/{zone.id}")
        for number, variant in enumerate(variants)
        for zone in variant.zones
    )
    return replace(variants[0], zones=zones, partitions=(), storeys=())


def _moved(record: Record, step: int) -> bool:
    return any(
        not np.array_equal(array[step], array[step - 1])
        for array in (
            record.people, record.windows, record.lights, record.plugs, record.on, record.cools, record.heats,
            record.cooling_setpoint, record.heating_setpoint, record.handlers,
        )
    )  # fmt: skip


def _commands(record: Record, step: int, count: int, before: Commands, water: Floats) -> Commands:
    """What acts at a step, for every variant alike; the plant room turns while a unit takes its water."""
    drawn = record.on[step] & (water > 0.0)
    blown, heats = bool(record.handlers[step].any()), bool(record.heats[step].any())
    cold = bool((drawn & record.cools[step]).any()) or (blown and not heats)
    hot = heats and (bool(drawn.any()) or blown)
    central = before.central
    if (central.chiller_on, central.boiler_on) != (cold, hot):
        central = Central(chiller_on=cold, boiler_on=hot)
    return replace(
        before,
        people=_each(record.people[step], count, before.people),
        window_open=_each(record.windows[step], count, before.window_open),
        lights=_each(record.lights[step], count, before.lights),
        plugs=_each(record.plugs[step], count, before.plugs),
        terminal_on=_each(record.on[step], count, before.terminal_on),
        cooling=_each(record.cools[step], count, before.cooling),
        heating=_each(record.heats[step], count, before.heating),
        cooling_setpoint=_each(record.cooling_setpoint[step], count, before.cooling_setpoint),
        heating_setpoint=_each(record.heating_setpoint[step], count, before.heating_setpoint),
        air_handler_on=record.handlers[step],
        central=central,
    )


def _each(row: NDArray[Scalar], count: int, old: NDArray[Scalar]) -> NDArray[Scalar]:
    """A row for every variant; the very array of before where nothing in it is new."""
    new = np.tile(row, count)
    return old if np.array_equal(new, old) else new
