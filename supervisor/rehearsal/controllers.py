"""The controllers of a rehearsal: priority arrays in memory, kept as ASHRAE 135 §19.2 says."""

from __future__ import annotations

from collections.abc import Container, Sequence
from collections.abc import Set as AbstractSet

from config.points import Point, Value
from config.roles import Mode, Role
from config.site import Site
from drivers.protocol import Address, Answer, Misconfigured, Silent, WriteMany
from drivers.readings import PriorityArray, Slot
from drivers.values import decode, encode
from simulator.bacnet.controllers import falls_back_on

PROGRAM_PRIORITY = 16
"""The slot of a controller's own schedule: the lowest, as ASHRAE 135 §19.2 has it for programmes."""
_COMMANDED = frozenset(
    {Role.START_STOP, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.SETPOINT, Role.MODE, Role.HEARTBEAT}
)

_SETPOINTS = {Role.COOLING_SETPOINT: 26.0, Role.HEATING_SETPOINT: 20.0, Role.SETPOINT: 26.0}
"""°C as delivered, before anybody has touched them; the same as behind the demo's controllers."""


class Output:
    """One object: its slots and what it is without them; or where there is no array, its plain value."""

    __slots__ = ("address", "array", "commandable", "default", "points", "present", "programme", "slots")

    def __init__(self, address: Address, default: float | int, *, commandable: bool) -> None:
        self.address = address
        self.points: dict[str, Point] = {}
        self.default = self.present = self.programme = default
        self.commandable = commandable
        self.slots: dict[int, float | int] = {}
        self.array = PriorityArray((), default)

    def command(self, value: float | int | None, priority: int) -> bool:
        """Fill a slot, or empty it with None. True if the present value moved."""
        if priority == PROGRAM_PRIORITY and value is not None:
            self.programme = value
        before = self.present
        if not self.commandable:
            # Nothing outranks anything: whoever wrote last is obeyed, and who lets go leaves it to the programme.
            self.present = self.programme if value is None else value
            return self.present != before
        if value is None:
            self.slots.pop(priority, None)
        else:
            self.slots[priority] = value
        occupied = tuple([Slot(p, self.slots[p]) for p in sorted(self.slots)])
        self.array = PriorityArray(occupied, self.default)
        self.present = occupied[0].value if occupied else self.default
        return self.present != before


class Controllers:
    """Every commanded object of a site, as the gateway's driver whose calls never wait."""

    def __init__(self, site: Site) -> None:
        self.outputs: dict[Address, Output] = {}
        self.moved: dict[str, Point] = {}
        """Points whose present value has changed since somebody last looked, by id."""
        self.stirred: dict[str, Point] = {}
        """Points of which any slot was written, likewise."""
        self.silent: AbstractSet[str] = frozenset()
        """Devices that do not answer us; whoever stands before them can command them all the same."""
        self._by_point: dict[str, Output] = {}
        for point in site.points.values():
            if point.role in _COMMANDED:
                self._add(site, point)

    def _add(self, site: Site, point: Point) -> None:
        address = Address(point.device, point.object_type, point.instance)
        output = self.outputs.get(address)
        if output is None:
            commandable = point.priority_array and not point.object_type.endswith("-input")
            output = Output(address, _initial(site, point), commandable=commandable)
            self.outputs[address] = output
        output.points[point.id] = point
        self._by_point[point.id] = output

    @property
    def known(self) -> Container[str]:
        """Ids of the points that are commanded."""
        return self._by_point

    def command(self, point: Point, value: Value, priority: int) -> None:
        """Somebody at the controller fills a slot with a value of the role, or lets it go with None."""
        raw = None if value is None else encode(point, value)
        self._set(self._by_point[point.id], raw, priority)

    def _set(self, output: Output, raw: float | int | None, priority: int) -> None:
        self.stirred.update(output.points)
        if output.command(raw, priority):
            self.moved.update(output.points)

    def raw(self, point: Point) -> float | int:
        """A point's present value as the wire has it."""
        return self._by_point[point.id].present

    def value(self, point: Point) -> Value:
        """A point's present value in its role's unit."""
        return decode(point, self._by_point[point.id].present)

    # ------------------------------------------------------------------ what a gateway calls

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present values."""
        return [Answer(a, self._at(a).present, False, None) for a in addresses]

    async def read_array(self, address: Address) -> PriorityArray:
        """The occupied slots, highest first. Raises Misconfigured where there is no array."""
        output = self._at(address)
        if not output.commandable:
            raise Misconfigured(address.device, "unknown property")
        return output.array

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write the present value, or relinquish."""
        self._set(self._at(address), value, priority or PROGRAM_PRIORITY)

    @property
    def write_many(self) -> WriteMany | None:
        """Nothing is saved by it: no datagram is sent."""
        return None

    def _at(self, address: Address) -> Output:
        if address.device in self.silent:
            raise Silent(address.device, "no answer")
        found = self.outputs.get(address)
        if found is None:
            raise Misconfigured(address.device, "unknown object")
        return found


def _initial(site: Site, point: Point) -> float | int:
    """What a controller is that nobody commands: see `simulator.bacnet.controllers`."""
    if point.role is Role.START_STOP:
        return encode(point, falls_back_on(site, point))
    if point.role is Role.HEARTBEAT:
        return encode(point, False)
    if point.role is Role.MODE:
        return (
            encode(point, Mode.COOL) if Mode.COOL in point.states.values() else min(point.states, default=1)
        )
    return encode(point, _SETPOINTS[point.role])


def seasonal_mode(point: Point, heating: bool) -> Mode | None:
    """The mode that a caretaker sets for the season: automatic where the controller has it."""
    known = set(point.states.values())
    wanted = (Mode.AUTO, Mode.HEAT if heating else Mode.COOL)
    return next((mode for mode in wanted if mode in known), None)
