"""Who listens to the turns of the running version: the tally with its proof, and what people are told."""

from __future__ import annotations

from config.site import Site
from supervisor.core.decider import Decider
from supervisor.core.looks import look_at
from supervisor.core.tally import Tally
from supervisor.core.turn import Turn
from supervisor.core.wording import because
from supervisor.gateway import events as gw
from supervisor.records.proof import Proof
from supervisor.store.rows import NoticeRow
from supervisor.store.writer import Store
from supervisor.telling.events import Events


class Counting:
    """Adds up: seconds in and out of each rule, writes, and the enforcements that were proven."""

    def __init__(self, tally: Tally, proof: Proof, decider: Decider) -> None:
        self._tally, self._proof, self._decider = tally, proof, decider

    def __call__(self, turn: Turn[gw.Event]) -> None:
        """A turn was taken."""
        for zone, warmth in turn.heard.rooms:
            self._tally.warmed(zone, warmth)
        for event in turn.done:
            if isinstance(event, gw.Wrote) and event.result != "cancelled":
                # Superseded before it went out: neither a success nor a failure. Expired is a failure.
                self._tally.wrote("failed" if event.result == "expired" else event.result)
            elif isinstance(event, gw.Enforced):
                self._proof.add(event)
        if turn.decided:
            self._look(turn)

    def _look(self, turn: Turn[gw.Event]) -> None:
        decider = self._decider
        for zone, rule in self._proof.settled(decider.known, turn.now):
            self._tally.enforced(zone, rule, turn.now)
        began = {(_zone(decider.site, n.about), n.rule) for n in turn.step.notices if n.kind == "exception"}
        for zone, rule in sorted(began):
            self._tally.excepted(zone, rule, turn.now)
        for zone in turn.step.zones:
            if zone in decider.evaluations:
                self._tally.look(zone, look_at(decider, decider.site.zones[zone], turn.now))


class Telling:
    """Tells people, a line each, and keeps as notices what the rules have to say."""

    def __init__(self, events: Events, store: Store, decider: Decider) -> None:
        self._events, self._store, self._decider = events, store, decider

    def __call__(self, turn: Turn[gw.Event]) -> None:
        """A turn was taken."""
        for device, up in turn.heard.devices:
            self._events.health(device, up, turn.now)
        for device, text in turn.heard.habits:
            self._events.habit(device, text, turn.now)
        for what, error in turn.step.failed:
            self._events.failed(what, error, turn.now)
        for event in turn.done:
            self._done(event)
        known = self._decider.known
        for point in turn.heard.points:
            doubt = known.doubt(point) if known.faulty(point) else None
            self._events.sensor(point, known.reading(point), doubt, turn.now)
        if turn.decided:
            self._events.fire(self._decider.facts.fire)
        for notice in self._events.notices(turn.step.notices, turn.now):
            text = because(notice.because, self._decider.site, turn.now)
            self._store.notice(NoticeRow(turn.now, str(notice.rule), notice.kind, notice.about, *text))

    def _done(self, event: gw.Event) -> None:
        if isinstance(event, gw.Wrote):
            decision = self._decider.decision(event.point)
            told = decision is not None and decision.value == event.command
            self._events.wrote(event, decision.reason if decision is not None and told else None)
        elif not isinstance(event, gw.Enforced):
            self._events.other(event)


def _zone(site: Site, about: str) -> str:
    """The zone of what a notice is about, a zone or a point."""
    point = site.points.get(about)
    return (point.place or about) if point is not None else about
