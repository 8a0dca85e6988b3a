"""Several points of one controller are due at once: what goes out in one request, and what must not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from drivers.protocol import DriverError, Misconfigured, Silent, Write, WriteMany
from supervisor.core.decisions import KEEP, RELINQUISH, Command, Outcome
from supervisor.gateway import events as ev
from supervisor.store import queries
from tests.fakes import FakeDriver, virtual_time
from tests.unit.gateway.gateway_world import World, make_site, wants

ROOMS = 6
OFF = [f"o{n}/ac/start_stop" for n in range(1, ROOMS + 1)]


class Together(FakeDriver):
    """A driver that puts writes into one datagram. `sent` counts the writes of each."""

    sent: list[int]
    silent_company = False

    @property
    def write_many(self) -> WriteMany | None:
        """It can."""
        return self._together

    async def _together(self, writes: Sequence[Write]) -> list[DriverError | None]:
        """In order, each for itself; or nothing at all is heard."""
        self.sent.append(len(writes))
        self.hook("write_many", writes[0].address)
        if self.silent_company:
            await asyncio.sleep(self.timeout)
            return [Silent(w.address.device, "no answer") for w in writes]
        results: list[DriverError | None] = []
        for write in writes:
            try:
                await self.write(*write)
                results.append(None)
            except DriverError as error:
                results.append(error)
        return results


def _world() -> World:
    w = World(make_site(zones=ROOMS))
    driver = Together(w.devices)
    driver.sent = []
    w.driver = driver
    w.new_gateway()
    return w


def _sent(w: World) -> list[int]:
    assert isinstance(w.driver, Together)
    return w.driver.sent


def _all(command: Command) -> dict[str, Outcome]:
    return {point: outcome for name in OFF for point, outcome in wants(name, command).items()}


@virtual_time
async def test_the_closing_of_six_rooms_is_one_request() -> None:
    """Each was journalled before it, each is read back and has its own result."""
    w = _world()
    await w.gateway.adopt()
    open_then: list[int] = []
    w.driver.hook = lambda name, _a: (
        open_then.append(len(w.rows(queries.open_intents))) if name == "write_many" else None
    )
    w.gateway.submit(_all(False))
    assert await w.gateway.settled(10.0)
    assert _sent(w) == [ROOMS]
    assert open_then == [ROOMS]
    assert w.results() == ["ok"] * ROOMS
    assert len(w.heard(ev.Enforced)) == ROOMS
    assert all(w.thing(name).slots == {10: 0} for name in OFF)
    assert w.rows(queries.open_intents) == []


@virtual_time
async def test_one_that_is_refused_is_its_own_affair() -> None:
    """The third room's object is read-only: its slot is not ours, the five others are off."""
    w = _world()
    w.thing(OFF[2]).refuses = "write access denied"
    await w.gateway.adopt()
    w.gateway.submit(_all(False))
    await asyncio.sleep(5.0)
    assert sorted(w.results()) == ["failed", *["ok"] * (ROOMS - 1)]
    assert OFF[2] not in w.gateway.owned
    assert len(w.gateway.owned) == ROOMS - 1


@virtual_time
async def test_starts_stay_one_by_one() -> None:
    """Six rooms handed back at once, ten seconds between two starts: no two in one request."""
    w = _world()
    w.site = make_site(zones=ROOMS, stagger=10.0)
    w.new_gateway()
    await w.gateway.adopt()
    w.gateway.submit(_all(False))
    assert await w.gateway.settled(10.0)
    w.gateway.submit(_all(RELINQUISH))
    assert await w.gateway.settled(120.0)
    starts = [x.at for x in w.driver.landed if x.value is None]
    assert len(starts) == ROOMS
    assert all(later - sooner >= 9.0 for sooner, later in pairwise(starts))


@virtual_time
async def test_a_fire_alarm_that_comes_between_is_heeded_by_each() -> None:
    """The last room is slow to read; the alarm sounds while five others wait for it: none of them is written."""
    w = _world()
    await w.gateway.adopt()
    slow = w.address(OFF[-1])

    def delay(_name: str, address: object) -> None:
        if address == slow:
            w.devices["d1"].script.append("lose_request")

    w.driver.hook = delay
    w.gateway.submit(_all(False))
    await asyncio.sleep(0.3)
    w.gateway.submit(_all(KEEP))
    await asyncio.sleep(10.0)
    assert w.driver.landed == []
    assert set(w.results()) == {"cancelled"}
    assert w.gateway.owned == {}


@virtual_time
async def test_a_point_that_never_answers_holds_up_the_others_for_half_a_second() -> None:
    """Five go out without it."""
    w = _world()
    await w.gateway.adopt()
    slow = w.address(OFF[0])

    def swallow(_name: str, address: object) -> None:
        if address == slow:
            w.devices["d1"].script.append("lose_request")

    w.driver.hook = swallow
    w.gateway.submit(_all(False))
    await asyncio.sleep(1.0)
    assert [w.thing(name).slots for name in OFF] == [{}, *[{10: 0}] * (ROOMS - 1)]


@virtual_time
async def test_a_silent_device_counts_once_however_many_were_under_way() -> None:
    """It is tried again after a second or two, not after the minute of six silences."""
    w = _world()
    await w.gateway.adopt()
    w.devices["d1"].silent = True
    w.gateway.submit(_all(False))
    await asyncio.sleep(4.0)
    w.devices["d1"].silent = False
    assert await w.gateway.settled(6.0)
    assert all(w.thing(name).slots == {10: 0} for name in OFF)


@virtual_time
async def test_a_request_of_which_nothing_is_heard_is_read_back_for_each() -> None:
    """Silence proves nothing: the slots are read, found empty, and written again."""
    w = _world()
    await w.gateway.adopt()
    assert isinstance(w.driver, Together)
    w.driver.silent_company = True
    w.gateway.submit(_all(False))
    await asyncio.sleep(9.0)
    w.driver.silent_company = False
    assert set(w.results()) == {"mismatch"}
    assert await w.gateway.settled(120.0)
    assert all(w.thing(name).slots == {10: 0} for name in OFF)


@virtual_time
async def test_stopping_in_the_middle_leaves_nothing_behind() -> None:
    """The daemon is told to stop while six writes wait: the next one settles and lets go of what landed."""
    for turn in range(1, 40):
        w = _world()
        await w.gateway.adopt()
        w.gateway.submit(_all(False))
        await asyncio.sleep(turn * 0.002)
        await w.gateway.stop()
        w.new_gateway()
        await w.gateway.adopt()
        done = await w.gateway.release_all(10.0)
        assert done.failed == ()
        assert all(w.thing(name).slots == {} for name in OFF), turn
        assert w.rows(queries.open_intents) == []


@virtual_time
async def test_a_site_rate_holds_for_requests_of_several_too() -> None:
    """Four writes a minute: four of six go out, the others when their turn comes."""
    w = _world()
    w.site = make_site(zones=ROOMS, writes_per_minute=4)
    w.new_gateway()
    await w.gateway.adopt()
    w.gateway.submit(_all(False))
    await asyncio.sleep(5.0)
    assert len(w.driver.landed) == 4
    await asyncio.sleep(40.0)
    assert len(w.driver.landed) == ROOMS


@virtual_time
async def test_an_unknown_object_is_the_site_files_fault_alone() -> None:
    """Its neighbours in the same request do not wait ten minutes with it."""
    w = _world()
    await w.gateway.adopt()
    original = w.driver.write

    async def write(address: object, value: object, priority: object) -> None:
        if address == w.address(OFF[1]):
            raise Misconfigured("d1", "unknown object")
        await original(address, value, priority)  # type: ignore[arg-type] # passed on

    w.driver.write = write  # type: ignore[method-assign] # one object is gone
    w.gateway.submit(_all(False))
    await asyncio.sleep(3.0)
    assert [w.thing(name).slots for name in OFF] == [{10: 0}, {}, *[{10: 0}] * 4]
