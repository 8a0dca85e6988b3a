"""On a terminal of 80 columns no line of `check`, `plan` and `simulate` is wider, in either language."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from config.phrase import LANGS, Lang, columns
from tests.unit.rehearsal import small

ROOT = Path(__file__).parents[3]
OFFICE = ROOT / "config/examples/office.yaml"
WIDE, HIGH = 80, 24
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
BROKEN = (("version: 1", "version: 1\nzonez: {}"), ("Asia/Shanghai", "Asia/Shanghia"))


def at_a_terminal(*arguments: object, **environment: str) -> list[str]:
    """The lines that a verb shows at a terminal of 80 by 24, on either of its streams; what a bar overwrites included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HIGH, WIDE, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    running = subprocess.Popen(
        [sys.executable, "-m", "supervisor", *map(str, arguments)],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while piece := _read(ours):
            shown += piece
    finally:
        os.close(ours)
        running.wait(240)
    return re.split(r"[\r\n]+", shown.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: the other end is closed
        return b""


def _too_wide(lines: list[str]) -> list[str]:
    return [line for line in lines if columns(_COLOUR.sub("", line)) > WIDE]


@pytest.mark.parametrize("lang", LANGS)
def test_a_sound_file_and_its_day(lang: Lang, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` and `plan` of the office."""
    monkeypatch.chdir(OFFICE.parent)
    for verb in (("check", OFFICE.name), ("plan", OFFICE.name, "--date", "2026-07-15")):
        lines = at_a_terminal("--lang", lang, *verb)
        assert len("".join(lines)) > 20
        assert _too_wide(lines) == []


@pytest.mark.parametrize("lang", LANGS)
def test_mistakes_with_their_hints(tmp_path: Path, lang: Lang, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` of a file with mistakes: messages and hints are broken, the file's own line is cut or short."""
    text = OFFICE.read_text(encoding="utf-8")
    for old, new in BROKEN:
        text = text.replace(old, new, 1)
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    lines = at_a_terminal("--lang", lang, "check", "s.yaml")
    assert sum("s.yaml:" in line for line in lines) >= len(BROKEN)
    assert _too_wide(lines) == []


@pytest.mark.thorough
@pytest.mark.parametrize("lang", LANGS)
def test_a_rehearsal(tmp_path: Path, lang: Lang) -> None:
    """`simulate` of a day against today, its bar included."""
    path = small.written(tmp_path)
    day = ("--from", "2026-07-15", "--to", "2026-07-15")
    lines = at_a_terminal("--lang", lang, "simulate", path, "--against", "today", *day)
    assert any("kWh" in line for line in lines)
    assert _too_wide(lines) == []


@pytest.mark.thorough
def test_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    """NO_COLOR, on a terminal too: no colour from `check`, nor from a bar (which may still move the cursor)."""
    path = small.written(tmp_path)
    day = ("--from", "2026-07-15", "--to", "2026-07-15")
    for verb in (("check", path), ("simulate", path, *day)):
        shown = "\n".join(at_a_terminal(*verb, NO_COLOR="1"))
        assert not re.search(r"\x1b\[(?:3[0-7]|38|4[0-7]|9[0-7])", shown)
