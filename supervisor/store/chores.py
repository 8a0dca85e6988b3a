"""What housekeeping asks of the store: a copy of a SQLite database, and of the months that have moved to files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import sqlalchemy as sa


def copy_to(connection: sa.Connection, target: Path) -> None:
    """Copy a SQLite database into a file, in the place of what is there; all of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    connection.execute(sa.text("VACUUM INTO :file"), {"file": str(part)})
    part.chmod(0o600)  # it tells who was where
    part.replace(target)


def copy_files(folder: Path, target: Path) -> int:
    """Copy the months of a folder that are new, or were written anew; how many. Durable, each whole or not at all.

    A month that is missing keeps its copy, and so does one that was damaged where it lies, of the same length and
    time: that is what a copy is for. Raises OSError.
    """
    copied = 0
    for file in sorted(folder.glob("*.parquet")):
        copy, found = target / file.name, file.stat()
        if copy.exists() and (copy.stat().st_size, copy.stat().st_mtime_ns) == (
            found.st_size,
            found.st_mtime_ns,
        ):
            continue
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = copy.with_suffix(".part")
        with (
            file.open("rb") as source,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to,
        ):
            shutil.copyfileobj(source, to)
            to.flush()
            os.fsync(to.fileno())
        os.utime(part, ns=(found.st_atime_ns, found.st_mtime_ns))
        part.replace(copy)
        copied += 1
    return copied
