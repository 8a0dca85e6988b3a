"""`calibrate`, and what `simulate` does with what it found."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.phrase import LANGS
from supervisor.cli.main import app
from supervisor.rehearsal.model import kept, told
from supervisor.rehearsal.model.fit import every
from supervisor.rehearsal.model.used import MISSED, UNCALIBRATED, Z90
from tests.savings.recorded import record
from tests.unit.rehearsal import small

DAY = ("--from", "2026-07-15", "--to", "2026-07-15", "--faults", "never")
ONE = small.ZONES[3:4]
ROOMS = (small.ZONES[1], *ONE, small.ZONES[4])
"""A room on the plant room's water, one behind an air handler, and a corridor that no thermometer is in."""


def run(*arguments: object) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site file, and a store with nine days of July in shadow mode."""
    place = tmp_path_factory.mktemp("recorded")
    place.chmod(0o700)
    small.written(place, zones=ROOMS)
    record(
        small.scenario("2026-07-06", 9, of=small.site(ROOMS), controlled=False),
        f"sqlite:///{place}/supervisor.sqlite3",
    )
    return place


@pytest.fixture(scope="module")
def done(folder: Path) -> Result:
    """What `calibrate` said of it."""
    return run("calibrate", folder / "small.yaml", "--state-dir", folder)


@pytest.mark.thorough
def test_it_says_how_far_off_it_was_on_days_not_seen(done: Result) -> None:
    """A night ahead, a day, and the whole time, of days that the fit was not shown."""
    assert done.exit_code == 0, done.stderr
    assert "on 3 days not seen: a night ahead ±" in done.stdout


@pytest.mark.thorough
def test_the_rooms_of_the_built_in_plant_are_met_within_a_kelvin(done: Result, folder: Path) -> None:
    """Where the truth has the very same equations, days not seen are met within half a kelvin, and six days tell a meter within 15 %."""
    found = kept.load(folder / "small.calibration.json", "small")
    assert found.ahead.week < 0.5
    assert abs(found.ahead.meters["total"]) < 0.15


@pytest.mark.thorough
def test_what_july_cannot_tell_is_said(done: Result) -> None:
    """Heating did not run: its row says that it is as before."""
    rows = [line for line in done.stdout.splitlines() if "heating capacity" in line]
    assert rows and all(row.endswith("not told by these data: as before") for row in rows)


@pytest.mark.thorough
def test_outdoor_air_is_not_told_from_efficiency_by_a_summer(done: Result, folder: Path) -> None:
    """Its prior is kept, is as wide as it was, and that is said; what the model itself misses is said beside it."""
    found = kept.load(folder / "small.calibration.json", "small")
    place = [p.name for p in every(len(found.fit.groups))].index("fresh")
    assert found.fit.theta[place] == 0.0
    assert found.fit.spread[place] == pytest.approx(0.7)
    assert "cannot be told apart by days without heating" in done.stdout
    assert f"± {Z90 * MISSED:.0%} of it for what the model itself misses" in done.stdout
    in_chinese = "\n".join(told.lines(found, "zh"))
    assert "无法区分机组新风量、风机与制冷效率" in in_chinese and "模型自身的偏差" in in_chinese


@pytest.mark.thorough
def test_people_are_fitted_as_the_sensors_saw_them(done: Result, folder: Path) -> None:
    """Nine days by zone, of which the weekend was closed."""
    people = json.loads((folder / "small.calibration.json").read_text("utf-8"))["people"]
    assert len(people["days"]) == 9
    assert [day["open"]["west"] for day in people["days"][:7]] == [True] * 5 + [False] * 2
    assert "as seen; rooms empty" in done.stdout


@pytest.mark.thorough
def test_the_file_is_its_owners_alone(done: Result, folder: Path) -> None:
    """It tells when people were in."""
    assert (folder / "small.calibration.json").stat().st_mode & 0o077 == 0


@pytest.mark.thorough
def test_simulate_uses_it_by_default_and_prints_intervals(done: Result, folder: Path) -> None:
    """The first line says on what it was calibrated; each figure has its 90 % interval."""
    said = run("simulate", folder / "small.yaml", "--against", "today", *DAY, "--draws", "2")
    assert said.exit_code == 0, said.stderr
    lines = said.stdout.splitlines()
    assert lines[0].startswith("calibrated on 2026-07-06 … 2026-07-14") and "已按" not in said.stdout
    assert any(line.startswith("  HVAC saved: ") and "(90 %: " in line for line in lines)
    assert "people: as presence sensors saw them" in said.stdout


@pytest.mark.thorough
def test_without_it_the_first_line_says_how_far_it_may_be_off(done: Result, folder: Path) -> None:
    """With the figures of an office that it had never seen, in the reader's language."""
    for lang in LANGS:
        said = run("--lang", lang, "simulate", folder / "small.yaml", *DAY, "--uncalibrated")
        assert "".join(said.stdout.split()).startswith("".join(UNCALIBRATED.told(lang).split()))
    assert "2.5 to 14 %" in UNCALIBRATED.en and "38.5" in UNCALIBRATED.en and "未校准" in UNCALIBRATED.zh


@pytest.mark.thorough
def test_json_has_the_intervals(done: Result, folder: Path) -> None:
    """What programs read: whether it was calibrated, and low and high of each figure."""
    said = run("simulate", folder / "small.yaml", *DAY, "--draws", "2", "--format", "json")
    shown = json.loads(said.stdout)
    assert shown["calibrated"] is True
    hvac = shown["intervals"]["hvac_this"]
    assert hvac["low"] <= hvac["value"] <= hvac["high"]
    assert math.isclose(hvac["value"], shown["runs"][0]["hvac_kwh"], abs_tol=1e-2)


def test_calibrated_is_refused_where_nothing_was_calibrated(tmp_path: Path) -> None:
    """Whoever asks for it by name is not given something else."""
    said = run("simulate", small.written(tmp_path, zones=ONE), *DAY, "--calibrated")
    assert said.exit_code == 1
    assert "is not calibrated" in said.stderr and "尚未校准" in said.stderr


@pytest.mark.parametrize(
    "text", ["", "{}", '{"version": 1}', "[1, 2]", '{"version": 9, "building": "small"}']
)
def test_a_damaged_calibration_is_told_and_not_used(tmp_path: Path, text: str) -> None:
    """No traceback, no figure of another building: what to do is said."""
    site = small.written(tmp_path, zones=ONE)
    (tmp_path / "small.calibration.json").write_text(text, encoding="utf-8")
    said = run("simulate", site, *DAY)
    assert said.exit_code == 1
    assert "no calibration of this version" in said.stderr and "不是本版本" in said.stderr


@pytest.mark.thorough
def test_another_buildings_calibration_is_refused(done: Result, folder: Path, tmp_path: Path) -> None:
    """A copied file tells whose it is."""
    told = json.loads((folder / "small.calibration.json").read_text("utf-8")) | {"building": "other"}
    site = small.written(tmp_path, zones=ONE)
    (tmp_path / "small.calibration.json").write_text(json.dumps(told), encoding="utf-8")
    said = run("simulate", site, *DAY)
    assert said.exit_code == 1 and "is the calibration of other, not of small" in said.stderr


def test_too_short_a_record_is_refused_with_its_days(folder: Path) -> None:
    """Five days say nothing of a weekend."""
    said = run(
        "calibrate", folder / "small.yaml", "--state-dir", folder, "--to", "2026-07-10",
        "-o", folder / "never.json",
    )  # fmt: skip
    assert said.exit_code == 1
    assert "5 whole days are recorded" in said.stderr and "至少需要 7 天" in said.stderr
    assert not (folder / "never.json").exists()


def test_an_empty_store_is_refused(tmp_path: Path) -> None:
    """There is nothing to fit to, and what to do is said."""
    from tests.savings.recorded import keep

    tmp_path.chmod(0o700)
    keep(f"sqlite:///{tmp_path}/supervisor.sqlite3", [])
    said = run("calibrate", small.written(tmp_path), "--state-dir", tmp_path)
    assert said.exit_code == 1
    assert "no room's temperature is recorded" in said.stderr and "试运行" in said.stderr


def test_a_date_that_is_none_is_misuse(folder: Path) -> None:
    """Exit 2, with how it is written."""
    said = run("calibrate", folder / "small.yaml", "--from", "July")
    assert said.exit_code == 2 and "2026-02-14" in said.stderr


# ---------------------------------------------------------------------- what control saved


@pytest.mark.thorough
def test_a_dry_run_saved_nothing(done: Result, folder: Path) -> None:
    """Nothing was acted on in shadow mode, and that is said."""
    said = run("calibrate", folder / "small.yaml", "--state-dir", folder, "--saved", "--from", "2026-07-13")
    assert said.exit_code == 0, said.stderr
    assert "control saved 0 kWh" in said.stdout and "a dry run saves nothing" in said.stdout
    zh = run(
        "--lang",
        "zh",
        "calibrate",
        folder / "small.yaml",
        "--state-dir",
        folder,
        "--saved",
        "--from",
        "2026-07-13",
    )
    assert "控制节能 0 kWh" in zh.stdout and "试运行不产生节能" in zh.stdout and "saved" not in zh.stdout


@pytest.fixture(scope="module")
def ruled(done: Result, folder: Path) -> Path:
    """The same building, calibrated, with three days under the rules."""
    place = folder / "ruled"
    place.mkdir(mode=0o700)
    small.written(place, zones=ROOMS)
    (place / "small.calibration.json").write_bytes((folder / "small.calibration.json").read_bytes())
    record(small.scenario("2026-07-15", 3, of=small.site(ROOMS)), f"sqlite:///{place}/supervisor.sqlite3")
    return place


def test_recorded_days_lived_again_tell_what_each_rule_saved(ruled: Path) -> None:
    """Three days under the rules: less than before, with the hours blocked and the setpoints corrected beside it."""
    said = run("calibrate", ruled / "small.yaml", "--state-dir", ruled, "--saved", "--format", "json")
    assert said.exit_code == 0, said.stderr
    told = json.loads(said.stdout)
    assert told["days"] == 3.0
    assert 0.0 < told["low_joules"] < told["saved_joules"] < told["high_joules"]
    assert (
        told["rules"]["pre-close-off"]["saved"] > 0.0
        and told["rules"]["pre-close-off"]["blocked_hours"] > 0.0
    )
    assert (
        told["rules"]["summer-setpoint"]["saved"] > 0.0 and told["rules"]["summer-setpoint"]["corrected"] > 0
    )


def test_it_is_near_what_the_truth_saved(ruled: Path) -> None:
    """The truth, lived as before and by the rules, saved what the re-lived record says, within a third."""
    from supervisor.rehearsal.job import Job, rehearse

    told = json.loads(
        run("calibrate", ruled / "small.yaml", "--state-dir", ruled, "--saved", "--format", "json").stdout
    )
    first, last = dt.date(2026, 7, 15), dt.date(2026, 7, 17)
    policy, before = (
        rehearse(Job(small.text(ROOMS), "small.yaml", "", rules, first, last, None, 1))
        for rules in (True, False)
    )
    came = (before.electricity + before.gas - policy.electricity - policy.gas) * 3.6e6
    assert told["saved_joules"] == pytest.approx(came, rel=0.33)
