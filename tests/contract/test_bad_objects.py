"""Controllers that do not take a request for many objects as they should: one object spoils it, or nothing is said to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from drivers.bacnet import spared
from drivers.habits import News
from drivers.protocol import Address, Misconfigured, Target
from tests.contract import wire
from tests.contract.conftest import OURS, PATIENT, STACKS
from tests.contract.scripted import Key
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.test_unusual import Odd
from tests.contract.unusual import Unusual

POINTS = [(2, n) for n in range(1, 41)]


@pytest.fixture
async def odd(stack: str, port: int) -> AsyncIterator[Odd]:
    """A driver and an unusual controller, found and read once."""
    device = Unusual(INSTANCE, (CONTROLLER, port), dict(things()))
    await device.start()
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", 8, PATIENT)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    yield Odd(driver, device)
    device.replies.clear()
    await driver.stop()
    await device.stop()


def values(*keys: Key) -> list[Address]:
    """Objects of the controller."""
    return [Address("controller", "analog-value", number) for _, number in keys]


def heard(odd: Odd) -> list[News]:
    """What is told of the controller from here on."""
    told: list[News] = []
    odd.driver.habits.listener = told.append
    return told


def spoilt(odd: Odd, bad: Iterable[Key], refuse: Callable[[wire.Frame], bytes]) -> None:
    """A request for many in which one of these objects is gets this for an answer."""
    bad = frozenset(bad)

    def reply(frame: wire.Frame) -> bytes | None:
        asked = {
            divmod(t.integer(), 1 << 22) for t in wire.tags(frame.data) if t.context and len(t.data) == 4
        }
        return refuse(frame) if asked & bad else odd.device._read_many(frame)

    odd.device.replies[14] = reply


_WHOLE: list[Callable[[wire.Frame], bytes]] = [
    lambda f: wire.error(f.invoke, 14, 1, 31), lambda f: wire.error(f.invoke, 14, 0, 0),
    lambda f: wire.abort(f.invoke, 0), lambda f: wire.abort(f.invoke, 4), lambda f: wire.reject(f.invoke, 0),
    lambda f: wire.complex_ack(f.invoke, 14, b"\xff\0\x12"),
]  # fmt: skip


@pytest.mark.parametrize("refuse", _WHOLE)
async def test_one_deleted_object_does_not_make_every_poll_forty_single_reads(
    odd: Odd, refuse: Callable[[wire.Frame], bytes]
) -> None:
    """An object is deleted in the controller, which then refuses each request in which it is, for whatever reason: it is
    found by halves, told once by name, and the other 39 come in the requests that they came in before."""
    told = heard(odd)
    await odd.driver.identify("controller")
    odd.device.log.clear()
    await odd.values(*POINTS)
    healthy = len(odd.device.log)
    bad = odd.device.things.pop((2, 17))
    spoilt(odd, [(2, 17)], refuse)
    answers = await odd.driver.read(values(*POINTS))
    assert [a.address.instance for a in answers if a.error is not None] == [17]
    assert isinstance(answers[16].error, Misconfigured)
    assert len(odd.device.log) - healthy < 40
    for _ in range(3):
        odd.device.log.clear()
        again = await odd.driver.read(values(*POINTS))
        assert [a.value for a in again] == [a.value for a in answers]
        assert isinstance(again[16].error, Misconfigured)
        assert odd.device.log == [14] * healthy
    assert [(news.habit.about, news.over) for news in told] == [("analog-value:17", False)]
    assert "analog-value:17" in told[0].habit.text.en
    assert "analog-value:17" in told[0].habit.text.zh
    assert [habit.about for habit in odd.driver.habits.of("controller")] == ["analog-value:17"]
    # it is back, and noticed the next time that it is tried
    odd.device.things[2, 17] = bad
    del odd.device.replies[14]
    _all_due(odd)
    assert await odd.values(*POINTS) == [24.0] * 40
    assert [(news.habit.about, news.over) for news in told][1:] == [("analog-value:17", True)]
    odd.device.log.clear()
    assert await odd.values(*POINTS) == [24.0] * 40
    assert odd.device.log == [14] * healthy


def _all_due(odd: Odd) -> None:
    """The time until the next try is over."""
    many = odd.driver._calls.peer("controller").many
    for each in many.spared.values():
        each.again = 0.0
    many._again = min(many._again, 0.0) if many._again < float("inf") else many._again


async def test_several_bad_objects_are_each_found(odd: Odd) -> None:
    """Three at once, two of them neighbours: three lines, and one that is still bad when it is tried says nothing new."""
    told = heard(odd)
    bad = [(2, 3), (2, 4), (2, 39)]
    for key in bad:
        del odd.device.things[key]
    spoilt(odd, bad, lambda f: wire.error(f.invoke, 14, 1, 31))
    answers = await odd.driver.read(values(*POINTS))
    assert [a.address.instance for a in answers if a.error is not None] == [3, 4, 39]
    assert sorted(news.habit.about for news in told) == [f"analog-value:{n}" for n in (3, 39, 4)]
    _all_due(odd)
    assert sum(isinstance(v, Misconfigured) for v in await odd.values(*POINTS)) == 3
    assert len(told) == 3


async def test_an_object_that_can_be_read_only_by_itself_keeps_its_value(odd: Odd) -> None:
    """Its controller cannot put it into an answer about many, and gives it when asked for it alone: at every poll."""
    told = heard(odd)
    spoilt(odd, [(2, 5)], lambda f: wire.error(f.invoke, 14, 2, 25))
    for _ in range(spared.IN_A_ROW):
        await odd.values(*POINTS)  # "operational problem" may be about anything, and pass
    assert await odd.values(*POINTS) == [24.0] * 40
    odd.device.things[2, 5].slots[9] = wire.real(26.0)
    odd.device.log.clear()
    assert (await odd.values(*POINTS))[4] == 26.0
    assert odd.device.log.count(12) == 2
    assert [news.habit.about for news in told] == ["analog-value:5"]


async def test_a_long_answer_is_no_bad_object(odd: Odd) -> None:
    """It aborts what does not fit ("segmentation not supported", "buffer overflow"): fewer at once, nobody is spared."""
    told = heard(odd)
    for reason in (4, 1, 11):
        await odd.fresh()

        def reply(frame: wire.Frame, reason: int = reason) -> bytes:
            answer = odd.device._read_many(frame)
            return wire.abort(frame.invoke, reason) if len(answer) > 206 else answer

        odd.device.replies[14] = reply
        assert await odd.values(*POINTS) == [24.0] * 40
        odd.device.log.clear()
        assert await odd.values(*POINTS) == [24.0] * 40
        assert 12 not in odd.device.log
        assert len(odd.device.log) <= 8
    assert told == []


async def test_a_controller_that_says_nothing_to_requests_for_many_is_read_one_by_one(odd: Odd) -> None:
    """No answer at all to ReadPropertyMultiple, and to everything else at once: it is known, read, and told once; when it
    takes such requests again, that is told too."""
    told = heard(odd)
    odd.deadline(2.0)
    odd.device.replies[14] = lambda frame: None
    assert (await odd.driver.identify("controller")).instance == INSTANCE
    for _ in range(spared.IN_A_ROW):
        assert await odd.values(*POINTS) == [24.0] * 40
    odd.device.log.clear()
    assert await odd.values(*POINTS) == [24.0] * 40
    assert 14 not in odd.device.log
    assert [a.value for a in await odd.driver.names(values(*POINTS[:3]))] == [
        f"object 2 {n}" for n in (1, 2, 3)
    ]
    (news,) = told
    assert "one by one" in news.habit.text.en
    del odd.device.replies[14]
    _all_due(odd)
    odd.device.log.clear()
    assert await odd.values(*POINTS) == [24.0] * 40
    assert 12 not in odd.device.log
    assert [each.over for each in told] == [False, True]


async def test_a_controller_that_is_silent_is_not_asked_more_than_before(odd: Odd) -> None:
    """Nothing is answered: a call is three datagrams, and nobody is told of a habit."""
    told = heard(odd)
    await odd.values(*POINTS[:3])
    odd.device.replies = {n: lambda frame: None for n in (12, 14)}
    odd.device.log.clear()
    odd.deadline(1.5)
    with pytest.raises(Exception, match="no answer"):
        await odd.driver.read(values(*POINTS[:3]))
    await asyncio.sleep(0)
    assert len(odd.device.log) <= 4
    assert told == []
