"""Controllers that do unusual but mostly legal things: none of it stops a reading, freezes us or causes a wrong write."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from config.visible import LONGEST
from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Address, Elsewhere, Misconfigured, Rejected, Retryable, Target, Write
from drivers.readings import PriorityArray, Slot
from tests.contract import wire
from tests.contract.conftest import OURS, PATIENT, STACKS
from tests.contract.scripted import (
    PRESENT_VALUE,
    PRIORITY_ARRAY,
    RELINQUISH_DEFAULT,
    STATUS_FLAGS,
    Key,
    ScriptedDevice,
)
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, things
from tests.contract.unusual import Reply, Said, Unusual, characters, result

OBJECT_IDENTIFIER, MAX_APDU, MODEL, NAME, SERVICES, VENDOR = 75, 62, 70, 77, 97, 120
NULL = b"\0"
HEALTHY = wire.bit_string(4, b"\0")
ROOM, SETPOINT, SWITCH, MODE = (0, 1), (2, 1), (5, 1), (19, 1)
KINDS = {0: "analog-input", 2: "analog-value", 5: "binary-value", 19: "multi-state-value"}
FOUR = (ROOM, SETPOINT, SWITCH, MODE)


def at(key: Key) -> Address:
    """An object of the controller."""
    return Address("controller", KINDS[key[0]], key[1])


class Odd(NamedTuple):
    """A driver and an unusual controller."""

    driver: Bac0Driver | RustyDriver
    device: Unusual

    async def values(self, *keys: Key) -> list[object]:
        """Present values, or the errors in their place."""
        return [
            a.value if a.error is None else a.error for a in await self.driver.read([at(k) for k in keys])
        ]

    async def fresh(self) -> None:
        """Another controller in its place: as it came from its maker, and nothing that was learnt holds."""
        device = self.device
        device.things = dict(things())
        for told in (device.says, device.device_says, device.replies):
            told.clear()
        device.services = frozenset((5, 12, 14, 15, 16))
        device.vendor += 1
        await self.driver.identify("controller")
        device.log.clear()
        device.writes.clear()
        device.longest = 0

    def deadline(self, seconds: float) -> None:
        """From now on a call may take so long: where silence is meant nobody waits for it longer than he must."""
        peer = self.driver._calls.peer("controller")
        peer.target = peer.target._replace(timeout=seconds)

    def says_of(self, key: Key, number: int, said: bytes) -> None:
        """It says this of one object, and of others what is so."""
        device = self.device
        device.says[number] = lambda of, _: said if of == key else device.present(of)

    def answers_many(self, data: bytes) -> None:
        """It answers this to each ReadPropertyMultiple."""
        self.device.replies[14] = lambda frame: wire.complex_ack(frame.invoke, 14, data)

    def refuses_array(self, refuse: Reply, *, slots: bool) -> None:
        """It refuses to give a whole priority array, or its slots too."""

        def reply(frame: wire.Frame) -> bytes | None:
            tags = wire.tags(frame.data)
            if tags[1].integer() == PRIORITY_ARRAY and (len(tags) == 2 or slots):
                return refuse(frame)
            return self.device._read(frame)

        def among_others(key: Key, index: int | None) -> Said:
            if index is None:
                return 2, 27
            return ScriptedDevice._property(self.device, key, PRIORITY_ARRAY, index)

        self.device.replies[12] = reply
        self.device.says[PRIORITY_ARRAY] = among_others


@pytest.fixture
async def odd(stack: str, port: int, request: pytest.FixtureRequest) -> AsyncIterator[Odd]:
    """Both, without a relay; indirectly parametrized with how many requests go at once."""
    device = Unusual(INSTANCE, (CONTROLLER, port), dict(things()))
    await device.start()
    target = Target("controller", INSTANCE, f"{CONTROLLER}:{port}", getattr(request, "param", 16), PATIENT)
    driver = STACKS[stack](DRIVER, port + 1, [target], OURS)
    await driver.start()
    yield Odd(driver, device)
    device.replies.clear()
    await driver.stop()
    await device.stop()


# ---------------------------------------------------------------------- who it is


_NAMES = [
        (characters(4, "一层新风机".encode("utf-16-be")), "一层新风机"),
        (characters(5, b"B\xfcro"), "Büro"),
        (characters(1, b"\x03\xa8" + "冷机".encode("cp936")), "冷机"),
        (characters(0, "冷机".encode("gb18030")), "冷机"),
        (characters(3, "AHU".encode("utf-32-be")), "AHU"),
        (characters(4, b"\xd8\x00\x00A"), "Ø\x00A".replace("\x00", "")),
        (characters(9, b"AHU"), "AHU"),
        (characters(0, b"AHU\0\0"), "AHU"),
        (characters(0, b""), ""),
    ]  # fmt: skip


async def test_names_come_in_any_character_set(odd: Odd) -> None:
    """UCS-2, Latin-1, a code page, GBK that says it is UTF-8, halves of characters, NUL at the end: a name is read,
    the same on both stacks, as a device is told from its replacement by it."""
    for said, name in _NAMES:
        await odd.fresh()
        odd.device.device_says[NAME] = odd.device.device_says[MODEL] = odd.device.says[NAME] = said
        who = await odd.driver.identify("controller")
        assert (who.name, who.model) == (name, name)
        assert [a.value for a in await odd.driver.names([at(ROOM), at(SETPOINT)])] == [name, name]


_FORGED = [
        (characters(0, b"Fan\x1b[2J\x1b[31m"), "Fan�[2J�[31m"),
        (characters(0, b"Fan\r\n2026 error all off"), "Fan��2026 error all off"),
        (characters(0, "Fan\x9b2J".encode()), "Fan�2J"),
        (characters(5, b"Fan\x9b2J"), "Fan�2J"),
        (characters(0, "a\u202egnp\u2066b\u2028c".encode()), "a�gnp�b�c"),
        (characters(4, "冷\x07机".encode("utf-16-be")), "冷�机"),
        (characters(0, "冷机 é 🜁".encode()), "冷机 é 🜁"),
    ]  # fmt: skip


async def test_nothing_that_a_device_says_can_forge_a_line(odd: Odd) -> None:
    """Escape sequences, line ends, C1 controls, marks of direction: in names and in values alike they are made visible
    where they come in, on both stacks, and what is long is cut."""
    for said, shown in _FORGED:
        await odd.fresh()
        odd.device.device_says[NAME] = odd.device.device_says[MODEL] = odd.device.says[NAME] = said
        odd.device.says[PRESENT_VALUE] = said
        who = await odd.driver.identify("controller")
        assert (who.name, who.model) == (shown, shown)
        assert [a.value for a in await odd.driver.names([at(ROOM), at(SETPOINT)])] == [shown, shown]
        assert await odd.values(ROOM) == [shown]
    await odd.fresh()
    odd.device.device_says[MODEL] = b"\x75\xfe" + (1_201).to_bytes(2, "big") + b"\0" + b"x" * 1_200
    assert len((await odd.driver.identify("controller")).model) == LONGEST + 1


_ODD_PROPERTIES: list[tuple[int, Said]] = [
        (MAX_APDU, wire.text("large")), (MAX_APDU, b""), (MAX_APDU, (2, 32)), (VENDOR, wire.text("x")),
        (VENDOR, (2, 27)), (NAME, b""), (MODEL, wire.unsigned(3)), (SERVICES, wire.unsigned(3)),
        (SERVICES, wire.bit_string(0, b"")), (SERVICES, (2, 32)), (OBJECT_IDENTIFIER, (2, 32)),
    ]  # fmt: skip


async def test_one_odd_property_does_not_hide_the_device(odd: Odd) -> None:
    """Text where a number belongs, nothing, an error: who it is is known from the rest, and it is read."""
    for number, said in _ODD_PROPERTIES:
        await odd.fresh()
        odd.device.device_says[number] = said
        who = await odd.driver.identify("controller")
        assert (who.instance, who.max_apdu) == (INSTANCE, 480 if number == MAX_APDU else 1476)
        assert await odd.values(*FOUR) == [21.5, 24.0, 0, 1]


_SIZES = [50, 128, 206, 480, 1024, 1476, 4_000, 65_535, 20]  # fmt: skip


async def test_every_size_of_apdu_is_kept_to(odd: Odd) -> None:
    """No answer is longer than the controller takes, nor than a BACnet/IP frame, whatever it says."""
    for says in _SIZES:
        await odd.fresh()
        odd.device.device_says[MAX_APDU] = wire.unsigned(says)
        await odd.driver.identify("controller")
        odd.device.longest = 0
        points = [(2, n) for n in range(1, 41)] * 2
        assert await odd.values(*points) == [24.0] * 80
        assert odd.device.longest <= min(max(says, 50), 1476)


async def test_a_controller_that_answers_for_any_instance_is_another_one(odd: Odd) -> None:
    """It does not look at the device instance asked for; what it calls itself tells."""
    odd.device.device_says[OBJECT_IDENTIFIER] = b"\xc4" + wire.object_id(8, INSTANCE + 1)
    with pytest.raises(Elsewhere):
        await odd.driver.identify("controller")


async def test_what_a_refusal_taught_outlives_the_next_look_at_the_device(odd: Odd) -> None:
    """It says that it has ReadPropertyMultiple and rejects it; before each write it is asked who it is, and not
    taught anew."""
    odd.device.replies[14] = lambda frame: wire.reject(frame.invoke, 9)
    await odd.driver.identify("controller")
    await odd.values(*FOUR)
    await odd.driver.identify("controller")
    odd.device.log.clear()
    assert await odd.values(*FOUR) == [21.5, 24.0, 0, 1]
    assert 14 not in odd.device.log


# ---------------------------------------------------------------------- values


_OTHER_TYPES = [
        (b"\x55\x08" + struct.pack(">d", 20.5), 20.5), (wire.unsigned(20), 20), (b"\x31\xf0", -16),
        (wire.enumerated(3), 3), (wire.text("on"), "on"), (characters(4, b"\0A\0B"), "AB"),
        (characters(0, b"\xff\xfe"), "ÿþ"), (b"\x11", True), (wire.real(math.inf), math.inf),
        (wire.real(-math.inf), -math.inf), (NULL, None),
    ]  # fmt: skip


async def test_a_value_of_another_type_comes_as_it_is(odd: Odd) -> None:
    """A Double, Unsigned, Integer, Enumerated or text where a REAL is expected: whoever reads it judges it."""
    for said, value in _OTHER_TYPES:
        await odd.fresh()
        odd.device.says[PRESENT_VALUE] = said
        assert await odd.values(*FOUR) == [value] * 4


_NO_VALUES = [b"", wire.real(1.0) * 2, b"\x62\1\2", b"\x43\1\2\3", b"\x45\x08" + b"\1" * 8, b"\x0e\x44\0\0\0\0\x0f",
     b"\x20", b"\x90", b"\x30", b"\xc4\0\0\0\1"]  # fmt: skip


async def test_what_is_no_value_is_unknown_and_not_off(odd: Odd) -> None:
    """Nothing, two values, octets, a REAL of three, a number without any: an error, not a zero. Others are read."""
    for said in _NO_VALUES:
        await odd.fresh()
        odd.says_of(SWITCH, PRESENT_VALUE, said)
        room, setpoint, switch, mode = await odd.values(*FOUR)
        assert (room, setpoint, mode) == (21.5, 24.0, 1)
        assert isinstance(switch, Retryable)


async def test_not_a_number_is_passed_on(odd: Odd) -> None:
    """A sensor that is not connected: decoding makes it invalid, the driver keeps it."""
    odd.device.says[PRESENT_VALUE] = wire.real(math.nan)
    (value,) = await odd.values(ROOM)
    assert isinstance(value, float)
    assert math.isnan(value)


_FLAGS: list[tuple[Said, bool]] = [((2, 32), False), ((2, 27), False), (wire.bit_string(4, b"\x40"), True), (wire.bit_string(4, b"\x10"), True),
     (wire.bit_string(4, b"\xa0"), False), (b"\x84\0\x40\0\0", True)]  # fmt: skip


async def test_status_flags_missing_or_set(odd: Odd) -> None:
    """None at all, denied, fault, out of service; in alarm and overridden are no fault; more bits than four."""
    for flags, fault in _FLAGS:
        await odd.fresh()
        odd.device.says[STATUS_FLAGS] = flags
        for services in (odd.device.services, frozenset((12,))):
            odd.device.services = services
            answers = await odd.driver.read([at(k) for k in FOUR])
            assert [(a.value, a.fault) for a in answers] == [(v, fault) for v in (21.5, 24.0, 0, 1)]


# ---------------------------------------------------------------------- ReadPropertyMultiple

_PARTS = {
    ROOM: result(ROOM, (85, wire.real(1.0)), (111, HEALTHY)),
    SETPOINT: result(SETPOINT, (85, wire.real(2.0)), (111, HEALTHY)),
    SWITCH: result(SWITCH, (111, HEALTHY), (85, wire.enumerated(1))),
    MODE: result(MODE, (85, wire.unsigned(3))),
}


_ORDERS = [FOUR, FOUR[::-1], (SETPOINT, ROOM, SWITCH, MODE), (ROOM, MODE, SWITCH, SETPOINT)]  # fmt: skip


async def test_results_in_any_order_are_each_objects_own(odd: Odd) -> None:
    """Objects in another order than asked for, flags before values, or none: nobody gets another's value."""
    for order in _ORDERS:
        await odd.fresh()
        data = b"".join(_PARTS[key] for key in order)
        odd.answers_many(data)
        assert await odd.values(*FOUR) == [1.0, 2.0, 1, 3]


async def test_an_object_in_two_parts_is_one(odd: Odd) -> None:
    """Value and flags of the room as two results."""
    parts = result(ROOM, (85, wire.real(1.0))) + result(ROOM, (111, wire.bit_string(4, b"\x40")))
    data = parts + _PARTS[SETPOINT] + _PARTS[SWITCH] + _PARTS[MODE]
    odd.answers_many(data)
    answers = await odd.driver.read([at(k) for k in FOUR])
    assert [(a.value, a.fault) for a in answers] == [(1.0, True), (2.0, False), (1, False), (3, False)]


_FEWER = [(ROOM, MODE), (), (ROOM, MODE, (2, 9)), (ROOM, MODE, (2, 9), (2, 8))]  # fmt: skip


async def test_fewer_results_leave_the_others_unknown(odd: Odd) -> None:
    """Two of four, none, or others that nobody asked for in their stead."""
    for parts in _FEWER:
        await odd.fresh()
        data = b"".join(_PARTS.get(k, result(k, (85, wire.real(9.0)), (111, HEALTHY))) for k in parts)
        odd.answers_many(data)
        room, setpoint, switch, mode = await odd.values(*FOUR)
        assert (room, mode) == (1.0, 3) if parts else isinstance(room, Retryable)
        assert isinstance(setpoint, Retryable)
        assert isinstance(switch, Retryable)


_REFUSALS = [
        lambda f: wire.abort(f.invoke, 0), lambda f: wire.abort(f.invoke, 9), lambda f: wire.abort(f.invoke, 4),
        lambda f: wire.abort(f.invoke, 200), lambda f: wire.reject(f.invoke, 0), lambda f: wire.reject(f.invoke, 5),
        lambda f: wire.error(f.invoke, 14, 0, 0), lambda f: wire.error(f.invoke, 14, 5, 29),
        lambda f: wire.complex_ack(f.invoke, 14, b"\xff\0\x12"),
        lambda f: wire.complex_ack(f.invoke, 14, b"".join(_PARTS.values()) + b"\x0c"),
    ]  # fmt: skip


async def test_however_it_refuses_many_at_once_one_by_one_is_tried(odd: Odd) -> None:
    """An abort or error without a reason, a vendor's own, a reject, an answer that nobody can read."""
    for refuse in _REFUSALS:
        await odd.fresh()
        odd.device.replies[14] = refuse
        assert await odd.values(*FOUR) == [21.5, 24.0, 0, 1]


@pytest.mark.parametrize("odd", [1], indirect=True)
async def test_a_slow_controller_is_heard_to_the_end(odd: Odd) -> None:
    """A sixth of a second an answer, one at a time, no ReadPropertyMultiple: fourteen requests take longer than one call may be
    silent, and every value comes. Its array too, which takes two answers of more than a second, and fourteen writes."""
    odd.deadline(2.0)
    odd.device.services, odd.device.slow = frozenset((12, 15)), 0.16
    points = [(2, n) for n in range(1, 8)]
    assert await odd.values(*points) == [24.0] * 7
    written = await asyncio.gather(*(odd.driver.write(at(k), 22.0, 10) for k in points), *(
        odd.driver.write(at(k), 23.0, 11) for k in points
    ))  # fmt: skip
    assert written == [None] * 14
    odd.device.slow = 1.1
    assert (await odd.driver.read_array(at(SETPOINT))).slots == (Slot(10, 22.0), Slot(11, 23.0))
    odd.device.replies = {n: lambda frame: None for n in (12, 14)}
    odd.device.log.clear()
    with pytest.raises(Retryable):
        await odd.driver.read([at(k) for k in points])
    await asyncio.sleep(0)
    assert len(odd.device.log) <= 4, "three datagrams about one of them, not about each"


# ---------------------------------------------------------------------- priority arrays


_ARRAY_REFUSALS = [
        lambda f: wire.abort(f.invoke, 4), lambda f: wire.abort(f.invoke, 0), lambda f: wire.reject(f.invoke, 0),
        lambda f: wire.error(f.invoke, 12, 2, 27), lambda f: wire.error(f.invoke, 12, 2, 42),
        lambda f: wire.error(f.invoke, 12, 2, 50), lambda f: wire.error(f.invoke, 12, 0, 25),
    ]  # fmt: skip


async def test_an_array_that_is_given_only_slot_by_slot_is_read_so(odd: Odd) -> None:
    """However it refuses the whole; and an error that it gives for each slot does not make it an object without."""
    for refuse in _ARRAY_REFUSALS:
        await odd.fresh()
        await odd.driver.write(at(SETPOINT), 19.0, 9)

        odd.refuses_array(refuse, slots=False)
        for _ in range(2):
            assert await odd.driver.read_array(at(SETPOINT)) == PriorityArray((Slot(9, 19.0),), 24.0)
        odd.refuses_array(refuse, slots=True)
        with pytest.raises((Rejected, Retryable)):
            await odd.driver.read_array(at(SETPOINT))


_NO_DEFAULTS: list[Said] = [(2, 32), (2, 27), NULL, b"", wire.text("x"), wire.real(math.nan)]  # fmt: skip


async def test_slots_without_a_relinquish_default_are_slots(odd: Odd) -> None:
    """Taken for a point without slots, it would be written without a priority, into the sixteenth, for good."""
    for said in _NO_DEFAULTS:
        await odd.fresh()
        odd.device.says[RELINQUISH_DEFAULT] = said
        assert await odd.driver.read_array(at(SETPOINT)) == PriorityArray((), None)
        await odd.driver.write(at(SETPOINT), 26.0, 10)
        array = await odd.driver.read_array(at(SETPOINT))
        assert (array, array.beneath(10)) == (PriorityArray((Slot(10, 26.0),), None), None)


async def test_only_an_unknown_property_means_that_there_are_no_slots(odd: Odd) -> None:
    """An input, or a value that is not commandable."""
    for key in (ROOM, (2, 99)):
        with pytest.raises(Misconfigured):
            await odd.driver.read_array(at(key))


_NO_ARRAYS = [NULL * 15, NULL * 17, NULL * 15 + wire.text("x"), NULL * 15 + b"\x0c\0\0\0\1"]  # fmt: skip


async def test_an_array_that_cannot_be_is_not_believed(odd: Odd) -> None:
    """Fifteen slots, seventeen, text in one, a tag that belongs elsewhere: unknown, so nothing is written on it."""
    for said in _NO_ARRAYS:
        await odd.fresh()
        odd.device.says[PRIORITY_ARRAY] = said
        with pytest.raises(Retryable):
            await odd.driver.read_array(at(SETPOINT))


async def test_a_slot_that_holds_no_number_is_the_same_slot_at_each_look(odd: Odd) -> None:
    """NaN in slot 8, which is not even equal to itself: it outranks ours, and is no news the second time."""
    odd.device.things[SETPOINT].slots[7] = wire.real(math.nan)
    first, second = [await odd.driver.read_array(at(SETPOINT)) for _ in range(2)]
    above = first.above(10)
    assert above is not None
    assert (above.priority, math.isnan(above.value)) == (8, True)
    assert first == second


# ---------------------------------------------------------------------- writing


_REFUSED_WRITES = [
        (lambda f: wire.error(f.invoke, 15, 2, 40), Rejected), (lambda f: wire.error(f.invoke, 15, 2, 37), Rejected),
        (lambda f: wire.error(f.invoke, 15, 2, 9), Misconfigured), (lambda f: wire.error(f.invoke, 15, 0, 3), Retryable),
        (lambda f: wire.error(f.invoke, 15, 2, 200), Rejected), (lambda f: wire.abort(f.invoke, 9), Retryable),
        (lambda f: wire.abort(f.invoke, 200), Retryable), (lambda f: wire.reject(f.invoke, 3), Misconfigured),
        (lambda f: wire.reject(f.invoke, 200), Rejected),
    ]  # fmt: skip


async def test_a_refused_write_says_whose_fault_it_is_and_is_sent_once(odd: Odd) -> None:
    """Write access denied, out of range, out of resources, a vendor's own code: alone and among several."""
    for refuse, kind in _REFUSED_WRITES:
        await odd.fresh()
        odd.device.replies[15] = refuse
        odd.device.services = frozenset((5, 12, 14, 15))
        with pytest.raises(kind):
            await odd.driver.write(at(SETPOINT), 26.0, 10)
        assert odd.device.log == [15]
        errors = await odd.driver.write_many([Write(at((2, n)), 26.0, 10) for n in (1, 2)])
        assert [type(error) for error in errors] == [kind, kind]
        assert odd.device.writes == []
