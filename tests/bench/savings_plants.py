"""What the policy saves on both plants: `make savings-plants`, or `python -m tests.bench.savings_plants`.

The same small office (`small_office.yaml`), weather, people and seed; as people run it today, under the whole policy,
and under one rule at a time, the others being exempted. EnergyPlus steps six times an hour here.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from config.load import load_text
from config.rules import RuleId
from simulator.plant.kind import PlantKind
from supervisor.rehearsal.fleet import run_here
from supervisor.rehearsal.job import Job
from supervisor.rehearsal.result import HVAC, Result, joined
from tests.bench.small_office import building

SITE = Path(__file__).with_name("small_office.yaml")
TODAY = "today"
CASES: Mapping[str, frozenset[RuleId] | None] = {
    TODAY: frozenset(),
    "whole policy": None,
    "setpoints": frozenset({RuleId.SUMMER_SETPOINT, RuleId.WINTER_SETPOINT}),
    "early off": frozenset({RuleId.PRE_CLOSE_OFF}),
    "mild season": frozenset({RuleId.MILD_SEASON_OFF}),
    "vacancy": frozenset({RuleId.VACANCY_OFF}),
    "windows": frozenset({RuleId.WINDOW_OFF}),
}
"""The rules in force; None is all."""
_LEFT_OUT = (
    RuleId.WINDOW_OFF, RuleId.PRE_CLOSE_OFF, RuleId.LIGHTS_CLOSE, RuleId.VACANCY_OFF, RuleId.MILD_SEASON_OFF,
    RuleId.SUMMER_SETPOINT, RuleId.WINTER_SETPOINT,
)  # fmt: skip
Pair: TypeAlias = tuple[Result, Result]
"""The built-in plant's and EnergyPlus's."""
WEEKS = tuple(dt.date(2026, month, day) for month, day in ((1, 12), (4, 13), (7, 13), (10, 12)))
"""Mondays, one a season."""
NEAR = 8.0
"""Percentage points within which the plants should agree."""


def site_text(rules: frozenset[RuleId] | None, timesteps: int) -> str:
    """The site file with every other rule exempted."""
    text = SITE.read_text(encoding="utf-8")
    text = text.replace("  model: small_office\n", f"  model: small_office\n  timesteps: {timesteps}\n")
    if rules is None:
        return text
    others = ", ".join(rule for rule in _LEFT_OUT if rule not in rules)
    return text + (
        f"exemptions:\n  - {{zones: [core, south, east, north, west], rules: [{others}], "
        "reason: one rule at a time, approver: bench, until: 2099-12-31}\n"
    )


def jobs(plant: PlantKind, case: str, options: argparse.Namespace) -> list[Job]:
    """One case on one plant: the period, or the sample weeks."""
    physical = building() if plant is PlantKind.RC and not options.plain else None
    week = dt.timedelta(days=6)
    spans = [(first, first + week) for first in WEEKS] if options.weeks else [(options.first, options.last)]
    text = site_text(CASES[case], options.timesteps)
    return [
        Job(
            text,
            str(SITE),
            case,
            case != TODAY,
            first,
            last,
            options.weather,
            options.seed,
            plant=plant,
            building=physical,
        )
        for first, last in spans
    ]


def run(case: str, options: argparse.Namespace) -> Pair:
    """A case on both plants."""
    work = [jobs(plant, case, options) for plant in PlantKind]
    rest = iter(run_here([job for group in work for job in group], lambda _share: None, 2))
    ours, theirs = (joined([next(rest) for _ in group]) for group in work)
    return ours, theirs


def hvac(result: Result) -> float:
    """kWh, gas included."""
    return sum(result.energy[use] for use in HVAC) + result.gas


HEAD = f"{'':13}{'rc kWh':>9}{'E+ kWh':>9}{'rc saves':>10}{'E+ saves':>10}{'apart':>8}"


def row(pair: Pair, today: Pair) -> tuple[str, float]:
    """A case's HVAC kWh on both plants, what each saves against today in per cent, and the difference in points."""
    saved = [100.0 * (1.0 - hvac(lived) / hvac(base)) for lived, base in zip(pair, today, strict=True)]
    apart = saved[0] - saved[1]
    far = "" if abs(apart) <= NEAR else f"  more than {NEAR:.0f}"
    figures = f"{hvac(pair[0]):9.0f}{hvac(pair[1]):9.0f}{saved[0]:9.1f}%{saved[1]:9.1f}%{apart:+8.1f}"
    return f"{pair[0].label:13}{figures}{far}", apart


def uses(pairs: Sequence[Pair]) -> Iterator[str]:
    """Where the energy goes, and what it does to comfort: a line a case and plant."""
    yield f"{'kWh':13}{'':4}" + "".join(
        f"{name:>9}" for name in (*HVAC, "gas", "lights", "K·h hot", "K·h cold")
    )
    for pair in pairs:
        for name, lived in zip(("rc", "E+"), pair, strict=True):
            figures = (*(lived.energy[use] for use in HVAC), lived.gas, lived.energy["lights"])
            comfort = (lived.hot_kelvin_hours, lived.cold_kelvin_hours)
            yield f"{lived.label:13}{name:4}" + "".join(f"{value:9.0f}" for value in (*figures, *comfort))


def main() -> int:
    """Print the tables; 1 where the plants are further apart on a case than they should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2026, 1, 1))
    parser.add_argument("--last", type=dt.date.fromisoformat, default=dt.date(2026, 12, 31))
    parser.add_argument(
        "--weeks", action="store_true", help="four sample weeks, one a season: minutes, not an hour"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weather", type=Path, help="an EPW file; default the synthetic Shanghai year")
    parser.add_argument("--timesteps", type=int, default=6, help="EnergyPlus's steps an hour")
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--plain", action="store_true", help="the built-in plant by the site file alone")
    options = parser.parse_args()
    loaded = load_text(site_text(None, options.timesteps), str(SITE))
    assert loaded.site is not None, loaded.problems
    began, furthest = time.perf_counter(), 0.0
    pairs: list[Pair] = []
    period = (
        f"weeks from {', '.join(map(str, WEEKS))}" if options.weeks else f"{options.first} to {options.last}"
    )
    print(f"{SITE.name}, {period}, seed {options.seed}; HVAC, gas included")
    for case in (TODAY, *(name for name in options.cases if name != TODAY)):
        pairs.append(run(case, options))
        if len(pairs) == 1:
            print(f"weather: {pairs[0][0].weather}\n{HEAD}")
        line, apart = row(pairs[-1], pairs[0])
        furthest = max(furthest, abs(apart))
        print(line, flush=True)
    print("\n".join(["", *uses(pairs)]))
    print(
        f"{2 * len(pairs)} runs in {time.perf_counter() - began:.0f} s; at most {furthest:.1f} points apart"
    )
    return int(furthest > NEAR)


if __name__ == "__main__":
    sys.exit(main())
