"""The files for the centre above: every hour by its code, right at the month's end, valid against their schema."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from config.site import Site
from schedules.time import from_iso
from supervisor.ledger.periods import period
from supervisor.ledger.upload import codes, upper
from supervisor.ledger.upload import hours as hourly
from supervisor.ledger.upload.profile import Upper
from supervisor.ledger.upload.profile_file import load
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting
from supervisor.store.writer import Store
from tests.site_files import site_of_text
from tests.upload.building import SITE

SHIPPED = Path(__file__).parents[2] / "config" / "centres" / "upper.yaml"
SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "upper.xsd"))
KWH = 3.6e6
HOUR = 3600.0
METERS = """meters:
  main: {subitem: total, unit: kWh}
  light: {subitem: lighting_socket, unit: kWh, parent: main}
  room: {subitem: lighting_socket_room, unit: kWh, parent: light}
  walk: {subitem: corridor_lighting, unit: kWh, parent: light}
  lift: {subitem: lifts, unit: kWh, parent: main}
  fan: {subitem: fans, unit: kWh, parent: main}
  tap: {subitem: water, unit: m3}
"""


def site(meters: str = METERS, timezone: str = "Asia/Shanghai") -> Site:
    """A building with those meters, all read by hand."""
    text = SITE.partition("meters:\n")[0].replace("Asia/Shanghai", timezone)
    return site_of_text(text + meters)


class Books:
    """What was booked, and the files that come of it."""

    def __init__(self, folder: Path, database: str, of: Site) -> None:
        self.site, self.out = of, folder / "out"
        self.store = Store(database, inline=True)
        self.store.open()
        found = load(SHIPPED).profile
        assert isinstance(found, Upper)
        self.profile = found
        self.told: list[str] = []

    def books(self, meter: str, rows: Iterable[tuple[float, float, float]], *, guessed: bool = False) -> None:
        """Intervals of a meter: start, end, kWh or m³."""
        unit = KWH if self.site.meters[meter].energy else 1.0
        booked = tuple((a, b, amount * unit, guessed, "") for a, b, amount in rows)
        batch = Batch(postings=(Posting(meter, (), booked, (), None),))
        self.store.read_now(lambda c: readings.keep(c, batch))

    def hours(self, meter: str, name: str, each: float) -> None:
        """So much in every hour of a period."""
        of = period(name, self.site.tz)
        count = round((of.end - of.start) / HOUR)
        self.books(meter, [(of.start + n * HOUR, of.start + (n + 1) * HOUR, each) for n in range(count)])

    def files(self, name: str, per: str = "period", now: float = 4e9) -> list[Path]:
        """The files of a period, each of them valid; what is said of it is kept."""
        of = period(name, self.site.tz)
        profile = self.profile.model_copy(update={"per": per})
        hours = self.store.read_now(lambda c: hourly.hours_of(c, self.site, codes.DEFAULTS, of, now))
        self.told = [what.en for what in hourly.doubts(hours)]
        found = list(upper.written(self.site, profile, hours, of, self.out, now if now < 4e9 else of.end))
        for file in found:
            SCHEMA.validate(str(file))
        return found


def results(file: Path, code: str) -> list[dict[str, str]]:
    """What a file says of a code, hour by hour."""
    found = [{e.tag: e.text or "" for e in r} for r in ET.parse(file).iter("EnergyItemHourResult")]
    return [row for row in found if row["F_EnergyItemCode"] == code]


def test_hour_23_of_the_months_last_day_ends_in_the_next_month(tmp_path: Path, database: str) -> None:
    """January has 744 hours, the last of which ends on the first of February at nought."""
    books = Books(tmp_path, database, site())
    books.hours("tap", "2026-01", 0.25)
    build, energy = books.files("2026-01")
    assert (build.name, energy.name) == ("33030220260101Build.xml", "33030220260101Energy.xml")
    rows = results(energy, "02000")
    assert len(rows) == 744
    assert (rows[-1]["F_StartHour"], rows[-1]["F_EndHour"]) == ("2026-01-31 23:00:00", "2026-02-01 00:00:00")
    assert (rows[0]["F_StartHour"], rows[0]["F_EndHour"]) == ("2026-01-01 00:00:00", "2026-01-01 01:00:00")
    assert {(row["F_HourValue"], row["F_HourEquValue"], row["F_State"]) for row in rows} == {
        ("0.2500", "0.0000", "1")
    }
    assert len({row["F_HourResultID"] for row in rows}) == 744
    assert not [said for said in books.told if said.startswith("02000")]


@pytest.mark.parametrize(
    ("name", "last"),
    [("2024-02-29", "2024-03-01"), ("2026-12-31", "2027-01-01"), ("2026-04-30", "2026-05-01")],
)
def test_the_last_hour_of_a_day_ends_on_the_next(tmp_path: Path, database: str, name: str, last: str) -> None:
    """A leap day, a year's end, a short month: a file a day, its name is the day's."""
    books = Books(tmp_path, database, site())
    books.hours("main", name, 10)
    *_, energy = books.files(name, "day")
    assert energy.parent.name == "330302" + name.replace("-", "")
    rows = results(energy, "01000")
    assert len(rows) == 24
    assert rows[-1]["F_EndHour"] == f"{last} 00:00:00"
    assert rows[-1]["F_HourEquValue"] == "1.2290"


def test_parts_that_are_their_whole_are_it_to_the_last_digit(tmp_path: Path, database: str) -> None:
    """Thirds of a kWh are rounded: what is not metered itself is the sum of what is written of its parts."""
    books = Books(
        tmp_path,
        database,
        site(
            METERS.replace(
                "main: {subitem: total, unit: kWh}", "other: {subitem: special, unit: kWh}"
            ).replace(", parent: main", "")
        ),
    )
    for meter in ("light", "lift", "fan", "other"):
        books.hours(meter, "2026-03-31", 1 / 3)
    for meter in ("room", "walk"):
        books.hours(meter, "2026-03-31", 1 / 6)
    *_, energy = books.files("2026-03-31")
    whole = sum(float(row["F_HourValue"]) for row in results(energy, "01000"))
    parts = sum(
        float(row["F_HourValue"]) for code in ("01A00", "01C00", "01D00") for row in results(energy, code)
    )
    assert whole == pytest.approx(parts, abs=0.01)
    assert len(results(energy, "01C00")) == 24
    assert results(energy, "01C00")[5]["F_HourValue"] == "0.6666"
    assert books.told == ["02000: 24 of 24 hours are not known, and left out"]


def test_parts_that_are_not_their_whole_are_told(tmp_path: Path, database: str) -> None:
    """What the main meter counts and no part does is said, and so are parts that count more."""
    books = Books(tmp_path, database, site())
    books.hours("main", "2026-03-31", 10)
    books.hours("light", "2026-03-31", 4)
    books.hours("lift", "2026-03-31", 3)
    books.hours("fan", "2026-03-31", 1)
    books.hours("room", "2026-03-31", 3)
    books.hours("walk", "2026-03-31", 2)
    books.files("2026-03-31")
    assert books.told[0] == "01000 > 01A00 + 01C00: parts and whole differ by 48.00 kWh"
    assert books.told[1] == "01A00 < 01A10 + 01A20: parts and whole differ by 24.00 kWh"
    assert books.told[2].startswith("02000: 24 of 24 hours are not known")


def test_what_is_not_known_is_left_out_and_what_is_guessed_is_marked(tmp_path: Path, database: str) -> None:
    """A gap is no zero; an estimate, half an hour, and a month's reading spread over its hours have F_State 0."""
    books = Books(tmp_path, database, site())
    day = from_iso("2026-03-05", books.site.tz)
    books.books("main", [(day, day + HOUR, 7), (day + 2 * HOUR, day + 2.5 * HOUR, 3)])
    books.books("main", [(day + 4 * HOUR, day + 5 * HOUR, 9)], guessed=True)
    books.books("tap", [(day, day + 24 * HOUR, 48)])
    *_, energy = books.files("2026-03-05", "day")
    rows = {
        row["F_StartHour"][11:13]: (row["F_HourValue"], row["F_State"]) for row in results(energy, "01000")
    }
    assert rows == {"00": ("7.0000", "1"), "02": ("3.0000", "0"), "04": ("9.0000", "0")}
    assert {(r["F_HourValue"], r["F_State"]) for r in results(energy, "02000")} == {("2.0000", "0")}
    assert "01000: 21 of 24 hours are not known, and left out" in books.told


def test_an_hour_that_is_not_over_is_not_told(tmp_path: Path, database: str) -> None:
    """At half past ten there are ten hours."""
    books = Books(tmp_path, database, site())
    books.hours("main", "2026-03-05", 7)
    now = from_iso("2026-03-05T10:30", books.site.tz)
    *_, energy = books.files("2026-03-05", "day", now)
    assert len(results(energy, "01000")) == 10


@pytest.mark.parametrize(("name", "count"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_where_summer_time_is_kept_a_day_has_the_hours_that_it_has(
    tmp_path: Path, database: str, name: str, count: int
) -> None:
    """An hour that happens twice is two results with names of their own, one that does not happen is none."""
    books = Books(tmp_path, database, site(timezone="Europe/Berlin"))
    books.hours("main", name, 5)
    *_, energy = books.files(name, "day")
    rows = results(energy, "01000")
    assert len(rows) == count
    assert len({row["F_HourResultID"] for row in rows}) == count
    assert sum(float(row["F_HourValue"]) for row in rows) == 5 * count


def test_a_table_of_its_own_gives_the_codes(tmp_path: Path) -> None:
    """A province may call the total 01E00; a line that is wrong is told with its number."""
    table = tmp_path / "codes.csv"
    table.write_text("subitem,code\ntotal,01E00\n")
    assert codes.replaced(table)["total"] == "01E00"
    table.write_text("subitem,code\nhvac,01B00\nhvak,01B00\n")
    with pytest.raises(codes.BadTable, match="`hvak` is no part") as told:
        codes.replaced(table)
    assert told.value.line == 3
    assert "hvac" in told.value.hint.en


def test_every_part_of_the_ledger_has_its_code(tmp_path: Path) -> None:
    """01D00 is special power, and no other's."""
    assert codes.DEFAULTS["special"] == "01D00"
    assert codes.DEFAULTS["power"] == "01C00"
    assert [codes.above(code) for code in ("01A10", "01A00", "01000", "02000")] == [
        "01A00",
        "01000",
        None,
        None,
    ]
