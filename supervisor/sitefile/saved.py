"""Watching a site file and the calendar files beside it: whether what stands at those paths is another file now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import watchfiles

CALENDARS: Final = (".ics", ".json", ".epw")
"""Files that a site file may name, and that are watched with it."""
LOOK_EVERY: Final = 2_000
"""ms after which is looked where nothing was reported: a folder behind a link may be exchanged, or lie on a network."""
LINKS: Final = 40
"""Symbolic links that are followed, as Linux does (path_resolution(7))."""

Prints: TypeAlias = frozenset[tuple[str, str, int, int, int]]
"""Of each file its path as written, the file that stands there, its inode, size and time of change."""


async def saves(
    path: Path, changed: asyncio.Event, folders: Iterable[Path] = (), led: asyncio.Event | None = None
) -> None:
    """Set `changed` whenever another text stands at `path`, as it is written: saved, exchanged, or its link set anew.

    So does any calendar or weather file in its folder and in `folders`. `led` is set besides where a link leads to another file:
    that is done at one stroke, and nobody is still writing there.
    """
    folders = frozenset({path.parent, *folders})
    known = prints(path, folders)
    while True:
        watched = {folder for folder in folders | _links(path) if folder.is_dir()}
        async for _ in watchfiles.awatch(
            *watched, recursive=False, watch_filter=None, rust_timeout=LOOK_EVERY, yield_on_timeout=True
        ):
            if (found := prints(path, folders)) != known:
                before, known = dict(_led(known)), found
                if led is not None and any(before.get(name, real) != real for name, real in _led(found)):
                    led.set()
                changed.set()
                break  # a link may lead to another folder now


def prints(path: Path, folders: Iterable[Path]) -> Prints:
    """What stands at the site file's path and at those of the calendar files in `folders`; without those that are not there."""
    files = {path}
    for folder in folders:
        try:
            files.update(file for file in folder.iterdir() if file.suffix in CALENDARS)
        except OSError:
            continue  # a folder that is gone has no files
    found = set()
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            continue
        found.add((str(file), str(file.resolve()), stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)


def _led(found: Prints) -> Iterator[tuple[str, str]]:
    """Each path with the file to which it leads."""
    return ((written, real) for written, real, *_ in found)


def _links(path: Path) -> set[Path]:
    """The folders that a path leads through where it is a symbolic link."""
    found = set()
    for _ in range(LINKS):
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
        found.add(path.parent)
    return found
