"""The page of a rehearsal in a real browser: it stands alone, complains of nothing and fits a telephone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.main import app
from tests.tools.showcase import chromium
from tests.unit.rehearsal import small

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]


async def test_the_page_of_a_rehearsal_opens_anywhere(tmp_path: Path) -> None:
    """Two days beside `today`, opened from the disk, wide and narrow: nothing fetched, every plot drawn, in Chinese."""
    page_file = tmp_path / "rehearsal.html"
    arguments = ["simulate", str(small.written(tmp_path, zones=small.ZONES[3:5])), "--against", "today"]
    arguments += ["--from", "2026-07-09", "--to", "2026-07-10", "--html", str(page_file)]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 0
    complaints: list[str] = []
    async with chromium() as browser:
        for width in (1200, 390):
            page = await browser.new_page(viewport={"width": width, "height": 800})
            page.on("console", lambda message: complaints.append(message.text))
            page.on("request", lambda request: complaints.append(request.url))
            await page.goto(page_file.as_uri())
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert await page.locator("h1").inner_text() == "小楼 · 演练 Rehearsal"
            drawn = await page.evaluate("[...document.querySelectorAll('svg')].map(s => s.getBBox().width)")
            assert len(drawn) == 5
            assert min(drawn) > 300.0
            assert await page.locator(".card b.less").count() >= 2, "energy saved is not shown at a glance"
    assert set(complaints) == {page_file.as_uri()}
