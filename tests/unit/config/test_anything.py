"""Whatever stands in a site file, `check` answers and never fails."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import Loaded, load_bytes, load_text
from config.problems import as_json, render_all

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = ["", "~", "true", "8", "-1", "1e999", ".nan", "24h", "x", "[]", "{}", "- a", "&a", "*a", "!t", "\t",
         "'", '"', "办公", "escape_route: true", "writable: true", "<<: *a", "? k", "analog-value:1"]  # fmt: skip


def _answers(loaded: Loaded) -> None:
    text = render_all(loaded.problems, loaded.text)
    lines = loaded.text.splitlines()
    for problem in loaded.problems:
        assert 1 <= problem.line <= max(1, len(lines) + 1)
        assert problem.column >= 1
        assert problem.message in text
        assert problem.hint
    assert as_json(loaded.problems)["ok"] is (loaded.site is not None)
    if loaded.site is not None:
        assert 9 <= loaded.site.priority <= 16
        dark = [e for z in loaded.site.zones.values() for e in z.equipment if e.escape_route]
        assert not any(p.writable for e in dark for p in e.points.values())


@SLOW
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Noise is a problem with a place."""
    _answers(load_bytes(data, "noise"))


@SLOW
@given(data=st.data())
def test_any_small_accident(small: str, data: st.DataObject) -> None:
    """Lines deleted, doubled, moved, and words replaced: the things that happen to files."""
    lines = small.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["delete", "double", "indent", "value", "insert", "cut"]))
        key, colon, _ = lines[at].partition(":")
        if kind == "delete":
            lines.pop(at)
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "indent":
            lines[at] = "  " + lines[at]
        elif kind == "value":
            lines[at] = f"{key}{colon} {data.draw(st.sampled_from(WORDS))}"
        elif kind == "insert":
            lines.insert(at, "  " * data.draw(st.integers(0, 4)) + data.draw(st.sampled_from(WORDS)))
        else:
            lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        if not lines:
            return
    _answers(load_text("\n".join(lines), today=dt.date(2026, 7, 15)))
