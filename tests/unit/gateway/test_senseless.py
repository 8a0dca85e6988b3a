"""Controllers that say, or make, what makes no sense: nothing dangerous is written, nothing again and again, all is let go of."""

from __future__ import annotations

import asyncio
import math

import pytest

from supervisor.core.decisions import RELINQUISH, Special
from supervisor.gateway import events as ev
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import SETPOINT, World, make_site
from tests.unit.gateway.test_bends import takes, told, with_limit


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-40.0, -10.0), (100.0, 200.0), (0.0, 4.0)])
@pytest.mark.parametrize("template", ["fcu", "plain"])
@virtual_time
async def test_a_range_in_which_nothing_may_be_written_is_not_written_into(
    ends: tuple[float, float], template: str
) -> None:
    """Max_Pres_Value says 1, as controllers do on which nobody set it: 1 °C is the nearest to 26 that it takes, and cools for
    all it is worth. The site file lets us write 16 to 30."""
    w = World(make_site(template=template), limits=with_limit(26.0), fits=takes(0.0, *ends))
    w.thing(SETPOINT).default = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == []
    assert w.results() == ["refused"]
    assert len(told(w)) == 1
    assert "Min and Max_Pres_Value" in told(w)[0]
    assert next(e.zh for e in w.heard(ev.Trouble)).startswith("未写入：控制器只接受")
    assert (await w.gateway.release_all()).failed == ()


@pytest.mark.parametrize("made", [math.inf, -math.inf, math.nan, 0.0, -5.0, 1e30])
@virtual_time
async def test_whatever_a_controller_makes_of_ours_is_known_as_ours_and_let_go_of(made: float) -> None:
    """No temperature at all: the rules are told that the slot is ours, or they would let go and write again for ever; it is
    written once, and released."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    thing.default, thing.makes = 1.0, lambda _value: made  # what stands beneath makes no sense either
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == [26.0]
    ours, held = w.gateway.slot_view(SETPOINT).ours, w.gateway.held(SETPOINT)
    assert isinstance(ours, float)
    assert math.isfinite(ours)
    assert held is not None
    assert held.value == ours
    assert not any("internal error" in said for said in told(w))
    assert (await w.gateway.release_all()).failed == ()
    assert thing.slots == {}


@pytest.mark.parametrize("made", [18.0, 21.5, 0.0, -5.0, math.inf, math.nan])
@virtual_time
async def test_what_is_worse_than_without_us_is_let_go_of_and_left(made: float) -> None:
    """The occupant's 22 °C break the limit of 26, and of our 26 the controller makes 18, or nothing at all: it is let go of, told,
    and not written again for as long as nothing else is wanted."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    thing.default, thing.makes = 22.0, lambda _value: made
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await asyncio.sleep(7200)
    assert w.landed(SETPOINT) == [26.0, None]
    assert thing.slots == {}
    assert any(said.endswith("which breaks the rule: let go") for said in told(w))
    assert w.gateway.unwritten(SETPOINT) is not None
    await w.do(SETPOINT, RELINQUISH)
    await w.do(SETPOINT, 26.0)
    assert w.landed(SETPOINT)[2:] == [26.0, None]
    assert (await w.gateway.release_all()).failed == ()


@virtual_time
async def test_what_stands_as_it_was_asked_is_not_let_go_of() -> None:
    """Frost protection asks for less than summer's limit lets anybody set, and the controller keeps just that."""
    w = World(make_site(), limits=with_limit(26.0))
    w.thing(SETPOINT).default = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 18.0)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == [18.0]


@pytest.mark.parametrize("made", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wanted", [26.0, RELINQUISH])
@virtual_time
async def test_no_number_that_outlives_a_killed_daemon_is_ours_at_the_next_start(
    made: float, wanted: float | Special
) -> None:
    """No database keeps NaN apart from nothing: that the slot is ours stood in the journal before."""
    w = World(make_site(), limits=with_limit(26.0))
    thing = w.thing(SETPOINT)
    thing.default, thing.makes = 1.0, lambda _value: made
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await w.gateway.stop()  # killed: nothing is let go of
    w.new_gateway(limits=with_limit(26.0))
    await w.gateway.adopt()
    await w.do(SETPOINT, wanted)
    await asyncio.sleep(3600)
    assert not any("did not write" in said for said in told(w))
    assert not any("NOT NULL" in said for said in told(w))
    assert (await w.gateway.release_all()).failed == ()
    assert thing.slots == {}
