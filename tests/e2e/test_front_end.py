"""A building's front end and a daemon that holds real slots: it reads, switches off, and on; a restart goes on with what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.contract import wire
from tests.contract.front_end import FrontEnd
from tests.e2e.conftest import EVENING
from tests.e2e.processes import Building, DaemonProcess, slots
from tests.e2e.sites import NETWORK, SiteFiles, office
from tests.e2e.slots import MANY
from tests.ports import free_udp
from tests.waiting import SOON, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]

MODE, ENABLED, PRESENT = (19, 1), (5, 2), 85
LIVE, RELEASED = 2, 5


@pytest.mark.parametrize("stack", ["bac0", "rusty"])
def test_the_front_end_switches_a_building_off_and_on(stack: str, tmp_path: Path) -> None:
    """Every slot is let go of at its word, also over a restart, and taken up again at its word; page, metric and audit say whose."""
    files = _files(stack, tmp_path)
    port = files.wire + 1 if stack == "bac0" else files.wire + 2
    front = (f"{NETWORK}.9", free_udp(f"{NETWORK}.9"))
    with Building(files, start=EVENING, speed=1.0):
        with DaemonProcess(files, tmp_path / "s", start=EVENING) as daemon:
            daemon.ready()
            eventually(lambda: daemon.owned() > MANY, SOON, "the building is supervised")
            eventually(lambda: _mode(front, port) == LIVE, SOON, "the front end sees it")
            assert daemon.metric("building_front_end_enabled") == 1.0
            assert (
                _ask(front, port, lambda f: f.write(ENABLED, wire.enumerated(0), 8)).type == wire.SIMPLE_ACK
            )
            eventually(lambda: daemon.owned() == 0, SOON, "every slot is let go of")
            eventually(lambda: _mode(front, port) == RELEASED, SOON, "the mode says so")
            assert daemon.metric("building_front_end_enabled") == 0.0
            who = f"BACnet {front[0]}:{front[1]}"
            assert f"{who} wrote inactive to Enabled" in daemon.get("/?lang=en").text
            assert slots(files) == (0, [])
        with DaemonProcess(files, tmp_path / "s", start=EVENING) as daemon:
            daemon.ready()
            eventually(lambda: _present(front, port, ENABLED) == 0, SOON, "it is still off")
            assert daemon.owned() == 0
            assert _ask(front, port, lambda f: f.write(ENABLED, b"\0", 8)).type == wire.SIMPLE_ACK
            eventually(lambda: daemon.owned() > MANY, SOON, "it is supervised again")
            assert daemon.metric("building_front_end_enabled") == 1.0
            assert f"{who} switched supervision on again" in daemon.log()


def _files(stack: str, folder: Path) -> SiteFiles:
    """The office with a device of our own."""
    files = office(folder)
    text = files.daemon.read_text(encoding="utf-8")
    port = f", port: {files.wire + 2}" if stack == "rusty" else ""
    text = text.replace("bacnet: {bind", f"bacnet: {{stack: {stack}, bind", 1)
    files.daemon.write_text(text + f"\nbacnet_device: {{enabled_point: true{port}}}\n", encoding="utf-8")
    return files


def _ask(front: tuple[str, int], port: int, what: Any) -> Any:
    """What the device answers to a front end of a moment."""

    async def asked() -> Any:
        front_end = FrontEnd(front, (f"{NETWORK}.1", port))
        await front_end.start()
        try:
            return await asyncio.wait_for(what(front_end), 20.0)
        finally:
            await front_end.stop()

    return asyncio.run(asked())


def _present(front: tuple[str, int], port: int, item: tuple[int, int]) -> int | None:
    """A Present_Value; None while nobody answers."""

    def read(front_end: FrontEnd) -> Coroutine[Any, Any, list[wire.Tag]]:
        return front_end.read(item, PRESENT)

    try:
        return int(_ask(front, port, read)[0].integer())
    except TimeoutError:
        return None


def _mode(front: tuple[str, int], port: int) -> int | None:
    return _present(front, port, MODE)
