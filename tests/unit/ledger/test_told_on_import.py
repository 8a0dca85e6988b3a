"""Files of utilities and spreadsheets: what a figure in them is worth is either known, or asked; and what does not follow is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.readings import Quality, Reading
from supervisor.ledger.late import Row, in_another_unit
from supervisor.ledger.meters import Meters
from supervisor.sitefile.sitefile import load
from supervisor.store.readings import Batch, all_books
from supervisor.store.writer import Store
from tests.unit.ledger.hall import Hall

NOON = 1_772_337_600.0
"""2026-03-01 12:00 in Shanghai."""

METERS = """meters:
  main: {subitem: total, unit: kWh}
  wired: {subitem: total, point: {at: ddc/analog-input:2, unit: kWh, factor: 40}}
  mute: {subitem: total, point: {at: ddc/analog-input:3}}
  heat: {subitem: heat, unit: GJ}
  water: {subitem: water, unit: m3}
"""


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    """A hall with a meter of each kind."""
    return Hall(tmp_path, METERS)


def told(hall: Hall, text: str, *more: str, code: int = 0) -> str:
    """What is said of a file that is imported, in English."""
    return hall.does("import", str(hall.file("f.csv", text)), *more, code=code)


@pytest.mark.parametrize(
    ("head", "meter", "figures", "booked"),
    [
        ("时间,表,读数,单位", "main", ("1.2,MWh", "1.3,MWh"), "100.00 kWh"),
        ("时间,表,读数,单位", "heat", ("1000,kWh", "2000,kWh"), "3.60 GJ"),
        ("时间,表,读数,单位", "main", ("1.2,机关事务局", "1.3,机关事务局"), "0.10 kWh"),
        ("时间,表,读数（万kWh）", "main", ("1.2", "1.3"), "1000.00 kWh"),
        ("单位：MWh\n时间,表,读数", "main", ("1.2", "1.3"), "100.00 kWh"),
        ("时间,表,读数(吨)", "water", ("10", "12"), "2.00 m³"),
        ("时间,表,读数,倍率", "main", ("100,40", "110,40"), "400.00 kWh"),
        ("时间,表,读数,倍率", "wired", ("100,40", "110,40"), "400.00 kWh"),
        ("时间,表,止码(本月)(MWh)", "main", ("1.2", "1.3"), "100.00 kWh"),
        ("单位：万kWh\n时间,表,读数(总)", "main", ("1.2", "1.3"), "1000.00 kWh"),
        ("单位：万宁市财政局\n时间,表,读数", "main", ("1.2", "1.3"), "0.10 kWh"),
        ("时间,表,读数,变比", "main", ("100,200/5", "110,×40"), "400.00 kWh"),
        ("时间,表,读数,互感器倍率", "main", ("100,40倍", "110,200A/5A"), "400.00 kWh"),
        ("时间,表,读数,倍率", "main", ("100,/", "110,—"), "10.00 kWh"),
    ],
)
def test_what_a_figure_is_worth_is_said_beside_it(hall: Hall, head: str, meter: str, figures: tuple[str, str], booked: str) -> None:  # fmt: skip
    """A column of units, 万, a title and a multiplier (倍率) hold: a file in MWh had been taken for kWh, and a current transformer's
    register for a fortieth of it. A 单位 may be an organisation."""
    rows = "\n".join(f"2026-03-0{n},{meter},{figure}" for n, figure in enumerate(figures, 1))
    assert f"{booked}" in told(hall, f"{head}\n{rows}\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("时间,读数(kW)\n2026-03-01,10\n2026-03-02,11\n", "功率"),
        ("时间,读数,累计\n2026-03-01,10,900\n2026-03-02,11,999\n", "读数、累计"),
        ("index,time,value\n1,2026-03-01,10\n2,2026-03-02,11\n", "index"),
        ("时间;读数\n2026-03-01;1,234\n2026-03-02;1,334\n", "千位分隔符"),
        ("时间,读数,倍率\n2026-03-01,10,零\n2026-03-02,11,40\n", "不是倍率"),
        ("时间,读数,变比\n2026-03-01,10,5/200\n2026-03-02,11,5/200\n", "不是倍率"),
        ("单位：万元\n时间,读数\n2026-03-01,10\n2026-03-02,11\n", "既不是能量也不是体积"),
        ("时间,读数(万度电)\n2026-03-01,10\n2026-03-02,11\n", "不是已知的单位"),
        ("时间,读数,倍率\n2026-03-01,10,40\n2026-03-02,11,60\n", "第 2 行为 40，此处为 60"),
        ("时间,读数,倍率\n2026-03-01,10,40\n2026-03-02,11,\n", "第 2 行为 40，此处为 1"),
        (
            "".join(f"2026-03-01T{h:02d}:00,{v}\n" for h, v in enumerate((9, 8, 7, 12, 30, 28, 31, 22))),
            "各时段用量",
        ),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_and_not_guessed(hall: Hall, text: str, why: str) -> None:
    """Power, two columns of energy, thousands or fractions, consumption in place of a register: nothing goes in."""
    said = told(hall, text, "--meter", "main", code=1)
    assert why in said
    assert "未导入任何数据" in said


def test_a_unit_that_only_the_device_knows_is_asked_for(hall: Hall) -> None:
    """The site file leaves the unit to the device, and the file names none: 100 kWh had gone in as 100 J."""
    assert "取自设备" in told(hall, "2026-03-01,1000\n2026-03-02,1100\n", "--meter", "mute", code=1)
    assert "100.00 kWh" in told(hall, "时间,读数(kWh)\n2026-03-01,1000\n2026-03-02,1100\n", "--meter", "mute")


def test_the_dots_of_thousands_stay_so_where_no_fraction_follows(hall: Hall) -> None:
    """1.234 beneath 1.434,5 is a thousand: it had been one."""
    said = told(hall, "时间;读数\n2026-03-01;1.234\n2026-03-02;1.434,5\n", "--meter", "main")
    assert "200.50 kWh" in said


def test_the_clock_of_a_heading_holds(hall: Hall) -> None:
    """A data logger writes UTC and says so above the column: eight hours later here."""
    told(hall, "时间(UTC),读数\n2026-02-28 16:00,10\n2026-03-31 16:00,110\n", "--meter", "main")
    row = hall.sheet("2026-03")["main"]
    assert float(row["amount"]) == 100.0
    assert row["causes"] == ""


def test_an_import_says_what_it_found(hall: Hall) -> None:
    """A meter is exchanged within a file, and its figures leap forty times as high: who imports it reads so there and then."""
    hours = [f"2026-03-{1 + n // 24:02d}T{n % 24:02d}:00" for n in range(240)]
    exchanged = "".join(
        f"{at},{5000 + 10 * n if n < 100 else 10 * (n - 100)}\n" for n, at in enumerate(hours)
    )
    assert "表底清零" in told(hall, exchanged, "--meter", "main")
    leapt = "".join(f"{at},{(5000 + 10 * n) * (40 if n > 200 else 1)}\n" for n, at in enumerate(hours))
    said = told(hall, leapt, "--meter", "heat")
    assert "未计入" in said
    assert "rated" in said


@pytest.mark.parametrize("meter", ["main", "wired"])
def test_what_is_not_believed_is_missing_in_the_figure(hall: Hall, meter: str) -> None:
    """Ten days of figures forty times as high are not counted: the month has its mark, and the check says since when."""
    hours = [f"2026-03-{1 + n // 24:02d}T{n % 24:02d}:00" for n in range(744)]
    leapt = "".join(f"{at},{(5000 + 10 * n) * (40 if n > 500 else 1)}\n" for n, at in enumerate(hours))
    told(hall, leapt, "--meter", meter)
    row = hall.sheet("2026-03")[meter]
    assert float(row["completeness"]) == pytest.approx(500 / 744, abs=0.01)
    assert row["mark"] == "!"
    if meter == "main":
        assert "自 2026-03-21 起未计入" in hall.does("check", "--period", "2026-03", code=1)


def test_another_unit_in_the_site_file_does_not_reach_back(hall: Hall) -> None:
    """Somebody writes MWh where kWh stood: the next reading had made 900,000 of 900 kWh. It is asked about, and by the file's own
    heading it goes in."""
    told(hall, "2026-03-01,1000\n2026-03-10,1900\n", "--meter", "main")
    before = hall.site.read_text(encoding="utf-8")
    hall.site.write_text(
        before.replace("main: {subitem: total, unit: kWh}", "main: {subitem: total, unit: MWh}"),
        encoding="utf-8",
    )
    assert "此前的读数以 kWh 计" in told(hall, "2026-03-12,2.1\n", "--meter", "main", code=1)
    hall.site.write_text(before, encoding="utf-8")
    told(hall, "时间,读数(MWh)\n2026-03-12,2.1\n", "--meter", "main")
    assert float(hall.sheet("2026-03")["main"]["amount"]) == pytest.approx(1100.0)


@pytest.mark.parametrize(("first", "then"), [("", ",40"), (",40", ""), (",40", ",60")])
def test_another_multiplier_does_not_go_on_from_the_register(hall: Hall, first: str, then: str) -> None:
    """A column 倍率 that comes, goes or changes had booked 40,000 kWh that nobody used; one that stays goes in, as does a meter's new key."""

    def file(meter: str, day: int, value: int, ratio: str) -> str:
        return f"时间,表,读数{',倍率' if ratio else ''}\n2026-03-{day:02d},{meter},{value}{ratio}\n"

    told(hall, file("main", 1, 1000, first))
    said = told(hall, file("main", 10, 1025, then), code=1)
    assert "倍率此前为" in said and "标识" in said
    assert hall.sheet("2026-03")["main"]["amount"] == ""
    told(hall, file("main", 10, 1025, first))
    assert float(hall.sheet("2026-03")["main"]["amount"]) == (1000.0 if first else 25.0)
    hall.site.write_text(
        hall.site.read_text(encoding="utf-8") + "  main-2: {subitem: total, unit: kWh}\n", encoding="utf-8"
    )
    told(hall, file("main-2", 1, 1000, then) + file("main-2", 10, 1025, then).split("\n")[1] + "\n")


async def test_another_factor_does_not_reach_back(hall: Hall) -> None:
    """A current transformer was exchanged, and `factor: 80` stands in the site file since: what was read before is worth what it was."""
    site = load(hall.site).site
    assert site is not None
    meters, store = Meters(site), Store(f"sqlite:///{hall.folder / 'supervisor.sqlite3'}", inline=True)
    store.open()
    for n in range(3):
        meters.of("wired").take(Reading(100.0 * 40 * 3.6e6, Quality.GOOD, NOON + 60 * n, NOON))
    await store.keep_readings(Batch(postings=tuple(meters.postings())))
    hall.site.write_text(
        hall.site.read_text(encoding="utf-8").replace("factor: 40", "factor: 80"), encoding="utf-8"
    )
    since = load(hall.site).site
    assert since is not None
    later = Meters(since)
    later.restore(store.read_now(all_books))
    later.of("wired").take(Reading(100.0 * 80 * 3.6e6, Quality.GOOD, NOON + 86_400, NOON))
    await store.keep_readings(Batch(postings=tuple(later.postings())))
    why = store.read_now(lambda c: in_another_unit(c, since, [Row("wired", NOON + 90, 100.0)]))
    assert why is not None
    assert "40 kWh" in why.zh
    assert store.read_now(lambda c: in_another_unit(c, site, [Row("wired", NOON + 90, 100.0)])) is None
    assert store.read_now(lambda c: in_another_unit(c, since, [Row("wired", NOON + 90_000, 100.0)])) is None
    store.close()
