"""Roles of objects that hold a switch or a state: what is told, and what is commanded."""

from __future__ import annotations

from typing import Final

from config.roles import EquipmentKind, Role
from supervisor.field.survey.evidence import ALIEN, ANOTHER, KINDS, ROOM_KINDS, SENSES, SWITCHED, Evidence
from supervisor.field.survey.heard import hear

_NEVER_STARTED: Final = ANOTHER | (ALIEN - {"supply"}) | SENSES | {
    "life", "fire", "vital", "occ", "window", "door", "blind", "set", "mode", "change", "fault", "alarm", "unocc", "cool", "heat",
    "hand", "auto", "handauto", "energy", "water", "heartbeat", "sensor", "level", "humidifier", "return", "outdoor", "detail",
}  # fmt: skip

_NO_FIRE: Final = (
    "detail", "reset", "fault", "hand", "auto", "handauto", "lights", "comm", "cmd", "medium", "fan", "actuator", "door",
)  # fmt: skip
"""Words beside "fire" of what is not the building's fire alarm."""
_NO_FAULT: Final = (
    "occ", "window", "door", "pressure", "gas", "limit", "speed", "power", "unocc", "water", *SENSES,
)  # fmt: skip
"""Words beside "fault" or "alarm" of an alarm that is no unit's fault."""
_NONE: Final[tuple[Role | None, float]] = (None, 0)


class Switches(Evidence):
    """Guesses of them, each with its confidence."""

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
            return self._fire()
        if self.has("life", "medium", "pumpfan", "actuator", "filter", *(ANOTHER - {"limit"})):
            return _NONE
        if self.has("change") and not self.has("fault", "alarm", "hand"):
            return Role.CHANGEOVER, sure if "change" in self.sure else 0.7
        if self.multi:
            return self._told_state()
        if self.has("handauto") or (self.has("hand") and self.has("auto")):
            return Role.HAND_AUTO, sure
        if self.has("fault", "alarm"):
            return self._fault(sure)
        if self.has("occ"):
            return self._occupancy(sure)
        if self.has("window"):
            return self._window(sure)
        return self._running(sure)

    def _fire(self) -> tuple[Role | None, float]:
        if self.has(*_NO_FIRE) or not self.has("alarm", "status"):
            return _NONE
        return Role.FIRE_ALARM, 0.9 if self.input else 0.6

    def _fault(self, sure: float) -> tuple[Role | None, float]:
        if self.has(*_NO_FAULT) or not (self.has("fault") or self.kind is not None):
            return _NONE
        return Role.FAULT, sure if "fault" in self.sure or self.kind else 0.7

    def _occupancy(self, sure: float) -> tuple[Role | None, float]:
        if self.has("cmd", "set", "mode", "unocc", "cool", "heat", "temp"):
            return _NONE
        felt = self.input or self._felt()
        return Role.OCCUPANCY, (sure if felt else 0.65) - (0.1 if "occ" not in self.sure else 0)

    def _window(self, sure: float) -> tuple[Role | None, float]:
        switched = self.has("onoff") and self.has("status")
        if self.has("blind", "door", "cmd", "onoff", "lights") and not switched:
            return _NONE
        return Role.WINDOW, sure - (0.1 if "window" not in self.sure else 0)

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
            or self.has("return", "mixed", "humidifier", *SENSES)
            or (self.has("status") and self.has("comm"))
        ):
            return None, 0
        if self.kind is None and not (self.has("supply") and self.has("fan", "run", "status")):
            return (Role.RUN_STATUS, 0.65)
        clear = (
            self.has("run")
            or (self.has("status") and (self.has("onoff", "fan") or self.kind in SWITCHED))
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
        if not verb and self.kind not in SWITCHED and not self.has("run"):
            return None, 0
        points = (
            0.5
            + (0.2 if self.has("onoff") else 0.15 if verb else 0)
            + (0.2 if self.type.endswith("output") else 0.1)
        )
        points += 0.05 if not self.sure.isdisjoint({"onoff", "cmd"}) else 0
        if self.kind in SWITCHED:
            points += 0.1 if not self.sure.isdisjoint({"lights", "plugs"}) or self.has("gang") else 0.05
        return Role.START_STOP, points + (0.05 if not self.sure.isdisjoint(KINDS) else 0)

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
            *(ANOTHER),
        )
        if not self.has("mode") or odd or self.has("medium", "actuator", "vital", "pumpfan", "mirror"):
            return None, 0
        states = hear(" ; ".join(self.seen.states)).about
        told = bool({"cool", "heat"} & states)
        if self.has("change", "cool", "heat", "sensor") or (self.seen.states and not told):
            return None, 0
        points = 0.55 + (0.15 if self.kind in ROOM_KINDS else 0.0) + (0.2 if told else 0)
        return Role.MODE, points + (0.1 if self.has("run", "cmd") else 0) + (
            0.05 if "mode" in self.sure else 0
        )
