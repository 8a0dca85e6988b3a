"""Units that a written setpoint starts, seen by the whole daemon: its rules, its readings, its store."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from config.roles import Role
from config.rules import RuleId
from schedules.days import calendars
from schedules.time import from_iso
from supervisor.core.tally import Tally
from supervisor.daemon.keeper import Keeper
from supervisor.daemon.running import Running
from supervisor.store.writer import Store
from supervisor.telling.explain import explain
from tests.fakes import FakeDriver, VirtualClock, virtual_time
from tests.unit.gateway.gateway_world import make_devices, make_site
from tests.unit.gateway.test_starters import Remote

FIRST_OF_JUNE = "2026-06-01T12:00:00+08:00"


class Clock(VirtualClock):
    """A site clock that can be waited on."""

    async def wait(self, until: float, event: asyncio.Event) -> None:
        """Return at a site instant, or as soon as the event is set."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, until - self.now())):
                await event.wait()


def _office(store: Store, clock: Any, driver: FakeDriver) -> Running:
    site = make_site(3, 3, template="infrared")
    return Running(site, calendars(site), driver.line, clock, store, dry_run=None)


@virtual_time
async def test_on_a_warm_day_the_third_room_is_corrected_as_it_is_switched_on() -> None:
    """Three rooms at 22 °C, off: two start as they are corrected, the third keeps the rule while it is off, and is at 26 °C seconds
    after somebody needs it. The next start, and the next site file, know."""
    store = Store("sqlite://", inline=True)
    store.open()
    site = make_site(3, 3, template="infrared")
    devices, clock = make_devices(site), Clock(from_iso(FIRST_OF_JUNE))
    for n in (1, 2, 3):
        things = devices[f"d{n}"].objects
        unit = next(p for p in site.points.values() if p.device == f"d{n}" and p.role is Role.RUN_STATUS)
        runs = things[unit.object_type, unit.instance]
        runs.default = 0
        for point in site.points.values():
            if point.device == f"d{n}" and point.role is Role.COOLING_SETPOINT:
                things[point.object_type, point.instance] = Remote(default=22.0, unit=runs)
            elif point.device == f"d{n}" and point.role is Role.START_STOP:
                things[point.object_type, point.instance].default = 0
    driver = FakeDriver(devices)
    running = _office(store, clock, driver)
    await running.adopt()
    task = asyncio.create_task(running.run())
    await asyncio.sleep(600.0)
    status = {n: devices[f"d{n}"].objects["binary-input", 100 * n + 4] for n in (1, 2, 3)}
    (off,) = [n for n, thing in status.items() if not thing.present]
    setpoint = f"o{off}/ac/cooling_setpoint"
    knob = devices[f"d{off}"].objects["analog-value", 100 * off + 2]
    assert knob.present == 22.0
    said = explain(site.points[setpoint], running.decider, running.gateway, clock.now())["not_followed"]
    assert said["en"].startswith("waits until it runs")
    assert running.not_followed(site.points[setpoint]) is None
    assert running.decider.evaluations[f"o{off}"].compliance[RuleId.SUMMER_SETPOINT] is True
    status[off].default = 1
    await asyncio.sleep(70.0)
    assert knob.present == 26.0
    keeper = Keeper(store)
    await keeper.save_beside(running, Tally())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    known = ["template infrared"]
    again = _office(store, clock, driver)
    await Keeper(store).restore(again, Tally())
    assert again.gateway.starters.memory() == known
    reloaded = _office(store, clock, driver)
    reloaded.carry_over(running)
    assert reloaded.gateway.starters.memory() == known
    await running.gateway.stop()
    store.close()
