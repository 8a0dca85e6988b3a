"""Readers who would rather not read: what they cost the daemon, on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from supervisor.clockwork.folded import Folded
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web import Access, build_app, guest, serve
from supervisor.telling.web.live import MAX_READERS
from tests.ports import free_tcp
from tests.tools.fake_building import fake_building

PATIENCE = 30.0
BIG = 8_000_000


async def look() -> Snapshot:
    """The building."""
    return fake_building()


made: list[int] = []
"""Octets of each part that was made of it."""


async def much() -> AsyncIterator[bytes]:
    """An exposition that fills every buffer on its way."""

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(BIG // 100_000):
            made.append(100_000)
            yield b"x" * 100_000
            await asyncio.sleep(0)  # as between two slices

    made.clear()
    return parts()


@dataclass
class Page:
    """A page that is served."""

    port: int

    async def open(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect and send."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1_000)
        writer.write(sent)
        return reader, writer

    async def answer(self, sent: bytes) -> bytes:
        """All that comes back until the end."""
        reader, writer = await self.open(sent)
        try:
            async with asyncio.timeout(PATIENCE):
                return await reader.read()
        finally:
            writer.close()

    async def healthy(self) -> bool:
        """/healthz answers."""
        return (await self.answer(ask("/healthz", close=True))).startswith(b"HTTP/1.1 200")


def ask(path: str, *, method: str = "GET", close: bool = False, more: str = "") -> bytes:
    """A request."""
    end = "Connection: close\r\n" if close else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{end}{more}\r\n".encode()


@asynccontextmanager
async def page(
    monkeypatch: pytest.MonkeyPatch, *, head: float = 0.3, read: float = 0.3
) -> AsyncIterator[Page]:
    """A server whose patience is a test's."""
    monkeypatch.setattr(guest, "HEAD_WITHIN", head)
    monkeypatch.setattr(guest, "READ_WITHIN", read)
    monkeypatch.setattr(guest, "_malformed", Folded())
    app = build_app(look, much, lambda: True, lambda: True, access=Access, period=0.05)
    served = Page(free_tcp())
    serving = asyncio.create_task(serve(app, "127.0.0.1", served.port))
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    assert await served.healthy()
                    break
                except OSError:
                    await asyncio.sleep(0.01)
        yield served
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def ended(reader: asyncio.StreamReader) -> bool:
    """The other side closes, within a test's patience."""
    try:
        async with asyncio.timeout(PATIENCE):
            await reader.read()
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTT", ask("/")[:-2]], ids=["nothing", "a line", "all but the end"]
)
async def test_a_request_that_does_not_come_is_not_waited_for(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connected, and silent ever after: closed within seconds."""
    async with page(monkeypatch) as served:
        reader, _ = await served.open(sent)
        assert await ended(reader)


async def test_a_header_an_octet_at_a_time_does_not_prolong_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slowloris: each octet is in time, the request is not; so with a second request on the same connection."""
    async with page(monkeypatch) as served:
        for first in (b"", ask("/healthz")):
            reader, writer = await served.open(first + b"GET / HTTP/1.1\r\nX: ")
            dripping = asyncio.create_task(drip(writer))
            assert await ended(reader)
            dripping.cancel()


async def drip(writer: asyncio.StreamWriter) -> None:
    """An octet now and then, for ever."""
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def test_a_thousand_idle_readers_do_not_keep_anybody_from_the_health_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many as are let in at once are open; who comes next is answered all the same, and the log has one line."""
    async with page(monkeypatch, head=60.0) as served:
        with capture_logs() as logs:
            idle = [await served.open(b"GET / HTTP/1.1\r\nHost: ") for _ in range(300)]
            assert await served.healthy()
        for _, writer in idle:
            writer.close()
    assert [line["event"] for line in logs] == ["too many connections"]


async def test_a_body_is_not_read_whatever_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused at its head; one that is announced and never comes is not waited for, one of gigabytes is cut."""
    async with page(monkeypatch) as served:
        for method, status in (("POST", b"405"), ("GET", b"413")):
            head = ask("/", method=method, more="Content-Length: 4000000000\r\n")
            reader, writer = await served.open(head)
            async with asyncio.timeout(PATIENCE):
                assert (await reader.readline()).split()[1] == status
            assert await ended(reader)
            writer.close()
            reader, writer = await served.open(head)
            with pytest.raises(ConnectionError):
                async with asyncio.timeout(PATIENCE):
                    while True:
                        writer.write(b"x" * 65_536)
                        await writer.drain()


async def test_a_head_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a megabyte of headers: 400, in one line of the log however often."""
    async with page(monkeypatch) as served:
        with capture_logs() as logs:
            reader, writer = await served.open(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            for _ in range(20):
                writer.write(b"X: " + b"y" * 1_000 + b"\r\n")
                await asyncio.sleep(0.001)
            async with asyncio.timeout(PATIENCE):
                assert (await reader.readline()).startswith(b"HTTP/1.1 400")
            for _ in range(5):
                assert (await served.answer(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")).startswith(b"HTTP/1.1 400")
            whole = await served.answer(ask("/", close=True, more=f"X: {'y' * 20_000}\r\n"))
            assert whole.startswith(b"HTTP/1.1 431")
    assert [(line["event"], line["log_level"]) for line in logs] == [("malformed HTTP", "warning")]


async def test_an_answer_that_nobody_reads_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight megabytes asked for and not taken: the connection ends, and what nobody takes is not made."""
    async with page(monkeypatch) as served:
        reader, _ = await served.open(ask("/metrics"))
        await asyncio.sleep(1.0)  # the server's patience, which is real time
        got = b""
        try:
            async with asyncio.timeout(PATIENCE):
                while part := await reader.read(1_000_000):
                    got += part
        except ConnectionError:
            pass
        assert len(got) <= sum(made) < BIG


async def test_places_of_the_live_page_are_for_those_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 80 that come at once 64 are let in; HEAD takes no place, however often."""
    async with page(monkeypatch) as served:
        for _ in range(MAX_READERS + 5):
            said = await served.answer(ask("/live", method="HEAD", close=True))
            assert said.startswith(b"HTTP/1.1 200")
            assert b"text/event-stream" in said
        opened = await asyncio.gather(*(served.open(ask("/live")) for _ in range(80)))
        async with asyncio.timeout(PATIENCE):
            lines = [(await reader.readline()).split()[1] for reader, _ in opened]
        for _, writer in opened:
            writer.close()
    assert (lines.count(b"200"), lines.count(b"503")) == (MAX_READERS, 80 - MAX_READERS)
