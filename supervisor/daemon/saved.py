"""What was reckoned of the building's savings last, and how its year stands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.phrase import Phrase
from supervisor.telling.snapshot import SavingStatus, YearStatus

if TYPE_CHECKING:
    from supervisor.savings.baseline import Refused, Saving
    from supervisor.savings.plan import Stand

METHOD, TRIAL, MODEL = "baseline", "trial", "model"


@dataclass(slots=True)
class Saved:
    """The newest results; nothing until they were reckoned, or where the site file asks for none."""

    last: Saving | Refused | None = None
    """Against the baseline."""
    others: dict[str, SavingStatus] = field(default_factory=dict)
    """By the other methods, `trial` and `model`."""
    years: Mapping[str, Stand] = field(default_factory=dict)
    """This year against its targets, by `area` and `head`."""
    due: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where something changed what was reckoned: readings were imported."""

    def told(self) -> Mapping[str, SavingStatus]:
        """By method, for metrics and page."""
        s = self.last
        if s is None or s.refused is not None:
            return dict(self.others)
        from supervisor.ledger.statistics import heat

        one = heat(s.carrier)
        if one is None:  # water is no energy
            return dict(self.others)
        return {METHOD: SavingStatus(*(one * x for x in (s.baseline, s.saved, s.low, s.high))), **self.others}

    def yearly(self) -> Mapping[str, YearStatus]:
        """The year per area and per head, for metrics and page."""
        found = {}
        for per, (progress, ahead) in self.years.items():
            forecast = None if ahead.refused is not None else ahead.reduction
            unbooked = progress.lacks[0] if progress.reduction is not None else None
            found[per] = YearStatus(progress.target, progress.reduction, forecast, unbooked)
        return found

    @property
    def refused(self) -> Phrase | None:
        """Why there is no figure, where one was asked for."""
        return self.last.refused if self.last is not None else None
