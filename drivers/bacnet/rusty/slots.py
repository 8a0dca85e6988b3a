"""The slots of many objects in few requests, through the second port: most of a building's arrays are alike and empty.

An array costs the stack two requests and some forty Python objects. Here one request asks for those of a few dozen objects, and
what was said before word for word is not decoded again. Whatever is out of the ordinary is left out: it is read by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from drivers.bacnet import apdu, octets
from drivers.bacnet.arrays import SLOTS, occupied
from drivers.bacnet.asked import end_of, ready
from drivers.bacnet.batches import ACK_HEADER, ELEMENT_OCTETS, OBJECT_OCTETS
from drivers.bacnet.kinds import BINARY_LIGHTING, KINDS, PRIORITY_ARRAY, RELINQUISH_DEFAULT
from drivers.bacnet.octets import Refused, Unreadable
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.polls import Polls
from drivers.protocol import Address
from drivers.readings import PriorityArray

HELD: Final = 3
"""Slots that are held at a time, for most objects: our own, an operator's, the controller's programme. Where an answer gets too
long all the same, the device refuses it, and is asked for half."""

_NULL = 1
_HEAD: Final = 5
"""Octets of an object identifier in its tag (§20.2.14)."""
_SOME_OBJECT: Final = octets.object_tag(0, (0, 0))


class AskedSlots:
    """Priority_Array and Relinquish_Default of some objects of one device, as one request, and what came of it."""

    __slots__ = ("_items", "arrays", "datagram", "part")

    service = apdu.READ_MANY

    def __init__(self, part: Sequence[Address]) -> None:
        self.part = part
        self._items = {octets.object_tag(0, apdu.wire(address)): address for address in part}
        wanted = [apdu.wire(address) for address in part]
        self.datagram = ready(apdu.read_many(wanted, (PRIORITY_ARRAY, RELINQUISH_DEFAULT)))
        self.arrays: dict[Address, PriorityArray] = {}

    def take(self, data: bytes) -> None:
        """Hear an answer, from its list of results on. Raises Unreadable where it is not about what was asked."""
        at = 0
        try:
            while at < len(data):
                end = end_of(data, at)
                address = self._items.get(data[at : at + _HEAD])
                if address is None or end > len(data):
                    raise Unreadable("it is about another object, or cut off")
                array = _decoded(data[at + _HEAD : end])
                if array is not None:
                    self.arrays[address] = array
                at = end
        except IndexError:
            raise Unreadable("it is cut off") from None


@lru_cache(maxsize=4096)
def _decoded(said: bytes) -> PriorityArray | None:
    """An array from an object's results, without the object; None where it is not both of an array and its default."""
    try:
        (found,) = octets.read_many_answer(_SOME_OBJECT + said).values()
        values, beneath = found.get(PRIORITY_ARRAY), found.get(RELINQUISH_DEFAULT)
        if values is None or beneath is None or isinstance(values, Refused) or isinstance(beneath, Refused):
            return None
        default = octets.single(beneath)
        slots = occupied([octets.primitive(tag) for tag in values])
    except (Unreadable, ValueError):
        return None
    known = default is not None and not isinstance(default, str) and math.isfinite(default)
    return PriorityArray(slots, default if known else None)  # type: ignore[arg-type] # text is not known


class Slots:
    """Which objects' slots are read so, and how many at once."""

    def __init__(self, polls: Polls) -> None:
        self._polls = polls
        self._apart: set[Address] = set()
        """Objects of which a device does not say both among others."""
        self._at_most: dict[str, int] = {}
        """Objects in one request, once more of them were refused."""

    async def read(self, peer: Peer, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """The arrays of objects of one device that can be had so now."""
        wanted = [a for a in addresses if a not in self._apart and _plain(a)]
        if not wanted or not self._polls.may(peer, unread=True):
            return {}
        asked = [AskedSlots(part) for part in self._parts(peer, wanted)]
        round_ = await self._polls.ask(peer, asked)
        if round_ is None:
            return {}
        round_.end()
        for place, each in enumerate(asked):
            if place not in round_.missing:
                self._apart.update(a for a in each.part if a not in each.arrays)
        if round_.refused:
            self._fewer(peer, max(len(asked[place].part) for place in round_.refused), wanted)
        elif len(round_.missing) == len(asked):
            self._polls.unheard(peer)
        return {address: array for each in asked for address, array in each.arrays.items()}

    def _fewer(self, peer: Peer, were: int, wanted: Sequence[Address]) -> None:
        """So many at once were refused."""
        self._at_most[peer.target.device] = max(1, were // 2)
        if were == 1:
            self._apart.update(wanted)

    def _parts(self, peer: Peer, addresses: Sequence[Address]) -> Iterator[Sequence[Address]]:
        room = peer.max_apdu - ACK_HEADER
        most = min(peer.at_most, self._at_most.get(peer.target.device, len(addresses)))
        start = used = 0
        for number, address in enumerate(addresses):
            size = _octets(address)
            if number > start and (used + size > room or number - start >= most):
                yield addresses[start:number]
                start, used = number, 0
            used += size
        yield addresses[start:]


def _plain(address: Address) -> bool:
    """Whether an array and its default are all that there is to know: a lighting output may warn besides."""
    kind = KINDS.get(address.object_type)
    return kind is not None and kind.number != BINARY_LIGHTING


def _octets(address: Address) -> int:
    """Octets that one object takes in an answer."""
    value = KINDS[address.object_type].datatype.octets
    return (
        OBJECT_OCTETS + (ELEMENT_OCTETS + SLOTS * _NULL + HELD * (value - _NULL)) + (ELEMENT_OCTETS + value)
    )
