"""What waits on the disk while the database does not take it: a file of lines, each with its checksum, oldest first."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from supervisor.store.readings import Batch


class Spool:
    """Batches in the order in which they were put. What was put is durable; what was half written was never put."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return self._path.exists() and self._path.stat().st_size > 0

    def put(self, batch: Batch) -> None:
        """Add a batch at the end. Raises OSError (the disk is full), and then nothing was added."""
        body = batch.saved().encode()
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            before = os.fstat(file).st_size
            try:
                _write(file, line)
                os.fsync(file)
            except OSError:
                os.ftruncate(file, before)
                raise
        finally:
            os.close(file)

    def waiting(self) -> Iterator[Batch]:
        """What was put and not taken, oldest first. A damaged line is left out: its checksum says so."""
        if not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                checksum, _, body = line.rstrip(b"\n").partition(b" ")
                if not line.endswith(b"\n") or f"{zlib.crc32(body):08x}".encode() != checksum:
                    continue
                try:
                    yield Batch.restored(body.decode())
                except (ValueError, TypeError):
                    continue

    def clear(self) -> None:
        """Everything was taken."""
        self._path.unlink(missing_ok=True)


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
