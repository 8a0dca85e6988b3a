"""A write through the second port, to a device that has answered there just now: a thread less between us and the wire.

As through the stack it is sent again under the invoke id that it has, so that a controller that is slow does it once; what is
refused is refused in the same words, and silence ends with the device's deadline. A device that acknowledges none there, though it
is read there, is left to the stack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from drivers.bacnet import apdu
from drivers.bacnet.asked import ready
from drivers.bacnet.kinds import PRESENT_VALUE
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.link import REPEAT
from drivers.bacnet.rusty.polls import Polls
from drivers.bacnet.rusty.port import Round
from drivers.protocol import Retryable, Write


class AskedWrite:
    """One WriteProperty, ready to be sent but for its invoke id. Raises Misconfigured for a value that cannot be encoded."""

    __slots__ = ("datagram",)

    service = apdu.WRITE

    def __init__(self, write: Write) -> None:
        encoded = apdu.encode(write.address, write.value)
        self.datagram = ready(apdu.write(apdu.wire(write.address), PRESENT_VALUE, encoded, write.priority))

    def take(self, data: bytes) -> None:
        """It is acknowledged; there is nothing in that."""


async def put(
    polls: Polls, peer: Peer, asked: AskedWrite, by_the_stack: Callable[[], Awaitable[object]]
) -> None:
    """Write, within the caller's deadline. Raises DriverError where it is refused, and what `by_the_stack` raises."""
    round_ = await polls.begin(peer, asked)
    if round_ is None:
        await by_the_stack()
        return
    again = _Again(round_, REPEAT * peer.target.timeout)
    try:
        await round_.quiet
    except asyncio.CancelledError:
        polls.unacknowledged(peer)  # its deadline is over
        raise
    finally:
        again.cancel()
        round_.end()
        peer.gate.leave(1)
    for said in round_.refused.values():
        raise apdu.refusal(peer.target.device, _refusal(said))
    if round_.missing:
        raise Retryable(peer.target.device, "the port was closed")


class _Again:
    """Sends a request again at the stack's own pace: three copies, the last just before the deadline."""

    def __init__(self, round_: Round[AskedWrite], every: float) -> None:
        self._round, self._every = round_, every
        self._timer = asyncio.get_running_loop().call_later(every, self._send)

    def _send(self) -> None:
        self._round.again()
        self._timer = asyncio.get_running_loop().call_later(self._every, self._send)

    def cancel(self) -> None:
        """No more copies."""
        self._timer.cancel()


def _refusal(said: bytes) -> apdu.Refusal:
    """An Error, Reject or Abort (§20.1.7 to §20.1.9)."""
    return apdu.Refusal(said[0] >> 4, said[2], said[3:])
