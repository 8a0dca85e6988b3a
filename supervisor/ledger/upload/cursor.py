"""How far a centre is: one small file for each, which outlives a power cut, and which one process has at a time."""

from __future__ import annotations

import fcntl
import json
import math
import os
import time
from pathlib import Path
from typing import Final

from config.phrase import Phrase
from schedules.time import Instant
from supervisor.ledger.upload.model import CentreProblem

FOLDER: Final = "upload"
SYNC: Final = 10.0
"""s between two times that it is forced onto the disk."""


class Cursor:
    """The end of the last interval that a centre has, how often it wants reports, and until which import it has what came late
    for intervals that it had already. Raises OSError, CentreProblem."""

    def __init__(self, state_dir: Path, name: str) -> None:
        self._path = state_dir / FOLDER / f"{name}.json"
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise CentreProblem(Phrase(
                "another process already uploads to it from this state folder", "已有进程使用同一状态目录向该中心上传"
            )) from None  # fmt: skip
        self._synced = -math.inf
        self.damaged = False
        """What stood there cannot be read: the buffer's days are sent again."""
        self.sent: Instant | None = None
        self.period: int | None = None
        self.imported: int | None = None
        self._read()

    def _read(self) -> None:
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            sent, period = said.get("sent"), said.get("period")
            self.sent = float(sent) if sent is not None else None
            self.period = int(period) if period is not None else None
            imported = said.get("imported")
            self.imported = int(imported) if imported is not None else None
        except FileNotFoundError:
            return
        except (ValueError, TypeError, AttributeError):
            self.damaged = True

    def put(self, sent: Instant | None, period: int | None, imported: int | None) -> None:
        """It is there now. Raises OSError: then this process alone knows.

        A process that dies costs nothing, a power cut ten seconds, which are sent again and known by their sequence.
        """
        self.sent, self.period, self.imported = sent, period, imported
        body = json.dumps({"sent": sent, "period": period, "imported": imported}).encode()
        beside = self._path.with_suffix(".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, body)
            if time.monotonic() - self._synced >= SYNC:
                os.fsync(handle)
                self._synced = time.monotonic()
        finally:
            os.close(handle)
        beside.replace(self._path)

    def close(self) -> None:
        """Somebody else may go on."""
        os.close(self._lock)
