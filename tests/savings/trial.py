"""`make trial SEEDS=0-199`: trials lived on the plant. Is the saving what it would have been, had each arm been kept all the time?

A seed is a building of two rooms of twelve or thirteen people each, lived minute by minute by the rehearsal: twice twelve weeks as `today`, the same weeks
under the policy (the truth is their difference), and the same weeks under the arm that its coins say; in the second block there are 8 % more or
fewer people. Twenty buildings share a run, a weather and a place in the year, and have people, coins and gaps of their own. Of the meters' days one in
twenty-five is missing, in gaps of one to three days. Beside it the baseline method on the same seeds: the year before as `today`, then
the same weeks under the policy.

Not lived but reckoned from those runs: equal arms (the coins of the trial over the days of `today`), and the carry-over that is planted (a
building whose answer to its arm lags with a time constant of 24 h between the two runs).
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from config.trial import BLOCK, Sees
from supervisor.daemon.trial import working_days
from supervisor.savings.baseline import Refused, saving
from supervisor.savings.days import Days as BaselineDays
from supervisor.savings.days import Flags, Floats
from supervisor.savings.days import days as days_of
from supervisor.savings.trial.days import Days, Sensed
from supervisor.savings.trial.draw import counted, drawn, pair
from supervisor.savings.trial.estimate import FELT, Estimate, estimate
from supervisor.savings.trial.looks import boundaries
from supervisor.savings.trial.reading import idle_before
from tests.savings.trial_plant import Arms, Lived, lived, site

SIDE_BY_SIDE: Final = 20
STARTS: Final = (dt.date(2025, 5, 5), dt.date(2025, 1, 6), dt.date(2025, 3, 3), dt.date(2025, 2, 3))
STEP: Final = 0.08
"""More or fewer people in the second block."""
GAP: Final = 0.02
"""Chance that a gap of one to three days begins."""
BLOCKS: Final = 2
LAG: Final = 1 - math.exp(-1)
"""Weight of the day before in a day's mean, where an answer lags by 24 h: the mean of exp(−t/24 h) over a day."""
LEFT: Final = math.exp(-1)
"""What is left of it at the day's end."""
DRIFT: Final = (0.05, 0.10)
"""Change of level from one year to the next, as real buildings have it for no reason: reckoned beside, not lived."""
DRAWS: Final = 2000
Seen = Mapping[Sees, Floats]
ADJUST: Final = (Sees.PRESENCE,)
"""What sensors saw and is taken out: the site file's default."""
Kept = Callable[[str, Callable[[], Lived]], Lived]


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
    equal_claimed: bool
    planted_found: bool
    saved: float
    """The truth."""
    early: bool
    """Whether the truth lay in the first look's own interval."""


def group(number: int, seeds: range, kept: Kept, adjust: tuple[Sees, ...] = ADJUST) -> Iterator[Seed]:
    """The seeds of one run, side by side."""
    first, n = STARTS[number % len(STARTS)], len(seeds)
    crowds = [(1.0,) * n, tuple(1 + STEP * (1 if seed % 2 else -1) for seed in seeds)]
    lengths = [(1,) * n]

    def arm(name: str, block: int, arms: Arms) -> Lived:
        begin = first + dt.timedelta(BLOCK * block)
        return kept(f"{number}-{n}-{block}-{name}", lambda: lived(begin, BLOCK, number, arms, crowds[block]))

    def coins(block: int) -> Arms:
        own = [drawn(seed, block, length) for seed, length in zip(seeds, lengths[block], strict=True)]
        return lambda b, day: day >= 0 and own[b][min(day, BLOCK - 1)]

    today = [arm("today", block, lambda _b, _d: False) for block in range(BLOCKS)]
    policy = [arm("policy", block, lambda _b, _d: True) for block in range(BLOCKS)]
    trial = [arm("trial", 0, coins(0))]
    gaps = [_gaps(seed, BLOCK * BLOCKS) for seed in seeds]
    looks: list[Estimate | None] = []
    for b, seed in enumerate(seeds):
        looks.append(
            estimate(
                _days(
                    seed,
                    (1,),
                    first,
                    trial[0].energy[b],
                    trial[0].outdoor,
                    gaps[b],
                    {sees: trial[0].seen[sees][b] for sees in adjust if sees in trial[0].seen},
                ),
                steady=True,
                draws=DRAWS,
            )
        )
    # what is kept of the second block goes by these: another estimate may have decided otherwise
    lengths.append(tuple(2 if look is not None and look.chance < FELT else 1 for look in looks))
    trial.append(arm("trial-" + "".join(map(str, lengths[1])), 1, coins(1)))
    year = kept(
        f"{number}-{n}-year",
        lambda: lived(first - dt.timedelta(365), 365, number, lambda _b, _d: False, crowds[0]),
    )
    for b, seed in enumerate(seeds):
        of = [np.concatenate([part.energy[b] for part in parts]) for parts in (today, policy, trial)]
        outdoor = np.concatenate([part.outdoor for part in trial])
        seen = {
            sees: np.concatenate([part.seen[sees][b] for part in trial])
            for sees in adjust
            if sees in trial[0].seen
        }
        yield _seed(
            seed,
            first,
            (1, lengths[1][b]),
            of,
            outdoor,
            seen,
            gaps[b],
            looks[b],
            year.energy[b],
            year.outdoor,
        )


def _seed(
    seed: int,
    first: dt.date,
    lengths: tuple[int, ...],
    of: list[Floats],
    outdoor: Floats,
    seen: Seen,
    gaps: Flags,
    look: Estimate | None,
    year: Floats,
    year_outdoor: Floats,
) -> Seed:
    today, policy, trial = of
    truth, mean = float((today - policy).mean()), float(today.mean())
    bounds = boundaries(BLOCKS)
    end = estimate(
        _days(seed, lengths, first, trial, outdoor, gaps, seen), steady=True, draws=DRAWS, seed=seed
    )
    if end is None or look is None:
        raise SystemExit(f"seed {seed}: too few pairs")
    low, high = end.interval(bounds[-1])
    equal = [
        estimate(
            _days(seed, (1,) * n, first, today[: BLOCK * n], outdoor, gaps, seen),
            steady=True,
            draws=DRAWS,
            seed=seed,
        )
        for n in range(1, BLOCKS + 1)
    ]
    claimed = any(
        each is not None and each.interval(bound)[0] > 0 for each, bound in zip(equal, bounds, strict=True)
    )
    planted = _lagging(today[:BLOCK], policy[:BLOCK], drawn(seed, 0))
    found = estimate(
        _days(seed, (1,), first, planted, outdoor, gaps, seen), steady=True, draws=DRAWS, seed=seed
    )
    begin = first - dt.timedelta(365)
    dates, worked = begin.toordinal() + np.arange(365), _worked(begin, 365)
    whole = BLOCK * BLOCKS
    after = days_of(first.toordinal() + np.arange(whole), outdoor, policy, _worked(first, whole)).where(~gaps)
    true_there = float((today - policy)[~gaps].mean())
    draw = np.random.default_rng((seed, 5))
    other = 1 + float(draw.uniform(*DRIFT)) * float(draw.choice([-1, 1]))
    against, drifted = (
        _against(seed, days_of(dates, year_outdoor, year * level, worked), after) - true_there
        for level in (1.0, other)
    )
    return Seed(
        low <= truth <= high, (end.saved - truth) / mean, (high - low) / 2 / mean, against / mean, drifted / mean,
        look.chance < FELT, claimed, found is not None and found.chance < FELT, truth / mean,
        look.low <= float((today - policy)[:BLOCK].mean()) <= look.high,
    )  # fmt: skip


def _against(seed: int, before: BaselineDays, after: BaselineDays) -> float:
    """The saving a day by the baseline method."""
    found = saving(before, after, seed)
    if isinstance(found, Refused):
        raise SystemExit(f"seed {seed}: {found.refused.en}")
    return found.saved / len(after)


def _days(
    seed: int,
    lengths: tuple[int, ...],
    first: dt.date,
    energy: Floats,
    outdoor: Floats,
    gaps: Flags,
    seen: Seen | None = None,
) -> Days:
    """The days of the first blocks, as the trial sees them."""
    n = BLOCK * len(lengths)
    numbers: list[int] = []
    earlier: list[bool] = []
    compared: list[bool] = []
    treated: list[bool] = []
    for block, length in enumerate(lengths):
        treated += drawn(seed, block, length)
        for day in range(BLOCK):
            number, early = pair(day, length)
            numbers.append(number + BLOCK * block)
            earlier.append(early)
            compared.append(counted(day, length))
    return Days(
        np.where(gaps[:n], np.nan, energy[:n]), outdoor[:n], _worked(first, n), np.array(treated), np.array(numbers),
        np.array(earlier), np.array(compared), idle=idle_before(_works(), first),
        sensed=tuple(Sensed(sees, hours[:n]) for sees, hours in (seen or {}).items()),
    )  # fmt: skip


def _lagging(today: Floats, policy: Floats, arms: tuple[bool, ...]) -> Floats:
    """The days of a building that answers to its arm with a lag of 24 h."""
    state, found = 0.0, today.copy()
    for day, treated in enumerate(arms):
        mean = treated + (state - treated) * LAG
        found[day] -= (today[day] - policy[day]) * mean
        state = treated + (state - treated) * LEFT
    return found


@cache
def _works() -> Callable[[dt.date], bool]:
    return working_days(site(1, (1.0,)))


def _worked(first: dt.date, count: int) -> Flags:
    return np.array([_works()(first + dt.timedelta(n)) for n in range(count)])


def _gaps(seed: int, count: int) -> Flags:
    """Days without readings."""
    draw = np.random.default_rng((seed, 7))
    found = np.zeros(count, dtype=bool)
    for day in np.flatnonzero(draw.random(count) < GAP):
        found[day : day + int(draw.integers(1, 4))] = True
    return found


def keeper(folder: Path) -> Kept:
    """Keeps what was lived in files of a folder, so that what was interrupted goes on."""
    folder.mkdir(parents=True, exist_ok=True)

    def kept(name: str, live: Callable[[], Lived]) -> Lived:
        path = folder / f"{name}.npz"
        if not path.exists():
            found = live()
            seen: dict[str, Any] = {str(sees): hours for sees, hours in found.seen.items()}
            np.savez(path, energy=found.energy, outdoor=found.outdoor, **seen)
        with np.load(path) as had:
            return Lived(had["energy"], had["outdoor"], {sees: had[sees] for sees in Sees if sees in had})

    return kept


def told(found: list[Seed]) -> bool:
    """Print what came of it; whether it is as it should be."""
    n = len(found)
    covered, claimed = sum(s.covered for s in found), sum(s.equal_claimed for s in found)
    planted, felt = sum(s.planted_found for s in found), sum(s.felt for s in found)
    error, other, drifted = (
        float(np.sqrt(np.mean(np.square([getattr(s, name) for s in found]))))
        for name in ("error", "baseline_error", "drifted")
    )
    saved, width = np.mean([s.saved for s in found]), np.mean([s.width for s in found])
    print(
        f"covered={covered}/{n} ({covered / n:.1%}; 85% to 95%); saved {saved:.1%}, ± {width:.1%} on average"
    )
    print(f"first look, its own 90 %: covered={sum(s.early for s in found)}/{n}")
    print(f"equal arms: claimed={claimed}/{n} ({claimed / n:.1%}; at most 7%)")
    print(f"error, root mean square: trial {error:.2%}, baseline {other:.2%} (trial at most half); "
          f"baseline where years drift by {DRIFT[0]:.0%} to {DRIFT[1]:.0%}: {drifted:.2%}")  # fmt: skip
    print(
        f"carry-over of 24 h: found={planted}/{n} ({planted / n:.1%}; at least 80%); as lived: {felt}/{n}",
        flush=True,
    )
    return 0.85 <= covered / n <= 0.95 and claimed / n <= 0.07 and error <= other / 2 and planted / n >= 0.8


def main(arguments: list[str]) -> int:
    """Live the trials and print what came of them; 1 where it is not as it should be."""
    parser = argparse.ArgumentParser(prog="make trial")
    parser.add_argument("--seeds", default="0-199")
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
    options = parser.parse_args(arguments)
    first, _, last = options.seeds.partition("-")
    low, high = int(first), int(last or first)
    found: list[Seed] = []
    with tempfile.TemporaryDirectory() as folder:
        kept = keeper(options.keep or Path(folder))
        for number in range(low // SIDE_BY_SIDE, high // SIDE_BY_SIDE + 1):
            seeds = range(number * SIDE_BY_SIDE, (number + 1) * SIDE_BY_SIDE)
            lived_there = group(number, seeds, kept, tuple(map(Sees, options.adjust)))
            found += [one for seed, one in zip(seeds, lived_there, strict=True) if low <= seed <= high]
            print(f"{len(found)} of {high - low + 1} seeds", file=sys.stderr, flush=True)
    return 0 if told(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
