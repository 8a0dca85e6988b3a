"""Roles of objects that hold a number: what is measured, and what is set."""

from __future__ import annotations

from typing import Final

from config.roles import Role
from supervisor.field.survey.evidence import ALIEN, ANOTHER, ROOM_KINDS, SENSES, Evidence

_BARE: Final = {"degC": ("room", "outdoor"), "lx": ("lights", "room")}
"""What is enough beside a unit that counts nothing else."""
_OTHER_MATTERS: Final = frozenset(
    {"status", "mirror", "alarm", "fault", "unocc", "outdoor", "return", "mode"}
)
"""What a setpoint of a room is not about."""
_SENSED: Final = (
    ("co2", "ppm", Role.CO2, None),
    ("lux", "lx", Role.LUX, None),
    ("humid", "%RH", Role.HUMIDITY, Role.OUTDOOR_HUMIDITY),
    ("temp", "degC", Role.TEMPERATURE, Role.OUTDOOR_TEMPERATURE),
)


class Numbers(Evidence):
    """Guesses of them, each with its confidence."""

    def _measured(self) -> tuple[Role | None, float]:
        if (
            self.alien_unit
            or self.has("alarm", "fault", "unocc", *(ANOTHER - {"today", "reactive"}))
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
            if self.has(*(SENSES - {subject})) and not self.base:
                return None, 0
            if self.has("set", "change", "actuator", *(ALIEN - {"speed", "flow"})) or self.has("mirror"):
                return None, 0
            role = outdoors if self.has("outdoor") else indoors
            if role is None or (self.has("fresh") and not self.has("room", "return")):
                return None, 0
            if self.has("return") and (self.kind not in ROOM_KINDS or self.has("outdoor")):
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
        wrong = _OTHER_MATTERS | {"ahu", "fresh", "hand", "sensor"} | ANOTHER | ALIEN
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
        others = _OTHER_MATTERS | {"humid", "co2", "lux", "energy", "fan"}
        return self.has("ahu", "fresh") and self.has("room") and not self.has(*others, *ANOTHER, *ALIEN)
