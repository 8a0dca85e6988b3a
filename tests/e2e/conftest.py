"""Buildings and daemons that the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.e2e.meddler import Meddler
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import NETWORK, SiteFiles, office

MORNING, EVENING = "2026-07-15T09:45:00+08:00", "2026-07-15T17:45:00+08:00"
"""A Wednesday in summer: offices just open, and a quarter of an hour after they have closed."""
SPEED = 60.0
BRISK = {"priority: 10 ": "stagger: 0.3s\npriority: 10 "}
"""Starts 0.3 s apart instead of five, so that a morning takes seconds."""
MEDDLED = "ddc-4"
"""The controller behind the meddler."""


class Office(NamedTuple):
    """A building with people in it, and the daemon that has supervised it since 9:45, a minute a second."""

    building: Building
    daemon: DaemonProcess
    meddler: Meddler

    @property
    def files(self) -> SiteFiles:
        """The site's file."""
        return self.building.files


class Evening(NamedTuple):
    """A building after hours without a daemon; its clock runs as ours."""

    building: Building
    files: SiteFiles


@pytest.fixture(scope="module", params=["rusty", pytest.param("bacpypes", marks=pytest.mark.thorough)])
def stack(request: pytest.FixtureRequest) -> str:
    """Whose BACnet server the controllers run: nothing may work by one server's habits alone.

    The second is Python, and takes a core for itself: `make thorough` tries it.
    """
    return str(request.param)


@pytest.fixture(scope="module")
def working(stack: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office at work."""
    folder = tmp_path_factory.mktemp("day")
    files = office(folder, detour={f"{NETWORK}.14": f"{NETWORK}.24"})
    with (
        Meddler(files, f"{NETWORK}.14", f"{NETWORK}.24") as meddler,
        Building(files, start=MORNING, speed=SPEED, stack=stack) as building,
        DaemonProcess(files, folder / "state", start=MORNING, speed=SPEED) as daemon,
    ):
        daemon.ready()
        yield Office(building, daemon, meddler)


@pytest.fixture(scope="module")
def evening(stack: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """An office after hours."""
    files = office(tmp_path_factory.mktemp("evening"), changes=BRISK)
    with Building(files, start=EVENING, speed=1.0, stack=stack) as building:
        yield Evening(building, files)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """An office after hours; one stack is enough for what is no matter of BACnet."""
    files = office(tmp_path_factory.mktemp("closed"), changes=BRISK)
    with Building(files, start=EVENING, speed=1.0) as building:
        yield Evening(building, files)
