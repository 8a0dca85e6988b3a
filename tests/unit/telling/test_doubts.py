"""From the wire to the people: a reading that is no evidence, a controller that does not follow, a store that is full."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from config.measure import Said
from config.roles import Role
from schedules.days import calendars
from supervisor.core.decisions import RELINQUISH
from supervisor.daemon.running import Running
from supervisor.field.register import Register
from supervisor.store import Store, StoreProblem
from supervisor.telling.explain import explain
from supervisor.telling.explained import in_words
from supervisor.telling.looking import Looking
from supervisor.telling.rows import _troubles
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock, virtual_time, virtually
from tests.site_files import site_of_text

SITE = """
version: 1
building: annex
timezone: Asia/Shanghai
area_m2: 500
people: 20
dry_run: false
stagger: 0s
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:30}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-value:1, writable: true}
      run_status: {object: binary-input:2}
      cooling_setpoint: {object: analog-value:2, writable: true, low: 16, high: 30}
zones:
  room:
    hours: office
    equipment: {fcu: {template: fcu, at: d1/0}}
    sensors:
      temperature: d1/analog-input:1
devices:
  d1: {instance: 1001, address: '127.0.0.2:47808', cov: false}
"""
TEMPERATURE, SETPOINT, SWITCH = "room/temperature", "room/fcu/cooling_setpoint", "room/fcu/start_stop"
WEDNESDAY = 1_784_080_800.0
"""2026-07-15 10:00 in Shanghai."""


class Ticking(VirtualClock):
    """A site clock as the daemon's."""

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """Return when `until` is reached or `interrupt` is set."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, until - self.now()) / self.speed):
                await interrupt.wait()


class Full(Store):
    """A store whose disk may be full."""

    full = False

    async def commit_intent(self, *row: Any) -> int:
        """Commit, if there is room."""
        if self.full:
            raise StoreProblem("the database x cannot grow: the disk is full", "Free some space.")
        return await super().commit_intent(*row)


class Room:
    """One room with its fan coil, supervised."""

    def __init__(self) -> None:
        self.site = site_of_text(SITE)
        self.store = Full("sqlite://", inline=True)
        self.store.open()
        objects = {
            (p.object_type, p.instance): FakeObject(
                default={Role.TEMPERATURE: 25.0, Role.COOLING_SETPOINT: 26.0}.get(p.role, 1),
            )
            for p in self.site.points.values()
        }
        self.driver = FakeDriver({"d1": FakeDevice(objects)})
        self.clock: Any = Ticking(WEDNESDAY)
        self.running = Running(
            self.site, calendars(self.site), self.driver.line, self.clock, self.store, dry_run=None
        )

    def thing(self, point: str) -> FakeObject:
        """The object behind a point."""
        p = self.site.points[point]
        return self.driver.devices["d1"].objects[(p.object_type, p.instance)]

    def explained(self, point: str) -> dict[str, Any]:
        """What `explain` answers."""
        running = self.running
        return explain(self.site.points[point], running.decider, running.gateway, self.clock.now())

    def row(self) -> list[str]:
        """The lines of the page's row that say what is wrong."""
        looking: Looking = self.running.looking
        zone = looking.zone(self.site.zones["room"], self.clock.now())
        return [f"{cell.text} {cell.note}" for cell in _troubles(zone, self.clock.now(), self.site.tz, "en")]


@virtual_time
async def test_what_was_known_of_a_controller_is_no_evidence_from_the_moment_that_it_is_another_one() -> None:
    """Its changes are reported, and the next poll is minutes away: nobody waits for that."""
    room = Room()
    kept: dict[int, dict[str, Any]] = {}
    strange = False

    async def recall(instance: int) -> Any:
        return kept.get(instance)

    identify = room.driver.identify

    async def who(device: str) -> Any:
        found = await identify(device)
        return found._replace(vendor_id=666) if strange else found

    room.driver.identify = who  # type: ignore[method-assign] # another one, later
    room.driver.devices["d1"].objects["analog-input", 1].said = Said(units=62)
    register = Register(recall, kept.__setitem__)
    running = room.running = Running(
        room.site,
        calendars(room.site),
        room.driver.line,
        room.clock,
        room.store,
        dry_run=None,
        register=register,
    )
    await running.adopt()
    living = asyncio.create_task(running.run())
    await asyncio.sleep(60.0)
    reader = running.watch._driver
    assert running.known.reading(TEMPERATURE).good
    room.driver.read = room.driver.names  # type: ignore[method-assign] # and no poll comes to help
    strange = True
    for _ in range(2):
        await reader.identify("d1")
    assert register.barred.keys() == {"d1"}
    assert not any(running.known.reading(point).good for point in room.site.points)
    zone = running.looking.zone(room.site.zones["room"], room.clock.now(), barred=register.barred)
    assert zone.temperature is None
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    await running.gateway.stop()


def lived(happens: Callable[[Room], None], seconds: float, then: Callable[[Room], None]) -> None:
    """A room is supervised for a minute, something happens, and some time later it is looked at."""

    async def story() -> None:
        room = Room()
        await room.running.adopt()
        living = asyncio.create_task(room.running.run())
        await asyncio.sleep(60.0)
        assert room.row() == []
        happens(room)
        await asyncio.sleep(seconds)
        then(room)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await room.running.gateway.stop()

    virtually(story())


@pytest.mark.parametrize(
    ("change", "said", "zh"),
    [
        ({"says": "---"}, "its controller says “---”, which is no temperature", "“---”"),
        ({"says": float("nan")}, "its controller says nan, which is no temperature", "nan"),
        ({"says": 131.0}, "131 degC lies outside", "131 degC 超出"),
        ({"flagged": True}, "flags 25 as faulty or out of service", "为故障或停用"),
    ],
)
def test_a_sensor_that_is_not_to_be_believed_is_told_everywhere(
    change: dict[str, Any], said: str, zh: str
) -> None:
    """`explain`, the page's row, the controller's line and the count of the metric say one thing."""

    def happens(room: Room) -> None:
        for name, value in change.items():
            setattr(room.thing(TEMPERATURE), name, value)

    def then(room: Room) -> None:
        answer = room.explained(TEMPERATURE)
        assert said in answer["present"]["doubt"]
        assert zh in answer["present"]["doubt_zh"]
        assert "doubt     " in in_words(answer)
        (line,) = room.row()
        assert line.startswith("not believed temperature: ")
        assert said in line
        device = room.running.looking.device("d1", room.running.watch.health["d1"])
        assert [t.point for t in device.doubtful] == [TEMPERATURE]
        assert said in device.doubtful[0].why.en

    lived(happens, 30.0, then)


def test_an_input_that_nothing_comes_in_by_starts_no_frost_protection() -> None:
    """From 25 to exactly 0.0 °C within a poll, in July: told on page and controller's line, and nothing is switched or set to 12 °C."""

    def happens(room: Room) -> None:
        room.thing(SETPOINT).default = 27.0
        room.thing(TEMPERATURE).default = 0.0

    def then(room: Room) -> None:
        (line,) = room.row()
        assert "from 25 °C at a stroke" in line
        assert room.explained(SETPOINT)["winner"]["rule"] == "base"
        assert room.thing(SETPOINT).slots == room.thing(SWITCH).slots == {}

    lived(happens, 300.0, then)


def test_a_setpoint_that_its_controller_flags_decides_nothing() -> None:
    """22 °C, out of service: nothing is written, and `explain` gives that as the reason and the input."""

    def happens(room: Room) -> None:
        room.thing(SETPOINT).default = 22.0
        room.thing(SETPOINT).flagged = True

    def then(room: Room) -> None:
        winner = room.explained(SETPOINT)["winner"]
        assert (winner["value"], winner["rule"]) == (None, "summer-setpoint")
        assert "flags the setpoint as faulty or out of service" in winner["reason"]
        assert [(i["value"], i["quality"]) for i in winner["inputs"]] == [(22.0, "fault")]
        assert room.thing(SETPOINT).slots == {}
        assert any("fcu/cooling_setpoint" in line for line in room.row())

    lived(happens, 60.0, then)


def test_a_full_disk_is_on_the_row_of_the_zone_and_leaves_by_itself() -> None:
    """The rule says 26, nothing is written: the row does not say that the rule holds."""

    def happens(room: Room) -> None:
        room.store.full = True
        room.thing(SETPOINT).default = 22.0

    def then(room: Room) -> None:
        assert room.explained(SETPOINT)["winner"]["value"] == 26.0
        assert room.thing(SETPOINT).slots == {}
        (line,) = room.row()
        assert line.startswith(
            "not carried out fcu/cooling_setpoint: the database x cannot grow: the disk is full"
        )
        assert "磁盘已满" in room.explained(SETPOINT)["not_followed"]["zh"]
        room.store.full = False

    lived(happens, 60.0, then)

    async def story() -> None:
        room = Room()
        await room.running.adopt()
        living = asyncio.create_task(room.running.run())
        happens(room)
        await asyncio.sleep(60.0)
        room.store.full = False
        await asyncio.sleep(20.0)
        assert room.thing(SETPOINT).slots == {10: 26.0}
        assert room.row() == []
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)

    virtually(story())


def test_a_controller_that_does_not_follow_is_named() -> None:
    """A slot that holds 26, and a present value that stays at 22."""

    def happens(room: Room) -> None:
        room.thing(SETPOINT).default = 22.0
        room.thing(SETPOINT).stuck = 22.0

    def then(room: Room) -> None:
        behind = room.explained(SETPOINT)["not_followed"]
        assert "22.0" in behind["en"]
        assert "  but       " in in_words(room.explained(SETPOINT))
        assert any(line.startswith("not carried out fcu/cooling_setpoint") for line in room.row())

    lived(happens, 90.0, then)


def test_a_unit_whose_run_status_does_not_follow_is_named() -> None:
    """Commanded off; it runs on. `explain` says so at once, the page when it has had its five minutes."""

    def happens(room: Room) -> None:
        room.clock.step = 8.5 * 3600.0
        room.running.decider.touch_all()
        room.running.wake()

    def then(room: Room) -> None:
        assert room.thing(SWITCH).present == 0
        behind = room.explained(SWITCH)["not_followed"]
        assert behind["en"].startswith("the controller does not follow: commanded at ")
        assert behind["en"].endswith(": off, its run status says on")
        assert behind["zh"].endswith("关，运行状态为开")
        assert room.row() == []
        room.clock.step += 400.0
        assert any("its run status says on" in line for line in room.row())

    lived(happens, 60.0, then)


def test_a_unit_that_follows_is_not_named() -> None:
    """Nothing is wrong: nothing is said."""

    def then(room: Room) -> None:
        for point in (SETPOINT, SWITCH):
            assert room.explained(point)["not_followed"] is None
        assert room.running.decider.decision(SETPOINT) is not None
        decision = room.running.decider.decision(SETPOINT)
        assert decision is not None
        assert decision.value is RELINQUISH

    lived(lambda room: None, 30.0, then)
