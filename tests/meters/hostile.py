"""Meters as the field has them, beyond those in the tree: two faults at once, odd registers, clocks that are wrong."""

from __future__ import annotations

import random
from typing import Final

from supervisor.ledger.causes import Cause
from supervisor.ledger.register import Reading
from tests.meters.series import Fault, Series
from tests.meters.simulated import (
    DAY,
    HOUR,
    KINDS,
    QUARTER,
    Break,
    _change,
    _fault,
    _mid,
    backwards,
    clean,
    jump,
    replaced,
    reset,
    rollover,
    silent,
    stuck,
    unit,
    zeroes,
)  # fmt: skip


def then(*breaks: Break) -> Break:
    """One fault after another, each in a part of the series of its own."""

    def broken(series: Series, dice: random.Random) -> None:
        whole = list(zip(series.readings, series.true, strict=True))
        size, offset = len(whole) // len(breaks), 0.0
        done: list[tuple[Reading, float]] = []
        faults: list[Fault] = []
        for n, each in enumerate(breaks):
            rows = whole[n * size : (n + 1) * size if n + 1 < len(breaks) else None]
            part = Series("", series.register, [Reading(r.at, round(r.value + offset, 6)) for r, _ in rows],
                          [t for _, t in rows])  # fmt: skip
            last = part.readings[-1].value
            each(part, dice)
            offset += part.readings[-1].value - last
            done += zip(part.readings, part.true, strict=True)
            faults += part.faults
            series.register = part.register
        series.readings, series.true, series.faults = [r for r, _ in done], [t for _, t in done], faults

    return broken


def while_silent(hours: float, other: Break, cause: Cause) -> Break:
    """A fault of which nobody saw the moment: nothing was read for hours around it."""

    def broken(series: Series, dice: random.Random) -> None:
        other(series, dice)
        at = series.faults[-1].end
        kept = [(r, t) for r, t in zip(series.readings, series.true, strict=True)
                if abs(r.at - at) > hours * HOUR / 2]  # fmt: skip
        series.readings, series.true = [r for r, _ in kept], [t for _, t in kept]
        times = [r.at for r in series.readings]
        row = next(n for n, t in enumerate(times) if t > at)
        series.faults = [Fault(c, times[row - 1], times[row]) for c in (cause, Cause.SILENT)]

    return broken


def cached(hours: float) -> Break:
    """The gateway is cut off from its meter and repeats the last figure; the truth comes at once afterwards."""

    def broken(series: Series, dice: random.Random) -> None:
        n, count = _mid(series, dice), round(hours * HOUR / series.register.interval)
        held = series.readings[n].value
        _fault(series, Cause.STUCK, n, n + count)
        _change(series, n, lambda r: held, count)

    return broken


def rubbish(series: Series, dice: random.Random) -> None:
    """Not a number, infinite, negative, here and there."""
    for n in dice.sample(range(1, len(series.readings) - 1), 20):
        series.readings[n] = Reading(
            series.readings[n].at, dice.choice([float("nan"), float("inf"), -1.0, -1e9])
        )


def lost_ones(series: Series, dice: random.Random) -> None:
    """A reading in fifty is lost."""
    for n in sorted(
        dice.sample(range(1, len(series.readings) - 1), len(series.readings) // 50), reverse=True
    ):
        if n + 2 < len(series.readings):
            del series.readings[n], series.true[n]


def jitter(series: Series, dice: random.Random) -> None:
    """Polled by a loop that is busy: each reading is some seconds late, by up to a fifth of the interval."""
    series.readings = [
        Reading(r.at + dice.random() * series.register.interval * 0.2, r.value) for r in series.readings
    ]


def clock_off(series: Series, dice: random.Random) -> None:
    """The gateway's clock is an hour ahead for three hours, and set right again: stamps go back by an hour."""
    n, count = _mid(series, dice), round(3 * HOUR / series.register.interval)
    rows = [(Reading(r.at + HOUR, r.value) if n <= k < n + count else r, t)
            for k, (r, t) in enumerate(zip(series.readings, series.true, strict=True))]  # fmt: skip
    series.readings, series.true = [r for r, _ in rows], [t for _, t in rows]


def told_twice(series: Series, dice: random.Random) -> None:
    """Rows come twice, the first time with an older figure, the second time right."""
    rows: list[tuple[Reading, float]] = []
    for n, (reading, true) in enumerate(zip(series.readings, series.true, strict=True)):
        if n > 3 and dice.random() < 0.02:
            rows.append((Reading(reading.at, series.readings[n - 2].value), true))
        rows.append((reading, true))
    series.readings, series.true = [r for r, _ in rows], [t for _, t in rows]


def nothing(series: Series, dice: random.Random) -> None:
    """No fault."""


def zero_days(series: Series, dice: random.Random) -> None:
    """A gateway answers 0 for two days."""
    zeroes(2 * 24 * 60)(series, dice)


def nearly_zero(series: Series, dice: random.Random) -> None:
    """It answers 0.0, 0.1, … of a register that it made up, and then the true one."""
    n = _mid(series, dice)
    _fault(series, Cause.BAD_ZERO, n, n + 2)
    _change(series, n, lambda r: 0.1, 2)


def and_back(other: Break, days: float) -> Break:
    """A change of the whole series that is undone after some days: both are faults of the same cause."""

    def broken(series: Series, dice: random.Random) -> None:
        was = {r.at: r.value for r in series.readings}
        other(series, dice)
        fault = series.faults[0]
        times = [r.at for r in series.readings]
        row = next(n for n, t in enumerate(times) if t >= fault.end + days * DAY)
        series.readings = [r if r.at < times[row] else Reading(r.at, was[r.at]) for r in series.readings]
        _fault(series, fault.cause, row - 1, row)

    return broken


def rounded(factor: float, places: int) -> Break:
    """Set to another unit, and told to a few places only."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        _fault(series, Cause.UNIT, n - 1, n)
        _change(series, n, lambda r: round(r.value * factor, places))

    return broken


def lasting(count: int, by: float) -> Break:
    """A leap, or a fall, for many readings that go on rising."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        _fault(series, Cause.JUMP if by > 0 else Cause.BACKWARDS, n, n + count)
        _change(series, n, lambda r: round(r.value + by, 6), count)

    return broken


def early(n: int, by: float) -> Break:
    """A leap among the first readings."""

    def broken(series: Series, dice: random.Random) -> None:
        _fault(series, Cause.JUMP, n, n + 1)
        _change(series, n, lambda r: r.value + by, 1)

    return broken


def zero_early(series: Series, dice: random.Random) -> None:
    """The gateway boots with us: its first answers are 0."""
    _fault(series, Cause.BAD_ZERO, 0, 3)
    _change(series, 0, lambda r: 0.0, 3)


HOSTILE: Final[dict[str, Break]] = {
    **KINDS,
    "clean": nothing,
    "wrap-while-silent": while_silent(6, rollover(1e6, told=True), Cause.ROLLOVER),
    "wrap-while-silent-untold": while_silent(6, rollover(1e6, told=False), Cause.ROLLOVER),
    "wrap-16-bit-tenth": rollover(6553.6, told=False),
    "wrap-16-bit-whole": rollover(65_536.0, told=False),
    "wrap-32-bit-tenth": rollover(2.0**32 * 0.1, told=False),
    "wrap-32-bit-whole": rollover(2.0**32, told=False),
    "wrap-100000": rollover(1e5, told=False),
    "replaced-while-silent": while_silent(4, replaced(812_345.0), Cause.REPLACED),
    "replaced-lower-silent": while_silent(4, replaced(412.0), Cause.REPLACED),
    "replaced-close-above": replaced(3_900.0 + 500),
    "replaced-million": replaced(1_234_567.8),
    "reset-while-silent": while_silent(2, reset, Cause.RESET),
    "zeroes-5": zeroes(5),
    "zeroes-180": zeroes(180),
    "zero-days": zero_days,
    "nearly-zero": nearly_zero,
    "silent-days": silent(60),
    "silent-2h": silent(2),
    "cached-6h": cached(6),
    "cached-30h": cached(30),
    "leap-2^32": jump(2.0**32),
    "leap-100": jump(2_000),
    "backwards-20": backwards(40.0),
    "unit-MWh": unit(0.001),
    "unit-GJ-MWh": unit(3.6),
    "unit-MWh-GJ": unit(1 / 3.6),
    "unit-kWh-GJ": unit(0.0036),
    "unit-GJ-kWh": unit(1000 / 3.6),
    "unit-J": unit(3.6e6),
    "unit-10": unit(10.0),
    "unit-100": unit(100.0),
    "unit-and-back": and_back(unit(1000.0), 1.0),
    "unit-and-back-tenth": and_back(unit(0.1), 1.0),
    "unit-MWh-rounded": rounded(0.001, 2),
    "unit-MWh-coarse": rounded(0.001, 1),
    "leap-5": lasting(5, 15_000.0),
    "leap-20": lasting(20, 15_000.0),
    "backwards-10": lasting(10, -700.0),
    "leap-early": early(4, 15_000.0),
    "zeroes-early": zero_early,
    "rubbish": rubbish,
    "lost": lost_ones,
    "jitter": jitter,
    "clock-off": clock_off,
    "told-twice": told_twice,
    "silent-then-leap": then(silent(6), jump(15_000.0)),
    "zeroes-then-reset": then(zeroes(45), reset),
    "two-replaced": then(replaced(48_211.0), replaced(120.0)),
    "reset-then-zeroes": then(reset, zeroes(30)),
    "stuck-then-silent": then(stuck(2.5), silent(6)),
}


def made(kind: str, seed: int, *, load: str = "office", days: float = 42, rated: bool = True, interval: float = QUARTER,
         step: float = 0.1) -> Series:  # fmt: skip
    """A meter with the faults of a kind."""
    series = clean(load, days, seed, rated=rated, start=3000.0, lost=0.0, interval=interval, step=step)
    series.name = f"{kind}-{load}-{seed}"
    HOSTILE[kind](series, random.Random(f"{kind} {seed} {load}"))
    return series
