"""A served device at work: it hears, answers, and tells those who subscribed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

import structlog

from drivers.bacnet.serving.answers import Answers
from drivers.bacnet.serving.catalogue import About, Catalogue
from drivers.bacnet.serving.items import Item, Peer
from drivers.bacnet.serving.subscriptions import Subscription, Subscriptions, notification

_CONFIRMED_COV: Final = 1
_UNCONFIRMED_COV: Final = bytes((0x10, 2))
"""Services that tell of a change (§21)."""

_log = structlog.get_logger(__name__)

Hear = Callable[[Peer, bytes], None]
"""What is done about an APDU that came."""


class Carrier(Protocol):
    """A stack's end of the wire, as far as a served device needs it."""

    besides: frozenset[int]
    """Services that the stack itself executes at the device's address."""

    @property
    def where(self) -> str:
        """The address that the device answers at: `host:port`."""

    async def open(self, hear: Hear) -> None:
        """From now on hand over requests. Raises Misconfigured where the port cannot be had."""

    async def close(self) -> None:
        """No more of them."""

    def say(self, to: Peer | None, apdu: bytes) -> None:
        """Send an APDU that awaits no answer; to None: to everybody."""

    async def ask(self, to: Peer, service: int, data: bytes) -> bool:
        """Send a confirmed request, again where it is not answered; whether it was acknowledged."""


@runtime_checkable
class Hosting(Protocol):
    """What a reader can besides: carry a served device."""

    on_namesake: Callable[[str], None]
    """Called with the address of a device that says, unasked, to have our own instance."""

    @property
    def up(self) -> bool:
        """Whether its port is open."""

    def carrier(self, port: int | None) -> Carrier:
        """A carrier; at a UDP `port` of its own where the stack cannot share its own with it. Raises Misconfigured."""

    def who_claims(self, instance: int, wait: float) -> Awaitable[str | None]:
        """Where a device answers, within `wait` seconds, that says to have this instance; None: nobody."""


class Device:
    """One device on one carrier: made, opened, kept up to date with `put`, closed."""

    def __init__(
        self, about: About, items: Iterable[Item], carrier: Carrier, local: Callable[[], datetime]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._carrier = carrier
        self.subscriptions = Subscriptions(self._loop.time)
        self.catalogue = Catalogue(about, items, local, self.subscriptions.listed, carrier.besides)
        self._answers = Answers(self.catalogue, self.subscriptions)
        self._telling: dict[tuple[object, ...], asyncio.Task[None]] = {}
        self._again: set[tuple[object, ...]] = set()
        self._there = False

    async def open(self) -> None:
        """Take hold of the carrier, silently. Raises Misconfigured."""
        await self._carrier.open(self._hear)

    def appear(self) -> None:
        """From now on answer, and say so to everybody."""
        self._there = True
        self._carrier.say(None, self.catalogue.i_am())

    async def close(self) -> None:
        """Stop answering; what is on its way is given up."""
        self._there = False
        for task in self._telling.values():
            task.cancel()
        await asyncio.gather(*self._telling.values(), return_exceptions=True)
        await self._carrier.close()

    def put(self, item: Item, value: float | int | str, *, fault: bool = False) -> None:
        """An object's value now; subscribers hear of it where it is another."""
        item.value, item.fault = value, fault
        self.told(item)

    def told(self, item: Item) -> None:
        """Tell subscribers of an object, where it differs from what they were told last."""
        now = (item.value, item.fault)
        if item.told != now:
            item.told = now
            for subscription in self.subscriptions.of(item.wire):
                self._tell(subscription)

    def _hear(self, peer: Peer, apdu: bytes) -> None:
        if not self._there:
            return
        try:
            reply = self._answers.answer(peer, apdu)
        except Exception:  # one request that we cannot take must not end the listening
            _log.exception("a request of another broke", source=str(peer))
            return
        if reply is not None:
            self._carrier.say(peer, reply)
        fresh, self.subscriptions.fresh = self.subscriptions.fresh, []
        for subscription in fresh:
            self._tell(subscription)
        for item in self.catalogue.items.values():
            if item.slots is not None:
                self.told(item)

    def _tell(self, subscription: Subscription) -> None:
        """Tell one subscriber how it stands now; to one that has not acknowledged the last yet, once it has."""
        data = self._data(subscription)
        if data is None:
            return
        if not subscription.confirmed:
            self._carrier.say(subscription.peer, _UNCONFIRMED_COV + data)
            return
        key = (subscription.peer.key, subscription.process, subscription.item)
        if key in self._telling:
            self._again.add(key)
            return
        self._telling[key] = asyncio.create_task(self._confirmed(key, subscription), name="bacnet cov")

    async def _confirmed(self, key: tuple[object, ...], subscription: Subscription) -> None:
        try:
            self._again.add(key)
            while key in self._again:
                self._again.discard(key)
                current = self._current(subscription)
                data = self._data(current) if current is not None and current.confirmed else None
                if current is None or data is None:
                    return
                await self._carrier.ask(current.peer, _CONFIRMED_COV, data)
        finally:
            self._again.discard(key)
            del self._telling[key]

    def _current(self, subscription: Subscription) -> Subscription | None:
        """The one in force in its place: it may have been renewed meanwhile."""
        same = (subscription.peer.key, subscription.process)
        of = self.subscriptions.of(subscription.item)
        return next((each for each in of if (each.peer.key, each.process) == same), None)

    def _data(self, subscription: Subscription) -> bytes | None:
        item = self.catalogue.items.get(subscription.item)
        if item is None or not self.subscriptions.holds(subscription):
            return None
        return notification(self.catalogue.device, item, subscription, self._loop.time())
