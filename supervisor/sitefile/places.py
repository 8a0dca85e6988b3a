"""Where a building's journal and control socket live."""

from __future__ import annotations

import os
import re
from pathlib import Path


def default_state_dir(building: str) -> Path:
    """The service's own folder, else a folder in the user's state."""
    given = os.environ.get("STATE_DIRECTORY") or os.environ.get("BUILDING_SUPERVISOR_STATE")
    if given:
        return Path(given.split(":")[0])
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "building-supervisor" / building


def building_named(text: str) -> str | None:
    """The building's name in a site file that is not valid otherwise."""
    found = re.search(r"^building:\s*([a-z0-9][a-z0-9_-]*)", text, re.MULTILINE)
    return found[1] if found else None
