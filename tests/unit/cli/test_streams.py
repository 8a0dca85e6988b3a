"""Terminals that lack signs, readers that leave, disks that are full: an answer with replacements, or one line why not."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import select
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from supervisor.cli import streams
from supervisor.cli.run import run
from supervisor.cli.streams import _Remarks
from supervisor.gateway import Released
from tests.e2e.processes import COMMAND
from tests.site_files import OFFICE


def _ran(
    command: str, encoding: str = "utf-8", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """A shell's line, `bs` standing for the command."""
    line = command.replace("bs ", f"{COMMAND} ").replace("OFFICE", str(OFFICE))
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    ran = subprocess.run(["bash", "-c", line], capture_output=True, env=environment, timeout=120, cwd=cwd, check=False)  # fmt: skip
    assert b"Traceback" not in ran.stderr + ran.stdout, ran.stderr.decode(errors="replace")
    assert b"Exception ignored" not in ran.stderr
    return ran


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "ascii"])
def test_every_sign_has_a_likeness(encoding: str, tmp_path: Path) -> None:
    """Help, a right file, a wrong one, a verb that no daemon answers, misuse."""
    for words, code in (
        ("--help", 0),
        ("check OFFICE", 0),
        ("check 错.yaml", 1),
        ("explain OFFICE f1-hall/fcu-east/start_stop --state-dir s", 1),
        ("走", 2),
    ):
        ran = _ran(f"bs {words}", encoding, tmp_path)
        assert ran.returncode == code, (words, ran)
        said = (ran.stdout + ran.stderr).decode(encoding)
        assert said.strip()
        if words == "check OFFICE":
            assert ("街道办公楼" if encoding == "gbk" else "?????: 24 zones") in said


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "ascii", "utf-8"])
def test_json_loses_no_sign_whatever_the_terminal_has(encoding: str) -> None:
    """A program reads what was meant: escaped where the terminal lacks it, never a question mark."""
    ran = _ran("bs plan OFFICE --date 2026-10-01 --format json", encoding)
    told = json.loads(ran.stdout.decode(encoding))
    assert any("\u4e00" <= sign <= "\u9fff" for sign in json.dumps(told, ensure_ascii=False))
    assert "??" not in json.dumps(told)
    wrong = _ran("bs check /nowhere/错.yaml --format json", encoding)
    assert json.loads(wrong.stdout.decode(encoding))["ok"] is False


def test_a_terminal_without_any_locale(tmp_path: Path) -> None:
    """LC_ALL=C, and Python kept from taking it for UTF-8."""
    ran = _ran("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING= bs check OFFICE", "", tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.decode("ascii").endswith("7 devices\n")


@pytest.mark.parametrize("words", ["--help", "check OFFICE", "schema"])
def test_a_full_disk_is_said_in_one_line(words: str) -> None:
    """Short answers are lost at the end, long ones in the middle."""
    ran = _ran(f"bs {words} > /dev/full")
    assert ran.returncode == 1
    assert "error: the answer cannot be written: No space left on device\n" in ran.stderr.decode()


def test_a_full_disk_is_said_in_chinese_to_who_reads_chinese() -> None:
    """What the operating system calls it, too; not one line of English."""
    ran = _ran("bs schema --lang zh > /dev/full")
    assert ran.stderr.decode() == "错误：输出无法写入：磁盘已满\n"


def test_a_reader_that_leaves_is_nobodys_fault() -> None:
    """`schema | true`: nothing on standard error."""
    ran = _ran("set -o pipefail; bs schema | true")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", b"")


@pytest.mark.parametrize(
    ("words", "code"), [("check OFFICE >&-", 0), ("check nowhere.yaml 2>/dev/full", 1), ("check nowhere.yaml 2>&-", 1)]
)  # fmt: skip
def test_a_stream_that_is_closed_or_full_changes_no_answer(words: str, code: int) -> None:
    """Standard output closed by a service manager, standard error on a full disk."""
    assert _ran(f"bs {words}").returncode == code


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_the_live_table_is_drawn_with_what_there_is(encoding: str) -> None:
    """Chinese names, degrees and frames through the demo's console, as the process's own output."""
    program = (
        "from supervisor.cli.streams import settle; settle()\n"
        "import rich.console as c\n"
        "from rich.live import Live\n"
        "from rich.panel import Panel\n"
        "console = c.Console(force_terminal=True, width=60)\n"
        "with Live(Panel('三楼会议室 26.0 °C ✓ — ×60', title='街道办公楼'), console=console): pass\n"
    )
    ran = _ran(f'{Path(COMMAND).parent}/python -c "{program}"', encoding)
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.decode(encoding)
    assert "26.0" in said
    assert ("三楼会议室" in said) == (encoding == "gbk")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_line_is_out_as_it_is_said(unbuffered: str) -> None:
    """Into a log file, too, and in a container that asks for it: a daemon that waits has said so before."""
    say = "import os, sys; from supervisor.cli.streams import settle; settle(); sys.stderr.write('waits\\n'); os._exit(0)"
    ran = subprocess.run(
        [sys.executable, "-c", say], capture_output=True, timeout=60, check=True,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert ran.stderr == b"waits\n"


def _daemons(fd: int) -> _Remarks:
    """A daemon's standard error that leads there."""
    stream = _Remarks.around(io.TextIOWrapper(io.FileIO(fd, "w"), encoding="utf-8"))
    assert isinstance(stream, _Remarks)
    stream.patient = False
    return stream


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    return read, write


def _socket() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return theirs.detach(), ours.detach()


@pytest.mark.parametrize("ends", [_pipe, _socket])
def test_a_log_that_nobody_reads_any_more_keeps_no_daemon_waiting(
    ends: Callable[[], tuple[int, int]],
) -> None:
    """The journal hung on a bad disk, and with it the building: neither a rule was carried out nor a stop heard."""
    read, write = ends()
    stream, begun = _daemons(write), time.monotonic()
    for number in range(500):
        print(json.dumps({"number": number, "text": "窗" * 20}), file=stream)
    print("x" * 100_000, file=stream)
    assert time.monotonic() - begun < 5.0
    os.set_blocking(read, False)
    first = os.read(read, 1_000_000).decode()
    print(json.dumps({"number": "last"}), file=stream)
    rest = os.read(read, 1_000_000).decode()
    lines = [json.loads(line) for line in (first + rest).splitlines()]
    numbers = [line["number"] for line in lines if "number" in line]
    assert numbers == [*range(len(numbers) - 1), "last"]
    assert [line["lines"] for line in lines if "lines" in line] == [502 - len(numbers)]
    stream.close()
    os.close(read)


def test_a_line_that_is_taken_in_part_ends_before_the_next() -> None:
    """A traceback longer than the pipe: what follows it, once somebody reads, stands on lines of its own."""
    read, write = _pipe()
    stream = _daemons(write)
    print("x" * 100_000, file=stream)
    begun = os.read(read, 1_000_000).decode()
    print("next", file=stream)
    assert set(begun) == {"x"}
    assert os.read(read, 1_000_000).decode().splitlines()[1:] == [
        json.dumps({"lines": 1, "event": "lines were lost here: nobody read them", "level": "warning"}),
        "next",
    ]
    stream.close()
    os.close(read)


def test_a_terminal_that_was_stopped_keeps_no_daemon_waiting() -> None:
    """Ctrl-S, by mistake."""
    master, terminal = pty.openpty()
    stream = _daemons(terminal)
    termios.tcflow(terminal, termios.TCOOFF)
    begun = time.monotonic()
    for _ in range(100):
        print("a line", file=stream)
    assert time.monotonic() - begun < 5.0
    termios.tcflow(terminal, termios.TCOON)
    print("next", file=stream)
    assert "100 lines were lost here" in os.read(master, 1_000_000).decode()
    stream.close()
    os.close(master)


def _shown(master: int) -> bytes:
    """All that a terminal was given and hands on, in pieces."""
    shown = b""
    while select.select([master], [], [], 0.1)[0]:
        shown += os.read(master, 1_000_000)
    return shown


def test_a_terminal_whose_reader_hangs_keeps_no_daemon_waiting() -> None:
    """tmux, or a terminal's window, stopped by a debugger: the terminal is writable for an octet, and the line is longer."""
    master, terminal = pty.openpty()
    stream = _daemons(terminal)
    saying = threading.Thread(target=lambda: [print("x" * 700, file=stream) for _ in range(200)], daemon=True)
    saying.start()
    saying.join(10.0)
    assert not saying.is_alive()
    before = _shown(master)
    print("next", file=stream)
    lines = (before + _shown(master)).decode().splitlines()
    whole = [line for line in lines if line == "x" * 700]
    lost = int(lines[-2].split(maxsplit=1)[0])
    assert "lines were lost here" in lines[-2]
    assert lost - (200 - len(whole)) in (0, 1), "and 1 where of a line its end alone was not taken"
    assert lines[-1] == "next"
    assert len(lines) - len(whole) <= 3, "and the one that was taken in part"
    stream.close()
    os.close(master)


@pytest.mark.parametrize("slow", [0.2, None], ids=["reads late", "never reads"])
def test_what_a_stop_leaves_is_said_to_who_reads_slowly(
    slow: float | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The last lines name what is still held; nobody is kept waiting by them any more, so that they wait a while."""
    read, write = _pipe()
    stream = _daemons(write)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(streams, "_LAST", 5.0 if slow else 0.1)

    async def managed(*_given: object, **_options: object) -> Released:
        print("x" * 10_000, file=stream)
        raise OSError("what was wrong in the end")

    heard: list[bytes] = []

    def reads() -> None:
        time.sleep(slow or 0.0)
        while data := os.read(read, 1_000_000):
            heard.append(data)

    monkeypatch.setattr("supervisor.cli.run._managed", managed)
    monkeypatch.setattr("supervisor.cli.run.configure", lambda lang: None)
    reader = threading.Thread(target=reads, daemon=True)
    if slow:
        reader.start()
    begun, mask = time.monotonic(), os.umask(0o022)
    try:
        with pytest.raises(BaseException):  # noqa: B017 - typer's Exit
            run(tmp_path / "site.yaml", start=None, speed=1.0, accept="")
    finally:
        os.umask(mask)
    assert time.monotonic() - begun < 5.0
    stream.close()
    if slow:
        reader.join(5.0)
        assert "what was wrong in the end" in b"".join(heard).decode()
        assert "lines were lost here" in b"".join(heard).decode()
    os.close(read)
