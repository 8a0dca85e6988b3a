"""The HTTP side: the page, the metrics, the health checks and the API; one request of it asks for a change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from config.phrase import Lang, Phrase
from supervisor.clockwork.turns import in_turns
from supervisor.core.asking import Refused
from supervisor.telling.metrics import Metrics
from supervisor.telling.snapshot import Event
from supervisor.telling.web import api
from supervisor.telling.web.access import ASKS, Access, AccessMiddleware, TurnedAway
from supervisor.telling.web.asked import language
from supervisor.telling.web.asking import Asking
from supervisor.telling.web.change import KINDS, Ask, change
from supervisor.telling.web.history import History
from supervisor.telling.web.live import Live, Look
from supervisor.telling.web.pages import beside
from supervisor.telling.web.render import page, templates
from supervisor.telling.web.said import Said
from supervisor.telling.web.static_files import Static

STATIC = Path(__file__).parent / "static"
MAX_EVENTS = 200
EVENTS = "text/event-stream"
UNBUFFERED: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
"""nginx passes each event on as it comes (its ngx_http_proxy_module, `proxy_buffering`)."""
LONGEST_FLOOR = 8
"""Characters of a floor's key."""
LONGEST_ZONE = 200
"""Characters of a zone's id, as the site file takes it."""
_FIRST_ROUND = "the first round of readings is not complete"
Helpers: TypeAlias = Callable[[], Mapping[str, str]]
"""What runs beside the daemon → why it does not run or work; empty for what does."""
Exposition: TypeAlias = Callable[[], Awaitable[AsyncIterator[bytes]]]
"""The metrics' text of one look, in parts that are made as they are taken."""
Recent: TypeAlias = Callable[[], Awaitable[tuple[Sequence[Event], str]]]
"""The last events, the newest last, and the site's time zone."""


class _Handlers:
    """All handlers are coroutines: the snapshot is only ever taken on the daemon's own loop."""

    def __init__(
        self,
        look: Look,
        exposition: Exposition,
        alive: Callable[[], bool],
        ready: Callable[[], bool],
        live: Live,
        access: Callable[[], Access],
        helpers: Helpers,
        barred: Helpers,
        ask: Ask,
        waits: Callable[[], list[str]],
        lacking: Callable[[], list[str]],
        said: Said,
        brief: Look,
        recent: Recent,
    ) -> None:
        self._look, self._brief, self._recent = look, brief, recent
        self._exposition = exposition
        self._alive = alive
        self._ready = ready
        self._live = live
        self._access = access
        self._helpers, self._barred = helpers, barred
        self._ask = ask
        self._waits = waits
        self._lacking = lacking
        self._said = said

    async def page(self, request: Request) -> Response:
        lang = language(request)
        await templates()
        html = await in_turns(page(await self._look(), lang, _floor(request), self._said.of(request, lang)))
        return HTMLResponse(html, headers={"Content-Language": lang, **ASKS})

    async def live(self, request: Request) -> Response:
        client = request.client.host if request.client else None
        if request.method == "HEAD":
            return Response(
                media_type=EVENTS, headers=UNBUFFERED
            )  # what a stream would be; it takes nobody's place

        def may_go_on() -> bool:
            """A token that was removed ends its open pages, too."""
            return self._access().may_read(client, request.headers)

        zone = request.query_params.get("zone", "")[:LONGEST_ZONE]
        return _Open(self._live, language(request), may_go_on, _floor(request), zone)

    async def metrics(self, request: Request) -> Response:
        return StreamingResponse(await self._exposition(), media_type=Metrics.content_type)

    async def healthz(self, request: Request) -> Response:
        if self._alive():
            return PlainTextResponse("ok\n")
        return PlainTextResponse("the loop does not turn\n", 503)

    async def readyz(self, request: Request) -> Response:
        if self._ready():
            wrong = [f"{name} does not work: {why}" for name, why in self._helpers().items() if why]
            wrong += [f"{device}: {why}" for device, why in self._barred().items()]
            wrong += self._waits()
            return PlainTextResponse("\n".join(("ready", *wrong)) + "\n")
        return PlainTextResponse("\n".join(self._lacking()) + "\n", 503)

    async def building(self, request: Request) -> Response:
        return _json(api.text(api.building(await self._brief())))

    async def zones(self, request: Request) -> Response:
        return _json(await in_turns(api.zones(await self._look())))

    async def change(self, request: Request) -> Response:
        what = request.url.path.rpartition("/")[2]
        return await change(request, what, self._ask, self._access(), language(request))

    async def events(self, request: Request) -> Response:
        asked = request.query_params.get("limit", str(MAX_EVENTS))
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= MAX_EVENTS):
            return PlainTextResponse(f"limit is a number from 1 to {MAX_EVENTS}\n", 400)
        told, timezone = await self._recent()
        return _json(api.text(api.events(told, timezone, int(asked))))


async def _nobody(request: Mapping[str, Any]) -> Mapping[str, Any]:
    raise Refused("nobody here can do that", "此处无法执行")


def build_app(
    look: Look,
    exposition: Exposition,
    alive: Callable[[], bool],
    ready: Callable[[], bool],
    *,
    access: Callable[[], Access] = Access,
    helpers: Helpers = dict,
    barred: Helpers = dict,
    ask: Ask = _nobody,
    waits: Callable[[], list[str]] = list,
    lacking: Callable[[], list[str]] = lambda: [_FIRST_ROUND],
    history: History | None = None,
    refused: TurnedAway = lambda why, path, peer: None,
    brief: Look | None = None,
    recent: Recent | None = None,
    period: float = 1.0,
) -> Starlette:
    """The application.

    `look` gives the building as it is while it looks; `exposition` the metrics' text; `alive` says whether the
    daemon's loop has turned lately, `ready` whether it has decided. `access` is asked at each request and by open pages, by default loopback only; `helpers` says why one does not run, `barred` why nothing is written to a
    controller, `ask` puts what people ask for to the daemon, `waits` names a saved file that waits, `lacking` says
    why it is not ready, a line each;
    `history` is what the pages beside the first one read of the past, None where nothing is kept; `refused` hears of each
    request for a change that is turned away; `brief` looks without what comes next in each zone, `recent` has the events and the
    time zone without a look; `period` is wall seconds between live updates. All are called on the event loop that serves.
    """
    live, said = Live(look, period), Said()

    async def looked_at() -> tuple[Sequence[Event], str]:
        seen = await look()
        return seen.events, seen.timezone

    handle = _Handlers(
        look, exposition, alive, ready, live, access, helpers, barred, ask, waits, lacking, said, brief or look,
        recent or looked_at,
    )  # fmt: skip
    routes = [
        Route("/", handle.page),
        Route("/live", handle.live),
        *beside(look, history, said),
        Route("/metrics", handle.metrics),
        Route("/healthz", handle.healthz),
        Route("/readyz", handle.readyz),
        Route("/api/building", handle.building),
        Route("/api/zones", handle.zones),
        Route("/api/events", handle.events),
        *(Route(f"/api/{what}", handle.change, methods=["POST"]) for what in KINDS),
        *Asking(look, ask, access, said).routes,
        Route("/static/{name:path}", Static(STATIC).file),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(AccessMiddleware, access=access, refused=refused)])
    app.state.close = live.close
    return app


def reasons(store: Phrase | None, waiting_for: Sequence[str], silent: Iterable[str]) -> list[str]:
    """Why the daemon is not ready yet, a line each: what is wrong with the store, what its start waits for, which
    controllers never answered. Asked every second while it starts, so it takes no look at the rooms."""
    if store is not None:
        return [f"nothing is recorded, so nothing is written: {store.en}"]
    return list(waiting_for) or [f"{id_} has not answered" for id_ in silent] or [_FIRST_ROUND]


def _floor(request: Request) -> str:
    """`?floor=`: which floor is open; anything too long to be one is none."""
    asked = request.query_params.get("floor", "")
    return asked if len(asked) <= LONGEST_FLOOR else ""


class _Open(Response):
    """A live page. It is counted in the same breath in which there is found to be room for it."""

    def __init__(self, live: Live, lang: Lang, allowed: Callable[[], bool], floor: str, zone: str) -> None:
        super().__init__()
        self._live, self._lang, self._allowed, self._floor, self._zone = live, lang, allowed, floor, zone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it until it goes away, or is refused."""
        with self._live.place() as free:
            answer: Response = PlainTextResponse("too many pages are open\n", 503)
            if free:
                parts = self._live.stream(self._lang, self._allowed, self._floor, self._zone)
                answer = StreamingResponse(parts, media_type=EVENTS, headers=UNBUFFERED)
            await answer(scope, receive, send)


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")
