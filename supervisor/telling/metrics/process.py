"""What Prometheus' clients tell of their own process, under the names that all of them use (`process_*`).

`prometheus_client` has it, too, and brings an HTTP server, parsers and registers of its own along: two megabytes.
"""

from __future__ import annotations

import os
import resource
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_SELF: Final = Path("/proc/self")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = resource.getpagesize()
_UTIME, _STIME, _START, _VSIZE, _RSS = 14, 15, 22, 23, 24
"""Fields of /proc/self/stat, counted from 1 (proc_pid_stat(5))."""


class _Told(NamedTuple):
    name: str
    kind: str
    help: str
    value: float


def process_lines() -> str:
    """The families as text format 0.0.4; empty where the system does not tell."""
    try:
        return "".join(
            f"# HELP process_{t.name} {t.help}\n# TYPE process_{t.name} {t.kind}\nprocess_{t.name} {plainly(t.value)}\n"
            for t in _told()
        )
    except OSError:
        return ""


def _told() -> list[_Told]:
    """Raises OSError."""
    stat = (_SELF / "stat").read_text().rpartition(")")[2].split()  # a program's name may have spaces
    field = dict(enumerate(map(int, stat[1:]), 4))  # the third, a letter, is left out
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return [
        _Told("virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", field[_VSIZE]),
        _Told("resident_memory_bytes", "gauge", "Resident memory size in bytes.", field[_RSS] * _PAGE),
        _Told("start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.", _booted() + field[_START] / _TICKS),
        _Told("cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.", (field[_UTIME] + field[_STIME]) / _TICKS),
        _Told("open_fds", "gauge", "Number of open file descriptors.", sum(1 for _ in (_SELF / "fd").iterdir())),
        _Told("max_fds", "gauge", "Maximum number of open file descriptors.", float("inf") if most == resource.RLIM_INFINITY else most),
    ]  # fmt: skip


@cache
def _booted() -> int:
    """When the computer was started, POSIX seconds, as it was first told: the clock may be set meanwhile. Raises OSError."""
    return next(int(line.split()[1]) for line in Path("/proc/stat").open() if line.startswith("btime "))


def plainly(value: float) -> str:
    """A value as Prometheus' Go programs write it: `+Inf`, `NaN`, and an exponent from ten million on."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    plain = repr(float(value))
    whole, _, rest = plain.partition(".")
    if value < 0 or len(whole) < 7 or not rest:
        return plain
    digits = f"{whole[1:]}{rest}".rstrip("0")
    return f"{whole[0]}{'.' if digits else ''}{digits}e+{len(whole) - 1:02d}"
