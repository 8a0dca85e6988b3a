"""Which changes have a slot read ahead of the rules: somebody's hand at a thermostat, and not a controller that has just come back."""

from __future__ import annotations

from typing import Any

import pytest

from config.roles import Role
from drivers.protocol import Address, Answer
from schedules.days import calendars
from supervisor.daemon.running import Running
from supervisor.store.writer import Store
from tests.fakes import FakeDriver, VirtualClock, virtual_time
from tests.unit.core.office import office


@virtual_time
async def test_only_what_was_good_before_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found at the start, no number, back from that, out of service, back: none. Turned by a hand: read, each time."""
    site = office()
    store = Store("sqlite://", inline=True)
    store.open()
    clock: Any = VirtualClock()
    running = Running(site, calendars(site), FakeDriver({}).line, clock, store, dry_run=True)
    point = next(p for p in site.points.values() if p.role is Role.COOLING_SETPOINT)
    foreseen: list[str] = []
    monkeypatch.setattr(running.gateway, "foresee", foreseen.append)

    def read(value: float | str, *, fault: bool = False) -> int:
        """How often its slot is read for this."""
        foreseen.clear()
        running._deliver(Answer(Address(point.device, point.object_type, point.instance), value, fault, None))
        return foreseen.count(point.id)

    assert read(25.0) == 0, "found at the start"
    assert read(24.0) == 1
    assert read(24.0) == 0, "nothing has changed"
    assert read("--") == 1, "a rule has to know"
    assert read(23.0) == 0
    assert read(22.0) == 1
    assert read(22.0, fault=True) == 1, "out of service"
    assert read(21.0, fault=True) == 0
    store.close()
