"""Stands between the daemon and one controller, and spoils what the controller says."""

from __future__ import annotations

import random
import re
import select
import socket
import struct
import threading
from collections.abc import Callable
from typing import Final, Self

from tests.e2e.sites import SiteFiles

Spoil = Callable[[bytes, random.Random], bytes]
"""What the daemon gets instead of a datagram of the controller's."""

_INVOKE: Final = 7
"""Octet of the invoke id in an unsegmented acknowledgement: BVLC 4, NPDU 2, PDU type (Annex J, clause 20.1)."""
_REAL: Final = re.compile(rb"([\x2e\x3e\x4e]\x44).{4}", re.DOTALL)
"""A Real right behind an opening tag: a value in a read's answer or in a notification (clause 20.2.6)."""


def garbage(datagram: bytes, dice: random.Random) -> bytes:
    """Noise, cut-off answers, answers to other questions, never the truth."""
    acknowledged = datagram[_INVOKE : _INVOKE + 1] or b"\0"
    body = dice.choice(
        (
            dice.randbytes(dice.randrange(60)),
            b"\x01\x00" + dice.randbytes(40),
            b"\x01\x00\x30" + acknowledged + b"\x0e" + dice.randbytes(30),
            b"\x01\x00\x20" + acknowledged + b"\x0c",
            b"\x01\x00\x50" + acknowledged + b"\x0e\x91\xff",
            datagram[4 : 4 + len(datagram) // 3],
        )
    )
    return b"\x81\x0a" + (len(body) + 4).to_bytes(2, "big") + body


def absurd(number: float) -> Spoil:
    """Every Real becomes `number`."""
    real = struct.pack(">f", number)
    return lambda datagram, _: _REAL.sub(lambda found: found[1] + real, datagram)


class Meddler:
    """A UDP relay of one controller on `host`, in a thread of its own. `spoil` None passes all as it is."""

    def __init__(self, files: SiteFiles, controller: str, host: str) -> None:
        self.spoil: Spoil | None = None
        self.spoilt = 0
        """Datagrams that were not passed as they were."""
        self._controller = (controller, files.wire)
        self._front = _bound(host, files.wire)
        self._back = _bound(host, 0)
        self._ours, self._end = socket.socketpair()
        self._dice = random.Random(1)
        self._thread = threading.Thread(target=self._run, name="meddler")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        self._thread.join(5)
        for each in (self._front, self._back, self._ours):
            each.close()

    def _run(self) -> None:
        client = None
        while True:
            ready, _, _ = select.select([self._front, self._back, self._ours], [], [])
            if self._ours in ready:
                return
            if self._front in ready:
                datagram, client = self._front.recvfrom(2048)
                self._back.sendto(datagram, self._controller)
            if self._back in ready:
                datagram, _ = self._back.recvfrom(2048)
                if client is not None:
                    self._front.sendto(self._spoilt(datagram), client)

    def _spoilt(self, datagram: bytes) -> bytes:
        spoil = self.spoil
        if spoil is None:
            return datagram
        told = spoil(datagram, self._dice)
        self.spoilt += told != datagram
        return told


def _bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, port))
    return made
