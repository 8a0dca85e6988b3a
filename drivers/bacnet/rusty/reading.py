"""Reading many objects of one device on rusty-bacnet: in batches that fit, smaller or singly where need be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from rusty_bacnet import BacnetError, BacnetProtocolError, ObjectIdentifier, PropertyIdentifier, PropertyValue

from config.points import Raw
from drivers.bacnet import arrays, refusals
from drivers.bacnet.arrays import Way
from drivers.bacnet.batches import batches, requests
from drivers.bacnet.kinds import BINARY_LIGHTING, BLINK_WARN_ENABLE, EGRESS_TIME
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.refusals import of_silence
from drivers.bacnet.rusty.calls import Batch, Calls, Peer, Plan
from drivers.bacnet.rusty.values import (
    FAULTY,
    FLAGS,
    HEALTHY,
    PLAIN,
    VALUE,
    answered,
    faulty,
    lacks_property,
    lacks_service,
    may_shrink,
    plain,
    problem,
    sequence,
    wire,
)
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable
from drivers.readings import PriorityArray

if TYPE_CHECKING:
    # the stubs name it, the package itself does not
    from rusty_bacnet import ReadAccessResult

_ARRAY: Final = PropertyIdentifier.PRIORITY_ARRAY
_DEFAULT: Final = PropertyIdentifier.RELINQUISH_DEFAULT
_WARNS: Final = PropertyIdentifier.from_raw(BLINK_WARN_ENABLE)
_EGRESS: Final = PropertyIdentifier.from_raw(EGRESS_TIME)
MOST_PLANS: Final = 256
"""Lists of objects of one device that are remembered."""

_WANTED: Final[list[tuple[PropertyIdentifier, int | None]]] = [(VALUE, None), (FLAGS, None)]


async def read(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Answer]:
    """Present_Values in order, within the device's deadline; what was not answered by then says so.

    Raises Retryable when nothing was answered at all.
    """
    plan = _plan(peer, addresses)
    answers = dict(plan.bad)
    try:
        count = requests(len(plan.good), peer.max_apdu, peer.at_most, rpm=peer.rpm)
        async with peer.gate.deadline(peer.target.timeout, count, 2 * len(plan.good)) as more:
            await _Reading(calls, peer, answers, more).planned(plan)
    except TimeoutError:
        calls.silent(peer)
        if plan.good and len(answers) == len(plan.bad):
            raise of_silence(peer.target.device, peer.target.timeout) from None
    if len(answers) < len(plan.good) + len(plan.bad):
        silence = of_silence(peer.target.device, peer.target.timeout)
        return [answers[a] if a in answers else _failed(a, silence) for a in addresses]
    return [answers[a] for a in addresses]


def _plan(peer: Peer, addresses: Sequence[Address]) -> Plan:
    """How these objects are asked for: the same lists are read again and again, so it is kept."""
    wanted = tuple(addresses)
    plan = peer.plans.get(wanted)
    if plan is None:
        bad: dict[Address, Answer] = {}
        plan = Plan([a for a in dict.fromkeys(wanted) if _readable(a, peer, bad)], bad)
        if len(peer.plans) >= MOST_PLANS:
            peer.plans.clear()
        peer.plans[wanted] = plan
    return plan


async def read_array(calls: Calls, peer: Peer, item: ObjectIdentifier) -> PriorityArray:
    """Priority_Array and Relinquish_Default: see `drivers.bacnet.arrays.read_array`."""
    device = peer.target.device

    async def whole() -> Sequence[Raw] | DriverError:
        try:
            return [plain(slot) for slot in sequence(await calls.property(peer, item, _ARRAY))]
        except BacnetError as error:
            if not answered(error) or lacks_property(error):
                raise
            return problem(device, error)

    async def slot(index: int) -> Raw:
        return plain(await calls.property(peer, item, _ARRAY, index))

    async def default() -> Raw:
        try:
            return plain(await calls.property(peer, item, _DEFAULT))
        except Unreadable:
            return None
        except BacnetError as error:
            if isinstance(problem(device, error), Retryable):
                raise
            return None

    async def egress() -> float:
        return await _egress(calls, peer, item) if item.object_type.to_raw() == BINARY_LIGHTING else 0.0

    way = Way(
        lambda: calls.within(peer, whole()), lambda index: calls.within(peer, slot(index)),
        lambda: calls.within(peer, default()), lambda: calls.within(peer, egress(), 2),
    )  # fmt: skip
    return await arrays.read_array(device, peer, way)


async def _egress(calls: Calls, peer: Peer, item: ObjectIdentifier) -> float:
    """How long lamps stay on after WARN_OFF, s; 0 where the object does not warn or does not say."""
    try:
        if not plain(await calls.property(peer, item, _WARNS)):
            return 0.0
        return float(plain(await calls.property(peer, item, _EGRESS)) or 0)
    except BacnetProtocolError:
        return 0.0


class _Misplaced(Exception):
    """A result is not about the object that was asked for at its place."""


class _Reading:
    """One call's answers as they come in."""

    def __init__(
        self, calls: Calls, peer: Peer, answers: dict[Address, Answer], more: Callable[[], None]
    ) -> None:
        self._more = more
        self._calls = calls
        self._peer = peer
        self._answers = answers

    async def planned(self, plan: Plan) -> None:
        """Read the objects of a plan the way that the device is known to take."""
        peer = self._peer
        if not peer.rpm:
            await self._all_singly(plan.good)
            return
        if plan.limits != (peer.max_apdu, peer.at_most):
            plan.limits = (peer.max_apdu, peer.at_most)
            plan.batches = _batches(peer, plan.good)
        await self._all(plan.batches)

    async def _again(self, addresses: list[Address]) -> None:
        """Read some objects in another way than just now."""
        if self._peer.rpm:
            await self._all(_batches(self._peer, addresses))
        else:
            await self._all_singly(addresses)

    async def _all(self, parts: list[Batch]) -> None:
        if len(parts) == 1:
            await self._batch(parts[0])
        else:
            await asyncio.gather(*(self._batch(part) for part in parts))

    async def _all_singly(self, addresses: list[Address]) -> None:
        await asyncio.gather(*(self._single(address) for address in addresses))

    async def _batch(self, batch: Batch) -> None:
        part, asked, _ = batch
        try:
            found = await self._calls.ask(
                self._peer, lambda client, where: client.read_property_multiple(where, asked)
            )
        except BacnetError as error:
            await self._refused(part, error)
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

    async def _refused(self, part: list[Address], said: BacnetError) -> None:
        """Refused for the service: singly from now on. For its size: in halves. Else: singly this time.

        So also where one value is encoded in a way that rusty-bacnet does not take: it drops the whole answer.
        """
        self._more()
        error = problem(self._peer.target.device, said)
        if lacks_service(said):
            self._peer.rpm = False
            await self._again(part)
        elif may_shrink(said) and len(part) > 1:
            self._peer.at_most = min(self._peer.at_most, len(part) // 2)
            await self._again(part)
        elif answered(said) and isinstance(error, Retryable) and not may_shrink(said):
            for address in part:
                self._answers[address] = _failed(address, error)
        else:
            await self._all_singly(part)

    async def _single(self, address: Address) -> None:
        """Read one object by ReadProperty: its value, then its flags, which it may lack."""
        item = wire(address)
        try:
            value = plain(await self._calls.property(self._peer, item, VALUE))
            self._more()
            fault = await self._flagged(item)
        except BacnetError as error:
            self._answers[address] = _failed(address, problem(address.device, error))
        except Unreadable as error:
            self._answers[address] = _unreadable(address, error)
        else:
            self._answers[address] = Answer(address, value, fault, None)
        self._more()

    async def _flagged(self, item: ObjectIdentifier) -> bool:
        try:
            return faulty(await self._calls.property(self._peer, item, FLAGS))
        except BacnetError as error:
            if isinstance(problem(self._peer.target.device, error), Retryable):
                raise
            return False


def _readable(address: Address, peer: Peer, answers: dict[Address, Answer]) -> bool:
    """Whether the object can be asked for at all; if not, its answer says why."""
    try:
        if address.device != peer.target.device:
            raise Misconfigured(address.device, f"read together with {peer.target.device}")
        wire(address)
    except Misconfigured as error:
        answers[address] = _failed(address, error)
        return False
    return True


def _sorted(part: list[Address], found: list[ReadAccessResult]) -> list[ReadAccessResult]:
    """As many results as were asked for, in order, where the device left some out or sent more."""
    known: dict[ObjectIdentifier, ReadAccessResult] = {}
    for each in found:
        known.setdefault(each["object_id"], {"object_id": each["object_id"], "results": []})[
            "results"
        ].extend(each["results"])
    return [known.get(item := wire(a), {"object_id": item, "results": []}) for a in part]


def _batches(peer: Peer, addresses: list[Address]) -> list[Batch]:
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
            return _failed(address, refusals.of_error(address.device, *(e.to_raw() for e in value["error"])))
        fault = flags is not None and flags["error"] is None and faulty(flags["value"])
        return Answer(address, plain(value["value"]), fault, None)
    except Unreadable as error:
        return _unreadable(address, error)


def _unreadable(address: Address, error: Exception) -> Answer:
    return _failed(address, Retryable(address.device, f"unreadable answer: {error}"))


def _failed(address: Address, error: DriverError) -> Answer:
    return Answer(address, None, False, error)
