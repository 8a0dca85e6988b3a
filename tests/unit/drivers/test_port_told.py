"""What comes to the second port unasked: changes of value from those that were asked something, and the loss of some."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.bacnet import octets
from drivers.bacnet.octets import Refused, Unreadable
from drivers.bacnet.rusty.link import beside
from drivers.bacnet.rusty.port import Port, Round
from drivers.bacnet.rusty.told import AskedChanges
from drivers.protocol import Address
from tests.contract import wire
from tests.networks import subnet
from tests.ports import free_udp

OURS, THEIRS = (f"{subnet(9)}.{octet}" for octet in (31, 32))
_VALUE = wire.context(0, b"\x55") + wire.opening(2) + wire.real(21.5) + wire.closing(2)
_FLAGS = wire.context(0, b"\x6f") + wire.opening(2) + wire.bit_string(4, b"\x40") + wire.closing(2)
_ELEMENT = wire.context(0, b"\x57") + wire.context(1, b"\x03") + wire.opening(2) + b"\0" + wire.closing(2)
_HEAD = (
    wire.context(0, b"\x07")
    + wire.context(1, wire.object_id(8, 1001))
    + wire.context(2, wire.object_id(0, 4))
    + wire.context(3, b"\x3c")
    + wire.opening(4)
)
TOLD = _HEAD + _VALUE + wire.context(3, b"\x08") + _ELEMENT + _FLAGS + wire.closing(4)


def test_a_change_is_read_with_all_that_it_may_bring() -> None:
    """Who is told, whose object, its value and flags; a priority beside and an element of an array do no harm."""
    process, device, item, values = octets.notification(TOLD)
    assert (process, device, item) == (7, 1001, (0, 4))
    assert values.keys() == {85, 111}
    value, flags = values[85], values[111]
    assert not isinstance(value, Refused)
    assert not isinstance(flags, Refused)
    assert octets.single(value) == 21.5
    assert octets.faulty(octets.bits(flags))
    for end in range(len(TOLD)):
        with pytest.raises(Unreadable):
            octets.notification(TOLD[:end])


@contextmanager
def _device(port: Port) -> Iterator[socket.socket]:
    """A device that was asked something."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((THEIRS, 0))
        made.settimeout(10.0)
        asked = AskedChanges(7, Address("d", "analog-input", 4), 60)
        Round(port, made.getsockname(), [asked], 1, 60.0).end()
        assert made.recv(100)[9] == wire.SUBSCRIBE_COV
        yield made


async def test_changes_are_heard_and_acknowledged_where_that_is_asked_for() -> None:
    """Unconfirmed as we ask, confirmed as some controllers insist; of a stranger nothing is heard."""
    port, heard = Port(OURS), asyncio.Queue[tuple[str, bytes]]()
    port.on_told = lambda where, data: heard.put_nowait((where[0], data))
    with _device(port) as device:
        device.sendto(wire.datagram(b"\x10\x02" + TOLD), port.where)
        device.sendto(wire.datagram(b"\x00\x05\x63\x01" + TOLD, reply=True), port.where)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((THEIRS, 0))
            stranger.sendto(wire.datagram(b"\x10\x02" + TOLD), port.where)
        device.sendto(wire.datagram(b"\x10\x02" + TOLD + b"last"), port.where)
        async with asyncio.timeout(10.0):
            told = [await heard.get() for _ in range(3)]
        assert told == [(THEIRS, TOLD), (THEIRS, TOLD), (THEIRS, TOLD + b"last")]
        assert device.recv(100) == wire.simple_ack(0x63, 1)
    port.close()


async def test_what_there_was_no_room_for_is_noticed() -> None:
    """More came than the kernel keeps for us while the loop was busy: that is told once, and not with each datagram after it."""
    port, losses, told = Port(OURS), [], asyncio.Event()
    port.on_lost = lambda: losses.append(True)
    port.on_told = lambda where, data: told.set() if data.endswith(b"last") else None
    port._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with _device(port) as device:
        for _ in range(200):
            device.sendto(wire.datagram(b"\x10\x02" + TOLD), port.where)
        await asyncio.sleep(0)
        while not port_is_dry(port):
            await asyncio.sleep(0)
        for last in (b"", b"last"):
            device.sendto(wire.datagram(b"\x10\x02" + TOLD + last), port.where)
        async with asyncio.timeout(10.0):
            await told.wait()
    assert losses == [True]
    port.close()


def port_is_dry(port: Port) -> bool:
    """Whether all that came was taken."""
    try:
        port._socket.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    return False


async def test_the_port_is_the_same_after_a_restart_where_nobody_else_has_it() -> None:
    """A controller takes what is subscribed to from there for the same; elsewhere nothing is subscribed to."""
    wanted = free_udp(OURS)
    first = Port(OURS, wanted)
    other = Port(OURS, wanted)
    assert (first.lasting, first.where) == (True, (OURS, wanted))
    assert not other.lasting
    for port in (first, other):
        port.close()
    again = Port(OURS, wanted)
    assert again.lasting
    again.close()


@pytest.mark.parametrize(
    ("port", "served", "second"),
    [(47808, None, 47824), (47808, 47809, 47824), (47808, 47824, 0), (65519, None, 65535), (65520, None, 0)],
)
def test_the_second_port_is_one_that_is_free_for_it(port: int, served: int | None, second: int) -> None:
    """Where our own device is to be served, or there is no such port, the system chooses."""
    assert beside(port, served) == second
