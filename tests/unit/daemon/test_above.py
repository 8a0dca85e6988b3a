"""What stands above the rules in a running daemon, as metrics tell it: protection, other masters, what people asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivers.readings import PriorityArray, Slot
from supervisor.store.writer import Store
from tests.unit.daemon.test_by_hand import FCU, House

ROOM = "f2-office-201"


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    """The example office, alive."""
    store = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    store.open()
    yield House(store)
    store.close()


async def test_protection_is_told_apart_from_whoever_overrides(house: House) -> None:
    """Slots 1 to 7 protect and are never judged; 8 is somebody's hand."""
    told = {}
    for slot in (1, 5, 7, 8, 9):
        house.running.known.put_array(FCU, PriorityArray((Slot(slot, 1),), 0))
        (held,) = house.running.looking.held_above("ddc-2")
        told[held.priority] = held.protection
    assert told == {1: True, 5: True, 7: True, 8: False, 9: False}


async def test_overtime_and_release_are_told_until_they_end(house: House) -> None:
    """A zone kept open, and a point handed back: while it lasts, and no longer."""
    asked, clock = house.running.asked_for, house.clock
    await house.requests.answer({"do": "overtime", "zone": ROOM, "until": "20:00", "name": "李工"})
    await house.requests.answer({"do": "release", "points": [FCU], "seconds": 60.0, "name": "李工"})
    assert (list(asked.overtime(clock.now())), list(asked.released(clock.now()))) == (
        [ROOM], [(ROOM, "start_stop")],
    )  # fmt: skip
    assert not list(asked.released(clock.now() + 60.0))
    assert not list(asked.overtime(clock.now() + 8 * 3600.0))
