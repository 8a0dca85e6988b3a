"""How complete a meter on the wire is: a healthy one never has the mark, whatever its poll does, and a poor one always."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import load_text
from config.site import MeterSpec
from drivers.readings import Quality, Reading
from supervisor.ledger.account import figure_of
from supervisor.ledger.meters import Meter, register_of
from supervisor.ledger.periods import Period, period
from supervisor.ledger.statistics import Figure
from supervisor.store.readings import Batch
from supervisor.store.writer import Store
from tests.unit.ledger.hall import HEAD

MIDNIGHT = period("2026-03-02", ZoneInfo("Asia/Shanghai")).start
MINUTES = 6 * 60
DAY = Period("a quarter of a day", MIDNIGHT, MIDNIGHT + 60.0 * MINUTES)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database in a file."""
    store = Store(f"sqlite:///{tmp_path / 'supervisor.sqlite3'}", inline=True)
    store.open()
    yield store
    store.close()


def spec(poll: float) -> MeterSpec:
    """A meter that is read so often, s, and of which a reading a minute is to be kept."""
    meter = f"{{subitem: total, point: {{at: ddc/analog-input:7, unit: kWh, poll: {poll}}}}}"
    loaded = load_text(f"{HEAD}meters:\n  main: {meter}\n")
    assert loaded.site is not None
    return loaded.site.meters["main"]


async def day(
    store: Store, poll: float, phase: float = 0.0, jitter: float = 0.0, lost: float = 0.0
) -> tuple[Figure, int]:
    """A figure of polls that come a little early or late, and of which some are lost; how many readings were kept."""
    meter = Meter(spec(poll), register_of(spec(poll)))
    chance = random.Random(1)
    at, count, kept = DAY.start + phase, 0, 0
    while at < DAY.end:
        if chance.random() >= lost:
            told = at + chance.uniform(-jitter, jitter)
            meter.take(Reading(3.6e9 + count * 3.6e4, Quality.GOOD, told, told))
        at, count = at + poll, count + 1
        if (count % 500 == 0 or at >= DAY.end) and (posting := meter.posting()) is not None:
            await store.keep_readings(Batch(postings=(posting,)))
            kept += len(posting.samples)
    return await store.read(lambda c: figure_of(c, meter.spec, DAY, DAY.end)), kept


@pytest.mark.parametrize("poll", [5.0, 10.0, 25.0, 40.0, 59.9, 60.0, 90.0])
@pytest.mark.parametrize(("phase", "jitter"), [(0.0, 0.0), (0.0, 0.4), (29.9, 0.4), (59.8, 1.5)])
async def test_a_healthy_meter_is_whole_whatever_its_poll(
    store: Store, poll: float, phase: float, jitter: float
) -> None:
    """Polls that come a little early or late, that do not divide the minute, or that are rarer than it, are no losses; and of
    many polls a minute no more is kept than one."""
    figure, kept = await day(store, poll, phase, jitter)
    assert figure.completeness >= (0.99 if jitter < 1 else 0.95)
    assert not figure.marked
    assert kept <= 1.1 * max(MINUTES, 60 * MINUTES / poll if poll > 20 else 0) + 1


@pytest.mark.parametrize(("lost", "marked"), [(0.03, False), (0.17, True), (0.5, True)])
@pytest.mark.parametrize("phase", [0.0, 30.0])
async def test_lost_readings_are_counted_as_lost(
    store: Store, lost: float, marked: bool, phase: float
) -> None:
    """Of a poll a minute each loss is one, wherever in the minute it comes."""
    figure, _ = await day(store, 60.0, phase, 0.4, lost)
    assert figure.completeness == pytest.approx(1 - lost, abs=0.03)
    assert figure.marked is marked


@pytest.mark.parametrize(("gone", "lacks"), [((120, 160), 0.0), ((320, MINUTES), 40 / MINUTES)])
async def test_a_gap_is_booked_by_the_register_that_is_read_after_it_and_else_by_nobody(
    store: Store, gone: tuple[int, int], lacks: float
) -> None:
    """Forty minutes without a reading: in the middle the next figure tells what was used, at the end nothing does."""
    meter = Meter(spec(60.0), register_of(spec(60.0)))
    for minute in range(MINUTES + 1):
        if not gone[0] < minute <= gone[1]:
            at = DAY.start + 60.0 * minute
            meter.take(Reading(3.6e9 + minute * 3.6e4, Quality.GOOD, at, at))
    posting = meter.posting()
    assert posting is not None
    await store.keep_readings(Batch(postings=(posting,)))
    figure = await store.read(lambda c: figure_of(c, meter.spec, DAY, DAY.end))
    assert figure.completeness == pytest.approx(1 - 40 / MINUTES, abs=0.01)
    assert figure.lacks == pytest.approx(lacks)
