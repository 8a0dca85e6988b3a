"""A small building on real UDP, and a gateway that writes to it: for what only the whole path can show."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.load import load_text
from config.site import Site
from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.protocol import Target
from drivers.readings import PriorityArray
from simulator.bacnet.bacpypes_front import BacpypesFront
from simulator.bacnet.controllers import devices_of
from simulator.bacnet.front import ObjectSpec, WriteRecord
from simulator.bacnet.rusty_front import RustyFront
from supervisor.gateway import Gateway
from supervisor.gateway import events as ev
from supervisor.store import Store
from tests.contract.conftest import OURS, STACKS
from tests.contract.servers import CONTROLLER, DRIVER

FRONTS: dict[str, type[RustyFront] | type[BacpypesFront]] = {"rusty": RustyFront, "bacpypes": BacpypesFront}

_SITE = """
version: 1
building: annex
timezone: Asia/Shanghai
dry_run: false
stagger: 1s
season: {{method: dates, dates: {{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}}}
hours: {{office: {{workday: 09:00-17:30}}}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {{object: binary-value:1, writable: true}}
      cooling_setpoint: {{object: analog-value:1, writable: true, {setpoint}}}
  lights:
    kind: lights
    warn: blink
    points:
      start_stop: {{object: {lamps}, writable: true}}
zones:
{zones}
devices:
  ddc: {{instance: 4711, address: '{host}:{port}', timeout: {timeout}s}}
"""


def make_site(
    port: int,
    *,
    zones: int = 1,
    setpoint: str = "low: 16, high: 30",
    lamps: str = "binary-output:1",
    timeout: float = 5.0,
) -> Site:
    """Rooms o1, o2 … with a fan coil and a lighting circuit each, all on one controller."""
    rooms = "\n".join(
        f"  o{n}: {{hours: office, equipment: {{fcu: ddc/{10 * n}, lights: ddc/{10 * n}}}}}"
        for n in range(1, zones + 1)
    )
    text = _SITE.format(
        zones=rooms, setpoint=setpoint, lamps=lamps, host=CONTROLLER, port=port, timeout=timeout
    )
    loaded = load_text(text)
    assert loaded.site is not None, loaded.problems
    return loaded.site


class Clock:
    """The site clock, which a test may put forward."""

    step = 0.0

    def now(self) -> float:
        """The present instant."""
        return time.time() + self.step


@dataclass
class Building:
    """Site, served objects, driver and gateway, started by `async with`."""

    site: Site
    stack: str
    port: int
    front_kind: str = "rusty"
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Fields of served objects that differ from what the site file says, by point."""
    events: list[ev.Event] = field(default_factory=list)
    arrays: dict[str, PriorityArray] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)

    async def __aenter__(self) -> Building:
        specs = [
            replace(device, objects=tuple(self._changed(each) for each in device.objects))
            for device in devices_of(self.site)
        ]
        self.front = FRONTS[self.front_kind](specs)
        await self.front.start()
        self.driver = self._driver()
        await self.driver.start()
        self.store = Store("sqlite://", inline=True)
        self.store.open()
        self.gateway = Gateway(
            self.site, self.driver, self.store, self.clock, array_poll=1.0,
            on_event=self.events.append, on_array=self.arrays.__setitem__,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.stop()
        await self.driver.stop()
        await self.front.stop()

    def _changed(self, spec: ObjectSpec) -> ObjectSpec:
        return replace(spec, **self.changes.get(spec.name, {}))

    def _driver(self) -> Bac0Driver | RustyDriver:
        targets = [
            Target(d.id, d.instance, d.address, d.max_in_flight, d.timeout)
            for d in self.site.devices.values()
        ]
        return STACKS[self.stack](DRIVER, self.port + 1, targets, OURS)

    # ------------------------------------------------------------------ what tests ask

    def writes(self, point: str) -> list[tuple[int | None, object]]:
        """Priority and value of each write of a point's present value that reached the controller."""
        p = self.site.points[point]
        return [(w.priority, w.value) for w in self.log if w[2:4] == (p.object_type, p.instance)]

    def results(self) -> list[str]:
        """How the intents ended so far."""
        return [e.result for e in self.events if isinstance(e, ev.Wrote)]

    @property
    def log(self) -> Sequence[WriteRecord]:
        """Every write that reached the controller."""
        return self.front.writes

    async def present(self, point: str) -> float | int:
        """What a point's object shows."""
        p = self.site.points[point]
        return await self.front.present(p.device, p.object_type, p.instance)

    async def until(self, seen: Any, seconds: float = 60.0) -> None:
        """Wait until `seen()` is true."""
        async with asyncio.timeout(seconds):
            while not seen():
                await asyncio.sleep(0.05)
