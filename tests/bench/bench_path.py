"""The whole path: a daemon that refreshes thousands of points a second, and reacts to a thermostat meanwhile.

`python -m tests.bench.bench_path` runs the daemon (driver, state, rules, gateway, store, metrics, page) against
living controllers, and prints its processor time, its memory, and the time from a change at a thermostat to our
write on the wire: the controller's notification, our rules, the intent flushed to the disk, the slots read, the
write. Polled devices are read every second; those with change of value report by themselves, and are polled every
six seconds in case they forget to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.bench import machine
from tests.bench.wired import HTTP_PORT, ROOT, bench_text
from tests.waiting import eventually, lives_for

SETTLE: Final = 12.0
"""Seconds from the first readiness to the measurement: subscriptions, first arrays."""

SCRAPE: Final = 15.0
"""Seconds between two scrapes of the metrics, as Prometheus' own example does."""


class Case(NamedTuple):
    """A building: its stack, devices, zones on each (ten points a zone), devices with change of value."""

    stack: str
    devices: int
    zones: int
    cov: int
    poll: str = "1s"

    @property
    def points(self) -> int:
        """How many points it has."""
        return self.devices * self.zones * 10


CASES: Final = (
    Case("rusty", 50, 20, 5),
    Case("bac0", 10, 20, 2),
    Case("rusty", 1, 2, 1, "10s"),
    Case("bac0", 1, 2, 1, "10s"),
    Case("rusty", 250, 20, 5, "5s"),
    Case("rusty", 50, 2, 5, "10s"),
)
"""The third and fourth do next to nothing: what a daemon costs in itself. The fifth is five large buildings, the last a
middling one, whose start is of interest."""

QUIET: Final = 10.0
"""Seconds for which those are measured."""

AIMS: Final[dict[int, dict[str, float]]] = {
    1: {
        "CPU of a core": 0.15,
        "RSS, MB": 130.0,
        "thermostat → write, p50, ms": 4.0,
        "… p99, ms": 12.0,
        "start, s": 3.0,
    },
    3: {"RSS, MB": 80.0},
    5: {"CPU of a core": 0.25, "RSS, MB": 350.0},
    6: {"start, s": 3.0},
}
"""By case: less than that."""


def run(case: Case, seconds: float) -> dict[str, Any]:
    """Measure one case for some seconds."""
    sizes = [str(case.devices), str(case.zones), str(case.cov)]
    with tempfile.TemporaryDirectory() as folder:
        lively = _start("tests.bench.lively", *sizes)
        assert lively.stdout is not None
        if lively.stdout.readline() != "ready\n":
            raise RuntimeError("the controllers did not start")
        begun = time.monotonic()
        daemon = _start("tests.bench.bench_path", "--daemon", case.stack, *sizes, case.poll, folder)
        try:
            return _measure(case, daemon, lively, seconds, begun)
        finally:
            daemon.terminate()
            daemon.wait(20)
            lively.terminate()
            lively.wait(20)


def _start(module: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *options]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _compile() -> None:
    """Compile what is imported from here, as every way to install the program does: else each start would do it anew where
    Python may not keep what it compiles (PYTHONDONTWRITEBYTECODE)."""
    folders = ["config", "schedules", "drivers", "simulator", "supervisor", "tests/bench"]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], cwd=ROOT, check=True)


def _measure(
    case: Case, daemon: subprocess.Popen[str], lively: subprocess.Popen[str], seconds: float, begun: float
) -> dict[str, Any]:
    import psutil  # not in the daemon, which is this module too

    eventually(_ready, 300.0, "the daemon is ready")
    decided = time.monotonic() - begun
    process = psutil.Process(daemon.pid)
    until = process.cpu_times()
    lives_for(daemon, SETTLE / 3 if case.poll == "10s" else SETTLE)
    _report(lively)
    start, before = time.monotonic(), process.cpu_times()
    while (left := start + seconds - time.monotonic()) > 0:
        lives_for(daemon, min(SCRAPE, left))
        metrics = _get("/metrics")
    took, after = time.monotonic() - start, process.cpu_times()
    memory = process.memory_full_info()
    return {
        "case": case,
        "start_s": decided,
        "start_cpu_s": sum(until[:4]),  # with what reads its file, which is gone by then
        "cpu_share": (after.user + after.system - before.user - before.system) / took,
        "rss_mb": memory.rss / 1e6,
        "uss_mb": memory.uss / 1e6,
        "stale": _gauge(metrics, "building_supervisor_stale_points"),
        **_report(lively),
    }


def _ready() -> bool:
    try:
        _get("/readyz")
    except OSError:
        return False
    return True


def _get(path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{HTTP_PORT}{path}", timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def _gauge(metrics: str, name: str) -> float:
    line = next(line for line in metrics.splitlines() if line.startswith(name + "{"))
    return float(line.rsplit(" ", 1)[1])


def _report(lively: subprocess.Popen[str]) -> dict[str, Any]:
    assert lively.stdin is not None
    assert lively.stdout is not None
    lively.stdin.write("\n")
    lively.stdin.flush()
    report: dict[str, Any] = json.loads(lively.stdout.readline())
    return report


def _line(result: dict[str, Any]) -> str:
    case: Case = result["case"]
    took = sorted(result["reactions"])
    times = f"{_ms(took, 0.5)} / {_ms(took, 0.99)} ({len(took)}, {result['missed']} missed)" if took else "–"
    return (
        f"| {case.stack} | {case.points:,} on {case.devices}, every {case.poll} | {result['changes_per_s']:,.0f} "
        f"| {result['cpu_share']:.0%} | {result['rss_mb']:.0f} ({result['uss_mb']:.0f}) "
        f"| {times} | {result['stale']:.0f} | {result['start_s']:.1f} ({result['start_cpu_s']:.1f}) |"
    )


def _ms(took: list[float], share: float) -> str:
    return f"{took[min(len(took) - 1, int(len(took) * share))] * 1e3:.1f}"


def _aims(number: int, result: dict[str, Any]) -> list[str]:
    """How a case stands to what was asked of it."""
    took = sorted(result["reactions"]) or [float("nan")]
    found = {
        "CPU of a core": result["cpu_share"],
        "RSS, MB": result["rss_mb"],
        "thermostat → write, p50, ms": took[len(took) // 2] * 1e3,
        "… p99, ms": took[int(len(took) * 0.99)] * 1e3,
        "start, s": result["start_s"],
    }
    case: Case = result["case"]
    return [
        f"| {case.points:,} points on {case.stack}: {what} | {found[what]:.3g} | < {aim:g} "
        f"| {'met' if found[what] < aim else 'NOT met'} |"
        for what, aim in AIMS.get(number, {}).items()
    ]


def _disk() -> str:
    """What one flush to the disk takes: an intent is flushed before each write."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            start = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - start)
    took.sort()
    return f"fsync of 4 KiB where the journal lies: p50 {_ms(took, 0.5)} ms, p99 {_ms(took, 0.99)} ms"


def _daemon(stack: str, devices: int, zones: int, cov: int, poll: str, folder: str) -> None:
    """Supervise the building until terminated."""
    from supervisor.clockwork.clock import SiteClock
    from supervisor.daemon import logs
    from supervisor.sitefile.apart import begun
    from supervisor.sitefile.sitefile import load

    logs.configure(quiet=True)
    file = Path(folder) / "site.yaml"
    file.write_text(bench_text(devices, zones, stack, poll, cov))
    reading = begun(load, file)  # as the verb `run` does
    from supervisor.daemon.assemble import Run, supervise

    site = reading().site
    assert site is not None
    asyncio.run(supervise(Run(site, SiteClock(), Path(folder))))


def main() -> None:
    """Run the daemon of one case, or all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemon", nargs=6)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--case", type=int, choices=range(1, len(CASES) + 1))
    options = parser.parse_args()
    if options.daemon:
        stack, devices, zones, cov, poll, folder = options.daemon
        _daemon(stack, int(devices), int(zones), int(cov), poll, folder)
        return
    _compile()
    print(
        "| stack | points | changes/s | CPU of a core | RSS (own) MB | thermostat → write ms p50 / p99 | stale "
        "| start to first decision s (of a core) |"
    )
    print("|---|---|---|---|---|---|---|---|")
    aims = ["| | measured | aim | |", "|---|---|---|---|"]
    for number, case in enumerate(CASES, 1):
        if options.case in (None, number):
            result = run(case, QUIET if case.poll == "10s" else options.seconds)
            print(_line(result), flush=True)
            aims += _aims(number, result)
    print("", *aims, "", f"{_disk()}; {machine.described()}", sep="\n")


if __name__ == "__main__":
    main()
