"""What a rehearsal adds up: energy by use, comfort, exceptions, the rules' seconds; and every hour for the plots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.roles import ZoneKind
from config.rules import RuleId
from schedules.seasons import Season
from schedules.time import Instant
from simulator.comfort import CLO, CLO_MILD, Person, pmv, ppd
from simulator.plant.base import END_USES, Felt, Observations, Stride, Told
from supervisor.core.tally import Look, Tally

Floats: TypeAlias = NDArray[np.float64]

HOT, COLD = 27.0, 19.0
"""°C beyond which an occupied room counts as too hot or too cold (issue D)."""
PASSED_THROUGH = (ZoneKind.CORRIDOR, ZoneKind.STAIR)
"""Kinds of zones in which nobody stays."""
ASK_EVERY = 900.0
"""s between two questions to the people: PPD hardly moves faster than a room does."""
HOUR = 3600.0
JOULES_PER_KWH = 3.6e6
_MINUTE = 60.0
_HOUR_S_MINUTES = 60
_AT_ONCE = 48
"""Questions that are worked out together: half a day's."""


class Account:
    """Totals of one rehearsal from `start` on. Arrays are in the order of the plant's zones.

    `stayed_in` (zones,): rooms in which people stay. Nobody asks a passer-by on the stairs how warm it is.
    """

    def __init__(self, stayed_in: NDArray[np.bool_], start: Instant, hours: int) -> None:
        zones = len(stayed_in)
        self._stayed_in, self._counts = stayed_in, stayed_in.astype(np.float64)
        self.start = start
        self.tally = Tally()
        self.hot_seconds = self.cold_seconds = self.occupied_seconds = 0.0
        """K·s beyond the limits and s, over all rooms in which people stay, while somebody is in."""
        self.asked = self.dissatisfied = 0.0
        """Persons asked, and % dissatisfied times persons."""
        self.exception_seconds = 0.0
        self.hours_done = 0
        self.air = np.full((hours, zones), np.nan, dtype=np.float32)
        """(hours, zones) °C at the end of each hour."""
        self.outdoor = np.full(hours, np.nan, dtype=np.float32)
        self.uses = np.zeros((hours, len(END_USES)))
        """(hours, end uses) kWh of electricity."""
        self.gas = np.zeros(hours)
        """(hours,) kWh of gas by lower heating value."""
        self.water = np.zeros(hours)
        """(hours,) m³."""
        self.violations = np.zeros(hours)
        """(hours,) zone-hours of violation, over all rules."""
        self._suspended: dict[str, Instant] = {}
        self._base: tuple[Floats, float, float] | None = None
        self._violated = 0.0
        self._violating: dict[str, tuple[Instant, int]] = {}
        self._stands: dict[str, tuple[tuple[RuleId, ...], ...]] = {}
        """How each zone was last seen to stand; `Tally` is told only when that changes."""
        self.season: Season = Season.SUMMER
        self._anybody = False
        self._people: Floats = np.zeros(zones)
        self._lived: list[tuple[Floats, Floats]] = []
        """(minutes, zones) °C in which somebody was in, and (zones,) persons, until it is weighed."""
        self._waiting: list[tuple[Floats, Floats, Floats, Floats]] = []
        """Who is still to be asked: air and radiant temperature, °C, relative humidity, %, and persons, of each room."""

    # ------------------------------------------------------------------ the physics

    def begin(self, seen: Observations) -> None:
        """Count energy from here."""
        self._base = _totals(seen)

    def crowd(self, people: Floats) -> None:
        """Who is in from now on."""
        if people is self._people:
            return
        self._people = people
        self._anybody = bool(np.dot(people, self._counts) > 0.0)

    def unasked(self, now: Instant) -> int:
        """Minutes from `now` until people are next asked, if anybody is in; after that one they want to be told."""
        if not self._anybody:
            return _HOUR_S_MINUTES
        return round((ASK_EVERY - (now - self.start) % ASK_EVERY) / _MINUTE)

    def minutes(self, passed: Stride, feel: Callable[[Told], None]) -> None:
        """Take minutes that have just ended: as many as `unasked` says, or fewer. `feel`: as `Plant.feel`."""
        if not self._anybody:
            return
        air = passed.air
        self._lived.append((air.copy(), self._people))
        if (passed.time - self.start) % ASK_EVERY == 0.0:
            feel(partial(self._felt, self._people))

    def _weigh(self) -> None:
        """Where somebody was in, and how much too hot and too cold, in all minutes since this was last worked out."""
        if not self._lived:
            return
        lived, self._lived = self._lived, []
        air, minutes = np.concatenate([rooms for rooms, _ in lived]), [len(rooms) for rooms, _ in lived]
        inside = (np.array([people for _, people in lived]) > 0.0) & self._stayed_in
        self.occupied_seconds += _MINUTE * float(np.dot(np.count_nonzero(inside, axis=1), minutes))
        if air.max() <= HOT and air.min() >= COLD:
            return
        occupied = np.repeat(inside, minutes, axis=0)
        for n in np.flatnonzero(((air > HOT) & occupied).any(axis=1)).tolist():
            self.hot_seconds += _MINUTE * float(np.maximum(air[n][occupied[n]] - HOT, 0.0).sum())
        for n in np.flatnonzero(((air < COLD) & occupied).any(axis=1)).tolist():
            self.cold_seconds += _MINUTE * float(np.maximum(COLD - air[n][occupied[n]], 0.0).sum())

    def _felt(self, people: Floats, felt: Felt) -> None:
        """Note how it was for everybody who was in; radiant by ISO 7726: t_o = (t_a + t_r) / 2."""
        who = (people > 0.0) & self._stayed_in
        air = felt.air[who]
        self._waiting.append((air, 2.0 * felt.operative[who] - air, felt.relative_humidity[who], people[who]))

    def _ask(self) -> None:
        """Everybody of whom it was noted how it was, all at once: what that costs hardly depends on how many they are."""
        if not self._waiting:
            return
        air, radiant, humidity, everybody = map(np.concatenate, zip(*self._waiting, strict=True))
        share = ppd(pmv(air, radiant, humidity, Person(CLO.get(str(self.season), CLO_MILD)))) * everybody
        first = 0
        for *_, people in self._waiting:
            last = first + len(people)
            self.dissatisfied += float(share[first:last].sum())
            self.asked += float(people.sum())
            first = last
        self._waiting.clear()

    def turn(self, season: Season) -> None:
        """Another season from now on: people dress for it."""
        self._ask()
        self.season = season

    def hour(self, seen: Observations) -> None:
        """Close an hour; all that was to be told of it has been, now that the plant was observed."""
        assert self._base is not None
        self._weigh()
        if len(self._waiting) >= _AT_ONCE:
            self._ask()
        n, now = self.hours_done, _totals(seen)
        self.uses[n] = (now[0] - self._base[0]) / JOULES_PER_KWH
        self.gas[n] = (now[1] - self._base[1]) / JOULES_PER_KWH
        self.water[n] = now[2] - self._base[2]
        self.air[n] = seen.air
        self.outdoor[n] = seen.outdoor.dry_bulb
        self._base = now
        self.tally.settle(seen.time)
        self.violations[n] = self._settle_violations(seen.time) / HOUR
        self.hours_done = n + 1

    # ------------------------------------------------------------------ the rules

    def look(
        self,
        zone: str,
        at: Instant,
        violated: tuple[RuleId, ...],
        blocked: tuple[RuleId, ...],
        set_but_off: tuple[RuleId, ...],
    ) -> None:
        """How a zone stands to its rules from now on."""
        stands = (violated, blocked, set_but_off)
        if self._stands.get(zone) == stands:
            return
        self._stands[zone] = stands
        self.tally.look(zone, Look(at, violated, blocked, False, 0.0, 0.0, set_but_off))
        since, count = self._violating.get(zone, (at, 0))
        self._violated += (at - since) * count
        self._violating[zone] = (at, len(violated))

    def _settle_violations(self, at: Instant) -> float:
        for zone, (since, count) in self._violating.items():
            if count:
                self._violated += (at - since) * count
            self._violating[zone] = (at, count)
        done, self._violated = self._violated, 0.0
        return done

    def suspended(self, zone: str, at: Instant, is_suspended: bool) -> None:
        """Whether a rule is suspended for a zone as an exception from now on."""
        if is_suspended:
            self._suspended.setdefault(zone, at)
        elif zone in self._suspended:
            self.exception_seconds += at - max(self._suspended.pop(zone), self.start)

    def end(self, at: Instant) -> None:
        """Close what is still open."""
        self._weigh()
        self._ask()
        for zone in list(self._suspended):
            self.suspended(zone, at, is_suspended=False)
        self.tally.settle(at)

    def by_rule(self, what: str) -> dict[str, float]:
        """`violation`, `set_but_off` or `blocked` hours, or `enforced` times, over all zones, by rule."""
        totals = self.tally.totals()
        tables: dict[str, Mapping[tuple[str, RuleId], float]] = {
            "violation": totals.violation_seconds, "set_but_off": totals.set_but_off_seconds,
            "blocked": totals.blocked_seconds, "enforced": totals.enforcements,
        }  # fmt: skip
        found: defaultdict[str, float] = defaultdict(float)
        for (_, rule), value in sorted(tables[what].items()):
            found[str(rule)] += value / (1.0 if what == "enforced" else HOUR)
        return dict(found)


def _totals(seen: Observations) -> tuple[Floats, float, float]:
    """Electricity by use and gas since the plant began, J, and water, m³."""
    return seen.energy.sum(axis=1) + seen.central_energy, seen.gas_energy, seen.water
