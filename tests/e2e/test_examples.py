"""The daemon on the smaller example files: their controllers on a real wire, read, decided and written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import config
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import SiteFiles
from tests.networks import subnet
from tests.ports import free_everywhere, free_tcp
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
NETWORK = subnet(1)
EVENING, SPEED = "2026-07-15T18:45:00+08:00", 60.0
"""A Wednesday in summer, when all have closed."""


def _files(folder: Path, name: str) -> SiteFiles:
    """An example live, at addresses and ports of the test's own."""
    text = (Path(config.__file__).parent / "examples" / f"{name}.yaml").read_text(encoding="utf-8")
    hosts = re.findall(r"address: 127\.0\.0\.(\d+):47809", text)
    wire, http = free_everywhere((f"{NETWORK}.{host}" for host in hosts), f"{NETWORK}.1"), free_tcp()
    text = re.sub(r"127\.0\.0\.(\d+):47809", rf"{NETWORK}.\1:{wire}", text)
    text = text.replace("dry_run: true", "dry_run: false").replace(
        "priority: 10", "stagger: 0.3s\npriority: 10"
    )
    text = text.replace("{bind: 127.0.0.1, port: 47808,", f"{{bind: {NETWORK}.1, port: {wire + 1},")
    text = re.sub(r"http: {bind: 127\.0\.0\.1, port: \d+}", f"http: {{bind: 127.0.0.1, port: {http}}}", text)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return SiteFiles(path, path, http, wire)


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("vav-floor", ("open-south/vav", "open-north/vav", "meeting/vav")),
        pytest.param(
            "controllers",
            ("room-101/thermostat", "room-102/thermostat", "meeting/thermostat"),
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            "points-list",
            ("service-hall/fan-coil", "office/fan-coil", "mediation/fan-coil"),
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_after_closing_the_units_of_an_example_are_off(
    tmp_path: Path, name: str, units: tuple[str, ...]
) -> None:
    """By the wire: at the very instances that the file names; what is only told is read and never written."""
    files = _files(tmp_path, name)
    points = [f"{unit}/start_stop" for unit in units]
    with (
        Building(files, start=EVENING, speed=SPEED) as building,
        DaemonProcess(files, tmp_path / "state", start=EVENING, speed=SPEED) as daemon,
    ):
        daemon.ready()
        eventually(lambda: not any(building.on(point) for point in points), SOON, "all units are off")
        if name == "vav-floor":
            assert building.present("ahu-12/run_status") == 1
            assert building.writes("ahu-12/run_status") == []
        stopped = daemon.stop()
    assert stopped.code == 0, daemon.log()
    assert "Traceback" not in daemon.log()
