"""A stop in the first seconds of a start."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from supervisor.cli import run
from supervisor.clockwork.clock import SiteClock
from supervisor.daemon import boot
from supervisor.daemon.service import Service


def test_a_stop_is_heard_while_an_earlier_runs_slots_are_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site file is broken, controllers are slow to take back what is theirs: a stop then ends with 0, not in the midst of it."""
    heard: list[object] = []

    async def release(_: boot.Earlier) -> None:
        heard.append(signal.getsignal(signal.SIGTERM))

    async def wait_for_cure(*_: Any) -> None:
        return None

    monkeypatch.setattr(boot.Earlier, "release", release)
    monkeypatch.setattr(boot, "wait_for_cure", wait_for_cure)
    (tmp_path / "site.yaml").write_text("version: 1\n")
    ran = run._run(
        tmp_path / "site.yaml", SiteClock(0.0, 1.0, 0.0), tmp_path, strict=False, exists=True, dry_run=None,
        stop_within=5.0, new_store=False, trust_clock=False, accept=None, service=Service(),
    )  # fmt: skip
    assert asyncio.run(ran) is None
    assert heard
    assert heard[0] is not signal.SIG_DFL
