"""A zone's page: what it is now, what its week was like, and who held it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from supervisor.store import Store
from supervisor.telling.metrics import Metrics
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web import History, build_app
from supervisor.telling.web.live import Look
from tests.tools.fake_building import fake_building
from tests.tools.showcase import OFFICE, ROOM, intend, keep_week, kept
from tests.unit.telling.web.test_app import looking, text_of

__all__ = ["OFFICE", "ROOM", "browsing", "intend", "kept", "store"]


def browsing(look: Look, history: History | None) -> httpx.AsyncClient:
    """A browser on this machine, at a building that keeps what it reads."""
    metrics = Metrics("jiedao-office", fake_building, process=False)
    app = build_app(look, metrics.exposition, lambda: True, lambda: True, history=history)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A real store of an office whose room 203 was warm for a week, and shut off on one afternoon by its window."""
    made = Store(f"sqlite:///{tmp_path}/supervisor.db")
    made.open()
    await keep_week(made)
    yield made
    made.close()


async def test_a_week_is_drawn_with_its_gap_and_who_held_it(store: Store, tmp_path: Path) -> None:
    """Temperature, setpoint, limit and people; what was not read is hatched and counted, never nought."""
    async with browsing(looking(), kept(store, tmp_path)) as client:
        answer = await client.get(f"/zone/{ROOM}?lang=en")
    assert answer.status_code == 200
    words = text_of(answer.text)
    said = re.search(r"(\d+) of 2016 five-minute readings", words)
    assert said is not None
    assert 1900 <= int(said[1]) < 1930
    assert '<rect class="gap"' in answer.text
    assert answer.text.count('<polyline class="temperature"') == 2, "before the gap, and after it"
    assert "limit of the day 26 °C" in words
    assert re.search(r'<rect class="rule-0"[^>]*><title>[^<]*07-14 10:15 – 07-14 11:15', answer.text)
    assert "outside the rule" in words
    assert "1 h 00 min" in words
    assert "fan coil off: window open since 10:09" in words, "its last events"


async def test_the_page_of_a_zone_is_whole_without_script_and_in_any_folder(
    store: Store, tmp_path: Path
) -> None:
    """Scripts from this folder alone, no inline style, every address relative; the first page leads to it."""
    async with browsing(looking(), kept(store, tmp_path)) as client:
        html = (await client.get(f"/zone/{ROOM}?lang=zh")).text
        first = (await client.get("/?lang=zh&floor=all")).text
    assert set(re.findall(r"<script[^>]*src=\"([^\"]*)/", html)) == {"../static", "../static/vendor"}
    assert "<script>" not in html
    assert "style=" not in html
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert "../static/page.css" in addresses
    assert not [a for a in addresses if a.startswith(("/", "http"))]
    assert f'href="zone/{ROOM}?lang=zh"' in first
    assert "最近七天" in html


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "此处没有区域“x”。"), ("en", "There is no zone “x” here.")]
)
async def test_a_zone_that_is_not_there_is_told_so(lang: str, said: str) -> None:
    """404, in the reader's language, with a way back."""
    async with browsing(looking(), None) as client:
        answer = await client.get(f"/zone/x?lang={lang}")
    assert answer.status_code == 404
    assert said in answer.text
    assert f'href="../?lang={lang}"' in answer.text


@pytest.mark.parametrize(
    "asked", ["<script>alert(1)</script>", "..%2F..%2Fetc%2Fpasswd", "x" * 3000, "%00", "a/b/c"]
)
async def test_what_a_browser_may_ask_for_is_escaped(asked: str) -> None:
    """Markup, other folders, thousands of characters: 404, and nothing of it runs."""
    async with browsing(looking(), None) as client:
        answer = await client.get(f"/zone/{asked}")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 5000


async def test_an_id_with_odd_characters_leads_to_its_page() -> None:
    """A slash, a quotation mark, Chinese, a question mark."""
    odd = 'a/b"?二楼 #1'
    zones = (replace(fake_building().zones[0], id=odd),)

    def building() -> Snapshot:
        return fake_building(zones=zones, events=())

    async with browsing(looking(building), None) as client:
        first = (await client.get("/?lang=en")).text
        found = re.search(r'href="(zone/[^"?]*)\?lang=en"', first)
        assert found is not None
        answer = await client.get(f"/{found[1]}?lang=en")
    assert answer.status_code == 200
    assert "Nothing is recorded here." in answer.text
    assert 'href="../static/page.css"' in answer.text


async def test_a_store_that_cannot_be_read_is_said(store: Store, tmp_path: Path) -> None:
    """The rest of the page is there."""
    history = kept(store, tmp_path)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("alter table intents rename to gone")
    async with browsing(looking(), history) as client:
        answer = await client.get(f"/zone/{ROOM}?lang=en")
    assert answer.status_code == 200
    assert "The store cannot be read" in answer.text
    assert "28.7°" in text_of(answer.text)
