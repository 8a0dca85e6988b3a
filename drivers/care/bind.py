"""Which of this machine's addresses to work from: the one that the controllers are reached by."""

from __future__ import annotations

import fcntl
import ipaddress
import re
import socket
import struct
from collections.abc import Iterable
from typing import Final

from drivers.protocol import Misconfigured

_ADDRESS: Final = 0x8915
_NETMASK: Final = 0x891B
"""SIOCGIFADDR and SIOCGIFNETMASK (netdevice(7))."""

_HOST_PORT: Final = re.compile(r"(\d+\.\d+\.\d+\.\d+)(?::(\d+))?")


def choose(bind: str | None, addresses: Iterable[str | None], stack: str) -> str:
    """The address to bind, with `/bits`: `bind` where the site file says one, else the one of this machine
    that the devices at `addresses` (`host:port`) are routed to. Nothing is sent.

    Raises Misconfigured, in the name of `stack`, where that is none or more than one.
    """
    if bind is not None:
        return bind
    found: dict[str, str] = {}
    for address in addresses:
        ours = _towards(address)
        if ours is not None:
            found.setdefault(ours, str(address))
    if len(found) == 1:
        ours = next(iter(found))
        return next((str(i) for _, i in local() if str(i.ip) == ours), _loopback(ours))
    if not found:
        why = "no device has an address that tells which"
    else:
        why = "; ".join(f"{device} is reached from {ours}" for ours, device in found.items())
    raise Misconfigured(
        stack,
        f"cannot tell which of this machine's addresses faces the controllers ({why}): "
        f"say `bacnet: {{bind: …}}` with one of {listed()}",
    )


def listed() -> str:
    """This machine's addresses, for a hint: `192.168.1.5/24 (eth0), 127.0.0.1/8 (lo)`."""
    return ", ".join(f"{address} ({name})" for name, address in local()) or "its addresses"


def local() -> list[tuple[str, ipaddress.IPv4Interface]]:
    """The name and first IPv4 address of each interface that has one, loopback last."""
    found: list[tuple[str, ipaddress.IPv4Interface]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                address = fcntl.ioctl(sock.fileno(), _ADDRESS, request)[20:24]
                mask = fcntl.ioctl(sock.fileno(), _NETMASK, request)[20:24]
            except OSError:
                continue  # it has no IPv4 address
            text = f"{socket.inet_ntoa(address)}/{socket.inet_ntoa(mask)}"
            found.append((name, ipaddress.IPv4Interface(text)))
    return sorted(found, key=lambda entry: entry[1].is_loopback)


def _towards(address: str | None) -> str | None:
    """The address from which a datagram to a device would leave; None where there is no way to it."""
    match = _HOST_PORT.fullmatch(address or "")
    if match is None:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((match[1], int(match[2] or 47808)))  # of UDP: only the route is looked up
        except (OSError, OverflowError):
            return None
        return str(sock.getsockname()[0])


def _loopback(ours: str) -> str:
    return f"{ours}/8" if ours.startswith("127.") else ours
