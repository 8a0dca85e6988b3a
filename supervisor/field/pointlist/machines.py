"""Pieces of equipment of a points list, and the templates into which those that are alike go.

Pure. Alike are machines of one kind whose points are read and written in the same way and stand at the same distances from each
other, or at the same instances of controllers of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from config.file import Template
from config.roles import Role
from config.values import ObjectRef
from supervisor.field.pointlist.rows import SETTINGS, Row

Settings: TypeAlias = tuple[str, ...]
"""Cells of SETTINGS."""
Shape: TypeAlias = frozenset[tuple[Role, ObjectRef]]
"""Objects by role, counted from the offset."""


@dataclass(slots=True)
class Kind:
    """A template: its name, its kind, and each role's object and settings. `made`: it is not in the file yet."""

    name: str
    kind: str
    objects: dict[Role, ObjectRef]
    settings: dict[Role, Settings]
    made: bool = False
    line: int = 0
    """Of the table, from which it was made."""


@dataclass(slots=True)
class Machine:
    """One piece of equipment with its rows, and where it is placed."""

    zones: tuple[str, ...]
    key: str
    kind: str
    wanted: str
    """The template's name by the table; empty where it says none."""
    rows: dict[Role, Row]
    escape: str = ""
    """yes, no, or empty."""
    template: Kind | None = None
    offset: int = 0
    own: dict[Role, Row] = field(default_factory=dict)
    """Roles of which the object, or more, differs from the template's."""

    @property
    def device(self) -> str:
        """Its controller."""
        return next(iter(self.rows.values())).device

    @property
    def line(self) -> int:
        """Its first line."""
        return min(row.line for row in self.rows.values())

    def settings(self) -> dict[Role, Settings]:
        """How its points are read and written."""
        return {role: cells_of(row) for role, row in self.rows.items()}


def cells_of(row: Row) -> Settings:
    """A row's settings; what the table does not say is the default."""
    return tuple(row.said.get(c, "no" if c == "writable" else "") for c in SETTINGS)


def known(name: str, template: Template, cells: Mapping[Role, Settings]) -> Kind:
    """A template of the file."""
    objects = {role: entry.object for role, entry in template.points.items()}
    return Kind(name, template.kind.value, objects, dict(cells))


def place(machines: Sequence[Machine], templates: dict[str, Kind]) -> None:
    """Give each machine a template and an offset; `templates` gains those that are made."""
    left = [machine for machine in machines if not _fits_one(machine, templates.values())]
    named: dict[tuple[str, str], list[Machine]] = {}
    classes: dict[tuple[object, ...], list[Machine]] = {}
    for machine in sorted(left, key=lambda m: m.escape == "yes"):
        if machine.wanted:
            named.setdefault((machine.wanted, machine.kind), []).append(machine)
        else:
            classes.setdefault(_class(machine, classes), []).append(machine)
    for (name, kind), together in named.items():
        _make_named(name, kind, together, templates)
    for alike in classes.values():
        _make(alike, templates)


def _make_named(name: str, kind: str, machines: Sequence[Machine], templates: dict[str, Kind]) -> None:
    """All machines that the table gives one template have it: what they have not in common is their own."""
    template = templates.get(name)
    if template is not None and (
        template.kind != kind or any(template.objects.keys() - m.rows.keys() for m in machines)
    ):
        template, name = None, _free(name, templates)
    if template is None:
        template = _common(name, kind, machines)
        templates[name] = template
    for machine in machines:
        machine.template = template
        machine.offset = _offset(machine, template)
        machine.own = {
            role: row for role, row in machine.rows.items() if not _of_template(machine, role, row, template)
        }


def _common(name: str, kind: str, machines: Sequence[Machine]) -> Kind:
    """A template of the roles that all machines have, in the shape that most of them have."""
    roles = [role for role in machines[0].rows if all(role in m.rows for m in machines)]
    shapes: dict[tuple[Shape, frozenset[tuple[Role, Settings]]], list[Machine]] = {}
    for machine in machines:
        rows = {role: machine.rows[role] for role in roles}
        lowest = min((row.object.instance for row in rows.values()), default=0)
        cells = frozenset((role, cells_of(row)) for role, row in rows.items())
        shapes.setdefault((_shape(rows, lowest), cells), []).append(machine)
    most = max(shapes.values(), key=len)
    rows = {role: most[0].rows[role] for role in roles}
    stand = {min((m.rows[role].object.instance for role in roles), default=0) for m in most}
    objects = dict(_shape(rows, 0 if len(stand) == 1 else min(r.object.instance for r in rows.values())))
    settings = {role: cells_of(row) for role, row in rows.items()}
    return Kind(name, kind, {role: objects[role] for role in roles}, settings, True, most[0].line)


def _offset(machine: Machine, template: Kind) -> int:
    """The offset at which most of a template's points stand on the machine's."""
    steps = Counter(
        step
        for role, place_ in template.objects.items()
        if machine.rows[role].object.object_type == place_.object_type
        and (step := machine.rows[role].object.instance - place_.instance) >= 0
    )
    (best, times), *_ = steps.most_common(1) or [(0, 0)]
    return best if times > 1 or len(template.objects) == 1 else 0


def _of_template(machine: Machine, role: Role, row: Row, template: Kind) -> bool:
    base = template.objects.get(role)
    return (
        base is not None
        and row.object == ObjectRef(base.object_type, base.instance + machine.offset)
        and _same(machine, cells_of(row), template.settings[role])
    )


def _fits_one(machine: Machine, templates: Iterable[Kind]) -> bool:
    for template in templates:
        if machine.wanted and machine.wanted != template.name:
            continue
        if template.kind == machine.kind and _fits(machine, template):
            return True
    return False


def _fits(machine: Machine, template: Kind) -> bool:
    """Place a machine by a template that has just its points, at an offset."""
    if template.objects.keys() != machine.rows.keys():
        return False
    offsets = set()
    for role, place_ in template.objects.items():
        row = machine.rows[role]
        if row.object.object_type != place_.object_type:
            return False
        if not _same(machine, cells_of(row), template.settings[role]):
            return False
        offsets.add(row.object.instance - place_.instance)
    if len(offsets) != 1 or (offset := offsets.pop()) < 0:
        return False
    machine.template, machine.offset = template, offset
    return True


def _same(machine: Machine, cells: Settings, template: Settings) -> bool:
    """Whether settings are alike; of an escape route, which is never written, whatever is said of writing."""
    if machine.escape != "yes":
        return cells == template
    w = SETTINGS.index("writable")
    return cells[:w] + cells[w + 1 :] == template[:w] + template[w + 1 :]


def _class(machine: Machine, classes: Iterable[tuple[object, ...]]) -> tuple[object, ...]:
    """Machines of one name whose points are of the same types and settings."""
    types = frozenset((role, row.object.object_type) for role, row in machine.rows.items())
    mine = machine.settings()
    for found in classes:
        wanted, kind, has, settings = found
        assert isinstance(settings, frozenset)
        if (wanted, kind, has) == (machine.wanted, machine.kind, types) and all(
            _same(machine, mine[role], cells) for role, cells in settings
        ):
            return found
    return machine.wanted, machine.kind, types, frozenset(mine.items())


def _shape(rows: Mapping[Role, Row], offset: int) -> Shape:
    return frozenset(
        (role, ObjectRef(row.object.object_type, row.object.instance - offset)) for role, row in rows.items()
    )


def _lowest(machine: Machine) -> int:
    return min(row.object.instance for row in machine.rows.values())


def _make(alike: Sequence[Machine], templates: dict[str, Kind]) -> None:
    """Templates for machines of one class: one for each shape that several have, and one for all that stand alone."""
    together: dict[Shape, list[Machine]] = {}
    for machine in alike:
        together.setdefault(_shape(machine.rows, _lowest(machine)), []).append(machine)
    first: Kind | None = None
    for group in sorted(together.values(), key=len, reverse=True):
        if first is not None and len(group) == 1:
            _apart(group[0], first)
            continue
        where_they_stand = len({_lowest(machine) for machine in group}) == 1
        offsets = [0 if where_they_stand else _lowest(machine) for machine in group]
        template = _template(group[0], offsets[0], templates)
        first = first or template
        for machine, offset in zip(group, offsets, strict=True):
            machine.template, machine.offset = template, offset


def _template(machine: Machine, offset: int, templates: dict[str, Kind]) -> Kind:
    """A new template in the shape that a machine has, counted from an offset."""
    name = _free(machine.wanted or machine.kind, templates)
    objects = dict(_shape(machine.rows, offset))
    ordered = {role: objects[role] for role in machine.rows}
    templates[name] = Kind(name, machine.kind, ordered, machine.settings(), made=True, line=machine.line)
    return templates[name]


def _free(name: str, templates: Mapping[str, Kind]) -> str:
    if name not in templates:
        return name
    return next(made for n in range(2, 10_000) if (made := f"{name}-{n}") not in templates)


def _apart(machine: Machine, template: Kind) -> None:
    """A machine whose instances have no pattern: each point as it stands."""
    machine.template, machine.offset = template, 0
    machine.own = {
        role: row for role, row in machine.rows.items() if not _of_template(machine, role, row, template)
    }
