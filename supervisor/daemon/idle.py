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
from config.phrase import LANGS, Lang, Phrase
from supervisor.telling.web import Access
from supervisor.telling.web.access import AccessMiddleware
from supervisor.telling.web.asked import language

_OTHER = Phrase("中文", "English")
"""The link to the same page in the other language."""


class Waits(NamedTuple):
    """What it waits for: a heading, what becomes of the building meanwhile, and whether it is the site file that is wrong."""

    heading: Phrase
    meanwhile: Phrase
    file: bool


FILE = Waits(
    Phrase("The site file is not valid; nothing runs", "配置有误，未运行"),
    Phrase(
        "Slots are released. Mend and save the file: it starts by itself.",
        "占用的写入级已释放。改正并保存后自动启动。",
    ),
    True,
)
HELD = Waits(
    FILE.heading,
    Phrase(
        "The database does not answer: slots of an earlier run are not released yet; it is tried again.",
        "数据库无应答，先前占用的写入级尚未释放，正在重试。",
    ),
    True,
)
DATABASE = Waits(
    Phrase("The database does not answer; nothing runs", "数据库无应答，未运行"),
    Phrase(
        "What cannot be recorded is not written: controllers stay as they were left. It starts by itself once the "
        "database is there.",
        "无法留档即不写入：各控制器保持原状。数据库恢复后自动启动。",
    ),
    False,
)


class Idle:
    """Serves what is told by `waits` and `text`, as they are when somebody asks."""

    def __init__(self, http: Http, waits: Callable[[], Waits], text: Callable[[Lang], str]) -> None:
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
        waits, lang = self._waits(), language(request)
        other = next(each for each in LANGS if each != lang)
        body = (
            f'<!doctype html><html lang="{lang}"><meta charset=utf-8><title>building-supervisor</title>'
            f'<p><a href="?lang={other}">{_OTHER.told(lang)}</a></p>'
            f"<h1>{waits.heading.told(lang)}</h1><p>{waits.meanwhile.told(lang)}</p>"
            f"<pre>{html.escape(self._text(lang))}</pre></html>"
        )
        return HTMLResponse(body, 503, headers={"Content-Language": lang})

    async def _healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, request: Request) -> Response:
        return PlainTextResponse(self._text(language(request)) + "\n", 503)

    async def _metrics(self, request: Request) -> Response:
        name = "building_supervisor_config_last_reload_successful"
        told = int(not self._waits().file)
        return PlainTextResponse(
            f"# HELP {name} 1 if the last load of the site file succeeded.\n# TYPE {name} gauge\n{name} {told}\n"
        )
