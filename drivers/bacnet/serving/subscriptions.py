"""Who is told of changes of value, of what, and until when (ASHRAE 135 §13.1, §13.14). No loop: time is an argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from drivers.bacnet import octets
from drivers.bacnet.octets import Wire
from drivers.bacnet.serving import values
from drivers.bacnet.serving.items import NO_SPACE, Fault, Item, P, Peer

MOST: Final = 128
"""Subscriptions of all together: a front end has one an object, and one that forgot its own asks anew."""

Key: TypeAlias = tuple[tuple[int, bytes], int, Wire]
"""Who, its process, which object (§13.14.1)."""


@dataclass(slots=True)
class Subscription:
    """One, until `until` on the clock that it was made by; None: for ever."""

    peer: Peer
    process: int
    item: Wire
    confirmed: bool
    until: float | None

    def left(self, now: float) -> int:
        """Whole seconds that are left, one at the least; 0: for ever."""
        return 0 if self.until is None else max(1, int(self.until - now))


class Subscriptions:
    """All of one device. `fresh` are those that have to be told the value as it is."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all: dict[Key, Subscription] = {}
        self.fresh: list[Subscription] = []

    def add(self, peer: Peer, process: int, item: Wire, lifetime: int, *, confirmed: bool) -> None:
        """Subscribe, or renew. Raises Fault where there is no room."""
        key = (peer.key, process, item)
        self._expire()
        if key not in self._all and len(self._all) >= MOST:
            raise Fault(*NO_SPACE)
        until = self._clock() + lifetime if lifetime else None
        self._all[key] = made = Subscription(peer, process, item, confirmed, until)
        self.fresh.append(made)

    def cancel(self, peer: Peer, process: int, item: Wire) -> None:
        """End one; one that is not there is no error (§13.14.2)."""
        self._all.pop((peer.key, process, item), None)

    def holds(self, subscription: Subscription) -> bool:
        """Whether it is in force, and not another in its place."""
        self._expire()
        return self._all.get((subscription.peer.key, subscription.process, subscription.item)) is subscription

    def of(self, item: Wire) -> list[Subscription]:
        """Those in force of one object."""
        self._expire()
        return [each for each in self._all.values() if each.item == item]

    def __len__(self) -> int:
        self._expire()
        return len(self._all)

    def listed(self) -> bytes:
        """Active_COV_Subscriptions: a list of BACnetCOVSubscription (§21)."""
        self._expire()
        return b"".join(_listed(each, self._clock()) for each in self._all.values())

    def _expire(self) -> None:
        now = self._clock()
        for key in [k for k, s in self._all.items() if s.until is not None and s.until <= now]:
            del self._all[key]


def notification(device: Wire, item: Item, subscription: Subscription, now: float) -> bytes:
    """A COV notification's data: Present_Value and Status_Flags (§13.6, §13.7)."""
    pairs = ((P.PRESENT_VALUE, item.encoded(item.value)), (P.STATUS_FLAGS, item.flags()))
    inner = b"".join(
        octets.context_tag(0, octets.unsigned(number)) + octets.around(2, value) for number, value in pairs
    )
    return (
        octets.context_tag(0, octets.unsigned(subscription.process))
        + octets.object_tag(1, device)
        + octets.object_tag(2, item.wire)
        + octets.context_tag(3, octets.unsigned(subscription.left(now)))
        + octets.around(4, inner)
    )


def _listed(each: Subscription, now: float) -> bytes:
    address = values.unsigned(each.peer.network) + values.tagged(6, each.peer.mac)
    recipient = octets.around(0, octets.around(1, address))
    who = octets.around(0, recipient + octets.context_tag(1, octets.unsigned(each.process)))
    what = octets.object_tag(0, each.item) + octets.context_tag(1, octets.unsigned(P.PRESENT_VALUE))
    return (
        who
        + octets.around(1, what)
        + octets.context_tag(2, bytes((each.confirmed,)))
        + octets.context_tag(3, octets.unsigned(each.left(now)))
    )
