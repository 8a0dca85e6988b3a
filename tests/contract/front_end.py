"""A building's front end by hand: it asks a device in octets, and hears what the device tells."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable

from tests.contract import wire
from tests.contract.listener import Listener
from tests.contract.scripted import Where
from tests.contract.wire import Frame, Tag, closing, context, object_id, opening
from tests.waiting import SOON

DEVICE, ANALOG, BINARY, MULTI, TEXT = 8, 2, 5, 19, 40
NAME, PRESENT, PRIORITIES, OBJECTS, PROPERTIES = 77, 85, 87, 76, 371


class FrontEnd(Listener):
    """At `where`; `device` is whom it asks. It acknowledges confirmed notifications unless `mute`."""

    def __init__(self, where: Where, device: Where) -> None:
        super().__init__(where)
        self.device = device
        self.mute = False
        self.told: list[tuple[bool, int, list[Tag]]] = []
        """Notifications: confirmed or not, time remaining, the tags of Present_Value."""
        self.said: list[Frame] = []
        """Whatever else came unconfirmed."""
        self.heard_from: Where | None = None
        self._answers: dict[int, Frame] = {}
        self._invokes = itertools.cycle(range(256))

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Something comes."""
        frame = wire.parse(data)
        self.heard_from = addr
        if frame is None:
            return
        if frame.type == wire.CONFIRMED and frame.service == 1:
            self._notified(True, frame.data)
            if not self.mute:
                self.send(wire.simple_ack(frame.invoke, 1), addr)
        elif frame.type == wire.UNCONFIRMED and frame.service == 2:
            self._notified(False, frame.data)
        elif frame.type == wire.UNCONFIRMED:
            self.said.append(frame)
        elif frame.type != wire.CONFIRMED:
            self._answers[frame.invoke] = frame

    def broadcast(self) -> None:
        """From now on it may send to everybody."""
        assert self._transport
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def _notified(self, confirmed: bool, data: bytes) -> None:
        found = wire.tags(data)
        left = next(tag.integer() for tag in found if tag.number == 3 and tag.context)
        at = next(i for i, tag in enumerate(found) if tag.opens and tag.number == 2)
        self.told.append((confirmed, left, found[at + 1 : at + 2]))

    async def ask(self, service: int, data: bytes, max_apdu: int = 5) -> Frame:
        """The device's answer, whatever it is."""
        invoke = next(self._invokes)
        self._answers.pop(invoke, None)
        self.send(wire.datagram(bytes((0, max_apdu, invoke, service)) + data, reply=True), self.device)
        await self.until(lambda: invoke in self._answers)
        return self._answers.pop(invoke)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(SOON):
            while not so():
                await asyncio.sleep(0.01)

    async def shout(self, apdu: bytes) -> Frame | None:
        """What a request that nobody has to answer gets within a moment; a read afterwards tells that it was taken."""
        before = len(self.said)
        self.send(wire.datagram(apdu), self.device)
        await self.ask(wire.READ_PROPERTY, reference((DEVICE, 4_194_303), NAME))
        return self.said[before] if len(self.said) > before else None

    async def read(self, item: tuple[int, int], number: int, index: int | None = None) -> list[Tag]:
        """A property's value. AssertionError for a refusal."""
        frame = await self.ask(wire.READ_PROPERTY, reference(item, number, index))
        assert frame.type == wire.COMPLEX_ACK, frame
        found = wire.tags(frame.data)
        return found[next(i for i, tag in enumerate(found) if tag.opens) + 1 : -1]

    async def many(self, item: tuple[int, int], *numbers: int) -> dict[int, list[Tag]]:
        """ReadPropertyMultiple of one object: each property's tags, an error's where it is one."""
        wanted = b"".join(context(0, short(number)) for number in numbers)
        data = context(0, object_id(*item)) + opening(1) + wanted + closing(1)
        frame = await self.ask(wire.READ_MULTIPLE, data)
        assert frame.type == wire.COMPLEX_ACK, frame
        found: dict[int, list[Tag]] = {}
        at = None
        for tag in wire.tags(frame.data)[2:-1]:
            if tag.number == 2 and tag.context:
                at = found.setdefault(tag.integer(), [])
            elif at is not None and not tag.context:
                at.append(tag)
        return found

    async def write(
        self, item: tuple[int, int], value: bytes, priority: int | None = None, number: int = PRESENT
    ) -> Frame:
        """WriteProperty; the answer."""
        data = reference(item, number) + opening(3) + value + closing(3)
        return await self.ask(
            wire.WRITE_PROPERTY, data + (context(4, bytes((priority,))) if priority else b"")
        )

    async def subscribe(
        self, item: tuple[int, int], *, confirmed: bool | None, lifetime: int | None = None, process: int = 7
    ) -> Frame:
        """SubscribeCOV; the answer. Neither of the two: it cancels."""
        data = context(0, bytes((process,))) + context(1, object_id(*item))
        if confirmed is not None:
            data += context(2, bytes((confirmed,)))
        if lifetime is not None:
            data += context(3, short(lifetime))
        return await self.ask(wire.SUBSCRIBE_COV, data)


def short(number: int) -> bytes:
    """The fewest octets of a number."""
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def reference(item: tuple[int, int], number: int, index: int | None = None) -> bytes:
    """A property of an object."""
    element = context(2, short(index)) if index is not None else b""
    return context(0, object_id(*item)) + context(1, short(number)) + element


def refused(frame: Frame) -> tuple[int, ...]:
    """Class and code of an Error; reason of a Reject (with -1 before it) or an Abort (-2)."""
    if frame.type == wire.ERROR:
        return tuple(tag.integer() for tag in wire.tags(frame.data))
    return (-1 if frame.type == wire.REJECT else -2, frame.data[0])
