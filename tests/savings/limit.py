"""`make savings-limit`: could anybody know the slopes of a change-point model better from a year of days? Beside the bound of Cramér and Rao.

Days of a made-up 3P, 4P or 5P building with independent normal noise, so that the bound is exact: the inverse of JᵀJ/σ², J being how each day moves
with each parameter, change points included. No unbiased estimate scatters less. Printed beside it: what our fit scatters by, and from which
noise (of a year of days), or from how many years (at that noise), a slope is held to 2 %.
"""

from __future__ import annotations

import argparse
import math
import sys
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings.changepoint import SHAPES, Form, Model, fit, tangents
from supervisor.savings.days import Days, Floats
from tests.savings.office import Office

FIRST: Final = 738_000
WITHIN: Final = 0.02
PLAIN: Final = Office(base=(1000.0, 1000.0), cooling=(40.0, 40.0), heating=(30.0, 30.0), rho=0.0)
BUILDINGS: Final = {
    "3PC": PLAIN._replace(heating=(0.0, 0.0)),
    "3PH": PLAIN._replace(cooling=(0.0, 0.0)),
    "4P": PLAIN._replace(cools_above=15.0, heats_below=15.0),
    "5P": PLAIN,
}


class Limit(NamedTuple):
    """How far estimates of one parameter scatter about the truth, as shares of it (a change point: in K)."""

    name: str
    bound: float
    """What no unbiased estimate falls short of, root mean square."""
    ours: float
    slope: bool

    @property
    def ratio(self) -> float:
        """Ours over the bound: one is the best there is."""
        return self.ours / self.bound


def limits(name: str, noise: float, seeds: range) -> list[Limit]:
    """Every parameter of one kind of building."""
    form = next(Form(n, bool(h), bool(c), p, False, False) for n, h, c, p in SHAPES if n == name)
    office = BUILDINGS[name]._replace(noise=noise)
    truth = _truth(form, office)
    squares: list[Floats] = []
    bounds: list[Floats] = []
    for seed in seeds:
        year = office.year(np.random.default_rng(seed), FIRST)
        found = fit(form, year)
        assert found is not None
        clean = office._replace(noise=0.0).year(np.random.default_rng(seed), FIRST)
        sigma = noise * float(clean.energy.mean())
        bounds.append(bound(truth, year, sigma) ** 2)
        squares.append((_vector(found) - _vector(truth)) ** 2)
    rms = np.sqrt(np.mean(squares, axis=0))
    floor = np.sqrt(np.mean(bounds, axis=0))
    names = ["base", *(["heating"] if form.heats else []), *(["cooling"] if form.cools else [])]
    names += [f"change point {n + 1}" for n in range(form.points)]
    size = np.where(np.arange(len(names)) < len(names) - form.points, _vector(truth), 1.0)
    return [
        Limit(n, float(b / s), float(o / s), n in ("heating", "cooling"))
        for n, b, o, s in zip(names, floor, rms, size, strict=True)
    ]


def bound(truth: Model, on: Days, sigma: float) -> Floats:
    """The least standard deviation of each parameter, bases and slopes first, then change points."""
    moves = tangents(truth, on)
    return np.asarray(sigma * np.sqrt(np.diag(np.linalg.inv(moves.T @ moves))))


def _truth(form: Form, office: Office) -> Model:
    values = [
        office.base[0],
        *([office.heating[0]] if form.heats else []),
        *([office.cooling[0]] if form.cools else []),
    ]
    return Model(form, office.heats_below, office.cools_above, np.array(values), np.zeros(0), 0.0)


def _vector(of: Model) -> Floats:
    points = (
        [of.heating if of.form.heats else of.cooling] if of.form.points == 1 else [of.heating, of.cooling]
    )
    return np.concatenate([of.parameters, points])


def main(arguments: list[str]) -> int:
    """Print every parameter; 1 where a slope scatters by a tenth more than the bound."""
    parser = argparse.ArgumentParser(prog="make savings-limit")
    parser.add_argument("--seeds", default="0-199")
    first, _, last = parser.parse_args(arguments).seeds.partition("-")
    seeds, far = range(int(first), int(last or first) + 1), 0
    for noise in (0.01, 0.03, 0.05):
        for name in BUILDINGS:
            for each in limits(name, noise, seeds):
                line = f"noise {noise:.0%} {name} {each.name}: "
                if not each.slope:
                    unit = " K" if each.name.startswith("change") else "%"
                    by = 1 if unit == " K" else 100
                    print(
                        f"{line}bound {each.bound * by:.2f}{unit}, ours {each.ours * by:.2f}{unit}",
                        flush=True,
                    )
                    continue
                years = math.ceil((each.bound / WITHIN) ** 2)
                print(
                    f"{line}bound {each.bound:.2%}, ours {each.ours:.2%}, ratio {each.ratio:.2f}; {WITHIN:.0%} from noise "
                    f"{noise * WITHIN / each.bound:.1%} on, or from {years} year{'s' if years > 1 else ''}",
                    flush=True,
                )
                far += each.ratio > 1.1
    return int(far > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
