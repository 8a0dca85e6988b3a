"""Reports as files: written whole or not at all, and found again."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from config.phrase import Lang

FOLDER: Final = "reports"
"""In the state folder, where nothing else is said."""
_NAME: Final = re.compile(
    r"(?P<building>.+)-(?P<period>\d{4}(?:-\d{2})?)-(?P<lang>zh|en)\.(?P<kind>html|xlsx)"
)


class Report(NamedTuple):
    """A file of a report. `kind`: html or xlsx; `made`: POSIX seconds."""

    path: Path
    building: str
    period: str
    lang: Lang
    kind: str
    size: int
    made: float


def name_of(building: str, period: str, lang: Lang, kind: str) -> str:
    """What a report's file is called: office-2026-03-zh.html."""
    return f"{building}-{period}-{lang}.{kind}"


def there(folder: Path) -> list[Report]:
    """The reports in a folder, the latest period first; none where there is no such folder."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is None or not path.is_file():
                continue
            with contextlib.suppress(OSError):
                state = path.stat()
                lang: Lang = "zh" if match["lang"] == "zh" else "en"
                found.append(
                    Report(
                        path,
                        match["building"],
                        match["period"],
                        lang,
                        match["kind"],
                        state.st_size,
                        state.st_mtime,
                    )
                )
    return sorted(found, key=lambda r: (r.period, r.building, r.lang, r.kind), reverse=True)


def write(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, made where it is not there. Each is written beside its place first, and all take their places
    when the last of them is whole: whoever stops it in between finds what was there before. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    ready: list[tuple[Path, Path]] = []
    try:
        for name, octets in files.items():
            handle, beside = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            ready.append((Path(beside), folder / name))
            with os.fdopen(handle, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).chmod(0o666 & ~_umask())
        for beside_, path in ready:
            beside_.replace(path)
    finally:
        _clear(beside_ for beside_, _ in ready)
    return [path for _, path in ready]


def _clear(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
