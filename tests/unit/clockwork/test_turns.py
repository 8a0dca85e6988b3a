"""Long work on the loop: others have their turn, and the result is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from supervisor.clockwork import turns
from supervisor.clockwork.turns import Work, at_once, in_turns, parts_in_turns, urgently


def counting(until: int) -> Work[list[int]]:
    """Work of so many steps."""
    found = []
    for number in range(until):
        found.append(number)
        yield
    return found


async def test_work_lets_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is woken meanwhile runs before the work is done, and not only after it."""
    monkeypatch.setattr(turns, "SLICE", 0.0)  # each step takes longer
    monkeypatch.setattr(turns, "REST", 0.0)
    monkeypatch.setattr(turns, "SHARE", 0.0)
    others = 0

    async def other() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    assert await in_turns(counting(100)) == list(range(100))
    assert 99 <= others <= 101
    task.cancel()


async def test_work_rests_between_two_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that needs Python's lock has it without asking: the loop is idle meanwhile."""
    monkeypatch.setattr(turns, "SLICE", 0.0)
    monkeypatch.setattr(turns, "SHARE", 0.0)
    loop, idle = asyncio.get_running_loop(), []
    call_at = loop.call_at

    def noted(when: float, *how: Any, **more: Any) -> asyncio.TimerHandle:
        idle.append(when)
        return call_at(when, *how, **more)

    monkeypatch.setattr(loop, "call_at", noted)
    assert await in_turns(counting(10)) == list(range(10))
    assert len(idle) == 10


async def test_short_work_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small building's page costs no turn of the loop."""
    monkeypatch.setattr(turns, "SLICE", 60.0)
    task = asyncio.create_task(asyncio.sleep(0))
    assert await in_turns(counting(100)) == list(range(100))
    assert not task.done()
    await task


async def test_work_that_fails_says_so() -> None:
    """Its error reaches whoever asked."""

    def failing() -> Work[None]:
        yield
        raise ValueError("no such zone")

    with pytest.raises(ValueError, match="no such zone"):
        await in_turns(failing())
    with pytest.raises(ValueError, match="no such zone"):
        at_once(failing())
    assert at_once(counting(3)) == [0, 1, 2]


async def test_work_rests_while_something_urgent_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scrape waits for the write that somebody at a thermostat waits for, and not for ever."""
    monkeypatch.setattr(turns, "SLICE", 0.0)
    monkeypatch.setattr(turns, "SHARE", 0.0)
    monkeypatch.setattr(turns, "REST", 0.0)
    monkeypatch.setattr(turns, "YIELDS", 60.0)
    with urgently():
        work = asyncio.create_task(in_turns(counting(3)))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not work.done()
    assert await work == [0, 1, 2]
    monkeypatch.setattr(turns, "YIELDS", 0.0)
    with urgently():
        assert await in_turns(counting(3)) == [0, 1, 2]


class Laden:
    """A loop whose every turn takes 40 ms, and work that takes 0.1 ms a step; by a clock of their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.rests, self.longest = 0.0, 0, 0.0
        monkeypatch.setattr("supervisor.clockwork.turns.time.perf_counter", lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self._rest)

    async def _rest(self, seconds: float) -> None:
        self.now += max(seconds, 0.040)
        self.rests += 1

    def work(self, steps: int) -> Work[int]:
        """So many steps, and how long the longest went without a rest."""
        began, rests = self.now, self.rests
        for _step in range(steps):
            self.now += 0.0001
            if rests != self.rests:
                began, rests = self.now, self.rests
            self.longest = max(self.longest, self.now - began)
            yield
        return steps


async def test_a_laden_loop_is_neither_starved_nor_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tower's answer, 50 ms of work: a hundred slices of half a millisecond would be four seconds. A slice takes up to a tenth of
    what the loop's turn takes, so there are two dozen, and none is longer than the two milliseconds that are aimed at."""
    laden = Laden(monkeypatch)
    assert await in_turns(laden.work(500)) == 500
    assert laden.rests <= 27 and laden.longest <= 0.002 + 0.0002


async def test_what_is_yielded_to_urgent_things_is_counted_as_it_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A building that never stops writing, on the same loop: a quarter of a second is waited for, and not 250 rests of 40 ms."""
    laden = Laden(monkeypatch)
    with urgently():
        assert await in_turns(laden.work(500)) == 500
    assert laden.now < turns.YIELDS + 0.040 + 27 * 0.040 + 0.050


async def test_a_part_is_made_once_the_one_before_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that takes nothing has nothing made for it; the loop has its turn within a part and between two of them, and the
    rests for something urgent are as long in all as of work in one go."""
    monkeypatch.setattr(turns, "SLICE", 0.0)
    monkeypatch.setattr(turns, "SHARE", 0.0)
    rests: list[float] = []

    async def rested(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", rested)
    made: list[int] = []

    def making() -> Iterator[int | None]:
        for number in range(6):
            made.append(number)
            yield number if number % 2 else None

    taken = []
    with urgently():
        async for part in parts_in_turns(making()):
            taken.append(part)
            assert made[-1] == part
    assert taken == [1, 3, 5]
    assert sum(rests) == pytest.approx(6 * turns.REST + turns.YIELDS, abs=2 * turns.REST)
