"""Of `doctor`: whether what was read long ago can move to files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.findings import Finding
from supervisor.store.kinds import HOURS, READINGS, installed
from supervisor.store.months import FOLDER, Months


def retained(site: Site, folder: Path) -> Iterator[Finding]:
    """Where months of readings go, and how many are there."""
    files = Months(folder / FOLDER)
    there = [*files.there(READINGS), *files.there(HOURS)]
    days = f"{site.readings_for / 86400:g}"
    if installed():
        said = Phrase(
            f"{len(there)} months in files; after {days} days", f"已转存 {len(there)} 个月；{days} 天后转存"
        )
        yield Finding("ok", "old readings", said)
    else:
        said = Phrase(
            "stay in the database: with pyarrow (pip install 'pyarrow>=21,<27') they move to files",
            "留在数据库中；安装 pyarrow 后按月转存为文件（pip install 'pyarrow>=21,<27'）",
        )
        yield Finding("bad" if there else "note", "old readings", said)
