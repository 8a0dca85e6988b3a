"""The same controller served three ways, so that no driver passes by one server's habits.

Each has analog-input 1 (21.5), analog-value 1 to 40, binary-value 1 and multi-state-value 1 of three states,
the values commandable with a Relinquish_Default of 24.0, 0 and 1.
"""

from __future__ import annotations

import asyncio
import atexit
import subprocess
import sys
from pathlib import Path
from typing import ClassVar, Protocol

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from tests.contract import wire
from tests.contract.scripted import ScriptedDevice, Thing, Where
from tests.networks import subnet

ANALOGS = 40
INSTANCE = 4711
BACPYPES_PORT = 11_850
"""Below the range from which the machine gives other programs theirs: bacpypes3 would share it without a word."""

DRIVER, CONTROLLER, RELAY, BEHIND, BACPYPES, MOVED, NEIGHBOUR = (f"{subnet(10)}.{10 + n}" for n in range(7))
"""Where who sits: the supervisor, the controller, the relay's two sides, and what single tests need."""


class Server(Protocol):
    """One controller at `where`."""

    where: Where

    async def start(self) -> None:
        """Serve, everything at its default."""

    async def stop(self) -> None:
        """Serve no longer."""

    async def change(self, value: float) -> None:
        """The room's temperature (analog-input 1) becomes `value`."""

    async def restart(self) -> None:
        """The controller loses power for a moment: values, slots and subscriptions are gone."""

    async def forget(self) -> None:
        """The controller loses its subscriptions, and says nothing."""


def furnish(server: BACnetServer, room: float) -> None:
    """The objects that every controller of the suite has: a room's temperature, setpoints, a switch and a mode."""
    server.add_analog_input(1, "room", present_value=room)
    for number in range(1, ANALOGS + 1):
        server.add_analog_value(number, f"setpoint {number}")
    server.add_binary_value(1, "run")
    server.add_multistate_value(1, "mode", 3)


class Rusty:
    """rusty-bacnet's server, on threads of its own."""

    def __init__(self, port: int) -> None:
        self.where = (CONTROLLER, port)
        self._server: BACnetServer | None = None

    async def start(self) -> None:
        """Serve, everything at its default."""
        host, port = self.where
        server = BACnetServer(
            INSTANCE,
            "rusty",
            interface=host,
            port=port,
            broadcast_address="127.255.255.255",
            share_port_by_address=True,
            max_confirmed_in_flight_per_peer=32,
        )
        furnish(server, 21.5)
        await server.start()
        self._server = server
        for number in range(1, ANALOGS + 1):
            await server.write_property_local(
                ObjectIdentifier(ObjectType.ANALOG_VALUE, number),
                PropertyIdentifier.RELINQUISH_DEFAULT,
                PropertyValue.real(24.0),
                source_object=None,
            )

    async def stop(self) -> None:
        """Serve no longer."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()

    async def change(self, value: float) -> None:
        """The room becomes `value`."""
        assert self._server is not None
        await self._server.set_present_value_local(
            ObjectIdentifier(ObjectType.ANALOG_INPUT, 1), PropertyValue.real(value)
        )

    async def restart(self) -> None:
        """Lose power for a moment."""
        await self.stop()
        await self.start()

    async def forget(self) -> None:
        """Lose the subscriptions."""
        await self.restart()


class Bacpypes:
    """bacpypes3's local objects, in a process that serves one test after another."""

    _process: ClassVar[subprocess.Popen[str] | None] = None

    def __init__(self, port: int) -> None:
        self.where = (BACPYPES, BACPYPES_PORT)

    async def start(self) -> None:
        """Serve, everything at its default."""
        if Bacpypes._process is None:
            script = Path(__file__).with_name("bacpypes_device.py")
            host, port = self.where
            Bacpypes._process = subprocess.Popen(
                [sys.executable, str(script), *(str(INSTANCE), host, str(port), str(ANALOGS))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            atexit.register(Bacpypes._process.kill)
        else:
            self._say("reset")
        stdout = Bacpypes._process.stdout
        assert stdout is not None
        assert await asyncio.to_thread(stdout.readline) == "ready\n"

    async def stop(self) -> None:
        """The process stays for the next test."""

    async def restart(self) -> None:
        """Lose power for a moment."""
        if Bacpypes._process is not None:
            process, Bacpypes._process = Bacpypes._process, None
            process.kill()
            process.communicate()
        await self.start()

    async def change(self, value: float) -> None:
        """The room becomes `value`."""
        self._say(str(value))

    async def forget(self) -> None:
        """Lose the subscriptions."""
        self._say("forget")

    def _say(self, line: str) -> None:
        assert Bacpypes._process is not None
        assert Bacpypes._process.stdin is not None
        Bacpypes._process.stdin.write(f"{line}\n")
        Bacpypes._process.stdin.flush()


class Scripted:
    """Our own few lines of BACnet."""

    def __init__(self, port: int) -> None:
        self.where = (CONTROLLER, port)
        self.device = ScriptedDevice(INSTANCE, self.where, things())

    async def start(self) -> None:
        """Serve, everything at its default."""
        self.device.things = things()
        await self.device.start()

    async def stop(self) -> None:
        """Serve no longer."""
        await self.device.stop()

    async def change(self, value: float) -> None:
        """The room becomes `value`."""
        self.device.change((0, 1), wire.real(value))

    async def restart(self) -> None:
        """Lose power for a moment."""
        await self.stop()
        await self.start()

    async def forget(self) -> None:
        """Lose the subscriptions."""
        self.device.subscribers.clear()


def things() -> dict[tuple[int, int], Thing]:
    """The objects of the scripted controller."""
    found = {
        (0, 1): Thing(wire.real(21.5)),
        (5, 1): Thing(b"", wire.enumerated(0)),
        (19, 1): Thing(b"", wire.unsigned(1)),
    }
    for number in range(1, ANALOGS + 1):
        found[2, number] = Thing(b"", wire.real(24.0))
    return found


SERVERS: dict[str, type[Rusty] | type[Bacpypes] | type[Scripted]] = {
    "rusty": Rusty,
    "bacpypes": Bacpypes,
    "scripted": Scripted,
}
