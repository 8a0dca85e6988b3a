"""Held by hand from the page: with a token, confirmed, from this page alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from config.rules import RuleId
from supervisor.core.asking import Refused
from supervisor.telling.snapshot import ByHand
from supervisor.telling.web import Access, build_app
from supervisor.telling.web.access import new_token
from supervisor.telling.web.change import MAX_BODY
from tests.tools.fake_building import fake_building
from tests.unit.telling.web.test_app import body, looking, no_metrics, text_of, visiting

POINT = "f2-office-201/fcu/start_stop"
TOKEN, HASHED = new_token()
FORM = {
    "point": POINT, "value": "on", "until": "18:00", "name": "李工", "reason": "接待", "token": TOKEN,
    "confirm": "yes", "do": "hold",
}  # fmt: skip
ANSWER = {
    "point": POINT,
    "role": "start_stop",
    "value": True,
    "until": "2026-07-15T18:00:00+08:00",
    "name": "李工",
}


class Page:
    """The page, and what the daemon was asked for."""

    def __init__(self, *, peer: str = "127.0.0.1", answer: Mapping[str, Any] = ANSWER) -> None:
        self.answer = answer
        self.asked: list[Mapping[str, Any]] = []
        app = build_app(
            looking(),
            no_metrics,
            lambda: True,
            lambda: True,
            access=lambda: Access(tokens=(HASHED,)),
            ask=self.ask,
        )
        transport = httpx.ASGITransport(app, client=(peer, 1))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    async def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The daemon."""
        self.asked.append(request)
        if request.get("value") == "25":
            raise Refused("outside the limits <b>", "超出限值")
        return self.answer if request["do"] != "manual-end" else {"point": POINT}

    async def send(self, form: Mapping[str, str], lang: str = "en", **headers: str) -> httpx.Response:
        """A form that is sent."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/api/manual?lang={lang}", data=dict(form), headers=given)


async def test_a_value_is_held_and_ended_and_the_page_says_so_in_its_language() -> None:
    """The daemon is asked in the command line's own words."""
    page = Page()
    done = await page.send(FORM)
    assert (done.status_code, text_of(done.text).strip()) == (200, f"{POINT} is held at on until 18:00")
    assert page.asked == [
        {"do": "manual", "point": POINT, "value": "on", "until": "18:00", "name": "李工", "why": "接待"}
    ]
    done = await page.send({**FORM, "do": "end", "value": ""}, "zh")
    assert text_of(done.text).strip() == f"{POINT} 已结束手动"
    assert page.asked[-1]["do"] == "manual-end"


async def test_a_program_asks_in_json_and_gives_its_token_as_others_do() -> None:
    """A bearer token; the answer is the daemon's, an error has both languages."""
    page = Page()
    asked = {"point": POINT, "value": "on", "until": "18:00", "name": "MES", "why": "shift"}
    headers = {"authorization": f"Bearer {TOKEN}"}
    done = await page.client.post("/api/manual", json=asked, headers=headers)
    assert (done.status_code, done.json()) == (200, ANSWER)
    wrong = await page.client.post("/api/manual", json={**asked, "value": "25"}, headers=headers)
    assert (wrong.status_code, wrong.json()) == (
        400,
        {"error": "outside the limits <b>", "error_zh": "超出限值"},
    )


@pytest.mark.parametrize("token", ["", "wrong", HASHED])
@pytest.mark.parametrize("peer", ["127.0.0.1", "192.168.1.7"])
async def test_nobody_holds_anything_without_a_token_on_this_machine_either(token: str, peer: str) -> None:
    """Reading is free here; changing never is, and a stored hash opens nothing."""
    page = Page(peer=peer)
    refused = await page.send({**FORM, "token": token})
    assert refused.status_code == 401
    assert not page.asked


async def test_what_a_browser_sends_by_itself_is_no_token_for_a_change() -> None:
    """A password that the browser remembers lets another page read nothing, and ask for nothing."""
    page = Page()
    refused = await page.client.post("/api/manual", data={**FORM, "token": ""}, auth=("x", TOKEN))
    assert (refused.status_code, page.asked) == (401, [])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"origin": "http://localhost", "sec_fetch_site": "same-origin"}, 200),
        ({"host": "evil.example"}, 421),
    ],
)
async def test_another_page_cannot_ask(headers: dict[str, str], status: int) -> None:
    """Its origin is another, and the browser says so."""
    page = Page()
    assert (await page.send(FORM, **headers)).status_code == status
    assert bool(page.asked) is (status == 200)


@pytest.mark.parametrize(
    ("content", "type_", "status"),
    [
        (b"x" * (MAX_BODY + 1), "application/x-www-form-urlencoded", 413),
        (b"\xff\xfe", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b"&".join(b"a%d=1" % n for n in range(30)), "application/x-www-form-urlencoded", 400),
    ],
)
async def test_what_is_no_request_is_refused_and_nothing_falls_over(
    content: bytes, type_: str, status: int
) -> None:
    """Too long, no text, no object, nested without end, too many fields."""
    page = Page()
    sent = await page.client.post("/api/manual", content=content, headers={"content-type": type_})
    assert (sent.status_code, page.asked) == (status, [])


async def test_it_is_confirmed_and_a_refusal_is_shown_as_text() -> None:
    """A form without the tick asks for nothing; words of an error are not markup."""
    page = Page()
    assert (await page.send({k: v for k, v in FORM.items() if k != "confirm"})).status_code == 400
    assert not page.asked
    wrong = await page.send({**FORM, "value": "25"})
    assert (wrong.status_code, wrong.text) == (400, '<span class="bad">outside the limits &lt;b&gt;</span>')
    async with visiting() as client:
        assert (await client.get("/api/manual")).status_code == 405


async def test_the_page_and_the_api_show_what_is_held() -> None:
    """手动, until when, by whom and why; and a rule that goes before it."""
    zone = fake_building().zones[0].id
    now = fake_building().now
    held = ByHand(
        zone, "start_stop", f"{zone}/fcu/start_stop", True, now + 3600, "李工", "接待", RuleId.FREEZE_PROTECT
    )
    words = text_of(await body("/?lang=zh&floor=all", by_hand=(held,)))
    for part in ("手动 · 至 11:15", "李工：接待", "优先"):
        assert part in words
    assert "by hand · until 11:15" in text_of(await body("/?lang=en&floor=all", by_hand=(held,)))
    async with visiting(lambda: fake_building(by_hand=(held,))) as client:
        building, zones = (await client.get("/api/building")).json(), (await client.get("/api/zones")).json()
    assert building["manual"] == zones["zones"][0]["manual"]
    told = building["manual"][0]
    assert (told["name"], told["why"], told["value"], told["outranked"]) == (
        "李工",
        "接待",
        True,
        "freeze-protect",
    )
    assert "无手动控制" in text_of(await body("/?lang=zh"))


@pytest.mark.parametrize("key", ["token", "name", "reason", "point", "confirm"])
async def test_half_a_sign_is_no_text_and_breaks_nothing(key: str) -> None:
    """JSON can spell one: whoever sends it, with a token or without, is told that it cannot be read."""
    page = Page()
    sent = json.dumps({**FORM, key: "\ud800"})
    done = await page.client.post(
        "/api/manual",
        content=sent,
        headers={"content-type": "application/json", "authorization": f"Bearer {TOKEN}"},
    )
    assert (done.status_code, done.json()["error_zh"]) == (400, "请求无法读取")
    assert not page.asked
