"""Per m² and per head, by what area and heads were at the time; and by who uses which part of the building."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load_text
from tests.unit.ledger.hall import HEAD, Hall

METERS = "meters:\n  main: {subitem: total, unit: kWh}\n  heat: {subitem: heat, unit: GJ}\n  boiler: {subitem: gas, unit: m3, heating: true}\n"
QUARTER = (
    "2026-01-01T00:00,main,0\n2026-04-01T00:00,main,9000\n2026-01-01T00:00,heat,0\n2026-04-01T00:00,heat,90\n"
)


def figure(hall: Hall, period: str, key: str) -> float | None:
    """One figure of a period's whole."""
    found = hall.statistics(period, "--by", "year")[0].get(f"building/{key}")
    return None if found is None else float(found["value"])


def test_an_area_that_grew_within_a_month_counts_by_time(tmp_path: Path) -> None:
    """15 days of 1000 m² and 16 of 1310: 1160 in the mean of March, 1000 before, 1310 after."""
    hall = Hall(
        tmp_path,
        "area_m2: [{from: 2026-01-01, area_m2: 1000}, {from: 2026-03-16, area_m2: 1310}]\npeople: 50\n"
        + METERS,
    )
    hall.imports(QUARTER)
    assert figure(hall, "2026-03", "basis/area") == pytest.approx(1160)
    assert figure(hall, "2026-02", "basis/area") == 1000
    assert figure(hall, "2026-04", "basis/area") == 1310
    assert figure(hall, "2026-03", "indicator/electricity_per_area") == pytest.approx(3100 / 1160)
    assert figure(hall, "2026-03", "indicator/energy_per_head") == pytest.approx(
        (3100 * 0.1229 + 31 * 34.12) / 50
    )
    assert hall.form("2026-03")["建筑面积"]["数值"] == "1160.00"


def test_before_its_history_begins_an_area_is_not_known(tmp_path: Path) -> None:
    """No indicator is made of a guess; a period that has a part of the history counts by that part."""
    hall = Hall(tmp_path, "area_m2: [{from: 2026-02-01, area_m2: 800}]\n" + METERS)
    hall.imports(QUARTER)
    assert figure(hall, "2026-01", "indicator/energy_per_area") is None
    assert hall.form("2026-01")["建筑面积"]["数值"] == ""
    assert figure(hall, "2026-Q1", "basis/area") == 800


def test_heating_is_told_by_heated_area_and_apart_from_the_rest(tmp_path: Path) -> None:
    """District heat, and gas of a boiler that the file says is for heating."""
    hall = Hall(tmp_path, "area_m2: 1000\nheated_m2: 800\n" + METERS)
    hall.imports(QUARTER + "2026-01-01T00:00,boiler,0\n2026-04-01T00:00,boiler,900\n")
    heating = 90 * 34.12 + 900 * 1.33
    assert figure(hall, "2026-Q1", "indicator/heating_energy_per_heated_area") == pytest.approx(heating / 800)
    assert figure(hall, "2026-Q1", "indicator/non_heating_energy_per_area") == pytest.approx(
        9000 * 0.1229 / 1000
    )


def test_each_organisation_has_what_its_meters_count_and_no_more(tmp_path: Path) -> None:
    """The tax office's floor is metered beneath the treasury's main meter: it is taken off there; what stands beneath its
    meter is its own; what belongs to nobody stays with the building."""
    hall = Hall(tmp_path, """
organisations:
  treasury: {name: 财政局, area_m2: 600, people: 30}
  tax: {name: 税务局, area_m2: [{area_m2: 300}, {from: 2026-03-16, area_m2: 610}], people: 10}
meters:
  main: {subitem: total, unit: kWh, organisation: treasury}
  floor-2: {subitem: lighting_socket, unit: kWh, parent: main, organisation: tax}
  servers: {subitem: server_room, unit: kWh, parent: floor-2}
  canteen: {subitem: power, unit: kWh}
  water: {subitem: water, unit: m3, organisation: tax}
""")  # fmt: skip
    hall.imports("".join(
        f"2026-03-01T00:00,{m},0\n2026-04-01T00:00,{m},{v}\n"
        for m, v in (("main", 1000), ("floor-2", 300), ("servers", 100), ("canteen", 50), ("water", 20))
    ))  # fmt: skip
    (march,) = hall.statistics("2026-03")
    assert march["treasury/carrier/electricity"]["value"] == pytest.approx(700)
    assert march["tax/carrier/electricity"]["value"] == pytest.approx(300)
    assert march["building/carrier/electricity"]["value"] == pytest.approx(1050)
    assert march["tax/indicator/water_per_head"]["value"] == pytest.approx(2)
    assert march["tax/indicator/electricity_per_area"]["value"] == pytest.approx(300 / 460)
    text = hall.does("statistics", "--period", "2026-03")
    assert "[税务局 · 能源资源]" in text
    assert "[财政局 · 指标（本期）]" in text
    form = hall.does("export", "--period", "2026-03", "--form", "2025-11", "--organisation", "tax")
    assert "单位名称,,税务局," in form
    assert "电消费量,kWh,300.00,100.0%," in form
    assert "tax" in hall.does("export", "--form", "2025-11", "--organisation", "tux", code=2)


@pytest.mark.parametrize(
    ("written", "en", "zh"),
    [
        ("[{area_m2: 5}, {area_m2: 6}]", "does not say from when it holds", "未写明自哪天起"),
        (
            "[{from: 2026-03-01, area_m2: 5}, {from: 2026-03-01, area_m2: 6}]",
            "hold from the same day",
            "同一天有两个数",
        ),
        (
            "[{from: 2026-03-01, area_m2: 5}, {from: 2025-03-01, area_m2: 6}]",
            "an earlier day than",
            "日期早于上一条",
        ),
        ("[{from: 2099-03-01, area_m2: 5}]", "2099-03-01 is in the future", "在将来"),
        ("-5", "outside the allowed range", ""),
        ("[{from: 2026-02-30, area_m2: 5}]", "no such day", ""),
        ("[{from: 2026-02-03, people: 5}]", "area_m2", ""),
    ],
)
def test_a_history_that_cannot_be_is_told_by_its_place(written: str, en: str, zh: str) -> None:
    """Twice the same day, out of order, without a day, in the future; each with the remedy, and its line."""
    found = load_text(f"{HEAD}area_m2: {written}\n").problems
    assert [p for p in found if en in p.message and zh in p.message_zh and p.line == 9], found


def test_an_organisation_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    """A slip in a meter's `organisation`."""
    found = load_text(
        f"{HEAD}organisations: {{tax: {{name: 税务局}}}}\nmeters:\n  main: {{subitem: total, unit: kWh, organisation: tux}}\n"
    ).problems
    assert [(p.message, p.hint) for p in found] == [("there is no organisation `tux`", "did you mean `tax`?")]


def test_a_view_gives_what_it_shows_to_whom_it_names_and_counts_nowhere_twice(tmp_path: Path) -> None:
    """The treasury has all but the tax office's: what a computed meter gives to the tax office is taken off at the treasury; a
    view that names nobody changes nothing, and heat that is shown twice heats once."""
    hall = Hall(tmp_path, """
area_m2: 1000
heated_m2: 1000
organisations:
  treasury: {name: 财政局}
  tax: {name: 税务局}
meters:
  main: {subitem: total, unit: kWh, organisation: treasury}
  servers: {subitem: server_room, unit: kWh, parent: main}
  shops: {subitem: power, unit: kWh, parent: main}
  tax: {subitem: total, of: [+servers, +shops], organisation: tax}
  shown: {subitem: total, of: [+main, -shops]}
  heat-1: {subitem: heat, unit: GJ}
  heat-2: {subitem: heat, unit: GJ}
  heat: {subitem: heat, of: [+heat-1, +heat-2]}
""")  # fmt: skip
    hall.imports("".join(
        f"2026-03-01T00:00,{m},0\n2026-04-01T00:00,{m},{v}\n"
        for m, v in (("main", 1000), ("servers", 200), ("shops", 100), ("heat-1", 10), ("heat-2", 20))
    ))  # fmt: skip
    (march,) = hall.statistics("2026-03")
    assert march["tax/carrier/electricity"]["value"] == pytest.approx(300)
    assert march["treasury/carrier/electricity"]["value"] == pytest.approx(700)
    assert march["building/carrier/electricity"]["value"] == pytest.approx(1000)
    assert march["building/carrier/heat"]["value"] == pytest.approx(30)
    heating = march["building/indicator/heating_energy_per_heated_area"]
    assert heating["value"] == pytest.approx(30 * 34.12 / 1000)
