"""`simulate` as people use it: one answer, the same every time, and plain words for what cannot be."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.phrase import LANGS
from supervisor.cli.main import app
from supervisor.rehearsal.fleet import run_here, run_there
from supervisor.rehearsal.job import Job, parts, rehearse
from supervisor.rehearsal.result import joined
from supervisor.rehearsal.table import called, document, figure
from tests.unit.rehearsal import small

TWO_DAYS = ("--from", "2026-07-09", "--to", "2026-07-10")


def simulate(*arguments: object) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def job(
    first: str = "2026-07-09",
    last: str = "2026-07-09",
    *,
    seed: int = 1,
    zones: tuple[str, ...] = small.ZONES,
) -> Job:
    """A run of the small building by its rules."""
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return Job(small.text(zones), "small.yaml", "small.yaml", True, *days, None, seed, warm_up=21_600.0)


def figures(result: object) -> str:
    """Everything that is printed of a run, as one text."""
    return json.dumps(document([result]), ensure_ascii=False)  # type: ignore[list-item] # what rehearse gives


@pytest.fixture(scope="module")
def against_today(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Two summer days by the rules and as people run it today, in every form."""
    folder = tmp_path_factory.mktemp("simulate")
    path = small.written(folder)
    done = simulate(
        path,
        "--against",
        "today",
        *TWO_DAYS,
        "--format",
        "json",
        "--csv",
        folder / "h.csv",
        "--html",
        folder / "p.html",
    )
    return folder, done


def test_counts_have_no_decimals_and_the_building_as_it_is_run_has_its_word() -> None:
    """Six corrections are 6 and not 6.0; `today` is 现状 above its column."""
    shown = [
        figure(6.0, whole=True),
        figure(6.0),
        figure(-36.0, sign=True, whole=True),
        figure(0.5, whole=True),
    ]
    assert shown == ["6", "6.0", "-36", "0.5"]
    assert [called("today", lang) for lang in LANGS] == ["现状", "today"]
    assert called("office.yaml", "zh") == "office.yaml"


def test_a_policy_beside_today(against_today: tuple[Path, Result]) -> None:
    """Same people, weather and seed: what is not ours is equal, air conditioning and lights are saved."""
    assert against_today[1].exit_code == 0, against_today[1].stderr
    answer = json.loads(against_today[1].stdout)
    ours, today = answer["runs"]
    assert [run["label"] for run in (ours, today)] == ["small.yaml", "today"]
    for same in ("equipment", "power"):
        assert ours["energy_kwh"][same] == today["energy_kwh"][same]
    assert ours["water_m3"] == today["water_m3"]
    assert ours["comfort"]["occupied_hours"] == today["comfort"]["occupied_hours"]
    for saved in ("cooling", "fans", "lights"):
        assert ours["energy_kwh"][saved] < today["energy_kwh"][saved]
    assert sum(today["compliance"]["violation_hours"].values()) > 10.0
    assert set(ours["compliance"]["writes"]) == {"ok"}
    difference = answer["difference"]["energy.lights"]
    assert difference["value"] == pytest.approx(
        ours["energy_kwh"]["lights"] - today["energy_kwh"]["lights"], abs=0.002
    )
    assert difference["percent"] < 0.0


def test_today_is_22_degrees_from_an_hour_before_opening_until_an_hour_after_closing(
    against_today: tuple[Path, Result],
) -> None:
    """The baseline is what it says it is: on between 8:00 and 18:30, lights until 18:30, 22 °C in the room."""
    lines = (against_today[0] / "h.csv").read_text(encoding="utf-8").splitlines()
    heads = lines[0].split(",")
    first = [dict(zip(heads, line.split(","), strict=True)) for line in lines[1:25]]
    assert first[0]["time"] == "2026-07-09T00:00:00+08:00"
    fans = [float(hour["today:fans_kwh"]) > 0.0 for hour in first]
    assert [n for n, on in enumerate(fans) if on] == list(range(8, 19))
    assert float(first[10]["today:north_celsius"]) == pytest.approx(22.0, abs=0.5)
    whole, half = float(first[17]["today:lights_kwh"]), float(first[18]["today:lights_kwh"])
    assert 0.2 * whole < half < 0.9 * whole


def test_the_page_stands_alone_and_says_it_in_chinese(against_today: tuple[Path, Result]) -> None:
    """Nothing is fetched: no script, no link, no picture from anywhere; every plot is there."""
    page = (against_today[0] / "p.html").read_text(encoding="utf-8")
    for title in ("各月分项能耗", "室温", "用电负荷历时曲线", "各规则违反时间", "能耗最高的十天", "差值"):
        assert title in page
    assert page.count("<svg") == 5
    for foreign in ("<script", "http://", "https://", "src=", "<link", "@import"):
        assert foreign not in page


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    """A figure can be had again; the order of rooms in the file is no figure."""
    one = figures(rehearse(job()))
    assert figures(rehearse(job())) == one
    assert figures(rehearse(job(zones=small.ZONES[::-1]))) == one
    assert figures(rehearse(job(seed=2))) != one


def test_a_long_run_is_lived_in_parts_and_comes_out_as_one() -> None:
    """Its parts are pairs of months by the dates alone, and nothing is lost where they join."""
    pieces = parts(job("2026-02-10", "2026-12-31"))
    assert [(p.first.isoformat(), p.last.isoformat()) for p in pieces] == [
        ("2026-02-10", "2026-02-28"), ("2026-03-01", "2026-04-30"), ("2026-05-01", "2026-06-30"),
        ("2026-07-01", "2026-08-31"), ("2026-09-01", "2026-10-31"), ("2026-11-01", "2026-12-31"),
    ]  # fmt: skip
    assert parts(job("2026-02-10", "2026-03-31")) == [job("2026-02-10", "2026-03-31")]
    whole = rehearse(job("2026-07-09", "2026-07-10"))
    both = joined([rehearse(job("2026-07-09", "2026-07-09")), rehearse(job("2026-07-10", "2026-07-10"))])
    assert both.hours == whole.hours == 48
    assert both.electricity == pytest.approx(whole.electricity, rel=0.02)
    assert both.air.shape == whole.air.shape


def test_a_cluster_is_given_the_same_calls() -> None:
    """Any executor of processes will do, as Dask's is one: jobs go there as text, the same figures come back."""
    asked: list[str] = []

    def connect(scheduler: str) -> Executor:
        asked.append(scheduler)
        return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))

    shares: list[float] = []
    there = run_there([job(), job(seed=2)], "tcp://127.0.0.1:8786", shares.append, connect)
    assert asked == ["tcp://127.0.0.1:8786"]
    assert [figures(result) for result in there] == [figures(rehearse(job())), figures(rehearse(job(seed=2)))]
    assert shares[-1] == 1.0


def test_ctrl_c_gives_what_there_is() -> None:
    """After the first day somebody has seen enough: that day is told, and that it is not all."""

    def enough(share: float) -> None:
        if share >= 0.5:
            raise KeyboardInterrupt

    result = run_here([job("2026-07-09", "2026-07-10")], enough)[0]
    assert not result.complete
    assert 24 <= result.hours < 48
    assert result.electricity > 0.0


def test_an_impossible_building_is_said_as_check_says_it(tmp_path: Path) -> None:
    """Four hundred people in thirty square metres: file, line, what is wrong, what would do; no traceback."""
    zones = (*small.ZONES[1:], small.ZONES[0].replace("people: 3", "people: 400"))
    path = small.written(tmp_path, zones=zones)
    line = 1 + path.read_text(encoding="utf-8").splitlines().index(zones[-1].rstrip("\n"))
    done = simulate(path, *TWO_DAYS)
    assert done.exit_code == 1
    assert f"{path}:{line}:3: error: cannot be simulated: people_area 0.075 is out of range" in done.stderr
    assert "hint: from 0.3" in done.stderr
    assert "Traceback" not in done.stderr
    as_json = simulate(path, *TWO_DAYS, "--format", "json")
    assert json.loads(as_json.stdout)["ok"] is False


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"), (b"\x1f\x8b\x08 and so on", "compressed"),
        (b"LOCATION,Nowhere\nDESIGN CONDITIONS\n", "LOCATION line of ten fields"), (None, "cannot be read"),
    ],
)  # fmt: skip
def test_bad_weather_is_said_as_check_says_it(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Each kind of wrong weather file: where, what and a hint."""
    weather = tmp_path / "w.epw"
    if content is not None:
        weather.write_bytes(content)
    done = simulate(small.written(tmp_path), *TWO_DAYS, "--weather", weather)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--from", "July"), 2, "is no date"), (("--from", "2026-07-02", "--to", "2026-07-01"), 2, "before"),
        (("--from", "1990-01-01", "--to", "2026-07-01"), 1, "ten years"),
        (("--against", "no-such.yaml"), 1, "no such file"),
        (("--scheduler", "tcp://127.0.0.1:1", *TWO_DAYS), 1, "no Dask scheduler answers at tcp://127.0.0.1:1"),
    ],
)  # fmt: skip
def test_misuse_is_said_in_one_line(tmp_path: Path, options: tuple[str, ...], code: int, said: str) -> None:
    """A wrong date, a file that is not there, a cluster that does not answer."""
    done = simulate(small.written(tmp_path), *options)
    assert done.exit_code == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_without_the_extra_a_cluster_is_answered_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One building on one machine needs no Dask."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = simulate(small.written(tmp_path), "--scheduler", "tcp://127.0.0.1:1", *TWO_DAYS)
    assert done.exit_code == 1
    assert "pip install 'distributed>=2025.1'" in done.stderr


def test_a_draft_beside_the_site_file_as_a_table(tmp_path: Path) -> None:
    """Closing at 16:00 in a draft: two columns, the difference and its per cent."""
    path = small.written(tmp_path, zones=small.ZONES[3:4])
    draft = small.written(
        tmp_path, "draft.yaml", small.ZONES[3:4], small.HEAD.replace("09:00-17:30", "09:00-16:00")
    )
    done = simulate(draft, "--against", path, "--from", "2026-07-09", "--to", "2026-07-09")
    assert done.exit_code == 0, done.stderr
    head = next(line for line in done.stdout.splitlines() if line.startswith("energy"))
    assert head.split()[1:] == ["draft.yaml", "small.yaml", "change", "%"]
    lights = next(line for line in done.stdout.splitlines() if line.startswith("  lights"))
    assert float(lights.split()[-1]) < -5.0


def test_a_draft_in_another_time_zone_is_refused(tmp_path: Path) -> None:
    """Hours would not stand beside their like."""
    path = small.written(tmp_path)
    other = small.written(tmp_path, "other.yaml", head=small.HEAD.replace("Asia/Shanghai", "Europe/Berlin"))
    done = simulate(path, "--against", other, *TWO_DAYS)
    assert done.exit_code == 1
    assert "another time zone, Europe/Berlin" in done.stderr


def test_a_fleet_is_a_line_a_building(tmp_path: Path) -> None:
    """Two site files at once; files of hours and pages are for one building at a time."""
    rooms = small.ZONES[3:4]
    one = small.written(tmp_path, zones=rooms)
    two = small.written(tmp_path, "other.yaml", rooms, small.HEAD.replace("name: 小楼", "name: 大楼"))
    day = ("--from", "2026-07-09", "--to", "2026-07-09")
    done = simulate(one, two, *day)
    assert done.exit_code == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["小楼", "大楼"]
    assert simulate(one, two, *day, "--html", tmp_path / "p.html").exit_code == 2
