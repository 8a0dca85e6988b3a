"""What is told of the process itself is what Prometheus' own client would tell."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.utils import floatToGoString

from supervisor.telling.metrics.process import plainly, process_lines


def _told(text: str) -> dict[str, float | str]:
    """Families by name, their figures, help and kind."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("# HELP")]
    return {name: kind if name.startswith("#") else float(kind) for name, _, kind in lines}


def test_the_same_families_and_figures_as_the_usual_client() -> None:
    """Dashboards of other programs show this one as well."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    theirs, ours = generate_latest(registry).decode(), process_lines()
    assert [line for line in ours.splitlines() if "HELP" in line] == [
        line for line in theirs.splitlines() if "HELP" in line
    ]
    said, expected = _told(ours), _told(theirs)
    assert said.keys() == expected.keys()
    for name in ("process_start_time_seconds", "process_max_fds"):
        assert said[name] == expected[name]
    assert math.isclose(float(said["process_open_fds"]), float(expected["process_open_fds"]), abs_tol=2)
    assert math.isclose(
        float(said["process_resident_memory_bytes"]),
        float(expected["process_resident_memory_bytes"]),
        rel_tol=0.1,
    )


@given(st.floats() | st.integers(-(10**15), 10**15).map(float))
def test_a_figure_is_written_as_the_usual_client_writes_it(value: float) -> None:
    """Ten million and more have an exponent, what is no number says so."""
    assert plainly(value) == floatToGoString(value)  # type: ignore[no-untyped-call] # it has no annotations
