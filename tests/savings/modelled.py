"""The third method of `make savings`: what the building's own model says that control saved, beside what two lives of the building differ by.

A seed is the two-room office of that seed with every parameter some 30 % off the defaults, which nobody tells the model. It records three weeks
as people run it, then two weeks under the policy, behind a meter with gaps; `calibrate` reads the former, and `calibrate --saved` lives the latter
again as `today`. The truth lives those two weeks as `today` itself. Seeds begin in every month of the year.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import Final, NamedTuple

import numpy as np

from config.load import load_text
from config.site import Site
from schedules.days import calendars
from schedules.time import Instant
from simulator.meters import JOULES_PER_KWH
from simulator.plant.building import Building
from simulator.plant.kind import PlantKind
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.model.calibrate import Period, calibrated, recorded
from supervisor.rehearsal.model.relive import relived
from supervisor.rehearsal.scenario import Scenario
from supervisor.store.writer import Store
from tests.savings.calibrate_truth import kept, source_of, thirty_off
from tests.savings.recorded import record

DAYS: Final = 21
"""Of the record."""
AFTER: Final = 14
"""Days under the policy."""
LOST: Final = 0.004
"""Chance an hour that the meters fall silent, for one to forty hours."""
HVAC: Final = 'hvac: {subitem: hvac, parent: total, point: {at: "ddc/analog-input:9002", unit: kWh}}'


class Said(NamedTuple):
    """As shares of what the two weeks would have used as `today`: the truth, and what the model says."""

    truth: float
    saved: float
    low: float
    high: float


def said(seed: int, text: str) -> Said:
    """What the model says of a seed's building; `text`: its site file."""
    loaded = load_text(text.replace("meters: {", f"meters: {{{HVAC}, "), "modelled.yaml")
    assert loaded.site is not None, loaded.problems
    site, building = loaded.site, thirty_off(loaded.site, seed)
    first = dt.date(2025, 1 + seed % 12, 6)
    turn = first + dt.timedelta(DAYS)
    last = turn + dt.timedelta(AFTER - 1)
    with tempfile.TemporaryDirectory() as folder:
        url, other = f"sqlite:///{folder}/lived.sqlite3", f"sqlite:///{folder}/today.sqlite3"
        lost = silences(seed)
        record(
            _scenario(site, building, seed, first, turn - dt.timedelta(1), controlled=False), url, lost=lost
        )
        policy = record(_scenario(site, building, seed, turn, last, controlled=True), url, lost=lost)
        today = record(_scenario(site, building, seed, turn, last, controlled=False), other)
        fit = calibrated(source_of(site), kept(site, url, first, turn - dt.timedelta(1)))
        store = Store(url, inline=True)
        store.open()
        try:
            source = source_of(site)
            found = store.read_now(
                lambda c: relived(c, source, recorded(c, source, Period(turn, last), least=1), fit, seed)
            )
        finally:
            store.close()
    would, did = (float(run.account.uses.sum()) * JOULES_PER_KWH for run in (today, policy))
    return Said(1 - did / would, *(x / would for x in (found.saved, found.low, found.high)))


def _scenario(
    site: Site, building: Building, seed: int, first: dt.date, last: dt.date, *, controlled: bool
) -> Scenario:
    name = "policy" if controlled else "today"
    return Scenario(
        site, calendars(site), SyntheticShanghai(seed), seed, first, last, name, controlled, PlantKind.RC, building=building
    )  # fmt: skip


def silences(seed: int) -> set[Instant]:
    """Hours (of POSIX time, by their end) that no meter tells of."""
    draw = np.random.default_rng((seed, 3))
    begin = dt.datetime(2025, 1, 1, tzinfo=dt.UTC).timestamp()
    gone = np.zeros(2 * 8784, dtype=bool)
    for hour in np.flatnonzero(draw.random(gone.size) < LOST):
        gone[hour : hour + int(draw.integers(1, 41))] = True
    return {begin + 3600.0 * float(hour) for hour in np.flatnonzero(gone)}
