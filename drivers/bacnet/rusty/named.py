"""Object_Names of many objects in one request through the second port: the stack makes some dozen Python objects of each.

A start reads all names of a building, to know its controllers again. Whatever is out of the ordinary is left to the stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drivers.bacnet import apdu, octets
from drivers.bacnet.asked import ready
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.polls import Polls
from drivers.protocol import Address, Answer

_BEFORE: Final = b"\x1e\x29\x4d\x4e"
"""From an object's identifier to its Object_Name, in a ReadPropertyMultiple-ACK (ASHRAE 135 §15.7, §21)."""
_AFTER: Final = b"\x4f\x1f"
_TEXT: Final = 7
"""Application tag of a character string (§20.2.9)."""
_UTF_8: Final = 0
"""The first octet of one in UTF-8."""
_EXTENDED: Final = 5
_LONGEST: Final = 253
"""A length that stands in an octet of its own, and the longest that does (§20.2.1.3.1)."""


class AskedNames:
    """Names of some objects of one device, as one request, and what came of it."""

    __slots__ = ("_part", "datagram", "heard", "names")

    service = apdu.READ_MANY

    def __init__(self, part: Sequence[Address]) -> None:
        self._part = part
        self.datagram = ready(apdu.read_many([apdu.wire(address) for address in part], (OBJECT_NAME,)))
        self.heard = False
        self.names: list[str] = []

    def take(self, data: bytes) -> None:
        """Hear an answer, from its list of results on. Raises Unreadable where it is not a name for each, in order."""
        self.heard = True
        names, at = [], 0
        try:
            for address in self._part:
                head = octets.object_tag(0, apdu.wire(address)) + _BEFORE
                if not data.startswith(head, at):
                    raise Unreadable("it is about another object")
                name, at = _text(data, at + len(head))
                if not data.startswith(_AFTER, at):
                    raise Unreadable("it has more than a value")
                names.append(name)
                at += len(_AFTER)
        except (IndexError, UnicodeDecodeError):
            raise Unreadable("it is cut off") from None
        if at != len(data):
            raise Unreadable("it says more than was asked")
        self.names = names


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Text in UTF-8 that begins with its tag, and where it ends. Raises Unreadable, IndexError, UnicodeDecodeError."""
    tag, length = data[at], data[at] & 7
    at += 1
    if length == _EXTENDED:
        length, at = data[at], at + 1
    if tag >> 4 != _TEXT or tag & 8 or not 0 < length <= _LONGEST or data[at] != _UTF_8:
        raise Unreadable("it is no text in UTF-8")
    if at + length > len(data):
        raise IndexError
    return octets.legible(data[at + 1 : at + length].decode()), at + length


class Names:
    """Which devices are asked so."""

    def __init__(self, polls: Polls) -> None:
        self._polls = polls
        self._apart: set[str] = set()
        """Devices that refused, or said something else: the stack knows how to ask them."""

    async def of(self, peer: Peer, part: Sequence[Address]) -> dict[Address, Answer] | None:
        """The names of objects of one device; None where they are not to be had so now. Raises Misconfigured."""
        device = peer.target.device
        if device in self._apart or not self._polls.may(peer, unread=True):
            return None
        asked = AskedNames(part)
        round_ = await self._polls.ask(peer, [asked])
        if round_ is None:
            return None
        round_.end()
        if not round_.missing:
            return {a: Answer(a, name, False, None) for a, name in zip(part, asked.names, strict=True)}
        if round_.refused or asked.heard:
            self._apart.add(device)
        else:
            self._polls.unheard(peer)
        return None
