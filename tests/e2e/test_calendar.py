"""Holidays from the command line into simulated controllers: without a daemon, and by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.processes import Building, DaemonProcess, verb
from tests.e2e.sites import office

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]
SUMMER = "2026-07-15T17:45:00+08:00"
LISTED = {
    "\ndevices:": "\ncalendar_objects: [{at: ddc-1/calendar:1}, {at: ddc-2/calendar:2, days: makeup_workdays}]\ndevices:"
}


@pytest.mark.parametrize("stack", ["rusty", "bacpypes"])
def test_the_difference_is_seen_then_written_and_then_there_is_none(stack: str, tmp_path: Path) -> None:
    """One list is written without a daemon, both are compared and the other is written by one; who said so is on the page."""
    files, state = office(tmp_path, changes=LISTED), str(tmp_path / "state")

    def calendar(*more: str) -> tuple[int, str]:
        done = verb("calendar", str(files.daemon), "--lang", "en", "--state-dir", state, *more)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    code, out = calendar()
    assert code == 0
    assert "2026-10-01 – 2026-10-07" in out
    with Building(files, start=SUMMER, speed=1.0, stack=stack):
        code, out = calendar("--push", "--only", "ddc-1/calendar:1")
        assert code == 0
        assert "  + 2026-10-01 – 2026-10-07" in out
        assert "nothing is written" in out
        code, out = calendar("--push", "--yes", "--by", "Li", "--only", "ddc-1/calendar:1")
        assert (code, "written and read back" in out) == (0, True)
        with DaemonProcess(files, tmp_path / "state", start=SUMMER) as daemon:
            daemon.ready()
            code, out = calendar("--push", "--yes", "--by", "Wang", "--format", "json")
            assert code == 0
            first, second = json.loads(out)["objects"]
            assert (first["adds"], "result" in first, second["result"]) == ([], False, "ok")
            told = [event["en"] for event in daemon.get("/api/events").json()["events"]]
            assert any(line.startswith("Wang: ddc-2/calendar:2: make-up workdays of 2026") for line in told)
    files.building.unlink()
    code, out = calendar("--push", "--only", "ddc-1/calendar:1")
    assert code == 1
    assert "no answer" in out
