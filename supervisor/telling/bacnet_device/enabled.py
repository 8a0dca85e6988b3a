"""Enabled, which a front end may command where the site opts in: a wish of an operator's, with an end. No loop, no wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from config.phrase import Lang
from drivers.bacnet.serving.items import SLOTS, WRITE_DENIED, Fault, Item, Kind, Peer
from schedules.time import Instant
from supervisor.telling.bacnet_device.objects import ENABLED, ENABLED_STATES
from supervisor.telling.snapshot import FrontEnd

AGAIN: Final = 900.0
"""s of site time: who goes on writing inactive at shorter intervals repeats a request that has ended, and does not make a new
one. A site choice: front ends rewrite their outputs every few seconds to minutes."""
MOST_KNOWN: Final = 64
"""Peers whose last write is remembered."""
FROM: Final = "BACnet "
"""How whoever asks over BACnet is named, before the address."""


class Wish(NamedTuple):
    """What the front end wants of the daemon: everything handed back until `until`, or (None) taken up again."""

    who: str
    until: Instant | None


class Enabled:
    """The commandable object, since when it is off and until when. Times are the site clock's, s."""

    def __init__(self, expires: float, lang: Lang, now: Callable[[], Instant]) -> None:
        self._expires, self._now = expires, now
        self.wishes: list[Wish] = []
        """What the daemon has still to be asked, in order."""
        self.until: Instant | None = None
        self.who = ""
        self._last: dict[tuple[int, bytes], Instant] = {}
        self._over: set[tuple[int, bytes]] = set()
        self._resumed = False
        self.item = Item(
            Kind.BINARY_VALUE, 2, "Enabled", ENABLED.told(lang), 1, tuple(s.told(lang) for s in ENABLED_STATES),
            slots=[None] * SLOTS, default=1, write=self.write,
        )  # fmt: skip

    def told(self) -> FrontEnd:
        """For people and metrics."""
        return FrontEnd(self.until is None, self.until, self.who)

    @property
    def since(self) -> Instant | None:
        """When it was switched off; None while it is on."""
        return self.until - self._expires if self.until is not None else None

    @property
    def left(self) -> float:
        """s until it comes back by itself."""
        return max(1.0, self.until - self._now()) if self.until is not None else 0.0

    def write(self, peer: Peer, value: int | None, priority: int) -> None:
        """A write from the wire. Raises Fault where it repeats a request whose time is over."""
        now = self._now()
        if value == 0:
            self._not_again(peer, now)
        else:
            self._over.discard(peer.key)
        if self._resumed:
            self._resumed = False
            self.item.command(None, SLOTS)
        self.item.command(value, priority)
        if self.item.value == 0 and self.until is None:
            self.until, self.who = now + self._expires, f"{FROM}{peer}"
            self.wishes.append(Wish(self.who, self.until))
        elif self.item.value == 1 and self.until is not None:
            self.until = None
            self.wishes.append(Wish(f"{FROM}{peer}", None))

    def expire(self) -> bool:
        """Come back by itself where the time is over: every slot is emptied. Whether it did."""
        if self.until is None or self._now() < self.until:
            return False
        self.end()
        return True

    def end(self) -> None:
        """Come back: who goes on writing inactive in cycles repeats what is over."""
        self._over |= self._last.keys()
        self.clear()

    def clear(self) -> None:
        """Every slot empty, and nothing wished."""
        for priority in range(1, SLOTS + 1):
            self.item.command(None, priority)
        self.until, self._resumed = None, False
        self.wishes.clear()

    def resume(self, who: str, until: Instant) -> None:
        """What an earlier run was asked for still holds."""
        self.item.command(0, SLOTS)
        self.until, self.who, self._resumed = until, who, True

    def _not_again(self, peer: Peer, now: Instant) -> None:
        last = self._last.pop(peer.key, None)
        self._last[peer.key] = now
        while len(self._last) > MOST_KNOWN:
            self._over.discard(gone := next(iter(self._last)))
            del self._last[gone]
        if peer.key not in self._over:
            return
        if last is not None and now - last < AGAIN:
            raise Fault(*WRITE_DENIED)
        self._over.discard(peer.key)
