"""Who a device is: properties of its Device object (ASHRAE 135 §12.11), read at its address by rusty-bacnet."""

from __future__ import annotations

import asyncio
from typing import Final

from rusty_bacnet import BacnetError, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from config.points import Raw
from drivers.bacnet import refusals
from drivers.bacnet.looks import Looks, learn
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Ignored
from drivers.bacnet.rusty.calls import Calls, Peer
from drivers.bacnet.rusty.values import bits, plain, problem
from drivers.protocol import DriverError, Elsewhere, Identity, Misconfigured

_WHO: Final = PropertyIdentifier.OBJECT_IDENTIFIER
_VENDOR: Final = PropertyIdentifier.VENDOR_IDENTIFIER
_MODEL: Final = PropertyIdentifier.MODEL_NAME
_NAME: Final = PropertyIdentifier.OBJECT_NAME
_MAX_APDU: Final = PropertyIdentifier.MAX_APDU_LENGTH_ACCEPTED
_SEGMENTATION: Final = PropertyIdentifier.SEGMENTATION_SUPPORTED
_SERVICES: Final = PropertyIdentifier.PROTOCOL_SERVICES_SUPPORTED
_ALL: Final = (_WHO, _VENDOR, _MODEL, _NAME, _MAX_APDU, _SEGMENTATION, _SERVICES)

_Found = tuple[dict[PropertyIdentifier, object], DriverError | None]
"""Values by property, and what came instead of the object identifier."""


async def identify(calls: Calls, peer: Peer) -> Identity:
    """Its identity. Raises Elsewhere when another device answers; what the stack raises, or Unreadable.

    Asked in one ReadPropertyMultiple, and property by property where the device does not take that.
    """
    item = ObjectIdentifier(ObjectType.DEVICE, peer.target.instance)
    try:
        together = peer.rpm and not peer.many.doubted
        found, error = await (_at_once if together else _one_by_one)(calls, peer, item)
    except (BacnetError, Unreadable, Ignored) as why:
        peer.many.doubted |= isinstance(why, Ignored)
        found, error = await _one_by_one(calls, peer, item)
    if not found:
        if isinstance(error, Misconfigured):
            raise await _stranger(calls, peer)
        raise error or Unreadable("nothing of its Device object")
    said = found.get(_WHO)
    if isinstance(said, PropertyValue) and said.tag == "object_identifier" and said.value != item:
        # some controllers do not look at the instance asked for
        raise await _stranger(calls, peer)
    return learn(peer, _legible(found))


async def _at_once(calls: Calls, peer: Peer, item: ObjectIdentifier) -> _Found:
    wanted: list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]]
    wanted = [(item, [(name, None) for name in _ALL])]
    answer = await calls.ask_many(peer, lambda client, where: client.read_property_multiple(where, wanted))
    results = next((each["results"] for each in answer if each["object_id"] == item), None)
    if results is None:
        raise Unreadable("it is about another object")
    found: dict[PropertyIdentifier, object] = {}
    error: DriverError | None = None
    for result in results:
        if result["error"] is None:
            found[result["property_id"]] = result["value"]
        elif result["property_id"] == _WHO:
            said = (number.to_raw() for number in result["error"])
            error = refusals.of_error(peer.target.device, *said)
    return found, error


async def _one_by_one(calls: Calls, peer: Peer, item: ObjectIdentifier) -> _Found:
    asked = (calls.property(peer, item, name) for name in _ALL)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    found: dict[PropertyIdentifier, object] = {}
    error: DriverError | None = None
    for name, answer in zip(_ALL, answers, strict=True):
        if not isinstance(answer, BaseException):
            found[name] = answer
        elif not isinstance(answer, (BacnetError, Unreadable)):
            raise answer
        elif name == _WHO:
            error = problem(peer.target.device, answer)
    return found, error


async def _stranger(calls: Calls, peer: Peer) -> Elsewhere:
    """What to say when the address is another device's: its instance, where it tells."""
    i_am = await calls.who_is(peer, peer.station, None)
    there = "another device" if i_am is None else f"device {i_am.instance}"
    where = f"{there} answers at {peer.station}, not device {peer.target.instance}"
    return Elsewhere(peer.target.device, where)


def _legible(found: dict[PropertyIdentifier, object]) -> Looks:
    """The values that can be read: one odd property is no reason not to know the device."""

    def value(name: PropertyIdentifier) -> Raw:
        try:
            return plain(found[name]) if name in found else None
        except Unreadable:
            return None

    try:
        services = bits(found[_SERVICES]) if _SERVICES in found else b""
    except Unreadable:
        services = b""
    return Looks(
        value(_VENDOR), value(_MODEL), value(_NAME), value(_MAX_APDU), value(_SEGMENTATION), services
    )
