"""The real processes of an end-to-end test: the simulated building, the daemon, the verbs, the witness."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from signal import SIGTERM, Signals
from typing import Any, NamedTuple, Self, TypeVar

import httpx
from prometheus_client.parser import text_string_to_metric_families

from supervisor.daemon.socket import NoDaemon, ask
from tests.e2e.sites import SiteFiles
from tests.waiting import SOON, eventually

BIN = Path(sys.executable).parent
COMMAND = str(BIN / "building-supervisor")
WITNESS = Path(__file__).resolve().parents[1] / "tools" / "slots.py"
UP_WITHIN = 90.0
"""Wall seconds in which a process must be up: the machine may be busy."""
T = TypeVar("T")


class Building:
    """The simulated building in its own process: controllers on real UDP, people by seed."""

    def __init__(
        self, files: SiteFiles, *, start: str, speed: float, seed: int = 304, stack: str = "rusty"
    ) -> None:
        self.files = files
        self.site = files.site
        self._log = files.building.with_suffix(".log").open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "simulator", str(files.building),
                "--start", start, "--speed", str(speed), "--seed", str(seed), "--stack", stack,
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            cwd=files.building.parent,
        )  # fmt: skip

    def __enter__(self) -> Self:
        assert self._answer()["ready"], "the building is not ready"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()

    @property
    def pid(self) -> int:
        """Its process, whose first thread serves the controllers."""
        return self._process.pid

    def order(self, what: str, **order: Any) -> dict[str, Any]:
        """Give one order; its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **order}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        assert answer["ok"], answer
        return answer

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.files.building.with_suffix(".log").read_text(encoding="utf-8")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def window(self, zone: str, is_open: bool | None) -> None:
        """Somebody opens or shuts a window; None leaves it to the people by seed."""
        self.order("window", zone=zone, open=is_open)

    def command(self, point: str, value: float | None, priority: int) -> None:
        """Somebody at the controller fills a slot, or empties it with None."""
        self.order("command", point=point, value=value, priority=priority)

    def present(self, point: str) -> float:
        """A present value, as the controller has it."""
        return float(self.order("present", point=point)["value"])

    def on(self, point: str) -> bool:
        """Whether a start-stop is on."""
        return self.present(point) == 1

    def writes(self, point: str) -> list[list[Any]]:
        """Every write that arrived for a point: [monotonic, device, type, instance, priority, value, property]."""
        found: list[list[Any]] = self.order("writes", point=point)["writes"]
        return found

    def all_writes(self) -> list[list[Any]]:
        """Every write that arrived for any point of the site."""
        return [write for point in self.site.points for write in self.writes(point)]


class Stopped(NamedTuple):
    """How a process ended."""

    code: int
    out: str
    err: str
    signalled: float
    """Monotonic second of the signal."""


class DaemonProcess:
    """`building-supervisor run`, as an operator starts it; `before`: what its command is put after."""

    def __init__(
        self,
        files: SiteFiles,
        state: Path,
        *options: str,
        start: str | None = None,
        speed: float = 1.0,
        site: Path | None = None,
        before: Sequence[str] = (),
    ) -> None:
        self.files, self.state = files, state
        clock = ["--start", start, "--speed", str(speed)] if start is not None else []
        self._log = (state.parent / f"{state.name}.log").open("a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*before, COMMAND, "run", str(site or files.daemon), *clock, "--state-dir", str(state), *options],
            stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=state.parent,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def ready(self, within: float = UP_WITHIN) -> Self:
        """Wait until the first decision has been made."""
        eventually(self._is_ready, within, "the daemon is ready")
        return self

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log()
        try:
            return bool(self.ask(do="status")["ready"])
        except NoDaemon:
            return False

    def log(self) -> str:
        """What it has said on standard error."""
        return Path(self._log.name).read_text(encoding="utf-8")

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request at the control socket. Raises NoDaemon."""
        return asyncio.run(ask(self.state, request))

    def explain(self, point: str) -> dict[str, Any]:
        """Why a point is as it is."""
        return self.ask(do="explain", point=point)

    def owned(self) -> int:
        """How many slots the daemon thinks it holds."""
        return int(self.ask(do="status")["owned"])

    def get(self, path: str) -> httpx.Response:
        """A page of its HTTP side."""
        return httpx.get(f"http://127.0.0.1:{self.files.http}{path}", timeout=SOON)

    def metric(self, name: str, **labels: str) -> float | None:
        """The sum of a metric's samples that have these labels; None where there is none."""
        found = [
            sample.value
            for family in text_string_to_metric_families(self.get("/metrics").text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None

    def send(self, number: Signals = SIGTERM) -> float:
        """Send a signal; when."""
        now = time.monotonic()
        self.process.send_signal(number)
        return now

    def stop(self, number: Signals = SIGTERM, within: float = 60.0) -> Stopped:
        """Send a signal and wait for the end."""
        signalled = self.send(number)
        try:
            out, _ = self.process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"did not stop within {within} s of {number.name}: {self.log()}") from None
        err = self.log()
        self._log.close()
        return Stopped(self.process.returncode, out, err, signalled)


def verb(*words: str, within: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run `building-supervisor WORDS…` to its end."""
    return subprocess.run(
        [COMMAND, *words], capture_output=True, text=True, timeout=within, cwd="/", check=False
    )


def slots(files: SiteFiles, stack: str = "rusty", *options: str) -> tuple[int, list[str]]:
    """How many slots of ours the witness finds by reading every priority array, and which."""
    ran = subprocess.run(
        [sys.executable, str(WITNESS), str(files.building), "--stack", stack, "--list", "--timeout", "5", *options],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    *held, total = ran.stdout.splitlines()
    return int(total.removeprefix("owned=")), held
