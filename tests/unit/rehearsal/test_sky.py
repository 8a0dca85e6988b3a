"""The weather of a record: measured where it was, and the sun that a thermometer suggests."""

from __future__ import annotations

import numpy as np

from schedules.time import DAY
from simulator.weather import SHANGHAI, SyntheticShanghai
from supervisor.rehearsal.model.sky import Estimated, Recorded

START = 1_783_267_200.0
"""2026-07-06T00:00+08:00."""
TIMES = START + np.arange(0.0, 10 * DAY, 300.0)


def test_the_estimated_sun_is_near_the_suns_own_sum() -> None:
    """Ten days of July by their daily ranges alone: global radiation within a third of what fell."""
    truth = SyntheticShanghai(1)
    there = truth.series(TIMES)
    found = Estimated(TIMES, there.dry_bulb, SHANGHAI).series(TIMES)
    fell, told = ((s.direct_normal + s.diffuse).sum() for s in (there, found))
    assert abs(told / fell - 1.0) < 0.35


def test_a_day_with_a_wider_range_is_brighter() -> None:
    """Clear days warm up and cool down; under cloud the thermometer hardly moves."""
    swing = np.where(TIMES < START + 5 * DAY, 1.0, 6.0) * np.cos((TIMES - START) / DAY * 2 * np.pi)
    found = Estimated(TIMES, 25.0 - swing, SHANGHAI).series(TIMES)
    whole = found.direct_normal + found.diffuse
    assert whole[TIMES >= START + 5 * DAY].sum() > 1.5 * whole[TIMES < START + 5 * DAY].sum()


def test_what_was_measured_goes_before_the_file() -> None:
    """The outdoor sensor's temperature within the record, the file's beyond it, and a warmer sky over warmer air."""
    base = SyntheticShanghai(1)
    there = base.series(TIMES)
    weather = Recorded(base, TIMES, there.dry_bulb + 3.0)
    found = weather.series(TIMES)
    assert np.allclose(found.dry_bulb, there.dry_bulb + 3.0)
    assert (found.infrared > there.infrared).all()
    later = np.array([TIMES[-1] + DAY])
    assert weather.series(later).dry_bulb == base.series(later).dry_bulb
