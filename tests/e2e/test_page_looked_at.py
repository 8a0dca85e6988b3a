"""Every page as a person meets it: nothing that axe calls serious, nothing to scroll sideways for, Chinese that is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, expect

from supervisor.telling.web import Access
from supervisor.telling.web.access import new_token
from tests.tools.showcase import ROOM, SIZES, Shown, chromium

pytestmark = [pytest.mark.thorough, pytest.mark.asyncio(loop_scope="module")]
LOOKED_AT = (
    "",
    "?floor=all",
    f"zone/{ROOM}",
    "zone/nowhere",
    "audit",
    "rule/window-off",
    "rule/nothing",
    "reports",
)
GRAVE = frozenset({"serious", "critical"})
DRAWN = """text => {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", {willReadFrequently: true});
  canvas.width = canvas.height = 40; pen.font = "30px " + getComputedStyle(document.body).fontFamily;
  const picture = sign => { pen.clearRect(0, 0, 40, 40); pen.fillText(sign, 4, 32); return pen.getImageData(0, 0, 40, 40).data.join(); };
  const missing = picture("\\u{10FFFF}");
  return [...text].filter(sign => picture(sign) === missing || !/[1-9]/.test(picture(sign)));
}"""
"""Signs that are drawn as the box of a missing glyph, or not at all."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for all."""
    async with chromium() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shown]:
    """Served once for all that only look."""
    building = Shown()
    async with building.served(tmp_path_factory.mktemp("shown")):
        yield building


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", LOOKED_AT)
async def test_axe_finds_nothing_serious(shown: Shown, browser: Browser, path: str, lang: str) -> None:
    """Names, roles, contrast, landmarks, labels, language: by axe-core, in light and in dark."""
    for scheme in ("light", "dark"):
        context = await browser.new_context(bypass_csp=True, color_scheme=scheme)
        page = await context.new_page()
        await page.goto(f"{shown.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        found = (await Axe().run(page)).response["violations"]
        await context.close()
        grave = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found if v["impact"] in GRAVE]
        assert grave == [], (path, lang, scheme)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_no_page_is_wider_than_its_screen(
    shown: Shown, browser: Browser, lang: str, size: tuple[int, int]
) -> None:
    """From a desk and from a telephone; a plot scrolls within itself."""
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    for path in LOOKED_AT:
        await page.goto(f"{shown.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], path
    await page.close()


async def test_chinese_is_drawn_and_not_boxes(shown: Shown, browser: Browser) -> None:
    """Every sign of the Chinese pages has a glyph."""
    page = await browser.new_page()
    for path in LOOKED_AT:
        await page.goto(f"{shown.url}{path}{'&' if '?' in path else '?'}lang=zh")
        signs = await page.evaluate(
            "[...new Set(document.body.innerText)].filter(s => s > '\\u2e80').join('')"
        )
        assert len(signs) > 5
        assert await page.evaluate(DRAWN, signs) == [], path
    await page.close()


async def test_the_first_screen_says_what_is_wrong_and_whose_it_is(shown: Shown, browser: Browser) -> None:
    """Without scrolling, on a desk and on a telephone: the sentence, and the first thing that needs somebody."""
    for width, height in SIZES:
        page = await browser.new_page(
            viewport={"width": width, "height": height},
            java_script_enabled=False,  # nothing is replaced while it is looked at
        )
        await page.goto(f"{shown.url}?lang=zh")
        for what in (".headline", ".needs li"):
            box = await page.locator(what).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height, (what, width)
        await page.close()


async def test_the_keyboard_reaches_every_floor_and_form(shown: Shown, browser: Browser) -> None:
    """Tab by tab, and each stop can be seen."""
    page = await browser.new_page()
    await page.goto(f"{shown.url}?lang=en")
    reached: set[str] = set()
    for _ in range(120):
        await page.keyboard.press("Tab")
        reached.add(
            await page.evaluate(
                "document.activeElement.closest('section[id],header,footer')?.id || document.activeElement.className"
            )
        )
    assert {"needs", "manual"} <= reached
    assert any(name.startswith("floor-") for name in reached)
    await page.close()


async def test_the_audit_is_searched_from_its_form(shown: Shown, browser: Browser) -> None:
    """The content security policy lets the page's own form go."""
    page = await browser.new_page()
    await page.goto(f"{shown.url}audit?lang=en")
    await page.fill("[name=q]", "no such word")
    await page.press("[name=q]", "Enter")
    await page.wait_for_url("**/audit?*q=no*")
    await page.close()


async def test_the_page_of_a_zone_follows_it_and_asks_for_overtime(shown: Shown, browser: Browser) -> None:
    """A number changes without a reload; a form with an hour, a name, a token and a tick is answered on the page."""
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{shown.url}zone/{ROOM}?lang=en")
    shown.zone(7, temperature=29.9)
    await expect(page.locator("#now")).to_contain_text("29.9°", timeout=60_000)
    token, hashed = new_token()
    shown.access = Access(tokens=(hashed,))
    form = page.locator("#ask form").first
    for name, value in {"until": "18:00", "name": "Li", "token": token}.items():
        await form.locator(f"[name={name}]").fill(value)
    await form.locator("[name=confirm]").check()
    await form.locator("button").click()
    await expect(page.locator("#overtime-said")).to_contain_text("stays open until 18:00", timeout=60_000)
    assert shown.asked == [{"do": "overtime", "zone": ROOM, "until": "18:00", "name": "Li"}]
    assert complaints == []
    await page.close()


async def test_a_revoked_token_ends_the_open_page(browser: Browser, tmp_path: Path) -> None:
    """Behind a proxy a token reads; taken out of the site file, the page that is open says that it is no longer live."""
    building = Shown()
    token, hashed = new_token()
    building.access = Access(tokens=(hashed,), proxy=True)
    async with building.served(tmp_path):
        context = await browser.new_context(http_credentials={"username": "x", "password": token})
        page = await context.new_page()
        await page.goto(f"{building.url}?lang=en&floor=all")
        building.zone(0, temperature=31.4)
        await expect(page.locator("#zone-0")).to_contain_text("31.4°", timeout=60_000)
        building.access = Access(tokens=(new_token()[1],), proxy=True)
        await expect(page.get_by_text("Connection lost")).to_be_visible(timeout=60_000)
        wrong = await browser.new_context(http_credentials={"username": "x", "password": "wrong"})
        answer = await (await wrong.new_page()).goto(building.url)
        assert answer is not None
        assert answer.status == 401
        await context.close()
        await wrong.close()
