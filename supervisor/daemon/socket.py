"""The daemon's private door: a Unix socket that only its owner may open, one JSON request a line."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from config.phrase import Phrase, Said
from config.reasons import reason
from supervisor.clockwork.door import Door, Guest, Left, Room
from supervisor.core.asking import Refused

SOCKET = "control.sock"
_LONGEST = 1 << 20
LINE_WITHIN: Final = 5.0
"""s in which a request is there, and s in which its answer is taken; a site choice: both come from this machine."""


def _line(en: str, zh: str) -> bytes:
    return json.dumps({"error": en, "error_zh": zh}, ensure_ascii=False).encode() + b"\n"


_BUSY = _line("too many requests at once: try again", "同时请求过多，请稍后再试")
ROOM: Final = Room(by_address=32, in_all=32, refusal=_BUSY)
"""People with a command line on one box."""
_LONGEST_PATH = 108
"""Bytes of a Unix socket's path with its closing zero (unix(7))."""
Handler = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class NoDaemon(Said):
    """Nobody answers at the socket."""


class _Asker(asyncio.StreamReaderProtocol, Guest):
    """One connection: until its line is there, it can be spared."""

    def __init__(self, serve: Callable[[_Asker], Awaitable[None]], left: Left) -> None:
        self.lines = asyncio.StreamReader(limit=_LONGEST)
        super().__init__(self.lines, self._begin)
        self._serve, self._left = serve, left
        self.asking = False
        self.answers: asyncio.StreamWriter | None = None

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answers = writer
        await self._serve(self)

    @property
    def waiting(self) -> bool:
        """No request is under way."""
        return self.answers is not None and not self.asking

    def cut(self) -> None:
        """Close the connection at once."""
        if self.answers is not None:
            self.answers.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._left()
        super().connection_lost(exc)


class Control:
    """Serves requests until closed. The handler's exceptions become `{"error": …}` answers."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path = path
        self._handler = handler
        self._door: Door | None = None

    async def start(self) -> None:
        """Bind the socket, mode 0600; once is enough. Raises OSError, also where another daemon already listens."""
        if self._door is not None:
            return
        if self._path.exists():
            if await _answers(self._path):
                raise OSError(f"another daemon is using {self._path.parent}")
            self._path.unlink()
        self._door = Door("control socket", _private(self._path), ROOM, partial(_Asker, self._serve))
        self._door.open()

    async def stop(self) -> None:
        """Close the door."""
        if self._door is not None:
            self._door.close()
            self._door = None
            self._path.unlink(missing_ok=True)

    async def _serve(self, asker: _Asker) -> None:
        writer = asker.answers
        assert writer is not None
        try:
            async with asyncio.timeout(LINE_WITHIN):
                line = await asker.lines.readline()
            asker.asking = True
            answer = await self._answer(line)
            # what was asked for is repeated in answers, and need not be text: JSON has an escape for what UTF-8 has not
            said = json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace")
            writer.write(said + b"\n")
            async with asyncio.timeout(LINE_WITHIN):
                await writer.drain()
            writer.close()
        except (ConnectionError, TimeoutError):
            pass  # it asked nothing, or did not wait for the answer
        except ValueError:
            writer.write(_line("the request is too long", "请求过长"))
            writer.close()
        finally:
            if not writer.is_closing():
                asker.cut()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                return {"error": "a request is a JSON object", "error_zh": "请求应为 JSON 对象"}
            return await self._handler(request)
        except Refused as refused:
            return {"error": refused.phrase.en, "error_zh": refused.phrase.zh}
        except json.JSONDecodeError as error:
            return {"error": f"the request is not JSON: {error}", "error_zh": f"请求不是 JSON：{error}"}
        except ValueError as error:
            return {"error": str(error)}


def _private(path: Path) -> socket.socket:
    """A listening socket that only its owner may open. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        with _short(path) as short:
            listener.bind(short)
        listener.listen(100)
    except BaseException:
        listener.close()
        raise
    finally:
        os.umask(old)
    return listener


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path as the system takes it: a socket's has 107 bytes at most, a folder's may be longer. Raises OSError."""
    if len(os.fsencode(path)) < _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


async def _answers(path: Path) -> bool:
    """Whether somebody listens there; one with a queue before its door does."""
    try:
        with _short(path) as short:
            _, writer = await asyncio.open_unix_connection(short)
    except BlockingIOError:
        return True
    except OSError:
        return False
    writer.close()
    return True


async def ask(state_dir: Path, request: Mapping[str, Any], timeout: float = 30.0) -> dict[str, Any]:
    """Put one request to the running daemon. Raises NoDaemon where none answers."""
    path = state_dir / SOCKET
    try:
        async with asyncio.timeout(timeout):
            with _short(path) as short:
                reader, writer = await asyncio.open_unix_connection(short, limit=_LONGEST)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        why = reason(error) if str(error) else Phrase("time-out", "超时")
        raise NoDaemon(
            Phrase(f"no daemon answers at {path}: {why.en}", f"{path} 处没有守护进程应答：{why.zh}")
        ) from error
    if not line:
        raise NoDaemon(
            Phrase(
                f"the daemon at {path} closed the door without an answer", f"{path} 处的守护进程未应答即断开"
            )
        )
    answer: dict[str, Any] = json.loads(line)
    return answer
