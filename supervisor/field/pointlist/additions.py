"""Points of a list that the site file has not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ruamel.yaml.comments import CommentedSeq

from config.phrase import Phrase
from config.roles import CIRCULATION, ROLES, SENSOR_ROLES, Role
from supervisor.field.pointlist.columns import type_of
from supervisor.field.pointlist.desk import Desk
from supervisor.field.pointlist.entries import (
    equipment_entry,
    own_points,
    placed_entry,
    point_entry,
    template_entry,
    under,
    unfold,
)
from supervisor.field.pointlist.machines import Machine, cells_of
from supervisor.field.pointlist.rows import Row

_BUILDING: Final = frozenset(
    {Role.OUTDOOR_TEMPERATURE, Role.OUTDOOR_HUMIDITY, Role.FIRE_ALARM, Role.CHANGEOVER}
)


class Additions(Desk):
    """New equipment by templates, new points of equipment that is there, new sensors."""

    def _machines(self, rows: list[Row]) -> list[Machine]:
        """New pieces of equipment; new points of one that is there are put into it at once."""
        groups: dict[tuple[tuple[str, ...], str], dict[Role, Row]] = {}
        for row in rows:
            groups.setdefault((row.zones, row.equipment), {})[row.role] = row
        there = {(row.zones, row.equipment) for row in self.have.values()}
        found = []
        for (zones, key), by_role in groups.items():
            if not self._one_device(by_role):
                continue
            if (zones, key) in there:
                self._into(by_role)
            elif (machine := self._machine(zones, key, by_role)) is not None:
                found.append(machine)
        return found

    def _one_device(self, by_role: Mapping[Role, Row]) -> bool:
        first, *rest = by_role.values()
        for row in rest:
            if row.device != first.device:
                self.slip(
                    row.line, f"{row.equipment} is on {first.device} (line {first.line}) and on {row.device}: one piece of "
                    "equipment is on one device; give the other another name, or leave its equipment empty for a sensor",
                    f"{row.equipment} 同时在 {first.device}（第 {first.line} 行）和 {row.device} 上：一台设备只能在一个控制器上；请另起名，"
                    "传感器可不填设备",
                )  # fmt: skip
                return False
        return True

    def _machine(self, zones: tuple[str, ...], key: str, by_role: dict[Role, Row]) -> Machine | None:
        rows = list(by_role.values())
        line = min(row.line for row in rows)
        told = {
            c: next((r.said[c] for r in rows if r.said.get(c)), "")
            for c in ("type", "template", "escape_route")
        }
        if len(zones) != 1 and key in self.file.equipment:
            self.slip(
                line,
                f"{key} serves other zones in the site file: another name",
                f"站点文件中的 {key} 服务其他区域：请另起名",
            )
            return None
        kind = told["type"]
        if not kind and told["template"] in self.templates:
            kind = self.templates[told["template"]].kind
        if not kind and key in self.templates:
            kind = self.templates[key].kind
        if not kind:
            named = type_of(told["template"]) or type_of(key) or type_of(re.split(r"[-_0-9]", key)[0])
            kind = named.value if named is not None else ""
        if not kind:
            self.slip(
                line, f"{key}: which kind of equipment? (column type)", f"{key}：哪种设备？（列：设备类型）"
            )
            return None
        if len(zones) != 1 and kind == "sensors":
            self.slip(
                line, f"{key}: sensors of several rooms: leave the column `equipment` empty, and each room has them",
                f"{key}：几间房共用的传感器：请把“设备”一栏留空，各房间即各有一份",
            )  # fmt: skip
            return None
        return Machine(zones, key, kind, told["template"], by_role, told["escape_route"])

    def _add(self, machines: list[Machine]) -> None:
        for template in self.templates.values():
            if template.made:
                under(self.tree, "templates")[template.name] = template_entry(template)
                self.lines.append(Phrase(f"template {template.name}: new", f"模板 {template.name}：新增"))
        served: dict[str, int] = {}
        for machine in machines:
            entry = equipment_entry(machine, circulation=self._circulation(machine))
            if len(machine.zones) == 1:
                if machine.zones[0] in (self.tree.get("zones") or {}):
                    under(self.tree["zones"][machine.zones[0]], "equipment", short=True)[machine.key] = entry
                continue
            if machine.key in served:
                first = served[machine.key]
                self.slip(
                    machine.line,
                    f"{machine.key} of line {first} serves other zones: another name",
                    f"第 {first} 行的 {machine.key} 服务其他区域：请另起名",
                )
                continue
            served[machine.key] = machine.line
            under(self.tree, "equipment")[machine.key] = entry
        for zone in (self.tree.get("zones") or {}).values():
            unfold(zone)

    def _circulation(self, machine: Machine) -> bool:
        zones = self.tree.get("zones") or {}
        return any(str((zones.get(z) or {}).get("kind", "office")) in CIRCULATION for z in machine.zones)

    def _into(self, by_role: Mapping[Role, Row]) -> None:
        for row in by_role.values():
            own = own_points(self._equipment(row))
            own[row.role.value] = point_entry(row.object, cells_of(row))

    def _sensor(self, row: Row) -> None:
        entry = placed_entry(row)
        if not row.zones:
            if row.role not in _BUILDING:
                self.slip(row.line, f"which zone's {row.role}?", f"哪个区域的{ROLES[row.role].meaning_zh}？")
                return
            under(self.tree, "points")[row.role.value] = entry
            return
        if row.role not in SENSOR_ROLES:
            self.slip(row.line, f"no zone has a {row.role}", f"区域没有“{ROLES[row.role].meaning_zh}”")
            return
        for zone in row.zones:
            if zone not in (self.tree.get("zones") or {}):
                continue
            sensors = under(self.tree["zones"][zone], "sensors")
            have = sensors.get(row.role.value)
            if have is None:
                sensors[row.role.value] = entry
            elif isinstance(have, CommentedSeq):
                have.append(entry)
            else:
                many = CommentedSeq([have, entry])
                many.fa.set_flow_style()
                sensors[row.role.value] = many
