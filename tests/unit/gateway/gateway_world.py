"""A small building for the gateway's tests: fan coils, lights, an escape stair, devices in memory."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar

from config.rules import RuleId
from config.site import Site
from drivers.protocol import Address
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import Because, Command, Decision, Outcome
from supervisor.gateway import Gateway
from supervisor.gateway import events as ev
from supervisor.store import Store
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock
from tests.site_files import site_of_text

E = TypeVar("E")

AC, SETPOINT, LAMPS = "o1/ac/start_stop", "o1/ac/cooling_setpoint", "o1/lights/start_stop"
"""Of the first office."""

_HEAD = """
version: 1
building: test-office
timezone: Asia/Shanghai
area_m2: 500
people: 20
dry_run: false
stagger: 0s
season:
  method: dates
  dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}
hours:
  office: {workday: 09:00-17:30}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {object: binary-value:1, writable: true}
      cooling_setpoint: {object: analog-value:2, writable: true, low: 16, high: 30}
  plain:
    kind: fcu
    points:
      start_stop: {object: binary-value:1, writable: true, priority_array: false}
      cooling_setpoint: {object: analog-value:2, writable: true, priority_array: false}
  modal:
    kind: fcu
    points:
      start_stop: {object: binary-value:1, writable: true, priority_array: false}
      mode: {object: multi-state-value:3, writable: true, priority_array: false, states: {1: cool, 2: heat, 3: fan}}
  kept:
    kind: fcu
    on_exit: hold
    points:
      start_stop: {object: binary-value:1, writable: true}
  lamps:
    kind: lights
    points:
      start_stop: {object: binary-output:5, writable: true}
  warning-lamps:
    kind: lights
    warn: blink
    points:
      start_stop: {object: binary-lighting-output:7, writable: true}
  stair-lamps:
    kind: lights
    points:
      start_stop: {object: binary-output:6}
"""


def site_text(
    zones: int = 2, devices: int = 1, *, extra: str = "", template: str = "fcu", lamps: str = "lamps"
) -> str:
    """A site of offices o1, o2 …, spread over devices d1, d2 …, and a stair on d1."""
    outdoor = "" if "\npoints:" in f"\n{extra}" else "points: {outdoor_temperature: d1/analog-input:900}"
    lines = [_HEAD, outdoor, extra, "zones:"]
    for n in range(1, zones + 1):
        place = f"d{(n - 1) % devices + 1}/{100 * n}"
        lines.append(f"  o{n}: {{hours: office, equipment: {{ac: {{template: {template}, at: {place}}}, "
                     f"lights: {{template: {lamps}, at: {place}}}}}}}")  # fmt: skip
    lines.append("  stair: {kind: stair, hours: office, equipment: "
                 "{lights: {template: stair-lamps, at: d1/0, escape_route: true}}}")  # fmt: skip
    heartbeat = ", heartbeat: 'binary-value:900'" if template == "kept" else ""
    lines.append("devices:")
    lines += [
        f"  d{n}: {{instance: {1000 + n}, address: '127.0.0.{n + 1}:47808'{heartbeat}}}"
        for n in range(1, devices + 1)
    ]
    return "\n".join(lines) + "\n"


def make_site(
    zones: int = 2,
    devices: int = 1,
    *,
    extra: str = "",
    template: str = "fcu",
    lamps: str = "lamps",
    **changes: Any,
) -> Site:
    """The resolved site; `changes` replace fields of it."""
    return dataclasses.replace(
        _resolved(site_text(zones, devices, extra=extra, template=template, lamps=lamps)), **changes
    )


@functools.cache
def _resolved(text: str) -> Site:
    return site_of_text(text)


def make_devices(site: Site) -> dict[str, FakeDevice]:
    """A device for each in the site: setpoints at 24 °C, equipment on when nobody commands it."""
    devices = {name: FakeDevice() for name in site.devices}
    for point in site.points.values():
        default = 24.0 if point.object_type.startswith("analog") else 1
        thing = FakeObject(default=default, commandable=point.priority_array)
        if point.object_type == "binary-lighting-output":
            thing.egress = 180.0
        devices[point.device].objects[(point.object_type, point.instance)] = thing
    return devices


def wants(
    point: str,
    command: Command,
    *,
    rule: RuleId = RuleId.WINDOW_OFF,
    priority: int = 10,
    expires: float = math.inf,
    warned: bool = False,
    reason: Because | None = None,
) -> dict[str, Outcome]:
    """What the engine submits when one rule wins one point."""
    citation = Citation(ACTION_PLAN, "开空调时不开窗")
    because = reason or Because("window open since {}", "窗户自 {} 起打开", ("10:00",))
    decision = Decision(point, command, priority, rule, citation, because, (), expires, warned)
    return {point: Outcome(decision, ())}


class World:
    """A site, its devices, a store, and a gateway that can crash and start again."""

    def __init__(
        self, site: Site | None = None, *, store: Store | None = None, seed: int = 0, **options: Any
    ) -> None:
        self.site = site if site is not None else make_site()
        self.devices = make_devices(self.site)
        self.driver = FakeDriver(self.devices, seed=seed)
        self.store = store if store is not None else Store("sqlite://", inline=True)
        self.store.open()
        self.clock = VirtualClock()
        self.options = options
        self.events: list[ev.Event] = []
        self.gateway = self.new_gateway()

    def new_gateway(self, **changes: Any) -> Gateway:
        """A gateway as after a start: it knows what the store knows."""
        loop = asyncio.get_running_loop()
        options = {
            "stamp": lambda: 1.8e9 + loop.time(),
            "on_event": self.events.append,
            **self.options,
            **changes,
        }
        self.gateway = Gateway(self.site, self.driver, self.store, self.clock, **options)
        return self.gateway

    def thing(self, point: str) -> FakeObject:
        """The object behind a point."""
        p = self.site.points[point]
        return self.devices[p.device].objects[(p.object_type, p.instance)]

    def address(self, point: str) -> Address:
        """Where a point is."""
        p = self.site.points[point]
        return Address(p.device, p.object_type, p.instance)

    async def do(self, point: str, command: Command, **how: Any) -> None:
        """Submit one outcome and wait until it is carried out."""
        self.gateway.submit(wants(point, command, **how))
        assert await self.gateway.settled(30.0)

    def heard(self, kind: type[E]) -> list[E]:
        """The events of a kind so far."""
        return [e for e in self.events if isinstance(e, kind)]

    def results(self) -> list[str]:
        """How the intents ended so far."""
        return [e.result for e in self.heard(ev.Wrote)]

    def landed(self, point: str) -> list[float | int | None]:
        """The values that reached a point's object."""
        return [w.value for w in self.driver.landed if w.address == self.address(point)]

    def rows(self, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Ask the store."""
        return self.store.read_now(lambda connection: query(connection, *args, **kwargs))
