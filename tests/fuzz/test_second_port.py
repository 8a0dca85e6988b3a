"""Answers to our own requests at the second port, gone wrong in every way: nothing breaks, and nothing counts that is not an answer."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Iterator
from typing import Final

from drivers.bacnet.asked import Asked
from drivers.bacnet.rusty.commanding import AskedWrite
from drivers.bacnet.rusty.port import Port, Round
from drivers.bacnet.rusty.slots import AskedSlots
from drivers.protocol import Address
from tests.contract import wire
from tests.fuzz.corpus import mutated, noise
from tests.networks import subnet

COUNT: Final = 1_000
"""Rounds, of three requests each."""
SEED: Final = 1
OURS, THEIRS, OTHER = (f"{subnet(8)}.{octet}" for octet in (31, 32, 33))
_POINT: Final = Address("d", "analog-value", 1)
_VALUE = wire.opening(4) + wire.real(21.0) + wire.closing(4)
_FLAGS = wire.opening(4) + wire.bit_string(4, b"\0") + wire.closing(4)
_HEAD = wire.context(0, wire.object_id(2, 1)) + wire.opening(1)
_VALUES = _HEAD + wire.context(2, b"\x55") + _VALUE + wire.context(2, b"\x6f") + _FLAGS + wire.closing(1)
_ARRAY = wire.opening(4) + b"\0" * 9 + wire.real(26.0) + b"\0" * 6 + wire.closing(4)
_SLOTS = _HEAD + wire.context(2, b"\x57") + _ARRAY + wire.context(2, b"\x68") + _VALUE + wire.closing(1)
_HUGE = (
    _HEAD
    + wire.context(2, b"\x57")
    + wire.opening(4)
    + wire.real(1.0) * 280
    + wire.closing(4)
    + wire.closing(1)
)


def _true(invoke: int) -> list[bytes]:
    """What the device rightly says to a write, a poll and a look at the slots."""
    return [
        wire.simple_ack(invoke, 15),
        wire.complex_ack(invoke, 14, _VALUES),
        wire.complex_ack(invoke, 14, _SLOTS),
    ]


def _false(dice: random.Random, place: int, invoke: int) -> Iterator[bytes]:
    """Some answers in the place of the right one: mutated, of another request, refused, in segments, of odd values, huge."""
    true = _true(invoke)
    kinds = [
        *true,
        *_true(invoke + dice.randrange(1, 256) & 255),
        wire.complex_ack(invoke, 14, _HUGE),
        wire.complex_ack(invoke, 14, b""),
        wire.complex_ack(invoke, 12, _VALUES),
        wire.datagram(bytes((0x3C, invoke, 0, 4, 14)) + _VALUES),
        wire.datagram(bytes((0x38, invoke, 9, 4, 14)) + _VALUES),
        wire.datagram(bytes((0x40, invoke, 0, 4))),
    ]
    for _ in range(dice.randrange(4)):
        if dice.random() < 0.1:
            yield noise(dice)
        else:
            yield mutated(dice, dice.choice((true[place], dice.choice(kinds))), kinds)


async def _lived(count: int, seed: int) -> tuple[int, int]:
    """Rounds in which wrong answers precede and follow; how many writes were acknowledged, and how many strangers' acks counted."""
    dice, port = random.Random(seed), Port(OURS)
    acknowledged = wrongly = 0
    broken: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: broken.append(what))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.bind((THEIRS, 0))
        device.setblocking(False)
        where: tuple[str, int] = device.getsockname()
        for _ in range(count):
            write, poll, slots = (
                AskedWrite(_POINT, wire.real(26.0), 10),
                Asked([_POINT]),
                AskedSlots([_POINT]),
            )
            rounds = [Round(port, where, [each], 1, 60.0) for each in (write, poll, slots)]
            ids = [each.asked[0].datagram[8] for each in rounds]
            for place, invoke in enumerate(ids):
                port._take(_true(invoke)[place], (OTHER, where[1]))
                port._take(_true(invoke)[place], (where[0], where[1] ^ 1))
            wrongly += sum(not each.missing for each in rounds)
            for place, invoke in enumerate(ids):
                for datagram in _false(dice, place, invoke):
                    port._take(datagram, where)
                for _ in range(dice.choice((0, 1, 1, 2))):
                    port._take(_true(invoke)[place], where)
            acknowledged += not rounds[0].missing
            for each in rounds:
                each.end()
            for place, invoke in enumerate(ids):  # after its time-out
                port._take(_true(invoke)[place], where)
            assert port.in_flight == 0
    port.close()
    assert broken == []
    return acknowledged, wrongly


def test_answers_gone_wrong_break_nothing_at_the_second_port() -> None:
    """Wrong invoke ids and sources, twice, late, cut off, huge, of another property or datatype: each is heard or let pass."""
    acknowledged, wrongly = asyncio.run(_lived(COUNT, SEED))
    assert wrongly == 0
    assert COUNT / 2 < acknowledged < COUNT
