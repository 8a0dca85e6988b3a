"""Who is slow and who is dead: a device that is left alone is listened to. On a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from drivers.care.late import Listeners, Ways
from tests.fakes import virtual_time, virtually

HOUR = 3600.0


def listened(answers: Sequence[float | None], hours: float = 24.0) -> tuple[list[float], list[float]]:
    """What a device with a time-out of 3 s is given after so many hours, and when it was asked, where its answers take so long (the last
    one for ever)."""

    async def story() -> tuple[list[float], list[float]]:
        loop = asyncio.get_running_loop()
        given: list[float] = []
        asked: list[float] = []

        async def ask(_device: str) -> float | None:
            took = answers[min(len(asked), len(answers) - 1)]
            asked.append(loop.time())
            await asyncio.sleep(20.0 if took is None else took)
            return took

        listeners = Listeners(
            Ways(ask, lambda device: not given, lambda device: 3.0, lambda device, s: given.append(s))
        )
        listeners.begin("ddc")
        listeners.begin("ddc")
        await asyncio.sleep(hours * HOUR)
        await listeners.stop()
        return given, asked

    return virtually(story())


@pytest.mark.parametrize(("takes", "given"), [(4.0, 12.0), (9.0, 27.0), (19.0, 30.0)])
def test_one_that_is_late_twice_is_given_three_times_as_long(takes: float, given: float) -> None:
    """Half a minute at most."""
    assert listened([takes])[0] == [given]


def test_one_that_was_late_once_came_back_by_a_cable() -> None:
    """The second answer is there at once, and it is given no more than the site file says."""
    assert listened([8.0, 0.1, None])[0] == []


@virtual_time
async def test_one_that_is_slow_now_and_then_is_found_too() -> None:
    """Every third answer is late: it is never left alone, but each silence has it asked."""
    given: list[float] = []
    answers = [2.0, 4.0, 2.0, 2.0, 4.0, 4.5]

    async def ask(_device: str) -> float | None:
        return answers.pop(0)

    listeners = Listeners(
        Ways(ask, lambda device: False, lambda device: 3.0, lambda device, s: given.append(s))
    )
    for _ in range(6):
        listeners.begin("ddc")
        await asyncio.sleep(10.0)
    await listeners.stop()
    assert given == [14.0]
    assert answers == []


def test_a_dead_one_is_listened_to_ever_more_rarely() -> None:
    """A day of silence costs some thirty questions; one that has become slow meanwhile is found within the hour."""
    given, asked = listened([None])
    assert given == []
    assert len(asked) < 35
    assert listened([None] * 8 + [5.0])[0] == [15.0]


def test_an_object_that_is_never_answered_is_not_listened_to_at_each_poll() -> None:
    """A gateway lives, and one of its forty meters is dead: each poll misses it. A day costs some thirty questions; once the meter is
    only slow, it is found within the hour."""

    async def story() -> None:
        given: list[float] = []
        asked = 0

        async def ask(_device: str) -> float | None:
            nonlocal asked
            asked += 1
            takes = 4.0 if asked > 30 else 20.0
            await asyncio.sleep(takes)
            return takes if asked > 30 else None

        listeners = Listeners(
            Ways(ask, lambda device: False, lambda device: 3.0, lambda device, s: given.append(s))
        )
        for _ in range(int(24 * HOUR / 10)):
            listeners.begin("gateway")
            await asyncio.sleep(10.0)
        assert asked <= 30
        assert given == []
        asked = 30
        for _ in range(int(2 * HOUR / 10)):
            if not given:
                listeners.begin("gateway")
            await asyncio.sleep(10.0)
        await listeners.stop()
        assert given == [12.0]

    virtually(story())
