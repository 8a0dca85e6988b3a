"""Who was where is for the daemon's own eyes: the modes of what it writes, whoever made the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config.site import Site
from supervisor.daemon.assemble import open_store
from supervisor.daemon.lost import open_anew
from supervisor.sitefile.places import private
from tests.site_files import site_of_text
from tests.unit.gateway.gateway_world import site_text


@pytest.fixture(autouse=True)
def lax() -> Iterator[None]:
    """A umask under which everybody may read, as most logins have it."""
    old = os.umask(0o022)
    yield
    os.umask(old)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A state folder that somebody else made."""
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def site() -> Site:
    """A building."""
    return site_of_text(site_text())


def readable(folder: Path) -> list[str]:
    """Files that others may read."""
    return [file.name for file in folder.rglob("*") if file.is_file() and file.stat().st_mode & 0o077]


@pytest.mark.parametrize("opened", [open_store, lambda s, f: open_anew(s, f, lambda line: None)])
def test_a_store_in_a_folder_of_0755_is_its_owners(opened, open_folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Store, WAL and SHM, while it is open and after; the open folder is told with its remedy, and stays."""
    with capture_logs() as logs:
        store = opened(site(), open_folder)
    assert readable(open_folder) == []
    store.close()
    assert readable(open_folder) == []
    told = [line for line in logs if line["event"] == "the state folder is open to others"]
    assert [line["to_do"] for line in told] == [f"chmod 700 {open_folder}"]
    assert stat.S_IMODE(open_folder.stat().st_mode) == 0o755


def test_what_an_earlier_version_left_readable_is_closed_and_told(open_folder: Path) -> None:
    """The store, one that was put aside, and the copies; a file of somebody else's making stays."""
    (open_folder / "backups").mkdir()
    names = [
        "supervisor.sqlite3",
        "supervisor.sqlite3.kept-20260101T000000",
        "backups/2026-07-01.sqlite3",
        "notes.txt",
    ]
    for name in names:
        (open_folder / name).write_bytes(b"")
    with capture_logs() as logs:
        private(open_folder)
    assert readable(open_folder) == ["notes.txt"]
    assert sum(line["event"] == "others could read it" for line in logs) == 4
    assert stat.S_IMODE((open_folder / "backups").stat().st_mode) == 0o700


def test_a_folder_of_our_own_is_closed_from_the_start(tmp_path: Path) -> None:
    """0700, and nothing to tell."""
    with capture_logs() as logs:
        private(tmp_path / "a" / "state")
    assert stat.S_IMODE((tmp_path / "a" / "state").stat().st_mode) == 0o700
    assert logs == []
