"""What the building's own model says that control saved: asked of a process of its own, at the lowest priority.

The physics is no part of the daemon: `calibrate --saved` lives the last recorded weeks again, and answers in JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from config.site import Site
from supervisor.telling.snapshot import SavingStatus

log = structlog.get_logger()
PATIENCE: Final = 1800.0
"""s of wall time that a night's question may take: four weeks of a hundred zones, on a small box that is busy."""
PRIORITY: Final = 19
"""Nice value: the building's own turns come first."""


def calibration(site: Site) -> Path:
    """Where `calibrate` leaves what it found: beside the site file."""
    return Path(site.source).parent / f"{site.building}.calibration.json"


def command(site: Site, state_dir: Path) -> list[str]:
    """The question."""
    asked = ["calibrate", site.source, "--saved", "--state-dir", str(state_dir), "--format", "json"]
    return [sys.executable, "-m", "supervisor", *asked]


async def relived(asked: Sequence[str]) -> SavingStatus | None:
    """The answer, J; None where there is none, and why is logged. Raises OSError."""
    process = await asyncio.create_subprocess_exec(
        *asked,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, PRIORITY)
    try:
        answer, why = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        log.warning("the model gave no answer in time", seconds=PATIENCE)
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        log.warning("the model gives no answer", problem=why.decode("utf-8", "replace").strip()[:500])
        return None
    return status_of(answer)


def status_of(answer: bytes) -> SavingStatus | None:
    """A saving out of what `calibrate --saved --format json` printed; None where it is none."""
    try:
        told = json.loads(answer)
        return SavingStatus(*(float(told[f"{name}_joules"]) for name in ("today", "saved", "low", "high")))
    except (ValueError, KeyError, TypeError) as error:
        log.warning("the model's answer is none", problem=str(error))
        return None
