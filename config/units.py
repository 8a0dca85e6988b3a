"""Units that controllers use, by the name of the file and by BACnet's number, and how each becomes a role's base unit."""

from __future__ import annotations

from typing import Final, NamedTuple

_BTU = 1055.05585262


class Unit(NamedTuple):
    """A wire unit: base = x · scale + shift. `number` is BACnet's for it, None where it has none."""

    base: str
    scale: float = 1.0
    shift: float = 0.0
    number: int | None = None


UNITS: dict[str, Unit] = {
    "degC": Unit("degC", number=62),
    "°C": Unit("degC", number=62),
    "degF": Unit("degC", 5 / 9, -160 / 9, 64),
    "°F": Unit("degC", 5 / 9, -160 / 9, 64),
    "K": Unit("degC", 1.0, -273.15, 63),
    "J": Unit("J", number=16),
    "kJ": Unit("J", 1e3, number=17),
    "MJ": Unit("J", 1e6, number=126),
    "GJ": Unit("J", 1e9),
    "Wh": Unit("J", 3.6e3, number=18),
    "kWh": Unit("J", 3.6e6, number=19),
    "MWh": Unit("J", 3.6e9, number=146),
    "BTU": Unit("J", _BTU, number=20),
    "kBTU": Unit("J", _BTU * 1e3, number=147),
    "MMBTU": Unit("J", _BTU * 1e6, number=148),
    "therm": Unit("J", _BTU * 1e5, number=21),
    "ton-hour": Unit("J", _BTU * 12e3, number=22),
    "m3": Unit("m3", number=80),
    "L": Unit("m3", 1e-3, number=82),
    "mL": Unit("m3", 1e-6, number=197),
    "ft3": Unit("m3", 0.028316846592, number=79),
    "gal": Unit("m3", 0.003785411784, number=83),
    "imperial-gal": Unit("m3", 0.00454609, number=81),
    "%RH": Unit("%RH", number=29),
    "%": Unit("%RH", number=98),
    "per-mille": Unit("%RH", 0.1, number=207),
    "fraction": Unit("%RH", 100.0),
    "ppm": Unit("ppm", number=96),
    "ppb": Unit("ppm", 1e-3, number=97),
    "lx": Unit("lx", number=37),
    "foot-candle": Unit("lx", 1 / 0.3048**2, number=38),
}
"""Exact by definition (SI brochure, 9th ed., tables 4 and 8; degree Fahrenheit, BTU (IT), foot and gallon: NIST SP 811,
appendix B; the ton of refrigeration is 12 000 BTU an hour). Numbers: BACnetEngineeringUnits, ASHRAE 135-2020 §21."""

NO_UNITS: Final = 95
"""What a controller says that nobody told the unit."""
PROPRIETARY: Final = 256
"""From here on a vendor's own units, of which only the vendor knows what they mean (§23)."""

_NAMED: Final = {unit.number: name for name, unit in reversed(UNITS.items()) if unit.number is not None}
_OTHERS: Final = {
    2: "mA", 3: "A", 5: "V", 6: "kV", 14: "degrees of phase", 27: "Hz", 35: "W/m²", 47: "W", 48: "kW", 49: "MW",
    50: "BTU/h", 51: "hp", 52: "tons of refrigeration", 53: "Pa", 54: "kPa", 55: "bar", 70: "days", 71: "h", 72: "min",
    73: "s", 74: "m/s", 84: "ft³/min", 85: "m³/s", 87: "L/s", 88: "L/min", 89: "gal/min", 104: "1/min",
    120: "°F of difference", 121: "K of difference", 132: "mW", 135: "m³/h", 136: "L/h", 157: "kBTU/h", 203: "varh",
    204: "kvarh", 205: "Mvarh", 239: "VAh", 240: "kVAh", 241: "MVAh",
}  # fmt: skip
"""Units that no role counts in, as people write them."""


def units_for(base: str) -> list[str]:
    """The units that become a base unit."""
    return [name for name, unit in UNITS.items() if unit.base == base]


def unit_numbered(number: int) -> str | None:
    """The unit of the file that BACnet numbers so; None for one that no role counts in."""
    return _NAMED.get(number)


def number_in_words(number: int) -> str:
    """What a BACnet unit number means, as far as it is known here."""
    name = _NAMED.get(number) or _OTHERS.get(number)
    return name if name is not None else f"unit number {number}"


def same_unit(one: str, other: str) -> bool:
    """Whether two names are one unit, as °C and degC."""
    return UNITS[one][:3] == UNITS[other][:3]
