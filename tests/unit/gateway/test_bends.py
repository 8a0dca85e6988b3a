"""Controllers that keep a value on a grid, clamp it or coerce it: what they made of ours is ours."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import pytest

from config.measure import Fit
from config.phrase import Phrase
from config.points import Point
from config.roles import Role
from supervisor.core.decisions import RELINQUISH
from supervisor.gateway import events as ev
from supervisor.gateway import release_offline
from supervisor.gateway.grid import WHOLE_FAHRENHEIT_IN_CELSIUS, Grid, learnt
from supervisor.store import queries
from tests.fakes import virtual_time
from tests.unit.gateway.gateway_world import AC, SETPOINT, World, make_site, wants


def nearest(step: float) -> Callable[[float], float]:
    """A controller that keeps the nearest multiple of a step."""
    return lambda value: round(value / step) * step


def downwards(step: float) -> Callable[[float], float]:
    """A controller that cuts off what does not fit its step."""
    return lambda value: math.floor(value / step + 1e-9) * step


def whole_fahrenheit(value: float) -> float:
    """An object in °C whose controller counts in whole °F."""
    return (round(value * 1.8 + 32) - 32) / 1.8


whole_kelvins = nearest(1.0)


def at_most(limit: float) -> Callable[[float], float]:
    """A controller that clamps to its own range."""
    return lambda value: min(value, limit)


def with_limit(low: float) -> Callable[..., tuple[float, float]]:
    """A summer's limit on every setpoint, °C."""
    return lambda point: (low, 30.0)


def cooled(template: str = "fcu", low: float = 26.0) -> World:
    """Two offices in summer: no lower than 26 °C."""
    return World(make_site(template=template), limits=with_limit(low))


def told(w: World) -> list[str]:
    """What was said about the setpoint."""
    return [e.en for e in w.heard(ev.Trouble) if e.about == SETPOINT]


@pytest.mark.parametrize(
    ("makes", "asked", "kept"),
    [
        (nearest(0.5), 26.3, 26.5),
        (nearest(1.0), 26.6, 27.0),
        (whole_fahrenheit, 26.0, 79 * 5 / 9 - 160 / 9),
        (lambda value: value + 0.4, 26.0, 26.4),
    ],
    ids=["half kelvins", "whole kelvins", "whole Fahrenheit", "0.4 beside"],
)
@virtual_time
async def test_what_the_controller_made_of_it_is_ours_and_told_once(
    makes: Callable[[float], float], asked: float, kept: float
) -> None:
    """Kept on a grid: one write, counted, told with both figures, never written again, and let go in the end."""
    w = cooled()
    w.thing(SETPOINT).makes = makes
    await w.gateway.adopt()
    await w.do(SETPOINT, asked)
    await asyncio.sleep(7200)
    assert w.landed(SETPOINT) == [asked]
    assert w.thing(SETPOINT).slots == {10: pytest.approx(kept)}
    assert w.results() == ["ok"]
    assert w.heard(ev.Wrote)[0].detail == f"the controller made {kept:.5g} of {asked:.5g}"
    assert told(w) == [
        f"the controller made {kept:.5g} of {asked:.5g}: ours, and left so, for it keeps the limit"
    ]
    assert len(w.heard(ev.Enforced)) == 1
    assert w.heard(ev.Foreign) == []
    released = await w.gateway.release_all()
    assert released.released == (SETPOINT,)
    assert w.thing(SETPOINT).slots == {}
    assert w.rows(queries.owned_slots) == []


@virtual_time
async def test_on_a_known_grid_the_value_goes_to_the_side_that_keeps_the_rule() -> None:
    """A controller that cuts off halves makes 26.0 of 26.4: still the limit, left. 26.8 is then written as 27.0."""
    w = cooled()
    w.thing(SETPOINT).makes = downwards(0.5)
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.4)
    await w.do(SETPOINT, 26.8)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == [26.4, 27.0]
    assert w.thing(SETPOINT).slots == {10: 27.0}


@virtual_time
async def test_cut_off_below_the_limit_it_is_written_once_more_on_the_right_side() -> None:
    """Limit 26.4 on a controller that cuts off to whole kelvins: 26 breaks it, 27 keeps it."""
    w = cooled(low=26.4)
    w.thing(SETPOINT).makes = downwards(1.0)
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.4)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == [26.4, 27.0]
    assert w.results() == ["mismatch", "ok"]
    assert len(w.heard(ev.Enforced)) == 1


@pytest.mark.parametrize("limit", [24.0, 25.5])
@pytest.mark.parametrize("template", ["fcu", "plain"])
@virtual_time
async def test_a_clamp_that_breaks_the_rule_is_told_and_not_counted(limit: float, template: str) -> None:
    """The controller's own range ends below the rule's limit: a mismatch, said once, no storm, and let go of."""
    w = cooled(template)
    thing = w.thing(SETPOINT)
    thing.default, thing.makes = 22.0, at_most(limit)
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await asyncio.sleep(7200)
    assert w.landed(SETPOINT) == [26.0]
    assert w.results() == ["mismatch"]
    assert told(w) == [
        f"the controller made {limit:g} of 26: ours, but it breaks the rule; not written again"
    ]
    assert w.heard(ev.Enforced) == []
    assert [row.value for row in w.rows(queries.owned_slots)] == [limit]
    assert (await w.gateway.release_all()).failed == ()
    assert w.thing(SETPOINT).slots == {}
    assert w.rows(queries.owned_slots) == []


@virtual_time
async def test_a_value_without_slots_is_not_written_for_ever() -> None:
    """No priority array, whole kelvins: one write; ours until somebody changes it at the wall."""
    w = cooled("plain")
    w.thing(SETPOINT).makes = nearest(1.0)
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.6)
    await asyncio.sleep(7200)
    assert w.landed(SETPOINT) == [26.6]
    assert w.results() == ["ok"]
    assert SETPOINT in w.gateway.owned
    w.thing(SETPOINT).default = 21.0
    await asyncio.sleep(60)
    assert [e.point for e in w.heard(ev.Lost)] == [SETPOINT]


@virtual_time
async def test_a_controller_that_rounds_only_after_a_while() -> None:
    """Read back as written, rounded five seconds later: ours still, and told."""
    w = cooled()
    thing = w.thing(SETPOINT)
    thing.makes, thing.lag = nearest(1.0), 5.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.6)
    await asyncio.sleep(3600)
    assert thing.slots == {10: 27.0}
    assert w.landed(SETPOINT) == [26.6]
    assert w.heard(ev.Foreign) == []
    assert len(told(w)) == 1
    await w.gateway.release_all()
    assert thing.slots == {}


@virtual_time
async def test_an_off_that_is_coerced_to_on_is_told_and_not_repeated() -> None:
    """The controller acknowledges off and keeps on: ours, a mismatch, not written again, let go of in the end."""
    w = cooled()
    w.thing(AC).makes = lambda _: 1
    await w.gateway.adopt()
    await w.do(AC, False)
    await asyncio.sleep(3600)
    assert w.landed(AC) == [0]
    assert w.results() == ["mismatch"]
    assert w.heard(ev.Enforced) == []
    assert (await w.gateway.release_all()).released == (AC,)
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_setting_that_is_acknowledged_and_ignored_is_given_up_after_three_writes() -> None:
    """From 27 to 28 and nothing moves: three writes at growing gaps, then it is what the controller makes of it."""
    w = cooled()
    await w.gateway.adopt()
    await w.do(SETPOINT, 27.0)
    w.thing(SETPOINT).deaf = True
    w.gateway.submit(wants(SETPOINT, 28.0))
    await asyncio.sleep(7200)
    assert w.results() == ["ok", "mismatch", "mismatch", "ok"]
    w.thing(SETPOINT).deaf = False
    await w.do(SETPOINT, RELINQUISH)
    assert w.thing(SETPOINT).slots == {}


async def _held_on_a_grid(makes: Callable[[float], float] = whole_kelvins) -> World:
    w = cooled()
    w.thing(SETPOINT).makes = makes
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.6)
    await w.gateway.stop()
    return w


@virtual_time
async def test_the_next_start_knows_what_the_controller_made_of_it() -> None:
    """Killed and started again: the same slot is ours, nothing is written nor told a second time."""
    w = await _held_on_a_grid()
    w.new_gateway()
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.6)
    await asyncio.sleep(600)
    assert w.landed(SETPOINT) == [26.6]
    assert len(told(w)) == 1
    assert SETPOINT in w.gateway.owned


@virtual_time
async def test_release_offline_knows_it_too() -> None:
    """No daemon any more: the journal's row says what the slot holds."""
    w = await _held_on_a_grid(at_most(24.0))
    assert w.thing(SETPOINT).slots == {10: 24.0}
    done = await release_offline(w.site, w.store, w.driver)
    assert (done.released, done.failed, done.owned) == ((SETPOINT,), (), 0)
    assert w.thing(SETPOINT).slots == {}


@pytest.mark.parametrize("seconds", [0.02, 0.03, 0.05, 0.1, 0.5, 1.5, 2.5])
@pytest.mark.parametrize("makes", [nearest(1.0), at_most(25.0)])
@virtual_time
async def test_told_to_stop_in_the_middle_of_the_read_back(
    seconds: float, makes: Callable[[float], float]
) -> None:
    """SIGTERM while the controller's value is being watched: acknowledged, so ours, so let go of."""
    w = cooled()
    w.thing(SETPOINT).makes = makes
    await w.gateway.adopt()
    w.gateway.submit(wants(SETPOINT, 26.6))
    await asyncio.sleep(seconds)
    assert (await w.gateway.release_all()).failed == ()
    assert w.thing(SETPOINT).slots == {}
    assert w.rows(queries.owned_slots) == []
    assert w.heard(ev.Foreign) == []


@virtual_time
async def test_a_late_copy_of_a_rounded_value_is_let_go_of() -> None:
    """The network delivers our 26.6 again after we let go, and the controller makes 27 of it: an echo of ours."""
    w = cooled()
    w.thing(SETPOINT).makes = nearest(1.0)
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.6)
    await w.do(SETPOINT, RELINQUISH)
    w.thing(SETPOINT).write(26.6, 10)
    await asyncio.sleep(60)
    assert w.thing(SETPOINT).slots == {}
    assert w.heard(ev.Foreign) == []


@virtual_time
async def test_a_stranger_in_our_slot_stays_a_stranger() -> None:
    """Hours after our write another master puts 22 into our slot: left alone, not released, not counted as released."""
    w = await _held_on_a_grid()
    w.new_gateway()
    await w.gateway.adopt()
    w.thing(SETPOINT).slots[10] = 22.0
    await asyncio.sleep(3600)
    released = await w.gateway.release_all()
    assert released.released == ()
    assert w.thing(SETPOINT).slots == {10: 22.0}
    assert [e.value for e in w.heard(ev.Foreign)] == [22.0]


@pytest.mark.parametrize(
    ("written", "made", "grid"),
    [
        (78.8, 79.0, Grid(1.0, 0.0)),
        (26.3, 26.5, Grid(0.5, 0.0)),
        (26.0, 79 * 5 / 9 - 160 / 9, WHOLE_FAHRENHEIT_IN_CELSIUS),
        (79.0, 78.8, Grid(1.8, 32.0)),
        (26.37, 26.4, Grid(0.2, 0.0)),
        (26.0, 25.5, None),
        (26.0, 24.0, None),
        (26.0, 26.4, None),
    ],
)
def test_the_grid_that_a_read_back_shows(written: float, made: float, grid: Grid | None) -> None:
    """The coarsest that explains it; what lay on the grid already was clamped, and no grid explains that."""
    assert learnt(written, made) == grid


def test_a_value_on_the_grid_stays_and_another_goes_to_its_side() -> None:
    """Up for cooling, down for heating."""
    grid = Grid(1.8, 32.0)
    assert grid.beside(78.8, up=True) == 78.8
    assert grid.beside(79.0, up=True) == pytest.approx(80.6)
    assert grid.beside(79.0, up=False) == pytest.approx(78.8)


@virtual_time
async def test_a_site_without_a_grid_is_written_as_ever() -> None:
    """Controllers that keep what they are told: the figure is written as it was decided."""
    w = cooled()
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.37)
    assert w.landed(SETPOINT) == [26.37]
    assert told(w) == []


def takes(
    step: float = 0.0, low: float = -math.inf, high: float = math.inf, quarrel: Phrase | None = None
) -> Callable[[Point], Fit | None]:
    """What a controller says that its setpoints take."""
    fit = Fit(step=step, low=low, high=high, unit="degC", quarrel=quarrel)
    return lambda point: fit if point.role is Role.COOLING_SETPOINT else None


@pytest.mark.parametrize(("asked", "written"), [(26.0, 26.0), (26.2, 26.5), (26.8, 27.0)])
@virtual_time
async def test_a_grid_that_the_controller_states_is_kept_from_the_first_write(
    asked: float, written: float
) -> None:
    """Resolution 0.5: moved up for a cooling limit, and nothing is left for the controller to round."""
    w = World(make_site(), limits=with_limit(26.0), fits=takes(0.5))
    w.thing(SETPOINT).makes = nearest(0.5)
    await w.gateway.adopt()
    await w.do(SETPOINT, asked)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == [written]
    assert w.results() == ["ok"]
    assert told(w) == []


@virtual_time
async def test_a_resolution_that_is_not_so_is_found_out() -> None:
    """It says tenths and keeps whole kelvins: what it makes of the first value shows its grid."""
    w = World(make_site(), limits=with_limit(26.0), fits=takes(0.1))
    w.thing(SETPOINT).makes = downwards(1.0)
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.4)
    await w.do(SETPOINT, 26.6)
    assert w.landed(SETPOINT) == [26.4, 27.0]


@pytest.mark.parametrize("template", ["fcu", "plain"])
@virtual_time
async def test_a_command_stays_within_what_the_controller_takes(template: str) -> None:
    """Its range ends at 25 °C, the limit is 26: the nearest is written, told, and not counted as the rule kept."""
    w = World(make_site(template=template), limits=with_limit(26.0), fits=takes(0.5, 16.0, 25.0))
    w.thing(SETPOINT).default = 22.0
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    await asyncio.sleep(3600)
    assert w.landed(SETPOINT) == [25.0]
    assert w.results() == ["mismatch"]
    assert len(told(w)) == 1
    assert "takes 16 … 25" in told(w)[0]
    assert w.heard(ev.Enforced) == []
    assert (await w.gateway.release_all()).failed == ()


@virtual_time
async def test_within_its_range_a_grid_is_not_left_upwards() -> None:
    """The next half up lies beyond its greatest value: the one beneath is written."""
    w = World(make_site(), limits=with_limit(26.0), fits=takes(0.5, 16.0, 26.2))
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.1)
    assert w.landed(SETPOINT) == [26.0]


@virtual_time
async def test_nothing_is_written_where_the_unit_is_disputed() -> None:
    """Refused once, with both languages; what we hold there is still let go of, for NULL has no unit."""
    said: list[Phrase | None] = [None]
    w = World(make_site(), limits=with_limit(26.0), fits=lambda point: Fit(quarrel=said[0], unit="degC"))
    await w.gateway.adopt()
    await w.do(SETPOINT, 26.0)
    said[0] = Phrase("degC here, degF there", "单位不符")
    await w.do(SETPOINT, 27.0)
    await asyncio.sleep(600)
    assert w.landed(SETPOINT) == [26.0]
    assert w.results() == ["ok", "refused"]
    assert told(w) == ["not written: degC here, degF there"]
    assert [e.zh for e in w.heard(ev.Trouble)] == ["未写入：单位不符"]
    await w.do(SETPOINT, RELINQUISH)
    assert w.thing(SETPOINT).slots == {}
