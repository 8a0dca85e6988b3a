"""Readings of points that are no meters: enough to tell a day by, and no more than a disk holds."""

from __future__ import annotations

from pathlib import Path

from config.load import load
from config.points import Point
from config.roles import Role
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.ledger.samples import EVERY, Samples

OFFICE = Path(__file__).resolve().parents[3] / "config/examples/office.yaml"


class Room:
    """The office's first points of two roles, and what is sampled of them."""

    def __init__(self) -> None:
        site = load(OFFICE).site
        assert site is not None
        self.known = Known(site)
        self.samples = Samples(site.points)
        self.temperature = self._first(Role.TEMPERATURE)
        self.occupancy = self._first(Role.OCCUPANCY)

    def _first(self, role: Role) -> Point:
        return next(p for p in self.known.site.points.values() if p.role is role)

    def says(self, point: Point, value: float | bool | None, at: float) -> None:
        """A point is read."""
        quality = Quality.GOOD if value is not None else Quality.FAULT
        self.known.put_value(point.id, value, quality, at)
        self.samples.heard((point.id,), self.known.readings, at)


def test_a_thermometer_that_tells_each_hundredth_is_kept_every_five_minutes() -> None:
    """An hour of changes every ten seconds: thirteen samples, the first and the last of them at its ends."""
    room = Room()
    for n in range(361):
        room.says(room.temperature, 20.0 + n / 100, n * 10.0)
    assert [s.at for s in room.samples.take()] == [n * EVERY for n in range(13)]


def test_what_a_number_stands_at_is_kept_however_soon_it_came() -> None:
    """A setpoint is corrected from 22 to 26 within a minute and stands so all night: 26 is what is on record."""
    room = Room()
    for value, at in ((22.0, 0.0), (24.0, 20.0), (26.0, 40.0)):
        room.says(room.temperature, value, at)
    room.samples.heard((), room.known.readings, 290.0)
    assert [s.value for s in room.samples.take()] == [22.0]
    for at in (300.0, 310.0, 900.0):
        room.samples.heard((), room.known.readings, at)
    assert [(s.at, s.value) for s in room.samples.take()] == [(40.0, 26.0)]


def test_that_a_number_is_not_known_is_kept_at_once_and_so_is_its_return() -> None:
    """Else the share of time for which it was known could not be told."""
    room = Room()
    for value, at in ((20.0, 0.0), (None, 30.0), (20.5, 60.0)):
        room.says(room.temperature, value, at)
    assert [(s.at, s.value is None) for s in room.samples.take()] == [
        (0.0, False),
        (30.0, True),
        (60.0, False),
    ]


def test_somebody_who_comes_and_goes_is_kept_each_time() -> None:
    """States are few, and each counts."""
    room = Room()
    for n in range(6):
        room.says(room.occupancy, n % 2 == 0, n * 20.0)
    assert len(room.samples.take()) == 6
