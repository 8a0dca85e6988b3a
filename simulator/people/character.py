"""What kind of people and devices a rehearsed building has: names for the command line, without the physics."""

from __future__ import annotations

from enum import StrEnum


class People(StrEnum):
    """How carefully people use the building."""

    TIDY = "tidy"
    USUAL = "usual"
    CARELESS = "careless"


class Failing(StrEnum):
    """How often sensors stick and devices drop off the network."""

    NEVER = "never"
    USUAL = "usual"
    OFTEN = "often"
