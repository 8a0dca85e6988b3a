"""Where a building's journal and control socket live."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from config.phrase import Phrase, Said
from config.reasons import reason

log = structlog.get_logger()
STORE: Final = "supervisor.sqlite3"
_SHAPES: Final = (f"{STORE}*", "*.spool", "*.pem", "accepted.*", "backups", "backups/*", "backups/readings/*")
OTHERS: Final = 0o077
"""What nobody but the owner may do with files that tell who was where."""


def default_state_dir(building: str) -> Path:
    """The service's own folder, else a folder in the user's state."""
    given = os.environ.get("STATE_DIRECTORY") or os.environ.get("BUILDING_SUPERVISOR_STATE")
    if given:
        return Path(given.split(":")[0])
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "building-supervisor" / building


class NoStateDir(Said, OSError):
    """The state folder cannot be used; the message says which and why."""


def make_state_dir(folder: Path) -> None:
    """The folder of a building's journal and socket, made where it is not there. Raises NoStateDir."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        why = _why(folder, error)
        raise NoStateDir(
            Phrase(
                f"the state folder {folder} cannot be used: {why.en}", f"状态目录 {folder} 无法使用：{why.zh}"
            )
        ) from error


def _why(folder: Path, error: Exception) -> Phrase:
    for part in (folder, *folder.parents):
        if part.is_symlink() and not part.exists():
            to = part.readlink()
            return Phrase(
                f"{part} is a link to {to}, which is not there", f"{part} 是指向 {to} 的链接，而后者不存在"
            )
        if part.is_file():
            return Phrase(f"{part} is a file, not a folder", f"{part} 是文件，不是目录")
    return reason(error)


def building_named(text: str) -> str | None:
    """The building's name in a site file that is not valid otherwise."""
    found = re.search(r"^building:\s*([a-z0-9][a-z0-9_-]*)", text, re.MULTILINE)
    return found[1] if found else None


def private(state_dir: Path) -> None:
    """Make the state folder, and let no file in it be read by others, whatever the umask and whoever made the folder.

    From here on the process makes files for its owner alone. A folder that stood open is told, and left as it is: it
    may be somebody's way to something else in it. Raises NoStateDir, OSError.
    """
    os.umask(OTHERS)
    make_state_dir(state_dir)
    if open_to_others(state_dir):
        log.warning(
            "the state folder is open to others", folder=str(state_dir), to_do=f"chmod 700 {state_dir}"
        )
    for file in _ours(state_dir):
        mode = stat.S_IMODE(file.lstat().st_mode)
        if mode & OTHERS and not file.is_symlink():
            file.chmod(mode & ~OTHERS)
            log.warning("others could read it", file=str(file), mode=f"{mode:o}", now=f"{mode & ~OTHERS:o}")


def open_to_others(folder: Path) -> bool:
    """Whether others than its owner may look into a folder."""
    return bool(folder.stat().st_mode & OTHERS)


def _ours(state_dir: Path) -> Iterator[Path]:
    """The store with what SQLite keeps beside it, stores put aside, what waits for it, and copies; those that we own."""
    for file in (found for shape in _SHAPES for found in state_dir.glob(shape)):
        try:
            if file.lstat().st_uid == os.geteuid():
                yield file
        except FileNotFoundError:
            continue  # SQLite takes away what it put beside
