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


YIELDS: Final = 0.25
"""Seconds in all for which a work rests longer because something urgent is under way; a site choice. A scrape that takes
a third of a second then takes a little over half of one, and a building that is busy writing is looked at all the same."""

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
    rest = _Rest()
    while (done := _slice(work, SLICE)) is None:
        await rest()
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
            await rest()
            until = clock() + SLICE


class _Rest:
    """The rests between one work's slices: longer while something urgent is under way, for so long in all."""

    def __init__(self) -> None:
        self._yields = YIELDS

    async def __call__(self) -> None:
        await asyncio.sleep(REST)
        while _urgent and self._yields > 0:
            self._yields -= REST
            await asyncio.sleep(REST)


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
