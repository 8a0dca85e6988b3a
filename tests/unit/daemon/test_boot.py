"""A first start with a broken file: where its page is to be found."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from config.file import Http
from config.load import load_text
from config.phrase import Phrase
from config.site import Site
from drivers.protocol import Line, Misconfigured
from supervisor.clockwork.clock import SiteClock
from supervisor.daemon import boot
from supervisor.daemon.assemble import Run, open_store, supervise
from supervisor.daemon.boot import Earlier, last_good, page_of, wait_for_cure
from supervisor.daemon.opening import FileChanged, opened, remember
from supervisor.daemon.safe_device import safe_device
from supervisor.daemon.stopping import Stop
from supervisor.gateway import Offline
from supervisor.store.problems import StoreProblem
from supervisor.telling.web.server import listen
from tests.ports import free_tcp
from tests.postgres import Server
from tests.site_files import site_of_text
from tests.unit.gateway.gateway_world import site_text

BROKEN = "special_days: [{date: tomorrow, hours: closed}]\n"


@pytest.mark.parametrize(
    ("extra", "port"),
    [
        (BROKEN, 8026),
        (BROKEN + "http: {port: 8462}", 8462),
        (BROKEN + "http: {port: many}", 9000),
        (BROKEN + "http: {bind: the office}", 9000),
        (BROKEN + "http: {port: 8462", 9000),
    ],
)
def test_the_page_of_a_broken_file_is_where_the_file_says(extra: str, port: int) -> None:
    """Where that part of it can be read; else where the page was when it last ran."""
    earlier = load_text(site_text(extra="http: {port: 9000}")).site
    loaded = load_text(site_text(extra=extra))
    assert loaded.site is None
    assert page_of(loaded, earlier).port == port


def test_a_file_that_never_ran_and_cannot_be_read_has_its_page_at_the_default() -> None:
    """http://127.0.0.1:8026/."""
    assert page_of(load_text("{"), None).port == 8026


def test_a_proxy_counts_though_the_rest_of_its_section_is_wrong() -> None:
    """The page of a broken file quotes it: nobody who comes through the proxy reads that without a token."""
    assert page_of(load_text(site_text(extra="http: {port: many, proxy: true}")), None).proxy
    assert not page_of(load_text(site_text(extra="http: {port: many}")), None).proxy


def placed(database: str) -> str:
    """The line of a site file that says where its store is."""
    return "" if database.startswith("sqlite") else f'database: "{database}"\n'


def ran(folder: Path, extra: str) -> Site:
    """A building that was supervised from a state folder, by a file with that in it."""
    site = site_of_text(site_text(extra=extra))
    store = open_store(site, folder)
    remember(site, folder)
    store.put_config(site.config_hash, site.text, 1.0)
    asyncio.run(store.flush())
    store.close()
    return site


@pytest.mark.parametrize("noted", [True, False])
def test_what_ran_last_is_found_wherever_its_journal_is(database: str, noted: bool, tmp_path: Path) -> None:
    """SQLite in the state folder, or a server: by the note of the last run, or by what the spoilt file itself says."""
    site = ran(tmp_path, placed(database))
    note = tmp_path / "database.url"
    assert note.exists() is (site.database is not None)
    if note.exists():
        assert note.stat().st_mode & 0o777 == 0o600
        if not noted:
            note.unlink()
    spoilt = "{" if noted else site_text(extra=placed(database) + BROKEN)
    found = last_good(tmp_path, tmp_path / "site.yaml", spoilt)
    assert found is not None
    assert found.config_hash == site.config_hash


async def test_slots_are_let_go_of_once_the_server_that_has_the_journal_is_there(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut for all, a spoilt file, and the server comes up last: the page says what is held, then it is let go of."""
    site = await asyncio.to_thread(ran, tmp_path, placed(postgres.empty()))
    gone, http = list[str](), Http(port=free_tcp())
    file, spoilt = tmp_path / "site.yaml", load_text(site_text(extra=BROKEN))

    async def let_go(site: Site, state_dir: Path) -> Offline:
        gone.append(site.config_hash)
        return Offline((), (), 0)

    monkeypatch.setattr(boot, "let_go", let_go)
    monkeypatch.setattr(boot, "RETRY", 0.05)
    postgres.stop()
    try:
        left = Earlier(tmp_path, file, spoilt.text)
        await left.release()
        assert left.held
        stop = asyncio.Event()
        waiting = asyncio.create_task(wait_for_cure(file, spoilt, http, stop, left))
        assert "尚未释放" in await page(http.port)
        assert not gone
    finally:
        await asyncio.to_thread(postgres.start)
    async with asyncio.timeout(60):
        while left.held:
            await asyncio.sleep(0.02)
    assert gone == [site.config_hash]
    assert "占用的写入级已释放" in await page(http.port)
    stop.set()
    assert await waiting is None


async def page(port: int, lang: str = "zh") -> str:
    """The page of a daemon that has nothing to run, once it answers, in a browser's language."""
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/", headers={"Accept-Language": lang})
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code == 503
            return answer.text


async def test_a_daemon_waits_for_a_server_that_is_away_at_boot_and_says_so(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box is up before the server: it asks again and again, aloud and on the page, and goes on by itself; a stop ends it."""
    extra = placed(postgres.empty()) + f"http: {{port: {free_tcp()}}}\n"
    site = site_of_text(site_text(extra=extra))
    said: list[Phrase] = []
    stop, make = Stop(say=said.append), partial(open_store, site, tmp_path)
    monkeypatch.setattr("supervisor.daemon.opening.FIRST_PAUSE", 0.02)
    postgres.stop()
    try:
        waiting = asyncio.create_task(opened(site, tmp_path, make, stop, http=True))
        assert "数据库无应答" in (text := await page(site.http.port))
        assert "does not answer" not in text
        assert "does not answer" in (text := await page(site.http.port, "en"))
        assert "无应答" not in text
        assert len(said) == 1
        ended = Stop(say=said.append)
        ended.signal()
        assert await opened(site, tmp_path, make, ended, http=False) is None
    finally:
        await asyncio.to_thread(postgres.start)
    async with asyncio.timeout(60):
        store = await waiting
    assert store is not None
    store.close()
    assert (tmp_path / "database.url").exists()


def _with_its_database_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Site]:
    """A site file whose database is nowhere, and what it says."""
    file = folder / "site.yaml"
    file.write_text(site_text(extra='database: "postgresql://me@127.0.0.1:1/x"\n'))
    site = site_of_text(file.read_text())
    monkeypatch.setattr("supervisor.daemon.opening.FIRST_PAUSE", 0.02)
    return file, site


async def test_a_site_file_that_is_saved_while_its_database_is_waited_for_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address was wrong: whoever mends it need not know that the daemon waits."""
    file, site = _with_its_database_away(tmp_path, monkeypatch)
    make = partial(open_store, site, tmp_path)
    waiting = asyncio.create_task(opened(site, tmp_path, make, Stop(), http=False, path=file))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    file.write_text(site_text())
    async with asyncio.timeout(60):
        with pytest.raises(FileChanged):
            await waiting


async def test_what_waiting_does_not_mend_is_told_at_once(postgres: Server, tmp_path: Path) -> None:
    """A database that nobody made: the daemon ends, and says what to do."""
    nowhere = postgres.empty().replace("/empty", "/nobody-made-it-")
    site = site_of_text(site_text(extra=placed(nowhere)))
    with pytest.raises(StoreProblem, match="does not exist"):
        await opened(site, tmp_path, partial(open_store, site, tmp_path), Stop(), http=False)


class _Wire:
    """A wire that carries a device, and says what became of it."""

    def __init__(self, did: list[str]) -> None:
        self._did = did
        self.on_namesake: Any = None
        self.up = True

    async def start(self) -> None:
        self._did.append("opened")

    async def stop(self) -> None:
        self._did.append("closed")

    def carrier(self, port: int | None) -> Any:
        self._did.append("carries the device")
        raise Misconfigured("test", "enough")

    async def who_claims(self, instance: int, wait: float) -> str | None:
        return None


async def test_the_device_of_our_own_is_there_while_a_broken_file_waits(tmp_path: Path) -> None:
    """By the last configuration; its wire is closed before the cured file is run. A site without such a device has none."""
    plain = load_text(site_text()).site
    assert safe_device(None, Mock()) is safe_device(plain, Mock()) is None
    earlier = site_of_text(site_text(extra="bacnet_device: {}\n"))
    did: list[str] = []
    wire: Any = _Wire(did)
    device = safe_device(earlier, lambda site: Line(wire, wire))
    assert device is not None
    with pytest.raises(Misconfigured):
        await device()
    assert did == ["opened", "carries the device", "closed"]
    file, began, over = tmp_path / "site.yaml", asyncio.Event(), []
    file.write_text(site_text(extra=BROKEN))

    async def serve() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.append(True)

    stop = asyncio.Event()
    broken = load_text(site_text(extra=BROKEN))
    waiting = asyncio.create_task(wait_for_cure(file, broken, Http(port=free_tcp()), stop, device=serve))
    async with asyncio.timeout(60):
        await began.wait()
    stop.set()
    assert await waiting is None
    assert over == [True]


async def test_a_daemon_reads_a_file_again_that_was_saved_while_its_database_was_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon as it is run, not only what it waits with."""
    file, site = _with_its_database_away(tmp_path, monkeypatch)
    monkeypatch.setattr(sys, "setswitchinterval", lambda seconds: None)
    waiting = asyncio.create_task(supervise(Run(site, SiteClock(), tmp_path, file, http=False)))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    file.write_text(site_text())
    async with asyncio.timeout(60):
        with pytest.raises(FileChanged):
            await waiting


async def test_the_page_of_a_broken_file_comes_once_its_port_is_free(tmp_path: Path) -> None:
    """The port is another program's just now: it is tried again, with a pause; nothing else waits for it."""
    file = tmp_path / "site.yaml"
    file.write_text(site_text(extra=BROKEN))
    taken = listen("127.0.0.1", free_tcp())
    http = Http(port=taken.getsockname()[1])
    stop = asyncio.Event()
    waiting = asyncio.create_task(wait_for_cure(file, load_text(site_text(extra=BROKEN)), http, stop))
    await asyncio.sleep(0.2)
    taken.close()
    await page(http.port)
    stop.set()
    assert await waiting is None
