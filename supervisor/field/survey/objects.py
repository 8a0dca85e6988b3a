"""What was found in a building: devices and their objects, as an EDE file or the devices themselves tell them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from config.units import NO_UNITS, PROPRIETARY, UNITS, unit_numbered
from supervisor.field.pointlist.columns import plain

_SPELT: Final = {
    "degrees-celsius": "degC", "degreescelsius": "degC", "deg c": "degC", "℃": "degC", "°c": "degC", "c": "degC", "摄氏度": "degC", "celsius": "degC",
    "deg.c": "degC", "度": "degC", "degrees-fahrenheit": "degF", "deg f": "degF", "°f": "degF", "f": "degF", "℉": "degF", "degrees-kelvin": "K",
    "percent-relative-humidity": "%RH", "% rh": "%RH", "%r.h.": "%RH", "rh%": "%RH", "percent": "%", "pct": "%",
    "parts-per-million": "ppm", "luxes": "lx", "lux": "lx", "kilowatt-hours": "kWh", "千瓦时": "kWh", "kw.h": "kWh", "kw·h": "kWh",
    "kwhr": "kWh", "megawatt-hours": "MWh", "watt-hours": "Wh", "joules": "J", "kilojoules": "kJ", "megajoules": "MJ", "gigajoules": "GJ",
    "cubic-meters": "m3", "m³": "m3", "立方米": "m3", "吨": "m3", "liters": "L", "升": "L",
}  # fmt: skip
_SQUEEZED: Final = {spelt.replace("-", ""): spelt for spelt in _SPELT if "-" in spelt and spelt.isascii()} | {
    "nounits": "no-units"
}
"""`degreesCelsius`, `PERCENT_RELATIVE_HUMIDITY`: BACnet's names as programs write them."""
_NONE: Final = frozenset({"", "-", "--", "n/a", "na", "none", "no-units", "no units", "nounits", "/", "无"})


def unit_of(text: str) -> str | None:
    """The unit of the site file that a cell names; empty for none, None for one in which no role counts."""
    word = plain(text)
    if word.isdecimal():
        return unit_by_number(int(word))
    if word in _NONE:
        return ""
    word = _SQUEEZED.get(re.sub(r"[^a-z]", "", word), word) if word.isascii() else word
    if (spelt := _SPELT.get(word.replace("_", "-")) or _SPELT.get(word)) is not None:
        return spelt
    return next((unit for unit in UNITS if plain(unit) == word), None)


def unit_by_number(number: int | None) -> str | None:
    """The same by BACnet's number (BACnetEngineeringUnits, ASHRAE 135 §21); a vendor's own says nothing."""
    if number is None or number == NO_UNITS or number >= PROPRIETARY:
        return ""
    return unit_numbered(number)


@dataclass(slots=True)
class Thing:
    """One object. `unit`: see `unit_of`; `role`: what a labelled list says that it is, None where it says nothing."""

    device: int
    object_type: str
    instance: int
    name: str = ""
    description: str = ""
    unit: str | None = ""
    states: list[str] = field(default_factory=list)
    context: str = ""
    line: int = 0
    role: str | None = None

    @property
    def key(self) -> str:
        """`1001/analog-input:3`."""
        return f"{self.device}/{self.object_type}:{self.instance}"


@dataclass(slots=True)
class Found:
    """One device. `address`: where it answers, empty where that is not known; `said`: why it could not be read whole."""

    instance: int
    name: str = ""
    address: str = ""
    vendor: str = ""
    said: str = ""
    count: int = -1
    """Objects in its list; -1 while that is not known."""
    listed: list[list[int]] = field(default_factory=list)
    """Type and instance of those that are known."""
    whole: bool = False
    """All that it has was read."""


@dataclass(slots=True)
class Survey:
    """Devices by instance and objects by key."""

    devices: dict[int, Found] = field(default_factory=dict)
    things: dict[str, Thing] = field(default_factory=dict)

    def add(self, thing: Thing) -> None:
        """An object; its device comes with it."""
        self.things.setdefault(thing.key, thing)
        self.devices.setdefault(thing.device, Found(thing.device))

    def kept(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "devices": [asdict(d) for d in self.devices.values()],
            "things": [asdict(t) for t in self.things.values()],
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Survey:
        """Out of JSON. Raises KeyError, TypeError for what was not written here."""
        found = cls({int(d["instance"]): Found(**d) for d in kept["devices"]})
        for said in kept["things"]:
            found.add(Thing(**said))
        return found


def words(text: str) -> str:
    """A heading as it is compared: letters and digits."""
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", plain(text))
