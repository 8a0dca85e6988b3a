"""Units, Scale and the like of many objects of one device, through rusty-bacnet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rusty_bacnet import PropertyIdentifier, PropertyValue

from drivers.bacnet import octets, refusals
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import plain, wire
from drivers.bacnet.traits import Value, Values
from drivers.protocol import Address, DriverError

if TYPE_CHECKING:
    # the stubs name it, the package itself does not
    from rusty_bacnet import ReadAccessResult


async def together(
    calls: Calls, peer: Peer, part: list[Address], wanted: Callable[[Address], tuple[int, ...]]
) -> dict[Address, Values]:
    """Several in one request: see `drivers.bacnet.traits.traits`."""
    items = {address: wire(address) for address in part}
    asked: list[tuple[object, list[tuple[PropertyIdentifier, int | None]]]] = [
        (item, [(PropertyIdentifier.from_raw(number), None) for number in wanted(address)])
        for address, item in items.items()
    ]
    answer = await calls.ask_many(peer, lambda client, where: client.read_property_multiple(where, asked))  # type: ignore[arg-type] # invariant list
    said = {each["object_id"]: each for each in answer}
    return {address: _taken(address, said.get(item)) for address, item in items.items()}


async def single(calls: Calls, peer: Peer, address: Address, number: int) -> Value:
    """One property of one object."""
    return _value(await calls.property(peer, wire(address), PropertyIdentifier.from_raw(number)))


def _taken(address: Address, said: ReadAccessResult | None) -> Values:
    found: dict[int, Value | DriverError | Unreadable] = {}
    for each in said["results"] if said is not None else ():
        number = each["property_id"].to_raw()
        if each["error"] is not None:
            found[number] = refusals.of_error(address.device, *(code.to_raw() for code in each["error"]))
            continue
        try:
            found[number] = _value(each["value"])
        except Unreadable as error:
            found[number] = error
    return found


def _value(value: object) -> Value:
    """A number; a Scale as its factor (a REAL, or a power of ten, §12.1), a Prescale as two numbers. Raises Unreadable."""
    if isinstance(value, PropertyValue):
        if value.tag == "scale":
            scale: float | int = value.value
            return octets.power_of_ten(scale) if isinstance(scale, int) else scale
        if value.tag == "prescale":
            multiplier, divisor = value.value
            return int(multiplier), int(divisor)
    number = plain(value)
    if number is None:
        raise Unreadable("it is NULL")
    return number
