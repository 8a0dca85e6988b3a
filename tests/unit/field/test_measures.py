"""A site whose controllers count in other units than the file says, or than it does not say: read, told, not written."""

from __future__ import annotations

import asyncio

import pytest

from config.load import load_text
from config.measure import Said
from config.phrase import Phrase
from config.points import Point
from drivers.protocol import Address, Answer, Retryable, Silent
from supervisor.field.measures import Measures
from supervisor.field.register import Register
from supervisor.field.vetted import vetted
from supervisor.field.vetting import AGAIN, BRIEF
from tests.fakes import FakeDevice, FakeDriver, FakeObject, virtual_time

SITE = """
version: 1
building: units
timezone: Asia/Shanghai
dry_run: false
hours: {office: {workday: 09:00-17:30}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones:
  room: {hours: office, equipment: {fcu: ddc/0}}
meters:
  main: {subitem: total, point: {at: ddc/accumulator:1}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-output:0, writable: true}
      heating_setpoint: {object: analog-value:1, writable: true%s}
      temperature: analog-input:0
devices: {ddc: {instance: 7, address: 127.0.0.7}}
"""
ROOM, SETPOINT, METER = (
    Address("ddc", *key) for key in (("analog-input", 0), ("analog-value", 1), ("accumulator", 1))
)
FAHRENHEIT, PULSES = Said(units=64), Said(units=19, scale=0.1)


class Room:
    """One controller in °F with a meter, and what was told of it."""

    def __init__(self, unit: str = "") -> None:
        loaded = load_text(SITE % unit)
        assert loaded.site is not None, loaded.problems
        self.site = loaded.site
        self.objects = {
            ("binary-output", 0): FakeObject(0),
            ("analog-value", 1): FakeObject(45.0, said=FAHRENHEIT),
            ("analog-input", 0): FakeObject(38.0, commandable=False, said=FAHRENHEIT),
            ("accumulator", 1): FakeObject(123_456, commandable=False, said=PULSES),
        }
        self.driver = FakeDriver({"ddc": FakeDevice(self.objects)})
        self.told: list[str] = []
        self.measures = Measures(loaded.site, self._tell)
        kept: dict[int, object] = {}

        async def recall(instance: int) -> object:
            return kept.get(instance)

        self.asked = 0
        self.driver.hook = self._count
        self.reads, self.writes = vetted(
            loaded.site, self.driver.line, Register(recall, kept.__setitem__), self.measures
        )

    def _tell(self, point: Point, what: Phrase) -> None:
        self.told.append(f"{point.id} {what.en}")

    def point(self, id_: str) -> Point:
        """A point of the site."""
        return self.site.points[id_]

    def _count(self, name: str, _: Address) -> None:
        self.asked += name == "traits"

    async def read(self, address: Address) -> object:
        """A present value as the daemon sees it."""
        (answer,) = await self.reads.read([address])
        if answer.error is not None:
            return answer.error
        return (answer.value, "fault") if answer.fault else answer.value


@virtual_time
async def test_fahrenheit_and_pulses_are_read_as_what_they_are() -> None:
    """The file says nothing: 38 °F are 3.3 °C, 123456 pulses 12345.6 kWh; a command of 20 °C goes out as 68 °F."""
    room = Room()
    await room.reads.identify("ddc")
    assert room.asked == 2, "what may be written, and the rest: two requests"
    assert await room.read(ROOM) == pytest.approx(3.3333, abs=1e-3)
    assert await room.read(METER) == pytest.approx(12_345.6 * 3.6e6)
    await room.writes.write(SETPOINT, 20.0, 10)
    assert room.driver.landed[-1].value == pytest.approx(68.0)
    array = await room.writes.read_array(SETPOINT)
    assert array.at(10) == pytest.approx(20.0)
    assert array.relinquish_default == pytest.approx(7.2222, abs=1e-3)
    await room.writes.write(SETPOINT, None, 10)
    assert room.driver.landed[-1].value is None
    assert room.told == []


@virtual_time
async def test_until_it_has_said_what_it_counts_in_nothing_is_believed_and_nothing_written() -> None:
    """Silence is no answer. Switches and states are not concerned."""
    room = Room()
    assert isinstance(await room.read(ROOM), Retryable)
    room.driver.devices["ddc"].script.extend(["ok", "lose_request"])
    await room.reads.identify("ddc")
    assert isinstance(await room.read(ROOM), Retryable)
    room.driver.devices["ddc"].script.extend(["lose_request"] * 3)
    with pytest.raises((Retryable, Silent)):
        await room.writes.write(SETPOINT, 20.0, 10)
    assert room.driver.landed == []
    room.driver.devices["ddc"].script.clear()
    await asyncio.sleep(BRIEF)
    await room.writes.write(SETPOINT, 20.0, 10)
    assert room.driver.landed[-1].value == pytest.approx(68.0)


@virtual_time
async def test_where_the_file_says_otherwise_the_value_is_no_evidence_and_it_is_told_once() -> None:
    """`unit: degC` for a controller in °F: both are named; put right on either side, it is believed again."""
    room = Room(", unit: degC")
    await room.reads.identify("ddc")
    await room.reads.identify("ddc")
    why = "the site file says degC, the device says degF (its Units): one of them is wrong"
    assert room.told == [f"room/fcu/heating_setpoint not believed, and not written: {why}"]
    assert [said.en for said in room.measures.quarrels().values()] == [why]
    assert await room.read(SETPOINT) == (45.0, "fault")
    assert await room.read(ROOM) == pytest.approx(3.3333, abs=1e-3), "its neighbour is not concerned"
    room.objects["analog-value", 1].said = Said(units=62)
    await asyncio.sleep(AGAIN + 1)
    await room.reads.identify("ddc")
    assert room.told[1:] == ["room/fcu/heating_setpoint site file and device agree again about its unit"]
    assert room.measures.quarrels() == {}
    assert await room.read(SETPOINT) == 45.0


@virtual_time
async def test_a_controller_that_was_away_is_asked_again() -> None:
    """The electrician put one in that counts in °C: no value of the old one's kind is written to it."""
    room = Room()
    await room.reads.identify("ddc")
    for key in (("analog-value", 1), ("analog-input", 0)):
        room.objects[key].said = Said(units=62)
    room.driver.on_restart("ddc")
    await room.writes.write(SETPOINT, 20.0, 10)
    assert room.driver.landed[-1].value == pytest.approx(20.0)
    assert await room.read(ROOM) == 38.0


@virtual_time
async def test_changes_of_value_are_counted_alike() -> None:
    """What is reported goes the same way as what is polled."""
    room = Room()
    await room.reads.identify("ddc")
    await room.reads.subscribe([SETPOINT], 300)
    heard = room.reads.changes()
    await room.writes.write(SETPOINT, 26.0, 10)
    assert (await anext(heard)).value == pytest.approx(26.0)


@virtual_time
async def test_a_thermostat_that_is_switched_to_fahrenheit_is_asked_at_once() -> None:
    """Somebody presses its °C/°F key: 24 °C become 75.2 °F within a minute of the last look. What it says is taken as what it
    is, polled, reported or in its slots; nothing is believed that was not asked; and back again."""
    room = Room()
    analog, setpoint = room.objects["analog-input", 0], room.objects["analog-value", 1]
    for each, celsius in ((analog, 24.0), (setpoint, 22.0)):
        each.said, each.default = Said(units=62), celsius
    await room.reads.identify("ddc")
    assert await room.read(ROOM) == 24.0
    assert (await room.writes.read_array(SETPOINT)).relinquish_default == 22.0
    analog.said, analog.default = FAHRENHEIT, 75.2
    setpoint.said, setpoint.default = FAHRENHEIT, 71.6
    room.driver.devices["ddc"].script.extend(["ok", *["lose_request"] * 3])
    assert isinstance(await room.read(ROOM), Retryable)
    assert room.measures.of(room.point("room/fcu/temperature")) is None
    room.driver.devices["ddc"].script.clear()
    await room.reads.identify("ddc")
    assert await room.read(ROOM) == pytest.approx(24.0)
    assert (await room.writes.read_array(SETPOINT)).relinquish_default == pytest.approx(22.0)
    await room.writes.write(SETPOINT, 20.0, 10)
    assert room.driver.landed[-1].value == pytest.approx(68.0)
    analog.said, analog.default = Said(units=62), 24.0
    asked = room.asked
    assert await room.read(ROOM) == 24.0
    assert room.asked > asked


@virtual_time
async def test_a_temperature_that_leaps_in_its_own_unit_is_what_it_says() -> None:
    """A sensor that comes off says -40: its unit is asked once, and it is as bad as it says."""
    room = Room()
    await room.reads.identify("ddc")
    await room.read(ROOM)
    asked, room.objects["analog-input", 0].default = room.asked, -40.0
    assert await room.read(ROOM) == pytest.approx(-40.0)
    assert await room.read(ROOM) == pytest.approx(-40.0)
    assert room.asked == asked + 1
    room.objects["accumulator", 1].default = 10_000_000
    await room.read(METER)
    assert room.asked == asked + 1, "a register is no temperature"


@virtual_time
async def test_a_change_that_leaps_keeps_no_other_waiting() -> None:
    """A controller that was switched to Fahrenheit reports a change and then hangs: what others report is passed on at once, and
    the next poll that it answers asks its unit."""
    room = Room()
    analog = room.objects["analog-input", 0]
    analog.said, analog.default = Said(units=62), 24.0
    await room.reads.identify("ddc")
    assert await room.read(ROOM) == 24.0
    room.driver.devices["ddc"].silent = True
    analog.said, analog.default = FAHRENHEIT, 75.2
    for address, value in ((ROOM, 75.2), (METER, 123_457)):
        room.driver.report(Answer(address, value, False, None))
    changes = room.reads.changes()
    began = asyncio.get_running_loop().time()
    leapt, other = await anext(changes), await anext(changes)
    assert asyncio.get_running_loop().time() == began
    assert isinstance(leapt.error, Retryable), "neither 24 nor 75.2 degrees: unknown, until its unit is"
    assert other.value == pytest.approx(12_345.7 * 3.6e6)
    room.driver.devices["ddc"].silent = False
    assert await room.read(ROOM) == pytest.approx(24.0)


@virtual_time
async def test_a_poll_that_says_once_more_what_it_said_is_held_against_the_change_told_since() -> None:
    """A change told 30 K, lost in part or false, and the poll says its old figure again: its unit is asked, though the poll is no news."""
    room = Room()
    analog = room.objects["analog-input", 0]
    analog.said, analog.default = Said(units=62), 24.0
    await room.reads.identify("ddc")
    polled = [Answer(ROOM, 24.0, False, None)]
    assert room.measures.to_ask(polled) == room.measures.to_ask(polled) == []
    assert room.measures.leapt(ROOM, 54.0)
    assert room.measures.to_ask(polled) == [ROOM]
    assert room.measures.to_ask(polled) == []
