"""What came of a rehearsal: plain figures that travel between processes and into every kind of output."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulator.comfort import CLO, CLO_MILD, MET
from simulator.plant.base import END_USES
from supervisor.rehearsal.account import COLD, HOT, HOUR, PASSED_THROUGH, Account, Floats
from supervisor.rehearsal.scenario import Scenario

_SUMMED = (
    "gas", "water", "occupied_hours", "open_hours", "hot_kelvin_hours", "cold_kelvin_hours", "asked", "dissatisfied",
    "exception_hours", "hours", "stuck_hours", "silent_hours",
)  # fmt: skip
_BY_NAME = ("energy", "violation_hours", "set_but_off_hours", "blocked_hours", "enforcements", "writes")
_BY_HOUR = ("uses", "gas_hours", "violations", "air", "outdoor")
_SENSED = ("air", "outdoor")
SEEN = "seen"
"""People as presence sensors saw them."""
HVAC = ("cooling", "heating", "fans", "pumps")


@dataclass(frozen=True, slots=True)
class Result:
    """One run. Energy in kWh, water in m³, times in hours; arrays by hour of the whole period.

    Hours that an interrupted run did not live are NaN in `air` and `outdoor`, 0 elsewhere.
    """

    label: str
    building: str
    name: str
    weather: str
    seed: int
    first: dt.date
    last: dt.date
    hours: int
    """Whole hours lived; fewer than the period has if it was interrupted."""
    complete: bool
    zones: tuple[str, ...]
    energy: Mapping[str, float]
    """Electricity by end use, kWh."""
    gas: float
    water: float
    occupied_hours: float
    """Zone-hours with somebody in."""
    open_hours: float
    """Zone-hours that rooms in which people stay were open, of what was lived."""
    people: str
    """How careful they were, and the share of the opening hours in which offices stood empty as a whole (0: nothing said)."""
    empty: float
    hot_kelvin_hours: float
    cold_kelvin_hours: float
    asked: float
    """Persons asked how they feel, four times an hour."""
    dissatisfied: float
    """% dissatisfied, summed over those persons."""
    exception_hours: float
    stuck_hours: float
    """Sensor-hours in which a sensor stood still, and device-hours in which a device did not answer."""
    silent_hours: float
    violation_hours: Mapping[str, float]
    set_but_off_hours: Mapping[str, float]
    """Zone-hours in which a setting broke a limit while its unit was off; none of the violation's."""
    blocked_hours: Mapping[str, float]
    enforcements: Mapping[str, float]
    writes: Mapping[str, int]
    uses: Floats
    """(hours, end uses) kWh."""
    gas_hours: Floats
    violations: Floats
    air: np.ndarray[Any, np.dtype[np.float32]]
    """(hours, zones) °C."""
    outdoor: np.ndarray[Any, np.dtype[np.float32]]

    @property
    def electricity(self) -> float:
        """kWh of electricity in all."""
        return sum(self.energy.values())

    @property
    def ppd(self) -> float:
        """Mean over persons and time, %; NaN where nobody was ever in."""
        return self.dissatisfied / self.asked if self.asked else float("nan")

    @property
    def hvac(self) -> float:
        """kWh of electricity and gas that heats, cools and moves air and water."""
        return sum(self.energy[use] for use in HVAC) + self.gas


def result_of(
    scenario: Scenario, account: Account, zones: tuple[str, ...], failed: tuple[float, float]
) -> Result:
    """The figures of an account. `failed`: sensor-hours stuck, device-hours silent."""
    n = account.hours_done
    return Result(
        label=scenario.label,
        building=scenario.site.building,
        name=scenario.site.name or scenario.site.building,
        weather=scenario.weather.label,
        seed=scenario.seed,
        first=scenario.first,
        last=scenario.last,
        hours=n,
        complete=n >= scenario.hours,
        zones=zones,
        energy={use: float(account.uses[:n, i].sum()) for i, use in enumerate(END_USES)},
        gas=float(account.gas[:n].sum()),
        water=float(account.water[:n].sum()),
        occupied_hours=account.occupied_seconds / HOUR,
        open_hours=_open_hours(scenario, n),
        people=scenario.people.value if scenario.seen is None else SEEN,
        empty=scenario.habits.empty if scenario.seen is None else scenario.seen.empty,
        hot_kelvin_hours=account.hot_seconds / HOUR,
        cold_kelvin_hours=account.cold_seconds / HOUR,
        asked=account.asked,
        dissatisfied=account.dissatisfied,
        exception_hours=account.exception_seconds / HOUR,
        stuck_hours=failed[0],
        silent_hours=failed[1],
        violation_hours=account.by_rule("violation"),
        set_but_off_hours=account.by_rule("set_but_off"),
        blocked_hours=account.by_rule("blocked"),
        enforcements=account.by_rule("enforced"),
        writes=dict(sorted(account.tally.totals().writes.items())),
        uses=account.uses,
        gas_hours=account.gas,
        violations=account.violations,
        air=account.air,
        outdoor=account.outdoor,
    )


def unlived(result: Result) -> Result:
    """The result of the same run, had it been ended before its first hour."""
    nothing: dict[str, Any] = dict.fromkeys(_SUMMED, 0.0)
    nothing |= {name: dict.fromkeys(getattr(result, name), 0) for name in _BY_NAME}
    nothing |= {name: np.zeros_like(getattr(result, name)) for name in _BY_HOUR}
    nothing |= {name: np.full_like(getattr(result, name), np.nan) for name in _SENSED}
    return replace(result, complete=False, **(nothing | {"hours": 0}))


def _open_hours(scenario: Scenario, hours: int) -> float:
    until = scenario.start + hours * HOUR
    seconds: dict[str, float] = {}
    for group, table in scenario.days.tables.items():
        spans = (
            span
            for day in range(-1, (scenario.last - scenario.first).days + 1)
            for span in table.day(scenario.first + dt.timedelta(days=day)).intervals
        )
        seconds[group] = sum(max(0.0, min(end, until) - max(begin, scenario.start)) for begin, end in spans)
    stayed_in = (zone for zone in scenario.site.zones.values() if zone.kind not in PASSED_THROUGH)
    return sum(seconds[zone.hours] for zone in stayed_in) / HOUR


def joined(parts: Sequence[Result]) -> Result:
    """The parts of one run, in the order of their days, as one."""
    first = parts[0]
    if len(parts) == 1:
        return first

    changed: dict[str, Any] = {name: sum(getattr(part, name) for part in parts) for name in _SUMMED}
    changed |= {name: _added([getattr(part, name) for part in parts]) for name in _BY_NAME}
    changed |= {name: np.concatenate([getattr(part, name) for part in parts]) for name in _BY_HOUR}
    return replace(first, last=parts[-1].last, complete=all(part.complete for part in parts), **changed)


def _added(tables: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Figures by name, added up; in the order in which they first come."""
    found: dict[str, float] = {}
    for table in tables:
        for name, value in table.items():
            found[name] = found.get(name, 0) + value
    return found


def as_json(result: Result) -> dict[str, Any]:
    """One run as `simulate --format json` prints it."""
    return {
        "label": result.label,
        "hours": result.hours,
        "complete": result.complete,
        "energy_kwh": {**_rounded(result.energy), "electricity": _round(result.electricity)},
        "gas_kwh": _round(result.gas),
        "hvac_kwh": _round(result.hvac),
        "water_m3": _round(result.water),
        "people": {"kind": result.people, "rooms_empty": result.empty or None},
        "comfort": {
            "occupied_hours": _round(result.occupied_hours),
            "open_hours": _round(result.open_hours),
            f"kelvin_hours_above_{HOT:.0f}": _round(result.hot_kelvin_hours),
            f"kelvin_hours_below_{COLD:.0f}": _round(result.cold_kelvin_hours),
            "ppd_percent": _round(result.ppd),
            "met": MET,
            "clo": {**CLO, "mild": CLO_MILD},
            "exception_hours": _round(result.exception_hours),
        },
        "faults": {
            "sensor_hours_stuck": _round(result.stuck_hours),
            "device_hours_silent": _round(result.silent_hours),
        },
        "compliance": {
            "violation_hours": _rounded(result.violation_hours),
            "set_but_off_hours": _rounded(result.set_but_off_hours),
            "blocked_hours": _rounded(result.blocked_hours),
            "enforcements": {rule: int(count) for rule, count in sorted(result.enforcements.items())},
            "writes": dict(result.writes),
        },
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _round(value) for name, value in values.items()}


def _round(value: float) -> float | None:
    """To 0.001: below that the figures mean nothing. None for what is not known."""
    return round(value, 3) if np.isfinite(value) else None
