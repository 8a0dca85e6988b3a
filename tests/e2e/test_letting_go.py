"""A stop while one controller is silent: the others are free at once, it is named, and nobody has to wait."""

from __future__ import annotations

from pathlib import Path
from signal import SIGTERM

import pytest

from tests.e2e.conftest import EVENING, Evening
from tests.e2e.processes import DaemonProcess, slots, verb
from tests.e2e.slots import MANY, as_decided, held
from tests.waiting import eventually

pytestmark = pytest.mark.e2e


def test_a_stop_with_a_silent_controller_names_what_is_left_and_a_second_signal_ends_it(
    closed: Evening, tmp_path: Path
) -> None:
    """Somebody has pulled a controller's plug; the service is stopped, and the operator has read enough."""
    state = tmp_path / "s"
    with DaemonProcess(closed.files, state, start=EVENING) as daemon:
        daemon.ready()
        eventually(lambda: daemon.owned() > MANY, 60, "the building is supervised")
        as_decided(daemon, 60)
        deaf = max(held(closed.files)).device
        theirs = held(closed.files, deaf)
        closed.building.order("silent", device=deaf, silent=True)
        try:
            daemon.send(SIGTERM)
            eventually(
                lambda: f"not let go of yet: {deaf}" in daemon.log(), 30, "the stop goes on, and says so"
            )
            assert f"尚未释放：{deaf}" in daemon.log()
            ended = daemon.stop(SIGTERM, within=10)
        finally:
            closed.building.order("silent", device=deaf, silent=False)
    assert ended.code == 1
    assert f"failed={len(theirs)}" in ended.out
    named = [line for line in ended.err.splitlines() if line.startswith("left: ")]
    assert len(named) == len(theirs)
    assert all(f"({deaf} " in line and "does not answer" in line and "无应答" in line for line in named)
    assert f"see to {deaf}'s power and network; then release {closed.files.daemon} --offline" in ended.err
    assert held(closed.files) == theirs, "everybody else was let go of"

    done = verb("release", str(closed.files.daemon), "--offline", "--state-dir", str(state))
    assert done.returncode == 0, done.stderr
    assert slots(closed.files) == (0, [])
