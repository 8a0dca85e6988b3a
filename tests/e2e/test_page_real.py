"""The page of the real daemon over the simulated building on a real wire: the site clock is stepped, and nobody sleeps."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from schedules.time import from_iso
from supervisor.daemon.assemble import Run, supervise
from supervisor.daemon.stopping import Stop
from supervisor.sitefile.sitefile import load
from supervisor.telling.web.access import new_token
from tests.e2e.processes import Building
from tests.e2e.sites import SiteFiles, office
from tests.tools.showcase import answers, chromium

pytestmark = [pytest.mark.thorough, pytest.mark.asyncio(loop_scope="module")]
MORNING = "2026-07-15T10:30:00+08:00"
SPEED = 20.0
"""So that controllers are polled each few seconds."""
LONG = 180_000
"""ms that a busy machine is given."""
TOKEN, HASHED = new_token()
POINT = "f2-office-203/fcu/start_stop"


class SteppedClock:
    """A site clock that a test sets forward; in between it runs as the building's does."""

    def __init__(self, start: str) -> None:
        self._at, self._origin = from_iso(start), time.monotonic()
        self._moved = asyncio.Event()

    @property
    def speed(self) -> float:
        """Site seconds a wall second, but for the steps."""
        return SPEED

    def now(self) -> float:
        """The site's present."""
        return self._at + (time.monotonic() - self._origin) * SPEED

    def step(self, seconds: float) -> None:
        """So much later, at once."""
        self._at += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """Until then, or interrupted; a step is looked at at once."""
        while not interrupt.is_set() and (left := (until - self.now()) / SPEED) > 0:
            waits = [asyncio.ensure_future(event.wait()) for event in (interrupt, self._moved)]
            try:
                await asyncio.wait(waits, timeout=min(left, 30.0), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()


class Desk:
    """The building, its file, and the daemon that runs in this test's own loop."""

    def __init__(self, files: SiteFiles, building: Building, state: Path) -> None:
        self.files, self.building, self.state = files, building, state
        self.clock: Any = SteppedClock(MORNING)
        self.url = f"http://localhost:{files.http}/"
        self._stop = Stop()
        self._life: asyncio.Future[Any] = asyncio.ensure_future(asyncio.sleep(0))

    async def start(self) -> None:
        """Start it, and wait until its page answers."""
        site = load(self.files.daemon).site
        assert site is not None
        self._stop = Stop()
        run = Run(site, self.clock, self.state, self.files.daemon, stop=self._stop, accept="Li")
        self._life = asyncio.ensure_future(supervise(run))
        await answers(self.files.http, self._life)

    async def stop(self) -> None:
        """An orderly stop."""
        self._stop.signal()
        await self._life

    def edit(self, old: str, new: str) -> None:
        """Change the file and save it."""
        text = self.files.daemon.read_text(encoding="utf-8")
        assert old in text
        self.files.daemon.write_text(text.replace(old, new), encoding="utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """An office at half past ten, supervised."""
    folder = tmp_path_factory.mktemp("real")
    files = office(folder, changes={"priority: 10 ": "stagger: 0.1s\nsettle: 0.3s\npriority: 10 "})
    text = files.daemon.read_text(encoding="utf-8")
    files.daemon.write_text(
        text.replace(f"port: {files.http}}}", f"port: {files.http}, tokens: [{HASHED}]}}"), encoding="utf-8"
    )
    with Building(files, start=MORNING, speed=SPEED) as building:
        made = Desk(files, building, folder / "state")
        await made.start()
        yield made
        await made.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for all."""
    async with chromium() as found:
        yield found


@contextlib.asynccontextmanager
async def opened(browser: Browser, url: str, **options: Any) -> AsyncIterator[Page]:
    """A page that agrees to whatever it is asked."""
    context = await browser.new_context(**options)
    context.set_default_timeout(LONG)
    page = await context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(url)
    try:
        yield page
    finally:
        await context.close()


async def test_first_states(desk: Desk, browser: Browser) -> None:
    """What it enforces, in one sentence; every floor, every controller, the clock that was stepped to."""
    async with opened(browser, desk.url + "?lang=en&floor=all") as page:
        await expect(page.locator(".headline")).to_contain_text("Enforcing", timeout=LONG)
        await expect(page.locator("#devices tbody tr")).to_have_count(len(desk.files.site.devices))
        await expect(page.locator("table.zones tbody tr")).to_have_count(len(desk.files.site.zones))
        await expect(page.locator("#devices .state.bad")).to_have_count(0, timeout=LONG)
        before = desk.clock.now()
        desk.clock.step(600.0)
        clock = page.locator(".clock time")
        await expect(clock).not_to_have_attribute("datetime", "", timeout=LONG)
        async with asyncio.timeout(120):
            while from_iso(str(await clock.get_attribute("datetime"))) < before + 600.0:
                await page.wait_for_timeout(50)


async def test_a_wrong_token_is_refused_and_an_override_by_hand_ends_at_its_hour(
    desk: Desk, browser: Browser
) -> None:
    """Held from the page with a token, told on page and zone; at its hour it is gone, and the audit has both."""
    async with opened(browser, desk.url + "?lang=en&floor=all") as page:
        until = time.strftime("%H:%M", time.gmtime(desk.clock.now() + 8 * 3600 + 7200))
        words = {
            "point": POINT,
            "value": "off",
            "until": until,
            "name": "Li",
            "reason": "paint",
            "token": "wrong",
        }
        for name, word in words.items():
            await page.fill(f".hold [name={name}]", word)
        await page.check(".hold [name=confirm]")
        await page.click(".hold [value=hold]")
        await expect(page.locator("#manual-said")).to_contain_text("A token is needed", timeout=LONG)
        await page.fill(".hold [name=token]", TOKEN)
        await page.click(".hold [value=hold]")
        await expect(page.locator(".hands")).to_contain_text("Li: paint", timeout=LONG)
        desk.clock.step(7300.0)
        await expect(page.locator(".hands")).to_have_count(0, timeout=LONG)
        await page.goto(desk.url + "audit?lang=en&q=paint")
        await expect(page.locator("main")).to_be_visible()


async def test_a_release_from_a_zones_page_has_its_banner_until_its_hour(
    desk: Desk, browser: Browser
) -> None:
    """By whom, what, until when; then the rules take up again."""
    async with opened(browser, desk.url + "zone/f2-office-202?lang=en") as page:
        until = time.strftime("%H:%M", time.gmtime(desk.clock.now() + 8 * 3600 + 3600))
        form = page.locator("#ask form").nth(1)
        for name, value in {"until": until, "name": "Wang", "token": TOKEN}.items():
            await form.locator(f"[name={name}]").fill(value)
        await form.locator("[name=confirm]").check()
        await form.locator("button").click()
        banner = page.locator(".banner", has_text="Handed back until")
        await expect(banner).to_contain_text("Wang", timeout=LONG)
        desk.clock.step(3700.0)
        await expect(banner).to_have_count(0, timeout=LONG)


async def test_a_dead_controller_shows_its_age_and_its_rooms_are_not_compliant(
    desk: Desk, browser: Browser
) -> None:
    """Silence, the age of what is shown, nothing believed; and back."""
    async with opened(browser, desk.url + "?lang=zh&floor=all") as page:
        device = desk.files.site.zones["f2-office-201"].equipment[0]
        id_ = next(iter(device.points.values())).device
        row = page.locator("tr", has=page.get_by_text("f2-office-201", exact=True))
        await asyncio.to_thread(desk.building.order, "silent", device=id_, silent=True)
        await expect(page.locator("#needs")).to_contain_text("控制器无应答", timeout=LONG)
        await expect(row).to_contain_text("最后应答", timeout=LONG)
        await expect(row.locator("td.n .unknown").first).to_contain_text("(", timeout=LONG)
        desk.clock.step(3600.0)
        await expect(row.locator("td.n .unknown").first).to_have_text("?", timeout=LONG)
        await asyncio.to_thread(desk.building.order, "silent", device=id_, silent=False)
        await expect(row).not_to_contain_text("最后应答", timeout=LONG)


async def test_a_broken_file_and_a_mended_one_are_told(desk: Desk, browser: Browser) -> None:
    """Where and what, with line and column; then what the new file changed, with the way back."""
    async with opened(browser, desk.url + "?lang=en") as page:
        desk.edit("    workday: 09:00-17:30", "    workday: 09:00-1730")
        await expect(page.locator(".banner.bad", has_text="1730")).to_contain_text(
            "office.yaml:", timeout=LONG
        )
        desk.edit("    workday: 09:00-1730", "    workday: 09:00-17:00")
        await expect(page.locator(".news")).to_contain_text("17:30 → 17:00", timeout=LONG)
        await expect(page.locator(".banner.bad", has_text="1730")).to_have_count(0, timeout=LONG)


async def test_without_script_the_same_is_read(desk: Desk, browser: Browser) -> None:
    """Headline, needs, floors and the zone's page."""
    async with opened(browser, desk.url + "?lang=zh&floor=all", java_script_enabled=False) as page:
        await expect(page.locator(".headline")).to_contain_text("正在管控")
        await expect(page.locator("table.zones tbody tr")).to_have_count(len(desk.files.site.zones))
        await page.goto(desk.url + "zone/f2-office-201?lang=zh")
        await expect(page.locator("#week svg").first).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "what", "yes", "said"),
    [("zh", "overtime", "确定", "开放至"), ("en", "release", "Yes, do it", "Handed back until")],
)
async def test_without_script_a_zone_is_asked_for(
    desk: Desk, browser: Browser, lang: str, what: str, yes: str, said: str
) -> None:
    """By a browser that runs none: the form, the question, back with a banner; then the building does it."""
    soon = time.strftime("%H:%M", time.gmtime(desk.clock.now() + 8 * 3600 + 1800))
    until = soon if what == "release" else "19:30"  # the room is open until half past five
    room = desk.url + f"zone/f3-open-south?lang={lang}"
    async with opened(browser, room, java_script_enabled=False) as page:
        await page.click(f"#ask a[href*='ask/{what}']")
        for name, word in {"until": until, "name": "Wang", "token": "wrong"}.items():
            await page.fill(f"[name={name}]", word)
        await page.check("[name=confirm]")
        await page.locator("form button").click()
        await expect(page.locator("main .banner.bad")).to_be_visible(timeout=LONG)
        await page.fill("[name=token]", TOKEN)
        await page.check("[name=confirm]")
        await page.locator("form button").click()
        await expect(page.locator("dl.figures")).to_contain_text(until, timeout=LONG)
        await page.get_by_role("button", name=yes).click()
        await expect(page.locator(".banner.info", has_text=said)).to_contain_text(until, timeout=LONG)
        assert page.url.startswith(room)
        await page.reload()
        await page.goto(room)
        await expect(page.locator("body")).to_contain_text(until, timeout=LONG)
    desk.clock.step(1900.0)


async def test_a_revoked_token_changes_nothing_any_more(desk: Desk, browser: Browser) -> None:
    """Taken out of the site file, which is taken up at once."""
    async with opened(browser, desk.url + "zone/f2-office-202?lang=en") as page:
        desk.edit(f"tokens: [{HASHED}]", "tokens: []")
        form = page.locator("#ask form").first
        for name, value in {"until": "21:00", "name": "Li", "token": TOKEN}.items():
            await form.locator(f"[name={name}]").fill(value)
        await form.locator("[name=confirm]").check()
        async with asyncio.timeout(180):
            while "A token is needed" not in await page.locator("#overtime-said").inner_text():
                async with page.expect_response("**/api/overtime*"):
                    await form.locator("button").click()


async def test_an_open_page_outlives_a_restart(desk: Desk, browser: Browser) -> None:
    """Lost while the daemon is away, live again when it is back, by itself."""
    async with opened(browser, desk.url + "?lang=en&floor=all") as page:
        lost = page.get_by_text("Connection lost")
        await desk.stop()
        await expect(lost).to_be_visible(timeout=LONG)
        await desk.start()
        await expect(lost).to_be_hidden(timeout=LONG)
        await expect(page.locator(".headline")).to_contain_text("Enforcing", timeout=LONG)
