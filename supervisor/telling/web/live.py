"""Server-sent events: only the parts of the page that changed since they were last sent."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Final, TypeAlias

from config.phrase import LANGS, Lang
from supervisor.clockwork.door import most
from supervisor.clockwork.turns import in_turns
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web.render import fragments, templates, zone_fragments, zone_tables

Look: TypeAlias = Callable[[], Awaitable[Snapshot]]
"""How the building is looked at."""

MAX_READERS: Final = 64
"""Open pages at once; more are refused, so that a forgotten wall of browsers costs the daemon nothing."""
KEEPALIVE_TURNS: Final = 15
AT_ONCE: Final = 25
"""Events that are sent before others have their turn: some tenths of a millisecond."""
FRESH: Final = 0.9
"""Share of a period for which one page's look serves the others too."""


Shape: TypeAlias = tuple[tuple[object, ...], tuple[object, ...]]
"""Zones and their floors: while they stay, only lines change. Two things, and not a pair for each zone and reader."""
_Looked: TypeAlias = tuple[Snapshot, dict[str, str], Shape]


BINDING: Final = 2.0
"""Seconds after the tables were drawn anew in which every row is sent again: what comes before the browser has
bound a new row to its events would be lost, and the row stale until its zone changes again."""


class Live:
    """The live streams of all open pages.

    `period` is wall seconds between looks at the snapshot. Streams end by themselves once `close` is called.
    """

    def __init__(self, look: Look, period: float) -> None:
        self._building = look
        self._period = period
        self._closing = asyncio.Event()
        self._readers = 0
        self._looks: dict[tuple[Lang, str, str], tuple[float, _Looked]] = {}
        self._looking = {lang: asyncio.Lock() for lang in LANGS}
        self._seeing = asyncio.Lock()
        self._seen: tuple[float, Snapshot] | None = None

    @property
    def full(self) -> bool:
        """No more readers can be taken: a quarter of all connections, where the limit of open files is low."""
        return self._readers >= min(MAX_READERS, most(4 * MAX_READERS) // 4)

    def close(self) -> None:
        """End every stream."""
        self._closing.set()

    @contextlib.contextmanager
    def place(self) -> Iterator[bool]:
        """A reader's place for as long as the page is open; False where none is free."""
        if self.full:
            yield False
            return
        self._readers += 1
        try:
            yield True
        finally:
            self._readers -= 1

    async def stream(
        self, lang: Lang, allowed: Callable[[], bool] = lambda: True, floor: str = "", zone: str = ""
    ) -> AsyncGenerator[str, None]:
        """One page's events, until it goes away or is `allowed` no longer; `floor` is the one that is open on it, `zone` the
        one whose page it is. Its place is taken with `place`."""
        sent: dict[str, str] = {}
        shape: Shape | None = None
        quiet, redrawn = 0, -math.inf
        yield "retry: 3000\n\n"
        while not self._closing.is_set() and allowed():
            snapshot, parts, now_shape = await self._look(lang, floor, zone)
            if not allowed():
                return
            if not zone and shape not in (None, now_shape):
                yield event("zones", await in_turns(zone_tables(snapshot, lang, floor)))
                redrawn = asyncio.get_running_loop().time()
            shape = now_shape
            if asyncio.get_running_loop().time() - redrawn < BINDING:
                sent = {name: html for name, html in sent.items() if not name.startswith(("zone-", "fold-"))}
            changed = [name for name, html in parts.items() if sent.get(name) != html]
            for number, name in enumerate(changed, 1):
                yield event(name, parts[name])
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
            sent = parts
            quiet = 0 if changed else quiet + 1
            if quiet >= KEEPALIVE_TURNS:
                quiet = 0
                yield ": still here\n\n"
            await self._pause()

    async def _look(self, lang: Lang, floor: str, zone: str) -> _Looked:
        """The building and its parts in one language, made once a period for all pages alike."""
        async with self._looking[lang]:
            now = asyncio.get_running_loop().time()
            old = now - self._period * FRESH
            self._looks = {key: look for key, look in self._looks.items() if look[0] > old}
            made = self._looks.get((lang, floor, zone))
            if made is None:
                snapshot = await self._once()
                await templates()  # a page that is open over a restart comes here first
                work = zone_fragments(snapshot, lang, zone) if zone else fragments(snapshot, lang, floor)
                made = self._looks[lang, floor, zone] = (
                    now, (snapshot, await in_turns(work), shape_of(snapshot))
                )  # fmt: skip
            return made[1]

    async def _once(self) -> Snapshot:
        """The building, looked at once a period whatever the pages that are open show of it."""
        async with self._seeing:
            now = asyncio.get_running_loop().time()
            if self._seen is None or self._seen[0] <= now - self._period * FRESH:
                self._seen = now, await self._building()
            return self._seen[1]

    async def _pause(self) -> None:
        # not asyncio.wait_for: it loses a cancellation that comes together with the closing
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._period):
                await self._closing.wait()


def event(name: str, html: str) -> str:
    """One server-sent event (WHATWG HTML, section 9.2). One without data is not told to the page: what became empty is said by a
    comment, or the last banner would stand for ever."""
    data = "\n".join(f"data: {line}" for line in html.splitlines() if line.strip()) or "data: <!-- -->"
    return f"event: {name}\n{data}\n\n"


def shape_of(snapshot: Snapshot) -> Shape:
    """What the tables of all floors are drawn by."""
    return tuple([zone.id for zone in snapshot.zones]), tuple([zone.floor for zone in snapshot.zones])
