"""Reports to download: what is in the folder of reports, and nothing else of the disk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from config.phrase import Lang
from supervisor.telling.reports.files import Report, there
from supervisor.telling.web.answer import told
from supervisor.telling.web.asked import language, shortened, up_from
from supervisor.telling.web.history import History
from supervisor.telling.web.live import Look
from supervisor.telling.words import word

SHOWN: Final = 500
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A file to download."""

    name: str
    building: str
    period: str
    kind: str
    lang: str
    size: str
    made: str


class Reports:
    """The list of reports, and each of them."""

    def __init__(self, look: Look, history: History | None) -> None:
        self._look, self._history = look, history

    async def page(self, request: Request) -> Response:
        """The latest period first."""
        lang, snapshot = language(request), await self._look()
        tz = ZoneInfo(snapshot.timezone)
        found = await self._there()
        context = {"reports": [_line(r, tz, lang) for r in found[:SHOWN]], "more": max(0, len(found) - SHOWN)}
        return await told("reports.html", snapshot, lang, "", context)

    async def file(self, request: Request) -> Response:
        """One of them, to be saved; 404 for any name that is not in the list."""
        name = request.path_params["name"]
        for report in await self._there():
            if report.path.name == name:
                return FileResponse(
                    report.path, media_type=_TYPES[report.kind], filename=name, content_disposition_type="attachment"
                )  # fmt: skip
        lang = language(request)
        said = word("d_missing", lang).format(shortened(name))
        return await told("missing.html", await self._look(), lang, up_from(request), {"said": said}, 404)

    async def _there(self) -> list[Report]:
        """Files of the folder itself: a link that leads out of it is none of them."""
        if self._history is None:
            return []
        folder = self._history.reports
        return await asyncio.to_thread(lambda: [r for r in there(folder) if not r.path.is_symlink()])


def _line(report: Report, tz: ZoneInfo, lang: Lang) -> Line:
    return Line(
        report.path.name,
        report.building,
        report.period,
        word(f"d_{report.kind}", lang),
        word(f"d_{report.lang}", lang),
        f"{max(1, round(report.size / 1024)):,} KB",
        f"{datetime.fromtimestamp(report.made, tz):%Y-%m-%d %H:%M}",
    )
