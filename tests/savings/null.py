"""`make savings-null SEEDS=0-499`: years in which nothing was saved. How often does the 90 % interval of the saving leave zero in?

Each seed is an office with its own noise (6 to 15 % of a day, neighbours correlated by 0.3 to 0.6) in two years of its own weather. Then the
same with a level that moves by 5 to 10 % from year to year for no reason: with one year of baseline that is told and not seen,
with two and three it is in the interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings.baseline import DRIFT, Refused, Saving, saving
from supervisor.savings.days import Days, days
from tests.savings.office import Office

FIRST: Final = 738_000
LEAST, MOST = 0.85, 0.95
"""Share of the intervals of 90 % that may cover zero; what lies outside, a few hundred seeds do not give by chance."""
EVERY: Final = 25
"""Seeds after which it is said how far it has come."""


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


class Case(NamedTuple):
    """Years that are lived for each seed."""

    name: str
    years: int
    """Of baseline."""
    drift: tuple[float, float] = (0.0, 0.0)


DRIFTS: Final = (0.05, 0.10)
CASES: Final = (
    Case("no drift", 1),
    Case("drift 5 to 10 %, one year of baseline", 1, DRIFTS),
    Case("drift 5 to 10 %, two years of baseline", 2, DRIFTS),
    Case("drift 5 to 10 %, three years of baseline", 3, DRIFTS),
)


class Count(NamedTuple):
    """Seeds of a case so far."""

    seeds: int = 0
    covered: int = 0
    """Whose interval has zero in it."""
    told: int = 0
    """Of which the saving says that drift is not separable, and how much of it is common."""

    def and_of(self, found: Saving) -> Count:
        """With one more."""
        told = not found.drift.known and found.drift.share == DRIFT
        return Count(self.seeds + 1, self.covered + (found.low <= 0 <= found.high), self.told + told)

    @property
    def sound(self) -> bool:
        """Zero is covered as often as 90 % demand, or each saving says why it cannot be."""
        return LEAST <= self.covered / self.seeds <= MOST or self.told == self.seeds


def counts(seeds: Iterable[int]) -> Iterator[dict[Case, Count]]:
    """What came of the cases, seed after seed."""
    found = dict.fromkeys(CASES, Count())
    for seed in seeds:
        found = {case: had.and_of(lived(seed, case.years, case.drift)) for case, had in found.items()}
        yield found


def said(case: Case, of: Count) -> str:
    """A case in one line."""
    told = (
        f"; told: drift not separable, ± {DRIFT:.1%}, in {of.told}/{of.seeds}"
        if case.drift[1] and case.years == 1
        else ""
    )
    return f"{case.name}: covered={of.covered}/{of.seeds} ({of.covered / of.seeds:.1%}; {LEAST:.0%} to {MOST:.0%}{', or told' if told else ''}){told}"


def main(arguments: list[str]) -> int:
    """Print how often zero was covered; 1 where it is too seldom or too often, and why is not told."""
    parser = argparse.ArgumentParser(prog="make savings-null")
    parser.add_argument("--seeds", default="0-499")
    first, _, last = parser.parse_args(arguments).seeds.partition("-")
    found: dict[Case, Count] = {}
    for found in counts(range(int(first), int(last or first) + 1)):
        if next(iter(found.values())).seeds % EVERY == 0:
            for case, of in found.items():
                print(said(case, of), file=sys.stderr, flush=True)
    for case, of in found.items():
        print(said(case, of), flush=True)
    return 0 if all(of.sound for of in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
