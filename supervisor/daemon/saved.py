"""What was reckoned of the building's savings last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.phrase import Phrase
from supervisor.savings.baseline import Refused, Saving
from supervisor.telling.snapshot import SavingStatus

METHOD = "baseline"


@dataclass(slots=True)
class Saved:
    """The newest result; None until it was reckoned, or where the site file names no baseline."""

    last: Saving | Refused | None = None

    def told(self) -> Mapping[str, SavingStatus]:
        """By method, for metrics and page."""
        s = self.last
        if not isinstance(s, Saving):
            return {}
        return {METHOD: SavingStatus(s.baseline, s.saved, s.low, s.high)}

    @property
    def refused(self) -> Phrase | None:
        """Why there is no figure, where one was asked for."""
        return self.last.why if isinstance(self.last, Refused) else None
