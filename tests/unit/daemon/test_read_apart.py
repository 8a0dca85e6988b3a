"""The site file is read in a process of its own: what comes back is what reading it here gives."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from supervisor.sitefile.apart import apart, load_alone
from supervisor.sitefile.sitefile import load

OFFICE = Path("config/examples/small-office.yaml")


def test_a_sound_file_gives_the_same_site() -> None:
    """Points, rules, calendars, all that a person wrote; figures that points have in common are one object."""
    here, there = load(OFFICE), apart(load, OFFICE)
    assert here.site is not None
    assert there.site is not None
    assert there == here
    one, *others = (p for p in there.site.points.values() if p.role == "temperature")
    assert all(each.states is one.states for each in others)


def test_what_is_wrong_keeps_its_line_and_column(tmp_path: Path) -> None:
    """And its remedy, in both languages."""
    broken = tmp_path / "site.yaml"
    broken.write_text(OFFICE.read_text().replace("timezone:", "timezonne:"))
    here, there = load(broken), apart(load, broken)
    assert there.site is None
    assert there == here
    assert any(p.line > 1 and p.column and p.remedy.zh for p in there.problems)


def test_where_no_process_can_be_had_the_file_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box may have no room for another program."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    text = OFFICE.read_text()
    assert apart(load_alone, text, str(OFFICE)) == load_alone(text, str(OFFICE))


def test_what_goes_wrong_there_is_told_from_here() -> None:
    """A defect is no answer."""
    with pytest.raises(ValueError, match="invalid literal"):
        apart(int, "three")
