"""The page in a folder behind Debian's own nginx, by the guide's own words, over IPv4 and IPv6."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from supervisor.telling.web import Access
from supervisor.telling.web.access import new_token
from tests.tools.nginx import Nginx
from tests.tools.showcase import ROOM, Shown, chromium

pytestmark = [pytest.mark.thorough, pytest.mark.asyncio]
TOKEN, HASHED = new_token()


def guarded() -> Shown:
    """A building that knows it stands behind a proxy."""
    shown = Shown()
    shown.access = Access(names=("localhost",), tokens=(HASHED,), proxy=True)
    return shown


@pytest.mark.parametrize(
    ("bind", "upstream"), [("127.0.0.1", "127.0.0.1"), ("::", "127.0.0.1"), ("::", "[::1]")]
)
@pytest.mark.parametrize("client", ["127.0.0.1", "[::1]"])
async def test_every_page_and_what_it_asks_for_is_found_in_the_folder(
    tmp_path: Path, bind: str, upstream: str, client: str
) -> None:
    """Pages, style, scripts, the stream as it comes; nothing without the token, nothing outside the folder."""
    shown = guarded()
    async with shown.served(tmp_path, bind):
        with Nginx(tmp_path, f"{upstream}:{shown.port}") as nginx:
            base = f"http://{client}:{nginx.port}/building/"
            async with httpx.AsyncClient(auth=("x", TOKEN), timeout=60) as browser:
                for path in ("", f"zone/{ROOM}", "audit", "rule/window-off", "reports"):
                    answer = await browser.get(base + path, headers={"Host": "localhost"})
                    assert answer.status_code == 200, (path, answer.text)
                    for address in re.findall(r'(?:href|src)="([^"?#]+\.(?:css|js|svg))"', answer.text):
                        found = await browser.get(
                            str(answer.url.join(address)), headers={"Host": "localhost"}
                        )
                        assert found.status_code == 200, (path, address)
                assert (await httpx.AsyncClient().get(base, headers={"Host": "localhost"})).status_code == 401
                await _stream(browser, base, shown)


async def _stream(browser: httpx.AsyncClient, base: str, shown: Shown) -> None:
    """A change is there while the answer is still open: nobody holds it back."""
    async with browser.stream(
        "GET", f"{base}live?lang=en&floor=all", headers={"Host": "localhost"}
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        changed = False
        async with asyncio.timeout(60):
            async for line in stream.aiter_lines():
                if line.startswith("event: zone-0") and not changed:
                    shown.zone(0, temperature=31.4)
                    changed = True
                if changed and "31.4°" in line:
                    return


async def test_a_browser_in_the_folder_is_live_and_asks_for_overtime(tmp_path: Path) -> None:
    """The whole way: password, live number, a form that is sent from this page and none else."""
    shown = guarded()
    async with shown.served(tmp_path), chromium() as browser:
        with Nginx(tmp_path, f"127.0.0.1:{shown.port}") as nginx:
            credentials = {"username": "x", "password": TOKEN}
            context = await browser.new_context(http_credentials=credentials)  # type: ignore[arg-type]
            page = await context.new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            await page.goto(f"http://localhost:{nginx.port}/building/zone/{ROOM}?lang=en")
            shown.zone(7, temperature=30.2)
            await page.get_by_text("30.2°").wait_for(timeout=60_000)
            form = page.locator("#ask form").first
            for name, value in {"until": "18:00", "name": "Li", "token": TOKEN}.items():
                await form.locator(f"[name={name}]").fill(value)
            await form.locator("[name=confirm]").check()
            await form.locator("button").click()
            await page.get_by_text("stays open until 18:00").wait_for(timeout=60_000)
    assert shown.asked
