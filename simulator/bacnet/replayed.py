"""A recorded device, played on UDP: what was asked of it is answered as it was, wrong answers, refusals and silence included.

What was not recorded is refused as the standard has it (unknown object, unknown property). Nothing is written to it, and it tells no
changes: a recording knows no others than the values that it has.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from typing import Final

from drivers.bacnet import octets
from drivers.bacnet.octets import Tag, Unreadable
from drivers.raw import Item, Raw
from drivers.recorded import Asked, Recorded
from simulator.bacnet.relay import Endpoint

_WHO_IS, _I_AM = 8, 0
_READ, _READ_MANY, _WRITE, _WRITE_MANY = 12, 14, 15, 16
_ALL, _REQUIRED, _OPTIONAL = 8, 105, 80
_LIST, _MAX_APDU, _SEGMENTATION, _VENDOR = 76, 62, 107, 120
"""Services and properties (ASHRAE 135-2020 §21)."""
_UNKNOWN_OBJECT, _UNKNOWN_PROPERTY, _NO_INDEX, _DENIED = (1, 31), (2, 32), (2, 42), (2, 40)
"""Error class and code (§18)."""
_NO_SERVICE: Final = 9
"""Reject reason unrecognized-service."""
_TOO_LONG: Final = 4
"""Abort reason segmentation-not-supported."""
DEVICE: Final = 8


class Replayed(asyncio.DatagramProtocol):
    """One recorded device at an address. `slow`: answers take as long as they took. `asked` counts requests by service."""

    def __init__(self, recorded: Recorded, where: Endpoint, *, slow: bool = True) -> None:
        self._recorded, self.where, self._slow = recorded, where, slow
        self._me = (DEVICE, recorded.instance)
        self._items = set(recorded.items) | {self._me}
        self.asked: dict[int, int] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Bind the address. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.where)

    async def stop(self) -> None:
        """Free it."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: Endpoint) -> None:
        """Answer one request from our own network; anything else is not for a device like this."""
        try:
            if data[0] != 0x81 or data[1] not in (0x0A, 0x0B) or data[4] != 1 or data[5] & 0x88:
                return
            apdu = data[6 + (4 + data[8] if data[5] & 0x20 else 0) :]
            if apdu[0] >> 4 == 1 and apdu[1] == _WHO_IS:
                if self._meant(octets.tags(apdu[2:])):
                    self._send(self._i_am(), addr, 0.0)
            elif apdu[0] >> 4 == 0 and not apdu[0] & 0x08:
                self._confirmed(apdu[2], apdu[3], apdu[4:], addr)
        except (IndexError, Unreadable):
            return  # whatever it is, it is no request

    def _send(self, apdu: bytes, addr: Endpoint, seconds: float) -> None:
        framed = struct.pack(">BBHBB", 0x81, 0x0A, len(apdu) + 6, 1, 0) + apdu

        def now() -> None:
            if self._transport is not None:
                self._transport.sendto(framed, addr)

        if self._slow and seconds > 0.005:
            asyncio.get_running_loop().call_later(seconds, now)
        else:
            now()

    def _meant(self, limits: Sequence[Tag]) -> bool:
        numbers = [int.from_bytes(tag.data, "big") for tag in limits]
        return len(numbers) < 2 or numbers[0] <= self._recorded.instance <= numbers[1]

    def _i_am(self) -> bytes:
        """As its Device object says; what that does not say, as small controllers are."""
        said = (
            self._own(_MAX_APDU, b"\x21\x32"),
            self._own(_SEGMENTATION, b"\x91\x03"),
            self._own(_VENDOR, b"\x21\x00"),
        )
        return (
            bytes((0x10, _I_AM))
            + b"\xc4"
            + struct.pack(">I", DEVICE << 22 | self._recorded.instance)
            + b"".join(said)
        )

    def _own(self, number: int, otherwise: bytes) -> bytes:
        raw = self._recorded.answers.get(Asked(self._me, number))
        return raw.octets if raw is not None and raw.kind == "value" else otherwise

    # ------------------------------------------------------------------ confirmed requests

    def _confirmed(self, invoke: int, service: int, data: bytes, addr: Endpoint) -> None:
        self.asked[service] = self.asked.get(service, 0) + 1
        if service == _READ:
            self._read(invoke, data, addr)
        elif service == _READ_MANY:
            self._read_many(invoke, data, addr)
        elif service in (_WRITE, _WRITE_MANY):
            self._send(_error(invoke, service, _DENIED), addr, 0.0)
        else:
            self._send(bytes((0x60, invoke, _NO_SERVICE)), addr, 0.0)

    def _read(self, invoke: int, data: bytes, addr: Endpoint) -> None:
        tags = octets.tags(data)
        index = int.from_bytes(tags[2].data, "big") if len(tags) > 2 else None
        raw = self._answer(Asked(octets.object_of(tags[0], 0), int.from_bytes(tags[1].data, "big"), index))
        if raw.kind == "value":
            apdu = bytes((0x30, invoke, _READ)) + data + b"\x3e" + raw.octets + b"\x3f"
        elif raw.kind == "other":
            apdu = bytes((0x30, invoke, _READ)) + raw.octets
        else:
            refusal = _refusal(invoke, _READ, raw)
            if refusal is None:
                return
            apdu = refusal
        self._send(apdu, addr, raw.seconds)

    def _read_many(self, invoke: int, data: bytes, addr: Endpoint) -> None:
        if self._recorded.many.kind != "value":
            refusal = _refusal(invoke, _READ_MANY, self._recorded.many)
            if refusal is not None:
                self._send(refusal, addr, self._recorded.many.seconds)
            return
        out, took = b"", self._recorded.many.seconds
        for item, wanted in _specifications(octets.tags(data)):
            out += octets.object_tag(0, item) + b"\x1e"
            for number, index in self._spelt_out(item, wanted):
                asked = Asked(item, number, index)
                raw = self._recorded.together.get(asked) or self._answer(asked)
                if raw.kind in ("reject", "abort", "silence", "other"):
                    # one property of it breaks the whole answer, as it did when it was asked for alone
                    if (refusal := _refusal(invoke, _READ_MANY, raw)) is not None:
                        self._send(refusal, addr, raw.seconds)
                    return
                out += octets.context_tag(2, octets.unsigned(number))
                out += octets.context_tag(3, octets.unsigned(index)) if index is not None else b""
                out += (
                    octets.around(4, raw.octets)
                    if raw.kind == "value"
                    else octets.around(5, _pair(raw.numbers))
                )
            out += b"\x1f"
        if len(out) + 3 > self._room:
            self._send(bytes((0x71, invoke, _TOO_LONG)), addr, took)
        else:
            self._send(bytes((0x30, invoke, _READ_MANY)) + out, addr, took)

    @property
    def _room(self) -> int:
        """Octets of its longest APDU."""
        tags = octets.tags(self._own(_MAX_APDU, b"\x21\x32"))
        return int.from_bytes(tags[0].data, "big") if tags else 50

    def _spelt_out(
        self, item: Item, wanted: Sequence[tuple[int, int | None]]
    ) -> list[tuple[int, int | None]]:
        """`all`, `required` and `optional` are whatever was recorded of the object."""
        found: list[tuple[int, int | None]] = []
        for number, index in wanted:
            if number in (_ALL, _REQUIRED, _OPTIONAL):
                known = (
                    a for a, raw in self._recorded.answers.items() if a.item == item and raw.kind == "value"
                )
                found += [(a.number, None) for a in known if a.element is None and a.number != _LIST]
            else:
                found.append((number, index))
        return found

    def _answer(self, asked: Asked) -> Raw:
        answers = self._recorded.answers
        if asked.item == (
            DEVICE,
            4_194_303,
        ):  # whoever does not know our instance asks for this one (§15.5.2)
            asked = asked._replace(item=self._me)
        if (raw := answers.get(asked)) is not None:
            return raw
        whole = answers.get(asked._replace(element=None))
        if asked.item not in self._items:
            return Raw("error", b"", _UNKNOWN_OBJECT)
        if asked.element is None or whole is None:
            return Raw("error", b"", _UNKNOWN_PROPERTY)
        if whole.kind != "value":
            return whole
        elements = _elements(whole.octets)
        if asked.element == 0:
            count = octets.unsigned(len(elements))
            return Raw("value", bytes((0x20 | len(count),)) + count, (), whole.seconds)
        if asked.element > len(elements):
            return Raw("error", b"", _NO_INDEX)
        return Raw("value", elements[asked.element - 1], (), whole.seconds)


def _elements(data: bytes) -> list[bytes]:
    """The elements of an array of primitive values, each encoded."""
    found, at = [], 0
    while at < len(data):
        for end in range(at + 1, len(data) + 1):
            try:
                if len(octets.tags(data[at:end])) == 1:
                    break
            except Unreadable:
                continue
        found.append(data[at:end])
        at = end
    return found


def _specifications(tags: Sequence[Tag]) -> list[tuple[Item, list[tuple[int, int | None]]]]:
    """What a ReadPropertyMultiple asks for (§15.7): each object with properties and indexes. Raises Unreadable, IndexError."""
    found: list[tuple[Item, list[tuple[int, int | None]]]] = []
    at = 0
    while at < len(tags):
        wanted: list[tuple[int, int | None]] = []
        found.append((octets.object_of(tags[at], 0), wanted))
        at += 2  # past the opening tag
        while tags[at].kind != octets.CLOSING:
            value = int.from_bytes(tags[at].data, "big")
            if tags[at].number == 0:
                wanted.append((value, None))
            else:
                wanted[-1] = (wanted[-1][0], value)
            at += 1
        at += 1
    return found


def _pair(numbers: Sequence[int]) -> bytes:
    return b"".join(bytes((0x90 | len(data),)) + data for data in map(octets.unsigned, numbers))


def _error(invoke: int, service: int, numbers: Sequence[int]) -> bytes:
    return bytes((0x50, invoke, service)) + _pair(numbers)


def _refusal(invoke: int, service: int, raw: Raw) -> bytes | None:
    """An Error, Reject or Abort as it was; None for silence, and for an answer that cannot stand here."""
    if raw.kind == "error":
        return _error(invoke, service, raw.numbers)
    if raw.kind == "reject":
        return bytes((0x60, invoke, *raw.numbers))
    return bytes((0x71, invoke, *raw.numbers)) if raw.kind == "abort" else None
