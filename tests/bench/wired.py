"""A building on a real wire for the benchmarks: its site file, and its controllers in a process of their own.

Every device has zones of ten points each: a fan-coil unit with eight and a lighting circuit with two.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rusty_bacnet import BACnetServer

from config.site import Site
from drivers.bacnet.batches import batches
from drivers.protocol import Address
from supervisor.field.watch import address_of

CLIENT: Final = "127.0.0.99"
CLIENT_PORT: Final = 28209
DEVICE_PORT: Final = 28208
HTTP_PORT: Final = 28226
ECHO: Final = ("127.0.0.98", 28208)
ROOT: Final = Path(__file__).parents[2]
MAX_APDU: Final = 1476
"""Octets of an APDU that fit a BACnet/IP frame (ASHRAE 135 §6.1)."""

OFFSET: Final = 10
"""Instances between one zone's objects and the next one's."""

_TEXT = """
version: 1
building: bench
timezone: Asia/Shanghai
dry_run: false
stagger: 0s
writes_per_minute: 100000
hours:
  office: {{workday: 00:00-23:59, weekend: 00:00-23:59, holiday: 00:00-23:59}}
rules:
  summer-setpoint: {{corrections_a_day: 100000}}
season:
  method: dates
  dates: {{spring: 01-02, summer: 01-03, autumn: 12-30, winter: 12-31}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {{object: binary-output:0, writable: true, poll: {poll}}}
      run_status: {{object: binary-input:0, poll: {poll}}}
      cooling_setpoint: {{object: analog-value:0, writable: true, low: 16, high: 32, poll: {poll}}}
      heating_setpoint: {{object: analog-value:1, writable: true, low: 10, high: 28, poll: {poll}}}
      mode: {{object: multi-state-value:0, writable: true, states: {{1: off, 2: cool, 3: heat}}, poll: {poll}}}
      temperature: {{object: analog-input:0, poll: {poll}}}
      occupancy: {{object: binary-input:1, poll: {poll}}}
      window: {{object: binary-input:2, poll: {poll}}}
  lamps:
    kind: lights
    points:
      start_stop: {{object: binary-output:5, writable: true, poll: {poll}}}
      run_status: {{object: binary-input:5, poll: {poll}}}
bacnet: {{bind: {client}, port: {port}, instance: 3056001, stack: {stack}, cov_lifetime: 300s}}
http: {{bind: 127.0.0.1, port: {http}}}
"""


def host(device: int) -> str:
    """The loopback address of a device, counted from 1."""
    return f"127.0.{(device - 1) // 150}.{100 + (device - 1) % 150}"


def bench_site(devices: int, zones: int, stack: str = "rusty", poll: str = "1s", cov: int = 0) -> Site:
    """A site of `devices` controllers with `zones` zones each; the first `cov` report their changes."""
    from config.load import load_text  # not in the daemon of a benchmark, as in no other

    loaded = load_text(bench_text(devices, zones, stack, poll, cov))
    assert loaded.site is not None, loaded.problems[:3]
    return loaded.site


def bench_text(devices: int, zones: int, stack: str, poll: str, cov: int) -> str:
    """Its site file."""
    lines = [_TEXT.format(poll=poll, client=CLIENT, port=CLIENT_PORT, stack=stack, http=HTTP_PORT), "zones:"]
    lines += [
        f"  z{d}-{z}: {{hours: office, equipment: "
        f"{{fcu: d{d}/{OFFSET * z}, lights: {{template: lamps, at: d{d}/{OFFSET * z}}}}}}}"
        for d in range(1, devices + 1)
        for z in range(1, zones + 1)
    ]
    lines.append("devices:")
    lines += [
        f"  d{d}: {{instance: {1000 + d}, address: '{host(d)}:{DEVICE_PORT}', "
        f"max_in_flight: 4, cov: {str(d <= cov).lower()}}}"
        for d in range(1, devices + 1)
    ]
    return "\n".join(lines) + "\n"


def by_device(site: Site) -> dict[str, list[Address]]:
    """The objects of each device, in the order of the site file."""
    found: dict[str, list[Address]] = {device: [] for device in site.devices}
    for point in site.points.values():
        found[point.device].append(address_of(point))
    return found


def parts(addresses: list[Address], max_apdu: int = MAX_APDU) -> list[list[Address]]:
    """The batches that the peers ask for, each filling one answer of so many octets."""
    return batches(addresses, max_apdu, 1_000)


def add_objects(server: BACnetServer, addresses: list[Address]) -> None:
    """The objects of one device."""
    for _, kind, number in addresses:
        name = f"{kind} {number}"
        match kind:
            case "analog-input":
                server.add_analog_input(number, name, 62, present_value=24.5)
            case "analog-value":
                server.add_analog_value(number, name, 62)
            case "binary-input":
                server.add_binary_input(number, name)
            case "binary-output":
                server.add_binary_output(number, name)
            case _:
                server.add_multistate_value(number, name, 3)


def new_server(instance: int, where: str, port: int = DEVICE_PORT) -> BACnetServer:
    """A controller that takes what a benchmark asks of it."""
    return BACnetServer(
        instance,
        f"bench {instance}",
        interface=where,
        port=port,
        broadcast_address=where,
        share_port_by_address=True,
        max_confirmed_in_flight_per_peer=64,
        cov_policy={"max_subscriptions_global": 8192, "max_subscriptions_per_peer": 2048},
    )


async def _serve(devices: int, zones: int) -> None:
    """Serve until standard input ends."""
    servers = []
    for number, addresses in enumerate(by_device(bench_site(devices, zones)).values(), 1):
        server = new_server(1000 + number, host(number))
        add_objects(server, addresses)
        await server.start()
        servers.append(server)
    threading.Thread(target=_echo, daemon=True).start()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in servers:
        await server.stop()


def _echo() -> None:
    """Answer each datagram with its first two octets and as many more as they say."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(ECHO)
        padding = bytes(65_536)
        while True:
            data, where = sock.recvfrom(65_536)
            sock.sendto(data[:4] + padding[: int.from_bytes(data[:2], "big") - 4], where)


@contextmanager
def controllers(devices: int, zones: int) -> Iterator[int]:
    """The controllers in a process of their own, until the block ends; its process id."""
    command = [sys.executable, "-m", "tests.bench.wired", str(devices), str(zones)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the controllers did not start")
            yield process.pid
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
