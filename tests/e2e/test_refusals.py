"""What stands in the way of a start is said in one line; what is wrong beside a running daemon does not stop it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import httpx
import pytest

from tests.e2e.conftest import BRISK, EVENING, Evening
from tests.e2e.processes import Building, DaemonProcess, eventually, slots, verb
from tests.e2e.sites import NETWORK, SiteFiles, office, replaced
from tests.e2e.slots import MANY, as_decided

pytestmark = pytest.mark.e2e
FORBIDDEN = {"priority: 10 ": "priority: 8 "}
"""A slip of an integrator's: the manual operator's slot."""


@pytest.fixture
def files(tmp_path: Path) -> SiteFiles:
    """A site file; nobody serves its controllers."""
    return office(tmp_path)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """An office after hours; one stack is enough for what is no matter of BACnet."""
    files = office(tmp_path_factory.mktemp("closed"), changes=BRISK)
    with Building(files, start=EVENING, speed=1.0) as building:
        yield Evening(building, files)


def _refused(*words: str) -> str:
    """Run a verb that must exit 1 without a traceback; what it says."""
    ran = verb(*words)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


def _spoil(files: SiteFiles) -> str:
    """Make the site file invalid; what it was."""
    text = files.daemon.read_text(encoding="utf-8")
    files.daemon.write_text(replaced(text, FORBIDDEN), encoding="utf-8")
    return text


def test_a_site_file_with_a_mistake_is_refused_by_line_and_column(files: SiteFiles, tmp_path: Path) -> None:
    """`run --strict` with a priority that belongs to the manual operator."""
    _spoil(files)
    said = _refused("run", str(files.daemon), "--strict", "--state-dir", str(tmp_path / "s"))
    place = re.search(rf"{re.escape(str(files.daemon))}:(\d+):(\d+): error: `8`: ", said)
    assert place, said
    text = files.daemon.read_text(encoding="utf-8").splitlines()[int(place[1]) - 1]
    assert text[int(place[2]) - 1 :].startswith("8 ")
    assert "hint: leave it out for the default, 10" in said


def test_a_site_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """A slip in the path."""
    said = _refused("run", str(tmp_path / "ofice.yaml"), "--state-dir", str(tmp_path / "s"))
    assert "ofice.yaml:1:1: error: there is no such file" in said


@pytest.mark.parametrize("start", ["tomorrow", "2026-07-15T15:00:00"])
def test_a_start_that_is_no_moment_is_refused(files: SiteFiles, start: str) -> None:
    """A word, or a time of which nobody knows the zone."""
    assert f"--start {start}" in _refused("run", str(files.daemon), "--start", start)


@pytest.mark.parametrize("words", [("run",), ("release", "--offline")], ids=" ".join)
def test_a_taken_bacnet_port_is_named(files: SiteFiles, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Another program has it; bacpypes3 alone would share it without a word, and answers would go astray."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((f"{NETWORK}.1", files.wire + 1))
        said = _refused(*words, str(files.daemon), "--state-dir", str(tmp_path / "s"))
    assert f"UDP port {files.wire + 1} on {NETWORK}.1 is taken" in said
    assert "hint: " in said


def test_the_doctor_blames_no_daemon_that_is_gone(closed: Evening, tmp_path: Path) -> None:
    """A killed daemon leaves its socket behind; the port is then taken by somebody else, and that is bad."""
    state = tmp_path / "s"
    with DaemonProcess(closed.files, state, "--dry-run", start=EVENING) as daemon:
        daemon.ready()
        running = verb("doctor", str(closed.files.daemon), "--state-dir", str(state))
        assert running.returncode == 0, running.stdout
        assert "the running daemon holds it" in running.stdout
        daemon.send(SIGKILL)
        daemon.process.wait(10)
    assert (state / "control.sock").exists()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((f"{NETWORK}.1", closed.files.wire + 1))
        gone = verb("doctor", str(closed.files.daemon), "--state-dir", str(state))
    assert gone.returncode == 1
    assert f"✗ BACnet port {NETWORK}.1:{closed.files.wire + 1}" in gone.stdout


def test_a_taken_http_port_leaves_the_building_supervised(closed: Evening, tmp_path: Path) -> None:
    """No page and no metrics, and the log says why; slots are held, and let go at the stop."""
    with (
        socket.create_server(("127.0.0.1", closed.files.http)),
        DaemonProcess(closed.files, tmp_path / "s", start=EVENING) as daemon,
    ):
        daemon.ready()
        eventually(lambda: daemon.owned() > MANY, 30, "the building is supervised")
        assert "Address already in use" in daemon.log()
        assert str(closed.files.http) in daemon.log()
        assert daemon.stop().code == 0
    assert slots(closed.files)[0] == 0


def test_a_second_daemon_on_the_same_state_is_refused(closed: Evening, tmp_path: Path) -> None:
    """Two masters with one journal would let go of each other's slots. The first goes on untouched."""
    state = tmp_path / "s"
    with DaemonProcess(closed.files, state, start=EVENING) as first:
        first.ready()
        eventually(lambda: first.owned() > MANY, 30, "the building is supervised")
        owned = first.owned()
        said = _refused("run", str(closed.files.daemon), "--state-dir", str(state))
        assert f"another daemon is using {state}" in said
        assert (state / "control.sock").stat().st_mode & 0o777 == 0o600
        assert first.owned() >= owned
        assert first.get("/healthz").status_code == 200
        assert first.stop().code == 0


def test_a_mistake_at_boot_lets_go_of_what_a_crash_left_and_waits_for_the_cure(
    closed: Evening, tmp_path: Path
) -> None:
    """After a power cut the daemon finds a site file that somebody has spoilt meanwhile."""
    state = tmp_path / "s"
    with DaemonProcess(closed.files, state, start=EVENING) as daemon:
        daemon.ready()
        eventually(lambda: daemon.owned() > MANY, 30, "the building is supervised")
        daemon.send(SIGKILL)
        daemon.process.wait(10)
    good = _spoil(closed.files)
    try:
        with DaemonProcess(closed.files, state, start=EVENING) as daemon:
            eventually(lambda: "waiting for the site file" in daemon.log(), 40, "it waits")
            assert slots(closed.files) == (0, [])
            page = eventually(lambda: _problem_page(daemon), 10, "a page is served")
            assert "`8`: priorities 1 to 8 belong to life safety" in page
            closed.files.daemon.write_text(good, encoding="utf-8")
            daemon.ready()
            eventually(lambda: daemon.owned() > MANY, 30, "the building is supervised again")
            as_decided(daemon, 20)
            assert daemon.stop().code == 0
    finally:
        closed.files.daemon.write_text(good, encoding="utf-8")


def _problem_page(daemon: DaemonProcess) -> str:
    """The page of a daemon that has nothing to run; empty while nobody answers."""
    try:
        answer = daemon.get("/")
    except httpx.TransportError:
        return ""
    assert answer.status_code == 503
    return answer.text
