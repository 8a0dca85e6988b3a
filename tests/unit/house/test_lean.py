"""What the daemon does without: heavy libraries that others of ours' libraries would take along."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["supervisor.cli.main", "supervisor.daemon.assemble"])
def test_nothing_heavy_comes_along(module: str) -> None:
    """Neither rich's tracebacks, nor a cipher library, nor the other database's dialect, nor arrays of numbers."""
    heavy = (
        "rich",
        "pygments",
        "cryptography",
        "sqlalchemy.dialects.postgresql",
        "numpy",
        "BAC0",
        "bacpypes3",
        "pyarrow",
    )
    code = f"import sys, {module}; print([each for each in {heavy!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
