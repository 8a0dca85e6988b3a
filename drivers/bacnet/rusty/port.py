"""A UDP port of our own for reading many objects: rusty-bacnet makes several Python objects of each value, we make none.

It sends ReadPropertyMultiple, WriteProperty and SubscribeCOV, and hears the answers to them and changes of value from whoever was
asked something, nothing else: whatever is neither goes by unheard.
BACnet/IP knows a device by its address and port (ASHRAE 135 §J.1.2), and a controller answers to where the request came from.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from drivers.bacnet.apdu import (
    ABORT,
    CONFIRMED_COV,
    ERROR,
    READ_MANY,
    REJECT,
    SUBSCRIBE_COV,
    UNCONFIRMED_COV,
    WRITE,
    Refusal,
)
from drivers.bacnet.asked import INVOKE
from drivers.bacnet.octets import Unreadable

Where: TypeAlias = tuple[str, int]

PER_WAKE: Final = 16
"""Datagrams taken in one turn of the loop, so that a flood, or the answers of many devices at once, leave time for everything
else: an answer in which all has changed takes a tenth of a millisecond."""

_LARGEST: Final = 2048
_COUNTER: Final = socket.CMSG_SPACE(4)
"""Octets for how many were lost."""
_BUFFER: Final = 1 << 20
"""Octets that the kernel may hold for us: the answers of some hundred devices that come at once."""

_ORIGINAL_UNICAST: Final = b"\x81\x0a"
_FROM_AFAR: Final = 0xA8
"""Bits of an NPDU's control octet: network layer message, DNET, SNET (§6.2.2)."""

_WHOLE_ACK: Final = 0x30
"""A ComplexACK in one piece (§20.1.5)."""

_SIMPLE_ACK: Final = 0x20
"""A SimpleACK (§20.1.4)."""

_ACKS: Final = {READ_MANY: _WHOLE_ACK, WRITE: _SIMPLE_ACK, SUBSCRIBE_COV: _SIMPLE_ACK}
"""How a service is answered: what is read in one piece, what is asked to be done by a SimpleACK."""

_CONFIRMED, _UNCONFIRMED, _SEGMENTED = 0, 1, 0x08
"""Kinds of a request, and its bit that says that it comes in pieces (§20.1.2, §20.1.3)."""

_COUNTS_LOST: Final = 40 if sys.platform == "linux" else None
"""SO_RXQ_OVFL: with a datagram comes how many there was no room for (socket(7)); the socket module does not name it."""

_REFUSALS: Final = frozenset((ERROR, REJECT, ABORT))

_ACKNOWLEDGED: Final = b"\x81\x0a\x00\x09\x01\x00\x20"
"""A SimpleACK but for the invoke id and the service."""

_IDS: Final = 256


class Question(Protocol):
    """A request, and who hears its answer."""

    @property
    def service(self) -> int:
        """Which service it asks for."""

    @property
    def datagram(self) -> bytearray:
        """Ready to be sent, but for the invoke id."""

    def take(self, data: bytes) -> None:
        """Hear an answer, from its list of results on. Raises Unreadable where it is not about what was asked."""


Q = TypeVar("Q", bound=Question)


class _Station:
    """The requests to one device that have no answer yet, by invoke id."""

    __slots__ = ("last", "waiting")

    def __init__(self) -> None:
        self.last = 0
        self.waiting: dict[int, tuple[Round[Any], int]] = {}


class Port:
    """A UDP port on `host`: `preferred` where that is free, else whichever is."""

    def __init__(self, host: str, preferred: int = 0) -> None:
        self.on_told: Callable[[Where, bytes], None] = lambda where, data: None
        """Told of a change of value: from where, and the service's data."""
        self.on_lost: Callable[[], None] = lambda: None
        """Told when there was no room for datagrams that had come."""
        self._lost = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            if _COUNTS_LOST is not None:
                self._socket.setsockopt(socket.SOL_SOCKET, _COUNTS_LOST, 1)
            self.lasting = preferred > 0 and self._bound(host, preferred)
            """It is the preferred one: after a restart too."""
            if not self.lasting:
                self._socket.bind((host, 0))
            asyncio.get_running_loop().add_reader(self._socket, self._read)
        except BaseException:
            self._socket.close()
            raise
        self._stations: dict[Where, _Station] = {}

    def _bound(self, host: str, port: int) -> bool:
        try:
            self._socket.bind((host, port))
        except OSError:
            return False
        return True

    @property
    def where(self) -> Where:
        """Our address and port."""
        host, port = self._socket.getsockname()
        return host, port

    @property
    def in_flight(self) -> int:
        """Requests without an answer that somebody still waits for."""
        return sum(len(station.waiting) for station in self._stations.values())

    def close(self) -> None:
        """Free the port; nobody waits for its answers any more."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        for station in self._stations.values():
            for round_, _ in list(station.waiting.values()):
                round_.give_up()

    def send(self, where: Where, datagram: bytearray, round_: Round[Any], place: int) -> int | None:
        """Send one request of a round; its invoke id, or None where all of the device's are taken."""
        station = self._stations.get(where)
        if station is None:
            station = self._stations[where] = _Station()
        waiting, invoke = station.waiting, station.last
        for _ in range(_IDS):
            invoke = invoke + 1 & 255
            if invoke not in waiting:
                break
        else:
            return None
        station.last = datagram[INVOKE] = invoke
        waiting[invoke] = (round_, place)
        self.again(where, datagram)
        return invoke

    def again(self, where: Where, datagram: bytearray) -> None:
        """Send a request once more, under the invoke id that it has."""
        with contextlib.suppress(OSError):  # a full buffer or an unknown way loses it, as a network does
            self._socket.sendto(datagram, where)

    def forget(self, where: Where, invoke: int, round_: Round[Any]) -> None:
        """Nobody waits for an answer any more."""
        waiting = self._stations[where].waiting
        if invoke in waiting and waiting[invoke][0] is round_:
            del waiting[invoke]

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            for _ in range(PER_WAKE):
                data, besides, _, source = self._socket.recvmsg(_LARGEST, _COUNTER)
                self._take(data, source)
                if besides:
                    self._count(besides[0][2])

    def _count(self, said: bytes) -> None:
        """Take how many datagrams were lost since the port was opened; the kernel says it with each one from the first loss on."""
        lost = int.from_bytes(said, sys.byteorder)
        if lost != self._lost:
            self._lost = lost
            self.on_lost()

    def _take(self, data: bytes, source: Where) -> None:
        station = self._stations.get(source)
        if station is None or len(data) < 9 or not data.startswith(_ORIGINAL_UNICAST):
            return
        if data[4] != 1 or data[5] & _FROM_AFAR or int.from_bytes(data[2:4], "big") != len(data):
            return
        if data[6] >> 4 <= _UNCONFIRMED:
            self._hear(data, source)
            return
        asked = station.waiting.get(data[7])
        if asked is None:
            return
        round_, place = asked
        service = round_.asked[place].service
        if data[8] == service and data[6] == _ACKS[service]:
            del station.waiting[data[7]]
            round_.heard(place, data[9:])
        elif data[6] >> 4 in _REFUSALS:
            del station.waiting[data[7]]
            round_.refused[place] = data[6:]
            round_.heard(place, None)

    def _hear(self, data: bytes, source: Where) -> None:
        """Hear a request: a change of value, acknowledged where that is asked for."""
        if data[6] >> 4 == _UNCONFIRMED:
            if data[7] == UNCONFIRMED_COV:
                self.on_told(source, data[8:])
        elif len(data) > 10 and not data[6] & _SEGMENTED and data[9] == CONFIRMED_COV:
            self.again(source, bytearray(_ACKNOWLEDGED + bytes((data[8], CONFIRMED_COV))))
            self.on_told(source, data[10:])


def refusal_of(said: bytes) -> Refusal:
    """An Error, Reject or Abort (§20.1.7 to §20.1.9)."""
    return Refusal(said[0] >> 4, said[2], said[3:])


class Round(Generic[Q]):
    """Some requests to one device, at most `room` of them under way at once, and who waits for all their answers.

    What is refused, is not about what was asked, or does not come while nothing else does for `patience` seconds is
    `missing`: it is asked for another way. An answer that comes after that still counts, until `end`.
    """

    __slots__ = (
        "_at", "_heard", "_loop", "_open", "_patience", "_port", "_sent", "_timer", "asked", "done", "missing", "quiet",
        "refused", "where",
    )  # fmt: skip

    def __init__(self, port: Port, where: Where, asked: Sequence[Q], room: int, patience: float) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._port, self.where, self.asked, self._patience = port, where, asked, patience
        self._at = self._open = 0
        self._sent: list[int] = []
        self.missing = set(range(len(asked)))
        """Places in `asked` of what has no answer yet."""
        self.refused: dict[int, bytes] = {}
        """Those of them that the device said no to, and its Error, Reject or Abort."""
        self.done: asyncio.Future[None] = loop.create_future()
        """All answers are there."""
        self.quiet: asyncio.Future[None] = loop.create_future()
        """All answers are there, or no more are waited for."""
        self._heard = loop.time()
        self._timer = loop.call_at(self._heard + patience, self._late)
        for _ in range(room):
            self._next()

    def heard(self, place: int, data: bytes | None) -> None:
        """An answer came, or a refusal (None)."""
        self._open -= 1
        self._heard = self._loop.time()
        if data is not None and place in self.missing:
            with contextlib.suppress(Unreadable):
                self.asked[place].take(data)
                self.missing.discard(place)
        if not self.missing:
            if not self.done.done():
                self.done.set_result(None)
            self.give_up()
        else:
            self._next()

    def forgive(self, why: Callable[[bytes], bool]) -> int:
        """Count no refusals for such a reason: what they were about is only missing. How many there were."""
        passing = [place for place, said in self.refused.items() if why(said)]
        for place in passing:
            del self.refused[place]
        return len(passing)

    def again(self) -> None:
        """Send once more what has no answer, each under its invoke id."""
        for place in self.missing:
            self._port.again(self.where, self.asked[place].datagram)

    def give_up(self) -> None:
        """Wait for no more answers; those that come count all the same."""
        self._timer.cancel()
        if not self.quiet.done():
            self.quiet.set_result(None)

    def end(self) -> None:
        """Nothing counts any more."""
        self.give_up()
        for invoke in self._sent if self.missing else ():
            self._port.forget(self.where, invoke, self)

    def _next(self) -> None:
        """Send one more, where there is one and somebody waits for it."""
        while self._at < len(self.asked) and not self.quiet.done():
            place, self._at = self._at, self._at + 1
            invoke = self._port.send(self.where, self.asked[place].datagram, self, place)
            if invoke is not None:
                self._sent.append(invoke)
                self._open += 1
                return
        if not self._open:
            self.give_up()

    def _late(self) -> None:
        until = self._heard + self._patience
        if self._loop.time() < until:
            self._timer = self._loop.call_at(until, self._late)
        else:
            self.give_up()
