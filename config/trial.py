"""A randomised trial: what is compared, from when on, and what does not count. All of it is fixed before the first day."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Literal

from config.declared import field
from config.saving import NonRoutine
from config.section import Section
from config.values import Day, Name

BLOCK: Final = 84
"""Days of a block: twelve weeks, after which the trial may be looked at (Raftery et al. 2024, Energy and Buildings 111134)."""
TODAY: Final = "today"


class Arm(StrEnum):
    """One side of a trial."""

    TODAY = "today"
    """As the building ran before: its controllers by themselves, every rule of the plan an exemption."""
    POLICY = "policy"
    """The site file in force."""
    DRAFT = "draft"
    """Another site file."""


class Sees(StrEnum):
    """What sensors see of a day, and may explain of its energy beside the weather."""

    PRESENCE = "presence"
    """Somebody is in a zone: nobody comes or stays away by the coin."""
    WINDOWS = "windows"
    """A window is open: people may open more of them under the warmer arm, so it is not the default."""


class Commissioning(Section):
    """Who answers for the days on which the plan's rules are off, why, and until when."""

    approver: str = field(min_length=1)
    reason: str = field(min_length=1)
    until: Day


class Trial(Section):
    """A trial: two arms, of which a coin says whose each day is."""

    name: Name = "trial"
    compare: str = field(TODAY, min_length=1)
    """`today`, or a draft: another site file beside this one."""
    start: Day
    blocks: int = field(2, ge=1, le=13)
    seed: int = field(ge=0, le=2**63 - 1)
    meters: tuple[Name, ...] = ()
    exclude: tuple[Literal["fire", "freeze", "requests"], ...] = ("fire",)
    events: tuple[NonRoutine, ...] = ()
    adjust: tuple[Sees, ...] = (Sees.PRESENCE,)
    commissioning: Commissioning | None = None

    @property
    def draft(self) -> str | None:
        """The draft's file; None where today is compared."""
        return None if self.compare == TODAY else self.compare

    @property
    def arms(self) -> tuple[Arm, Arm]:
        """The reference, and the treatment whose saving is told."""
        return (Arm.TODAY, Arm.POLICY) if self.draft is None else (Arm.POLICY, Arm.DRAFT)

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.start + timedelta(BLOCK * self.blocks)
