"""Objects that are out of service, or faulty: what is written there moves nothing, and counts as nothing."""

from __future__ import annotations

import asyncio

import pytest

from supervisor.core.decisions import RELINQUISH
from supervisor.gateway.events import Enforced, Trouble
from tests.fakes import virtually
from tests.unit.gateway.gateway_world import AC, SETPOINT, World, make_site, wants
from tests.unit.gateway.test_bends import with_limit


@pytest.mark.parametrize(("point", "command"), [(AC, False), (SETPOINT, 26.0)])
@pytest.mark.parametrize("template", ["fcu", "plain"])
def test_what_is_written_while_out_of_service_counts_once_it_is_in_service_again(
    point: str, command: bool | float, template: str
) -> None:
    """An engineer left the fan coil's output out of service: its present value says off, the fan runs on, and the window's rule had
    been carried out, said the evidence."""

    async def story() -> None:
        w = World(make_site(template=template), limits=with_limit(26.0))
        thing = w.thing(point)
        thing.flagged = True
        await w.gateway.adopt()
        w.gateway.submit(wants(point, command))
        await asyncio.sleep(3600.0)
        assert w.heard(Enforced) == []
        assert len(w.landed(point)) == 1
        assert "out of service" in str(w.gateway.unwritten(point))
        thing.flagged = False
        await asyncio.sleep(900.0)
        assert sum("out of service" in e.en for e in w.heard(Trouble)) == 1
        assert len(w.heard(Enforced)) == 1
        assert len(w.landed(point)) == 1
        assert w.gateway.unwritten(point) is None
        await w.do(point, RELINQUISH)
        assert (await w.gateway.release_all()).failed == ()

    virtually(story())
