"""The building of the soak: controllers in memory, people, accidents, and a clock that is set now and then."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from dataclasses import dataclass, field

from config.roles import Role
from config.site import Point, Site
from drivers.base import Address, Answer
from drivers.readings import Instant
from simulator.controllers import falls_back_on
from supervisor.store import Store, queries
from tests.fakes import FakeDevice, FakeDriver, FakeObject, Faults, VirtualClock

DAY = 86_400.0


class SoakClock(VirtualClock):
    """A site clock on the virtual loop that somebody may set."""

    async def wait(self, until: Instant, interrupt: asyncio.Event) -> None:
        """As the daemon's own clock: looks again at least every ten minutes, in case it was set."""
        while not interrupt.is_set():
            left = until - self.now()
            if left <= 0:
                return
            # not asyncio.wait_for: it loses a cancellation that comes together with the interrupt
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(600.0 if math.isinf(left) else min(left, 600.0)):
                    await interrupt.wait()


class SoakDriver(FakeDriver):
    """Notifies of inputs, loses some notifications, and checks that each write has its committed intent."""

    def __init__(self, devices: dict[str, FakeDevice], store: Store, *, seed: int) -> None:
        super().__init__(devices, seed=seed)
        self.store = store
        self.uncovered: list[str] = []
        self.sent = 0

    def notify(self, address: Address, *, lost: bool) -> None:
        """An input changed: tell whoever subscribed, unless the datagram is lost."""
        device = self.devices[address.device]
        if address in self._subscribed and not device.silent and not lost:
            value = device.objects[address.object_type, address.instance].present
            self._changes.put_nowait(Answer(address, value, False, None))

    def forget(self, device: str) -> None:
        """A controller restarted: its subscriptions are gone until the driver renews them, minutes later."""
        lost = {a for a in self._subscribed if a.device == device}
        self._subscribed -= lost
        asyncio.get_running_loop().call_later(150.0, self._subscribed.update, lost)

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Every write must be covered by an intent that is committed and still open."""
        self.sent += 1
        rows = self.store.read_now(queries.open_intents)
        if not any(row.wire == value and row.priority == priority for row in rows):
            self.uncovered.append(f"{address} = {value} at {priority} without an open intent")
        await super().write(address, value, priority)


@dataclass
class Zone:
    """What the oracle needs to know of a zone, in the building's own truth, on loop time."""

    occupied: bool = False
    occupied_since: float = 0.0
    window: bool = False
    window_since: float = 0.0
    excused: float = 0.0
    """Loop time until which the zone is not judged."""
    lied_to: float = 0.0
    """Loop time until which its thermometer is not to be believed: rules that need it end meanwhile."""


@dataclass
class World:
    """Everything outside the daemon."""

    site: Site
    seed: int
    store: Store
    rng: random.Random = field(init=False)
    clock: SoakClock = field(init=False)
    driver: SoakDriver = field(init=False)
    zones: dict[str, Zone] = field(init=False)
    fire_since: float | None = None
    fire_clear: float = -math.inf
    down: bool = True
    crashes: int = 0
    foreign: dict[str, float] = field(default_factory=dict)
    overtime: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.clock = SoakClock(START)
        devices = {d: FakeDevice(faults=Faults()) for d in self.site.devices}
        for point in self.site.points.values():
            devices[point.device].objects[point.object_type, point.instance] = self._object(point)
        self.driver = SoakDriver(devices, self.store, seed=self.seed)
        self.zones = {id_: Zone() for id_ in self.site.zones}

    def _object(self, point: Point) -> FakeObject:
        if point.role is Role.START_STOP:
            return FakeObject(default=int(falls_back_on(self.site, point)))
        start = {Role.COOLING_SETPOINT: 26.0, Role.TEMPERATURE: 24.0, Role.OUTDOOR_TEMPERATURE: 20.0}
        commandable = not point.object_type.endswith("-input")
        return FakeObject(default=start.get(point.role, 0), commandable=commandable)

    # ------------------------------------------------------------------ the truth

    def loop(self) -> float:
        """Virtual seconds since the beginning."""
        return asyncio.get_running_loop().time()

    def thing(self, point: Point) -> FakeObject:
        """The object of a point."""
        return self.driver.devices[point.device].objects[point.object_type, point.instance]

    def point(self, zone: str, role: Role, *, lights: bool = False) -> Point | None:
        """A zone's point by role."""
        for equipment in self.site.zones[zone].equipment:
            if equipment.lights is lights and role in equipment.points:
                return equipment.points[role]
        return None

    def sense(self, zone: str, role: Role, value: float | int) -> None:
        """A sensor shows a new value; now and then the notification is lost and only the poll tells."""
        point = self.point(zone, role) or self.point(zone, role, lights=True)
        if point is None:
            return
        thing = self.thing(point)
        if thing.default == value:
            return
        thing.default = value
        lost = self.rng.random() < 0.02
        self.driver.notify(Address(point.device, point.object_type, point.instance), lost=lost)
        if lost or self.driver.devices[point.device].silent:
            self.excuse(zone, 2400.0)

    def excuse(self, zone: str, seconds: float) -> None:
        """Do not judge a zone for a while."""
        self.zones[zone].excused = max(self.zones[zone].excused, self.loop() + seconds)

    def excuse_all(self, seconds: float) -> None:
        """Do not judge anything for a while."""
        for zone in self.zones:
            self.excuse(zone, seconds)

    def excuse_device(self, device: str, seconds: float) -> None:
        """Do not judge the zones of a device for a while."""
        for id_, zone in self.site.zones.items():
            if any(p.device == device for e in zone.equipment for p in e.points.values()):
                self.excuse(id_, seconds)


START = 1_782_662_400.0
"""2026-06-29 00:00 in Shanghai, a Monday in summer."""
