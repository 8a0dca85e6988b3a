"""A building of which only meters are known: nothing is to be switched, and so there are no zones."""

from __future__ import annotations

import pytest

from config.load import load_text

HEAD = 'version: 1\nbuilding: annex\ntimezone: Asia/Shanghai\nhours: {office: {workday: "08:30-17:30"}}\n'
DDC = "devices: {ddc: {address: 10.0.0.9, instance: 9}}\n"


@pytest.mark.parametrize(
    "rest",
    [
        DDC + "meters: {main: {subitem: total, point: {at: ddc/analog-input:2, unit: kWh}}}\n",
        "meters: {main: {subitem: total, unit: kWh}}\n",
    ],
)
def test_meters_alone_are_a_building(rest: str) -> None:
    """On a wire or read by hand: neither a zone nor a season is asked for, nor a device of which nothing would be read."""
    loaded = load_text(HEAD + rest)
    assert loaded.site is not None, loaded.problems
    assert not loaded.site.zones
    assert [p for p in loaded.problems if p.severity.value == "error"] == []


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        (DDC, "there are neither zones nor meters"),
        ("meters: {main: {subitem: total, point: {at: ddc/analog-input:2, unit: kWh}}}\n", "`devices` is missing"),
    ],
)  # fmt: skip
def test_nothing_at_all_is_none(rest: str, why: str) -> None:
    """Who forgot the zones, or the controller that a meter hangs on, is told so."""
    assert why in [p.message for p in load_text(HEAD + rest).problems]
