"""`check --migrate`, which the messages of `check` name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.main import app
from tests.unit.gateway.gateway_world import site_text


def _check(path: Path, *options: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(app, ["check", str(path), *options])
    return ran.exit_code, ran.stdout, ran.stderr


def _old() -> str:
    text = site_text()
    assert "version: 1\n" in text
    return "# our hall\n" + text.replace("version: 1\n", "")


def test_a_file_without_a_version_is_told_what_to_do_and_that_does_it(tmp_path: Path) -> None:
    """The hint names an option; with it the file is sound, its comments stand, and the old one is kept."""
    path = tmp_path / "hall.yaml"
    path.write_text(_old(), encoding="utf-8")
    code, _, err = _check(path)
    assert code == 1
    assert "check --migrate" in err
    code, out, err = _check(path, "--migrate", "--format", "json")
    assert (code, json.loads(out)) == (0, {"ok": True, "problems": []})
    assert "added `version: 1`" in err
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# our hall\n")
    assert "\nversion: 1\nbuilding:" in text
    assert (tmp_path / "hall.yaml.old").read_text(encoding="utf-8") == _old()
    assert not (tmp_path / "hall.yaml.new").exists()


@pytest.mark.parametrize("content", [site_text().encode(), b"", b"\xff\xfe", b"- a\n"])
def test_what_needs_no_upgrade_is_not_touched(tmp_path: Path, content: bytes) -> None:
    """A file of this version, an empty one, one that is no UTF-8, one that is no site file."""
    path = tmp_path / "hall.yaml"
    path.write_bytes(content)
    assert _check(path, "--migrate")[0] == _check(path)[0]
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["hall.yaml"]


def test_a_file_that_is_not_there_is_said_as_ever(tmp_path: Path) -> None:
    """No traceback."""
    code, _, err = _check(tmp_path / "none.yaml", "--migrate")
    assert code == 1
    assert "there is no such file" in err


def test_every_command_that_a_message_names_is_there() -> None:
    """Hints are followed to the letter: each verb and option in backticks exists."""
    root = Path(__file__).resolve().parents[3]
    named = {
        verb
        for folder in ("config", "schedules", "supervisor", "simulator", "drivers")
        for file in (root / folder).rglob("*.py")
        for verb in re.findall(r"building-supervisor ([a-z]+)\b", file.read_text(encoding="utf-8"))
    }
    known = {command.name for command in app.registered_commands}
    known |= {str(getattr(command.callback, "__name__", "")) for command in app.registered_commands}
    known |= {str(group.name) for group in app.registered_groups}
    assert {"check", "run"} <= named
    assert named <= known | {"site"}, "`building-supervisor site file` is the title of the schema"
