"""An updated configuration on the page: what changed, by whom, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from config.phrase import Phrase
from supervisor.telling.metrics import Metrics
from supervisor.telling.snapshot import Snapshot, TakenUp, Waiting
from supervisor.telling.web import Access, build_app
from supervisor.telling.web.access import new_token
from tests.tools.fake_building import fake_building

TOKEN, HASHED = new_token()
CHANGED = Phrase("hall closes 20:00 → 18:00; affects 1 zone", "hall 关门 20:00 → 18:00；影响 1 个区域")
WHY = Phrase("the dry run ends: 3 points", "试运行结束：3 个点")
FORM = {"do": "back", "name": "李工", "token": TOKEN, "confirm": "yes"}


class Page:
    """The page of a building; `answer` is the daemon's to an undo."""

    def __init__(self, answer: Mapping[str, Any] | None = None, **building: Any) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.answer = answer or {"ok": True, "changes": []}
        snapshot = fake_building(**building)

        async def look() -> Snapshot:
            return snapshot

        app = build_app(
            look, Metrics("b", lambda: snapshot).exposition, lambda: True, lambda: True, access=lambda: Access(tokens=(HASHED,)), ask=self._ask,
            waits=lambda: ["the saved file waits"] if snapshot.waiting is not None else [],
        )  # fmt: skip
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    async def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(request)
        return self.answer

    async def text(self, lang: str) -> str:
        """What stands on it."""
        return (await self.client.get(f"/?lang={lang}")).text


def _news(**changes: Any) -> TakenUp:
    return TakenUp(fake_building().now - 60, (CHANGED,), **changes)


async def test_an_update_is_told_with_its_difference_and_undo() -> None:
    """For a day, in both languages; without a version to go back to there is no undo."""
    zh = await Page(news=_news(by="王敏")).text("zh")
    assert "配置已更新" in zh
    assert CHANGED.zh in zh
    assert "王敏" in zh
    assert "撤销" in zh
    en = await Page(news=_news(undo=False)).text("en")
    assert "Configuration updated" in en
    assert CHANGED.en in en
    assert "api/reload" not in en
    old = TakenUp(fake_building().now - 90_000, (CHANGED,))
    assert "Configuration updated" not in await Page(news=old).text("en")


async def test_undo_asks_the_daemon_in_a_persons_name() -> None:
    """With a token and a tick; without either nothing is asked."""
    page = Page(news=_news())
    done = await page.client.post("/api/reload?lang=zh", data=FORM)
    assert (done.status_code, page.asked) == (200, [{"do": "reload-back", "name": "李工"}])
    assert "已恢复" in done.text


@pytest.mark.parametrize(
    ("missing", "status"), [({"token": ""}, 401), ({"token": "x" * 43}, 401), ({"confirm": ""}, 400)]
)
async def test_nobody_undoes_anything_without_a_token_or_a_tick(missing: dict[str, str], status: int) -> None:
    """As for a value that is held by hand."""
    page = Page(news=_news())
    refused = await page.client.post("/api/reload", data={**FORM, **missing})
    assert (refused.status_code, page.asked) == (status, [])


async def test_the_page_never_makes_a_building_live() -> None:
    """Where the way back writes more the daemon waits, and the page sends the person to the command line."""
    page = Page({"ok": True, "waiting": True, "changes": [], "why": []}, news=_news())
    refused = await page.client.post("/api/reload?lang=en", data=FORM)
    assert refused.status_code == 409
    assert "reload --back --yes --by NAME" in refused.text


async def test_what_waits_is_on_the_page_and_in_the_health_check() -> None:
    """With why, in both languages, and in the API."""
    page = Page(waiting=Waiting((WHY,), (CHANGED,)))
    assert WHY.zh in await page.text("zh")
    assert WHY.en in await page.text("en")
    assert "the saved file waits" in (await page.client.get("/readyz")).text
    configuration = (await page.client.get("/api/building")).json()["configuration"]
    assert configuration["waiting"]["why"] == [WHY._asdict()]
