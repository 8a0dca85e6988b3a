"""Readings of a site that are no evidence by what they, or the rooms about them, say: put aside until they say otherwise.

Whoever asks what is known (rules, page, metrics, tally) finds them faulty, with the reason; nobody need know why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.points import Point, Value
from config.roles import Role
from config.site import Site
from drivers.readings import Quality, Reading
from schedules.hours import Timetable
from schedules.seasons import Season
from schedules.time import Instant
from supervisor.core.known import Known
from supervisor.field import frozen, presence
from supervisor.field.cold import Cold
from supervisor.field.contacts import Contact

EVERY: Final = 60.0
"""s of site time between two looks."""
AT_ONCE: Final = 50
"""Rooms that are looked at before others may have their turn."""


class _Held(NamedTuple):
    """What is not believed, why, and whether any other value ends that: for one wired the wrong way round it does not."""

    value: Value
    why: Phrase
    any_other: bool = True


class Disbelief:
    """Of one site. `tell` hears what somebody should look at though it is believed; `season` is the one in force."""

    def __init__(
        self,
        known: Known,
        tables: Mapping[str, Timetable],
        now: Instant,
        tell: Callable[[Point, Phrase], None] = lambda point, what: None,
        season: Callable[[Instant], Season | None] = lambda at: None,
    ) -> None:
        site = known.site
        self._cold = Cold(known, season)
        self._known, self._tell = known, tell
        self._numbers = [p for p in site.points.values() if p.role in frozen.WATCHED]
        self._dark = {p.id: _dark(site, p) for p in self._numbers if p.role is Role.LUX}
        self._rooms = {
            zone.id: presence.Room(zone, tables[zone.hours], now)
            for zone in site.zones.values()
            if zone.sensors.get(Role.OCCUPANCY)
        }
        self._contacts = {
            point.id: (point, tables[zone.hours], Contact())
            for zone in site.zones.values()
            for point in zone.sensors.get(Role.WINDOW, ())
        }
        self._held: dict[str, _Held] = {}
        self._together: dict[Instant, int] = {}
        self._looked = now
        self._sure_since: Instant = -math.inf
        """When the clock last leapt: for how long anything stood before that is not known."""
        known.suspects = self.heard

    def carry_over(self, other: Disbelief) -> None:
        """Take what another version knew of rooms that are the same in both."""
        for id_, room in self._rooms.items():
            before = other._rooms.get(id_)
            if before is not None and before.zone.sensors == room.zone.sensors:
                self._rooms[id_] = before
                before.zone, before.table = room.zone, room.table
        self._sure_since = other._sure_since
        self._cold.carry_over(other._cold)
        points = self._known.site.points
        for id_, (point, table, _) in self._contacts.items():
            if other._known.site.points.get(id_) == point:
                self._contacts[id_] = point, table, other._contacts[id_][2]
        self._held = {
            id_: held for id_, held in other._held.items() if points.get(id_) == other._known.site.points[id_]
        }

    def clock_set(self, now: Instant) -> None:
        """The clock was set: nothing has stood for days because of that."""
        self._sure_since = self._looked = now
        self._cold.forget()
        for room in self._rooms.values():
            room.clock_set(now)
        for _, _, contact in self._contacts.values():
            contact.days, contact.whole = 0, False

    # ------------------------------------------------------------------ what comes in

    def heard(self, point: Point, old: Reading | None, value: Value, at: Instant) -> Phrase | None:
        """Why a reading that has come is not believed; None where it is."""
        held = self._held.get(point.id)
        if held is not None and (held.value == value or not held.any_other):
            return held.why
        if (why := frozen.nothing(point, old, value)) is not None:
            self._held[point.id] = _Held(value, why)
            return why
        if held is None and old is not None and (why := frozen.leapt(point, old.value, value)) is not None:
            self._held[point.id] = _Held(value, why)
            return why
        self._held.pop(point.id, None)
        return self._cold.why(point, value, at)  # asked of each answer: it ends with the warmth outdoors, too

    def look(self, now: Instant) -> Iterator[str | None]:
        """Points that are not believed from now on; None wherever others may have their turn."""
        if 0 <= now - self._looked < EVERY:
            return
        self._looked = now
        yield from self._still(now)
        yield from self._too_cold(now)
        yield from self._moments(now)
        self._together = {at: rooms for at, rooms in self._together.items() if now - at < presence.APART}
        for number, room in enumerate(self._rooms.values(), 1):
            for point, why in room.look(self._known, now, self._together):
                yield self._hold(point, why, any_other=not room.upside_down(point.id))
            for point in room.zone.sensors[Role.OCCUPANCY]:
                if not room.upside_down(point.id):
                    self._right_again(point)
            for point, what in room.long_empty(self._known, now):
                self._tell(point, what)
            if number % AT_ONCE == 0:
                yield None

    def _still(self, now: Instant) -> Iterator[str | None]:
        """Numbers that stand still for longer than one that is measured."""
        for number, point in enumerate(self._numbers, 1):
            reading = self._known.reading(point.id)
            value, stood = reading.value, now - max(reading.since, self._sure_since)
            if reading.good and stood >= frozen.STILL_FOR and isinstance(value, int | float):
                limit = frozen.still_for(point, value, self._dark.get(point.id, 0.0))
                if limit is not None and stood >= limit:
                    yield self._hold(point, frozen.still(point, value, stood))
            if number % (10 * AT_ONCE) == 0:
                yield None

    def _too_cold(self, now: Instant) -> Iterator[str | None]:
        """Rooms that say what they did, and cannot be so cold any more."""
        self._cold.look(now)
        for number, point in enumerate(self._numbers, 1):
            reading = self._known.reading(point.id)
            if reading.good and (why := self._cold.why(point, reading.value, now)) is not None:
                self._known.suspect(point.id, why)
                yield point.id
            if number % (10 * AT_ONCE) == 0:
                yield None

    def _hold(self, point: Point, why: Phrase, *, any_other: bool = True) -> str:
        self._held[point.id] = _Held(self._known.reading(point.id).value, why, any_other)
        self._known.suspect(point.id, why)
        return point.id

    def _moments(self, now: Instant) -> Iterator[str | None]:
        """Contacts that say shut for moments alone."""
        for number, (point, table, contact) in enumerate(self._contacts.values(), 1):
            reading = self._known.reading(point.id)
            why = contact.look(reading, reading.good or self._put_aside(point, reading), table, now)
            if why is not None and reading.good:
                yield self._hold(point, why, any_other=False)
            elif why is None:
                self._right_again(point)
            if number % (10 * AT_ONCE) == 0:
                yield None

    def _put_aside(self, point: Point, reading: Reading) -> bool:
        return reading.quality is Quality.FAULT and point.id in self._held

    def _right_again(self, point: Point) -> None:
        """What is no longer the wrong way round is believed from its next answer on."""
        held = self._held.get(point.id)
        if held is not None and not held.any_other:
            del self._held[point.id]


def _dark(site: Site, point: Point) -> float:
    """lx up to which the place of a sensor counts as dark."""
    zone = site.zones.get(point.zone or "")
    return (zone.rules if zone is not None else site.rules).corridor_delay.dark_below
