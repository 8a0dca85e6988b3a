"""Bytes of a file that somebody named: a plain file, of a size that such a file may have."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from config.phrase import Phrase, Said
from config.reasons import reason

MIB: Final = 1024 * 1024
_A_DEVICE: Final = Phrase("this is a device, not a file", "这是设备，不是文件")
_NO_FILE: Final = {
    stat.S_IFDIR: Phrase("this is a folder, not a file", "这是目录，不是文件"),
    stat.S_IFIFO: Phrase("this is a pipe, not a file", "这是管道，不是文件"),
}


class FileRefused(Said, OSError):
    """A file that is not read; `said` is why, and nothing of what is in it."""


def read_at_most(path: Path | str, limit: int) -> bytes:
    """The bytes of a plain file of at most `limit` bytes. Raises FileRefused.

    Its size is asked first, and never more than one byte beyond the limit is read: the file may grow meanwhile.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for its writer
    except (OSError, ValueError) as error:
        raise FileRefused(reason(error)) from error
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)  # a folder's would not even become a file
        raise FileRefused(_NO_FILE.get(stat.S_IFMT(found.st_mode), _A_DEVICE))
    with os.fdopen(handle, "rb") as file:
        if found.st_size > limit:
            raise FileRefused(_too_large(found.st_size, limit))
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise FileRefused(reason(error)) from error
    if len(data) > limit:
        raise FileRefused(_too_large(len(data), limit))
    return data


def _too_large(size: int, limit: int) -> Phrase:
    return Phrase(
        f"the file is {size / MIB:.1f} MiB; such a file has at most {limit / MIB:g} MiB",
        f"文件有 {size / MIB:.1f} MiB；此类文件不应超过 {limit / MIB:g} MiB",
    )
