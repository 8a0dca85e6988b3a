"""Files as people have them, in which a word means what the site file says, not what it means elsewhere."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.site import Site
from supervisor.ledger.late import Found, rows_of
from supervisor.sitefile.sitefile import load
from tests.unit.ledger.hall import HEAD

NOW = 1.9e9
CHINA = ZoneInfo("Asia/Shanghai")
METERS = """meters:
  total: {subitem: total, unit: kWh, name: 合计}
  ac: {subitem: hvac, unit: kWh, name: 空调}
  block-j: {subitem: hvac, unit: kWh}
  line-kwh: {subitem: hvac, unit: MWh}
  water-l: {subitem: water, unit: m3}
  gas: {subitem: gas, unit: m3}
  heat: {subitem: heat, unit: GJ}
  export: {subitem: hvac, unit: kWh}
  index: {subitem: hvac, unit: kWh}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hall whose main meter is called what sums are called, and others what units and columns are called."""
    path = tmp_path_factory.mktemp("words") / "hall.yaml"
    path.write_text(HEAD + METERS, encoding="utf-8")
    found = load(path).site
    assert found is not None
    return found


def read(site: Site, text: str, meter: str | None = None) -> Found:
    """What a file says."""
    return rows_of(text.splitlines(), site, meter, NOW)


def figures(found: Found) -> dict[str, list[float]]:
    """What each meter's rows say, in its own unit, in the order of the file."""
    assert not found.wrong, [each.what.en for each in found.wrong]
    by_meter: dict[str, list[float]] = {}
    for row in found.rows:
        by_meter.setdefault(row.meter, []).append(round(row.value, 9))
    return by_meter


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,meter,value\n2026-03-01,total,100\n2026-03-01,ac,5\n合计,,105\n", {"total": [100], "ac": [5]}),
        ("日期,表号,读数\n2026-03-01,合计,100\n2026-03-01,空调,5\n,小计,9\n", {"total": [100], "ac": [5]}),
        ("表号,2026-03-01,2026-03-02\n合计,100,101\n空调,5,6\n总计,9,9\n", {"total": [100, 101], "ac": [5, 6]}),
    ],
)  # fmt: skip
def test_a_main_meter_that_is_called_as_sums_are_is_a_meter(
    site: Site, text: str, said: dict[str, list[float]]
) -> None:
    """Its rows had been passed over as sums, and nothing was said; what no meter is called is a sum still."""
    assert figures(read(site, text)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("日期,ac(总)(MWh)\n2026-03-01,1\n", {"ac": [1000]}),
        ("日期,ac(正向)\n,MWh\n2026-03-01,1\n", {"ac": [1000]}),
        ("日期,block-j,line-kwh,water-l\n2026-03-01,1,2,3\n", {"block-j": [1], "line-kwh": [2], "water-l": [3]}),
        ("日期,ac/MWh,water-l/t\n2026-03-01,1,2\n", {"ac": [1000], "water-l": [2]}),
        ("日期,block-j (MWh),water-l/吨\n2026-03-01,1,2\n", {"block-j": [1000], "water-l": [2]}),
        ("日期,室外温度,湿度,ac度\n2026-03-01,8,40,5\n", {"ac": [5]}),
        ("日期,water-l\n2026-03-01,12吨\n", {"water-l": [12]}),
    ],
)  # fmt: skip
def test_a_column_has_the_unit_that_its_heading_says(
    site: Site, text: str, said: dict[str, list[float]]
) -> None:
    """Behind another bracket, too; a key that ends as a unit does says none; 室外温度 is no column of 度."""
    assert figures(read(site, text)) == said


@pytest.mark.parametrize(
    "text",
    ["时间,表号,读数\n2026-03-01,gas,12t\n", "时间,表号,读数\n2026-03-01,heat,120吨\n", "日期,heat(吨)\n2026-03-01,1\n",
     "时间,表号,读数(吨)\n2026-03-01,gas,12\n"],
)  # fmt: skip
def test_a_ton_is_a_volume_of_water_alone(site: Site, text: str) -> None:
    """120 t of steam had gone in as 120 GJ."""
    assert "is a weight" in read(site, text).wrong[0].what.en


TARIFFS = "日期,表号,费率,读数\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2026-03-01,ac,总,100\n2026-03-01,ac,峰,60\n2026-03-01,gas,,7\n2026-03-01,heat,单费率,8\n2026-03-01,water-l,/,9\n",
         {"ac": [100], "gas": [7], "heat": [8], "water-l": [9]}),
        ("2026-03-01,ac,正向有功总,100\n2026-03-01,空调,正向有功峰,60\n2026-03-01,total,单一,5\n", {"ac": [100], "total": [5]}),
        ("2026-03-01 08:00,ac,早班,100\n2026-03-01 20:00,ac,晚班,130\n", {"ac": [100, 130]}),
    ],
)  # fmt: skip
def test_a_total_stands_for_its_own_meter_alone(site: Site, rows: str, said: dict[str, list[float]]) -> None:
    """Beside a meter with tariffs those with one register had gone, and the file said that they were counted; shifts are no tariffs."""
    found = read(site, TARIFFS + rows)
    assert figures(found) == said
    assert [note.en.split()[0] for note in found.notes] == (["1"] if "峰" in rows else [])


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("2026-03-01,ac,总,100\n2026-03-01,heat,峰,60\n2026-03-01,heat,谷,40\n", 3),
        ("2026-03-01,ac,峰,60\n2026-04-01,ac,峰,90\n", 2),
        ("2026-03-01 00:00,ac,T1,60\n2026-03-01 00:01,ac,T2,61\n", 2),
        ("2026-03-01,ac,费率1,60\n", 2),
        ("2026-03-01,ac,峰段,60\n", 2),
    ],
)
def test_a_part_of_a_register_is_not_taken_for_it(site: Site, rows: str, line: int) -> None:
    """A file of 峰 alone had been booked as all that the meter counts, T1 and T2 a minute apart as one register."""
    wrong = read(site, TARIFFS + rows).wrong[0]
    assert (wrong.line, "has no total" in wrong.what.en, "没有“总”" in wrong.what.zh) == (line, True, True)


@pytest.mark.parametrize(
    ("column", "rows", "said", "left"),
    [
        ("读数类型", "2026-03-01,ac,,100\n2026-03-02,ac,实抄,101\n2026-03-03,ac,估抄,102\n", [100, 101, 102], 0),
        ("费率", "2026-03-01,ac,,100\n2026-03-02,ac,standard,101\n2026-03-03,ac,standard,102\n", [100, 101, 102], 0),
        ("费率", "2026-03-01,ac,,100\n2026-03-01,ac,峰,60\n2026-03-02,ac,实抄,101\n2026-03-02,ac,反向有功总,5\n", [100, 101], 2),
        ("费率", "2026-03-01,ac,单费率,100\n2026-03-01,ac,无功总,9\n2026-03-02,ac,,101\n", [100, 101], 1),
        ("费率", "2026-03-01,ac,1,100\n2026-03-02,ac,1,101\n2026-03-03,ac,,102\n", [100, 101, 102], 0),
        ("费率", "2026-03-01,ac,1,100\n2026-03-02,ac,1,101\n", [100, 101], 0),
        ("费率", "2026-03-01,ac,,100\n2026-03-01,ac,1,60\n2026-03-01,ac,2,40\n", [100], 2),
    ],
)  # fmt: skip
def test_a_blank_cell_leaves_out_tariffs_alone(
    site: Site, column: str, rows: str, said: list[float], left: int
) -> None:
    """One blank cell among 实抄 and 估抄 had left these out as if there were a total; 费率 1 in every row had been refused."""
    found = read(site, f"日期,表号,{column},读数\n{rows}")
    assert figures(found) == {"ac": said}
    assert [note.en.split()[0] for note in found.notes] == [str(left)] * bool(left)


def test_two_bare_digits_are_two_tariffs(site: Site) -> None:
    """1 and 2 of one meter, and no total."""
    wrong = read(site, f"{TARIFFS}2026-03-01,ac,1,60\n2026-03-01,ac,2,40\n").wrong[0]
    assert (wrong.line, "has no total" in wrong.what.en) == (2, True)


def times(found: Found) -> list[str]:
    """When each row was read, by the building's clock, without year and seconds."""
    assert not found.wrong, [each.what.en for each in found.wrong]
    return [f"{datetime.fromtimestamp(row.at, CHINA):%m-%d %H:%M}" for row in found.rows]


HOURLY = "".join(f"2026-03-01,{hour}:00,{hour}\n" for hour in range(1, 24))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("抄表日期,读数,记录时间\n2026-03-01,1,2026-03-05 09:30\n", ["03-01 00:00"]),
        ("记录时间,采集时间,读数\n2026-03-05 09:30,2026-03-01 08:00,1\n", ["03-01 08:00"]),
        ("hour,时间,读数\n8,2026-03-01 08:00,1\n", ["03-01 08:00"]),
        ("date,value,hour\n2026-03-01 08:00,1,8\n2026-03-02 00:00,2,24\n", ["03-01 08:00", "03-02 00:00"]),
        ("日期,时间,读数\n2026-03-01 00:00:00,8:00,1\n2026/3/2 0:00,9时,2\n", ["03-01 08:00", "03-02 09:00"]),
        ("日期,时间,读数\n2026-03-01,2026-03-01 08:00,1\n", ["03-01 08:00"]),
        ("日期,冻结时间,读数\n2026-03-01,2026-03-02 00:00,1\n", ["03-02 00:00"]),
        ("结束日期,结束时间,读数\n2026-03-01,8:00,1\n", ["03-01 08:00"]),
        ("日期,时间,读数\n2026-03-01,0:00,1\n2026-03-01,23:00,2\n2026-03-02,0:00,3\n", ["03-01 00:00", "03-01 23:00", "03-02 00:00"]),
        ("日期,时间,读数\n2026-03-01,8:00,1\n2026-03-01,24:00,2\n", ["03-01 08:00", "03-02 00:00"]),
    ],
)  # fmt: skip
def test_two_columns_of_time_are_one_where_the_one_lacks_what_the_other_has(
    site: Site, text: str, said: list[str]
) -> None:
    """When somebody wrote it down is not when it was read, and a whole time needs no hour beside it."""
    assert times(read(site, text, "ac")) == said


@pytest.mark.parametrize(
    ("day", "stamp", "said"),
    [
        ("2026-03-01", "2026-03-01T07:00:00+08:00", "03-01 07:00"),
        ("2026-03-01", "2026-03-01T00:00+08:00", "03-01 00:00"),
        ("2026-03-01", "2026-03-02T00:00:00+0800", "03-02 00:00"),
        ("2026-03-01", "2026-02-28T23:00:00Z", "03-01 07:00"),
        ("2026-03-01", "2026-03-01T15:59:00Z", "03-01 23:59"),
        ("2026-03-01 07:00", "2026-03-01T07:00:00+08:00", "03-01 07:00"),
        ("2026-03-01T07:00+08:00", "2026-02-28T23:00Z", "03-01 07:00"),
    ],
)
def test_a_time_with_an_offset_is_one_of_the_day_beside_it(
    site: Site, day: str, stamp: str, said: str
) -> None:
    """Seven in the morning in China is the day before in UTC: such files had been refused as having two times."""
    assert times(read(site, f"date,timestamp,value\n{day},{stamp},1\n", "ac")) == [said]


@pytest.mark.parametrize(
    ("day", "stamp"),
    [("2026-03-01", "2026-03-02T09:30:00+08:00"), ("2026-03-01", "2026-02-28T23:00:00+08:00"), ("2026-03-01", "2026-03-05T01:30:00Z"),
     ("2026-03-01 08:00", "2026-03-01T09:30:00+08:00"), ("2026-03-01T07:00Z", "2026-03-01T07:00+08:00")],
)  # fmt: skip
def test_a_time_with_an_offset_of_another_day_is_asked_about(site: Site, day: str, stamp: str) -> None:
    """By its own clock it is of no hour of the day beside it."""
    assert "not the same" in read(site, f"date,timestamp,value\n{day},{stamp},1\n", "ac").wrong[0].what.en


def test_an_interval_that_ends_at_midnight_ends_its_own_day(site: Site) -> None:
    """1:00 … 23:00, 0:00 of one date: the last row had landed a day early, on the day's beginning."""
    found = read(site, "日期,结束时间,读数\n" + HOURLY + "2026-03-01,0:00,24\n2026-03-02,1:00,25\n", "ac")
    assert times(found)[-2:] == ["03-02 00:00", "03-02 01:00"]
    assert "24:00" in found.notes[0].zh
    backwards = "日期,结束时间,读数\n2026-03-01,0:00,24\n" + "".join(
        reversed(HOURLY.splitlines(keepends=True))
    )
    assert times(read(site, backwards, "ac"))[0] == "03-02 00:00"
    begins = "日期,时间,读数\n2026-03-01,0:00,0\n" + HOURLY
    assert times(read(site, begins, "ac"))[0] == "03-01 00:00"


def test_two_whole_times_that_differ_are_asked_about(site: Site) -> None:
    """Nobody can tell which of them the meter was read at."""
    wrong = read(site, "日期,时间,读数\n2026-03-01,2026-03-05 09:30,1\n", "ac").wrong[0]
    assert (wrong.line, "not the same" in wrong.what.en, "不一致" in wrong.what.zh) == (2, True, True)


ACROSS = "日期," + ",".join(f"{hour}:00" for hour in range(24)) + "\n"
FIGURES = "," + ",".join(str(hour) for hour in range(24)) + "\n"


def test_hours_across_stand_behind_a_day_alone(site: Site) -> None:
    """16:00Z is the next day's midnight in China: its clock had been dropped, and the day was read a day early."""
    for day in ("2026-03-01", "2026/3/1 0:00:00", "2026-03-01T00:00", "2026年3月1日 星期日", "20260301"):
        assert times(read(site, ACROSS + day + FIGURES, "ac"))[::23] == ["03-01 00:00", "03-01 23:00"]
    for day in ("2026-02-28T16:00:00Z", "2026-03-01T00:00:00Z", "2026-03-01 8:00"):
        wrong = read(site, ACROSS + day + FIGURES, "ac").wrong[0]
        assert (wrong.line, "a time of its own" in wrong.what.en, "自带时刻" in wrong.what.zh) == (
            2,
            True,
            True,
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,value\n2026-03-01,1.2345e+05\n2026-03-02,1.2346E5\n", [123450, 123460]),
        ("time;value\n2026-03-01;1,234e+05\n2026-03-02;123500,5\n", [123400, 123500.5]),
        ("time;value\n2026-03-01;1.234e+05\n2026-03-02;1.235e+05\n", [123400, 123500]),
        ("time,value\n2026-03-01,5e-05\n2026-03-02,1.2e1 kWh\n", [5e-05, 12]),
        ("time,value\n#2026-03-01,90000\n# 1.3.2026,80000\n2026-03-02,5\n", [5]),
    ],
)
def test_what_programs_write_goes_in(site: Site, text: str, said: list[float]) -> None:
    """Powers of ten had been "below nothing", and a row that was taken out with # made the file refused."""
    found = read(site, text, "ac")
    assert figures(found) == {"ac": said}
    assert not found.notes


def test_only_what_is_below_nothing_is_said_to_be(site: Site) -> None:
    """A figure with a word behind it is no reading, and a negative one is told why."""
    for cell, below in (("-5", True), ("−5,5", True), ("5 foo", False), ("1e5x", False)):
        assert (
            "below nothing" in read(site, f"time;value\n2026-03-01;{cell}\n", "ac").wrong[0].what.en
        ) is below


@pytest.mark.parametrize("least", [0.0, 0.5])
def test_a_register_that_begins_anew_each_midnight_is_one(site: Site, least: float) -> None:
    """By way of an exact 0 as by way of 0.5: five days by the hour. What is consumed between hours of nothing is none still."""
    rows = "".join(f"2026-03-{1 + h // 24:02d} {h % 24}:00,{h % 24 * 7 + least}\n" for h in range(120))
    assert len(figures(read(site, "time,value\n" + rows, "ac"))["ac"]) == 120
    shifts = "".join(
        f"2026-03-{1 + h // 24:02d} {h % 24}:00,{max(0, 40 - 7 * abs(h % 24 - 12))}\n" for h in range(120)
    )
    assert "no register does" in read(site, "time,value\n" + shifts, "ac").wrong[0].what.en


def test_a_bill_with_two_readings_asks_for_one(site: Site) -> None:
    """Which of 本月示数 and 总示数 is the reading was open, and the first had gone in unsaid."""
    text = "表号,抄表日期,上月示数,本月示数,总示数\nac,2026-04-01,900,1000,1000\n"
    assert "may both be the reading" in read(site, text).wrong[0].what.en


def test_a_bill_whose_thousands_are_open_is_asked_about_these(site: Site) -> None:
    """1.000, 1.300 and 300 consumed: it had been asked whether a multiplier lacks."""
    text = (
        "表号;上次抄表日期;本次抄表日期;上月示数;本月示数;用电量\nac;2026-03-01;2026-04-01;1.000;1.300;300\n"
    )
    assert "--decimal" in read(site, text).wrong[0].what.en
    assert figures(rows_of(text.splitlines(), site, None, NOW, ",")) == {"ac": [1000, 1300]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,export,ac\n2026-03-01,7,5\n2026-03-02,8,6\n", {"export": [7, 8], "ac": [5, 6]}),
        ("time,index (MWh),ac,单位\n2026-03-01,7,5,kWh\n", {"index": [7000], "ac": [5]}),
        ("time,index\n2026-03-01,7\n", {"index": [7]}),
        ("time,meter,index\n2026-03-01,export,7\n", {"export": [7]}),
    ],
)
def test_a_column_that_is_called_as_a_meter_is_that_meters(
    site: Site, text: str, said: dict[str, list[float]]
) -> None:
    """`export` had been left out as what is fed in."""
    assert figures(read(site, text)) == said
