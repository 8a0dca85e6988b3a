"""The unit file, its drop-in and the how-to: the same install commands, and a restart that does not go on for ever."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.main import app

ROOT = Path(__file__).parents[3]
SYSTEMD = ROOT / "deploy/systemd"
STRICT = SYSTEMD / "building-supervisor.service.d/strict.conf"
UNIT = SYSTEMD / "building-supervisor.service"
HOW_TO = ROOT / "docs/how-to/install-as-a-service.md"


def setting(path: Path, key: str) -> str:
    """The last value of a key, as systemd takes it."""
    return str(re.findall(rf"^{key}=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)[-1])


def test_a_wrong_site_file_is_not_tried_over_and_over(tmp_path: Path) -> None:
    """`run --strict` exits with a code that the strict unit does not restart; the plain unit has no --strict."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nbuilding: x\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["run", str(broken), "--strict", "--state-dir", str(tmp_path / "s")])
    assert str(done.exit_code) in setting(STRICT, "RestartPreventExitStatus").split()
    assert "--strict" in setting(STRICT, "ExecStart")
    assert "--strict" not in setting(UNIT, "ExecStart")


def test_misuse_is_not_tried_again_by_any_unit(tmp_path: Path) -> None:
    """An option that is wrong stays wrong."""
    done = CliRunner().invoke(app, ["run", str(tmp_path / "site.yaml"), "--speed", "no"])
    for unit in (*SYSTEMD.glob("*.service"), STRICT):
        assert str(done.exit_code) in setting(unit, "RestartPreventExitStatus").split()


@pytest.mark.parametrize("path", [UNIT, HOW_TO], ids=lambda path: path.name)
def test_it_is_installed_from_the_wheel_that_make_builds(path: Path) -> None:
    """Before a package index has it: never by its bare name."""
    text = path.read_text(encoding="utf-8")
    commands = ["make wheel", "python3 -m venv /opt/building-supervisor", "--require-hashes -r requirements.lock", "--no-deps dist/*.whl"]  # fmt: skip
    places = [text.index(command) for command in commands]
    assert places == sorted(places)


def test_no_page_installs_it_by_a_name_that_no_index_has() -> None:
    """Neither a page nor a unit says `pip install building-supervisor`."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.service")]
    found = [
        p.name for p in pages if re.search(r"pip install ['\"]?building-supervisor", p.read_text("utf-8"))
    ]
    assert found == []
