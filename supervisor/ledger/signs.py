"""What readings that do not follow look like: a leap, another meter, another unit, an older series, more than ever.

Pure judgments of a book and some readings; what follows from them is in `booking`.
"""

from __future__ import annotations

import math
from typing import Final

from supervisor.ledger.book import Book, Series
from supervisor.ledger.register import KNOWN_AFTER, Habits, Reading, Register, digit

GROWTH: Final = 3.0
"""How much faster than a run itself the rise to its first figure may be, where the run goes on from the base."""
DOUBTED: Final = 64
"""Readings that are not believed and are kept: a gateway may answer 0 for days."""
RESTED: Final = 86_400.0
"""s over which a leap may have been counted by a register that often rests."""
SHORT: Final = 6 * 3600.0
"""s of a gap up to which the hours around it say more about it than the last day."""
_BASES: Final = (10.0, 100.0, 1000.0, 3.6, 36.0, 360.0, 3600.0, 3.6e6, 1000 / 3.6, 1e6)
FACTORS: Final = tuple(factor for base in _BASES for factor in (base, 1 / base))
"""Between units of energy and of volume, and scales by ten."""
ALIKE: Final = 8.0
"""By how much the rate before and after a change of unit may differ."""


def leapt(register: Register, book: Book, base: Series, reading: Reading) -> bool:
    """Whether a reading goes on from a leap that is doubted, which time alone does not make true; or leaps to where a former
    series would stand, though not beyond what nobody has forbidden."""
    if book.chain and book.doubted[-book.chain].value > base.value:
        last = book.doubted[-1]
        if 0 <= reading.value - last.value <= room_of(register, book, last, reading):
            return True
    if not book.former or reading.value - base.value <= book.habits.usual(
        register, reading.at - base.changed
    ):
        return False
    return any(
        0 <= reading.value - s.value <= book.habits.usual(register, reading.at - s.changed)
        for s in book.former
    )


def most_since(register: Register, book: Book, base: Series, reading: Reading) -> float:
    """The most that can have been counted since the figure last changed. Of one that is read by itself, more than once a
    day, and of which nothing is known yet: as much again as in all its life."""
    most = book.habits.most(register, reach(register, book.habits, base, reading))
    seldom = max(register.interval, reading.at - base.at) >= RESTED
    return most if most < math.inf or seldom else base.value


def reach(register: Register, habits: Habits, base: Series, reading: Reading) -> float:
    """Seconds over which a rise may have been counted: since the figure last changed; but a register that rests as long
    as that by habit, or was never seen to count, did rest, and no more than a day of it is made up for at once."""
    since, step = reading.at - base.changed, reading.at - base.at
    if habits.rises >= KNOWN_AFTER and since > 2 * habits.still:
        return since
    return max(step, min(since, RESTED))


def turned_by_one(book: Book, base: Series, reading: Reading) -> bool:
    """A display of few digits turned by one, for the first time."""
    if book.habits.rises >= KNOWN_AFTER:
        return False
    return 0 < reading.value - base.value <= 1.000001 * digit(base.value, reading.value)


def stands_still(register: Register, habits: Habits, changed: float, now: float) -> bool:
    """A day of rest is no fault of a meter that rests every night: one that hardly ever does is believed to be stuck."""
    day = 86_400.0
    if register.always_on:
        return now - changed > max(day / 4, 2 * habits.still)
    return (
        changed - habits.since > 7 * day
        and habits.still <= day / 4
        and now - changed > max(day, 4 * habits.still)
    )


def shortened(run: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Of a run that stands still the first and the last reading, of a long one its first and its newest."""
    if len(run) >= 3 and run[-1].value == run[-2].value == run[-3].value:
        run = (*run[:-2], run[-1])
    return (run[0], *run[1 - DOUBTED :]) if len(run) > DOUBTED else run


def room_of(register: Register, book: Book, last: Reading, reading: Reading) -> float:
    """What a doubted series may rise by: it may be told in another unit, which is as small as its figure is great, or
    be more than was ever consumed, and then from the base on."""
    most = book.habits.most(register, reading.at - last.at) + 2 * book.habits.step
    if book.base is not None and book.base.value > 0 and last.value > 0:
        most *= max(1.0, 2 * last.value / book.base.value)
    lead, since = (
        (last.value - book.base.value, last.at - book.base.at) if book.base is not None else (0.0, 1.0)
    )
    grown = GROWTH * lead / since * (reading.at - last.at) if register.rated is None else 0.0
    return max(most, grown, digit(last.value, reading.value))


def guess_of(register: Register, book: Book, base: Series, run: list[Reading]) -> float:
    """What may have been counted from the base to a run that does not follow it: the mean of the rates before and after
    over some hours, the mean of the last day over more; never more than can be."""
    gap, seconds = run[0].at - base.at, run[-1].at - run[0].at
    rate = book.habits.mean
    if gap <= SHORT and book.habits.rises:
        rate = (book.habits.recent + (run[-1].value - run[0].value) / seconds) / 2
    return min(rate * gap, most_since(register, book, base, run[0]))


def most_afresh(register: Register, book: Book, base: Series, run: list[Reading]) -> float:
    """The most that a register tells that began again at nothing since the base was read."""
    gap, seconds = run[0].at - base.at, run[-1].at - run[0].at
    rate = max(book.habits.recent, book.habits.mean, (run[-1].value - run[0].value) / seconds)
    return min(book.habits.most(register, gap), 1.5 * rate * gap + 2 * book.habits.step)


def grown(register: Register, book: Book, base: Series, run: list[Reading]) -> bool:
    """Whether the first figure lies where a run's own rate leads back to: more is consumed than ever before."""
    rise, seconds, step = run[-1].value - run[0].value, run[-1].at - run[0].at, book.habits.step
    if register.rated is not None and not steady(register, book, run):
        return False
    lead = run[0].value - base.value
    return 0 <= lead <= GROWTH * rise / seconds * reach(register, book.habits, base, run[0]) + 2 * step


def steady(register: Register, book: Book, run: list[Reading]) -> bool:
    """Whether a run rises no faster than the register can."""
    rise, seconds = run[-1].value - run[0].value, run[-1].at - run[0].at
    return rise <= book.habits.most(register, seconds) + 2 * book.habits.step


def other_unit(register: Register, book: Book, base: Series, run: list[Reading]) -> float | None:
    """The factor by which a series is the old one told in another unit, of the figure and of its rise alike."""
    gap, seconds, habits = run[0].at - base.at, run[-1].at - run[0].at, book.habits
    rise = run[-1].value - run[0].value
    coarse = digit(*(r.value for r in run))
    least, most = (
        min(habits.recent, habits.mean) * seconds / ALIKE,
        max(habits.recent, habits.mean) * seconds * ALIKE,
    )
    fits: list[tuple[float, float]] = []
    for factor in FACTORS:
        lead, inner = run[0].value / factor - base.value, rise / factor
        blur = coarse / factor + base.value * 1e-6 + habits.step
        if not -blur <= lead <= min(habits.usual(register, gap), GROWTH * inner * gap / seconds) + blur:
            continue
        if inner > habits.usual(register, seconds) + coarse / factor:
            continue
        if most and not least <= inner + habits.step <= most + ALIKE * habits.step:
            continue
        fits.append((abs(lead), factor))
    return min(fits)[1] if fits else None


def returned(register: Register, book: Book, run: list[Reading]) -> Series | None:
    """The former series that a run goes on from, at no more than twice the greatest rate ever seen: what `rated` allows
    in weeks would take any other meter for it. None where it is new."""
    for series in reversed(book.former):
        rise = run[0].value - series.value
        if 0 <= rise <= book.habits.usual(register, run[0].at - series.changed) and steady(
            register, book, run
        ):
            return series
    return None
