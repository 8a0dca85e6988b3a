"""What can be asked for without a script: a form of its own, a page that asks whether it is meant, and back with what came of it.

The token is typed once and stands in no page: what is asked for waits here under a key that works once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from config.phrase import Lang
from supervisor.telling.dictionary import WORDS
from supervisor.telling.rows import rows
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web.access import ASKS, Access, bearer
from supervisor.telling.web.answer import told
from supervisor.telling.web.asked import language, shortened, up_from
from supervisor.telling.web.change import KINDS, Ask, Denied, admitted, carried_out, sent
from supervisor.telling.web.live import Look
from supervisor.telling.web.said import Kept, Said
from supervisor.telling.words import word

MEANT_WITHIN: Final = 300.0
"""s in which a question is answered; a site choice."""


class Field(NamedTuple):
    """A field: its name, its label, how many characters it takes, an example."""

    name: str
    label: str
    longest: int
    example: str = ""


class Form(NamedTuple):
    """Keys of its title, its question and its button; its fields; whether it is about one zone."""

    title: str
    sure: str
    ask: str
    fields: tuple[Field, ...]
    zone: bool = False


_UNTIL, _WHO = Field("until", "m_until", 40, "18:00"), Field("name", "m_who", 200)
_POINT, _VALUE = Field("point", "m_point", 300, "m_point_hint"), Field("value", "m_value", 20, "m_value_hint")
FORMS: Final[Mapping[str, Form]] = {
    "overtime": Form("o_title", "o_sure", "o_ask", (_UNTIL, _WHO), zone=True),
    "release": Form("r_title", "r_sure", "r_ask", (_UNTIL, _WHO), zone=True),
    "manual": Form(
        "manual", "m_sure", "m_hold", (_POINT, _VALUE, _UNTIL, _WHO, Field("reason", "m_why", 200))
    ),
    "reload": Form("n_undo", "n_sure", "n_undo", (_WHO,)),
}
assert FORMS.keys() == KINDS.keys()


class _Waits(NamedTuple):
    """What is asked for until it is meant, and by whose token."""

    what: str
    asked: Mapping[str, Any]
    token: str


class Asking:
    """The pages. `access` is asked at each step: a token that was removed meanwhile changes nothing."""

    def __init__(self, look: Look, ask: Ask, access: Callable[[], Access], said: Said) -> None:
        self._look, self._ask, self._access, self._said = look, ask, access, said
        self._waiting: Kept[_Waits] = Kept(MEANT_WITHIN)

    @property
    def routes(self) -> list[Route]:
        """One for each thing that can be asked for."""
        return [Route(f"/ask/{what}", self.page, methods=["GET", "POST"]) for what in FORMS]

    async def page(self, request: Request) -> Response:
        """The form; the question, once it is sent; 303 back, once that is answered."""
        what, lang, snapshot = request.url.path.rpartition("/")[2], language(request), await self._look()
        if request.method != "POST":
            return await self._told(request, snapshot, lang, what, request.query_params)
        asked: Mapping[str, Any] = {}
        try:
            asked = await sent(request)
            if "ticket" in asked:
                waits = self._waiting.take(str(asked["ticket"]))
                asked = waits.asked if waits is not None else {}
                return await self._meant(request, lang, what, waits)
            asked = admitted(request, self._access(), asked)
        except Denied as denied:
            return await self._told(request, snapshot, lang, what, asked, denied)
        ticket = self._waiting.put(
            _Waits(what, asked, bearer(request.headers) or str(asked.get("token") or ""))
        )
        return await self._told(request, snapshot, lang, what, asked, ticket=ticket)

    async def _meant(self, request: Request, lang: Lang, what: str, waits: _Waits | None) -> Response:
        """It is carried out, once: a page that is loaded again does not ask again. Raises Denied."""
        if waits is None or waits.what != what:
            raise Denied(400, WORDS["k_over"])
        if not self._access().may_change(waits.token):
            raise Denied(401, WORDS["m_no_token"])
        _, said = await carried_out(what, self._ask, waits.asked)
        back = _back(what, str(waits.asked.get("zone", "")), up_from(request), lang)
        return RedirectResponse(f"{back}&said={self._said.put(said)}", 303)

    async def _told(
        self,
        request: Request,
        snapshot: Snapshot,
        lang: Lang,
        what: str,
        asked: Mapping[str, Any],
        denied: Denied | None = None,
        ticket: str = "",
    ) -> Response:
        form, up, zone = FORMS[what], up_from(request), str(asked.get("zone", ""))
        row = next(iter(rows(snapshot, lang, lambda one: one.id == zone)), None) if form.zone else None
        if form.zone and row is None and denied is None:
            said = word("z_missing", lang).format(shortened(zone))
            return await told("missing.html", snapshot, lang, up, {"said": said}, 404)
        typed = {field.name: str(asked.get(field.name, ""))[: field.longest] for field in form.fields}
        context = {
            "what": what, "title": form.title, "sure": form.sure, "ask": form.ask, "fields": form.fields, "row": row, "typed": typed,
            "refused": denied.said.told(lang) if denied is not None else "", "ticket": ticket,
            "words": [(field.label, typed[field.name]) for field in form.fields if typed[field.name]],
            "back": _back(what, zone if row is not None else "", up, lang),
        }  # fmt: skip
        if asked.get("do") == "end":
            context["sure"] = "m_end"
        return await told(
            "asking.html", snapshot, lang, up, context, denied.status if denied is not None else 200, ASKS
        )


def _back(what: str, zone: str, up: str, lang: Lang) -> str:
    """The page that it is asked from."""
    return f"{up}zone/{quote(zone, safe='')}?lang={lang}" if zone else f"{up}?lang={lang}"
