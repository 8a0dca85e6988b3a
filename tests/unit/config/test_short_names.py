"""Objects as points lists call them are the objects that the standard names."""

from __future__ import annotations

import pytest

from config.objects import OBJECTS, short
from config.values import Misread, parse_object, parse_place


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("AI0", "analog-input:0"), ("AV:10", "analog-value:10"), ("BO3", "binary-output:3"), ("MSV-5", "multi-state-value:5"),
        ("analog-input:0", "analog-input:0"), ("ai 7", "analog-input:7"), ("DI2", "binary-input:2"), ("DO12", "binary-output:12"),
        ("Analog Input 4", "analog-input:4"), ("BINARY_VALUE:9", "binary-value:9"), ("MultiStateOutput,1", "multi-state-output:1"),
        ("ＡＩ：３", "analog-input:3"), ("AO.5", "analog-output:5"), ("BLO1", "binary-lighting-output:1"),
    ],
)  # fmt: skip
def test_a_short_name_is_taken(written: str, meant: str) -> None:
    """Wherever an object is named, alone or behind its device."""
    kind, instance = parse_object(written)
    assert f"{kind}:{instance}" == meant
    assert parse_place(f"ddc-1/{written}").object == (kind, instance)


@pytest.mark.parametrize("written", ["XX0", "AI", "3", "AI-", "AI0.5", "A I", "analog:3"])
def test_what_is_no_object_is_refused(written: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(Misread):
        parse_object(written)


def test_every_type_has_a_short_name_that_leads_back() -> None:
    """What `points` prints is taken."""
    for name in OBJECTS:
        assert parse_object(f"{short(name)}7") == (name, 7)
