"""What a ReadPropertyMultiple says of one object, once its octets are taken apart."""

from __future__ import annotations

from drivers.bacnet import apdu, octets
from drivers.bacnet.kinds import PRESENT_VALUE, STATUS_FLAGS
from drivers.bacnet.octets import Found, Refused, Unreadable
from drivers.bacnet.one_by_one import failed, unreadable
from drivers.protocol import Address, Answer, Retryable


def answer(address: Address, results: dict[int, Found] | None) -> Answer:
    """One object's answer by its properties' numbers; None where the device left the object out."""
    try:
        if results is None:
            raise Unreadable("it is about other objects than asked")
        value = results.get(PRESENT_VALUE)
        if value is None:
            raise Unreadable("it lacks the present value")
        if isinstance(value, Refused):
            return failed(address, apdu.in_place(address.device, value))
        flags = results.get(STATUS_FLAGS)
        fault = isinstance(flags, list) and octets.faulty(octets.bits(flags))
        return Answer(address, octets.single(value), fault, None)
    except Unreadable as error:
        return unreadable(address, error)


def unreadable_change(address: Address, error: Unreadable) -> Answer:
    """What is known of an object whose change was told so that nobody can read it."""
    return Answer(address, None, False, Retryable(address.device, f"unreadable change: {error}"))
