"""Meters and vehicles' cards, as the site file has them."""

from __future__ import annotations

from typing import Annotated, Literal

from config.codes import Coded
from config.declared import After, field
from config.entries import PlacedPoint
from config.phrase import Phrase
from config.section import Section
from config.units import UNITS, units_for
from config.values import Day, Duration, Misread


class Vehicle(Section):
    """A vehicle's card: what its model should take, and how much goes into its tank."""

    model: str = ""
    standard: float | None = field(None, gt=0, le=100)
    """L/100 km."""
    tank: float | None = field(None, gt=0, le=2000)
    """L."""


def _unit(unit: str | None) -> str | None:
    """Raises Misread."""
    if unit is not None and (unit not in UNITS or UNITS[unit].base not in ("J", "m3")):
        units = [*units_for("J"), *units_for("m3")]
        raise Misread(
            Coded(
                "unknown-choice",
                f"`{unit}` is no unit of energy or volume",
                f"`{unit}` 不是能量或体积的单位",
            ),
            Phrase(f"known: {', '.join(units)}", f"可用：{'、'.join(units)}"),
        )
    return unit


class Meter(Section):
    """A meter: cumulative energy or water, where it stands in the ledger."""

    name: str = ""
    subitem: Literal[
        "total",
        "lighting_socket",
        "lighting_socket_room",
        "corridor_lighting",
        "outdoor_lighting",
        "hvac",
        "hvac_station",
        "hvac_terminals",
        "power",
        "lifts",
        "pumps",
        "fans",
        "special",
        "server_room",
        "water",
        "gas",
        "heat",
        "cold",
        "petrol",
        "diesel",
    ]
    point: PlacedPoint | None = None
    unit: Annotated[str | None, After(_unit)] = None
    of: tuple[str, ...] | None = None
    vehicle: Vehicle | None = None
    parent: str | None = None
    organisation: str | None = None
    heating: bool | None = None
    interval: Duration = field(60.0, ge=10)
    rated: float | None = field(None, gt=0)
    digits: int | None = field(None, ge=3, le=12)
    always_on: bool = False
    accuracy: str = ""
    verify_by: Day | None = None
    since: Day | None = None
    until: Day | None = None
