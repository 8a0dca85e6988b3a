"""A power cut, and a site file that somebody has spoilt meanwhile: nothing is left held, and nobody is left alone."""

from __future__ import annotations

from pathlib import Path
from signal import SIGKILL

import httpx
import pytest

from tests.e2e.conftest import EVENING, Evening
from tests.e2e.processes import DaemonProcess, slots
from tests.e2e.sites import spoil
from tests.e2e.slots import MANY, as_decided
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e


def test_a_mistake_at_boot_lets_go_of_what_a_crash_left_and_waits_for_the_cure(
    closed: Evening, tmp_path: Path
) -> None:
    """After a power cut the daemon finds a site file that somebody has spoilt meanwhile."""
    state = tmp_path / "s"
    with DaemonProcess(closed.files, state, start=EVENING) as daemon:
        daemon.ready()
        eventually(lambda: daemon.owned() > MANY, SOON, "the building is supervised")
        daemon.send(SIGKILL)
        daemon.process.wait(10)
    good = spoil(closed.files)
    try:
        with DaemonProcess(closed.files, state, start=EVENING) as daemon:
            eventually(lambda: "waiting for the site file" in daemon.log(), 90, "it waits")
            assert slots(closed.files) == (0, [])
            page = eventually(lambda: _problem_page(daemon, "/"), SOON, "a page is served")
            assert "`8`：" in page and "priorities" not in page
            page = _problem_page(daemon, "/?lang=en")
            assert "`8`: priorities 1 to 8 belong to life safety" in page
            closed.files.daemon.write_text(good, encoding="utf-8")
            daemon.ready()
            eventually(lambda: daemon.owned() > MANY, SOON, "the building is supervised again")
            as_decided(daemon)
            assert daemon.stop().code == 0
    finally:
        closed.files.daemon.write_text(good, encoding="utf-8")


def _problem_page(daemon: DaemonProcess, path: str) -> str:
    """The page of a daemon that has nothing to run; empty while nobody answers."""
    try:
        answer = daemon.get(path)
    except httpx.TransportError:
        return ""
    assert answer.status_code == 503
    return answer.text
