"""`ledger upload` at a terminal: what is wrong with a profile, one round by a timer, and a service that is stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from supervisor.cli.main import app
from supervisor.daemon.lost import url_of
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting, Sample
from supervisor.store.writer import Store
from tests.site_files import site_of_file
from tests.upload.building import QUARTER, SITE, until
from tests.upload.centre import TestCentre
from tests.upload.test_centre import SHIPPED, profile
from tests.waiting import SOON


class Desk:
    """A site file, a state folder, and somebody who types."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder, self.site, self.state = folder, folder / "hall.yaml", folder / "state"
        where = f'database: "{database}"\n' if database is not None else ""
        self.site.write_text(SITE + where, encoding="utf-8")

    def file(self, text: str, name: str = "centre.yaml") -> str:
        """A file beside the site file."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)

    def shipped(self, name: str, centre: TestCentre, file: str = "centre.yaml") -> str:
        """A profile that ships, with the address of a centre that is there."""
        text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
        return self.file(text.replace(profile(name).centre, f"127.0.0.1:{centre.port}"), file)

    def words(self, *arguments: str) -> list[str]:
        """What is typed after the program's name."""
        return ["ledger", "upload", str(self.site), *arguments, "--state-dir", str(self.state)]

    def types(self, *arguments: str) -> Result:
        """What comes of it."""
        return CliRunner().invoke(app, self.words(*arguments))

    def keeps(self, samples: list[Sample], postings: tuple[Posting, ...] = ()) -> None:
        """What the daemon has kept."""
        self.state.mkdir(mode=0o700, exist_ok=True)
        site = site_of_file(self.site)
        store = Store(url_of(site, self.state), inline=True)
        store.open()
        store.read_now(lambda c: readings.keep(c, Batch(tuple(samples), postings)))
        store.close()

    def kept_today(self, quarters: int = 4) -> list[int]:
        """All three meters, so many quarters long until lately; which minutes are to be told."""
        import time

        end = int(time.time()) // QUARTER * QUARTER
        ends = [end - n * QUARTER for n in reversed(range(quarters))]
        series = [f"meter/{name}" for name in ("main/energy", "ac/energy", "water/water")]
        self.keeps([Sample(each, float(at), 5.0) for at in ends for each in series])
        return [at // 60 for at in ends]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Somebody's desk."""
    return Desk(tmp_path)


@pytest.fixture
def either(tmp_path: Path, database: str) -> Desk:
    """A desk whose building keeps its readings in a database of either kind."""
    return Desk(tmp_path, None if database.startswith("sqlite") else database)


BAD = """kind: collector
name: City
centre: 10.1.2.3
building_id: "310101A064"
gateway_id: "01"
login: {key: sup3rs3cret, order: md5}
cipher:
  mode: cbc
  key: tooshort-and-secret
framing: {head: 8BAE9G, lenght: little, types: {request: 1}}
reports: {every: 7}
heart_beat: 1
meters: {mian: {id: "1"}}
"""


def test_everything_that_is_wrong_with_a_profile_is_told_by_line_and_with_what_to_write(desk: Desk) -> None:
    """In both languages, at once; and no secret is quoted."""
    done = desk.types("--profile", desk.file(BAD))
    assert done.exit_code == 1
    for line, said, hint in (
        (2, "`City`: these characters cannot be", "hint: small letters, digits, - and _"),
        (3, "`10.1.2.3`: this is no address of a centre", "hint: write host:port, like 10.1.2.3:9000"),
        (6, "`md5`: not one of the choices", "hint: write key-sequence, sequence-key"),
        (8, "the key has 19 octets", "hint: an AES key has 16, 24 or 32"),
        (10, "`8BAE9G`: this is no row of octets", "hint: write it like 55AA55AA"),
        (10, "unknown key `lenght`", "hint: did you mean `length`?"),
        (11, "7 minutes do not divide a day", "hint: write 5, 15, 30 or 60"),
        (12, "`1`: outside the allowed range", "hint: at least 5"),
    ):
        assert f"centre.yaml:{line}:" in done.output
        assert said in done.output
        assert hint in done.output
    assert "s3cret" not in done.output
    assert "tooshort" not in done.output
    assert "Traceback" not in done.output


def test_a_meter_that_the_site_has_not_and_two_that_are_one_are_told(desk: Desk) -> None:
    """A centre would take two meters of one number for one."""
    text = (SHIPPED / "55aa.yaml").read_text(encoding="utf-8")
    done = desk.types("--profile", desk.file(text + 'meters:\n  mian: {id: "1"}\n  main: {id: "1"}\n'))
    assert done.exit_code == 1
    assert "`mian` is no meter of the site file" in done.output
    assert "did you mean `main`?" in done.output
    assert "`main` has the same id and function as `mian`" in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [("kind: colector\n", "no kind of centre"), ("", "the file is empty"), ("kind: [", "the file ends here"),
     ("- a\n", "the file is a list"), ("\0", "binary"), ("kind: upper\n", "`centre_id` is missing")],
)  # fmt: skip
def test_what_is_no_profile_at_all_is_told(desk: Desk, text: str, said: str) -> None:
    """With where to begin."""
    done = desk.types("--profile", desk.file(text))
    assert done.exit_code == 1
    assert said in done.output
    assert "centre.yaml:" in done.output


def test_a_table_of_codes_is_told_by_its_own_line(desk: Desk) -> None:
    """The table is a file of its own."""
    desk.file("subitem,code\nhvac,1B\n", "codes.csv")
    text = (SHIPPED / "upper.yaml").read_text(encoding="utf-8")
    done = desk.types("--profile", desk.file(text + "codes: codes.csv\n"))
    assert done.exit_code == 1
    assert "codes.csv:2:1: error: `1B` is no energy item code" in done.output
    done = desk.types("--profile", desk.file(text + "codes: codes.csv\n"), "--lang", "zh")
    assert "应为五位" in done.output


@pytest.mark.parametrize(
    "address", ["10.1.2.3", ":80", "a:0", "a:99999", "a b:80", "..:80", "a..b:80", "x" * 64 + ":80", "a:٣"]
)
def test_an_address_that_nobody_can_connect_to_is_told(desk: Desk, address: str) -> None:
    """Before anything is tried, and not by a library's complaint."""
    text = (SHIPPED / "55aa.yaml").read_text(encoding="utf-8").replace("192.0.2.10:9000", f'"{address}"')
    done = desk.types("--profile", desk.file(text), "--once")
    assert done.exit_code == 1
    assert "this is no address of a centre" in done.output


def test_a_file_that_is_not_there_and_two_centres_of_one_name_are_told(desk: Desk) -> None:
    """Two profiles of one name would share one cursor."""
    assert "cannot be read" in desk.types("--profile", "nothing.yaml").output
    text = (SHIPPED / "55aa.yaml").read_text(encoding="utf-8")
    done = desk.types("--profile", desk.file(text), "--profile", desk.file(text, "other.yaml"))
    assert done.exit_code == 1
    assert "name each centre apart" in done.output


@pytest.mark.parametrize("name", ["55aa", "8bae9b", "upper"])
def test_every_profile_that_ships_says_where_it_comes_from_and_is_printed(name: str) -> None:
    """Nobody takes it for the text of the guideline."""
    done = CliRunner().invoke(app, ["ledger", "upload", "--example", name])
    assert done.exit_code == 0
    assert "From running implementations, not from the text" in done.output
    assert "并非" in done.output


async def test_one_round_sends_what_is_due_to_each_and_says_how_many(either: Desk) -> None:
    """For a timer; a second round has nothing to send; a centre that is away makes exit 1, and the other gets its own."""
    here, away = await TestCentre(profile("55aa")).opens(), await TestCentre(profile("8bae9b")).opens()
    await away.goes_away()
    minutes = either.kept_today()
    both = ["--profile", either.shipped("55aa", here), "--profile", either.shipped("8bae9b", away, "away.yaml"), "--once", "--lang", "en"]  # fmt: skip
    done = await asyncio.to_thread(either.types, *both)
    assert done.exit_code == 1
    assert "district: reports=4" in done.output
    assert "error: city: cannot be reached" in done.output
    assert here.order == minutes
    await away.opens()
    done = await asyncio.to_thread(either.types, *both)
    assert done.exit_code == 0, done.output
    assert "district: reports=0" in done.output
    assert "city: reports=4" in done.output
    assert here.order == away.order == minutes
    for centre in (here, away):
        await centre.goes_away()


async def test_a_service_that_is_killed_goes_on_where_it_was_and_nobody_else_sends_meanwhile(
    either: Desk,
) -> None:
    """Killed amid a re-send and started again: nothing twice. A second process is refused in a sentence, SIGTERM ends it."""
    centre = await TestCentre(profile("8bae9b")).opens()
    minutes = either.kept_today(60)
    words = either.words("--profile", either.shipped("8bae9b", centre))
    process = await started(words)
    try:
        await until(lambda: len(centre.order) >= 5, centre.changed)
        process.kill()
        await process.wait()
        assert len(centre.order) < 60
        process = await started(words)
        await until(lambda: centre.order == minutes, centre.changed)
        done = await asyncio.to_thread(CliRunner().invoke, app, [*words, "--once"])
        assert done.exit_code == 1
        assert "another process already uploads to it" in done.output
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(process.communicate(), SOON)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, err
    assert out.decode().strip().startswith("city: reports=")
    assert b"Traceback" not in err
    assert centre.again.total() <= 1
    await centre.goes_away()


async def started(words: list[str]) -> asyncio.subprocess.Process:
    """The verb as a process of its own."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "supervisor", *words, stderr=pipe, stdout=pipe
    )


def test_files_for_the_centre_above_are_named_and_doubts_told(either: Desk) -> None:
    """A day of bookings becomes two files; what main counts and no part does is said."""
    start = 1_772_294_400.0
    hours = [(start + n * 3600, start + (n + 1) * 3600) for n in range(24)]
    main, ac = (
        Posting(name, (), tuple((a, b, kwh * 3.6e6, False, "") for a, b in hours), (), None)
        for name, kwh in (("main", 10), ("ac", 4))
    )
    either.keeps([], (main, ac))
    text = (SHIPPED / "upper.yaml").read_text(encoding="utf-8")
    done = either.types(
        "--profile", either.file(text), "--period", "2026-03-01", "--out", str(either.folder / "out")
    )
    assert done.exit_code == 0, done.output
    assert (either.folder / "out/33030220260301/33030220260301Energy.xml").exists()
    assert (either.folder / "out/33030220260301/33030220260301Build.xml").exists()
    assert "01000 > 01B00：分项合计与总量相差 144.00 kWh" in done.output


def test_days_that_were_written_before_readings_came_are_named(either: Desk) -> None:
    """March was written; then a file of the second of March is imported: that day is to be written anew, and no other."""
    text = (SHIPPED / "upper.yaml").read_text(encoding="utf-8")
    words = ["--profile", either.file(text), "--out", str(either.folder / "out"), "--period"]
    either.state.mkdir(exist_ok=True)
    assert "imported after" not in either.types(*words, "2026-03", "--lang", "en").output
    rows = "".join(f"2026-03-02T{hour:02d}:00,water,{hour}\n" for hour in range(20))
    brought = CliRunner().invoke(
        app,
        ["ledger", "import", str(either.site), either.file(rows, "w.csv"), "--state-dir", str(either.state)],
    )
    assert brought.exit_code == 0, brought.output
    said = "imported after these days were written: write them anew by --period: 2026-03-02, 2026-03-03\n"
    assert said in either.types(*words, "2026-03-20", "--lang", "en").output
    assert "请用 --period 重新生成：2026-03-03" in either.types(*words, "2026-03-02").output
    assert "重新生成" not in either.types(*words, "2026-03-03").output


def test_a_period_without_a_centre_above_is_misuse(desk: Desk) -> None:
    """Reports have no period."""
    done = desk.types("--profile", str(SHIPPED / "55aa.yaml"), "--period", "2026-03")
    assert done.exit_code == 2
