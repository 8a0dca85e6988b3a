"""The clients that are compared, each driven in its own plain way. One of them a process."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from config.site import Site
from drivers.bacnet.kinds import KINDS
from drivers.protocol import Address
from supervisor.core.known import Known
from supervisor.daemon.assemble import make_line
from tests.bench.wired import CLIENT, CLIENT_PORT, ECHO, MAX_APDU, parts

PRIORITY: Final = 10
FEW: Final = 4
Heard = Callable[[], None]


class Peer(Protocol):
    """A client of the benchmark. Values are Present_Values, each read with its Status_Flags."""

    max_apdu: int
    """Octets of an answer that it takes."""

    async def open(self) -> None:
        """Take the port."""

    async def close(self) -> None:
        """Free it."""

    async def sweep(self, device: Sequence[Address]) -> int:
        """Read all objects of one device; how many values came."""

    async def batch(self, part: list[Address]) -> int:
        """Read so many objects as one answer holds; how many values came."""

    async def one(self, address: Address) -> None:
        """Read one object's Present_Value."""

    async def write(self, address: Address, value: float) -> None:
        """Write a setpoint at priority 10."""

    async def watch(self, address: Address, heard: Heard) -> bool:
        """Have `heard` called for each change of an object; False where nothing is ever told."""


class _Batched(ABC):
    """A client that knows nothing of devices: a sweep is its batches, all at once."""

    max_apdu = MAX_APDU

    async def sweep(self, device: Sequence[Address]) -> int:
        """All batches of one device."""
        return sum(await asyncio.gather(*(self.batch(part) for part in parts(list(device), self.max_apdu))))

    @abstractmethod
    async def batch(self, part: list[Address]) -> int:
        """One ReadPropertyMultiple."""


class Ours:
    """One of our drivers, with every answer delivered into the state as the daemon does it."""

    max_apdu = MAX_APDU

    def __init__(self, site: Site) -> None:
        self._driver, self._writer = make_line(site)
        self._known = Known(site)
        self._devices = list(site.devices)
        self._listening: asyncio.Task[None] | None = None
        self._heard: dict[Address, Heard] = {}

    async def open(self) -> None:
        """Start, and ask each device who it is, as the reader does."""
        await self._driver.start()
        await asyncio.gather(*(self._driver.identify(device) for device in self._devices))

    async def close(self) -> None:
        """Stop."""
        await self._driver.stop()
        if self._listening is not None:
            await self._listening

    async def sweep(self, device: Sequence[Address]) -> int:
        """Read a device into the state."""
        now = asyncio.get_running_loop().time()
        known = self._known
        answers = await self._driver.read(device)
        for answer in known.confirm(answers, now):
            for point in known.points_at(answer.address):
                if answer.error is not None:
                    raise answer.error
                known.put(point, answer.value, answer.fault, now)
        return len(answers)

    batch = sweep

    async def one(self, address: Address) -> None:
        """Read one object into the state; it comes with its flags."""
        await self.sweep([address])

    async def write(self, address: Address, value: float) -> None:
        """Write at our priority."""
        await self._writer.write(address, value, PRIORITY)

    async def watch(self, address: Address, heard: Heard) -> bool:
        """Subscribe."""
        self._heard[address] = heard
        assert await self._driver.subscribe([address], 300) == [address]
        self._listening = asyncio.create_task(self._listen())
        return True

    async def _listen(self) -> None:
        async for answer in self._driver.changes():
            self._heard[answer.address]()


class Rusty(_Batched):
    """rusty-bacnet alone: each value and its flags looked at, nothing kept."""

    def __init__(self, site: Site) -> None:
        import rusty_bacnet as rb

        self._rb = rb
        self._where = {d.id: str(d.address) for d in site.devices.values()}
        pv, flags = rb.PropertyIdentifier.PRESENT_VALUE, rb.PropertyIdentifier.STATUS_FLAGS
        self._wanted: list[tuple[rb.PropertyIdentifier, int | None]] = [(pv, None), (flags, None)]
        self._client = rb.BACnetClient(
            interface=CLIENT,
            port=CLIENT_PORT,
            broadcast_address="127.255.255.255",
            share_port_by_address=True,
        )
        self._hearing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start."""
        await self._client.__aenter__()

    async def close(self) -> None:
        """Stop."""
        await self._client.stop()
        if self._hearing is not None:
            await self._hearing

    def _item(self, address: Address) -> Any:
        kind = self._rb.ObjectType.from_raw(KINDS[address.object_type].number)
        return self._rb.ObjectIdentifier(kind, address.instance)

    async def batch(self, part: list[Address]) -> int:
        """One ReadPropertyMultiple, and each value taken out."""
        asked = [(self._item(address), self._wanted) for address in part]
        found = await self._client.read_property_multiple(self._where[part[0].device], asked)
        values = []
        for each in found:
            value, flags = each["results"]
            assert isinstance(value["value"], self._rb.PropertyValue)
            assert isinstance(flags["value"], self._rb.PropertyValue)
            values.append((value["value"].value, flags["value"].value))
        return len(values)

    async def one(self, address: Address) -> None:
        """One ReadProperty."""
        name = self._rb.PropertyIdentifier.PRESENT_VALUE
        await self._client.read_property(self._where[address.device], self._item(address), name)

    async def write(self, address: Address, value: float) -> None:
        """One WriteProperty."""
        name, encoded = self._rb.PropertyIdentifier.PRESENT_VALUE, self._rb.PropertyValue.real(value)
        await self._client.write_property(
            self._where[address.device], self._item(address), name, encoded, PRIORITY
        )

    async def watch(self, address: Address, heard: Heard) -> bool:
        """Subscribe."""
        told = await self._client.cov_notifications()
        self._hearing = asyncio.create_task(self._hear(told, heard))
        await self._client.subscribe_cov(self._where[address.device], 1, self._item(address), False, 300)
        return True

    async def _hear(self, told: Any, heard: Heard) -> None:
        async for _ in told:
            heard()


class Bacpypes(_Batched):
    """bacpypes3 alone."""

    def __init__(self, site: Site) -> None:
        from bacpypes3.pdu import Address as Station

        self._where = {d.id: Station(d.address) for d in site.devices.values()}
        self._app: Any = None
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start an application with nothing but a Device object."""
        from bacpypes3.ipv4.app import NormalApplication
        from bacpypes3.local.device import DeviceObject
        from bacpypes3.pdu import IPv4Address

        device = DeviceObject(
            objectIdentifier=("device", 3056002),
            objectName="bench",
            vendorIdentifier=999,
            maxApduLengthAccepted=1476,
            segmentationSupported="segmented-both",
        )
        self._app = NormalApplication(device, IPv4Address(f"{CLIENT}/24:{CLIENT_PORT}"))
        await self._app.normal.server._local_transport_ready.wait()

    async def close(self) -> None:
        """Stop."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self._app.close()

    @staticmethod
    def _item(address: Address) -> Any:
        from bacpypes3.primitivedata import ObjectIdentifier

        return ObjectIdentifier((address.object_type, address.instance))

    async def batch(self, part: list[Address]) -> int:
        """One ReadPropertyMultiple."""
        wanted: list[Any] = []
        for address in part:
            wanted += [self._item(address), ["present-value", "status-flags"]]
        found = await self._app.read_property_multiple(self._where[part[0].device], wanted)
        return len(found) // 2

    async def one(self, address: Address) -> None:
        """One ReadProperty."""
        await self._app.read_property(self._where[address.device], self._item(address), "present-value")

    async def write(self, address: Address, value: float) -> None:
        """One WriteProperty."""
        from bacpypes3.primitivedata import Real

        where = self._where[address.device]
        await self._app.write_property(
            where, self._item(address), "present-value", Real(value), None, PRIORITY
        )

    async def watch(self, address: Address, heard: Heard) -> bool:
        """Subscribe."""
        ready = asyncio.Event()
        self._watching = asyncio.create_task(self._hear(address, heard, ready))
        await ready.wait()
        return True

    async def _hear(self, address: Address, heard: Heard, ready: asyncio.Event) -> None:
        where = self._where[address.device]
        async with self._app.change_of_value(where, self._item(address), None, False, 300) as told:
            ready.set()
            while True:
                name, _ = await told.get_value()
                if str(name) == "present-value":
                    heard()


class Bac0(_Batched):
    """BAC0's own calls, of `readMultiple` as of `read`; logging apart, as it comes."""

    max_apdu = 1024
    """What BAC0's own device file says, without segmentation."""

    def __init__(self, site: Site) -> None:
        self._where = {d.id: str(d.address) for d in site.devices.values()}
        self._lite: Any = None

    async def open(self) -> None:
        """Start."""
        from drivers.bacnet.bac0.quiet import defaults, load

        self._lite = load()(
            ip=f"{CLIENT}/24:{CLIENT_PORT}", deviceId=3056003, ping=False, json_file=defaults()
        )
        await asyncio.sleep(0.5)

    async def close(self) -> None:
        """Stop."""
        await self._lite.disconnect()

    @staticmethod
    def _item(address: Address) -> str:
        return f"{address.object_type} {address.instance}"

    async def batch(self, part: list[Address]) -> int:
        """One `readMultiple`, which gives a flat list."""
        wanted = " ".join(f"{self._item(address)} presentValue statusFlags" for address in part)
        found = await self._lite.readMultiple(f"{self._where[part[0].device]} {wanted}")
        return len(found) // 2

    async def one(self, address: Address) -> None:
        """One `read`."""
        await self._lite.read(f"{self._where[address.device]} {self._item(address)} presentValue")

    async def write(self, address: Address, value: float) -> None:
        """One `write`, as it does it itself in a task."""
        where = self._where[address.device]
        await self._lite._write(f"{where} {self._item(address)} presentValue {value} - {PRIORITY}")

    async def watch(self, address: Address, heard: Heard) -> bool:
        """Subscribe."""

        def changed(property_identifier: Any, property_value: Any) -> None:
            if str(property_identifier) == "present-value":
                heard()

        item = (address.object_type, address.instance)
        self._lite.cov(self._where[address.device], item, lifetime=300, callback=changed)
        await asyncio.sleep(0.5)
        return True


class Bac0Singly(Bac0):
    """BAC0's `read`, object after object, as its points do where a device has no ReadPropertyMultiple."""

    async def batch(self, part: list[Address]) -> int:
        """`read` of value and flags of the first few objects: it takes its time."""
        for address in part[:FEW]:
            where = f"{self._where[address.device]} {self._item(address)}"
            await self._lite.read(f"{where} presentValue")
            await self._lite.read(f"{where} statusFlags")
        return len(part[:FEW])


class Echo(_Batched, asyncio.DatagramProtocol):
    """Datagrams of the same sizes, there and back, through asyncio: the floor under every Python peer."""

    def __init__(self, _site: Site) -> None:
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._next = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        """Take a port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, (CLIENT, CLIENT_PORT), remote_addr=ECHO
        )

    async def close(self) -> None:
        """Free it."""
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """An echo."""
        self._waiting.pop(int.from_bytes(data[2:4], "big")).set_result(None)

    def _there_and_back(self, asked: int, answered: int) -> Awaitable[None]:
        self._next = (self._next + 1) % 65_536
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[self._next] = future
        head = answered.to_bytes(2, "big") + self._next.to_bytes(2, "big")
        assert self._transport is not None
        self._transport.sendto(head + bytes(asked - 4))
        return future

    async def batch(self, part: list[Address]) -> int:
        """A request's octets there, an answer's back (11 and 23 for each object)."""
        await self._there_and_back(10 + 11 * len(part), 9 + 23 * len(part))
        return len(part)

    async def one(self, address: Address) -> None:
        """A ReadProperty's octets."""
        await self._there_and_back(17, 23)

    async def write(self, address: Address, value: float) -> None:
        """A WriteProperty's octets."""
        await self._there_and_back(26, 9)

    async def watch(self, address: Address, heard: Heard) -> bool:
        """Nothing is told by itself."""
        return False


PEERS: Final[dict[str, Callable[[Site], Peer]]] = {
    "udp-echo": Echo,
    "rusty-bacnet": Rusty,
    "ours-rusty": Ours,
    "bacpypes3": Bacpypes,
    "ours-bac0": Ours,
    "bac0-readMultiple": Bac0,
    "bac0-read": Bac0Singly,
}
"""By the name that the table has. `ours-…` is our driver of that stack, into the state."""
