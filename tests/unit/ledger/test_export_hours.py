"""Points that are no meters, hour by hour, as a person exports them: from the database, from hours, and from files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.load import load
from schedules.time import from_iso
from supervisor.cli.main import app
from supervisor.daemon.aging import Aging
from supervisor.daemon.assemble import open_store
from supervisor.store import readings
from supervisor.store.readings import Batch, Sample
from tests.unit.ledger.hall import HEAD

SITE = HEAD.replace(
    "zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}",
    """zones:
  r:
    kind: office
    hours: office
    sensors: {temperature: {at: ddc/analog-input:1, unit: degF}, window: {at: ddc/binary-input:2, invert: true}}""",
)


class Desk:
    """A building of two points, and somebody who exports."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.path = folder, folder / "hall.yaml"
        where = "" if database.startswith("sqlite") else f'database: "{database}"\n'
        self.path.write_text(SITE + where, encoding="utf-8")
        site = load(self.path).site
        assert site is not None
        self.site = site

    def at(self, text: str) -> float:
        """An instant by the building's clock."""
        return from_iso(text, self.site.tz)

    async def keeps(self, until: str | None = None) -> None:
        """A morning of January: 68 °F, from 8:30 on 77 °F, not known from 10:15 on; the window's contact opens at 9:45. What lies
        before `until` has become hours, and moved."""
        store = open_store(self.site, self.folder / "state")
        rows = [
            Sample("r/temperature", self.at("2026-01-14T08:00"), 68.0), Sample("r/temperature", self.at("2026-01-14T08:30"), 77.0),
            Sample("r/temperature", self.at("2026-01-14T10:15"), None), Sample("r/window", self.at("2026-01-14T08:00"), 1.0),
            Sample("r/window", self.at("2026-01-14T09:45"), 0.0),
        ]  # fmt: skip
        await store.change(lambda c: readings.keep(c, Batch(tuple(rows))))
        if until is not None:
            await Aging(store).thin(self.at(until), frozenset(self.site.points))
            await Aging(store).move(self.at(until))
        store.close()

    def types(self, *words: str, code: int = 0) -> str:
        """What `ledger export --form hours` says."""
        asked = [
            "ledger",
            "export",
            str(self.path),
            "--form",
            "hours",
            *words,
            "--state-dir",
            str(self.folder / "state"),
        ]
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == code, done.output
        return done.output

    def rows(self, *words: str) -> list[list[str]]:
        """Its lines, without the heading."""
        return list(csv.reader(io.StringIO(self.types("--period", "2026-01-14", *words))))[1:]


MORNING = [
    ["r/temperature", "temperature", "2026-01-14T08:00:00+08:00", "20", "22.5", "25", "25", "1.0000", "°C"],
    ["r/temperature", "temperature", "2026-01-14T09:00:00+08:00", "25", "25", "25", "25", "1.0000", "°C"],
    ["r/temperature", "temperature", "2026-01-14T10:00:00+08:00", "25", "25", "25", "", "0.2500", "°C"],
    ["r/window", "window", "2026-01-14T08:00:00+08:00", "0", "0", "0", "0", "1.0000", ""],
    ["r/window", "window", "2026-01-14T09:00:00+08:00", "0", "0.25", "1", "1", "1.0000", ""],
    ["r/window", "window", "2026-01-14T10:00:00+08:00", "1", "1", "1", "1", "1.0000", ""],
]  # fmt: skip


@pytest.mark.parametrize("until", [None, "2026-01-14T09:00", "2026-02-20T00:00"])
async def test_a_morning_by_the_hour_wherever_it_is_kept(
    database: str, until: str | None, tmp_path: Path
) -> None:
    """As it was read, half of it thinned, or in a file: the same lines, in °C though the device says °F."""
    desk = Desk(tmp_path, database)
    await desk.keeps(until)
    assert (tmp_path / "state/readings/hours-2026-01.parquet").exists() is (until == "2026-02-20T00:00")
    rows = desk.rows("--lang", "en")
    assert [row for row in rows if row[2] < "2026-01-14T11"] == MORNING
    assert len(rows) == 3 + 16  # the window's last state stands for the rest of the day
    assert desk.rows("--lang", "en", "--point", "r/temp*") == MORNING[:3]


async def test_headings_are_in_the_language_asked_for_and_a_file_opens_in_a_spreadsheet(
    tmp_path: Path,
) -> None:
    """Chinese by default; what is no point is told with what was meant; a day without readings has no line."""
    desk = Desk(tmp_path, "sqlite")
    await desk.keeps()
    head = "点,点类型,小时（起）,最小,平均,最大,末值,已知占比,单位"
    assert desk.types("--period", "2026-01-14").splitlines()[0] == head
    assert desk.types("--period", "2026-01-13").splitlines() == [head]
    out = tmp_path / "hours.csv"
    assert "written:" in desk.types("--period", "2026-01-14", "--out", str(out))
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(out.read_text("utf-8-sig").splitlines()) == 1 + 19
    assert "did you mean r/window?" in desk.types("--point", "r/windw", code=2)
    done = CliRunner().invoke(app, ["ledger", "export", str(desk.path), "--point", "r/*"])
    assert done.exit_code == 2
    assert "--point is of --form hours" in done.output
