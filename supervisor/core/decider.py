"""From changed readings to decisions: which zones to ask, when to ask again.

Synchronous and without I/O, so that the daemon, the rehearsal and the soak test run the very same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from config.roles import CIRCUIT_KINDS, Role
from config.rules import OPERATION, RuleId
from config.site import Equipment, Site, Zone
from drivers.readings import Quality
from schedules.from_site import exemption_ends
from schedules.hours import Timetable, with_overtime
from schedules.seasons import Season
from schedules.time import Instant
from schedules.types import Overtime, Spans
from supervisor.core.decisions import Decision, Notice, Outcome
from supervisor.core.engine import (
    LEASE,
    MEASURED,
    Evaluation,
    ZonePlan,
    evaluate,
    minded_only_where_wanted,
    plan_zone,
)
from supervisor.core.facts import BuildingView, evaluate_building
from supervisor.core.known import Known
from supervisor.core.now import Now
from supervisor.core.rule import NOTHING_REMEMBERED, Memory, Rule, not_yet
from supervisor.core.rules.common import request_of
from supervisor.core.shared import evaluate_shared
from supervisor.core.shared_circuits import complies, unwanted
from supervisor.core.shared_setpoints import Served, rules_for
from supervisor.core.sleepers import Sleepers
from supervisor.core.turn import NOTHING_HEARD, Done, Failure, Heard, Step, Turn
from supervisor.core.verdicts import Verdicts
from supervisor.core.views import Facts, Manual, Release, ZoneView

BUILDING = ""
"""The building's own entry among the things that wake up."""
SeasonSource = Callable[[Instant], tuple[Season, Instant]]


class Decider:
    """Asks the rules about whatever changed or woke up, and remembers their answers."""

    def __init__(
        self,
        site: Site,
        known: Known,
        timetables: Mapping[str, Timetable],
        season: SeasonSource,
        memory: Mapping[str, Memory] | None = None,
        *,
        lease: float = LEASE,
        guarded: bool = False,
    ) -> None:
        self.site = site
        self.known = known
        self.timetables = timetables
        self.memory: dict[str, Memory] = dict(memory or {})
        self.facts = Facts(priority=site.priority)
        self.evaluations: dict[str, Evaluation] = {}
        """By zone id, and by id of shared equipment."""
        self.overtime: dict[str, tuple[Overtime, ...]] = {}
        self.released: dict[str, Release] = {}
        """By point: while it lasts the point is handed back, whatever the rules want, fire excepted."""
        self.manual: dict[str, Manual] = {}
        """By point: while it lasts a person's value goes before the rules beneath `manual`."""
        self._season = season
        self._lease = lease
        self._guarded = guarded
        """A rule that fails is told of in the step, and the other zones go on; else it raises."""
        self._plans: dict[str, ZonePlan] = {id_: plan_zone(zone) for id_, zone in site.zones.items()}
        self._said = {id_: Verdicts() for id_ in site.zones}
        self._requests = {
            zone.id: tuple((id_, request_of(zone, site.shared[id_])) for id_ in zone.shares)
            for zone in site.zones.values()
        }
        """By zone: what it has together with others, and the virtual point by which it asks for each."""
        self._virtual = frozenset(request for found in self._requests.values() for _, request in found)
        self._circuits = frozenset(e.id for e in site.shared.values() if e.kind in CIRCUIT_KINDS)
        self._exempt = {id_: exemption_ends(zone, site.tz) for id_, zone in site.zones.items()}
        self._dirty: dict[str, None] = dict.fromkeys((BUILDING, *site.zones, *site.shared))
        self._sleepers = Sleepers()
        self._views: dict[str, ZoneView] = {}
        """Each zone as it was when it was last asked."""
        self._alone: dict[str, Evaluation] = {}
        """How each zone stands by its own equipment."""
        self._owner = {id_: self._owner_of(id_) for id_ in site.points}
        self._spared = dict(self._who_spares())
        """By point: whether news of it changes no answer of its zone, of those of which that can be told without asking."""

    def _owner_of(self, point_id: str) -> str | None:
        point = self.site.points[point_id]
        if point.zone is not None:
            return point.zone
        if point.equipment is not None and point.equipment in self.site.shared:
            return point.equipment
        return BUILDING if point in self.site.building_points.values() else None

    def owner(self, point_id: str) -> str | None:
        """The zone, shared equipment or building that is asked when a point changes; None: nobody is."""
        return self._owner.get(point_id)

    def decision(self, point_id: str) -> Decision | None:
        """What stands decided for a point."""
        owner = self._owner.get(point_id)
        evaluation = self.evaluations.get(owner) if owner is not None else None
        outcome = evaluation.outcomes.get(point_id) if evaluation is not None else None
        return outcome.decision if outcome is not None else None

    # ------------------------------------------------------------------ what is to be asked

    def touch(self, point_id: str) -> bool:
        """A point changed: ask again about whatever it belongs to. False where that changes no answer: no rule looks
        at it; its figure lies between the same limits as the one that was decided on; somebody came or left, and every
        rule waits for more; or lamps went on or off of which nobody wants anything."""
        owner = self._owner.get(point_id)
        if owner is None:
            return False
        stands = self._spared.get(point_id)
        if stands is not None and owner not in self._dirty and stands():
            return False
        self._dirty[owner] = None
        if owner in self._circuits:
            self._dirty.update(dict.fromkeys(self.site.shared[owner].zones))  # their rules look at the lamps
        return True

    def _who_spares(self) -> Iterator[tuple[str, Callable[[], bool]]]:
        for zone in self.site.zones.values():
            for role in MEASURED:
                for point in zone.sensors.get(role, ()):
                    yield point.id, partial(self._stands, zone, role)
            for point in zone.sensors.get(Role.OCCUPANCY, ()):
                yield point.id, partial(self._stands_so_far, zone)
            for place, lamps in enumerate(zone.equipment):
                if minded_only_where_wanted(zone, lamps) and (switch := lamps.points.get(Role.START_STOP)):
                    unminded = partial(self._unminded, zone.id, place, switch.id)
                    for role in lamps.points.keys() & {Role.START_STOP, Role.RUN_STATUS}:
                        yield lamps.points[role].id, unminded

    def _stands(self, zone: Zone, role: Role) -> bool:
        """Whether a zone's answers stand with what its sensors of a role say now."""
        evaluation, view = self.evaluations.get(zone.id), self._views.get(zone.id)
        if evaluation is None or view is None:
            return False
        value, quality, _, _ = self.known.figure(zone, role)
        return quality is Quality.GOOD and view.knows(role) and evaluation.stands(role, value or 0.0)  # type: ignore[arg-type] # a number's

    def _stands_so_far(self, zone: Zone) -> bool:
        """Whether a zone's answers stand though somebody came or left: every rule waits until nobody has been there for a
        while. From now on the zone wakes when that while is over."""
        evaluation, view = self.evaluations.get(zone.id), self._views.get(zone.id)
        if evaluation is None or view is None or view.occupancy is None:
            return False
        presence = self.known.figure(zone, Role.OCCUPANCY)
        if not (presence.good and view.occupancy.reading.good) or evaluation.wake_at <= presence.time:
            return False
        since = None if presence.value else presence.since
        if not evaluation.absence.holds(since, presence.time):
            return False
        wake_at = min(evaluation.wakes_anyway, evaluation.absence.ends(since))
        self.evaluations[zone.id] = evaluation._replace(wake_at=wake_at)
        self._sleepers.sleep(zone.id, wake_at)
        return True

    def _unminded(self, zone: str, place: int, switch: str) -> bool:
        """Whether no rule wants anything of lamps, nor another master holds them, now or when the zone was asked."""
        evaluation, view = self.evaluations.get(zone), self._views.get(zone)
        if evaluation is None or view is None or not evaluation.unwanted(switch):
            return False
        seen, array = view.equipment[place].start_stop, self.known.arrays.get(switch)
        held = array is not None and array.above(self.site.priority) is not None
        return seen is not None and seen.override is None and not held

    def touch_zone(self, zone: str) -> None:
        """Ask again about a zone and the equipment that serves it."""
        self._dirty.update(dict.fromkeys((zone, *self.site.zones[zone].shares)))

    def touch_all(self) -> None:
        """Ask again about everything (a clock step, a reload, a device that came back)."""
        self._dirty.update(dict.fromkeys((BUILDING, *self.site.zones, *self.site.shared)))

    def put_back(self, now: Instant) -> None:
        """The clock was put back to `now`: nothing began at an instant that has not come yet. Ask again about everything."""
        self.known.put_back(now)
        self.memory = {whose: not_yet(memory, now) for whose, memory in self.memory.items()}
        self.touch_all()

    def ask(self, whom: Iterable[str]) -> None:
        """Ask about these at the next step, in this order, and about nobody else but who wakes up."""
        self._dirty = dict.fromkeys(whom)

    @property
    def dirty(self) -> bool:
        """Something is to be asked now."""
        return bool(self._dirty)

    @property
    def wake_at(self) -> Instant:
        """The next instant at which an answer could change with no new input."""
        return self._sleepers.wake_at

    # ------------------------------------------------------------------ asking

    def take_turn(self, now: Instant, arrived: Mapping[str, float] | None = None) -> Turn[Done]:
        """Take what is news, ask the rules about it and about whatever wakes up by `now`.

        What comes of the writes is known later. A rule that fails raises, unless the decider is `guarded`.
        """
        news = self.known.take_news()
        heard = Heard(news, arrived) if arrived else Heard(news) if news else NOTHING_HEARD
        return Turn(now, heard, self.step(now))

    def step(self, now: Instant) -> Step:
        """Ask about everything that changed or woke up by `now`."""
        if self.released and max(r.until for r in self.released.values()) <= now:
            self.released = {}
        asked_first = tuple(self._dirty)
        for what in self._sleepers.woken(now):
            self._dirty[what] = None
        notices: list[Notice] = []
        failed: list[Failure] = []
        building = BUILDING in self._dirty
        if building:
            notices += self._ask_building(now)
        outcomes: dict[str, Outcome] = {}
        asked = {id_: None for id_ in self._dirty if id_ in self.site.zones}
        for zone in asked:
            try:
                self._ask_zone(zone, now)
            except Exception as error:
                self._failed(failed, zone, error)
            evaluation = self.evaluations.get(zone)
            if evaluation is not None:
                outcomes.update(evaluation.outcomes)
                notices += evaluation.notices
        for id_ in [id_ for id_ in self.site.shared if id_ in self._dirty]:
            try:
                self._ask_shared(id_, now)
            except Exception as error:
                self._failed(failed, id_, error)
            if id_ in self.evaluations:
                outcomes.update(self.evaluations[id_].outcomes)
                notices += self.evaluations[id_].notices
                asked.update(dict.fromkeys(self._share(id_, now)))
        self._dirty.clear()
        for request in [id_ for id_ in outcomes if id_ in self._virtual] if self._virtual else ():
            del outcomes[request]
        return Step(outcomes, tuple(asked), tuple(notices), asked_first, building, tuple(failed))

    def _failed(self, failed: list[Failure], what: str, error: Exception) -> None:
        """A rule that fails is flagged, and the other zones go on. Raises it where nobody guards us."""
        if not self._guarded:
            raise error
        failed.append(Failure(what, error))

    def _ask_building(self, now: Instant) -> Sequence[Notice]:
        points = self.site.building_points
        season, until = self._season(now)
        moment = Now(now)
        moment.reached(until)
        view = BuildingView(
            self.site.rules,
            self.site.priority,
            season=season,
            fire=self.known.sensor(points.get(Role.FIRE_ALARM)),
            outdoor=self.known.sensor(points.get(Role.OUTDOOR_TEMPERATURE)),
            changeover=self.known.sensor(points.get(Role.CHANGEOVER)),
        )
        answer = evaluate_building(view, self.memory.get(BUILDING, {}), moment)
        before, self.facts = self.facts, answer.facts
        self.memory[BUILDING] = answer.memory
        # The outdoor figure itself only colours reasons; what the rules turn on is in the other facts.
        if before._replace(outdoor=answer.facts.outdoor) != answer.facts:
            self._dirty.update(dict.fromkeys((*self.site.zones, *self.site.shared)))
        self._sleepers.sleep(BUILDING, moment.wake_at)
        return answer.notices

    def spans(self, zone: str, now: Instant) -> Spans:
        """The zone's opening spans around now, with its overtime."""
        spans = self.timetables[self.site.zones[zone].hours].spans(now)
        requests = self.overtime.get(zone)
        return with_overtime(spans, requests) if requests else spans

    def seen(self, zone: str) -> ZoneView | None:
        """A zone as the rules saw it when they were last asked; None before that."""
        return self._views.get(zone)

    def view(self, zone: str, now: Instant) -> ZoneView:
        """A zone as the rules see it at `now`."""
        view = self.known.zone(self.site.zones[zone], self.spans(zone, now), self._exempt[zone])
        if self.released or self.manual:
            view = view._replace(released=self.released, manual=self.manual)
        return view

    def _ask_zone(self, id_: str, now: Instant) -> None:
        zone = self.site.zones[id_]
        view = self.view(id_, now)
        self._views.pop(id_, None)  # a rule that fails is asked again at each reading
        before = self.evaluations.get(id_)
        answer = evaluate(
            view,
            self.facts,
            self.memory.get(id_, NOTHING_REMEMBERED),
            now,
            plan=self._plans[id_],
            lease=self._lease,
            said=self._said[id_],
        )
        self._views[id_] = view
        self._alone[id_] = answer
        self.evaluations[id_] = self._with_shared(zone, answer, now) if self._requests[id_] else answer
        self.memory[id_] = answer.memory
        for shared, request in self._requests[id_]:
            if before is None or _wanted(before, request) != _wanted(answer, request):
                self._dirty[shared] = None
        self._sleepers.sleep(id_, answer.wake_at)

    def _ask_shared(self, id_: str, now: Instant) -> None:
        equipment = self.site.shared[id_]
        requests = self._asked_for(equipment)
        answer = evaluate_shared(
            self.known.equipment(equipment),
            requests,
            self.facts,
            now,
            lease=self._lease,
            rest=self.site.rules.min_off.off_for,
            released=self.released,
            served=[Served(self.site.zones[zone], self._exempt[zone]) for zone in equipment.zones],
            memory=self.memory.get(id_, NOTHING_REMEMBERED),
            manual=self.manual,
        )
        self.evaluations[id_] = answer
        if answer.memory or id_ in self.memory:
            self.memory[id_] = answer.memory
        self._sleepers.sleep(id_, answer.wake_at)

    def _share(self, id_: str, now: Instant) -> Iterable[str]:
        """Let the zones that shared equipment serves stand as its setpoints and lamps do; those of which that is news."""
        if id_ not in self._circuits and not rules_for(self.site.shared[id_]):
            return
        for zone in self.site.shared[id_].zones:
            before = self.evaluations.get(zone)
            if before is None:
                continue
            after = self._with_shared(self.site.zones[zone], before, now)
            if _standing(after) != _standing(before):
                self.evaluations[zone] = after
                yield zone

    def _with_shared(self, zone: Zone, answer: Evaluation, now: Instant) -> Evaluation:
        """A zone complies with a rule where its own equipment and what it shares do."""
        alone = self._alone[zone.id]
        compliance, idle = dict(alone.compliance), set(alone.set_but_off)
        for id_ in zone.served_by:
            shared = self.evaluations.get(id_)
            if shared is None:
                continue
            for rule, stands in shared.compliance.items():
                if self._exempt[zone.id].get(rule, 0.0) <= now:
                    compliance[rule] = _both_comply(compliance.get(rule, True), stands)
                    if rule in shared.set_but_off:
                        idle.add(rule)
        blocked = set(alone.blocked)
        for circuit in zone.circuits:
            self._with_circuit(zone, circuit, compliance, blocked, now)
        return answer._replace(compliance=compliance, set_but_off=frozenset(idle), blocked=frozenset(blocked))

    def _with_circuit(
        self,
        zone: Zone,
        circuit: Equipment,
        compliance: dict[RuleId, bool | None],
        blocked: set[RuleId],
        now: Instant,
    ) -> None:
        """How a zone stands by a circuit that it has together with others, and by which rule that is dark in its hours."""
        view, requests = self.known.equipment(circuit), self._asked_for(circuit)
        request = requests.get(zone.id)
        for rule, stands in complies(view, request, requests).items():
            if rule in compliance:
                compliance[rule] = _both_comply(compliance[rule], stands)
        seen = self._views.get(zone.id)
        dark = request is not None and unwanted(requests) and view.on is False
        if dark and request is not None and seen is not None and seen.spans.is_open(now):
            blocked.add(request.decision.rule)

    def _asked_for(self, equipment: Equipment) -> dict[str, Outcome | None]:
        """What each zone wants of equipment that it has together with others; None of one that has not been asked yet."""
        found: dict[str, Outcome | None] = {}
        for zone in equipment.zones:
            answer = self._alone.get(zone)
            request = request_of(self.site.zones[zone], equipment)
            found[zone] = None if answer is None else answer.outcomes.get(request)
        return found


def _wanted(evaluation: Evaluation, request: str) -> object:
    """What of a zone's request what is shared goes by."""
    outcome = evaluation.outcomes.get(request)
    if outcome is None:
        return None
    return outcome.decision.value, outcome.decision.rule, outcome.decision.warned


def _both_comply(one: bool | None, other: bool | None) -> bool | None:
    """None where neither is known to break the rule and it cannot be said of both that they keep it."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _standing(evaluation: Evaluation) -> object:
    """What of an answer what is shared has a say in."""
    return evaluation.compliance, evaluation.set_but_off, evaluation.blocked


def rules_of(site: Site) -> tuple[tuple[str, RuleId], ...]:
    """The (zone, rule) pairs that apply: those that may have metrics."""
    pairs = dict.fromkeys(
        (id_, rule.id)
        for id_, zone in site.zones.items()
        for rule in (*plan_zone(zone).rules, *_shared_rules(site, zone))
        if rule.id not in OPERATION
    )
    return tuple(pairs)


def _shared_rules(site: Site, zone: Zone) -> Iterable[Rule]:
    """Rules that judge a zone by the setpoints of what serves it."""
    return (rule for id_ in zone.served_by for rule in rules_for(site.shared[id_]))
