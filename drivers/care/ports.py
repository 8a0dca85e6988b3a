"""The UDP port to work from: which interface, and whether it is free."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import NamedTuple

from drivers.protocol import Misconfigured


class Foreign(NamedTuple):
    """A BBMD of another subnet to register with, `host:port`, and for how many seconds at a time."""

    bbmd: str
    ttl: int


class Subnets(NamedTuple):
    """How broadcasts get to other subnets (ASHRAE 135 annex J): as a foreign device of a BBMD, or as this
    subnet's BBMD, with the BBMDs of others as `peers` (`host:port`)."""

    foreign: Foreign | None = None
    peers: tuple[str, ...] = ()


def interface(bind: str, stack: str) -> ipaddress.IPv4Interface:
    """The address to bind and its mask, /24 where it is not said; the broadcast address follows from it.

    Raises Misconfigured in the name of `stack`.
    """
    try:
        found = ipaddress.IPv4Interface(bind if "/" in bind else f"{bind}/24")
    except ValueError:
        raise Misconfigured(stack, f"{bind!r} is not an IPv4 address, with or without /bits") from None
    if found.ip.is_unspecified:
        raise Misconfigured(stack, "0.0.0.0 has no broadcast address: name the interface's own address")
    return found


def probe(host: str, port: int, stack: str) -> None:
    """Bind the port as nobody's friend and let go: a stack may share a taken one silently.

    Raises Misconfigured in the name of `stack`.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((host, port))
        except OSError as error:
            raise unusable(host, port, error, stack) from None


def unusable(host: str, port: int, error: OSError, stack: str) -> Misconfigured:
    """What to say of a port that cannot be bound."""
    if error.errno == errno.EADDRINUSE:
        hint = f"UDP port {port} on {host} is taken; stop the other program or choose another port"
    elif error.errno == errno.EADDRNOTAVAIL:
        hint = f"{host} is not an address of this machine"
    else:
        hint = f"cannot bind {host}:{port}: {error.strerror or error}"
    return Misconfigured(stack, hint)
