"""What a point of a strange building is for: name, description, unit and object type together, or no guess at all.

An abstention costs an integrator a minute, a wrong guess a building: what may be commanded needs more than what is only
read, and a word of escape routes or life safety forbids it. Pure.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from config.objects import short
from config.phrase import Phrase
from config.roles import ROLES, WRITABLE_ROLES, EquipmentKind, Role
from supervisor.field.survey.evidence import ANOTHER, Seen
from supervisor.field.survey.numbers import Numbers
from supervisor.field.survey.switches import Switches

ADOPTED: Final = 0.75
"""Confidence from which on a guess goes into the site file."""
COMMANDED: Final = 0.8
"""The same, of a role that may be commanded once somebody says so."""


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


def guess(seen: Seen) -> Guess:
    """The role of an object, if it can be told."""
    return _Guessing(seen).made()


class _Guessing(Numbers, Switches):
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
        if self.has("heartbeat") and not self.has("fault", "alarm", *ANOTHER - {"count"}) and not self.input:
            return (Role.HEARTBEAT, 0.85) if self.binary else (None, 0)
        if self.number or not self.type:
            found = self._setpoint() if self.has("set") else self._measured()
            if found[0] is not None or self.type:
                return found
        if self.binary or self.multi:
            return self._told() if self.input or self._said_back() else self._commanded()
        return None, 0

    def _why(self, role: Role) -> Phrase:
        words = " ".join(part for part in (self.seen.name, self.seen.description) if part)
        by_unit = f", {self.seen.unit}" if self.seen.unit else ""
        kind = short(self.type) if self.type else "?"
        return Phrase(
            f"“{words}”{by_unit}, {kind}: {role.value}",
            f"“{words}”{by_unit.replace(', ', '，')}，{kind}：{ROLES[role].meaning_zh}",
        )


_NOTHING: Final = Phrase(
    "its words, unit and type together name no role", "名称、说明、单位与类型合起来不指向任何角色"
)
_VETO: Final = Phrase(
    "its words speak of escape routes, life safety or what must not be switched off: never commanded by a guess",
    "名称涉及疏散、消防或不可断电的设备：绝不凭猜测控制",
)
