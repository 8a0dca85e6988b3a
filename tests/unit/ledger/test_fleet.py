"""Two buildings keep what they read in one PostgreSQL; one is cut off for a week, and catches up."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.load import load
from config.site import Site
from drivers.readings import Quality
from supervisor.cli.main import app
from supervisor.core.known import Known
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.store import readings
from supervisor.store.gateways import address
from supervisor.store.writer import Store
from tests.postgres import Server

OFFICE = Path(__file__).resolve().parents[3] / "config/examples/office.yaml"
BUILDINGS = ("hall", "annex")
HOUR, KWH = 3600, 3.6e6
EVERY, DAY = 3 * HOUR, 24 * HOUR


class Gateway:
    """A building's meters, read every three hours of a clock that is not the wall's, and a store of its own."""

    def __init__(self, site: Site, url: str, building: str, folder: Path) -> None:
        self.site, self.building, self.folder = site, building, folder
        self.folder.mkdir(exist_ok=True)
        self.store = Store(address(url, building), inline=True)
        self.store.open()
        self.begin()

    def begin(self) -> None:
        """Another process on the same files."""
        self.known = Known(self.site)
        self.ledger = Ledger(self.site, self.known)
        self.keeping = Keeping(self.store, self.folder, lambda: self.ledger)

    async def reads(self, at: float) -> None:
        """Its first meter counts 2 or 3 kWh an hour, and is kept."""
        meter = next(iter(self.site.meters.values()))
        rate = BUILDINGS.index(self.building) + 2
        self.known.put_value(meter.series, rate * at / HOUR * KWH, Quality.GOOD, at)
        self.ledger.look(at)
        await self.keeping.keep()

    def has(self) -> tuple[list[float], float]:
        """When the meter was read, and what was booked in kWh, as the server has it."""
        meter = next(iter(self.site.meters.values()))
        times = [
            at for at, _ in self.store.read_now(lambda c: list(readings.between(c, meter.series, 0, 1e12)))
        ]
        booked = self.store.read_now(lambda c: readings.booked(c, meter.id, 0, 1e12))
        return times, sum(row["amount"] for row in booked) / KWH


async def test_one_that_was_cut_off_for_a_week_catches_up_in_order(postgres: Server, tmp_path: Path) -> None:
    """Nine days of readings; from the second to the eighth the hall's line is dead, and in the end its box restarts.

    Nothing is lost, nothing is there twice, and the other never notices.
    """
    site = load(OFFICE).site
    assert site is not None
    url = postgres.empty()
    own = postgres.user(url, "hall")
    hall, annex = fleet = [
        Gateway(site, place, b, tmp_path / b) for b, place in zip(BUILDINGS, (own, url), strict=True)
    ]
    times = [1e6 + n * EVERY for n in range(9 * DAY // EVERY + 1)]
    for n, at in enumerate(times):
        if n == DAY // EVERY:
            postgres.cut_off(url, "hall")
        if n == 8 * DAY // EVERY:
            postgres.does(url, "ALTER ROLE hall LOGIN")
            hall.begin()
            hall.ledger.meters.restore(await hall.keeping.books())
        for gateway in fleet:
            await gateway.reads(at)
        assert hall.keeping.behind is (DAY <= n * EVERY < 8 * DAY)
        assert not annex.keeping.behind
    for gateway in fleet:
        kept, kwh = gateway.has()
        assert kept == times
        assert kwh == pytest.approx((BUILDINGS.index(gateway.building) + 2) * 9 * 24)
        gateway.store.close()
    assert not (tmp_path / "hall" / "ledger.spool").exists()


def test_one_database_line_in_two_site_files_is_two_ledgers(postgres: Server, tmp_path: Path) -> None:
    """The same meter ids in both buildings: what is imported for one is not the other's, and each has its own audit."""
    text, url = OFFICE.read_text(encoding="utf-8"), postgres.empty()
    rows = "time,meter,value\n2026-03-01T00:00,{meter},0\n2026-04-01T00:00,{meter},{value}\n"
    said = {}
    for building, value in (("hall", 100), ("annex", 250)):
        site = tmp_path / f"{building}.yaml"
        site.write_text(
            re.sub("^building: .*", f"building: {building}", text, flags=re.MULTILINE) + f"database: {url}\n",
            "utf-8",
        )
        loaded = load(site).site
        assert loaded is not None
        meter = next(iter(loaded.meters))
        file = tmp_path / f"{building}.csv"
        file.write_text(rows.format(meter=meter, value=value), "utf-8")
        state = ["--state-dir", str(tmp_path / building)]
        for verb in (
            ["import", str(site), str(file)],
            ["verify", str(site)],
            ["export", str(site), "--period", "2026-03"],
        ):
            done = CliRunner().invoke(app, ["ledger", *verb, *state])
            assert done.exit_code == 0, done.output
        said[building] = next(
            row["amount"] for row in csv.DictReader(io.StringIO(done.output)) if row["meter"] == meter
        )
    assert said == {"hall": "100.000000", "annex": "250.000000"}
