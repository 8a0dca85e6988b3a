"""A first start with a broken file: where its page is to be found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from config.file import Http
from config.load import load_text
from supervisor.daemon.boot import page_of, wait_for_cure
from supervisor.telling.web.server import listen
from tests.ports import free_tcp
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
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                assert (await client.get(f"http://127.0.0.1:{http.port}/")).status_code == 503
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    stop.set()
    assert await waiting is None
