"""An import is taken back: what its file brought in goes, and nothing that another file, a hand or the wire brought in goes with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import or_
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from supervisor.daemon.aging import Aging
from supervisor.ledger import late, undone
from supervisor.sitefile.sitefile import load
from supervisor.store import Store, brought, readings, schema
from supervisor.store.months import Month
from supervisor.store.readings import Batch, Sample
from tests.unit.ledger.hall import HEAD, Hall

METERS = """meters:
  main: {subitem: total, unit: kWh, name: 总表}
  ac: {subitem: hvac, unit: kWh, parent: main, name: 空调}
  car: {subitem: petrol, vehicle: {tank: 60}}
"""
MARCH = "抄表日期,上次抄表日期,表号,上月示数,本月示数\n2026-04-01,2026-03-01,main,1000,1300\n"
APRIL = "抄表日期,上次抄表日期,表号,上月示数,本月示数\n2026-05-01,2026-04-01,main,1300,1700\n"


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    """A hall whose meters are read by hand."""
    return Hall(tmp_path, METERS)


@pytest.fixture
def anywhere(tmp_path: Path, database: str) -> Hall:
    """The same, with a database of either kind."""
    return Hall(tmp_path, METERS, database)


def used(hall: Hall, meter: str, *months: str) -> list[str]:
    """What a meter counted in some months, kWh; nothing where it is not known."""
    return [hall.sheet(month)[meter]["amount"].removesuffix(".000000") for month in months]


def taken_out(hall: Hall, file: Path, code: int = 0) -> str:
    """What is said when a file is taken back."""
    hall._told.clear()
    return hall.does("import", str(file), "--undo", code=code)


@pytest.mark.parametrize(("first", "left"), [("march", ["", "400"]), ("april", ["300", ""])])
def test_a_bill_goes_and_the_one_beside_it_stays_whole(anywhere: Hall, first: str, left: list[str]) -> None:
    """The first of April stands in both bills: it goes with the second of them to go, whichever that is."""
    bills = {"march": anywhere.file("march.csv", MARCH), "april": anywhere.file("april.csv", APRIL)}
    for bill in bills.values():
        anywhere.does("import", str(bill))
    assert used(anywhere, "main", "2026-03", "2026-04") == ["300", "400"]
    said = taken_out(anywhere, bills.pop(first))
    assert "readings=1 taken out, 1 left" in said and "保留 1 条" in said
    assert used(anywhere, "main", "2026-03", "2026-04") == left
    assert "readings=2 taken out ·" in taken_out(anywhere, next(iter(bills.values())))
    assert used(anywhere, "main", "2026-03", "2026-04") == ["", ""]


def test_exports_that_share_a_row_go_one_by_one_and_twice_is_once(hall: Hall) -> None:
    """A daily export that begins with the last row of the day before, taken back twice and brought in again."""
    days = [
        hall.file(f"{n}.csv", "time,meter,value\n" + "".join(f"2026-03-{d:02d},main,{100 * d}\n" for d in (n, n + 1)))
        for n in (1, 2, 3)
    ]  # fmt: skip
    for each in [*days, days[1]]:
        hall.does("import", str(each))
    taken_out(hall, days[1])
    assert used(hall, "main", "2026-03-01", "2026-03-03") == ["100", "100"]
    said = taken_out(hall, days[1], code=1)
    assert "nothing of this file stands here" in said and "没有可撤销的内容" in said
    assert used(hall, "main", "2026-03-01", "2026-03-03") == ["100", "100"]
    taken_out(hall, days[2])
    assert used(hall, "main", "2026-03-01", "2026-03-03") == ["100", ""]
    hall.does("import", str(days[2]))
    assert used(hall, "main", "2026-03-03") == ["100"]


def test_what_a_file_put_right_or_wrong_is_as_it_was_before(hall: Hall) -> None:
    """A figure that it covered is back; one that was corrected since stays, and one that was typed in, too."""
    hall.file("bill.csv", "2026-03-01,main,1000\n2026-04-01,main,1300\n")
    hall.does("import", str(hall.folder / "bill.csv"))
    wrong = hall.file("wrong.csv", "2026-03-01,main,1000\n2026-04-01,main,1350\n2026-05-01,main,1600\n2026-06-01,main,1650\n")  # fmt: skip
    hall.does("import", str(wrong))
    hall.does("add", "main", "1700", "--at", "2026-06-01")
    hall.does("add", "main", "1600", "--at", "2026-05-01")
    assert "readings=0 taken out, 1 as before the file, 3 left" in taken_out(hall, wrong)
    assert used(hall, "main", "2026-03", "2026-04", "2026-05") == ["300", "300", "100"]


def test_a_file_of_two_meters_goes_as_if_it_had_never_come(hall: Hall) -> None:
    """One of them was never read before, and has no ledger again; of the other all is as it was. `--meter` takes out one alone."""
    hall.imports("2026-03-01,main,1000\n2026-03-31,main,1300\n")
    before = hall.sheet("2026-03")
    wide = hall.file("wide.csv", "日期,总表,空调\n2026-03-10,1090,5\n2026-03-20,1295,7\n2026-03-31,1300,9\n")
    hall.does("import", str(wide))
    said = hall.does("import", str(wide), "--undo", "--meter", "ac")
    assert "ac: readings=3 taken out ·" in said and "main" not in said
    assert "main: readings=2 taken out, 1 left" in taken_out(hall, wide)
    assert hall.sheet("2026-03") == before


def test_a_file_goes_from_beneath_one_that_corrected_it(hall: Hall) -> None:
    """Wrong, then right, and the wrong one taken back first: what it said does not come back with the other."""
    hall.imports("2026-03-01,main,1000\n")
    wrong, right = (hall.file(f"{n}.csv", f"2026-04-01,main,{n}\n") for n in (1350, 1300))
    third = hall.file("third.csv", "2026-04-01,main,1300\n# the same\n")
    for each in (right, wrong, third, right):
        hall.does("import", str(each))
    taken_out(hall, third)
    assert used(hall, "main", "2026-03") == ["300"]
    taken_out(hall, wrong)
    assert used(hall, "main", "2026-03") == ["300"]
    taken_out(hall, right)
    assert used(hall, "main", "2026-03") == [""]


def test_another_unit_in_the_site_file_is_refused_before_anything_goes(hall: Hall) -> None:
    """What is left would be booked a thousand times as high."""
    hall.file("old.csv", "2026-03-01,ac,10\n2026-04-01,ac,12\n")
    hall.does("import", str(hall.folder / "old.csv"))
    more = hall.file("more.csv", "2026-05-01,ac,15\n")
    hall.does("import", str(more))
    text = hall.site.read_text(encoding="utf-8")
    hall.site.write_text(text.replace("hvac, unit: kWh", "hvac, unit: MWh"), encoding="utf-8")
    said = taken_out(hall, more, code=1)
    assert "in kWh on 2026-05-01, and is in MWh" in said and "撤销" in said
    hall.site.write_text(text.replace("ac: {", "ac-2: {"), encoding="utf-8")
    assert "is no meter of the site file" in taken_out(hall, more, code=1)
    hall.site.write_text(text, encoding="utf-8")
    assert used(hall, "ac", "2026-03", "2026-04") == ["2", "3"]
    taken_out(hall, more)
    assert used(hall, "ac", "2026-03", "2026-04") == ["2", ""]


def test_a_file_that_would_be_refused_by_now_can_be_taken_back(hall: Hall) -> None:
    """The meter ended in March, as the site file says by now: its April reading was another meter's, and goes."""
    file = hall.file("ac.csv", "2026-03-01,ac,10\n2026-03-15,ac,12\n2026-04-01,ac,900\n")
    hall.does("import", str(file))
    text = hall.site.read_text(encoding="utf-8")
    hall.site.write_text(text.replace("name: 空调", "name: 空调, until: 2026-03-15"), encoding="utf-8")
    hall.does("import", str(file), code=1)
    assert "ac: readings=3 taken out" in taken_out(hall, file)
    assert used(hall, "ac", "2026-03") == [""]


@pytest.mark.parametrize("more", [(), ("--undo",)])
def test_a_pipe_to_which_nobody_writes_is_not_waited_for(hall: Hall, more: tuple[str, ...]) -> None:
    """`ledger import` of one had hung for ever, and so had taking it out again."""
    os.mkfifo(hall.folder / "pipe.csv")
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(hall.does, "import", str(hall.folder / "pipe.csv"), *more, code=1)
        try:
            said = told.result(timeout=30.0)
        finally:
            os.close(
                os.open(hall.folder / "pipe.csv", os.O_RDWR | os.O_NONBLOCK)
            )  # whoever waits waits no longer
    assert "this is a pipe, not a file" in said and "这是管道" in said


def test_a_file_that_is_too_large_is_not_read_to_be_taken_out(hall: Hall) -> None:
    """Its first and last octet, and nothing between; an import says so, too."""
    with (hall.folder / "huge.csv").open("wb") as file:
        file.truncate(late.LARGEST + 1)
    assert "nothing was taken out" in taken_out(hall, hall.folder / "huge.csv", code=1)
    assert "split it" in hall.does("import", str(hall.folder / "huge.csv"), code=1)


def test_fills_go_and_the_one_that_was_there_before_is_back(anywhere: Hall) -> None:
    """A fill of another list stays, one that was written over has its litres again, and the odometer with it."""
    head = "time,meter,litres,km\n"
    first = anywhere.file("first.csv", f"{head}2026-03-01,car,40,1000\n2026-03-09,car,30,1500\n")
    second = anywhere.file("second.csv", f"{head}2026-03-09,car,33,1500\n2026-03-20,car,20,1800\n")
    anywhere.does("import", str(first))
    before = anywhere.sheet("2026-03")["car"]
    anywhere.does("import", str(second))
    assert anywhere.sheet("2026-03")["car"] != before
    assert "readings=1 taken out, 1 as before the file" in taken_out(anywhere, second)
    assert anywhere.sheet("2026-03")["car"] == before
    anywhere.does("import", str(second))
    assert "readings=1 taken out, 1 left" in taken_out(anywhere, first)
    taken_out(anywhere, second)
    assert anywhere.sheet("2026-03")["car"]["amount"] in ("", "0.000000")


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    """A database of either kind, and a folder for the months beside it."""
    store = Store(database, folder=tmp_path / "readings")
    store.open()
    yield store
    store.close()


@pytest.mark.parametrize("again", [False, True])
async def test_a_month_in_a_file_has_its_own_reading_again(store: Store, tmp_path: Path, again: bool) -> None:
    """A late import covered one of its readings and added one; taken back before, and after, the night that put both into the file."""
    path = tmp_path / "hall.yaml"
    path.write_text(HEAD + METERS, encoding="utf-8")
    site = load(path).site
    assert site is not None
    january, february = Month(2026, 1).start, Month(2026, 2).start
    noon, later = january + 43200.0, january + 86400.0

    def keep(rows: list[late.Row], digest: str) -> Callable[..., object]:
        return lambda c: late.kept(c, site, rows, digest)

    def told() -> list[tuple[float, float | None]]:
        return store.read_now(lambda c: list(readings.between(c, "meter/main/energy", january, february)))

    await store.change(keep([late.Row("main", january, 100.0), late.Row("main", noon, 101.0)], "a"))
    await Aging(store).move(february + 1.0)
    await store.change(keep([late.Row("main", noon, 555.0), late.Row("main", later, 600.0)], "b"))
    if again:
        await Aging(store).move(february + 1.0)
    await store.change(lambda c: undone.undo(c, site, "b", None))
    before = [(january, 100.0), (noon, 101.0)]
    assert told() == (before + [(later, None)] * again)
    await Aging(store).move(february + 1.0)
    assert [each for each in told() if each[1] is not None] == before


def test_files_that_contradict_each_other_go_in_any_order(tmp_path: Path) -> None:
    """Four files, imported over each other and again in any order: after each that goes, all stands as if it had never been imported."""
    random, store = Random(5), Store(f"sqlite:///{tmp_path / 'a.sqlite3'}", inline=True)

    def keep(c: sa.Connection, series: str, said: dict[int, float]) -> None:
        readings.keep(c, Batch(tuple(Sample(series, ms / 1000, value) for ms, value in said.items())))

    def plays(c: sa.Connection, series: str) -> None:
        base = {ms: 1.0 for ms in range(1000, 5000, 1000) if random.random() < 0.3}
        keep(c, series, base)
        files = {d: {ms: float(random.randint(1, 3)) for ms in random.sample(range(1000, 6000, 1000), 3)} for d in "abcd"}  # fmt: skip
        order = random.choices("abcd", k=6)
        for d in order:
            brought.remember(c, series + d, "m", series, files[d])
            keep(c, series, files[d])
        for d in random.sample("abcd", 4):
            for record in brought.of_file(c, series + d):
                brought.take_back(c, record)
            order = [each for each in order if each != d]
            rows = readings.between(c, series, 0.0, 10.0)
            stands = {round(at * 1000): value for at, value in rows if value is not None}
            assert stands == reduce(or_, [files[each] for each in order], base)

    store.open()
    for n in range(40):
        store.read_now(lambda c, n=n: plays(c, f"meter/m{n}/energy"))  # type: ignore[misc]
    store.close()


def test_an_export_that_grows_leaves_so_many_records_and_the_newest_goes_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each day's file says all that was said before: nothing had ever gone, and each import had read all of it."""
    monkeypatch.setattr(brought, "MOST", 4)
    series, other = "meter/m/energy", "meter/m"

    def plays(c: sa.Connection) -> None:
        brought.remember(c, "other", "m", other, {1000: 1.0})
        for day in range(1, 11):
            said = {1000 * n: float(n) for n in range(1, day + 1)}
            brought.remember(c, f"d{day}", "m", series, said)
            readings.keep(c, Batch(tuple(Sample(series, ms / 1000, value) for ms, value in said.items())))
        assert [len(brought.of_file(c, f"d{day}")) for day in range(1, 11)] == [0] * 6 + [1] * 4
        assert len(brought.of_file(c, "other")) == 1
        for day, gone in ((10, 1), (8, 0), (9, 2), (7, 1)):
            (record,) = brought.of_file(c, f"d{day}")
            fates = list(brought.take_back(c, record).values())
            assert fates.count(brought.Fate.GONE) == gone
        assert [at for at, value in readings.between(c, series, 0.0, 99.0) if value is not None] == [
            1,
            2,
            3,
            4,
            5,
            6,
        ]

    store.read_now(plays)


def test_records_of_another_time_are_not_read(store: Store) -> None:
    """A file a day that overlaps with none: a year of them had been read at each import. Here theirs could not be."""
    series, at = "meter/m/energy", 1000 * 86_400

    def plays(c: sa.Connection) -> None:
        for day in range(20):
            brought.remember(c, f"d{day}", "m", series, {at * day: 1.0, at * day + 999: 2.0})
        (within,) = brought.of_file(c, "d6")
        mine = schema.kv.c.key.startswith("brought/") & (schema.kv.c.key != within.key)
        c.execute(sa.update(schema.kv).where(mine).values(value={}))
        brought.remember(c, "again", "m", series, {at * 6 - 1: 0.5, at * 6: 3.0})
        assert [each.said.keys() for each in brought.of_file(c, "again")] == [{at * 6 - 1, at * 6}]

    store.read_now(plays)
