"""Controllers that take one or two requests at once and refuse the others (out of resources, busy), on both stacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from drivers.habits import CROWDED, News
from drivers.protocol import Address, Target
from tests.contract import wire
from tests.contract.conftest import OURS, PATIENT, STACKS
from tests.contract.scripted import Where
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.unusual import Unusual

POINTS = [Address("controller", "analog-value", n) for n in range(1, 41)]
THINKS = 0.01
"""Seconds that it takes for one request."""


class Small(Unusual):
    """Handles `most` confirmed requests at once, and refuses what comes meanwhile as `refuses` says."""

    most = 1
    refuses: Callable[[wire.Frame], bytes] = staticmethod(lambda frame: wire.abort(frame.invoke, 9))
    handled = 0

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Answer in its own time, or refuse at once."""
        frame = wire.parse(data)
        if frame is None or frame.type != wire.CONFIRMED:
            super().datagram_received(data, addr)
        elif self.handled >= self.most:
            self._send(self.refuses(frame), addr)
        else:
            self.handled += 1
            asyncio.get_running_loop().call_later(THINKS, self._done, data, addr)

    def _done(self, data: bytes, addr: Where) -> None:
        self.handled -= 1
        super().datagram_received(data, addr)


@pytest.mark.parametrize(
    ("most", "refuses"),
    [(1, lambda f: wire.abort(f.invoke, 9)), (3, lambda f: wire.error(f.invoke, f.service, 0, 3))],
    ids=["out of resources", "busy"],
)
async def test_a_controller_that_takes_few_requests_at_once_is_read_written_and_reports(
    stack: str, port: int, most: int, refuses: Callable[[wire.Frame], bytes]
) -> None:
    """Polls, arrays, subscriptions and writes of a start, sixteen at once: not one poll in ten minutes brought a value, and every
    object was said to spoil requests for many. All come, one after the other; it is told once, with what to write."""
    device = Small(INSTANCE, (CONTROLLER, port), dict(things()))
    device.most, device.refuses = most, refuses
    await device.start()
    driver = STACKS[stack](
        DRIVER, port + 1, [Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 16, PATIENT)], OURS
    )
    told: list[News] = []
    driver.habits.listener = told.append
    await driver.start()
    try:
        await driver.identify("controller")
        assert await driver.subscribe(POINTS, 60) == POINTS
        for _ in range(2):
            polled = asyncio.create_task(driver.read(POINTS))
            await asyncio.gather(
                *(driver.read_array(each) for each in POINTS[:12]),
                *(driver.write(each, 25.0, 10) for each in POINTS[12:20]),
            )
            assert [each.error for each in await polled] == [None] * 40
        assert all(device.things[2, n].slots[9] == wire.real(25.0) for n in range(13, 21))
        assert {(news.habit.kind, news.over) for news in told} == {(CROWDED, False)}
        (habit,) = driver.habits.of("controller")
        assert f"max_in_flight: {driver._calls.peer('controller').gate.room.size}" in habit.text.en
        assert driver._calls.peer("controller").gate.room.size <= most
        assert driver.in_flight == 0
    finally:
        await driver.stop()
        await device.stop()
