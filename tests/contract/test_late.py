"""A trunk that takes longer for each answer than the site file's `timeout`: slow, and not silent."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from drivers.care import late
from drivers.habits import SLOW
from drivers.protocol import Address, Silent, Target
from drivers.readings import PriorityArray, Slot
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.router import Router, Station, routed
from tests.contract.scripted import ScriptedDevice, Where
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.test_router import EAST, TRUNK, WEST, _target

TIMEOUT, TAKES = 0.25, 0.5
"""Seconds that the site file gives a call, and that the trunk takes for an answer."""
POINT = Address("east", "analog-value", 1)


class Far(Station):
    """Its answers come late, each of them."""

    def _send(self, data: bytes, addr: Where) -> None:
        asyncio.get_running_loop().call_later(TAKES, super()._send, data, addr)


async def test_a_trunk_that_is_slower_than_its_timeout_is_waited_for(
    stack: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three calls are given up; then it is listened to, told once with what to write, and read, written and read back. The other controllers of its
    trunk are given the same time."""
    monkeypatch.setattr(late, "BEGINS", 0.1)
    router = Router((CONTROLLER, port), TRUNK)
    for mac in (EAST, WEST):
        router.wire(Far(1000 + mac, mac, things()))
    await router.start()
    targets = [_target("east", EAST, timeout=TIMEOUT), _target("west", WEST, timeout=TIMEOUT)]
    async with routed(stack, port, targets, pace={"east": 200.0}) as (driver, ear):
        ear.routers.append(router)
        for _ in range(3):
            with pytest.raises(Silent):
                await driver.read([POINT])
        async with asyncio.timeout(30.0):
            while driver.waits("east") <= TIMEOUT:
                await asyncio.sleep(0.05)
        assert driver.waits("west") == driver.waits("east") >= 1.5
        (habit,) = [habit for habit in driver.habits.of("east") if habit.kind == SLOW]
        assert f"later than its timeout of {TIMEOUT:g} s" in habit.text.en
        assert f"network {TRUNK}" in habit.text.en
        assert f"timeout: {driver.waits('east'):g}s" in habit.text.zh
        assert [answer.value for answer in await driver.read([POINT])] == [24.0]
        await driver.write(POINT, 26.0, 10)
        assert await driver.read_array(POINT) == PriorityArray((Slot(10, 26.0),), 24.0)
        (west,) = await driver.read([POINT._replace(device="west")])
        assert west.value == 24.0
    await router.stop()


class Deaf(Station):
    """The first request gets lost on the way to it."""

    lost = False

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Hear all but the first."""
        if self.lost:
            super().datagram_received(data, addr)
        self.lost = True


async def test_a_question_that_got_lost_is_no_late_answer(
    stack: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a bad line every third is lost: a second copy that is answered at once would look late to the first, so there is none."""
    monkeypatch.setattr("drivers.bacnet.listening.LISTENS", 0.7)
    router = Router((CONTROLLER, port), TRUNK)
    router.wire(Deaf(1000 + EAST, EAST, things()))
    await router.start()
    async with routed(stack, port, [_target("east", EAST)], pace={"east": 200.0}) as (driver, ear):
        ear.routers.append(router)
        assert await driver._listened_to("east") is None
        took = await driver._listened_to("east")
        assert took is not None
        assert took < 0.7
    await router.stop()


async def test_after_a_restart_a_slow_trunk_is_waited_for_from_the_first_call(stack: str, port: int) -> None:
    """Each restart began with three calls that were given up, and a start without half of the building."""
    router = Router((CONTROLLER, port), TRUNK)
    far = Far(1000 + EAST, EAST, things())
    router.wire(far)
    await router.start()
    try:
        async with routed(stack, port, [_target("east", EAST, timeout=5.0)], pace={"east": 200.0}) as (
            driver,
            ear,
        ):
            ear.routers.append(router)
            await driver.identify("east")
            driver._is_late("east", 6.0)
            kept = json.loads(json.dumps(driver.learnt("east")))
        async with routed(stack, port, [_target("east", EAST, timeout=TIMEOUT)], pace={"east": 200.0}) as (
            driver,
            ear,
        ):
            ear.routers.append(router)
            driver.recall("east", kept)
            assert (await driver.identify("east")).model == "by hand"
            assert driver.waits("east") == 6.0
            assert [habit.kind for habit in driver.habits.of("east")] == [SLOW]
            assert driver.learnt("east") == kept
    finally:
        await router.stop()


class Gateway(ScriptedDevice):
    """Answers at once for itself, and about its meters once it has asked them."""

    def _send(self, data: bytes, addr: Where) -> None:
        frame = wire.parse(data)
        quick = (wire.object_id(8, INSTANCE), wire.object_id(0, 1))
        own = frame is None or frame.type == wire.UNCONFIRMED
        own = own or (any(each in data for each in quick) and wire.object_id(2, 1) not in data)
        asyncio.get_running_loop().call_later(0.0 if own else TAKES, super()._send, data, addr)


@pytest.mark.parametrize("own", [True, False], ids=["beside its own input", "meters alone"])
async def test_a_gateway_that_is_slow_for_its_meters_alone_is_waited_for(
    stack: str, port: int, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    """It says at once who it is, so that nobody found it slow, and each of its meters stayed unknown for ever. What got no answer is
    what it is listened to about."""
    monkeypatch.setattr(late, "BEGINS", 0.1)
    device = Gateway(INSTANCE, (CONTROLLER, port), things())
    await device.start()
    target = Target("gateway", INSTANCE, f"{CONTROLLER}:{port}", 4, TIMEOUT)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS, pace={"gateway": 200.0})
    await driver.start()
    try:
        points = [Address("gateway", "analog-value", n) for n in (1, 2)]
        beside = [Address("gateway", "analog-input", 1)] if own else []
        async with asyncio.timeout(30.0):
            while driver.waits("gateway") <= TIMEOUT:
                with contextlib.suppress(
                    Silent
                ):  # while nothing but meters is asked for, that is what comes of it
                    await driver.read([*beside, *points])
                await asyncio.sleep(0.05)
        assert [answer.value for answer in await driver.read(points)] == [24.0, 24.0]
        assert [habit.kind for habit in driver.habits.of("gateway")] == [SLOW]
    finally:
        await driver.stop()
        await device.stop()


async def test_an_object_that_was_lost_once_and_answers_is_not_what_the_gateway_is_slow_for(
    stack: str, port: int
) -> None:
    """One lost answer decided for good what it is asked about once it falls silent."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things())
    await device.start()
    target = Target("gateway", INSTANCE, f"{CONTROLLER}:{port}", 4, 5.0)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    try:
        one, other = (Address("gateway", "analog-value", n) for n in (1, 2))
        peer = driver._asked.peer("gateway")
        peer.unheard = one
        await driver.read([other])
        assert peer.unheard == one
        await driver.read([one, other])
        assert peer.unheard is None
    finally:
        await driver.stop()
        await device.stop()
