"""Reading one by one: an object's value and flags, the slots of a priority array and what is beneath them."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from config.phrase import Phrase
from drivers.bacnet.batches import requests
from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Peer
from drivers.bacnet.refusals import of_silence
from drivers.bacnet.spared import UNANSWERED
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable, Silent
from drivers.refused import in_both

S = TypeVar("S")

BRIEF: Final = 2
"""Objects in a request of which the answer is short on any line."""
FEWER: Final = 4
"""Times fewer objects that are asked for in one request where the answer about so many gets lost: from a full frame's, a quarter fits
the smallest in common use. A site choice."""


class Reading(ABC, Generic[S]):
    """One call's answers as they come in: many objects at once the stack's own way, singly where need be."""

    def __init__(
        self, calls: Calls[S], peer: Peer[S], answers: dict[Address, Answer], more: Callable[[], None]
    ) -> None:
        self._calls, self._peer, self._answers, self._more = calls, peer, answers, more
        self._by_itself: set[Address] = set()
        """Objects whose answer did not come out of a request for many."""
        self._refused: set[Address] = set()
        """Objects for which such a request was refused when they alone were in it."""
        self._ignored: set[Address] = set()
        """The first ones of requests for many that got no answer, though the device lives."""
        self._unheard = 0
        """Objects in the longest of those that got none twice, where a brief one did."""
        self._why: Phrase | None = None
        self._busy: bool | None = None
        """Whether a refusal that is only for now is believed; None where there was none."""

    @abstractmethod
    async def together(self, addresses: Sequence[Address]) -> None:
        """Read objects by ReadPropertyMultiple, in batches that fit; hand those that are refused to `refused`."""

    async def read(self, addresses: Sequence[Address]) -> None:
        """Read objects the way that the device is known to take; learn from what it refuses."""
        peer, many = self._peer, self._peer.many
        now = asyncio.get_running_loop().time()
        if not peer.rpm and many.try_again(now):
            peer.rpm = True
        if not peer.rpm:
            await self.singly(addresses)
            return
        spared = [address for address in addresses if address in many.spared] if many.spared else []
        tried = [address for address in spared if now >= many.spared[address].again]
        if spared:
            rest = [address for address in addresses if address not in many.spared]
            await asyncio.gather(
                *(self.together([address]) for address in tried),
                self._spared([a for a in spared if a not in tried], alone=not (rest or tried)),
                *([self.together(rest)] if rest else ()),
            )
        else:
            await self.together(addresses)
        self._learn(addresses, tried, now)

    async def singly(self, addresses: Sequence[Address]) -> None:
        """Read objects by ReadProperty."""
        await asyncio.gather(*(self._single(address) for address in addresses))

    async def refused(self, part: Sequence[Address], said: Exception) -> None:
        """Refused for the service: singly from now on. Else in halves, until what is refused is one object by itself,
        which is then read singly, or what is taken shows how much the device takes at once.

        So also where the stack dropped the whole answer, since one value is encoded in a way that it does not take.
        """
        self._more()
        dialect, peer = self._calls.dialect, self._peer
        error = dialect.problem(peer.target.device, said)
        theirs = isinstance(said, dialect.refusal)
        if theirs and dialect.lacks_service(said):
            peer.rpm = False
            await self.singly(part)
            return
        sized = theirs and dialect.may_shrink(said)
        passing = theirs and dialect.answered(said) and isinstance(error, Retryable) and not sized
        if passing and self._is_busy():
            self._by_itself.update(part)
            for address in part:
                self._answers[address] = failed(address, error)
        elif len(part) == 1:
            # one object is never too much for it: where it has no room, it is something else that it has to do
            if not (theirs and dialect.crowded(said) and self._is_busy()):
                self._refused.update(part)
            self._why = Phrase(f"refuses requests for many objects ({error.message})",
                               f"拒绝批量读取请求（{in_both(error.message).zh}）")  # fmt: skip
            await self.singly(part)
        else:
            await self._halves(part, sized)

    def _is_busy(self) -> bool:
        """Whether it is believed, in this call, that it only cannot just now."""
        if self._busy is None:
            self._busy = self._peer.many.busy()
        return self._busy

    async def _halves(self, part: Sequence[Address], sized: bool) -> None:
        half = len(part) // 2
        await asyncio.gather(self.together(part[:half]), self.together(part[half:]))
        peer = self._peer
        fits = peer.rpm and not any(address in self._by_itself for address in part)
        if fits and (sized or peer.many.halved(fits)):
            peer.at_most = min(peer.at_most, half)

    async def ignored(self, part: Sequence[Address]) -> None:
        """A request for many got no answer, and a small one did: once more, for a bad line loses some; then for fewer; then singly."""
        self._more()
        self._peer.many.doubted = True
        if part[0] not in self._ignored:
            self._ignored.add(part[0])
            await self.together(part)
        elif len(part) > BRIEF:
            await self._for_fewer(part)
        else:
            self._why = UNANSWERED
            self._refused.update(part)
            await self.singly(part)

    async def _for_fewer(self, part: Sequence[Address]) -> None:
        """Whether it answers for two shows whether it is the length of its answer, which a router has no room for, or of whose pieces
        one gets lost: then the others are asked for in shorter requests, and so from now on where that was so thrice in a row."""
        await self.together(part[:BRIEF])
        rest = part[BRIEF:]
        if part[0] in self._by_itself:
            self._refused.update(rest)
            await self.singly(rest)
            return
        self._unheard = max(self._unheard, len(part))
        size = max(BRIEF, len(part) // FEWER)
        await asyncio.gather(*(self.together(rest[at : at + size]) for at in range(0, len(rest), size)))

    async def _spared(self, addresses: Sequence[Address], *, alone: bool) -> None:
        """Objects that spoil a request for many: by themselves, or what they said by themselves the last time.

        `alone`: nobody else is asked, so that one of them has to show that the device lives.
        """
        # another round may have taken one off the list since: it is asked
        known = dict(self._peer.many.spared)
        asked = [address for address in addresses if address not in known or known[address].error is None]
        if alone and not asked:
            asked = list(addresses[:1])
        for address in addresses:
            error = known[address].error if address in known else None
            if error is not None and address not in asked:
                self._by_itself.add(address)
                self._answers[address] = failed(address, error)
        await self.singly(asked)

    def _learn(self, addresses: Sequence[Address], tried: Sequence[Address], now: float) -> None:
        """Spare the objects that spoil requests for many; ask singly where no such request is ever taken."""
        peer, many, answers = self._peer, self._peer.many, self._answers
        if any(address in answers and address not in self._by_itself for address in addresses):
            if (self._unheard or not self._ignored) and many.too_long(self._unheard > 0):
                peer.at_most = min(peer.at_most, max(BRIEF, self._unheard // FEWER))
            many.taken(calm=self._busy is None)
            for address in tried:
                if address not in self._refused:
                    many.back(address)
            for address in self._refused if not self._ignored else ():
                error = answers[address].error
                # what is only so for now is asked for again, by itself
                many.spare(address, None if isinstance(error, Retryable) else error, now)
        elif self._why is not None and peer.rpm and self._told(addresses) and many.not_taken(now, self._why):
            peer.rpm = False

    def _told(self, addresses: Sequence[Address]) -> bool:
        """Whether the device said anything of an object that holds for longer than this moment."""
        errors = (answer.error for a in addresses if (answer := self._answers.get(a)) is not None)
        return any(not isinstance(error, Retryable) for error in errors)

    async def _single(self, address: Address) -> None:
        """Read one object by ReadProperty: its value, then its flags, which it may lack."""
        dialect = self._calls.dialect
        self._by_itself.add(address)
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
    left: float = 1.0,
) -> None:
    """Read the objects `good` into `answers` within the device's deadline, or the share of it that is left; what was not
    answered by then is left out.

    Raises Silent when nothing was answered at all. `read` makes the stack's Reading.
    """
    before = len(answers)
    try:
        count = requests(len(good), peer.max_apdu, peer.at_most, rpm=peer.rpm)
        # where a request for many gets no answer but a small one does, all are read once more, and then singly
        most = 2 * len(good) + (2 * peer.target.max_in_flight if peer.rpm else 0)
        async with peer.gate.deadline(left * peer.target.timeout, count, most) as more:
            await read(more).read(good)
    except TimeoutError:
        calls.silent(peer)
    if not good or (len(answers) > before and any(not _silent(answers.get(a)) for a in good)):
        return
    found = (answer.error for a in good if (answer := answers.get(a)) is not None)
    raise next((error for error in found if error is not None), None) or calls.silence(peer)


def _silent(answer: Answer | None) -> bool:
    """Whether an object got no answer at all: its request may not even have left, for want of a way to the network."""
    return answer is None or isinstance(answer.error, Silent)


def in_order(peer: Peer[S], addresses: Sequence[Address], answers: dict[Address, Answer]) -> list[Answer]:
    """The answers as they were asked for; what was not answered says so."""
    try:
        return [answers[address] for address in addresses]
    except KeyError:
        silence = of_silence(peer.target.device, peer.target.timeout)
        # whichever: where a request for many gets no answer in time, those that are quick by themselves are missing too
        missing = [address for address in addresses if address not in answers]
        peer.partly, peer.unheard = True, random.choice(missing)  # noqa: S311 - no secret
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
