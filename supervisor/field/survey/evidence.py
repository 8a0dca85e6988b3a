"""What is known of an object that bears on its role: the subjects of its words, its unit, its type, its equipment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from config.objects import is_input, is_number, is_state
from config.roles import EquipmentKind
from config.units import UNITS
from supervisor.field.survey.heard import Heard, hear


class Seen(NamedTuple):
    """What a device, or a list, says of an object."""

    name: str
    description: str = ""
    unit: str | None = ""
    """As the site file names it; empty where nothing is said, None for one in which no role counts (Pa, kW, Hz)."""
    object_type: str = ""
    states: Sequence[str] = ()
    context: str = ""
    """What the device, or the system, is called: it tells the kind of equipment where the name does not."""


KINDS: Final = {
    "fcu": EquipmentKind.FCU, "vrf": EquipmentKind.VRF, "split": EquipmentKind.SPLIT, "vav": EquipmentKind.VAV,
    "fresh": EquipmentKind.FRESH_AIR, "ahu": EquipmentKind.AHU, "plugs": EquipmentKind.PLUGS, "lights": EquipmentKind.LIGHTS,
    "aircon": EquipmentKind.SPLIT,
}  # fmt: skip
ANOTHER: Final = frozenset(
    {"limit", "offset", "count", "schedule", "reset", "comm", "code", "setting", "today", "reactive"}
)
ALIEN: Final = frozenset(
    {
        "supply",
        "mixed",
        "medium",
        "actuator",
        "pressure",
        "power",
        "flow",
        "speed",
        "gas",
        "filter",
        "pumpfan",
    }
)
SENSES: Final = frozenset({"temp", "humid", "co2", "lux"})
ROOM_KINDS: Final = (EquipmentKind.FCU, EquipmentKind.VRF, EquipmentKind.SPLIT, EquipmentKind.VAV)
SWITCHED: Final = (EquipmentKind.LIGHTS, EquipmentKind.PLUGS)


class Evidence:
    """Of one object."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        name, told = hear(seen.name), hear(seen.description)
        self.about, self.sure = name.about | told.about, name.sure | told.sure
        self.twice = name.about & told.about
        self.last = name.last
        self.type = seen.object_type
        self.input = is_input(self.type)
        self.number = is_number(self.type)
        self.multi = is_state(self.type)
        self.binary = bool(self.type) and not self.number and not self.multi
        unit = seen.unit
        self.base = UNITS[unit].base if unit else ""
        self.alien_unit = unit is None
        self.kind = self._kind()
        self._vendors_letters(name)

    def _kind(self) -> EquipmentKind | None:
        found = [kind for subject, kind in KINDS.items() if subject in self.about and subject != "aircon"]
        self.by_context = not found
        if not found:
            around = hear(self.seen.context).about
            found = [kind for subject, kind in KINDS.items() if subject in around and subject != "aircon"]
        if not found and "aircon" in self.about:
            self.by_context = False
            found = [EquipmentKind.SPLIT]
        return found[0] if found else None

    def _vendors_letters(self, name: Heard) -> None:
        """`SF-C` is a command, `SF-S` a status: only where fan or equipment is named, and the type agrees."""
        if (
            self.binary
            and name.last in ("c", "s")
            and (self.kind or "supply" in self.about or "fan" in self.about)
        ):
            if name.last == "c" and not self.input:
                self.about |= {"cmd"}
            elif name.last == "s":
                self.about |= {"status"}

    def has(self, *subjects: str) -> bool:
        """Whether any of the subjects is named."""
        return not self.about.isdisjoint(subjects)
