"""What both stacks share of reading Object_Names: how many at once, one request after the other, what is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from drivers.bacnet.octets import Unreadable
from drivers.bacnet.refusals import of_silence
from drivers.care.pacing import Gate
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Retryable, Target

OCTETS: Final = 48
"""Octets of an answer set aside for one name: 14 of frame and a name of up to 34; longer ones shrink the batch."""

Found = dict[Address, Answer]


class Named(Protocol):
    """A device, as far as asking for names goes."""

    target: Target
    gate: Gate
    max_apdu: int
    at_most: int
    names_at_most: int
    rpm: bool


class Way(NamedTuple):
    """How a stack asks: together and singly; the exception of its refusals, which of them say that there is no
    ReadPropertyMultiple, and what becomes of a single object that was refused."""

    together: Callable[[list[Address]], Awaitable[Found]]
    singly: Callable[[list[Address]], Awaitable[Found]]
    refusal: type[Exception]
    lacks_service: Callable[[Any], bool]
    refused: Callable[[list[Address], Any], Awaitable[Found]]
    silent: Callable[[], None]


async def names(peer: Named, addresses: Sequence[Address], way: Way) -> list[Answer]:
    """Names in order, within the device's deadline; what was not answered by then says so.

    One request after the other: nobody waits for them. Raises Silent when nothing was answered at all.
    """
    found: Found = {}
    try:
        count = -(-len(addresses) // _at_once(peer)) if peer.rpm else len(addresses)
        async with peer.gate.deadline(peer.target.timeout, count, len(addresses)) as more:
            await _all(peer, addresses, way, found, more)
    except TimeoutError:
        way.silent()
        # Long names do not fit one answer. bacpypes3's server (0.0.110) cuts it into segments that are longer than a
        # frame, of which rusty-bacnet hears none; others say nothing at all. The next time for fewer.
        peer.names_at_most = max(1, min(_at_once(peer), len(addresses)) // 4)
    return _in_order(peer.target, addresses, found)


async def _all(
    peer: Named, addresses: Sequence[Address], way: Way, found: Found, more: Callable[[], None]
) -> None:
    left, size = list(addresses), _at_once(peer)
    while left:
        part = left[: size if peer.rpm else 1]
        try:
            found.update(await (way.together if peer.rpm else way.singly)(part))
        except way.refusal as refusal:
            if peer.rpm and way.lacks_service(refusal):
                peer.rpm = False
                continue
            if len(part) > 1:
                size = len(part) // 2
                continue
            found.update(await way.refused(part, refusal))
        except Unreadable as error:
            found.update(failed(part, Retryable(peer.target.device, f"unreadable name: {error}")))
        except Misconfigured as error:
            found.update(failed(part, error))
        more()
        left = left[len(part) :]


def failed(part: Sequence[Address], error: DriverError) -> Found:
    """The same error for each."""
    return {address: Answer(address, None, False, error) for address in part}


def left_out(address: Address) -> Answer:
    """An object of which the answer says nothing."""
    return Answer(address, None, False, Retryable(address.device, "it left the name out"))


def _at_once(peer: Named) -> int:
    """How many names to ask for in one request."""
    return max(1, min(peer.max_apdu // OCTETS, peer.at_most, peer.names_at_most))


def _in_order(target: Target, addresses: Sequence[Address], found: Mapping[Address, Answer]) -> list[Answer]:
    """The answers as they were asked for; those that did not come say so. Raises Silent if none came."""
    silence = of_silence(target.device, target.timeout)
    if addresses and not found:
        raise silence
    return [found.get(a) or Answer(a, None, False, silence) for a in addresses]
