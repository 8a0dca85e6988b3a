"""Meters that are not there: loads of an office by the hour, a register that counts them, and each kind of fault.

Series of them stand in `tests/meters/files/`: `python -m tests.meters.simulated` wrote them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from supervisor.ledger.causes import Cause
from supervisor.ledger.register import Reading, Register
from tests.meters.series import Fault, Series, save

FOLDER: Final = Path(__file__).parent / "files"
MONDAY: Final = 1_772_380_800.0
"""2026-03-02T00:00+08:00."""
HOUR, DAY = 3600.0, 86_400.0
LOADS: Final = {"office": 60.0, "chiller": 180.0, "lights": 12.0, "server": 8.0, "water": 3.0}
"""kW, or m³/h, at their most."""
QUARTER: Final = 900.0


def power(load: str, at: float, dice: random.Random) -> float:
    """kW at an instant: at work, at night, at weekends."""
    hour, day = (at - MONDAY) % DAY / HOUR, int((at - MONDAY) // DAY) % 7
    most = LOADS[load]
    at_work = day < 5 and 8 <= hour < 18
    if load == "server":
        return most * (0.9 + 0.1 * dice.random())
    if load == "chiller":
        season = 60 <= (at - MONDAY) / DAY % 365 < 210
        return most * (0.4 + 0.6 * dice.random()) if at_work and season else 0.0
    base = 0.08 if load == "office" else 0.02
    return most * (base + ((0.6 + 0.3 * dice.random()) if at_work else 0.0))


def clean(load: str, days: float, seed: int, *, interval: float = QUARTER, start: float = 1000.0, step: float = 0.1,
          rated: bool = True, lost: float = 0.002, began: float = MONDAY) -> Series:  # fmt: skip
    """A faultless meter of which now and then one reading is lost."""
    dice = random.Random(f"{load} {seed}")
    made = Series(f"clean-{load}-{seed}", Register(interval, LOADS[load] * 1.25 if rated else None))
    true = 0.0
    for n in range(int(days * DAY / interval) + 1):
        at = began + n * interval
        if n:
            true += power(load, at - interval / 2, dice) * interval / HOUR
        if n and dice.random() < lost:
            continue
        made.readings.append(Reading(at, round((start + true) // step * step, 6)))
        made.true.append(true)
    return made


Break = Callable[[Series, random.Random], None]
"""Breaks a series: its readings and its list of faults."""


def _mid(series: Series, dice: random.Random, share: tuple[float, float] = (0.4, 0.7)) -> int:
    """A row in the middle, on a working day at work."""
    low, high = (int(len(series.readings) * s) for s in share)
    rows = [n for n in range(low, high) if 9 <= (series.readings[n].at - MONDAY) % DAY / HOUR < 16
            and (series.readings[n].at - MONDAY) // DAY % 7 < 5]  # fmt: skip
    return dice.choice(rows)


def _change(
    series: Series, first: int, after: Callable[[Reading], float | None], count: int | None = None
) -> None:
    """Put other figures into rows; None drops them."""
    last = len(series.readings) if count is None else first + count
    kept: list[Reading] = []
    true: list[float] = []
    for n, reading in enumerate(series.readings):
        value = after(reading) if first <= n < last else reading.value
        if value is not None:
            kept.append(Reading(reading.at, value))
            true.append(series.true[n])
    series.readings, series.true = kept, true


def _fault(series: Series, cause: Cause, first: int, last: int) -> None:
    at = [r.at for r in series.readings]
    series.faults.append(Fault(cause, at[first], at[min(last, len(at) - 1)]))


def rollover(end: float, told: bool) -> Break:
    """The register passes its end in the middle."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        shift = end - series.readings[n].value - 0.1
        if told:
            series.register = Register(series.register.interval, series.register.rated, end)
        _change(series, 0, lambda r: round((r.value + shift) % end, 6))
        figures = [r.value for r in series.readings]
        for row in (k for k in range(1, len(figures)) if figures[k] < figures[k - 1]):
            _fault(series, Cause.ROLLOVER, row - 1, row)

    return broken


def zeroes(minutes: float) -> Break:
    """A gateway answers 0 while it boots."""

    def broken(series: Series, dice: random.Random) -> None:
        n, count = _mid(series, dice), max(1, round(minutes * 60 / series.register.interval))
        _fault(series, Cause.BAD_ZERO, n, n + count)
        _change(series, n, lambda r: 0.0, count)

    return broken


def silent(hours: float) -> Break:
    """Nothing comes for hours; the register goes on."""

    def broken(series: Series, dice: random.Random) -> None:
        n, count = _mid(series, dice), round(hours * HOUR / series.register.interval)
        _fault(series, Cause.SILENT, n - 1, n + count)
        _change(series, n, lambda r: None, count)

    return broken


def replaced(figure: float) -> Break:
    """A used meter counts on from another figure."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        shift = figure - series.readings[n].value
        _fault(series, Cause.REPLACED, n - 1, n)
        _change(series, n, lambda r: round(r.value + shift, 6))

    return broken


def reset(series: Series, dice: random.Random) -> None:
    """The register begins again at nothing."""
    n = _mid(series, dice)
    at = series.readings[n - 1].value
    _fault(series, Cause.RESET, n - 1, n)
    _change(series, n, lambda r: round(r.value - at, 6))


def jump(by: float) -> Break:
    """One reading leaps and the next is right again."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        _fault(series, Cause.JUMP, n, n + 1)
        _change(series, n, lambda r: r.value + by, 1)

    return broken


def backwards(by: float) -> Break:
    """Two readings fall, and the next is right again."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        _fault(series, Cause.BACKWARDS, n, n + 2)
        _change(series, n, lambda r: r.value - by, 2)

    return broken


def unit(factor: float) -> Break:
    """Somebody sets the meter to another unit, or scale."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice)
        _fault(series, Cause.UNIT, n - 1, n)
        _change(series, n, lambda r: r.value * factor)

    return broken


def stuck(days: float) -> Break:
    """The figure stands still, and leaps to the truth afterwards."""

    def broken(series: Series, dice: random.Random) -> None:
        n, count = _mid(series, dice, (0.5, 0.7)), round(days * DAY / series.register.interval)
        held = series.readings[n].value
        _fault(series, Cause.STUCK, n, n + count)
        _change(series, n, lambda r: held, count)

    return broken


def shuffled(series: Series, dice: random.Random) -> None:
    """Readings come late and in any order, some of them twice."""
    rows = list(zip(series.readings, series.true, strict=True))
    rows += dice.sample(rows, len(rows) // 20)
    dice.shuffle(rows)
    series.readings, series.true = [r for r, _ in rows], [t for _, t in rows]


def share(left: float) -> Break:
    """Of three phases one or two are not measured any more."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice, (0.5, 0.65))
        at = series.readings[n].value
        _fault(series, Cause.PHASE, n, len(series.readings))
        _change(series, n, lambda r: round(at + (r.value - at) * left, 1))

    return broken


def leak(flow: float) -> Break:
    """From one day on water runs at all hours, m³/h, by night as by day."""

    def broken(series: Series, dice: random.Random) -> None:
        n = _mid(series, dice, (0.5, 0.65))
        at = series.readings[n].at
        _fault(series, Cause.LEAK, n, len(series.readings))
        for k, reading in enumerate(series.readings):
            if reading.at > at:
                lost = flow * (reading.at - at) / HOUR
                series.readings[k] = Reading(reading.at, round((reading.value + lost) // 0.001 * 0.001, 6))
                series.true[k] += lost

    return broken


KINDS: Final[dict[str, Break]] = {
    "rollover-told": rollover(1e6, told=True),
    "rollover-untold": rollover(1e6, told=False),
    "wrap-16-bit": rollover(6553.6, told=False),
    "wrap-32-bit": rollover(2.0**32 * 0.01, told=False),
    "zeroes": zeroes(45),
    "disconnected-6h": silent(6),
    "used-meter": replaced(48_211.7),
    "used-meter-lower": replaced(412.3),
    "reset": reset,
    "leap-15-MWh": jump(15_000.0),
    "backwards": backwards(250.0),
    "unit-Wh": unit(1000.0),
    "scale-tenth": unit(0.1),
    "stuck": stuck(3.0),
    "shuffled": shuffled,
    "phase": share(2 / 3),
    "two-phases": share(1 / 3),
}


WATER: Final[dict[str, Break]] = {"leak": leak(0.4), "leak-small": leak(0.15)}
"""What happens to water only."""


def broken(kind: str, seed: int, *, days: float = 21, load: str = "office", rated: bool = True) -> Series:
    """A meter with one fault of a kind."""
    load, step = ("water", 0.001) if kind in WATER else (load, 0.1)
    series = clean(load, days, seed, rated=rated, start=3000.0, lost=0.0, step=step)
    series.unit = "m3" if load == "water" else "kWh"
    series.name = f"{kind}-{seed}"
    {**KINDS, **WATER}[kind](series, random.Random(f"{kind} {seed}"))
    return series


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    made = [broken(kind, seed, days=18, rated=seed == 1) for kind in {**KINDS, **WATER} for seed in (1, 2)]
    made += [clean(load, 14, seed, rated=seed < 8) for load in ("office", "chiller") for seed in (6, 7, 8)]
    made += [clean(load, 14, 9, rated=False) for load in ("lights", "server")]
    made += [clean("office", 7, 10, interval=300.0), clean("server", 7, 11, interval=300.0, step=1.0)]
    for series in made:
        with (FOLDER / f"{series.name}.csv").open("w", encoding="utf-8", newline="") as file:
            save(series, file)
    print(f"{len(made)} series in {FOLDER}")


if __name__ == "__main__":
    main()
