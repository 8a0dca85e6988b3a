"""`make savings SEEDS=0-19`: buildings lived twice, with the policy and without. Does each method's 90 % interval hold the truth?

A seed is a small office with rooms and people of its own: a year as people run it today, and the year after both ways. Ten live side by side in one
weather. The truth is the difference of those two years on the days that are counted. What a method sees is a meter with gaps, out of a store, and a sensor's weather. A method is a
function of a seed and joins the others in METHODS.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.load import load_text
from config.site import Site
from schedules.days import calendars
from schedules.time import instant_of
from schedules.types import DayType
from simulator.plant.base import Observations
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.run import Rehearsal
from supervisor.rehearsal.scenario import Scenario
from supervisor.savings import account
from supervisor.savings.baseline import Refused
from supervisor.savings.trial.looks import boundaries
from supervisor.store import Store, readings
from supervisor.store.readings import Batch, Posting
from supervisor.store.writer import Store as Writer
from tests.savings import trial
from tests.savings.trial_plant import Kept, Lived, keeper

KWH: Final = 3.6e6
BEFORE, AFTER, OVER = dt.date(2025, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 1, 1)
LOST: Final = 0.004
"""Chance an hour that the meter falls silent, for one to forty hours: some eight of a hundred hours are lost."""
Floats = NDArray[np.float64]

SIDE_BY_SIDE: Final = 10
"""Buildings in one run: same weather, but rooms, orientations and people of their own. One after the other they would cost four times as much."""
HEAD: Final = """version: 1
building: paired
timezone: Asia/Shanghai
dry_run: true
season: {method: temperature}
hours: {office: {workday: "08:30-17:30"}}
points: {outdoor_temperature: ddc/analog-input:9000}
meters: {total: {subitem: total, point: {at: "ddc/analog-input:9001", unit: kWh}}}
devices: {ddc: {instance: 1001, address: "127.0.0.2:47808"}}
templates:
  unit:
    kind: split
    points:
      start_stop: {object: binary-output:0, writable: true}
      run_status: binary-input:0
      cooling_setpoint: {object: analog-value:0, writable: true, low: 16, high: 32}
      heating_setpoint: {object: analog-value:1, writable: true, low: 10, high: 28}
      temperature: analog-input:0
      occupancy: binary-input:1
      window: binary-input:2
zones:
"""
SAVINGS: Final = "savings: {baseline: {from: 2025-01-01, to: 2025-12-31}, weather: days.csv}\n"


class Found(NamedTuple):
    """One method on one seed, as a share of what would have been used: the truth, and what the method says of it."""

    truth: float
    saved: float
    low: float
    high: float

    @property
    def covered(self) -> bool:
        """The interval holds the truth."""
        return self.low <= self.truth <= self.high


Method = Callable[[int, Kept], Found | str]
"""A method on a seed; a text: why it refuses."""


def site_text(group: int) -> str:
    """A group's buildings, each of two rooms, in one site file."""
    return HEAD + "".join(
        _room(group * SIDE_BY_SIDE + n, n, room) for n in range(SIDE_BY_SIDE) for room in range(2)
    )


def _room(seed: int, n: int, room: int) -> str:
    area, people, faces = (
        35 + (seed * 7 + room * 3) % 5 * 10,
        3 + (seed + 2 * room) % 4,
        "NESW"[(seed + 2 * room) % 4],
    )
    return (
        f"  b{n}r{room}: {{hours: office, area_m2: {area}, people: {people}, envelope: {{orientation: {faces}}}, "
        f"equipment: {{unit: ddc/{100 * (2 * n + room + 1)}}}}}\n"
    )


class Metered(Rehearsal):
    """A rehearsal of many buildings with a meter each."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.hours: list[Floats] = []
        self._had: Floats | None = None

    def _hour(self, seen: Observations) -> None:
        super()._hour(seen)
        if self.now < self.scenario.start:
            return
        total = np.asarray(seen.energy.sum(axis=0) / KWH, float)
        if self._had is not None:
            self.hours.append(total - self._had)
        self._had = total


def lived(seed: int, kept: Kept, *, controlled: bool, first: dt.date, end: dt.date) -> Lived:
    """The record of a seed's building, out of its group's; each group lives once."""
    group, at = divmod(seed, SIDE_BY_SIDE)

    def live() -> Lived:
        loaded = load_text(site_text(group), "paired.yaml")
        assert loaded.site is not None, loaded.problems
        last = end - dt.timedelta(1)
        name = "policy" if controlled else "today"
        run = Metered(Scenario(
            loaded.site, calendars(loaded.site), SyntheticShanghai(group), group, first, last, name, controlled=controlled
        ))  # fmt: skip
        account = run.run()
        rooms = np.column_stack(run.hours)
        hours = (last - first).days * 24 + 24
        assert rooms.shape == (2 * SIDE_BY_SIDE, hours), rooms.shape
        outdoor = np.asarray(account.outdoor, float).reshape(-1, 24).mean(axis=1)
        return Lived(rooms.reshape(SIDE_BY_SIDE, 2, hours).sum(axis=1), outdoor)

    came = kept(f"{group}-{first.year}-{controlled}", live)
    return Lived(came.energy[at], came.outdoor)


def booked(
    hours: Floats, first: dt.date, seed: int, site: Site
) -> tuple[tuple[float, float, float, bool, str], ...]:
    """What the ledger has of a meter that is read each hour and falls silent now and then: the hours of a silence are one booking."""
    draw, start = np.random.default_rng((seed, first.year)), instant_of(first, 0, site.tz)
    rows: list[tuple[float, float, float, bool, str]] = []
    at = 0
    while at < hours.size:
        silent = draw.random() < LOST
        n = min(int(draw.integers(2, 41)) if silent else 1, hours.size - at)
        joules = float(hours[at : at + n].sum()) * KWH
        rows.append((start + at * 3600.0, start + (at + n) * 3600.0, joules, silent, "gap" if silent else ""))
        at += n
    return tuple(rows)


def against_baseline(seed: int, kept: Kept) -> Found | str:
    """The year under the policy against the year before, through the ledger and its gaps."""
    before = lived(seed, kept, controlled=False, first=BEFORE, end=AFTER)
    today = lived(seed, kept, controlled=False, first=AFTER, end=OVER)
    policy = lived(seed, kept, controlled=True, first=AFTER, end=OVER)
    with tempfile.TemporaryDirectory() as folder:
        site = loaded(Path(folder), np.concatenate([before.outdoor, policy.outdoor]))
        with opened(f"sqlite:///{folder}/paired.sqlite3") as store:
            rows = booked(before.energy, BEFORE, seed, site) + booked(policy.energy, AFTER, seed, site)
            batch = Batch(postings=(Posting("total", (), rows, (), None),))
            asyncio.run(store.change(partial(readings.keep, batch=batch)))
            table = calendars(site).tables["office"]
            worked = (DayType.WORKDAY, DayType.MAKEUP_WORKDAY)
            now = instant_of(OVER, 300, site.tz)
            said = store.read_now(
                lambda c: account.reckon(c, site, lambda d: table.day(d).ordinary.type in worked, now)
            )
            counted = store.read_now(lambda c: account.daily(c, site, site.meters["total"], AFTER, OVER))
    if isinstance(said, Refused):
        return said.refused.en
    days = np.array([(day - AFTER).days for day in counted])
    would = float(today.energy.reshape(-1, 24).sum(axis=1)[days].sum())
    did = float(policy.energy.reshape(-1, 24).sum(axis=1)[days].sum())
    return Found(1 - did / would, *(x / KWH / would for x in (said.saved, said.low, said.high)))


def by_trial(seed: int, kept: Kept) -> Found | str:
    """The trial of that seed, as `make trial` lives it; its own buildings, weeks and gaps."""
    group, at = divmod(seed, trial.SIDE_BY_SIDE)
    of = _trials(group, kept)[at][trial.ROOMS]
    found, mean = trial.looked(of, trial.BLOCKS)[-1], float(of.today.mean())
    low, high = found.interval(boundaries(trial.BLOCKS)[-1])
    return Found(float((of.today - of.policy).mean()) / mean, found.saved / mean, low / mean, high / mean)


@cache
def _trials(group: int, kept: Kept) -> tuple[dict[int, trial.Building], ...]:
    """Every building of one of its runs."""
    each = trial.SIDE_BY_SIDE
    return tuple(trial.group(group, range(group * each, (group + 1) * each), kept))


def by_model(seed: int, kept: Kept) -> Found | str:
    """What the model of that seed's building, calibrated on three weeks of it, says of two weeks under the policy."""
    from tests.savings import modelled  # the physics, for this method alone

    def live() -> Lived:
        text = HEAD + "".join(_room(seed, 0, room) for room in range(2))
        return Lived(np.array(modelled.said(seed, text)), np.zeros(0))

    truth, saved, low, high = kept(f"model-{seed}", live).energy.tolist()
    return Found(truth, saved, low, high)


METHODS: Final[dict[str, Method]] = {"baseline": against_baseline, "trial": by_trial, "model": by_model}


class opened:  # used as a function is
    """A store for as long as it is needed."""

    def __init__(self, url: str) -> None:
        self._store: Store = Writer(url, inline=True)

    def __enter__(self) -> Store:
        self._store.open()
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


def loaded(folder: Path, outdoor: Floats) -> Site:
    """The site, with its weather beside it."""
    lines = [f"{BEFORE + dt.timedelta(n)},{t:.2f}" for n, t in enumerate(outdoor)]
    (folder / "days.csv").write_text("\n".join(lines) + "\n")
    found = load_text(site_text(0) + SAVINGS, str(folder / "paired.yaml"))
    assert found.site is not None, found.problems
    return found.site


def tried(name: str, seeds: range, kept: Kept) -> Iterator[tuple[int, Found | str]]:
    """A method on each seed."""
    for seed in seeds:
        yield seed, METHODS[name](seed, kept)


def main(arguments: list[str]) -> int:
    """Print how often each method's interval held the truth; 1 where it is less than 17 times of 20."""
    parser = argparse.ArgumentParser(prog="make savings")
    parser.add_argument("--seeds", default="0-19")
    parser.add_argument(
        "--keep", type=Path, help="a folder for what was lived: what was interrupted goes on from there"
    )
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    options = parser.parse_args(arguments)
    first, _, last = options.seeds.partition("-")
    seeds, sound = range(int(first), int(last or first) + 1), True
    with tempfile.TemporaryDirectory() as folder:
        kept = keeper(options.keep or Path(folder))
        for name in options.methods:
            covered = 0
            for seed, found in tried(name, seeds, kept):
                if isinstance(found, str):
                    print(f"  {name} {seed}: refused: {found}", flush=True)
                    continue
                covered += found.covered
                print(f"  {name} {seed}: saved {found.truth:.1%}, said {found.saved:.1%} ({found.low:.1%} … {found.high:.1%})"
                      f"{'' if found.covered else ' — missed'}", flush=True)  # fmt: skip
            print(f"{name}: covered={covered}/{len(seeds)}", flush=True)
            sound = sound and covered >= 0.85 * len(seeds)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
