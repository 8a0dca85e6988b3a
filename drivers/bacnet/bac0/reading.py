"""Reading many objects of one device: in batches that fit, smaller where refused, singly where need be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from config.points import Raw
from drivers.bacnet import apdu, arrays, octets
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.arrays import Way
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.batches import batches, requests
from drivers.bacnet.kinds import (
    BINARY_LIGHTING,
    BLINK_WARN_ENABLE,
    EGRESS_TIME,
    PRESENT_VALUE,
    PRIORITY_ARRAY,
    RELINQUISH_DEFAULT,
    STATUS_FLAGS,
)
from drivers.bacnet.octets import Found, Refused, Unreadable, Wire
from drivers.bacnet.refusals import of_silence
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable
from drivers.readings import PriorityArray


async def read(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
    """Present_Values in order, within the device's deadline; what was not answered by then says so.

    Raises Retryable when nothing was answered at all.
    """
    answers: dict[Address, Answer] = {}
    good = [a for a in dict.fromkeys(addresses) if _readable(a, peer, answers)]
    try:
        count = requests(len(good), peer.max_apdu, peer.at_most, rpm=peer.rpm)
        async with peer.gate.deadline(peer.target.timeout, count, 2 * len(good)) as more:
            await _Reading(calls, peer, answers, more).all(good)
    except TimeoutError:
        calls.silent(peer)
    silence = of_silence(peer.target.device, peer.target.timeout)
    if good and not any(a in answers for a in good):
        raise silence
    return [answers.get(a) or _failed(a, silence) for a in addresses]


async def read_array(calls: Calls, peer: Peer, item: Wire) -> PriorityArray:
    """Priority_Array and Relinquish_Default: see `drivers.bacnet.arrays.read_array`."""
    device = peer.target.device

    async def whole() -> Sequence[Raw] | DriverError:
        try:
            return [octets.primitive(tag) for tag in await calls.property(peer, item, PRIORITY_ARRAY)]
        except Refusal as refusal:
            if apdu.lacks_property(refusal):
                raise
            return apdu.refusal(device, refusal)

    async def slot(index: int) -> Raw:
        return octets.single(await calls.property(peer, item, PRIORITY_ARRAY, index))

    async def default() -> Raw:
        try:
            return octets.single(await calls.property(peer, item, RELINQUISH_DEFAULT))
        except Unreadable:
            return None
        except Refusal as refusal:
            if isinstance(apdu.refusal(device, refusal), Retryable):
                raise
            return None

    async def egress() -> float:
        return await _egress(calls, peer, item) if item[0] == BINARY_LIGHTING else 0.0

    way = Way(
        lambda: calls.within(peer, whole()), lambda index: calls.within(peer, slot(index)),
        lambda: calls.within(peer, default()), lambda: calls.within(peer, egress(), 2),
    )  # fmt: skip
    return await arrays.read_array(device, peer, way)


async def _egress(calls: Calls, peer: Peer, item: Wire) -> float:
    """How long lamps stay on after WARN_OFF, s; 0 where the object does not warn or does not say."""
    try:
        if not octets.single(await calls.property(peer, item, BLINK_WARN_ENABLE)):
            return 0.0
        return float(octets.single(await calls.property(peer, item, EGRESS_TIME)) or 0)
    except Refusal as refusal:
        if refusal.type != apdu.ERROR:
            raise
        return 0.0


class _Reading:
    """One call's answers as they come in."""

    def __init__(
        self, calls: Calls, peer: Peer, answers: dict[Address, Answer], more: Callable[[], None]
    ) -> None:
        self._more = more
        self._calls = calls
        self._peer = peer
        self._answers = answers

    async def all(self, addresses: Sequence[Address]) -> None:
        """Read the objects the way that the device is known to take."""
        if self._peer.rpm:
            parts = batches(addresses, self._peer.max_apdu, self._peer.at_most)
            await asyncio.gather(*(self._batch(part) for part in parts))
        else:
            await asyncio.gather(*(self._single(address) for address in addresses))

    async def _batch(self, part: list[Address]) -> None:
        items = [apdu.wire(address) for address in part]
        wanted = (PRESENT_VALUE, STATUS_FLAGS)
        try:
            answer = await self._calls.ask(self._peer, apdu.read_many(items, wanted))
            found = octets.read_many_answer(answer)
        except Refusal as refusal:
            await self._refused(part, refusal)
            return
        except Unreadable:
            # one value may be encoded as nobody can read it, which hides where the next one starts
            await asyncio.gather(*(self._single(address) for address in part))
            return
        self._more()
        for address, item in zip(part, items, strict=True):
            self._answers[address] = _answer(address, found.get(item))

    async def _refused(self, part: list[Address], said: Refusal) -> None:
        """Refused for the service: singly from now on. For its size: in halves. Else: singly this time."""
        self._more()
        error = apdu.refusal(self._peer.target.device, said)
        if apdu.lacks_service(said):
            self._peer.rpm = False
            await self.all(part)
        elif apdu.may_shrink(said) and len(part) > 1:
            self._peer.at_most = min(self._peer.at_most, len(part) // 2)
            await self.all(part)
        elif isinstance(error, Retryable) and not apdu.may_shrink(said):
            for address in part:
                self._answers[address] = _failed(address, error)
        else:
            await asyncio.gather(*(self._single(address) for address in part))

    async def _single(self, address: Address) -> None:
        """Read one object by ReadProperty: its value, then its flags, which it may lack."""
        item = apdu.wire(address)
        try:
            value = octets.single(await self._calls.property(self._peer, item, PRESENT_VALUE))
            self._more()
            fault = await self._flagged(item)
        except Refusal as refusal:
            self._answers[address] = _failed(address, apdu.refusal(address.device, refusal))
        except Unreadable as error:
            self._answers[address] = _unreadable(address, error)
        else:
            self._answers[address] = Answer(address, value, fault, None)
        self._more()

    async def _flagged(self, item: Wire) -> bool:
        try:
            return apdu.faulty(octets.bits(await self._calls.property(self._peer, item, STATUS_FLAGS)))
        except Refusal as refusal:
            error = apdu.refusal(self._peer.target.device, refusal)
            if isinstance(error, Retryable):
                raise
            return False


def _readable(address: Address, peer: Peer, answers: dict[Address, Answer]) -> bool:
    """Whether the object can be asked for at all; if not, its answer says why."""
    try:
        if address.device != peer.target.device:
            raise Misconfigured(address.device, f"read together with {peer.target.device}")
        apdu.wire(address)
    except Misconfigured as error:
        answers[address] = _failed(address, error)
        return False
    return True


def _answer(address: Address, results: dict[int, Found] | None) -> Answer:
    """One object's answer out of a ReadPropertyMultiple; None where the device left the object out."""
    try:
        if results is None:
            raise Unreadable("it is about other objects than asked")
        value = results.get(PRESENT_VALUE)
        if value is None:
            raise Unreadable("it lacks the present value")
        if isinstance(value, Refused):
            return _failed(address, apdu.in_place(address.device, value))
        flags = results.get(STATUS_FLAGS)
        fault = isinstance(flags, list) and apdu.faulty(octets.bits(flags))
        return Answer(address, octets.single(value), fault, None)
    except Unreadable as error:
        return _unreadable(address, error)


def _unreadable(address: Address, error: Exception) -> Answer:
    return _failed(address, Retryable(address.device, f"unreadable answer: {error}"))


def _failed(address: Address, error: DriverError) -> Answer:
    return Answer(address, None, False, error)
