"""What the nights do with the audit: walk its chain, and let go of what has been kept long enough."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from schedules.time import Instant
from supervisor.store import proving, retiring
from supervisor.store.signing import signer_of
from supervisor.store.writer import Store

PAUSE: Final = 0.005
"""Seconds left to others after each 500 rows of the audit."""


def month_before(now: Instant, tz: ZoneInfo, years: int) -> Instant:
    """The beginning of the month that lies so many years before now, by the building's clock: rows go by whole months."""
    local = datetime.fromtimestamp(now, tz)
    return datetime(local.year - years, local.month, 1, tzinfo=tz).timestamp()


async def walk(store: Store, folder: Path) -> proving.Walk:
    """The audit, walked a slice at a time. `folder` holds the key that may have signed. Raises StoreProblem, OSError."""
    signer = signer_of(folder)
    trusted = [signer.public] if signer is not None else []
    walked = await store.read(partial(proving.begin, trusted=trusted))
    while not walked.over:
        walked = await store.read(partial(proving.walk_on, walk=walked))
        await asyncio.sleep(PAUSE)
    return walked


async def retire(store: Store, folder: Path, before: Instant) -> retiring.Retired | None:
    """Let go of what is older than a site instant, under a signed checkpoint; None where nothing is.

    Only rows that are sound go, and none behind one that is not: what shows that somebody was there stays. What an earlier
    night signed for and did not come to take away goes first. Raises StoreProblem, OSError.
    """
    await _take_away(store)
    signer = signer_of(folder)
    begun = await store.read(partial(proving.begin, trusted=[signer.public] if signer is not None else []))
    survey = retiring.Survey(begun)
    while not survey.over and survey.walk.broken is None:
        survey = await store.read(partial(retiring.survey_on, survey=survey, before=before))
        await asyncio.sleep(PAUSE)
    if survey.found is None:
        return None
    signer = signer or signer_of(folder, make=True)
    assert signer is not None
    await store.change(partial(retiring.sign, retired=survey.found, signer=signer, made=time.time()))
    await _take_away(store)
    return survey.found


async def _take_away(store: Store) -> None:
    left = True
    while left:
        left = await store.change(retiring.take_away)
        await asyncio.sleep(PAUSE)
