"""Files of strangers at the command line: what is quoted of them is only ever read, and what is no file is not swallowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.main import app

OFFICE = Path("config/examples/office.yaml")
TITLE = "\x1b]0;all is well\x07\x1b[2J"
"""Sets a terminal's title, and clears it."""


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (("ledger", "import", OFFICE, "FILE"), f"time,meter,value\n2026-03-01T00:00,{TITLE},5\n"),
        (("ledger", "import", OFFICE, "FILE"), f"time,meter,value\n{TITLE},water,5\n"),
        (("points", OFFICE, "--import", "FILE"), f"zone,role,device,object\nr1,{TITLE},ddc,AI1\n"),
        (("discover", "--ede", "FILE", "-o", "OUT"),
         f"keyname;device obj.-instance;object-name;object-type;object-instance\nk;{TITLE};n;0;1\n"),
    ],
)  # fmt: skip
def test_a_cell_that_is_quoted_commands_no_terminal(
    tmp_path: Path, words: tuple[str | Path, ...], content: str
) -> None:
    """A meter, a time, a role, a device number with escapes in it: told in visible signs, exit 1."""
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    given = [str({"FILE": file, "OUT": tmp_path / "new.yaml"}.get(str(word), word)) for word in words]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 1
    assert "�" in done.output
    assert "\x1b" not in done.output


@pytest.mark.parametrize("place", ["/dev/zero", "."])
@pytest.mark.parametrize(
    "words", [("ledger", "import", str(OFFICE)), ("points", str(OFFICE), "--import"), ("discover", "--ede")]
)
def test_what_is_no_file_is_not_read_to_its_end(words: tuple[str, ...], place: str) -> None:
    """There is none: a device, or a folder that was meant for the file in it, is refused in a line."""
    done = CliRunner().invoke(app, [*words, place])
    assert done.exit_code == 1
    assert "not a file" in done.output


@pytest.mark.parametrize("content", ["{}".encode("utf-16"), "演练".encode("gbk"), b"[" * 100_000, b"\0", b""])
def test_a_file_that_is_no_rehearsal_is_refused_in_a_line(tmp_path: Path, content: bytes) -> None:
    """As a shell on Windows writes what is redirected, or as anything else: no traceback."""
    file = tmp_path / "rehearsal.json"
    file.write_bytes(content)
    words = [
        "report",
        str(OFFICE),
        "--month",
        "2026-03",
        "--rehearsal",
        str(file),
        "--state-dir",
        str(tmp_path),
    ]
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert "is no rehearsal" in done.output
