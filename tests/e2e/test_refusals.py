"""What stands in the way of a start is said in one line; what is wrong beside a running daemon does not stop it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import EVENING, Evening
from tests.e2e.processes import DaemonProcess, slots, verb
from tests.e2e.sites import NETWORK, SiteFiles, office, spoil
from tests.e2e.slots import MANY, as_decided
from tests.waiting import eventually

pytestmark = pytest.mark.e2e


@pytest.fixture
def files(tmp_path: Path) -> SiteFiles:
    """A site file; nobody serves its controllers."""
    return office(tmp_path)


@pytest.fixture(scope="module")
def pageless(closed: Evening, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon at work whose HTTP port somebody else has."""
    state = tmp_path_factory.mktemp("pageless") / "s"
    with (
        socket.create_server(("127.0.0.1", closed.files.http)),
        DaemonProcess(closed.files, state, start=EVENING) as daemon,
    ):
        daemon.ready()
        eventually(lambda: daemon.owned() > MANY, 60, "the building is supervised")
        as_decided(daemon)
        yield daemon
        assert daemon.stop().code == 0
    assert slots(closed.files)[0] == 0


def _refused(*words: str, code: int = 1) -> str:
    """Run a verb that must exit 1, or `code`, without a traceback; what it says."""
    ran = verb(*words)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


def test_a_site_file_with_a_mistake_is_refused_by_line_and_column(files: SiteFiles, tmp_path: Path) -> None:
    """`run --strict` with a priority that belongs to the manual operator."""
    spoil(files)
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
    assert f"--start {start}" in _refused("run", str(files.daemon), "--start", start, code=2)


@pytest.mark.parametrize("words", [("run",), ("release", "--offline")], ids=" ".join)
def test_a_taken_bacnet_port_is_named(files: SiteFiles, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Another program has it; bacpypes3 alone would share it without a word, and answers would go astray."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((f"{NETWORK}.1", files.wire + 1))
        said = _refused(*words, str(files.daemon), "--state-dir", str(tmp_path / "s"))
    assert f"UDP port {files.wire + 1} on {NETWORK}.1 is taken" in said
    assert "hint: " in said


def test_the_doctor_blames_no_daemon_that_is_gone(files: SiteFiles, tmp_path: Path) -> None:
    """A killed daemon leaves its socket behind; that the port is taken by somebody else is a problem."""
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "control.sock"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((f"{NETWORK}.1", files.wire + 1))
        ran = verb("doctor", str(files.daemon), "--state-dir", str(tmp_path))
    assert ran.returncode == 1
    assert f"✗ BACnet port {NETWORK}.1:{files.wire + 1}" in ran.stdout


def test_a_taken_http_port_leaves_the_building_supervised(pageless: DaemonProcess) -> None:
    """No page and no metrics, and the log says why; the slots are held all the same."""
    assert "Address already in use" in pageless.log()
    assert str(pageless.files.http) in pageless.log()
    assert pageless.owned() > MANY


def test_a_second_daemon_on_the_same_state_is_refused(pageless: DaemonProcess) -> None:
    """Two masters with one journal would let go of each other's slots. The first goes on untouched."""
    said = _refused("run", str(pageless.files.daemon), "--state-dir", str(pageless.state))
    assert f"another daemon is using {pageless.state}" in said
    assert (pageless.state / "control.sock").stat().st_mode & 0o777 == 0o600
    assert pageless.owned() > MANY
    as_decided(pageless)  # people come and go meanwhile: not the same slots, but those that it decides


def test_the_doctor_knows_the_running_daemon(pageless: DaemonProcess) -> None:
    """It has the port, and is asked what it knows of its devices; that its page is missing is told."""
    ran = verb("doctor", str(pageless.files.daemon), "--state-dir", str(pageless.state))
    assert ran.returncode == 0, ran.stdout
    assert "✓ daemon: runs and holds" in ran.stdout
    assert "✓ 7 devices: answers" in ran.stdout
    assert "· daemon: http: " in ran.stdout
