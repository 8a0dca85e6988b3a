"""A points list taken into a site file: what differs is changed where it stands, what is new is added.

What the table does not name stays as it is. Raises nothing: what cannot be taken is a slip with its line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ruamel.yaml.comments import CommentedMap

from config.file import SiteFile
from config.phrase import Phrase
from config.site import Site
from supervisor.field.pointlist.additions import Additions
from supervisor.field.pointlist.changes import Changes
from supervisor.field.pointlist.machines import place
from supervisor.field.pointlist.places import Places
from supervisor.field.pointlist.rows import Row
from supervisor.field.pointlist.table import Slip


class Taken(NamedTuple):
    """What was changed, a line each, and what could not be."""

    lines: list[Phrase]
    slips: list[Slip]


def take(tree: CommentedMap, file: SiteFile, site: Site, rows: Iterable[Row]) -> Taken:
    """Change the tree of a site file so that it has these rows."""
    return _Taking(tree, file, site).take(list(rows))


class _Taking(Places, Additions, Changes):
    def take(self, rows: list[Row]) -> Taken:
        self._devices(rows)
        self._zones(rows)
        new = [row for row in rows if row.key not in self.have]
        machines = self._machines([row for row in new if row.equipment and "/" not in row.equipment])
        for row in new:
            if not row.equipment:
                self._sensor(row)
            elif "/" in row.equipment:
                self.slip(
                    row.line, f"{row.equipment} is not in the site file: write it there", f"站点文件中没有 {row.equipment}：请写在文件里"
                )  # fmt: skip
        place(machines, self.templates)
        self._add(machines)
        self._change([(self.have[row.key], row) for row in rows if row.key in self.have])
        self._count(new)
        return Taken(self.lines, self.slips)

    def _count(self, new: list[Row]) -> None:
        if new:
            self.lines.append(Phrase(f"{len(new)} points added", f"新增 {len(new)} 个点"))
