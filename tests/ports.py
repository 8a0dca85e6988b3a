"""Ports that nobody has just now, at addresses of a test's own."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterable

from drivers.care.bind import can_bind
from tests.networks import PORTS

_pairs = itertools.cycle(PORTS[::2])
_tcp = itertools.cycle(PORTS)


def free_everywhere(hosts: Iterable[str], ours: str) -> int:
    """A UDP port free on each of `hosts`, and the next one on `ours`. The one given longest ago comes first."""
    wanted = tuple(hosts)
    for port in itertools.islice(_pairs, len(PORTS) // 2):
        if all(can_bind(host, port) for host in wanted) and can_bind(ours, port + 1):
            return port
    raise AssertionError("no free UDP port")


def free_udp(host: str) -> int:
    """A UDP port of the kernel's choice on one host."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def free_tcp() -> int:
    """A free TCP port on 127.0.0.1.

    Outside the ephemeral range: until the server starts, any client's connection could be given one of those.
    """
    for port in itertools.islice(_tcp, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no free TCP port")
