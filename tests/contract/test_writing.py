"""Writes over the whole path, from an outcome to the controller's slots and back, on both stacks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from config.rules import RuleId
from supervisor.core.decisions import RELINQUISH
from supervisor.gateway import events as ev
from tests.contract.writing import Building, make_site
from tests.unit.gateway.gateway_world import wants

LAMPS = "o1/lights/start_stop"
FAN = "o1/fcu/start_stop"
SETPOINT = "o1/fcu/cooling_setpoint"


@pytest.fixture
def building(stack: str, port: int) -> Iterator[Any]:
    """Makes the building of a test: the site's options, and the served objects' that differ."""

    def make(changes: dict[str, dict[str, Any]] | None = None, front: str = "rusty", **site: Any) -> Building:
        return Building(make_site(port, **site), stack, port, front, changes or {})

    yield make


@pytest.mark.parametrize("front", ["rusty", "bacpypes"])
async def test_a_binary_lighting_output_warns_and_goes_off_by_itself(building: Any, front: str) -> None:
    """1, then WARN_OFF (3) in our slot; lamps on for their egress; then the controller's own 0."""
    served = {LAMPS: {"egress": 5, "relinquish_default": 1, "initial": 1}}
    async with building(served, front, lamps="binary-lighting-output:1") as b:
        await b.gateway.adopt()
        assert b.arrays[LAMPS].egress == 5.0
        b.gateway.submit(wants(LAMPS, False, rule=RuleId.LIGHTS_CLOSE, warned=True))
        await b.until(lambda: len(b.writes(LAMPS)) == 2)
        assert await b.present(LAMPS) == 1
        assert await b.gateway.settled(60.0)
        assert await b.present(LAMPS) == 0
        assert b.writes(LAMPS) == [(10, 1), (10, 3)]
        assert [e.rule for e in b.events if isinstance(e, ev.Enforced)] == ["lights-close"]
        b.gateway.submit(wants(LAMPS, RELINQUISH))
        assert await b.gateway.settled(60.0)
        assert await b.present(LAMPS) == 1


async def test_lamps_without_an_egress_go_off_at_once(building: Any) -> None:
    """Blink_Warn_Enable is not set: WARN_OFF is OFF, and the core is told that no warning comes of it."""
    served = {LAMPS: {"egress": 0, "relinquish_default": 1, "initial": 1}}
    async with building(served, lamps="binary-lighting-output:1") as b:
        await b.gateway.adopt()
        assert b.arrays[LAMPS].egress == 0.0
        b.gateway.submit(wants(LAMPS, False, rule=RuleId.LIGHTS_CLOSE, warned=True))
        assert await b.gateway.settled(60.0)
        assert await b.present(LAMPS) == 0


async def test_what_was_decided_before_an_outage_is_not_written_after_it(building: Any) -> None:
    """Off was good for two seconds, the line was cut for an hour: only what is decided now is written."""
    async with building(timeout=0.5) as b:
        await b.gateway.adopt()
        await b.front.set_silent("ddc", True)
        b.gateway.submit(wants(FAN, False, expires=b.clock.now() + 2) | wants(SETPOINT, 28.0))
        await asyncio.sleep(2.5)
        b.clock.step = 3600.0
        b.gateway.submit(wants(SETPOINT, 27.0, expires=b.clock.now() + 900))
        await b.front.set_silent("ddc", False)
        b.gateway.device_answers("ddc")
        assert await b.gateway.settled(60.0)
        assert b.writes(FAN) == []
        assert b.writes(SETPOINT) == [(10, 27.0)]
        assert await b.present(FAN) == 1


async def test_a_controller_in_fahrenheit_gets_the_limit_in_its_own_unit(building: Any) -> None:
    """26 °C is 78.8 °F on the wire, read back as a Real and as itself; 88 °F is more than the file allows."""
    async with building(setpoint="unit: degF, low: 68, high: 86") as b:
        await b.gateway.adopt()
        b.gateway.submit(wants(SETPOINT, 26.0, rule=RuleId.SUMMER_SETPOINT))
        assert await b.gateway.settled(60.0)
        ((priority, value),) = b.writes(SETPOINT)
        assert (priority, value) == (10, pytest.approx(78.8, abs=1e-4))
        assert b.gateway.slot_view(SETPOINT).ours == 26.0
        assert b.results() == ["ok"]
        b.gateway.submit(wants(SETPOINT, 31.2, rule=RuleId.SUMMER_SETPOINT))
        assert await b.gateway.settled(60.0)
        assert b.results() == ["ok", "refused"]
        assert len(b.writes(SETPOINT)) == 1


async def test_a_thermostat_of_whole_fahrenheit_keeps_79_for_26_degrees(building: Any) -> None:
    """Written 78.8, kept 79: ours, counted, told once, not written again, and empty after letting go."""
    async with building(setpoint="unit: degF, low: 61, high: 90") as b:
        place = ("ddc", "analog-value", b.site.points[SETPOINT].instance)

        async def whole_degrees() -> None:
            await b.until(lambda: b.writes(SETPOINT))
            await b.front.command(*place, 79.0, 10)

        thermostat = asyncio.create_task(whole_degrees())
        await b.gateway.adopt()
        b.gateway.submit(wants(SETPOINT, 26.0, rule=RuleId.SUMMER_SETPOINT))
        assert await b.gateway.settled(60.0)
        await thermostat
        told = "the controller made 26.111 of 26: ours, and left so, for it keeps the limit"
        await b.until(lambda: told in [e.en for e in b.events if isinstance(e, ev.Trouble)])
        await asyncio.sleep(3)
        assert len(b.writes(SETPOINT)) == 1
        assert b.results() == ["ok"]
        assert len([e for e in b.events if isinstance(e, ev.Enforced)]) == 1
        assert b.gateway.slot_view(SETPOINT).ours == pytest.approx(26.111)
        assert (await b.gateway.release_all()).released == (SETPOINT,)
        assert [value for _, value in b.writes(SETPOINT)][1:] == [None]


async def test_nothing_is_written_to_an_array_of_which_the_file_knows_nothing(building: Any) -> None:
    """`priority_array: false`, and the controller has sixteen slots: no write, above all none to slot 16."""
    async with building({SETPOINT: {"relinquish_default": 24.0}}, setpoint="priority_array: false") as b:
        await b.gateway.adopt()
        b.gateway.submit(wants(SETPOINT, 26.0))
        assert await b.gateway.settled(60.0)
        assert b.log == []
        assert b.results() == ["refused"]
        assert any("has one" in e.en for e in b.events if isinstance(e, ev.Trouble))


async def test_the_closing_of_six_rooms_goes_out_in_one_request(building: Any) -> None:
    """Twelve points of one controller, offs and limits: eight and four, each journalled, read back and enforced."""
    async with building(zones=6) as b:
        await b.gateway.adopt()
        company: list[int] = []
        many = b.driver.write_many

        async def counted(writes: Any) -> Any:
            company.append(len(writes))
            return await many(writes)

        b.driver.write_many = counted
        rooms = range(1, 7)
        outcomes = [
            wants(f"o{n}/fcu/start_stop", False) | wants(f"o{n}/fcu/cooling_setpoint", 27.0) for n in rooms
        ]
        b.gateway.submit({point: each for outcome in outcomes for point, each in outcome.items()})
        assert await b.gateway.settled(60.0)
        assert sorted(company, reverse=True) == [8, 4]
        assert b.results() == ["ok"] * 12
        assert len(b.log) == 12
        assert {w.priority for w in b.log} == {10}
        for n in rooms:
            assert await b.present(f"o{n}/fcu/start_stop") == 0
            assert await b.present(f"o{n}/fcu/cooling_setpoint") == 27.0
