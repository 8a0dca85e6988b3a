"""What both stacks share of asking many objects for what seldom changes: how many at once, one request after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Ignored, Peer
from drivers.bacnet.refusals import of_silence
from drivers.protocol import Address, DriverError, Misconfigured, Retryable, Target

S = TypeVar("S")
A = TypeVar("A")
"""What one object answers."""


class Way(NamedTuple, Generic[A]):
    """How a kind of question is put. Both calls raise the stack's refusal, Unreadable, and Misconfigured."""

    together: Callable[[list[Address]], Awaitable[dict[Address, A]]]
    """Several in one request."""
    single: Callable[[Address], Awaitable[A]]
    """One object by ReadProperty."""
    failed: Callable[[Address, DriverError], A]
    """The answer of an object that gave none."""
    octets: int
    """Of an answer, set aside for one object."""
    requests: int = 1
    """That one object takes by ReadProperty, at most."""


async def several(calls: Calls[S], peer: Peer[S], addresses: Sequence[Address], way: Way[A]) -> list[A]:
    """Answers in order, within the device's deadline; what was not answered by then says so.

    One request after the other: nobody waits for them. Raises Silent when nothing was answered at all.
    """
    found: dict[Address, A] = {}
    try:
        at_once = _at_once(peer, way.octets)
        count = -(-len(addresses) // at_once) if peer.rpm else way.requests * len(addresses)
        async with peer.gate.deadline(peer.target.timeout, count, way.requests * len(addresses)) as more:
            await _all(calls, peer, addresses, way, found, more)
    except TimeoutError:
        calls.silent(peer)
        # Long names do not fit one answer. bacpypes3's server (0.0.110) cuts it into segments that are longer than a
        # frame, of which rusty-bacnet hears none; others say nothing at all. The next time for fewer.
        peer.names_at_most = max(1, min(_at_once(peer, way.octets), len(addresses)) // 4)
    return _in_order(peer.target, addresses, found, way)


async def _all(
    calls: Calls[S], peer: Peer[S], addresses: Sequence[Address], way: Way[A], found: dict[Address, A],
    more: Callable[[], None],
) -> None:  # fmt: skip
    left, size, dialect = list(addresses), _at_once(peer, way.octets), calls.dialect
    device = peer.target.device
    while left:
        many = peer.rpm and not peer.many.doubted
        part = left[: size if many else 1]
        try:
            found.update(await way.together(part) if many else {part[0]: await way.single(part[0])})
        except Ignored:
            more()
            peer.many.doubted = True
            continue
        except dialect.refusal as refusal:
            if many and dialect.lacks_service(refusal):
                peer.rpm = False
                continue
            if len(part) > 1:
                size = len(part) // 2
                continue
            if many:
                # refused among others only, or in an encoding of which the stack drops the whole answer
                found[part[0]] = await _alone(calls, way, part[0])
            else:
                found.update(_failed(way, part, dialect.problem(device, refusal)))
        except Unreadable as error:
            if many and len(part) > 1:
                # one that nobody can read hides where the next one begins
                size = len(part) // 2
                continue
            if many:
                found[part[0]] = await _alone(calls, way, part[0])
            else:
                found.update(_failed(way, part, Retryable(device, f"unreadable answer: {error}")))
        except Misconfigured as error:
            found.update(_failed(way, part, error))
        more()
        left = left[len(part) :]


async def _alone(calls: Calls[S], way: Way[A], address: Address) -> A:
    try:
        return await way.single(address)
    except (calls.dialect.refusal, Unreadable) as error:
        return way.failed(address, calls.dialect.problem(address.device, error))


def _failed(way: Way[A], part: Sequence[Address], error: DriverError) -> dict[Address, A]:
    """The same error for each."""
    return {address: way.failed(address, error) for address in part}


def _at_once(peer: Peer[S], octets: int) -> int:
    """How many objects to ask about in one request."""
    return max(1, min(peer.max_apdu // octets, peer.at_most, peer.names_at_most))


def _in_order(
    target: Target, addresses: Sequence[Address], found: Mapping[Address, A], way: Way[A]
) -> list[A]:
    """The answers as they were asked for; those that did not come say so. Raises Silent if none came."""
    if all(a in found for a in addresses):
        return [found[a] for a in addresses]
    silence = of_silence(target.device, target.timeout)
    if not found:
        raise silence
    return [found[a] if a in found else way.failed(a, silence) for a in addresses]
