"""Many buildings at once, and what a run is spared before it begins."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from supervisor.cli.main import app
from supervisor.rehearsal import fleet
from supervisor.rehearsal.board import Decide, level
from supervisor.rehearsal.job import Job
from tests.unit.rehearsal import small

DAY = ("--from", "2026-07-09", "--to", "2026-07-09")
ROOM = small.ZONES[3:4]


def simulate(*arguments: object) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def test_a_broken_file_among_many_is_named_and_the_others_run(tmp_path: Path) -> None:
    """The table of the sound one, the place of the error, and exit 1."""
    one = small.written(tmp_path, zones=ROOM)
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nbuilding: [\n", encoding="utf-8")
    done = simulate(one, broken, *DAY)
    assert done.exit_code == 1
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["小楼"]
    assert f"{broken}:3:1: error: " in done.stderr
    assert f"1 of 2 could not be simulated: {broken}" in done.stderr
    as_json = json.loads(simulate(one, broken, *DAY, "--format", "json").stdout)
    assert [site["building"] for site in as_json["sites"]] == ["small"]
    assert as_json["problems"][0]["file"] == str(broken)


def test_where_all_are_broken_nothing_runs(tmp_path: Path) -> None:
    """Each is told with its reason."""
    done = simulate(tmp_path / "a.yaml", tmp_path / "b.yaml", *DAY)
    assert done.exit_code == 1
    assert done.stderr.count("there is no such file") == 2
    assert "2 of 2 could not be simulated" in done.stderr


def test_buildings_of_one_name_are_told_apart_by_their_files(tmp_path: Path) -> None:
    """Two drafts of one building: the name alone would not do."""
    paths = [small.written(tmp_path, name, ROOM) for name in ("a.yaml", "b.yaml")]
    done = simulate(*paths, *DAY)
    assert done.exit_code == 0, done.stderr
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[1:]] == [
        "小楼 (a.yaml)",
        "小楼 (b.yaml)",
    ]


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    """site.yaml against last year's site.yaml: two columns of the same name would not do."""
    (tmp_path / "old").mkdir()
    new, old = small.written(tmp_path, zones=ROOM), small.written(tmp_path / "old", zones=ROOM)
    done = simulate(new, "--against", old, *DAY, "--format", "json", "--csv", tmp_path / "h.csv")
    assert [run["label"] for run in json.loads(done.stdout)["runs"]] == ["small.yaml", str(old)]
    heads = (tmp_path / "h.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert len(set(heads)) == len(heads)


@pytest.mark.parametrize("option", ["--csv", "--html"])
def test_a_file_that_cannot_be_written_is_said_before_the_year_is_lived(tmp_path: Path, option: str) -> None:
    """Not a minute later, when the figures would be lost."""
    for path in (tmp_path / "no-such-folder" / "x", tmp_path):
        done = simulate(small.written(tmp_path, zones=ROOM), *DAY, option, path)
        assert done.exit_code == 1
        assert f"{path} cannot be written" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")])
def test_days_beyond_any_calendar_are_no_traceback(tmp_path: Path, first: str, last: str) -> None:
    """Both ends of what a date can be."""
    done = simulate(small.written(tmp_path, zones=ROOM), "--from", first, "--to", last)
    assert done.exit_code == 1
    assert "give days of 1980 to 2099" in done.stderr


def test_a_worker_that_is_killed_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system took one for want of memory."""
    monkeypatch.setattr(fleet, "ProcessPoolExecutor", _Short)
    monkeypatch.setattr(fleet, "FEW", 0)
    done = simulate(small.written(tmp_path, zones=ROOM), "--against", "today", *DAY)
    assert done.exit_code == 1
    assert "a worker process was ended" in done.stderr


def test_a_day_or_two_are_lived_without_waiting_for_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manager who asks about one day has it before another process would have begun; the figures are the same."""
    path = small.written(tmp_path, zones=ROOM)
    asked = (path, "--against", "today", *DAY, "--format", "json")
    with monkeypatch.context() as patched:
        patched.setattr(fleet, "FEW", 0)
        beside = simulate(*asked)
    monkeypatch.setattr(fleet, "ProcessPoolExecutor", None)
    here = simulate(*asked)
    assert here.exit_code == beside.exit_code == 0
    assert json.loads(here.stdout)["runs"] == json.loads(beside.stdout)["runs"]


class _Short(ProcessPoolExecutor):
    """A pool whose processes end as soon as they begin."""

    def __init__(self, count: int, context: BaseContext, *_begin: object) -> None:
        super().__init__(count, context, initializer=_die)


def _die() -> None:
    os._exit(1)


def _late(lived: Sequence[float]) -> float:
    """A parent to whom a loaded machine gives no time between looking and telling: a side lives days meanwhile."""
    time.sleep(1.0)  # the sides are other processes: they live on while their parent does not
    return level(lived)


@pytest.mark.parametrize(
    ("workers", "decide"), [(1, level), (2, level), (2, _late)], ids=["one", "two", "loaded"]
)
def test_ctrl_c_in_a_comparison_gives_both_sides_the_same_days(
    monkeypatch: pytest.MonkeyPatch, workers: int, decide: Decide
) -> None:
    """One core: the second side has hardly begun when somebody has seen enough. Machines cost both the same."""
    monkeypatch.setattr(fleet, "level", decide)

    def enough(share: float) -> None:
        if share > 0.2:
            raise KeyboardInterrupt

    days = (
        dt.date(2026, 7, 6),
        dt.date(2026, 8, 24),
    )  # fifty, so that the key comes before the end on any machine
    site = small.text(ROOM)
    rules, today = (
        Job(site, "small.yaml", label, label == "rules", *days, None, 1, warm_up=21_600.0)
        for label in ("rules", "today")
    )
    one, other = fleet.run_here([rules, today], enough, workers=workers, sides=2)
    assert 24 <= one.hours == other.hours < 50 * 24
    assert one.energy["equipment"] == pytest.approx(other.energy["equipment"])
    assert one.occupied_hours == pytest.approx(other.occupied_hours)
    assert one.energy["cooling"] < other.energy["cooling"]


@pytest.mark.parametrize(
    ("lived", "stop"),
    [((5.0, 3.0), 5.5), ((0.0, -1.0), 0.5), ((-1.0, -1.0), 0.0), ((7.0,), 7.5)],
)
def test_all_sides_stop_at_the_midnight_that_the_furthest_comes_to_next(
    lived: Sequence[float], stop: float
) -> None:
    """Where one is still in its days before the first, all live the first; where none has begun, none does."""
    assert level(lived) == stop
