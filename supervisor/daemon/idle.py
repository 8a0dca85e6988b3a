"""The page, the health checks and the metric of a daemon that has nothing to run yet: it says what it waits for."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from config.file import Http
from supervisor.telling.web import Access
from supervisor.telling.web.access import AccessMiddleware


class Waits(NamedTuple):
    """What it waits for: a heading, what becomes of the building meanwhile, and whether it is the site file that is wrong."""

    heading: str
    meanwhile: str
    file: bool


FILE = Waits(
    "配置有误，未运行 · The site file is not valid; nothing runs",
    "占用的写入级已释放。改正并保存后自动启动。 · Slots are released. Mend and save the file: it starts by itself.",
    True,
)
HELD = Waits(
    FILE.heading,
    "数据库无应答，先前占用的写入级尚未释放，正在重试。 · The database does not answer: slots of an earlier run are not released yet; it is tried again.",
    True,
)
DATABASE = Waits(
    "数据库无应答，未运行 · The database does not answer; nothing runs",
    "无法留档即不写入：各控制器保持原状。数据库恢复后自动启动。 · What cannot be recorded is not written: "
    "controllers stay as they were left. It starts by itself once the database is there.",
    False,
)


class Idle:
    """Serves what is told by `waits` and `text`, as they are when somebody asks."""

    def __init__(self, http: Http, waits: Callable[[], Waits], text: Callable[[], str]) -> None:
        self._waits, self._text = waits, text
        self._access = Access(http.bind, http.names, http.tokens, http.proxy)

    def app(self) -> Starlette:
        """The application."""
        routes = [
            Route("/", self._page),
            Route("/metrics", self._metrics),
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
        ]
        app = Starlette(routes=routes, middleware=[Middleware(AccessMiddleware, access=lambda: self._access)])
        app.state.close = lambda: None
        return app

    async def _page(self, request: Request) -> Response:
        waits = self._waits()
        body = (
            "<!doctype html><meta charset=utf-8><title>building-supervisor</title>"
            f"<h1>{waits.heading}</h1><p>{waits.meanwhile}</p><pre>{html.escape(self._text())}</pre>"
        )
        return HTMLResponse(body, 503)

    async def _healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, request: Request) -> Response:
        return PlainTextResponse(self._text() + "\n", 503)

    async def _metrics(self, request: Request) -> Response:
        name = "building_supervisor_config_last_reload_successful"
        told = int(not self._waits().file)
        return PlainTextResponse(
            f"# HELP {name} 1 if the last load of the site file succeeded.\n# TYPE {name} gauge\n{name} {told}\n"
        )
