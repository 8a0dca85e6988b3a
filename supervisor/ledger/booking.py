"""From a register's readings to energy in intervals: never negative, never more than can have been, each doubt named.

Pure: `heard` takes what is known and one reading, in order of time, and gives what is known now, what was booked and
what was found. Equal readings give equal bookings, however often they are told anew, so that a late reading is
put right by booking again from a state before it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Final

from supervisor.ledger.book import NOTHING, NOUGHT, Book, Booked, Finding, Series, Step, looks
from supervisor.ledger.causes import Cause
from supervisor.ledger.pace import AROUND, RARE, around, pace
from supervisor.ledger.register import KNOWN_AFTER, Habits, Reading, Register, digit, past_the_end
from supervisor.ledger.signs import (
    DOUBTED,
    grown,
    guess_of,
    leapt,
    most_afresh,
    most_since,
    other_unit,
    returned,
    room_of,
    shortened,
    stands_still,
    steady,
    turned_by_one,
)

__all__ = ["Book", "Booked", "Finding", "Series", "Step", "booked", "heard", "settled", "stuck"]

GAP: Final = 1.5
"""Intervals between two readings above which what lies between is estimated."""
SILENCE: Final = 3.5
"""Intervals without a reading above which a meter is called silent."""
CONFIRM: Final = 3
"""Readings of another series that must agree with one another before it is believed."""
FLICKER: Final = 1e-6
"""Share of a figure by which it falls and has not: some last places of what is carried in 32 bits (6e-8), or converted from it."""
FORMER: Final = 4
"""Series that a register once told and that it may come back to."""


def heard(register: Register, book: Book, reading: Reading) -> Step:
    """The next reading, not older than the last. One that is no number, or negative, was never said.

    Of a register that is read seldom, as its last steps show, no more is expected than that.
    """
    if not _is_one(book, reading):
        return Step(book)
    if not math.isfinite(book.last):
        return _heard(register, book, reading, ())
    step = reading.at - book.last
    steps = (*book.steps[-AROUND:], step)
    usual = pace(steps) if step >= RARE else None
    return _heard(_at_pace(register, usual), book, reading, steps)


def _is_one(book: Book, reading: Reading) -> bool:
    return math.isfinite(reading.value) and reading.value >= 0 and reading.at > book.last


def _at_pace(register: Register, usual: float | None) -> Register:
    return register if usual is None or usual <= register.interval else replace(register, interval=usual)


def _heard(register: Register, book: Book, reading: Reading, steps: tuple[float, ...]) -> Step:
    restless, last = book.restless, book.last
    told, turns, down = book.turned(reading.value)
    book = replace(book, last=reading.at, told=told, turns=turns, down=down, steps=steps)
    reading = Reading(reading.at, reading.value / book.factor)
    if book.base is None:
        base = Series(reading.at, reading.value, reading.at)
        return Step(replace(book, base=base, habits=Habits(since=reading.at)))
    base, silent = book.base, _silence(register, last, reading.at)
    if book.restless:
        return _restless(
            book, reading, silent if restless else (*silent, Finding(Cause.NO_REGISTER, base.at, reading.at))
        )
    step = _follows(register, book, base, reading)
    return step._replace(found=(*silent, *step.found))


def _restless(book: Book, reading: Reading, found: tuple[Finding, ...]) -> Step:
    """Nothing follows from what is no register; since when is kept."""
    first = book.doubted[0] if book.doubted else reading
    return Step(
        replace(book, doubted=(first, reading) if first != reading else (reading,), chain=0), (), found
    )


def _silence(register: Register, last: float, now: float) -> tuple[Finding, ...]:
    if now - last <= SILENCE * register.interval:
        return ()
    return (Finding(Cause.SILENT, last, now),)


def _follows(register: Register, book: Book, base: Series, reading: Reading) -> Step:
    """A reading that follows the base is believed, and what was doubted meanwhile was false."""
    rise = reading.value - base.value
    if -FLICKER * base.value <= rise < 0:
        reading, rise = Reading(reading.at, base.value), 0.0
    if leapt(register, book, base, reading):
        return _doubted(register, book, base, reading)
    if 0 <= rise <= most_since(register, book, base, reading) or turned_by_one(book, base, reading):
        found: tuple[Finding, ...] = ()
        cause = None
        if book.doubted:
            cause = looks(base, book.doubted)
            found = (Finding(cause, book.doubted[0].at, reading.at),)
        return _believed(register, replace(book, doubted=(), chain=0), base, reading, cause, found)
    counted = past_the_end(register, base.value, reading.value, most_since(register, book, base, reading))
    if register.end is not None and counted is not None:
        return _rebased(register, book, base, [reading], counted, Cause.ROLLOVER, estimated=False)
    return _doubted(register, book, base, reading)


def _believed(
    register: Register,
    book: Book,
    base: Series,
    reading: Reading,
    cause: Cause | None,
    found: tuple[Finding, ...],
) -> Step:
    """Book the rise from the base to a reading, from when the figure last changed where it must have begun there."""
    rise, start = reading.value - base.value, base.at
    habits, changed = book.habits, base.changed
    estimated = reading.at - base.at > GAP * register.interval and rise > NOUGHT
    if estimated and cause is None:
        cause = Cause.SILENT
    if rise > NOUGHT:
        within = reading.at - base.at
        still = reading.at - base.changed > max(SILENCE * register.interval, within)
        if (
            still
            and (rise > habits.most(register, within) or rise > habits.proven(register, within, reading.at))
            and not turned_by_one(book, base, reading)
        ):
            start, estimated, cause = base.changed, True, cause or Cause.STUCK
            if not found:
                found = (*found, Finding(Cause.STUCK, base.changed, reading.at))
        elif not estimated:
            habits = habits.rose(rise, reading.at - base.changed)
        elif habits.rises < KNOWN_AFTER:
            # of one that is always read too seldom nothing else will ever be known, and then anything could be true
            habits = habits.rose(rise, reading.at - base.changed)._replace(still=habits.still)
        changed = reading.at
    after = Series(reading.at, reading.value, changed)
    former = tuple(replace(each, booked=each.booked + rise) for each in book.former)
    booked = Booked(start, reading.at, rise, estimated, cause if estimated or found else None)
    return Step(replace(book, base=after, habits=habits, former=former), (booked,), found)


def stuck(register: Register, book: Book, now: float) -> bool:
    """Whether the figure has stood still for longer than it ever does."""
    return book.base is not None and stands_still(register, book.habits, book.base.changed, now)


def _doubted(register: Register, book: Book, base: Series, reading: Reading) -> Step:
    """Keep a reading that does not follow, until enough of them follow one another."""
    chain = 1
    if book.chain:
        last = book.doubted[-1]
        rise = reading.value - last.value
        if 0 <= rise <= room_of(register, book, last, reading):
            chain = book.chain + 1
    before, run = book.doubted[: len(book.doubted) + 1 - chain], (*book.doubted, reading)[-chain:]
    before, run = before[:DOUBTED], shortened(run)
    book = replace(book, doubted=(*before, *run), chain=len(run))
    if len({r.value for r in run}) < CONFIRM:
        return Step(book)
    return _another_series(register, book, base, list(run))


def _another_series(register: Register, book: Book, base: Series, run: list[Reading]) -> Step:
    """The register tells another series for good: which one, and what was counted until its first figure."""
    first = run[0]
    most = most_since(register, book, base, first)
    if register.end is None:
        most = min(
            most, book.habits.usual(register, first.at - base.at)
        )  # an end that is only guessed must be near
    back = returned(register, book, run)
    if back is not None:
        return _came_back(register, book, base, back, run)
    if grown(register, book, base, run):
        return _grew(register, book, base, run)
    if base.value == 0 and not book.habits.rises and steady(register, book, run):
        return _rebased(
            register, book, base, run, 0.0, Cause.BAD_ZERO, estimated=True
        )  # zero since the first word
    factor = other_unit(register, book, base, run)
    if factor is not None:
        run = [Reading(r.at, r.value / factor) for r in run]
        coarse = max(book.habits.step, digit(*(r.value * factor for r in run)) / factor)
        book = replace(book, habits=book.habits._replace(step=coarse))
        step = _rebased(register, book, base, run, run[0].value - base.value, Cause.UNIT, estimated=False)
        return step._replace(book=replace(step.book, factor=book.factor * factor))
    if not steady(register, book, run):
        return Step(book)
    counted = past_the_end(register, base.value, first.value, most)
    if counted is not None:
        return _rebased(register, book, base, run, counted, Cause.ROLLOVER, estimated=False)
    guess = guess_of(register, book, base, run)
    if first.value < base.value / 2 and first.value <= most_afresh(register, book, base, run):
        return _rebased(register, book, base, run, max(first.value, guess), Cause.RESET, estimated=True)
    return _rebased(register, book, base, run, guess, Cause.REPLACED, estimated=True)


def _grew(register: Register, book: Book, base: Series, run: list[Reading]) -> Step:
    """Believe a run that goes on from the base faster than before, where no rated power forbids it."""
    book = replace(book, doubted=(), chain=0)
    booked: tuple[Booked, ...] = ()
    for reading in run:
        assert book.base is not None
        seconds = max(reading.at - book.base.changed, 1.0)
        habits = book.habits.rose(max(reading.value - book.base.value, NOUGHT), seconds)
        step = _believed(register, replace(book, habits=habits), book.base, reading, None, ())
        book, booked = step.book, booked + step.booked
    return Step(book, booked)


def _came_back(register: Register, book: Book, base: Series, back: Series, run: list[Reading]) -> Step:
    """What was believed meanwhile was false: the rise of the true series counts, less what was booked since."""
    cause = looks(Series(back.at, back.value, back.changed), (Reading(base.at, base.value),))
    missing = max(0.0, run[0].value - back.value - back.booked)
    book = replace(book, former=tuple(s for s in book.former if s is not back))
    return _rebased(register, book, base, run, missing, cause, estimated=True, since=back.at)


def _rebased(
    register: Register,
    book: Book,
    base: Series,
    run: list[Reading],
    counted: float,
    cause: Cause,
    *,
    estimated: bool,
    since: float | None = None,
) -> Step:
    """Believe another series from its first figure on, and book its run."""
    first, counted = run[0], max(0.0, counted)
    start = base.at if since is None else since
    estimated = estimated or first.at - start > GAP * register.interval
    booked = [Booked(start, first.at, counted, estimated, cause)]
    former = tuple(replace(each, booked=each.booked + counted) for each in book.former)
    if cause is not Cause.ROLLOVER:
        former = (*former, replace(base, booked=counted))
    found = [Finding(cause, base.at if since is None else since, first.at)]
    after = replace(
        book,
        base=Series(first.at, first.value, first.at),
        doubted=(),
        chain=0,
        former=former[-FORMER:],
    )
    for reading in run[1:]:
        assert after.base is not None
        step = _follows(register, after, after.base, reading)
        after = step.book
        booked += step.booked
        found += step.found
    return Step(after, tuple(booked), tuple(found))


def booked(register: Register, readings: list[Reading], book: Book = NOTHING) -> Step:
    """Readings in any order, twice or late: each counts once, in its own place. The last said of an instant counts.

    How often one is to be expected is known from those before and after alike.
    """
    in_order = [reading for _, reading in sorted({r.at: r for r in readings}.items())]
    steps = [later.at - reading.at for reading, later in pairwise(in_order)]
    found: list[Finding] = []
    bookings: list[Booked] = []
    for n, reading in enumerate(in_order):
        if not _is_one(book, reading):
            continue
        usual = around(steps, n - 1) if n else None
        step = _heard(_at_pace(register, usual), book, reading, tuple(steps[max(0, n - 1 - AROUND) : n]))
        book = step.book
        bookings += step.booked
        found += step.found
    return Step(book, tuple(bookings), tuple(settled(found)))


_FALSE: Final = (Cause.JUMP, Cause.BACKWARDS, Cause.BAD_ZERO)


def settled(found: list[Finding]) -> list[Finding]:
    """Findings without those that turned out otherwise: another meter that was none, since the old one came back."""
    over = [f for f in found if f.cause in _FALSE]
    return [
        f for f in found
        if f.cause not in (Cause.REPLACED, Cause.RESET)
        or not any(o.start <= f.start and f.end < o.end for o in over)
    ]  # fmt: skip
