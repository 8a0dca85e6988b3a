"""What `doctor` looks at is named in Chinese for a reader of Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from config.phrase import same
from supervisor.cli.findings import Finding

_NAMES = frozenset({"HTTP", "BACnet", "MQTT", "bac0", "rusty"})


def _looked_at() -> set[str]:
    """What the checks are about, as it stands in the program; what is put in counts as a figure."""
    found = set()
    for file in Path("supervisor/cli").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "Finding"
                and len(node.args) == 3
            ):
                what = node.args[1]
                parts = what.values if isinstance(what, ast.JoinedStr) else [what]
                text = "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
                found.add(text)
    return found - {"7"}


@pytest.mark.parametrize("what", sorted(_looked_at()))
def test_each_check_has_a_name_in_chinese(what: str) -> None:
    """Ports, the state folder, what was moved into files, whatever comes to it."""
    line = Finding("ok", what, same("7")).line("zh")
    assert not set(re.findall(r"[A-Za-z]{3,}", line)) - _NAMES, line
