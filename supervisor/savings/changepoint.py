"""Change-point models of daily energy on outdoor temperature: 3P, 4P, 5P, or none (ASHRAE Guideline 14, annex D).

Energy is a base, by kind of day, plus what is used below one temperature and above another. Which of the forms a building has
is chosen by the Bayesian information criterion, reckoned with as many days as the residuals are worth: neighbouring days resemble
one another, and a criterion that takes them for independent prefers whatever has more terms.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from supervisor.savings.days import Days, Flags, Floats

COARSE, FINE, FINEST = 1.0, 0.25, 0.05
"""K between the change points that are tried, first everywhere, then around the best, then around the best of these."""
TAIL: Final = 0.05
"""Share of the days that must lie beyond a change point: fewer say nothing about a slope."""
LEAST_GAP: Final = 1.0
"""K between the change points of a 5P model; closer, it is a 4P model."""


class Form(NamedTuple):
    """Which terms a model has."""

    name: str
    """`mean`, `3PH`, `3PC`, `4P`, `5P`."""
    heats: bool
    cools: bool
    points: int
    """Change points: 0, 1 or 2."""
    kinds: bool
    """A base of its own for days without work."""
    slopes: bool
    """Slopes of their own for days without work."""

    @property
    def terms(self) -> int:
        """Parameters that are fitted, change points included."""
        linear = self.heats + self.cools
        return (2 if self.kinds else 1) + linear * (2 if self.slopes else 1) + self.points


SHAPES: Final = (("mean", 0, 0, 0), ("3PH", 1, 0, 1), ("3PC", 0, 1, 1), ("4P", 1, 1, 1), ("5P", 1, 1, 2))


def forms(both_kinds: bool) -> Iterator[Form]:
    """Every form; those that tell days without work apart only where there are days of both kinds."""
    for name, heats, cools, points in SHAPES:
        for kinds, slopes in ((False, False), (True, False), (True, True)):
            if (kinds and not both_kinds) or (slopes and name == "mean"):
                continue
            yield Form(name, bool(heats), bool(cools), points, kinds, slopes)


class Model(NamedTuple):
    """One form, fitted."""

    form: Form
    heating: float
    """Outdoor temperature under which heating begins, °C; NaN where there is none."""
    cooling: float
    """Outdoor temperature above which cooling begins, °C; NaN where there is none."""
    parameters: Floats
    """Bases, then slopes: energy a day, energy a day and kelvin; shape (k,), in the order of `design`."""
    residuals: Floats
    """Measured less modelled, shape (n,)."""
    rho: float
    """Lag-1 autocorrelation of the residuals of neighbouring days, 0 to 0.95."""

    def predicted(self, on: Days) -> Floats:
        """Energy of each day as the model has it, shape (n,)."""
        return design(self.form, on, self.heating, self.cooling) @ self.parameters

    @property
    def weather(self) -> bool:
        """Whether it depends on the weather at all."""
        return self.form.points > 0


def design(form: Form, on: Days, heating: float, cooling: float) -> Floats:
    """The linear terms of a form at given change points, shape (n, k)."""
    idle = ~on.working
    columns = [on.working, idle] if form.kinds else [np.ones(len(on))]
    bent = []
    if form.heats:
        bent.append(np.maximum(heating - on.temperature, 0.0))
    if form.cools:
        bent.append(np.maximum(on.temperature - cooling, 0.0))
    for slope in bent:
        columns += [slope * on.working, slope * idle] if form.slopes else [slope]
    return np.column_stack([np.asarray(c, float) for c in columns])


def tangents(model: Model, on: Days) -> Floats:
    """`design`, and how the model moves with each change point, shape (n, k + points): for its uncertainty."""
    form, x = model.form, design(model.form, on, model.heating, model.cooling)
    if not form.points:
        return x
    idle = ~on.working
    each = 2 if form.slopes else 1
    first = x.shape[1] - (form.heats + form.cools) * each
    moves = []
    slopes = model.parameters[first:]
    for heats in ([True] if form.heats else []) + ([False] if form.cools else []):
        mine, slopes = slopes[:each], slopes[each:]
        slope = np.where(idle, mine[-1], mine[0])
        beyond = on.temperature < model.heating if heats else on.temperature > model.cooling
        moves.append(np.where(beyond, slope if heats else -slope, 0.0))
    if form.points == 1:
        moves = [np.sum(moves, axis=0)]
    return np.column_stack([x, *moves])


def best(of: Days) -> Model:
    """The form that describes these days best. Raises ValueError for fewer than a dozen days."""
    if len(of) < 12:
        raise ValueError(f"{len(of)} days are too few for a model")
    both = bool(of.working.any() and (~of.working).any())
    fitted = [m for form in forms(both) if (m := fit(form, of)) is not None]
    # One worth for all: a form that leaves the weather over has neighbours that resemble each other, and is not better for it.
    worth = effective(len(of), min(fitted, key=_squares).rho)
    return min(fitted, key=lambda m: criterion(m, of, worth))


def criterion(model: Model, of: Days, worth: float) -> float:
    """The Bayesian information criterion of a model of days worth so many independent ones: the smaller, the better."""
    squares = max(_squares(model), 1e-12 * float(of.energy @ of.energy) + 1e-300)
    return worth * math.log(squares / len(of)) + model.form.terms * math.log(worth)


def _squares(model: Model) -> float:
    return float(model.residuals @ model.residuals)


def fit(form: Form, of: Days) -> Model | None:
    """One form on these days; None where their temperatures leave no room for its change points."""
    if not form.points:
        return _model(form, of, math.nan, math.nan)
    low, high = np.quantile(of.temperature, [TAIL, 1 - TAIL])
    if high - low < 2 * LEAST_GAP:
        return None
    found = _search(form, of, list(_grid(form, np.arange(low, high, COARSE), np.arange(low, high, COARSE))))
    if found is None:
        return None
    for step, reach in ((FINE, COARSE), (FINEST, FINE)):
        around = np.arange(-reach, reach + step / 2, step)
        finer = _grid(form, np.clip(found[0] + around, low, high), np.clip(found[1] + around, low, high))
        found = _search(form, of, list(finer)) or found
    return _model(form, of, *found)


def _grid(form: Form, heating: Floats, cooling: Floats) -> Iterator[tuple[float, float]]:
    if form.points == 2:
        yield from ((h, c) for h, c in itertools.product(heating, cooling) if c - h >= LEAST_GAP)
    else:
        yield from ((t, t) for t in (heating if form.heats else cooling))


def _search(form: Form, of: Days, pairs: list[tuple[float, float]]) -> tuple[float, float] | None:
    """The pair of change points with the smallest sum of squares among those whose slopes make sense."""
    least, found = math.inf, None
    for part in range(0, len(pairs), 256):
        some = pairs[part : part + 256]
        x = _designs(form, of, some)
        turned = np.ascontiguousarray(x.transpose(0, 2, 1))
        gram = turned @ x
        gram += 1e-9 * np.trace(gram, axis1=1, axis2=2)[:, None, None] * np.eye(gram.shape[1])
        b = np.asarray(np.linalg.solve(gram, (turned @ of.energy)[:, :, None])[:, :, 0], np.float64)
        squares = ((of.energy - (x @ b[:, :, None])[:, :, 0]) ** 2).sum(axis=1)
        squares[~_sensible(form, b)] = math.inf
        at = int(squares.argmin())
        if squares[at] < least:
            least, found = float(squares[at]), some[at]
    return found


def _designs(form: Form, of: Days, pairs: list[tuple[float, float]]) -> Floats:
    """`design` for many pairs of change points, shape (pairs, n, k)."""
    return np.stack([design(form, of, h, c) for h, c in pairs])


def _sensible(form: Form, b: Floats) -> Flags:
    """Slopes of 3P and 5P go up with cold and with heat; a 4P model may bend either way."""
    if form.name == "4P":
        return np.ones(b.shape[0], bool)
    return np.asarray((b[:, (2 if form.kinds else 1) :] >= 0).all(axis=1))


def _model(form: Form, of: Days, heating: float, cooling: float) -> Model:
    heating = heating if form.heats else math.nan
    cooling = cooling if form.cools else math.nan
    x = design(form, of, heating, cooling)
    b: Floats = np.asarray(np.linalg.lstsq(x, of.energy, rcond=None)[0], np.float64)
    residuals = of.energy - x @ b
    return Model(form, heating, cooling, b, residuals, autocorrelation(of, residuals))


def autocorrelation(of: Days, residuals: Floats) -> float:
    """Of neighbouring days; 0 where it is negative, or nothing is left over."""
    next_to = np.diff(of.number) == 1
    a, b = residuals[:-1][next_to], residuals[1:][next_to]
    spread = float(residuals @ residuals) / max(1, residuals.size)
    if a.size < 8 or spread <= 0:
        return 0.0
    return float(np.clip((a @ b) / a.size / spread, 0.0, 0.95))


def effective(n: int, rho: float) -> float:
    """How many independent days `n` days with that autocorrelation are worth (Guideline 14-2014, eq. 4-8)."""
    return max(2.0, n * (1 - rho) / (1 + rho))
