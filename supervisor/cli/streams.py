"""Standard streams that end no verb in a traceback: signs that a terminal lacks, a reader that left, a full disk."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import math
import os
import select
import sys
import threading
import time
import unicodedata
from pathlib import Path
from typing import Any, Final, TextIO

from config.reasons import reason

_LIKE: Final = {"✓": "+", "✗": "x", "·": "-", "•": "*", "—": "-", "–": "-", "→": "->", "×": "x", "�": "?"}
"""Signs that carry a meaning, and what stands for them where a terminal has only letters."""
_ASCII: Final = "terminal_ascii"
"""ASCII under another name: where it reads ASCII, click takes the terminal for misconfigured and writes UTF-8 at it."""


_PIECE: Final = 1000
"""Characters that a pipe which is writable takes for sure: a page of 4096 octets, four to a character (pipe(7))."""
_MOMENT: Final = 50
"""ms that a line is waited for whose reader is only busy. A site choice."""
_LAST: Final = 2.0
"""s in all that the last lines before an end are waited for: most of the 5 s by which a service manager waits longer than a stop goes
on are the end's own. A site choice."""
_AGAIN: Final = 0.01
"""s until a terminal that took a part is given the rest."""
_ONE_AT_A_TIME: Final = threading.RLock()


class Unheard(Exception):
    """Nobody can be told any more: what standard output leads to is gone, or full."""

    def __init__(self, cause: OSError) -> None:
        self.why = reason(cause)
        super().__init__(self.why.en)
        self.left = isinstance(cause, BrokenPipeError)
        """True where the reader went away, as `head` does: nobody's fault."""


def settle() -> None:
    """Make the process's own streams safe, once, before anything is said."""
    codecs.register_error("likened", _likened)
    codecs.register(_terminal_ascii)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # for as long as we live
            setattr(sys, name, nowhere)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _Answers.around(sys.stdout)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _Remarks.around(sys.stderr)


def wait_for_nobody() -> None:
    """From now on standard error loses lines rather than keep a daemon waiting: whoever was to read them has stopped."""
    if isinstance(sys.stderr, _Remarks):
        sys.stderr.patient = False


def wait_for_the_last_lines() -> None:
    """What follows is the end: it is waited for a little, for it says what is left, and nothing is kept waiting by it any more."""
    if isinstance(sys.stderr, _Remarks):
        sys.stderr.until = time.monotonic() + _LAST


def heard() -> None:
    """Write out what is still to be written. Raises Unheard if anything of the answer was lost."""
    sys.stdout.flush()
    if isinstance(sys.stdout, _Answers) and sys.stdout.lost is not None:
        raise sys.stdout.lost


def in_json(value: Any, indent: int | None = 2) -> str:
    """JSON as standard output can take it: in its own signs, or escaped where the terminal lacks some, never replaced."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return text


class _Stream(io.TextIOWrapper):
    """A standard stream that has a likeness for every sign."""

    at_once = False
    """Each line is written out as it is said, whatever it leads to."""

    @classmethod
    def around(cls, stream: io.TextIOWrapper) -> TextIO:
        """The same stream; the old object is of no more use."""
        encoding, through = stream.encoding, stream.write_through  # PYTHONUNBUFFERED
        by_line = stream.line_buffering or cls.at_once
        if codecs.lookup(encoding).name == "ascii":
            encoding = _ASCII
        stream.flush()
        return cls(
            stream.detach(), encoding=encoding, errors="likened", newline="\n", line_buffering=by_line,
            write_through=through,
        )  # fmt: skip


class _Answers(_Stream):
    """Standard output: the first failure is raised as Unheard, what comes after it goes nowhere."""

    lost: Unheard | None = None

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise self._gone(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise self._gone(error) from error

    def _gone(self, error: OSError) -> Unheard:
        """Send the rest, and what the interpreter would write out at its end, nowhere."""
        self.lost = Unheard(error)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return self.lost


class _Remarks(_Stream):
    """Standard error, where logs and reasons go: a daemon does not fall because nobody can read why it would, nor stand still
    because nobody does."""

    at_once = True
    patient = True
    """It waits until what it leads to takes a line, however long that is."""
    until = -math.inf
    """Until when each line is waited for all the same, as `time.monotonic`."""
    _lost = 0
    """Lines since somebody last read."""
    _amid = _losing = False
    """Whether a line is begun, and whether it is one of those."""
    _torn = ""
    """What ends a line of which a part was taken, and no more was as yet."""
    _terminal: int | None = -1
    """A terminal opened once more, so that no write to it waits: it may be writable and take one octet. None: it leads to none, or that
    cannot be opened; negative: not looked yet."""

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError):
            if self.patient:
                super().write(text)
            else:
                with _ONE_AT_A_TIME:
                    self._write_or_lose(text)
        return len(text)

    def _write_or_lose(self, text: str) -> None:
        for part in text.splitlines(keepends=True):
            if not self._amid:
                self._losing = not self._takes()
                if self._lost and not self._losing:
                    self._losing = not self._told_lost()
            self._amid = not part.endswith("\n")
            if not self._losing:
                self._losing = not self._in_pieces(part)
            self._lost += self._losing and not self._amid

    def _told_lost(self) -> bool:
        if taken := self._put(self._torn + self._count()):
            self._lost = 0
        return taken

    def _in_pieces(self, part: str) -> bool:
        """Write a line, each piece no longer than what is sure to be taken. False where the rest was not."""
        for at in range(0, len(part), _PIECE):
            if (at and not self._takes()) or not self._put(part[at : at + _PIECE]):
                return False
        return True

    def _put(self, piece: str) -> bool:
        """Write what is sure to be taken, or as much as a terminal takes. False where that was not all."""
        if (terminal := self._opened()) is None:
            super().write(piece)
            super().flush()
            self._torn = "" if piece.endswith("\n") else "\n"
            return True
        rest = piece.encode(self.encoding, self.errors or "strict")
        until = self.until if self._lost else max(self.until, time.monotonic() + _MOMENT / 1000.0)
        while rest:
            with contextlib.suppress(BlockingIOError):
                taken = os.write(terminal, rest)
                self._torn = "" if rest[:taken].endswith(b"\n") else "\n"
                rest = rest[taken:]
            if rest:
                if time.monotonic() >= until:
                    return False
                time.sleep(_AGAIN)
        return True

    def _opened(self) -> int | None:
        if self._terminal is not None and self._terminal < 0:
            self._terminal = None
            if self.isatty():
                with contextlib.suppress(OSError):
                    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
                    self._terminal = os.open(os.ttyname(self.fileno()), flags)
        return self._terminal

    def _takes(self) -> bool:
        """Whether a piece would be taken at once, or within a moment where the last one was."""
        ready = select.poll()
        ready.register(self.fileno(), select.POLLOUT)
        left = 1000.0 * (self.until - time.monotonic())
        return bool(ready.poll(max(0 if self._lost else _MOMENT, left)))

    def _count(self) -> str:
        lost, en, zh = self._lost, "lines were lost here: nobody read them", "行在此丢失：无人读取"
        if self.isatty():
            return f"{lost} {en} · {lost} {zh}\n"
        return json.dumps({"lines": lost, "event": en, "level": "warning"}) + "\n"

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()


def _likened(error: UnicodeError) -> tuple[str, int]:
    """For each sign that an encoding lacks: what it is composed of, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_like, error.object[error.start : error.end])), error.end


def _like(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return _LIKE.get(sign) or plain or "?"


def _terminal_ascii(name: str) -> codecs.CodecInfo | None:
    if name != _ASCII:
        return None
    real = codecs.lookup("ascii")
    return codecs.CodecInfo(
        real.encode, real.decode, real.streamreader, real.streamwriter, real.incrementalencoder,
        real.incrementaldecoder, _ASCII,
    )  # fmt: skip
