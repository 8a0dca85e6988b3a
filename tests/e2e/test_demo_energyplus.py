"""`demo --plant energyplus`: the same demonstration, and the rooms are EnergyPlus's."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.load import load
from simulator.plant import energyplus_files
from simulator.plant.choice import model_problems
from simulator.plant.kind import PlantKind
from supervisor.cli.demo import EXAMPLE, EXAMPLES
from supervisor.cli.main import app
from tests.e2e.processes import COMMAND
from tests.e2e.sites import NETWORK, free_udp, replaced
from tests.ports import free_tcp

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BEFORE_CLOSING = "2026-07-15T16:50:00+08:00"
ENERGYPLUS = ("--plant", "energyplus")


def _small_office(folder: Path) -> Path:
    """The example for EnergyPlus at addresses of the test's own."""
    wire = free_udp()
    text = replaced(
        EXAMPLES[PlantKind.ENERGYPLUS].read_text(encoding="utf-8"),
        {
            "127.0.0.21:47809": f"{NETWORK}.21:{wire}",
            "{bind: 127.0.0.1, port: 47808,": f"{{bind: {NETWORK}.1, port: {wire + 1},",
        },
    )
    path = folder / "small-office.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_offices_stop_half_an_hour_before_closing_on_energyplus_too(tmp_path: Path) -> None:
    """Rooftop units of the reference small office, on a real wire, at a minute a second; all let go at the end."""
    command = [
        COMMAND, "demo", *ENERGYPLUS, "--site", str(_small_office(tmp_path)), "--start", BEFORE_CLOSING,
        "--duration", "30", "--plain", "--port", str(free_tcp()),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stopped = re.findall(r"enforced +(\w+)/unit/start_stop \[pre-close-off\] off", done.stdout)
    assert stopped, done.stdout
    assert set(stopped) <= {"core", "south", "east", "north", "west"}
    assert "first enforced rule after" in done.stdout
    assert "escape stairs" not in done.stdout, "it has none"
    assert re.fullmatch(r"released=\d+ failed=0", done.stdout.splitlines()[-1])


def test_without_the_extra_the_demo_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started, no traceback."""
    monkeypatch.setattr(energyplus_files, "installed", lambda: False)
    done = CliRunner().invoke(app, ["demo", *ENERGYPLUS])
    assert done.exit_code == 1
    assert "EnergyPlus is not installed" in done.stderr
    assert "pip install" in done.stderr


def test_a_site_without_a_model_is_told_what_to_write() -> None:
    """The office of twenty-four zones: which zone of which model each of them is, nobody has said."""
    done = CliRunner().invoke(app, ["demo", *ENERGYPLUS, "--site", str(EXAMPLE)])
    assert done.exit_code == 1
    assert "the site file names no EnergyPlus model" in done.stderr
    assert "energyplus: {model: small_office" in done.stderr


def test_its_example_is_sound_and_every_zone_has_its_place_in_the_model() -> None:
    """`check` has nothing to say, and EnergyPlus can stand behind it."""
    loaded = load(EXAMPLES[PlantKind.ENERGYPLUS])
    assert loaded.problems == []
    assert loaded.site is not None
    assert model_problems(loaded.site) == []
