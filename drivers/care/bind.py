"""Which of this machine's addresses to work from: the one that the controllers are reached by."""

from __future__ import annotations

import fcntl
import ipaddress
import re
import socket
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol, runtime_checkable

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
    addresses = list(addresses)
    for address in addresses:
        ours = _towards(address)
        if ours is not None:
            found.setdefault(ours, str(address))
    if len(found) == 1:
        ours = next(iter(found))
        return next((str(i) for _, i in local() if str(i.ip) == ours), _loopback(ours))
    if not found and any(map(_is_host, addresses)):
        why = "there is no way to any of them just now: is the network up?"
    elif not found:
        why = "no device has an address that tells which"
    else:
        why = "; ".join(f"{device} is reached from {ours}" for ours, device in found.items())
    raise Misconfigured(
        stack,
        f"cannot tell which of this machine's addresses faces the controllers ({why}): "
        f"say `bacnet: {{bind: …}}` with one of {listed()}",
    )


class Adrift(NamedTuple):
    """The address that we work from is no longer this machine's, so that nothing reaches us: it `was` that one. `now` is the one
    that the controllers are reached from, where the site file names none and it can be had."""

    was: str
    now: str | None


@runtime_checkable
class Moored(Protocol):
    """A reader that works from an address of this machine."""

    def adrift(self) -> Adrift | None:
        """Whether that has gone."""


def adrift(ours: str, bind: str | None, addresses: Iterable[str | None], port: int) -> Adrift | None:
    """Whether an address that was bound has gone: a lease ended, or somebody changed it. Nothing is sent."""
    if not ours or can_bind(ours, 0):
        return None
    if bind is not None:
        return Adrift(ours, None)
    try:
        now = choose(None, addresses, "").partition("/")[0]
    except Misconfigured:
        return Adrift(ours, None)
    return Adrift(ours, now if can_bind(now, port) else None)


def can_bind(host: str, port: int) -> bool:
    """Whether a UDP port (0: any) of an address can be bound on this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((host, port))
        except OSError:
            return False
    return True


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


def _is_host(address: str | None) -> bool:
    """Whether an address names an IPv4 host."""
    match = _HOST_PORT.fullmatch(address or "")
    try:
        return match is not None and bool(ipaddress.IPv4Address(match[1]))
    except ValueError:
        return False


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
