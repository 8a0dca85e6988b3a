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
        self._named = False
        """The folder was made durable since the file was made: else a power cut takes the file and all that is in it."""
        self._taken = 0
        """Octets from the beginning that were taken: who loses the database on the way goes on from there."""

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return self._path.exists() and self._path.stat().st_size > 0

    def put(self, batch: Batch) -> None:
        """Add a batch at the end. Raises OSError (the disk is full), and then nothing was added."""
        body = batch.saved().encode()
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            before = os.fstat(file).st_size
            try:
                # a line that a power cut or a kill left half written ends here, or it would take this one with it
                _write(file, line if _whole(file, before) else b"\n" + line)
                os.fsync(file)
                if not self._named:
                    _durable(self._path.parent)
            except OSError:
                os.ftruncate(file, before)
                raise
        finally:
            os.close(file)
        self._named = True

    def waiting(self) -> Iterator[Batch]:
        """What was put and not taken, oldest first. A damaged line is left out: its checksum says so."""
        return (batch for _, batch in self._lines())

    def take(self) -> Iterator[Batch]:
        """The same; whoever asks for the next has taken the one before."""
        for end, batch in self._lines():
            yield batch
            self._taken = end

    def _lines(self) -> Iterator[tuple[int, Batch]]:
        """Where a line ends, and what is in it."""
        if not self._path.exists():
            return
        with self._path.open("rb") as lines:
            end = lines.seek(self._taken)
            for line in lines:
                end += len(line)
                checksum, _, body = line.rstrip(b"\n").partition(b" ")
                if not line.endswith(b"\n") or f"{zlib.crc32(body):08x}".encode() != checksum:
                    continue
                try:
                    yield end, Batch.restored(body.decode())
                except (ValueError, TypeError):
                    continue

    def clear(self) -> None:
        """Everything was taken, and does not come back with a power cut: that would set the books back. Raises OSError."""
        self._path.unlink(missing_ok=True)
        self._named, self._taken = False, 0
        _durable(self._path.parent)


def _whole(file: int, size: int) -> bool:
    """Whether what stands in a file ends with a line's end."""
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _durable(folder: Path) -> None:
    """Make the names in a folder durable: fsync of a file says nothing of its name. Raises OSError."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
