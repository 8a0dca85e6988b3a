"""Counts the priority-array slots that a supervisor holds, by reading every array of every device.

    python tests/tools/slots.py site.yaml [--slot 10] [--list] [--stack rusty|bacpypes3]

Prints `owned=N`. A stand-alone witness: it reads `devices:` (and `priority:`) from the site file by itself
and imports nothing of the programme that it checks. Where a device cannot be read to its end the count is
not known: it prints `owned=?`, says why on stderr and exits 1.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import socket
import sys
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

COMMANDABLE = {
    1: "analog-output",
    2: "analog-value",
    4: "binary-output",
    5: "binary-value",
    14: "multi-state-output",
    19: "multi-state-value",
    54: "lighting-output",
    55: "binary-lighting-output",
}
"""BACnetObjectType (ASHRAE 135-2020 clause 21) of what may have a priority array."""

BATCH = 13
"""Arrays a ReadPropertyMultiple asks for: 13 x 107 octets, all slots full of Reals, stay under 1476."""

Id = tuple[int, int]
"""Object type and instance."""

Arrays = dict[Id, list[Any]]
"""Sixteen entries an object, None for NULL; objects without a priority array are left out."""


class Device(NamedTuple):
    """A device of the site file."""

    name: str
    instance: int
    address: str
    """`host:port`."""


class Owned(NamedTuple):
    """One slot that somebody holds."""

    device: str
    object_type: str
    instance: int
    slot: int
    value: Any


class Unread(Exception):
    """A device did not give what was asked."""


class TooLong(Exception):
    """The answer does not fit one APDU, or the device does not know ReadPropertyMultiple: ask for less."""


class Client(Protocol):
    """What either BACnet stack has to do."""

    async def objects(self, device: Device) -> list[Id]:
        """The Object_List. Raises Unread."""

    async def arrays(self, device: Device, ids: Sequence[Id]) -> Arrays:
        """Priority arrays of several objects in one request. Raises TooLong, Unread."""

    async def array(self, device: Device, of: Id) -> list[Any] | None:
        """One object's priority array, or None where it has none. Raises Unread."""


class RustyClient:
    """rusty-bacnet's client."""

    def __init__(self, bind: str, timeout: float) -> None:
        from rusty_bacnet import BACnetClient

        self._client = BACnetClient(bind, 0, bind, int(timeout * 1000))

    async def __aenter__(self) -> RustyClient:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.__aexit__(None, None, None)

    async def objects(self, device: Device) -> list[Id]:
        """The Object_List. Raises Unread."""
        from rusty_bacnet import BacnetError, ObjectIdentifier, ObjectType, PropertyIdentifier

        try:
            found = await self._client.read_property(
                device.address,
                ObjectIdentifier(ObjectType.DEVICE, device.instance),
                PropertyIdentifier.OBJECT_LIST,
            )
        except BacnetError as error:
            raise Unread(f"object list: {error}") from error
        return [(each.object_type.to_raw(), each.instance) for each in found.value]

    async def arrays(self, device: Device, ids: Sequence[Id]) -> Arrays:
        """Priority arrays of several objects in one request. Raises TooLong, Unread."""
        from rusty_bacnet import BacnetAbortError, BacnetError, BacnetRejectError, PropertyIdentifier

        asked: Any = [(self._id(each), [(PropertyIdentifier.PRIORITY_ARRAY, None)]) for each in ids]
        try:
            answer = await self._client.read_property_multiple(device.address, asked)
        except BacnetRejectError as error:
            raise TooLong(str(error)) from error
        except BacnetAbortError as error:
            if error.reason == 10:  # what this client makes of silence
                raise Unread("no answer") from error
            raise TooLong(str(error)) from error
        except BacnetError as error:
            raise Unread(str(error)) from error
        found: Arrays = {}
        for which, entry in zip(ids, answer, strict=True):
            result: Any = entry["results"][0]
            if result["error"] is None:
                found[which] = result["value"].value
            elif result["error"][1].to_raw() != 32:
                raise Unread(f"{COMMANDABLE[which[0]]} {which[1]}: {result['error'][1]}")
        return found

    async def array(self, device: Device, of: Id) -> list[Any] | None:
        """One object's priority array, or None where it has none. Raises Unread."""
        from rusty_bacnet import BacnetError, BacnetProtocolError, PropertyIdentifier

        try:
            found = await self._client.read_property(
                device.address, self._id(of), PropertyIdentifier.PRIORITY_ARRAY
            )
        except BacnetProtocolError as error:
            if error.error_code == 32:  # unknown-property
                return None
            raise Unread(str(error)) from error
        except BacnetError as error:
            raise Unread(str(error)) from error
        return list(found.value)

    @staticmethod
    def _id(of: Id) -> Any:
        from rusty_bacnet import ObjectIdentifier, ObjectType

        return ObjectIdentifier(ObjectType.from_raw(of[0]), of[1])


class Bacpypes3Client:
    """bacpypes3's application; its port must differ from the devices' where both are on loopback."""

    def __init__(self, bind: str, timeout: float) -> None:
        self._bind = bind
        self._timeout = timeout
        self._application: Any = None

    async def __aenter__(self) -> Bacpypes3Client:
        from bacpypes3.ipv4.app import NormalApplication
        from bacpypes3.local.device import DeviceObject
        from bacpypes3.pdu import IPv4Address

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((self._bind, 0))
            port = probe.getsockname()[1]
        witness = DeviceObject(
            objectIdentifier=("device", 4_194_302),
            objectName="slot counter",
            maxApduLengthAccepted=1476,
            segmentationSupported="no-segmentation",
            apduTimeout=int(self._timeout * 1000),
            numberOfApduRetries=1,
        )
        self._application = NormalApplication(witness, IPv4Address(f"{self._bind}:{port}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._application.close()

    async def objects(self, device: Device) -> list[Id]:
        """The Object_List. Raises Unread."""
        found = await self._read(device, (8, device.instance), "object-list")
        if not isinstance(found, list):
            raise Unread(f"object list: {found}")
        return [(int(kind), int(instance)) for kind, instance in found]

    async def arrays(self, device: Device, ids: Sequence[Id]) -> Arrays:
        """Priority arrays of several objects in one request. Raises TooLong, Unread."""
        from bacpypes3.apdu import AbortPDU, ErrorRejectAbortNack, RejectPDU
        from bacpypes3.pdu import Address
        from bacpypes3.primitivedata import ObjectIdentifier

        asked: list[Any] = []
        for each in ids:
            asked += [ObjectIdentifier(each), ["priority-array"]]
        answer = await self._answer(self._application.read_property_multiple(Address(device.address), asked))
        if isinstance(answer, AbortPDU | RejectPDU):
            raise TooLong(str(answer))
        if answer is None or isinstance(answer, ErrorRejectAbortNack):
            raise Unread(str(answer))
        found: Arrays = {}
        for (_, _, _, value), which in zip(answer, ids, strict=True):
            if isinstance(value, list):
                found[which] = _plain(value)
            elif str(value.errorCode) != "unknown-property":
                raise Unread(f"{COMMANDABLE[which[0]]} {which[1]}: {value.errorCode}")
        return found

    async def array(self, device: Device, of: Id) -> list[Any] | None:
        """One object's priority array, or None where it has none. Raises Unread."""
        found = await self._read(device, of, "priority-array")
        if isinstance(found, list):
            return _plain(found)
        if "unknown-property" in str(found):
            return None
        raise Unread(str(found))

    async def _read(self, device: Device, of: Id, name: str) -> Any:
        from bacpypes3.pdu import Address
        from bacpypes3.primitivedata import ObjectIdentifier

        return await self._answer(
            self._application.read_property(Address(device.address), ObjectIdentifier(of), name)
        )

    async def _answer(self, call: Awaitable[Any]) -> Any:
        """What the device answers, a refusal too: some calls return it and some raise it. Raises Unread."""
        from bacpypes3.apdu import ErrorRejectAbortNack

        try:
            return await asyncio.wait_for(call, 3 * self._timeout)
        except TimeoutError as error:
            raise Unread("no answer") from error
        except ErrorRejectAbortNack as refusal:
            if "no-response" in str(refusal):  # its own abort, for silence
                raise Unread("no answer") from refusal
            return refusal


def _plain(array: Sequence[Any]) -> list[Any]:
    """bacpypes3's PriorityValue entries as plain values."""
    return [None if entry._choice == "null" else getattr(entry, entry._choice) for entry in array]


async def _arrays(client: Client, device: Device, ids: Sequence[Id]) -> Arrays:
    """Arrays of `ids` in one request, in halves where that is too long, singly at last."""
    try:
        return await client.arrays(device, ids)
    except TooLong:
        if len(ids) == 1:
            single = await client.array(device, ids[0])
            return {} if single is None else {ids[0]: single}
    half = len(ids) // 2
    return await _arrays(client, device, ids[:half]) | await _arrays(client, device, ids[half:])


async def owned_by(client: Client, device: Device, slot: int) -> list[Owned]:
    """Every object of a device whose `slot` is not NULL. Raises Unread."""
    ids = [each for each in await client.objects(device) if each[0] in COMMANDABLE]
    batches = [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]
    found = await asyncio.gather(*(_arrays(client, device, batch) for batch in batches))
    return [
        Owned(device.name, COMMANDABLE[which[0]], which[1], slot, array[slot - 1])
        for arrays in found
        for which, array in arrays.items()
        if array[slot - 1] is not None
    ]


def site(path: Path) -> tuple[list[Device], int]:
    """Devices and write priority of a site file. Raises ValueError."""
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
        devices = [
            Device(name, int(entry["instance"]), _with_port(entry["address"]))
            for name, entry in document["devices"].items()
        ]
        return devices, int(document.get("priority", 10))
    except (OSError, YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: no usable devices: {type(error).__name__}: {error}") from error


def _with_port(address: str) -> str:
    return address if ":" in address else f"{address}:47808"


def _own_address(devices: Sequence[Device]) -> str:
    """Loopback for a building on loopback, so that nothing else is ever bound; any interface otherwise."""
    hosts = [ipaddress.ip_address(device.address.rpartition(":")[0]) for device in devices]
    return "127.0.0.1" if all(host.is_loopback for host in hosts) else "0.0.0.0"


async def count(
    devices: Sequence[Device], slot: int, stack: str, timeout: float
) -> tuple[list[Owned], list[str]]:
    """All owned slots, and what could not be read."""
    make = RustyClient if stack == "rusty" else Bacpypes3Client
    async with make(_own_address(devices), timeout) as client:
        answers = await asyncio.gather(
            *(owned_by(client, device, slot) for device in devices), return_exceptions=True
        )
    owned: list[Owned] = []
    unread: list[str] = []
    for device, answer in zip(devices, answers, strict=True):
        if isinstance(answer, Unread):
            unread.append(f"{device.name} ({device.address}): {answer}")
        elif isinstance(answer, BaseException):
            raise answer
        else:
            owned += answer
    return owned, unread


def main() -> int:
    """The command."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("site", type=Path)
    arguments.add_argument(
        "--slot", type=int, choices=range(1, 17), metavar="1..16", help="default: the site's"
    )
    arguments.add_argument("--list", action="store_true", help="print each owned slot")
    arguments.add_argument("--stack", choices=("rusty", "bacpypes3"), default="rusty")
    arguments.add_argument("--timeout", type=float, default=1.0, help="seconds for one request")
    chosen = arguments.parse_args()
    try:
        devices, priority = site(chosen.site)
        owned, unread = asyncio.run(count(devices, chosen.slot or priority, chosen.stack, chosen.timeout))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.list:
        for each in owned:
            print(f"{each.device} {each.object_type} {each.instance} slot {each.slot} = {each.value}")
    for problem in unread:
        print(f"unread: {problem}", file=sys.stderr)
    print("owned=?" if unread else f"owned={len(owned)}")
    return 1 if unread else 0


if __name__ == "__main__":
    sys.exit(main())
