"""Controllers of which a call gets a part of its answers: over a line that loses some, or that never say one thing. On both stacks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from drivers.bacnet.peer import NO_LIMIT
from drivers.protocol import Silent
from tests.contract import wire
from tests.contract.conftest import HASTY, PATIENT, beside
from tests.contract.scripted import ScriptedDevice, Where
from tests.contract.servers import CONTROLLER, INSTANCE, things

MODEL = 70


class HalfHeard(ScriptedDevice):
    """Says nothing to a ReadPropertyMultiple, nor of its model; for the first `lost` times it is asked for that, or always."""

    lost = 1_000
    dead = False

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Answer what is heard."""
        frame = wire.parse(data)
        if self.dead or (frame is not None and frame.type == wire.CONFIRMED and self._is_lost(frame)):
            return
        super().datagram_received(data, addr)

    def _is_lost(self, frame: wire.Frame) -> bool:
        if frame.service == wire.READ_MULTIPLE:
            return True
        if (
            frame.service != wire.READ_PROPERTY
            or wire.tags(frame.data)[1].integer() != MODEL
            or self.lost <= 0
        ):
            return False
        self.lost -= 1
        return True


async def test_a_controller_that_answers_something_is_not_left_alone(stack: str, port: int) -> None:
    """One of seven requests of a call got lost each time, and it was left alone for up to fifteen seconds, though it had answered
    six. It is asked on; once it says nothing at all, it is left alone."""
    device = HalfHeard(INSTANCE, (CONTROLLER, port), things())
    async with beside(stack, port, device, HASTY) as driver:
        for _ in range(4):
            with pytest.raises(Silent) as said:
                await driver.identify("controller")
            assert said.value.lives
            assert "asked again" not in said.value.message
        device.dead = True
        silences = []
        for _ in range(4):
            with pytest.raises(Silent) as said:
                await driver.identify("controller")
            silences.append(said.value)
        assert not any(each.lives for each in silences)
        assert "asked again" in silences[-1].message


async def test_what_one_identity_lost_is_asked_for_once_more(stack: str, port: int) -> None:
    """Every copy of one request of eight was lost: it is known all the same, by the same call."""
    device = HalfHeard(INSTANCE, (CONTROLLER, port), things())
    async with beside(stack, port, device, 2 * HASTY) as driver:
        device.lost = 0
        await driver.identify("controller")  # from here on it is asked property by property
        device.lost = 3
        async with asyncio.timeout(10.0):
            assert (await driver.identify("controller")).model == "by hand"


async def test_what_was_learnt_counts_after_a_restart_for_the_same_device_alone(
    stack: str, port: int
) -> None:
    """How many objects it takes at once, that it answers late, and that its slots are read singly: taken up again, and dropped
    where another one says who it is."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things())
    async with beside(stack, port, device, PATIENT) as driver:
        await driver.identify("controller")
        assert driver.learnt("controller") == {}
        peer = driver._calls.peer("controller")
        peer.at_most, peer.slots_singly = 7, True
        driver._is_late("controller", 9.0)
        kept = json.loads(json.dumps(driver.learnt("controller")))
    for model, same in (("by hand", True), ("another", False)):
        device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things())
        device.model = model
        async with beside(stack, port, device, PATIENT) as driver:
            driver.recall("controller", {"looks": "", "waits": "never", "x": 1})  # from whatever hand
            driver.recall("controller", kept)
            peer = driver._calls.peer("controller")
            assert driver.waits("controller") == 9.0, "before it has said who it is"
            await driver.identify("controller")
            assert driver.learnt("controller") == (kept if same else {})
            assert (peer.at_most, peer.slots_singly) == ((7, True) if same else (NO_LIMIT, False))
            assert driver.waits("controller") == (9.0 if same else PATIENT)
            device.model = "exchanged while we run"
            await driver.identify("controller")
            assert driver.learnt("controller") == {}
            assert (driver.waits("controller"), driver.habits.of("controller")) == (PATIENT, ())


async def test_a_device_that_was_slow_and_answers_in_time_for_a_day_is_no_longer_waited_for(
    stack: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trunk was laden for an afternoon; kept over each restart, its controller would else be found dead ever later."""
    monkeypatch.setattr("drivers.bacnet.learnt.IN_TIME", 3)
    async with beside(stack, port, ScriptedDevice(INSTANCE, (CONTROLLER, port), things()), PATIENT) as driver:
        driver._is_late("controller", 9.0)
        for waits in (9.0, 9.0, PATIENT):
            await driver.identify("controller")
            assert driver.waits("controller") == waits
        assert driver.learnt("controller") == {}


async def test_a_device_that_started_and_did_not_say_so_is_found_out_by_what_it_tells_of_it(
    stack: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time_Of_Device_Restart, or Database_Revision where it has only that; one that tells neither is never said to have started."""
    monkeypatch.setattr("drivers.bacnet.starts.APART", 0.0)
    device = Starting(INSTANCE, (CONTROLLER, port), things())
    async with beside(stack, port, device, PATIENT) as driver:
        started: list[str] = []
        driver.on_restart = started.append
        for told in (
            {},
            {155: 7},
            {155: 7},
            {155: 8},
            {155: 8, 203: 1},
            {155: 8, 203: 1},
            {155: 8, 203: 2},
            {},
        ):
            device.told = told
            await driver.look_for_restart("controller")
        assert started == ["controller"] * 2


class Starting(ScriptedDevice):
    """Tells of its last start what it is told to."""

    told: Mapping[int, int] = {}

    def _device(self, number: int) -> bytes | None:
        if number == 155 and number in self.told:
            return wire.unsigned(self.told[number])
        if (
            number == 203 and number in self.told
        ):  # a BACnetTimeStamp: its choice [1], a sequence number (§21)
            return wire.context(1, bytes((self.told[number],)))
        return super()._device(number)
