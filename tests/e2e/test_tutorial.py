"""The first hour: each command of docs/tutorial.md from the unknown network on, run as written, prints what the page shows."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.processes import BIN
from tests.e2e.sites import DEVICES, NETWORK, SiteFiles, office
from tests.waiting import last_answer

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]
DOCS = Path(__file__).resolve().parents[2] / "docs"
PATIENCE = 180.0
LASTING = ("python -m simulator", "building-supervisor run")
"""What goes on in a terminal of its own while the next command is typed."""
HEADINGS = {"tutorial.md": "5 · From an unknown network", "zh/tutorial.md": "从陌生网络"}


@pytest.mark.parametrize("page", HEADINGS)
def test_each_command_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    """From `discover` to the first room and back; numbers, times and addresses may differ."""
    (tmp_path / "config/examples").mkdir(parents=True)
    files = office(tmp_path)
    files.building.rename(tmp_path / "config/examples/office.yaml")
    files.daemon.unlink()
    reader = Reader(tmp_path)
    try:
        for kind, text in steps(page, files):
            if kind == "diff":
                edit(tmp_path / "tower.yaml", text)
            else:
                reader.type(text)
    finally:
        reader.leave()
    assert reader.typed > 9


def steps(page: str, files: SiteFiles) -> Iterator[tuple[str, str]]:
    """The blocks of the section, in order, at the addresses of this test."""
    whole = (DOCS / page).read_text(encoding="utf-8")
    section = whole.split(f"\n## {HEADINGS[page]}")[1].split("\n## ")[0]
    moved = {
        f"127.0.0.{DEVICES[0]}-{DEVICES[-1]}:47809": f"{NETWORK}.{DEVICES[0]}-{DEVICES[-1]}:{files.wire}",
        "127.0.0.1/8": f"{NETWORK}.1/24",
        "--port 47808": f"--port {files.wire + 1}",
        "bind: 127.0.0.1, port: 47808": f"bind: {NETWORK}.1, port: {files.wire + 1}",
        "bind: 127.0.0.1, port: 8026": f"bind: 127.0.0.1, port: {files.http}",
    }
    for old, new in moved.items():
        assert old in section, f"the page no longer says {old!r}"
        section = section.replace(old, new)
    for block in re.finditer(r"^```(console|diff)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        yield block[1], block[2]


def edit(file: Path, hunk: str) -> None:
    """Change the file as the page says: what stands there stands there once."""
    lines = hunk.splitlines()
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in signs) for signs in (" -", " +"))
    text = file.read_text(encoding="utf-8")
    assert text.count(f"\n{old}") == 1, old
    file.write_text(text.replace(f"\n{old}", f"\n{new}"), encoding="utf-8")


def alike(line: str) -> str:
    """A line without its numbers, times, addresses and the width of its columns."""
    return re.sub(r"\s+", " ", re.sub(r"\d+(?:[.:/]\d+)*", "#", line)).strip()


def lacks(shown: list[str], printed: str) -> str | None:
    """The first shown line that was not printed after the one before it; None where all were."""
    said = iter([alike(line) for line in printed.splitlines()])
    return next((line for line in shown if alike(line) not in said), None)


class Reader:
    """Somebody who types what the page says, with a terminal for each command that goes on."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.typed = folder, 0
        self.env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "en_US.UTF-8"}
        self.env |= {"XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "200", "NO_COLOR": "1"}
        self.terminals: list[Terminal] = []

    def type(self, block: str) -> None:
        """Each command of a block, and what is shown beneath it."""
        for command in re.split(r"^(?=\$ |\^C$)", block, flags=re.MULTILINE)[1:]:
            first, *shown = command.splitlines()
            self.typed += 1
            if first == "^C":
                self.terminals[-1].process.send_signal(signal.SIGINT)
                self._await(shown, self.terminals[-1].printed)
            elif first[2:].startswith(LASTING):
                self.terminals.append(Terminal(first[2:], self.folder, self.env))
                self._await(shown, self.terminals[-1].printed)
            else:
                self._await(shown, partial(self._run, first[2:]))

    def _run(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, env=self.env, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout

    def _await(self, shown: list[str], look: Callable[[], str]) -> None:
        """A reader looks twice: readings and write come within seconds, or a loaded machine's minutes."""
        printed = last_answer(look, lambda printed: lacks(shown, printed) is None, PATIENCE, 1.0)
        missing = lacks(shown, printed)
        assert missing is None, f"the page shows\n{missing}\nand this came:\n{printed}"

    def leave(self) -> None:
        """Close every terminal."""
        for terminal in reversed(self.terminals):
            terminal.close()


class Terminal:
    """A command that goes on, and all that it has printed."""

    def __init__(self, command: str, folder: Path, env: dict[str, str]) -> None:
        ours, theirs = pty.openpty()
        self._ours, self._said = ours, bytearray()
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=folder,
            env=env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        while True:
            try:
                self._said += os.read(self._ours, 65536)
            except OSError:
                return

    def printed(self) -> str:
        """Everything so far."""
        return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", self._said.decode(errors="replace"))

    def close(self) -> None:
        """Ctrl-C, and the end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.join(5)
        os.close(self._ours)
