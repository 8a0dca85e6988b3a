"""The building at a glance: what people see at an instant, made from what the daemon knows."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from config.phrase import Phrase
from supervisor import __version__
from supervisor.clockwork.clock import PacedClock
from supervisor.clockwork.turns import Work
from supervisor.core.tally import Tally, Totals
from supervisor.daemon import trial
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.reload import Reload
from supervisor.daemon.running import Running
from supervisor.daemon.saved import Saved
from supervisor.daemon.secured import Secured
from supervisor.daemon.storewatch import StoreWatch
from supervisor.daemon.turned_away import TurnedAway
from supervisor.field.register import Register
from supervisor.store.audit import Head
from supervisor.telling.bacnet_device.enabled import Enabled
from supervisor.telling.events import Events
from supervisor.telling.metered import metered
from supervisor.telling.needs import Standing, looked_for
from supervisor.telling.snapshot import DeviceStatus, Mismatch, Override, Snapshot, ZoneStatus


class Alive(Protocol):
    """What a glance needs of a daemon."""

    running: Running
    clock: PacedClock
    register: Register
    tally: Tally
    events: Events
    reloads: Reload
    audit_valid: bool | None
    savings: Saved
    helpers: Helpers
    secured: Secured
    mqtt_requests: Counter[str]
    clock_doubt: Phrase | None
    stopping: bool
    front_end: Enabled | None
    storewatch: StoreWatch
    turned_away: TurnedAway

    @property
    def audit_head(self) -> Head:
        """The head of the audit."""


class Glance:
    """Makes snapshots of one daemon. `dry_run` None leaves it to the site file."""

    def __init__(self, daemon: Alive, dry_run: bool | None) -> None:
        self._daemon, self._dry_run = daemon, dry_run
        self._standing = Standing()

    def work(self, *, changes: bool) -> Work[Snapshot]:
        """A look at everything, which may be interrupted between two zones or controllers. `changes`: with what comes
        next in each zone."""
        daemon, running = self._daemon, self._daemon.running
        site, looking = running.site, running.looking
        zones: list[ZoneStatus] = []
        register = daemon.register
        silent = {d: health.last_answer for d, health in running.watch.health.items() if not health.up}
        for zone in site.zones.values():
            now = daemon.clock.now()
            zones.append(looking.zone(zone, now, changes=changes, barred=register.barred, silent=silent))
            yield
        devices: list[DeviceStatus] = []
        overrides: list[Override] = []
        for id_ in site.devices:
            where = register.elsewhere(site.devices[id_])
            device = looking.device(id_, running.watch.health[id_], register.barred.get(id_), where)
            habits = tuple(habit.text for habit in running.habits.of(id_))
            devices.append(replace(device, habits=habits))
            overrides += looking.held_above(id_)
            yield
        yield from daemon.tally.settling(daemon.clock.now())
        yield
        totals = yield from daemon.tally.totalling()
        owned = len(running.gateway.owned)  # ten thousand points are asked for each of these
        yield
        quarrels, called = running.measures.quarrels(), running.measures.called.all
        yield
        snapshot = self._seen(running, zones, devices, overrides, totals, owned, quarrels, called)
        yield
        found = yield from looked_for(snapshot)
        return replace(snapshot, standing=self._standing.seen(found, snapshot.now))

    def waiting(self) -> tuple[str, ...]:
        """What is still missing until the first decision, for people."""
        running, doubt = self._daemon.running, self._daemon.clock_doubt
        if running.ready:
            return ()
        return (doubt.en,) if doubt is not None else tuple(running.watch.waiting())

    def _seen(
        self,
        running: Running,
        zones: Sequence[ZoneStatus],
        devices: Sequence[DeviceStatus],
        overrides: Sequence[Override],
        totals: Totals,
        owned: int,
        quarrels: Mapping[str, Phrase],
        called: Mapping[str, Phrase],
    ) -> Snapshot:
        """What was looked at, and what is quickly said of the whole building."""
        daemon = self._daemon
        site, facts, looking, now = running.site, running.decider.facts, running.looking, daemon.clock.now()
        asked = running.asked_for
        type_, announced = looking.day_type(now)
        outdoor = facts.outdoor
        until = running.calendar.valid_until(site.tz, now)
        return Snapshot(
            building=site.building,
            name=site.name or site.building,
            version=__version__,
            now=now,
            timezone=str(site.tz),
            dry_run=site.dry_run if self._dry_run is None else self._dry_run,
            ready=running.ready,
            stopping=daemon.stopping,
            waiting_for=self.waiting(),
            clock_doubt=daemon.clock_doubt,
            store_problem=daemon.storewatch.problem,
            audit_valid=daemon.audit_valid,
            audit_rows=daemon.audit_head.rows,
            audit_head=daemon.audit_head.number,
            savings=daemon.savings.told(),
            targets=daemon.savings.yearly(),
            arm=site.arm,
            trial=trial.told(site),
            savings_refused=daemon.savings.refused,
            mismatches=(
                *(Mismatch(id_, site.points[id_].device, said, states=True) for id_, said in called.items()),
                *(Mismatch(id_, site.points[id_].device, said) for id_, said in quarrels.items()),
            ),
            helpers=daemon.helpers.problems,
            hub=daemon.secured.hub,
            certificates=daemon.secured.certificates,
            certificate_troubles=daemon.secured.troubles,
            mqtt_requests=dict(daemon.mqtt_requests),
            speed=daemon.clock.speed,
            season=str(facts.season) if facts.season else None,
            day_type=str(type_),
            announced=announced,
            fire=str(facts.fire),
            outdoor_temperature=float(outdoor.value) if outdoor.good and outdoor.value is not None else None,
            zones=tuple(zones),
            devices=tuple(devices),
            meters=metered(site, running.known, running.ledger, now),
            overrides=tuple(o for o in overrides if not o.protection),
            protected=tuple(o for o in overrides if o.protection),
            released=tuple(asked.released(now)),
            turned_away=dict(daemon.turned_away.counts),
            releases=tuple(asked.releases(now)),
            handed_back=asked.handed_back(now),
            front_end=daemon.front_end.told() if daemon.front_end is not None else None,
            overtime=asked.overtime(now),
            wall=time.time(),
            by_hand=tuple(asked.by_hand()),
            holdable=asked.holdable,
            lapsed=tuple(looking.lapsed(now)),
            totals=totals,
            events=daemon.events.recent(),
            points=len(site.points),
            stale_points=sum(device.stale for device in devices),
            owned_slots=owned,
            calendar_valid_until=until if math.isfinite(until) else None,
            reload_successful=daemon.reloads.successful,
            reload_time=daemon.reloads.time,
            problem=daemon.reloads.problem,
            news=daemon.reloads.news,
            waiting=daemon.reloads.waiting,
            pairs=looking.pairs,
        )
