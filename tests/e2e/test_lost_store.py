"""The gateway box comes back from a power cut without its store: the building is not lost with it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.e2e.conftest import EVENING, Evening
from tests.e2e.processes import DaemonProcess, slots, verb
from tests.e2e.slots import MANY, as_decided, held
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
JUNK = b"what a power cut leaves behind\n" * 400


def _dies_holding(closed: Evening, state: Path) -> int:
    """A daemon takes the building for the evening, and the box dies; how many slots it leaves."""
    with DaemonProcess(closed.files, state, start=EVENING) as daemon:
        daemon.ready()
        eventually(lambda: daemon.owned() > MANY, 60, "the building is supervised")
        as_decided(daemon)
        daemon.send(SIGKILL)
        daemon.process.wait(10)
    return slots(closed.files)[0]


def _spoil(state: Path) -> Path:
    for file in state.glob("supervisor.sqlite3*"):
        file.unlink()
    file = state / "supervisor.sqlite3"
    file.write_bytes(JUNK)
    return file


def _audited(file: Path) -> int:
    """Releases that the audit proves: NULL written, and read back."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        sql = "SELECT count(*) FROM intents JOIN results ON intent_id = intents.id WHERE wire IS NULL AND result = 'ok'"
        return int(connection.execute(sql).fetchone()[0])


def test_a_building_whose_store_is_lost_is_let_go_of_by_a_persons_word(
    closed: Evening, tmp_path: Path
) -> None:
    """The daemon will not start, `release --offline` has no journal: the slots are read, listed, and emptied."""
    state = tmp_path / "s"
    count = _dies_holding(closed, state)
    file, site = _spoil(state), str(closed.files.daemon)
    with DaemonProcess(closed.files, state, start=EVENING) as daemon:
        assert daemon.process.wait(60) == 1
        assert "--new-store" in daemon.log()
        assert "release SITE.yaml --offline --lost-journal" in daemon.log()
        assert "Traceback" not in daemon.log()
    assert verb("release", site, "--offline", "--state-dir", str(state)).returncode == 1

    looked = verb("release", site, "--offline", "--lost-journal", "--state-dir", str(state))
    assert looked.returncode == 1, looked.stdout
    assert f"held={count} in_no_journal={count} not_read=0" in looked.stdout
    assert len([line for line in looked.stdout.splitlines() if line.startswith("held: ")]) == count
    assert "--yes" in looked.stderr
    assert file.read_bytes() == JUNK
    assert slots(closed.files)[0] == count, "looking writes nothing"

    done = verb("release", site, "--offline", "--lost-journal", "--yes", "--state-dir", str(state))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"released={count} failed=0 owned=0" in done.stdout
    assert slots(closed.files) == (0, [])
    assert _audited(file) == count
    (kept,) = state.glob("supervisor.sqlite3.kept-*")
    assert kept.read_bytes() == JUNK

    again = verb("release", site, "--offline", "--lost-journal", "--state-dir", str(state))
    assert (again.returncode, "held=0" in again.stdout) == (0, True), again.stdout + again.stderr


def test_a_daemon_starts_beside_a_damaged_store_and_names_what_no_journal_knows(
    closed: Evening, tmp_path: Path
) -> None:
    """`run --new-store`: supervised again at once; what the lost store held is listed and left alone till a person says."""
    state = tmp_path / "s"
    count = _dies_holding(closed, state)
    _spoil(state)
    before = held(closed.files)
    with DaemonProcess(closed.files, state, "--new-store", start=EVENING) as daemon:
        daemon.ready()
        eventually(lambda: "slots in no journal" in daemon.log(), 60, "it says what it does not know")
        assert "the old one is kept as" in daemon.log()
        assert "release SITE.yaml --offline --lost-journal" in daemon.log()
        running = verb(
            "release", str(closed.files.daemon), "--offline", "--lost-journal", "--state-dir", str(state)
        )
        assert (running.returncode, "a daemon runs" in running.stderr) == (1, True)
        assert daemon.stop().code == 0
    assert held(closed.files) == before, "left alone"
    done = verb(
        "release", str(closed.files.daemon), "--offline", "--lost-journal", "--yes", "--state-dir", str(state)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"released={count} failed=0 owned=0" in done.stdout
    assert slots(closed.files) == (0, [])
