"""Buildings and daemons that several tests share, and the demo, which runs beside them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.e2e.demo import DemoProcess
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
DEMO = "test_demo.py"


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


@pytest.fixture(scope="session", params=["rusty", "bacpypes"])
def stack(request: pytest.FixtureRequest) -> str:
    """Whose BACnet server the controllers run: nothing may work by one server's habits alone."""
    return str(request.param)


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session", autouse=True)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoProcess | None]:
    """The demo, begun before the first test where one of them asks what came of it."""
    if not any(item.path.name == DEMO for item in request.session.items):
        yield None
        return
    with DemoProcess(office(tmp_path_factory.mktemp("demo"))) as running:
        yield running


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No two buildings longer than needed at once; the demo takes three minutes, so that its tests come last."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, str, bool]:
    if item.path.name == DEMO:
        return 2, "", False
    if not isinstance(item, pytest.Function) or "stack" not in item.fixturenames:
        return 0, "", False
    return 1, str(item.callspec.params["stack"]), "working" in item.fixturenames
