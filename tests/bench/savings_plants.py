"""What the policy saves on both plants: `make savings-plants`, or `python -m tests.bench.savings_plants`.

The same small office (`small_office.yaml`), weather, people and seed; as people run it today, under the whole policy,
and under one rule at a time, the others being exempted. EnergyPlus steps six times an hour here.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from config.load import load_text
from config.rules import RuleId
from simulator.plant.kind import PlantKind
from supervisor.rehearsal.fleet import run_here
from supervisor.rehearsal.job import Job
from supervisor.rehearsal.result import HVAC, Result
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


def jobs(plant: PlantKind, options: argparse.Namespace) -> list[Job]:
    """A job a case."""
    physical = building() if plant is PlantKind.RC and not options.plain else None
    return [
        Job(
            site_text(rules, options.timesteps), str(SITE), name, name != TODAY, options.first, options.last,
            options.weather, options.seed, plant=plant, building=physical,
        )
        for name, rules in CASES.items()
        if not options.cases or name in options.cases or name == TODAY
    ]  # fmt: skip


def hvac(result: Result) -> float:
    """kWh, gas included."""
    return sum(result.energy[use] for use in HVAC) + result.gas


def table(results: Mapping[PlantKind, list[Result]]) -> list[str]:
    """Both plants' columns: HVAC kWh, saved against today in per cent, and the difference in points."""
    rc, model = results[PlantKind.RC], results[PlantKind.ENERGYPLUS]
    lines = [f"{'':14}{'rc kWh':>10}{'E+ kWh':>10}{'rc saves':>10}{'E+ saves':>10}{'apart':>8}"]
    for ours, theirs in zip(rc, model, strict=True):
        saved = [100.0 * (1.0 - hvac(r) / hvac(first)) for r, first in ((ours, rc[0]), (theirs, model[0]))]
        apart = saved[0] - saved[1]
        far = "" if abs(apart) <= NEAR else "  more than 8 apart"
        lines.append(
            f"{ours.label:14}{hvac(ours):10.0f}{hvac(theirs):10.0f}{saved[0]:9.1f}%{saved[1]:9.1f}%{apart:+8.1f}{far}"
        )
    lines.append("")
    lines.append(
        f"{'kWh':14}{'plant':>6}"
        + "".join(f"{use:>10}" for use in (*HVAC, "gas", "lights", "K·h hot", "K·h cold"))
    )
    for kind, runs in results.items():
        for run in runs:
            uses = (
                *(run.energy[use] for use in HVAC),
                run.gas,
                run.energy["lights"],
                run.hot_kelvin_hours,
                run.cold_kelvin_hours,
            )
            short = "rc" if kind is PlantKind.RC else "E+"
            lines.append(f"{run.label:14}{short:>6}" + "".join(f"{value:10.0f}" for value in uses))
    return lines


def main() -> int:
    """Print the table; 1 where the plants are further apart than they should be on any case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2026, 1, 1))
    parser.add_argument("--last", type=dt.date.fromisoformat, default=dt.date(2026, 12, 31))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weather", type=Path, help="an EPW file; default the synthetic Shanghai year")
    parser.add_argument("--timesteps", type=int, default=6, help="EnergyPlus's steps an hour")
    parser.add_argument("--cases", nargs="*", default=[], choices=list(CASES))
    parser.add_argument("--plain", action="store_true", help="the built-in plant by the site file alone")
    options = parser.parse_args()
    loaded = load_text(site_text(None, options.timesteps), str(SITE))
    assert loaded.site is not None, loaded.problems
    began = time.perf_counter()
    work = {kind: jobs(kind, options) for kind in PlantKind}
    done = run_here([job for group in work.values() for job in group], lambda _share: None, workers=2)
    rest = iter(done)
    results = {kind: [next(rest) for _ in group] for kind, group in work.items()}
    print(
        f"{SITE.name}, {done[0].weather}, {options.first} to {options.last}, seed {options.seed}; HVAC, gas included"
    )
    print("\n".join(table(results)))
    print(f"{len(done)} runs in {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
