"""Lamps that warn by themselves, in the example office after it has closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import EVENING, SPEED
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import office
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
ROOMS = [f"f4-office-{number}" for number in (401, 402, 403, 404)]
LAMPS = [f"{room}/lights/start_stop" for room in ROOMS]
BLINKING = {
    "    kind: lights\n    base: controller\n    points:\n      start_stop: {object: binary-output:5, writable: true}": (
        "    kind: lights\n    base: controller\n    warn: blink\n    points:\n"
        "      start_stop: {object: binary-lighting-output:5, writable: true}"
    ),
    "lights_after: 10min": "lights_after: 4h",
}
"""Binary Lighting Outputs, and a sweep that no empty room forestalls."""


def test_somebody_left_the_light_on_and_the_room_is_warned_before_it_goes_dark(tmp_path: Path) -> None:
    """Our slot takes ON, then WARN_OFF; the lamps burn on for their egress, and the audit says by which clause."""
    files = office(tmp_path, changes=BLINKING)
    with (
        Building(files, start=EVENING, speed=SPEED) as building,
        DaemonProcess(files, tmp_path / "state", start=EVENING, speed=SPEED) as daemon,
    ):
        daemon.ready()
        for lamp in LAMPS:
            building.command(lamp, 1, 13)

        def warned() -> str:
            """A lamp that was told to warn and go off."""
            told = {lamp: [write[4:6] for write in building.writes(lamp)] for lamp in LAMPS}
            return next((lamp for lamp, writes in told.items() if writes[-1:] == [[10, 3]]), "")

        lamp = eventually(warned, 90, "one room is empty and warned")
        assert [write[4:6] for write in building.writes(lamp)][-2:] == [[10, 1], [10, 3]]
        assert building.on(lamp), "the lamps burn on while people find the door"
        answer = daemon.explain(lamp)
        assert answer["winner"]["rule"] == "lights-close"
        assert "照明" in answer["winner"]["citation"]
        assert answer["ours"] is False
        # its five minutes are the site's, at this speed five seconds, not five hours
        eventually(lambda: not building.on(lamp), SOON, "the lamps went off by themselves")
        assert [write[4:6] for write in building.writes(lamp)][-1] == [10, 3]
