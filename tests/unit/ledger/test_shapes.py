"""Files of utilities and energy systems that are wider than a reading a line: read right, or refused with where and what to do."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from config.site import Site
from supervisor.ledger.late import Found, rows_of
from supervisor.savings.account import daily
from supervisor.sitefile.sitefile import load
from supervisor.store.writer import Store
from tests.unit.ledger.hall import HEAD, Hall

METERS = """meters:
  main: {subitem: total, unit: kWh, name: 总表}
  ac: {subitem: hvac, unit: kWh, parent: main, name: 空调}
  water: {subitem: water, unit: m3, name: 自来水}
  car: {subitem: petrol, vehicle: {tank: 60}}
"""
QUARTERS = [f"{15 * n // 60}:{15 * n % 60:02d}" for n in range(1, 96)] + ["0:00"]
NIGHT_AND_DAY = [5, 4, 3, 3, 4, 6, 9, 20, 30, 32, 31, 28, 25, 27, 30, 31, 30, 22, 15, 10, 8, 7, 6, 5]
NOW = 1.9e9


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hall with two meters of electricity, and one of water, all read by hand."""
    path = tmp_path_factory.mktemp("hall") / "hall.yaml"
    path.write_text(HEAD + METERS, encoding="utf-8")
    found = load(path).site
    assert found is not None
    return found


def read(site: Site, text: str, meter: str | None = None, decimal: str | None = None) -> Found:
    """What a file says."""
    return rows_of(text.splitlines(), site, meter, NOW, decimal)


def rose(found: Found) -> dict[str, float]:
    """By how much each meter's figures rose in a file, in the meter's own unit."""
    assert not found.wrong, [each.what.en for each in found.wrong]
    by_meter: dict[str, list[tuple[float, float]]] = {}
    for row in found.rows:
        by_meter.setdefault(row.meter, []).append((row.at, row.value))
    return {name: max(its)[1] - min(its)[1] for name, its in by_meter.items()}


def day(figures: list[float]) -> str:
    """A line of figures."""
    return ",".join(f"{figure:g}" for figure in figures)


@pytest.mark.parametrize(
    ("text", "meter", "true"),
    [
        ("3 月抄表,,,\n单位：kWh,,,\n日期,总表,空调(MWh),自来水/吨,合计\n2026-03-01,1000,1,10,1\n2026-04-01,2500,1.5,22,2\n合计,9,9,9,\n", None,
         {"main": 1500, "ac": 500, "water": 12}),
        ("日期,总表,空调\n,MWh,kWh\n2026-03-01,1,5\n2026-03-02,停电,6\n2026-03-03,1.1,--\n", None, {"main": 100, "ac": 1}),
        ("日期," + ",".join(f"{h:02d}:00" for h in range(24)) + "\n2026-03-01," + day([1000 + 2 * h for h in range(24)])
         + "\n2026-03-02," + day([1048 + 2 * h for h in range(24)]) + "\n", "main", {"main": 94}),
        ("日期,表号," + ",".join(QUARTERS) + "\n2026/3/1,总表," + day([1000 + n / 2 for n in range(96)]) + "\n", None, {"main": 47.5}),
        ("日期," + ",".join(f"H{h}" for h in range(1, 25)) + "\n2026-03-01," + day([float(h) for h in range(24)]) + "\n", "main", {"main": 23}),
        ("表号,2026-03-01,2026-03-11,2026-03-31 24:00,合计\n总表,1000,1100,1500,\n空调,5,6,9,\n合计,1005,1106,1509,\n", None,
         {"main": 500, "ac": 4}),
        ("户号,表号,上次抄表日期,本次抄表日期,上月示数,本月示数,倍率,用电量\n012,总表,2026-03-01,2026-04-01,1000,1250,40,10000\n", None, {"main": 10_000}),
        ("表号,抄表日期,上月示数,本月示数,倍率\n总表,2026-03-01,900,1000,40\n总表,2026-04-01,1000,1250,40\n", None, {"main": 10_000}),
        ("日期,表号,总有功,尖,峰,平,谷\n2026-03-01,总表,1000,10,290,400,300\n2026-04-01,总表,1500,20,400,600,480\n", None, {"main": 500}),
        ("日期,表号,示数类型,读数\n2026-03-01,总表,有功（总）,1000\n2026-03-01,总表,有功（峰）,10\n2026-04-01,总表,有功（总）,1100\n"
         "2026-04-01,总表,有功（峰）,20\n", None, {"main": 100}),
        ("表号,日期,读数\n总表,2026-03-01,1000\n,2026-03-11,1200\n空调,2026-03-01,5\n,2026-03-11,8\n", None, {"main": 200, "ac": 3}),
        ("日期,表号,读数\n2026-03-01,总表,1000\n,空调,5\n2026-03-11,总表,1100\n,空调,6\n", None, {"main": 100, "ac": 1}),
        ('"抄表\n日 期","表 号","读数\n(MWh)"\n2026-03-01,总表,1\n2026-03-02,总表,1.1\n', None, {"main": 100}),
        ("date,meter,value\n3/1/2026 8:00 AM,main,1000\n3/1/2026 8:00 PM,main,1010\n3/13/2026 8:00 AM,main,1100\n", None, {"main": 100}),
        ("日期,表号,读数\n01.03.2026,总表,1000 kWh\n02.03.2026,总表,1.1MWh\n03.03.2026,总表,1200度\n", None, {"main": 200}),
        ("日期，表号，读数\n２０２６／３／１，总表，１０００\n２０２６／３／２，总表，１１００．５\n", None, {"main": 100.5}),
    ],
)  # fmt: skip
def test_a_file_however_wide_comes_to_what_the_meters_counted(site: Site, text: str, meter: str | None, true: dict[str, float]) -> None:  # fmt: skip
    """A column a meter, an hour, a quarter or a day; bills with two figures; tariffs; merged cells, units anywhere, sums beneath."""
    assert rose(read(site, text, meter)) == pytest.approx(true)


@pytest.mark.parametrize(
    ("text", "meter", "line", "en", "zh"),
    [
        ("日期,总表,空调2\n2026-03-01,1000,5\n", None, 1, "column 3, `空调2`, is no meter", "第 3 列“空调2”不是站点文件中的计量表"),
        ("日期,1#楼,2#楼\n2026-03-01,5,6\n", None, 1, "none as a meter of the site file", "表名"),
        ("表号,1月,2月\n总表,1,2\n", None, 1, "names no instant", "没有写明抄表时刻"),
        ("月份,表号,读数\n2026年3月,总表,100\n", None, 2, "names no day", "没有写明哪一天"),
        ("日期,0:00-1:00,1:00-2:00,2:00-3:00\n2026-03-01,5,6,5\n", "main", 1, "what was consumed", "时段用量"),
        ("日期," + ",".join(f"{h}:00" for h in range(24)) + "\n2026-03-01," + day([float(n) for n in NIGHT_AND_DAY]) + "\n", "main", 0,
         "which no register does", "各时段用量"),
        ("\n".join(f"2026-03-01 {h:02d}:00,{v}" for h, v in enumerate([0, 0, 3, 0, 2, 0, 0, 1, 0, 3, 0, 2, 0])), "water", 0,
         "which no register does", "各时段用量"),
        ("\n".join(f"2026-03-{d:02d},{(1000 + d) / (1000 if d in (4, 9, 14) else 1)}" for d in range(1, 20)), "main", 4, "MWh among kWh",
         "MWh 与 kWh 混用"),
        ("\n".join(f"2026-03-{1 + h // 24:02d} {h % 24}:00,{10_000 + h + 40 * math.cos(h / 12 * math.pi):.1f}" for h in range(96)), "main", 0,
         "import less export", "净计量"),
        ("表号,起始日期,截止日期,上期示数,本期示数,用电量\n总表,2026-03-01,2026-03-31,1000,1250,10000\n", None, 2, "multiplier", "倍率"),
        ("户号,表号,上月示数,本月示数,倍率\n1,总表,1000,1250,40\n", None, 1, "no column is called time", "缺少列：时间"),
        ("日期,表号,用电量\n2026-03-01,总表,5\n", None, 1, "what was consumed is none", "用量不是读数"),
        ("date,meter,value\n3/1/2026,main,1000\n", None, 2, "the day or the month may come first", "先写的可能是日也可能是月"),
        ("日期,表号,读数\n2026-03-01,总表,-5\n", None, 2, "below nothing", "表底不会为负"),
        ("日期,表号,费率,读数\n2026-03-01,总表,峰,5\n2026-03-01,总表,谷,6\n", None, 2, "has no total", "没有“总”"),
    ],
)  # fmt: skip
def test_what_a_file_does_not_tell_is_refused_where_it_stands(
    site: Site, text: str, meter: str | None, line: int, en: str, zh: str
) -> None:
    """Months without a day, consumption, net counters, meters that nobody knows, a multiplier that was left out: a line, and what to do."""
    wrong = read(site, text, meter).wrong[0]
    assert (wrong.line, en in wrong.what.en, zh in wrong.what.zh) == (line, True, True), wrong


LATER = "03.03.2026;main;1.335\n04.03.2026;main;1.336\n"
GERMAN = "Time;Meter;Value\n01.03.2026;main;1.234\n02.03.2026;main;1.334\n"


@pytest.mark.parametrize(
    ("text", "decimal", "rise"),
    [
        (GERMAN, ",", 100.0),
        (GERMAN, ".", 0.1),
        (GERMAN.replace("1.234", "999") + LATER, None, 337.0),
        (GERMAN + LATER.replace("1.335", "2").replace("1.336", "2.001") + "05.03.2026;main;3\n", None, 1.766),
        (GERMAN.replace("1.334", "1334,5"), None, 100.5),
        (GERMAN.replace("1.334", "1.334.567"), None, 1_333_333.0),
        (GERMAN.replace(";", ","), None, 0.1),
        ('time,meter,value\n2026-03-01,main,"12,5"\n2026-03-02,main,"13,234"\n', None, 0.734),
    ],
)
def test_a_point_that_parts_thousands_is_never_taken_for_a_fraction(site: Site, text: str, decimal: str | None, rise: float) -> None:  # fmt: skip
    """1.234 is told by another figure, by how all of them follow one another, or by who imports it."""
    assert rose(read(site, text, decimal=decimal)) == {"main": pytest.approx(rise)}


def test_what_was_taken_of_two_ways_is_said(site: Site) -> None:
    """999, then 1.334: told with the file, so that who knows better can say so; where nothing tells, or a single step, it is asked: 2 behind
    1.234 may be a register that began anew."""
    assert "1334" in read(site, GERMAN.replace("1.234", "999") + LATER).notes[0].zh
    anew = GERMAN + LATER + "05.03.2026;main;2\n06.03.2026;main;9\n"
    for text in (GERMAN, GERMAN.replace("1.234", "999"), GERMAN.replace("1.334", "2"), anew):
        assert "--decimal" in read(site, text).wrong[0].what.en
    two = 'time,meter,value\n2026-03-01,main,"1,012.5"\n2026-03-02,main,"1013,5"\n'
    assert "写法不一致" in read(site, two).wrong[0].what.zh


def test_a_meter_that_was_exchanged_is_asked_for_no_more(tmp_path: Path) -> None:
    """The old key ends on its day: nobody asks who read it since, what stood beneath the main meter adds up, and its late reading is
    another meter's."""
    hall = Hall(
        tmp_path,
        METERS
        + "  ac-2: {subitem: hvac, unit: kWh, parent: main, since: 2026-03-16}\n  both: {subitem: hvac, of: [+ac, +ac-2]}\n",
    )
    hall.site.write_text(
        hall.site.read_text(encoding="utf-8").replace("name: 空调}", "name: 空调, until: 2026-03-15}"),
        encoding="utf-8",
    )
    hall.imports(
        "2026-03-01,main,0\n2026-04-01,main,100\n2026-05-01,main,200\n2026-03-01,ac,500\n2026-03-15 24:00,ac,540\n"
        "2026-03-16,ac-2,0\n2026-04-01,ac-2,20\n2026-05-01,ac-2,70\n"
    )
    march, april = hall.sheet("2026-03"), hall.sheet("2026-04")
    assert [float(march[key]["completeness"]) for key in ("ac", "ac-2")] == pytest.approx([1.0, 1.0])
    assert (april["ac"]["amount"], april["ac"]["mark"]) == ("0.000000", "")
    assert (float(march["both"]["amount"]), float(april["both"]["amount"])) == pytest.approx((60, 50))
    site, store = (
        load(hall.site).site,
        Store(f"sqlite:///{tmp_path / 'state' / 'supervisor.sqlite3'}", inline=True),
    )
    assert site is not None
    store.open()
    days = store.read_now(lambda c: daily(c, site, site.meters["both"], date(2026, 3, 1), date(2026, 5, 1)))
    store.close()
    assert len(days) == 61
    assert sum(days.values()) / 3.6e6 == pytest.approx(110)
    said = hall.does("check", "--period", "2026-04", code=0)
    assert "ac:" not in said and "无人抄表" not in said
    assert "使用期内" in hall.does(
        "import", str(hall.file("late.csv", "2026-04-02,541\n")), "--meter", "ac", code=1
    )


def test_a_part_that_is_added_to_the_whole_is_told(tmp_path: Path) -> None:
    """A meter without a parent beside the main one had been counted twice, and nobody said so."""
    hall = Hall(tmp_path, METERS.replace(", parent: main", ""))
    hall.imports("2026-03-01,main,0\n2026-04-01,main,100\n2026-03-01,ac,0\n2026-04-01,ac,40\n")
    assert "ac: 未写上级表，其用量与 `main` 相加" in hall.does("check", "--period", "2026-03")
