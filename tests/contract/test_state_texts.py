"""What a controller calls its states, read on both stacks as ASHRAE 135 encodes it: long lists, odd letters, odd refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from config.state_texts import StateTexts
from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Silent
from tests.contract import wire
from tests.contract.conftest import beside
from tests.contract.scripted import Key, ScriptedDevice, Thing, Where
from tests.contract.servers import CONTROLLER, INSTANCE
from tests.contract.test_replaced import RUN, SETPOINT, Daemon, swapped_things

ACTIVE, INACTIVE, NUMBER, STATES, ROOM_IN_DATAGRAM = 4, 46, 74, 110, 1476
SWITCH, BARE, MODE = (4, 1), (3, 1), (19, 1)
NAMES = {SWITCH: "binary-output", BARE: "binary-input", MODE: "multi-state-value"}
ALL = {SWITCH: (0, 1), BARE: (0, 1), MODE: (1, 2, 3)}


def characters(charset: bytes, content: bytes) -> bytes:
    """A CharacterString in any character set (§20.2.9)."""
    data = charset + content
    return (bytes((0x70 | len(data),)) if len(data) < 5 else bytes((0x75, len(data)))) + data


class Wordy(ScriptedDevice):
    """A controller whose multi-state object has `texts`; answers of more than `most` octets are aborted, or never sent."""

    def __init__(self, where: Where) -> None:
        super().__init__(
            INSTANCE,
            where,
            {
                SWITCH: Thing(
                    wire.enumerated(0), wire.enumerated(0),
                    says={INACTIVE: wire.text("停止"), ACTIVE: wire.text("运行")},
                ),
                BARE: Thing(wire.enumerated(0)),
                MODE: Thing(wire.unsigned(1), wire.unsigned(1)),
            },
        )  # fmt: skip
        self.texts = [wire.text("制冷"), wire.text("制热"), wire.text("自动")]
        self.most = ROOM_IN_DATAGRAM
        self.aborts = True

    def _property(self, key: Key, number: int, index: int | None = None) -> bytes | tuple[int, int]:
        if key == MODE and number == NUMBER:
            return wire.unsigned(len(self.texts))
        if key == MODE and number == STATES and self.texts:
            if index is None:
                return b"".join(self.texts)
            return self.texts[index - 1] if 1 <= index <= len(self.texts) else (2, 42)
        return super()._property(key, number, index)

    def _answer(self, frame: wire.Frame, client: Where) -> bytes:
        answer = super()._answer(frame, client)
        if len(answer) <= self.most:
            return answer
        return wire.abort(frame.invoke, 4) if self.aborts else b""


class Asked(NamedTuple):
    """A driver and such a controller."""

    driver: Bac0Driver | RustyDriver
    device: Wordy

    async def said(self, *keys: Key) -> dict[Key, StateTexts]:
        """What it calls the states of objects; each must have been answered."""
        wanted = {Address("controller", NAMES[key], key[1]): ALL[key] for key in keys or ALL}
        found = await self.driver.state_texts(wanted)
        assert [called.error for called in found] == [None] * len(wanted)
        return {key: called.said for key, called in zip(keys or ALL, found, strict=True)}


@pytest.fixture
async def asked(stack: str, port: int) -> AsyncIterator[Asked]:
    """Both, without a relay."""
    device = Wordy((CONTROLLER, port))
    async with beside(stack, port, device, 1.5) as driver:
        yield Asked(driver, device)


TOLD = {
    SWITCH: StateTexts(((0, "停止"), (1, "运行"))),
    BARE: StateTexts(),
    MODE: StateTexts(((1, "制冷"), (2, "制热"), (3, "自动")), 3),
}


@pytest.mark.parametrize("services", [(5, 12, 14, 15, 16), (5, 12, 15)], ids=["at once", "one by one"])
async def test_texts_are_read_and_that_there_are_none_is_an_answer(
    asked: Asked, services: tuple[int, ...]
) -> None:
    """In one request where it offers that; an object without texts is as most are."""
    asked.device.services = frozenset(services)
    await asked.driver.identify("controller")
    asked.device.log.clear()
    assert await asked.said() == TOLD
    assert asked.device.log == ([14] if 14 in services else [12] * 6)


@pytest.mark.parametrize("aborts", [True, False], ids=["aborts", "says nothing"])
async def test_a_list_that_fits_no_answer_is_read_by_its_elements(asked: Asked, aborts: bool) -> None:
    """Eighty modes, of which the file has three: those are asked for; silence over the list is held against nobody."""
    asked.device.texts += [wire.text(f"vendor's own mode {n}") for n in range(77)]
    asked.device.most, asked.device.aborts = 400, aborts
    await asked.driver.identify("controller")
    told = TOLD | {MODE: TOLD[MODE]._replace(number=80)}
    assert await asked.said() == told
    (value,) = await asked.driver.read([Address("controller", NAMES[MODE], 1)])
    assert value.value == 1, "it is read at once: nobody has left it alone"
    asked.device.log.clear()
    assert await asked.said() == told
    assert 14 not in asked.device.log, "the second time it is known"
    assert len(asked.device.log) <= 8


async def test_letters_of_any_character_set_are_read_and_the_rest_is_no_error(asked: Asked) -> None:
    """GB 18030 that says to be UTF-8, UTF-16, Latin-1, and what is no text at all."""
    asked.device.texts = [
        characters(b"\0", "制冷".encode("gb18030")), characters(b"\4", "制热".encode("utf-16-be")),
        characters(b"\5", "Kühlen".encode("latin-1")),
    ]  # fmt: skip
    await asked.driver.identify("controller")
    assert (await asked.said(MODE))[MODE].texts == ((1, "制冷"), (2, "制热"), (3, "Kühlen"))
    asked.device.texts[2] = wire.unsigned(3)
    assert (await asked.said(MODE))[MODE].texts[:2] == ((1, "制冷"), (2, "制热"))


async def test_a_controller_that_is_gone_is_silent_and_is_not_asked_for_every_object(asked: Asked) -> None:
    """One deadline or two, and nothing that follows is asked."""
    await asked.driver.identify("controller")
    asked.device.most = 0
    asked.device.aborts = False
    wanted = {Address("controller", NAMES[key], key[1]): ALL[key] for key in ALL}
    asked.device.log.clear()
    with pytest.raises(Silent):
        await asked.driver.state_texts(wanted)
    assert len(asked.device.log) <= 9, "a request is sent three times"


async def test_what_is_not_there_is_none(asked: Asked) -> None:
    """Number_Of_States without a State_Text, a switch without either text: nothing is said, and nothing is asked for again."""
    asked.device.texts = []
    asked.device.things[SWITCH].says.clear()
    assert await asked.said(SWITCH, MODE) == {SWITCH: StateTexts(), MODE: StateTexts((), 0)}


@pytest.mark.parametrize("stack", ["bac0"])
@pytest.mark.parametrize("aborts", [True, False], ids=["aborts", "says nothing"])
async def test_discovery_reads_a_long_list_by_its_elements(asked: Asked, aborts: bool) -> None:
    """Forty modes that fit no answer: the object is told with its name and its texts, and not as one that failed."""
    asked.device.texts += [wire.text(f"vendor's own mode {n}") for n in range(37)]
    asked.device.most, asked.device.aborts = 300, aborts
    await asked.driver.identify("controller")
    assert isinstance(asked.driver, Bac0Driver)
    (told,) = await asked.driver.told([Address("controller", NAMES[MODE], 1)])
    assert told.error is None
    assert told.name == "object 19 1"
    assert told.states[:3] == ("制冷", "制热", "自动")
    assert len(told.states) == 40


@pytest.mark.thorough
async def test_a_daemon_writes_nothing_to_a_switch_that_is_called_the_other_way_round(
    stack: str, port: int, tmp_path: Path
) -> None:
    """Active_Text of the unit's start says 停止. Long after hours it is to be off: its setpoint is corrected, its start is left
    alone, and daemon, page and `doctor` say both words. A spare part with the right texts is switched off."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), swapped_things(""))
    device.things[RUN].says = {INACTIVE: wire.text("运行"), ACTIVE: wire.text("停止")}
    await device.start()
    daemon = Daemon(tmp_path, port, stack)
    try:
        said = await daemon.until(lambda answer: bool(answer.get("states")), do="status")
        assert "1 = on, the device's own text for 1 is “停止” (off)" in said["states"]["room/fcu/start_stop"]
        async with asyncio.timeout(60):
            while device.present(SETPOINT) != wire.real(26.0):
                await asyncio.sleep(0.1)
        assert device.writes == [wire.real(26.0)]
        for words in (("--lang", "en"), ("--lang", "zh")):
            told = await daemon.doctor(*words)
            assert told.returncode == 1
            assert "“停止”" in told.stdout, told.stdout + told.stderr
            assert "state_texts: false" in told.stdout
        explained = await daemon.ask(do="explain", point="room/fcu/start_stop")
        assert "1 = 开，而设备对 1 的文字为“停止”" in explained["states"]["zh"]
        device.things[RUN].says = {INACTIVE: wire.text("停止"), ACTIVE: wire.text("运行")}
        await daemon.restart()
        async with asyncio.timeout(60):
            while device.present(RUN) != wire.enumerated(0):
                await asyncio.sleep(0.1)
    finally:
        await daemon.stop()
        await device.stop()
