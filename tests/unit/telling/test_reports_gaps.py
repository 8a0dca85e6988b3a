"""A school whose meter misses a week: what no booking covers is no saving, and where it could turn the verdict none is given."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import zipfile
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from config.load import load
from config.phrase import Lang
from config.site import Site
from schedules.time import instant_of
from supervisor.daemon.assemble import open_store
from supervisor.savings.told import amount, span
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting
from supervisor.telling.reports.document import Document, Table, Text, shown
from supervisor.telling.reports.xlsx import workbook
from tests.unit.telling.test_reports import document, text_of

KWH = 3.6e6
TEXT = """version: 1
building: school
name: 学校
timezone: Asia/Shanghai
area_m2: 1000
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
meters:
  main: {subitem: total, unit: kWh, name: 总表}
"""
OVER = date(2026, 1, 1)
WEEK = range(100, 107)
"""Days of the year, from 0, of which nothing was read: 7 of 365, 98.1 % are there."""


class School:
    """1000 kWh a day in 2024 and another amount in 2025; of some days nothing was booked."""

    def __init__(
        self, folder: Path, a_day: float, now: Collection[int] = (), then: Collection[int] = (),
        booked: tuple[int, int] | None = None, last: date = date(2025, 12, 31), meters: str = "",
    ) -> None:  # fmt: skip
        """`now` and `then`: days of each year, from 0, without a reading; `booked`: from one to another of 2025 a register's
        difference covers; `last`: the last day that was read; `meters`: lines of others."""
        (folder / "school.yaml").write_text(TEXT + meters, encoding="utf-8")
        site = load(folder / "school.yaml").site
        assert site is not None
        self.site: Site = site
        self.state = folder / "state"
        rows = []
        for year, gone, kwh in ((2024, then, 1000.0), (2025, now, a_day)):
            for n in range(366 if year == 2024 else 365):
                day = date(year, 1, 1) + timedelta(n)
                if n not in gone and day <= last:
                    rows.append((self.at(day), self.at(day + timedelta(1)), kwh * KWH, False, ""))
        if booked is not None:
            first, until = (date(2025, 1, 1) + timedelta(n) for n in booked)
            rows.append(
                (self.at(first), self.at(until), a_day * (booked[1] - booked[0]) * KWH, True, "silent")
            )
        self.book("main", rows)

    def book(self, meter: str, rows: Iterable[tuple[float, float, float, bool, str]]) -> None:
        """Keep what a meter counted: from, until, J or m³, whether it is estimated, and why."""
        store = open_store(self.site, self.state)
        posting = Posting(meter, (), tuple(sorted(rows)), (), None)
        asyncio.run(store.change(partial(readings.keep, batch=Batch(postings=(posting,)))))
        store.close()

    def at(self, day: date) -> float:
        """Its midnight."""
        return instant_of(day, 0, self.site.tz)

    def sql(self, start: date, end: date) -> float:
        """kWh that plain SQL says were booked between two midnights."""
        with sqlite3.connect(self.state / "supervisor.sqlite3") as database:
            (found,) = database.execute(
                'SELECT sum(amount) FROM bookings WHERE start >= ? AND "end" <= ?',
                (self.at(start), self.at(end)),
            ).fetchone()
        return float(found) / KWH

    def told(self, name: str = "2025", lang: Lang = "zh", now: float | None = None) -> Document:
        """The report."""
        return document(self.site, self.state, name, lang, now or self.at(OVER))


def lead(of: Document, part: str = "notice") -> str:
    """The sentence that counts."""
    (its,) = (p for p in of.parts if p.id == part)
    return next(b.text for b in its.blocks if isinstance(b, Text) and b.kind == "lead")


def results(of: Document) -> tuple[str, str]:
    """What the ranking and the year's progress say in their last columns."""
    (notice,) = (p for p in of.parts if p.id == "notice")
    tables = [b for b in notice.blocks if isinstance(b, Table)]
    return shown(tables[0].rows[-1][-1]), shown(tables[1].rows[-1][-1])


def test_a_week_that_is_booked_nowhere_is_no_saving(tmp_path: Path) -> None:
    """962 kWh a day are 4.1 % less than 1000; without a week it looks like 5.9 %, and the target of 5 % is not told as reached."""
    school = School(tmp_path, 962.0, now=WEEK)
    of = school.told()
    kwh = school.sql(date(2025, 1, 1), OVER)
    fell = 1 - kwh / school.sql(date(2024, 1, 1), date(2025, 1, 1))
    assert kwh == pytest.approx(962 * 358) and fell > 0.05 > fell - 7 / 365
    assert lead(of) == (
        f"学校：能耗下降 {100 * fell:.1f} %，但本期缺读数，{700 / 365:.1f} % 的用量无记录，足以改变结论，能否达到 5 % 的目标无法判定。"
    )
    assert results(of) == ("无法判定", "无法判定")
    assert "whether the target of 5 % is reached cannot be told" in lead(school.told(lang="en"))
    assert "足以改变结论" in lead(of, "corrective")
    (tmp_path / "of.xlsx").write_bytes(workbook(of))
    with zipfile.ZipFile(tmp_path / "of.xlsx") as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "无法判定" in strings and "达标</t>" not in strings
    found = next(c for c in of.cells() if c.key == "unit/school/reduction_area")
    assert found.value == pytest.approx(fell) and found.tone == ""


@pytest.mark.parametrize(
    ("a_day", "now", "then", "booked", "result"),
    [
        (962.0, WEEK, (), (100, 107), "未达标"),  # the register's next difference books it: 4.1 %
        (930.0, WEEK, (), None, "达标"),  # 9.0 %, of which the week can take 1.9
        (990.0, WEEK, (), None, "未达标"),  # 3.2 %: more readings would only make it less
        (945.0, (), WEEK, None, "无法判定"),  # 5.8 %, and 3.9 % beside a year that lacks a week
        (975.0, (), WEEK, None, "未达标"),  # 0.9 %: no week makes 5 of it
        (945.0, (), (), None, "达标"),
    ],
)
def test_a_verdict_stands_where_no_reading_could_turn_it(
    tmp_path: Path, a_day: float, now: Collection[int], then: Collection[int], booked: tuple[int, int] | None, result: str
) -> None:  # fmt: skip
    """In the ranking and in the year's progress alike."""
    said = results(School(tmp_path, a_day, now, then, booked).told())
    assert said[0] == result
    assert said[1] == {"达标": "符合进度", "未达标": "落后进度"}.get(result, result)


def test_a_period_that_is_not_over_is_told_and_compared_up_to_its_last_reading(tmp_path: Path) -> None:
    """Read until the night to 15 March and asked in the afternoon of the 20th: fourteen days against fourteen, and the year alike."""
    school = School(tmp_path, 960.0, last=date(2025, 3, 14))
    now = school.at(date(2025, 3, 20)) + 15 * 3600
    for name, start in (("2025-03", date(2025, 3, 1)), ("2025", date(2025, 1, 1))):
        of = school.told(name, now=now)
        assert dict(of.basics)["数据截至"] == "2025-03-14" and "数据截至 2025-03-14" in lead(of)
        cells = {c.key: c.value for c in of.cells() if c.key}
        before = school.sql(start.replace(year=2024), date(2024, 3, 15))
        assert cells["electricity/main/before"] == pytest.approx(before)
        fell = 1 - school.sql(start, date(2025, 3, 15)) / before
        assert cells["unit/school/reduction_area"] == pytest.approx(fell)
        assert cells["progress/area"] == pytest.approx(1 - 960 * 73 / (1000 * (31 + 29 + 14)))


@pytest.mark.parametrize(
    ("gone", "a_day"),
    [
        # March, and two days of each of four months: 89 % of the year, and eleven whole months
        ({*range(59, 90), 0, 1, 120, 121, 151, 152, 181, 182}, 1100.0),
        # six days of each of two months: 97 % of the year, and ten whole months
        ({*range(6), *range(181, 187)}, 700.0),
    ],
)
def test_the_year_is_judged_in_the_notice_and_in_its_progress_or_in_neither(
    tmp_path: Path, gone: set[int], a_day: float
) -> None:
    """One told that it cannot be judged, and the other that it is behind."""
    assert results(School(tmp_path, a_day, now=gone).told()) == ("无法判定", "无法判定")


def test_a_gap_below_the_mark_is_named_where_gaps_are(tmp_path: Path) -> None:
    """98.1 % are above the mark, and the week is told in section 5, with what to do about it in section 7."""
    school = School(tmp_path, 990.0, now=WEEK)
    said = " ".join(text_of(school.told(), "corrective").split())
    assert "总表 读数缺失，其间用量无记录 98.1 %" in said and "修复第五部分所列表计" in said
    (tmp_path / "whole").mkdir()
    assert "读数缺失" not in text_of(School(tmp_path / "whole", 990.0).told(), "corrective")


@pytest.mark.parametrize("gone", [(), (366 + 70,)])
def test_who_was_not_read_yet_today_lacks_no_readings(tmp_path: Path, gone: Collection[int]) -> None:
    """Gas read by hand at seven each morning, asked in the night to the 20th: nothing to mend. A day that nobody read before is named still."""
    school = School(
        tmp_path, 990.0, last=date(2025, 3, 19), meters="  gas: {subitem: gas, unit: m3, name: 燃气表}\n"
    )
    seven = [school.at(date(2023, 12, 31) + timedelta(n)) + 7 * 3600 for n in range(366 + 79)]
    school.book("gas", [(a, b, 10.0, False, "") for n, (a, b) in enumerate(pairwise(seven)) if n not in gone])
    for name in ("2025-03", "2025"):
        of = school.told(name, now=school.at(date(2025, 3, 20)))
        said = " ".join(text_of(of, "corrective").split())
        assert ("燃气表 读数缺失，其间用量无记录" in said) is bool(gone), name
        assert "七、整改措施" in said and ("修复第五部分所列表计" in said) is bool(gone)


def test_a_measure_has_the_room_of_a_sentence_in_the_workbook(tmp_path: Path) -> None:
    """Its cell goes over the columns that the other three leave."""
    (tmp_path / "of.xlsx").write_bytes(workbook(School(tmp_path, 990.0, now=WEEK).told()))
    with zipfile.ZipFile(tmp_path / "of.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        sheet = book.read(f"xl/worksheets/sheet{names.index('整改报告') + 1}.xml").decode()
        strings = re.findall(r"<si>(.*?)</si>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    (at,) = (n for n, text in enumerate(strings) if "修复第五部分所列表计" in text)
    (row,) = re.findall(rf'<c r="A(\d+)"[^>]*t="s"><v>{at}</v>', sheet)
    (last,) = re.findall(rf'<mergeCell ref="A{row}:([A-Z])\d+"', sheet)
    widths = {
        n: float(width) for first, until, width in re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', sheet)
        for n in range(int(first), int(until) + 1)
    }  # fmt: skip
    assert sum(widths[n] for n in range(1, ord(last) - ord("A") + 2)) > 30


def test_a_saving_is_written_as_the_rest_of_the_report() -> None:
    """A space before the per cent sign, and a minus that is one, in both languages."""
    said = span(-10_237 * KWH, 379_000 * KWH, -20_500 * KWH, 26.0 * KWH, "electricity")
    assert said.en == "−10,237 kWh (−2.7 %; 90 %: −20,500 … 26)"
    assert said.zh == "−10,237 kWh（−2.7 %；90 % 区间 −20,500 … 26）"
    assert amount(-3.0, "gas") == "−3 m³"
