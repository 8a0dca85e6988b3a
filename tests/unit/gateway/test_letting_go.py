"""Letting go to the end: five seconds for those that answer, as long as it takes for the rest, each point named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from config.measure import Fit
from config.phrase import Phrase
from drivers.protocol import Barred, Retryable
from drivers.readings import PriorityArray
from supervisor.core.decisions import Command
from supervisor.gateway import Left, Patience, Why
from supervisor.gateway.events import Trouble
from supervisor.gateway.left import told
from supervisor.gateway.lost import search
from supervisor.store import queries
from supervisor.store.rows import IntentRow, SlotRow
from tests.fakes import virtual_time, virtually
from tests.unit.gateway.gateway_world import World, make_site, wants

AC, OTHER, LAMPS = "o1/ac/start_stop", "o2/ac/start_stop", "o1/lights/start_stop"
STOP = 55.0


async def _holding(w: World, *points: str) -> None:
    await w.gateway.adopt()
    for point in points:
        await w.do(point, False)


@pytest.mark.parametrize("seed", range(12))
@virtual_time
async def test_controllers_that_answer_in_up_to_three_seconds_are_let_go_in_every_stop(seed: int) -> None:
    """Five of twelve such stops left a slot held, because all had to be over in 4.5 s."""
    w = World(make_site(zones=8, devices=2, writes_per_minute=1000), seed=seed)
    points = [f"o{n}/{e}/start_stop" for n in range(1, 9) for e in ("ac", "lights")]
    await _holding(w, *points)
    for device in w.devices.values():
        device.faults.delay = (0.0, 1.5)
    words: list[Sequence[Left]] = []
    done = await w.gateway.release_all(Patience(STOP, 4.5, late=words.append))
    assert done.left == ()
    assert sorted(done.released) == sorted(points)
    assert all(w.thing(p).slots == {} for p in points)
    assert w.rows(queries.owned_slots) == []
    assert words, "it was said aloud that the stop goes on"


@virtual_time
async def test_those_that_answer_are_let_go_within_five_seconds_whoever_else_is_silent() -> None:
    """The promise of five seconds stays where it can be kept; the stop goes on for the others alone."""
    w = World(make_site(zones=2, devices=2))
    await _holding(w, AC, OTHER)
    w.devices["d1"].silent = True
    began = asyncio.get_running_loop().time()
    await w.gateway.release_all(Patience(STOP, 4.5))
    freed = next(x.at for x in w.driver.landed if x.value is None and x.address.device == "d2")
    assert freed - began < 5


@virtual_time
async def test_a_silent_controller_is_named_with_its_reason_and_fails() -> None:
    """It stays held until the service manager's limit; every fifteen seconds it is said why we are still here."""
    w = World(make_site(zones=2, devices=2))
    await _holding(w, AC, LAMPS, OTHER)
    w.devices["d1"].silent = True
    words: list[Sequence[Left]] = []
    began = asyncio.get_running_loop().time()
    done = await w.gateway.release_all(Patience(STOP, 4.5, late=words.append))
    assert asyncio.get_running_loop().time() - began == pytest.approx(STOP, abs=0.1)
    assert done.released == (OTHER,)
    assert sorted(done.failed) == [AC, LAMPS]
    assert {p.why for p in done.left} == {Why.SILENT}
    assert [sorted(p.point for p in word) for word in words] == [[AC, LAMPS]] * 4
    lines = told(done.left)
    assert lines[0].startswith(f"left: {AC} (d1 binary-value:101 slot 10): does not answer")
    assert "无应答" in lines[0]
    assert len(lines) == 3, "what to do is said once for a device"
    assert "see to d1's power and network; then release SITE.yaml --offline" in lines[-1]


@virtual_time
async def test_a_controller_that_comes_back_during_the_stop_is_let_go() -> None:
    """Somebody plugs its switch in again twenty seconds after the stop began."""
    w = World()
    await _holding(w, AC)
    w.devices["d1"].silent = True
    asyncio.get_running_loop().call_later(20, setattr, w.devices["d1"], "silent", False)
    began = asyncio.get_running_loop().time()
    done = await w.gateway.release_all(Patience(STOP, 4.5))
    assert done == ((AC,), (), ())
    assert asyncio.get_running_loop().time() - began < 30
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_second_signal_ends_the_stop_at_once_and_says_what_is_left() -> None:
    """An operator who has read the names does not want to wait for the minute to be over."""
    w = World()
    await _holding(w, AC, LAMPS)
    w.devices["d1"].silent = True
    enough = asyncio.Event()
    asyncio.get_running_loop().call_later(7, enough.set)
    began = asyncio.get_running_loop().time()
    done = await w.gateway.release_all(Patience(STOP, 4.5, enough=enough))
    assert asyncio.get_running_loop().time() - began == pytest.approx(7, abs=0.01)
    assert sorted(done.failed) == [AC, LAMPS]
    assert [s.point for s in w.rows(queries.owned_slots)] == [LAMPS, AC], "the next start knows"


@virtual_time
async def test_a_quarantined_controller_is_named_and_is_no_failure() -> None:
    """Another device is in its place: not ours to write, so that a stop has done all that it may."""
    w = World(make_site(zones=2, devices=2))
    await _holding(w, AC, OTHER)
    real = w.driver.read_array

    async def judged(address: object) -> PriorityArray:
        if getattr(address, "device", "") == "d1":
            raise Barred("d1", "quarantined, another device in its place: vendor 7, was 999")
        return await real(address)  # type: ignore[arg-type]

    w.driver.read_array = judged  # type: ignore[method-assign]
    began = asyncio.get_running_loop().time()
    done = await w.gateway.release_all(Patience(STOP, 4.5))
    assert asyncio.get_running_loop().time() - began < 5, "waiting would not help"
    assert (done.released, done.failed) == ((OTHER,), ())
    assert [(p.point, p.why) for p in done.left] == [(AC, Why.QUARANTINED)]
    assert "doctor SITE.yaml --accept d1" in told(done.left)[-1]
    assert w.thing(AC).slots == {10: 0}


@virtual_time
async def test_a_controller_that_refuses_is_named_with_its_words() -> None:
    """Write access was taken away meanwhile: no answer to wait for, something to do by hand."""
    w = World()
    await _holding(w, AC)
    w.thing(AC).refuses = "write access denied"
    done = await w.gateway.release_all(Patience(20.0, 4.5))
    assert [(p.why, p.detail) for p in done.left] == [(Why.REFUSED, "write access denied")]
    assert done.failed == (AC,)
    refusals = [r for r in w.rows(queries.audit) if r["result"] == "failed"]
    assert len(refusals) < 15, "asked now and then, not without end"


@virtual_time
async def test_an_acknowledged_null_that_leaves_the_slot_full_is_not_released() -> None:
    """A release counts as done when the slot was read empty, and not before."""
    w = World()
    await _holding(w, AC)
    w.thing(AC).deaf = True
    done = await w.gateway.release_all(Patience(20.0, 4.5))
    assert [(p.point, p.why) for p in done.left] == [(AC, Why.STAYS)]
    assert done.failed == (AC,)


@virtual_time
async def test_a_strangers_value_in_our_slot_is_not_counted_as_released() -> None:
    """Another master took our priority: left alone and named, no failure of ours."""
    w = World()
    await w.gateway.adopt()
    await w.do("o1/ac/cooling_setpoint", 26.0)
    w.thing("o1/ac/cooling_setpoint").slots[10] = 19.0
    done = await w.gateway.release_all(Patience(20.0, 4.5))
    assert (done.released, done.failed) == ((), ())
    assert [(p.why, p.detail) for p in done.left] == [(Why.FOREIGN, "19")]
    assert w.thing("o1/ac/cooling_setpoint").slots == {10: 19.0}


@virtual_time
async def test_points_behind_a_silent_device_that_had_no_turn_are_called_silent_too() -> None:
    """Thirty points of one dead controller: eight are tried at a time, all thirty have the same cause."""
    w = World(make_site(zones=15, writes_per_minute=1000))
    points = [f"o{n}/{e}/start_stop" for n in range(1, 16) for e in ("ac", "lights")]
    await w.gateway.adopt()
    for point in points:
        w.gateway.submit(wants(point, False))
    assert await w.gateway.settled(60)
    w.devices["d1"].silent = True
    done = await w.gateway.release_all(Patience(STOP, 4.5))
    assert {p.why for p in done.left} == {Why.SILENT}
    assert len(done.left) == 30


@virtual_time
async def test_a_database_that_takes_no_rows_is_not_a_silent_device() -> None:
    """Somebody holds it while we stop: what is said when the promise is over names the database, in both languages."""
    w = World(make_site())
    await _holding(w, AC)
    free = asyncio.Event()
    commit = w.store.commit_intent

    async def locked(row: IntentRow, taken: SlotRow | None = None) -> int:
        await free.wait()
        return await commit(row, taken)

    w.store.commit_intent = locked  # type: ignore[method-assign, assignment] # the database is locked
    asyncio.get_running_loop().call_later(8.0, free.set)
    words: list[Sequence[Left]] = []
    done = await w.gateway.release_all(Patience(STOP, 4.5, late=words.append))
    assert [left.why for left in words[0]] == [Why.JOURNAL]
    assert "数据库" in words[0][0].in_words().zh
    assert "does not answer" not in words[0][0].in_words().en
    assert done.left == ()
    assert w.thing(AC).slots == {}


@virtual_time
async def test_a_controller_that_answers_illegibly_is_not_called_silent() -> None:
    """Whoever is sent to its power and its network finds both in order: it was its answers. So also of points whose turn did not
    come, and where nobody knows the journal."""
    w = World(make_site(zones=12))
    points = [f"o{n}/ac/start_stop" for n in range(1, 13)]
    await _holding(w, *points)

    async def odd(address: object) -> PriorityArray:
        await asyncio.sleep(1.0)
        raise Retryable("d1", "unreadable answer: a priority array of 8 slots")

    w.driver.read_array = odd  # type: ignore[method-assign]
    done = await w.gateway.release_all(Patience(6.0, 4.5))
    assert {p.why for p in done.left} == {Why.UNCLEAR}
    assert sorted(done.failed) == sorted(points)
    said = "\n".join(told(done.left))
    assert "answers, but not so that its slot can be read (unreadable answer: a priority array of 8" in said
    assert "power" not in said
    assert "无应答" not in said
    looked = await search(w.gateway, w.driver, 2.0)
    assert {p.why for p in looked.left} == {Why.UNCLEAR}


@virtual_time
async def test_of_a_controller_that_lets_go_of_one_point_after_another_nobody_says_that_it_is_silent() -> (
    None
):
    """Its queue was longer than the stop: those under way, and all behind them, were said not to answer."""
    w = World(make_site(zones=20, devices=1, writes_per_minute=1000))
    await _holding(w, *(f"o{n}/ac/start_stop" for n in range(1, 21)))
    w.devices["d1"].faults.delay = (0.4, 0.5)
    done = await w.gateway.release_all(Patience(3.5, 3.0))
    assert done.released
    assert {p.why for p in done.left} == {Why.WAITED}


@pytest.mark.parametrize(
    ("point", "made", "stands"),
    [("o1/ac/mode", "cool", 3), ("o1/ac/start_stop", False, 0), ("o1/ac/start_stop", True, 1)],
)
def test_of_a_point_without_slots_whose_states_contradict_a_mode_is_given_back_and_a_switch_is_left(
    point: str, made: Command, stands: int
) -> None:
    """What stood there before us is the one thing that nobody has to understand, and a mode alone runs nothing. The switch's other
    state runs the unit by the file or by its controller: a person is told what it was."""

    async def story() -> None:
        fits = [Fit()]
        w = World(make_site(template="modal"), fits=lambda p: fits[0] if p.id == point else None)
        thing = w.thing(point)
        thing.default = 3 if point.endswith("mode") else 1 - int(bool(made))
        before = thing.default
        await w.gateway.adopt()
        await w.do(point, made)
        assert thing.present != before
        fits[0] = Fit(quarrel=Phrase("the device calls 1 Heat", "控制器称 1 为 Heat"), barred=True)
        w.gateway.again(point)
        await asyncio.sleep(60.0)
        assert thing.present == stands
        assert point not in w.gateway.owned
        said = [e.en for e in w.heard(Trouble) if "stood there before" in e.en]
        assert said == (
            []
            if point.endswith("mode")
            else [
                f"left as it stands ({stands}): {before:g} stood there before it was first written; "
                "see what it should be, at the controller"
            ]
        )

    virtually(story())
