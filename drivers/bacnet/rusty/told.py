"""Changes of value told to our second port: rusty-bacnet takes each through two event loops and a thread of its own.

A controller tells them to the address and port that it was asked from (ASHRAE 135 §13.1). Those that are read there are asked to tell
them there; who does not answer that, refuses it, or tells nothing all the same, is asked by the stack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from drivers.bacnet import apdu
from drivers.bacnet.asked import Asked, ready
from drivers.bacnet.rusty.calls import Peer
from drivers.bacnet.rusty.commanding import crowded, refusal
from drivers.bacnet.rusty.polls import IN_A_ROW, WITHIN, Polls
from drivers.bacnet.rusty.port import Port, Round, Where
from drivers.care.renewals import OWED_WITHIN
from drivers.protocol import Address

OPEN_FOR: Final = 20.0
"""s after which a firewall that lets in answers alone may have forgotten that we asked: Linux does after 30 s, or 120 where there was
more than one answer. A device that was not asked for so long is asked something. A site choice."""

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
    since: float
    """When it was first asked."""
    agreed: bool = False
    told: bool = False
    missed: int = 0
    """Requests in a row that it did not answer here, though it answered the stack."""
    left: bool = False
    """It is asked by the stack, until the driver is made anew."""

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

    def stop(self) -> None:
        """Keep nothing open any longer."""
        if self._keeping is not None:
            self._keeping.cancel()

    async def ask(
        self,
        peer: Peer,
        address: Address,
        asked: AskedChanges,
        by_the_stack: Callable[[], Awaitable[object]],
    ) -> None:
        """Have the changes of an object told there, where they may be, else to the stack. Raises DriverError, and what the stack
        raises."""
        way = self._polls.way(peer)
        device = self._telling(peer, address) if way is not None and way[0].lasting else None
        if way is None or device is None or not await self._agreed(device, way, asked):
            await by_the_stack()

    def _telling(self, peer: Peer, address: Address) -> _Telling | None:
        """How a device does there; None where it is left to the stack."""
        now = asyncio.get_running_loop().time()
        device = self._devices.setdefault(peer.target.device, _Telling(peer, address, now))
        if device.agreed and not device.told and now - device.since >= OWED_WITHIN:
            device.leave("agreed to tell, and nothing came")
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_open(), name="told to the second port")
        return None if device.left else device

    async def _agreed(self, device: _Telling, way: tuple[Port, Where], asked: AskedChanges) -> bool:
        """Whether that was acknowledged; not where it was not answered, or not for now. Raises DriverError where it was refused."""
        peer, no_room = device.peer, False
        patience = peer.target.timeout * WITHIN
        async with peer.gate:
            round_ = Round(*way, [asked], 1, patience)
            again = asyncio.get_running_loop().call_later(patience / 2, round_.again)
            try:
                await round_.quiet
                no_room = crowded(round_) and peer.gate.room.crowded()
            finally:
                again.cancel()
                round_.end()
        if round_.refused and not no_room and (error := refusal(peer.target.device, round_)) is not None:
            raise error
        if round_.missing and not round_.refused:
            device.missed += 1
            if not device.agreed or device.missed >= IN_A_ROW:
                device.leave("no answer")
        elif not round_.missing:
            device.agreed, device.missed = True, 0
        return not round_.missing

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
