"""Sensors that stick and devices that drop, by seed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.faults import Faults, edges, hours, outages
from simulator.people.character import Failing

SENSORS = [f"room-{n}/temperature" for n in range(200)]
DEVICES = [f"ddc-{n}" for n in range(50)]
BEGIN, END = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2026, 2027))


def test_the_same_seed_breaks_the_same_things_and_another_does_not() -> None:
    """Neither the order of the ids nor the period that is asked for changes what happens on a date."""
    whole = outages(1, Faults(), SENSORS, DEVICES, BEGIN, END)
    assert outages(1, Faults(), SENSORS[::-1], DEVICES[::-1], BEGIN, END) == whole
    assert outages(2, Faults(), SENSORS, DEVICES, BEGIN, END) != whole
    june, july = (datetime(2026, month, 1, tzinfo=UTC).timestamp() for month in (6, 7))
    assert outages(1, Faults(), SENSORS, DEVICES, june, july) == [
        outage for outage in whole if outage.begin < july and outage.end > june
    ]


def test_things_fail_as_often_and_as_long_as_is_said() -> None:
    """A sensor once a year for a day, a device every sixty days for three hours, on average."""
    found = outages(1, Faults(), SENSORS, DEVICES, BEGIN, END)
    stuck = [outage for outage in found if outage.what == "stuck"]
    silent = [outage for outage in found if outage.what == "silent"]
    assert len(stuck) == pytest.approx(200, rel=0.2)
    assert len(silent) == pytest.approx(50 * 365 / 60, rel=0.2)
    assert hours(found, "stuck", BEGIN, END) / len(stuck) == pytest.approx(24.5, rel=0.15)
    assert hours(found, "silent", BEGIN, END) / len(silent) == pytest.approx(3.05, rel=0.15)


def test_never_often_and_what_ends_comes_first() -> None:
    """Nothing fails in a perfect building; a neglected one fails more; edges come in order of time."""
    assert outages(1, Faults.named(Failing.NEVER), SENSORS, DEVICES, BEGIN, END) == []
    often = outages(1, Faults.named(Failing.OFTEN), SENSORS, DEVICES, BEGIN, END)
    assert len(often) > 5 * len(outages(1, Faults.named(Failing.USUAL), SENSORS, DEVICES, BEGIN, END))
    told = edges(often)
    assert len(told) == 2 * len(often)
    assert [edge.time for edge in told] == sorted(edge.time for edge in told)
    one = [edge.on for edge in told if edge.id == DEVICES[0]]
    assert one == [True, False] * (len(one) // 2)
