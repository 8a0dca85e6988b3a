"""What the gateway box is given: the unit, the package's scripts and files, the container's recipe."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import load_text
from config.problems import render_all

ROOT = Path(__file__).parents[3]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
DEBIAN = ROOT / "deploy/debian"
CONTAINER = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")


def settings(unit: Path) -> dict[str, str]:
    """The settings of a unit that stand in it once."""
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_unit_is_told_of_a_stuck_loop_and_gives_a_start_its_time() -> None:
    """systemd waits for READY=1, restarts what gives no sign of life, and lets a stop hand its slots back."""
    unit = settings(ROOT / "deploy/systemd/building-supervisor.service")
    assert unit["Type"] == "notify"
    assert int(unit["WatchdogSec"]) == 90
    assert int(unit["TimeoutStartSec"]) > int(unit["WatchdogSec"])
    assert unit["Restart"] == "always"
    assert "AF_UNIX" in unit["RestrictAddressFamilies"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_units_paths_are_the_packages(unit: Path) -> None:
    """Program, site file, state and page stand where the package puts them."""
    said = settings(unit)
    assert said["ExecStart"].startswith("/opt/building-supervisor/bin/building-supervisor ")
    assert " /etc/building-supervisor/site.yaml " in said["ExecStart"]
    assert said["StateDirectory"] == said["User"] == said["Group"] == "building-supervisor"
    recipe = (ROOT / "scripts/deb").read_text(encoding="utf-8")
    assert said["Documentation"] == "file:/usr/share/doc/building-supervisor/README.md"
    assert "share=$root/usr/share/doc/building-supervisor\n" in recipe
    assert 'cp README.md "$share/"' in recipe
    assert "home=/opt/building-supervisor\n" in recipe


def test_the_unit_is_as_closed_as_it_was() -> None:
    """By `systemd-analyze security`: 1.3 at the most, of 10."""
    unit = ROOT / "deploy/systemd/building-supervisor.service"
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=13", str(unit)],
        capture_output=True, text=True, check=False, timeout=250, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-400:] + ran.stderr


def test_the_shipped_site_file_is_sound_and_writes_nothing() -> None:
    """`check` finds no error in it as it comes; it is in dry run, and its controller is nobody's (RFC 5737)."""
    loaded = load_text((DEBIAN / "site.yaml").read_text(encoding="utf-8"))
    assert loaded.site is not None, render_all(loaded.problems)
    assert loaded.site.dry_run
    assert all(
        device.address.startswith("192.0.2.") for device in loaded.site.devices.values() if device.address
    )


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_the_packages_scripts_are_sound_shell(script: str) -> None:
    """They end at the first thing that goes wrong, and a POSIX shell can read them."""
    text = (DEBIAN / script).read_text(encoding="utf-8")
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -e\n" in text
    subprocess.run(["sh", "-n", str(DEBIAN / script)], check=True, timeout=60)


def copied() -> Iterator[str]:
    """What the container's recipe takes from the clone."""
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE):
        yield from sources.split()


@pytest.mark.parametrize("path", [*copied()])
def test_what_the_container_is_made_of_is_there(path: str) -> None:
    """Every file and folder that its recipe copies."""
    assert (ROOT / path).exists()


def test_the_container_has_all_that_the_wheel_has() -> None:
    """The five folders, and what pyproject.toml names besides."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (packages,) = re.findall(
        r"^\[tool.hatch.build.targets.wheel\]\npackages = \[(.*)\]$", project, re.MULTILINE
    )
    assert set(re.findall(r'"(\w+)"', packages)) <= {*copied()}
    for named in ("README.md", "LICENSE", "pyproject.toml", "requirements.lock"):
        assert named in {*copied()}


def test_the_container_runs_as_nobody_of_note_and_stops_like_the_unit() -> None:
    """Not as root; the same command, the same folders, a SIGTERM and the unit's time."""
    unit = settings(ROOT / "deploy/systemd/building-supervisor.service")
    (command,) = re.findall(r"^CMD \[(\"run\".*)\]$", CONTAINER, re.MULTILINE)
    assert [*re.findall(r'"([^"]*)"', command)] == unit["ExecStart"].split()[1:]
    assert re.search(r"^USER (?!0|root)", CONTAINER, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in CONTAINER
    assert f"--stop-timeout {unit['TimeoutStopSec']}" in CONTAINER


def test_the_container_stands_on_the_network_of_its_host() -> None:
    """BACnet's broadcasts end at a container's own network: every command line that is shown says `--network host`."""
    page = (ROOT / "docs/how-to/install-as-a-service.md").read_text(encoding="utf-8")
    shown = [
        line for line in (CONTAINER + page).splitlines() if re.search(r"podman run -d|docker run -d", line)
    ]
    assert shown
    assert all("--network host" in line for line in shown)
