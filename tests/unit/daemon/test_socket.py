"""The control socket: whoever sits at it and asks nothing keeps nobody from asking."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from supervisor.daemon import socket as control
from supervisor.daemon.socket import SOCKET, Control, ask

PATIENCE = 30.0


async def echo(request: Mapping[str, Any]) -> dict[str, Any]:
    """Says what was asked."""
    return {"asked": request["do"]}


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Control]:
    """A daemon's socket in a folder."""
    made = Control(folder / SOCKET, echo)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def test_only_its_owner_may_open_it(tmp_path: Path) -> None:
    """Mode 0600, whatever the umask."""
    old = os.umask(0)
    try:
        async with served(tmp_path):
            assert stat.S_IMODE((tmp_path / SOCKET).stat().st_mode) == 0o600
            assert os.umask(0) == 0
    finally:
        os.umask(old)


async def test_idle_connections_keep_nobody_from_asking(tmp_path: Path) -> None:
    """A hundred that say nothing: explain, release and overtime are answered."""
    async with served(tmp_path):
        idle = [await asyncio.open_unix_connection(str(tmp_path / SOCKET)) for _ in range(100)]
        assert await ask(tmp_path, {"do": "status"}, timeout=PATIENCE) == {"asked": "status"}
        for _, writer in idle:
            writer.close()


async def test_a_line_that_does_not_come_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a request, and silence."""
    monkeypatch.setattr(control, "LINE_WITHIN", 0.2)
    async with served(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / SOCKET))
        writer.write(b'{"do": ')
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() == b""
        writer.close()


async def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    """More than a megabyte: an answer, not a traceback."""
    async with served(tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / SOCKET))
        writer.write(b"x" * 3_000_000)
        async with asyncio.timeout(PATIENCE):
            said = await reader.readline()
        assert json.loads(said) == {"error": "the request is too long", "error_zh": "请求过长"}
        writer.close()


async def test_a_second_daemon_finds_the_first_whatever_waits_before_its_door(tmp_path: Path) -> None:
    """OSError; the first one's socket stays."""
    async with served(tmp_path):
        second = Control(tmp_path / SOCKET, echo)
        with pytest.raises(OSError, match="another daemon"):
            await second.start()
        assert await ask(tmp_path, {"do": "status"}) == {"asked": "status"}


async def test_an_answer_that_repeats_what_is_no_text_comes_all_the_same(tmp_path: Path) -> None:
    """A room asked for from a terminal in GBK: no “the request is too long” for what was understood, or refused, in other words."""
    garbled = "会议室".encode("gbk").decode("utf-8", "surrogateescape")
    async with served(tmp_path):
        assert await ask(tmp_path, {"do": garbled}, timeout=PATIENCE) == {"asked": garbled}
