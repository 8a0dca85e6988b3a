"""Writes over the whole path, from an outcome to the controller's slots and back, on both stacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from writing import Building, make_site

from config.rules import RuleId
from supervisor.core.decisions import RELINQUISH
from supervisor.gateway import events as ev
from tests.unit.supervisor.gateway_world import wants

LAMPS = "o1/lights/start_stop"
SETPOINT = "o1/fcu/cooling_setpoint"


@pytest.fixture
def building(stack: str, port: int) -> Iterator[Any]:
    """Makes the building of a test: the site's options, and the served objects' that differ."""

    def make(changes: dict[str, dict[str, Any]] | None = None, front: str = "rusty", **site: Any) -> Building:
        return Building(make_site(port, **site), stack, port, front, changes or {})

    yield make


async def test_a_binary_lighting_output_warns_and_goes_off_by_itself(building: Any) -> None:
    """1, then WARN_OFF (3) in our slot; lamps on for their egress; then the controller's own 0."""
    served = {LAMPS: {"egress": 2, "relinquish_default": 1, "initial": 1}}
    async with building(served, lamps="binary-lighting-output:1") as b:
        await b.gateway.adopt()
        assert b.arrays[LAMPS].egress == 2.0
        b.gateway.submit(wants(LAMPS, False, rule=RuleId.LIGHTS_CLOSE, warned=True))
        await b.until(lambda: len(b.writes(LAMPS)) == 2)
        assert await b.present(LAMPS) == 1
        assert await b.gateway.settled(20.0)
        assert await b.present(LAMPS) == 0
        assert b.writes(LAMPS) == [(10, 1), (10, 3)]
        assert [e.rule for e in b.events if isinstance(e, ev.Enforced)] == ["lights-close"]
        b.gateway.submit(wants(LAMPS, RELINQUISH))
        assert await b.gateway.settled(5.0)
        assert await b.present(LAMPS) == 1


async def test_lamps_without_an_egress_go_off_at_once(building: Any) -> None:
    """Blink_Warn_Enable is not set: WARN_OFF is OFF, and the core is told that no warning comes of it."""
    served = {LAMPS: {"egress": 0, "relinquish_default": 1, "initial": 1}}
    async with building(served, lamps="binary-lighting-output:1") as b:
        await b.gateway.adopt()
        assert b.arrays[LAMPS].egress == 0.0
        b.gateway.submit(wants(LAMPS, False, rule=RuleId.LIGHTS_CLOSE, warned=True))
        assert await b.gateway.settled(10.0)
        assert await b.present(LAMPS) == 0
