"""Targets of so much less a year, per area and per head: month by month against plan, and how the year stands.

Pure. Energy is what the national indicators divide: standard coal of all carriers (单位建筑面积能耗, 人均综合能耗), over the floor area
or the heads of the same days. The year's plan is last year's months less the target; a reference year that is fixed has the target
compounded over the years since.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from config.phrase import Phrase
from supervisor.ledger.statistics import share_of

ENOUGH: Final = 0.9
"""Share of the months that are over that must be comparable for the year to be judged."""
PER: Final = ("area", "head")
UNITS: Final = {"area": Phrase("kgce/m²", "kgce/m²"), "head": Phrase("kgce/head", "kgce/人")}
NAMES: Final = {"area": Phrase("per area", "单位建筑面积"), "head": Phrase("per head", "人均")}


class Used(NamedTuple):
    """Energy of a month, or of its days so far, kgce; area (m²) and heads as means over the same days.

    `energy` None: nothing was measured. `marked`: readings are missing in it.
    """

    name: str
    """2026-03."""
    energy: float | None
    area: float | None
    people: float | None
    marked: bool = False
    unbooked: float = 0.0
    """kgce that the time which no booking covers would add at the mean pace of the rest; not in `energy`."""
    overbooked: float = 0.0
    """The same of what is taken off."""

    def per(self, what: str) -> float | None:
        """Per m² or per head; None where either is not known."""
        by = self.area if what == "area" else self.people
        return self.energy / by if self.energy is not None and by else None


class Month(NamedTuple):
    """A month of the year against plan, kgce per m² or head; None where it is not known.

    `reference`: the same month of the reference year, whole. `compared`: as many of its days as `actual` has. `plan`: what the
    whole month may use; `due`: what its days so far might.
    """

    name: str
    reference: float | None
    compared: float | None
    plan: float | None
    due: float | None
    actual: float | None
    marked: bool
    over: bool
    """The month is over."""
    less: float = 0.0
    """By how much the reduction may be smaller, as energy per m² or head: what is not booked of `actual`."""
    more: float = 0.0
    """By how much it may be larger: what is not booked of `compared`."""

    @property
    def known(self) -> bool:
        """It can be compared: what lacks a tenth of its readings is shown, and not counted."""
        return self.compared is not None and self.actual is not None and not self.marked

    @property
    def reduction(self) -> float | None:
        """Share by which it used less than the same days of the reference year; negative where it used more."""
        if self.actual is None or not self.compared:
            return None
        return 1 - self.actual / self.compared

    @property
    def met(self) -> bool | None:
        """Whether it keeps to the plan so far; None while that is not known."""
        return None if self.actual is None or self.due is None else self.actual <= self.due


class Progress(NamedTuple):
    """A year per area or per head."""

    per: str
    year: int
    against: int
    """The reference year."""
    target: float
    """Share by which this year shall be under the reference year."""
    months: tuple[Month, ...]

    @property
    def known(self) -> tuple[Month, ...]:
        """The months that can be compared."""
        return tuple(m for m in self.months if m.known)

    @property
    def reduction(self) -> float | None:
        """The reduction so far: of the months known, against the same days of the reference year."""
        before = math.fsum(m.compared or 0.0 for m in self.known)
        return 1 - math.fsum(m.actual or 0.0 for m in self.known) / before if before > 0 else None

    @property
    def comparable(self) -> bool:
        """Of any month there is something to compare it with, complete or not: heads that nobody counted then leave nothing."""
        return any(m.actual is not None and m.compared for m in self.months)

    @property
    def enough(self) -> bool:
        """Nine tenths of the months that are over can be compared: fewer say nothing of the year."""
        over = [m for m in self.months if m.over]
        return sum(m.known for m in over) >= ENOUGH * len(over)

    @property
    def lacks(self) -> tuple[float, float]:
        """By what share the reduction may be smaller, and by what larger, as the months known are not booked as a whole."""
        actual, compared, less, more = (
            math.fsum(getattr(m, of) or 0.0 for m in self.known)
            for of in ("actual", "compared", "less", "more")
        )
        return share_of(less, actual), share_of(more, compared)

    @property
    def met(self) -> bool | None:
        """Whether the year keeps to its plan so far; None where it is not known, by too few months, or where what is not booked
        could turn it."""
        if self.reduction is None or not self.enough:
            return None
        return verdict([self.reduction], self.target, *self.lacks)

    @property
    def plan(self) -> float | None:
        """What the whole year may use; None where a month of the reference year is not known."""
        each = [m.plan for m in self.months]
        return math.fsum(p for p in each if p is not None) if all(p is not None for p in each) else None


def verdict(reductions: Sequence[float], target: float, less: float = 0.0, more: float = 0.0) -> bool | None:
    """Whether each reduction reaches the target, whatever the shares that no booking covers would have added: they may be
    smaller by `less` and larger by `more`. None where these could turn it, or nothing is known."""
    if not reductions:
        return None
    if all(r - less >= target - _SAME for r in reductions):
        return True
    return False if any(r + more < target - _SAME for r in reductions) else None


_SAME: Final = 1e-12
"""Shares that are the same but for the last bits."""


def ratio(a_year: float, years: int) -> float:
    """The target so many years after the reference: 5 % a year are 9.75 % in two."""
    return a_year if years <= 1 else 1 - (1 - a_year) ** years


def progress(
    per: str, year: int, against: int, a_year: float,
    actual: Sequence[Used], reference: Sequence[Used], compared: Sequence[Used], over: int,
) -> Progress:  # fmt: skip
    """The year against plan. `actual`: months so far; `reference`: the twelve of the reference year, whole; `compared`: as many of
    their days as `actual` has; `over`: how many months are over."""
    target = ratio(a_year, year - against)
    months = []
    for n, whole in enumerate(reference):
        was = whole.per(per)
        now = actual[n] if n < len(actual) else None
        then = compared[n].per(per) if n < len(compared) else None
        is_ = now.per(per) if now is not None else None
        months.append(Month(
            f"{year}-{n + 1:02}", was, then,
            None if was is None else was * (1 - target), None if then is None else then * (1 - target),
            is_, any(u is not None and u.marked for u in (now, compared[n] if n < len(compared) else whole)), n < over,
            *(_lacking(now, compared[n], per) if now is not None and n < len(compared) else ()),
        ))  # fmt: skip
    return Progress(per, year, against, target, tuple(months))


def _lacking(now: Used, then: Used, per: str) -> tuple[float, float]:
    """What of a month and of its counterpart is not booked, per m² or head."""
    by, was = ((u.area if per == "area" else u.people) or math.inf for u in (now, then))
    return now.unbooked / by + then.overbooked / was, then.unbooked / was + now.overbooked / by
