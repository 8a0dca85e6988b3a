"""What sensors saw of a trial's days: read out of the store, taken out where no coin moved it, and told either way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from config.load import load_text
from config.site import Site
from config.trial import BLOCK, Sees
from schedules.time import instant_of
from supervisor.savings.trial.days import Days, Sensed
from supervisor.savings.trial.estimate import estimate
from supervisor.savings.trial.reading import days_lived
from supervisor.savings.trial.record import Drawn, Lived, Record, as_drawn, draw
from supervisor.savings.trial.sensed import sensed
from supervisor.savings.trial.told import sensed_told
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting, Sample
from supervisor.store.writer import Store
from tests.unit.savings.test_trial import office
from tests.unit.savings.test_trial_lived import TEXT

START = date(2026, 7, 6)
SENSORS = TEXT.replace(
    "      temperature: analog-input:0\n",
    "      temperature: analog-input:0\n      occupancy: {object: binary-input:1, invert: true}\n      window: binary-input:2\n",
).replace(
    "zones: {room: {hours: office, equipment: {vrf: ddc/0}}}",
    "zones: {room: {hours: office, equipment: {vrf: ddc/0}}, hall: {hours: office, equipment: {vrf: ddc/100}}}",
)


def site(text: str = SENSORS) -> Site:
    """A room and a hall, each with a presence sensor (inverted) and a window contact."""
    loaded = load_text(text, "site.yaml")
    assert loaded.site is not None, loaded.problems
    return loaded.site


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty database."""
    opened = Store("sqlite://", inline=True)
    opened.open()
    yield opened
    opened.close()


def _point(place: Site, zone: str, role: str) -> str:
    return next(p.id for p in place.points.values() if p.zone == zone and p.role == role)


async def _kept(
    store: Store, samples: list[Sample], booked: list[tuple[float, float, float, bool, str]]
) -> None:
    posting = Posting("main", (), tuple(booked), (), None)
    await store.change(partial(readings.keep, batch=Batch(tuple(samples), (posting,))))


def _days_of(place: Site, hours: list[float], *, zones: tuple[str, ...] = ("room", "hall")) -> list[Sample]:
    """Somebody comes at nine each day and stays so long; the sensors are inverted: 0 is somebody."""
    samples = []
    for zone in zones:
        point = _point(place, zone, "occupancy")
        samples.append(Sample(point, instant_of(START, 0, place.tz), 1.0))
        for n, stays in enumerate(hours):
            nine = instant_of(START + timedelta(n), 540, place.tz)
            samples += [Sample(point, nine, 0.0), Sample(point, nine + 3600 * stays, 1.0)]
    return samples


async def test_a_days_presence_is_that_of_all_zones_with_a_sensor(store: Store) -> None:
    """Two zones, eight hours and then six and a half: 16 and 13 zone-hours, inverted sensors or not."""
    place = site()
    samples = _days_of(place, [8.0, 6.5])
    samples.append(
        Sample(_point(place, "room", "occupancy"), instant_of(START + timedelta(3), 0, place.tz), 1.0)
    )
    samples.append(
        Sample(_point(place, "hall", "occupancy"), instant_of(START + timedelta(3), 0, place.tz), 1.0)
    )
    await _kept(store, samples, [])
    dates = [START + timedelta(n) for n in range(2)]
    (found, windows) = store.read_now(lambda c: sensed(c, place, (Sees.PRESENCE, Sees.WINDOWS), dates))
    assert found.hours == pytest.approx([16.0, 13.0])
    assert np.isnan(windows.hours).all()  # nobody ever heard of a window


async def test_a_day_that_sensors_hardly_measured_has_none(store: Store) -> None:
    """One of two sensors is not heard from half past nine on: seven tenths of the day are known, three quarters are asked."""
    place = site()
    samples = _days_of(place, [8.0, 8.0, 8.0])
    room = _point(place, "room", "occupancy")
    lost = instant_of(START + timedelta(1), 570, place.tz)
    samples = [s for s in samples if not (s.series == room and s.at >= lost)]
    samples.append(Sample(room, lost, None))
    await _kept(store, samples, [])
    dates = [START + timedelta(n) for n in range(3)]
    (found,) = store.read_now(lambda c: sensed(c, place, (Sees.PRESENCE,), dates))
    assert found.hours[0] == pytest.approx(16.0)
    assert np.isnan(found.hours[1:]).tolist() == [True, True]


def test_a_building_without_sensors_has_nothing_to_take_out(store: Store) -> None:
    """No zone has one: no day is measured."""
    (found,) = store.read_now(lambda c: sensed(c, site(TEXT), (Sees.PRESENCE,), [START]))
    assert np.isnan(found.hours).all()


def crowded(seed: int, saved: float = 0.0, moved: float = 0.0) -> tuple[Days, float, float]:
    """An office in which each zone-hour with somebody in costs; `moved`: by how many of them the treatment brings more."""
    days, truth, mean = office(seed, saved)
    draw = np.random.default_rng((seed, 9))
    hours = np.where(days.working, 40 + 6 * draw.standard_normal(days.energy.size), 0.0)
    hours = hours + moved * days.treated * days.working
    return (
        days._replace(
            energy=days.energy + 25 * (hours - 40) * days.working, sensed=(Sensed(Sees.PRESENCE, hours),)
        ),
        truth,
        mean,
    )


def test_presence_that_explains_a_day_makes_the_interval_narrower() -> None:
    """With what sensors saw it has the truth in it and is two thirds as wide, or less."""
    days, truth, _ = crowded(3, 0.15)
    plain, taken = (estimate(each, steady=True, draws=300) for each in (days._replace(sensed=()), days))
    assert plain is not None
    assert taken is not None
    assert taken.taken[0].used
    assert taken.high - taken.low < 0.67 * (plain.high - plain.low)
    assert taken.low <= truth <= taken.high
    said = sensed_told(taken.taken[0])
    assert said == ("the hours with somebody in taken out", "已扣除有人时长的影响")


def test_what_an_arm_moves_is_not_taken_out_of_it() -> None:
    """Six more zone-hours a day under the treatment: they are part of what it does, and that is told."""
    days, _, _ = crowded(3, 0.15, moved=6.0)
    plain, kept = (estimate(each, steady=True, draws=300) for each in (days._replace(sensed=()), days))
    assert plain is not None
    assert kept is not None
    (seen,) = kept.taken
    assert not seen.used
    assert kept.saved == plain.saved
    assert "the arms differ in it" in sensed_told(seen).en
    assert "两组之间本身不同" in sensed_told(seen).zh


def test_sensors_that_measured_too_few_days_take_nothing_out() -> None:
    """A quarter of the days with work unknown: the estimate is that without sensors, and says on how many days they measured."""
    days, _, _ = crowded(3, 0.15)
    gone = np.where(np.arange(days.energy.size) % 4 == 0, np.nan, days.sensed[0].hours)
    got = estimate(days._replace(sensed=(Sensed(Sees.PRESENCE, gone),)), steady=True, draws=200)
    plain = estimate(days._replace(sensed=()), steady=True, draws=200)
    assert got is not None
    assert plain is not None
    assert (got.saved, got.low) == (plain.saved, plain.low)
    assert "measured it on 7" in sensed_told(got.taken[0]).en
    assert "工作日有传感器数据" in sensed_told(got.taken[0]).zh


async def test_a_trial_takes_presence_out_of_what_its_meters_said(store: Store, tmp_path: Path) -> None:
    """From the site file to the look: sensors and meter in the store, the schedule with its terms, and the look that says what it took out."""
    (tmp_path / "days.csv").write_text("2025-01-01,3.0\n")
    savings = f"savings: {{baseline: {{from: 2025-01-01, to: 2025-12-31}}, weather: {tmp_path}/days.csv}}\n"
    place = site(SENSORS + savings)
    assert place.trial is not None
    schedule = draw(place, place.trial, None)
    assert schedule.terms["adjust"] == ["presence"]
    random = np.random.default_rng(1)
    stays = [
        float(random.uniform(4, 10)) if (START + timedelta(n)).weekday() < 5 else 0.1 for n in range(BLOCK)
    ]
    booked, lines = [], []
    for n, hours in enumerate(stays):
        start, end = (instant_of(START + timedelta(n + k), 0, place.tz) for k in (0, 1))
        kwh = (
            100
            + 20 * hours * (1 if (START + timedelta(n)).weekday() < 5 else 0)
            + 3 * random.standard_normal()
        )
        booked.append((start, end, kwh * 3.6e6, False, ""))
        lines.append(f"{START + timedelta(n)},{20 + 2 * random.standard_normal():.1f}")
    (tmp_path / "days.csv").write_text("\n".join(lines) + "\n")
    await _kept(store, _days_of(place, stays), booked)
    lived = _all_lived(schedule)
    working = lambda day: day.weekday() < 5  # noqa: E731
    days, why = store.read_now(lambda c: days_lived(c, place, lived, working, START + timedelta(BLOCK)))
    assert not any(why)
    found, without = (estimate(each, steady=True, draws=300) for each in (days, days._replace(sensed=())))
    assert found is not None
    assert without is not None
    assert [(t.name, t.used) for t in found.taken] == [(Sees.PRESENCE, True)]
    assert found.high - found.low < 0.5 * (without.high - without.low)


def _all_lived(schedule: Drawn) -> Record:
    tz = site().tz
    lived = []
    for n, arm in enumerate(schedule.days[1]):
        at = instant_of(schedule.start + timedelta(n), 0, tz)
        lived.append(Lived(schedule.start + timedelta(n), arm, at, at + 8 * 3600, dry=False))
    return Record(schedule, tuple(lived))


def test_what_is_taken_out_is_fixed_with_the_schedule() -> None:
    """Another list is another hash and is told; a trial drawn before there was a choice goes on as it was."""
    place, other = site(), site(SENSORS.replace("  seed: 2\n", "  seed: 2\n  adjust: [presence, windows]\n"))
    assert place.trial is not None
    assert other.trial is not None
    first, second = draw(place, place.trial, None), draw(other, other.trial, None)
    assert first.hash != second.hash
    assert as_drawn(first, place.trial)
    assert not as_drawn(first, other.trial)
    early = first._replace(terms={k: v for k, v in first.terms.items() if k != "adjust"})
    assert as_drawn(early, other.trial)
