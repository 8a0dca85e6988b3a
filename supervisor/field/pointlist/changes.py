"""Points of a list that differ from what the site file says."""

from __future__ import annotations

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from config.phrase import Phrase
from config.roles import Role
from supervisor.field.pointlist.columns import COLUMNS
from supervisor.field.pointlist.desk import Desk
from supervisor.field.pointlist.entries import (
    DEFAULTS,
    flow,
    object_name,
    own_points,
    put,
    value_of,
)
from supervisor.field.pointlist.rows import SETTINGS, ZONES_BY, Row


class Changes(Desk):
    """Changed where they stand: in the template where all of its machines change alike."""

    def _change(self, pairs: list[tuple[Row, Row]]) -> None:
        moved: dict[tuple[tuple[str, ...], str], list[tuple[Row, Row]]] = {}
        changed: list[tuple[Row, Row, dict[str, str]]] = []
        for have, row in pairs:
            for column in ("type", "template"):
                if row.said.get(column) and have.said.get(column) and row.said[column] != have.said[column]:
                    en, zh = COLUMNS[column]
                    self.slip(
                        row.line, f"{row.equipment}: another {en} ({have.said[column]} → {row.said[column]}) is written in the site file",
                        f"{row.equipment}：更换{zh}（{have.said[column]} → {row.said[column]}）请在站点文件中修改",
                    )  # fmt: skip
            self._escape(have, row)
            if (have.device, have.object) != (row.device, row.object):
                moved.setdefault((row.zones, row.equipment), []).append((have, row))
            differs = {c: row.said[c] for c in SETTINGS if c in row.said and row.said[c] != have.said[c]}
            if differs:
                changed.append((have, row, differs))
        for (_, equipment), some in moved.items():
            if equipment and "/" not in equipment:
                self._replace_objects(some)
            else:
                for _, row in some:
                    self._replace_placed(row)
        self._settings(changed)
        lines = {id(row): (have, row) for some in moved.values() for have, row in some}
        for have, row in lines.values():
            was = f"{have.device}/{have.object.object_type}:{have.object.instance}"
            now = f"{row.device}/{row.object.object_type}:{row.object.instance}"
            self.lines.append(
                Phrase(f"{self.ids[row.key]}: {was} → {now}", f"{self.ids[row.key]}：{was} → {now}")
            )

    def _escape(self, have: Row, row: Row) -> None:
        cell = row.said.get("escape_route", "")
        if cell and "escape_route" in have.said and cell != have.said["escape_route"]:
            self._equipment(row)["escape_route"] = cell == "yes"
            said = f"escape_route {have.said['escape_route']} → {cell}"
            self.lines.append(Phrase(f"{row.equipment}: {said}", f"{row.equipment}：{said}"))

    def _replace_objects(self, some: list[tuple[Row, Row]]) -> None:
        """Objects of one piece of equipment: by its offset where all of them move alike, else each for itself."""
        have, row = some[0]
        all_of = [r for r in self.have.values() if (r.zones, r.equipment) == (row.zones, row.equipment)]
        entry = self._equipment(row)
        steps = {now.object.instance - was.object.instance for was, now in some}
        types = all(now.object.object_type == was.object.object_type for was, now in some)
        device = {now.device for _, now in some}
        own = entry.get("points") or {}
        apart = [r for r in own.values() if not isinstance(r, CommentedMap) or "object" in r]
        if len(device) > 1 or (device != {have.device} and len(some) < len(all_of)):
            self.slip(
                row.line,
                f"all points of {row.equipment} move to one device, or none",
                f"{row.equipment} 的点须一起换到同一控制器",
            )
            return
        old_device, _, offset = str(entry["at"]).partition("/")
        if len(some) == len(all_of) and len(steps) == 1 and types and not apart:
            step = next(iter(steps))
            if int(offset) + step >= 0:
                entry["at"] = f"{row.device}/{int(offset) + step}"
                return
        if row.device != old_device:
            entry["at"] = f"{row.device}/{offset}"
        for was, now in some:
            if was.object != now.object:
                self._override(now)["object"] = object_name(now.object)

    def _override(self, row: Row) -> CommentedMap:
        own = own_points(self._equipment(row))
        point = own.get(row.role.value)
        if not isinstance(point, CommentedMap):
            point = flow({} if point is None else {"object": point})
            own[row.role.value] = point
        return point

    def _replace_placed(self, row: Row) -> None:
        if row.equipment.startswith("device/"):
            self.tree["devices"][row.device]["heartbeat"] = object_name(row.object)
            return
        holder, key = self._placed(row)
        at = f"{row.device}/{object_name(row.object)}"
        if isinstance(holder[key], CommentedMap):
            holder[key]["at"] = at
        else:
            holder[key] = at

    def _placed(self, row: Row) -> tuple[Any, Any]:
        """Where a point outside templates stands."""
        if row.equipment.startswith("meter/"):
            return self.tree["meters"][row.equipment.removeprefix("meter/")], "point"
        if not row.zones:
            return self.tree["points"], row.role.value
        sensors = self.tree["zones"][row.zones[0]]["sensors"]
        if isinstance(sensors[row.role.value], CommentedSeq):
            return sensors[row.role.value], row.nth
        return sensors, row.role.value

    def _settings(self, changed: list[tuple[Row, Row, dict[str, str]]]) -> None:
        """In the template where every machine of it changes alike, else where it differs."""
        users: dict[tuple[str, Role], int] = {}
        for have in self.have.values():
            if have.said.get("template"):
                users[have.said["template"], have.role] = users.get((have.said["template"], have.role), 0) + 1
        alike: dict[tuple[str, Role, str, str], list[Row]] = {}
        for have, row, differs in changed:
            for column, cell in differs.items():
                alike.setdefault((have.said.get("template", ""), row.role, column, cell), []).append(row)
        for (template, role, column, cell), rows in alike.items():
            en, zh = COLUMNS[column]
            some = rows[0].equipment or ZONES_BY.join(rows[0].zones)
            if (
                template
                and len(rows) == users[template, role]
                and self._in_template(template, role, rows, column)
            ):
                self._to_template(template, role, column, cell)
                self.lines.append(
                    Phrase(
                        f"template {template}/{role}: {en} {cell or '–'}",
                        f"模板 {template}/{role}：{zh} {cell or '–'}",
                    )
                )
                continue
            for row in rows:
                self._to_point(row, column, cell)
            more = f" +{len(rows) - 1}" if len(rows) > 1 else ""
            self.lines.append(
                Phrase(f"{some}/{role}{more}: {en} {cell or '–'}", f"{some}/{role}{more}：{zh} {cell or '–'}")
            )

    def _in_template(self, template: str, role: Role, rows: list[Row], column: str) -> bool:
        """No machine has this of its own."""
        if role not in self.file.templates[template].points:
            return False
        for row in rows:
            entries = self.file.zones[row.zones[0]].equipment if self._in_zone(row) else self.file.equipment
            entry = entries[row.equipment]
            own = entry.points.get(role)
            if (own is not None and column in own.model_fields_set) or (
                column == "writable" and entry.writable is not None
            ):
                return False
        return True

    def _to_template(self, template: str, role: Role, column: str, cell: str) -> None:
        points = self.tree["templates"][template]["points"]
        point = points[role.value]
        if not isinstance(point, CommentedMap):
            point = flow({"object": point})
            points[role.value] = point
        put(point, column, cell)

    def _to_point(self, row: Row, column: str, cell: str) -> None:
        if row.equipment and "/" not in row.equipment:
            self._override(row)[column] = value_of(column, cell) if cell else DEFAULTS[column]
            return
        if row.equipment.startswith("device/"):
            self.slip(row.line, "a heartbeat has an object alone", "心跳点只有对象")
            return
        holder, key = self._placed(row)
        if not isinstance(holder[key], CommentedMap):
            holder[key] = flow({"at": holder[key]})
        put(holder[key], column, cell)
