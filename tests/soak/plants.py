"""Faults to plant, each of which the soak must find: a harness that cannot fail proves nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from config.rules import RuleId
from drivers.care.renewals import Renewals
from drivers.habits import Habits
from drivers.readings import Quality
from supervisor.core.decider import Decider
from supervisor.core.decisions import RELINQUISH
from supervisor.core.engine import plan_zone
from supervisor.core.known import Known
from supervisor.core.rule import NO_OPINION, Compliance
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.running import Running
from supervisor.daemon.trust import Trust
from supervisor.field.register import Register
from supervisor.field.vetting import Vetting
from supervisor.gateway import Gateway
from supervisor.telling.events import Events
from tests.soak.world import AUTUMN, SoakDriver


def _silence_rule(rule: RuleId, shift: float | None = None) -> Callable[[Any], Any]:
    """A plan without a rule, or with one that is told a time `shift` seconds earlier."""

    def planned(zone: Any) -> Any:
        plan = plan_zone(zone)
        rules = []
        for found in plan.rules:
            if found.id is not rule:
                rules.append(found)
            elif shift is not None:
                rules.append(found._replace(evaluate=_late(found.evaluate, shift)))
            else:
                rules.append(found._replace(evaluate=lambda *_: NO_OPINION))
        return plan._replace(rules=tuple(rules))

    return planned


def _late(evaluate: Any, shift: float) -> Any:
    from supervisor.core.now import Now

    def later(view: Any, facts: Any, memory: Any, now: Any) -> Any:
        shifted = Now(now.at - shift)
        verdict = evaluate(view, facts, memory, shifted)
        now.noticed()
        now.reached(min(shifted.wake_at, shifted.empty_at) + shift)
        return verdict

    return later


def _plan(rule: RuleId, shift: float | None = None) -> Any:
    return patch("supervisor.core.decider.plan_zone", _silence_rule(rule, shift))


def _mild_season(change: Callable[[Any, Any], tuple[Any, Any]]) -> Any:
    """The mild-season rule is shown something else than the others are."""

    def planned(zone: Any) -> Any:
        plan = plan_zone(zone)
        rules = [
            r._replace(evaluate=changed(r.evaluate)) if r.id is RuleId.MILD_SEASON_OFF else r
            for r in plan.rules
        ]
        return plan._replace(rules=tuple(rules))

    def changed(evaluate: Any) -> Any:
        return lambda view, facts, memory, now: evaluate(*change(view, facts), memory, now)

    return patch("supervisor.core.decider.plan_zone", planned)


def _no_rooms(view: Any, facts: Any) -> tuple[Any, Any]:
    return view._replace(temperature=None, humidity=None, co2=None), facts


def _fine_weather(view: Any, facts: Any) -> tuple[Any, Any]:
    return view, facts._replace(weather_normal=True)


def _lost_release() -> Any:
    original = Gateway.submit

    def submit(self: Gateway, outcomes: Any) -> None:
        original(self, {k: o for k, o in outcomes.items() if o.decision.value is not RELINQUISH})

    return patch.object(Gateway, "submit", submit)


def _driver(change: Callable[[SoakDriver, Any, Any, Any, Any], Any]) -> Any:
    original = SoakDriver.write

    async def write(self: SoakDriver, address: Any, value: Any, priority: Any) -> None:
        await change(self, original, address, value, priority)

    return patch.object(SoakDriver, "write", write)


async def _wrong_slot(driver: SoakDriver, write: Any, address: Any, value: Any, priority: Any) -> None:
    await write(driver, address, value, 11 if value is not None else priority)


async def _behind_the_journal(
    driver: SoakDriver, write: Any, address: Any, value: Any, priority: Any
) -> None:
    await write(driver, address, value, priority)
    await write(driver, address, 1 - value if value in (0, 1) else value, priority)


async def _at_the_stair(driver: SoakDriver, write: Any, address: Any, value: Any, priority: Any) -> None:
    await write(driver, address, value, priority)
    if address.device == "d3":
        await write(driver, address._replace(object_type="binary-output", instance=405), 0, priority)


def _forgotten_exemption() -> Any:
    return patch("supervisor.core.decider.exemption_ends", lambda zone, tz: {})


def _no_wake() -> Any:
    return patch.object(Decider, "wake_at", property(lambda self: math.inf))


def _deaf_to_fire() -> Any:
    return patch("supervisor.core.views.Fire.owns_building", property(lambda self: False))


def _lies_believed() -> Any:
    """Absurd temperatures pass as good: freeze protection starts the heating in July."""
    original = Known.put

    def put(self: Known, point: Any, raw: Any, fault: bool, at: float) -> bool:
        if raw == -273.0:
            return self.put_value(point.id, raw, Quality.GOOD, at)
        return original(self, point, raw, fault, at)

    return patch.object(Known, "put", put)


def _short_suspension() -> Any:
    """A room that was unfit for a moment is held off again as soon as it is fit."""
    return _shortened(suspend_for=0.0, run_for=0.0)


def _short_run() -> Any:
    """A unit that was let run is held off again as soon as its reason is over."""
    return _shortened(run_for=0.0)


def _shortened(**seconds: float) -> Any:
    short: dict[int, Any] = {}

    def at_once(view: Any, facts: Any) -> tuple[Any, Any]:
        rules = view.zone.rules
        if id(rules) not in short:
            mild = rules.mild_season_off.model_copy(update=seconds)
            short[id(rules)] = rules.model_copy(update={"mild_season_off": mild})
        return view._replace(zone=replace(view.zone, rules=short[id(rules)])), facts

    return _mild_season(at_once)


def _clock_believed() -> Any:
    return patch.object(Trust, "doubt", lambda self: None)


def _helper_forgotten() -> Any:
    """What has died stays dead, and is told as such."""

    async def keep(self: Helpers, name: str, helper: Any) -> None:
        try:
            await self._run(name, helper)
        except Exception as error:
            self._died(name, error, 0.0)

    return patch.object(Helpers, "_keep", keep)


def _refusal_forgotten() -> Any:
    """A subscription that was refused counts as taken: its points are polled as seldom as if they reported."""
    return patch.object(SoakDriver, "reports", lambda self, address: True)


def _asked_at_once() -> Any:
    """What was refused is asked for again each minute, for ever."""
    original = Renewals._refused

    def refused(self: Renewals, line: Any, address: Any, error: Any, *, first: bool) -> None:
        original(self, line, address, error, first=first)
        if (entry := line.entries.get(address)) is not None:
            entry.due = asyncio.get_running_loop().time() + 60.0

    return patch.object(Renewals, "_refused", refused)


def _told_again() -> Any:
    """That a controller refuses is told each time that it does."""
    original = Habits.found

    def found(self: Habits, device: str, kind: str, about: str, text: Any) -> None:
        self._known.pop((device, kind, about), None)
        original(self, device, kind, about, text)

    return patch.object(Habits, "found", found)


def _each_alert() -> Any:
    """A full disk is told for each row that is refused."""
    original = Events._store

    def store(self: Events, problem: Any, at: Any) -> None:
        self._storeless = ""
        self._told.clear()
        original(self, problem, at)

    return patch.object(Events, "_store", store)


def _disk_unsaid() -> Any:
    return patch.object(Events, "_store", lambda self, problem, at: None)


def _anybody_written() -> Any:
    """Whoever answers at a controller's address is written."""

    async def admit(self: Vetting, device: str, objects: Any = ()) -> None:
        """Nobody is asked who he is."""

    return patch.object(Vetting, "admit", admit)


def _half_told() -> Any:
    """A stranger is not written, and page and metric know nothing of it."""
    return patch.object(Register, "barred", property(lambda self: {}))


def _believed_till_the_next_poll() -> Any:
    """What was known of a controller's points is believed on when another one was found in its place."""
    return patch.object(Running, "_suspected", lambda self, device: None)


def _blind_compliance() -> Any:
    """What cannot be measured is said to comply."""

    def planned(zone: Any) -> Any:
        plan = plan_zone(zone)
        return plan._replace(rules=tuple(r._replace(evaluate=seeing(r.evaluate)) for r in plan.rules))

    def seeing(evaluate: Any) -> Any:
        def seen(*given: Any) -> Any:
            verdict = evaluate(*given)
            if verdict.compliance is Compliance.UNMEASURABLE:
                return verdict._replace(compliance=Compliance.YES)
            return verdict

        return seen

    return patch("supervisor.core.decider.plan_zone", planned)


PLANTS: dict[str, Callable[[], Any]] = {
    "late-close": lambda: _plan(RuleId.PRE_CLOSE_OFF, 900.0),
    "window-forgotten": lambda: _plan(RuleId.WINDOW_OFF),
    "vacancy-forgotten": lambda: _plan(RuleId.VACANCY_OFF),
    "lost-release": _lost_release,
    "wrong-slot": lambda: _driver(_wrong_slot),
    "doubled-write": lambda: _driver(_behind_the_journal),
    "escape-light": lambda: _driver(_at_the_stair),
    "forgotten-exemption": _forgotten_exemption,
    "missed-wake-up": _no_wake,
    "deaf-to-fire": _deaf_to_fire,
    "lies-believed": _lies_believed,
    "mild-season-ignored": lambda: _plan(RuleId.MILD_SEASON_OFF),
    "mild-season-stubborn": lambda: _mild_season(_no_rooms),
    "always-fine-weather": lambda: _mild_season(_fine_weather),
    "suspension-short": _short_suspension,
    "clock-believed": _clock_believed,
    "helper-forgotten": _helper_forgotten,
    "refusal-forgotten": _refusal_forgotten,
    "blind-compliance": _blind_compliance,
    "run-short": _short_run,
    "refusal-storm": _asked_at_once,
    "refusal-repeated": _told_again,
    "full-disk-storm": _each_alert,
    "full-disk-unsaid": _disk_unsaid,
    "stranger-written": _anybody_written,
    "stranger-half-told": _half_told,
    "stranger-believed": _believed_till_the_next_poll,
}
_MILD = (
    "mild-season-ignored",
    "mild-season-stubborn",
    "always-fine-weather",
    "suspension-short",
    "run-short",
)
BEGINS = dict.fromkeys(_MILD, AUTUMN)
"""Faults that show in one season only: when to begin, so as not to wait for it."""


@contextmanager
def planted(name: str | None) -> Iterator[None]:
    """Plant a fault for as long as the block runs. KeyError for one that is not known."""
    if name is None:
        yield
        return
    with PLANTS[name]():
        yield
