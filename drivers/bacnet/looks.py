"""Who a device is: what its Device object says of itself, asked and put together alike on both stacks (ASHRAE 135 §12.11)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

from config.points import Raw
from drivers.bacnet import octets
from drivers.bacnet.batches import both_take
from drivers.bacnet.kinds import DEVICE
from drivers.bacnet.octets import Unreadable, Wire
from drivers.bacnet.peer import NO_LIMIT, UNKNOWN_MAX_APDU, Calls, Ignored, Peer
from drivers.bacnet.writing import WPM_BIT
from drivers.protocol import DriverError, Elsewhere, Identity, Misconfigured

WHO: Final = 75
_VENDOR: Final = 120
_MODEL: Final = 70
_NAME: Final = 77
_MAX_APDU: Final = 62
_SEGMENTATION: Final = 107
_SERVICES: Final = 97
ALL: Final = (WHO, _VENDOR, _MODEL, _NAME, _MAX_APDU, _SEGMENTATION, _SERVICES)
"""Property identifiers (§21) that say who a device is."""

_NO_SEGMENTATION: Final = 3
_COV_BIT: Final = 5
_RPM_BIT: Final = 14
"""BACnetSegmentation, and bits of BACnetServicesSupported (§21)."""


S = TypeVar("S")
E = TypeVar("E")
"""A value as a stack has it."""


class Device(NamedTuple, Generic[E]):
    """A Device object, as a stack asks it and reads its answers. Both calls raise the stack's refusal, and Unreadable."""

    at_once: Callable[[Sequence[int]], Awaitable[Mapping[int, E | DriverError]]]
    """Several properties in one request; raises Ignored where that gets no answer."""
    single: Callable[[int], Awaitable[E]]
    plain: Callable[[E], Raw]
    """A value. Raises Unreadable."""
    bits: Callable[[E], bytes]
    """A bit string. Raises Unreadable."""
    names: Callable[[E], Wire | None]
    """The object that an identifier names; None where it is no identifier."""

    async def singly(self, calls: Calls[S], name: str) -> dict[int, E | DriverError]:
        """Its properties one by one, all of them asked at the same time."""
        answers = await asyncio.gather(*(self.single(number) for number in ALL), return_exceptions=True)
        found: dict[int, E | DriverError] = {}
        for number, answer in zip(ALL, answers, strict=True):
            if not isinstance(answer, BaseException):
                found[number] = answer
            elif isinstance(answer, (calls.dialect.refusal, Unreadable)):
                found[number] = calls.dialect.problem(name, answer)
            else:
                raise answer
        return found


async def identify(calls: Calls[S], peer: Peer[S], device: Device[E]) -> Identity:
    """Its identity. Raises Elsewhere when another device answers; the stack's refusal, Unreadable or DriverError otherwise.

    Asked in one ReadPropertyMultiple, and property by property where the device does not take that.
    """
    name = peer.target.device
    found: Mapping[int, E | DriverError]
    try:
        together = peer.rpm and not peer.many.doubted
        found = await (device.at_once(ALL) if together else device.singly(calls, name))
    except (calls.dialect.refusal, Unreadable, Ignored) as why:
        peer.many.doubted |= isinstance(why, Ignored)
        found = await device.singly(calls, name)
    values = {number: value for number, value in found.items() if not isinstance(value, DriverError)}
    who = found.get(WHO)
    if not values:
        if isinstance(who, Misconfigured):
            raise await _stranger(calls, peer)
        raise who if isinstance(who, DriverError) else Unreadable("nothing of its Device object")
    named = device.names(who) if who is not None and not isinstance(who, DriverError) else None
    if named is not None and named != (DEVICE, peer.target.instance):
        # some controllers do not look at the instance asked for
        raise await _stranger(calls, peer)
    before = peer.looks
    identity = learn(peer, _legible(device, values))
    if peer.looks != before:
        calls.met(peer, before is not None)
    return identity


async def _stranger(calls: Calls[S], peer: Peer[S]) -> Elsewhere:
    """What to say when the address is another device's: its instance, where it tells."""
    i_am = await calls.who_is(peer, peer.station, None)
    there = "another device" if i_am is None else f"device {i_am.instance}"
    where = f"{there} answers at {peer.station}, not device {peer.target.instance}"
    return Elsewhere(peer.target.device, where)


def _legible(device: Device[E], found: Mapping[int, E]) -> Looks:
    """The values that can be read: one odd property is no reason not to know the device."""

    def value(number: int) -> Raw:
        try:
            return device.plain(found[number]) if number in found else None
        except Unreadable:
            return None

    try:
        services = device.bits(found[_SERVICES]) if _SERVICES in found else b""
    except Unreadable:
        services = b""
    return Looks(
        value(_VENDOR), value(_MODEL), value(_NAME), value(_MAX_APDU), value(_SEGMENTATION), services
    )


class Looks(NamedTuple):
    """Values of a Device object's properties; None for what it does not tell, or not legibly."""

    vendor: Raw
    model: Raw
    name: Raw
    max_apdu: Raw
    segmentation: Raw
    services: bytes
    """Protocol_Services_Supported as octets; none where it is not told."""


def learn(peer: Peer[Any], told: Looks) -> Identity:
    """Its identity; `peer` keeps what later calls need."""
    vendor, max_apdu = _whole(told.vendor), _whole(told.max_apdu)
    peer.max_apdu = both_take(max_apdu, UNKNOWN_MAX_APDU)
    looks = (vendor, told.model, max_apdu, told.services)
    if peer.looks != looks:
        if peer.looks is not None:
            peer.many.forget()
        # what its refusals taught us holds until it is another one: it is asked who it is before every write
        peer.looks, peer.at_most, peer.slots_singly = looks, NO_LIMIT, False
        peer.names_at_most, peer.texts_by_index = NO_LIMIT, False
        peer.rpm = _bit(told.services, _RPM_BIT) if told.services else True
        peer.wpm = _bit(told.services, WPM_BIT) if told.services else True
    return Identity(
        device=peer.target.device,
        instance=peer.target.instance,
        vendor_id=vendor,
        model=octets.name(told.model),
        name=octets.name(told.name),
        max_apdu=peer.max_apdu,
        segmentation=told.segmentation not in (None, _NO_SEGMENTATION),
        rpm=peer.rpm,
        cov=_bit(told.services, _COV_BIT),
        address=str(peer.station),
    )


def _whole(said: Raw) -> int:
    return said if isinstance(said, int) else 0


def _bit(flags: bytes, index: int) -> bool:
    return index // 8 < len(flags) and bool(flags[index // 8] & (0x80 >> index % 8))
