"""One question to a device that was silent, which is listened to for longer than its time-out: slow, or dead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.looks import WHO, Device
from drivers.bacnet.peer import Calls, Peer
from drivers.care.late import LISTENS
from drivers.protocol import DriverError, Silent

S = TypeVar("S")


async def listened_to(
    calls: Calls[S], peer: Peer[S], device: Callable[[Peer[S]], Device[Any]]
) -> float | None:
    """Seconds until it answers, be it with a refusal; None: it does not. The question is about what got no answer, where others did;
    if that gets none however late, as a gateway's meter that is dead, it is forgotten, and the question is who the device is."""
    if (unheard := peer.unheard) is not None:
        took = await _took(calls, peer, lambda ear: calls.value(ear, unheard, PRESENT_VALUE))
        if took is not None:
            return took
        peer.unheard = None
    return await _took(calls, peer, lambda ear: device(ear).single(WHO))


async def _took(calls: Calls[S], peer: Peer[S], ask: Callable[[Peer[S]], Awaitable[object]]) -> float | None:
    ear = calls.ear(peer, LISTENS)
    if ear is None:
        return None
    if peer.gate.pace is not None:
        await asyncio.sleep(peer.gate.pace.turn())  # of a trunk's fifty, each at its turn
    now = asyncio.get_running_loop().time
    began = now()
    try:
        async with asyncio.timeout(LISTENS), calls.within(ear):
            await ask(ear)
    except TimeoutError:
        return None
    except DriverError as said:
        if isinstance(said, Silent) or not said.answered:
            return None
    return now() - began
