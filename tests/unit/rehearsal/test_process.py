"""`simulate` as a process: the same bytes on every machine, a bar on a terminal, Ctrl-C gives what there is."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.unit.rehearsal import small

COMMAND = (sys.executable, "-m", "supervisor", "simulate")
ROOMS = (*small.ZONES[:1], *small.ZONES[3:5])
DAY = ("--from", "2026-07-09", "--to", "2026-07-09")


def told(folder: Path, hash_seed: int, *options: str, zones: tuple[str, ...] = ROOMS) -> tuple[bytes, ...]:
    """JSON, hours and page of a day beside `today`, by a process of its own."""
    folder.mkdir()
    path = small.written(folder, zones=zones)
    files = folder / "hours.csv", folder / "page.html"
    same = ("--against", "today", *DAY, "--faults", "often", "--format", "json")
    done = subprocess.run(
        [*COMMAND, str(path), *same, *options, "--csv", str(files[0]), "--html", str(files[1])],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        check=True,
        timeout=240,
    )
    return done.stdout, files[0].read_bytes(), files[1].read_bytes()


def test_the_same_seed_gives_the_same_bytes_in_any_process_and_any_order_of_rooms(tmp_path: Path) -> None:
    """JSON, CSV and HTML, with people and faults; whatever the hash seed, in either order of the file. Seed 2: others."""
    first = told(tmp_path / "a", 1)
    assert told(tmp_path / "b", 2, zones=ROOMS[::-1]) == first
    other = told(tmp_path / "c", 1, "--seed", "2")
    assert all(one != another for one, another in zip(first, other, strict=True))


def test_ctrl_c_at_a_terminal_prints_what_there_is(tmp_path: Path) -> None:
    """A bar with the time left, then Ctrl-C for the whole group: the table of the days that were lived, exit 130."""
    path = small.written(tmp_path, zones=ROOMS)
    terminal, theirs = pty.openpty()
    running = subprocess.Popen(  # of a shell in the background it would inherit that Ctrl-C is ignored
        [
            "env",
            "--default-signal=INT",
            *COMMAND,
            str(path),
            "--against",
            "today",
            "--from",
            "2026-01-01",
            "--to",
            "2026-03-31",
        ],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = _until_a_tenth(terminal)
        assert "rehearsing" in shown
        assert re.search(r"\d:\d\d:\d\d", shown), "no time left is shown"
        os.killpg(running.pid, signal.SIGINT)
        output = _drained(running, terminal)
        assert running.returncode == 130
    finally:
        if running.poll() is None:
            running.kill()
        os.close(terminal)
    days = [int(n) for n in re.findall(r"interrupted: \S+ counts \d+ hours, (\d+) days", output)]
    assert len(days) == 2
    assert all(0 < n < 90 for n in days)
    assert "electricity" in output and "Traceback" not in output


def test_a_killed_run_leaves_no_workers_behind(tmp_path: Path) -> None:
    """`kill -9` on the command: the processes that it started for its parts end too."""
    path = small.written(tmp_path, zones=ROOMS)
    running = subprocess.Popen(
        [*COMMAND, str(path), "--against", "today"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    started: list[psutil.Process] = []
    deadline = time.monotonic() + 120.0
    while len(started) < 3:  # two workers, and what keeps count of their semaphores
        assert time.monotonic() < deadline
        time.sleep(0.1)  # other processes start: nobody there could wake us
        started = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.wait()
    gone, alive = psutil.wait_procs(started, timeout=60.0)
    assert not alive, gone


def _until_a_tenth(terminal: int) -> str:
    """What the terminal shows until the bar stands at 10 % or more."""
    shown, deadline = "", time.monotonic() + 240.0
    while not re.search(r"[1-9]\d%", shown):
        assert time.monotonic() < deadline, shown[-500:]
        if select.select([terminal], [], [], 1.0)[0]:
            shown += os.read(terminal, 65_536).decode("utf-8", "replace")
    return shown


def _drained(running: subprocess.Popen[bytes], terminal: int) -> str:
    """Standard output to its end, while the terminal is kept from filling up."""
    assert running.stdout is not None
    os.set_blocking(running.stdout.fileno(), False)
    output, deadline = b"", time.monotonic() + 120.0
    while running.poll() is None:
        assert time.monotonic() < deadline
        ready = select.select([terminal, running.stdout.fileno()], [], [], 1.0)[0]
        if terminal in ready:
            try:
                os.read(terminal, 65_536)
            except OSError:  # the other end is closed
                time.sleep(0.05)  # a closed terminal is always ready: do not spin until the process ends
        if running.stdout.fileno() in ready:
            output += running.stdout.read() or b""
    output += running.stdout.read() or b""
    return output.decode()
