"""What the page can ask for: that a value is held by hand, or no longer, and that the configuration goes back.

It needs a token wherever it comes from, this machine included, given with the request itself: what a browser sends by
itself (Basic) does not count, so that no other page can ask in a reader's name.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias
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
Done: TypeAlias = Callable[[Mapping[str, Any]], Phrase]
"""What is said of its answer."""


class Denied(Exception):
    """A request that goes no further: its status, and what is said of it."""

    def __init__(self, status: int, said: Phrase) -> None:
        super().__init__(said.en)
        self.status, self.said = status, said


async def change(request: Request, what: str, ask: Ask, access: Access, lang: Lang) -> Response:
    """Answer one request for one of `KINDS`: a form of the page, answered in a line of HTML, or JSON, answered in JSON."""
    as_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    reply = _in_json if as_json else _in_html
    try:
        asked = admitted(request, access, await sent(request, as_json=as_json), as_json=as_json)
        answer, said = await carried_out(what, ask, asked)
    except Denied as denied:
        return reply(denied.status, denied.said, lang)
    return reply(200, said, lang, answer)


def admitted(
    request: Request, access: Access, asked: Mapping[str, Any], *, as_json: bool = False
) -> Mapping[str, Any]:
    """What was sent, by somebody who may change something. Raises Denied."""
    if not access.may_change(bearer(request.headers) or str(asked.get("token") or "")):
        raise Denied(401, WORDS["m_no_token"])
    if not as_json and asked.get("confirm") != "yes":
        raise Denied(400, WORDS["m_no_confirm"])
    return asked


async def sent(request: Request, *, as_json: bool = False) -> Mapping[str, Any]:
    """What was sent, from this page or by a program. Raises Denied."""
    if _from_elsewhere(request):
        raise Denied(403, _ELSEWHERE)
    body = await _body(request)
    if body is None:
        raise Denied(413, _TOO_LONG)
    asked = _read(body, as_json)
    if asked is None:
        raise Denied(400, _UNREADABLE)
    return asked


async def carried_out(what: str, ask: Ask, asked: Mapping[str, Any]) -> tuple[Mapping[str, Any], Phrase]:
    """The daemon's answer to a request for one of `KINDS`, and what is said of it. Raises Denied."""
    made, done = KINDS[what]
    try:
        answer = await ask(made(asked))
    except Refused as refused:
        raise Denied(400, refused.phrase) from refused
    except ValueError as error:
        raise Denied(400, Phrase(str(error), "请求中有无法使用的值")) from error
    if answer.get("waiting"):
        raise Denied(409, WORDS["n_waits"])
    return answer, done(answer)


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
        json.dumps(asked, ensure_ascii=False).encode()  # JSON can spell halves of signs, which are no text
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


KINDS: Final[Mapping[str, tuple[Made, Done]]] = {
    "manual": (_request, _done),
    "overtime": (_overtime, _kept_open),
    "release": (_release, _let_go),
    "reload": (_back, _gone_back),
}
"""What can be asked for: a value held by hand, or no longer; a zone kept open until an hour; its points handed back until one;
the configuration before the one in force, never one that writes more: that takes the command line."""


def _in_html(status: int, said: Phrase, lang: Lang, answer: Mapping[str, Any] | None = None) -> Response:
    tone = "good" if status == 200 else "bad"
    return HTMLResponse(f'<span class="{tone}">{html.escape(said.told(lang))}</span>', status)


def _in_json(status: int, said: Phrase, lang: Lang, answer: Mapping[str, Any] | None = None) -> Response:
    told = answer if answer is not None else {"error": said.en, "error_zh": said.zh}
    return Response(json.dumps(told, ensure_ascii=False), status, media_type="application/json")
