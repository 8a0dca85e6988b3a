"""What a simulated building takes and gives each step: the Protocol that every plant keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import Instant
from schedules.weather import air
from schedules.weather.series import Sample

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

END_USES = ("cooling", "heating", "fans", "pumps", "lights", "equipment", "power")
"""Rows of every electric array: the end uses of ISO 52000-1 as far as an office has them. "power" (动力) is
lifts and water pumps. "cooling" and "heating" are compressors, chillers, towers and electric heaters."""

COOLING, HEATING, FANS, PUMPS, LIGHTS, EQUIPMENT, POWER = range(len(END_USES))


@dataclass(frozen=True, eq=False)
class Central:
    """What the plant room is told. A building with no central plant ignores it."""

    chiller_on: bool = False
    boiler_on: bool = False
    chilled_water: float = 7.0
    """Supply temperature, °C. 7 °C is the rating condition of fan coils (GB/T 19232-2019)."""
    hot_water: float = 60.0
    """Supply temperature, °C. 60 °C is the rating condition of fan coils (GB/T 19232-2019)."""
    pump_speed: float = 1.0
    """Fraction of rated speed, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Commands:
    """What acts on the building from outside, held until it changes. Arrays are in the order of the zones.

    Hand over a new object for every change (`dataclasses.replace`) and the same object while nothing
    changes: a plant compares by identity and skips the work. The arrays are never written after that.
    """

    people: Floats
    """(zones,) persons present."""
    window_open: Floats
    """(zones,) fraction of the openable window that stands open, 0 to 1."""
    lights: Floats
    """(zones,) fraction of the installed lighting power that is on, 0 to 1."""
    plugs: Floats
    """(zones,) fraction of the equipment power that is on, 0 to 1."""
    terminal_on: Flags
    """(zones,) start-stop of the fan coil, VRF indoor unit or VAV box."""
    cooling: Flags
    """(zones,) the terminal may cool."""
    heating: Flags
    """(zones,) the terminal may heat."""
    cooling_setpoint: Floats
    """(zones,) °C, the value in force."""
    heating_setpoint: Floats
    """(zones,) °C, the value in force. At or below the cooling setpoint: the lower of the two counts."""
    air_handler_on: Flags
    """(air handlers,) start-stop."""
    air_handler_speed: Floats
    """(air handlers,) fraction of rated fan speed, 0 to 1."""
    air_handler_supply: Floats
    """(air handlers,) supply air temperature while the coil cools, °C."""
    central: Central = field(default_factory=Central)

    def but(self, **change: object) -> Commands:
        """The same with some fields changed, as `dataclasses.replace` makes it at several times the cost."""
        found = object.__new__(Commands)
        found.__dict__.update(self.__dict__, **change)
        return found

    @classmethod
    def idle(cls, zones: int, air_handlers: int = 0) -> Commands:
        """Nobody in, everything off, setpoints at the plan's limits (26 °C and 20 °C)."""
        return cls(
            people=np.zeros(zones),
            window_open=np.zeros(zones),
            lights=np.zeros(zones),
            plugs=np.zeros(zones),
            terminal_on=np.zeros(zones, dtype=np.bool_),
            cooling=np.ones(zones, dtype=np.bool_),
            heating=np.ones(zones, dtype=np.bool_),
            cooling_setpoint=np.full(zones, 26.0),
            heating_setpoint=np.full(zones, 20.0),
            air_handler_on=np.zeros(air_handlers, dtype=np.bool_),
            air_handler_speed=np.ones(air_handlers),
            air_handler_supply=np.full(air_handlers, 16.0),
        )


class Observations(NamedTuple):
    """The building at the end of a step. Powers and flows are means over the step just taken.

    The arrays are the plant's own and are overwritten by the next step: copy what is to be kept.
    """

    time: Instant
    outdoor: Sample
    air: Floats
    """(zones,) air temperature, °C."""
    operative: Floats
    """(zones,) operative temperature, °C."""
    humidity: Floats
    """(zones,) humidity ratio, kg water per kg dry air."""
    co2: Floats
    """(zones,) ppm by volume."""
    hvac: Floats
    """(zones,) sensible heat that terminal and supply air bring to the room, W; negative while cooling."""
    running: Flags
    """(zones,) run status of the terminal: its fan turns. False in the controller's minimum off time."""
    air_handler_running: Flags
    """(air handlers,) run status."""
    electric: Floats
    """(end uses, zones) electric power, W."""
    central: Floats
    """(end uses,) electric power of what serves more than one zone, W."""
    gas: float
    """Fuel power of the boiler by lower heating value, W."""
    energy: Floats
    """(end uses, zones) electricity since the start, J."""
    central_energy: Floats
    """(end uses,) electricity since the start, J."""
    gas_energy: float
    """Fuel since the start, J."""
    water: float
    """Cold water drawn since the start, m³."""
    pressure: float
    """Barometric pressure, Pa."""

    @property
    def relative_humidity(self) -> Floats:
        """(zones,) relative humidity at the air temperature, %."""
        return air.relative_humidity(self.air, self.humidity, self.pressure)


class Felt(NamedTuple):
    """What the rooms feel like at the end of a step; (zones,) each, and overwritten by what follows."""

    air: Floats
    """°C."""
    operative: Floats
    """°C."""
    relative_humidity: Floats
    """%."""

    @classmethod
    def of(cls, seen: Observations) -> Felt:
        """As far as an observation says."""
        return cls(seen.air, seen.operative, seen.relative_humidity)


Told: TypeAlias = Callable[[Felt], None]
"""Hears what the rooms felt like at the end of a step."""


class Stride(NamedTuple):
    """Some steps that were taken at once."""

    time: Instant
    """The end of the last."""
    outdoor: Sample
    """The weather in the last."""
    running: Flags
    """(zones,) run status of the terminals in the last."""
    air: Floats
    """(steps, zones) °C at the end of each; the plant's own, and overwritten by what follows."""

    @classmethod
    def of(cls, seen: Observations) -> Stride:
        """A single step."""
        return cls(seen.time, seen.outdoor, seen.running, seen.air[None])


Stop: TypeAlias = Callable[[Floats, Sequence[Sample]], int]
"""Given (steps, zones) °C at the end of each of some steps, and the weather of each: how many of them, at least one, are
to be taken."""


class Plant(Protocol):
    """A building that lives through time: physics behind the BACnet front and in the rehearsal."""

    @property
    def zones(self) -> tuple[str, ...]:
        """Names, in the order of every array."""

    @property
    def air_handlers(self) -> tuple[str, ...]:
        """Names, in the order of every array over air handlers."""

    @property
    def time(self) -> Instant:
        """The end of the last step, or the start."""

    def step(self, dt: float, commands: Commands) -> Observations:
        """Go on by `dt` seconds (0 < dt ≤ 3,600) under `commands`. Raises ValueError for another dt."""

    def stride(self, dt: float, commands: Commands, most: int, stop: Stop) -> Stride:
        """Go on by one step of `dt` seconds or by several, up to `most`, to the same digit as one by one.

        Of as many as it would take the plant asks `stop` how many it may; of a single one it need not ask.
        """

    def observe(self) -> Observations:
        """The building at the end of the last step that was taken, which may not be worked out before it is asked for."""

    def feel(self, told: Told) -> None:
        """Tell what the rooms feel like at the end of the last step, as soon as it is worked out: in the order in which it
        was asked, and at the latest when `observe` is called."""

    def close(self) -> None:
        """Let go of what the plant holds outside this process; again is no harm. It takes no step after that."""
