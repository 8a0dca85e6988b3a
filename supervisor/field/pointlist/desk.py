"""A site file on the desk: its tree, what it says now, and what is noted while a points list is taken in."""

from __future__ import annotations

from ruamel.yaml.comments import CommentedMap

from config.file import SiteFile
from config.phrase import Phrase
from config.roles import Role
from config.site import Site
from supervisor.field.pointlist.entries import (
    templates_of,
)
from supervisor.field.pointlist.rows import Row, point_ids, rows_of
from supervisor.field.pointlist.table import Slip


class Desk:
    """The tree of a site file, changed in place; `have`: its rows as they are."""

    def __init__(self, tree: CommentedMap, file: SiteFile, site: Site) -> None:
        self.tree, self.file, self.site = tree, file, site
        self.have: dict[tuple[tuple[str, ...], str, Role, int], Row] = {
            row.key: row for row in rows_of(site, file)
        }
        self.ids = point_ids(site)
        self.templates = templates_of(file, site)
        self.slips: list[Slip] = []
        self.lines: list[Phrase] = []

    def slip(self, line: int, en: str, zh: str) -> None:
        """Something of a line cannot be taken."""
        self.slips.append(Slip(line, Phrase(en, zh)))

    def _equipment(self, row: Row) -> CommentedMap:
        """The entry of a piece of equipment, written out."""
        where = (
            self.tree["zones"][row.zones[0]]["equipment"] if self._in_zone(row) else self.tree["equipment"]
        )
        entry = where[row.equipment]
        if not isinstance(entry, CommentedMap):
            entry = CommentedMap({"at": entry})
            where[row.equipment] = entry
            if isinstance(where, CommentedMap):
                where.fa.set_block_style()
        return entry

    def _in_zone(self, row: Row) -> bool:
        return len(row.zones) == 1 and row.equipment not in self.file.equipment
