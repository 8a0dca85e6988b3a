"""One controller in trouble is one controller in trouble: the building goes on, and says what it does not know."""

from __future__ import annotations

import math

import pytest

from tests.e2e.conftest import MEDDLED, Office
from tests.e2e.meddler import absurd, garbage
from tests.e2e.slots import as_decided
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
FANS = ("f1-hall/fcu-east/start_stop", "f1-hall/fcu-west/start_stop")
SILENT = "ddc-2"
AGED = 90.0
"""Wall seconds until a device counts as down and its readings as stale, five site minutes, on a busy machine."""


def _points_of(working: Office, device: str) -> int:
    return sum(1 for point in working.building.site.points.values() if point.device == device)


def _up(working: Office, device: str) -> float | None:
    return working.daemon.metric("building_supervisor_device_up", device=device)


def _temperature(working: Office, zone: str) -> float | None:
    return working.daemon.metric("building_zone_temperature_celsius", zone=zone)


def _gone_stale(working: Office, device: str, zone: str) -> None:
    """The metrics say that the device is down and that nothing is known of its zones."""
    eventually(lambda: _up(working, device) == 0, AGED, f"{device} is down")
    eventually(lambda: _temperature(working, zone) is None, AGED, f"nothing is known of {zone}")
    present = working.daemon.explain(f"{zone}/fcu/temperature")["present"]
    assert present["quality"] == "stale", "aged: what was known was not thrown away at the first silence"
    metric = (
        working.daemon.metric
    )  # each reading ages by itself: the window's and the people's may be younger
    eventually(
        lambda: metric("building_zone_compliant", zone=zone, rule="window-off") is None,
        AGED,
        "nor its window",
    )
    eventually(lambda: metric("building_zone_occupied", zone=zone) is None, AGED, "nor who is there")


def _back(working: Office, device: str, zone: str) -> None:
    eventually(lambda: _up(working, device) == 1, AGED, f"{device} is back")
    eventually(lambda: _temperature(working, zone) is not None, SOON, f"{zone} is known again")
    as_decided(working.daemon, device=device)


def test_a_silent_controller_and_one_that_talks_nonsense_stop_nobody_else(working: Office) -> None:
    """Somebody pulls the second floor's cable while the fourth floor's controller answers noise, cut-off
    answers, answers to other questions. Both are told as down, the hall's window still stops the hall's fans,
    and when both are well again their slots are as decided."""
    building, daemon = working.building, working.daemon
    eventually(lambda: _up(working, SILENT) == _up(working, MEDDLED) == 1, AGED, "all is well")
    building.order("silent", device=SILENT, silent=True)
    working.meddler.spoil = garbage
    try:
        _gone_stale(working, SILENT, "f2-office-201")
        _gone_stale(working, MEDDLED, "f4-office-401")
        all_of_both = _points_of(working, SILENT) + _points_of(working, MEDDLED)
        eventually(
            lambda: (daemon.metric("building_supervisor_stale_points") or 0) >= all_of_both,
            SOON,
            "all are stale",
        )
        assert [d for d in building.site.devices if _up(working, d) != 1] == [SILENT, MEDDLED]
        building.window("f1-hall", True)
        eventually(lambda: not any(building.on(fan) for fan in FANS), SOON, "the hall's fans stop")
        assert daemon.get("/healthz").status_code == 200
        assert working.meddler.spoilt > 0
    finally:
        building.window("f1-hall", False)
        building.order("silent", device=SILENT, silent=False)
        working.meddler.spoil = None
    _back(working, SILENT, "f2-office-201")
    _back(working, MEDDLED, "f4-office-401")


@pytest.mark.parametrize("number", [math.nan, 1e9])
def test_an_absurd_number_is_not_a_temperature(working: Office, number: float) -> None:
    """The controller answers in good order, and what it says cannot be: unknown, never believed."""
    eventually(lambda: _temperature(working, "f4-office-401") is not None, SOON, "a room as ever")
    working.meddler.spoil = absurd(number)
    try:
        eventually(lambda: _temperature(working, "f4-office-401") is None, SOON, "unknown")
        eventually(lambda: _up(working, MEDDLED) == 1, SOON, "the controller does answer")
        present = working.daemon.explain("f4-office-401/fcu/temperature")["present"]
        assert (present["value"], present["quality"]) == (None, "invalid")
    finally:
        working.meddler.spoil = None
    eventually(lambda: _temperature(working, "f4-office-401") is not None, SOON, "a room again")


def test_a_controller_that_restarts_gets_its_slots_and_subscriptions_back(working: Office) -> None:
    """A restart empties all slots: fans held off by an open window run again until we hold them off again."""
    building = working.building
    building.window("f1-hall", True)
    eventually(lambda: not any(building.on(fan) for fan in FANS), SOON, "the hall's fans stop")
    written = len(building.writes(FANS[0]))
    building.order("restart", device="ddc-1")
    eventually(lambda: len(building.writes(FANS[0])) > written, SOON, "the lost slot is written again")
    eventually(lambda: not any(building.on(fan) for fan in FANS), SOON, "the fans are off again")
    as_decided(working.daemon, device="ddc-1")
    building.window("f1-hall", False)
    eventually(lambda: all(building.on(fan) for fan in FANS), SOON, "its inputs are heard as before")
