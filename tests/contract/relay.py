"""A UDP relay in front of a controller, which breaks what passes in one way at a time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from tests.contract import wire
from tests.contract.scripted import Where

Fault = Callable[["Relay", bytes, bool], None]
"""Takes a datagram, and whether it comes from the controller; sends what it wants onwards."""


class Relay:
    """Between one driver and one controller: the driver sees `where`, the controller sees `behind`."""

    def __init__(self, where: Where, behind: str, controller: Where) -> None:
        self.where, self._behind, self._controller = where, behind, controller
        self.fault: Fault = honest
        self.requests: list[wire.Frame] = []
        self.client: Where | None = None
        """Which port of the driver's the datagram at hand came from, or is for."""
        self._clients: dict[bytes, Where] = {}
        """For whom what the controller said is, also where it is passed on later."""
        self._front: asyncio.DatagramTransport | None = None
        self._backs: dict[Where, socket.socket] = {}
        self._side: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Open the sockets."""
        loop = asyncio.get_running_loop()
        self._front, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._from_driver), local_addr=self.where
        )
        self._side, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._from_driver), local_addr=(self.where[0], 0)
        )

    async def stop(self) -> None:
        """Close them."""
        for transport in (self._front, self._side):
            if transport is not None:
                transport.close()
        while self._backs:
            _, back = self._backs.popitem()
            asyncio.get_running_loop().remove_reader(back)
            back.close()
        await asyncio.sleep(0)

    def onwards(self, data: bytes, from_controller: bool) -> None:
        """Pass a datagram on to the other side."""
        if from_controller:
            self.answer(data)
        elif self.client is not None and self._front is not None and not self._front.is_closing():
            with contextlib.suppress(OSError):
                self._back(self.client).sendto(data, self._controller)

    def answer(self, data: bytes) -> None:
        """Send a datagram to the driver, as from the controller."""
        client = self._clients.get(data, self.client)
        if client and self._front is not None and not self._front.is_closing():
            self._front.sendto(data, client)

    def answer_from_elsewhere(self, data: bytes) -> None:
        """The same, from another port."""
        if self.client and self._side is not None and not self._side.is_closing():
            self._side.sendto(data, self.client)

    def _back(self, client: Where) -> socket.socket:
        """The port from which the controller sees one of the driver's."""
        back = self._backs.get(client)
        if back is None:
            back = self._backs[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            back.setblocking(False)
            back.bind((self._behind, 0))
            asyncio.get_running_loop().add_reader(back, self._heard_for, back, client)
        return back

    def _heard_for(self, back: socket.socket, client: Where) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._from_controller(back.recv(65_535), client)

    def _from_driver(self, data: bytes, addr: Where) -> None:
        self.client = addr
        frame = wire.parse(data)
        if frame is not None and frame.type == wire.CONFIRMED:
            self.requests.append(frame)
        self.fault(self, data, False)

    def _from_controller(self, data: bytes, client: Where) -> None:
        self.client = self._clients[data] = client
        self.fault(self, data, True)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[bytes, Where], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: Where) -> None:
        self._heard(data, addr)


def honest(relay: Relay, data: bytes, from_controller: bool) -> None:
    """Everything passes."""
    relay.onwards(data, from_controller)


def silent(_relay: Relay, _data: bytes, _from_controller: bool) -> None:
    """Nothing passes."""


def refusing(make: Callable[[wire.Frame], bytes]) -> Fault:
    """Each confirmed request is answered by `make` in the controller's stead."""

    def fault(relay: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        if not from_controller and frame is not None and frame.type == wire.CONFIRMED:
            relay.answer(make(frame))
        else:
            relay.onwards(data, from_controller)

    return fault


def aborting(reason: int) -> Fault:
    """Each confirmed request is aborted."""
    return refusing(lambda frame: wire.abort(frame.invoke, reason))


def rejecting(reason: int) -> Fault:
    """Each confirmed request is rejected."""
    return refusing(lambda frame: wire.reject(frame.invoke, reason))


def erring(error_class: int, code: int) -> Fault:
    """Each confirmed request is answered by an error."""
    return refusing(lambda frame: wire.error(frame.invoke, frame.service, error_class, code))


def changing(change: Callable[[wire.Frame, bytes], bytes]) -> Fault:
    """Each acknowledgement is changed on its way."""

    def fault(relay: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        acknowledges = frame is not None and frame.type in (wire.SIMPLE_ACK, wire.COMPLEX_ACK)
        if from_controller and frame is not None and acknowledges:
            relay.answer(change(frame, data))
        else:
            relay.onwards(data, from_controller)

    return fault


def _cut(_frame: wire.Frame, data: bytes) -> bytes:
    body = data[:-2]
    return body[:2] + len(body).to_bytes(2, "big") + body[4:]


def _of_another(frame: wire.Frame, data: bytes) -> bytes:
    """The first object's instance plus 1000; a plain acknowledgement gets an invoke id that no copy of its request has.

    One more is what the next copy may have: an answer that came late acknowledged that one rightly.
    """
    if frame.type == wire.SIMPLE_ACK:
        return wire.simple_ack((frame.invoke + 128) % 256, frame.service)
    kind, instance = divmod(int.from_bytes(frame.data[1:5], "big"), 1 << 22)
    other = wire.context(0, wire.object_id(kind, instance + 1000))
    return wire.complex_ack(frame.invoke, frame.service, other + frame.data[5:])


truncating = changing(_cut)
misnaming = changing(_of_another)


def doubling(relay: Relay, data: bytes, from_controller: bool) -> None:
    """Everything passes twice."""
    relay.onwards(data, from_controller)
    relay.onwards(data, from_controller)


def sidestepping(relay: Relay, data: bytes, from_controller: bool) -> None:
    """Answers come from another port."""
    if from_controller:
        relay.answer_from_elsewhere(data)
    else:
        relay.onwards(data, from_controller)


def delaying(seconds: float) -> Fault:
    """Answers come late."""

    def fault(relay: Relay, data: bytes, from_controller: bool) -> None:
        if from_controller:
            asyncio.get_running_loop().call_later(seconds, relay.answer, data)
        else:
            relay.onwards(data, from_controller)

    return fault


def too_large(limit: int, reason: int = 4) -> Fault:
    """Answers above `limit` octets of APDU are aborted, as by a controller that cannot segment."""

    def fault(relay: Relay, data: bytes, from_controller: bool) -> None:
        frame = wire.parse(data)
        if from_controller and frame is not None and frame.type == wire.COMPLEX_ACK and len(data) - 6 > limit:
            relay.answer(wire.abort(frame.invoke, reason))
        else:
            relay.onwards(data, from_controller)

    return fault
