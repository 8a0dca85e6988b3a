"""The names of the plants, apart from them: a command line that only names one need not load any."""

from __future__ import annotations

from enum import StrEnum


class PlantKind(StrEnum):
    """The plants there are."""

    RC = "rc"
    ENERGYPLUS = "energyplus"
