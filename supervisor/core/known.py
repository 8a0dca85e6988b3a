"""What is known of the building now, and the frozen views that the rules are given of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.phrase import Phrase
from config.points import Point, Raw, Value
from config.roles import Role
from config.rules import BELOW_MOST, RuleId
from config.site import Equipment, Site, Zone
from drivers.protocol import Address, Answer, interned
from drivers.readings import UNKNOWN, PriorityArray, Quality, Reading
from drivers.refused import in_both
from drivers.values import doubt, judged
from schedules.time import Instant
from schedules.types import Spans
from supervisor.core.merging import merged
from supervisor.core.rules.common import circuit_request
from supervisor.core.shown import Unit, places
from supervisor.core.views import EquipmentView, Held, PointView, SensorView, ZoneView

FUTURE_TOLERANCE = 5.0
"""s by which a reading may lie ahead of the site clock before it is not believed."""
_GOOD = Quality.GOOD
_TOO_OLD = Phrase("its last good reading is too old to be evidence", "最近一次有效读数已过久，不可采信")
_NEVER_READ = Phrase("it has not been read yet", "尚未读到")
_NO_SENSE = Phrase("its value makes no sense", "读数不合理")
_new = tuple.__new__
"""Makes a reading or a view of all its fields, in half the time that its own constructor takes."""
_NOTHING = object()
"""No raw value, not even None."""
NOTHING = frozenset({0.0, -17.778})
"""°C of a count that is zero, in °C or in °F, what an input says that nothing comes in by: whether that is a temperature is asked."""
LEAP: Final = 10.0
"""K by which no room, no setting and no weather moves unseen between two looks, a site choice: a controller that is switched to another
unit moves by 16 K at -20 °C, and by more above."""
_SENSED_ROLES = (Role.TEMPERATURE, Role.HUMIDITY, Role.CO2, Role.LUX, Role.OCCUPANCY)


def _strange(point: Point, old: Reading | None, value: float) -> bool:
    """Whether a number is one of those that broken sensors say, too: zero, a cold room, a leap of what it is outdoors."""
    if value < BELOW_MOST and (value in NOTHING or point.role is Role.TEMPERATURE):
        return True
    if point.role is not Role.OUTDOOR_TEMPERATURE or old is None:
        return False
    return isinstance(old.value, float) and abs(old.value - value) >= LEAP


@dataclass(slots=True)
class _Scan:
    """What a device said the last time that it was read, and what that is about: points (empty where an object stands for
    none, or for several), the equipment and the zones whose views show them."""

    answers: Sequence[Answer]
    ids: list[str]
    units: set[str]
    zones: set[str]


class Known:
    """Readings by point, slots by point. It keeps its own news; each view is frozen."""

    def __init__(self, site: Site, stale_after: Callable[[Point], float] = lambda p: p.stale_after) -> None:
        """`stale_after`: s of site time for which a reading of a point counts."""
        self.site = site
        self.readings: dict[str, Reading] = {}
        self.arrays: dict[str, PriorityArray] = {}
        self._ours: dict[str, float | bool | str] = {}
        self._by_address: dict[Address, tuple[Point, ...]] = {}
        self._stale_after: dict[str, float] = {}
        self._raws: dict[str, Raw] = {}
        """What the reading that stands was decoded from, where it came from the wire."""
        self.set_aside: Callable[[str], Phrase | None] = lambda point: None
        """Why we ourselves believe nothing of a point: another device in its place, another unit than the site file's."""
        self.suspects: Callable[[Point, Reading | None, Value, Instant], Phrase | None] = (
            lambda point, old, value, at: None
        )
        """Why what has come of a point is no evidence, by what else is known; asked of what is suspect, of zeros, and of cold rooms."""
        self.suspected: dict[str, Phrase] = {}
        """Why what stands of a point is none."""
        self._errors: dict[str, str] = {}
        """What a device said in place of a value."""
        self._scans: dict[str, _Scan] = {}
        self._units: dict[str, Unit] = {}
        self._views: dict[str, EquipmentView] = {}
        """Of equipment about which nothing has come in since it was looked at."""
        self._zones: dict[str, ZoneView] = {}
        """Likewise of zones."""
        self._news: dict[str, None] = {}
        self.moves: Counter[str] = Counter()
        """By zone and by shared equipment: how often what is to be seen of it has changed, value, quality or slots. Whoever keeps
        what he made of it goes by that."""
        self.moves_of: Counter[str] = Counter()
        """The same by device."""
        self._owners = {unit.id: unit for unit in site.all_equipment}
        self._place = places(site)
        for point in site.points.values():
            address = interned(Address(point.device, point.object_type, point.instance))
            self._by_address[address] = (*self._by_address.get(address, ()), point)
            self._stale_after[point.id] = stale_after(point)
        self._soonest_stale = min(self._stale_after.values(), default=0.0)

    def carry_over(self, other: Known) -> None:
        """Take what another knew of points that are the same in both: a reload loses nothing."""
        self._views.clear()
        self._zones.clear()
        self._raws.clear()
        for id_, point in self.site.points.items():
            self._moved(id_)
            if other.site.points.get(id_) == point:
                if id_ in other.readings:
                    self.readings[id_] = other.readings[id_]
                if id_ in other.arrays:
                    self.arrays[id_] = other.arrays[id_]
                if (ours := other.ours(id_)) is not None:
                    self._ours[id_] = ours
                if (why := other.suspected.get(id_)) is not None:
                    self.suspected[id_] = why

    # ------------------------------------------------------------------ what comes in

    def points_at(self, address: Address) -> tuple[Point, ...]:
        """The points that an object stands for."""
        return self._by_address.get(address, ())

    def put(self, point: Point, raw: Raw, fault: bool, at: Instant) -> bool:
        """Take an answer from the wire. True if what the rules would see has changed.

        Most answers say what the last one said: those are not decoded again.
        """
        id_ = point.id
        readings, raws = self.readings, self._raws
        old = readings.get(id_)
        self._look_again(id_)
        if old is not None and not fault and old[1] is _GOOD:
            last = raws.get(id_, _NOTHING)
            if last == raw and type(last) is type(raw):
                raws[id_] = raw  # the very object, by which `confirm` will know it
                readings[id_] = _new(Reading, (old[0], _GOOD, at, old[3]))
                return False
        value, quality = judged(point, raw, fault)
        if quality is _GOOD and (
            id_ in self.suspected or (type(value) is float and _strange(point, old, value))
        ):
            quality = self._suspicious(point, old, value, at)
        raws[id_] = raw
        if self._errors:
            self._errors.pop(id_, None)
        return self._take(id_, old, value, quality, at)

    def _suspicious(self, point: Point, old: Reading | None, value: Value, at: Instant) -> Quality:
        """How far what has come may be believed, by what else is known."""
        if (why := self.suspects(point, old, value, at)) is None:
            self.suspected.pop(point.id, None)
            return _GOOD
        self.suspected[point.id] = why
        return Quality.FAULT

    def suspect(self, point_id: str, why: Phrase) -> None:
        """What stands of a point is no evidence, until `suspects` says of what comes that it is."""
        self._look_again(point_id)
        self.suspected[point_id] = why
        reading = self.readings[point_id]
        self._take(point_id, reading, reading.value, Quality.FAULT, reading.time)

    def confirm(self, answers: Sequence[Answer], at: Instant) -> list[Answer]:
        """Take those answers that say once more what stands, and give back the others, for `put`.

        A driver gives the answer that it gave before where nothing has changed: a value is known by being the same object.
        """
        if not answers:
            return []
        scan = self._scans.get(answers[0].address.device)
        if scan is None or len(answers) != len(scan.answers):
            return self._others(answers)
        raws, readings, others = self._raws, self.readings, []
        for answer, before, id_ in zip(answers, scan.answers, scan.ids, strict=True):
            if answer is before:
                if id_ in raws and raws[id_] is answer[1]:
                    value, quality, _, since = readings[id_]
                    if quality is _GOOD:
                        readings[id_] = _new(Reading, (value, _GOOD, at, since))
                        continue
            elif answer[0] != before[0]:
                return self._others(answers)
            others.append(answer)
        scan.answers = answers
        for unit in scan.units:
            self._views.pop(unit, None)
        for zone in scan.zones:
            self._zones.pop(zone, None)
        return others

    def _others(self, answers: Sequence[Answer]) -> list[Answer]:
        """A device was asked about other objects than the last time."""
        self._scans[answers[0].address.device] = self._scan(answers)
        return list(answers)

    def _scan(self, answers: Sequence[Answer]) -> _Scan:
        points = [self._by_address.get(answer.address, ()) for answer in answers]
        ids = [each[0].id if len(each) == 1 else "" for each in points]
        places = {self._place[id_] for id_ in ids if id_}
        return _Scan(
            answers,
            ids,
            {unit for unit, _, _ in places},
            {zone for _, zones, _ in places for zone in zones},
        )

    def put_value(
        self, point_id: str, value: Value, quality: Quality, at: Instant, now: float | None = None
    ) -> bool:
        """Take a decoded value of the instant `at`; `now` is the site clock where it may differ."""
        self._look_again(point_id)
        self._raws.pop(point_id, None)
        if now is not None and at > now + FUTURE_TOLERANCE:
            value, quality, at = None, Quality.INVALID, now
        return self._take(point_id, self.readings.get(point_id), value, quality, at)

    def _take(self, point_id: str, old: Reading | None, value: Value, quality: Quality, at: Instant) -> bool:
        """Keep a reading in place of the `old` one. True if that is news."""
        if old is not None and old[0] == value and old[1] is quality:
            self.readings[point_id] = _new(Reading, (value, quality, at, old[3]))
            return False
        self.readings[point_id] = _new(Reading, (value, quality, at, self._since(old, value, at)))
        self._is_news(point_id)
        return True

    def recall(self, point_id: str, reading: Reading) -> None:
        """Take a reading as it was known once: that is no news."""
        self._look_again(point_id)
        self._raws.pop(point_id, None)
        self.readings[point_id] = reading
        self._moved(point_id)

    @staticmethod
    def _since(old: Reading | None, value: Value, at: Instant) -> Instant:
        """A value that comes back unchanged after a silence has not changed meanwhile, as far as we know."""
        if old is not None and old.value == value and value is not None:
            return old.since
        return at

    def missing(self, point_id: str, at: Instant, said: str = "") -> bool:
        """The device answered with an error for this point, and `said` so. True if that is news."""
        self._errors[point_id] = said or "error"
        self._raws.pop(point_id, None)
        old = self.readings.get(point_id)
        if old is not None and old.quality is Quality.MISSING:
            return False
        self._look_again(point_id)
        self.readings[point_id] = Reading(None, Quality.MISSING, at, at)
        self._is_news(point_id)
        return True

    def expire(self, now: Instant, points: Iterable[str] | None = None) -> list[str]:
        """Let readings that are too old go stale, all or those of some points; the ids of those that just did.

        A reading from the future (the clock was put back) has no age yet: it counts from now on.
        """
        gone = []
        young, future = now - self._soonest_stale, now + FUTURE_TOLERANCE
        readings = self.readings
        looked_at = readings if points is None else points
        for point_id in [
            id_ for id_ in looked_at if not young <= readings[id_][2] <= future
        ]:  # few, each second
            reading = readings[point_id]
            if reading.time > future:
                self._no_later(point_id, reading, now)
            elif reading.quality is Quality.GOOD and now - reading.time > self._stale_after[point_id]:
                self.readings[point_id] = reading._replace(quality=Quality.STALE)
                self._look_again(point_id)
                gone.append(point_id)
        for point_id in gone:
            self._is_news(point_id)
        return gone

    def put_back(self, now: Instant) -> None:
        """The clock was put back to `now`: nothing is since an instant that has not come yet. A reading that is confirmed
        before its age is looked at would keep its old one for as long as its value stands."""
        for point_id, reading in self.readings.items():
            if reading.since > now or reading.time > now:
                self._no_later(point_id, reading, now)

    def _no_later(self, point_id: str, reading: Reading, now: Instant) -> None:
        self.readings[point_id] = reading._replace(time=min(reading.time, now), since=min(reading.since, now))
        self._look_again(point_id)

    def put_array(self, point_id: str, array: PriorityArray | None) -> bool:
        """Take a priority array. True if it changed."""
        if self.arrays.get(point_id) == array:
            return False
        self._look_again(point_id)
        if array is None:
            self.arrays.pop(point_id, None)
        else:
            self.arrays[point_id] = array
        self._is_news(point_id)
        return True

    def put_ours(self, point_id: str, value: float | bool | str | None) -> bool:
        """What our slot holds, by the gateway's journal. True if it changed."""
        if self._ours.get(point_id) == value:
            return False
        self._look_again(point_id)
        if value is None:
            self._ours.pop(point_id, None)
        else:
            self._ours[point_id] = value
        self._is_news(point_id)
        return True

    def _is_news(self, point_id: str) -> None:
        self._news[point_id] = None
        self._moved(point_id)

    def _moved(self, point_id: str) -> None:
        unit, zones, device = self._place[point_id]
        for zone in zones or (unit,):
            self.moves[zone] += 1
        self.moves_of[device] += 1

    def take_news(self) -> tuple[str, ...]:
        """Points of which something has changed since this was asked last: their value or its quality, the slots, what
        ours holds. In the order in which each first changed."""
        if not self._news:
            return ()
        news, self._news = tuple(self._news), {}
        return news

    def ours(self, point_id: str) -> float | bool | str | None:
        """What our slot holds, by the gateway's journal."""
        return self._ours.get(point_id)

    @property
    def owned(self) -> int:
        """How many slots we hold."""
        return len(self._ours)

    @property
    def stale(self) -> int:
        """How many points are not known well enough to be believed."""
        return sum(1 for id_ in self.site.points if not self.reading(id_).good)

    def reading(self, point_id: str) -> Reading:
        """What is known of a point."""
        return self.readings.get(point_id, UNKNOWN)

    def doubt(self, point_id: str) -> Phrase | None:
        """Why what is known of a point is no evidence; None where it is."""
        quality = self.reading(point_id).quality
        if quality is _GOOD:
            return None
        if (aside := self.set_aside(point_id)) is not None:
            return aside
        if quality is Quality.STALE:
            return _TOO_OLD
        if quality is Quality.FAULT and (why := self.suspected.get(point_id)) is not None:
            return why
        if said := self._errors.get(point_id):
            return Phrase("its controller answers", "控制器答复").detailed(in_both(said))
        if point_id in self._raws:
            why = doubt(self.site.points[point_id], self._raws[point_id], quality is Quality.FAULT)
            return why if why is not None else _NO_SENSE
        return _NEVER_READ if quality is Quality.MISSING else _NO_SENSE

    def faulty(self, point_id: str) -> bool:
        """Whether a device answers about a point, and what it says of it is no evidence."""
        quality = self.reading(point_id).quality
        if quality is _GOOD or self.set_aside(point_id) is not None:
            return False
        if quality is Quality.MISSING:
            return point_id in self._errors or point_id in self._raws
        return quality in (Quality.FAULT, Quality.INVALID)

    # ------------------------------------------------------------------ what the rules see

    def _look_again(self, point_id: str) -> None:
        """Something came in about a point: the views that show it are no longer what stands."""
        unit, zones, _ = self._place[point_id]
        if unit in self._views:
            del self._views[unit]
        for zone in zones:
            if zone in self._zones:
                del self._zones[zone]

    def point(self, point: Point) -> PointView:
        """A point with what lies beneath our slot and what outranks it."""
        id_ = point.id
        present = self.reading(id_)
        ours = self._ours.get(id_)
        array = self.arrays.get(id_)
        if array is None:
            beneath = UNKNOWN if ours is not None else present
            return _new(PointView, (point, present, beneath, ours, None, 0.0, ""))
        priority = self.site.priority
        above = array.above(priority)
        override = Held.of(above, point) if above is not None else None
        beneath = present
        if ours is not None or above is not None:
            raw = array.beneath(priority)
            # flags are the object's: what lies beneath is no better known than what stands
            value, quality = judged(point, raw, present.quality is Quality.FAULT)
            beneath = Reading(
                value, quality if raw is not None else Quality.MISSING, present.time, present.since
            )
        return _new(PointView, (point, present, beneath, ours, override, array.egress, ""))

    def equipment(self, equipment: Equipment) -> EquipmentView:
        """A piece of equipment with its mapped points."""
        view = self._views.get(equipment.id)
        if view is not None and view.equipment is equipment:
            return view
        unit = self._units.get(equipment.id)
        if unit is None or unit.equipment is not equipment:
            unit = self._units[equipment.id] = Unit.of(equipment)
        on, cooling, heating, setpoint, mode = [None if p is None else self.point(p) for p in unit.points]
        run, fault, hand, action = [None if id_ is None else self.reading(id_) for id_ in unit.statuses]
        view = _new(
            EquipmentView, (equipment, on, cooling, heating, setpoint, mode, run, fault, hand, action)
        )
        self._views[equipment.id] = view
        return view

    def unit(self, point_id: str) -> EquipmentView | None:
        """The equipment that a point belongs to, as it stands; None for one that belongs to none."""
        owner = self._owners.get(self.site.points[point_id].equipment or "")
        return None if owner is None else self.equipment(owner)

    def sensor(self, point: Point | None) -> SensorView | None:
        """A sensor, or None where it is not mapped."""
        return None if point is None else SensorView(point, self.reading(point.id))

    def zone(self, zone: Zone, spans: Spans, exempt_until: Mapping[RuleId, Instant]) -> ZoneView:
        """A zone as it stands. Several sensors of one role are merged; windows stay apart."""
        view = self._zones.get(zone.id)
        if view is not None and view.zone is zone:
            if view.spans is spans and view.exempt_until is exempt_until:
                return view
            return view._replace(spans=spans, exempt_until=exempt_until)
        temperature, humidity, co2, lux, occupancy = [self.sensed(zone, role) for role in _SENSED_ROLES]
        windows = [_new(SensorView, (p, self.reading(p.id))) for p in zone.sensors.get(Role.WINDOW, ())]
        equipment = [self.equipment(e) for e in zone.equipment]
        view = self._zones[zone.id] = ZoneView(
            zone,
            spans,
            temperature,
            humidity,
            co2,
            lux,
            occupancy,
            tuple(windows),
            tuple(equipment),
            tuple([self._asked(zone, e) for e in zone.circuits]) if zone.circuits else (),
            exempt_until,
        )
        return view

    def _asked(self, zone: Zone, circuit: Equipment) -> EquipmentView:
        """A circuit as a zone sees it that has it together with others."""
        view = self.equipment(circuit)
        if view.start_stop is None:
            return view
        return view._replace(start_stop=view.start_stop._replace(asked_as=circuit_request(zone, circuit)))

    def figure(self, zone: Zone, role: Role) -> Reading:
        """What a zone's sensors of a role say together."""
        points = zone.sensors.get(role, ())
        if len(points) == 1:  # as nearly always: each new figure is asked for so
            return self.readings.get(points[0].id, UNKNOWN)
        sensed = self.sensed(zone, role)
        return UNKNOWN if sensed is None else sensed.reading

    def sensed(self, zone: Zone, role: Role) -> SensorView | None:
        """What a zone's sensors of a role say together; None where it has none."""
        points = zone.sensors.get(role)
        if not points:
            return None
        if len(points) == 1:
            return _new(SensorView, (points[0], self.reading(points[0].id)))
        return merged(role, [SensorView(p, self.reading(p.id)) for p in points])
