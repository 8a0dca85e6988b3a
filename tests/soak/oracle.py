"""The judge: looks at the controllers alone, knows the rules in its own words, and shares none of the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from config.points import Point
from config.roles import Role
from config.rules import RuleId
from drivers.protocol import Address
from schedules.hours import Timetable
from schedules.time import Instant
from schedules.types import Span
from tests.soak.told import Told
from tests.soak.world import OUTDOORS, POLL, SLACK, STALE, UNSETTLED, World

OURS = 10
OWN_RATE = 150.0
"""s between two polls of a point whose changes are not reported: the site's `poll`."""
UNSEEN = 600.0
"""s without a look at a unit, twice the usual, after which nobody can say that it has run all the while."""
UNTOLD = 2000.0
"""s for which the end of a fire may not have been noticed yet, where it was not told: two polls."""
ON_THE_WAY = 10.0
"""s in which a request that was sent before a crash may still land."""
RUN_FOR = 600.0
"""s that a unit which was let run stays on at least, whatever suspends next; windows and fire excepted."""
Claims: TypeAlias = Callable[[str], Mapping[RuleId, bool | None]]
SUSPENSION = 1800.0
"""s for which `mild-season-off` may leave a room alone after it was unfit or not known for an instant; a unit that was let
run just before goes off ten minutes later, which the slack of a look takes in."""


class Oracle:
    """Collects violations, each one line."""

    def __init__(self, world: World, tables: Mapping[str, Timetable]) -> None:
        self.world = world
        self.tables = tables
        self.violations: list[str] = []
        self._landed = self._looks = 0
        self.told = Told(world)
        self._let_run: dict[Address, float] = {}
        """Loop time at which units that were held off were let run, until they are held off again."""
        self.claims: Claims = lambda zone: {}
        """How the supervisor says that a zone stands to each rule."""
        self.page_said: Callable[[], str] = str
        """What it says is wrong with the page; empty: nothing."""
        self._points = {
            id_: (
                world.point(id_, Role.START_STOP),
                world.point(id_, Role.START_STOP, lights=True),
                world.point(id_, Role.COOLING_SETPOINT),
            )
            for id_ in world.site.zones
        }
        self._addresses: dict[str, list[Address]] = {device: [] for device in world.site.devices}
        self._zones_on: dict[str, set[str]] = {device: set() for device in world.site.devices}
        for point in world.site.points.values():
            self._addresses[point.device].append(Address(point.device, point.object_type, point.instance))
            if point.zone is not None:
                self._zones_on[point.device].add(point.zone)
        self._units = {
            Address(point.device, point.object_type, point.instance): zone
            for zone, (point, _, _) in self._points.items()
            if point is not None
        }
        world.driver.on_landed = self.landed
        self._on_since: dict[Address, tuple[float, float]] = {}
        """Since when, and when last, units have been seen on, by address, that must be held off in the mild season."""
        self._fire_unseen = -math.inf
        """When last another controller stood where the panel's had been, and a fire had ended that it knows nothing of."""
        self._spans: dict[str, tuple[Span, ...]] = {}
        """By timetable, of this look."""

    def look(self) -> None:
        """Judge the building now."""
        self._wire()
        self._page()
        self.world.forget()
        if self.world.down or self._fire_near():
            return
        loop, now = self.world.loop(), self.world.clock.now()
        self._spans = {hours: tuple(table.spans(now).spans) for hours, table in self.tables.items()}
        for zone in self.world.site.zones:
            if loop >= self.world.zones[zone].excused:
                for wrong in self._zone(zone, now):
                    self._say(zone, wrong)
        self._looks += 1
        if self._looks % 6 == 0:
            self._heard()
        self._claims()
        for where, wrong in self.told.wrong():
            self._say(where, wrong)

    def _say(self, where: str, what: str) -> None:
        at = datetime.fromtimestamp(self.world.clock.now(), self.world.site.tz)
        self.violations.append(f"{at:%Y-%m-%d %H:%M:%S} {where}: {what}")

    def _fire_near(self) -> bool:
        """A fire, or one that may still be believed: whose end a panel that does not answer has not told, or another controller
        in its place, whose word is none."""
        world = self.world
        panel = world.site.building_points[Role.FIRE_ALARM].device
        told = max(
            world.fire_clear, min(world.good_since.get(panel, 0.0) + UNSETTLED, world.fire_clear + 6 * 3600.0)
        )
        strange = world.driver.strangers.get(panel)
        if strange is not None and world.fire_clear > strange - UNTOLD:
            self._fire_unseen = world.loop()
        told = max(told, self._fire_unseen + UNSETTLED)
        return world.fire_since is not None or world.loop() < told + 60.0 + 300.0

    # ------------------------------------------------------------------ what reached the wire

    def _wire(self) -> None:
        """No write to the escape stairs, none at another slot, none of a forbidden value, none in a fire."""
        world = self.world
        escape = {(p.device, p.object_type, p.instance) for p in self._escape()}
        for landed in world.driver.landed[self._landed :]:
            address = (landed.address.device, landed.address.object_type, landed.address.instance)
            if address in escape:
                self._say("stair", f"escape-route light written: {landed}")
            if landed.priority != OURS:
                self._say(landed.address.device, f"written at slot {landed.priority}: {landed}")
            if (
                landed.value is not None
                and landed.value not in (0, 1)
                and not 26.0 <= float(landed.value) <= 32.0
            ):
                self._say(landed.address.device, f"forbidden value: {landed}")
            burning = world.fire_since is not None and landed.at > world.fire_since + SLACK
            if burning and not self._excused(landed.address.device):
                self._say(landed.address.device, f"written during a fire alarm: {landed}")
            wrong_from, wrong_to = world.wrong_clock
            if wrong_from + ON_THE_WAY < landed.at < wrong_to:
                self._say(landed.address.device, f"written by a clock in 1970: {landed}")
        self._landed = len(world.driver.landed)
        for uncovered in world.driver.uncovered:
            self._say("journal", uncovered)
        world.driver.uncovered.clear()

    def landed(self, address: Address, value: float | int | None) -> None:
        """A write has just landed: none in a controller that is not ours; a unit that was let run runs for a while."""
        world, now = self.world, self.world.loop()
        if address.device in world.driver.strangers:
            self._say(address.device, "another one is in its place, and it is written")
        zone = self._units.get(address)
        if zone is None:
            return
        unit = world.driver.devices[address.device].objects[address.object_type, address.instance]
        outranked = any(priority < world.site.priority for priority in unit.slots)
        if value != 0:
            if unit.present and not outranked:  # one that is stuck does not run, whatever it is let
                self._let_run.setdefault(address, now)
            return
        since = self._let_run.pop(address, None)
        if not unit.present:
            self._on_since.pop(address, None)
        if outranked or world.driver.seen.get(address, now) > now - SLACK:
            # Nobody could know yet that it runs: a controller reports no change that we made. Or another master has the unit:
            # it did not begin with our letting go, nor end with our holding off.
            return
        if since is not None and now < since + RUN_FOR - ON_THE_WAY and self._no_other_reason(zone, since):
            self._say(zone, f"held off {now - since:.0f} s after it was let run")

    def _no_other_reason(self, zone: str, since: float) -> bool:
        """Whether nothing but the mild season can hold a unit off: open, somebody there, windows shut, no fire; and
        whether it must be known that it runs."""
        world, now, clock = self.world, self.world.loop(), self.world.clock.now()
        truth, device = world.zones[zone], self._points[zone][0]
        assert device is not None
        if not world.mild() or self._fire_near() or now < truth.excused or since < world.began + SLACK:
            return False
        if device.device in world.driver.mum or device.device in world.driver.turned_down:
            return False
        window = truth.window or now < truth.window_since + 60.0 + SLACK
        people = truth.occupied and now > truth.occupied_since + SLACK
        spans = tuple(self.tables[world.site.zones[zone].hours].spans(clock).spans)
        close = self._hours(zone, spans, clock)[2]
        return people and not window and clock < close - 1800.0 - SLACK

    def _excused(self, device: str) -> bool:
        panel = self.world.site.building_points[Role.FIRE_ALARM].device
        return any(
            self.world.loop() < self.world.zones[id_].excused - 300.0
            for id_, zone in self.world.site.zones.items()
            if any(p.device in (device, panel) for e in zone.equipment for p in e.points.values())
        )

    def _escape(self) -> Iterator[Point]:
        for zone in self.world.site.zones.values():
            for equipment in zone.equipment:
                if equipment.escape_route:
                    yield from equipment.points.values()

    # ------------------------------------------------------------------ what runs beside

    def _page(self) -> None:
        """A page that died is started again, ever more slowly; while it is down that is told, and only then."""
        page, loop = self.world.page, self.world.loop()
        if loop < page.since + 5.0:
            return
        if page.running is bool(self.page_said()):
            self._say(
                "page", f"{'up' if page.running else 'down'}, and told: {self.page_said() or 'nothing'}"
            )
        if not page.running and not page.taken and loop > page.since + 60.0 + SLACK:
            self._say("page", "not started again")
        if sum(at > loop - 600.0 for at in page.tries) > 25:
            self._say("page", "started again and again without a pause")

    # ------------------------------------------------------------------ what is heard, and what is claimed

    def _heard(self) -> None:
        """No reading is older than its device's rate allows: each 150 s, or POLL where changes are reported."""
        world, loop = self.world, self.world.loop()
        for device, addresses in self._addresses.items():
            if any(loop < world.zones[zone].excused for zone in self._zones_on[device]):
                continue
            longest = OWN_RATE if device in world.driver.turned_down else POLL
            oldest = min(world.driver.heard.get(address, 0.0) for address in addresses)
            if loop - oldest > longest + SLACK:
                self._say(device, f"not read for {loop - oldest:.0f} s, its rate is {longest:.0f} s")

    def _claims(self) -> None:
        """Of a room whose thermometer lies, or whose controller is silent, nobody says that it complies."""
        world, loop = self.world, self.world.loop()
        blind = [
            zone
            for zone, senses in world.senses.items()
            if zone != OUTDOORS
            and Role.TEMPERATURE in senses.roles
            and loop >= world.zones[zone].excused
            and senses.lying(Role.TEMPERATURE, loop)
        ]
        for device, since in world.silent_since.items():
            if loop > since + STALE + SLACK:
                blind += [z for z in self._zones_on[device] if Role.TEMPERATURE in world.senses[z].roles]
                if self.told.up(device):
                    self._say(device, "silent, and said to answer")
        for zone in blind:
            if self.claims(zone).get(RuleId.FREEZE_PROTECT) is not None:
                self._say(zone, "its temperature is not known, and it is said to comply or not to")

    # ------------------------------------------------------------------ what the rules ask

    def _zone(self, id_: str, now: Instant) -> Iterator[str]:
        world = self.world
        hvac, light, setpoint = self._points[id_]
        if id_ == "server":
            if hvac is not None and OURS in world.thing(hvac).slots:
                yield "an exempt zone is held"
            return
        if hvac is not None and world.loop() > world.foreign.get(id_, 0.0):
            yield from self._hvac(id_, hvac, now)
        if light is not None and light.writable:
            yield from self._lights(id_, light, now)
        if setpoint is not None:
            yield from self._setpoint(id_, setpoint, now)

    def closes(self, id_: str, now: Instant) -> float:
        """The close of the hours that run now, overtime counted; -inf outside them."""
        table = self.tables[self.world.site.zones[id_].hours]
        return self._hours(id_, tuple(table.spans(now).spans), now)[2]

    def _hours(self, id_: str, spans: tuple[Span, ...], now: Instant) -> tuple[float, float, float]:
        """The last close, the next opening, and the close of the hours that run now (or -inf, overtime counted)."""
        late = self.world.overtime.get(id_, -math.inf)
        current = next((s for s in spans if s.open <= now < s.close), None)
        closed = max((s.close for s in spans if s.close <= now), default=-math.inf)
        opens = min((s.open for s in spans if s.open > now), default=math.inf)
        if current is not None:
            return -math.inf, opens, max(current.close, late)
        return (closed, opens, late) if late > now else (max(closed, late), opens, -math.inf)

    def _hvac(self, id_: str, point: Point, now: Instant) -> Iterator[str]:
        thing, truth, world = self.world.thing(point), self.world.zones[id_], self.world
        locked = self._locked(id_) if world.mild() else False
        lingers = self._lingers(point, locked is True and bool(thing.present))
        closed, opens, close = self._hours(id_, self._spans[world.site.zones[id_].hours], now)
        off_hours = close == -math.inf and now >= closed + SLACK and now < opens - 1800.0 - SLACK
        ending = close != -math.inf and close - 1800.0 + SLACK <= now < close and opens - 1800.0 - SLACK > now
        if (off_hours or ending) and thing.present:
            yield f"HVAC on {'outside the hours' if off_hours else 'in the last half hour'}"
        if close == -math.inf or now >= close - 1800.0 - SLACK:
            return
        opened = self._opened(id_, now)
        if opened is None or now < opened + SLACK:
            return
        window = truth.window and world.loop() - truth.window_since > 60.0 + SLACK
        shut = not truth.window and world.loop() - truth.window_since > 60.0 + SLACK
        empty = world.loop() - truth.occupied_since
        vacant = not truth.occupied and min(empty, now - opened) > 900.0 + SLACK
        if window and world.loop() - truth.window_since < 4 * 3600.0 - SLACK and thing.present:
            yield "HVAC on with a window open"
        elif vacant and thing.present and not truth.blind:
            yield "HVAC on with nobody there"
        if lingers > SUSPENSION + SLACK:
            yield "HVAC on in the mild season"
        if locked is False and shut and truth.occupied and empty > SLACK and not thing.present:
            yield "HVAC kept off for no reason"

    def _lingers(self, point: Point, on: bool) -> float:
        """For how long a unit has been seen on that must be held off, s: a suspension, once begun, lasts a while.

        Nobody looks while a fire is near or the room is excused: what was let run in between has not run since before.
        """
        now, address = self.world.loop(), Address(point.device, point.object_type, point.instance)
        if not on:
            self._on_since.pop(address, None)
            return 0.0
        since, last = self._on_since.get(address, (now, now))
        if now - last > UNSEEN:
            since = now
        self._on_since[address] = (since, now)
        return now - since

    def _locked(self, id_: str) -> bool | None:
        """In the mild season: the room must be held off (the weather is normal and the room fit), must not be (the
        weather is not, the room is not, or nobody can know), or, where either may be believed, None."""
        world, now = self.world, self.world.loop()
        weather, room = world.senses[OUTDOORS], world.senses[id_]
        if weather.unknown(now) or room.unknown(now) or world.silent_outdoors():
            return False
        abnormal, unfit = weather.beyond(now), room.beyond(now)
        if abnormal or unfit:
            return False
        left = math.nan if room.left is None else room.left
        begun = max(left + SLACK, room.noticed)
        if abnormal is False and weather.possibly < left and begun < now < left + SUSPENSION:
            return False  # a suspension has begun, in normal weather, and once begun it lasts
        return None if abnormal is None or unfit is None else True

    def _opened(self, id_: str, now: Instant) -> float | None:
        spans = self._spans[self.world.site.zones[id_].hours]
        return next((s.open for s in spans if s.open <= now < s.close), None)

    def _lights(self, id_: str, point: Point, now: Instant) -> Iterator[str]:
        thing, truth, world = self.world.thing(point), self.world.zones[id_], self.world
        empty = world.loop() - truth.occupied_since
        if id_ == "corridor":
            if not truth.occupied and empty > 120.0 + SLACK and thing.present:
                yield "corridor lit for nobody"
            if truth.occupied and empty > SLACK and not thing.present:
                yield "corridor dark with somebody in it"
            return
        closed, opens, close = self._hours(id_, self._spans[world.site.zones[id_].hours], now)
        after = close == -math.inf and now > closed + 600.0 + SLACK and now < opens - 1800.0 - SLACK
        if (
            after
            and not truth.occupied
            and not truth.blind
            and empty > 600.0 + SLACK
            and OURS not in thing.slots
        ):
            yield "lights not swept after closing"
        if truth.occupied and empty > SLACK and thing.slots.get(OURS) == 0:
            yield "lights held off over people"

    def _setpoint(self, id_: str, point: Point, now: Instant) -> Iterator[str]:
        if self.world.loop() < self.world.zones[id_].turned:
            return
        thing = self.world.thing(point)
        on = datetime.fromtimestamp(now, self.world.site.tz)
        if (6, 1) <= (on.month, on.day) < (10, 1) and on.hour > 1 and thing.present < 25.95:
            yield f"cooling setpoint {thing.present} in summer"
        knob = thing.slots.get(13)
        if OURS in thing.slots and (knob is None or knob >= 26.0):
            yield "setpoint held although it complies"
