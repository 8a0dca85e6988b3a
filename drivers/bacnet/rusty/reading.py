"""Reading many objects of one device through rusty-bacnet: in batches that fit, each as it was asked for before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rusty_bacnet import BacnetError, ObjectIdentifier, PropertyIdentifier, PropertyValue

from drivers.bacnet import octets, refusals
from drivers.bacnet.asked import Asked
from drivers.bacnet.batches import batches
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.one_by_one import Reading, failed, in_order, readable, unreadable, within_deadline
from drivers.bacnet.peer import Ignored
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.polls import WITHIN, Polls
from drivers.bacnet.rusty.port import Round
from drivers.bacnet.rusty.station import Where
from drivers.bacnet.rusty.values import FAULTY, FLAGS, HEALTHY, PLAIN, VALUE, bits, plain, wire
from drivers.protocol import Address, Answer, Silent

if TYPE_CHECKING:
    # the stubs name it, the package itself does not
    from rusty_bacnet import ReadAccessResult

MOST_PLANS: Final = 256
"""Lists of objects of one device that are remembered."""

_WANTED: Final[list[tuple[PropertyIdentifier, int | None]]] = [(VALUE, None), (FLAGS, None)]

Batch = tuple[
    list[Address],
    list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]],
    list[Answer | None],
]
"""Objects of one ReadPropertyMultiple, as the stack wants them, and what each answered last."""


@dataclass(slots=True)
class Plan:
    """How a list of objects is asked for: those that can be, in batches for certain limits; the answers of others."""

    good: list[Address]
    bad: dict[Address, Answer]
    limits: tuple[int, int] = (0, 0)
    batches: list[Batch] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    """The same for the second port, once it was used for them; only one of the two is kept."""

    def for_port(self, peer: Peer) -> list[Asked]:
        """Their requests through the second port."""
        if not self.asked or self.limits != _limits(peer):
            self.limits, self.batches = _limits(peer), []
            self.asked = [Asked(part) for part in batches(self.good, *self.limits)]
        return self.asked

    def for_stack(self, peer: Peer) -> list[Batch]:
        """Their requests through the stack."""
        if not self.batches or self.limits != _limits(peer):
            self.limits, self.asked = _limits(peer), []
            self.batches = _batches(peer, self.good)
        return self.batches


def _limits(peer: Peer) -> tuple[int, int]:
    return peer.max_apdu, peer.at_most


class Plans:
    """How the lists of objects that were read before are asked for, device by device."""

    def __init__(self) -> None:
        self._by_device: dict[str, dict[tuple[Address, ...], Plan | None]] = {}
        """None for a list that was read once: most such lists never are again, and a plan keeps each object's last answer."""
        self._last: dict[str, tuple[list[Address], Plan]] = {}

    def of(self, calls: Calls, peer: Peer, addresses: Sequence[Address]) -> Plan:
        """How these objects are asked for: kept for lists that are read again and again."""
        device = peer.target.device
        last = self._last.get(device)
        if last is not None and last[0] == addresses:
            return last[1]  # as nearly always, and it spares the hashing
        plans = self._by_device.setdefault(device, {})
        wanted = tuple(addresses)
        plan = plans.get(wanted)
        if plan is None:
            if len(plans) >= MOST_PLANS:
                plans.clear()
            plan = Plan(*readable(calls, peer, wanted))
            plans[wanted] = plan if wanted in plans else None
        self._last[device] = (list(wanted), plan)
        return plan


async def read(
    calls: Calls, plans: Plans, polls: Polls, peer: Peer, addresses: Sequence[Address]
) -> list[Answer]:
    """Present_Values in order, within the device's deadline; what was not answered by then says so.

    Raises Silent when nothing was answered at all.
    """
    plan = plans.of(calls, peer, addresses)
    answers = dict(plan.bad)
    round_ = await polls.ask(peer, plan.for_port(peer)) if plan.good and polls.may(peer) else None
    if round_ is None:
        await _by_the_stack(calls, polls, peer, plan, plan.good, answers)
        return in_order(peer, addresses, answers)
    if round_.missing:
        try:
            await _the_rest(calls, polls, peer, plan, round_, answers)
        finally:
            round_.end()
    found = [answer for asked in round_.asked for answer in asked.answers]
    if not round_.missing and len(found) == len(addresses):
        return found
    for place, asked in enumerate(round_.asked):
        if place not in round_.missing:
            answers.update(zip(asked.part, asked.answers, strict=True))
    return in_order(peer, addresses, answers)


async def _by_the_stack(
    calls: Calls, polls: Polls, peer: Peer, plan: Plan, good: list[Address], answers: dict[Address, Answer],
    left: float = 1.0,
) -> None:  # fmt: skip
    """Read objects into `answers` within the share of the device's deadline that is left. Raises Silent."""
    made: list[_Batches] = []

    def reading(more: Callable[[], None]) -> _Batches:
        made.append(_Batches(calls, peer, answers, more, plan))
        return made[0]

    try:
        await within_deadline(calls, peer, good, answers, reading, left)
    except Silent:
        polls.silent(peer)
        raise
    clean = made[0].clean and all(address in answers for address in good)
    polls.by_the_stack(peer, clean=clean, instead=left < 1.0)


async def _the_rest(
    calls: Calls, polls: Polls, peer: Peer, plan: Plan, round_: Round[Asked], answers: dict[Address, Answer]
) -> None:
    """What the second port did not bring, by the stack, unless it comes meanwhile. Raises Silent where nothing came at all."""
    wanted = [address for place in sorted(round_.missing) for address in round_.asked[place].part]
    stack = asyncio.ensure_future(_by_the_stack(calls, polls, peer, plan, wanted, answers, left=1.0 - WITHIN))
    try:
        await asyncio.wait((stack, round_.done), return_when=asyncio.FIRST_COMPLETED)
        if round_.missing:
            await stack
    except Silent:
        if len(round_.missing) == len(round_.asked):
            raise
    finally:
        stack.cancel()
        await asyncio.gather(stack, return_exceptions=True)


class _Misplaced(Exception):
    """A result is not about the object that was asked for at its place."""


class _Batches(Reading[Where]):
    """By ReadPropertyMultiple where the device takes it, a whole plan as it was the last time."""

    _calls: Calls

    def __init__(
        self, calls: Calls, peer: Peer, answers: dict[Address, Answer], more: Callable[[], None], plan: Plan
    ) -> None:
        super().__init__(calls, peer, answers, more)
        self._plan = plan

    @property
    def clean(self) -> bool:
        """Whether it went by whole requests alone, none of them refused or ignored."""
        return self._peer.rpm and not (self._by_itself or self._refused or self._ignored)

    async def together(self, addresses: Sequence[Address]) -> None:
        """In batches that fit, all at once."""
        peer, plan = self._peer, self._plan
        parts = plan.for_stack(peer) if addresses is plan.good else _batches(peer, addresses)
        if len(parts) == 1:
            await self._batch(parts[0])
        else:
            await asyncio.gather(*(self._batch(part) for part in parts))

    async def _batch(self, batch: Batch) -> None:
        part, asked, _ = batch
        try:
            found = await self._calls.ask_many(
                self._peer, lambda client, where: client.read_property_multiple(where, asked)
            )
        except BacnetError as error:
            await self.refused(part, error)
            return
        except Ignored:
            await self.ignored(part)
            return
        self._more()
        try:
            self._take(batch, found if len(found) == len(part) else _sorted(part, found))
        except _Misplaced:
            self._take(batch, _sorted(part, found))

    def _take(self, batch: Batch, found: list[ReadAccessResult]) -> None:
        """Keep the results of a batch, one for each object in order. Raises _Misplaced."""
        part, asked, last = batch
        answers = self._answers
        for place, (address, (item, _), said) in enumerate(zip(part, asked, found, strict=True)):
            answers[address] = last[place] = _answer(address, item, said, last[place])


def _sorted(part: list[Address], found: list[ReadAccessResult]) -> list[ReadAccessResult]:
    """As many results as were asked for, in order, where the device left some out or sent more."""
    known: dict[ObjectIdentifier, ReadAccessResult] = {}
    for each in found:
        known.setdefault(each["object_id"], {"object_id": each["object_id"], "results": []})[
            "results"
        ].extend(each["results"])
    return [known.get(item := wire(a), {"object_id": item, "results": []}) for a in part]


def _batches(peer: Peer, addresses: Sequence[Address]) -> list[Batch]:
    """Batches that fit the device, as the stack wants them."""
    parts = batches(addresses, peer.max_apdu, peer.at_most)
    return [(part, [(wire(address), _WANTED) for address in part], [None] * len(part)) for part in parts]


def _answer(address: Address, item: ObjectIdentifier, said: ReadAccessResult, last: Answer | None) -> Answer:
    """One object's answer out of a ReadPropertyMultiple: at once where all is as usual, else step by step.

    `last` is its answer of the time before, given again where nothing has changed.
    """
    try:
        first, second = said["results"]
        value, flags = first["value"], second["value"]
        if (
            isinstance(value, PropertyValue)
            and isinstance(flags, PropertyValue)
            and said["object_id"] == item
            and first["property_id"] == VALUE
            and second["property_id"] == FLAGS
            and type(found := value.value) in PLAIN
        ):
            fault = flags != HEALTHY and FAULTY[flags.octets]
            if last is not None and last[3] is None and last[2] is fault:
                before = last[1]
                if before == found and type(before) is type(found):
                    return last
            return Answer(address, found, fault, None)
    except (ValueError, KeyError):
        pass  # not two results, or flags that are none: said with care below
    return _unusual(address, item, said)


def _unusual(address: Address, item: ObjectIdentifier, said: ReadAccessResult) -> Answer:
    """The same, for an error in place, properties in another order, or whatever else there may be."""
    try:
        if said["object_id"] != item:
            raise _Misplaced
        results = {each["property_id"]: each for each in said["results"]}
        if VALUE not in results:
            raise Unreadable("it lacks the present value")
        value, flags = results[VALUE], results.get(FLAGS)
        if value["error"] is not None:
            return failed(address, refusals.of_error(address.device, *(e.to_raw() for e in value["error"])))
        fault = flags is not None and flags["error"] is None and octets.faulty(bits(flags["value"]))
        return Answer(address, plain(value["value"]), fault, None)
    except Unreadable as error:
        return unreadable(address, error)
