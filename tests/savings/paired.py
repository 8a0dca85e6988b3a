"""`make savings SEEDS=0-19`: buildings lived twice, with the policy and without. Does each method's 90 % interval hold the truth?

A seed is a small office with its own people and weather: a year as people run it today, and the year after both ways. The truth is the
difference of those two on the days that are counted. What a method sees is a meter with gaps, out of a store, and a sensor's weather. A method is a
function of a seed and joins the others in METHODS.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.load import load_text
from config.site import Site
from schedules.days import calendars
from schedules.time import instant_of
from schedules.types import DayType
from supervisor.rehearsal.job import Job, rehearse
from supervisor.savings import account
from supervisor.savings.baseline import Refused
from supervisor.store import Store, readings
from supervisor.store.readings import Batch, Posting
from supervisor.store.writer import Store as Writer

KWH: Final = 3.6e6
BEFORE, AFTER, OVER = dt.date(2025, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 1, 1)
LOST: Final = 0.004
"""Chance an hour that the meter falls silent, for one to forty hours: some eight of a hundred hours are lost."""
Floats = NDArray[np.float64]
Kept = Callable[[str, Callable[[], "Lived"]], "Lived"]

SITE: Final = """version: 1
building: paired
timezone: Asia/Shanghai
dry_run: true
season: {method: temperature}
hours: {office: {workday: "08:30-17:30"}}
zones:
  south: {hours: office, area_m2: 60, people: 6, envelope: {orientation: S}, equipment: {unit: ddc/100}}
  north: {hours: office, area_m2: 50, people: 5, envelope: {orientation: N}, equipment: {unit: ddc/200}}
points: {outdoor_temperature: ddc/analog-input:900}
meters: {total: {subitem: total, point: {at: "ddc/analog-input:901", unit: kWh}}}
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
"""
SAVINGS: Final = "savings: {baseline: {from: 2025-01-01, to: 2025-12-31}, weather: days.csv}\n"


class Lived(NamedTuple):
    """kWh an hour of all electricity, and °C outside a day."""

    energy: Floats
    outdoor: Floats


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


def lived(seed: int, kept: Kept, *, controlled: bool, first: dt.date, end: dt.date) -> Lived:
    """The plant's own record, once a seed."""

    def live() -> Lived:
        name = "policy" if controlled else "today"
        job = Job(SITE, "paired.yaml", name, controlled, first, end - dt.timedelta(1), None, seed)
        came = rehearse(job, lambda _share: None)
        return Lived(
            np.asarray(came.uses.sum(axis=1), float),
            np.asarray(came.outdoor, float).reshape(-1, 24).mean(axis=1),
        )

    return kept(f"{seed}-{first.year}-{controlled}", live)


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


METHODS: Final[dict[str, Method]] = {"baseline": against_baseline}


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
    found = load_text(SITE + SAVINGS, str(folder / "paired.yaml"))
    assert found.site is not None, found.problems
    return found.site


def keeper(folder: Path) -> Kept:
    """Keeps what was lived, so that methods share it and what was interrupted goes on."""
    folder.mkdir(parents=True, exist_ok=True)

    def kept(name: str, live: Callable[[], Lived]) -> Lived:
        path = folder / f"{name}.npz"
        if not path.exists():
            came = live()
            np.savez(path, energy=came.energy, outdoor=came.outdoor)
        with np.load(path) as had:
            return Lived(had["energy"], had["outdoor"])

    return kept


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
