"""The demo as a visitor starts it, with every line and what the page showed meanwhile."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from typing import Any, Final, NamedTuple, Self

import httpx

from tests.e2e.processes import COMMAND
from tests.e2e.sites import SiteFiles

DURATION: Final = 175
"""Wall seconds at the default speed: what is promised for three minutes."""
_LINE = re.compile(r"(?P<at>\d\d:\d\d) (?P<kind>\w+) +(?P<point>\S+)(?: \[(?P<rule>[\w-]+)\])? (?P<text>.*)")
_COUNT = re.compile(r" +([a-z-]+) +(\d+)")


class Line(NamedTuple):
    """One line of the demo: site time, what, where, by which rule, and the monotonic second it came."""

    at: str
    kind: str
    point: str
    rule: str
    text: str
    came: float


class DemoProcess:
    """`building-supervisor demo`, plain lines; `shown` has each zone's HVAC as the API gave it, by the second."""

    def __init__(self, files: SiteFiles) -> None:
        self.files = files
        self.lines: list[str] = []
        self.events: list[Line] = []
        self.shown: dict[str, list[tuple[str, bool | None]]] = {}
        """Zone → (site time, HVAC on), a pair a second."""
        self.began = time.monotonic()
        self.store = files.daemon.parent / "demo-state" / "supervisor.sqlite3"
        """What the daemon recorded; whole once the demo has ended."""
        self._process = subprocess.Popen(
            [
                COMMAND, "demo", "--duration", str(DURATION), "--plain", "--state-dir", str(self.store.parent),
                "--port", str(files.http), "--site", str(files.daemon),
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=files.daemon.parent,
        )  # fmt: skip
        self._threads = [threading.Thread(target=each) for each in (self._listen, self._look)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self.ended()

    def ended(self, within: float = DURATION + 60.0) -> int:
        """Wait for its end; its exit code."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            for thread in self._threads:
                thread.join(10)

    @property
    def account(self) -> dict[str, int]:
        """What the end of the output says was enforced, by rule."""
        start = next(i for i, line in enumerate(self.lines) if line.startswith("enforced, by rule"))
        found = (_COUNT.fullmatch(line) for line in self.lines[start + 1 :])
        return {match[1]: int(match[2]) for match in found if match}

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if match := _LINE.fullmatch(self.lines[-1]):
                parts = {name: value or "" for name, value in match.groupdict().items()}
                self.events.append(Line(came=time.monotonic(), **parts))

    def _look(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.files.http}", timeout=5) as page:
            while True:
                try:
                    self._process.wait(1.0)
                    return
                except subprocess.TimeoutExpired:
                    pass  # it lives: a second later we look again
                try:
                    answer: dict[str, Any] = page.get("/api/zones").json()
                except httpx.TransportError:
                    continue
                for zone in answer["zones"]:
                    self.shown.setdefault(zone["id"], []).append((answer["now"], zone["hvac_on"]))
