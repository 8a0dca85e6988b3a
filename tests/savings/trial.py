"""`make trial SEEDS=0-199`: trials lived on the plant. Is the saving what it would have been, had each arm been kept all the time?

A seed is a building of eight rooms of twelve or thirteen people each, lived minute by minute by the rehearsal: three times twelve weeks as `today`, the
same weeks under the policy (the truth is their difference), and the same weeks under the arm that its coins say; from the middle on there are 8 %
more or fewer people. Ten buildings share a run, a weather and a place in the year, and have people, coins and gaps of their own. Of the
meters' days one in twenty-five is missing, in gaps of one to three days. Beside it the baseline method on the same seeds: the year before as `today`, then
the same weeks under the policy. Two of the rooms are a small building under the same coins: its figures are told too, and those of the first 24 weeks.

Not lived but reckoned from those runs: equal arms (coins thrown over the days of `today`), and the carry-over that is planted (a
building whose answer to its arm lags with a time constant of 24 h between the two runs).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from config.trial import BLOCK, Sees
from supervisor.savings.baseline import Refused, saving
from supervisor.savings.days import Days as BaselineDays
from supervisor.savings.days import Flags, Floats
from supervisor.savings.days import days as days_of
from supervisor.savings.trial.days import Days, Past
from supervisor.savings.trial.draw import LENGTHS, drawn
from supervisor.savings.trial.estimate import FELT, Estimate, estimate
from supervisor.savings.trial.looks import boundaries
from tests.savings.trial_days import Seen, as_trial, before, lagging, missing, worked
from tests.savings.trial_plant import Arms, Kept, Lived, keeper, lived, today

SIDE_BY_SIDE: Final = 10
STARTS: Final = (dt.date(2025, 5, 5), dt.date(2025, 1, 6), dt.date(2025, 3, 3), dt.date(2025, 2, 3))
STEP: Final = 0.08
"""More or fewer people from the middle of the trial on."""
YEAR: Final = 365
ROOMS, SMALL = 8, 2
"""Rooms of an ordinary building (docs/decisions/0031-what-an-ordinary-building-is-in-a-trial.md), and of the smallest that is told beside it."""
BLOCKS: Final = 3
DRIFT: Final = (0.05, 0.10)
"""Change of level from one year to the next, as real buildings have it for no reason: reckoned beside, not lived."""
DRAWS: Final = 500
COINS: Final = 2
"""Times that coins are thrown over a building's days of `today`: nothing is lived for them, but each is several looks' draws."""
ADJUST: Final = (Sees.PRESENCE,)
"""What sensors saw and is taken out: the site file's default."""


class Building(NamedTuple):
    """What was lived of one building; all of shape (days,)."""

    seed: int
    first: dt.date
    outdoor: Floats
    today: Floats
    policy: Floats
    coins: dict[int, tuple[Floats, Seen]]
    """As its coins say, by the length of an arm: energy, and what sensors saw."""
    year: Floats
    """The year before."""
    year_outdoor: Floats

    @property
    def gaps(self) -> Flags:
        """Days without readings."""
        return missing(self.seed, self.today.size)

    @property
    def past(self) -> Past:
        """The year before, as a trial sees it."""
        return before(self.first, self.year, self.year_outdoor)

    def trial(self, lengths: tuple[int, ...]) -> Days:
        """The first blocks under its coins, with arms of so many days."""
        parts = [slice(BLOCK * block, BLOCK * (block + 1)) for block in range(len(lengths))]
        energy = np.concatenate(
            [self.coins[length][0][part] for length, part in zip(lengths, parts, strict=True)]
        )
        seen = {
            sees: np.concatenate(
                [self.coins[length][1][sees][part] for length, part in zip(lengths, parts, strict=True)]
            )
            for sees in self.coins[1][1]
        }
        return as_trial(self.seed, lengths, self.first, energy, self.outdoor, self.gaps, seen, self.past)

    def reckoned(self, coins: int, energy: Floats) -> Days:
        """Days that coins did not move, or as a formula has it, under the coins of a seed."""
        blocks = (1,) * (energy.size // BLOCK)
        return as_trial(coins, blocks, self.first, energy, self.outdoor, self.gaps, None, self.past)


class Seed(NamedTuple):
    """What came of one building; energies a day, as a share of what `today` uses."""

    covered: bool
    error: float
    width: float
    """Half of the interval."""
    baseline_error: float
    drifted: float
    """The baseline's error, had the year before been another by as much as buildings' years often are."""
    felt: bool
    """Whether the trial as lived found that the day before is felt."""
    equal: int
    """Of so many throws over equal arms, how many claim a saving at any look."""
    throws: int
    planted_found: bool
    saved: float
    """The truth."""
    early: bool
    """Whether the truth lay in the first look's own interval."""


def group(
    number: int,
    seeds: range,
    kept: Kept,
    rooms: int = ROOMS,
    blocks: int = BLOCKS,
    adjust: Sequence[Sees] = ADJUST,
) -> Iterator[dict[int, Building]]:
    """The seeds of one run, side by side; each by the number of rooms."""
    first, n = STARTS[number % len(STARTS)], len(seeds)
    more = tuple(1 + STEP * (1 if seed % 2 else -1) for seed in seeds)
    since = first + dt.timedelta(BLOCK * blocks // 2)

    def policy(_building: int, _day: int) -> bool:
        return True

    def coins(block: int, length: int) -> Arms:
        own = [drawn(seed, block, length) for seed in seeds]
        return lambda b, day: day >= 0 and own[b][min(day, BLOCK - 1)]

    def block(at: int) -> Lived:
        ways = [today, policy, *(coins(at, length) for length in LENGTHS[: 1 + (at > 0)])]
        begin = first + dt.timedelta(BLOCK * at)
        return lived(begin, BLOCK, number, ways, more, rooms, since)

    def year() -> Lived:
        return lived(first - dt.timedelta(YEAR), YEAR, number, [today], more, rooms)

    name = f"{number}-{n}x{rooms}-{blocks}"
    runs = [kept(f"{name}-{at}", partial(block, at)) for at in range(blocks)]
    past = kept(f"{number}-{n}x{rooms}-year", year)
    for b, seed in enumerate(seeds):
        yield {
            size: _building(seed, first, b, [run.part(size) for run in runs], past.part(size), adjust)
            for size in {rooms, min(rooms, SMALL)}
        }


def _building(
    seed: int, first: dt.date, b: int, runs: Sequence[Lived], past: Lived, adjust: Sequence[Sees]
) -> Building:
    """One of the buildings that were lived side by side."""

    def joined(way: int) -> tuple[Floats, Seen]:
        # arms of two days there are from the second block on
        ways = [min(way, len(run.energy) - 1) for run in runs]
        seen = {
            sees: np.concatenate([run.seen[sees][w, b] for run, w in zip(runs, ways, strict=True)])
            for sees in adjust
            if sees in runs[0].seen
        }
        return np.concatenate([run.energy[w, b] for run, w in zip(runs, ways, strict=True)]), seen

    return Building(
        seed, first, np.concatenate([run.outdoor for run in runs]), joined(0)[0], joined(1)[0],
        {length: joined(1 + length) for length in LENGTHS}, past.energy[0, b], past.outdoor,
    )  # fmt: skip


def looked(of: Building, blocks: int, draws: int = DRAWS) -> list[Estimate]:
    """The looks of a trial of so many blocks; each decides how long an arm is from then on."""
    lengths: tuple[int, ...] = (1,)
    looks = [_found(of.trial(lengths), draws, of.seed)]
    while len(lengths) < blocks:
        lengths += (2 if looks[-1].chance < FELT else lengths[-1],)
        looks.append(_found(of.trial(lengths), draws, of.seed))
    return looks


class Judged(NamedTuple):
    """What trials of a building say at each look, however many are meant to follow."""

    looks: Sequence[Estimate]
    equal: Sequence[Sequence[Estimate]]
    """Of equal arms: the building's own coins, and others, by throw."""
    planted: Estimate
    """Where the day before is felt with a lag of 24 h, after twelve weeks."""


def estimated(of: Building, blocks: int, draws: int = DRAWS, coins: int = COINS) -> Judged:
    """All estimates of a building, of a trial of so many blocks and of shorter ones."""
    first = slice(0, BLOCK)
    planted = lagging(of.today[first], of.policy[first], drawn(of.seed, 0))
    equal = [
        [
            _found(of.reckoned(thrown, of.today[: BLOCK * look]), draws, thrown)
            for look in range(1, blocks + 1)
        ]
        for thrown in (of.seed + 1_000_003 * throw for throw in range(coins))
    ]
    return Judged(looked(of, blocks, draws), equal, _found(of.reckoned(of.seed, planted), draws, of.seed))


def judged(of: Building, blocks: int, had: Judged) -> Seed:
    """What the trial of so many blocks says of a building, beside the truth."""
    end_of = BLOCK * blocks
    today, policy, outdoor, gaps = (
        of.today[:end_of],
        of.policy[:end_of],
        of.outdoor[:end_of],
        of.gaps[:end_of],
    )
    truth, mean, bounds = float((today - policy).mean()), float(today.mean()), boundaries(blocks)
    first, last = had.looks[0], had.looks[blocks - 1]
    low, high = last.interval(bounds[-1])
    began = of.first - dt.timedelta(YEAR)
    after = days_of(
        of.first.toordinal() + np.arange(end_of), outdoor, policy, worked(of.first, end_of)
    ).where(~gaps)
    true_there = float((today - policy)[~gaps].mean())
    draw = np.random.default_rng((of.seed, 5))
    other = 1 + float(draw.uniform(*DRIFT)) * float(draw.choice([-1, 1]))
    dates, work = began.toordinal() + np.arange(YEAR), worked(began, YEAR)
    against, drifted = (
        _against(of.seed, days_of(dates, of.year_outdoor, of.year * level, work), after) - true_there
        for level in (1.0, other)
    )
    claimed = sum(
        any(each.interval(bound)[0] > 0 for each, bound in zip(looks, bounds, strict=False))
        for looks in had.equal
    )
    return Seed(
        low <= truth <= high, (last.saved - truth) / mean, (high - low) / 2 / mean, against / mean, drifted / mean,
        first.chance < FELT, claimed, len(had.equal), had.planted.chance < FELT, truth / mean,
        first.low <= float((today - policy)[:BLOCK].mean()) <= first.high,
    )  # fmt: skip


def _found(days: Days, draws: int, seed: int) -> Estimate:
    found = estimate(days, steady=True, draws=draws, seed=seed)
    if found is None:
        raise SystemExit(f"seed {seed}: too few pairs")
    return found


def _against(seed: int, earlier: BaselineDays, after: BaselineDays) -> float:
    """The saving a day by the baseline method."""
    found = saving(earlier, after, seed)
    if isinstance(found, Refused):
        raise SystemExit(f"seed {seed}: {found.refused.en}")
    return found.saved / len(after)


def told(found: Sequence[Seed], rooms: int, blocks: int) -> bool:
    """Print what came of it; whether it is as it should be."""
    n, throws = len(found), sum(s.throws for s in found)
    covered, claimed = sum(s.covered for s in found), sum(s.equal for s in found)
    planted, felt = sum(s.planted_found for s in found), sum(s.felt for s in found)
    error, other, drifted = (
        float(np.sqrt(np.mean(np.square([getattr(s, name) for s in found]))))
        for name in ("error", "baseline_error", "drifted")
    )
    saved, width = np.mean([s.saved for s in found]), np.mean([s.width for s in found])
    print(
        f"{rooms} rooms, {12 * blocks} weeks: covered={covered}/{n} ({covered / n:.1%}; 85% to 95%); saved {saved:.1%}, ± {width:.1%} on average\n"
        f"  first look, its own 90 %: covered={sum(s.early for s in found)}/{n}\n"
        f"  equal arms: claimed={claimed}/{throws} ({claimed / throws:.1%}; at most 7%)\n"
        f"  error, root mean square: trial {error:.2%}, baseline {other:.2%} (trial at most half: {error / other:.2f}); "
        f"baseline where years drift by {DRIFT[0]:.0%} to {DRIFT[1]:.0%}: {drifted:.2%}\n"
        f"  carry-over of 24 h: found={planted}/{n} ({planted / n:.1%}; at least 80%); as lived: {felt}/{n}",
        flush=True,
    )
    return (
        0.85 <= covered / n <= 0.95 and claimed / throws <= 0.07 and error <= other / 2 and planted / n >= 0.8
    )


class _Asked(NamedTuple):
    """What a process of its own is asked of the seeds of a run."""

    folder: Path
    rooms: int
    blocks: int
    adjust: tuple[Sees, ...]
    draws: int
    coins: int

    def of(self, number: int, low: int, high: int) -> list[tuple[int, int, Seed]]:
        """Rooms, blocks and what came of it, of each seed of a run between two."""
        seeds = range(number * SIDE_BY_SIDE, (number + 1) * SIDE_BY_SIDE)
        there = group(number, seeds, keeper(self.folder), self.rooms, self.blocks, self.adjust)
        return [
            (rooms, blocks, judged(building, blocks, had))
            for seed, sizes in zip(seeds, there, strict=True)
            if low <= seed <= high
            for rooms, building in sizes.items()
            for had in [estimated(building, self.blocks, self.draws, self.coins)]
            for blocks in {self.blocks, min(2, self.blocks)}
        ]


def main(arguments: list[str]) -> int:
    """Live the trials and print what came of them; 1 where it is not as it should be."""
    options = _parser().parse_args(arguments)
    first, _, last = options.seeds.partition("-")
    low, high = int(first), int(last or first)
    found: defaultdict[tuple[int, int], list[Seed]] = defaultdict(list)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process is a core's
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool,
    ):
        asked = _Asked(
            options.keep or Path(folder), options.rooms, options.blocks, tuple(map(Sees, options.adjust)),
            options.draws, options.coins,
        )  # fmt: skip
        numbers = range(low // SIDE_BY_SIDE, high // SIDE_BY_SIDE + 1)
        for done in as_completed([pool.submit(asked.of, number, low, high) for number in numbers]):
            for rooms, blocks, seed in done.result():
                found[rooms, blocks].append(seed)
            count = len(found[options.rooms, options.blocks])
            print(f"{count} of {high - low + 1} seeds", file=sys.stderr, flush=True)
    sound = {which: told(each, *which) for which, each in sorted(found.items(), reverse=True)}
    return 0 if sound[options.rooms, options.blocks] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make trial")
    parser.add_argument("--seeds", default="0-199")
    parser.add_argument(
        "--rooms", type=int, default=ROOMS, help="rooms of a building; of 2 the runs cost a third"
    )
    parser.add_argument("--blocks", type=int, default=BLOCKS, help="of twelve weeks each")
    parser.add_argument("--draws", type=int, default=DRAWS, help="coins thrown for an interval")
    parser.add_argument(
        "--coins",
        type=int,
        default=COINS,
        help="throws over equal arms, a building: more where seeds are few",
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="runs at a time, each of ten seeds in a process"
    )
    parser.add_argument(
        "--keep", type=Path, help="a folder for what was lived: what was interrupted goes on from there"
    )
    parser.add_argument(
        "--adjust",
        nargs="*",
        default=list(ADJUST),
        choices=list(Sees),
        help="what sensors saw that is taken out",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
