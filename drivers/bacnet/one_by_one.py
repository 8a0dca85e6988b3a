"""Reading one by one: an object's value and flags, the slots of a priority array and what is beneath them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from drivers.bacnet.batches import requests
from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Peer
from drivers.bacnet.refusals import of_silence
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable

S = TypeVar("S")


class Reading(ABC, Generic[S]):
    """One call's answers as they come in: many objects at once the stack's own way, singly where need be."""

    def __init__(
        self, calls: Calls[S], peer: Peer[S], answers: dict[Address, Answer], more: Callable[[], None]
    ) -> None:
        self._calls, self._peer, self._answers, self._more = calls, peer, answers, more

    @abstractmethod
    async def together(self, addresses: Sequence[Address]) -> None:
        """Read objects by ReadPropertyMultiple, in batches that fit."""

    async def read(self, addresses: Sequence[Address]) -> None:
        """Read objects the way that the device is known to take."""
        await (self.together if self._peer.rpm else self.singly)(addresses)

    async def singly(self, addresses: Sequence[Address]) -> None:
        """Read objects by ReadProperty."""
        await asyncio.gather(*(self._single(address) for address in addresses))

    async def refused(self, part: Sequence[Address], said: Exception) -> None:
        """Refused for the service: singly from now on. For its size: in halves. Else: singly this time.

        So also where the stack dropped the whole answer, since one value is encoded in a way that it does not take.
        """
        self._more()
        dialect = self._calls.dialect
        error = dialect.problem(self._peer.target.device, said)
        if dialect.lacks_service(said):
            self._peer.rpm = False
            await self.read(part)
        elif dialect.may_shrink(said) and len(part) > 1:
            self._peer.at_most = min(self._peer.at_most, len(part) // 2)
            await self.read(part)
        elif dialect.answered(said) and isinstance(error, Retryable) and not dialect.may_shrink(said):
            for address in part:
                self._answers[address] = failed(address, error)
        else:
            await self.singly(part)

    async def _single(self, address: Address) -> None:
        """Read one object by ReadProperty: its value, then its flags, which it may lack."""
        dialect = self._calls.dialect
        try:
            value = await self._calls.value(self._peer, address, PRESENT_VALUE)
            self._more()
            fault = await self._flagged(address)
        except (dialect.refusal, Unreadable) as error:
            self._answers[address] = failed(address, dialect.problem(address.device, error))
        else:
            self._answers[address] = Answer(address, value, fault, None)
        self._more()

    async def _flagged(self, address: Address) -> bool:
        dialect = self._calls.dialect
        try:
            return await self._calls.faulty(self._peer, address)
        except dialect.refusal as error:
            if isinstance(dialect.problem(address.device, error), Retryable):
                raise
            return False


async def within_deadline(
    calls: Calls[S],
    peer: Peer[S],
    good: Sequence[Address],
    answers: dict[Address, Answer],
    read: Callable[[Callable[[], None]], Reading[S]],
) -> None:
    """Read the objects `good` into `answers` within the device's deadline; what was not answered by then is left out.

    Raises Silent when nothing was answered at all. `read` makes the stack's Reading.
    """
    before = len(answers)
    try:
        count = requests(len(good), peer.max_apdu, peer.at_most, rpm=peer.rpm)
        async with peer.gate.deadline(peer.target.timeout, count, 2 * len(good)) as more:
            await read(more).read(good)
    except TimeoutError:
        calls.silent(peer)
    if good and len(answers) == before:
        raise of_silence(peer.target.device, peer.target.timeout)


def in_order(peer: Peer[S], addresses: Sequence[Address], answers: dict[Address, Answer]) -> list[Answer]:
    """The answers as they were asked for; what was not answered says so."""
    try:
        return [answers[address] for address in addresses]
    except KeyError:
        silence = of_silence(peer.target.device, peer.target.timeout)
        return [answers.get(address) or failed(address, silence) for address in addresses]


def readable(
    calls: Calls[S], peer: Peer[S], addresses: Sequence[Address]
) -> tuple[list[Address], dict[Address, Answer]]:
    """The objects that can be asked for at all, each once, and the answers of the others, which say why."""
    good: list[Address] = []
    bad: dict[Address, Answer] = {}
    for address in dict.fromkeys(addresses):
        try:
            if address.device != peer.target.device:
                raise Misconfigured(address.device, f"read together with {peer.target.device}")
            calls.dialect.wire(address)
        except Misconfigured as error:
            bad[address] = failed(address, error)
        else:
            good.append(address)
    return good, bad


def unreadable(address: Address, error: Exception) -> Answer:
    """The answer of an object whose value cannot be read."""
    return failed(address, Retryable(address.device, f"unreadable answer: {error}"))


def failed(address: Address, error: DriverError) -> Answer:
    """The answer of an object that has none."""
    return Answer(address, None, False, error)
