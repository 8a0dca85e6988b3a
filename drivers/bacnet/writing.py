"""Several writes to one device at once: WritePropertyMultiple where the device takes it (ASHRAE 135 §15.10).

A device carries a request out in order and stops at the first write that it refuses, naming that one. What stands before it is written, what
stands after it is not, and is sent again singly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, NamedTuple

from drivers.bacnet.octets import Wire
from drivers.protocol import DriverError, Write

WPM_BIT: Final = 16
"""writePropertyMultiple in BACnetServicesSupported (§21)."""

HEADER: Final = 4
"""Octets of a Confirmed-Request-PDU before its data (§20.1.2)."""

ITEM_OCTETS: Final = 5 + 2 + 2 + 2 + 10 + 2
"""Object identifier, tags around the list, property, tags around the value, the longest value, priority."""

One = Callable[[Write], Awaitable[None]]
Many = Callable[[Sequence[Write]], Awaitable["Stopped | None"]]
Guard = Callable[[str], AbstractContextManager[None]]
"""Around each call to a device, by its name."""


class Stopped(NamedTuple):
    """How a device answered other than by carrying everything out.

    `item` is the first write that it refused with `error`, None where it does not say; without an error it takes no such
    request, or none so long.
    """

    item: Wire | None = None
    error: DriverError | None = None


async def write_all(
    writes: Sequence[Write], wires: Sequence[Wire], room: int, one: One, many: Many | None
) -> tuple[list[DriverError | None], bool]:
    """What became of each write, and whether the device takes several at once.

    `room` is the longest APDU that it takes, octets; `many` None where it is known to take one at a time.
    """
    results: list[DriverError | None] = [None] * len(writes)
    alone: list[int] = []
    takes = many is not None
    size = max(1, (room - HEADER) // ITEM_OCTETS)
    for start in range(0, len(writes), size):
        part = range(start, min(start + size, len(writes)))
        if many is None or not takes or len(part) == 1:
            alone += part
            continue
        try:
            stopped = await many([writes[i] for i in part])
        except DriverError as error:
            # Silence, or given up half-way: nobody knows how far it came. bacpypes3's own server (0.0.110) says nothing
            # where one write fails, and would say nothing for ever: it is asked one by one from here on.
            takes = False
            for i in part:
                results[i] = error
            continue
        if stopped is None:
            continue
        takes = takes and stopped.error is not None
        failed = next((i for i in part if wires[i] == stopped.item), None)
        if failed is None:
            alone += part
        else:
            results[failed] = stopped.error
            alone += range(failed + 1, part.stop)
    answers = await asyncio.gather(*(_result(one, writes[i]) for i in alone))
    for i, answer in zip(alone, answers, strict=True):
        results[i] = answer
    return results, takes


async def _result(one: One, write: Write) -> DriverError | None:
    try:
        await one(write)
    except DriverError as error:
        return error
    return None
