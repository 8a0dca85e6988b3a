"""Who a device is: properties of its Device object (ASHRAE 135 §12.11), read at its address by rusty-bacnet."""

from __future__ import annotations

import asyncio
from typing import Final

from rusty_bacnet import BacnetError, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from drivers import octets, refusals
from drivers.base import DriverError, Elsewhere, Identity, Misconfigured, Raw
from drivers.batches import both_take
from drivers.octets import Unreadable
from drivers.rusty_calls import NO_LIMIT, UNKNOWN_MAX_APDU, Calls, Peer
from drivers.rusty_values import bits, plain, problem
from drivers.writing import WPM_BIT

_WHO: Final = PropertyIdentifier.OBJECT_IDENTIFIER
_VENDOR: Final = PropertyIdentifier.VENDOR_IDENTIFIER
_MODEL: Final = PropertyIdentifier.MODEL_NAME
_NAME: Final = PropertyIdentifier.OBJECT_NAME
_MAX_APDU: Final = PropertyIdentifier.MAX_APDU_LENGTH_ACCEPTED
_SEGMENTATION: Final = PropertyIdentifier.SEGMENTATION_SUPPORTED
_SERVICES: Final = PropertyIdentifier.PROTOCOL_SERVICES_SUPPORTED
_ALL: Final = (_WHO, _VENDOR, _MODEL, _NAME, _MAX_APDU, _SEGMENTATION, _SERVICES)

_NO_SEGMENTATION: Final = 3
_COV_BIT: Final = 5
_RPM_BIT: Final = 14
"""BACnetSegmentation, and bits of BACnetServicesSupported (§21)."""

_Found = tuple[dict[PropertyIdentifier, object], DriverError | None]
"""Values by property, and what came instead of the object identifier."""


async def identify(calls: Calls, peer: Peer) -> Identity:
    """Its identity. Raises Elsewhere when another device answers; what the stack raises, or Unreadable.

    Asked in one ReadPropertyMultiple, and property by property where the device does not take that.
    """
    item = ObjectIdentifier(ObjectType.DEVICE, peer.target.instance)
    try:
        found, error = await (_at_once if peer.rpm else _one_by_one)(calls, peer, item)
    except (BacnetError, Unreadable):
        found, error = await _one_by_one(calls, peer, item)
    if not found:
        if isinstance(error, Misconfigured):
            raise await _stranger(calls, peer)
        raise error or Unreadable("nothing of its Device object")
    said = found.get(_WHO)
    if isinstance(said, PropertyValue) and said.tag == "object_identifier" and said.value != item:
        # some controllers do not look at the instance asked for
        raise await _stranger(calls, peer)
    return _learn(peer, found)


async def _at_once(calls: Calls, peer: Peer, item: ObjectIdentifier) -> _Found:
    wanted: list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]]
    wanted = [(item, [(name, None) for name in _ALL])]
    answer = await calls.ask(peer, lambda client, where: client.read_property_multiple(where, wanted))
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


def _learn(peer: Peer, found: dict[PropertyIdentifier, object]) -> Identity:
    """Put the properties together, and keep what later calls need."""

    def value(name: PropertyIdentifier) -> Raw:
        try:
            return plain(found[name]) if name in found else None
        except Unreadable:
            return None  # one odd property is no reason not to know the device

    def number(name: PropertyIdentifier) -> int:
        said = value(name)
        return said if isinstance(said, int) else 0

    try:
        services = bits(found[_SERVICES]) if _SERVICES in found else b""
    except Unreadable:
        services = b""
    peer.max_apdu = both_take(number(_MAX_APDU), UNKNOWN_MAX_APDU)
    looks = (number(_VENDOR), value(_MODEL), number(_MAX_APDU), services)
    if peer.looks != looks:
        # what its refusals taught us holds until it is another one: it is asked who it is before every write
        peer.looks, peer.at_most, peer.slots_singly = looks, NO_LIMIT, False
        peer.names_at_most = NO_LIMIT
        peer.rpm = _bit(services, _RPM_BIT) if services else True
        peer.wpm = _bit(services, WPM_BIT) if services else True
    return Identity(
        device=peer.target.device,
        instance=peer.target.instance,
        vendor_id=number(_VENDOR),
        model=octets.name(value(_MODEL)),
        name=octets.name(value(_NAME)),
        max_apdu=peer.max_apdu,
        segmentation=_SEGMENTATION in found and number(_SEGMENTATION) != _NO_SEGMENTATION,
        rpm=peer.rpm,
        cov=_bit(services, _COV_BIT),
        address=str(peer.station),
    )


def _bit(flags: bytes, index: int) -> bool:
    return index // 8 < len(flags) and bool(flags[index // 8] & (0x80 >> index % 8))
