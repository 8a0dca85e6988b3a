"""Whether a device is still the one that it was, in one request: what it says of itself, octet by octet.

Before each write a device is looked at. Whoever has seen that some octets are this device's needs not take them apart again.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bacnet import apdu, octets
from drivers.bacnet.asked import ready
from drivers.bacnet.kinds import DEVICE, OBJECT_NAME
from drivers.bacnet.looks import ALL
from drivers.bacnet.octets import Refused, Unreadable
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.polls import Polls
from drivers.protocol import Address


class AskedGlimpse:
    """Properties of a Device object and names of some others, as one request, and the octets of the answer."""

    __slots__ = ("_wanted", "datagram", "said")

    def __init__(self, instance: int, objects: Sequence[Address]) -> None:
        self._wanted = [((DEVICE, instance), ALL), *((apdu.wire(each), (OBJECT_NAME,)) for each in objects)]
        self.datagram = ready(apdu.read_each(self._wanted))
        self.said: bytes | None = None
        """None where it does not say all of it."""

    def take(self, data: bytes) -> None:
        """Hear an answer, from its list of results on. Raises Unreadable where it is not about what was asked."""
        found = octets.read_many_answer(data)
        if found.keys() != {item for item, _ in self._wanted}:
            raise Unreadable("it is about other objects")
        if not any(
            isinstance(found[item].get(n), Refused | None) for item, numbers in self._wanted for n in numbers
        ):
            self.said = data


async def glimpse(polls: Polls, peer: Peer, objects: Sequence[Address]) -> bytes | None:
    """What a device says of itself and what some objects are called, with where it is; None where it is not to be had so now."""
    if not polls.may(peer):
        return None
    asked = AskedGlimpse(peer.target.instance, objects)
    round_ = await polls.ask(peer, [asked])
    if round_ is None:
        return None
    round_.end()
    return None if asked.said is None else f"{peer.station} ".encode() + asked.said
