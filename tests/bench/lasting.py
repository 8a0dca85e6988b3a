"""A generated month of a building of 5,000 points, as its readings come to be kept.

Of every 25 points: one meter, read each minute give or take two seconds (a poll that is answered now sooner, now later), its
register a float32 as BACnet's REAL is, rising by a load that follows the hour of day, in steps of 0.01; ten numbers that change
all the time (five temperatures, a humidity and a flow in steps of 0.1, float32; two of CO2 in ppm and a valve in percent, whole
numbers; a daily wave and noise; the ledger keeps one each five minutes, when the next change comes, within half a minute); four set points that change twice a working day; ten states (presence, windows, run status,
lights) that change some thirty times a working day and three times on others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

START: Final = 1_772_323_200
"""2026-03-01, UTC."""
STEP: Final = 600
"""s that are generated at once, in the order of time."""
KINDS: Final = ("meter", *["number"] * 10, *["set point"] * 4, *["state"] * 10)
POINTS: Final = 5000


class Rows(NamedTuple):
    """Readings in the order in which they come: point by its number, POSIX ms, value."""

    point: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]


def kind_of(point: int) -> str:
    """What a point is."""
    return KINDS[point % len(KINDS)]


def name_of(point: int) -> str:
    """Its series."""
    kind = kind_of(point)
    return (
        f"meter/m{point}/energy"
        if kind == "meter"
        else f"floor{point // 500}/room{point // 10}/{kind}{point % 10}"
    )


class Building:
    """Every `share`-th point of it, its numbers as in the whole."""

    def __init__(self, every: int = 1, seed: int = 5) -> None:
        kept = [n for n in range(POINTS) if (n // len(KINDS)) % every == 0]
        self.points = {kind: np.array([n for n in kept if kind_of(n) == kind]) for kind in set(KINDS)}
        self.count = len(kept)
        self._random = np.random.default_rng(seed)
        self._register = self._random.uniform(1e3, 2e5, len(self.points["meter"]))
        self._load = self._random.uniform(0.5, 40.0, len(self.points["meter"]))
        self._base = self._random.uniform(18.0, 60.0, len(self.points["number"]))
        whole = self.points["number"] % len(KINDS) > 7
        self._step = np.where(whole, 1.0, 0.1)
        self._due = START + self._random.uniform(0.0, 300.0, len(self.points["number"]))
        self._state = np.zeros(len(self.points["state"]))

    def month(self, days: float = 31) -> Iterator[Rows]:
        """Its readings, ten minutes at a time."""
        for at in range(START, START + round(days * 86400), STEP):
            parts = [*self._meters(at), self._numbers(at), *self._seldom(at)]
            point, when, value = (np.concatenate(column) for column in zip(*parts, strict=True))
            order = np.argsort(when, kind="stable")
            yield Rows(point[order], np.round(when[order] * 1000).astype(np.int64), value[order])

    def _meters(
        self, at: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
        points = self.points["meter"]
        for minute in range(at, at + STEP, 60):
            wave = 0.4 + 0.6 * max(0.0, np.sin((minute % 86400) / 86400 * 2 * np.pi - 1.2))
            self._register += self._load * wave * self._random.uniform(0.7, 1.3, len(points)) / 60
            told = np.round(self._register, 2).astype(np.float32).astype(np.float64)
            yield points, minute + self._random.uniform(0.0, 2.0, len(points)), told

    def _numbers(
        self, at: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        points, found = self.points["number"], []
        while len(due := np.flatnonzero(self._due < at + STEP)):
            when = self._due[due]
            self._due[due] = when + 300.0 + self._random.uniform(0.0, 30.0, len(due))
            wave = 3.0 * np.sin((when % 86400) / 86400 * 2 * np.pi)
            value = self._base[due] + wave + self._random.normal(0.0, 0.3, len(due))
            value = np.round(value / self._step[due]) * self._step[due]
            found.append((points[due], when, value.astype(np.float32).astype(np.float64)))
        if not found:
            return np.empty(0, np.int64), np.empty(0), np.empty(0)
        point, when, value = (np.concatenate(column) for column in zip(*found, strict=True))
        return point, when, value

    def _seldom(
        self, at: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
        working = at // 86400 % 7 not in (2, 3) and 8 <= at % 86400 // 3600 < 18
        for kind, chance in (
            ("state", 30 / 60 if working else 3 / 84),
            ("set point", 2 / 60 if working else 0.0),
        ):
            points = self.points[kind]
            changed = np.flatnonzero(self._random.random(len(points)) < chance)
            when = at + self._random.uniform(0.0, STEP, len(changed))
            if kind == "state":
                self._state[changed] = 1.0 - self._state[changed]
                yield points[changed], when, self._state[changed]
            else:
                yield points[changed], when, np.round(self._random.uniform(20.0, 27.0, len(changed)) * 2) / 2
