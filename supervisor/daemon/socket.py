"""The daemon's private door: a Unix socket that only its owner may open, one JSON request a line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

SOCKET = "control.sock"
_LONGEST = 1 << 20
Handler = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class NoDaemon(Exception):
    """Nobody answers at the socket."""


class Control:
    """Serves requests until closed. The handler's exceptions become `{"error": …}` answers."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path = path
        self._handler = handler
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Bind the socket, mode 0600. Raises OSError, also where another daemon already listens."""
        if self._path.exists():
            if await _answers(self._path):
                raise OSError(f"another daemon is using {self._path.parent}")
            self._path.unlink()
        old = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=_LONGEST)
        finally:
            os.umask(old)

    async def stop(self) -> None:
        """Close the door."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            try:
                line = await reader.readline()
                answer = await self._answer(line)
                writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
            finally:
                writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                return {"error": "a request is a JSON object"}
            return await self._handler(request)
        except ValueError as error:
            return {"error": str(error)}


async def _answers(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return False
    writer.close()
    return True


async def ask(state_dir: Path, request: Mapping[str, Any], timeout: float = 30.0) -> dict[str, Any]:
    """Put one request to the running daemon. Raises NoDaemon where none answers."""
    path = state_dir / SOCKET
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_unix_connection(str(path), limit=_LONGEST)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        raise NoDaemon(f"no daemon answers at {path}: {error or 'time-out'}") from error
    if not line:
        raise NoDaemon(f"the daemon at {path} closed the door without an answer")
    answer: dict[str, Any] = json.loads(line)
    return answer
