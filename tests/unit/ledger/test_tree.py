"""The tree of meters: computed ones, what is left between a meter and those beneath it, and nothing counted twice."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from config.load import load_text
from supervisor.savings.caveats import panels
from tests.unit.ledger.hall import HEAD
from tests.unit.ledger.test_ledger_verbs import SITE, Office

TREE = SITE.replace(
    "  water: {subitem: water, unit: m3}\n",
    "  water: {subitem: water, unit: m3}\n"
    "  lights: {subitem: lighting_socket, unit: kWh, parent: main, accuracy: 1级}\n"
    "  rest: {subitem: power, of: [+main, -ac, -lights], parent: main, name: 其余}\n"
    "  both: {subitem: special, of: [ac, lights]}\n",
)
MARCH = """2026-03-01T00:00,main,0
2026-04-01T00:00,main,1000
2026-03-01T00:00,ac,0
2026-04-01T00:00,ac,600
2026-03-01T00:00,lights,0
2026-04-01T00:00,lights,250
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A town hall with two branches, and two meters that nobody has bought."""
    made = Office(tmp_path)
    made.site.write_text(TREE, encoding="utf-8")
    return made


def amounts(office: Office, period: str = "2026-03") -> dict[str, str]:
    """Each meter's amount, as a spreadsheet reads it."""
    return {
        r["meter"]: r["amount"]
        for r in csv.DictReader(io.StringIO(office.does("export", "--period", period)))
    }


def test_a_computed_meter_is_its_parts(office: Office) -> None:
    """What is left is 150 kWh, both branches are 850; the building took 1,000 all the same."""
    office.does("import", office.file(MARCH))
    found = amounts(office)
    assert (found["rest"], found["both"]) == ("150.000000", "850.000000")
    table = " ".join(office.does("meters", "--period", "2026-03", "--lang", "en").split())
    assert "electricity 1000.00 kWh" in table
    assert "not metered beneath main 150.00 kWh" in table


def test_what_is_not_known_of_a_part_is_not_known_of_the_sum(office: Office) -> None:
    """No lights, no rest: a dash, and no zero; nor is a balance told."""
    office.does("import", office.file("".join(MARCH.splitlines(keepends=True)[:4])))
    assert amounts(office)["rest"] == ""
    table = " ".join(office.does("meters", "--period", "2026-03", "--lang", "en").split())
    assert "not metered beneath main – kWh" in table


def test_a_part_that_is_estimated_makes_the_sum_estimated(office: Office) -> None:
    """A meter that was replaced, by hand: its guess goes into whatever is computed from it."""
    office.does("import", office.file(MARCH))
    figures = [600.0 + n for n in range(48)] + [50_000.0 + n for n in range(24)]
    rows = "".join(f"2026-04-{2 + n // 24:02d}T{n % 24:02d}:00,ac,{v}\n" for n, v in enumerate(figures))
    office.does("import", office.file(rows))
    office.does("import", office.file("2026-05-01T00:00,main,2000\n2026-05-01T00:00,lights,500\n"))
    rows_ = {r["meter"]: r for r in csv.DictReader(io.StringIO(office.does("export", "--period", "2026-04")))}
    assert float(rows_["ac"]["estimated"]) > 0
    assert float(rows_["rest"]["estimated"]) >= float(rows_["ac"]["estimated"])


def test_two_meters_beneath_that_exceed_theirs_are_told_beyond_their_class(office: Office) -> None:
    """Two per cent are within what meters of class 1 may err together; ten are not."""
    office.does("import", office.file(MARCH.replace("ac,600", "ac,765")))
    assert "sub_over_main" not in office.does("check", "--period", "2026-03", "--lang", "en", code=0)
    office.does("import", office.file(MARCH.replace("ac,600", "ac,850")))
    said = office.does("check", "--period", "2026-03", "--lang", "en", code=1)
    assert "main: sub_over_main: the meters beneath count more than this one (1100.00 > 1000.00 kWh)" in said


def test_a_reading_of_a_computed_meter_is_refused(office: Office) -> None:
    """It has no register."""
    assert "computed from other meters" in office.does("add", "rest", "5", code=1)


def test_panels_that_are_in_no_sum_look_like_a_saving() -> None:
    """A meter called 光伏 beneath the main one: what the building uses of it itself its main meter never sees, which is told beside a
    saving; not so where a computed meter has both, and not of a meter that is called otherwise."""
    loaded = load_text(
        HEAD + "meters:\n  main: {subitem: total, unit: kWh}\n"
        "  roof: {subitem: special, unit: kWh, name: 屋顶光伏, parent: main}\n"
        "  pvc: {subitem: special, unit: kWh, name: PVC line, parent: main}\n"
    )
    assert loaded.site is not None
    (told,) = panels(loaded.site, {"main"})
    assert "`roof` 似为光伏发电表" in told.zh
    assert list(panels(loaded.site, {"main", "roof"})) == []
