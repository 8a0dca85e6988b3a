"""The registry that is scraped: the snapshot's metrics, and two histograms of the supervisor's own work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from supervisor.metrics.definitions import (
    DEFINITIONS,
    REACTION,
    REACTION_BUCKETS,
    SCAN,
    SCAN_BUCKETS,
    Definition,
    Kind,
)
from supervisor.snapshot import Snapshot


class _SnapshotCollector(Collector):
    """Reads one snapshot a scrape. A family without samples is left out."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None

    def collect(self) -> Iterator[Metric]:
        snapshot = self.snapshot
        if snapshot is None:
            return
        for definition in DEFINITIONS:
            if definition.kind is Kind.HISTOGRAM:
                continue
            of_kind = CounterMetricFamily if definition.kind is Kind.COUNTER else GaugeMetricFamily
            family = of_kind(definition.name, definition.help, labels=("building", *definition.labels))
            for labels, value in definition.samples(snapshot):
                family.add_metric((snapshot.building, *labels), value)
            if family.samples:
                yield family

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask for a snapshot that does not exist yet."""
        return []


class Metrics:
    """The registry of one building.

    `snapshot` is called once a scrape, or `in_turns` where it is given and others may run meanwhile. With `process`, the `process_*`
    metrics of this process are exported as well.
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
        self.registry = CollectorRegistry()
        self._snapshot, self._in_turns = snapshot, in_turns
        self._building_now = _SnapshotCollector()
        self.registry.register(self._building_now)
        self._reaction = self._histogram(REACTION, REACTION_BUCKETS).labels(building)
        self._scan = self._histogram(SCAN, SCAN_BUCKETS)
        if process:
            ProcessCollector(registry=self.registry)

    def _histogram(self, definition: Definition, buckets: tuple[float, ...]) -> Histogram:
        labels = ("building", *definition.labels)
        return Histogram(definition.name, definition.help, labels, buckets=buckets, registry=self.registry)

    def observe_reaction(self, seconds: float) -> None:
        """A write left `seconds` (wall time) after the reading that caused it came in."""
        self._reaction.observe(seconds)

    def observe_scan(self, device: str, seconds: float) -> None:
        """A scan of `device` took `seconds` (wall time)."""
        self._scan.labels(self._building, device).observe(seconds)

    def text(self) -> bytes:
        """The exposition, Prometheus text format 0.0.4, UTF-8."""
        self._building_now.snapshot = self._snapshot()
        return generate_latest(self.registry)

    async def exposition(self) -> bytes:
        """The same, its lines written in a thread: a thousand zones' must not hold up who decides and writes."""
        self._building_now.snapshot = await self._in_turns() if self._in_turns else self._snapshot()
        return await asyncio.to_thread(generate_latest, self.registry)
