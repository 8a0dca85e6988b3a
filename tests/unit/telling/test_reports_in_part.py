"""A report of a building of which a part is told: no year before, areas of the building alone, a meter that is over."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from config.load import load
from config.phrase import Lang
from config.site import Site
from supervisor.daemon.assemble import open_store
from supervisor.ledger.coefficients import DEFAULTS
from supervisor.ledger.periods import period
from supervisor.ledger.statistics import Figure, lived
from supervisor.telling.reports import district
from supervisor.telling.reports.document import Cell, Document, Table, shown
from tests.reports import hall
from tests.unit.telling.test_reports import Office, document, text_of

BOILER = "  boiler: {subitem: gas, unit: m3, until: 2023-12-31}\n  fuel: {subitem: gas, of: [+boiler, +canteen]}\n  canteen:"
NOBODYS = {
    f", area_m2: {area}, people: {heads}": "" for area, heads in ((5200, 260), (4100, 210), (3200, 170))
}
NOWHERE = {"area_m2: 12500\npeople: 640\n": ""}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two years of its meters, for every site file here."""
    return Office(tmp_path_factory.mktemp("hall"))


def _site(folder: Path, changed: dict[str, str]) -> Site:
    text = hall.text()
    for was, now in changed.items():
        assert was in text
        text = text.replace(was, now)
    (folder / "hall.yaml").write_text(text, encoding="utf-8")
    site = load(folder / "hall.yaml").site
    assert site is not None
    return site


def _table(of: Document, part: str) -> Table:
    (its,) = (p for p in of.parts if p.id == part)
    return next(b for b in its.blocks if isinstance(b, Table))


@pytest.mark.parametrize(("lang", "said"), [("en", "did not count then"), ("zh", "当期不计量")])
def test_a_meter_that_is_over_was_booked_nowhere_and_is_nothing(
    office: Office, tmp_path: Path, lang: Lang, said: str
) -> None:
    """Its rows said one booking in all, and beneath that none; a computed meter counted one that nobody finds in the database."""
    of = document(_site(tmp_path, {"  canteen:": BOILER}), office.state, "2025-02", lang)
    rows = [[shown(c) for c in row] for row in _table(of, "rows").rows]
    whole, month = (row for row in rows if row[0].split()[-1] == "boiler")
    assert whole[4:6] == month[4:6] == ["0", "0.00"]
    assert month[-1] == said
    booked = {
        row[0].split()[-1]: row[4] for row in reversed(rows)
    }  # of each its first row, which is all of it
    assert booked["fuel"] == booked["canteen"] == "28"


def test_of_what_no_readings_were_due_nothing_is_complete(tmp_path: Path) -> None:
    """A meter that begins in mid-month and of which none were due yet was 100 % complete."""
    site = _site(tmp_path, {"canteen: {": "canteen: {since: 2025-02-10, "})
    of = period("2025-02", site.tz)
    found = lived(Figure(5.0, rows=1), site.meters["canteen"], of, of.end, site.tz)
    assert math.isnan(found.completeness) and (found.amount, found.rows, found.bookings) == (5.0, 1, 1)


@pytest.mark.parametrize(("changed", "name", "en", "zh"), [
    ({}, "2024-02", "standard coal per area and per head against", "单位面积、人均综合能耗"),
    (NOBODYS, "2025-02", "standard coal per area and per head against", "单位面积、人均综合能耗"),
    (NOBODYS | NOWHERE, "2025-02", "as neither area nor heads are told", "未填报面积与人数"),
    (NOBODYS | {"12500\npeople: 640\n": "[{from: 2025-01-01, area_m2: 12500}]\n"}, "2025-02",
     "as neither area nor heads of that time are told", "未填报当时的面积与人数"),
])  # fmt: skip
def test_the_notice_says_by_what_the_building_is_judged(
    office: Office, tmp_path: Path, changed: dict[str, str], name: str, en: str, zh: str
) -> None:
    """In its first year it said that neither area nor heads were told, of a building that told both."""
    site = _site(tmp_path, changed)
    assert en in text_of(document(site, office.state, name, "en"), "notice")
    assert zh in text_of(document(site, office.state, name, "zh"), "notice")


def test_the_buildings_row_keeps_the_figures_that_it_is_judged_by(office: Office, tmp_path: Path) -> None:
    """Areas were told of the building and of no unit: its kgce/m² and the fall per m², by which it “reached”, were dropped."""
    of = document(_site(tmp_path, NOBODYS), office.state, "2025-02", "en")
    table = _table(of, "notice")
    building: dict[str, Cell] = dict(zip(table.heads, table.rows[-1], strict=True))
    assert all(
        building[head].value is not None
        for head in ("kgce/m²", "kgce/head", "reduction per m²", "reduction per head")
    )
    assert building["reduction"].value is None
    assert "may add up to less" in text_of(of, "notice")


def test_a_district_judges_a_building_of_which_a_meter_is_over(office: Office, tmp_path: Path) -> None:
    """Its old boiler's meter lacked all readings of the year, which nobody owed."""
    site = _site(tmp_path, {"  canteen:": BOILER})
    store = open_store(site, office.state)
    try:
        of = period("2025-02", site.tz)
        found = store.read_now(lambda c: district.member(c, "hall", site, of, of.end, DEFAULTS, 0.05, 2024))
    finally:
        store.close()
    assert found.figures["boiler"].idle == 1 and found.figures["boiler"].bookings == 0
    assert not found.stands.marked and found.stands.reached is not None
