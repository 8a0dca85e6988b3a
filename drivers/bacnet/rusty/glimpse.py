"""Whether a device is still the one that it was, in one request: what it says of itself, octet by octet.

Before each write a device is looked at. Whoever has seen that some octets are this device's needs not take them apart again.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bacnet import apdu, octets
from drivers.bacnet.asked import end_of, ready
from drivers.bacnet.kinds import DEVICE, OBJECT_NAME
from drivers.bacnet.looks import ALL
from drivers.bacnet.octets import Refused, Unreadable
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.polls import Polls
from drivers.protocol import Address, Glimpse


class AskedGlimpse:
    """Properties of a Device object and names of some others, as one request, and what came of it."""

    __slots__ = ("_device", "_objects", "datagram", "names", "said")

    service = apdu.READ_MANY

    def __init__(self, instance: int, objects: Sequence[Address]) -> None:
        self._device = (DEVICE, instance)
        self._objects = {apdu.wire(each): each for each in objects}
        names = [(item, (OBJECT_NAME,)) for item in self._objects]
        self.datagram = ready(apdu.read_each([(self._device, ALL), *names]))
        self.said: bytes | None = None
        """The Device object's octets; None where it does not say all of it."""
        self.names: tuple[tuple[Address, str], ...] = ()

    def take(self, data: bytes) -> None:
        """Hear an answer, from its list of results on. Raises Unreadable where it is not about what was asked."""
        found = octets.read_many_answer(data)
        if found.keys() != {self._device, *self._objects} or not data.startswith(
            octets.object_tag(0, self._device)
        ):
            raise Unreadable("it is about other objects")
        named = {each: found[item].get(OBJECT_NAME) for item, each in self._objects.items()}
        if any(isinstance(found[self._device].get(number), Refused | None) for number in ALL):
            return
        self.names = tuple(
            (each, octets.name(octets.single(name))) for each, name in named.items() if isinstance(name, list)
        )
        if len(self.names) == len(self._objects):
            self.said = data[: end_of(data, 0)]


async def glimpse(polls: Polls, peer: Peer, objects: Sequence[Address]) -> Glimpse | None:
    """What a device says of itself and what some objects are called; None where it is not to be had so now."""
    if not polls.may(peer):
        return None
    asked = AskedGlimpse(peer.target.instance, objects)
    round_ = await polls.ask(peer, [asked])
    if round_ is None:
        return None
    round_.end()
    return None if asked.said is None else Glimpse(f"{peer.station} ".encode() + asked.said, asked.names)
