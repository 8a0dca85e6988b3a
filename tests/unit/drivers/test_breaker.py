"""A device that does not answer is left alone, probed ever less often, and taken up again at its first word."""

from __future__ import annotations

import asyncio
import random

import pytest

from drivers.care.breaker import AFTER, FIRST_PAUSE, JITTER, LONGEST_PAUSE, Breaker, Breakers
from drivers.protocol import Rejected, Silent
from tests.fakes import virtual_time, virtually


class Even(random.Random):
    """Dice without chance: each pause as long as its step."""

    def uniform(self, a: float, b: float) -> float:
        """The middle."""
        return (a + b) / 2


def test_the_story_of_a_cable_pulled_and_put_back() -> None:
    """Three silences open it, probes come after 1, 2, 4, 8, 15 s, one at a time, and one answer closes it."""
    breaker = Breaker(Even())
    now = 0.0
    for call in range(AFTER):
        assert breaker.admits(now)
        assert breaker.silent(now, now) is (call == AFTER - 1)
    pauses = []
    for _ in range(9):
        assert not breaker.admits(now)
        wait = breaker.wait(now)
        assert not breaker.admits(now + wait - 0.01)
        now += wait
        pauses.append(wait)
        assert breaker.admits(now), "one probe"
        assert not breaker.admits(now), "and only one"
        breaker.silent(now, now)
    assert pauses == [1, 2, 4, 8, 15, 15, 15, 15, 15]
    now += breaker.wait(now)
    assert breaker.admits(now)
    assert breaker.answered(now) is True
    assert not breaker.open
    assert breaker.admits(now)
    assert breaker.admits(now)


def test_a_lost_datagram_now_and_then_opens_nothing() -> None:
    """Silences count only in a row: an answer between them starts the count again."""
    breaker = Breaker(Even())
    for _ in range(100):
        assert breaker.admits(0.0)
        assert breaker.silent(0.0, 0.0) is False
        assert breaker.silent(0.0, 0.0) is False
        assert breaker.answered(0.0) is False
    assert not breaker.open


def test_calls_that_were_under_way_do_not_lengthen_the_pause() -> None:
    """Sixteen calls at once end in silence: the device is left alone for one second, not for a minute."""
    breaker = Breaker(Even())
    assert all(breaker.admits(0.0) for _ in range(16))
    for _ in range(16):
        breaker.silent(0.0, 3.0)
    assert breaker.wait(3.0) == FIRST_PAUSE


def test_calls_that_the_line_lost_among_thirty_open_nothing() -> None:
    """Thirty at once over a line that loses a fifth: those without an answer all end last, three seconds after the others, three in
    a row. The device was left alone though it had answered twenty-seven."""
    breaker = Breaker(Even())
    assert all(breaker.admits(0.0) for _ in range(30))
    for _ in range(27):
        breaker.answered(0.5)
    assert not any(breaker.silent(0.0, 3.0) for _ in range(3))
    assert not any(breaker.silent(3.0, 6.0) for _ in range(AFTER - 1))
    assert breaker.silent(6.0, 9.0), "since then it has said nothing at all"


def test_a_late_answer_closes_it() -> None:
    """One of those calls brings an answer after all: the device is there."""
    breaker = Breaker(Even())
    for _ in range(AFTER):
        breaker.silent(0.0, 0.0)
    assert breaker.open
    breaker.answered(0.0)
    assert breaker.admits(0.0)


def test_a_probe_whose_caller_gives_up_does_not_block_the_next() -> None:
    """The daemon's reload cancels it: somebody else may probe at once, and the pause is not doubled."""
    breaker = Breaker(Even())
    for _ in range(AFTER):
        breaker.silent(0.0, 0.0)
    assert breaker.admits(1.0)
    breaker.given_up()
    assert breaker.admits(1.0)


def test_pauses_are_spread() -> None:
    """Forty devices of one dead switch are not probed at the same moment, nor outside of ±20 %."""
    dice = random.Random(4711)
    waits = []
    for _ in range(40):
        breaker = Breaker(dice)
        for _ in range(AFTER):
            breaker.silent(0.0, 0.0)
        waits.append(breaker.wait(0.0))
    assert len(set(waits)) == 40
    assert FIRST_PAUSE * (1 - JITTER) <= min(waits) < max(waits) <= FIRST_PAUSE * (1 + JITTER)
    assert LONGEST_PAUSE * (1 + JITTER) == 18


def test_calls_to_a_device_left_alone_end_at_once_and_say_when_to_ask_again() -> None:
    """Nothing goes out, the caller reads how long to wait, and a refusal counts as a sign of life."""

    async def story() -> None:
        closed: list[str] = []
        breakers = Breakers(closed.append, Even())
        went_out = 0

        async def call(error: Exception | None) -> None:
            nonlocal went_out
            with breakers.call("ddc-1"):
                went_out += 1
                await asyncio.sleep(3.0)
                if error is not None:
                    raise error

        for _ in range(AFTER):
            with pytest.raises(Silent):
                await call(Silent("ddc-1", "no answer within 3 s"))
        began = asyncio.get_running_loop().time()
        with pytest.raises(Silent, match="asked again in 1 s") as said:
            await call(None)
        assert asyncio.get_running_loop().time() == began
        assert went_out == AFTER
        assert said.value.again == 1.0
        with breakers.call("ddc-2"):
            pass  # its neighbour is none of its business
        await asyncio.sleep(said.value.again)
        with pytest.raises(Rejected):
            await call(Rejected("ddc-1", "write access denied"))
        assert closed == ["ddc-1"]
        await call(None)

    virtually(story())


@virtual_time
async def test_a_device_that_answers_a_part_of_each_call_is_not_left_alone() -> None:
    """Of the seven requests of one call the line loses one, each time, or one object is never answered: the device lives. Once it
    answers none of them, it is left alone."""
    now, heard = asyncio.get_running_loop().time, [0.0]
    breakers = Breakers(lambda device: None, Even())
    breakers.spoke = lambda device: heard[0]

    async def call(*, part: bool) -> Silent:
        with pytest.raises(Silent) as said, breakers.call("ddc-1"):
            await asyncio.sleep(1.0)
            if part:
                heard[0] = now()
            await asyncio.sleep(2.0)
            raise Silent("ddc-1", "no answer within 3 s")
        return said.value

    for _ in range(10):
        said = await call(part=True)
        assert said.lives
        assert said.again == 0.0
    for _ in range(AFTER):
        said = await call(part=False)
        assert not said.lives
    assert breakers.open("ddc-1")
    assert said.again == 1.0
    await asyncio.sleep(said.again)
    assert (await call(part=True)).lives, "a probe of which a part was answered closes it"
    assert not breakers.open("ddc-1")
