"""What a calibration is worth, against a truth that it cannot know: `make calibrate-truth`.

Each building lives some weeks in shadow mode (as people run it today, the rules only judging), what the daemon would have kept goes
into a store, `calibrate` reads that, and a week of the policy that nobody has lived yet is predicted and then lived by the truth itself.
The truths: EnergyPlus's reference small office, and the same office on the built-in plant with every parameter some 30 % off.

The turns are the daemon's own, in this process, without a wire: three weeks behind BACnet take fifty minutes even at 600 times the pace.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from config.load import load_text
from config.site import Site
from schedules.days import calendars
from simulator.plant.building import Building
from simulator.plant.from_site import building_of
from simulator.plant.kind import PlantKind
from supervisor.rehearsal.job import Job, rehearse
from supervisor.rehearsal.model.calibrate import Period, calibrated, recorded
from supervisor.rehearsal.model.checked import ahead
from supervisor.rehearsal.model.fit import every, of_theta
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.numbers import Source
from supervisor.rehearsal.model.parameters import BY_GROUP, OF_BUILDING, groups
from supervisor.rehearsal.model.record import Record
from supervisor.rehearsal.model.used import Figures, Interval, intervals
from supervisor.rehearsal.result import Result
from supervisor.rehearsal.scenario import Scenario, weather_of
from supervisor.store.writer import Store
from tests.savings.recorded import record

SITE = Path(__file__).parents[1] / "bench" / "small_office.yaml"
METERS = (
    'meters:\n  hvac: {subitem: hvac, parent: total, point: {at: "ddc/analog-input:902", unit: kWh}}\n'
    '  lamps: {subitem: lighting_socket, parent: total, point: {at: "ddc/analog-input:903", unit: kWh}}\n'
    '  gas: {subitem: gas, point: {at: "ddc/analog-input:904", unit: m3}}\n'
)
NEAR_POINTS, NEAR_KELVIN = 5.0, 1.0
"""Percentage points of the HVAC saving, and K a day ahead, within which a prediction should be (issue)."""
DRAWS = 6


class Truth(NamedTuple):
    """A building that records, and then lives the week that was predicted."""

    name: str
    plant: PlantKind
    building: Building | None


class Outcome(NamedTuple):
    """A prediction beside what came."""

    name: str
    said: Interval
    whole: Interval
    uncalibrated: float
    """% of HVAC energy that the site file alone says would be saved."""
    came: float
    whole_came: float
    day: float
    """K a day ahead, in the week after the record, run as before."""
    policy_air: float
    """K over the predicted week under the policy, hour by hour, nothing told but the rules."""
    seconds: float
    """Of processor time for reading and fitting."""

    @property
    def good(self) -> bool:
        """Whether it is as near as it should be."""
        return abs(self.said.value - self.came) <= NEAR_POINTS and self.day <= NEAR_KELVIN


def site_of(timesteps: int = 6) -> Site:
    """The reference small office with sub-meters."""
    text = SITE.read_text(encoding="utf-8").replace("meters:\n", METERS)
    text = text.replace("  model: small_office\n", f"  model: small_office\n  timesteps: {timesteps}\n")
    text += "plant: {unit_heater: gas}\n"  # as anybody can see who stands on the roof
    loaded = load_text(text, str(SITE))
    site = loaded.site
    assert site is not None, loaded.problems
    return site


def thirty_off(site: Site, seed: int) -> Building:
    """The site's building with every parameter 30 % above or below what is thought of it, by lot."""
    base = building_of(site)
    alike = groups(base)
    told = every(len(alike))
    sign = np.random.default_rng(seed).choice((-1.0, 1.0), len(told))
    by = np.array([np.log(1.3) if not p.plain else 1.5 for p in (*(BY_GROUP * len(alike)), *OF_BUILDING)])
    return of_theta(base, alike, np.array([p.prior for p in told]) + sign * by)


def kept(site: Site, url: str, first: dt.date, last: dt.date) -> Record:
    """The record of some days out of a store, with the sun estimated from the thermometer."""
    store = Store(url, inline=True)
    store.open()
    try:
        return store.read_now(lambda c: recorded(c, source_of(site), Period(first, last)))
    finally:
        store.close()


def source_of(site: Site) -> Source:
    """What a record of a site is read with, where nobody measured the sun."""
    weather, _ = weather_of(None, 0, site)
    assert weather is not None
    return Source(site, building_of(site), calendars(site).tables, weather.site, None)


def tried(truth: Truth, site: Site, first: dt.date, days: int, seed: int, folder: Path) -> Outcome:
    """Record `days` from `first` and the week after, calibrate on the former, predict that week under the policy."""
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    week = first + dt.timedelta(days=days), first + dt.timedelta(days=days + 6)
    weather, _ = weather_of(None, seed, site)
    assert weather is not None
    shadow = Scenario(
        site, calendars(site), weather, seed, first, week[1], "today", False, truth.plant, building=truth.building
    )  # fmt: skip
    record(shadow, url)
    began = time.process_time()
    fit = calibrated(source_of(site), kept(site, url, first, week[0] - dt.timedelta(days=1)))
    seconds = time.process_time() - began
    later = ahead(fit.fit, building_of(site), kept(site, url, first, week[1]), 7)
    return _compared(truth, site, fit, later.day, week, seed, seconds)


def _compared(
    truth: Truth,
    site: Site,
    fit: Calibration,
    day: float,
    week: tuple[dt.date, dt.date],
    seed: int,
    seconds: float,
) -> Outcome:
    base = building_of(site)

    def pair(plant: PlantKind, building: Building | None) -> list[Result]:
        return [
            rehearse(
                Job(site.text, site.source, "", rules, *week, None, seed, plant=plant, building=building)
            )
            for rules in (True, False)
        ]

    came = pair(truth.plant, truth.building)
    told = [pair(PlantKind.RC, fit.building(base))]
    told += [pair(PlantKind.RC, fit.drawn(base, seed, number)) for number in range(DRAWS)]
    plain = pair(PlantKind.RC, None)
    found = {each.name: each for each in intervals([[_figures(r) for r in runs] for runs in told], fit)}
    off = told[0][0].air.astype(np.float64) - came[0].air
    return Outcome(
        truth.name, found["hvac_saved_share"], found["whole_saved_share"], _saved(plain, "hvac"), _saved(came, "hvac"),
        _saved(came, "whole"), day, float(np.sqrt(np.mean(off**2))), seconds,
    )  # fmt: skip


def _figures(result: Result) -> Figures:
    return Figures(result.hvac, result.electricity + result.gas)


def _saved(runs: list[Result], part: str) -> float:
    policy, today = (float(getattr(_figures(run), part)) for run in runs)
    return 100.0 * (1.0 - policy / today)


def line(of: Outcome, month: str) -> str:
    """One truth's figures."""
    inside = "in" if of.said.low <= of.came <= of.said.high else "out"
    return (
        f"{of.name} {month}: hvac saved predicted={of.said.value:.1f} ({of.said.low:.1f} … {of.said.high:.1f}) "
        f"truth={of.came:.1f} off={of.said.value - of.came:+.1f} {inside}; all energy {of.whole.value:.1f} "
        f"truth={of.whole_came:.1f}; uncalibrated={of.uncalibrated:.1f}; day_ahead={of.day:.2f} K, "
        f"policy week {of.policy_air:.2f} K; cpu={of.seconds:.0f} s {'good' if of.good else 'FAR'}"
    )


def main() -> int:
    """Print each truth's figures; 1 where one is further off than it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--months", nargs="*", type=int, default=[7], help="in which the record begins, on the 6th"
    )
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["energyplus", "thirty-off"])
    options = parser.parse_args()
    site, far = site_of(), 0
    truths = [
        Truth("energyplus", PlantKind.ENERGYPLUS, None),
        Truth("thirty-off", PlantKind.RC, thirty_off(site, options.seed)),
    ]
    for month in options.months:
        for truth in truths:
            if options.only in (None, truth.name):
                with tempfile.TemporaryDirectory() as folder:
                    begin = dt.date(2026, month, 6)
                    found = tried(truth, site, begin, options.days, options.seed, Path(folder))
                print(line(found, f"{begin:%Y-%m}"), flush=True)
                far += not found.good
    return int(far > 0)


if __name__ == "__main__":
    sys.exit(main())
