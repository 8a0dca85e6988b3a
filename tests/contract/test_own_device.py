"""The device of our own on both stacks, asked by hand and by the other stack, as front ends and commissioning tools ask."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from rusty_bacnet import BACnetClient, ObjectIdentifier, ObjectType, PropertyIdentifier

from config.own_device import BacnetDevice
from config.phrase import Phrase
from config.rules import RuleId
from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.serving.items import P
from drivers.protocol import Address
from supervisor.core.tally import Totals
from supervisor.telling.bacnet_device.enabled import Enabled
from supervisor.telling.bacnet_device.face import Clash, Face
from supervisor.telling.snapshot import Event, Snapshot, ZoneStatus
from tests.contract import wire
from tests.contract.conftest import OURS, STACKS
from tests.contract.front_end import (
    ANALOG,
    BINARY,
    DEVICE,
    MULTI,
    NAME,
    OBJECTS,
    PRESENT,
    PRIORITIES,
    PROPERTIES,
    TEXT,
    FrontEnd,
    reference,
    refused,
    short,
)  # fmt: skip
from tests.contract.listener import Listener
from tests.contract.servers import CONTROLLER, DRIVER, NEIGHBOUR
from tests.waiting import SOON

HEARTBEAT, ENABLED, MODE, REFUSAL = (BINARY, 1), (BINARY, 2), (MULTI, 1), (TEXT, 1)
COMPLIANT, VIOLATED, UNJUDGED = (ANALOG, 1), (ANALOG, 2), (ANALOG, 3)
ALL = [(DEVICE, OURS), HEARTBEAT, MODE, COMPLIANT, VIOLATED, UNJUDGED, REFUSAL, ENABLED]
OFF, ON, NULL = wire.enumerated(0), wire.enumerated(1), b"\0"
REJECTED, ABORTED = -1, -2


def zone(id_: str, **compliance: bool | None) -> ZoneStatus:
    """A room and how it stands to the rules."""
    judged = {RuleId(name.replace("_", "-")): said for name, said in compliance.items()}
    return ZoneStatus(id_, id_, "office", 1, True, compliance=judged)


ROOMS = (
    zone("a", summer_setpoint=True, window_off=None), zone("b", summer_setpoint=True, window_off=False), zone("c"),
    zone("d", window_off=True),
)  # fmt: skip
REFUSED = Event(
    0.0, "refused", "a", "a/fcu/start-stop", "window-off", Phrase("off: outside its range", "关：超出范围")
)
LOOKS = Snapshot(
    "town-hall", "Town hall", "0.1.0", 0.0, "Asia/Shanghai", False, True, "summer", "workday", True, "clear", None,
    ROOMS, (), (), (), Totals(), (REFUSED,), 0, 0, 0, None, True, 0.0, holdable=("a/fcu/start-stop",),
)  # fmt: skip


class Building:
    """What a face needs of a daemon: a picture, a clock, and somebody who hears requests."""

    def __init__(self, stack: str, port: int) -> None:
        self.looks, self.time = LOOKS, 0.0
        self.asked: list[Mapping[str, Any]] = []
        self.lines: list[tuple[str, Phrase]] = []
        self.released: dict[str, tuple[float, str]] = {}
        self.alive = True
        own = port if stack == "rusty" else None
        section = BacnetDevice.model_validate({"port": own, "enabled_point": True, "expires": 3600})
        self.site: Any = _Site(section, stack)
        self.enabled = Enabled(3600.0, "en", lambda: self.time)
        self.face = Face(
            lambda: self.site, "en", "0.1.0", self.look, self.ask, lambda: self.alive, self.tell, self.enabled,
            every=0.05, beat=0.05, clash_wait=0.3,
        )  # fmt: skip

    async def look(self) -> Snapshot:
        """The picture now."""
        return replace(self.looks, front_end=self.enabled.told())

    async def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request of an operator's."""
        self.asked.append(request)
        return {"released": self.released}

    def tell(self, kind: str, said: Phrase) -> None:
        """A line for the page."""
        self.lines.append((kind, said))

    def wishes(self) -> list[str]:
        """What was asked for, in order."""
        return [str(request["do"]) for request in self.asked if request["do"] != "release-list"]


class _Site:
    """What a face looks at of a site file."""

    def __init__(self, section: BacnetDevice, stack: str) -> None:
        from zoneinfo import ZoneInfo

        from config.file import Bacnet

        self.bacnet_device, self.building, self.name = section, "town-hall", "Town hall"
        self.bacnet = Bacnet.model_validate({"stack": stack, "instance": OURS})
        self.tz = ZoneInfo("Asia/Shanghai")


class Served:
    """A device on a stack, and a front end that asks it."""

    def __init__(self, stack: str, port: int, host: str = DRIVER) -> None:
        self.stack = stack
        # rusty's own port is the test's other one; bac0 shares the driver's
        self.where = (host, port + 1) if stack == "bac0" else (host, port)
        self.client = (host, port + 1)
        self.building = Building(stack, port)
        self.driver = STACKS[stack](f"{host}/8", port + 1, [], OURS)
        self.front_end = FrontEnd((CONTROLLER, port), self.where)
        self.serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Until it answers."""
        await self.driver.start()
        await self.front_end.start()
        self.serving = asyncio.create_task(self.building.face.serve(self.driver))
        async with asyncio.timeout(SOON):
            while not await self._answers():
                assert not self.serving.done(), self.serving
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        self.front_end.said.clear()
        self.front_end.send(wire.datagram(b"\x10\x08"), self.where)
        await asyncio.sleep(0.05)
        return bool(self.front_end.said)

    async def stop(self) -> None:
        """All of it."""
        if self.serving is not None:
            self.serving.cancel()
            await asyncio.gather(self.serving, return_exceptions=True)
        await self.front_end.stop()
        await self.driver.stop()


@pytest.fixture
async def served(stack: str, port: int) -> AsyncIterator[Served]:
    """The device, served."""
    made = Served(stack, port)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_who_is_there_and_what_has_it(served: Served) -> None:
    """Who-Is with and without limits, Who-Has by name and by identifier; nobody is answered who means somebody else."""
    ask = served.front_end.shout
    within, beside = (context_limits(low, high) for low, high in ((OURS - 1, OURS + 1), (1, OURS - 1)))
    for question in (b"\x10\x08", b"\x10\x08" + within, b"\x10\x08" + context_limits(OURS, OURS)):
        said = await ask(question)
        assert said is not None
        assert said.service == wire.I_AM
        found = wire.tags(said.data)
        assert [tag.integer() for tag in found] == [DEVICE << 22 | OURS, 1476, 3, 555]
    assert await ask(b"\x10\x08" + beside) is None
    assert await ask(b"\x10\x08" + within[:5]) is None, "half of the limits is no question"
    by_name = b"\x3d\x05\0Mode"
    for question in (by_name, wire.context(2, wire.object_id(*MODE)), within + by_name):
        said = await ask(b"\x10\x07" + question)
        assert said is not None
        assert said.service == 1
        assert [tag.data for tag in wire.tags(said.data)[:2]] == [
            wire.object_id(DEVICE, OURS),
            wire.object_id(*MODE),
        ]
    for question in (b"\x3d\x05\0mode", wire.context(2, wire.object_id(MULTI, 2)), beside + by_name):
        assert await ask(b"\x10\x07" + question) is None


def context_limits(low: int, high: int) -> bytes:
    """The limits of a Who-Is."""
    return wire.context(0, short(low)) + wire.context(1, short(high))


async def test_what_the_building_is_like(served: Served) -> None:
    """Mode, counts and the last refusal as the page has them; the heartbeat beats while the decisions are made, and only then."""
    front_end, building = served.front_end, served.building

    async def present(item: tuple[int, int]) -> wire.Tag:
        return (await front_end.read(item, PRESENT))[0]

    assert (await present(MODE)).integer() == 2
    assert [(await present(item)).data for item in (COMPLIANT, VIOLATED, UNJUDGED)] == [
        wire.real(float(n))[1:] for n in (2, 1, 1)
    ]
    assert (await present(REFUSAL)).data == b"\0a/fcu/start-stop: off: outside its range"
    building.looks = replace(LOOKS, fire="active")
    async with asyncio.timeout(SOON):
        while (await present(MODE)).integer() != 6:
            await asyncio.sleep(0.05)
        beats = {(await present(HEARTBEAT)).integer()}
        while len(beats) < 2:
            await asyncio.sleep(0.02)
            beats.add((await present(HEARTBEAT)).integer())
    building.alive = False
    await asyncio.sleep(0.2)
    still = set()
    for _ in range(5):
        await asyncio.sleep(0.06)
        still.add((await present(HEARTBEAT)).integer())
    assert len(still) == 1


async def test_lists_are_read_by_index_and_whole(served: Served) -> None:
    """As YABE does: the object list by its length and then by index, Property_List, Priority_Array; index 0 is how many."""
    read = served.front_end.read
    device = (DEVICE, OURS)
    count = (await read(device, OBJECTS, 0))[0].integer()
    listed = [(await read(device, OBJECTS, index))[0].integer() for index in range(1, count + 1)]
    assert [divmod(number, 1 << 22) for number in listed] == ALL
    assert [tag.integer() for tag in await read((DEVICE, 4_194_303), OBJECTS)] == listed
    for item in ALL:
        numbers = [tag.integer() for tag in await read(item, PROPERTIES)]
        assert (await read(item, PROPERTIES, 0))[0].integer() == len(numbers)
        assert not {NAME, 75, 79, PROPERTIES} & set(numbers), "the four that every object has are left out"
        for number in numbers:
            await read(item, number)
    assert (await read(ENABLED, PRIORITIES, 0))[0].integer() == 16
    assert len(await read(ENABLED, PRIORITIES)) == 16
    states = await read(MODE, 110)
    assert states[5].data == b"\0fire alarm"
    assert (await read(MODE, 110, 6))[0].data == b"\0fire alarm"


async def test_many_properties_at_once(served: Served) -> None:
    """ALL, REQUIRED and OPTIONAL divide a whole; a list of properties comes in order, errors in their places."""
    many = served.front_end.many
    for item in ALL:
        everything = await many(item, P.ALL)
        required, optional = await many(item, P.REQUIRED), await many(item, P.OPTIONAL)
        assert {*required, *optional} == set(everything)
        assert not {*required} & {*optional}
        assert P.PROPERTY_LIST not in everything
        if item not in (HEARTBEAT, (DEVICE, OURS)):  # what moves by itself
            assert await many(item, *everything) == everything
    wanted = await many(MODE, PRESENT, 4, NAME, 12345)
    assert list(wanted) == [PRESENT, 4, NAME, 12345]
    assert [tag.integer() for tag in wanted[4]] == [2, 32]
    assert [tag.integer() for tag in wanted[12345]] == [2, 32]
    gone = await many((ANALOG, 99), P.ALL, PRESENT)
    assert {number: [tag.integer() for tag in said] for number, said in gone.items()} == {
        P.ALL: [1, 31],
        PRESENT: [1, 31],
    }


async def test_what_the_device_says_of_itself_is_true(served: Served) -> None:
    """Services and object types that it says are those that it has; no segments; answers that do not fit are not sent."""
    front_end = served.front_end
    device = (DEVICE, OURS)
    assert (await front_end.read(device, 62))[0].integer() == 1476
    assert (await front_end.read(device, 107))[0].integer() == 3
    types = _on((await front_end.read(device, 96))[0].data)
    assert types == {kind for kind, _ in ALL}
    services = _on((await front_end.read(device, 97))[0].data)
    client = {1, 26, 28} if served.stack == "bac0" else set()
    assert services == {5, 12, 14, 15, 33, 34} | client
    for service in range(30):
        frame = await front_end.ask(service, b"") if service != 1 else None
        if frame is not None:
            assert refused(frame) == (REJECTED, 5 if service in services - client else 9), service
    everything = (
        wire.context(0, wire.object_id(*device))
        + wire.opening(1)
        + wire.context(0, b"\x08")
        + wire.closing(1)
    )
    for shortest in (0, 1, 2):
        assert refused(await front_end.ask(wire.READ_MULTIPLE, everything, shortest)) == (ABORTED, 4)
    assert (await front_end.ask(wire.READ_MULTIPLE, everything, 3)).type == wire.COMPLEX_ACK, (
        "480 octets, as on MS/TP"
    )
    assert (await front_end.ask(wire.READ_PROPERTY, reference(MODE, PRESENT), 0)).type == wire.COMPLEX_ACK


def _on(data: bytes) -> set[int]:
    """The bits that are set, of a bit string."""
    return {i for i in range((len(data) - 1) * 8 - data[0]) if data[1 + i // 8] & (0x80 >> i % 8)}


async def test_what_cannot_be_read_is_refused_as_it_should_be(served: Served) -> None:
    """Unknown objects and properties, indexes where there is no array or beyond its end, requests that are none."""
    ask = served.front_end.ask
    for item, number, index, why in (
        ((ANALOG, 99), PRESENT, None, (1, 31)), ((0, 1), PRESENT, None, (1, 31)), (MODE, 4, None, (2, 32)),
        (HEARTBEAT, PRIORITIES, None, (2, 32)), (MODE, PRESENT, 1, (2, 50)), (MODE, 110, 99, (2, 42)),
        ((DEVICE, OURS), OBJECTS, 99, (2, 42)), ((DEVICE, OURS + 1), NAME, None, (1, 31)),
    ):  # fmt: skip
        assert refused(await ask(wire.READ_PROPERTY, reference(item, number, index))) == why, (
            item,
            number,
            index,
        )
    assert refused(await ask(wire.READ_PROPERTY, b"")) == (REJECTED, 5)
    assert refused(await ask(wire.READ_PROPERTY, reference(MODE, PRESENT)[:5])) == (REJECTED, 5)
    assert refused(await ask(wire.READ_PROPERTY, reference(MODE, PRESENT) + b"\x3e\x3f")) == (REJECTED, 7)
    assert refused(await ask(wire.READ_MULTIPLE, wire.context(0, wire.object_id(*MODE)) + b"\x1e\x1f")) == (
        REJECTED,
        5,
    )


async def test_nothing_but_enabled_is_written(served: Served) -> None:
    """Every property of every object refuses a write, with the right error; and so does Enabled what it cannot be."""
    front_end = served.front_end
    for item in ALL:
        for number in await front_end.many(item, P.ALL):
            if (item, number) != (ENABLED, PRESENT):
                assert refused(await front_end.write(item, ON, 8, number)) == (2, 40), (item, number)
    assert refused(await front_end.write((ANALOG, 9), ON)) == (1, 31)
    assert refused(await front_end.write(MODE, ON, number=PRIORITIES)) == (2, 32)
    for value, why in (
        (wire.unsigned(1), (2, 9)),
        (wire.real(1.0), (2, 9)),
        (wire.enumerated(2), (2, 37)),
        (b"", (2, 9)),
    ):
        assert refused(await front_end.write(ENABLED, value)) == why
    assert refused(await front_end.write(ENABLED, OFF, 17)) == (REJECTED, 6)
    assert served.building.wishes() == []


async def test_while_nothing_runs_the_device_says_so(served: Served) -> None:
    """A site file that is not valid: Mode is safe, the device non-operational, and the heartbeat stands still."""
    front_end, building = served.front_end, served.building
    building.looks = replace(LOOKS, ready=True)
    building.face.look = None
    async with asyncio.timeout(SOON):
        while (await front_end.read(MODE, PRESENT))[0].integer() != 7:
            await asyncio.sleep(0.05)
    assert (await front_end.read((DEVICE, OURS), P.SYSTEM_STATUS))[0].integer() == 4
    before = (await front_end.read(HEARTBEAT, PRESENT))[0].integer()
    await asyncio.sleep(0.15)
    assert (await front_end.read(HEARTBEAT, PRESENT))[0].integer() == before


async def test_the_front_end_switches_off_and_on(served: Served) -> None:
    """Inactive is a request to release with a name and an end, active or NULL ends it; the slots say who wrote what."""
    front_end, building = served.front_end, served.building
    assert (await front_end.write(ENABLED, OFF, 8)).type == wire.SIMPLE_ACK
    await front_end.until(lambda: building.wishes() == ["release"])
    assert building.asked[-1]["seconds"] == 3600
    assert building.asked[-1]["name"] == f"BACnet {front_end.where[0]}:{front_end.where[1]}"
    assert [kind for kind, _ in building.lines] == ["alert"]
    assert (await front_end.read(ENABLED, PRESENT))[0].integer() == 0
    assert (await front_end.read(ENABLED, 431))[0].integer() == 8
    slots = await front_end.read(ENABLED, PRIORITIES)
    assert [tag.number for tag in slots] == [0] * 7 + [9] + [0] * 8
    building.looks = LOOKS
    await front_end.until(lambda: building.enabled.told().enabled is False)
    async with asyncio.timeout(SOON):
        while (await front_end.read(MODE, PRESENT))[0].integer() != 5:
            await asyncio.sleep(0.05)
    assert (await front_end.write(ENABLED, OFF, 16)).type == wire.SIMPLE_ACK
    assert (await front_end.write(ENABLED, NULL, 8)).type == wire.SIMPLE_ACK
    assert building.wishes() == ["release"], "slot 16 holds it"
    assert (await front_end.write(ENABLED, ON, 3)).type == wire.SIMPLE_ACK
    await front_end.until(lambda: building.wishes() == ["release", "release-end"])
    assert (await front_end.read(ENABLED, PRESENT))[0].integer() == 1


async def test_enabled_comes_back_by_itself_and_stays(served: Served) -> None:
    """After the stated time every slot is empty; a front end that goes on repeating its write is refused, one that writes anew is not."""
    front_end, building = served.front_end, served.building
    await front_end.write(ENABLED, OFF, 8)
    await front_end.until(lambda: building.wishes() == ["release"])
    building.time = 3599.0
    await front_end.write(ENABLED, OFF, 8)
    building.time = 3600.0
    await front_end.until(lambda: [kind for kind, _ in building.lines] == ["alert", "recovered"])
    assert (await front_end.read(ENABLED, PRESENT))[0].integer() == 1
    assert {tag.number for tag in await front_end.read(ENABLED, PRIORITIES)} == {0}
    for building.time in (3610.0, 4000.0, 4800.0):
        assert refused(await front_end.write(ENABLED, OFF, 8)) == (2, 40)
    assert (await front_end.write(ENABLED, NULL, 8)).type == wire.SIMPLE_ACK
    assert (await front_end.write(ENABLED, OFF, 8)).type == wire.SIMPLE_ACK, "a new request"
    await front_end.until(lambda: building.wishes() == ["release", "release"])


async def test_changes_are_told_to_those_who_subscribed(served: Served) -> None:
    """At once as it is, then each change: confirmed and unconfirmed, with the time that is left; not after a cancellation."""
    front_end, building = served.front_end, served.building
    assert (await front_end.subscribe(MODE, confirmed=False, lifetime=300)).type == wire.SIMPLE_ACK
    await front_end.until(lambda: len(front_end.told) == 1)
    confirmed, left, (value,) = front_end.told[0]
    assert (confirmed, value.integer()) == (False, 2)
    assert 298 <= left <= 300
    assert (
        await front_end.subscribe(VIOLATED, confirmed=True, lifetime=0, process=8)
    ).type == wire.SIMPLE_ACK
    await front_end.until(lambda: len(front_end.told) == 2)
    assert front_end.told[1][:2] == (True, 0)
    listed = await front_end.read((DEVICE, OURS), 152)
    assert len([tag for tag in listed if tag.data == wire.object_id(*MODE)]) == 1
    building.looks = replace(LOOKS, zones=ROOMS[:1], fire="active")
    await front_end.until(lambda: len(front_end.told) == 4)
    assert {(confirmed, value.data) for confirmed, _, (value,) in front_end.told[2:]} == {
        (False, b"\6"), (True, wire.real(0.0)[1:]),
    }  # fmt: skip
    assert (await front_end.subscribe(MODE, confirmed=None)).type == wire.SIMPLE_ACK
    assert (await front_end.subscribe(MODE, confirmed=None)).type == wire.SIMPLE_ACK, "twice is no error"
    building.looks = LOOKS
    await front_end.until(lambda: len(front_end.told) == 5)
    assert front_end.told[4][0], "the unconfirmed one is over"
    assert refused(await front_end.subscribe((DEVICE, OURS), confirmed=False, lifetime=9)) == (1, 45)
    assert refused(await front_end.subscribe((ANALOG, 99), confirmed=False, lifetime=9)) == (1, 31)
    assert refused(await front_end.subscribe(MODE, confirmed=None, lifetime=9)) == (REJECTED, 5)


class Namesake(Listener):
    """A device with our number, which answers whoever asks for it, as its ear at the broadcast address hears."""

    async def start(self) -> None:
        """Bind both: each stack shares the broadcast address in its own way."""
        await super().start()
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        ear.bind(("127.255.255.255", self.where[1] - 1))
        self.ear, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=ear)

    async def stop(self) -> None:
        """Free both."""
        self.ear.close()
        await super().stop()

    def connection_made(self, transport: Any) -> None:
        """Which of the two it is does not matter."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A Who-Is gets its I-Am."""
        frame = wire.parse(data)
        if frame is not None and (frame.type, frame.service) == (wire.UNCONFIRMED, wire.WHO_IS):
            self.send(wire.i_am(OURS), addr)


async def test_another_device_with_our_number_is_told_before_we_speak(stack: str, port: int) -> None:
    """Who-Is goes before I-Am: the number is somebody's, so that nothing is served and a person is told where it is, once."""
    made = Served(stack, port)
    made.building.face.clash_wait = 20.0
    namesake = Namesake((NEIGHBOUR, port + 2))
    await made.driver.start()
    await namesake.start()
    await made.front_end.start()
    try:
        for _ in range(2):
            with pytest.raises(Clash, match=f"{OURS} is that of {NEIGHBOUR}:{port + 2}"):
                await asyncio.wait_for(made.building.face.serve(made.driver), SOON)
        assert [kind for kind, _ in made.building.lines] == ["alert"]
        assert NEIGHBOUR in made.building.lines[0][1].zh
        assert made.front_end.said == [], "no I-Am of ours"
    finally:
        await made.front_end.stop()
        await made.driver.stop()
        await namesake.stop()


async def test_another_device_with_our_number_that_comes_later_is_told_once(served: Served) -> None:
    """It says I-Am: a person hears of it, and we go on; our own I-Am alarms nobody."""
    front_end, building = served.front_end, served.building
    assert building.lines == []
    async with asyncio.timeout(SOON):
        while (
            not building.lines
        ):  # a loaded machine loses datagrams; who takes our number says so again and again
            for _ in range(3):
                front_end.send(wire.i_am(OURS), served.client)
                front_end.send(wire.i_am(OURS + 1), served.client)
            await asyncio.sleep(0.2)
    await asyncio.sleep(0.7)
    assert [kind for kind, _ in building.lines] == ["alert"]
    assert front_end.where[0] in building.lines[0][1].en
    assert (await front_end.read(MODE, PRESENT))[0].integer() == 2


async def test_a_broadcast_is_heard_on_the_port_of_the_building(served: Served) -> None:
    """Who-Is as broadcast on the client's port is answered on both stacks, from where the device is; each asker once."""
    front_end = served.front_end
    front_end.broadcast()
    before = len(front_end.said)
    front_end.send(wire.datagram(b"\x10\x08"), ("127.255.255.255", served.client[1]))
    await front_end.until(lambda: len(front_end.said) > before)
    assert front_end.heard_from == served.where
    await asyncio.sleep(0.1)
    assert len(front_end.said) == before + 1


async def test_the_other_stack_sees_a_device(served: Served, port: int) -> None:
    """BAC0 asks the one beside rusty-bacnet, rusty-bacnet the one on BAC0: found, read whole, and its objects told."""
    if served.stack == "rusty":
        await _asked_by_bac0(served, port)
    else:
        await _asked_by_rusty(served, port)


async def _asked_by_bac0(served: Served, port: int) -> None:
    asking = Bac0Driver(NEIGHBOUR, port + 2, [], OURS + 1)
    await asking.start()
    try:
        host, number = served.where
        met = await asking.who_is_there(f"{host}:{number}", None, 5.0)
        assert [each.instance for each in met] == [OURS]
        name = str(OURS)
        await asyncio.wait_for(_until_met(asking, name), SOON)
        assert await asking.object_list(name) == ALL
        assert [await asking.object_list(name, 1)] == [[ALL[0]]]
        places = [Address(name, "multi-state-value", 1), Address(name, "binary-value", 2)]
        told = await asking.told(places)
        assert [each.name for each in told] == ["Mode", "Enabled"]
        assert told[0].states[1] == "live"
        assert [each.value for each in await asking.read(places)] == [2, 1]
    finally:
        await asking.stop()


async def _until_met(asking: Bac0Driver, name: str) -> None:
    await asking.object_count(name)


async def _asked_by_rusty(served: Served, port: int) -> None:
    address = f"{served.where[0]}:{served.where[1]}"
    async with BACnetClient(
        interface=NEIGHBOUR, port=port + 2, broadcast_address="127.255.255.255", share_port_by_address=True
    ) as client:
        await client.who_is_directed(address, OURS, OURS)
        async with asyncio.timeout(SOON):
            while not await client.discovered_devices():
                await asyncio.sleep(0.05)
        device = ObjectIdentifier(ObjectType.DEVICE, OURS)
        whole = await client.read_property_multiple(
            address, [(device, [(PropertyIdentifier.from_raw(8), None)])]
        )
        assert all(each["error"] is None for each in whole[0]["results"])
        mode = ObjectIdentifier(ObjectType.MULTI_STATE_VALUE, 1)
        said = await client.read_property(address, mode, PropertyIdentifier.STATE_TEXT, 2)
        assert said.value == "live"
        told = await client.cov_notifications()
        await client.subscribe_cov(address, 3, mode, True, 60)
        first = await asyncio.wait_for(told.__anext__(), SOON)
        assert first.monitored_object_identifier.instance == 1
