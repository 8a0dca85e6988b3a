"""A network for each process of tests: 127.N.x.x, and ports that no other such process uses.

Workers of one run, and runs beside each other on one machine, bind the same sites at the same time: the kernel says whose
a number N is. What is bound within it, no other process of tests hears. Broadcasts are the exception: what is sent to
127.255.255.255 reaches every address of the loopback that listens at that port, so that the ports differ too.
"""

from __future__ import annotations

import os
import re
import socket
from typing import Final

FIRST: Final = 2
"""127.0.x.x is the examples' and the demo's, 127.1.x.x whatever else the machine does."""
_CLAIM: Final = 11_999
_RANGES, _PORTS_EACH, _LOWEST = 25, 320, 12_000
"""Below the simulator's own choice (20,000 and up) and the kernel's (32,768 and up)."""


def _claimed() -> tuple[int, socket.socket]:
    """The number of this process's network, and the socket that keeps it while the process lives.

    A worker of pytest-xdist tries the one after its own number first, so that a failure is found again where it was.
    """
    worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    wanted = int(worker[1]) if worker else 0
    for step in range(250):
        number = FIRST + (wanted + step) % 250
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.bind((f"127.{number}.255.254", _CLAIM))
        except OSError:
            made.close()
            continue
        return number, made
    raise AssertionError("each of 250 networks is some test run's")


NUMBER, _ours = _claimed()
_lowest = _LOWEST + NUMBER % _RANGES * _PORTS_EACH
PORTS: Final = range(_lowest, _lowest + _PORTS_EACH)
"""UDP and TCP ports of this process's own."""


def subnet(number: int) -> str:
    """The first three octets of one of this process's subnets: `127.2.5`."""
    return f"127.{NUMBER}.{number}"
