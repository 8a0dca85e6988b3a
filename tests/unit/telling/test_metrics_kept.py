"""A scrape, written in a fraction of the library's time: what is sent is what prometheus_client would write of the whole, octet for octet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from supervisor.core.tally import Totals
from supervisor.telling.metrics.definitions import DEFINITIONS, Kind
from supervisor.telling.metrics.text import LINES, Pages
from supervisor.telling.snapshot import Snapshot
from tests.tools.fake_building import fake_building


class Registry(Collector):
    """The same definitions and the same snapshot, given to the library."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Each family that has a sample."""
        for definition in DEFINITIONS:
            if definition.kind is Kind.HISTOGRAM:
                continue
            family = Metric(definition.name.removesuffix("_total"), definition.help, definition.kind.value)
            for labels, value in definition.samples(self._snapshot):
                named = dict(zip(definition.labels, labels, strict=True))
                family.add_sample(definition.name, {"building": self._snapshot.building, **named}, value)
            if family.samples:
                yield family


def library(snapshot: Snapshot) -> bytes:
    """What prometheus_client writes."""
    registry = CollectorRegistry()
    registry.register(Registry(snapshot))
    return generate_latest(registry)


def crowd(count: int = 60) -> Snapshot:
    """More zones than fit in a piece of a family."""
    building = fake_building()
    zones = tuple(
        replace(zone, id=f"{zone.id}-{n}", name=f'{zone.name} "{n}"\\\n')
        for n in range(count) for zone in building.zones
    )  # fmt: skip
    pairs = tuple((zone.id, rule) for zone in zones for rule in zone.compliance)
    assert len(zones) > LINES
    return replace(building, zones=zones, pairs=pairs)


def sent(pages: Pages, snapshot: Snapshot) -> bytes:
    """A scrape."""
    return b"".join(pages.pieces(snapshot))


@pytest.mark.parametrize(("size", "scrapes"), [(13, 3), pytest.param(60, 30, marks=pytest.mark.thorough)])
def test_every_scrape_is_what_the_library_would_write(size: int, scrapes: int) -> None:
    """A day of random changes: values, rooms that come and go, a new site file, names that need escaping, figures of every size."""
    random, pages, seen = Random(7), Pages(), crowd(size)
    for _ in range(scrapes):
        counted = {
            random.choice(seen.pairs): random.uniform(0, 10 ** random.randint(-7, 20)) for _ in range(40)
        }
        zones = tuple(
            replace(zone, temperature=random.choice((None, random.uniform(-40, 50), float("inf"))), hvac_on=random.choice((None, True, False)))
            if random.random() < 0.02 else zone
            for zone in seen.zones
        )  # fmt: skip
        seen = replace(
            seen, zones=zones, totals=Totals(violation_seconds=counted), audit_rows=random.choice((None, 3))
        )
        assert sent(pages, seen) == library(seen)
    fewer = replace(seen, zones=seen.zones[:3], pairs=seen.pairs[:5])
    assert sent(pages, fewer) == library(fewer)
    assert sent(pages, seen) == library(seen)
    renamed = replace(seen, building="another")
    assert sent(pages, renamed) == library(renamed)


def test_two_scrapes_at_once_do_not_mix() -> None:
    """Two Prometheus ask in the same second; the building changes between their pieces."""
    pages, before = Pages(), crowd(14)
    after = replace(before, zones=before.zones[:30], totals=Totals())
    one, other = pages.pieces(before), pages.pieces(after)
    told: tuple[list[bytes], list[bytes]] = ([], [])
    ends = 0
    while ends < 2:
        ends = 0
        for pieces, out in zip((one, other), told, strict=True):
            piece = next(pieces, None)
            out.append(piece or b"")
            ends += piece is None
    assert b"".join(told[0]) == library(before)
    assert b"".join(told[1]) == library(after)
