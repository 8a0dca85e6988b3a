"""Units, Scale and the like of many objects of one device, through rusty-bacnet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from rusty_bacnet import PropertyIdentifier, PropertyValue

from drivers.bacnet import octets, refusals
from drivers.bacnet.kinds import STATE_TEXT
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import plain, sequence, wire
from drivers.bacnet.traits import Value, Values
from drivers.protocol import Address, DriverError

if TYPE_CHECKING:
    # the stubs name it, the package itself does not
    from rusty_bacnet import ReadAccessResult


T = TypeVar("T")


async def together(
    calls: Calls, peer: Peer, part: list[Address], wanted: Callable[[Address], tuple[int, ...]]
) -> dict[Address, Values]:
    """Several in one request: see `drivers.bacnet.traits.traits`."""
    return await asked(calls, peer, part, wanted, lambda _, found: _value(found))


async def asked(
    calls: Calls, peer: Peer, part: list[Address], wanted: Callable[[Address], tuple[int, ...]],
    value: Callable[[int, object], T],
) -> dict[Address, Mapping[int, T | DriverError | Unreadable]]:  # fmt: skip
    """Some properties of several objects in one request, as `value` takes them, which may raise Unreadable."""
    items = {address: wire(address) for address in part}
    read: list[tuple[object, list[tuple[PropertyIdentifier, int | None]]]] = [
        (item, [(PropertyIdentifier.from_raw(number), None) for number in wanted(address)])
        for address, item in items.items()
    ]
    answer = await calls.ask_many(peer, lambda client, where: client.read_property_multiple(where, read))  # type: ignore[arg-type] # invariant list
    said = {each["object_id"]: each for each in answer}
    return {address: _taken(address, said.get(item), value) for address, item in items.items()}


async def single(calls: Calls, peer: Peer, address: Address, number: int) -> Value:
    """One property of one object."""
    return _value(await calls.property(peer, wire(address), PropertyIdentifier.from_raw(number)))


def _taken(
    address: Address, said: ReadAccessResult | None, value: Callable[[int, object], T]
) -> dict[int, T | DriverError | Unreadable]:
    found: dict[int, T | DriverError | Unreadable] = {}
    for each in said["results"] if said is not None else ():
        number = each["property_id"].to_raw()
        if each["error"] is not None:
            found[number] = refusals.of_error(address.device, *(code.to_raw() for code in each["error"]))
            continue
        try:
            found[number] = value(number, each["value"])
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


def texts(number: int, found: object) -> object:
    """A property that is text or a number; an array of texts as a list, in which what nobody can read is empty. Raises Unreadable."""
    if number != STATE_TEXT:
        return plain(found)
    if isinstance(found, PropertyValue) and found.tag == "application_data":
        # one of them is no text in the character set that it says: the stack leaves the whole list to us
        return [octets.text_of(tag) for tag in octets.tags(found.value)]
    # of a single element the stack makes no list
    listed = isinstance(found, PropertyValue) and found.tag == "list"
    return [_text(each) for each in (sequence(found) if listed else [found])]


def _text(found: object) -> str:
    try:
        value = plain(found)
    except Unreadable:
        return ""
    return value if isinstance(value, str) else ""
