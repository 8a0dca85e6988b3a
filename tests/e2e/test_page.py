"""A facility manager's browser: the page is live, says when it no longer is, and works without JavaScript."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from supervisor.telling.metrics import Metrics
from supervisor.telling.snapshot import ByHand, Snapshot
from supervisor.telling.web import Access, build_app, serve
from supervisor.telling.web.access import new_token
from tests.ports import free_tcp
from tests.tools import showcase
from tests.tools.fake_building import fake_building

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]
TOKEN, HASHED = new_token()
"""Milliseconds in which a busy machine shows what is expected; the default is five seconds."""


class Building:
    """A building that the test can change while it is served."""

    def __init__(self) -> None:
        self.now: Snapshot = fake_building()
        self.port = free_tcp()
        self.url = f"http://localhost:{self.port}/"

    def zone(self, index: int, **changes: object) -> None:
        """Something in one zone changes."""
        zones = list(self.now.zones)
        zones[index] = replace(zones[index], **changes)  # type: ignore[arg-type]  # ZoneStatus's own fields
        self.now = replace(self.now, zones=tuple(zones))

    async def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """As the daemon takes it: the list has it at the next look."""
        zone, point = self.now.zones[7].id, str(request["point"])
        held = ByHand(zone, "start_stop", point, True, self.now.now + 3600, request["name"], request["why"])
        self.now = replace(self.now, by_hand=(held,))
        return {"point": point, "role": "start_stop", "value": True, "until": "2026-07-15T18:00:00+08:00"}

    async def _look(self) -> Snapshot:
        return self.now

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """By the real web application and server."""
        metrics = Metrics("jiedao-office", lambda: self.now)
        app = build_app(
            self._look, metrics.exposition, lambda: True, lambda: True, period=0.05, ask=self._ask,
            access=lambda: Access(tokens=(HASHED,)),
        )  # fmt: skip
        serving = asyncio.create_task(serve(app, "127.0.0.1", self.port))
        try:
            await showcase.answers(self.port, serving)
            yield
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    async with showcase.chromium() as browser:
        yield browser


async def opened(browser: Browser, url: str, **options: object) -> tuple[Page, list[str]]:
    """A page, and everything its console complains about."""
    context = await browser.new_context(**options)  # type: ignore[arg-type]  # playwright's own options
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(url)
    return page, complaints


async def test_the_open_page_follows_the_building(chromium: Browser) -> None:
    """A window closes and the line says so without a reload; nothing breaks the content security policy."""
    building = Building()
    async with building.served():
        page, complaints = await opened(chromium, building.url + "?lang=en&floor=all")
        row = page.locator("#zone-7")
        await expect(row).to_contain_text("open since 10:09")
        building.zone(7, window_open=False, hvac_on=True, temperature=27.9, why_hvac=None)
        await expect(row.locator(".window")).to_have_text("closed")
        await expect(row).to_contain_text("27.9°")
        await expect(row).not_to_contain_text("open since 10:09")
        building.now = replace(building.now, fire="active")
        await expect(page.get_by_role("alert").first).to_contain_text("life safety owns the building")
        building.now = replace(building.now, fire="clear")
        await expect(page.get_by_text("life safety owns the building")).to_have_count(0)
        assert complaints == []


async def test_a_value_is_held_from_the_page_once_it_is_confirmed(chromium: Browser) -> None:
    """Filled in, ticked, asked once more; without a token that is known it is refused, and the page says why."""
    building = Building()
    async with building.served():
        page, complaints = await opened(chromium, building.url + "?lang=en&floor=all")
        page.on("dialog", lambda dialog: dialog.accept())
        words = {
            "point": "f3/fcu/start_stop",
            "value": "on",
            "until": "18:00",
            "name": "Li",
            "reason": "a visit",
        }
        for name, word in {**words, "token": "wrong"}.items():
            await page.fill(f".hold [name={name}]", word)
        await page.check(".hold [name=confirm]")
        await page.click(".hold [value=hold]")
        await expect(page.locator("#manual-said")).to_contain_text("A token is needed")
        assert building.now.by_hand == ()
        await page.fill(".hold [name=token]", TOKEN)
        await page.click(".hold [value=hold]")
        await expect(page.locator("#manual-said")).to_have_text("f3/fcu/start_stop is held at on until 18:00")
        await expect(page.locator(".hands")).to_contain_text("Li: a visit")
        await expect(page.locator("#zone-7")).to_contain_text("by hand · until")
        assert [text for text in complaints if "401" not in text] == []


async def test_a_zone_that_a_reload_adds_appears_and_is_live(chromium: Browser) -> None:
    """The tables are drawn anew, and the new line follows its zone."""
    building = Building()
    first, *rest = building.now.zones
    building.now = replace(building.now, zones=(first,))
    async with building.served():
        page, _ = await opened(chromium, building.url + "?lang=en&floor=all")
        await expect(page.locator("table.zones tbody tr")).to_have_count(1)
        building.now = replace(building.now, zones=(first, *rest))
        await expect(page.locator("table.zones tbody tr")).to_have_count(18)
        building.zone(17, temperature=31.4)
        await expect(page.locator("#zone-17")).to_contain_text("31.4°")


async def test_a_page_that_lost_the_daemon_does_not_look_live(chromium: Browser) -> None:
    """The supervisor stops: a banner says that the page may be out of date, until it is back."""
    building = Building()
    async with building.served():
        page, _ = await opened(chromium, building.url + "?lang=en&floor=all")
        lost = page.get_by_text("Connection lost")
        building.zone(0, temperature=31.4)
        await expect(page.locator("#zone-0")).to_contain_text("31.4°")
        await expect(lost).to_be_hidden()
    await expect(lost).to_be_visible()
    async with building.served():
        await expect(lost).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 1100, 1440])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_page_fits_every_screen(chromium: Browser, width: int, lang: str) -> None:
    """From a telephone to a desktop there is nothing to scroll sideways for."""
    building = Building()
    async with building.served():
        page, _ = await opened(
            chromium, f"{building.url}?lang={lang}&floor=all", viewport={"width": width, "height": 800}
        )
        await expect(page.locator("#zone-17")).to_be_attached()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_without_javascript_everything_is_there(chromium: Browser) -> None:
    """A locked-down office browser still sees each zone, its reasons, the controllers and the events."""
    building = Building()
    async with building.served():
        page, _ = await opened(chromium, building.url + "?lang=zh&floor=all", java_script_enabled=False)
        await expect(page.locator("#zone-7")).to_contain_text("开空调时不开窗")
        await expect(page.locator(".events li")).to_have_count(len(building.now.events))
        await expect(page.locator("meta[http-equiv=refresh]")).to_be_attached()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_is_readable_in_light_and_dark(chromium: Browser, scheme: str) -> None:
    """Every word on its ground has a contrast of 4.5 at least (WCAG 2.2, 1.4.3), faded dashes apart."""
    building = Building()
    async with building.served():
        page, _ = await opened(chromium, building.url + "?lang=en&floor=all", color_scheme=scheme)
        poor = await page.evaluate(CONTRAST)
    assert poor == []


CONTRAST = """() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return {rgb: m.slice(0, 3), a: m[3] ?? 1}; };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = el => { for (; el; el = el.parentElement) {
    const c = parse(getComputedStyle(el).backgroundColor); if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
  const poor = [];
  for (const el of document.querySelectorAll("body *")) {
    const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !el.checkVisibility() || el.closest(".none")) continue;
    const a = luminance(parse(getComputedStyle(el).color).rgb), b = luminance(ground(el));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${el.className || el.tagName} ${el.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
}"""
