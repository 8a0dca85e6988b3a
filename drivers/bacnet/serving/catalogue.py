"""A served device: its Device object and its other objects, and what is read of each (ASHRAE 135-2012 §12.11, §15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from drivers.bacnet.batches import OUR_MAX_APDU
from drivers.bacnet.octets import Wire
from drivers.bacnet.serving import values
from drivers.bacnet.serving.items import (
    BAD_INDEX,
    NOT_AN_ARRAY,
    REQUIRED,
    UNKNOWN_OBJECT,
    UNKNOWN_PROPERTY,
    Encoded,
    Fault,
    Item,
    Kind,
    P,
)
from drivers.bacnet.serving.requests import Reference

ANY_DEVICE: Final = 4_194_303
"""The instance by which whoever is asked is meant (§15.5.2)."""
NO_SEGMENTATION: Final = 3
REVISION: Final = 14
"""Protocol_Revision: that of ASHRAE 135-2012, the last whose devices need no Network Port object."""
SERVICES: Final = 41
TYPES: Final = 55
"""How many services and object types that revision knows (§21)."""
EXECUTED: Final = frozenset({5, 12, 14, 15, 33, 34})
"""SubscribeCOV, ReadProperty, ReadPropertyMultiple, WriteProperty, Who-Has, Who-Is (BACnetServicesSupported)."""
OPERATIONAL: Final = 0
NON_OPERATIONAL: Final = 4
"""BACnetDeviceStatus."""


class About(NamedTuple):
    """What a device says of itself, and never changes."""

    instance: int
    name: str
    description: str
    vendor: int
    vendor_name: str
    model: str
    version: str


class Catalogue:
    """The objects of one device. `subscriptions` says who is told of changes, as Active_COV_Subscriptions has it; `besides` are
    services that are executed at the same address by somebody else."""

    def __init__(
        self, about: About, items: Iterable[Item], local: Callable[[], datetime],
        subscriptions: Callable[[], bytes] = lambda: b"", besides: Iterable[int] = (),
    ) -> None:  # fmt: skip
        self.about = about
        self.items: Mapping[Wire, Item] = {item.wire: item for item in items}
        self.subscriptions = subscriptions
        self.besides = frozenset(besides)
        self.operational = True
        self._local = local
        self.device: Wire = (int(Kind.DEVICE), about.instance)

    def found(self, item: Wire) -> Wire:
        """The object that is meant. Raises Fault where there is none."""
        if item == (Kind.DEVICE, ANY_DEVICE):
            return self.device
        if item != self.device and item not in self.items:
            raise Fault(*UNKNOWN_OBJECT)
        return item

    def named(self, sought: Wire | str) -> tuple[Wire, str] | None:
        """An object by its identifier or its name, with both."""
        names = {self.device: self.about.name} | {wire: item.name for wire, item in self.items.items()}
        if isinstance(sought, str):
            return next(((wire, name) for wire, name in names.items() if name == sought), None)
        return (sought, names[sought]) if sought in names else None

    def properties(self, item: Wire) -> dict[int, Encoded]:
        """Every property of an object but Property_List."""
        return self._device() if item == self.device else self.items[item].properties()

    def special(self, item: Wire, number: int) -> list[int] | None:
        """The properties that ALL, REQUIRED or OPTIONAL stands for; None for any other."""
        if number not in (P.ALL, P.REQUIRED, P.OPTIONAL):
            return None
        required = REQUIRED[Kind(item[0])]
        return [
            each
            for each in self.properties(item)
            if number == P.ALL or (each in required) == (number == P.REQUIRED)
        ]

    def value(self, at: Reference) -> bytes:
        """A property, or an element of it; element 0 is how many there are. Raises Fault."""
        found = self.properties(self.found(at.item))
        if at.number == P.PROPERTY_LIST:
            listed = (n for n in found if n not in (P.OBJECT_NAME, P.OBJECT_TYPE, P.OBJECT_IDENTIFIER))
            return _element(tuple(values.enumerated(n) for n in listed), at.element)
        if at.number not in found:
            raise Fault(*UNKNOWN_PROPERTY)
        return _element(found[at.number], at.element)

    def i_am(self) -> bytes:
        """An I-Am (§16.10.2)."""
        return (
            b"\x10\x00"
            + values.object_id(self.device)
            + values.unsigned(OUR_MAX_APDU)
            + values.enumerated(NO_SEGMENTATION)
            + values.unsigned(self.about.vendor)
        )

    def _device(self) -> dict[int, Encoded]:
        about, now = self.about, self._local()
        offset, summer = now.utcoffset(), now.dst()
        kinds = {wire[0] for wire in (self.device, *self.items)}
        listed = (self.device, *self.items)
        return {
            P.OBJECT_IDENTIFIER: values.object_id(self.device),
            P.OBJECT_NAME: values.text(about.name),
            P.OBJECT_TYPE: values.enumerated(Kind.DEVICE),
            P.DESCRIPTION: values.text(about.description),
            P.SYSTEM_STATUS: values.enumerated(OPERATIONAL if self.operational else NON_OPERATIONAL),
            P.VENDOR_NAME: values.text(about.vendor_name),
            P.VENDOR_IDENTIFIER: values.unsigned(about.vendor),
            P.MODEL_NAME: values.text(about.model),
            P.FIRMWARE_REVISION: values.text(about.version),
            P.APPLICATION_SOFTWARE_VERSION: values.text(about.version),
            P.PROTOCOL_VERSION: values.unsigned(1),
            P.PROTOCOL_REVISION: values.unsigned(REVISION),
            P.SERVICES_SUPPORTED: values.bits(SERVICES, EXECUTED | self.besides),
            P.OBJECT_TYPES_SUPPORTED: values.bits(TYPES, kinds),
            P.OBJECT_LIST: tuple(values.object_id(wire) for wire in listed),
            P.MAX_APDU: values.unsigned(OUR_MAX_APDU),
            P.SEGMENTATION_SUPPORTED: values.enumerated(NO_SEGMENTATION),
            P.LOCAL_DATE: values.date(now),
            P.LOCAL_TIME: values.time(now),
            P.UTC_OFFSET: values.signed(_west(offset, summer)),
            P.DAYLIGHT_SAVINGS_STATUS: values.boolean(bool(summer)),
            P.APDU_TIMEOUT: values.unsigned(APDU_TIMEOUT),
            P.APDU_RETRIES: values.unsigned(APDU_RETRIES),
            P.DEVICE_ADDRESS_BINDING: b"",
            P.DATABASE_REVISION: values.unsigned(1),
            P.ACTIVE_COV_SUBSCRIPTIONS: self.subscriptions(),
        }


APDU_TIMEOUT: Final = 3000
"""ms that an acknowledgement of a notification is waited for before it is sent again (§12.11.27)."""
APDU_RETRIES: Final = 2


def _west(offset: timedelta | None, summer: timedelta | None) -> int:
    """Minutes of standard time from UTC, positive where it is west of it (§12.11.25)."""
    standard = (offset or timedelta()) - (summer or timedelta())
    return -round(standard.total_seconds() / 60)


def _element(value: Encoded, index: int | None) -> bytes:
    if isinstance(value, bytes):
        if index is not None:
            raise Fault(*NOT_AN_ARRAY)
        return value
    if index is None:
        return b"".join(value)
    if index == 0:
        return values.unsigned(len(value))
    if index > len(value):
        raise Fault(*BAD_INDEX)
    return value[index - 1]
