"""The site files that were accepted here, in the state folder: which one may run, and which were before it.

A file of its own, not a row of the store: another database, or a new one in the place of a damaged one, must not make a
saved file the first that this folder ever saw.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()
FILE: Final = "accepted.json"
KEPT: Final = 8
"""Versions that `reload --back` can go through; a site choice."""
CURE: Final = "look who owns the state folder, and whether the disk is full"


@dataclass(frozen=True, slots=True)
class Version:
    """A site file that was accepted: its text, what it and its calendars are known by, when and by whom."""

    config_hash: str
    digest: str
    """Of the calendars that it was accepted with."""
    text: str
    at: float
    """POSIX seconds, wall time."""
    by: str = ""
    """Who said so; empty for a saved file that needed nobody's word."""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by."""
        return self.config_hash, self.digest


class Accepted:
    """The versions in the order in which they were accepted, the one in force last."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.versions: list[Version] = []
        self.undone: tuple[str, str] | None = None
        """The version that was taken back: as long as it stands on disk, it waits."""
        self.readable = True
        """False where the file is there and cannot be read: then nobody knows what was accepted."""
        self._read()

    @property
    def last(self) -> Version | None:
        """The version in force."""
        return self.versions[-1] if self.versions else None

    @property
    def before(self) -> Version | None:
        """The version to go back to."""
        return self.versions[-2] if len(self.versions) > 1 else None

    def accept(self, version: Version) -> None:
        """From now on this one. Raises OSError where that cannot be kept."""
        same = self.last is not None and self.last.key == version.key
        self._write([*(self.versions[:-1] if same else self.versions), version][-KEPT:], None)

    def go_back(self) -> None:
        """From now on the one before; the last one waits. Raises OSError."""
        assert self.before is not None
        self._write(self.versions[:-1], self.versions[-1].key)

    def _read(self) -> None:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self.versions = [Version(**each) for each in found["versions"]]
            self.undone = tuple(found["undone"]) if found["undone"] else None
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.readable = False
            log.error("what was accepted cannot be read", file=str(self._path), reason=str(error), to_do=CURE)

    def _write(self, versions: list[Version], undone: tuple[str, str] | None) -> None:
        """Whole or not at all: after a power cut one of both stands there."""
        kept = {"versions": [asdict(v) for v in versions], "undone": undone}
        beside = self._path.with_suffix(".new")
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(kept, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self.versions, self.undone, self.readable = versions, undone, True
