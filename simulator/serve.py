"""The simulated building as a process of its own: controllers on real UDP, people by seed.

`python -m simulator SITE.yaml [--start ISO] [--speed N]`. It says `ready` on standard output once every
controller answers, then takes orders, one JSON object a line, on standard input, and answers each on a line:

    {"do": "window", "zone": "f2-office-201", "open": true}     a person opens a window
    {"do": "fire", "active": true}                             the fire panel's contact
    {"do": "command", "point": ID, "value": 22, "priority": 8}  somebody at the controller fills a slot
    {"do": "restart", "device": "ddc-1"}  {"do": "silent", "device": "ddc-1", "silent": true}
    {"do": "writes", "point": ID}         every write that arrived for a point's object
    {"do": "present", "point": ID}        its present value
    {"do": "stop"}
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import time
from collections.abc import Mapping
from typing import Any

from config.points import Point
from config.site import Site
from schedules.time import Instant
from simulator.bacnet.controllers import devices_of
from simulator.bacnet.front import Front, WriteRecord
from simulator.bacnet.front import Point as Place
from simulator.building import KNOB_PRIORITY, Knob, SimulatedBuilding
from simulator.plant.kind import PlantKind

TICK = 0.5
"""s of wall time between two looks at the controllers."""


def site_time(start: Instant, speed: float, origin: float) -> Instant:
    """The site clock: `start` when the monotonic clock showed `origin`, then `speed` times faster."""
    return start + (time.monotonic() - origin) * speed


class Served:
    """A simulated building behind a front, driven by the clock until stopped."""

    def __init__(self, building: SimulatedBuilding, front: Front, speed: float, origin: float) -> None:
        self.building = building
        self.front = front
        self._start = building.time
        self._speed = speed
        self._origin = origin
        self._places = {p.id: Place(p.device, p.object_type, p.instance) for p in building.commandable()}

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK)

    async def tick(self) -> None:
        """Take the controllers' commands, live up to now, show the result."""
        presents = await self.front.presents(list(self._places.values()))
        shown = dict(zip(self._places, presents, strict=True))
        self.building.command(lambda point: shown[point.id])
        inputs, knobs = self.building.advance(site_time(self._start, self._speed, self._origin))
        for knob in knobs:
            await self.turn(knob)
        await self.front.set_inputs(inputs)

    async def turn(self, knob: Knob) -> None:
        """A knob or wall switch fills its slot, or lets it go."""
        p = knob.point
        await self.front.command(p.device, p.object_type, p.instance, knob.value, KNOB_PRIORITY)

    # ------------------------------------------------------------------ orders

    async def obey(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one order; the answer has `ok`, and `error` where it is false."""
        try:
            return {"ok": True, **await self._obey(order)}
        except (KeyError, ValueError, TypeError) as error:
            return {"ok": False, "error": repr(error)}

    async def _obey(self, order: Mapping[str, Any]) -> dict[str, Any]:
        what = order["do"]
        if what == "window":
            self.building.hold_window(order["zone"], order["open"])
        elif what == "fire":
            self.building.fire = bool(order["active"])
        elif what == "restart":
            await self.front.restart(order["device"])
        elif what == "silent":
            await self.front.set_silent(order["device"], bool(order["silent"]))
        elif what == "command":
            p = self._point(order)
            await self.front.command(
                p.device, p.object_type, p.instance, order["value"], int(order["priority"])
            )
        elif what == "present":
            p = self._point(order)
            return {"value": await self.front.present(p.device, p.object_type, p.instance)}
        elif what == "writes":
            return {"writes": [list(w) for w in self._writes(self._point(order))]}
        else:
            raise ValueError(f"no such order: {what}")
        return {}

    def _point(self, order: Mapping[str, Any]) -> Point:
        return self.building.site.points[order["point"]]

    def _writes(self, point: Point) -> list[WriteRecord]:
        place = (point.device, point.object_type, point.instance)
        return [w for w in self.front.writes if (w.device, w.object_type, w.instance) == place]


async def _listen(served: Served) -> None:
    """Orders until standard input ends or says stop; of a service, which has none, for ever."""
    if stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode) and not sys.stdin.isatty():
        await asyncio.Event().wait()  # the null device: there is nothing to wait for, and a loop cannot
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            order = json.loads(line)
        except ValueError:
            _say({"ok": False, "error": "not a JSON object"})
            continue
        if order.get("do") == "stop":
            return
        _say(await served.obey(order))


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def make_front(site: Site, stack: str, speed: float = 1.0) -> Front:
    """The controllers of a site on either server stack, beside a site clock of that speed. ValueError for another."""
    if stack == "rusty":
        from simulator.bacnet.rusty_front import RustyFront

        return RustyFront(devices_of(site, speed))
    if stack == "bacpypes":
        from simulator.bacnet.bacpypes_front import BacpypesFront

        return BacpypesFront(devices_of(site, speed))
    raise ValueError(f"no such stack: {stack}")


async def serve(
    site: Site,
    *,
    start: Instant,
    speed: float,
    seed: int,
    stack: str,
    origin: float,
    plant: PlantKind = PlantKind.RC,
) -> None:
    """Serve a site's building until standard input ends. OSError if an address is taken; Unusable."""
    now = time.monotonic()
    # EnergyPlus takes seconds to begin; the building then catches up with the clock at the first tick.
    building = SimulatedBuilding(site, site_time(start, speed, origin), seed, plant=plant)
    front = make_front(site, stack, speed)
    try:
        await front.start()
        served = Served(building, front, speed, now)
        await settle(served)
        _say({"ready": True, "devices": len(site.devices), "objects": len(site.points)})
        ticking = asyncio.create_task(served.run())
        listening = asyncio.create_task(_listen(served))
        await asyncio.wait({ticking, listening}, return_when=asyncio.FIRST_COMPLETED)
        if ticking.done():
            ticking.result()
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
    finally:
        await front.stop()
        building.plant.close()


async def settle(served: Served) -> None:
    """Show the building as the morning left it: what people have already switched on and turned."""
    building = served.building
    for zone in building.people.rooms:
        state = building.people.state(zone, building.time)
        for equipment in building.site.zones[zone.id].units:
            for knob in building.standing(equipment, state):
                await served.turn(knob)
    await served.tick()
