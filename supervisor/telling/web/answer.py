"""One of the pages beside the first one, as an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, Response

from config.phrase import Lang
from supervisor.clockwork.turns import in_turns
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web import render


async def told(
    name: str,
    snapshot: Snapshot,
    lang: Lang,
    up: str,
    context: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Made in turns, so that who decides need not wait for it."""
    await render.templates()
    html = await in_turns(render.beside(name, snapshot, lang, up, context))
    return HTMLResponse(html, status, headers={"Content-Language": lang, **(headers or {})})
