"""The simulated building as a service has it: nobody at its standard input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.networks import subnet
from tests.waiting import lives_for
from tests.wire.annex import annex


@pytest.mark.thorough
def test_with_the_null_device_for_standard_input_the_building_goes_on(tmp_path: Path) -> None:
    """As a shell's background job or a unit starts it: it is ready, stays, and complains of nothing."""
    files = annex(tmp_path, subnet(6), "rusty", 60.0)
    said = tmp_path / "said"
    with said.open("wb") as log:
        building = subprocess.Popen(
            [sys.executable, "-m", "simulator", str(files.building)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        assert building.stdout is not None
        assert '"ready": true' in building.stdout.readline()
        lives_for(building, 1.0)
    finally:
        building.kill()
        building.communicate()
    assert said.read_text(encoding="utf-8") == ""
