"""From a register's readings to energy in intervals: never negative, never more than can have been, each doubt named.

Pure: `heard` takes what is known and one reading, in order of time, and gives what is known now, what was booked and
what was found. Equal readings give equal bookings, however often they are told anew, so that a late reading is
put right by booking again from a state before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from supervisor.ledger.causes import Cause
from supervisor.ledger.register import KNOWN_AFTER, Habits, Reading, Register, digit, past_the_end

GAP: Final = 1.5
"""Intervals between two readings above which what lies between is estimated."""
SILENCE: Final = 3.5
"""Intervals without a reading above which a meter is called silent."""
CONFIRM: Final = 3
"""Readings of another series that must agree with one another before it is believed."""
FORMER: Final = 4
"""Series that a register once told and that it may come back to."""
GROWTH: Final = 3.0
"""How much faster than a run itself the rise to its first figure may be, where the run goes on from the base."""
NOUGHT: Final = 1e-9
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


class Booked(NamedTuple):
    """What was consumed between two instants, register units. `estimated`: how it is spread within is not known, or its
    amount is a guess; `cause` says why."""

    start: float
    end: float
    amount: float
    estimated: bool = False
    cause: Cause | None = None


class Finding(NamedTuple):
    """Something wrong with a meter from `start` to `end`."""

    cause: Cause
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Series:
    """A run of figures that follow one another: where it stands, when it last rose, `booked` since it was left."""

    at: float
    value: float
    changed: float
    booked: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a register after its readings so far."""

    base: Series | None = None
    """The series that is believed."""
    last: float = -math.inf
    """When anything was last read, believed or not."""
    factor: float = 1.0
    """Register units in one unit of what is told now."""
    habits: Habits = field(default_factory=Habits)
    doubted: tuple[Reading, ...] = ()
    """Readings that do not follow the base and are not believed yet; the last ones follow one another."""
    chain: int = 0
    """How many of the last of them do."""
    former: tuple[Series, ...] = field(default=())

    @property
    def suspicion(self) -> Cause | None:
        """What the readings that are not believed look like; None where all are."""
        if self.base is None or not self.doubted:
            return None
        return _looks(self.base, self.doubted)


class Step(NamedTuple):
    """What one reading came to."""

    book: Book
    booked: tuple[Booked, ...] = ()
    found: tuple[Finding, ...] = ()


def heard(register: Register, book: Book, reading: Reading) -> Step:
    """The next reading, not older than the last. One that is no number, or negative, was never said."""
    if not math.isfinite(reading.value) or reading.value < 0 or reading.at <= book.last:
        return Step(book)
    reading = Reading(reading.at, reading.value / book.factor)
    if book.base is None:
        base = Series(reading.at, reading.value, reading.at)
        return Step(replace(book, base=base, last=reading.at, habits=Habits(since=reading.at)))
    base, silent = book.base, _silence(register, book.last, reading.at)
    step = _follows(register, replace(book, last=reading.at), base, reading)
    return step._replace(found=(*silent, *step.found))


def _silence(register: Register, last: float, now: float) -> tuple[Finding, ...]:
    if now - last <= SILENCE * register.interval:
        return ()
    return (Finding(Cause.SILENT, last, now),)


def _follows(register: Register, book: Book, base: Series, reading: Reading) -> Step:
    """A reading that follows the base is believed, and what was doubted meanwhile was false."""
    rise = reading.value - base.value
    if _leapt(register, book, base, reading):
        return _doubted(register, book, base, reading)
    if 0 <= rise <= _most(register, book, base, reading) or _a_digit(book, base, reading):
        found: tuple[Finding, ...] = ()
        cause = None
        if book.doubted:
            cause = _looks(base, book.doubted)
            found = (Finding(cause, book.doubted[0].at, reading.at),)
        return _believed(register, replace(book, doubted=(), chain=0), base, reading, cause, found)
    counted = past_the_end(register, base.value, reading.value, _most(register, book, base, reading))
    if register.end is not None and counted is not None:
        return _rebased(register, book, base, [reading], counted, Cause.ROLLOVER, estimated=False)
    return _doubted(register, book, base, reading)


def _leapt(register: Register, book: Book, base: Series, reading: Reading) -> bool:
    """Whether a reading goes on from a leap that is doubted, which time alone does not make true; or leaps to where a former
    series would stand, though not beyond what nobody has forbidden."""
    if book.chain and book.doubted[-book.chain].value > base.value:
        last = book.doubted[-1]
        if 0 <= reading.value - last.value <= _room(register, book, last, reading):
            return True
    if reading.value - base.value <= book.habits.usual(register, reading.at - base.changed):
        return False
    return any(
        0 <= reading.value - s.value <= book.habits.usual(register, reading.at - s.changed)
        for s in book.former
    )


def _most(register: Register, book: Book, base: Series, reading: Reading) -> float:
    """The most that can have been counted since the figure last changed. Of one that is read by itself and of which
    nothing is known yet: as much again as in all its life."""
    most = book.habits.most(register, _reach(register, book.habits, base, reading))
    return most if most < math.inf or register.interval >= RESTED else base.value


def _reach(register: Register, habits: Habits, base: Series, reading: Reading) -> float:
    """Seconds over which a rise may have been counted: since the figure last changed; but a register that rests as long
    as that by habit, or was never seen to count, did rest, and no more than a day of it is made up for at once."""
    since, step = reading.at - base.changed, reading.at - base.at
    if habits.rises >= KNOWN_AFTER and since > 2 * habits.still:
        return since
    return max(step, min(since, RESTED))


def _a_digit(book: Book, base: Series, reading: Reading) -> bool:
    """A display of few digits turned by one, for the first time."""
    if book.habits.rises >= KNOWN_AFTER:
        return False
    return 0 < reading.value - base.value <= 1.000001 * digit(base.value, reading.value)


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
        leapt = rise > habits.most(register, within) or rise > habits.proven(register, within, reading.at)
        if leapt and still and not _a_digit(book, base, reading):
            start, estimated, cause = base.changed, True, cause or Cause.STUCK
            if not found:
                found = (*found, Finding(Cause.STUCK, base.changed, reading.at))
        elif not estimated:
            habits = habits.rose(rise, reading.at - base.changed)
        changed = reading.at
    after = Series(reading.at, reading.value, changed)
    former = tuple(replace(each, booked=each.booked + rise) for each in book.former)
    booked = Booked(start, reading.at, rise, estimated, cause if estimated or found else None)
    return Step(replace(book, base=after, habits=habits, former=former), (booked,), found)


def stuck(register: Register, book: Book, now: float) -> bool:
    """Whether the figure has stood still for longer than it ever does."""
    return book.base is not None and _stuck(register, book.habits, book.base.changed, now)


def _stuck(register: Register, habits: Habits, changed: float, now: float) -> bool:
    """A day of rest is no fault of a meter that rests every night: one that hardly ever does is believed to be stuck."""
    day = 86_400.0
    if register.always_on:
        return now - changed > max(day / 4, 2 * habits.still)
    return (
        changed - habits.since > 7 * day
        and habits.still <= day / 4
        and now - changed > max(day, 4 * habits.still)
    )


# ------------------------------------------------------------------ readings that do not follow


def _doubted(register: Register, book: Book, base: Series, reading: Reading) -> Step:
    """Keep a reading that does not follow, until enough of them follow one another."""
    chain = 1
    if book.chain:
        last = book.doubted[-1]
        rise = reading.value - last.value
        if 0 <= rise <= _room(register, book, last, reading):
            chain = book.chain + 1
    before, run = book.doubted[: len(book.doubted) + 1 - chain], (*book.doubted, reading)[-chain:]
    before, run = before[:DOUBTED], _kept(run)
    book = replace(book, doubted=(*before, *run), chain=len(run))
    if len({r.value for r in run}) < CONFIRM:
        return Step(book)
    return _another_series(register, book, base, list(run))


def _kept(run: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Of a run that stands still the first and the last reading, of a long one its first and its newest."""
    if len(run) >= 3 and run[-1].value == run[-2].value == run[-3].value:
        run = (*run[:-2], run[-1])
    return (run[0], *run[1 - DOUBTED :]) if len(run) > DOUBTED else run


def _room(register: Register, book: Book, last: Reading, reading: Reading) -> float:
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


def _another_series(register: Register, book: Book, base: Series, run: list[Reading]) -> Step:
    """The register tells another series for good: which one, and what was counted until its first figure."""
    first = run[0]
    most = _most(register, book, base, first)
    if register.end is None:
        most = min(
            most, book.habits.usual(register, first.at - base.at)
        )  # an end that is only guessed must be near
    back = _returned(register, book, run)
    if back is not None:
        return _came_back(register, book, base, back, run)
    if _grown(register, book, base, run):
        return _grew(register, book, base, run)
    if base.value == 0 and not book.habits.rises and _steady(register, book, run):
        return _rebased(
            register, book, base, run, 0.0, Cause.BAD_ZERO, estimated=True
        )  # zero since the first word
    factor = _other_unit(register, book, base, run)
    if factor is not None:
        run = [Reading(r.at, r.value / factor) for r in run]
        coarse = max(book.habits.step, digit(*(r.value * factor for r in run)) / factor)
        book = replace(book, habits=book.habits._replace(step=coarse))
        step = _rebased(register, book, base, run, run[0].value - base.value, Cause.UNIT, estimated=False)
        return step._replace(book=replace(step.book, factor=book.factor * factor))
    if not _steady(register, book, run):
        return Step(book)
    counted = past_the_end(register, base.value, first.value, most)
    if counted is not None:
        return _rebased(register, book, base, run, counted, Cause.ROLLOVER, estimated=False)
    guess = _guess(register, book, base, run)
    if first.value < base.value / 2 and first.value <= _fresh(register, book, base, run):
        return _rebased(register, book, base, run, max(first.value, guess), Cause.RESET, estimated=True)
    return _rebased(register, book, base, run, guess, Cause.REPLACED, estimated=True)


def _guess(register: Register, book: Book, base: Series, run: list[Reading]) -> float:
    """What may have been counted from the base to a run that does not follow it: the mean of the rates before and after
    over some hours, the mean of the last day over more; never more than can be."""
    gap, seconds = run[0].at - base.at, run[-1].at - run[0].at
    rate = book.habits.mean
    if gap <= SHORT and book.habits.rises:
        rate = (book.habits.recent + (run[-1].value - run[0].value) / seconds) / 2
    return min(rate * gap, _most(register, book, base, run[0]))


def _fresh(register: Register, book: Book, base: Series, run: list[Reading]) -> float:
    """The most that a register tells that began again at nothing since the base was read."""
    gap, seconds = run[0].at - base.at, run[-1].at - run[0].at
    rate = max(book.habits.recent, book.habits.mean, (run[-1].value - run[0].value) / seconds)
    return min(book.habits.most(register, gap), 1.5 * rate * gap + 2 * book.habits.step)


def _grown(register: Register, book: Book, base: Series, run: list[Reading]) -> bool:
    """Whether the first figure lies where a run's own rate leads back to: more is consumed than ever before."""
    rise, seconds, step = run[-1].value - run[0].value, run[-1].at - run[0].at, book.habits.step
    if register.rated is not None and not _steady(register, book, run):
        return False
    lead = run[0].value - base.value
    return 0 <= lead <= GROWTH * rise / seconds * _reach(register, book.habits, base, run[0]) + 2 * step


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


def _steady(register: Register, book: Book, run: list[Reading]) -> bool:
    """Whether a run rises no faster than the register can."""
    rise, seconds = run[-1].value - run[0].value, run[-1].at - run[0].at
    return rise <= book.habits.most(register, seconds) + 2 * book.habits.step


def _other_unit(register: Register, book: Book, base: Series, run: list[Reading]) -> float | None:
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


def _returned(register: Register, book: Book, run: list[Reading]) -> Series | None:
    """The former series that a run goes on from; None where it is new."""
    for series in reversed(book.former):
        rise = run[0].value - series.value
        if 0 <= rise <= book.habits.most(register, run[0].at - series.changed) and _steady(
            register, book, run
        ):
            return series
    return None


def _came_back(register: Register, book: Book, base: Series, back: Series, run: list[Reading]) -> Step:
    """What was believed meanwhile was false: the rise of the true series counts, less what was booked since."""
    cause = _looks(Series(back.at, back.value, back.changed), (Reading(base.at, base.value),))
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


def _looks(base: Series, doubted: tuple[Reading, ...]) -> Cause:
    """What false readings were: nothing at all, a fall, or a leap."""
    if all(r.value <= max(NOUGHT, base.value * 1e-3) for r in doubted) and base.value > 0:
        return Cause.BAD_ZERO
    return Cause.BACKWARDS if doubted[0].value < base.value else Cause.JUMP


# ------------------------------------------------------------------ many at once


def booked(register: Register, readings: list[Reading], book: Book = Book()) -> Step:
    """Readings in any order, twice or late: each counts once, in its own place. The last said of an instant counts."""
    at_once = dict(sorted({r.at: r for r in readings}.items()))
    found: list[Finding] = []
    bookings: list[Booked] = []
    for reading in at_once.values():
        step = heard(register, book, reading)
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
