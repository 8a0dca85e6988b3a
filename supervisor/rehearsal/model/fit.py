"""The fit: the most probable parameters given a record and what was thought before, and how sure they are.

Least squares by Gauss and Newton: temperatures of the rooms every quarter of an hour, lived through without correction, and meters by
the hour. Residuals that resemble their neighbours say less than as many independent ones: each kind counts for as much as
its autocorrelation leaves of it. The spread is Laplace's: the curvature at the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from schedules.time import DAY
from simulator.plant.building import Building
from supervisor.rehearsal.model import meters
from supervisor.rehearsal.model.drive import Lived, lived
from supervisor.rehearsal.model.parameters import (
    BY_GROUP,
    INPUTS,
    OF_BUILDING,
    PLACES,
    SHARED,
    Group,
    Parameter,
    applied,
    groups,
)
from supervisor.rehearsal.model.record import HOUR, PER_HOUR, STEP, Floats, Record

QUARTER: Final = 3
"""Steps of a quarter of an hour."""
SETTLING: Final = 24
"""Hours at a record's begin that only warm the walls: what they had in them nobody recorded."""
ROUNDS: Final = 3
"""Times that the residuals' own size is looked at anew."""
STEPS: Final = 6
"""Steps towards the best, a round."""
NUDGE: Final = 0.04
"""By which a parameter is moved to see what follows, as a share of one."""
ENOUGH: Final = 1e-3
"""Change of the cost, as a share, below which a round is over."""
LEAST_ERROR: Final = 0.1
"""K and share of a meter's mean below which no residual is believed to be."""
KEPT: Final = 0.8
"""Share of its prior's spread from which on a parameter counts as not told by the data."""

FELT: Final = (*BY_GROUP, *SHARED)
"""What is felt in rooms."""
CLOUDS: Final = 0.35
"""Spread of a day's sunlight about what the thermometer suggests, where nobody measured it: Hargreaves's equation is off by some
20 to 40 % on single days in a humid climate. Site choice. Unless the days' own sun is fitted, their scatter makes the sun look weak."""
DARKEST, BRIGHTEST = 0.1, 2.5
"""Least and most of that factor."""
UNTOLD: Final = ("fresh", "fan_input")
"""What a record without heating does not tell: what outdoor air brings, what its vapour costs, how a compressor's capacity and its efficiency
fall, all go with the temperature outside, and the rooms' own temperature hardly moves while units run; and what a meter counts whatever the load
may be a fan, or a compressor that goes on and off. Both keep what was thought beforehand."""
LANES: Final = 7
"""Days after which what a day's sun left in the walls is forgotten: so far apart, days are moved in the same life."""

Progress = Callable[[float], None]


class Fit(NamedTuple):
    """What came of a fit: a multivariate normal over `theta`."""

    groups: tuple[Group, ...]
    theta: Floats
    """(groups × BY_GROUP, then OF_BUILDING)."""
    covariance: Floats
    air_error: float
    """Root mean square of what the rooms' temperatures are off over the record, K."""
    meter_error: Mapping[str, float]
    """By sub-item: root mean square by the hour over the hourly mean."""

    def building(self, base: Building, theta: Floats | None = None) -> Building:
        """The building at `theta`, else at the most probable."""
        return of_theta(base, self.groups, self.theta if theta is None else theta)

    def draw(self, random: np.random.Generator) -> Floats:
        """One of the buildings that the data leave possible."""
        root = np.linalg.cholesky(self.covariance)
        low, high = bounds(len(self.groups))
        drawn: Floats = np.clip(self.theta + root @ random.standard_normal(len(self.theta)), low, high)
        return drawn

    @property
    def spread(self) -> Floats:
        """Standard deviation of each parameter."""
        found: Floats = np.sqrt(np.diag(self.covariance))
        return found


def every(count: int) -> tuple[Parameter, ...]:
    """The parameters of so many groups, in the order of theta."""
    return (*(p for _ in range(count) for p in BY_GROUP), *OF_BUILDING)


def bounds(count: int) -> tuple[Floats, Floats]:
    """The least and most of every parameter."""
    told = every(count)
    return np.array([p.low for p in told]), np.array([p.high for p in told])


def of_theta(base: Building, alike: Sequence[Group], theta: Floats) -> Building:
    """The building at a vector of parameters."""
    size = len(BY_GROUP)
    values = {
        zone: dict(zip(PLACES, theta[number * size : (number + 1) * size].tolist(), strict=True))
        for number, group in enumerate(alike)
        for zone in group.zones
    }
    whole = dict(zip((p.name for p in OF_BUILDING), theta[len(alike) * size :].tolist(), strict=True))
    return applied(base, values, whole)


def fit(base: Building, record: Record, progress: Progress = lambda _share: None) -> Fit:
    """Fit `base`, the building of the site file, to a record of a week or more."""
    work = _Work(base, record)
    theta = work.begin
    seen = work.look(theta)
    done = 0
    for round_ in range(ROUNDS):
        weights = work.weights(seen, first=round_ == 0)
        cost = work.cost(seen, theta, weights)
        for _ in range(STEPS):
            step = work.downhill(*work.normal(seen, theta, weights))
            theta, seen, before, cost = work.towards(theta, step, seen, cost, weights)
            done += 1
            progress(min(0.99, done / (ROUNDS * STEPS)))
            if before - cost < ENOUGH * before:
                break
    weights = work.weights(seen, first=False)
    curvature, _ = work.normal(seen, theta, weights)
    covariance = work.spread(curvature)[: work.kept, : work.kept]
    progress(1.0)
    return Fit(work.groups, theta[: work.kept], (covariance + covariance.T) / 2.0, *work.errors(seen))


class _Seen(NamedTuple):
    """What follows from parameters: residuals by kind, and how they change with each parameter."""

    air: Floats
    """(quarters, zones) K, modelled less recorded; NaN where not known."""
    air_slope: Floats
    """(FELT, quarters, zones)."""
    meters: dict[str, Floats]
    """(hours,) J."""
    meter_slope: dict[str, Floats]
    """(parameters, hours)."""


class _Weights(NamedTuple):
    """One over the variance that each residual counts with."""

    air: Floats
    """(zones,)."""
    meters: dict[str, float]


class _Work:
    """A fit at work."""

    def __init__(self, base: Building, record: Record) -> None:
        self._base, self._record = base, record
        self.groups = groups(base)
        told = every(len(self.groups))
        self._prior = np.array([p.prior for p in told])
        self._precision = np.array([p.spread**-2 for p in told])
        self._low, self._high = bounds(len(self.groups))
        self._count = len(told)
        """Of what is kept. Behind it in theta: each day's sunlight, where nobody measured it."""
        self._days = record.days if record.weather_guessed else 0
        warmed = bool((record.on & record.heats).any())
        self._held = np.array([p.name in UNTOLD and not warmed for p in told] + [False] * self._days)
        self._limits = np.append([2.0 * p.spread for p in told], np.full(self._days, 2.0 * CLOUDS))
        self._prior = np.append(self._prior, np.ones(self._days))
        self._precision = np.append(self._precision, np.full(self._days, CLOUDS**-2))
        self._low = np.append(self._low, np.full(self._days, DARKEST))
        self._high = np.append(self._high, np.full(self._days, BRIGHTEST))
        place = {zone: number for number, zone in enumerate(record.zones)}
        self._group_of = np.zeros(len(place), dtype=np.intp)
        for number, group in enumerate(self.groups):
            self._group_of[[place[zone] for zone in group.zones]] = number
        size, count = len(BY_GROUP), len(self.groups)
        self._places = [np.arange(count) * size + number for number in range(size)]
        self._places += [np.array([count * size + number]) for number in range(len(SHARED))]
        """Of what is felt in rooms: where in theta it stands, by group or once."""
        shared = np.append(count * size + np.arange(len(SHARED)), self._count + np.arange(self._days))
        self._of_zone = [np.append(group * size + np.arange(size), shared) for group in self._group_of]
        """By zone: where in theta all that it feels stands."""
        quarters = record.air[: record.steps // QUARTER * QUARTER]
        quarters = quarters.reshape(-1, QUARTER, len(record.zones)).mean(axis=1)
        offset = record.weather.site.utc_offset * HOUR
        self._since_midnight = (record.start + offset) % DAY
        """s of the record's first day, by local standard time, that were over when it began."""
        quarters[: SETTLING * PER_HOUR // QUARTER] = np.nan
        unsettled = record.unknown(SETTLING)
        quarters[unsettled[: len(quarters) * QUARTER].reshape(-1, QUARTER).any(axis=1)] = np.nan
        before = np.arange(record.hours) < SETTLING
        before |= unsettled[: record.hours * PER_HOUR].reshape(-1, PER_HOUR).any(axis=1)
        self._air = quarters
        self._meters = {
            subitem: np.where(before, np.nan, joules)
            for subitem, joules in record.meters.items()
            if subitem in meters.USES and np.isfinite(joules[~before]).sum() >= 72
        }

    @property
    def begin(self) -> Floats:
        """Where a fit begins: as was thought beforehand."""
        return self._prior.copy()

    @property
    def kept(self) -> int:
        """How many of theta a calibration keeps; the rest is of this record alone."""
        return self._count

    def look(self, theta: Floats) -> _Seen:
        """Live the record at `theta`, and at each parameter moved a little, in every group at once: zones live apart."""
        days, theta = theta[self._count :], theta[: self._count].copy()
        inputs = theta[-len(INPUTS) :].copy()
        theta[-len(INPUTS) :] = 0.0  # electricity follows from what was lived
        variants, moved = [of_theta(self._base, self.groups, theta)], []
        for number, parameter in enumerate(FELT):
            places = self._places[number]
            step = NUDGE * (parameter.spread if parameter.plain else 1.0)
            # away from the nearer limit, so that it is a move
            steps = np.where(theta[places] + step > self._high[places], -step, step)
            other = theta.copy()
            other[places] += steps
            variants.append(of_theta(self._base, self.groups, other))
            moved.append(steps[self._group_of if len(steps) > 1 else np.zeros_like(self._group_of)])
        sun = None
        if self._days:
            variants += [variants[0]] * LANES
            sun = np.tile(days, (len(variants), 1))
            for lane in range(LANES):
                sun[lane - LANES, lane::LANES] += NUDGE
        return self._seen(lived(variants, self._record, sun, as_first=True), inputs, np.array(moved))

    def _apart(self, slopes: Floats) -> Floats:
        """(FELT + LANES, times, zones) → (FELT + days, times, zones): of a lane what follows one day's sun until the next is moved."""
        if not self._days:
            return slopes
        each = np.zeros((self._days, *slopes.shape[1:]))
        for lane in range(LANES):
            for day in range(lane, self._days, LANES):
                rows = self._day_of(slopes.shape[1], day)
                each[day, rows] = slopes[lane - LANES, rows]
        return np.concatenate([slopes[:-LANES], each])

    def _day_of(self, count: int, day: int) -> slice:
        """Which of `count` evenly spaced times of the record follow a day's begin, until `LANES` days later."""
        per_day = round(DAY / STEP) * count / self._record.steps
        first = day * per_day - self._since_midnight / DAY * per_day
        return slice(max(0, round(first)), max(0, round(first + LANES * per_day)))

    def _seen(self, found: Lived, inputs: Floats, moved: Floats) -> _Seen:
        air = found.air[:, : len(self._air) * QUARTER]
        air = air.reshape(len(air), -1, QUARTER, air.shape[2]).mean(axis=2)
        if self._days:
            moved = np.concatenate([moved, np.full((LANES, moved.shape[1]), NUDGE)])
        slope = self._apart((air[1:] - air[0]) / moved[:, None, :])
        counts, slopes = {}, {}
        for subitem, joules in self._meters.items():
            each = meters.counted(found, subitem, inputs)
            counts[subitem] = each[0].sum(axis=1) - joules
            by_zone = self._apart((each[1:] - each[0]) / moved[:, None, :])
            rows = np.zeros((len(self._low), len(joules)))
            for zone, places in enumerate(self._of_zone):
                rows[places] += by_zone[:, :, zone]
            for which in range(len(INPUTS)):
                rows[self._count - len(INPUTS) + which] = meters.slope(found, subitem, inputs, which)
            slopes[subitem] = rows
        return _Seen(air[0] - self._air, slope, counts, slopes)

    def weights(self, seen: _Seen, *, first: bool) -> _Weights:
        """What each residual counts for: at first as if it were a kelvin, or half of the meter's mean, off."""
        air = np.array([_worth(seen.air[:, z], LEAST_ERROR, first, 1.0) for z in range(seen.air.shape[1])])
        found = {}
        for subitem, off in seen.meters.items():
            mean = float(np.nanmean(self._meters[subitem]))
            found[subitem] = _worth(off, max(1.0, LEAST_ERROR * mean), first, max(1.0, 0.5 * mean))
        return _Weights(air, found)

    def cost(self, seen: _Seen, theta: Floats, weights: _Weights) -> float:
        """Twice the negative logarithm of the probability, but for a constant."""
        total = float(np.nansum(seen.air**2 * weights.air)) + float(
            (self._precision * (theta - self._prior) ** 2).sum()
        )
        return total + sum(float(np.nansum(off**2)) * weights.meters[s] for s, off in seen.meters.items())

    def normal(self, seen: _Seen, theta: Floats, weights: _Weights) -> tuple[Floats, Floats]:
        """Curvature and downhill slope of half the cost."""
        curvature = np.diag(self._precision)
        slope = self._precision * (self._prior - theta)
        known = np.isfinite(seen.air)
        off = np.where(known, seen.air, 0.0)
        for zone, places in enumerate(self._of_zone):
            part = np.where(known[:, zone], seen.air_slope[:, :, zone], 0.0)
            curvature[np.ix_(places, places)] += part @ part.T * weights.air[zone]
            slope[places] -= part @ off[:, zone] * weights.air[zone]
        for subitem, missed in seen.meters.items():
            there = np.isfinite(missed)
            rows = seen.meter_slope[subitem][:, there]
            curvature += rows @ rows.T * weights.meters[subitem]
            slope -= rows @ missed[there] * weights.meters[subitem]
        return curvature, slope

    def downhill(self, curvature: Floats, slope: Floats) -> Floats:
        """The step to where a parabola would have its lowest point, with what is held where it was."""
        step, free = np.zeros(len(slope)), ~self._held
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        return step

    def spread(self, curvature: Floats) -> Floats:
        """The covariance. What is held is as uncertain as it was beforehand, and whatever would have to follow it with it (Schmidt)."""
        free, held = ~self._held, self._held
        found = np.zeros_like(curvature)
        inverse = np.linalg.inv(curvature[np.ix_(free, free)])
        follows = -inverse @ curvature[np.ix_(free, held)]
        before = np.diag(1.0 / self._precision[held])
        found[np.ix_(free, free)] = inverse + follows @ before @ follows.T
        found[np.ix_(free, held)] = follows @ before
        found[np.ix_(held, free)] = (follows @ before).T
        found[np.ix_(held, held)] = before
        return found

    def towards(
        self, theta: Floats, step: Floats, seen: _Seen, cost: float, weights: _Weights
    ) -> tuple[Floats, _Seen, float, float]:
        """A step downhill, shortened until it is one; the cost before and after. None is taken where none leads down."""
        step = np.clip(step, -self._limits, self._limits)
        for share in (1.0, 0.4, 0.1):
            new = np.clip(theta + share * step, self._low, self._high)
            there = self.look(new)
            found = self.cost(there, new, weights)
            if found < cost:
                return new, there, cost, found
        return theta, seen, cost, cost

    def errors(self, seen: _Seen) -> tuple[float, dict[str, float]]:
        """How far off the fit is over its own record."""
        known = np.isfinite(seen.air)
        air = float(np.sqrt(np.mean(seen.air[known] ** 2))) if known.any() else math.nan
        by_meter = {
            subitem: float(np.sqrt(np.nanmean(off**2)) / max(1.0, float(np.nanmean(self._meters[subitem]))))
            for subitem, off in seen.meters.items()
        }
        return air, by_meter


def _worth(off: Floats, least: float, first: bool, guess: float) -> float:
    """One over the variance with which each residual of a series counts: 0 where none is known."""
    known = off[np.isfinite(off)]
    if len(known) < 10:
        return 0.0
    error = guess if first else max(least, float(np.sqrt(np.mean(known**2))))
    centred = known - known.mean()
    power = float(centred @ centred)
    rho = min(0.98, max(0.0, float(centred[1:] @ centred[:-1]) / power)) if power > 0.0 else 0.0
    return (1.0 - rho) / (1.0 + rho) / error**2
