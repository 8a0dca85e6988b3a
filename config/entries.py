"""Points as the site file has them: in a template, in one piece of equipment, or placed by themselves."""

from __future__ import annotations

from typing import Annotated

from config.declared import field
from config.roles import Mode
from config.section import Section, Shorthand
from config.values import DeviceObject, Duration, ObjectPlace


class PointEntry(Section):
    """How to read a point, and whether it may be written.

    `unit` is the wire's, by default what the device's Units says; `scale` is what one count of an accumulator is worth
    in it, by default the device's Scale; `factor` multiplies what is read, as a current transformer's ratio. `low` and
    `high` bound what may be written, in that unit.
    """

    writable: bool = False
    invert: bool = False
    unit: str | None = None
    scale: float | None = field(None, gt=0)
    factor: float = field(1.0, gt=0)
    states: dict[int, Mode] | None = None
    state_texts: bool = True
    priority_array: bool = True
    low: float | None = None
    high: float | None = None
    poll: Duration | None = None
    stale_after: Duration | None = None


class TemplatePointEntry(PointEntry):
    """A point of a template: its instance is counted from the offset at which equipment is placed."""

    object: ObjectPlace


class EquipmentPointEntry(PointEntry):
    """A point of one piece of equipment: what differs from its template, or a point of its own.

    An `object` here is as it stands in the device: the offset is not added.
    """

    object: ObjectPlace | None = None


class PlacedPointEntry(PointEntry):
    """A point outside templates: `at` names device and object."""

    at: DeviceObject


TemplatePoint = Annotated[TemplatePointEntry, Shorthand("object")]
EquipmentPoint = Annotated[EquipmentPointEntry, Shorthand("object")]
PlacedPoint = Annotated[PlacedPointEntry, Shorthand("at")]
