"""The house keeps its own rules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

SKIPS = "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip('no broker here')\n"
SKIPS_WHOLE_FILE = "import pytest\npytest.importorskip('no_such_package')\n"


def run(folder: Path, source: str, ci: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A test file under our conftest, in a process of its own."""
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_it.py").write_text(source + "\ndef test_ok(): pass\n", encoding="utf-8")
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240)


@pytest.mark.parametrize(("source", "options"), [(SKIPS, ("-n", "1")), (SKIPS_WHOLE_FILE, ())])
def test_a_skipped_test_fails_the_run_in_ci(tmp_path: Path, source: str, options: tuple[str, ...]) -> None:
    """A machine that lacks a broker must not report that the broker's tests passed."""
    done = run(tmp_path, source, "true", *options)
    assert done.returncode != 0, done.stdout
    assert "skipped, which CI does not allow" in done.stdout


def test_a_skipped_test_is_no_failure_at_a_desk(tmp_path: Path) -> None:
    """Without CI set, a developer may lack the broker."""
    assert run(tmp_path, SKIPS, "").returncode == 0


BINDS_THE_OFFICE = """
import os, pathlib, socket
from config.load import load
from tests.networks import NUMBER, PORTS
from tests.e2e.sites import office
from tests.waiting import eventually

def test_{name}(tmp_path):
    held = []
    for device in office(tmp_path).site.devices.values():
        host, _, _ = device.address.partition(":")
        held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        held[-1].bind((host, 47_809))
    there = pathlib.Path({folder!r})
    (there / os.environ["PYTEST_XDIST_WORKER"]).write_text(f"{{NUMBER}} {{PORTS.start}}")
    eventually(lambda: len(list(there.iterdir())) == 2, 60, "both hold the office's addresses at once")
"""


def test_two_workers_bind_the_same_site_side_by_side_each_on_a_network_of_its_own(tmp_path: Path) -> None:
    """They are given the office at the same moment: one port number, other addresses, and other ports for the rest."""
    met = tmp_path / "met"
    met.mkdir()
    for name in "ab":
        source = BINDS_THE_OFFICE.format(name=name, folder=str(met))
        (tmp_path / f"test_{name}.py").write_text(source, encoding="utf-8")
    done = run(tmp_path, "", "", "-n", "2", "--dist", "loadfile")
    assert done.returncode == 0, done.stdout
    networks, ports = zip(*(each.read_text(encoding="utf-8").split() for each in met.iterdir()), strict=True)
    assert len(set(networks)) == len(set(ports)) == 2


def test_lock_files_pin_every_package_by_hash_and_name_no_index() -> None:
    """What is installed is what was resolved, and it comes from wherever pip is told to look."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        blocks = text.replace("\\\n", "").splitlines()
        pins = [line for line in blocks if line and not line.startswith("#")]
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins), name
        assert "://" not in text
        # An editable install is built without the network, from these.
        assert {"editables", "hatchling"} <= {pin.split("==")[0] for pin in pins}, name


def test_every_folder_of_python_is_checked_for_its_types() -> None:
    """What `make check` does not look at is a complaint that somebody meets by hand, months later."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.parts[len(ROOT.parts)] for path in ROOT.glob("[a-z]*/**/*.py")}
    assert folders - {"build", "dist", "mutants"} == set(settings["tool"]["mypy"]["packages"])
