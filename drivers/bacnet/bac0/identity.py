"""Who a device is: properties of its Device object (ASHRAE 135 §12.11), read at its address."""

from __future__ import annotations

import asyncio
from typing import Final

from config.points import Raw
from drivers.bacnet import apdu, octets
from drivers.bacnet.apdu import Refusal
from drivers.bacnet.bac0.calls import Calls, Peer
from drivers.bacnet.kinds import DEVICE
from drivers.bacnet.looks import Looks, learn
from drivers.bacnet.octets import Refused, Tag, Unreadable, Wire
from drivers.bacnet.peer import Ignored
from drivers.protocol import Elsewhere, Identity, Misconfigured

_OBJECT_IDENTIFIER: Final = 75
_VENDOR_ID: Final = 120
_MODEL: Final = 70
_NAME: Final = 77
_MAX_APDU: Final = 62
_SEGMENTATION: Final = 107
_SERVICES: Final = 97
_ALL: Final = (_OBJECT_IDENTIFIER, _VENDOR_ID, _MODEL, _NAME, _MAX_APDU, _SEGMENTATION, _SERVICES)
"""Property identifiers (§21)."""


async def identify(calls: Calls, peer: Peer) -> Identity:
    """Its identity. Raises Elsewhere when another device answers, Refusal or Unreadable otherwise.

    Asked in one ReadPropertyMultiple, and property by property where the device does not take that.
    """
    item = (DEVICE, peer.target.instance)
    try:
        together = peer.rpm and not peer.many.doubted
        found, error = await (_at_once if together else _one_by_one)(calls, peer, item)
    except (Refusal, Unreadable, Ignored) as why:
        peer.many.doubted |= isinstance(why, Ignored)
        found, error = await _one_by_one(calls, peer, item)
    if not found:
        if isinstance(error, Misconfigured):
            raise await _stranger(calls, peer)
        raise error or Unreadable("nothing of its Device object")
    if _names_another(found.get(_OBJECT_IDENTIFIER), item):
        raise await _stranger(calls, peer)
    return learn(peer, _legible(found))


def _names_another(said: list[Tag] | None, item: Wire) -> bool:
    """Whether the answer is of another Device object: some controllers do not look at the instance asked for."""
    if not said or said[0][:2] != (octets.APPLICATION, 12):
        return False
    return divmod(int.from_bytes(said[0].data, "big"), 1 << 22) != item


_Found = tuple[dict[int, list[Tag]], Exception | None]
"""Encoded values by property, and what came instead of the object identifier."""


async def _at_once(calls: Calls, peer: Peer, item: Wire) -> _Found:
    answer = octets.read_many_answer(await calls.ask_many(peer, apdu.read_many([item], _ALL)))
    results = answer.get(item)
    if results is None:
        raise Unreadable("it is about another object")
    found = {number: value for number, value in results.items() if not isinstance(value, Refused)}
    error = results.get(_OBJECT_IDENTIFIER)
    return found, apdu.in_place(peer.target.device, error) if isinstance(error, Refused) else None


async def _one_by_one(calls: Calls, peer: Peer, item: Wire) -> _Found:
    asked = (calls.property(peer, item, number) for number in _ALL)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    found: dict[int, list[Tag]] = {}
    error: Exception | None = None
    for number, answer in zip(_ALL, answers, strict=True):
        if not isinstance(answer, BaseException):
            found[number] = answer
        elif not isinstance(answer, (Refusal, Unreadable)):
            raise answer
        elif number == _OBJECT_IDENTIFIER:
            error = answer
    if isinstance(error, Refusal):
        error = apdu.refusal(peer.target.device, error)
    return found, error


async def _stranger(calls: Calls, peer: Peer) -> Elsewhere:
    """What to say when the address is another device's: its instance, where it tells."""
    i_am = await calls.who_is(peer, peer.station, None)
    there = "another device" if i_am is None else f"device {i_am.instance}"
    where = f"{there} answers at {peer.station}, not device {peer.target.instance}"
    return Elsewhere(peer.target.device, where)


def _legible(found: dict[int, list[Tag]]) -> Looks:
    """The values that can be read: one odd property is no reason not to know the device."""

    def value(number: int) -> Raw:
        try:
            return octets.single(found[number]) if number in found else None
        except Unreadable:
            return None

    try:
        services = octets.bits(found[_SERVICES]) if _SERVICES in found else b""
    except Unreadable:
        services = b""
    return Looks(
        value(_VENDOR_ID), value(_MODEL), value(_NAME), value(_MAX_APDU), value(_SEGMENTATION), services
    )
