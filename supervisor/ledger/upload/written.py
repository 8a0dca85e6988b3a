"""Which days' files were written for a centre above, and what was imported into them since: those are to be written anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from schedules.time import local_date
from supervisor.ledger.upload.cursor import FOLDER
from supervisor.store.imports import Import


class Written:
    """Of one profile, in the state folder."""

    def __init__(self, state_dir: Path, name: str) -> None:
        self._path = state_dir / FOLDER / f"{name}.days.json"
        self._days: dict[str, int] = {}
        """Until which import what was written of a day holds."""
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            self._days = {f"{date.fromisoformat(day)}": int(number) for day, number in said.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return  # nobody knows of any day that it was written: none is asked for anew

    def put(self, days: Iterable[date], imported: int) -> None:
        """Files of these days are there, with everything until that import. Raises OSError."""
        self._days |= {f"{day}": imported for day in days}
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(self._days), encoding="utf-8")
        beside.replace(self._path)

    def stale(self, imports: Sequence[Import], tz: ZoneInfo) -> list[str]:
        """Days into which something was imported after they were written. What was booked goes on to the next reading, so that
        the day after the last one counts too."""
        found = []
        for day, number in sorted(self._days.items()):
            for each in imports:
                first, last = local_date(each.start, tz), local_date(each.end + 86_400.0, tz)
                if each.number > number and f"{first}" <= day <= f"{last}":
                    found.append(day)
                    break
        return found
