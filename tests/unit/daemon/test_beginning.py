"""What a start runs: a service manager's restart decides nothing that a person has to decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from supervisor.daemon.accepted import FILE, Accepted, Version
from supervisor.daemon.assemble import open_store
from supervisor.daemon.beginning import Beginning, begin
from supervisor.sitefile.sitefile import load
from supervisor.store.rows import NoticeRow
from tests.unit.gateway.gateway_world import site_text

NOW = 1.8e9


class Folder:
    """A site file and a state folder."""

    def __init__(self, folder: Path) -> None:
        self.file, self.state = folder / "site.yaml", folder / "state"

    def start(self, *edits: tuple[str, str], by: str | None = None, saved: bool = False) -> Beginning:
        """Save the file with these edits, and start."""
        text = site_text().replace("dry_run: true", "dry_run: false")
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new)
        self.file.write_text(text, encoding="utf-8")
        site = load(self.file).site
        assert site is not None
        store = open_store(site, self.state)
        try:
            return begin(site, self.state, store, NOW, by=by, saved=saved)
        finally:
            store.close()


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


DRY = ("dry_run: false", "dry_run: true")


def test_the_first_start_is_a_persons_word(folder: Folder) -> None:
    """Nothing was accepted here before: what somebody runs on purpose runs."""
    begun = folder.start()
    assert not begun.waits
    assert not begun.site.dry_run


def test_a_restart_after_a_save_runs_what_was_accepted(folder: Folder) -> None:
    """`dry_run: false` was saved while nobody ran it: it waits, start after start; a harmless save does not."""
    folder.start(DRY)
    for _ in range(2):
        begun = folder.start()
        assert begun.waits
        assert begun.site.dry_run
    assert not folder.start(DRY, ("building:", "name: another\nbuilding:")).waits


def test_a_name_accepts_at_the_start(folder: Folder) -> None:
    """`run --accept NAME`; from then on it is what runs."""
    folder.start(DRY)
    assert not folder.start(by="王敏").waits
    assert not folder.start().waits
    last = Accepted(folder.state).last
    assert last is not None
    assert last.by == "王敏"


def test_a_file_that_was_mended_by_a_save_runs_dry(folder: Folder) -> None:
    """The daemon waited for a sound file: whoever saved it did not start it."""
    begun = folder.start(saved=True)
    assert begun.waits
    assert begun.site.dry_run
    assert "dry_run: true" in begun.site.text


def test_another_database_is_no_first_start(folder: Folder, tmp_path: Path) -> None:
    """The record stands in the state folder, not in the store that the file names."""
    folder.start(DRY)
    begun = folder.start(("building:", f"database: sqlite:///{tmp_path}/other.sqlite3\nbuilding:"))
    assert begun.waits
    assert begun.site.dry_run


@pytest.mark.parametrize(
    "damage", ["", "{", '{"versions": [{"x": 1}], "undone": null}', '{"versions": 3, "undone": null}']
)
def test_a_record_that_cannot_be_read_lets_nothing_slip(folder: Folder, damage: str) -> None:
    """Nobody knows what was accepted: the file runs dry until somebody says so."""
    folder.start(DRY)
    (folder.state / FILE).write_text(damage, encoding="utf-8")
    (folder.state / "supervisor.sqlite3").unlink()
    begun = folder.start()
    assert begun.waits
    assert begun.site.dry_run


def test_a_folder_of_an_earlier_version_is_compared_with_its_store(folder: Folder) -> None:
    """Before there was a record, the store knew what ran last."""
    begun = folder.start(DRY)
    store = open_store(begun.site, folder.state)
    store.put_config(begun.site.config_hash, begun.site.text, NOW)
    store.notice(NoticeRow(NOW, "x", "y", "z", "a", "甲"))
    store.close()
    (folder.state / FILE).unlink()
    assert folder.start().waits


def test_the_record_is_private_and_keeps_a_few(folder: Folder, tmp_path: Path) -> None:
    """It may hold a database's password; eight versions are enough for any hour."""
    folder.start()
    accepted = Accepted(folder.state)
    for n in range(20):
        accepted.accept(Version(str(n), "", "text", float(n)))
    assert len(Accepted(folder.state).versions) == 8
    assert (folder.state / FILE).stat().st_mode & 0o077 == 0
    accepted.go_back()
    again = Accepted(folder.state)
    assert (again.undone, again.last and again.last.config_hash) == (("19", ""), "18")
