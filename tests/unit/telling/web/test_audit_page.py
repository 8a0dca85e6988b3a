"""The audit, searched by people: what was written, why, by which clause, what came of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supervisor.store import Store
from supervisor.telling.web.audit_page import SHOWN, chain
from tests.tools.fake_building import NOW, fake_building
from tests.unit.telling.web.test_app import looking, text_of
from tests.unit.telling.web.test_zone_page import ROOM, browsing, intend, kept, store

__all__ = ["store"]


async def asked(store: Store, folder: Path, query: str) -> tuple[int, str]:
    """What the audit answers to a search."""
    async with browsing(looking(), kept(store, folder)) as client:
        answer = await client.get(f"/audit?{query}")
    return answer.status_code, answer.text


async def test_a_row_is_told_in_words(store: Store, tmp_path: Path) -> None:
    """When, where, what was written, by which rule and clause, why, and that it was proven."""
    _, zh = await asked(store, tmp_path, "lang=zh")
    words = text_of(zh)
    assert "203 办公室" in words
    assert "关 · 开空调时不开窗 ：203 窗户自 10:09 开启 行动方案 （二）开空调时不开窗" in words
    assert "已验证" in words
    assert "审计链完整：共 1,204 行，链头 88c2f1a09b3d" in words
    _, en = await asked(store, tmp_path, "lang=en")
    assert "relinquish · " in text_of(en)
    assert 'href="rule/window-off?lang=en"' in en


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 3), (f"zone={ROOM}", 2), ("zone=f2-office", 0), ("rule=summer-setpoint", 1), ("rule=nobody", 0),
        ("q=window", 2), ("q=WINDOW-OFF", 2), ("q=203", 2), ("q=%E5%BC%80%E5%90%AF", 2), ("q=100%25", 0), ("q=_", 3),
        ("q=%E4%B8%8D%E4%BD%8E%E4%BA%8E", 1), ("from=2026-07-15", 1), ("to=2026-07-14", 2), ("from=2026-07-14&to=2026-07-14", 2),
        ("from=2026-07-14T11:00", 2), ("q=window&rule=summer-setpoint", 0),
    ],
)  # fmt: skip
async def test_a_search_finds_what_fits(store: Store, tmp_path: Path, query: str, rows: int) -> None:
    """By zone, rule, days, and words in either language; `%` and `_` are themselves."""
    await intend(store, NOW - 60, 26.0, "summer-setpoint", "f2-office-205/fcu/cooling_setpoint")
    status, html = await asked(store, tmp_path, f"lang=en&{query}")
    assert status == 200
    assert html.count("<code>#") == rows


async def test_more_than_a_page_is_paged(store: Store, tmp_path: Path) -> None:
    """The newest two hundred, then the rest, each once; the search stays as it was."""
    for n in range(SHOWN):
        await intend(store, NOW + n, 0.0)
    _, first = await asked(store, tmp_path, "lang=en&rule=window-off")
    assert first.count("<code>#") == SHOWN
    older = re.search(r'rel="next" href="audit\?([^"]+)"', first)
    assert older is not None
    _, second = await asked(store, tmp_path, older[1].replace("&amp;", "&"))
    seen = re.findall(r"<code>#(\d+)", first) + re.findall(r"<code>#(\d+)", second)
    assert [int(n) for n in seen] == list(range(SHOWN + 2, 0, -1))
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2026-13-01", "from=9999999-01-01", "before=x", "before=-1", "q=" + "x" * 101, "q=%00", "to=9999-12-31", "before=" + "9" * 40]
)  # fmt: skip
async def test_nonsense_is_refused_in_words(store: Store, tmp_path: Path, query: str) -> None:
    """400, and what is wrong with it."""
    status, html = await asked(store, tmp_path, f"lang=en&{query}")
    assert status == 400
    assert 'class="banner warn"' in html


async def test_what_is_searched_cannot_inject_markup(store: Store, tmp_path: Path) -> None:
    """It stands in the form again, as text."""
    query = "lang=en&q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&zone=%22%3E%3Cb%3E"
    status, html = await asked(store, tmp_path, query)
    assert status == 200
    assert "<script" not in html
    assert '"><b>' not in html


def test_a_chain_that_is_broken_or_not_walked_says_so() -> None:
    """Never shown as whole."""
    assert chain(fake_building(audit_valid=False), "en").tone == "bad"
    assert "断裂" in chain(fake_building(audit_valid=False), "zh").text
    assert chain(fake_building(audit_valid=None), "en").text == "The chain has not been walked yet"


async def test_the_audit_is_found_from_the_first_page_and_from_a_zone(store: Store, tmp_path: Path) -> None:
    """Links, relative."""
    async with browsing(looking(), kept(store, tmp_path)) as client:
        assert 'href="audit?lang=en"' in (await client.get("/?lang=en")).text
        assert f'href="../audit?zone={ROOM}&amp;lang=en"' in (await client.get(f"/zone/{ROOM}?lang=en")).text
