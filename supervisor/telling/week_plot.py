"""A zone's week as a drawing: the shapes of an SVG, in numbers, so that a page may fill them in without a style of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from config.phrase import Lang
from config.rules import RuleId
from supervisor.telling.limits import Limit
from supervisor.telling.week import STEP, Held, Week
from supervisor.telling.words import rule_title, word

WIDTH, HEIGHT = 960.0, 372.0
LEFT, RIGHT, TOP, FLOOR = 66.0, 8.0, 10.0, 236.0
"""The plot of temperatures is between `TOP` and `FLOOR`; lanes stand beneath it."""
LANE, LANES = 22.0, 254.0
PEOPLE, HVAC, SETPOINT, LIGHTS = "people", "hvac", "setpoint", "lights"
SHADES = 8
"""Fills that the style sheet has for rules: `rule-0` to `rule-7`."""
_EVERY = 3
"""Five minutes to a drawn point: 670 points a line are two a pixel of a telephone."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a lane: its class, and what it says."""

    x: float
    width: float
    y: float
    shade: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the grid with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A level line from `x` to `end` with its label."""

    x: float
    end: float
    at: float
    label: str


@dataclass(slots=True)
class Plot:
    """What is drawn."""

    label: str
    known: int
    of: int
    temperature: list[str] = field(default_factory=list)
    cooling: list[str] = field(default_factory=list)
    heating: list[str] = field(default_factory=list)
    gaps: list[Box] = field(default_factory=list)
    limits: list[Stretch] = field(default_factory=list)
    unknown: list[Stretch] = field(default_factory=list)
    """Where the day's limit is not on record."""
    across: list[Mark] = field(default_factory=list)
    up: list[Mark] = field(default_factory=list)
    lanes: list[Mark] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    key: list[tuple[str, str]] = field(default_factory=list)
    """Class of a fill, and the rule that it stands for."""


def plot(week: Week, limits: Sequence[Limit], tz: ZoneInfo, lang: Lang, name: str) -> Plot:
    """Of a zone's week; `limits` are the temperatures that a rule held settings to, each for its days."""
    drawn = Plot(f"{name}: {word('z_week', lang)}", week.known, len(week.temperature))
    values = [
        *(v for line in (week.temperature, week.cooling, week.heating) for v in line if v is not None),
        *(limit.value for limit in limits if limit.value is not None),
    ]  # fmt: skip
    low, high = _range(values)

    def y(value: float) -> float:
        return round(FLOOR - (value - low) / (high - low) * (FLOOR - TOP), 1)

    drawn.across = [Mark(y(v), f"{v:g}") for v in _ticks(low, high)]
    drawn.limits = [
        Stretch(_x(week, max(of.start, week.start)), _x(week, of.end), y(of.value), f"{of.value:g} °C")
        for of in limits
        if of.value is not None
    ]
    drawn.unknown = [
        Stretch(_x(week, max(of.start, week.start)), _x(week, of.end), TOP, word("z_no_limit", lang))
        for of in limits
        if of.value is None
    ]
    drawn.up = [Mark(_x(week, at), label) for at, label in _midnights(week, tz)]
    drawn.temperature = [_points(run, y) for run in _runs(week.temperature)]
    drawn.cooling = [_points(run, y) for run in _runs(week.cooling)]
    drawn.heating = [_points(run, y) for run in _runs(week.heating)]
    drawn.gaps = [
        Box(_of_slot(week, a), _of_slot(week, b) - _of_slot(week, a), TOP, "gap", word("z_gap", lang))
        for a, b in _stretches(week.temperature, None)
    ]
    lanes = (PEOPLE, HVAC, SETPOINT, LIGHTS)
    drawn.lanes = [Mark(LANES + LANE * n, word(f"z_{lane}", lang)) for n, lane in enumerate(lanes)]
    drawn.boxes = [*_people(week, lang), *_held(week, drawn, tz, lang)]
    return drawn


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Whole degrees around them, at least six."""
    low, high = (min(values), max(values)) if values else (18.0, 28.0)
    low, high = float(int(low // 1) - 1), float(int(-(-high // 1)) + 1)
    return (low, high) if high - low >= 6 else (low - 2, low + 6)


def _ticks(low: float, high: float) -> list[float]:
    step = 2 if high - low <= 16 else 5
    return [float(v) for v in range(int(low), int(high) + 1) if v % step == 0]


def _x(week: Week, at: float) -> float:
    return round(LEFT + (at - week.start) / (week.end - week.start) * (WIDTH - LEFT - RIGHT), 1)


def _of_slot(week: Week, slot: float) -> float:
    return _x(week, week.start + slot * STEP)


def _midnights(week: Week, tz: ZoneInfo) -> Iterator[tuple[float, str]]:
    day = datetime.fromtimestamp(week.start, tz).replace(hour=0, minute=0, second=0, microsecond=0)
    while (day := day + timedelta(days=1)).timestamp() < week.end:
        yield day.timestamp(), f"{day:%m-%d}"


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Stretches that are known, each as (five minutes, value)."""
    for known, rows in groupby(enumerate(values), lambda row: row[1] is not None):
        if known:
            yield [(slot, value) for slot, value in rows if value is not None]


def _points(run: list[tuple[int, float]], y: object) -> str:
    """A polyline's points: every third value, and the last."""
    assert callable(y)
    wide = (WIDTH - LEFT - RIGHT) * STEP / (7 * 86400.0)
    kept = [row for n, row in enumerate(run) if n % _EVERY == 0 or n == len(run) - 1]
    kept += [(kept[0][0] + 1, kept[0][1])] if len(kept) == 1 else []
    return " ".join(f"{LEFT + slot * wide:.1f},{y(value):.1f}" for slot, value in kept)


def _stretches(values: Sequence[float | None], wanted: float | None) -> Iterator[tuple[int, int]]:
    """(first, after the last) of each stretch of a value."""
    for same, rows in groupby(range(len(values)), lambda n: values[n] == wanted):
        slots = list(rows)
        if same:
            yield slots[0], slots[-1] + 1


def _people(week: Week, lang: Lang) -> Iterator[Box]:
    if all(value is None for value in week.people):
        yield Box(LEFT, WIDTH - LEFT - RIGHT, LANES, "gap", word("z_unknown", lang))
        return
    for wanted, shade, said in ((1.0, "people", "present"), (None, "gap", "z_unknown")):
        for a, b in _stretches(week.people, wanted):
            x = _of_slot(week, a)
            yield Box(x, max(_of_slot(week, b) - x, 0.5), LANES, shade, word(said, lang))


def _held(week: Week, drawn: Plot, tz: ZoneInfo, lang: Lang) -> Iterator[Box]:
    rules = sorted({held.rule for held in week.held}, key=_order)
    shades = {rule: f"rule-{n % SHADES}" for n, rule in enumerate(rules)}
    drawn.key = [(shades[rule], _title(rule, lang)) for rule in rules]
    rows = {HVAC: 1, SETPOINT: 2, LIGHTS: 3}
    for held in week.held:
        x = max(_x(week, held.start), LEFT)
        wide = max(_x(week, held.end) - x, 1.0)
        said = f"{_title(held.rule, lang)} · {_span(held, tz)}"
        if held.dry:
            said += f" · {word('dry', lang)}"
        yield Box(
            x, wide, LANES + LANE * rows[held.what], shades[held.rule] + (" dry" if held.dry else ""), said
        )


def _order(rule: str) -> int:
    known = list(RuleId)
    return known.index(RuleId(rule)) if rule in known else len(known)


def _title(rule: str, lang: Lang) -> str:
    return rule_title(RuleId(rule), lang) if rule in list(RuleId) else rule


def _span(held: Held, tz: ZoneInfo) -> str:
    start, end = (datetime.fromtimestamp(at, tz) for at in (held.start, held.end))
    return f"{start:%m-%d %H:%M} – {end:%m-%d %H:%M}"
