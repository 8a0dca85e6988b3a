"""Reports are downloaded from the page, and nothing else of the disk is."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from config.load import load
from supervisor.telling.web import Access, History, build_app
from tests.unit.telling.web.test_app import looking, no_metrics
from tests.unit.telling.web.test_zone_page import OFFICE

NAMES = (
    "office-2026-06-zh.html",
    "office-2026-06-zh.xlsx",
    "office-2025-en.html",
    "街道 办公楼-2026-05-zh.xlsx",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of reports with what else may lie in it, beside something secret."""
    made = tmp_path / "reports"
    made.mkdir()
    for name in NAMES:
        (made / name).write_bytes(name.encode())
    (tmp_path / "secret.txt").write_text("secret")
    (made / "notes.txt").write_text("notes")
    (made / ".office-2026-06-zh.html.part").write_text("half")
    (made / "office-2024-zh.html").symlink_to(tmp_path / "secret.txt")
    return made


def browsing(folder: Path, caller: str = "127.0.0.1", access: Access = Access()) -> httpx.AsyncClient:  # noqa: B008
    """A browser."""
    site = load(OFFICE).site
    assert site is not None

    async def read(query: object) -> object:
        raise AssertionError("no report is in the store")

    history = History(lambda: site, read, folder)
    app = build_app(looking(), no_metrics, lambda: True, lambda: True, access=lambda: access, history=history)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(caller, 1)), base_url="http://localhost"
    )


async def test_each_report_is_listed_and_comes_as_a_file(folder: Path) -> None:
    """The latest period first; saved under its name, whatever is in it."""
    async with browsing(folder) as client:
        html = (await client.get("/reports?lang=zh")).text
        links = re.findall(r'href="(reports/[^"]+)"', html)
        assert len(links) == len(NAMES)
        assert "2026-06" in html
        assert "打印版网页" in html
        for link in links:
            answer = await client.get(f"/{link}")
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.content.decode() in NAMES
        assert (
            "spreadsheetml" in (await client.get("/reports/office-2026-06-zh.xlsx")).headers["content-type"]
        )
        assert 'href="reports?lang=en"' in (await client.get("/?lang=en")).text


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt", "../secret.txt", "..%2Fsecret.txt", "%2e%2e/secret.txt", "..%2f..%2fetc%2fpasswd", "/etc/passwd",
        "%2Fetc%2Fpasswd", ".office-2026-06-zh.html.part", "office-2024-zh.html", "office-2026-06-zh.html%00", "x" * 3000,
        "..%5Csecret.txt", "<script>-2026-zh.html",
    ],
)  # fmt: skip
async def test_no_other_file_is_given(folder: Path, name: str) -> None:
    """Other files of the folder, other folders, links that lead out of it: 404."""
    async with browsing(folder) as client:
        answer = await client.get(f"/reports/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")
    assert "<script>" not in answer.text


async def test_a_building_without_reports_says_how_one_is_made(tmp_path: Path) -> None:
    """No folder yet: a list with nothing in it."""
    async with browsing(tmp_path / "none") as client:
        answer = await client.get("/reports?lang=en")
    assert answer.status_code == 200
    assert "building-supervisor report" in answer.text


@pytest.mark.parametrize(
    "path", ["/reports", f"/reports/{NAMES[0]}", "/audit", "/zone/f2-office-203", "/rule/base"]
)
async def test_from_another_machine_each_page_needs_a_token(folder: Path, path: str) -> None:
    """As the first page does."""
    async with browsing(folder, "192.0.2.7", Access("0.0.0.0", ("localhost",), ())) as client:
        assert (await client.get(path)).status_code == 401
