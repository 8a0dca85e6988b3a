"""A service manager for one process, of the standard library alone: `service_manager.py PAGE COMMAND...`.

Waits for READY=1 and two signs of life, reads the page, sends SIGTERM, waits for STOPPING=1 and the exit. Exits 0 if all came and the page was one of a running daemon.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 180.0
"""s for each step: the machine may be busy."""


def main() -> int:
    """Live through it."""
    page, command = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
            hears.bind(path)
            hears.settimeout(PATIENCE)
            told = {**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "4000000"}
            process = subprocess.Popen(command, env=told)
            try:
                await_line(hears, "READY=1")
                for _ in range(2):
                    await_line(hears, "WATCHDOG=1")
                answered = status(page)
                print("said: page", answered)
                process.terminate()
                await_line(hears, "STOPPING=1")
                code = process.wait(PATIENCE)
            finally:
                process.kill()
        print("said: exit", code)
        return code or answered != 200


def status(page: str) -> int:
    """The page's HTTP status."""
    try:
        with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def await_line(hears: socket.socket, wanted: str) -> None:
    """Until a line is said. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        said = hears.recv(4096).decode()
        if wanted in said.splitlines():
            print("said:", said.replace("\n", " "))
            return
    raise TimeoutError(wanted)


if __name__ == "__main__":
    sys.exit(main())
