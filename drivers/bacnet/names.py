"""What both stacks share of reading Object_Names: how many at once, one request after the other, what is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from drivers.bacnet import octets
from drivers.bacnet.kinds import OBJECT_NAME
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Peer
from drivers.bacnet.refusals import of_silence
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable, Target

OCTETS: Final = 48
"""Octets of an answer set aside for one name: 14 of frame and a name of up to 34; longer ones shrink the batch."""

Found = dict[Address, Answer]


Together = Callable[[list[Address]], Awaitable[Found]]
"""A stack's way to read several in one request. Raises its refusal, Unreadable, and Misconfigured."""

S = TypeVar("S")


async def names(
    calls: Calls[S], peer: Peer[S], addresses: Sequence[Address], together: Together
) -> list[Answer]:
    """Names in order, within the device's deadline; what was not answered by then says so.

    One request after the other: nobody waits for them. Raises Silent when nothing was answered at all.
    """
    found: Found = {}
    try:
        count = -(-len(addresses) // _at_once(peer)) if peer.rpm else len(addresses)
        async with peer.gate.deadline(peer.target.timeout, count, len(addresses)) as more:
            await _all(calls, peer, addresses, together, found, more)
    except TimeoutError:
        calls.silent(peer)
        # Long names do not fit one answer. bacpypes3's server (0.0.110) cuts it into segments that are longer than a
        # frame, of which rusty-bacnet hears none; others say nothing at all. The next time for fewer.
        peer.names_at_most = max(1, min(_at_once(peer), len(addresses)) // 4)
    return _in_order(peer.target, addresses, found)


async def _all(
    calls: Calls[S], peer: Peer[S], addresses: Sequence[Address], together: Together, found: Found,
    more: Callable[[], None],
) -> None:  # fmt: skip
    left, size, dialect = list(addresses), _at_once(peer), calls.dialect
    while left:
        part = left[: size if peer.rpm else 1]
        try:
            found.update(await together(part) if peer.rpm else await _single(calls, peer, part[0]))
        except dialect.refusal as refusal:
            if peer.rpm and dialect.lacks_service(refusal):
                peer.rpm = False
                continue
            if len(part) > 1:
                size = len(part) // 2
                continue
            if peer.rpm and not dialect.answered(refusal):
                # one name in an encoding that the stack does not take: it drops the whole answer
                found.update(await _alone(calls, peer, part[0]))
            else:
                found.update(failed(part, dialect.problem(peer.target.device, refusal)))
        except Unreadable as error:
            found.update(failed(part, Retryable(peer.target.device, f"unreadable name: {error}")))
        except Misconfigured as error:
            found.update(failed(part, error))
        more()
        left = left[len(part) :]


async def _single(calls: Calls[S], peer: Peer[S], address: Address) -> Found:
    name = await calls.value(peer, address, OBJECT_NAME)
    return {address: Answer(address, octets.name(name), False, None)}


async def _alone(calls: Calls[S], peer: Peer[S], address: Address) -> Found:
    try:
        return await _single(calls, peer, address)
    except (calls.dialect.refusal, Unreadable) as error:
        return failed([address], calls.dialect.problem(address.device, error))


def failed(part: Sequence[Address], error: DriverError) -> Found:
    """The same error for each."""
    return {address: Answer(address, None, False, error) for address in part}


def left_out(address: Address) -> Answer:
    """An object of which the answer says nothing."""
    return Answer(address, None, False, Retryable(address.device, "it left the name out"))


def _at_once(peer: Peer[S]) -> int:
    """How many names to ask for in one request."""
    return max(1, min(peer.max_apdu // OCTETS, peer.at_most, peer.names_at_most))


def _in_order(target: Target, addresses: Sequence[Address], found: Mapping[Address, Answer]) -> list[Answer]:
    """The answers as they were asked for; those that did not come say so. Raises Silent if none came."""
    silence = of_silence(target.device, target.timeout)
    if addresses and not found:
        raise silence
    return [found.get(a) or Answer(a, None, False, silence) for a in addresses]
