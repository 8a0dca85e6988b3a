"""Starting with a site file that is not valid: let go of what we hold, say what is wrong, wait for a cure."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Sequence
from pathlib import Path

import structlog
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from config.file import Http
from config.load import Loaded, load_text
from config.problems import Problem, render_all
from config.site import Site
from config.source import read_source
from drivers.protocol import DriverError
from supervisor.daemon.assemble import let_go
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.stopping import tell_left
from supervisor.sitefile.saved import saves
from supervisor.sitefile.sitefile import load
from supervisor.store.problems import StoreProblem
from supervisor.store.queries import latest_config
from supervisor.store.writer import Store
from supervisor.telling.web import Access, serve
from supervisor.telling.web.access import AccessMiddleware

log = structlog.get_logger()


def last_good(state_dir: Path, source: Path) -> Site | None:
    """The configuration that ran here last, from the store; None where there is none."""
    database = state_dir / "supervisor.sqlite3"
    if not database.exists():
        return None
    store = Store(f"sqlite:///{database}")
    try:
        store.open()
        text = store.read_now(latest_config)
    except StoreProblem as problem:
        log.warning("no earlier configuration", reason=problem.message)
        return None
    finally:
        store.close()
    return load_text(text, str(source)).site if text is not None else None


def page_of(loaded: Loaded, earlier: Site | None) -> Http:
    """Where the page of a broken file is served: as the file itself says, where that part of it is sound.

    Else as the configuration that ran here last said, else where it is by default.
    """
    tree = read_source(loaded.text.encode("utf-8", errors="surrogatepass"), "").tree
    fallback = earlier.http if earlier is not None else Http()
    if tree is not None and (proxy := tree.find(("http", "proxy"))[0]).text is not None:
        # Said, if only in a section that is wrong elsewhere: nobody is taken for local.
        fallback = fallback.model_copy(update={"proxy": fallback.proxy or proxy.text != "false"})
    if tree is None or any(p.is_error and p.path.split(".")[0] == "http" for p in loaded.problems):
        return fallback
    section = tree.child("http")
    try:
        return Http.model_validate(section.plain()) if section is not None else Http()
    except ValidationError:
        return fallback


async def release_earlier(state_dir: Path, source: Path) -> int:
    """Let go of every slot that an earlier run left, by its own configuration; how many were let go."""
    site = last_good(state_dir, source)
    if site is None:
        return 0
    try:
        done = await let_go(site, state_dir)
    except (DriverError, StoreProblem, OSError) as error:
        log.error("an earlier run's slots could not be released", reason=str(error))
        return 0
    log.info("released an earlier run's slots", released=len(done.released), owned=done.owned)
    tell_left(done.left)
    return len(done.released)


async def wait_for_cure(path: Path, loaded: Loaded, http: Http, stop: asyncio.Event) -> Site | None:
    """Serve a page that says what is wrong until the file is valid, or `stop` is set (then None)."""
    problems = _Problems(loaded, http)
    page = Helpers()  # its port may be somebody's just now
    page.start("http", lambda: serve(problems.app(), http.bind, http.port))
    changed = asyncio.Event()
    watching = asyncio.create_task(saves(path, changed))
    try:
        while not stop.is_set():
            waits = {asyncio.create_task(changed.wait()), asyncio.create_task(stop.wait())}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            changed.clear()
            problems.loaded = await asyncio.to_thread(load, path)
            if problems.loaded.site is not None and not stop.is_set():
                return problems.loaded.site
        return None
    finally:
        watching.cancel()
        await asyncio.gather(page.stop(), watching, return_exceptions=True)


class _Problems:
    """The page, the health checks and the metric of a daemon that has nothing to run."""

    def __init__(self, loaded: Loaded, http: Http) -> None:
        self.loaded = loaded
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

    def _text(self) -> str:
        return render_all(self._errors(), self.loaded.text)

    def _errors(self) -> Sequence[Problem]:
        return [p for p in self.loaded.problems if p.is_error]

    async def _page(self, request: Request) -> Response:
        body = (
            "<!doctype html><meta charset=utf-8><title>building-supervisor</title>"
            "<h1>配置有误，未运行 · The site file is not valid; nothing runs</h1>"
            "<p>占用的写入级已释放。改正并保存后自动启动。 · Slots are released. Mend and save the file: it starts by itself.</p>"
            f"<pre>{html.escape(self._text())}</pre>"
        )
        return HTMLResponse(body, 503)

    async def _healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, request: Request) -> Response:
        return PlainTextResponse(self._text() + "\n", 503)

    async def _metrics(self, request: Request) -> Response:
        name = "building_supervisor_config_last_reload_successful"
        text = (
            f"# HELP {name} 1 if the last load of the site file succeeded.\n# TYPE {name} gauge\n{name} 0\n"
        )
        return PlainTextResponse(text)
