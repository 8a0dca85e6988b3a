"""Parts of rehearsals that were lived before, in files: whoever asks again what is known waits for nothing.

A file is called by the digest of all that its figures follow from (`inputs`), and begins with the digest of what is in it. What
cannot be read, or is not whole, is as if it were not there: the part is lived. There is nothing to switch off or to
sweep: the folder keeps to its size, and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
import os
import tempfile
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from supervisor.rehearsal.result import Result

MOST = 100_000_000
"""Octets that are kept, those asked for last: a year of 24 zones and both its sides is 3 MB. A site choice."""
_ENDING = ".part"
_DATES = ("first", "last")


def default_folder() -> Path | None:
    """Where the user's caches are; None where there is no such place."""
    given = os.environ.get("CACHE_DIRECTORY")
    try:
        base = (
            Path(given.split(":")[0])
            if given
            else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        )
    except RuntimeError:
        return None
    return base / "building-supervisor" / "rehearsals"


class Shelf:
    """Results by the digest of their inputs. No method raises for what is wrong with the folder."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder, self._most = folder, most
        self.found = 0
        """Results that were asked for and were there."""

    def find(self, inputs: str, label: str) -> Result | None:
        """The result of a part of these inputs, called `label`; None where none is kept, whole and sound."""
        path = self._path(inputs)
        try:
            raw = path.read_bytes()
            os.utime(path)
        except (OSError, ValueError):
            return None
        head, kept = raw[:64], raw[64:]
        if head != hashlib.sha256(kept).hexdigest().encode():
            return None
        try:
            result = _result(kept, label)
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None  # whole, and not of our making
        self.found += 1
        return result

    def keep(self, inputs: str, result: Result) -> None:
        """Keep a whole result; of what is kept, what nobody has asked for the longest goes, should it be too much."""
        if not result.complete:
            return
        content = _content(result)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                try:
                    file.write(hashlib.sha256(content).hexdigest().encode() + content)
                    file.close()
                    Path(file.name).replace(self._path(inputs))
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            self._make_room()

    def _path(self, inputs: str) -> Path:
        return self.folder / f"{inputs}{_ENDING}"

    def _make_room(self) -> None:
        known = [(file, file.stat()) for file in self.folder.iterdir() if file.is_file()]
        left = sum(found.st_size for _, found in known)
        for file, found in sorted(known, key=lambda each: each[1].st_mtime):
            if left <= self._most:
                return
            file.unlink(missing_ok=True)
            left -= found.st_size


def _content(result: Result) -> bytes:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    plain: dict[str, Any] = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            arrays[field.name] = value
        else:
            plain[field.name] = value.isoformat() if isinstance(value, dt.date) else value
    text = json.dumps(plain).encode()
    whole = io.BytesIO()
    np.savez(whole, allow_pickle=False, _plain=np.frombuffer(text, np.uint8), **arrays)
    return whole.getvalue()


def _result(content: bytes, label: str) -> Result:
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        values: dict[str, Any] = json.loads(found["_plain"].tobytes())
        values |= {name: found[name] for name in found.files if name != "_plain"}
    values |= {name: dt.date.fromisoformat(values[name]) for name in _DATES}
    values |= {"zones": tuple(values["zones"]), "label": label}
    return Result(**values)
