"""A controller by hand that says unusual things: what it answers is put in by each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.contract import wire
from tests.contract.scripted import Key, ScriptedDevice, Where

Said = bytes | tuple[int, int] | None
"""An encoded property, an error class and code, None for an unknown property."""

Reply = Callable[[wire.Frame], bytes | None]
"""A datagram in answer to a request; None: silence."""


class Unusual(ScriptedDevice):
    """`says` overrides properties of objects by number, `device_says` those of its Device object, `replies` whole
    answers by service, each reply its own; `slow` is how long it thinks, s."""

    def __init__(self, instance: int, where: Where, things: dict[Key, object]) -> None:
        super().__init__(instance, where, things)  # type: ignore[arg-type] # things of any kind of object
        self.says: dict[int, Said | Callable[[Key, int | None], Said]] = {}
        self.device_says: dict[int, Said] = {}
        self.replies: dict[int, Reply] = {}
        self.slow = 0.0
        self.longest = 0
        """Octets of the longest APDU that it sent."""

    def _property(self, key: Key, number: int, index: int | None = None) -> bytes | tuple[int, int]:
        said = self.device_says if key[0] == 8 else self.says
        if key != (8, self.instance) and key not in self.things:
            return (1, 31)
        if number not in said:
            return super()._property(key, number, index)
        found = said[number]
        found = found(key, index) if callable(found) else found
        return (2, 32) if found is None else found

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Answer one request, in its own time."""
        frame = wire.parse(data)
        reply = (
            self.replies.get(frame.service) if frame is not None and frame.type == wire.CONFIRMED else None
        )
        if frame is not None and reply is not None:
            self.log.append(frame.service)
            answer = reply(frame)
            if answer is not None:
                self._send(answer, addr)
        elif self.slow:
            asyncio.get_running_loop().call_later(self.slow, super().datagram_received, data, addr)
        else:
            super().datagram_received(data, addr)

    def _send(self, data: bytes, addr: Where) -> None:
        self.longest = max(self.longest, len(data) - 6)
        if self._transport is not None and not self._transport.is_closing():
            super()._send(data, addr)


def characters(charset: int, data: bytes) -> bytes:
    """A CharacterString in a character set by number (ASHRAE 135 §20.2.9)."""
    content = bytes((charset,)) + data
    head = bytes((0x70 | len(content),)) if len(content) < 5 else bytes((0x75, len(content)))
    return head + content


def result(key: Key, *properties: tuple[int, bytes]) -> bytes:
    """One object's part of a ReadPropertyMultiple-ACK."""
    found = b"".join(
        wire.context(2, bytes((number,))) + wire.opening(4) + value + wire.closing(4)
        for number, value in properties
    )
    return wire.context(0, wire.object_id(*key)) + wire.opening(1) + found + wire.closing(1)
