"""Who is on the network, and what they have, through bacpypes3: Object_Lists, names, descriptions, units, states."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from bacpypes3.pdu import Address as Station

from config.objects import is_number, is_state
from drivers.bacnet import apdu, octets
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.bac0.link import Link
from drivers.bacnet.kinds import DEVICE, NUMBER_OF_STATES, OBJECT_NAME, STATE_TEXT, UNITS
from drivers.bacnet.octets import APPLICATION, Found, Refused, Tag, Unreadable
from drivers.bacnet.peer import Ignored
from drivers.protocol import Address, DriverError, Met, Misconfigured, Silent, Target, Told

OBJECT_LIST: Final = 76
DESCRIPTION: Final = 28
"""Property identifiers (ASHRAE 135 §21)."""
OCTETS: Final = 110
"""Of an answer, set aside for one object: frame, a name and a description of some forty letters each, a unit."""
PATIENCE: Final = 24.0
"""Seconds that one answer may take: a slow controller on a slow trunk takes two for each of those that wait there, and a
request is sent again after a third of it."""
AT_ONCE: Final = 4
"""Requests under way to one device, so that they are answered within a third of that one after the other."""
MOST_STATES: Final = 64
"""Elements of a State_Text that are asked for one by one: more states than any mode has."""
_IDENTIFIER: Final = 12
"""Application tag of an object identifier (§20.2.14)."""


async def who_is_there(
    link: Link, calls: Calls, at: str | None, limits: tuple[int, int] | None, wait: float
) -> list[Met]:
    """See `drivers.protocol.Surveyor`."""
    try:
        station = Station(at) if at is not None else None
    except (ValueError, RuntimeError):  # bacpypes3 raises the latter for a name of an interface
        raise Misconfigured(
            "discover", f"{at} is no address: 192.168.1.20, 192.168.1.20:47808, 2001:12"
        ) from None
    found = []
    for said in await link.who_is_there(station, limits, wait):
        target = Target(str(said.instance), said.instance, None, AT_ONCE, PATIENCE)
        if calls.numbered(said.instance) is None:
            calls.meet(target, said.place)
        found.append(Met(said.instance, str(said.place.station)))
    return found


async def object_count(calls: Calls, peer: Peer) -> int:
    """Object_List[0]. Raises DriverError."""
    async with calls.within(peer):
        count = octets.single(await calls.property(peer, (DEVICE, peer.target.instance), OBJECT_LIST, 0))
        if not isinstance(count, int):
            raise Unreadable("its object list has no length")
        return count


async def object_list(calls: Calls, peer: Peer, index: int | None) -> list[tuple[int, int]]:
    """The whole Object_List, or one element. Raises DriverError."""
    async with calls.within(peer):
        return _identifiers(await calls.property(peer, (DEVICE, peer.target.instance), OBJECT_LIST, index))


def _identifiers(found: Sequence[Tag]) -> list[tuple[int, int]]:
    if any(tag[:2] != (APPLICATION, _IDENTIFIER) for tag in found):
        raise Unreadable("no list of objects")
    return [divmod(int.from_bytes(tag.data, "big"), 1 << 22) for tag in found]


def _wanted(address: Address) -> tuple[int, ...]:
    if is_number(address.object_type):
        return OBJECT_NAME, DESCRIPTION, UNITS
    return (
        (OBJECT_NAME, DESCRIPTION, STATE_TEXT)
        if is_state(address.object_type)
        else (OBJECT_NAME, DESCRIPTION)
    )


async def told(calls: Calls, peer: Peer, addresses: Sequence[Address]) -> list[Told]:
    """In batches that fit where the device takes them, else one property after the other."""
    size = max(1, min(peer.max_apdu // OCTETS, peer.names_at_most))
    parts = (
        [addresses[n : n + size] for n in range(0, len(addresses), size)]
        if peer.rpm
        else [[a] for a in addresses]
    )
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(part: Sequence[Address]) -> list[Told]:
        async with turns:
            return await _part(calls, peer, part)

    answers = await asyncio.gather(*(one(part) for part in parts))
    found = [told for part in answers for told in part]
    if found and all(isinstance(each.error, Silent) for each in found):
        assert found[0].error is not None  # it is Silent
        raise found[0].error
    return found


async def _part(calls: Calls, peer: Peer, part: Sequence[Address]) -> list[Told]:
    if peer.rpm and not peer.many.doubted:
        try:
            async with calls.within(peer):
                try:
                    return await _together(calls, peer, part)
                except Ignored:
                    peer.many.doubted = True
                except Refusal as refusal:
                    peer.rpm = peer.rpm and not apdu.lacks_service(refusal)
                except Unreadable:
                    pass  # one of them hides where the next begins: in halves
        except Silent as error:
            if len(part) == 1:
                return [_failed(address, error) for address in part]
            peer.names_at_most = max(1, len(part) // 2)
        if len(part) > 1 and peer.rpm and not peer.many.doubted:
            half = len(part) // 2
            return [*await _part(calls, peer, part[:half]), *await _part(calls, peer, part[half:])]
    return [await _single(calls, peer, address) for address in part]


async def _together(calls: Calls, peer: Peer, part: Sequence[Address]) -> list[Told]:
    items = [(apdu.wire(address), _wanted(address)) for address in part]
    answer = octets.read_many_answer(await calls.ask_many(peer, apdu.read_each(items)))
    return [_made(address, answer.get(item, {})) for address, (item, _) in zip(part, items, strict=True)]


async def _single(calls: Calls, peer: Peer, address: Address) -> Told:
    found: dict[int, Found] = {}
    try:
        for number in _wanted(address):
            if number == STATE_TEXT:
                found[number] = await _states(calls, peer, address)
                continue
            async with calls.within(peer):
                try:
                    found[number] = await calls.property(peer, apdu.wire(address), number)
                except Refusal as refusal:
                    if not apdu.lacks_property(refusal):
                        raise
                except Unreadable:
                    continue  # that one property is nothing that anybody can read
    except DriverError as error:
        return _failed(address, error)
    return _made(address, found)


async def _states(calls: Calls, peer: Peer, address: Address) -> list[Tag]:
    """A State_Text, element by element where it fits no answer, over which many devices abort or say nothing. Empty where there is
    none. Raises DriverError."""
    item = apdu.wire(address)
    try:
        async with calls.within(peer):
            return await calls.property(peer, item, STATE_TEXT)
    except Misconfigured:
        return []
    except DriverError:
        async with calls.within(peer):
            count = octets.single(await calls.property(peer, item, NUMBER_OF_STATES))
    found: list[Tag] = []
    for index in range(1, min(count, MOST_STATES) + 1 if isinstance(count, int) else 1):
        try:
            async with calls.within(peer):
                found += await calls.property(peer, item, STATE_TEXT, index)
        except Silent:
            raise
        except DriverError:
            return []  # that one cannot be had: a list with a gap says nothing of what comes after it
    return found


def _made(address: Address, found: dict[int, Found]) -> Told:
    unit = _value(found.get(UNITS))
    states = found.get(STATE_TEXT)
    texts = () if states is None or isinstance(states, Refused) else tuple(_text([tag]) for tag in states)
    return Told(
        address,
        _text(found.get(OBJECT_NAME)),
        _text(found.get(DESCRIPTION)),
        unit if isinstance(unit, int) else None,
        texts,
        None,
    )


def _value(found: Found | None) -> object:
    if found is None or isinstance(found, Refused):
        return None
    try:
        return octets.single(found)
    except Unreadable:
        return None


def _text(found: Found | None) -> str:
    value = _value(found)
    return octets.name(value).strip() if isinstance(value, str) else ""


def _failed(address: Address, error: DriverError) -> Told:
    return Told(address, "", "", None, (), error)
