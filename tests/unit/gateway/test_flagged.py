"""Objects that are out of service, or faulty: what is written there moves nothing, and counts as nothing."""

from __future__ import annotations

import asyncio

import pytest

from supervisor.core.decisions import KEEP, RELINQUISH
from supervisor.gateway.events import Enforced, Trouble
from tests.fakes import FakeObject, virtual_time, virtually
from tests.unit.gateway.gateway_world import AC, LAMPS, SETPOINT, World, make_site, wants
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


async def _out_of_service(point: str = AC, template: str = "fcu") -> tuple[World, FakeObject]:
    """An output that an engineer left out of service."""
    w = World(make_site(template=template), limits=with_limit(26.0))
    thing = w.thing(point)
    thing.flagged = True
    await w.gateway.adopt()
    return w, thing


@virtual_time
async def test_what_was_outranked_while_out_of_service_counts_once_it_is_neither() -> None:
    """The operator's slot 8 was on as well: by the time that it was let go of, the flag was gone, and nobody had looked."""
    w, thing = await _out_of_service()
    thing.slots[8] = 1
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(60.0)
    thing.flagged = False
    await asyncio.sleep(60.0)
    assert w.heard(Enforced) == []
    del thing.slots[8]
    await asyncio.sleep(900.0)
    assert len(w.heard(Enforced)) == 1
    assert len(w.landed(AC)) == 1


@virtual_time
async def test_what_is_no_longer_outranked_and_still_out_of_service_is_told() -> None:
    """Slot 8 is let go of, the flag stays: nothing counts, and `unwritten` says why."""
    w, thing = await _out_of_service()
    thing.slots[8] = 1
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(60.0)
    del thing.slots[8]
    await asyncio.sleep(60.0)
    assert w.heard(Enforced) == []
    assert "out of service" in str(w.gateway.unwritten(AC))
    assert sum("out of service" in e.en for e in w.heard(Trouble)) == 1


@virtual_time
async def test_what_was_left_as_it_is_for_a_while_is_not_in_service_because_of_that() -> None:
    """The rule had nothing to say for a moment, and wanted off again: it was said to be carried out, and never counted."""
    w, thing = await _out_of_service()
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(60.0)
    w.gateway.submit(wants(AC, KEEP))
    await asyncio.sleep(5.0)
    w.gateway.submit(wants(AC, False))
    await asyncio.sleep(60.0)
    assert "out of service" in str(w.gateway.unwritten(AC))
    thing.flagged = False
    await asyncio.sleep(900.0)
    assert (len(w.heard(Enforced)), w.gateway.unwritten(AC)) == (1, None)
    assert len(w.landed(AC)) == 1


@pytest.mark.parametrize("template", ["fcu", "plain"])
@virtual_time
async def test_what_its_controller_rounds_while_out_of_service_counts_once_it_is_in_service(
    template: str,
) -> None:
    """25.7 became 26 on its grid: ours all the same, and in force no more than any other value there."""
    w, thing = await _out_of_service(SETPOINT, template=template)
    thing.makes = round
    w.gateway.submit(wants(SETPOINT, 25.7))
    await asyncio.sleep(60.0)
    assert w.heard(Enforced) == []
    assert "out of service" in str(w.gateway.unwritten(SETPOINT))
    thing.flagged = False
    await asyncio.sleep(900.0)
    assert (len(w.heard(Enforced)), w.gateway.unwritten(SETPOINT)) == (1, None)


@virtual_time
async def test_lamps_that_warn_while_out_of_service_count_once_they_are_in_service() -> None:
    """They were told to warn and go off; that they did is known once their flag is gone."""
    w = World(make_site(lamps="warning-lamps"))
    thing = w.thing(LAMPS)
    await w.gateway.adopt()
    await w.do(LAMPS, True)
    thing.flagged = True
    w.gateway.submit(wants(LAMPS, False, warned=True))
    await asyncio.sleep(400.0)
    assert len(w.heard(Enforced)) == 1, "that they were to be on"
    assert "out of service" in str(w.gateway.unwritten(LAMPS))
    thing.flagged = False
    await asyncio.sleep(900.0)
    assert (len(w.heard(Enforced)), w.gateway.unwritten(LAMPS)) == (2, None)
