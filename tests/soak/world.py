"""The building of the soak: controllers in memory, people, accidents, and a clock that is set now and then."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from config.points import Point
from config.roles import Role
from config.site import Site
from drivers.care.renewals import Renewals
from drivers.habits import Habits
from drivers.protocol import Address, Answer, DriverError, Identity, Rejected, Write, WriteMany
from schedules.time import Instant
from simulator.bacnet.controllers import falls_back_on
from supervisor.store import Store, StoreProblem
from supervisor.store.rows import OpenIntent
from tests.fakes import FakeDevice, FakeDriver, FakeObject, Faults, VirtualClock
from tests.soak.covered import Covered
from tests.soak.senses import ROOM, WEATHER, Senses

SLACK = 90.0
"""s that the daemon may take, all in all, on a good line: a minute of sleep, a stagger, a read-back."""
CONFIRM = 60.0
"""s for which the weather must say otherwise before it counts: docs/rules/mild-season-off.md."""
POLL = 900.0
"""s between two polls of a point that reports its changes: six times the site's 150 s."""
STALE = 2700.0 + 300.0
"""s after which nothing is known of a silent device: three polls, and the sweep that notices."""
UNSETTLED = 2400.0
"""s after an accident in which much may rightly be late: two polls and their retries."""
OFF = 20.0
"""s for which a controller is off while another is wired in its place."""
OUTDOORS = ""
"""The building's own sensors, among the zones."""


class SoakClock(VirtualClock):
    """A site clock on the virtual loop that somebody may set, or that a power cut sends back to 1970."""

    lost: float | None = None
    """Loop time since which it shows 1970; None while it is right."""

    def now(self) -> float:
        """The site's present, as this computer has it."""
        if self.lost is not None:
            return asyncio.get_running_loop().time() - self.lost
        return super().now()

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


class SoakStore(Store):
    """A store in memory, whose disk may be full."""

    refused_at = math.inf
    """Loop time at which it first refused a row since it has been full."""

    def _refused(self, problem: StoreProblem) -> StoreProblem:
        self.refused_at = min(self.refused_at, asyncio.get_running_loop().time())
        return super()._refused(problem)

    def pages(self, most: int) -> None:
        """How many pages it may have; never fewer than it has."""

        def limit(connection: sa.Connection, _chain: object) -> None:
            connection.exec_driver_sql(f"pragma max_page_count = {most}")

        self._give(limit).result()


class SoakDriver(FakeDriver):
    """Notifies of inputs, loses some notifications, and checks that each write has its committed intent."""

    def __init__(self, devices: dict[str, FakeDevice], store: Store, *, seed: int) -> None:
        super().__init__(devices, seed=seed)
        self.store = store
        self._covered = Covered()
        self.uncovered: list[str] = []
        self.sent = 0
        self.heard: dict[Address, float] = {}
        """Loop time at which each object was last read."""
        self.stubborn: set[str] = set()
        """Devices whose tables are full: they take no subscription."""
        self.turned_down: dict[str, float] = {}
        """Those of which the last one was refused, and since when: they are polled at their own rate."""
        self.asked: dict[Address, deque[float]] = {}
        """Loop times at which changes of an object were last asked for."""
        self.mum: set[str] = set()
        """Devices that acknowledge a subscription and never send."""
        self.strangers: dict[str, float] = {}
        """Devices in whose place there is another one, and since when."""
        self.full: Callable[[], bool] = lambda: False
        """Whether the disk is full."""
        self.seen: dict[Address, float] = {}
        """Loop time at which each object was first read to be on since it was written last."""
        self.on_landed: Callable[[Address, float | int | None], None] = lambda address, value: None
        """Called as a write has landed."""
        self.awake()

    def notify(self, address: Address, *, lost: bool) -> bool:
        """An input changed: tell whoever subscribed, unless the datagram is lost. True if it was told."""
        device = self.devices[address.device]
        if address not in self._subscribed or device.silent or lost or address.device in self.mum:
            return False
        value = device.objects[address.object_type, address.instance].present
        self._renewals.heard(address)
        self._changes.put_nowait(Answer(address, value, False, None))
        return True

    # ------------------------------------------------------------------ changes, as the real drivers keep them

    def awake(self) -> None:
        """The daemon begins, and knows nothing of earlier subscriptions."""
        self.habits = Habits()
        self._renewals = Renewals(self._ask, random.Random(0), self.habits)
        self.asked.clear()

    async def fall_asleep(self) -> None:
        """The daemon is gone: nobody renews anything."""
        await self._renewals.stop(0.0)

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe, and keep what is subscribed."""
        return await self._renewals.add(addresses, lifetime, self.timeout)

    def reports(self, address: Address) -> bool:
        """As far as the daemon's end of the line knows."""
        return self._renewals.reports(address)

    async def _ask(self, address: Address, lifetime: int | None) -> None:
        """One subscription over the line. Raises DriverError."""
        loop = asyncio.get_running_loop()
        self.asked.setdefault(address, deque(maxlen=20)).append(loop.time())
        await self._exchange("subscribe", address, lambda: self._take(address, lifetime, loop.time()))

    def _take(self, address: Address, lifetime: int | None, now: float) -> None:
        """What the device does with it."""
        device = address.device
        if lifetime is None:
            self._subscribed.discard(address)
        elif device in self.stubborn:
            self.turned_down.setdefault(device, now)
            self._subscribed.discard(address)
            full = Rejected(device, "COV subscription failed")
            full.answered = True
            raise full
        else:
            self.turned_down.pop(device, None)
            self._subscribed.add(address)
            if device not in self.mum:
                self._renewals.heard(address)

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """As a device in memory; it is noted what was heard."""
        answers = await super().read(addresses)
        now = asyncio.get_running_loop().time()
        self.heard.update(dict.fromkeys(addresses, now))
        for answer in answers:
            if answer.value:
                self.seen.setdefault(answer.address, now)
        return answers

    def forget(self, device: str, *, announced: bool) -> None:
        """A controller restarted: its subscriptions are gone until they are asked for again: soon after its I-Am, else
        at their renewal."""
        self._subscribed -= {a for a in self._subscribed if a.device == device}
        if announced:
            asyncio.get_running_loop().call_later(5.0, self._i_am, device)

    def _i_am(self, device: str) -> None:
        if not self.devices[device].silent:
            self.on_restart(device)
            self._renewals.restarted(device)

    async def identify(self, device: str) -> Identity:
        """Who is there: the device, or a stranger in its place."""
        who = await super().identify(device)
        return who._replace(vendor_id=666, model="another") if device in self.strangers else who

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Every write must be covered by an intent that is committed and still open."""
        self.sent += 1
        rows: list[OpenIntent] = self.store.read_now(self._covered.open_intents)
        unrecorded = value is None and self.full()  # what is given back does not wait for a broken disk
        if not unrecorded and not any(row.wire == value and row.priority == priority for row in rows):
            self.uncovered.append(f"{address} = {value} at {priority} without an open intent")
        await super().write(address, value, priority)
        self.on_landed(address, value)
        self.seen.pop(address, None)

    @property
    def write_many(self) -> WriteMany | None:
        """It can, as the daemon's own drivers can."""
        return self._together

    async def _together(self, writes: Sequence[Write]) -> list[DriverError | None]:
        """Several at once; the line does to each what it does to one."""
        return list(await asyncio.gather(*(self._one_of(write) for write in writes)))

    async def _one_of(self, write: Write) -> DriverError | None:
        try:
            await self.write(*write)
        except DriverError as error:
            return error
        return None


@dataclass
class Zone:
    """What the oracle needs to know of a zone, in the building's own truth, on loop time."""

    occupied: bool = False
    occupied_since: float = 0.0
    window: bool = False
    window_since: float = 0.0
    excused: float = 0.0
    """Loop time until which the zone is not judged."""
    turned: float = 0.0
    """Loop time until which its setpoint is not judged: somebody has just turned the knob."""
    signs: int = 0
    """What moved in it since somebody was last seen: windows, knobs, air. Nobody does that here, and a supervisor must take it for people."""

    @property
    def blind(self) -> bool:
        """Its presence sensor may count as blind."""
        return not self.occupied and self.signs > 1


class Page:
    """What runs beside the daemon: it needs a port, which somebody else may have."""

    def __init__(self) -> None:
        self.taken, self.running = False, False
        self.since = 0.0
        """Loop time since which the port is free or taken, or the page down or up."""
        self.tries: deque[float] = deque(maxlen=100)
        self._fall = asyncio.Event()

    async def serve(self) -> None:
        """Serve until it falls over. Raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self.tries.append(loop.time())
        if self.taken:
            raise OSError("the port is taken")
        self.running, self.since = True, loop.time()
        try:
            await self._fall.wait()
        finally:
            self.running, self.since = False, loop.time()
        raise RuntimeError("the page fell over")

    def fall(self, *, taken: bool) -> None:
        """It falls over, and somebody has its port, or has not."""
        self.taken, self.since = taken, asyncio.get_running_loop().time()
        self._fall.set()
        asyncio.get_running_loop().call_soon(self._fall.clear)

    def free(self) -> None:
        """The port is free again."""
        self.taken, self.since = False, asyncio.get_running_loop().time()


@dataclass
class World:
    """Everything outside the daemon."""

    site: Site
    seed: int
    store: SoakStore
    begin: Instant
    rng: random.Random = field(init=False)
    whims: random.Random = field(init=False)
    """What goes wrong with the computer itself, with subscriptions and for moments: drawn apart."""
    page: Page = field(init=False)
    wrong_clock: tuple[float, float] = (math.inf, math.inf)
    """Loop times between which the clock last showed 1970."""
    clock: SoakClock = field(init=False)
    driver: SoakDriver = field(init=False)
    zones: dict[str, Zone] = field(init=False)
    senses: dict[str, Senses] = field(init=False)
    """By zone, and of the weather: what may be known of them."""
    silent_since: dict[str, float] = field(default_factory=dict)
    fire_since: float | None = None
    fire_clear: float = -math.inf
    began: float = 0.0
    """Loop time since which the daemon runs by this clock."""
    full_since: float | None = None
    """Loop time since which the disk has been full."""
    full: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the disk is full."""
    emptied: float = 0.0
    """Loop time since which there has been room again."""
    good_since: dict[str, float] = field(default_factory=dict)
    """Loop time from which a device's line is good again, as far as is known."""
    down: bool = True
    crashes: int = 0
    foreign: dict[str, float] = field(default_factory=dict)
    overtime: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng, self.whims = random.Random(self.seed), random.Random(-1 - self.seed)
        self.page = Page()
        self.clock = SoakClock(self.begin)
        devices = {d: FakeDevice(faults=Faults()) for d in self.site.devices}
        for point in self.site.points.values():
            devices[point.device].objects[point.object_type, point.instance] = self._object(point)
        self.driver = SoakDriver(devices, self.store, seed=self.seed)
        self.driver.full = lambda: self.full_since is not None
        self.zones = {id_: Zone() for id_ in self.site.zones}
        self.senses = {
            OUTDOORS: Senses(WEATHER, {Role.OUTDOOR_TEMPERATURE: _AT_FIRST[Role.OUTDOOR_TEMPERATURE]})
        }
        for id_, zone in self.site.zones.items():
            self.senses[id_] = Senses(ROOM, {r: _AT_FIRST[r] for r in ROOM if zone.sensors.get(r)})

    def _object(self, point: Point) -> FakeObject:
        if point.role is Role.START_STOP:
            return FakeObject(default=int(falls_back_on(self.site, point)))
        commandable = not point.object_type.endswith("-input")
        return FakeObject(default=_AT_FIRST.get(point.role, 0), commandable=commandable)

    # ------------------------------------------------------------------ the computer

    def wall(self) -> float:
        """The computer's own clock, which nobody sets by an hour, but which a power cut may lose."""
        return self.clock.now() if self.clock.lost is not None else self.begin + self.loop()

    def lose_clock(self, seconds: float) -> None:
        """It is 1970, for so long."""
        self.clock.lost = self.loop()
        self.wrong_clock = (self.clock.lost, self.clock.lost + seconds)
        asyncio.get_running_loop().call_later(seconds, setattr, self.clock, "lost", None)

    def fill(self, seconds: float) -> None:
        """The disk is full, for so long: what fits into pages that are there is still taken."""
        self.store.pages(1)
        self.store.refused_at = math.inf
        self.full_since = self.loop()
        self.full.set()
        self.excuse_all(seconds + UNSETTLED)
        asyncio.get_running_loop().call_later(seconds, self.empty)

    def empty(self) -> None:
        """Somebody has made room."""
        self.store.pages(1_000_000)
        self.full_since, self.emptied = None, self.loop()
        self.full.clear()

    def swap(self, device: str, seconds: float) -> None:
        """Another controller is wired in the place of one, for so long: each time it is off for a moment."""
        loop = asyncio.get_running_loop()
        before = self.good_since.get(device, 0.0)
        self.trouble(device, seconds + 2 * OFF)
        self.good_since[device] = max(before, self.loop() + OFF)
        for at, strange in ((0.0, True), (seconds, False)):
            loop.call_later(at, self._wire, device, True, None)
            loop.call_later(at + OFF, self._wire, device, False, strange)

    def _wire(self, device: str, silent: bool, strange: bool | None) -> None:
        self.driver.devices[device].silent = silent
        if strange is None:
            return
        self.driver.strangers.pop(device, None)
        if strange:
            self.driver.strangers[device] = self.loop()
        self.silent_since.pop(device, None)
        self.driver.forget(device, announced=True)

    # ------------------------------------------------------------------ the truth

    def loop(self) -> float:
        """Virtual seconds since the beginning."""
        return asyncio.get_running_loop().time()

    def mild(self) -> bool:
        """Spring or autumn, by the site's dates, now and a moment ago."""
        now = self.clock.now()
        days = [datetime.fromtimestamp(t, self.site.tz) for t in (now - SLACK, now)]
        return all(
            (3, 20) <= (d.month, d.day) < (6, 1) or (10, 1) <= (d.month, d.day) < (12, 1) for d in days
        )

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
        if not self.driver.notify(Address(point.device, point.object_type, point.instance), lost=lost):
            self.excuse(zone, 2400.0)

    # ------------------------------------------------------------------ figures, and what may be known of them

    def measure(self, zone: str, role: Role, value: float, *, lie: bool = False) -> None:
        """A figure of a room, or outdoors, changes; `lie`: into what cannot be, until a true one is given."""
        points = self.site.building_points if zone == OUTDOORS else self.site.zones[zone].equipment[0].points
        point, now, senses = points[role], self.loop(), self.senses[zone]
        if role is Role.CO2:
            self.zones[zone].signs += 1
        self.thing(point).default = value
        lost = self.rng.random() < 0.02
        told = self.driver.notify(Address(point.device, point.object_type, point.instance), lost=lost)
        certain = now + SLACK + (0.0 if told and not self.down else POLL)
        certain += CONFIRM if zone == OUTDOORS else 0.0
        if lie:
            senses.lie(role, now, certain)
        else:
            senses.show(role, value, now, certain)
        self.forget()

    def forget(self) -> None:
        """While the mild-season rule does not hold for sure, that a room was unfit may be forgotten."""
        if not self.mild() or self.senses[OUTDOORS].beyond(self.loop()) is not False:
            for zone in self.site.zones:
                self.senses[zone].forget()

    def silent_outdoors(self) -> bool:
        """Nothing has been heard of the outdoor sensor for so long that it must count as unknown."""
        device = self.site.building_points[Role.OUTDOOR_TEMPERATURE].device
        return self.loop() > self.silent_since.get(device, math.inf) + STALE + SLACK

    def trouble(self, device: str, seconds: float) -> None:
        """For so long and a while after, a device's line is no good: neither judge nor count on it."""
        self.good_since[device] = max(self.good_since.get(device, 0.0), self.loop() + seconds)
        for id_, zone in self.site.zones.items():
            if any(p.device == device for e in zone.equipment for p in e.points.values()):
                self.excuse(id_, seconds + UNSETTLED)
                self._doubt(id_, seconds)
        if any(p.device == device for p in self.site.building_points.values()):
            self._doubt(OUTDOORS, seconds)

    def upset(self) -> None:
        """The daemon has just been started, or the clock set: what is known has to be read anew."""
        self.began = self.loop()
        self.excuse_all(UNSETTLED)
        self.silent_since = dict.fromkeys(self.silent_since, self.loop())
        for zone in self.senses:
            self._doubt(zone, 0.0)

    def _doubt(self, zone: str, seconds: float) -> None:
        self.senses[zone].doubt(self.loop(), self.loop() + seconds + UNSETTLED)
        self.forget()

    def excuse(self, zone: str, seconds: float) -> None:
        """Do not judge a zone for a while."""
        self.zones[zone].excused = max(self.zones[zone].excused, self.loop() + seconds)

    def excuse_all(self, seconds: float) -> None:
        """Do not judge anything for a while."""
        for zone in self.zones:
            self.excuse(zone, seconds)


_AT_FIRST = {
    Role.COOLING_SETPOINT: 26.0,
    Role.TEMPERATURE: 24.0,
    Role.HUMIDITY: 50.0,
    Role.CO2: 600.0,
    Role.OUTDOOR_TEMPERATURE: 20.0,
}
SUMMER = 1_782_662_400.0
"""2026-06-29 00:00 in Shanghai, a Monday."""
AUTUMN = 1_791_129_600.0
"""2026-10-05 00:00 in Shanghai, a Monday."""
WINTER = 1_798_387_200.0
"""2026-12-28 00:00 in Shanghai, a Monday."""
