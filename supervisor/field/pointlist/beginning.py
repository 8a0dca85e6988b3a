"""The head of a site file that begins with a points list."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from config.file import SiteFile
from config.resolve import resolve
from config.roles import Role
from config.site import Site
from supervisor.field.pointlist.cells import ident
from supervisor.field.pointlist.rows import Row

HEAD = """\
# 由点表生成 · made from a points list
version: 1
building: {building}
timezone: Asia/Shanghai

dry_run: true                    # 新楼先试运行 · a new site starts with a dry run

hours:                           # 开放时间：请核对 · opening hours: look through them
{hours}{season}
zones:
{rest}
templates:

devices:
"""
_SEASON = """
season:                          # 无室外温度点时按日期 · by dates, as long as no outdoor temperature is read
  method: dates
  dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}
"""
_WORKDAY = "  {group}:\n    workday: 09:00-17:30\n"


def head(path: Path, rows: Iterable[Row]) -> tuple[str, SiteFile, Site]:
    """The text of a new file, and it as a site that has no point yet. Its hours are the groups that the rows name."""
    rows = list(rows)
    groups = list(dict.fromkeys(row.said["hours"] for row in rows if row.said.get("hours"))) or ["office"]
    outdoors = any(row.role is Role.OUTDOOR_TEMPERATURE for row in rows)
    rest = "\nequipment:\n" if any(len(row.zones) > 1 for row in rows) else ""
    rest += "\npoints:\n" if any(not row.zones and not row.equipment for row in rows) else ""
    building = ident(path.stem, "building", set())
    hours = "".join(_WORKDAY.format(group=group) for group in groups)
    plain = {
        "version": 1, "building": building, "timezone": "Asia/Shanghai",
        "hours": {group: {"workday": "09:00-17:30"} for group in groups},
        "zones": {"x": {"hours": groups[0]}}, "devices": {"x": {"instance": 1}},
    }  # fmt: skip
    file = SiteFile.model_validate(plain).model_copy(update={"zones": {}, "devices": {}})
    text = HEAD.format(building=building, hours=hours, season="" if outdoors else _SEASON, rest=rest)
    return text, file, resolve(file, str(path)).site
