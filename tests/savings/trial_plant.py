"""Buildings lived by the rehearsal, each day under the arm that its own coin says.

One run holds many buildings side by side, and each of them once for every way in which it is run: same weather, same people. A room has a VRF
unit of its own and touches no other, so that some of a building's rooms are a smaller building under the same coins. The arm `today` is what
the rehearsal calls today: the controllers' own programme, nothing written by us.
"""

from __future__ import annotations

import datetime as dt
import gc
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.load import load_text
from config.points import Point, Value
from config.roles import Role
from config.site import Site
from config.trial import Sees
from schedules.days import calendars
from schedules.time import DAY
from simulator.people.character import People
from simulator.plant.base import END_USES, Observations
from simulator.plant.from_site import building_of
from simulator.weather import SyntheticShanghai
from supervisor.core.decider import Decider
from supervisor.core.decisions import RELINQUISH
from supervisor.core.turn import Step
from supervisor.rehearsal.account import Account
from supervisor.rehearsal.crowd import HABITS as USUAL
from supervisor.rehearsal.run import LEASE, Rehearsal
from supervisor.rehearsal.scenario import Scenario
from tests.savings.trial_people import Neighbours, Tenants
from tests.unit.rehearsal.small import HEAD

PEOPLE: Final = 12
"""Of a room, or one more: one more or less is 8 %, and people come in whole numbers. In a room of four, 8 % more or fewer are still four."""
MACHINES: Final = 15.0
"""W/m² of machines at the usual number of people: whoever comes brings his own."""
HVAC: Final = ("cooling", "heating", "fans", "pumps")
SASH: Final = 0.1
"""Share of its windows' area that a room opens: one sash of three. The default (0.3) opens all of them for whoever wants air, and two such rooms
scatter by 12 to 14 % of a working day, where whole buildings do by half of that. Site choice."""
HABITS: Final = replace(USUAL[People.USUAL], step_outs=0.0)
"""Who leaves a room of twelve for ten minutes is nothing that the room or its sensor notices, and half of what people cost to be drawn."""
SENSES: Final = {Sees.PRESENCE: Role.OCCUPANCY, Sees.WINDOWS: Role.WINDOW}
_FACES: Final = "NESW"
Floats = NDArray[np.float64]
Arms = Callable[[int, int], bool]
"""(building, day from 0; the days of the warm-up are less) → whether the policy is in force."""


class Lived(NamedTuple):
    """What was lived; `energy` and `seen` of shape (ways of running, buildings, rooms, days), of a run for another purpose as it says itself."""

    energy: Floats
    """Electricity of HVAC, kWh."""
    outdoor: Floats
    """Mean temperature of each day, °C, shape (days,)."""
    seen: Mapping[Sees, Floats] = {}
    """By what sensors look at, zone-hours, as the rules were told of them and not as the crowd has it."""

    def part(self, rooms: int) -> Lived:
        """Of buildings of so many of the rooms, shape (ways of running, buildings, days)."""
        seen = {sees: hours[:, :, :rooms].sum(axis=2) for sees, hours in self.seen.items()}
        return Lived(self.energy[:, :, :rooms].sum(axis=2), self.outdoor, seen)


Kept = Callable[[str, Callable[[], Lived]], Lived]
"""What was lived before under a name, else lived now."""


def site(buildings: int, rooms: int, ways: int = 1) -> Site:
    """All buildings in one site file, each as often as it is run in another way."""
    head = HEAD.replace("equipment:\n  air: {template: ahu, at: d2/0, serves: [open]}\n", "")
    zones = [
        f"  {_zone(way * buildings + b, r)}: {{hours: office, area_m2: {90 + (b + r) % 3 * 20}, people: {PEOPLE + (b + r) % 2}, "
        f"equipment_w_m2: {MACHINES}, envelope: {{orientation: {_FACES[(b + r) % 4]}}}, "
        f"equipment: {{vrf: d1/{1000 + 10 * ((way * buildings + b) * rooms + r)}}}}}\n"
        for way in range(ways)
        for b in range(buildings)
        for r in range(rooms)
    ]
    loaded = load_text(head + "".join(zones), "trial.yaml")
    assert loaded.site is not None, loaded.problems
    return loaded.site


def _zone(building: int, room: int) -> str:
    return f"b{building}r{room}"


def _place(zone: str) -> tuple[int, int]:
    """Which building of the run, and which of its rooms."""
    building, _, room = zone[1:].partition("r")
    return int(building), int(room)


def today(_building: int, _day: int) -> bool:
    """The controllers by themselves on every day: of what is run like this nobody ever asks the rules."""
    return False


class Resting(Decider):
    """Asks no zone more than once a day on which nothing of it is ours: all that is decided then is to let go. Of what is `never` ours it asks none at all."""

    def __init__(self, *about: Any, never: frozenset[str], **more: Any) -> None:
        super().__init__(*about, **more)
        self._never = never
        self._resting: set[str] = set(never)
        self._off: set[str] = set()

    def wake(self, in_force: Mapping[str, bool]) -> None:
        """A day begins: everybody is asked once."""
        self._resting = set(self._never)
        self.touch_all()
        self._off = {zone for zone, on in in_force.items() if not on}

    def step(self, now: float) -> Step:
        """Ask whom it concerns."""
        self.ask((*self._dirty, *self._sleepers.woken(now)))
        for zone in self._resting & self._dirty.keys():
            del self._dirty[zone]
        return super().step(now)

    def _ask_zone(self, id_: str, now: float) -> None:
        super()._ask_zone(id_, now)
        if id_ in self._off:
            self._resting.add(id_)
            self.evaluations[id_] = self.evaluations[id_]._replace(between={})
            self._sleepers.sleep(id_, math.inf)


class Switched(Rehearsal):
    """A rehearsal in which each building is the policy's on the days that `arms` says, from midnight to midnight."""

    def __init__(self, scenario: Scenario, arms: Arms, tenants: Tenants, never: frozenset[str]) -> None:
        super().__init__(scenario)
        zones = self.world.plant.zones
        self.world.crowd = Neighbours(scenario, zones, self.now, tenants)
        self.decider = self._whose = Resting(
            self.site, self.known, scenario.days.tables, self.season.season, lease=LEASE, never=never
        )
        # whether anybody is content, and by which rule, is no part of this
        self.account = Account(np.zeros(len(zones), dtype=bool), scenario.start, scenario.hours)
        self.listeners = [self._judge]
        self._arms = arms
        self._today = -1
        self._in_force: dict[str, bool] = {}
        self._own: dict[str, str] = {
            point: zone.id for zone in self.site.zones.values() for e in zone.equipment
            for point in (p.id for p in e.points.values())
        }  # fmt: skip
        self.by_zone = np.zeros((len(zones), 0))
        self._since: Floats | None = None
        self._places = {zone: place for place, zone in enumerate(zones)}
        self._last = {sees: (scenario.start, np.zeros(len(zones))) for sees in SENSES}
        self.seen = {sees: np.zeros((len(zones), scenario.hours // 24)) for sees in SENSES}
        self._rows: list[int] = [END_USES.index(use) for use in HVAC]

    async def _happen(self) -> None:
        day = int((self.now - self.scenario.start) // DAY)
        if day != self._today:
            self._today = day
            self._in_force = {zone: self._arms(_place(zone)[0], day) for zone in self.site.zones}
            self._whose.wake(self._in_force)
        await super()._happen()

    def _stand(self, zones: object, now: float) -> None:
        """Nobody asks by which rule."""

    def _submit(self, step: Step) -> None:
        mine = {}
        for point, outcome in step.outcomes.items():
            if not self._in_force.get(self._own.get(point, ""), False):
                outcome = outcome._replace(decision=outcome.decision._replace(value=RELINQUISH))
            mine[point] = outcome
        self.gateway.submit({point: mine[point] for point in sorted(mine)})

    def _hear(self, point: Point, value: Value) -> None:
        super()._hear(point, value)
        for sees, role in SENSES.items():
            if point.role is role and point.zone is not None:
                self._settle(sees)
                self._last[sees][1][self._places[point.zone]] = float(bool(value))

    def _settle(self, sees: Sees) -> None:
        """What has stood since it was last looked at is counted to its day; called at each midnight at least."""
        since, standing = self._last[sees]
        if self.now > since:
            day = int((since - self.scenario.start) // DAY)
            self.seen[sees][:, day] += standing * (self.now - since) / 3600.0
            self._last[sees] = (self.now, standing)

    def _hour(self, seen: Observations) -> None:
        for sees in SENSES:
            self._settle(sees)
        super()._hour(seen)
        if self.now >= self.scenario.start and (self.now - self.scenario.start) % DAY == 0:
            total = seen.energy[self._rows].sum(axis=0) / 3.6e6
            if self._since is not None:
                self.by_zone = np.column_stack([self.by_zone, total - self._since])
            self._since = total.copy()


def lived(
    first: dt.date,
    days: int,
    seed: int,
    ways: Sequence[Arms],
    more: Sequence[float],
    rooms: int,
    since: dt.date = dt.date.max,
) -> Lived:
    """Live through so many days, each building in all `ways`; `seed` is of weather and people alike.

    `more`: by how much more people, and machines of theirs, each building has `since` a day.
    """
    n = len(more)
    place = site(n, rooms, len(ways))
    whole = building_of(place)
    whole = replace(whole, zones=tuple(replace(zone, openable=SASH) for zone in whole.zones))
    scenario = Scenario(
        place, calendars(place), SyntheticShanghai(seed), seed, first, first + dt.timedelta(days - 1), "trial",
        building=whole, habits=HABITS,
    )  # fmt: skip
    places = {zone: _place(zone) for zone in place.zones}
    tenants = Tenants(
        {zone: _zone(b % n, r) for zone, (b, r) in places.items()},
        {zone: more[b % n] for zone, (b, _) in places.items()},
        since,
    )
    never = frozenset(zone for zone, (b, _) in places.items() if ways[b // n] is today)
    run = Switched(scenario, lambda b, day: ways[b // n](b % n, day), tenants, never)
    with _nothing_swept():
        account: Any = run.run()

    def sorted_out(by_zone: Floats) -> Floats:
        found = np.empty((len(ways), n, rooms, days))
        for zone, row in zip(run.world.plant.zones, by_zone, strict=True):
            b, r = places[zone]
            found[b // n, b % n, r] = row
        return found

    outdoor = account.outdoor.reshape(days, 24).mean(axis=1, dtype=float)
    return Lived(
        sorted_out(run.by_zone), outdoor, {sees: sorted_out(hours) for sees, hours in run.seen.items()}
    )


@contextmanager
def _nothing_swept() -> Iterator[None]:
    """A run makes millions of small things and next to no rings of them: looking for rings takes a sixth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def keeper(folder: Path) -> Kept:
    """Keeps what was lived in files of a folder, so that what was interrupted goes on."""
    folder.mkdir(parents=True, exist_ok=True)

    def kept(name: str, live: Callable[[], Lived]) -> Lived:
        path = folder / f"{name}.npz"
        if not path.exists():
            found = live()
            seen: dict[str, Any] = {str(sees): hours for sees, hours in found.seen.items()}
            part = folder / f"{name}.{os.getpid()}.npz"
            np.savez(part, energy=found.energy, outdoor=found.outdoor, **seen)
            part.replace(path)  # whole, or not there
        with np.load(path) as had:
            return Lived(had["energy"], had["outdoor"], {sees: had[sees] for sees in Sees if sees in had})

    return kept
