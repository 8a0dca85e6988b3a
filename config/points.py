"""Points: one object of a controller in its role. What its values mean on the wire is said by `drivers.values`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from config.roles import Mode, Role

Raw: TypeAlias = float | int | bool | str | None
"""A value as the device gave it: Real and Double as float, Unsigned, Enumerated and Binary PV as int."""

Value: TypeAlias = float | bool | int | str | None
"""A point's value in its role's unit; `None` where there is none that makes sense."""


@dataclass(frozen=True, slots=True)
class Point:
    """One object of a controller in its role.

    `id` is `zone/equipment/role`, `zone/role` for a sensor, `equipment/role` where shared, `building/role`,
    or `meter/<meter>/role`. `scale` and `shift` turn the wire's number into
    the role's unit (x·scale + shift), by what the file says: its `unit` (empty: it says none), what an accumulator
    `counts` (None likewise) and `factor`, which are kept for `config.measure`.
    """

    id: str
    role: Role
    device: str
    object_type: str
    instance: int
    zone: str | None = None
    equipment: str | None = None
    writable: bool = False
    priority_array: bool = True
    invert: bool = False
    state_texts: bool = True
    """Whether what the device calls its states is held against the site file."""
    scale: float = 1.0
    shift: float = 0.0
    unit: str = ""
    counts: float | None = None
    factor: float = 1.0
    states: Mapping[int, Mode] = field(default_factory=dict, hash=False)
    low: float = float("-inf")
    high: float = float("inf")
    poll: float = 10.0
    stale_after: float = 300.0
    stale_told: bool = field(default=False, compare=False)
    """Whether somebody wrote how long a reading counts."""

    @property
    def object_key(self) -> tuple[str, str, int]:
        """Device, type and instance of its object: two points may have the same."""
        return self.device, self.object_type, self.instance

    @property
    def place(self) -> str:
        """The zone or the equipment that it is told under; empty where it is the building's or a meter's."""
        return self.zone or self.equipment or ""
