"""A Priority_Array and what is beneath it, from devices that give it whole, slot by slot, or without its default."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from config.points import Raw
from drivers.bacnet.octets import Unreadable
from drivers.protocol import DriverError, Misconfigured, Rejected, Retryable
from drivers.readings import PriorityArray, Slot

SLOTS: Final = 16
"""Entries of a priority array (ASHRAE 135 §19.2)."""


class Slotted(Protocol):
    """A device, as far as reading arrays goes."""

    slots_singly: bool
    """It refused a whole array and gave one slot."""


class Way(NamedTuple):
    """How a stack reads, each call within a deadline of its own and raising DriverError.

    `whole`: the 16 values, or how else the device refused than by saying that there is no such property; `slot`: one
    of them; `default`: Relinquish_Default, None where the device does not tell it; `egress`: see PriorityArray.
    """

    whole: Callable[[], Awaitable[Sequence[Raw] | DriverError]]
    slot: Callable[[int], Awaitable[Raw]]
    default: Callable[[], Awaitable[Raw]]
    egress: Callable[[], Awaitable[float]]


async def read_array(device: str, peer: Slotted, way: Way) -> PriorityArray:
    """What `drivers.protocol.FieldReader.read_array` says.

    Misconfigured only where the device says that there is no such object or property: a point that is taken for one
    without slots is written without a priority, and where it has some after all that fills the sixteenth, for good.
    So an object that has slots and no Relinquish_Default, against §19.2.1, is one that becomes nobody knows what.
    """
    values = await _values(device, peer, way)
    try:
        slots = occupied(values)
    except Unreadable as error:
        raise Retryable(device, f"unreadable answer: {error}") from None
    default = await way.default()
    known = default is not None and not isinstance(default, str) and math.isfinite(default)
    return PriorityArray(slots, default if known else None, await way.egress())  # type: ignore[arg-type] # text is not known


async def _values(device: str, peer: Slotted, way: Way) -> Sequence[Raw]:
    whole = None if peer.slots_singly else await way.whole()
    if whole is not None and not isinstance(whole, DriverError):
        return whole
    try:
        first = await way.slot(1)
    except (Misconfigured, Rejected):
        if whole is None:
            peer.slots_singly = False  # another device may be there by now
            raise Retryable(device, "no longer gives its slots one by one") from None
        raise (Rejected(device, whole.message) if isinstance(whole, Misconfigured) else whole) from None
    if whole is not None and not isinstance(whole, Retryable):
        peer.slots_singly = True
    return [first, *[await way.slot(index) for index in range(2, SLOTS + 1)]]


def occupied(values: Iterable[Raw]) -> tuple[Slot, ...]:
    """Slots from 16 values in order, None where a slot is NULL. Raises Unreadable."""
    held = list(values)
    if len(held) != SLOTS:
        raise Unreadable(f"a priority array of {len(held)} slots")
    return tuple(Slot(i, _number(v)) for i, v in enumerate(held, 1) if v is not None)


def _number(value: Raw) -> float | bool | int:
    if value is None or isinstance(value, str):
        raise Unreadable("text where a number belongs")
    return value
