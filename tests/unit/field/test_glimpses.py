"""A look before a write costs one request where a device says, octet by octet, what it said when it was recognised."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from drivers.protocol import Address, Glimpse, Retryable
from supervisor.field.vetting import FRESH, Quarantined
from tests.fakes import FakeDriver, virtual_time
from tests.unit.field.test_vetting import DEVICE, Desk, Street


class Quick(Street):
    """Controllers that can be looked at with one request."""

    glimpses: int = 0
    curt = False

    async def glimpse(self, device: str, objects: Sequence[Address]) -> Glimpse | None:
        """Who is there now, and the objects' names."""
        self.glimpses += 1
        if self.curt:
            return None
        names = [(a, f"{self.prefix}{(await FakeDriver.names(self, [a]))[0].value}") for a in objects]
        return Glimpse(f"{self.vendor} {self.prefix}{device}".encode(), tuple(names))


def _desk() -> tuple[Desk, Quick]:
    desk = Desk()
    wire = desk.wire = Quick(desk.site)
    desk.start()
    return desk, wire


async def _write(desk: Desk) -> None:
    await asyncio.sleep(FRESH + 1.0)
    await desk.writes.write(desk.point, 1, 10)


@virtual_time
async def test_what_says_the_same_is_the_same() -> None:
    """Recognised once by identity and name; after that by one request each time."""
    desk, wire = _desk()
    await desk.writes.write(desk.point, 1, 10)
    await _write(desk)
    asked, glimpses = len(wire.asked), wire.glimpses
    for _ in range(3):
        await _write(desk)
    assert len(wire.asked) == asked
    assert wire.glimpses == glimpses + 3
    assert len(wire.landed) == 5


@virtual_time
async def test_a_stranger_says_something_else() -> None:
    """A swap in the second between two writes is noticed before the second one, as if there were no short way."""
    desk, wire = _desk()
    for _ in range(3):
        await _write(desk)
    wire.swap()
    with pytest.raises((Quarantined, Retryable)):
        await _write(desk)
    with pytest.raises(Quarantined):
        await _write(desk)
    assert len(wire.landed) == 3
    assert desk.told[0].startswith(f"{DEVICE} quarantined")


@virtual_time
async def test_a_twin_with_other_names_is_a_stranger() -> None:
    """It says of itself word for word what the true one says: its objects tell."""
    desk, wire = _desk()
    for _ in range(2):
        await _write(desk)
    wire.prefix, twin = "VAV ", Quick.glimpse

    async def alike(self: Quick, device: str, objects: Sequence[Address]) -> Glimpse | None:
        found = await twin(self, device, objects)
        return found and found._replace(said=f"{self.vendor} {device}".encode())

    wire.__class__ = type("Twin", (Quick,), {"glimpse": alike})
    with pytest.raises((Quarantined, Retryable)):
        await _write(desk)
    assert len(wire.landed) == 2


@virtual_time
async def test_where_there_is_no_short_way_the_long_one_is_gone() -> None:
    """A device that does not say all of it in one answer."""
    desk, wire = _desk()
    await _write(desk)
    wire.curt = True
    asked = len(wire.asked)
    await _write(desk)
    assert len(wire.asked) == asked + 1
    assert len(wire.landed) == 2
