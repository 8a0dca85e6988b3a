"""What a served device answers: octets in, octets out, no loop and no wire (ASHRAE 135 §5.4.5, §13, §15, §16)."""

from __future__ import annotations

from typing import Final

from drivers.bacnet import octets
from drivers.bacnet.octets import Wire
from drivers.bacnet.serving import requests, values
from drivers.bacnet.serving.catalogue import Catalogue
from drivers.bacnet.serving.items import (
    BAD_INDEX,
    INVALID_DATATYPE,
    NO_COV,
    NOT_AN_ARRAY,
    OUT_OF_RANGE,
    WRITE_DENIED,
    Fault,
    P,
    Peer,
)
from drivers.bacnet.serving.requests import Asked, Reference, Reject
from drivers.bacnet.serving.subscriptions import Subscriptions

SUBSCRIBE_COV, READ, READ_MANY, WRITE = 5, 12, 14, 15
I_HAVE, WHO_HAS, WHO_IS = 1, 7, 8
_SIMPLE_ACK, _COMPLEX_ACK, _ERROR, _REJECT, _ABORT = 0x20, 0x30, 0x50, 0x60, 0x71
"""First octets of answers; an Abort's with the bit that says that a server sent it (§20.1)."""
_NO_SEGMENTS: Final = 4
"""BACnetAbortReason segmentation-not-supported."""
_HEADER: Final = 3
"""Octets of a ComplexACK before its data (§20.1.5)."""


class Answers:
    """Answers for one catalogue, and keeps who subscribed to what."""

    def __init__(self, catalogue: Catalogue, subscriptions: Subscriptions) -> None:
        self._catalogue, self._subscriptions = catalogue, subscriptions

    def answer(self, peer: Peer, apdu: bytes) -> bytes | None:
        """What is said to `peer` in return; None: nothing."""
        if not apdu:
            return None
        if apdu[0] >> 4 == requests.UNCONFIRMED:
            return self._unconfirmed(apdu[1], apdu[2:]) if len(apdu) > 1 else None
        if apdu[0] >> 4 != requests.CONFIRMED or (asked := requests.confirmed(apdu)) is None:
            return None
        if asked.segmented:
            return bytes((_ABORT, asked.invoke, _NO_SEGMENTS))
        try:
            data = self._result(peer, asked)
        except Fault as fault:
            return _error(asked, fault)
        except Reject as reject:
            return bytes((_REJECT, asked.invoke, reject.reason))
        if data is None:
            return bytes((_SIMPLE_ACK, asked.invoke, asked.service))
        if len(data) + _HEADER > asked.max_apdu:
            return bytes((_ABORT, asked.invoke, _NO_SEGMENTS))
        return bytes((_COMPLEX_ACK, asked.invoke, asked.service)) + data

    def _result(self, peer: Peer, asked: Asked) -> bytes | None:
        """An acknowledgement's data, None for one without. Raises Fault, Reject."""
        data = asked.data
        if asked.service == READ:
            return self._read(requests.read(data))
        if asked.service == READ_MANY:
            said = b""
            for item, references in requests.read_many(data):
                said += self._many(item, references)
                if len(said) > asked.max_apdu:
                    break  # it will not be sent, however much it asks for
            return said
        if asked.service == WRITE:
            self._write(peer, requests.write(data))
        elif asked.service == SUBSCRIBE_COV:
            self._subscribe(peer, requests.subscribe(data))
        else:
            raise Reject(requests.UNRECOGNIZED)
        return None

    # ------------------------------------------------------------------ reading

    def _read(self, at: Reference) -> bytes:
        item = self._catalogue.found(at.item)
        return (
            octets.object_tag(0, item)
            + _numbered(1, at.number)
            + (_numbered(2, at.element) if at.element is not None else b"")
            + octets.around(3, self._catalogue.value(at))
        )

    def _many(self, item: Wire, references: list[Reference]) -> bytes:
        """One object's results; an error takes the place of what cannot be read, and stops nothing else."""
        try:
            found = self._catalogue.found(item)
        except Fault as fault:
            inner = b"".join(_result(at.number, at.element, fault) for at in references)
            return octets.object_tag(0, item) + octets.around(1, inner)
        inner = b""
        for at in references:
            stands_for = self._catalogue.special(found, at.number)
            if stands_for is None:
                inner += self._one(at)
            else:
                inner += b"".join(self._one(Reference(found, number, None)) for number in stands_for)
        return octets.object_tag(0, found) + octets.around(1, inner)

    def _one(self, at: Reference) -> bytes:
        try:
            return _result(at.number, at.element, self._catalogue.value(at))
        except Fault as fault:
            return _result(at.number, at.element, fault)

    # ------------------------------------------------------------------ writing and subscribing

    def _write(self, peer: Peer, written: requests.Written) -> None:
        """Only the Present_Value of a commandable object is taken, by whoever answers for it. Raises Fault."""
        found = self._catalogue.found(written.at.item)
        at = written.at._replace(item=found)
        self._catalogue.value(at._replace(element=None))
        value = self._catalogue.properties(found).get(at.number)
        if at.element is not None and not isinstance(value, tuple) and at.number != P.PROPERTY_LIST:
            raise Fault(*NOT_AN_ARRAY)
        if at.element is not None and isinstance(value, tuple) and at.element > len(value):
            raise Fault(*BAD_INDEX)
        item = self._catalogue.items.get(found)
        if item is None or item.write is None or at.number != P.PRESENT_VALUE:
            raise Fault(*WRITE_DENIED)
        numbers = list(requests.numbers(written.value))
        if len(numbers) != 1 or len(written.value) != 1:
            raise Fault(*INVALID_DATATYPE)
        if numbers[0] not in (None, 0, 1):
            raise Fault(*OUT_OF_RANGE)
        # a commandable object takes a write without priority at the lowest (§19.2.1)
        item.write(peer, numbers[0], written.priority or 16)

    def _subscribe(self, peer: Peer, asked: requests.Subscribed) -> None:
        found = self._catalogue.found(asked.item)
        if found == self._catalogue.device:
            raise Fault(*NO_COV)
        if asked.confirmed is None:
            self._subscriptions.cancel(peer, asked.process, found)
        else:
            self._subscriptions.add(peer, asked.process, found, asked.lifetime, confirmed=asked.confirmed)

    # ------------------------------------------------------------------ who is there

    def _unconfirmed(self, service: int, data: bytes) -> bytes | None:
        if service not in (WHO_IS, WHO_HAS):
            return None
        try:
            limits, rest = requests.limits(data)
            if limits is not None and not limits[0] <= self._catalogue.about.instance <= limits[1]:
                return None
            return self._catalogue.i_am() if service == WHO_IS else self._i_have(requests.sought(rest))
        except Reject:
            return None  # nobody is answered who did not ask for an answer

    def _i_have(self, sought: Wire | str) -> bytes | None:
        found = self._catalogue.named(sought)
        if found is None:
            return None
        device, (item, name) = self._catalogue.device, found
        return bytes((0x10, I_HAVE)) + values.object_id(device) + values.object_id(item) + values.text(name)


def _numbered(context: int, number: int) -> bytes:
    return octets.context_tag(context, octets.unsigned(number))


def _result(number: int, index: int | None, value: bytes | Fault) -> bytes:
    """One property's place in a ReadPropertyMultiple-ACK (§15.7)."""
    head = _numbered(2, number) + (_numbered(3, index) if index is not None else b"")
    if isinstance(value, Fault):
        return head + octets.around(5, values.enumerated(value.error_class) + values.enumerated(value.code))
    return head + octets.around(4, value)


def _error(asked: Asked, fault: Fault) -> bytes:
    said = values.enumerated(fault.error_class) + values.enumerated(fault.code)
    return bytes((_ERROR, asked.invoke, asked.service)) + said
