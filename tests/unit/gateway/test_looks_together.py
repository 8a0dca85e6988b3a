"""Slots of one controller that are only to be looked at are read in company, and each is judged for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from drivers.protocol import Address, DriverError
from drivers.readings import PriorityArray
from tests.fakes import FakeDriver, virtual_time
from tests.unit.gateway.gateway_world import World, make_site, wants

ROOMS = 6
OFF = [f"o{n}/ac/start_stop" for n in range(1, ROOMS + 1)]


class Company(FakeDriver):
    """A driver that gives several arrays at once, but for those that are `odd`. Counts what it was asked for."""

    company: list[int]
    singly: int
    odd: frozenset[int] = frozenset()

    async def read_arrays(self, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """Together."""
        self.company.append(len(addresses))
        return {a: await super(Company, self).read_array(a) for a in addresses if a.instance not in self.odd}

    async def read_array(self, address: Address) -> PriorityArray:
        """By itself."""
        self.singly += 1
        return await super().read_array(address)


class Barred(Company):
    """One that may not be asked."""

    async def read_arrays(self, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """Not in company."""
        raise DriverError(addresses[0].device, "not now")


def _world(kind: type[Company] = Company) -> tuple[World, Company]:
    w = World(make_site(zones=ROOMS))
    driver = kind(w.devices)
    driver.company, driver.singly = [], 0
    w.driver = driver
    w.new_gateway()
    return w, driver


@virtual_time
async def test_a_start_reads_all_slots_of_a_controller_at_once() -> None:
    """One call for all its points, each of which is adopted by it."""
    w, driver = _world()
    w.thing(OFF[2]).write(1, 8)
    await w.gateway.adopt()
    assert driver.company == [len(w.gateway.points)]
    assert driver.singly == 0
    assert all(c.adopted for c in w.gateway.points.values())
    assert w.gateway.slot_view(OFF[2]).override is not None


@virtual_time
async def test_what_is_odd_is_read_by_itself() -> None:
    """One that is left out of the company is adopted too."""
    w, driver = _world()
    driver.odd = frozenset(
        {w.gateway.points[OFF[0]].address.instance, w.gateway.points[OFF[3]].address.instance}
    )
    await w.gateway.adopt()
    assert driver.singly == 2
    assert all(c.adopted for c in w.gateway.points.values())


@virtual_time
async def test_where_nothing_comes_together_each_is_read_by_itself() -> None:
    """As if it could not be asked for several."""
    w, driver = _world(Barred)
    await w.gateway.adopt()
    assert driver.singly == len(w.gateway.points)


@virtual_time
async def test_held_slots_are_polled_together_and_a_stranger_in_one_is_noticed() -> None:
    """All six that we hold, in one call a period; what an operator did to one is told."""
    w, driver = _world()
    await w.gateway.adopt()
    for name in OFF:
        w.gateway.submit(wants(name, False))
    assert await w.gateway.settled(10.0)
    driver.company, driver.singly = [], 0
    w.thing(OFF[1]).write(1, 8)
    await asyncio.sleep(25.0)
    assert driver.singly == 0
    assert set(driver.company) == {ROOMS}
    assert w.gateway.slot_view(OFF[1]).override is not None
