"""The daemon: the wire on one side, the store and the outside on the other, the pure core between them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from config.roles import Role
from config.rules import RuleId
from config.site import Site, Zone
from drivers.base import Answer, Driver
from drivers.readings import Instant, PriorityArray
from schedules.calendar import Calendar
from schedules.from_site import calendar_of, timetables
from supervisor import __version__
from supervisor.clock import Clock
from supervisor.control import SOCKET, Control
from supervisor.core.decisions import Decision, Special
from supervisor.decider import Decider, rules_of
from supervisor.explain import UnknownPoint, explain, find_point
from supervisor.gateway import Gateway, Released
from supervisor.gateway import events as gw
from supervisor.journalist import Journalist
from supervisor.metrics import Metrics
from supervisor.persistence import Keeper
from supervisor.present import Presenter
from supervisor.reader import Reader, stale_floor
from supervisor.season import SeasonKeeper
from supervisor.snapshot import DeviceStatus, Event, Snapshot
from supervisor.state import State
from supervisor.statistics import Look, Statistics
from supervisor.store.rows import NoticeRow
from supervisor.store.writer import Store
from supervisor.wording import because

log = structlog.get_logger()
RELEASE_WITHIN = 4.5
"""s in which every slot is let go at a stop: the promise is five."""
FIRST_LOOK = 6.0
"""s to wait for the first readings before the first decision, so that a restart does not flap equipment."""
SAVE_EVERY = 30.0
"""s of wall time between two saves of memory and counters."""
SWEEP_EVERY = 1.0
"""s of wall time between two looks for readings that have become too old."""
STEP_TOLERANCE = 30.0
"""s by which the site clock may disagree with the monotonic clock before it counts as set."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a daemon is run. `dry_run` None leaves it to the site file."""

    state_dir: Path
    dry_run: bool | None = None
    on_event: Callable[[Event], None] = lambda event: None


class Daemon:
    """One building, supervised until stopped."""

    def __init__(self, site: Site, driver: Driver, clock: Clock, store: Store, options: Options) -> None:
        self.site = site
        self.clock = clock
        self.statistics = Statistics()
        self.started = time.monotonic()
        self.ready = False
        self.problem = ""
        self.reload_successful, self.reload_time = True, time.time()
        self._options = options
        self._driver = driver
        self._store = store
        self._keeper = Keeper(store)
        self._calendar: Calendar = calendar_of(site)
        self.season = SeasonKeeper(site.season, site.tz, clock.now())
        self.state = State(site, stale_floor(site, clock.speed))
        self.decider = Decider(
            site,
            self.state,
            timetables(site, self._calendar),
            self.season.season,
            on_failure=self._rule_failed,
        )
        self.presenter = Presenter(site, self.decider)
        self.journalist = Journalist(site, options.on_event)
        self.metrics = Metrics(site.building, self.snapshot)
        self.reader = Reader(site, driver, clock, self._deliver, self._health, self.metrics.observe_scan)
        self.gateway = Gateway(
            site, driver, store, clock, dry_run=options.dry_run, on_event=self._gateway_event,
            on_array=self._array, array_poll=10.0 if clock.speed == 1 else 2.0,
        )  # fmt: skip
        self._control = Control(options.state_dir / SOCKET, self._request)
        self._changed = asyncio.Event()
        self._arrived: dict[str, float] = {}
        self._reaction: dict[str, float] = {}
        self._beat = time.monotonic()
        self._failures: dict[str, str] = {}

    # ------------------------------------------------------------------ life

    async def run(self, stop: asyncio.Event) -> Released:
        """Supervise until `stop` is set; then let go of everything. Raises DriverError, StoreProblem, OSError."""
        await self._start()
        try:
            async with asyncio.TaskGroup() as tasks:
                for loop in (self.reader.run(), self._decide(), self._sweep(), self._save()):
                    tasks.create_task(loop)
                await stop.wait()
                raise _Stop
        except* _Stop:
            pass
        finally:
            released = await self._stop()
        return released

    async def _start(self) -> None:
        self._store.put_config(self.site.config_hash, self.site.text, time.time())
        now = self.clock.now()
        self.decider.memory.update(await self._keeper.restore(self.state, self.statistics, self.season, now))
        await self._control.start()
        await self._driver.start()
        await self.gateway.adopt(deadline=10.0)
        for point in self.gateway.points:
            self._learn(point)
        log.info(
            "started", building=self.site.building, zones=len(self.site.zones), points=len(self.site.points)
        )

    async def _stop(self) -> Released:
        self.ready = False
        released = await self.gateway.release_all(RELEASE_WITHIN)
        log.info("released", released=len(released.released), failed=len(released.failed))
        self.statistics.settle(self.clock.now())
        self._keeper.save(self.decider, self.statistics, self.season)
        await self._control.stop()
        with contextlib.suppress(Exception):
            await self._driver.stop()
        return released

    # ------------------------------------------------------------------ what comes in

    def _deliver(self, answer: Answer) -> None:
        """An answer from the wire, polled or reported."""
        now = self.clock.now()
        for point in self.state.points_at(answer.address):
            if answer.error is not None:
                changed = self.state.missing(point.id, now)
            else:
                changed = self.state.put(point, answer.value, answer.fault, now)
            if point.role is Role.OUTDOOR_TEMPERATURE:
                reading = self.state.reading(point.id)
                self.season.outdoor(now, float(reading.value or 0.0) if reading.good else None)
            if changed and self.decider.touch(point.id):
                self._arrived.setdefault(point.zone or "", time.monotonic())
                self._changed.set()

    def _health(self, device: str, up: bool) -> None:
        text = ("answers", "恢复应答") if up else ("does not answer", "无应答")
        self.journalist.tell(Event(self.clock.now(), "device", "", device, "", *text))
        if up:
            self.gateway.device_answers(device)
            self.decider.touch_all()
            self._changed.set()

    def _array(self, point: str, array: PriorityArray) -> None:
        self.state.put_array(point, array)
        self._learn(point)

    def _learn(self, point: str) -> None:
        """Take what the gateway knows of a point's slots; ask the rules again if that is news."""
        view = self.gateway.slot_view(point)
        ours = view.ours if isinstance(view.ours, bool | float | int | str) else None
        changed = self.state.put_ours(point, ours)
        changed |= self.state.put_array(point, view.array)
        if changed:
            self.decider.touch(point)
            self._changed.set()

    # ------------------------------------------------------------------ what is decided

    async def _decide(self) -> None:
        """Sleep until something changes or an answer could change by itself; ask; submit."""
        await self._first_look()
        while True:
            self._beat = time.monotonic()
            self._changed.clear()
            self._step()
            self.ready = True
            if not self.decider.dirty:
                await self.clock.wait(
                    min(self.decider.wake_at, self.clock.now() + 10 * self.clock.speed), self._changed
                )
            await asyncio.sleep(0)

    async def _first_look(self) -> None:
        deadline = time.monotonic() + FIRST_LOOK
        while time.monotonic() < deadline and not all(h.up or h.problem for h in self.reader.health.values()):
            self._beat = time.monotonic()
            await asyncio.sleep(0.05)

    def _step(self) -> None:
        now = self.clock.now()
        arrived, self._arrived = self._arrived, {}
        step = self.decider.step(now)
        self.gateway.submit(step.outcomes)
        for point in step.outcomes:
            zone = self.site.points[point].zone or ""
            if zone in arrived:
                self._reaction[point] = arrived[zone]
        for zone in step.zones:
            self.statistics.look(zone, self._look(self.site.zones[zone], now))
        for notice in self.journalist.notices(step.notices, now):
            self._store.notice(
                NoticeRow(
                    now, str(notice.rule), notice.kind, notice.about,
                    because(notice.because, self.site, now=now), because(notice.because, self.site, zh=True, now=now),
                )
            )  # fmt: skip

    def _look(self, zone: Zone, now: Instant) -> Look:
        evaluation = self.decider.evaluations[zone.id]
        view = self.decider.view(zone.id, now)
        occupied = (
            view.occupancy is not None and view.occupancy.reading.good and bool(view.occupancy.reading.value)
        )
        hot = cold = 0.0
        if occupied and view.temperature is not None and view.temperature.reading.good:
            value = float(view.temperature.reading.value or 0.0)
            hot, cold = max(0.0, value - zone.comfort.high), max(0.0, zone.comfort.low - value)
        violated = tuple(rule for rule, ok in evaluation.compliance.items() if ok is False)
        return Look(now, violated, tuple(evaluation.blocked), occupied, hot, cold)

    def _rule_failed(self, what: str, error: Exception) -> None:
        """A defect in a rule silences that zone alone, and says so once."""
        if self._failures.get(what) != repr(error):
            self._failures[what] = repr(error)
            log.error("rules failed", zone=what, error=repr(error), exc_info=error)
            self.journalist.tell(
                Event(self.clock.now(), "alert", what, what, "", f"rules failed: {error!r}", "规则执行出错")
            )

    # ------------------------------------------------------------------ what the gateway says

    def _gateway_event(self, event: gw.Event) -> None:
        if isinstance(event, gw.Wrote):
            self._wrote(event)
        elif isinstance(event, gw.Enforced):
            point = self.site.points.get(event.point)
            if point is not None and not isinstance(event.command, Special):
                self.statistics.enforced(point.zone or point.equipment or "", RuleId(event.rule))
        else:
            self.journalist.other(event)
        point_id = getattr(event, "point", None)
        if point_id in self.gateway.points:
            self._learn(point_id)

    def _wrote(self, event: gw.Wrote) -> None:
        self.statistics.wrote(event.result)
        arrived = self._reaction.pop(event.point, None)
        if event.sent is not None and arrived is not None and event.sent >= arrived:
            self.metrics.observe_reaction(event.sent - arrived)
        decision = self.decision(event.point)
        reason = decision.reason if decision is not None and decision.value == event.command else None
        self.journalist.wrote(event, reason)

    def decision(self, point_id: str) -> Decision | None:
        """What stands decided for a point."""
        point = self.site.points.get(point_id)
        owner = (point.zone or point.equipment) if point is not None else None
        evaluation = self.decider.evaluations.get(owner) if owner is not None else None
        outcome = evaluation.outcomes.get(point_id) if evaluation is not None else None
        return outcome.decision if outcome is not None else None

    # ------------------------------------------------------------------ housekeeping

    async def _sweep(self) -> None:
        """Let old readings go stale, and notice when the clock was set."""
        offset = self.clock.now() - time.monotonic() * self.clock.speed
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            now = self.clock.now()
            for point in self.state.expire(now):
                if self.decider.touch(point):
                    self._changed.set()
            drift = now - time.monotonic() * self.clock.speed
            if abs(drift - offset) > STEP_TOLERANCE:
                log.warning("the clock was set", by=round(drift - offset))
                self.decider.touch_all()
                self._changed.set()
            offset = drift

    async def _save(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self.statistics.settle(self.clock.now())
            self._keeper.save(self.decider, self.statistics, self.season)

    # ------------------------------------------------------------------ what is asked of us

    async def _request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request at the control socket. ValueError for one that makes no sense."""
        match request.get("do"):
            case "explain":
                try:
                    point = find_point(self.site, str(request.get("point", "")))
                except UnknownPoint as error:
                    raise ValueError(str(error)) from None
                with contextlib.suppress(Exception):
                    if self.gateway.writable(point):
                        await self.gateway.refresh_array(point.id)
                return explain(point, self.decider, self.gateway, self.clock.now())
            case "release":
                points = request.get("points") or list(self.gateway.points)
                done = await self.gateway.release(points)
                return {
                    "released": list(done.released),
                    "failed": list(done.failed),
                    "owned": len(self.gateway.owned),
                }
            case "status":
                return {"building": self.site.building, "ready": self.ready, "owned": len(self.gateway.owned)}
        raise ValueError(f"no such request: {request.get('do')!r}")

    def alive(self) -> bool:
        """The decision loop turns."""
        return time.monotonic() - self._beat < 60.0

    def snapshot(self) -> Snapshot:
        """The building now."""
        now = self.clock.now()
        self.statistics.settle(now)
        type_, announced = self.presenter.day_type(now)
        outdoor = self.decider.facts.outdoor
        return Snapshot(
            building=self.site.building,
            name=self.site.name or self.site.building,
            version=__version__,
            now=now,
            timezone=str(self.site.tz),
            dry_run=self.site.dry_run if self._options.dry_run is None else self._options.dry_run,
            ready=self.ready,
            season=str(self.decider.facts.season) if self.decider.facts.season else None,
            day_type=str(type_),
            announced=announced,
            fire=str(self.decider.facts.fire),
            outdoor_temperature=float(outdoor.value) if outdoor.good and outdoor.value is not None else None,
            zones=tuple(self.presenter.zone(zone, now) for zone in self.site.zones.values()),
            devices=tuple(self._device(device) for device in self.site.devices),
            meters=tuple(self.presenter.meters()),
            overrides=tuple(self.presenter.overrides()),
            totals=self.statistics.totals(),
            events=self.journalist.recent(),
            points=len(self.site.points),
            stale_points=self.state.stale,
            owned_slots=len(self.gateway.owned),
            calendar_valid_until=self._calendar.valid_until(self.site.tz, now),
            reload_successful=self.reload_successful,
            reload_time=self.reload_time,
            problem=self.problem,
            pairs=rules_of(self.site),
        )

    def _device(self, id_: str) -> DeviceStatus:
        health = self.reader.health[id_]
        points = [p for p in self.site.points.values() if p.device == id_]
        stale = sum(1 for p in points if not self.state.reading(p.id).good)
        device = self.site.devices[id_]
        return DeviceStatus(
            id_, device.name, health.up, health.last_answer, len(points), stale, health.problem
        )


class _Stop(Exception):
    """The daemon was asked to stop."""
