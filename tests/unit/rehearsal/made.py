"""Records of offices that were never there, lived by the built-in plant with parameters that are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from simulator.plant.building import Building, Terminal, Zone
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.model import meters
from supervisor.rehearsal.model.drive import lived
from supervisor.rehearsal.model.fit import every, of_theta
from supervisor.rehearsal.model.parameters import BY_GROUP, OF_BUILDING, PLACES, groups
from supervisor.rehearsal.model.record import PER_HOUR, STEP, Floats, Record

CHINA = dt.timezone(dt.timedelta(hours=8))
WAYS = ("south", "east", "north", "west")
OFF = {
    "loss": 0.3,
    "mass": 0.3,
    "inner": 0.3,
    "sun": 0.3,
    "cooling": 0.3,
    "heating": 0.3,
    "slab": 0.3,
}
"""By how much, as a logarithm, a made office differs from what is thought beforehand; every other group the other way."""


def office(zones: int) -> Building:
    """Rooms with split units on the ground, facing all ways."""
    return Building(
        tuple(
            Zone.facing(f"z{n:02}", 30.0 + n % 4, WAYS[n % 4], terminal=Terminal("split"), ground_area=30.0)
            for n in range(zones)
        )
    )


def off(building: Building) -> Floats:
    """Parameters some 30 % from what is thought beforehand, above and below in turn."""
    alike = groups(building)
    truth = np.array([p.prior for p in every(len(alike))])
    for group in range(len(alike)):
        for name, by in OFF.items():
            truth[group * len(BY_GROUP) + PLACES[name]] += by if group % 2 else -by
    truth[-len(OF_BUILDING) :] += (0.3, -0.3, 2.0, 0.3, -0.3, 0.3, 0.25, 0.25, -0.3)
    return truth


def schedule(building: Building, days: int, month: int, day: int = 6) -> Record:
    """Weeks of an ordinary office, of which only what acts on it is known."""
    start = dt.datetime(2026, month, day, tzinfo=CHINA).timestamp()
    heats = month in (11, 12, 1, 2, 3)
    count, steps = len(building.zones), days * 24 * PER_HOUR
    local = (start + np.arange(steps) * STEP + 8 * 3600.0) / 86_400.0
    hour, workday = (local % 1.0) * 24.0, (np.floor(local) + 3) % 7 < 5
    runs = np.tile(((hour >= 8.0) & (hour < 18.5) & workday)[:, None], (1, count))
    inside = np.tile(((hour >= 9.0) & (hour < 17.5) & workday)[:, None], (1, count)) * 1.0
    full, ones = np.array([zone.people for zone in building.zones]), np.ones((steps, count))
    return Record(
        start, tuple(zone.id for zone in building.zones), np.full((steps, count), np.nan),
        np.round(inside * full * 0.8), 0.0 * ones, runs * 1.0, 0.1 + 0.8 * inside, runs, np.full((steps, count), not heats),
        np.full((steps, count), heats), 22.0 * ones, 22.0 * ones, np.zeros((steps, 0), dtype=np.bool_), SyntheticShanghai(1), {},
    )  # fmt: skip


def recorded(building: Building, truth: Floats, record: Record, seed: int = 0) -> Record:
    """What sensors (0.1 K) and meters (2 %) of the building at `truth` say of it."""
    random = np.random.default_rng(seed)
    found = lived([of_theta(building, groups(building), truth)], record)
    hvac = meters.counted(found, "hvac", np.zeros(3))[0].sum(axis=1)
    lamps = meters.counted(found, "lighting_socket", np.zeros(3))[0].sum(axis=1)
    return replace(
        record,
        air=found.air[0] + random.normal(0.0, 0.1, found.air[0].shape),
        meters={"hvac": hvac * random.normal(1.0, 0.02, hvac.shape), "lighting_socket": lamps},
    )
