"""What a person sees in a terminal window of 80 by 24, in tmux: demo, run, check and simulate, in both languages."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.phrase import LANGS, Lang, columns
from config.roles import Role
from config.rules import RuleId
from tests.ports import free_tcp, free_udp
from tests.unit.cli.test_languages import LOCALES, _strange
from tests.unit.rehearsal import small
from tests.waiting import last_answer

ROOT = Path(__file__).parents[3]
OFFICE = ROOT / "config/examples/office.yaml"
PATIENCE = 300.0
"""s of wall time for a screen, on a loaded machine."""
pytestmark = pytest.mark.thorough
_FIGURES = re.compile(r"\b[a-z_]+=[\w.]+|^\^C|\bAPDU\b|\bBACnet\b", re.MULTILINE)
"""Counts for programs, and names."""


class Window:
    """One tmux window, and what stands in it."""

    def __init__(self, folder: Path, lang: Lang) -> None:
        self._folder, self._lang = folder, lang
        self._socket = f"seen-{os.getpid()}-{lang}-{time.monotonic_ns()}"

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    def does(self, *verb: object) -> None:
        """Run a verb; what it leaves on the screen stays there."""
        given = {
            "LC_ALL": LOCALES[self._lang],
            "PYTHONPATH": str(ROOT),
            "BUILDING_SUPERVISOR_STATE": str(self._folder / "state"),
        }
        words = [sys.executable, "-m", "supervisor", *map(str, verb)]
        line = f"env {shlex.join(f'{k}={v}' for k, v in given.items())} {shlex.join(words)}; echo '[ended]'; exec sleep 900"
        self._tmux("new-session", "-d", "-x", "80", "-y", "24", "-c", str(self._folder), line)
        self._tmux("set-option", "-g", "history-limit", "5000")

    def screen(self, seen: Callable[[str], bool]) -> str:
        """What stands in the window once it shows what is waited for."""
        shown: str = last_answer(lambda: self._tmux("capture-pane", "-p"), seen, PATIENCE, 0.5)
        assert seen(shown), shown
        return shown

    def stop(self) -> None:
        """Ctrl-C."""
        self._tmux("send-keys", "C-c")

    def close(self) -> None:
        """Close the window, whatever runs in it."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture(params=LANGS)
def window(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Window]:
    """A window whose reader speaks one of the two languages."""
    made = Window(tmp_path, request.param)
    made.lang = request.param  # type: ignore[attr-defined] # for the story alone
    yield made
    made.close()


def ended(screen: str) -> bool:
    """The verb is over."""
    return "[ended]" in screen


def looked_at(screen: str, window: Window, names: str) -> None:
    """Nothing is wider than the window, cut in a word, in the other language, or a traceback."""
    lang: Lang = window.lang  # type: ignore[attr-defined] # set by the fixture
    lines = screen.splitlines()
    assert max(columns(line) for line in lines) <= 80
    assert "Traceback" not in screen
    ours = re.sub(
        r"^ *\d+ \|.*$", "", screen, flags=re.MULTILINE
    )  # without the file's own lines, which are cut
    assert re.findall(r"[a-z]{2,}…", ours) == []
    assert _strange(_FIGURES.sub("", screen), lang, names) == []
    if lang == "zh":
        assert [name for name in (*RuleId, *Role) if "-" in name and re.search(rf"\b{name}\b", screen)] == []


def test_the_demo_live_and_stopped_by_ctrl_c(window: Window) -> None:
    """The live table, and what is told at its end."""
    names = OFFICE.read_text(encoding="utf-8")
    window.does("demo", "--port", free_tcp())
    looked_at(window.screen(lambda shown: "╭" in shown and "15:2" in shown), window, names)
    window.stop()
    looked_at(window.screen(ended), window, names)


def test_a_daemon_introduces_itself_and_says_that_it_stops(window: Window, tmp_path: Path) -> None:
    """`run`, in a dry run against controllers that are not there; the log's lines are broken between words."""
    text = (OFFICE.parent / "small-office.yaml").read_text(encoding="utf-8")
    text = text.replace("port: 47808,", f"port: {free_udp('127.0.0.1')},").replace(
        "port: 8026", f"port: {free_tcp()}"
    )
    site = tmp_path / "site.yaml"
    site.write_text(text, encoding="utf-8")
    window.does("run", site.name, "--dry-run")
    shown = window.screen(lambda told: ("no answer within" if "mode" in told else "秒内无应答") in told)
    looked_at(shown, window, site.read_text(encoding="utf-8"))
    window.stop()
    looked_at(window.screen(ended), window, site.read_text(encoding="utf-8"))


def test_a_file_with_mistakes(window: Window, tmp_path: Path) -> None:
    """`check`: excerpt, caret and hint."""
    text = OFFICE.read_text(encoding="utf-8").replace("hours: office", "hours: ofice", 3)
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    window.does("check", "s.yaml")
    looked_at(window.screen(ended), window, text)


def test_a_rehearsal_against_today(window: Window, tmp_path: Path) -> None:
    """`simulate`: its heads stand above their columns, on one line."""
    site = small.written(tmp_path)
    window.does("simulate", site.name, "--against", "today", "--from", "2026-07-15", "--to", "2026-07-15")
    shown = window.screen(ended)
    looked_at(shown, window, site.read_text(encoding="utf-8"))
    heads = [line for line in shown.splitlines() if line.rstrip().endswith(" %") and "yaml" in line]
    assert heads
