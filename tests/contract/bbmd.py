"""A BBMD of another subnet (ASHRAE 135 annex J), by hand: registers foreign devices and passes broadcasts on."""

from __future__ import annotations

import asyncio
import struct

from tests.contract import wire
from tests.contract.listener import Listener
from tests.contract.scripted import ScriptedDevice, Where

RESULT, FORWARDED, REGISTER, DISTRIBUTE = 0x00, 0x04, 0x05, 0x09
"""BVLC functions (§J.2)."""

ACCEPTED, REFUSED, NOT_DISTRIBUTED = 0x0000, 0x0030, 0x0060
"""BVLC result codes (§J.2.1)."""


class Bbmd(Listener):
    """At `where`, with `devices` on its subnet. Keeps what it was asked: `registered` and `distributed`."""

    def __init__(self, where: Where) -> None:
        super().__init__(where)
        self.answer: int | None = ACCEPTED
        """What it says to a registration; None: nothing."""
        self.knows_us = False
        """Whether a registration is in its table, which a restart empties."""
        self.devices: list[ScriptedDevice] = []
        self.registered: list[tuple[float, Where, int]] = []
        """When, who, for how many seconds."""
        self.distributed: list[wire.Frame] = []
        self.forwarded: list[tuple[Where, wire.Frame]] = []
        """What another BBMD forwarded to us: on whose behalf, and what."""

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Answer a registration, hand a broadcast to the subnet."""
        function = data[1]
        if function == REGISTER:
            now = asyncio.get_running_loop().time()
            self.registered.append((now, addr, int.from_bytes(data[4:6], "big")))
            self.knows_us = self.answer == ACCEPTED
            if self.answer is not None:
                self.send(struct.pack(">BBHH", 0x81, RESULT, 6, self.answer), addr)
        elif function == DISTRIBUTE and (frame := wire.parse(data)) is not None:
            self.distributed.append(frame)
            if self.answer != ACCEPTED or not self.knows_us:
                self.send(struct.pack(">BBHH", 0x81, RESULT, 6, NOT_DISTRIBUTED), addr)
                return
            for device in self.devices:
                device.datagram_received(data, addr)
        elif function == FORWARDED:
            origin = (".".join(map(str, data[4:8])), int.from_bytes(data[8:10], "big"))
            inner = b"\x81\x0a" + (len(data) - 6).to_bytes(2, "big") + data[10:]
            if (frame := wire.parse(inner)) is not None:
                self.forwarded.append((origin, frame))
                for device in self.devices:
                    device.datagram_received(inner, origin)

    def forward(self, apdu_datagram: bytes, origin: Where, to: Where) -> None:
        """Forward a broadcast of a device on our subnet (Forwarded-NPDU, §J.2.5)."""
        npdu = apdu_datagram[4:]
        head = bytes(map(int, origin[0].split("."))) + origin[1].to_bytes(2, "big")
        self.send(struct.pack(">BBH", 0x81, FORWARDED, 10 + len(npdu)) + head + npdu, to)
