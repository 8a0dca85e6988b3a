"""The simulated building on BACnet/IP, each device served by bacpypes3's local objects: the second stack."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from bacpypes3.apdu import ErrorRejectAbortNack
from bacpypes3.basetypes import BinaryLightingPV, PropertyIdentifier
from bacpypes3.errors import PropertyError
from bacpypes3.ipv4.app import NormalApplication
from bacpypes3.local.analog import AnalogInputObject, AnalogOutputObject, AnalogValueObject
from bacpypes3.local.binary import BinaryInputObject, BinaryOutputObject, BinaryValueObject
from bacpypes3.local.cmd import Commandable
from bacpypes3.local.cov import COVIncrementCriteria, GenericCriteria
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.multistate import MultiStateInputObject, MultiStateOutputObject, MultiStateValueObject
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.object import BinaryLightingOutputObject, CalendarObject
from bacpypes3.pdu import IPv4Address
from bacpypes3.primitivedata import Null

from simulator.bacnet.front import LIGHTING, UNITS, DeviceSpec, ObjectSpec, Present, checked
from simulator.bacnet.relay import Endpoint
from simulator.bacnet.served_front import PROGRAMME, Key, ServedFront

_MOST_CONFIRMED: Final = 64
"""Confirmed COV notifications under way to one client. Past 256 bacpypes3 0.0.110 looks for a free invoke id
for ever and holds the event loop; a client that is gone must not stop the building."""

_MAX_APDU: Final = 1476
"""Octets, the most that BACnet/IP carries (ASHRAE 135 §6.2.1 table 6-1, less the headers)."""


class BacpypesFront(ServedFront):
    """Keeps `simulator.bacnet.front.Front` with bacpypes3's local objects. It does not segment."""

    def __init__(self, devices: Sequence[DeviceSpec]) -> None:
        super().__init__(devices, _BacpypesServer)


class _Application(NormalApplication):  # type: ignore[misc]  # bacpypes3 has no types
    """A device that does not drown its clients."""

    def cov_notification(self, cov: Any, apdu: Any) -> None:
        """Send one notification, or lose it while too many to that client are unanswered."""
        if not cov.confirmed or len(self._requests.get(apdu.pduDestination, ())) < _MOST_CONFIRMED:
            super().cov_notification(cov, apdu)

    def cov_confirmation(self, cov: Any, future: asyncio.Future[Any]) -> None:
        """The client refused a notification, or is gone: that is its affair. Its subscription expires."""
        if not future.cancelled() and not isinstance(future.exception(), ErrorRejectAbortNack | None):
            super().cov_confirmation(cov, future)


class _BacpypesServer:
    """Keeps `simulator.bacnet.served_front.DeviceServer`."""

    def __init__(self, spec: DeviceSpec, address: Endpoint) -> None:
        self._spec = spec
        self._address = address
        self._objects: dict[Key, Any] = {}
        self._application: _Application | None = None

    async def start(self) -> None:
        """Serve the objects: slots empty, Relinquish_Default set, no COV subscription."""
        device = DeviceObject(
            objectIdentifier=("device", self._spec.instance),
            objectName=self._spec.name,
            vendorName=self._spec.vendor_name,
            modelName=self._spec.model_name,
            maxApduLengthAccepted=_MAX_APDU,
            segmentationSupported="no-segmentation",
        )
        application = _Application(device, IPv4Address(f"{self._address[0]}:{self._address[1]}"))
        self._objects = {(each.object_type, each.instance): _made(each) for each in self._spec.objects}
        for each in self._objects.values():
            application.add_object(each)
        for instance in self._spec.calendars:
            application.add_object(_calendar(instance))
        await application.normal.server._local_transport_ready.wait()
        self._application = application

    async def stop(self) -> None:
        """Stop serving and free the address."""
        if self._application is None:
            return
        application, self._application = self._application, None
        for detection in list(application._cov_detections.values()):
            for subscription in list(detection.cov_subscriptions):
                application.cancel_subscription(subscription)
        application.close()
        await asyncio.sleep(0)  # the transport closes its socket in the loop's next turn

    async def put(self, key: Key, value: Present) -> None:
        """Replace the Present_Value of an object without a priority array."""
        self._objects[key].presentValue = value

    async def command(self, key: Key, value: Present | None, priority: int) -> None:
        """Fill a slot, or empty it with None."""
        target = self._objects[key]
        encoded = Null(()) if value is None else target.get_property_type("presentValue")(value)
        await target.write_property("presentValue", encoded, priority=priority)

    async def present(self, key: Key) -> Present:
        """The Present_Value as a network read gives it."""
        value: Present = self._objects[key].presentValue
        return value


_WARN: Final = 2
_WARN_OFF: Final = 3
"""BACnetBinaryLightingPV (§21)."""


class _LocalLighting(LocalObject, BinaryLightingOutputObject):  # type: ignore[misc]  # bacpypes3 has no types
    """bacpypes3 has no local one."""


class _Lawful:
    """Refuses the writes that ASHRAE 135 §12 refuses and that bacpypes3's local objects would take."""

    _spec: ObjectSpec
    """With an underscore: bacpypes3 takes any other attribute for a property."""

    def serve(self, spec: ObjectSpec) -> None:
        """Serve this object."""
        self._spec = spec

    async def write_property(
        self, attr: int | str, value: Any, index: int | None = None, priority: int | None = None
    ) -> None:
        """A write from the wire, or from the controller's own side. Raises PropertyError."""
        if PropertyIdentifier(attr) == PropertyIdentifier.presentValue:
            if self._spec.object_type.endswith("-input"):
                raise PropertyError("writeAccessDenied")
            if not isinstance(value, Null):
                try:
                    checked(self._spec, value)
                except ValueError as error:
                    raise PropertyError("valueOutOfRange") from error
        await super().write_property(attr, value, index, priority)  # type: ignore[misc]  # bacpypes3's Object


class _Warning:
    """A Binary Lighting Output's commands (§12.55): it goes off by itself some time after WARN_OFF."""

    _spec: ObjectSpec
    _leaving: asyncio.TimerHandle | None = None

    async def write_property(
        self, attr: int | str, value: Any, index: int | None = None, priority: int | None = None
    ) -> None:
        """A write from the wire, or from the controller's own side. Raises PropertyError."""
        put = super().write_property  # type: ignore[misc]  # bacpypes3's Object
        if PropertyIdentifier(attr) == PropertyIdentifier.presentValue:
            if not isinstance(value, Null) and int(value) == _WARN:
                return
            if self._leaving is not None:
                self._leaving.cancel()
            if not isinstance(value, Null) and int(value) == _WARN_OFF:
                value = BinaryLightingPV("off")
                if self._warns(priority or PROGRAMME):
                    loop = asyncio.get_running_loop()
                    self._leaving = loop.call_later(
                        self._spec.egress, lambda: loop.create_task(put(attr, value, index, priority))
                    )
                    return
        await put(attr, value, index, priority)

    def _warns(self, priority: int) -> bool:
        """Only where the slot is the highest in use and holds ON."""
        slots = self.priorityArray  # type: ignore[attr-defined]  # bacpypes3's Commandable
        held = [(i, slot) for i, slot in enumerate(slots, 1) if slot.null is None]
        return bool(self._spec.egress and held and held[0][0] == priority and int(held[0][1].enumerated) == 1)


def _lawful(base: Any, *, analog: bool = False, commandable: bool = False, warning: bool = False) -> Any:
    """The class to serve: with slots where asked, and notifying as clause 13.1 says for its kind.

    bacpypes3 has no commandable multi-state value, its commandable binary value lacks the hooks that COV
    needs, and its multi-state objects look for a COV increment that they do not have.
    """
    bases = (_Lawful, Commandable, base) if commandable else (_Lawful, base)
    bases = (_Warning, *bases) if warning else bases
    return type(base)(
        f"Served{base.__name__}",
        bases,
        {"_cov_criteria": COVIncrementCriteria if analog else GenericCriteria},
    )


_CLASSES: Final[dict[tuple[str, bool], Any]] = {
    ("analog-input", False): _lawful(AnalogInputObject, analog=True),
    ("analog-output", True): _lawful(AnalogOutputObject, analog=True),
    ("analog-value", False): _lawful(AnalogValueObject, analog=True),
    ("analog-value", True): _lawful(AnalogValueObject, analog=True, commandable=True),
    ("binary-input", False): _lawful(BinaryInputObject),
    ("binary-output", True): _lawful(BinaryOutputObject),
    ("binary-value", False): _lawful(BinaryValueObject),
    ("binary-value", True): _lawful(BinaryValueObject, commandable=True),
    (LIGHTING, True): _lawful(_LocalLighting, commandable=True, warning=True),
    ("multi-state-input", False): _lawful(MultiStateInputObject),
    ("multi-state-output", True): _lawful(MultiStateOutputObject),
    ("multi-state-value", False): _lawful(MultiStateValueObject),
    ("multi-state-value", True): _lawful(MultiStateValueObject, commandable=True),
}


def _made(spec: ObjectSpec) -> Any:
    """One local object, its slots empty. ValueError for what bacpypes3 has no local object of."""
    if (spec.object_type, spec.commandable) not in _CLASSES:
        raise ValueError(f"{spec.name}: this stack does not serve a {spec.object_type}")
    first = spec.initial if spec.relinquish_default is None else spec.relinquish_default
    properties: dict[str, Any] = {
        "objectIdentifier": (spec.object_type, spec.instance),
        "objectName": spec.name,
        "description": spec.description,
        "presentValue": checked(spec, first),
        "statusFlags": [0, 0, 0, 0],
        "eventState": "normal",
        "outOfService": False,
    }
    if spec.commandable:
        properties["relinquishDefault"] = properties["presentValue"]
    if spec.kind == "analog":
        properties["units"] = UNITS[spec.units or "no-units"]
        properties["covIncrement"] = spec.cov_increment or 0.0
    if spec.kind == "binary":
        if spec.object_type == LIGHTING:
            properties["blinkWarnEnable"] = spec.egress > 0
            properties["egressTime"] = spec.egress
            properties["egressActive"] = False
            return _served(spec, properties)
        if spec.object_type != "binary-value":
            properties["polarity"] = "normal"
        if spec.states:
            properties["inactiveText"], properties["activeText"] = spec.states
    if spec.kind == "multi-state":
        properties["numberOfStates"] = len(spec.states)
        properties["stateText"] = list(spec.states)
    return _served(spec, properties)


class _LocalCalendar(LocalObject, CalendarObject):  # type: ignore[misc]  # bacpypes3 has no types
    """bacpypes3 has no local one."""


def _calendar(instance: int) -> Any:
    return _LocalCalendar(
        objectIdentifier=("calendar", instance),
        objectName=f"calendar {instance}",
        presentValue=False,
        dateList=[],
    )


def _served(spec: ObjectSpec, properties: dict[str, Any]) -> Any:
    made = _CLASSES[spec.object_type, spec.commandable](**properties)
    made.serve(spec)
    return made
