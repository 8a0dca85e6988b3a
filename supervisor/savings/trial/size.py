"""How many weeks a trial needs, by this building's own days: what coins would have made of a time in which nothing was tried."""

from __future__ import annotations

import math
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from config.phrase import Phrase
from config.site import Site
from config.trial import BLOCK, Trial
from schedules.time import local_date
from supervisor.savings import account
from supervisor.savings.counted import counted
from supervisor.savings.quantiles import Z
from supervisor.savings.trial.days import Days, Past
from supervisor.savings.trial.draw import drawn, pair
from supervisor.savings.trial.estimate import Estimate, estimate
from supervisor.savings.trial.looks import boundaries
from supervisor.savings.trial.reading import Working
from supervisor.savings.trial.sensed import sensed

POWER: Final = 0.8416
"""Standard deviations by which a saving must exceed what is asked of it, to be seen in four trials out of five."""
MOST: Final = 13
"""Blocks of twelve weeks: three years."""
HISTORY: Final = 5
"""Blocks of the past that are looked at: a year, and a little."""
YEAR: Final = 365
"""Days before them, from which a trial learns what a day of its kind uses."""
TRIES: Final = 8
"""Coins that are thrown over them."""
_DRAWS: Final = 200


class Needed(NamedTuple):
    """What a trial of this building can see."""

    days: int
    """Of the past, that it was reckoned from."""
    mean: float
    """Energy a day, J."""
    scatter: float
    """Standard deviation of what twelve weeks show, as a share of the mean."""
    saving: float
    """The share that is to be seen."""
    blocks: int | None
    """Twelve weeks each, after which it is seen in four trials out of five; None: in none within three years."""

    def detectable(self, blocks: int) -> float:
        """The share that so many blocks show in four trials out of five, 90 % for all looks together."""
        return (boundaries(blocks)[-1] + POWER) * self.scatter / math.sqrt(blocks)

    def half(self, blocks: int) -> float:
        """Half of the interval after so many, as a share."""
        return boundaries(blocks)[-1] * self.scatter / math.sqrt(blocks)


def needed(
    connection: sa.Connection, site: Site, trial: Trial, working: Working, now: float, saving: float
) -> Needed | Phrase:
    """What the days until now say of a trial, or why they say nothing. Raises StoreProblem, BadWeather."""
    today = local_date(now, site.tz)
    days = _past(connection, site, trial, working, today.toordinal())
    known = int(np.isfinite(days.energy).sum())
    for blocks in range(HISTORY, 0, -1):
        lately = days.energy[-BLOCK * blocks :]
        if np.isfinite(lately).mean() >= 0.7:
            found = [
                each for n in range(TRIES) if (each := _thrown(days, blocks, trial.seed + n)) is not None
            ]
            if len(found) == TRIES:
                return _sized(
                    found, blocks, int(np.isfinite(lately).sum()), float(np.nanmean(lately)), saving
                )
    return Phrase(
        f"of the last {BLOCK} days {known if known < BLOCK else 'too few'} have both energy and weather: how this building scatters from day to "
        "day is not known yet; record twelve weeks, or bring them with ledger import",
        f"最近 {BLOCK} 天中同时有能耗和气温的天数不足，尚不知本楼逐日波动：请先记录 12 周，或用 ledger import 导入",
    )  # fmt: skip


def _past(connection: sa.Connection, site: Site, trial: Trial, working: Working, today: int) -> Days:
    """The last days before today as if they were a trial's; what sensors saw, of as many as a trial may take of them."""
    count = YEAR + BLOCK * HISTORY
    dates = [date.fromordinal(today - count + n) for n in range(count)]
    end = date.fromordinal(today)
    energy = [account.daily(connection, site, meter, dates[0], end) for meter in counted(site, trial)]
    means = account.outdoor(connection, site, site.savings, dates[0], end)
    whole = [bool(energy) and all(day in each for each in energy) and day in means for day in dates]
    nothing = np.zeros(count, dtype=bool)
    return Days(
        np.array([sum(e[day] for e in energy) if w else np.nan for day, w in zip(dates, whole, strict=True)], float),
        np.array([means.get(day, np.nan) for day in dates], float),
        np.array([working(day) for day in dates], bool),
        nothing, np.zeros(count, np.int64), nothing, ~nothing, sensed=sensed(connection, site, trial.adjust, dates[YEAR:]),
    )  # fmt: skip


def _thrown(days: Days, blocks: int, seed: int) -> Estimate | None:
    """What these coins show where both arms are the same."""
    n = BLOCK * blocks
    before = slice(-n - YEAR, -n)
    pairs = [pair(day % BLOCK) for day in range(n)]
    treated = [t for block in range(blocks) for t in drawn(seed, block)]
    tried = Days(
        days.energy[-n:], days.temperature[-n:], days.working[-n:], np.array(treated),
        np.array([number + BLOCK * (day // BLOCK) for day, (number, _) in enumerate(pairs)]),
        np.array([earlier for _, earlier in pairs]), days.compared[-n:], idle=int(days.stood[-n]) if days.working[-n] else 0,
        sensed=tuple(each._replace(hours=each.hours[-n:]) for each in days.sensed),
        past=Past(days.energy[before], days.temperature[before], days.working[before], int(days.stood[before][0])),
    )  # fmt: skip
    return estimate(tried, steady=True, draws=_DRAWS)


def _sized(found: list[Estimate], blocks: int, days: int, mean: float, saving: float) -> Needed:
    wide = float(np.mean([each.high - each.low for each in found])) / 2 / Z
    made = Needed(days, mean, wide * math.sqrt(blocks) / mean, saving, None)
    seen = (n for n in range(1, MOST + 1) if made.detectable(n) <= saving)
    return made._replace(blocks=next(seen, None))
