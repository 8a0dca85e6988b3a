"""Reading many objects of one device through bacpypes3: in batches that fit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from drivers.bacnet import apdu, octets, results
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.batches import batches
from drivers.bacnet.kinds import PRESENT_VALUE, STATUS_FLAGS
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.one_by_one import Reading, in_order, readable, within_deadline
from drivers.bacnet.peer import Ignored
from drivers.protocol import Address, Answer


async def read(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
    """Present_Values in order, within the device's deadline; what was not answered by then says so.

    Raises Silent when nothing was answered at all.
    """
    good, answers = readable(calls, peer, addresses)
    await within_deadline(calls, peer, good, answers, lambda more: _Batches(calls, peer, answers, more))
    return in_order(peer, addresses, answers)


class _Batches(Reading[Any]):
    """By ReadPropertyMultiple where the device takes it."""

    _calls: Calls

    async def together(self, addresses: Sequence[Address]) -> None:
        """In batches that fit, all at once."""
        parts = batches(addresses, self._peer.max_apdu, self._peer.at_most)
        await asyncio.gather(*(self._batch(part) for part in parts))

    async def _batch(self, part: list[Address]) -> None:
        items = [apdu.wire(address) for address in part]
        wanted = (PRESENT_VALUE, STATUS_FLAGS)
        try:
            answer = await self._calls.ask_many(self._peer, apdu.read_many(items, wanted))
            found = octets.read_many_answer(answer)
        except (Refusal, Unreadable) as said:
            # one value may be encoded as nobody can read it, which hides where the next one starts
            await self.refused(part, said)
            return
        except Ignored:
            await self.ignored(part)
            return
        self._more()
        for address, item in zip(part, items, strict=True):
            self._answers[address] = results.answer(address, found.get(item))
