"""A device that takes few requests at once is sent few, and more again after a while; on a clock that never waits."""

from __future__ import annotations

import asyncio

import pytest

from drivers.care.pacing import FIRST_AGAIN, Gate
from tests.fakes import virtual_time

THINKS = 0.1


class Small:
    """Handles `most` requests at once and refuses the others at once."""

    def __init__(self, most: int) -> None:
        self.most, self.now, self.refused, self.highest = most, 0, 0, 0

    async def ask(self, gate: Gate) -> None:
        """One request, sent until it is taken, as every stack's calls do it."""
        while True:
            async with gate:
                if self.now < self.most:
                    self.now += 1
                    self.highest = max(self.highest, self.now)
                    await asyncio.sleep(THINKS)
                    self.now -= 1
                    return
                self.refused += 1
                await asyncio.sleep(0.001)
                assert gate.room.crowded(), "it was alone, and refused all the same"


@pytest.mark.parametrize("most", [1, 2, 5])
@virtual_time
async def test_as_many_as_it_takes_are_found_in_one_burst(most: int) -> None:
    """Sixteen at once, of which it takes a few: the next hundred are sent so that none is refused."""
    gate, device = Gate(16), Small(most)
    await asyncio.gather(*(device.ask(gate) for _ in range(40)))
    assert (gate.room.size, device.refused) == (most, 16 - most)
    device.refused = 0
    await asyncio.gather(*(device.ask(gate) for _ in range(100)))
    assert (device.refused, device.highest) == (0, most)


@virtual_time
async def test_who_was_alone_was_not_refused_for_others() -> None:
    """A request that is too much by itself tells nothing of how many go at once."""
    gate = Gate(16)
    async with gate:
        assert not gate.room.crowded()
    assert gate.room.size == 16


@virtual_time
async def test_more_are_let_in_again_ever_less_often_and_all_once_there_is_room() -> None:
    """Another client had kept it busy: after some minutes it is sent as many as ever, and that is told once."""
    gate, device, calm = Gate(16), Small(4), list[str]()
    gate.room.on_calm = lambda: calm.append("calm")
    for _ in range(30):
        await asyncio.gather(*(device.ask(gate) for _ in range(40)))
        await asyncio.sleep(FIRST_AGAIN)
    assert device.refused <= 12 + 4 * 4, "tried again rarely"
    device.most = 100
    for _ in range(200):
        await asyncio.gather(*(device.ask(gate) for _ in range(40)))
        await asyncio.sleep(FIRST_AGAIN)
    assert (gate.room.size, device.highest, calm) == (16, 16, ["calm"])


@virtual_time
async def test_a_call_that_waits_for_room_in_a_device_that_answers_is_not_taken_for_its_silence() -> None:
    """Sixty requests of a tenth of a second, one at a time, each within a deadline of a second: all come."""
    gate, device = Gate(16), Small(1)

    async def call() -> None:
        async with gate.deadline(1.0):
            await device.ask(gate)

    await asyncio.gather(*(call() for _ in range(60)))
    device.most = 0  # it hangs: nothing is answered any more
    began = asyncio.get_running_loop().time()

    async def hang() -> None:
        async with gate.deadline(1.0), gate:
            await asyncio.sleep(100.0)

    results = await asyncio.gather(*(hang() for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in results] == [TimeoutError] * 5
    assert asyncio.get_running_loop().time() - began < 6.0
