"""Options are looked at before anything is read, asked or written; what stands in the way says what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.points import Point
from config.roles import Mode, Role
from supervisor.cli.findings import FALLS_BACK, Finding, folded, templates_of
from supervisor.cli.main import app
from supervisor.field.commissioning import trial_value, trials
from tests.site_files import OFFICE, site_of_file

NO_FILE = "no-such-site.yaml"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("doctor", NO_FILE, "--commission"), "--by"),
        (("doctor", NO_FILE, "--commission", "--by", "李工"), "--yes"),
        (("doctor", NO_FILE, "--commission", "--by", "李工", "--accept", "ddc-1"), "one at a time"),
        (("doctor", NO_FILE, "--only", "f1-hall"), "--commission"),
        (("release", NO_FILE, "--for", "soon"), "--for soon"),
        (("reload", NO_FILE, "--yes"), "--by"),
        (("reload", NO_FILE, "--back"), "--by"),
        (("points", NO_FILE, "--dry-run"), "--import"),
    ],
)
def test_misuse_is_told_before_the_file_is_read(words: tuple[str, ...], said: str) -> None:
    """Exit 2, one line and a hint, in both languages; the missing file would have been exit 1."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert "Traceback" not in done.output


def test_release_without_a_daemon_says_offline(tmp_path: Path) -> None:
    """Nobody answers: what the last daemon left is let go of with --offline."""
    done = CliRunner().invoke(app, ["release", str(OFFICE), "--state-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert f"release {OFFICE} --offline" in done.output
    done = CliRunner().invoke(app, ["release", str(OFFICE), "--state-dir", str(tmp_path), "--lang", "zh"])
    assert "没有守护进程应答" in done.output


def test_the_same_of_a_templates_points_is_one_line() -> None:
    """Twenty fan coils fall back to on: the template, how many, and the first of them; the odd one stays by name."""
    site = site_of_file(OFFICE)
    alike = templates_of(site)
    fans = [id_ for id_, kind in alike.items() if kind == "fcu/start_stop"]
    assert len(fans) > 10
    odd = "f1-duty/lights/start_stop"
    (line,) = folded([Finding("note", f"point {id_}", FALLS_BACK) for id_ in [*fans, odd]], alike)
    assert line.what == f"{len(fans) + 1} points"
    assert f"fcu/start_stop ×{len(fans)} ({fans[0]} …)" in line.said.en
    assert odd in line.said.zh
    assert fans[5] not in line.said.en


def test_modes_are_tried_too() -> None:
    """Every writable point of the office is on the walk; a mode is set to another one that runs."""
    site = site_of_file(OFFICE)
    walked = {point.id for _, point in trials(site)}
    assert walked == {p.id for p in site.points.values() if p.writable and p.role is not Role.HEARTBEAT}
    modes = [point for _, point in trials(site) if point.role is Role.MODE]
    assert modes
    for point in modes:
        for before in point.states.values():
            assert trial_value(point, before) in set(point.states.values()) - {before}


def test_a_mode_is_tried_by_one_that_runs() -> None:
    """From cooling to heating, not to off; the only one that is mapped is written again."""
    states = {1: Mode.OFF, 2: Mode.COOL, 3: Mode.HEAT}
    point = Point("r/fcu/mode", Role.MODE, "ddc", "multi-state-value", 1, states=states)
    assert trial_value(point, Mode.COOL) is Mode.HEAT
    assert trial_value(point, Mode.OFF) is Mode.COOL
    alone = Point("r/fcu/mode", Role.MODE, "ddc", "multi-state-value", 1, states={2: Mode.COOL})
    assert trial_value(alone, Mode.COOL) is Mode.COOL
