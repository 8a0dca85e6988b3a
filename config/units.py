"""Units that controllers use, and how each becomes the base unit of a role."""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """A wire unit: base = x · scale + shift."""

    base: str
    scale: float = 1.0
    shift: float = 0.0


UNITS: dict[str, Unit] = {
    "degC": Unit("degC"),
    "°C": Unit("degC"),
    "degF": Unit("degC", 5 / 9, -160 / 9),
    "°F": Unit("degC", 5 / 9, -160 / 9),
    "K": Unit("degC", 1.0, -273.15),
    "J": Unit("J"),
    "kJ": Unit("J", 1e3),
    "MJ": Unit("J", 1e6),
    "GJ": Unit("J", 1e9),
    "Wh": Unit("J", 3.6e3),
    "kWh": Unit("J", 3.6e6),
    "MWh": Unit("J", 3.6e9),
    "m3": Unit("m3"),
    "L": Unit("m3", 1e-3),
    "%RH": Unit("%RH"),
    "%": Unit("%RH"),
    "ppm": Unit("ppm"),
    "lx": Unit("lx"),
}
"""Exact by definition (SI brochure, 9th ed., tables 4 and 8; degree Fahrenheit: NIST SP 811, appendix B)."""


def units_for(base: str) -> list[str]:
    """The units that become a base unit."""
    return [name for name, unit in UNITS.items() if unit.base == base]
