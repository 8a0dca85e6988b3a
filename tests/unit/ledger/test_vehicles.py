"""Vehicles at a terminal: a card each, litres and km, against the standard of its model; slips are told with their line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.unit.ledger.test_ledger_verbs import SITE, Office

FLEET = SITE.replace(
    "  car-1: {subitem: petrol, unit: L, name: 京A12345}\n",
    "  car-1: {subitem: petrol, name: 京A12345, vehicle: {model: GL8, standard: 9, tank: 60}}\n"
    "  bus: {subitem: diesel, vehicle: {}}\n",
)
MARCH = """time,meter,litres,km
2026-02-27T09:00,car-1,40,10000
2026-03-09T09:00,car-1,45,10500
2026-03-20T09:00,car-1,54,11100
2026-03-05T09:00,bus,120,50000
2026-03-25T09:00,bus,90,50600
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A town hall with two vehicles."""
    made = Office(tmp_path)
    made.site.write_text(FLEET, encoding="utf-8")
    return made


def test_a_month_of_fills_is_a_card_a_vehicle(office: Office) -> None:
    """99 L over 1,100 km since the fill before the month are 9 L/100 km; the bus has but one stretch; kg by density."""
    said = office.does("import", office.file(MARCH))
    assert "car-1: fills=3 litres=139.00 · 加油 3 次，计 139.00 L" in said
    table = office.does("meters", "--period", "2026-03")
    assert "百公里油耗" in table
    rows = {r["meter"]: r for r in csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03")))}
    car, bus = rows["car-1"], rows["bus"]
    assert (car["amount"], car["unit"], car["km"], car["l_per_100km"]) == (
        "99.000000",
        "L",
        "1100.000",
        "9.000",
    )
    assert (car["standard_l_per_100km"], car["kg"]) == ("9.000", f"{99 * 0.73:.3f}")
    assert (bus["amount"], bus["km"], bus["l_per_100km"]) == ("210.000000", "600.000", "15.000")
    assert office.does("check", "--period", "2026-03") is not None


def test_a_fill_is_added_by_hand_and_twice_is_once(office: Office) -> None:
    """With its odometer, at an hour; the same again changes nothing."""
    for _ in range(2):
        office.does("add", "car-1", "45.2", "--km", "38,120", "--at", "2026-03-01T08:00")
    rows = {r["meter"]: r for r in csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03")))}
    assert rows["car-1"]["amount"] == "45.200000"
    assert "a vehicle's fill has --km" in office.does("add", "car-1", "45", code=2)
    assert "only a vehicle has an odometer" in office.does("add", "water", "45", "--km", "1", code=2)


def test_what_takes_more_than_its_standard_is_asked_about(office: Office) -> None:
    """12 L/100 km where its model has nine."""
    office.does("import", office.file("2026-03-01,car-1,50,100\n2026-03-11,car-1,60,600\n"))
    said = office.does("check", "--period", "2026-03", "--lang", "zh", code=1)
    assert "car-1: 百公里油耗 12.0 L，高于标准 9 L" in said


def test_every_slip_is_told_by_file_and_line_and_nothing_goes_in(office: Office) -> None:
    """An odometer that falls, one that stands, one that leaps, more than the tank, nothing, words, no vehicle, no time."""
    text = MARCH + (
        "2026-03-21T09:00,car-1,30,11000\n2026-03-26T09:00,bus,30,50600\n2026-03-28T09:00,bus,30,99999\n"
        "2026-03-29T09:00,car-1,75,11900\n2026-03-30T09:00,car-1,0,12100\n2026-03-30T10:00,car-1,full,12200\n"
        "2026-03-30T11:00,water,5,12300\n2026-02-30T11:00,car-1,5,12300\n2026-03-30T12:00,car-1,5\n"
    )  # fmt: skip
    said = office.does("import", office.file(text, name="fills.csv"), code=1)
    for line, en, zh in (
        (7, "goes backwards: 11000 km after 11100 km", "里程倒退"), (8, "no km driven", "里程未变"),
        (9, "without a fill", "漏记"), (10, "75 L are more than fit in: at most 66", "超过可加油量"),
        (11, "nothing was filled", "加油量为零"), (12, "`full` is no number of litres", "不是升数"),
        (13, "`water` is no vehicle", "不是车辆"), (14, "is no time", "不是时间"), (15, "3 cells", "应为 4 列"),
    ):  # fmt: skip
        (told,) = [part for part in said.split("error: ") if f"fills.csv, line {line}: " in part]
        assert en in told
        assert zh in told
    assert "nothing was imported" in said
    rows = {r["meter"]: r for r in csv.DictReader(io.StringIO(office.does("export", "--period", "2026-03")))}
    assert rows["car-1"]["amount"] == rows["bus"]["amount"] == ""


def test_a_late_fill_is_judged_by_those_around_it(office: Office) -> None:
    """Between two that are kept: its odometer must lie between theirs."""
    office.does("import", office.file(MARCH))
    assert "goes backwards" in office.does(
        "add", "car-1", "20", "--km", "10400", "--at", "2026-03-12T09:00", code=1
    )
    assert "goes backwards" in office.does(
        "add", "car-1", "20", "--km", "11150", "--at", "2026-03-12T09:00", code=1
    )
    office.does("add", "car-1", "20", "--km", "10800", "--at", "2026-03-12T09:00")


def test_a_chinese_spreadsheet_names_the_vehicle_by_its_plate(office: Office) -> None:
    """日期, 车牌, 加油量, 里程, in GBK, with columns that nobody asks for."""
    text = (
        "日期;车牌;驾驶员;加油量(L);里程(km)\n2026/3/1;京A12345;王;40,5;1000\n2026/3/9;京A12345;王;45;1500\n"
    )
    said = office.does("import", office.file(text, encoding="gb18030"))
    assert "car-1: fills=2 litres=85.50" in said


def test_a_register_is_no_vehicle(office: Office) -> None:
    """A reading of a card, and a fill of a meter, are told."""
    said = office.does("import", office.file("2026-03-01,car-1,40\n"), code=1)
    assert "`car-1` is a vehicle: time,meter,litres,km" in said
