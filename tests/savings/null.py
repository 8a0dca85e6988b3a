"""`make savings-null SEEDS=0-499`: years in which nothing was saved. How often does the 90 % interval of the saving leave zero in?

Each seed is an office with its own noise (6 to 15 % of a day, neighbours correlated by 0.3 to 0.6) in two years of its own weather. Then the
same with a level that moves by 5 to 10 % from year to year for no reason: with one year of baseline that is told and not seen,
with three it is in the interval.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

import numpy as np

from supervisor.savings.baseline import DRIFT, Refused, Saving, saving
from supervisor.savings.days import Days, days
from tests.savings.office import Office

FIRST: Final = 738_000
LEAST, MOST = 0.85, 0.95
"""Share of the intervals of 90 % that may cover zero; what lies outside, a few hundred seeds do not give by chance."""


def lived(seed: int, years: int, drift: tuple[float, float] = (0.0, 0.0)) -> Saving:
    """The saving of a last year against `years` before it, none of which saved anything."""
    draw = np.random.default_rng(seed)
    office = Office(noise=float(draw.uniform(0.06, 0.15)), rho=float(draw.uniform(0.3, 0.6)))
    levels = [1 + float(draw.uniform(*drift)) * float(draw.choice([-1, 1])) for _ in range(years + 1)]
    lives = [office.year(draw, FIRST + 365 * n, level) for n, level in enumerate(levels)]
    found = saving(_joined(lives[:-1]), lives[-1], seed)
    if isinstance(found, Refused):
        raise SystemExit(f"seed {seed}: refused: {found.refused.en}")
    return found


def _joined(years: list[Days]) -> Days:
    return days(*(np.concatenate(part) for part in zip(*years, strict=True)))


def covered(seeds: range, years: int, drift: tuple[float, float] = (0.0, 0.0)) -> int:
    """Seeds whose interval has zero in it."""
    found = [lived(seed, years, drift) for seed in seeds]
    return sum(each.low <= 0 <= each.high for each in found)


def main(arguments: list[str]) -> int:
    """Print how often zero was covered; 1 where it is too seldom or too often."""
    parser = argparse.ArgumentParser(prog="make savings-null")
    parser.add_argument("--seeds", default="0-499")
    first, _, last = parser.parse_args(arguments).seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    n = len(seeds)
    steady = covered(seeds, 1)
    print(f"covered={steady}/{n} ({steady / n:.1%}; {LEAST:.0%} to {MOST:.0%})", flush=True)
    told = covered(seeds, 1, (0.05, 0.10))
    one = lived(seeds[0], 1, (0.05, 0.10))
    print(
        f"drift 5 to 10 %, one year of baseline: covered={told}/{n}; told: drift not separable, ± {one.drift.share:.1%}",
        flush=True,
    )
    many = covered(seeds, 3, (0.05, 0.10))
    print(
        f"drift 5 to 10 %, three years of baseline: covered={many}/{n} ({many / n:.1%}; {LEAST:.0%} to {MOST:.0%})"
    )
    sound = LEAST <= steady / n <= MOST and not one.drift.known and one.drift.share == DRIFT
    sound = sound and many / n >= LEAST
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
