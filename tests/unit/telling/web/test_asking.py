"""Without a script: a form, a page that asks whether it is meant, and back with what came of it; guarded as the scripted way is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx
import pytest

from supervisor.telling.web.said import MOST, Kept
from tests.unit.telling.web.test_app import text_of
from tests.unit.telling.web.test_change import ANSWER, POINT, TOKEN, Page

ZONE = "f2-office-203"
FORM = {"zone": ZONE, "until": "20:30", "name": "张三", "token": TOKEN, "confirm": "yes"}
KEPT = {"zone": ZONE, "until": "2026-07-15T20:30:00+08:00", "failed": []}
HELD = {
    "point": POINT, "value": "on", "until": "18:00", "name": "李工", "reason": "接待", "token": TOKEN, "confirm": "yes", "do": "hold",
}  # fmt: skip
BACK = {"do": "back", "name": "李工", "token": TOKEN, "confirm": "yes"}


async def meant(page: Page, path: str, form: Mapping[str, str]) -> httpx.Response:
    """Send the form, and answer the question."""
    question = await page.client.post(path, data=dict(form))
    assert question.status_code == 200, question.text
    assert page.asked == []
    assert TOKEN not in question.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', question.text)
    assert ticket is not None
    return await page.client.post(path, data={"ticket": ticket[1]})


@pytest.mark.parametrize(
    ("what", "form", "answer", "back", "said"),
    [
        ("overtime", FORM, KEPT, f"../zone/{ZONE}?lang=zh&said=", f"{ZONE} 开放至 20:30"),
        ("release", FORM, KEPT, f"../zone/{ZONE}?lang=zh&said=", "已释放，至 20:30"),
        ("manual", HELD, ANSWER, "../?lang=zh&said=", f"{POINT} 手动为 开，至 18:00"),
        ("reload", BACK, {}, "../?lang=zh&said=", "已恢复更早的配置"),
    ],
)
async def test_it_is_asked_once_carried_out_once_and_said(
    what: str, form: dict[str, str], answer: dict[str, object], back: str, said: str
) -> None:
    """303 to the page that it was asked from, whose banner says what came of it; loading that again asks nothing."""
    page = Page(answer=answer)
    done = await meant(page, f"/ask/{what}?lang=zh", form)
    assert (done.status_code, done.headers["location"][: len(back)]) == (303, back)
    assert len(page.asked) == 1
    for _ in range(2):
        assert done.next_request is not None
        told = await page.client.get(done.next_request.url)
        assert said in text_of(told.text)
    assert len(page.asked) == 1
    gone = await page.client.get(done.headers["location"].replace("said=", "said=x").replace("../", "/"))
    assert said not in text_of(gone.text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("change", "status"), [({"token": "wrong"}, 401), ({"confirm": ""}, 400), ({"name": "x" * 20_000}, 413)]
)
async def test_what_is_lacking_is_said_in_the_form_and_what_was_typed_is_kept(
    lang: str, change: dict[str, str], status: int
) -> None:
    """But for the token, which stands in no page."""
    page = Page()
    refused = await page.client.post(f"/ask/release?lang={lang}", data={**FORM, **change})
    assert (refused.status_code, page.asked) == (status, [])
    assert 'role="alert"' in refused.text
    assert TOKEN not in refused.text
    if status != 413:
        assert 'value="20:30"' in refused.text
        assert 'value="张三"' in refused.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403), ({"origin": "null"}, 403), ({"sec-fetch-site": "cross-site"}, 403),
        ({"host": "evil.example"}, 421), ({"origin": "http://localhost", "sec-fetch-site": "same-origin"}, 200),
    ],
)  # fmt: skip
async def test_another_page_asks_neither_question_nor_answer(headers: dict[str, str], status: int) -> None:
    """Both steps look at where they come from; a page with a form says where it is, to us and nobody else."""
    page = Page(answer=KEPT)
    asked = await page.client.post("/ask/overtime", data=FORM, headers=headers)
    assert asked.status_code == status
    meant_ = await page.client.post("/ask/overtime", data={"ticket": "guessed"}, headers=headers)
    assert meant_.status_code == (400 if status == 200 else status)
    assert page.asked == []
    for path in ("/", f"/zone/{ZONE}", f"/ask/overtime?zone={ZONE}"):
        told = await page.client.get(path)
        assert "form-action 'self'" in told.headers["content-security-policy"]
        assert told.headers["referrer-policy"] == "same-origin"


async def test_a_question_is_answered_once_and_of_what_it_asked() -> None:
    """Sent twice, or to another form: it is over, and said so."""
    page = Page(answer=KEPT)
    question = await page.client.post("/ask/overtime", data=FORM)
    ticket = re.findall(r'name="ticket" value="([^"]+)"', question.text)[0]
    other = await page.client.post("/ask/release?lang=en", data={"ticket": ticket})
    assert (other.status_code, page.asked) == (400, [])
    again = await page.client.post("/ask/overtime?lang=en", data={"ticket": ticket})
    assert (again.status_code, page.asked) == (400, [])
    assert "answered already" in again.text


async def test_what_the_daemon_refuses_is_said_and_escaped() -> None:
    """With its own words, and the way back."""
    page = Page()
    refused = await meant(page, "/ask/manual?lang=en", {**HELD, "value": "25"})
    assert refused.status_code == 400
    assert "outside the limits &lt;b&gt;" in refused.text


async def test_each_form_has_a_page_that_does_not_reload_while_somebody_writes() -> None:
    """The pages that look on reload themselves without a script: each names, beside its form, the one that does not."""
    page = Page()
    for path, links in (("/?lang=en", ["manual"]), (f"/zone/{ZONE}?lang=en", ["overtime", "release"])):
        html = (await page.client.get(path)).text
        for what in links:
            assert re.search(rf'<noscript>.*href="(\.\./)?ask/{what}\?', html)
            assert re.search(rf'<form [^>]*method="post" action="(\.\./)?ask/{what}\?lang=en"', html)
    for what in ("overtime", "release"):
        form = await page.client.get(f"/ask/{what}?zone={ZONE}&lang=zh")
        assert (form.status_code, "http-equiv" in form.text, "<script" in form.text) == (200, False, False)
        assert (await page.client.get(f"/ask/{what}?zone=nowhere")).status_code == 404
    for what in ("manual", "reload"):
        assert (await page.client.get(f"/ask/{what}")).status_code == 200


def test_what_is_kept_is_forgotten_in_time_and_in_number() -> None:
    """Nobody fills the daemon's memory with questions."""
    now = [0.0]
    kept: Kept[int] = Kept(10.0, lambda: now[0])
    keys = [kept.put(n) for n in range(MOST + 5)]
    assert [kept.look(key) for key in (keys[0], keys[5], keys[-1])] == [None, 5, MOST + 4]
    now[0] = 10.0
    assert kept.take(keys[-1]) is None
