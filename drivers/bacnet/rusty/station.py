"""Where a device is, as rusty-bacnet is told it."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple

from drivers.bacnet.rusty.node import Node
from drivers.bacnet.rusty.routed import Behind


class Station(NamedTuple):
    """Where a device is."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def of(cls, address: str) -> Station | None:
        """`host:port`, or None where it is not that."""
        host, _, port = address.rpartition(":")
        try:
            return cls(str(ipaddress.IPv4Address(host)), int(port)) if 0 < int(port) < 65536 else None
        except ValueError:
            return None

    @classmethod
    def from_mac(cls, mac: bytes) -> Station | None:
        """From the six octets of a BACnet/IP address (ASHRAE 135 §J.1.2)."""
        if len(mac) != 6:
            return None
        return cls(socket.inet_ntoa(mac[:4]), int.from_bytes(mac[4:], "big"))


Where = Station | Behind | Node
"""Where a device is: on our own network, behind a router, or on BACnet/SC."""
