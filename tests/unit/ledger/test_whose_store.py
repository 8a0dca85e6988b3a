"""A state folder of another building, given by mistake or since the building was renamed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.ledger import app
from tests.unit.ledger.hall import Hall

METERS = "meters: {main: {subitem: total, unit: kWh}}\n"
ROWS = "2026-03-01,main,100\n2026-03-31,main,400\n"


@pytest.fixture
def halls(tmp_path: Path) -> tuple[Hall, Path]:
    """A hall that has figures, and the site file of an annex whose meter is called the same."""
    hall = Hall(tmp_path, METERS)
    hall.imports(ROWS)
    annex = tmp_path / "annex.yaml"
    annex.write_text(
        hall.site.read_text(encoding="utf-8").replace("building: hall", "building: annex"), encoding="utf-8"
    )
    return hall, annex


def said(hall: Hall, site: Path, *verb: str, code: int = 0) -> str:
    """What a verb says of another site file on the hall's store."""
    done = CliRunner().invoke(app, [verb[0], str(site), *verb[1:], "--state-dir", str(hall.folder / "state")])
    assert done.exit_code == code, done.output
    return done.output


def test_another_building_s_figures_are_told_as_such(halls: tuple[Hall, Path]) -> None:
    """The annex reads the hall's 300 kWh, and is told whose they are; the hall is told nothing."""
    hall, annex = halls
    assert "这是楼宇 `hall` 的数据库" in said(hall, annex, "meters", "--period", "2026-03")
    assert "hall`" not in hall.does("meters", "--period", "2026-03")


def test_another_building_s_readings_do_not_go_in(halls: tuple[Hall, Path]) -> None:
    """What would mix two buildings' figures is refused, and nothing is changed."""
    hall, annex = halls
    assert "--renamed" in said(hall, annex, "add", "main", "900", "--at", "2026-03-31T12:00", code=1)
    assert float(hall.sheet("2026-03")["main"]["amount"]) == 300.0


def test_a_building_that_was_renamed_keeps_its_ledger(halls: tuple[Hall, Path]) -> None:
    """Said once, the store is the annex's, with all that is in it; the old name is the one that is asked about then."""
    hall, annex = halls
    said(hall, annex, "add", "main", "500", "--at", "2026-03-31T12:00", "--renamed")
    told = said(hall, annex, "meters", "--period", "2026-03")
    assert "400.00" in told
    assert "数据库" not in told
    assert "数据库" in hall.does("meters", "--period", "2026-03")
