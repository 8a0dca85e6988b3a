"""What the benchmarks ran on: a line to stand under their tables."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path


def described() -> str:
    """Day, interpreter, processor, cores and how busy they are."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {python} on {sys.platform} {platform.machine()}, {_processor()}, "
        f"{os.cpu_count()} cores, load {load} (1, 5, 15 min)"
    )


def _processor() -> str:
    """The processor's name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "processor unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor unknown"
