"""Infrared and VRF gateways that start a unit which is off when its setpoint or mode is written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields

import pytest

from config.roles import Role
from config.rules import RuleId
from config.site import Equipment
from drivers.readings import Quality
from supervisor.core.decisions import RELINQUISH, Command, Input
from supervisor.gateway import events as ev
from tests.fakes import FakeObject, virtual_time
from tests.unit.gateway.gateway_world import World, make_site, wants

SETTLED = 40.0
"""s after which a unit was looked at for the last time."""


@dataclass
class Remote(FakeObject):
    """A part of a unit's state, behind a gateway that sends all of it, `on` included, some seconds after each write."""

    unit: FakeObject | None = None

    def write(self, value: float | int | None, priority: int | None) -> None:
        """Take it, and start the unit."""
        super().write(value, priority)
        assert self.unit is not None
        asyncio.get_running_loop().call_later(4.0, _run, self.unit, 1)


@dataclass
class Switch(FakeObject):
    """Start and stop of a unit, which its run status follows."""

    unit: FakeObject | None = None

    def write(self, value: float | int | None, priority: int | None) -> None:
        """Take it, and run as it says."""
        super().write(value, priority)
        assert self.unit is not None
        if value is not None:
            _run(self.unit, int(value))


def _run(unit: FakeObject, on: int) -> None:
    unit.default = on


class Building(World):
    """Offices with a unit each, all off; those in `rousing` start when what `roles` name is written."""

    def __init__(self, offices: int = 3, *, roles: tuple[Role, ...] = tuple(Role), rousing: int = 99) -> None:
        self.deaf_to: set[str] = set()
        super().__init__(make_site(offices, offices, template="infrared"), runs=self.runs)
        for n in range(1, offices + 1):
            unit = self.thing(f"o{n}/ac/run_status")
            unit.default = 0
            self._put(f"o{n}/ac/start_stop", Switch, unit, default=0)
            for role in (Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.MODE):
                if role in roles and n <= rousing:
                    self._put(f"o{n}/ac/{role}", Remote, unit)

    def _put(self, point: str, kind: type[Switch | Remote], unit: FakeObject, **changes: float) -> None:
        p, old = self.site.points[point], self.thing(point)
        known = {f.name: getattr(old, f.name) for f in fields(old)}
        self.devices[p.device].objects[(p.object_type, p.instance)] = kind(**{**known, **changes}, unit=unit)

    def runs(self, unit: Equipment) -> bool | None:
        """What was heard of a unit, at once."""
        status = unit.points[Role.RUN_STATUS].id
        return None if status in self.deaf_to else bool(self.thing(status).present)

    def on(self, office: int) -> bool:
        """Whether an office's unit runs."""
        return bool(self.thing(f"o{office}/ac/run_status").present)

    def turn(self, office: int, on: int) -> None:
        """Somebody presses the knob of an office's unit, and we hear of it."""
        _run(self.thing(f"o{office}/ac/run_status"), on)
        self.gateway.foresee(f"o{office}/ac/run_status")

    async def wanted(self, office: int, command: Command, role: str = "cooling_setpoint") -> None:
        """A rule wants this of an office, and time passes until its unit was looked at."""
        self.gateway.submit(wants(f"o{office}/ac/{role}", command, rule=RuleId.SUMMER_SETPOINT))
        await asyncio.sleep(SETTLED)

    def told(self) -> list[str]:
        """What was said to people."""
        return [e.en for e in self.heard(ev.Trouble)]


@pytest.mark.parametrize(
    ("role", "command"),
    [
        ("cooling_setpoint", 26.0),
        ("heating_setpoint", 20.0),
        ("mode", "cool"),
        ("cooling_setpoint", RELINQUISH),
    ],
)
@virtual_time
async def test_the_second_unit_that_starts_is_a_habit_and_the_third_waits_until_it_runs(
    role: str, command: Command
) -> None:
    """Two units went on by night as we wrote: told once, in both languages; the third is written when somebody starts it."""
    w = Building()
    await w.gateway.adopt()
    if command is RELINQUISH:
        for office in (1, 2, 3):
            w.turn(office, 1)
            await w.do(f"o{office}/ac/{role}", 26.0)
            await asyncio.sleep(10.0)
            w.turn(office, 0)
    await w.wanted(1, command, role)
    assert w.on(1)
    assert w.told() == []
    await w.wanted(2, command, role)
    (said,) = w.heard(ev.Trouble)
    assert said.en == (
        "its unit was off and started as its setpoint or mode was written, twice (o1/ac, o2/ac): what is off of template "
        "infrared is no longer written, but as soon as it runs"
    )
    assert "模板 infrared" in said.zh
    third, before, enforced = f"o3/ac/{role}", len(w.landed(f"o3/ac/{role}")), len(w.heard(ev.Enforced))
    for _ in range(20):
        await w.wanted(3, command, role)
    assert not w.on(3)
    assert len(w.landed(third)) == before
    waits = w.gateway.waits(third)
    assert waits is not None
    assert waits.en.startswith("waits until it runs")
    assert w.gateway.unwritten(third) is None
    assert len(w.heard(ev.Enforced)) == enforced
    w.turn(3, 1)
    await asyncio.sleep(2.0)
    assert len(w.landed(third)) == before + 1
    assert w.gateway.waits(third) is None
    assert len(w.told()) == 1


@virtual_time
async def test_on_the_first_of_june_two_units_of_hundreds_start() -> None:
    """All stand at 22 °C and are off: the limit of summer is written to one of them at a time until it is known what that does."""
    w = Building(12)
    await w.gateway.adopt()
    for office in range(1, 13):
        w.gateway.submit(wants(f"o{office}/ac/cooling_setpoint", 26.0))
    await asyncio.sleep(3600.0)
    assert sum(w.on(office) for office in range(1, 13)) == 2
    assert len(w.told()) == 1


@virtual_time
async def test_units_that_stay_off_are_written_as_ever() -> None:
    """The first of them is looked at for half a minute; then all others are written, and nobody hears of it."""
    w = Building(12, roles=())
    await w.gateway.adopt()
    for office in range(1, 13):
        w.gateway.submit(wants(f"o{office}/ac/cooling_setpoint", 26.0))
    await asyncio.sleep(SETTLED + 10.0)
    assert [len(w.landed(f"o{office}/ac/cooling_setpoint")) for office in range(1, 13)] == [1] * 12
    assert w.told() == []


@virtual_time
async def test_somebody_who_comes_in_as_we_write_is_no_habit() -> None:
    """One unit is switched on within seconds of a write, the next stays off, a third is switched on: chance, told to nobody."""
    w = Building(3, roles=())
    await w.gateway.adopt()
    for office, comes in ((1, True), (2, False), (3, True)):
        w.gateway.submit(wants(f"o{office}/ac/cooling_setpoint", 26.0))
        await asyncio.sleep(5.0)
        if comes:
            w.turn(office, 1)
        await asyncio.sleep(SETTLED)
    assert w.told() == []
    assert w.gateway.starters.memory() == []


@virtual_time
async def test_who_turns_the_knob_and_then_presses_on_counts_half() -> None:
    """Twice in a row the setpoint was changed right before, and the unit switched on right after, our correction: not yet a habit."""
    w = Building(2, roles=())
    await w.gateway.adopt()
    await asyncio.sleep(3600.0)
    for office in (1, 2):
        point, now = f"o{office}/ac/cooling_setpoint", w.clock.now()
        (outcome,) = wants(point, 26.0).values()
        knob = Input(point, 22.0, Quality.GOOD, now, now)
        decision = outcome.decision._replace(inputs=(knob,))
        w.gateway.submit({point: outcome._replace(decision=decision)})
        await asyncio.sleep(5.0)
        w.turn(office, 1)
        await asyncio.sleep(SETTLED)
    assert w.told() == []


@pytest.mark.parametrize("slot", [8, 13])
@virtual_time
async def test_another_master_that_starts_it_is_the_cause(slot: int) -> None:
    """The front end puts `on` into a slot of its own right after each of our writes: that is not the write's doing."""
    w = Building(3, roles=())
    await w.gateway.adopt()
    for office in (1, 2, 3):
        w.gateway.submit(wants(f"o{office}/ac/cooling_setpoint", 26.0))
        await asyncio.sleep(2.0)
        w.thing(f"o{office}/ac/start_stop").slots[slot] = 1
        w.turn(office, 1)
        await asyncio.sleep(SETTLED)
    assert w.told() == []


@virtual_time
async def test_what_a_write_started_is_stopped_again_only_where_a_rule_holds_it_off() -> None:
    """After closing our slot holds it off, and is written once more; on a warm evening nothing does, and it runs on."""
    w = Building(2)
    await w.gateway.adopt()
    await w.do("o1/ac/start_stop", False, rule=RuleId.PRE_CLOSE_OFF)
    await asyncio.sleep(600.0)
    await w.wanted(1, 26.0)
    await w.wanted(2, 26.0)
    assert w.landed("o1/ac/start_stop") == [0, 0]
    assert w.landed("o2/ac/start_stop") == []
    assert (w.on(1), w.on(2)) == (False, True)
    await asyncio.sleep(3600.0)
    assert w.landed("o1/ac/start_stop") == [0, 0]


@virtual_time
async def test_frost_protection_is_not_hindered() -> None:
    """Known to start when written, off, and the room at 7 °C: mode, setpoint and start go out at once."""
    w = Building(2)
    w.gateway.starters.restore(["template infrared"])
    await w.gateway.adopt()
    frost: dict[str, Command] = {"start_stop": True, "mode": "heat", "heating_setpoint": 12.0}
    for role, command in frost.items():
        w.gateway.submit(wants(f"o1/ac/{role}", command, rule=RuleId.FREEZE_PROTECT))
    w.gateway.submit(wants("o2/ac/heating_setpoint", 12.0, rule=RuleId.FREEZE_PROTECT))
    await asyncio.sleep(5.0)
    assert [w.landed(f"o1/ac/{role}") for role in frost] == [[1], [2], [12.0]]
    assert w.landed("o2/ac/heating_setpoint") == [12.0]


@virtual_time
async def test_unknown_is_not_off() -> None:
    """Its run status is not known any more: what waited is written, for it may run."""
    w = Building(1)
    w.gateway.starters.restore(["template infrared"])
    await w.gateway.adopt()
    await w.wanted(1, 26.0)
    assert w.landed("o1/ac/cooling_setpoint") == []
    w.deaf_to.add("o1/ac/run_status")
    await asyncio.sleep(10.0)
    assert w.landed("o1/ac/cooling_setpoint") == [26.0]


@virtual_time
async def test_one_unit_that_starts_among_others_that_do_not_waits_alone() -> None:
    """It starts twice in a row, the others of its template stay off in between: only this one is written no more while off."""
    w = Building(2, rousing=1)
    await w.gateway.adopt()
    await w.wanted(1, 26.0)
    w.turn(1, 0)
    await w.wanted(2, 26.0)
    await w.wanted(1, 26.5)
    assert len(w.told()) == 1
    assert "unit o1/ac" in w.told()[0]
    w.turn(1, 0)
    await w.wanted(1, 27.0)
    await w.wanted(2, 27.0)
    assert w.landed("o1/ac/cooling_setpoint") == [26.0, 26.5]
    assert w.landed("o2/ac/cooling_setpoint") == [26.0, 27.0]


@virtual_time
async def test_a_stop_does_not_wait_for_the_looks() -> None:
    """It comes two seconds after a write: nothing is left running."""
    w = Building(1)
    await w.gateway.adopt()
    w.gateway.submit(wants("o1/ac/cooling_setpoint", 26.0))
    await asyncio.sleep(1.0)
    released = await w.gateway.release_all()
    assert released.failed == ()
    assert not [t for t in asyncio.all_tasks() if "looks" in t.get_name()]


@virtual_time
async def test_what_a_unit_is_told_with_its_start_goes_out_with_it() -> None:
    """Prestart on a summer morning: known to start when written, and off; start and limit go out at once, with nothing learnt."""
    w = Building(1)
    w.gateway.starters.restore(["unit o1/ac"])
    await w.gateway.adopt()
    w.thing("o1/ac/run_status").stuck = 0  # it follows in a minute
    w.gateway.submit(wants("o1/ac/start_stop", True, rule=RuleId.BASE))
    w.gateway.submit(wants("o1/ac/cooling_setpoint", 26.0, rule=RuleId.SUMMER_SETPOINT))
    await asyncio.sleep(3.0)
    assert (w.landed("o1/ac/start_stop"), w.landed("o1/ac/cooling_setpoint")) == ([1], [26.0])
