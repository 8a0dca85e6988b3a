"""What a silent device is listened to about: the object that got no answer, and where that is dead, the device itself."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from config.points import Raw
from drivers.bacnet.listening import listened_to
from drivers.bacnet.peer import Peer
from drivers.care.late import LISTENS
from drivers.protocol import Address
from tests.fakes import virtual_time
from tests.unit.drivers.test_one_by_one import POINTS, Device


class Gateway(Device):
    """Takes so long about a meter, and so long to say who it is; infinite: it never does."""

    def __init__(self, meter: float, itself: float) -> None:
        super().__init__()
        self.meter, self.itself = meter, itself

    async def value(self, peer: Peer[str], address: Address, number: int, index: int | None = None) -> Raw:
        """After asking the meter."""
        await asyncio.sleep(self.meter)
        return 1.0

    async def single(self, _number: int) -> int:
        """Who it is."""
        await asyncio.sleep(self.itself)
        return 7

    async def took(self) -> float | None:
        """How long it is heard to take."""
        itself: Any = self
        return await listened_to(self, self.peer("hall"), lambda ear: itself)


@virtual_time
async def test_a_gateway_that_has_become_slow_is_found_though_a_meter_of_it_is_dead() -> None:
    """It was listened to about the dead meter alone, never heard, and left alone for good."""
    gateway = Gateway(math.inf, 4.0)
    gateway.peer("hall").unheard = POINTS[0]
    assert await gateway.took() == pytest.approx(4.0)
    assert gateway.peer("hall").unheard is None, (
        "it is slow for itself: once that is over, it is waited for as before"
    )
    before = asyncio.get_running_loop().time()
    assert await gateway.took() == pytest.approx(4.0)
    assert asyncio.get_running_loop().time() - before < LISTENS, "the dead one is not asked each time"


@virtual_time
async def test_a_gateway_that_is_slow_for_its_meters_is_listened_to_about_one() -> None:
    """That it says at once who it is proves nothing."""
    gateway = Gateway(4.0, 0.1)
    gateway.peer("hall").unheard = POINTS[0]
    assert await gateway.took() == pytest.approx(4.0)
    assert gateway.peer("hall").unheard == POINTS[0]
    gateway.meter = gateway.itself = math.inf
    assert await gateway.took() is None
