"""What a point of a strange building is for: name, description, unit and object type together, or no guess at all.

An abstention costs an integrator a minute, a wrong guess a building: what may be commanded needs more than what is only
read, and a word of escape routes or life safety forbids it. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from config.objects import is_input, is_number, is_state, short
from config.phrase import Phrase
from config.roles import ROLES, WRITABLE_ROLES, EquipmentKind, Role
from config.units import UNITS
from supervisor.field.survey.heard import Heard, hear

ADOPTED: Final = 0.75
"""Confidence from which on a guess goes into the site file."""
COMMANDED: Final = 0.8
"""The same, of a role that may be commanded once somebody says so."""


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


class Guess(NamedTuple):
    """A role with a confidence, 0 to 1, and why; None: none, and why not."""

    role: Role | None
    confidence: float
    why: Phrase
    kind: EquipmentKind | None = None

    @property
    def adopted(self) -> Role | None:
        """The role where the confidence is enough for it."""
        if self.role is None:
            return None
        return (
            self.role if self.confidence >= (COMMANDED if self.role in WRITABLE_ROLES else ADOPTED) else None
        )


_KINDS: Final = {
    "fcu": EquipmentKind.FCU, "vrf": EquipmentKind.VRF, "split": EquipmentKind.SPLIT, "vav": EquipmentKind.VAV,
    "fresh": EquipmentKind.FRESH_AIR, "ahu": EquipmentKind.AHU, "plugs": EquipmentKind.PLUGS, "lights": EquipmentKind.LIGHTS,
    "aircon": EquipmentKind.SPLIT,
}  # fmt: skip
_ANOTHER: Final = frozenset(
    {"limit", "offset", "count", "schedule", "reset", "comm", "code", "setting", "today", "reactive"}
)
_ALIEN: Final = frozenset(
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
_SENSES: Final = frozenset({"temp", "humid", "co2", "lux"})
_NEVER_STARTED: Final = _ANOTHER | (_ALIEN - {"supply"}) | _SENSES | {
    "life", "fire", "vital", "occ", "window", "door", "blind", "set", "mode", "change", "fault", "alarm", "unocc", "cool", "heat",
    "hand", "auto", "handauto", "energy", "water", "heartbeat", "sensor", "level", "humidifier", "return", "outdoor", "detail",
}  # fmt: skip


def guess(seen: Seen) -> Guess:
    """The role of an object, if it can be told."""
    return _Guessing(seen).made()


class _Guessing:
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
        found = [kind for subject, kind in _KINDS.items() if subject in self.about and subject != "aircon"]
        self.by_context = not found
        if not found:
            around = hear(self.seen.context).about
            found = [kind for subject, kind in _KINDS.items() if subject in around and subject != "aircon"]
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

    def made(self) -> Guess:
        """The guess; what is vetoed is none."""
        role, points = self._role()
        if role is None:
            kept = not self.input and not self.number and self.has("life", "fire", "vital")
            return Guess(None, 0.0, _VETO if kept else _NOTHING, self.kind)
        if role in WRITABLE_ROLES and self.has("life", "fire", "vital"):
            return Guess(None, 0.0, _VETO, self.kind)
        return Guess(role, min(0.99, round(points, 2)), self._why(role), self.kind)

    def _role(self) -> tuple[Role | None, float]:
        if self.has("heartbeat") and not self.has("fault", "alarm", *_ANOTHER - {"count"}) and not self.input:
            return (Role.HEARTBEAT, 0.85) if self.binary else (None, 0)
        if self.number or not self.type:
            found = self._setpoint() if self.has("set") else self._measured()
            if found[0] is not None or self.type:
                return found
        if self.binary or self.multi:
            return self._told() if self.input or self._said_back() else self._commanded()
        return None, 0

    # ------------------------------------------------------------------ numbers

    def _measured(self) -> tuple[Role | None, float]:
        if (
            self.alien_unit
            or self.has("alarm", "fault", "unocc", *(_ANOTHER - {"today", "reactive"}))
            or self.type.endswith("output")
        ):
            return None, 0
        if self.base == "J" or (self.has("energy") and not self.base):
            if self.has("today", "reactive", "set") or (self.has("cool", "heat") and not self.base):
                return None, 0
            return Role.ENERGY, (0.8 if self.base else 0.6) + (0.1 if self.has("energy") else 0)
        if self.base == "m3" or (self.has("water") and not self.base):
            fits = self.has("water") and not self.has("medium", "today", "gas", "cool", "heat")
            return (Role.WATER, 0.9 if self.base else 0.6) if fits else (None, 0)
        return self._sensed()

    def _sensed(self) -> tuple[Role | None, float]:
        for subject, base, indoors, outdoors in _SENSED:
            if self.base and self.base != base:
                continue
            bare = self.base == base and self.has(*_BARE.get(base, ()))
            if not (self.has(subject) or bare):
                continue
            if self.has(*(_SENSES - {subject})) and not self.base:
                return None, 0
            if self.has("set", "change", "actuator", *(_ALIEN - {"speed", "flow"})) or self.has("mirror"):
                return None, 0
            role = outdoors if self.has("outdoor") else indoors
            if role is None or (self.has("fresh") and not self.has("room", "return")):
                return None, 0
            if self.has("return") and (self.kind not in _ROOM_KINDS or self.has("outdoor")):
                return None, 0
            if self.has("ahu") and not self.has("room", "outdoor"):
                return None, 0
            if subject == "temp" and self.has("cool", "heat", "fan", "humidifier"):
                return None, 0
            points = 0.5 + (0.3 if self.base else 0.1) + (0.1 if subject in self.sure or bare else 0)
            if self.seen.unit == "%" and subject == "humid":
                points -= 0.05
            return role, points + (0.1 if self.has("room", "outdoor") else 0) + (
                0.05 if subject in self.twice else 0
            )
        return None, 0

    def _setpoint(self) -> tuple[Role | None, float]:
        if self.input or not self.number or self.alien_unit or self.base not in ("", "degC"):
            return None, 0
        wrong = (
            {
                "status",
                "mirror",
                "alarm",
                "fault",
                "unocc",
                "outdoor",
                "return",
                "mode",
                "ahu",
                "fresh",
                "hand",
                "sensor",
            }
            | _ANOTHER
            | _ALIEN
        )
        if (
            self.has(*wrong, "humid", "co2", "lux", "humidifier", "energy", "water", "fan")
            and not self._ahu_room()
        ):
            return None, 0
        if not self.base and not self.has("temp"):
            return None, 0
        cool, heat = self.has("cool"), self.has("heat")
        if cool and heat:
            return None, 0
        role = Role.COOLING_SETPOINT if cool else Role.HEATING_SETPOINT if heat else Role.SETPOINT
        points = 0.45 + (0.2 if self.base else 0) + (0.1 if self.has("temp", "room") else 0)
        points += (0.15 if "set" in self.sure else 0.05) + (0.1 if self.kind or "room" in self.about else 0)
        return role, points

    def _ahu_room(self) -> bool:
        """An air handler's set-point of the room: the only set-point of it that is one of ours."""
        others = {
            "status",
            "mirror",
            "alarm",
            "fault",
            "unocc",
            "outdoor",
            "return",
            "mode",
            "humid",
            "co2",
            "lux",
            "energy",
            "fan",
        }
        return self.has("ahu", "fresh") and self.has("room") and not self.has(*others, *_ANOTHER, *_ALIEN)

    # ------------------------------------------------------------------ switches and states

    def _said_back(self) -> bool:
        """An object that could be commanded, whose words say that it tells what is."""
        told = self.has("status", "fault", "alarm", "hand", "handauto", "window", "change", "occ", "action")
        return (
            told
            and not self.type.endswith("output")
            and not (self.has("cmd") and not self.has("fault", "alarm"))
        )

    def _told(self) -> tuple[Role | None, float]:
        sure = 0.9 if self.input else 0.8
        if self.has("fire"):
            odd = self.has(
                "detail",
                "reset",
                "fault",
                "hand",
                "auto",
                "handauto",
                "lights",
                "comm",
                "cmd",
                "medium",
                "fan",
                "actuator",
                "door",
            )
            return (
                (None, 0)
                if odd or not self.has("alarm", "status")
                else (Role.FIRE_ALARM, 0.9 if self.input else 0.6)
            )
        if (
            self.has("life")
            or self.has(*(_ANOTHER - {"limit"}))
            or self.has("medium", "pumpfan", "actuator", "filter")
        ):
            return None, 0
        if self.has("change") and not self.has("fault", "alarm", "hand"):
            return Role.CHANGEOVER, sure if "change" in self.sure else 0.7
        if self.multi:
            return self._told_state()
        if self.has("handauto") or (self.has("hand") and self.has("auto")):
            return Role.HAND_AUTO, sure
        if self.has("fault", "alarm"):
            odd = self.has(
                "occ",
                "window",
                "door",
                "pressure",
                "gas",
                "limit",
                "speed",
                "power",
                "unocc",
                "water",
                *_SENSES,
            )
            plain = self.has("fault") or self.kind is not None
            return (
                (Role.FAULT, sure if "fault" in self.sure or self.kind else 0.7)
                if plain and not odd
                else (None, 0)
            )
        if self.has("occ"):
            odd = self.has("cmd", "set", "mode", "unocc", "cool", "heat", "temp")
            felt = self.input or (self._felt() and not odd)
            return (
                (Role.OCCUPANCY, (sure if felt else 0.65) - (0.1 if "occ" not in self.sure else 0))
                if not odd
                else (None, 0)
            )
        if self.has("window"):
            odd = self.has("blind", "door", "cmd", "onoff", "lights") and not (
                self.has("onoff") and self.has("status")
            )
            return (Role.WINDOW, sure - (0.1 if "window" not in self.sure else 0)) if not odd else (None, 0)
        return self._running(sure)

    def _felt(self) -> bool:
        text = f"{self.seen.name} {self.seen.description}".lower()
        return any(
            word in text
            for word in ("sens", "pir", "motion", "presence", "感应", "人感", "renti", "rtgy", "detect")
        )

    def _running(self, sure: float) -> tuple[Role | None, float]:
        if not self.has("run", "status", "onoff"):
            return None, 0
        odd = self.has(
            "hand",
            "auto",
            "door",
            "blind",
            "heat",
            "cool",
            "mode",
            "cmd",
            "set",
            "speed",
            "pressure",
            "occ",
            "vital",
        )
        if (
            odd
            or self.has("return", "mixed", "humidifier", *_SENSES)
            or (self.has("status") and self.has("comm"))
        ):
            return None, 0
        if self.kind is None and not (self.has("supply") and self.has("fan", "run", "status")):
            return (Role.RUN_STATUS, 0.65)
        clear = (
            self.has("run")
            or (self.has("status") and (self.has("onoff", "fan") or self.kind in _SWITCHED))
            or self.has("status")
        )
        return Role.RUN_STATUS, (sure if clear else 0.76) - (
            0.05 if self.sure.isdisjoint({"run", "status", "onoff"}) else 0
        )

    def _told_state(self) -> tuple[Role | None, float]:
        if self.has("handauto") or (self.has("hand") and self.has("auto")):
            return Role.HAND_AUTO, 0.8
        if self.has("action"):
            return Role.ACTION, 0.8
        if self.has("mode") and not self.has("fan", "speed", "occ"):
            return Role.ACTION, 0.6
        return None, 0

    def _commanded(self) -> tuple[Role | None, float]:
        if self.multi:
            return self._mode()
        if self.has(*_NEVER_STARTED) or self.has("status", "action"):
            return None, 0
        if self.has("supply") and self.kind not in (EquipmentKind.AHU, EquipmentKind.FRESH_AIR):
            return None, 0
        if self.has("fan") and self.kind is EquipmentKind.VAV:
            return None, 0
        if self.kind is None or (
            "aircon" in self.about and "aircon" not in self.sure and not self.has("onoff")
        ):
            return (Role.START_STOP, 0.6) if self.has("onoff", "cmd") else (None, 0)
        if self.has("stop") and not self.has("onoff"):
            return None, 0  # one of a pair of pulses
        if self.by_context and not self.has("onoff"):
            return Role.START_STOP, 0.6
        verb = self.has("onoff", "cmd", "switch")
        if not verb and self.kind not in _SWITCHED and not self.has("run"):
            return None, 0
        points = (
            0.5
            + (0.2 if self.has("onoff") else 0.15 if verb else 0)
            + (0.2 if self.type.endswith("output") else 0.1)
        )
        points += 0.05 if not self.sure.isdisjoint({"onoff", "cmd"}) else 0
        if self.kind in _SWITCHED:
            points += 0.1 if not self.sure.isdisjoint({"lights", "plugs"}) or self.has("gang") else 0.05
        return Role.START_STOP, points + (0.05 if not self.sure.isdisjoint(_KINDS) else 0)

    def _mode(self) -> tuple[Role | None, float]:
        odd = self.has(
            "fan",
            "speed",
            "occ",
            "unocc",
            "schedule",
            "status",
            "hand",
            "handauto",
            "lights",
            "plugs",
            "life",
            *(_ANOTHER),
        )
        if not self.has("mode") or odd or self.has("medium", "actuator", "vital", "pumpfan", "mirror"):
            return None, 0
        states = hear(" ; ".join(self.seen.states)).about
        told = bool({"cool", "heat"} & states)
        if self.has("change", "cool", "heat", "sensor") or (self.seen.states and not told):
            return None, 0
        points = 0.55 + (0.15 if self.kind in _ROOM_KINDS else 0.0) + (0.2 if told else 0)
        return Role.MODE, points + (0.1 if self.has("run", "cmd") else 0) + (
            0.05 if "mode" in self.sure else 0
        )

    # ------------------------------------------------------------------ why

    def _why(self, role: Role) -> Phrase:
        words = " ".join(part for part in (self.seen.name, self.seen.description) if part)
        by_unit = f", {self.seen.unit}" if self.seen.unit else ""
        kind = short(self.type) if self.type else "?"
        return Phrase(
            f"“{words}”{by_unit}, {kind}: {role.value}",
            f"“{words}”{by_unit.replace(', ', '，')}，{kind}：{ROLES[role].meaning_zh}",
        )


_ROOM_KINDS: Final = (EquipmentKind.FCU, EquipmentKind.VRF, EquipmentKind.SPLIT, EquipmentKind.VAV)
_SWITCHED: Final = (EquipmentKind.LIGHTS, EquipmentKind.PLUGS)
_BARE: Final = {"degC": ("room", "outdoor"), "lx": ("lights", "room")}
"""What is enough beside a unit that counts nothing else."""
_SENSED: Final = (
    ("co2", "ppm", Role.CO2, None),
    ("lux", "lx", Role.LUX, None),
    ("humid", "%RH", Role.HUMIDITY, Role.OUTDOOR_HUMIDITY),
    ("temp", "degC", Role.TEMPERATURE, Role.OUTDOOR_TEMPERATURE),
)
_NOTHING: Final = Phrase(
    "its words, unit and type together name no role", "名称、说明、单位与类型合起来不指向任何角色"
)
_VETO: Final = Phrase(
    "its words speak of escape routes, life safety or what must not be switched off: never commanded by a guess",
    "名称涉及疏散、消防或不可断电的设备：绝不凭猜测控制",
)
