"""Changes of value told to our second port: rusty-bacnet takes each through two event loops and a thread of its own.

A controller tells them to the address and port that it was asked from (ASHRAE 135 §13.1). Those that are read there are asked to tell
them there; who does not answer that, refuses it, or tells nothing all the same, is asked by the stack.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from rusty_bacnet import BacnetError

from drivers.bacnet import apdu
from drivers.bacnet.asked import Asked, ready
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.commanding import crowded, refusal
from drivers.bacnet.rusty.polls import FOR_EVER, IN_A_ROW, WITHIN, Polls
from drivers.bacnet.rusty.port import Port, Round, Where
from drivers.bacnet.rusty.values import answered
from drivers.care.renewals import OWED_WITHIN
from drivers.protocol import Address, DriverError

OPEN_FOR: Final = 20.0
"""s after which a firewall that lets in answers alone may have forgotten that we asked: Linux does after 30 s, or 120 where there was
more than one answer. A device that was not asked for so long is asked something. A site choice."""

ByTheStack = Callable[[int | None], Awaitable[object]]
"""Subscribes to an object for some seconds by the stack, with None cancels. Raises what the stack raises."""

_log = structlog.get_logger(__name__)


class AskedChanges:
    """One SubscribeCOV, ready to be sent but for its invoke id; without a lifetime it cancels."""

    __slots__ = ("datagram",)

    service = apdu.SUBSCRIBE_COV

    def __init__(self, process: int, address: Address, lifetime: int | None) -> None:
        self.datagram = ready(apdu.subscribe(process, apdu.wire(address), False, lifetime))

    def take(self, data: bytes) -> None:
        """It is acknowledged; there is nothing in that."""


@dataclass(slots=True)
class _Telling:
    """How one device does. Times are the loop's."""

    peer: Peer
    address: Address
    """One of the objects that it was asked about."""
    since: float = math.inf
    """When it first agreed."""
    agreed: bool = False
    told: bool = False
    by_stack: set[Address] = field(default_factory=set)
    """Objects that were subscribed to by the stack."""
    missed: int = 0
    """Requests in a row that it did not answer here, though it answered the stack."""
    left: bool = False
    """It is asked by the stack, until the driver is made anew."""

    def has(self, address: Address) -> bool:
        """Whether an object is subscribed to there, if at all."""
        return self.agreed and address not in self.by_stack

    def agree(self) -> None:
        """It acknowledged something there."""
        if not self.agreed:
            self.since = _now()
        self.agreed, self.missed = True, 0

    def miss(self) -> None:
        """It did not answer there, and then the stack."""
        self.missed += 1
        if not self.agreed or self.missed >= IN_A_ROW:
            self.leave("no answer")

    def leave(self, why: str) -> None:
        """Leave it to the stack."""
        if not self.left:
            self.left = True
            _log.info("changes not told to the second port", device=self.peer.target.device, reason=why)


class Told:
    """Which devices tell their changes to the second port."""

    def __init__(self, polls: Polls) -> None:
        self._polls = polls
        self._devices: dict[str, _Telling] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Keep nothing open any longer."""
        self._stopped = True
        if self._keeping is not None:
            self._keeping.cancel()

    async def ask(
        self, peer: Peer, address: Address, process: int, lifetime: int | None, by_the_stack: ByTheStack
    ) -> None:
        """Have the changes of an object told there, where they may be, else to the stack; without a lifetime no more. Raises
        DriverError, and what the stack raises.

        What is subscribed to there is renewed and ended there, be it that the device is not polled there just now: asked from
        another port a controller keeps it twice, and its table is small. What changes its way is ended on the old one first.
        """
        place = self._polls.place(peer)
        if place is None or not place[0].lasting:
            await by_the_stack(lifetime)
            return
        device = self._telling(peer, address)
        there, asked = device.has(address), AskedChanges(process, address, lifetime)
        if lifetime is None:
            await (self._agreed(device, place, asked) if there else by_the_stack(None))
            device.by_stack.discard(address)
            return
        tried = not device.left and peer.sure
        tried = tried and (there or (self._polls.may(peer) and await _ended(device, address, by_the_stack)))
        agreed = tried and await self._agreed(device, place, asked)
        if agreed:
            device.by_stack.discard(address)
            return
        if there or tried:
            Round(*place, [AskedChanges(process, address, None)], 1, FOR_EVER).end()
        await by_the_stack(lifetime)
        device.by_stack.add(address)
        if tried and agreed is False:
            device.miss()

    def _telling(self, peer: Peer, address: Address) -> _Telling:
        """How a device does there."""
        device = self._devices.setdefault(peer.target.device, _Telling(peer, address))
        if device.agreed and not device.told and _now() - device.since >= OWED_WITHIN:
            device.leave("agreed to tell, and nothing came")
        if self._keeping is None and not self._stopped:
            self._keeping = asyncio.create_task(self._keep_open(), name="told to the second port")
        return device

    async def _agreed(self, device: _Telling, place: tuple[Port, Where], asked: AskedChanges) -> bool | None:
        """Whether that was acknowledged; None where there was no room for it just now. Raises DriverError where it was refused."""
        peer, no_room = device.peer, False
        patience = peer.target.timeout * WITHIN
        async with peer.gate:
            round_ = Round(*place, [asked], 1, patience)
            again = asyncio.get_running_loop().call_later(patience / 2, round_.again)
            try:
                await round_.quiet
                no_room = crowded(round_) and peer.gate.room.crowded()
            finally:
                again.cancel()
                round_.end()
        if no_room:
            return None
        if round_.refused and (error := refusal(peer.target.device, round_)) is not None:
            raise error
        if round_.missing:
            return False
        device.agree()
        return True

    async def _keep_open(self) -> None:
        """Ask those something that were not asked there for long: the way back to us may be open only for so long."""
        while True:
            await asyncio.sleep(OPEN_FOR / 2)
            shut = asyncio.get_running_loop().time() - OPEN_FOR / 2
            for device in list(self._devices.values()):
                peer = device.peer
                if (
                    device.agreed
                    and not device.left
                    and self._polls.heard(peer) < shut
                    and self._polls.may(peer)
                ):
                    round_ = await self._polls.ask(peer, [Asked((device.address,))])
                    if round_ is not None:
                        round_.end()

    def heard(self, device: str) -> None:
        """A device has told a change there."""
        if (telling := self._devices.get(device)) is not None:
            telling.told = True


async def _ended(device: _Telling, address: Address, by_the_stack: ByTheStack) -> bool:
    """End what the stack has subscribed to, if it has: whether the device then keeps nothing of it, as far as it says."""
    if address not in device.by_stack:
        return True
    try:
        async with asyncio.timeout(device.peer.target.timeout * WITHIN):
            await by_the_stack(None)
    except (TimeoutError, DriverError):
        return False
    except BacnetError as error:
        return answered(error)  # such as that it has none
    return True


def _now() -> float:
    return asyncio.get_running_loop().time()
