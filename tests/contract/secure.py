"""A BACnet/SC network on loopback: rusty-bacnet's hub, which can be restarted, and its server behind it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue, ScHub

from drivers.bacnet.rusty.driver import RustyDriver
from drivers.bacnet.rusty.hub import Secure
from drivers.protocol import Target
from tests.certificates import Authority, Issued
from tests.contract.servers import furnish

VMAC: Final = "22:00:00:00:00:09"
INSTANCE: Final = 4711
OURS: Final = 900_001
ROOM: Final = ObjectIdentifier(ObjectType.ANALOG_INPUT, 1)


class Hub:
    """A hub that keeps its port over a restart."""

    def __init__(self, files: Issued, authority: str) -> None:
        self.files, self.authority = files, authority
        self._port, self._uuid = 0, uuid.uuid4().bytes
        self._hub: ScHub | None = None

    @property
    def uri(self) -> str:
        """Where it is; it has been started once."""
        return f"wss://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Serve."""
        self._hub = ScHub(
            f"127.0.0.1:{self._port}", self.files.certificate, self.files.key, bytes.fromhex("020000000001"),
            ca_cert=self.authority, device_uuid=self._uuid,
        )  # fmt: skip
        await self._hub.start()
        self._port = int(str(await self._hub.address()).rsplit(":", 1)[1])

    async def stop(self) -> None:
        """Serve no longer; whoever is connected notices."""
        if self._hub is not None:
            hub, self._hub = self._hub, None
            await hub.stop()


class Device:
    """A controller behind a hub: analog-input 1 (21.5), analog-value 1 to 12, binary-value 1, multi-state-value 1.

    rusty-bacnet's server (0.14) does not go back to a hub that it lost: `again` does it, with subscriptions gone.
    """

    def __init__(self, hub: str, files: Issued, authority: str) -> None:
        self.hub, self._files, self._authority = hub, files, authority
        self._uuid = uuid.uuid4().bytes
        self._room = 21.5
        self._server: BACnetServer | None = None

    async def start(self) -> None:
        """Serve."""
        server = BACnetServer(
            INSTANCE, "secure", transport="sc", sc_hub=self.hub, sc_vmac=bytes.fromhex(VMAC.replace(":", "")),
            sc_device_uuid=self._uuid, sc_ca_cert=self._authority, sc_client_cert=self._files.certificate,
            sc_client_key=self._files.key, max_confirmed_in_flight_per_peer=32,
        )  # fmt: skip
        furnish(server, self._room)
        await server.start()
        self._server = server
        await server.write_property_local(
            ObjectIdentifier(ObjectType.ANALOG_VALUE, 1), PropertyIdentifier.RELINQUISH_DEFAULT,
            PropertyValue.real(24.0), source_object=None,
        )  # fmt: skip

    async def stop(self) -> None:
        """Serve no longer."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()

    async def again(self) -> None:
        """Go to the hub anew."""
        await self.stop()
        await self.start()

    async def change(self, value: float) -> None:
        """The room becomes `value`."""
        assert self._server is not None
        self._room = value
        await self._server.set_present_value_local(ROOM, PropertyValue.real(value))


class Network:
    """An authority, a hub, and a device behind it; `driver` makes the supervisor's end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.ours = self.authority.issue("ours")
        self.hub = Hub(self.authority.issue("hub"), self.authority.file)
        self.device = Device("", self.authority.issue("device"), self.authority.file)

    async def start(self) -> None:
        """Serve."""
        await self.hub.start()
        self.device.hub = self.hub.uri
        await self.device.start()

    async def stop(self) -> None:
        """Serve no longer."""
        await self.device.stop()
        await self.hub.stop()

    def driver(
        self, *, hub: str | None = None, failover: str | None = None, files: Issued | None = None, authority: str | None = None,
        state: Path | None = None, address: str | None = None, timeout: float = 5.0,
    ) -> RustyDriver:  # fmt: skip
        """The supervisor's end, not started."""
        files = files or self.ours
        secure = Secure(
            hub or self.hub.uri,
            failover,
            authority or self.authority.file,
            files.certificate,
            files.key,
            state,
        )
        target = Target("controller", INSTANCE, address, 16, timeout)
        return RustyDriver(None, 0, [target], OURS, secure=secure)
