"""Datagrams that are almost right: what controllers really said, what anybody may say, and how each goes wrong."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tests.contract import wire

LONGEST: Final = 1497
"""Octets of a BACnet/IP datagram at most (ASHRAE 135 §6.1 table 6-1, Annex J)."""
HALF: Final = 0.5
"""Share of near-valid datagrams."""
_FUNCTIONS: Final = (0x0A, 0x0A, 0x0A, 0x0B, 0x04, 0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0C)
"""BVLC functions (Annex J.2): mostly unicast and broadcast, then results, tables and registrations."""
_LYING: Final = (0, 1, 4, 5, 6, 7, 253, 254, 255)
"""Octets that mean much where a length or a tag is expected (§20.2.1)."""

Mutation = Callable[[random.Random, bytearray, Sequence[bytes]], None]


def made_up(ours: int, devices: Iterable[int]) -> list[bytes]:
    """What anybody on the network may send to our device `ours`, or in the name of `devices`."""
    known = list(devices)
    found = [wire.datagram(bytes((0x10, wire.WHO_IS))), _npdu(b"\x10\x08", 0x0B)]
    found += [wire.i_am(instance) for instance in (*known, ours, 4_194_303)]
    for invoke in (0, 1, 7, 128, 255):
        found += [wire.abort(invoke, 4), wire.reject(invoke, 9), wire.error(invoke, 12, 2, 31)]
        found += [wire.simple_ack(invoke, 5), wire.complex_ack(invoke, 12, _value(known[0]))]
        found += [wire.complex_ack(invoke, 14, _many(known[0])), *_segments(invoke)]
    found += [_confirmed(service, data) for service, data in _asked_of_us(ours)]
    for instance in known:
        told = wire.context(0, b"\x01") + wire.context(1, wire.object_id(8, instance))
        told += wire.context(2, wire.object_id(0, 10)) + wire.context(3, b"\x3c") + _values()
        found += [wire.datagram(bytes((0x10, wire.UNCONFIRMED_COV)) + told), _confirmed(1, told)]
    found += [
        _npdu(bytes((message, 0, 5)), control=0x80) for message in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x12, 0x13)
    ]
    found += [_bvlc(function, b"\x00\x3c" * 5) for function in range(0x0D)]
    return found


def _asked_of_us(ours: int) -> list[tuple[int, bytes]]:
    """Service and data of confirmed requests that a client may make of any device."""
    device = wire.context(0, wire.object_id(8, ours))
    point = wire.context(0, wire.object_id(5, 1)) + wire.context(1, b"\x55")
    write = point + wire.opening(3) + wire.enumerated(1) + wire.closing(3) + wire.context(4, b"\x0a")
    return [
        (12, device + wire.context(1, b"\x4c")),
        (14, device + wire.opening(1) + wire.context(0, b"\x08") + wire.closing(1)),
        (15, write),
        (16, wire.context(0, wire.object_id(5, 1)) + wire.opening(1) + wire.context(0, b"\x55")
             + wire.opening(2) + wire.real(21.0) + wire.closing(2) + wire.closing(1)),
        (5, wire.context(0, b"\x07") + wire.context(1, wire.object_id(8, ours)) + wire.context(3, b"\x3c")),
        (17, wire.context(0, b"\x05") + wire.context(1, b"\x01")),
        (20, wire.context(0, b"\x00")),
        (10, wire.opening(0) + wire.context(0, b"\x02") + wire.closing(0)),
        (11, wire.object_id(8, ours)),
        (6, b"\xc4" + wire.object_id(10, 1) + wire.opening(0) + b"\x31\x00\x21\x10" + wire.closing(0)),
        (26, point + wire.context(2, b"\x01")),
        (99, bytes(20)),
    ]  # fmt: skip


def _segments(invoke: int) -> list[bytes]:
    """A first and a later segment of an answer, one of a request, and their acknowledgement (§20.1)."""
    return [
        wire.datagram(bytes((0x3C, invoke, 0, 4, 14)) + bytes(60)),
        wire.datagram(bytes((0x38, invoke, 9, 4, 14)) + bytes(60)),
        wire.datagram(bytes((0x0C, 0x75, invoke, 0, 16, 14)) + bytes(60)),
        wire.datagram(bytes((0x41, invoke, 0, 4))),
    ]


def _confirmed(service: int, data: bytes) -> bytes:
    return wire.datagram(bytes((0x00, 0x05, 0x21, service)) + data, reply=True)


def _npdu(apdu: bytes, function: int = 0x0A, control: int = 0) -> bytes:
    return _bvlc(function, bytes((1, control)) + apdu)


def _bvlc(function: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x81, function, len(body) + 4) + body


def _values() -> bytes:
    present = wire.context(0, b"\x55") + wire.opening(2) + wire.real(21.5) + wire.closing(2)
    flags = wire.context(0, b"\x6f") + wire.opening(2) + wire.bit_string(4, b"\0") + wire.closing(2)
    return wire.opening(4) + present + flags + wire.closing(4)


def _value(instance: int) -> bytes:
    head = wire.context(0, wire.object_id(8, instance)) + wire.context(1, b"\x4d")
    return head + wire.opening(3) + wire.text("a name") + wire.closing(3)


def _many(instance: int) -> bytes:
    result = wire.context(2, b"\x4d") + wire.opening(4) + wire.text("a name") + wire.closing(4)
    return wire.context(0, wire.object_id(8, instance)) + wire.opening(1) + result + wire.closing(1)


# ---------------------------------------------------------------------- how they go wrong


def _flip(dice: random.Random, datagram: bytearray, _others: Sequence[bytes]) -> None:
    for _ in range(dice.choice((1, 1, 1, 2, 4, 8))):
        datagram[dice.randrange(len(datagram))] ^= 1 << dice.randrange(8)


def _truncate(dice: random.Random, datagram: bytearray, _others: Sequence[bytes]) -> None:
    del datagram[dice.randrange(len(datagram)) :]


def _splice(dice: random.Random, datagram: bytearray, others: Sequence[bytes]) -> None:
    other = dice.choice(others)
    datagram[dice.randrange(len(datagram)) :] = other[dice.randrange(len(other)) :]


def _lie(dice: random.Random, datagram: bytearray, _others: Sequence[bytes]) -> None:
    """A length, a tag or a count becomes another."""
    datagram[dice.randrange(len(datagram))] = dice.choice(_LYING)


def _insert(dice: random.Random, datagram: bytearray, _others: Sequence[bytes]) -> None:
    at = dice.randrange(len(datagram))
    datagram[at:at] = dice.randbytes(dice.choice((1, 2, 4, 64)))


def _repeat(dice: random.Random, datagram: bytearray, _others: Sequence[bytes]) -> None:
    """Nested ever deeper, or longer than anybody wants."""
    at = dice.randrange(len(datagram))
    datagram[at:at] = bytes(datagram[at : at + dice.choice((1, 2, 8))]) * dice.choice((2, 16, 128))


def _invoke(dice: random.Random, datagram: bytearray, _others: Sequence[bytes]) -> None:
    """Another invoke id, as of another request (an acknowledgement's second octet)."""
    if len(datagram) > 7:
        datagram[7] = dice.randrange(256)


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    _flip, _flip, _flip, _truncate, _splice, _lie, _lie, _insert, _repeat, _invoke,
)  # fmt: skip


def mutated(dice: random.Random, datagram: bytes, others: Sequence[bytes]) -> bytes:
    """The datagram gone wrong once or twice; half the time its BVLC length is put right again."""
    changed = bytearray(datagram)
    for _ in range(dice.choice((1, 1, 2))):
        if changed:
            dice.choice(_MUTATIONS)(dice, changed, others)
    del changed[LONGEST:]
    if len(changed) >= 4 and dice.random() < HALF:
        changed[2:4] = len(changed).to_bytes(2, "big")
    return bytes(changed)


def noise(dice: random.Random) -> bytes:
    """Random octets; behind a good BVLC and NPDU header half the time, so that somebody looks at them."""
    length = min(int(dice.expovariate(1 / 60)), LONGEST - 10)
    octets = dice.randbytes(length)
    if dice.random() < HALF:
        return octets
    body = b"\x01" + dice.choice((b"\x00", b"\x04", b"\x80", b"\x20", b"\x08")) + octets
    return _bvlc(dice.choice(_FUNCTIONS), body)


class Corpus:
    """An endless stream of datagrams, half of them near-valid, the same for the same seed and material."""

    def __init__(self, seed: int, material: Sequence[bytes]) -> None:
        self.dice = random.Random(seed)
        self.material = [each for each in material if each]

    def next(self) -> bytes:
        """One datagram."""
        if self.dice.random() < HALF:
            return mutated(self.dice, self.dice.choice(self.material), self.material)
        return noise(self.dice)
