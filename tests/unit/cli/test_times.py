"""Times and lengths of time that no clock can show: told where and what instead, never a traceback."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from simulator.__main__ import main as simulator
from supervisor.cli.main import app
from supervisor.core.asking import until_of
from supervisor.ledger.periods import period
from tests.soak.__main__ import main as soak
from tests.unit.rehearsal import small

SHANGHAI = ZoneInfo("Asia/Shanghai")
ENDS = (
    "0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59+00:00", "2100-01-01T00:00:00+08:00",
    "9999-12-31T00:00:00+08:00", "9999-12-31T23:59:59-12:00", "2027-02-29T12:00:00+08:00", "10000-01-01T00:00:00Z",
)  # fmt: skip


@pytest.mark.parametrize("start", ENDS)
@pytest.mark.parametrize("verb", ["run", "demo"])
def test_a_start_that_no_site_clock_can_show_is_refused(tmp_path: Path, verb: str, start: str) -> None:
    """Both ends of what a date can be, in every zone, and a leap day of a year that has none."""
    site = small.written(tmp_path)
    where = [str(site), "--state-dir", str(tmp_path)] if verb == "run" else ["--site", str(site)]
    done = CliRunner().invoke(app, [verb, *where, "--start", start])
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: --start {start} is ")
    assert "1980 to 2099" in done.stderr or "is no time" in done.stderr
    assert "2026-07-15T15:00:00+08:00" in done.stderr


@pytest.mark.parametrize("start", ENDS)
def test_the_simulated_building_refuses_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], start: str
) -> None:
    """Started by hand: usage, the option, and how a time is written."""
    monkeypatch.setattr(sys, "argv", ["simulator", str(small.written(tmp_path)), "--start", start])
    with pytest.raises(SystemExit) as left:
        simulator()
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert f"argument --start: {start} is " in said and "2026-07-15T15:00:00+08:00" in said


@pytest.mark.parametrize("value", ["nan", "inf", "-5"])
@pytest.mark.parametrize(
    ("verb", "option"),
    [("run", "--speed"), ("run", "--release-within"), ("demo", "--speed"), ("demo", "--duration")],
)
def test_no_length_of_time_is_negative_or_no_number(
    tmp_path: Path, verb: str, option: str, value: str
) -> None:
    """`nan` lies between no two limits: it passed both and came out as a traceback."""
    site = [str(small.written(tmp_path)), "--state-dir", str(tmp_path)] if verb == "run" else []
    done = CliRunner().invoke(app, [verb, *site, option, value])
    assert done.exit_code == 2, done.output
    assert option in done.stderr


@pytest.mark.parametrize("speed", ["0", "-60", "nan", "inf", "fast"])
def test_the_simulated_buildings_clock_goes_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], speed: str
) -> None:
    """It would stand still, or live its day backwards."""
    monkeypatch.setattr(sys, "argv", ["simulator", str(small.written(tmp_path)), "--speed", speed])
    with pytest.raises(SystemExit):
        simulator()
    assert f"{speed} is no speed" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["999999999", "0", "-3", "ten"])
def test_the_soak_lives_as_many_days_as_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], days: str
) -> None:
    """A number of days that leads beyond every calendar, or to nowhere."""
    monkeypatch.setattr(sys, "argv", ["soak", "--days", days])
    with pytest.raises(SystemExit) as left:
        soak()
    assert left.value.code == 2
    assert f"{days} days cannot be lived: from 1 to 20,000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2027-02-29", "2027-03-01", "is no date"),
        ("2026-01-01", "9999-12-31", "give days of 1980 to 2099"),
        ("1979-12-31", "2026-01-01", "请用 1980 至 2099 年的日期"),
        ("1980-01-01", "2099-12-31", "more than ten years"),
        ("2026-03-02", "2026-03-01", "lies before"),
    ],
)
def test_days_that_cannot_be_rehearsed_are_told(tmp_path: Path, first: str, last: str, says: str) -> None:
    """The end of a period as well as its beginning."""
    site = small.written(tmp_path, zones=small.ZONES[3:4])
    done = CliRunner().invoke(app, ["simulate", str(site), "--from", first, "--to", last])
    assert done.exit_code in (1, 2)
    assert says in done.stderr


@pytest.mark.parametrize("day", ["1980-01-01", "2028-02-29", "2099-12-31"])
def test_the_first_day_the_last_and_a_leap_day_are_rehearsed(tmp_path: Path, day: str) -> None:
    """What is said to be within reach is."""
    site = small.written(tmp_path, zones=small.ZONES[3:4])
    done = CliRunner().invoke(app, ["simulate", str(site), "--from", day, "--to", day])
    assert done.exit_code == 0, done.stderr
    assert f"{day} to {day}" in done.stdout


@pytest.mark.parametrize(
    "day", ["2026年10月1日", "2026/10/1", "2026.10.1", "２０２６－１０－０１", "20261001", "2026年10月1号"]
)
@pytest.mark.parametrize("verb", ["plan", "simulate"])
def test_a_day_is_taken_as_the_site_file_takes_it(tmp_path: Path, verb: str, day: str) -> None:
    """`plan --date 2026年10月1日` was refused, though the site file and the ledger know that day."""
    site = str(small.written(tmp_path, zones=small.ZONES[3:4]))
    asked = ["--date", day] if verb == "plan" else ["--from", day, "--to", day]
    done = CliRunner().invoke(app, [verb, site, *asked])
    assert done.exit_code == 0, done.stderr
    assert "2026-10-01" in done.stdout


@pytest.mark.parametrize(
    ("text", "name"),
    [("2026年", "2026"), ("2026年第一季度", "2026-Q1"), ("2026年4季度", "2026-Q4"), ("2026q2", "2026-Q2"), ("2026年3月份", "2026-03"),
     ("２０２６／３", "2026-03"), ("2026-3-4", "2026-03-04"), ("2026年3月14日", "2026-03-14")],
)  # fmt: skip
def test_a_period_is_one_however_it_is_written(text: str, name: str) -> None:
    """Its name, which files are called by, is always the same."""
    assert period(text, SHANGHAI).name == name


@pytest.mark.parametrize("text", ["20263", "26年3月", "2026年13月", "2026年五季度", "2026年03", "2026-02-30"])
def test_what_is_no_period_is_none(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="no period"):
        period(text, SHANGHAI)


@pytest.mark.parametrize(
    "text", ["2026年7月15日 20:00", "2026/7/15 下午8:00", "2026-07-15T20:00", "20:00", "下午8点"]
)
def test_until_when_somebody_wants_it_is_written_as_people_do(text: str) -> None:
    """An hour of today, or a day and an hour."""
    noon = datetime(2026, 7, 15, 12, tzinfo=SHANGHAI).timestamp()
    assert until_of(text, noon, SHANGHAI, noon + 86_400.0) == noon + 8 * 3600.0
