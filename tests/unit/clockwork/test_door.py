"""Who is let in: counted before the door, spared last, and told of once."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from supervisor.clockwork import door
from supervisor.clockwork.door import RESERVED, Door, Guest, Left, Room, address_of, most
from supervisor.clockwork.folded import Folded


class Visitor(Guest):
    """Somebody who says nothing; busy where the test says so."""

    def __init__(self, left: Left) -> None:
        self._left, self.busy = left, False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Inside."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Outside."""
        self._left()

    @property
    def waiting(self) -> bool:
        """Not busy."""
        return self.transport is not None and not self.busy

    def cut(self) -> None:
        """Out."""
        assert self.transport is not None
        self.transport.abort()


class House:
    """A door on a port of loopback."""

    def __init__(self, by_address: int = 2, in_all: int = 3) -> None:
        self.inside: list[Visitor] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.door = Door("house", self._listener, Room(by_address, in_all, b"full"), self._make)
        self._mine: list[socket.socket] = []

    def _make(self, left: Left) -> Visitor:
        visitor = Visitor(left)
        self.inside.append(visitor)
        return visitor

    async def knock(self, source: str = "127.0.0.1") -> socket.socket:
        """Somebody from `source`; returns once he was let in or sent away."""
        mine = socket.socket()
        mine.bind((source, 0))
        mine.setblocking(False)
        await asyncio.get_running_loop().sock_connect(mine, ("127.0.0.1", self.port))
        self._mine.append(mine)
        for _ in range(5):
            await asyncio.sleep(0.01)
        return mine

    def close(self) -> None:
        """Everybody out."""
        self.door.close()
        for mine in self._mine:
            mine.close()


@contextmanager
def house(by_address: int = 2, in_all: int = 3) -> Iterator[House]:
    """An open door."""
    made = House(by_address, in_all)
    made.door.open()
    try:
        yield made
    finally:
        made.close()


async def heard(mine: socket.socket) -> bytes | None:
    """What the other side said; empty where it closed, None while it is silent."""
    try:
        async with asyncio.timeout(0.2):
            return await asyncio.get_running_loop().sock_recv(mine, 100)
    except TimeoutError:
        return None
    except ConnectionError:
        return b""


async def test_who_waits_longest_makes_room_for_the_next_of_his_address() -> None:
    """Two from one address: the third is let in, the first is out, others keep their place."""
    with house() as home, capture_logs() as logs:
        other = await home.knock("127.0.0.2")
        first, second, third = [await home.knock() for _ in range(3)]
        assert await heard(first) == b""
        assert [await heard(mine) for mine in (other, second, third)] == [None, None, None]
    assert [(line["event"], line["address"]) for line in logs] == [("too many connections", "127.0.0.1")]


async def test_many_addresses_share_what_there_is_in_all() -> None:
    """One connection from each of nine addresses: three are open, the last ones."""
    with house() as home:
        guests = [await home.knock(f"127.0.0.{n}") for n in range(1, 10)]
        assert [await heard(mine) for mine in guests] == [b""] * 6 + [None] * 3


async def test_whoever_is_being_served_is_not_thrown_out() -> None:
    """Both are busy: the third is told that there is no room, and closed."""
    with house() as home:
        first, second = await home.knock(), await home.knock()
        for visitor in home.inside:
            visitor.busy = True
        assert await heard(await home.knock()) == b"full"
        assert [await heard(mine) for mine in (first, second)] == [None, None]


async def test_a_door_without_descriptors_pauses_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """EMFILE at each attempt of a second: one line, a handful of attempts, and the guest is let in afterwards."""
    monkeypatch.setattr(door, "PAUSE", 0.02)
    attempts = 0

    class Bare:
        """A listener of a process that has no descriptor left."""

        def __init__(self, real: socket.socket) -> None:
            self._real, self.broken = real, True

        def accept(self) -> tuple[socket.socket, object]:
            nonlocal attempts
            attempts += 1
            if self.broken:
                raise OSError(errno.EMFILE, "Too many open files")
            return self._real.accept()

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

    with house() as home, capture_logs() as logs:
        bare = home.door._listener = Bare(home._listener)  # type: ignore[assignment]
        mine = await home.knock()
        await asyncio.sleep(0.2)
        assert 1 <= attempts <= 20
        bare.broken = False
        async with asyncio.timeout(30):
            while not home.inside:
                await asyncio.sleep(0.01)
        assert await heard(mine) is None
    assert [line["event"] for line in logs] == ["no connection can be taken"]


def test_descriptors_are_left_for_the_building(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the limit of open files is, 96 are not for connections; a few connections there are always."""
    for soft, taken in (
        (1024, 256),
        (200, 200 - RESERVED),
        (64, door.FEWEST),
        (resource.RLIM_INFINITY, 256),
    ):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert most(256) == taken


def test_one_machine_is_one_address() -> None:
    """An IPv4 address within IPv6 is that address; an IPv6 network of 64 bits is one machine's."""
    assert address_of(("::ffff:192.0.2.7", 1, 0, 0)) == address_of(("192.0.2.7", 9)) == "192.0.2.7"
    assert address_of(("2001:db8::1", 1, 0, 0)) == address_of(("2001:db8::ffff:1", 2, 0, 0))
    assert address_of(("2001:db8:0:1::1", 1, 0, 0)) != address_of(("2001:db8::1", 1, 0, 0))
    assert address_of(("fe80::1%eth0", 1, 0, 2)) == "fe80::/64"
    assert address_of("") == "local"


def test_what_happens_often_is_told_once_a_minute_with_its_number() -> None:
    """A thousand times in ten seconds: told at the first; the next minute's first says how many there were."""
    now = 0.0
    folded = Folded(now=lambda: now)
    told = []
    for number in range(1_000):
        now = number / 100
        told.append(folded.times("x"))
    assert (told[0], sum(told)) == (1, 1)
    assert folded.times("y") == 1
    now = 61.0
    assert folded.times("x") == 1_000


def test_what_is_counted_apart_is_bounded() -> None:
    """Others choose how many different things happen."""
    folded = Folded()
    for number in range(10_000):
        folded.times(number)
    assert len(folded._told) <= 200
