"""Bytes of a file that somebody named: a plain file, of a size that such a file may have."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

MIB: Final = 1024 * 1024


class FileRefused(OSError):
    """A file that is not read; the message says why, and nothing of what is in it."""


def read_at_most(path: Path | str, limit: int) -> bytes:
    """The bytes of a plain file of at most `limit` bytes. Raises FileRefused.

    Its size is asked first, and never more than one byte beyond the limit is read: the file may grow meanwhile.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for its writer
    except (OSError, ValueError) as error:
        raise FileRefused(getattr(error, "strerror", None) or str(error)) from error
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise FileRefused(f"this is {_what(found.st_mode)}, not a file")
        if found.st_size > limit:
            raise FileRefused(_too_large(found.st_size, limit))
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise FileRefused(error.strerror or str(error)) from error
    if len(data) > limit:
        raise FileRefused(_too_large(len(data), limit))
    return data


def _what(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device"


def _too_large(size: int, limit: int) -> str:
    return f"the file is {size / MIB:.1f} MiB; such a file has at most {limit / MIB:g} MiB"
