"""A controller that calls its states otherwise than the site file: nothing is written there, and nobody takes its word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from config.load import load_text
from config.phrase import Phrase
from config.points import Point
from config.roles import Mode
from config.state_texts import StateTexts
from drivers.protocol import Address, Called, Silent
from supervisor.core.decisions import Command, Special
from supervisor.field.asking import AT_A_TIME, FIRST_AGAIN, SETTLE
from supervisor.field.measures import Measures
from supervisor.field.register import Register
from supervisor.field.vetted import vetted
from supervisor.field.vetting import BRIEF, SELDOM
from supervisor.gateway import Gateway
from supervisor.store import Store
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock, virtually
from tests.unit.gateway.gateway_world import wants

SITE = """
version: 1
building: states
timezone: Asia/Shanghai
dry_run: false
stagger: 0s
hours: {office: {workday: 09:00-17:30}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
points: {fire_alarm: ddc/binary-input:9}
zones:
  room:
    hours: office
    equipment: {fcu: ddc/0}
    sensors: {occupancy: ddc/binary-input:1, window: ddc/binary-input:2}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-output:0, writable: true}
      mode: {object: multi-state-value:1, writable: true, states: {1: cool, 2: heat}%s}
devices: {ddc: {instance: 7, address: 127.0.0.7}}
"""
MODE, SWITCH, PRESENCE, WINDOW, FIRE = (
    Address("ddc", *key)
    for key in (
        ("multi-state-value", 1), ("binary-output", 0), ("binary-input", 1), ("binary-input", 2), ("binary-input", 9),
    )
)  # fmt: skip
CROSSED, STRAIGHT = StateTexts(((1, "制热"), (2, "制冷")), 2), StateTexts(((1, "Cool"), (2, "Heat")), 2)
ID = "room/fcu/mode"


class Talker(FakeDriver):
    """Devices that say what they call their states."""

    def __init__(self, devices: dict[str, FakeDevice]) -> None:
        super().__init__(devices)
        self.texts: dict[Address, StateTexts] = {}
        self.asked: list[list[Address]] = []
        self.at_once = self.most_at_once = 0
        self.mute = set()
        self.silent_over_texts = False
        self.takes = 0.01
        """Seconds that it takes over its texts."""

    async def state_texts(self, wanted: Mapping[Address, Sequence[int]]) -> list[Called]:
        """One request."""
        self.asked.append(list(wanted))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.timeout if self.silent_over_texts else self.takes)
        finally:
            self.at_once -= 1
        if self.silent_over_texts:
            raise Silent("ddc", "no answer within 3 s")
        return [Called(address, self.texts.get(address, StateTexts()), None) for address in wanted]


class Building:
    """One room and its controller, read and written as the daemon does."""

    def __init__(self, setting: str = "") -> None:
        loaded = load_text(SITE % setting)
        assert loaded.site is not None, loaded.problems
        self.site = loaded.site
        things = {(p.object_type, p.instance): FakeObject(1) for p in loaded.site.points.values()}
        self.driver = Talker({"ddc": FakeDevice(things)})
        self.store = Store("sqlite://", inline=True)
        self.store.open()
        self.kept: dict[int, object] = {}
        self.start()

    def start(self) -> None:
        """The daemon starts: what it learnt of devices' texts is forgotten."""

        async def recall(instance: int) -> object:
            return self.kept.get(instance)

        self.told: list[Phrase] = []
        self.measures = Measures(self.site, self._tell)
        self.register = Register(recall, self.kept.__setitem__)
        self.reads, self.writes = vetted(self.site, self.driver.line, self.register, self.measures)
        loop = asyncio.get_running_loop()
        self.gateway = Gateway(
            self.site, self.writes, self.store, VirtualClock(), dry_run=False, fits=self.measures.of,
            wall=loop.time, sleep=asyncio.sleep, stamp=lambda: 1_750_000_000.0 + loop.time(),
        )  # fmt: skip
        self.measures.called.on_contradiction = lambda point: self.gateway.again(point.id)

    def _tell(self, point: Point, what: Phrase) -> None:
        self.told.append(Phrase(f"{point.id} {what.en}", f"{point.id} {what.zh}"))

    async def want(self, value: Command, point: str = ID) -> None:
        """A rule wants this of a point."""
        self.gateway.submit(wants(point, value))
        await self.gateway.settled(30.0)

    async def faulty(self, address: Address) -> bool:
        """Whether what an object says is no evidence."""
        (answer,) = await self.reads.read([address])
        assert answer.error is None
        return answer.fault

    def landed(self, address: Address = MODE) -> list[float | int | None]:
        """What was written there."""
        return [write.value for write in self.driver.landed if write.address == address]


def story(tell: Callable[[], object]) -> None:
    """Run a story on a loop that never waits."""

    async def main() -> None:
        found = tell()
        assert asyncio.iscoroutine(found)
        await found

    virtually(main())


def test_heat_is_not_written_where_the_file_says_cool() -> None:
    """The first thing that is wanted after the start: the texts are asked in one request, and the write never goes out."""

    async def tell() -> None:
        b = Building()
        b.driver.texts[MODE] = CROSSED
        await b.gateway.adopt()
        assert b.driver.asked == [], "a start asks for nothing that it need not know"
        await b.want(Mode.COOL)
        assert b.landed() == []
        assert len(b.driver.asked) == 1
        assert len(b.told) == 1
        assert b.told[0].en.startswith(
            f"{ID} not written, not believed, and let go of: the site file says 1 = cool, the device's own text for 1 is “制热” (heat)"
        )
        assert "配置文件写 1 = 制冷，而设备对 1 的文字为“制热”" in b.told[0].zh
        await asyncio.sleep(3600)
        assert b.landed() == []
        await b.want(False, "room/fcu/start_stop")
        assert b.landed(SWITCH) == [0], "the unit's other points are not concerned"
        assert len(b.driver.asked) == 1, "nor asked for again"
        await b.gateway.release_all()

    story(tell)


def test_a_write_waits_for_a_question_that_is_under_way() -> None:
    """The background has just asked for the texts of all objects when a rule wants its first write: it does not overtake them."""

    async def tell() -> None:
        b = Building()
        b.driver.texts[MODE] = CROSSED
        b.driver.takes = 2.0
        await b.gateway.adopt()
        await b.reads.identify("ddc")
        await b.reads.read([MODE])
        await asyncio.sleep(SETTLE + 1)
        assert b.driver.at_once == 1
        await b.want(Mode.COOL)
        assert b.landed() == []
        assert len(b.driver.asked) == 1
        await b.gateway.release_all()

    story(tell)


def test_no_point_of_a_device_waits_long_for_another_point_s_texts() -> None:
    """A controller that takes minutes over its lists: its mode is written after one call's time, and its lights are let go of then."""

    async def tell() -> None:
        b = Building()
        b.driver.takes = 300.0
        await b.gateway.adopt()
        began = asyncio.get_running_loop().time()
        await b.want(Mode.HEAT)
        assert b.landed() == [2]
        assert asyncio.get_running_loop().time() - began < 2 * b.driver.timeout
        await b.gateway.release_all()

    story(tell)


def test_a_fire_that_begins_meanwhile_leaves_the_point_as_it_stands() -> None:
    """The slot of an earlier run is not even let go of, whatever the texts say: nothing of the point is touched in a fire."""

    async def tell() -> None:
        b = Building()
        await b.gateway.adopt()
        await b.want(Mode.COOL)
        await b.gateway.stop()  # killed
        b.start()
        b.driver.texts[MODE], b.driver.takes = CROSSED, 2.0
        await b.gateway.adopt()
        b.gateway.submit(wants(ID, Mode.HEAT))
        await asyncio.sleep(1.0)
        b.gateway.submit(wants(ID, Special.KEEP))
        await asyncio.sleep(10.0)
        assert b.landed() == [1]
        await b.gateway.release_all()

    story(tell)


def test_what_was_found_outlives_a_saved_file_and_an_object_that_is_gone_for_a_moment() -> None:
    """A reload asks anew, and holds until then what the version before found; so does a controller that has not booted."""

    async def tell() -> None:
        b = Building()
        b.driver.texts[FIRE] = StateTexts(((0, "火警"), (1, "正常")))
        await b.gateway.adopt()
        await b.reads.identify("ddc")
        await b.reads.read([FIRE])
        await asyncio.sleep(SETTLE + 2)
        b.driver.devices["ddc"].objects["binary-input", 9].default = 0
        assert await b.faulty(FIRE)
        before = b.measures.called
        b.start()
        assert not await b.faulty(FIRE), "nothing is known after a start"
        b.measures.called.carry_over(before)
        assert await b.faulty(FIRE)
        b.driver.texts.clear()
        await asyncio.sleep(SETTLE + 2)
        assert await b.faulty(FIRE)
        await b.gateway.stop()

    story(tell)


def test_texts_that_agree_or_are_not_there_let_the_write_go_out() -> None:
    """And a person's word that they are wrong does, too."""

    async def tell() -> None:
        for texts, setting in ((STRAIGHT, ""), (StateTexts(), ""), (CROSSED, ", state_texts: false")):
            b = Building(setting)
            b.driver.texts[MODE] = texts
            await b.gateway.adopt()
            await b.want(Mode.HEAT)
            assert b.landed() == [2]
            assert b.told == []
            await b.gateway.release_all()

    story(tell)


def test_a_slot_that_an_earlier_run_holds_is_let_go_of() -> None:
    """The contradiction is found by reading, some seconds after the start; once put right at the device, it is written again."""

    async def tell() -> None:
        b = Building()
        await b.gateway.adopt()
        await b.want(Mode.COOL)
        assert b.landed() == [1]
        await b.gateway.stop()  # killed
        b.start()
        b.driver.texts[MODE] = CROSSED
        await b.gateway.adopt()
        b.gateway.submit(wants(ID, Mode.COOL))
        await b.reads.identify("ddc")
        await b.reads.read([MODE])
        await asyncio.sleep(SETTLE + 2)
        await b.gateway.settled(30.0)
        assert b.landed() == [1, None]
        assert await b.faulty(MODE)
        assert b.measures.called.of("ddc").keys() == {ID}
        b.driver.texts[MODE] = STRAIGHT
        await asyncio.sleep(SELDOM)  # it is set up anew, which takes some minutes
        await b.reads.identify("ddc")
        assert not await b.faulty(FIRE)
        await asyncio.sleep(SETTLE + 2)
        await b.gateway.settled(30.0)
        assert b.landed() == [1, None, 1]
        assert b.told[-1].en == f"{ID} site file and device agree again about its states"
        assert not await b.faulty(MODE)
        await b.gateway.release_all()

    story(tell)


def test_a_controller_that_starts_twice_within_minutes_is_asked_about_the_second_start_too() -> None:
    """Its old program starts once more, then the new one is loaded: by ten minutes after the first question it is asked again."""

    async def tell() -> None:
        b = Building()
        b.driver.texts[MODE] = STRAIGHT
        await b.gateway.adopt()
        await b.reads.identify("ddc")
        await b.want(Mode.COOL)
        for texts in (STRAIGHT, CROSSED):
            await asyncio.sleep(120)
            b.driver.texts[MODE] = texts
            b.driver.on_restart("ddc")
            await b.reads.identify("ddc")
        asked = len(b.driver.asked)
        for _ in range(int(SELDOM / 60) + 1):
            await asyncio.sleep(60)
            await b.reads.identify("ddc")  # as each minute
            await b.reads.read([MODE])
        await asyncio.sleep(SETTLE + 2)
        await b.gateway.settled(30.0)
        assert len(b.driver.asked) == asked + 1
        assert b.measures.called.of("ddc").keys() == {ID}
        assert b.landed() == [1, None]
        await b.gateway.stop()

    story(tell)


def test_a_sensor_with_its_states_crossed_is_no_evidence_and_a_fire_always_is() -> None:
    """Unknown is not empty, not shut, and not safe: an alarm is believed by the file, its all-clear is not."""

    async def tell() -> None:
        b = Building()
        for address, texts in (
            (PRESENCE, ("有人", "无人")),
            (WINDOW, ("Open", "Closed")),
            (FIRE, ("Alarm", "Normal")),
        ):
            b.driver.texts[address] = StateTexts(tuple(enumerate(texts)))
        await b.reads.identify("ddc")
        assert not await b.faulty(PRESENCE), "nobody has asked yet"
        await asyncio.sleep(SETTLE + 2)
        assert await b.faulty(PRESENCE)
        assert await b.faulty(WINDOW)
        assert not await b.faulty(FIRE), "1 is an alarm by the file"
        b.driver.devices["ddc"].objects["binary-input", 9].default = 0
        assert await b.faulty(FIRE), "and 0 one by the device"
        assert not await b.faulty(MODE)
        assert sorted(said.en.partition(":")[0] for said in b.told) == [
            "building/fire_alarm an alarm is believed, its all-clear is not",
            "room/occupancy not believed", "room/window not believed",
        ]  # fmt: skip

    story(tell)


def test_a_device_that_falls_silent_over_its_texts_is_written_and_asked_more_rarely() -> None:
    """It answers everything else: it is neither down nor in doubt, and no second write waits for it."""

    async def tell() -> None:
        b = Building()
        b.driver.silent_over_texts = True
        await b.gateway.adopt()
        await b.want(Mode.HEAT)
        assert b.landed() == [2]
        began = asyncio.get_running_loop().time()
        await b.want(Mode.COOL)
        assert b.landed() == [2, 1]
        assert asyncio.get_running_loop().time() - began < 1.0
        for _ in range(60):
            await b.reads.read([MODE])
            await asyncio.sleep(FIRST_AGAIN / 6)
        assert 4 <= len(b.driver.asked) <= 6
        assert b.told == []
        await b.gateway.release_all()

    story(tell)


def test_a_replaced_controller_is_asked_anew_once_a_person_has_accepted_it() -> None:
    """A stranger is not even asked; the spare part has its modes the other way round."""

    async def tell() -> None:
        b = Building()
        b.driver.texts[MODE] = STRAIGHT
        await b.gateway.adopt()
        await b.want(Mode.HEAT)
        b.driver.texts[MODE] = CROSSED
        true_names = b.driver.names

        async def names(addresses: Sequence[Address]) -> list[object]:
            return [a._replace(value=f"new {a.value}") for a in await true_names(addresses)]

        b.driver.names = names  # type: ignore[method-assign, assignment] # another's objects
        await asyncio.sleep(BRIEF + 1)
        await b.reads.identify("ddc")
        assert b.register.suspects
        asked = len(b.driver.asked)
        await b.reads.read([MODE])
        await asyncio.sleep(60)
        assert len(b.driver.asked) == asked
        assert b.register.accept(b.site.devices["ddc"])
        await b.reads.read([MODE])
        await asyncio.sleep(SETTLE + 2)
        assert b.measures.called.of("ddc").keys() == {ID}
        await b.gateway.stop()

    story(tell)


def test_hundreds_of_devices_are_asked_a_few_at_a_time_and_not_while_a_start_reads() -> None:
    """Of sixty controllers none is asked within the first seconds, and no more than four at once after that."""

    async def tell() -> None:
        many = "".join(f"  d{n}: {{instance: {100 + n}, address: 127.0.1.{n}}}\n" for n in range(1, 61))
        rooms = "".join(
            f"  r{n}: {{hours: office, sensors: {{window: d{n}/binary-input:1}}, equipment: {{fcu: d{n}/0}}}}\n"
            for n in range(1, 61)
        )
        text = (
            (SITE % "").partition("devices:")[0]
            + "devices:\n  ddc: {instance: 7, address: 127.0.0.7}\n"
            + many
        )
        loaded = load_text(text.replace("templates:", rooms + "templates:"))
        assert loaded.site is not None, loaded.problems
        driver = Talker({device: FakeDevice() for device in loaded.site.devices})
        for p in loaded.site.points.values():
            driver.devices[p.device].objects[p.object_type, p.instance] = FakeObject(1)
        kept: dict[int, object] = {}

        async def recall(instance: int) -> object:
            return kept.get(instance)

        reads, _ = vetted(loaded.site, driver.line, Register(recall, kept.__setitem__), Measures(loaded.site))

        async def begin(device: str) -> None:
            await reads.identify(device)
            await reads.read([Address(device, "binary-input", 1)])

        await asyncio.gather(*map(begin, loaded.site.devices))
        assert driver.asked == []
        await asyncio.sleep(SETTLE + 5)
        assert driver.most_at_once == AT_A_TIME
        assert len(driver.asked) == 61, "one request each"
        await asyncio.sleep(7200)
        await reads.read([WINDOW])
        await asyncio.sleep(60)
        assert len(driver.asked) == 61, "and never again while nothing happens"

    story(tell)
