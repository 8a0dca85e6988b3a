"""The registry that is scraped: the snapshot's metrics, and two histograms of the supervisor's own work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import islice

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from supervisor.metrics.definitions import REACTION, REACTION_BUCKETS, SCAN, SCAN_BUCKETS, Definition
from supervisor.metrics.text import lines_of
from supervisor.snapshot import Snapshot
from supervisor.turns import Work, at_once, in_turns

LINES = 50
"""Lines that are written before others may have their turn: some tens of microseconds."""


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
        disable_created_metrics()  # type: ignore[no-untyped-call]  # else stray `_created` gauges in the text
        self._building = building
        self._registry = CollectorRegistry()
        self._snapshot, self._in_turns = snapshot, in_turns
        self._reaction = self._histogram(REACTION, REACTION_BUCKETS).labels(building)
        self._scan = self._histogram(SCAN, SCAN_BUCKETS)
        if process:
            ProcessCollector(registry=self._registry)

    def _histogram(self, definition: Definition, buckets: tuple[float, ...]) -> Histogram:
        labels = ("building", *definition.labels)
        return Histogram(definition.name, definition.help, labels, buckets=buckets, registry=self._registry)

    def observe_reaction(self, seconds: float) -> None:
        """A write left `seconds` (wall time) after the reading that caused it came in."""
        self._reaction.observe(seconds)

    def observe_scan(self, device: str, seconds: float) -> None:
        """A scan of `device` took `seconds` (wall time)."""
        self._scan.labels(self._building, device).observe(seconds)

    def text(self) -> bytes:
        """The exposition, Prometheus text format 0.0.4, UTF-8."""
        return at_once(self._writing(self._snapshot()))

    async def exposition(self) -> bytes:
        """The same, a little at a time: a thousand zones' lines must not hold up who decides and writes."""
        snapshot = await self._in_turns() if self._in_turns else self._snapshot()
        return await in_turns(self._writing(snapshot))

    def _writing(self, snapshot: Snapshot) -> Work[bytes]:
        parts = []
        lines = lines_of(snapshot)
        while part := "".join(islice(lines, LINES)):
            parts.append(part)
            yield
        own = generate_latest(self._registry)
        yield
        return "".join(parts).encode() + own
