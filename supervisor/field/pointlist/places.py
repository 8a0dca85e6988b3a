"""What a points list says of devices and zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ruamel.yaml.comments import CommentedMap

from config.phrase import Phrase
from supervisor.field.pointlist.columns import COLUMNS
from supervisor.field.pointlist.desk import Desk
from supervisor.field.pointlist.entries import (
    flow,
    under,
)
from supervisor.field.pointlist.rows import Row

_ZONE: Final = ("name", "kind", "hours")
_DEVICE: Final = ("instance", "address")


class Places(Desk):
    """New devices and zones, and what is said otherwise of those that are there."""

    def _agreed(
        self, rows: Iterable[tuple[str, Row]], columns: tuple[str, ...], what: Phrase
    ) -> dict[str, dict[str, str]]:
        """What rows say of the things that they are about; a slip where two say otherwise."""
        found: dict[str, dict[str, str]] = {}
        first: dict[tuple[str, str], int] = {}
        for id_, row in rows:
            said = found.setdefault(id_, {})
            for column in columns:
                cell = row.said.get(column, "")
                if not cell:
                    continue
                if column in said and said[column] != cell:
                    en, zh = COLUMNS[column]
                    line = first[id_, column]
                    self.slip(
                        row.line, f"{what.en} {id_}: {en} is {cell} here and {said[column]} in line {line}",
                        f"{what.zh} {id_}：此处{zh}为 {cell}，第 {line} 行为 {said[column]}",
                    )  # fmt: skip
                said.setdefault(column, cell)
                first.setdefault((id_, column), row.line)
        return found

    def _devices(self, rows: list[Row]) -> None:
        found = self._agreed(((row.device, row) for row in rows), _DEVICE, Phrase("device", "控制器"))
        lines = {row.device: row.line for row in reversed(rows)}
        for id_, said in found.items():
            have = self.file.devices.get(id_)
            if have is None:
                if "instance" not in said:
                    self.slip(
                        lines[id_], f"device {id_} is not in the site file: its instance is needed (column instance)",
                        f"站点文件中没有控制器 {id_}：需要设备实例号（列：设备实例号）",
                    )  # fmt: skip
                    continue
                entry = flow({"instance": int(said["instance"])})
                if "address" in said:
                    entry["address"] = said["address"]
                under(self.tree, "devices")[id_] = entry
                self.lines.append(Phrase(f"device {id_}: new", f"控制器 {id_}：新增"))
                continue
            now = {"instance": str(have.instance), "address": have.address or ""}
            for column, cell in said.items():
                if cell != now[column]:
                    self.tree["devices"][id_][column] = int(cell) if column == "instance" else cell
                    self.lines.append(
                        Phrase(f"device {id_}: {column} {now[column]} → {cell}", f"控制器 {id_}：{COLUMNS[column].zh} {now[column]} → {cell}")
                    )  # fmt: skip

    def _zones(self, rows: list[Row]) -> None:
        alone = ((row.zones[0], row) for row in rows if len(row.zones) == 1)
        found = self._agreed(alone, _ZONE, Phrase("zone", "区域"))
        lines = {zone: row.line for row in reversed(rows) for zone in row.zones}
        for id_ in dict.fromkeys(zone for row in rows for zone in row.zones):
            said = found.get(id_, {})
            hours = said.get("hours")
            if hours and hours not in self.file.hours:
                groups = ", ".join(self.file.hours)
                self.slip(
                    lines[id_],
                    f"there are no hours `{hours}`; groups: {groups}",
                    f"没有开放时间组“{hours}”；已有：{groups}",
                )
                continue
            if id_ in self.file.zones:
                self._rezone(id_, said)
            else:
                self._new_zone(id_, said, lines[id_])

    def _new_zone(self, id_: str, said: Mapping[str, str], line: int) -> None:
        hours = said.get("hours") or (next(iter(self.file.hours)) if len(self.file.hours) == 1 else "")
        if not hours:
            groups = ", ".join(self.file.hours)
            self.slip(
                line,
                f"zone {id_} is new: which hours? groups: {groups}",
                f"区域 {id_} 是新的：用哪组开放时间？已有：{groups}",
            )
            return
        entry = CommentedMap()
        if said.get("name") and said["name"] != id_:
            entry["name"] = said["name"]
        if said.get("kind", "office") != "office":
            entry["kind"] = said["kind"]
        entry["hours"] = hours
        under(self.tree, "zones")[id_] = entry
        self.lines.append(Phrase(f"zone {id_}: new", f"区域 {id_}：新增"))

    def _rezone(self, id_: str, said: Mapping[str, str]) -> None:
        have = self.file.zones[id_]
        now = {"name": have.name, "kind": have.kind.value, "hours": have.hours}
        for column, cell in said.items():
            if cell != now[column]:
                self.tree["zones"][id_][column] = cell
                zh = COLUMNS[column].zh
                self.lines.append(
                    Phrase(
                        f"zone {id_}: {column} {now[column]} → {cell}",
                        f"区域 {id_}：{zh} {now[column]} → {cell}",
                    )
                )
