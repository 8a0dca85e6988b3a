"""What a simulated building shows on BACnet: its devices and objects, and the Protocol that serves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias

Present: TypeAlias = float | int
"""A Present_Value: float for analog objects, 0 or 1 for binary, the state's number from 1 for multi-state."""

KINDS: Final = ("analog", "binary", "multi-state")
ROLES: Final = ("input", "output", "value")
LIGHTING: Final = "binary-lighting-output"
"""The one object that goes off with a warning; to all else a binary output."""

UNITS: Final[dict[str, int]] = {
    "square-meters": 0,
    "amperes": 3,
    "volts": 5,
    "watt-hours": 18,
    "btus": 20,
    "therms": 21,
    "ton-hours": 22,
    "kilo-btus": 147,
    "mega-btus": 148,
    "megawatt-hours": 146,
    "foot-candles": 38,
    "cubic-feet": 79,
    "imperial-gallons": 81,
    "liters": 82,
    "us-gallons": 83,
    "parts-per-billion": 97,
    "milliliters": 197,
    "per-mille": 207,
    "joules": 16,
    "kilojoules": 17,
    "kilowatt-hours": 19,
    "hertz": 27,
    "percent-relative-humidity": 29,
    "watts-per-square-meter": 35,
    "luxes": 37,
    "watts": 47,
    "kilowatts": 48,
    "pascals": 53,
    "degrees-celsius": 62,
    "degrees-kelvin": 63,
    "degrees-fahrenheit": 64,
    "hours": 71,
    "minutes": 72,
    "seconds": 73,
    "meters-per-second": 74,
    "cubic-meters": 80,
    "cubic-meters-per-second": 85,
    "liters-per-second": 87,
    "no-units": 95,
    "parts-per-million": 96,
    "percent": 98,
    "delta-degrees-kelvin": 121,
    "megajoules": 126,
    "cubic-meters-per-hour": 135,
}
"""BACnetEngineeringUnits (ASHRAE 135-2020 clause 21) by the names a site file uses."""


_LARGEST_REAL: Final = 3.4028234e38
"""A Real is an IEEE 754 single (ASHRAE 135 §20.2.6)."""


@dataclass(frozen=True)
class ObjectSpec:
    """One object of a controller.

    `relinquish_default` makes it commandable, with sixteen slots (ASHRAE 135 §19.2); None leaves an input, or
    a value without a priority array that any write replaces. `initial` is the first Present_Value; where it
    differs from `relinquish_default`, the controller's own programme holds it at priority 16 until a restart.
    `units` and `cov_increment` (in that unit) are for analog objects. `states` are the State_Text of a
    multi-state object, or the inactive and the active text of a binary one. `egress` makes a
    binary-lighting-output warn before it goes off, s (§12.55).

    Raises ValueError for an object that the standard does not allow.
    """

    object_type: str
    instance: int
    name: str
    units: str | None
    initial: float | bool | int
    relinquish_default: float | bool | int | None
    cov_increment: float | None
    states: tuple[str, ...]
    description: str = ""
    egress: int = 0

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ValueError(f"{self.name} ({self.object_type} {self.instance}): {problem}")

    @property
    def kind(self) -> str:
        """`analog`, `binary` or `multi-state`."""
        return _kind_and_role(self.object_type)[0]

    @property
    def commandable(self) -> bool:
        """True where the object has a priority array."""
        return self.relinquish_default is not None


def _kind_and_role(object_type: str) -> tuple[str, str]:
    """`analog`, `binary` or `multi-state`, and `input`, `output` or `value`."""
    kind, _, role = object_type.rpartition("-")
    return ("binary" if object_type == LIGHTING else kind), role


def _problem(spec: ObjectSpec) -> str | None:
    """What is wrong with an object, or None."""
    kind, role = _kind_and_role(spec.object_type)
    if kind not in KINDS or role not in ROLES:
        return "unknown object type"
    if role == "input" and spec.commandable:
        return "an input has no relinquish default"
    if role == "output" and not spec.commandable:
        return "an output needs its relinquish default"
    if spec.units is not None and (kind != "analog" or spec.units not in UNITS):
        return f"unit {spec.units!r} does not apply"
    if spec.cov_increment is not None and kind != "analog":
        return "only analog objects have a COV increment"
    if kind == "binary" and len(spec.states) not in (0, 2):
        return "a binary object has two states"
    if spec.egress and spec.object_type != LIGHTING:
        return "only a binary-lighting-output warns before it goes off"
    if kind == "multi-state" and not spec.states:
        return "a multi-state object names its states"
    values = [spec.initial] if spec.relinquish_default is None else [spec.initial, spec.relinquish_default]
    if kind == "multi-state" and any(not 1 <= value <= len(spec.states) for value in values):
        return f"states are numbered 1 to {len(spec.states)}"
    if kind == "binary" and any(value not in (0, 1) for value in values):
        return "a binary value is 0 or 1"
    return None


def checked(spec: ObjectSpec, value: float | bool | int) -> Present:
    """`value` as the object's Present_Value. Raises ValueError where the object cannot hold it."""
    if spec.kind == "analog":
        if not abs(value) <= _LARGEST_REAL:
            raise ValueError(f"{spec.name}: {value} is not a Real")
        return float(value)
    lowest, highest = (0, 1) if spec.kind == "binary" else (1, len(spec.states))
    if value != int(value) or not lowest <= value <= highest:
        raise ValueError(f"{spec.name}: {value} is not {lowest} to {highest}")
    return int(value)


@dataclass(frozen=True)
class DeviceSpec:
    """One controller, at an address of its own. `host` is a loopback address, 127.0.0.x.

    `vendor_name` and `model_name` are what its Device object says where the stack lets it; rusty-bacnet's
    server always gives its own.
    """

    name: str
    instance: int
    host: str
    port: int
    objects: tuple[ObjectSpec, ...]
    vendor_name: str = "Simulated Controls"
    model_name: str = "Simulated controller"
    calendars: tuple[int, ...] = ()
    """Instances of its Calendar objects, each with an empty Date_List that anybody may write (ASHRAE 135 §12.9)."""


class Point(NamedTuple):
    """One object in one device: the device's name, the object type as ASHRAE 135 spells it, the instance."""

    device: str
    object_type: str
    instance: int


class Input(NamedTuple):
    """A new Present_Value, from the physics or a sensor, of an object without a priority array."""

    device: str
    object_type: str
    instance: int
    value: float | bool | int


class WriteRecord(NamedTuple):
    """One WriteProperty, or one element of a WritePropertyMultiple, as it arrived at a device's address.

    Logged before the device judges it, so refused writes and repeated datagrams are here too. `priority` is
    None where the request has none (the device then takes 16 for a commandable object). A request that could
    not be read to its end (segmented, or malformed) is logged with `object_type` `unreadable`.
    """

    time_monotonic: float
    device: str
    object_type: str
    instance: int
    priority: int | None
    value: float | bool | int | str | None
    """None is NULL: the slot is relinquished."""
    property_id: int = 85
    """BACnetPropertyIdentifier; 85 is present-value."""


class Front(Protocol):
    """Serves devices on BACnet/IP, each at its own address, and lets the simulated building move them.

    A device or an object that is not served raises KeyError; a value of the wrong range, or a call that does
    not suit the object, raises ValueError.
    """

    writes: list[WriteRecord]
    """Every write that reached a device from the wire, oldest first. `command` is not on the wire."""

    async def start(self) -> None:
        """Serve every device. Raises OSError if an address is taken or is not ours."""

    async def stop(self) -> None:
        """Stop every device and free its address."""

    async def set_input(
        self, device: str, object_type: str, instance: int, value: float | bool | int
    ) -> None:
        """The physics moves an input, or a value object without a priority array."""

    async def set_inputs(self, inputs: Sequence[Input]) -> None:
        """`set_input` for many, at once; of two values for one object the later counts.

        Unchanged inputs cost next to nothing.
        """

    async def present(self, device: str, object_type: str, instance: int) -> Present:
        """An object's Present_Value as a client would read it."""

    async def presents(self, points: Sequence[Point]) -> list[Present]:
        """`present` for many, in order."""

    async def command(
        self, device: str, object_type: str, instance: int, value: float | bool | int | None, priority: int
    ) -> None:
        """Somebody at the controller itself fills a slot (a knob: 13), or empties it with None."""

    async def restart(self, device: str) -> None:
        """The controller restarts: slots and COV subscriptions are lost, inputs keep their values.

        It announces itself by I-Am to every client that it has heard.
        """

    async def set_silent(self, device: str, silent: bool) -> None:
        """While silent, the device neither hears nor says anything on the wire."""
