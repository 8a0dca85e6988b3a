"""A Priority_Array and what is beneath it, from devices that give it whole, slot by slot, or without its default."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from config.points import Raw
from drivers.bacnet.kinds import (
    BINARY_LIGHTING,
    BLINK_WARN_ENABLE,
    EGRESS_TIME,
    KINDS,
    PRIORITY_ARRAY,
    RELINQUISH_DEFAULT,
)
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Peer
from drivers.protocol import Address, DriverError, Misconfigured, Rejected, Retryable
from drivers.readings import PriorityArray, Slot

SLOTS: Final = 16
"""Entries of a priority array (ASHRAE 135 §19.2)."""

S = TypeVar("S")


async def read_array(calls: Calls[S], peer: Peer[S], address: Address) -> PriorityArray:
    """What `drivers.protocol.FieldReader.read_array` says, each request within a deadline of its own.

    Misconfigured only where the device says that there is no such object or property: a point that is taken for one
    without slots is written without a priority, and where it has some after all that fills the sixteenth, for good.
    So an object that has slots and no Relinquish_Default, against §19.2.1, is one that becomes nobody knows what.
    """
    calls.dialect.wire(address)
    values = await _values(calls, peer, address)
    try:
        slots = occupied(values)
    except Unreadable as error:
        raise Retryable(address.device, f"unreadable answer: {error}") from None
    async with calls.within(peer):
        default = await _default(calls, peer, address)
    known = default is not None and not isinstance(default, str) and math.isfinite(default)
    async with calls.within(peer, 2):
        egress = await _egress(calls, peer, address)
    return PriorityArray(slots, default if known else None, egress)  # type: ignore[arg-type] # text is not known


async def _values(calls: Calls[S], peer: Peer[S], address: Address) -> Sequence[Raw]:
    device = address.device

    async def slot(index: int) -> Raw:
        async with calls.within(peer):
            return await calls.value(peer, address, PRIORITY_ARRAY, index)

    whole = None
    if not peer.slots_singly:
        async with calls.within(peer):
            whole = await _whole(calls, peer, address)
    if whole is not None and not isinstance(whole, DriverError):
        return whole
    try:
        first = await slot(1)
    except (Misconfigured, Rejected):
        if whole is None:
            peer.slots_singly = False  # another device may be there by now
            raise Retryable(device, "no longer gives its slots one by one") from None
        raise (Rejected(device, whole.message) if isinstance(whole, Misconfigured) else whole) from None
    if whole is not None and not isinstance(whole, Retryable):
        peer.slots_singly = True
    return [first, *[await slot(index) for index in range(2, SLOTS + 1)]]


async def _whole(calls: Calls[S], peer: Peer[S], address: Address) -> Sequence[Raw] | DriverError:
    """The 16 values, or how else the device refused than by saying that there is no such property."""
    dialect = calls.dialect
    try:
        return await calls.values(peer, address, PRIORITY_ARRAY)
    except dialect.refusal as refusal:
        if not dialect.answered(refusal) or dialect.lacks_property(refusal):
            raise
        return dialect.problem(address.device, refusal)


async def _default(calls: Calls[S], peer: Peer[S], address: Address) -> Raw:
    """Relinquish_Default, None where the device does not tell it."""
    dialect = calls.dialect
    try:
        return await calls.value(peer, address, RELINQUISH_DEFAULT)
    except Unreadable:
        return None
    except dialect.refusal as refusal:
        if isinstance(dialect.problem(address.device, refusal), Retryable):
            raise
        return None


async def _egress(calls: Calls[S], peer: Peer[S], address: Address) -> float:
    """How long lamps stay on after WARN_OFF, s; 0 where the object does not warn or does not say."""
    if KINDS[address.object_type].number != BINARY_LIGHTING:
        return 0.0
    dialect = calls.dialect
    try:
        if not await calls.value(peer, address, BLINK_WARN_ENABLE):
            return 0.0
        return float(await calls.value(peer, address, EGRESS_TIME) or 0)
    except dialect.refusal as refusal:
        if not dialect.in_error(refusal):
            raise
        return 0.0


def occupied(values: Iterable[Raw]) -> tuple[Slot, ...]:
    """Slots from 16 values in order, None where a slot is NULL. Raises Unreadable."""
    held = list(values)
    if len(held) != SLOTS:
        raise Unreadable(f"a priority array of {len(held)} slots")
    return tuple(Slot(i, _number(v)) for i, v in enumerate(held, 1) if v is not None)


def _number(value: Raw) -> float | bool | int:
    if value is None or isinstance(value, str):
        raise Unreadable("text where a number belongs")
    # one and the same object each time: it is not even equal to itself, and an array with it would be news at each look
    return math.nan if math.isnan(value) else value
