"""What was reckoned of the building's savings last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.phrase import Phrase
from supervisor.telling.snapshot import SavingStatus

if TYPE_CHECKING:
    from supervisor.savings.baseline import Refused, Saving

METHOD, TRIAL = "baseline", "trial"


@dataclass(slots=True)
class Saved:
    """The newest result; None until it was reckoned, or where the site file names no baseline."""

    last: Saving | Refused | None = None
    trial: SavingStatus | None = None
    """What the last look of a trial shows, of the days that its treatment was in force."""

    def told(self) -> Mapping[str, SavingStatus]:
        """By method, for metrics and page."""
        s, found = self.last, {}
        if s is not None and s.refused is None:
            found[METHOD] = SavingStatus(s.baseline, s.saved, s.low, s.high)
        if self.trial is not None:
            found[TRIAL] = self.trial
        return found

    @property
    def refused(self) -> Phrase | None:
        """Why there is no figure, where one was asked for."""
        return self.last.refused if self.last is not None else None
