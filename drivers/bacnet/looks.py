"""What a Device object says of itself, put together alike for both stacks (ASHRAE 135 §12.11)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from config.points import Raw
from drivers.bacnet import octets
from drivers.bacnet.batches import both_take
from drivers.bacnet.peer import NO_LIMIT, UNKNOWN_MAX_APDU, Peer
from drivers.bacnet.writing import WPM_BIT
from drivers.protocol import Identity

_NO_SEGMENTATION: Final = 3
_COV_BIT: Final = 5
_RPM_BIT: Final = 14
"""BACnetSegmentation, and bits of BACnetServicesSupported (§21)."""


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
        peer.names_at_most = NO_LIMIT
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
