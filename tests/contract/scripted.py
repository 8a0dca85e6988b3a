"""A BACnet/IP controller of the fewest parts, by hand: honest, and small enough to see through."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.contract import wire

PRESENT_VALUE, STATUS_FLAGS, PRIORITY_ARRAY, RELINQUISH_DEFAULT = 85, 111, 87, 104
OBJECT_NAME = 77
Where = tuple[str, int]
Key = tuple[int, int]


@dataclass
class Thing:
    """One object: encoded values, slots where it is commandable."""

    value: bytes
    default: bytes | None = None
    slots: list[bytes] = field(default_factory=lambda: [b"\0"] * 16)
    flags: int = 0
    name: str = ""
    says: dict[int, bytes] = field(default_factory=dict)
    """Other properties, encoded: Units, Scale and the like."""

    def present(self) -> bytes:
        """The highest slot, or what is beneath all."""
        held = [slot for slot in self.slots if slot != b"\0"]
        return held[0] if held else (self.value if self.default is None else self.default)

    def property(self, number: int, index: int | None) -> bytes | None:
        """An encoded property; None where there is no such."""
        if number in self.says:
            return self.says[number]
        if number == PRESENT_VALUE:
            return self.present()
        if number == STATUS_FLAGS:
            return wire.bit_string(4, bytes((self.flags,)))
        if self.default is not None and number == PRIORITY_ARRAY:
            return b"".join(self.slots) if index is None else self.slots[index - 1]
        if self.default is not None and number == RELINQUISH_DEFAULT:
            return self.default
        return None


class ScriptedDevice(asyncio.DatagramProtocol):
    """Answers what a supervisor asks, at one address. `log` keeps each request's service."""

    def __init__(self, instance: int, where: Where, things: dict[Key, Thing]) -> None:
        self.instance, self.where, self.things = instance, where, things
        self.subscribers: dict[tuple[Where, Key], int] = {}
        self.log: list[int] = []
        self.services: frozenset[int] = frozenset((5, 12, 14, 15, 16))
        self.vendor, self.model = 999, "by hand"
        self.writes: list[bytes] = []
        self.names_failed = True
        """Whether an error of WritePropertyMultiple says which write it is about."""
        self.announce_to: Where | None = None
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Bind the address; say I-Am to who is to know."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.where)
        if self.announce_to:
            self._send(wire.i_am(self.instance), self.announce_to)

    async def stop(self) -> None:
        """Free the address; subscriptions are lost."""
        assert self._transport
        self._transport.close()
        self.subscribers.clear()
        await asyncio.sleep(0)

    def present(self, key: Key) -> bytes:
        """An object's encoded Present_Value."""
        return self.things[key].present()

    def change(self, key: Key, value: bytes) -> None:
        """A new Present_Value, and a notification to each subscriber."""
        self.things[key].value = value
        for (client, subscribed), process in self.subscribers.items():
            if subscribed == key:
                self._notify(client, key, process)

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Answer one request."""
        frame = wire.parse(data)
        if frame is None:
            return
        self.log.append(frame.service)
        if frame.type == wire.UNCONFIRMED:
            if frame.service == wire.WHO_IS and self._meant(frame.data):
                self._send(wire.i_am(self.instance), addr)
        elif frame.type == wire.CONFIRMED:
            if frame.service not in self.services:
                self._send(wire.reject(frame.invoke, 9), addr)
            else:
                self._send(self._answer(frame, addr), addr)

    def _send(self, data: bytes, addr: Where) -> None:
        assert self._transport
        self._transport.sendto(data, addr)

    def _meant(self, data: bytes) -> bool:
        limits = [tag.integer() for tag in wire.tags(data)]
        return not limits or limits[0] <= self.instance <= limits[1]

    def _answer(self, frame: wire.Frame, client: Where) -> bytes:
        handlers = {
            wire.READ_PROPERTY: self._read,
            wire.READ_MULTIPLE: self._read_many,
            wire.WRITE_PROPERTY: self._write,
            wire.WRITE_MULTIPLE: self._write_many,
        }
        if frame.service == wire.SUBSCRIBE_COV:
            return self._subscribe(frame, client)
        return handlers[frame.service](frame)

    def _property(self, key: Key, number: int, index: int | None = None) -> bytes | tuple[int, int]:
        """An encoded value, or an error class and code."""
        if key == (8, self.instance):
            found = self._device(number)
        elif key in self.things and number == OBJECT_NAME:
            found = wire.text(self.things[key].name or f"object {key[0]} {key[1]}")
        elif key in self.things:
            found = self.things[key].property(number, index)
        else:
            return (1, 31)
        return (2, 32) if found is None else found

    def _device(self, number: int) -> bytes | None:
        services = bytearray(6)
        for bit in self.services:
            services[bit // 8] |= 0x80 >> bit % 8
        return {
            75: b"\xc4" + wire.object_id(8, self.instance),
            77: wire.text(f"scripted {self.instance}"),
            70: wire.text(self.model),
            120: wire.unsigned(self.vendor),
            62: wire.unsigned(1476),
            107: wire.enumerated(3),
            97: wire.bit_string(0, bytes(services)),
        }.get(number)

    def _read(self, frame: wire.Frame) -> bytes:
        tags = wire.tags(frame.data)
        key = divmod(tags[0].integer(), 1 << 22)
        index = tags[2].integer() if len(tags) > 2 else None
        found = self._property(key, tags[1].integer(), index)
        if isinstance(found, tuple):
            return wire.error(frame.invoke, frame.service, *found)
        head = frame.data
        return wire.complex_ack(frame.invoke, frame.service, head + wire.opening(3) + found + wire.closing(3))

    def _read_many(self, frame: wire.Frame) -> bytes:
        out = b""
        key = (0, 0)
        for tag in wire.tags(frame.data):
            if tag.opens or tag.closes:
                out += wire.opening(1) if tag.opens else wire.closing(1)
            elif tag.number == 0 and tag.context and len(tag.data) == 4:
                key = divmod(tag.integer(), 1 << 22)
                out += wire.context(0, tag.data)
            else:
                found = self._property(key, tag.integer())
                out += wire.context(2, tag.data)
                if isinstance(found, tuple):
                    out += wire.opening(5) + wire.pair(*found) + wire.closing(5)
                else:
                    out += wire.opening(4) + found + wire.closing(4)
        return wire.complex_ack(frame.invoke, frame.service, out)

    def _write(self, frame: wire.Frame) -> bytes:
        tags = wire.tags(frame.data)
        key = divmod(tags[0].integer(), 1 << 22)
        start = 5 + 2
        value_end = frame.data.rindex(wire.closing(3))
        value = frame.data[start + 1 : value_end]
        priority = tags[-1].integer() if tags[-1].number == 4 and tags[-1].context else 16
        error = self._put(key, value, priority)
        if error is not None:
            return wire.error(frame.invoke, frame.service, *error)
        return wire.simple_ack(frame.invoke, frame.service)

    def _put(self, key: Key, value: bytes, priority: int) -> tuple[int, int] | None:
        """Fill a slot; error class and code where that cannot be."""
        thing = self.things.get(key)
        if thing is None:
            return 1, 31
        if thing.default is None:
            return 2, 40
        self.writes.append(value)
        thing.slots[priority - 1] = value
        return None

    def _write_many(self, frame: wire.Frame) -> bytes:
        """One value of each object, in order, until one fails."""
        data = frame.data
        while data:
            key = divmod(int.from_bytes(data[1:5], "big"), 1 << 22)
            start, end = data.index(wire.opening(2)) + 1, data.index(wire.closing(2))
            priority = data[end + 2] if data[end + 1] == 0x39 else 16
            error = self._put(key, data[start:end], priority)
            if error is not None:
                named = wire.context(0, wire.object_id(*key)) + wire.context(1, b"\x55")
                said = wire.opening(0) + wire.pair(*error) + wire.closing(0)
                said += wire.opening(1) + named + wire.closing(1)
                return wire.datagram(
                    bytes((0x50, frame.invoke, frame.service)) + (said if self.names_failed else said[1:5])
                )
            data = data[end + (3 if priority != 16 else 1) + 1 :]
        return wire.simple_ack(frame.invoke, frame.service)

    def _subscribe(self, frame: wire.Frame, client: Where) -> bytes:
        tags = wire.tags(frame.data)
        process, key = tags[0].integer(), divmod(tags[1].integer(), 1 << 22)
        if key not in self.things:
            return wire.error(frame.invoke, frame.service, 1, 31)
        if len(tags) == 2:
            self.subscribers.pop((client, key), None)
        else:
            self.subscribers[client, key] = process
            asyncio.get_running_loop().call_soon(self._notify, client, key, process)
        return wire.simple_ack(frame.invoke, frame.service)

    def _notify(self, client: Where, key: Key, process: int) -> None:
        thing = self.things[key]
        self._send(
            wire.datagram(
                bytes((0x10, wire.UNCONFIRMED_COV))
                + wire.context(0, process.to_bytes((process.bit_length() + 7) // 8, "big"))
                + wire.context(1, wire.object_id(8, self.instance))
                + wire.context(2, wire.object_id(*key))
                + wire.context(3, b"\x3c")
                + wire.opening(4)
                + wire.context(0, bytes((PRESENT_VALUE,)))
                + (wire.opening(2) + thing.present() + wire.closing(2))
                + wire.context(0, bytes((STATUS_FLAGS,)))
                + (wire.opening(2) + wire.bit_string(4, bytes((thing.flags,))) + wire.closing(2))
                + wire.closing(4)
            ),
            client,
        )
