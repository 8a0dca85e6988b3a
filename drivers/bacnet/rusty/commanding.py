"""A write through the second port, to a device that has answered there just now: a thread less between us and the wire.

As through the stack it is sent again under the invoke id that it has, so that a controller that is slow does it once; what is
refused is refused in the same words, and silence ends with the device's deadline. A device that acknowledges none there, though it
is read there, is left to the stack.
"""

from __future__ import annotations

import asyncio

from drivers.bacnet import apdu
from drivers.bacnet.asked import ready
from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.rusty.link import REPEAT
from drivers.bacnet.rusty.port import Q, Round, refusal_of
from drivers.protocol import Address, DriverError, Retryable


class AskedWrite:
    """One WriteProperty of an encoded value, ready to be sent but for its invoke id."""

    __slots__ = ("datagram",)

    service = apdu.WRITE

    def __init__(self, address: Address, encoded: bytes, priority: int | None) -> None:
        self.datagram = ready(apdu.write(apdu.wire(address), PRESENT_VALUE, encoded, priority))

    def take(self, data: bytes) -> None:
        """It is acknowledged; there is nothing in that."""


class Again:
    """Sends a request again at the stack's own pace: three copies, the last just before the deadline."""

    def __init__(self, round_: Round[AskedWrite], timeout: float) -> None:
        self._round, self._every = round_, REPEAT * timeout
        self._timer = asyncio.get_running_loop().call_later(self._every, self._send)

    def _send(self) -> None:
        self._round.again()
        self._timer = asyncio.get_running_loop().call_later(self._every, self._send)

    def cancel(self) -> None:
        """No more copies."""
        self._timer.cancel()


def crowded(round_: Round[Q]) -> bool:
    """Whether it was refused for what the device has to do besides."""
    return any(apdu.crowded(refusal_of(said)) for said in round_.refused.values())


def refusal(device: str, round_: Round[Q]) -> DriverError | None:
    """Why a request that is waited for no more did not land; None: it was acknowledged."""
    for said in round_.refused.values():
        return apdu.refusal(device, refusal_of(said))
    return Retryable(device, "the port was closed") if round_.missing else None
