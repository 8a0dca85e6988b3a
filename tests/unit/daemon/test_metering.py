"""A faulty meter is told while the daemon runs: when it begins, when it is over, and what only many days show."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.phrase import Phrase
from config.site import Site
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.daemon.assemble import open_store
from supervisor.daemon.metering import Metering
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.ledger import Ledger
from supervisor.store.readings import Batch, Posting, keep
from supervisor.telling.metered import metered
from supervisor.telling.snapshot import MeterStatus
from tests.site_files import site_of_text

SITE = """version: 1
building: hall
timezone: Asia/Shanghai
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
meters:
  main: {subitem: total, name: 总表, point: {at: ddc/analog-input:7, unit: kWh}, rated: 400, digits: 6, verify_by: 2026-08-20,
         interval: 10min}
  ac: {subitem: hvac, point: {at: ddc/analog-input:8, unit: kWh}, rated: 300, parent: main, verify_by: 2026-01-31}
  rest: {subitem: lighting_socket, of: [+main, -ac], parent: main}
  both: {subitem: special, of: [main, ac]}
  water: {subitem: water, point: {at: ddc/analog-input:9, unit: m3}}
"""
NOW = 1_785_513_600.0
"""2026-08-01T00:00+08:00."""
QUARTER = 900.0


class Hall:
    """A town hall's meters, a quarter of an hour at a time, and what its people are told."""

    def __init__(self, folder: Path) -> None:
        site = site_of_text(SITE, str(folder / "hall.yaml"))
        self.site: Site = site
        self.now = NOW
        self.said: list[tuple[str, str, str]] = []
        self.known = Known(site)
        self.ledger = Ledger(site, self.known)
        self.store = open_store(site, folder / "state")
        self.keeping = SimpleNamespace(nowhere=False, lost=0)
        daemon: Any = SimpleNamespace(
            clock=SimpleNamespace(now=lambda: self.now, speed=1.0), site=site, tell=self._tell,
            running=SimpleNamespace(ledger=self.ledger), keeping=self.keeping,
        )  # fmt: skip
        self.metering = Metering(daemon, self.store)

    def _tell(self, topic: str, kind: str, en: str, zh: str, level: str | None = None) -> None:
        assert topic == "meters"
        self.said.append((kind, en, zh))

    def of(self, meter: str) -> list[tuple[str, str, str]]:
        """What was said of one meter: others are silent meanwhile."""
        return [said for said in self.said if f"({meter})" in said[1] or f"meter {meter}:" in said[1]]

    def read(self, meter: str, *values: float | None) -> None:
        """Figures of a meter in its own unit, a quarter apart; None: no word."""
        spec = self.site.meters[meter]
        for value in values:
            self.now += QUARTER
            if value is not None:
                self.known.put_value(spec.series, value * spec.scale, Quality.GOOD, self.now)
                self.ledger.meters.of(meter).take(self.known.reading(spec.series))
            self.metering.look()

    def book(self, meter: str, hours: int, amount: Any) -> None:
        """What was booked in each of the last hours."""
        rows = tuple(
            (at, at + 3600.0, amount(at), False, "")
            for at in (self.now - n * 3600.0 for n in range(hours, 0, -1))
        )
        with self.store._engine.begin() as connection:
            keep(connection, Batch(postings=(Posting(meter, (), rows, (), None),)))

    def shown(self, meter: str) -> MeterStatus:
        """A meter on the page."""
        return next(m for m in metered(self.site, self.known, self.ledger, self.now) if m.id == meter)


@pytest.fixture
def hall(tmp_path: Path) -> Any:
    """A town hall."""
    made = Hall(tmp_path)
    yield made
    made.store.close()


DAY = [1000.0 + 10 * n for n in range(96)]
LAST = DAY[-1]


@pytest.mark.parametrize(
    ("figures", "cause", "kind"),
    [
        ([0.0], Cause.BAD_ZERO, "alert"),
        ([LAST - 400], Cause.BACKWARDS, "alert"),
        ([LAST + 15_000], Cause.JUMP, "alert"),
        ([None] * 4, Cause.SILENT, "alert"),
        ([48_000.0, 48_010.0, 48_020.0], Cause.REPLACED, "alert"),
        ([5.0, 15.0, 25.0], Cause.RESET, "alert"),
        ([(LAST + 10) * 1000, (LAST + 20) * 1000, (LAST + 30) * 1000], Cause.UNIT, "alert"),
        ([*[LAST] * 40, LAST + 410], Cause.STUCK, "alert"),
    ],
    ids=lambda x: str(x) if isinstance(x, Cause) else "",
)  # fmt: skip
def test_each_fault_is_told_in_both_languages(
    hall: Hall, figures: list[float | None], cause: Cause, kind: str
) -> None:
    """While it is so, or as soon as it is sure: one line with the meter's name."""
    hall.read("main", *DAY)
    assert hall.of("main") == []
    hall.read("main", *figures)
    assert (
        kind,
        f"meter 总表 (main): {TOLD[cause].en}",
        f"计量表 总表 (main)：{TOLD[cause].zh}",
    ) in hall.said


def test_a_rollover_is_told_as_repaired(hall: Hall) -> None:
    """It is no alarm: the figure is right."""
    hall.read("main", *(999_900.0 + 10 * n for n in range(9)), 999_995.0, 5.0)
    assert [(kind, TOLD[Cause.ROLLOVER].en in en) for kind, en, _ in hall.of("main")] == [("exception", True)]


def test_what_is_over_is_told_too_and_the_page_says_what_is_wrong(hall: Hall) -> None:
    """The gateway boots, answers 0, and is well again; a computed meter is as well as its parts."""
    hall.read("ac", *DAY)
    hall.read("main", *DAY)
    hall.said.clear()
    hall.read("main", 0.0)
    status = hall.shown("main")
    assert not status.healthy
    assert TOLD[Cause.BAD_ZERO] in status.troubles
    assert (
        Phrase(f"main: {TOLD[Cause.BAD_ZERO].en}", f"总表：{TOLD[Cause.BAD_ZERO].zh}")
        in hall.shown("rest").troubles
    )
    hall.read("main", LAST + 10)
    assert hall.of("main")[-1] == (
        "recovered",
        "meter 总表 (main): reads as it should again",
        "计量表 总表 (main)：恢复正常",
    )
    assert hall.shown("main").healthy


def test_a_computed_meter_counts_what_its_parts_count(hall: Hall) -> None:
    """A difference is no counter; a sum is."""
    hall.read("main", 1000.0, 1010.0)
    hall.read("ac", 400.0, 404.0)
    rest, both = hall.shown("rest"), hall.shown("both")
    assert (rest.value, rest.counts) == (606 * 3.6e6, False)
    assert (both.value, both.counts) == (1414 * 3.6e6, True)


@pytest.mark.parametrize(("flow", "found"), [(0.5, {Cause.LEAK}), (0.01, set())])
async def test_water_that_runs_all_night_is_told_in_the_morning(
    hall: Hall, flow: float, found: set[Cause]
) -> None:
    """Half a cubic metre an hour at every hour for ten days; a dripping tap is none."""
    hall.book("water", 240, lambda at: flow + (1.0 if 9 <= (at + 8 * 3600) // 3600 % 24 < 17 else 0.0))
    await hall.metering.weigh()
    assert {c for c in (Cause.LEAK,) if any(TOLD[c].en in en for _, en, _ in hall.said)} == found
    assert not any(TOLD[c] in hall.shown("water").troubles for c in {Cause.LEAK} - found)


async def test_meters_beneath_that_count_more_are_told_in_the_morning(hall: Hall) -> None:
    """The ratio of a transformer is wrong by a third; a day is enough."""
    hall.book("main", 240, lambda at: 10 * 3.6e6)
    hall.book("ac", 240, lambda at: 13.5 * 3.6e6)
    await hall.metering.weigh()
    assert any(TOLD[Cause.SUB_OVER_MAIN].en in en and "总表" in en for _, en, _ in hall.said)


async def test_a_phase_that_is_missing_is_told(hall: Hall) -> None:
    """Two thirds of the week before, at all hours, for four days."""
    since = hall.now - 96 * 3600
    hall.book("ac", 500, lambda at: (20.0 if at < since else 13.3) * 3.6e6)
    await hall.metering.weigh()
    assert any(TOLD[Cause.PHASE].en in en for _, en, _ in hall.said)


async def test_verifications_are_told_thirty_days_before_and_after(hall: Hall) -> None:
    """One due on 20 August, one that was in January (GB 17167-2025)."""
    await hall.metering.verifications()
    assert hall.said == [
        ("alert", "verification overdue: ac (2026-01-31)", "检定已过期：ac（2026-01-31）"),
        (
            "alert",
            "verification due within 30 days: main (2026-08-20)",
            "30 天内检定到期：总表（2026-08-20）",
        ),
    ]


def test_a_flapping_meter_is_told_once_an_hour(hall: Hall) -> None:
    """0 and the truth by turns for two hours."""
    hall.read("main", *DAY)
    hall.read("main", *itertools.chain.from_iterable((0.0, LAST + 20 * n) for n in range(4)))
    assert sum(kind == "alert" for kind, _, _ in hall.of("main")) == 2


def test_nothing_is_told_of_a_meter_before_it_can_have_been_read(hall: Hall) -> None:
    """The first minutes after a start are no silence."""
    hall.metering.look()
    assert hall.said == []
    hall.now += 1000
    hall.metering.look()
    assert {en for _, en, _ in hall.said} >= {"meter water: no reading came"}


async def test_it_goes_on_looking_until_it_is_cancelled(hall: Hall) -> None:
    """As a helper of the daemon."""
    task = asyncio.create_task(hall.metering.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_readings_that_can_be_kept_nowhere_are_told_and_those_that_went_are_counted(hall: Hall) -> None:
    """When it begins, how many went, once an hour, and when it is over; in both languages."""

    def told() -> list[tuple[str, str]]:
        hall.said.clear()
        hall.metering.look()
        return [(kind, en) for kind, en, zh in hall.said if not en.startswith("meter ") and zh]

    assert told() == []
    hall.keeping.nowhere = True
    ((kind, said),) = told()
    assert (kind, said.partition(":")[0]) == ("alert", "neither the database nor the disk takes what is read")
    assert told() == []
    hall.keeping.lost = 1000
    (one,) = told()
    assert one[1] == "1000 readings could be kept nowhere for too long, and went; what meters counted did not"
    hall.keeping.lost = 1500
    assert told() == []
    hall.now += 3600
    (one,) = told()
    assert one[1].startswith("500 readings")
    hall.keeping.nowhere, hall.keeping.lost = False, 1510
    assert [said.partition(" readings")[0] for _, said in told()] == ["what is read is kept again", "10"]
