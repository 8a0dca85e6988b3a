"""Constraint and guidance values: a site's own table, its row, and the year against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.phrase import Phrase
from config.site import Site
from supervisor.ledger.indicators import Whole
from supervisor.ledger.statistics import Figure
from supervisor.ledger.tables import BadTable
from supervisor.savings.quotas import Quota, judged, quota_of, quotas_of
from tests.unit.savings.test_tariff import SITE

TABLE = "kind,climate,constraint,guidance,unit,source\noffice,cold,60,40,kWh/m2,our own table 1\nclinic,cold,90,,kgce/m²,table 2\n"
KWH = 3.6e6


def site(folder: Path, statistics: str) -> Site:
    """A hall with so much told of it."""
    path = folder / "site.yaml"
    path.write_text(SITE + statistics)
    loaded = load(path)
    assert loaded.site is not None, loaded.problems
    return loaded.site


def used(kwh: float, area: float | None = 100.0) -> Whole:
    """A year of electricity alone."""
    return Whole({"electricity": Figure(kwh * KWH, rows=1)}, kwh * 0.1229, None, 0.0, 0.0, area, None, None)


@pytest.mark.parametrize(
    ("kwh", "en", "zh"),
    [(3900, "within the guidance value 40", "达到引导值"), (5000, "above the guidance value 40", "未达到引导值"),
     (6600, "10.0 % above the constraint value 60", "超出约束值 60 10.0 %")],
)  # fmt: skip
def test_a_year_is_judged_by_the_sites_own_table(tmp_path: Path, kwh: float, en: str, zh: str) -> None:
    """39, 50 and 66 kWh/m² where 60 are allowed and 40 are striven for; the source stands with it."""
    (tmp_path / "q.csv").write_text(TABLE)
    quota = quota_of(site(tmp_path, "statistics: {quotas: q.csv, kind: office, climate: cold}"))
    assert isinstance(quota, Quota)
    found = judged(quota, used(kwh))
    assert found is not None
    assert en in found.said.en
    assert zh in found.said.zh
    assert "our own table 1" in found.said.zh
    assert judged(quota, used(kwh, None)) is None


@pytest.mark.parametrize(
    ("told", "said"),
    [("", "no kind and climate"), ("statistics: {kind: office, climate: cold}", "no table"),
     ("statistics: {quotas: q.csv, kind: school, climate: cold}", "no row school,cold")],
)  # fmt: skip
def test_why_there_is_no_quota_is_said(tmp_path: Path, told: str, said: str) -> None:
    """No figure is made up for a building that nobody has placed."""
    (tmp_path / "q.csv").write_text(TABLE)
    found = quota_of(site(tmp_path, told))
    assert isinstance(found, Phrase)
    assert said in found.en
    assert found.zh != found.en


@pytest.mark.parametrize(
    "row", ["office,cold,x,40,kWh/m2,s", "office,cold,60,70,kWh/m2,s", "office,cold,60,40,kWh,s", "office,cold,60,40,kWh/m2,", "a,b"]
)  # fmt: skip
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    """A guidance value above the constraint value, a unit that is none, no source."""
    path = tmp_path / "q.csv"
    path.write_text(TABLE + row + "\n")
    with pytest.raises(BadTable) as caught:
        quotas_of(path)
    assert caught.value.wrong[0].line == 4
    assert caught.value.wrong[0].what.zh != caught.value.wrong[0].what.en
