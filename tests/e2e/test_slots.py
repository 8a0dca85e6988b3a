"""Nothing of ours is left in the building: not after a stop, not after a crash, not without a daemon.

Seen by `tests/tools/slots.py`, which shares no code with the daemon.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM

import pytest

from tests.e2e.conftest import EVENING, Evening
from tests.e2e.processes import DaemonProcess, slots, verb
from tests.e2e.slots import MANY, as_decided, held
from tests.waiting import eventually, last_answer

pytestmark = pytest.mark.e2e
NEXT_MORNING = "2026-07-16T09:30:00+08:00"
RELEASED_WITHIN = 5.0
"""Wall seconds from SIGTERM until the last slot is NULL."""

_OPEN = "SELECT count(*) FROM intents WHERE NOT dry_run AND id NOT IN (SELECT intent_id FROM results)"


def _supervised(evening: Evening, state: Path, *options: str, start: str = EVENING) -> DaemonProcess:
    return DaemonProcess(evening.files, state, *options, start=start)


def _owns_many(evening: Evening, daemon: DaemonProcess) -> int:
    """Wait until more than twenty slots are ours, as the witness counts them; how many."""
    daemon.ready()
    eventually(lambda: daemon.owned() > MANY, 60, f"more than {MANY} slots are ours")
    return eventually(lambda: _more_than_many(slots(evening.files)[0]), 60, "so says the witness")


def _more_than_many(count: int) -> int:
    return count if count > MANY else 0


def _open_intents(state: Path) -> int:
    """Writes of which the journal does not know whether they arrived."""
    journal = state / "supervisor.sqlite3"
    if not journal.exists():
        return 0
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as connection:
        try:
            return int(connection.execute(_OPEN).fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # the tables are only being made


def _stop_in_mid_write(daemon: DaemonProcess, state: Path) -> None:
    """Freeze the daemon at a moment when a write has begun and its read-back is not there yet."""

    def caught() -> bool:
        if not _open_intents(state):
            return False
        daemon.send(SIGSTOP)
        if _open_intents(state):
            return True
        daemon.send(SIGCONT)
        return False

    # a write is under way for some milliseconds
    assert last_answer(caught, bool, 90, 0.002), "no write was under way within 90 s"


def _stop_between_writes(daemon: DaemonProcess, state: Path) -> None:
    """Freeze the daemon at a moment when no write is under way: what it holds is what the controllers have."""

    def at_rest() -> bool:
        daemon.send(SIGSTOP)
        if not _open_intents(state):
            return True
        daemon.send(SIGCONT)
        return False

    assert last_answer(at_rest, bool, 60, 0.1), "always writing for 60 s"


def _kill(daemon: DaemonProcess) -> None:
    daemon.send(SIGKILL)
    daemon.process.wait(10)


def test_a_stop_hands_every_slot_back_within_five_seconds(evening: Evening, tmp_path: Path) -> None:
    """systemd stops the service while more than twenty slots are ours."""
    with _supervised(evening, tmp_path / "s") as daemon:
        _owns_many(evening, daemon)
        ended = daemon.stop(SIGTERM)
    last = max(write[0] for write in evening.building.all_writes())
    assert ended.code == 0, ended.err
    assert "failed=0" in ended.out
    assert last - ended.signalled < RELEASED_WITHIN
    assert slots(evening.files) == (0, [])
    assert slots(evening.files, "bacpypes3") == (0, [])


def test_after_a_crash_in_mid_write_the_next_start_settles_what_was_open(
    evening: Evening, tmp_path: Path
) -> None:
    """kill -9 between a write and its read-back; then the service starts again, is killed once more and will
    not start any more: an integrator runs `release --offline`."""
    state = tmp_path / "s"
    with _supervised(evening, state) as daemon:
        _stop_in_mid_write(daemon, state)
        _kill(daemon)
    assert _open_intents(state) > 0
    with _supervised(evening, state) as daemon:
        _owns_many(evening, daemon)
        eventually(lambda: _open_intents(state) == 0, 60, "every open intent has its result")
        as_decided(daemon)
        _stop_between_writes(daemon, state)
        _kill(daemon)
    owned = slots(evening.files)[0]
    assert owned > MANY
    released = verb("release", str(evening.files.daemon), "--offline", "--state-dir", str(state))
    assert released.returncode == 0, released.stderr
    assert f"released={owned} failed=0 owned=0" in released.stdout
    assert slots(evening.files) == (0, [])


def test_slots_of_a_crash_are_let_go_by_a_start_that_no_longer_wants_them(
    evening: Evening, tmp_path: Path
) -> None:
    """The gateway box dies in the evening and comes back next morning, when the offices are open."""
    state = tmp_path / "s"
    with _supervised(evening, state) as daemon:
        _owns_many(evening, daemon)
        stopped = {place for place in held(evening.files) if place.object_type == "binary-output"}
        _kill(daemon)
    with _supervised(evening, state, start=NEXT_MORNING) as daemon:
        daemon.ready()
        as_decided(daemon)
        assert len(stopped - held(evening.files).keys()) > MANY / 2
        assert daemon.stop(SIGINT).code == 0, "Ctrl-C is as good a way to stop"
    assert slots(evening.files)[0] == 0


def test_a_dry_run_decides_everything_and_writes_nothing(evening: Evening, tmp_path: Path) -> None:
    """Shadow first: the building's own log shows that no write arrived, not even at the stop."""
    before = len(evening.building.all_writes())
    with _supervised(evening, tmp_path / "s", "--dry-run") as daemon:
        daemon.ready()
        eventually(
            lambda: (daemon.metric("building_supervisor_writes_total", result="dry_run") or 0) > MANY,
            60,
            "more than twenty writes were pretended",
        )
        assert daemon.metric("building_supervisor_writes_total", result="ok") == 0
        assert daemon.explain("f2-office-201/fcu/start_stop")["winner"]["rule"] == "pre-close-off"
        assert daemon.stop().code == 0
    assert len(evening.building.all_writes()) == before
    assert slots(evening.files) == (0, [])


def test_the_doctor_lists_every_fallback_that_means_on(evening: Evening, tmp_path: Path) -> None:
    """Whoever lets go of such a point starts it: an integrator wants to know before the first release."""
    stopped, switched_off = "f2-office-202/fcu/start_stop", "f2-office-201/lights/start_stop"
    evening.building.command(stopped, 0, 8)
    evening.building.command(switched_off, 0, 13)
    try:
        ran = verb("doctor", str(evening.files.daemon), "--state-dir", str(tmp_path / "s"))
    finally:
        evening.building.command(stopped, None, 8)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (told,) = [line for line in ran.stdout.splitlines() if 'falls back to "on"' in line]
    told = told.partition("is NULL: ")[2]
    named = set(re.findall(r"[\w/.-]+", told))
    assert {"f1-hall/fcu-east/start_stop", "ahu/start_stop"} <= named
    kinds = {kind: int(count) for kind, count in re.findall(r"([\w/.-]+) ×(\d+)", told)}
    units = [p for p in evening.building.site.points if re.search(r"/fcu[\w-]*/start_stop$", p)]
    assert kinds["fcu/start_stop"] == len(units), f"{stopped}: what outranks us today is no fallback"
    assert switched_off not in named
    assert "stair-a/lights/start_stop" not in named, "never written, so never let go of"
    assert all(f"✓ device {device}" in ran.stdout for device in evening.building.site.devices)
    assert "0 problems" in ran.stdout


def test_the_doctor_names_a_controller_that_does_not_answer(evening: Evening, tmp_path: Path) -> None:
    """Exit 1, once: that its units are not known either follows from it. The others are examined all the same."""
    evening.building.order("silent", device="ddc-4", silent=True)
    try:
        ran = verb("doctor", str(evening.files.daemon), "--state-dir", str(tmp_path / "s"))
    finally:
        evening.building.order("silent", device="ddc-4", silent=False)
    assert ran.returncode == 1
    assert "✗ device ddc-4" in ran.stdout
    assert ran.stdout.count("ddc-4") == 1, ran.stdout
    assert "✓ device ddc-2" in ran.stdout
