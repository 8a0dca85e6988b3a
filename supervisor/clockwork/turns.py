"""Long work on the event loop, a little at a time: who decides and writes never waits for who looks on.

A thread would not do: while it works it holds Python's lock for up to a switch interval at each of the ten or so
turns that lie between a thermostat and our write.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")
Work: TypeAlias = Generator[None, None, T]
"""Work that yields wherever it may be interrupted, and returns its result."""

SLICE: Final = 0.0005
"""Seconds after which work lets others have their turn; a site choice. Ten turns of the loop then take 5 ms more."""
REST: Final = 0.001
"""Seconds for which it then rests; a site choice. Without a rest the store's thread, which needs Python's lock a dozen
times for an intent, would wait for it as often: an answer of 4 MB takes a third of a second instead, and a reaction
meanwhile 10 ms less."""


SHARE: Final = 0.1
"""Of a rest, what the slice after it takes, where that is more than SLICE; a site choice. On a loop whose every turn takes 50 ms a
slice of half a millisecond would have a hundredth of it, and a tower's answer would take half a minute; so a turn takes at
most a tenth more, and the answer seconds."""
LONGEST: Final = 0.002
"""Seconds of a slice at most, however slow the loop: the aim for a step of who looks on (docs/benchmarks.md). A tower's answer, a third
of a second of work, then takes eight seconds on a loop whose every turn takes 50 ms, and a Prometheus waits for ten."""
YIELDS: Final = 0.25
"""Seconds in all for which a work rests longer because something urgent is under way; a site choice. A scrape that takes
a third of a second then takes a little over half of one, and a building that is busy writing is looked at all the same. They are
seconds as they passed: counted as rests of one millisecond they would be ten on a loop whose turn takes forty."""

_urgent: Final[list[None]] = []
"""As many as there are urgent things under way."""


@contextmanager
def urgently() -> Iterator[None]:
    """Around what a person waits for at a thermostat: long work rests meanwhile."""
    _urgent.append(None)
    try:
        yield
    finally:
        _urgent.pop()


async def in_turns(work: Work[T]) -> T:
    """The result, made a slice at a time."""
    rest, seconds = _Rest(), SLICE
    while (done := _slice(work, seconds)) is None:
        seconds = await rest()
    return done[0]


async def parts_in_turns(parts: Iterator[T | None]) -> AsyncIterator[T]:
    """What comes of it part by part, made a slice at a time and only once the part before was taken; None where it may be
    interrupted before a part is whole."""
    clock, rest = time.perf_counter, _Rest()
    until = clock() + SLICE
    for part in parts:
        if part is not None:
            yield part
        if clock() >= until:
            seconds = await rest()
            until = clock() + seconds


class _Rest:
    """The rests between one work's slices: longer while something urgent is under way, for so long in all."""

    def __init__(self) -> None:
        self._yields = YIELDS

    async def __call__(self) -> float:
        """Rest; the seconds of the next slice."""
        took = await self._once()
        while _urgent and self._yields > 0:
            took = await self._once()
            self._yields -= took
        return max(SLICE, min(SHARE * took, LONGEST))

    @staticmethod
    async def _once() -> float:
        """Seconds that one rest took: its own, and what others of the loop did meanwhile."""
        began = time.perf_counter()
        await asyncio.sleep(REST)
        return max(REST, time.perf_counter() - began)


def at_once(work: Work[T]) -> T:
    """The result, made in one go."""
    done = _slice(work, math.inf)
    assert done is not None
    return done[0]


def _slice(work: Work[T], seconds: float) -> tuple[T] | None:
    """Go on for so long: the result, or None where there is more to do."""
    clock = time.perf_counter
    until = clock() + seconds
    try:
        next(work)
        while clock() < until:
            next(work)
    except StopIteration as end:
        return (end.value,)
    return None
