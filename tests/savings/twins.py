"""`make calibrate-twins SEEDS=0-9`: buildings of the model's own equations, with every parameter some 30 % off. Is the saving found, and does the interval hold it?

A seed is a floor of five rooms with units of one kind (split, VRF, fan coils on a plant room), in a climate, a season and with people of its own. It
records three weeks as people run it, behind thermometers, run statuses and presence sensors alone; `calibrate` reads that, and a week under the
policy is predicted and then lived by the truth. `--exact`: temperatures and meters are those that the equations give for what the record says of
people, sun and windows, so that nothing but the estimator is tried.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from config.load import load_text
from config.site import Site
from schedules.days import calendars
from schedules.weather.series import Weather
from simulator.people.character import People
from simulator.plant.base import COOLING, FANS, HEATING, PUMPS
from simulator.plant.building import Building
from simulator.plant.from_site import building_of
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.crowd import HABITS
from supervisor.rehearsal.model import meters
from supervisor.rehearsal.model.calibrate import Period, calibrated, recorded
from supervisor.rehearsal.model.drive import lived
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.numbers import Source
from supervisor.rehearsal.model.parameters import INPUTS
from supervisor.rehearsal.model.record import Record
from supervisor.rehearsal.model.used import Figures, Interval, intervals
from supervisor.rehearsal.run import Rehearsal
from supervisor.rehearsal.scenario import Scenario
from supervisor.store.writer import Store
from tests.savings.calibrate_truth import thirty_off
from tests.savings.elsewhere import BEIJING, GUANGZHOU, Elsewhere
from tests.savings.recorded import record

DAYS: Final = 21
DRAWS: Final = 6
KINDS: Final = ("split", "vrf", "fcu")
PLACES: Final = ("shanghai", "beijing", "guangzhou")
MONTHS: Final = (7, 1, 8, 12, 6, 2)
HEAD: Final = """version: 1
building: twin
timezone: Asia/Shanghai
dry_run: true
season: {method: temperature}
hours: {office: {workday: "09:00-17:30"}}
points: {outdoor_temperature: ddc/analog-input:9000}
meters:
  total: {subitem: total, point: {at: "ddc/analog-input:9001", unit: kWh}}
  hvac: {subitem: hvac, parent: total, point: {at: "ddc/analog-input:9002", unit: kWh}}
  lamps: {subitem: lighting_socket, parent: total, point: {at: "ddc/analog-input:9003", unit: kWh}}
  gas: {subitem: gas, point: {at: "ddc/analog-input:9004", unit: m3}}
devices: {ddc: {instance: 1001, address: "127.0.0.2:47808"}}
templates:
  unit:
    kind: KIND
    points:
      start_stop: {object: binary-output:0, writable: true}
      run_status: binary-input:0
      cooling_setpoint: {object: analog-value:0, writable: true, low: 16, high: 32}
      heating_setpoint: {object: analog-value:1, writable: true, low: 10, high: 28}
      temperature: analog-input:0
      occupancy: binary-input:1
      window: binary-input:2
  lights:
    kind: lights
    points: {start_stop: {object: binary-output:5, writable: true}, run_status: binary-input:5}
zones:
"""
_FACES: Final = ("core", "S", "E", "N", "W")


class Twin(NamedTuple):
    """What a seed stands for."""

    seed: int
    kind: str
    place: str
    month: int
    people: People

    @property
    def weather(self) -> Weather:
        """A synthetic year of its place."""
        if self.place == "shanghai":
            return SyntheticShanghai(self.seed)
        return Elsewhere(self.seed, BEIJING if self.place == "beijing" else GUANGZHOU)

    def __str__(self) -> str:
        return f"{self.seed}: {self.kind} {self.place} {self.month:02} {self.people}"


class Found(NamedTuple):
    """A prediction beside what came, % of HVAC energy saved."""

    of: Twin
    said: Interval
    came: float
    fit: Calibration

    @property
    def off(self) -> float:
        """Points."""
        return self.said.value - self.came

    @property
    def covered(self) -> bool:
        """The interval holds the truth."""
        return self.said.low <= self.came <= self.said.high


def twin(seed: int) -> Twin:
    """Kinds, places, seasons and people by lot: no two of them go together."""
    draw = np.random.default_rng((seed, 11))
    kind, place = KINDS[seed % 3], PLACES[int(draw.integers(3))]
    return Twin(seed, kind, place, MONTHS[int(draw.integers(6))], list(People)[int(draw.integers(3))])


def site_of(of: Twin) -> Site:
    """Five rooms: four that face the four ways, and a core."""
    draw = np.random.default_rng((of.seed, 12))
    rows = [
        f"  z{n}: {{hours: office, area_m2: {40 + int(draw.integers(5)) * 20}, people: {3 + int(draw.integers(5))}, "
        f"envelope: {{orientation: {face}}}, equipment: {{unit: ddc/{100 * (n + 1)}, lights: ddc/{100 * (n + 1)}}}}}\n"
        for n, face in enumerate(_FACES)
    ]
    loaded = load_text(HEAD.replace("KIND", of.kind) + "".join(rows), "twin.yaml")
    assert loaded.site is not None, loaded.problems
    return loaded.site


def scenario(
    of: Twin, site: Site, building: Building, first: dt.date, days: int, *, controlled: bool
) -> Scenario:
    """Some days of a building, with the people of the seed."""
    return Scenario(
        site, calendars(site), of.weather, of.seed, first, first + dt.timedelta(days - 1), "twin", controlled,
        building=building, people=of.people, habits=HABITS[of.people],
    )  # fmt: skip


def observed(of: Twin, *, exact: bool = False, sun: bool = False) -> tuple[Source, Record]:
    """What three weeks as people run it left in the store. `sun`: somebody measured it."""
    site = site_of(of)
    truth, first = thirty_off(site, of.seed), dt.date(2026, of.month, 6)
    weather = of.weather
    source = Source(site, building_of(site), calendars(site).tables, weather.site, weather if sun else None)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.sqlite3"
        record(scenario(of, site, truth, first, DAYS, controlled=False), url)
        store = Store(url, inline=True)
        store.open()
        try:
            found = store.read_now(
                lambda c: recorded(c, source, Period(first, first + dt.timedelta(DAYS - 1)))
            )
        finally:
            store.close()
    return source, as_the_equations_say(found, truth) if exact else found


def as_the_equations_say(of: Record, truth: Building) -> Record:
    """The record with the temperatures and the meters that a building would have had, were all else as it says."""
    ran, none = lived([truth], of), np.zeros(len(INPUTS))
    counts = {name: meters.counted(ran, name, none)[0].sum(axis=1) for name in of.meters}
    return replace(of, air=ran.air[0], meters=counts)


def week(of: Twin, site: Site, building: Building) -> tuple[Figures, Figures]:
    """The week after the record, under the policy and as before."""
    first = dt.date(2026, of.month, 6) + dt.timedelta(DAYS)
    both = (
        Rehearsal(scenario(of, site, building, first, 7, controlled=rules)).run() for rules in (True, False)
    )
    return tuple(  # type: ignore[return-value] # two
        Figures(
            float(a.uses[:, [COOLING, HEATING, FANS, PUMPS]].sum() + a.gas.sum()),
            float(a.uses.sum() + a.gas.sum()),
        )
        for a in both
    )


def tried(of: Twin, source: Source, seen: Record, draws: int = DRAWS) -> Found:
    """Calibrate on a record, predict the week after it, and live that."""
    site, base = source.site, source.building
    fit = calibrated(source, seen)
    told = [week(of, site, fit.building(base))]
    told += [week(of, site, fit.drawn(base, of.seed, number)) for number in range(draws)]
    said = {each.name: each for each in intervals(told, fit)}["hvac_saved_share"]
    policy, before = week(of, site, thirty_off(site, of.seed))
    return Found(of, said, 100.0 * (1.0 - policy.hvac / before.hvac), fit)


def line(found: Found) -> str:
    """One seed's figures."""
    said = found.said
    return (
        f"{found.of}: hvac saved predicted={said.value:.1f} ({said.low:.1f} … {said.high:.1f}) truth={found.came:.1f} "
        f"off={found.off:+.1f} {'in' if found.covered else 'out'}"
    )


def summary(found: list[Found]) -> str:
    """All seeds together."""
    off = np.array([each.off for each in found])
    wide = float(np.mean([each.said.high - each.said.low for each in found])) / 2.0
    covered = sum(each.covered for each in found)
    return (
        f"mean error={off.mean():+.1f} rms={float(np.sqrt(np.mean(off**2))):.1f} worst={off[np.abs(off).argmax()]:+.1f} points; "
        f"half of the interval {wide:.1f} on average; covered={covered}/{len(found)}"
    )


def main() -> int:
    """Print a line a seed, and what they come to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-9", help="as 0-9 or 3,5")
    parser.add_argument("--exact", action="store_true", help="the equations' own temperatures and meters")
    parser.add_argument("--sun", action="store_true", help="sun, wind and humidity are measured")
    options = parser.parse_args()
    found = []
    for seed in seeds(options.seeds):
        of = twin(seed)
        found.append(tried(of, *observed(of, exact=options.exact, sun=options.sun)))
        print(line(found[-1]), flush=True)
    print(summary(found))
    return 0


def seeds(text: str) -> list[int]:
    """`0-9` or `3,5`, or both."""
    spans = [part.partition("-") for part in text.split(",")]
    return [n for first, _, last in spans for n in range(int(first), int(last or first) + 1)]


if __name__ == "__main__":
    sys.exit(main())
