"""What a trial learns from the year before its first day: out of the ledger, where its schedule says so, and told either way."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from config.load import load_text
from config.site import Site
from schedules.time import instant_of
from supervisor.savings.trial.days import Past
from supervisor.savings.trial.reading import days_lived
from supervisor.savings.trial.record import YEAR_BEFORE, Record, draw
from supervisor.savings.trial.told import before_told
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting
from supervisor.store.writer import Store
from tests.unit.savings.test_trial_lived import TEXT

START = date(2026, 7, 6)
WEATHER = "savings: {baseline: {from: 2025-01-01, to: 2025-12-31}, weather: days.csv}\n"


def _site(folder: Path) -> Site:
    lines = [f"{START + timedelta(n)},{20 + n % 7}" for n in range(-365, 14)]
    (folder / "days.csv").write_text("\n".join(lines) + "\n")
    loaded = load_text(TEXT + WEATHER, str(folder / "site.yaml"))
    assert loaded.site is not None, loaded.problems
    return loaded.site


def _working(day: date) -> bool:
    return day.weekday() < 5


async def test_the_year_before_is_read_where_the_schedule_says_so(tmp_path: Path) -> None:
    """Three hundred days of 100 kWh before the first day; a trial that was drawn when nothing was learnt from them learns nothing."""
    place = _site(tmp_path)
    assert place.trial is not None
    schedule = draw(place, place.trial.model_copy(update={"start": START}), None)
    assert schedule.terms[YEAR_BEFORE] is True
    day = 86400.0
    first = instant_of(START - timedelta(300), 0, place.tz)
    booked = tuple((first + n * day, first + (n + 1) * day, 100 * 3.6e6, False, "") for n in range(300))
    store = Store("sqlite://", inline=True)
    store.open()
    try:
        await store.change(
            partial(
                readings.keep,
                batch=Batch(postings=(Posting(next(iter(place.meters)), (), booked, (), None),)),
            )
        )

        def past(of: Record) -> Past | None:
            days, _ = store.read_now(lambda c: days_lived(c, place, of, _working, START + timedelta(1)))
            return days.past

        known = past(Record(schedule))
        assert known is not None
        assert known.known == 300
        assert known.energy.size == 365
        assert np.nanmean(known.energy) == pytest.approx(100 * 3.6e6)
        assert known.working[-3:].tolist() == [True, False, False]
        terms = {key: value for key, value in schedule.terms.items() if key != YEAR_BEFORE}
        assert past(Record(schedule._replace(terms=terms))) is None
    finally:
        store.close()


def test_whether_it_was_enough_is_told() -> None:
    """Two hundred and seventy days are."""
    assert before_told(270).en == "what a day of its kind uses is learnt from the year before: 270 days"
    assert "269 days of it have energy and weather, and 270 are needed" in before_told(269).en
