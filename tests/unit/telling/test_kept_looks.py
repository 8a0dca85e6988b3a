"""A zone that stands as it stood is not looked at again: what is kept is always what a fresh look would say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from config.load import load
from config.phrase import Phrase
from config.points import Point
from config.roles import ROLES, Role, Shape
from config.site import Site
from drivers.readings import PriorityArray, Quality, Slot
from schedules.days import calendars
from schedules.time import from_iso
from schedules.types import Season
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.field.watch import DeviceHealth
from supervisor.telling.looking import Looking
from tests.site_files import OFFICE

MORNING = from_iso("2026-07-15T07:00:00+08:00")


class House:
    """The example office with a look that keeps, and one that does not."""

    def __init__(self, seed: int) -> None:
        site = load(OFFICE).site
        assert site is not None
        self.site: Site = site
        self.random, self.now = Random(seed), MORNING
        self.known = Known(site)
        self.decider = Decider(
            site, self.known, calendars(site).tables, lambda _: (Season.SUMMER, float("inf"))
        )
        self.stuck: dict[str, Phrase] = {}
        self.barred: dict[str, Phrase] = {}
        self.silent: dict[str, float | None] = {}
        self.points = list(site.points.values())
        self.looking = self.fresh()

    def fresh(self) -> Looking:
        """One that has never looked."""
        return Looking(self.site, self.decider, lambda p: self.stuck.get(p.id))

    def value(self, point: Point) -> float | bool | str:
        """Any that the point can have."""
        shape = ROLES[point.role].shape
        if shape is Shape.NUMBER:
            return float(self.random.choice((18, 24, 26, 27, 31)))
        return (
            self.random.choice(("off", "cool", "heat"))
            if point.role is Role.MODE
            else self.random.random() < 0.5
        )

    def happens(self) -> None:
        """Anything that can."""
        random, known = self.random, self.known
        point = random.choice(self.points)
        match random.randrange(10):
            case 0 | 1 | 2 | 3:
                quality = Quality.GOOD if random.random() < 0.9 else random.choice(list(Quality))
                known.put_value(point.id, self.value(point), quality, self.now)
                self.decider.touch(point.id)
            case 4:
                known.missing(point.id, self.now, random.choice(("unknown object", "denied")))
            case 5:
                slots = (Slot(random.choice((5, 8, 13)), 1),) if random.random() < 0.7 else ()
                if point.writable:
                    known.put_array(point.id, PriorityArray(slots, 0))
                    known.put_ours(point.id, random.choice((None, self.value(point))))
            case 6:
                self.now += random.choice((1.0, 60.0, 1800.0, 4 * 3600.0))
                known.expire(self.now)
            case 7:
                self.decider.step(self.now)
            case 8:
                device, said = random.choice(list(self.site.devices)), Phrase("another", "另一台")
                random.choice((self.barred, self.silent))[device] = random.choice((said, self.now))  # type: ignore[assignment]
                self.barred = {d: w for d, w in self.barred.items() if isinstance(w, Phrase)}
                self.silent = {d: s for d, s in self.silent.items() if not isinstance(s, Phrase)}
                if random.random() < 0.6:
                    self.barred, self.silent = {}, {}
            case _:
                self.stuck = {point.id: Phrase("it does not", "未执行")} if random.random() < 0.5 else {}


@pytest.mark.parametrize(
    ("seeds", "steps", "every"),
    [((0,), 100, 25), pytest.param(range(1, 6), 300, 4, marks=pytest.mark.thorough)],
)
def test_what_is_kept_is_what_a_fresh_look_says(seeds: Iterable[int], steps: int, every: int) -> None:
    """Whatever happens, to readings, slots, devices and the clock; zones and controllers alike."""
    for seed in seeds:
        house = House(seed)
        for point in house.points:
            house.known.put_value(point.id, house.value(point), Quality.GOOD, house.now)
        health = DeviceHealth(up=True, last_answer=MORNING)
        for step in range(steps):
            house.happens()
            for zone in house.site.zones.values():  # what is kept is of the moment before
                house.looking.zone(
                    zone,
                    house.now,
                    changes=every < 10 and step % 2 == 0,
                    barred=house.barred,
                    silent=house.silent,
                )
            if step % every:
                continue
            fresh, changes = house.fresh(), every < 10 and step % 3 == 0
            for zone in house.site.zones.values():
                kept, new = (
                    look.zone(zone, house.now, changes=changes, barred=house.barred, silent=house.silent)
                    for look in (house.looking, fresh)
                )
                # a forecast stands until the zone is decided anew, as it did before anything else was kept
                assert replace(kept, next_change=None) == replace(new, next_change=None), (seed, step)
            for device in house.site.devices:
                assert house.looking.device(device, health) == fresh.device(device, health), (seed, step)
                assert list(house.looking.held_above(device)) == list(fresh.held_above(device)), (seed, step)


def test_a_zone_that_stands_as_it_stood_is_the_same_object() -> None:
    """A second look, and one after a poll that said the same, make nothing new; a degree more does, in that room alone."""
    house = House(1)
    for point in house.points:
        house.known.put_value(point.id, house.value(point), Quality.GOOD, house.now)
    house.decider.step(house.now)
    zones = list(house.site.zones.values())

    def seen() -> list[object]:
        return [house.looking.zone(zone, house.now, changes=False) for zone in zones]

    first = seen()
    for point in house.points:
        reading = house.known.reading(point.id)
        house.known.put_value(point.id, reading.value, Quality.GOOD, house.now + 1.0)
    assert all(a is b for a, b in zip(first, seen(), strict=True))
    room = next(zone for zone in zones if Role.TEMPERATURE in zone.sensors)
    house.known.put_value(room.sensors[Role.TEMPERATURE][0].id, 19.5, Quality.GOOD, house.now)
    assert [z.id for z, a, b in zip(zones, first, seen(), strict=True) if a is not b] == [room.id]


def test_during_a_fire_no_room_is_said_to_keep_or_break_a_rule() -> None:
    """Nothing may be written then, so neither floors nor metrics nor a front end count a lit corridor; once it is over they do."""
    house = House(1)
    for point in house.points:
        house.known.put_value(point.id, house.value(point), Quality.GOOD, house.now)
    alarm = next(point for point in house.points if point.role is Role.FIRE_ALARM)

    def judged(*, burning: bool) -> list[bool | None]:
        house.known.put_value(alarm.id, burning, Quality.GOOD, house.now)
        house.decider.touch(alarm.id)
        house.decider.step(house.now)
        found = [house.looking.zone(zone, house.now, changes=False) for zone in house.site.zones.values()]
        assert {zone.judged for zone in found} == {not burning}
        assert not (burning and any(zone.contact_suspect is not None for zone in found))
        return [kept for zone in found for kept in zone.compliance.values()]

    before = judged(burning=False)
    assert False in before
    assert set(judged(burning=True)) == {None}
