"""The registry that is scraped: the snapshot's metrics, and two histograms of the supervisor's own work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from supervisor.clockwork.turns import parts_in_turns
from supervisor.telling.metrics.definitions import REACTION, REACTION_BUCKETS, SCAN, SCAN_BUCKETS
from supervisor.telling.metrics.histogram import Histogram
from supervisor.telling.metrics.text import LINES, Pages
from supervisor.telling.snapshot import Snapshot

SENT = 65_536
"""Octets that are sent at once: as many as a transport takes before it asks for a rest."""


class Metrics:
    """The registry of one building.

    `snapshot` is called once a scrape, or `in_turns` where it is given and others may run meanwhile. With
    `process`, the `process_*` metrics of this process are exported as well.
    """

    content_type = CONTENT_TYPE_PLAIN_0_0_4
    """Media type of `text`."""

    def __init__(
        self,
        building: str,
        snapshot: Callable[[], Snapshot],
        in_turns: Callable[[], Awaitable[Snapshot]] | None = None,
        *,
        process: bool = True,
    ) -> None:
        self._building = building
        self._snapshot, self._in_turns = snapshot, in_turns
        self._reaction = Histogram(REACTION, REACTION_BUCKETS)
        self._reaction.begin()
        self._scan = Histogram(SCAN, SCAN_BUCKETS)
        self._pages = Pages()
        self._process = CollectorRegistry()
        if process:
            ProcessCollector(registry=self._process)

    def observe_reaction(self, seconds: float) -> None:
        """A write left `seconds` (wall time) after the reading that caused it came in."""
        self._reaction.observe(seconds)

    def observe_scan(self, device: str, seconds: float) -> None:
        """A scan of `device` took `seconds` (wall time)."""
        self._scan.observe(seconds, device)

    def text(self) -> bytes:
        """The exposition, Prometheus text format 0.0.4, UTF-8."""
        return b"".join(self._pieces(self._snapshot()))

    async def exposition(self) -> AsyncIterator[bytes]:
        """The same of one snapshot, in parts that are made as they are taken: a thousand zones' lines are megabytes, for which
        neither who decides and writes waits, nor memory is held."""
        snapshot = await self._in_turns() if self._in_turns else self._snapshot()
        return parts_in_turns(self._parts(snapshot))

    def _parts(self, snapshot: Snapshot) -> Iterator[bytes | None]:
        some: list[bytes] = []
        octets = 0
        for piece in self._pieces(snapshot):
            some.append(piece)
            octets += len(piece)
            if octets >= SENT:
                part = b"".join(some)
                some, octets = [], 0
                yield part
            else:
                yield None
        yield b"".join(some)

    def _pieces(self, snapshot: Snapshot) -> Iterator[bytes]:
        yield from self._pages.pieces(snapshot)
        for histogram in (self._reaction, self._scan):
            lines = histogram.lines(self._building)
            while some := "".join(islice(lines, LINES)):
                yield some.encode()
        yield generate_latest(self._process)
