"""What the page can ask for: that a value is held by hand, or no longer, and that the configuration goes back.

It needs a token wherever it comes from, this machine included, given with the request itself: what a browser sends by
itself (Basic) does not count, so that no other page can ask in a reader's name.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from config.phrase import Lang, Phrase
from config.roles import Role
from supervisor.core.asking import Refused
from supervisor.core.wording import command
from supervisor.telling.dictionary import WORDS
from supervisor.telling.web.access import Access, bearer

Ask: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""How the daemon is asked. Raises Refused, ValueError."""

MAX_BODY = 10_000
"""Octets of a request: its longest words, each in twelve octets of a form, and room besides."""
LONGEST_NAME = 200
"""Characters of a person's name, as in the page's forms."""
_FIELDS = ("point", "value", "until", "name")
_TOO_LONG = Phrase("the request is too long", "请求过长")
_ELSEWHERE = Phrase("asked for by another page", "请求来自其他页面")
_UNREADABLE = Phrase("the request cannot be read", "请求无法读取")


Made: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
"""What the daemon is asked for, from what was sent."""


async def held(request: Request, ask: Ask, access: Access, lang: Lang) -> Response:
    """Hold a value by hand, or end it."""
    return await change(request, ask, access, lang, _request, _done)


async def overtime(request: Request, ask: Ask, access: Access, lang: Lang) -> Response:
    """Keep a zone open until an hour."""
    return await change(request, ask, access, lang, _overtime, _kept_open)


async def released(request: Request, ask: Ask, access: Access, lang: Lang) -> Response:
    """Hand a zone's points back until an hour."""
    return await change(request, ask, access, lang, _release, _let_go)


async def taken_back(request: Request, ask: Ask, access: Access, lang: Lang) -> Response:
    """Go back to the configuration before the one in force; never to one that writes more: that takes the command line."""
    return await change(request, ask, access, lang, _back, _gone_back)


async def change(
    request: Request,
    ask: Ask,
    access: Access,
    lang: Lang,
    made: Made,
    done: Callable[[Mapping[str, Any]], Phrase],
) -> Response:
    """Answer one request: a form of the page, answered in a line of HTML, or JSON, answered in JSON."""
    as_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    reply = _in_json if as_json else _in_html
    if _from_elsewhere(request):
        return reply(403, _ELSEWHERE, lang)
    body = await _body(request)
    if body is None:
        return reply(413, _TOO_LONG, lang)
    asked = _read(body, as_json)
    if asked is None:
        return reply(400, _UNREADABLE, lang)
    if not access.may_change(bearer(request.headers) or str(asked.get("token") or "")):
        return reply(401, WORDS["m_no_token"], lang)
    if not as_json and asked.get("confirm") != "yes":
        return reply(400, WORDS["m_no_confirm"], lang)
    try:
        answer = await ask(made(asked))
    except Refused as refused:
        return reply(400, refused.phrase, lang)
    except ValueError as error:
        return reply(400, Phrase(str(error), "请求中有无法使用的值"), lang)
    if answer.get("waiting"):
        return reply(409, WORDS["n_waits"], lang)
    return reply(200, done(answer), lang, answer)


def _request(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the daemon is asked for."""
    do = "manual-end" if asked.get("do") == "end" else "manual"
    why = asked.get("reason", asked.get("why", ""))
    return {"do": do, **{key: asked.get(key, "") for key in _FIELDS}, "why": why}


def _overtime(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"do": "overtime", **{key: asked.get(key, "") for key in ("zone", "until", "name")}}


def _kept_open(answer: Mapping[str, Any]) -> Phrase:
    until = datetime.fromisoformat(answer["until"])
    return Phrase(*(text.format(answer["zone"], f"{until:%H:%M}") for text in WORDS["o_done"]))


def _release(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A person's word has her name, ends at an hour, and is about one zone: the whole building takes the command line."""
    words = {key: " ".join(str(asked.get(key) or "").split()) for key in ("zone", "until", "name")}
    for key, said in words.items():
        if not said:
            raise Refused(*WORDS[f"r_no_{key}"])
    if len(words["name"]) > LONGEST_NAME:
        raise Refused(*WORDS["r_long_name"])
    return {"do": "release", **words}


def _let_go(answer: Mapping[str, Any]) -> Phrase:
    until = datetime.fromisoformat(answer["until"])
    failed = len(answer.get("failed") or ())
    told = WORDS["r_some" if failed else "r_done"]
    return Phrase(*(text.format(f"{until:%H:%M}", failed) for text in told))


def _back(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"do": "reload-back", "name": asked.get("name", "")}


def _gone_back(answer: Mapping[str, Any]) -> Phrase:
    return WORDS["n_back"]


async def _body(request: Request) -> bytes | None:
    """The whole body; None for one that is too long to be a request."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > MAX_BODY:
            return None
    return found


def _read(body: bytes, as_json: bool) -> Mapping[str, Any] | None:
    try:
        text = body.decode()
        asked = json.loads(text) if as_json else dict(parse_qsl(text, max_num_fields=20))
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None


def _from_elsewhere(request: Request) -> bool:
    """A browser says whose page asks; programs say nothing."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()


def _done(answer: Mapping[str, Any]) -> Phrase:
    point = answer["point"]
    if "until" not in answer:
        return Phrase(*(text.format(point) for text in WORDS["m_ended"]))
    role, until = Role(answer["role"]), datetime.fromisoformat(answer["until"])
    value, text = answer["value"], WORDS["m_held"]
    return Phrase(
        text.en.format(point, command(value, role), f"{until:%H:%M}"),
        text.zh.format(point, command(value, role, zh=True), f"{until:%H:%M}"),
    )


def _in_html(status: int, said: Phrase, lang: Lang, answer: Mapping[str, Any] | None = None) -> Response:
    tone = "good" if status == 200 else "bad"
    return HTMLResponse(f'<span class="{tone}">{html.escape(said.told(lang))}</span>', status)


def _in_json(status: int, said: Phrase, lang: Lang, answer: Mapping[str, Any] | None = None) -> Response:
    told = answer if answer is not None else {"error": said.en, "error_zh": said.zh}
    return Response(json.dumps(told, ensure_ascii=False), status, media_type="application/json")
