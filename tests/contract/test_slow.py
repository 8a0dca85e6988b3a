"""Slow controllers: a write that is asked for again is done once, and `doctor` says how long they take."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.protocol import Address, Silent, Target, Write
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.scripted import Where
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.test_doctor import _doctor
from tests.contract.test_replaced import site_of, swapped_things
from tests.contract.unusual import Unusual
from tests.ports import free_tcp

SETPOINTS = [Address("controller", "analog-value", n) for n in range(1, 4)]
SOON = 1.2
"""Seconds that a call may take."""


class Slow(Unusual):
    """Does each request once, and answers when it is done; `loses` so many answers of writes."""

    loses = 0

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type] # as it is
        self.asked: list[int] = []
        """Invoke ids of writes, each time that one came."""
        self._done: dict[int, bytes] = {}

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Answer one request in its own time; a write that it knows by its invoke id is not done again."""
        frame = wire.parse(data)
        if frame is None or frame.type != wire.CONFIRMED or frame.service not in (15, 16):
            super().datagram_received(data, addr)
            return
        self.asked.append(frame.invoke)
        if self.loses:
            self.loses -= 1
            return
        if frame.invoke not in self._done:
            self._done[frame.invoke] = self._answer(frame, addr)
            asyncio.get_running_loop().call_later(self.slow, self._send, self._done[frame.invoke], addr)


@pytest.fixture
async def slow(stack: str, port: int) -> AsyncIterator[tuple[object, Slow]]:
    """A driver and a slow controller."""
    device = Slow(INSTANCE, (CONTROLLER, port), dict(things()))
    await device.start()
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 8, SOON)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    yield driver, device
    await driver.stop()
    await device.stop()


@pytest.mark.parametrize("share", [0.6, 0.8])
async def test_a_slow_controller_does_a_write_once(slow: tuple[object, Slow], share: float) -> None:
    """It takes most of its time-out, and is asked again meanwhile: each copy is the same request to it."""
    driver, device = slow
    device.slow = share * SOON
    await driver.write(SETPOINTS[0], 26.0, 10)  # type: ignore[attr-defined] # a driver of either stack
    assert device.writes == [wire.real(26.0)]
    assert len(device.asked) >= 2
    assert len(set(device.asked)) == 1
    device.asked.clear()
    device.writes.clear()
    assert await driver.write_many([Write(a, 25.0, 10) for a in SETPOINTS]) == [None] * 3  # type: ignore[attr-defined]
    assert device.writes == [wire.real(25.0)] * 3
    assert len(set(device.asked)) == 1


async def test_a_controller_that_is_slower_than_its_time_out_does_a_write_once(
    slow: tuple[object, Slow],
) -> None:
    """The call ends in silence, and it is not known whether the write landed: once it did."""
    driver, device = slow
    device.slow = 2 * SOON
    with pytest.raises(Silent):
        await driver.write(SETPOINTS[0], 26.0, 10)  # type: ignore[attr-defined]
    await asyncio.sleep(0.1)
    assert device.writes == [wire.real(26.0)]
    assert len(set(device.asked)) == 1


async def test_a_write_that_got_lost_is_sent_again_as_it_was(slow: tuple[object, Slow]) -> None:
    """The first copy does not arrive: the second has its invoke id, and is done."""
    driver, device = slow
    device.loses = 1
    await driver.write(SETPOINTS[0], 26.0, 10)  # type: ignore[attr-defined]
    assert (device.writes, len(device.asked), len(set(device.asked))) == ([wire.real(26.0)], 2, 1)


def _site(folder: Path, stack: str, port: int) -> Path:
    """The site file of one controller at `port`."""
    site = folder / "swap.yaml"
    site.write_text(site_of(stack, port, free_tcp()), encoding="utf-8")
    return site


# a busy machine adds to each answer, and each third of a second a second to what is advised
_TIMES: list[tuple[float, str, str]] = [
    (0.0, "✓", r"its timeout of 0\.5 s is enough"),
    (0.3, "·", r"the second time before it can answer: say timeout: [12]s"),
    (0.8, "✗", r"later than its timeout of 0\.5 s: say timeout: [34]s"),
]


async def test_doctor_measures_answer_times_and_says_which_timeout_is_needed(
    stack: str, port: int, tmp_path: Path
) -> None:
    """A controller that answers at once, one that takes half a second, one that is slower than its time-out."""
    site = _site(tmp_path, stack, port)
    device = Unusual(INSTANCE, (CONTROLLER, port), dict(swapped_things("")))
    await device.start()
    try:
        for seconds, mark, right in _TIMES:
            device.slow = seconds
            told = await _doctor(site)
            (line,) = [line for line in told.stdout.splitlines() if "answers within" in line]
            assert line.startswith(f"{mark} device controller: answers within"), told.stdout
            assert re.search(right, line), line
    finally:
        await device.stop()


async def test_doctor_names_an_object_that_spoils_every_request_for_many(
    stack: str, port: int, tmp_path: Path
) -> None:
    """The site file names an object that is gone, and its controller refuses every request in which it is."""
    site = _site(tmp_path, stack, port)
    found = swapped_things("")
    del found[0, 1]
    device = Unusual(INSTANCE, (CONTROLLER, port), dict(found))
    gone = wire.object_id(0, 1)
    device.replies[14] = lambda f: wire.error(f.invoke, 14, 1, 31) if gone in f.data else device._read_many(f)
    await device.start()
    try:
        told = await _doctor(site)
        assert (
            "· device controller: refuses every request for many objects in which analog-input:1 is"
            in told.stdout
        )
        assert "✗ point room/fcu/temperature: unknown object" in told.stdout
    finally:
        await device.stop()
