"""The fake building with a kept week behind it, served as the daemon serves: for whoever looks at the pages.

`python -m tests.tools.showcase` draws docs/img/page-*.png and zone-*.png, in both languages, at a desk's and a telephone's width.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supervisor.store import Store
from supervisor.store.readings import Batch, Sample
from supervisor.store.rows import IntentRow, ResultRow
from supervisor.telling.metrics import Metrics
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web import Access, History, build_app, serve
from tests.ports import free_tcp
from tests.site_files import site_of_file
from tests.tools.fake_building import NOW, fake_building

if TYPE_CHECKING:
    from playwright.async_api import Browser

ROOT: Final = Path(__file__).resolve().parents[2]
OFFICE: Final = ROOT / "config/examples/office.yaml"
DAY: Final = 86400.0
ROOM: Final = "f2-office-203"
WHY: Final = {"window-off": ("203 window open since 10:09", "203 窗户自 10:09 开启")}
SIZES: Final = ((1366, 768), (390, 844))
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES: Final[Mapping[str, str]] = {"page": "", "zone": f"zone/{ROOM}"}
MOST: Final = 150_000
"""Octets of a picture in the documentation."""


async def intend(
    store: Store,
    at: float,
    wire: float | None,
    rule: str = "window-off",
    point: str = f"{ROOM}/fcu/start_stop",
) -> None:
    """A write of a rule that was proven."""
    row = IntentRow(
        at, at, point, None if wire is None else (wire or False), wire, 10, rule, "AP （二）开空调时不开窗",
        *WHY.get(rule, ("at the limit", "按限值")), [], [], at + 60, "ab" * 32,
    )  # fmt: skip
    await store.commit_result(ResultRow(await store.commit_intent(row), at, "ok", wire))


async def keep_week(store: Store) -> None:
    """An office whose room 203 was warm for a week, and shut off on one afternoon by its window."""
    site = site_of_file(OFFICE)
    meter = next(m.point.id for m in site.meters.values() if m.point is not None)
    samples = []
    for n in range(7 * 288):
        at = NOW - 7 * DAY + n * 300
        if not 400 <= n < 500:  # the gateway box was off for eight hours
            samples += [Sample(meter, at, float(n)), Sample(f"{ROOM}/fcu/temperature", at, 26.0 + n % 7 / 10)]
    samples.append(Sample(f"{ROOM}/fcu/cooling_setpoint", NOW - 8 * DAY, 26.0))
    samples.append(Sample(f"{ROOM}/fcu/occupancy", NOW - 2 * DAY, 1.0))
    await store.keep_readings(Batch(tuple(samples), ()))
    for at, wire in ((NOW - DAY, 0.0), (NOW - DAY + 3600, None)):
        await intend(store, at, wire)
    store.put_days({("2026-07-14", ROOM, "violation", "window-off"): 3600.0})
    await store.flush()


def kept(store: Store, reports: Path) -> History:
    """What the office has kept, with its reports."""
    site = site_of_file(OFFICE)
    return History(lambda: site, store.read, reports)


class Shown:
    """The building as it is shown; a test may change it, and who may read it."""

    def __init__(self) -> None:
        self.now: Snapshot = fake_building()
        self.access = Access()
        self.port = free_tcp()
        self.url = f"http://localhost:{self.port}/"
        self.asked: list[Mapping[str, Any]] = []

    def zone(self, index: int, **changes: object) -> None:
        """Something in one zone changes."""
        zones = list(self.now.zones)
        zones[index] = replace(zones[index], **changes)  # type: ignore[arg-type]  # ZoneStatus's own fields
        self.now = replace(self.now, zones=tuple(zones))

    async def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(request)
        return {"zone": ROOM, "until": "2026-07-15T18:00:00+08:00", "failed": []}

    async def _look(self) -> Snapshot:
        return self.now

    @asynccontextmanager
    async def served(self, folder: Path, host: str = "127.0.0.1") -> AsyncIterator[None]:
        """By the real web application and server, a store and a folder of reports behind it."""
        store = Store(f"sqlite:///{folder}/supervisor.db")
        store.open()
        await keep_week(store)
        (folder / "office-2026-06-zh.html").write_text("<p>2026-06</p>")
        metrics = Metrics("jiedao-office", lambda: self.now, process=False)
        app = build_app(
            self._look, metrics.exposition, lambda: True, lambda: True, period=0.05, ask=self._ask,
            access=lambda: self.access, history=kept(store, folder),
        )  # fmt: skip
        serving = asyncio.create_task(serve(app, host, self.port))
        try:
            await answers(self.port, serving)
            yield
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            store.close()


async def answers(port: int, serving: asyncio.Task[Any], host: str = "127.0.0.1") -> None:
    """Returns once somebody listens at the port."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except ConnectionRefusedError:
                assert not serving.done(), serving
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    from playwright.async_api import async_playwright  # not for those that only want the kept week

    program = shutil.which("chromium")
    assert program, "chromium comes with Debian's package chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        await browser.close()


async def draw(into: Path) -> list[Path]:
    """The pictures of the documentation, each no larger than it needs to be."""
    made = []
    shown = Shown()
    with tempfile.TemporaryDirectory() as folder:
        async with shown.served(Path(folder)), chromium() as browser:
            for name, path in PAGES.items():
                for lang in ("zh", "en"):
                    for width, height in SIZES:
                        page = await browser.new_page(viewport={"width": width, "height": height})
                        await page.goto(f"{shown.url}{path}?lang={lang}")
                        await page.evaluate("document.fonts.ready")
                        file = into / f"{name}-{lang}-{width}.png"
                        await page.screenshot(path=file)
                        await page.close()
                        _smaller(file)
                        made.append(file)
    return made


def _smaller(file: Path) -> None:
    """Fewer colours: a page of text has few of its own."""
    convert = shutil.which("convert")
    if convert and file.stat().st_size > MOST:
        subprocess.run([convert, str(file), "-colors", "64", f"PNG8:{file}"], check=True)


if __name__ == "__main__":
    for drawn in asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/img")):
        print(f"{drawn} {drawn.stat().st_size:,} bytes")
