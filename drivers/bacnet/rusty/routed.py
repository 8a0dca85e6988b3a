"""Devices behind a router, for rusty-bacnet: its requests by address know no network and station (0.14)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable
from typing import Final, NamedTuple

_BEHIND: Final = re.compile(r"(\d{1,5}):(\d{1,3})")
_BVLC: Final = b"\x81\x0a"
"""BACnet/IP, Original-Unicast-NPDU (ASHRAE 135 §J.2.11)."""

_MESSAGE, _DESTINATION, _SOURCE, _ANSWER = 0x80, 0x20, 0x08, 0x04
"""Bits of an NPDU's control octet (§6.2.2): network layer message, DNET, SNET, an answer is expected."""

_HOPS: Final = 255


class Behind(NamedTuple):
    """A station of a network behind a router."""

    network: int
    mac: bytes

    def __str__(self) -> str:
        return f"{self.network}:{self.mac[0] if len(self.mac) == 1 else '0x' + self.mac.hex()}"

    @classmethod
    def of(cls, address: str) -> Behind | None:
        """`network:station`, or None where it is not that."""
        found = _BEHIND.fullmatch(address)
        if found is None or not 0 < int(found[1]) < 65_535 or int(found[2]) > 255:
            return None
        return cls(int(found[1]), bytes((int(found[2]),)))


class Tunnel:
    """A UDP port of ours that stands for one such station: what the stack sends there goes to the router with network
    and station in it, and what comes from there goes to the stack without.

    `router` says where the router is, None while that is not known. Nobody else is listened to.
    """

    def __init__(
        self, stack: tuple[str, int], behind: Behind, router: Callable[[], tuple[str, int] | None]
    ) -> None:
        self._stack, self._behind, self._router = stack, behind, router
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((stack[0], 0))
        self.where: tuple[str, int] = self._socket.getsockname()
        self.heard = float("-inf")
        """When anything last came through, on the loop's clock."""
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def close(self) -> None:
        """Free the port."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            data, source = self._socket.recvfrom(2048)
            router = self._router()
            if router is None or data[:2] != _BVLC or len(data) < 8 or data[4] != 1:
                return
            if source == self._stack:
                self._send(_outwards(data[5:], self._behind), router)
            elif source == router and (npdu := _inwards(data[5:], self._behind)) is not None:
                self.heard = asyncio.get_running_loop().time()
                self._send(npdu, self._stack)

    def _send(self, npdu: bytes, to: tuple[str, int]) -> None:
        self._socket.sendto(_BVLC + (len(npdu) + 4).to_bytes(2, "big") + npdu, to)


def _outwards(data: bytes, behind: Behind) -> bytes:
    """An NPDU with the destination in it, from its control octet on."""
    head = behind.network.to_bytes(2, "big") + bytes((len(behind.mac),)) + behind.mac + bytes((_HOPS,))
    return bytes((1, (data[0] & _ANSWER) | _DESTINATION)) + head + data[1:]


def _inwards(data: bytes, behind: Behind) -> bytes | None:
    """An NPDU without its source, from its control octet on; None for what is not from that station."""
    control, at = data[0], 1
    if control & _MESSAGE:
        return None
    skip = 0
    if control & _DESTINATION:
        skip, at = 1, at + 3 + data[at + 2] if len(data) > at + 2 else len(data)
    if not control & _SOURCE or len(data) < at + 3:
        return None
    end = at + 3 + data[at + 2]
    if (int.from_bytes(data[at : at + 2], "big"), data[at + 3 : end]) != behind:
        return None
    return bytes((1, control & _ANSWER)) + data[end + skip :]
