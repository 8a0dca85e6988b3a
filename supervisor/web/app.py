"""The HTTP side: the page, the metrics, the health checks and the API. Nothing here changes state."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from supervisor.metrics import Metrics
from supervisor.snapshot import Snapshot
from supervisor.web import api
from supervisor.web.access import Access, AccessMiddleware
from supervisor.web.live import Live
from supervisor.web.render import page
from supervisor.web.words import LANGS, Lang

STATIC = Path(__file__).parent / "static"
MAX_EVENTS = 200


class _Handlers:
    """All handlers are coroutines: the snapshot is only ever taken on the daemon's own loop."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        exposition: Callable[[], Awaitable[bytes]],
        alive: Callable[[], bool],
        live: Live,
    ) -> None:
        self._snapshot = snapshot
        self._exposition = exposition
        self._alive = alive
        self._live = live

    async def page(self, request: Request) -> Response:
        lang = language(request)
        return HTMLResponse(page(self._snapshot(), lang), headers={"Content-Language": lang})

    async def live(self, request: Request) -> Response:
        if self._live.full:
            return PlainTextResponse("too many pages are open\n", 503)
        return StreamingResponse(self._live.stream(language(request)), media_type="text/event-stream")

    async def metrics(self, request: Request) -> Response:
        return Response(await self._exposition(), media_type=Metrics.content_type)

    async def healthz(self, request: Request) -> Response:
        if self._alive():
            return PlainTextResponse("ok\n")
        return PlainTextResponse("the loop does not turn\n", 503)

    async def readyz(self, request: Request) -> Response:
        snapshot = self._snapshot()
        if snapshot.ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse("\n".join(reasons(snapshot)) + "\n", 503)

    async def building(self, request: Request) -> Response:
        return _json(api.building(self._snapshot()))

    async def zones(self, request: Request) -> Response:
        return _json(api.zones(self._snapshot()))

    async def events(self, request: Request) -> Response:
        asked = request.query_params.get("limit", str(MAX_EVENTS))
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= MAX_EVENTS):
            return PlainTextResponse(f"limit is a number from 1 to {MAX_EVENTS}\n", 400)
        return _json(api.events(self._snapshot(), int(asked)))


def build_app(
    snapshot: Callable[[], Snapshot],
    exposition: Callable[[], Awaitable[bytes]],
    alive: Callable[[], bool],
    *,
    access: Access | None = None,
    period: float = 1.0,
) -> Starlette:
    """The application.

    `snapshot` makes the building at this moment; `exposition` the metrics' text; `alive` says whether the
    daemon's loop has turned lately. `access` is by default loopback only; `period` is wall seconds between
    live updates. All are called on the event loop that serves.
    """
    live = Live(snapshot, period)
    handle = _Handlers(snapshot, exposition, alive, live)
    routes = [
        Route("/", handle.page),
        Route("/live", handle.live),
        Route("/metrics", handle.metrics),
        Route("/healthz", handle.healthz),
        Route("/readyz", handle.readyz),
        Route("/api/building", handle.building),
        Route("/api/zones", handle.zones),
        Route("/api/events", handle.events),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(AccessMiddleware, access=access or Access())])
    app.state.close = live.close
    return app


def reasons(snapshot: Snapshot) -> list[str]:
    """Why the daemon is not ready yet, a line each."""
    silent = [f"{device.id} has not answered" for device in snapshot.devices if device.last_answer is None]
    return list(snapshot.waiting_for) or silent or ["the first round of readings is not complete"]


def language(request: Request) -> Lang:
    """`?lang=`, else the first of the browser's languages that we speak, else Chinese."""
    wanted = [request.query_params.get("lang", "")]
    wanted += request.headers.get("accept-language", "").split(",")
    for entry in wanted:
        for lang in LANGS:
            if entry.strip().lower().startswith(lang):
                return lang
    return "zh"


def _json(content: object) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(body, media_type="application/json")
