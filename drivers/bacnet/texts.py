"""What both stacks share of asking what a device calls the states of its objects: Active_Text, State_Text and the like.

A list of twenty texts fits no answer of a small controller. Some abort then, some say nothing at all, which is no silence of theirs:
each question has a deadline of its own, and the list is asked for element by element. Only the states that the file has are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from config.state_texts import BINARY, MULTI_STATE, StateTexts
from drivers.bacnet.kinds import ACTIVE_TEXT, INACTIVE_TEXT, NUMBER_OF_STATES, STATE_TEXT
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Ignored, Peer
from drivers.protocol import Address, Called, DriverError, Misconfigured, Rejected, Retryable, Silent

OF_SWITCH: Final = 60
"""Octets of an answer set aside for a binary object: frame and two texts of sixteen letters."""
OF_LIST, OF_STATE = 36, 20
"""The same for a multi-state object, and for each of its states."""

S = TypeVar("S")
T = TypeVar("T")
Found = Mapping[int, "object | DriverError | Unreadable"]
"""What came of each property of one object."""
Together = Callable[[list[Address], Callable[[Address], tuple[int, ...]]], Awaitable[Mapping[Address, Found]]]
"""A stack's own way to ask for properties of several objects in one request."""


async def state_texts(
    calls: Calls[S], peer: Peer[S], wanted: Mapping[Address, Sequence[int]], together: Together
) -> list[Called]:
    """See `drivers.protocol.Calling`. One request after the other: nobody waits for them."""
    found: dict[Address, Called] = {}
    left = list(wanted)
    while left:
        part = _part(peer, left, wanted)
        said = await _together(calls, peer, part, together)
        for address in part:
            if (
                said is not None
                and (whole := _whole(address, wanted[address], said.get(address, {}))) is not None
            ):
                found[address] = whole
                continue
            found[address] = await _single(calls, peer, address, wanted[address])
            if isinstance(found[address].error, Silent):
                if all(each.error is not None for each in found.values()):
                    raise found[address].error or calls.silence(peer)
                return [found.get(a) or Called(a, StateTexts(), calls.silence(peer)) for a in wanted]
        left = left[len(part) :]
    return [found[address] for address in wanted]


def _part(peer: Peer[S], left: Sequence[Address], wanted: Mapping[Address, Sequence[int]]) -> list[Address]:
    """As many as fit an answer, one at least."""
    part, room = [left[0]], peer.max_apdu - _octets(left[0], wanted)
    for address in left[1:]:
        room -= _octets(address, wanted)
        if room < 0 or len(part) >= peer.at_most:
            break
        part.append(address)
    return part


def _octets(address: Address, wanted: Mapping[Address, Sequence[int]]) -> int:
    return OF_SWITCH if address.object_type in BINARY else OF_LIST + OF_STATE * len(wanted[address])


def _properties(address: Address) -> tuple[int, ...]:
    if address.object_type in BINARY:
        return INACTIVE_TEXT, ACTIVE_TEXT
    return (NUMBER_OF_STATES, STATE_TEXT) if address.object_type in MULTI_STATE else ()


async def _together(
    calls: Calls[S], peer: Peer[S], part: list[Address], together: Together
) -> Mapping[Address, Found] | None:
    """What came of one request for all; None where it is to be asked otherwise."""
    lists = any(address.object_type in MULTI_STATE for address in part)
    if not peer.rpm or peer.many.doubted or (lists and peer.texts_by_index):
        return None
    try:
        async with peer.gate.deadline(peer.target.timeout):
            return await together(part, _properties)
    except (calls.dialect.refusal, Ignored, Unreadable, Misconfigured, ValueError, TimeoutError):
        return None


def _whole(address: Address, states: Sequence[int], found: Found) -> Called | None:
    """One object by the answer for many; None where something of it is to be asked for again."""
    said: dict[int, object] = {}
    for number in _properties(address):
        value = found.get(number)
        if value is None or isinstance(value, Unreadable | Retryable) or _may_be_long(number, value):
            return None
        if not isinstance(value, DriverError):
            said[number] = value
    return Called(address, _made(said, states), None)


def _may_be_long(number: int, value: object) -> bool:
    """Whether it is refused for another reason than that there is none: by its elements it may be had."""
    return number == STATE_TEXT and isinstance(value, Rejected)


async def _single(calls: Calls[S], peer: Peer[S], address: Address, states: Sequence[int]) -> Called:
    """One object, property by property."""
    said: dict[int, object] = {}
    for number in _properties(address):
        if number == STATE_TEXT:
            count = said.get(NUMBER_OF_STATES)
            there = [n for n in states if not isinstance(count, int) or n <= count]
            texts = await _list(calls, peer, address, there)
            if isinstance(texts, DriverError):
                return Called(address, StateTexts(), texts)
            said[number] = texts
            continue
        value = await _asked(calls, peer, lambda number=number: calls.value(peer, address, number))  # type: ignore[misc] # mypy infers no lambda's default
        if isinstance(value, Retryable) and not isinstance(value, _Odd):
            return Called(address, StateTexts(), value)
        if not isinstance(value, DriverError):
            said[number] = value
    return Called(address, _made(said, states), None)


async def _list(
    calls: Calls[S], peer: Peer[S], address: Address, states: Sequence[int]
) -> dict[int, object] | DriverError:
    """The texts by state: of the whole list, else of its elements. An error where it may be had later."""
    if not peer.texts_by_index:
        whole = await _asked(calls, peer, lambda: calls.values(peer, address, STATE_TEXT))
        if isinstance(whole, Misconfigured):
            return {}
        if not isinstance(whole, DriverError):
            return dict(enumerate(whole, 1))
    found: dict[int, object] = {}
    for state in states:
        text = await _asked(calls, peer, lambda state=state: calls.value(peer, address, STATE_TEXT, state))  # type: ignore[misc] # as above
        if isinstance(text, Retryable) and not isinstance(text, _Odd):
            return text
        if isinstance(text, Misconfigured):
            break
        if not isinstance(text, DriverError):
            found[state] = text
            peer.texts_by_index = True
    return found


class _Odd(Retryable):
    """An answer that nobody can read, and that would be the same another time."""


async def _asked(calls: Calls[S], peer: Peer[S], ask: Callable[[], Awaitable[T]]) -> T | DriverError:
    """What one request brings within its deadline, or what came instead."""
    try:
        async with peer.gate.deadline(peer.target.timeout):
            return await ask()
    except TimeoutError:
        return calls.silence(peer)
    except Unreadable as error:
        return _Odd(peer.target.device, str(error))
    except (calls.dialect.refusal, ValueError) as error:
        problem = calls.dialect.problem(peer.target.device, error)
        # the stack's own word on an answer that came is the answer's fault
        answered = isinstance(error, calls.dialect.refusal) and calls.dialect.answered(error)
        return (
            problem if answered or isinstance(problem, Silent) else _Odd(peer.target.device, problem.message)
        )
    except DriverError as error:
        # of a port that is closed by now, say, and no word of the device
        return (
            Retryable(error.device, error.message)
            if isinstance(error, Misconfigured) and not error.answered
            else error
        )


def _made(said: Mapping[int, object], states: Sequence[int]) -> StateTexts:
    if NUMBER_OF_STATES not in said and STATE_TEXT not in said:
        switch = ((0, said.get(INACTIVE_TEXT)), (1, said.get(ACTIVE_TEXT)))
        return StateTexts(tuple((state, text) for state, text in switch if isinstance(text, str)))
    count, listed = said.get(NUMBER_OF_STATES), said.get(STATE_TEXT)
    texts = (
        listed
        if isinstance(listed, Mapping)
        else dict(enumerate(listed, 1))
        if isinstance(listed, list)
        else {}
    )
    return StateTexts(
        tuple((state, text) for state in states if isinstance(text := texts.get(state), str)),
        count if isinstance(count, int) and not isinstance(count, bool) else None,
    )
