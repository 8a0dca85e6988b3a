"""Small buildings lived by the rehearsal, each day under the arm that its own coin says.

One run holds many buildings side by side, each of two rooms with a VRF unit of its own: same weather, its own people, its own
coins. The arm `today` is what the rehearsal calls today: the controllers' own programme, nothing written by us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
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
from simulator.plant.base import END_USES, Observations
from simulator.plant.from_site import building_of
from simulator.weather import SyntheticShanghai
from supervisor.core.decisions import RELINQUISH
from supervisor.core.turn import Step
from supervisor.rehearsal.run import Rehearsal
from supervisor.rehearsal.scenario import Scenario
from tests.unit.rehearsal.small import HEAD

ROOMS: Final = 2
"""Rooms of a building, of twelve or thirteen people each: one more or less is 8 %, and people come in whole numbers. In a room of four, 8 %
more or fewer are still four."""
MACHINES: Final = 15.0
"""W/m² of machines at the usual number of people: whoever comes brings his own."""
HVAC: Final = ("cooling", "heating", "fans", "pumps")
SASH: Final = 0.1
"""Share of its windows' area that a room opens: one sash of three. The default (0.3) opens all of them for whoever wants air, and two such rooms
scatter by 12 to 14 % of a working day, where whole buildings do by half of that. Site choice."""
SENSES: Final = {Sees.PRESENCE: Role.OCCUPANCY, Sees.WINDOWS: Role.WINDOW}
_FACES: Final = "NESW"
Floats = NDArray[np.float64]
Arms = Callable[[int, int], bool]
"""(building, day from 0; the days of the warm-up are less) → whether the policy is in force."""


class Lived(NamedTuple):
    """Electricity, kWh, by building and day (of HVAC), or by building and hour; and the mean outdoor temperature, °C, shape (days,).

    `seen`: by what sensors look at, zone-hours by building and day, as the rules were told of them and not as the crowd has it.
    """

    energy: Floats
    outdoor: Floats
    seen: Mapping[Sees, Floats] = {}


def site(buildings: int, crowd: tuple[float, ...]) -> Site:
    """All buildings in one site file; `crowd`: by how much more people, and machines of theirs, each one has than usual."""
    head = HEAD.replace("equipment:\n  air: {template: ahu, at: d2/0, serves: [open]}\n", "")
    rooms = [
        f"  b{b}r{r}: {{hours: office, area_m2: {90 + (b + r) % 3 * 20}, people: {round((12 + (b + r) % 2) * crowd[b])}, "
        f"equipment_w_m2: {MACHINES * crowd[b]:.4f}, envelope: {{orientation: {_FACES[(b + r) % 4]}}}, "
        f"equipment: {{vrf: d1/{100 + 10 * (b * ROOMS + r)}}}}}\n"
        for b in range(buildings)
        for r in range(ROOMS)
    ]
    loaded = load_text(head + "".join(rooms), "trial.yaml")
    assert loaded.site is not None, loaded.problems
    return loaded.site


class Switched(Rehearsal):
    """A rehearsal in which each building is the policy's on the days that `arms` says, from midnight to midnight."""

    def __init__(self, scenario: Scenario, arms: Arms) -> None:
        super().__init__(scenario)
        self._arms = arms
        self._today = -1
        self._in_force: dict[str, bool] = {}
        self._own: dict[str, str] = {
            point: zone.id for zone in self.site.zones.values() for e in zone.equipment
            for point in (p.id for p in e.points.values())
        }  # fmt: skip
        self.by_zone = np.zeros((len(self.site.zones), 0))
        self.warm = np.zeros(0)
        self._since: Floats | None = None
        self._places = {zone: place for place, zone in enumerate(self.world.plant.zones)}
        self._last = {sees: (scenario.start, np.zeros(len(self._places))) for sees in SENSES}
        self.seen = {sees: np.zeros((len(self._places), scenario.hours // 24)) for sees in SENSES}
        self._rows: list[int] = [END_USES.index(use) for use in HVAC]

    async def _happen(self) -> None:
        day = int((self.now - self.scenario.start) // DAY)
        if day != self._today:
            self._today = day
            self._in_force = {
                zone: self._arms(int(zone[1 : zone.index("r")]), day) for zone in self.site.zones
            }
            self.decider.touch_all()
        await super()._happen()

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


def lived(first: dt.date, days: int, seed: int, arms: Arms, crowd: tuple[float, ...]) -> Lived:
    """Live through so many days; `seed` is of weather and people alike."""
    place = site(len(crowd), crowd)
    whole = building_of(place)
    whole = replace(whole, zones=tuple(replace(zone, openable=SASH) for zone in whole.zones))
    scenario = Scenario(
        place, calendars(place), SyntheticShanghai(seed), seed, first, first + dt.timedelta(days - 1), "trial", building=whole
    )  # fmt: skip
    run = Switched(replace(scenario), arms)
    account: Any = run.run()
    own = np.array([int(zone[1 : zone.index("r")]) for zone in run.world.plant.zones])
    by_building = np.stack([run.by_zone[own == b].sum(axis=0) for b in range(len(crowd))])
    seen = {
        sees: np.stack([zones[own == b].sum(axis=0) for b in range(len(crowd))])
        for sees, zones in run.seen.items()
    }
    return Lived(by_building, account.outdoor.reshape(days, 24).mean(axis=1, dtype=float), seen)
