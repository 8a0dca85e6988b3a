"""Every page tells the same way from a draft to the building."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WAY = (
    "check draft.yaml",
    "plan draft.yaml",
    "simulate draft.yaml --against site.yaml",
    "cp draft.yaml site.yaml",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_draft_stands_before_what_it_is_compared_with(page: Path) -> None:
    """`simulate draft --against site`: never the other way about."""
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"simulate \S*site\.yaml --against \S*(draft|my)\S*\.yaml", text)


@pytest.mark.parametrize("name", ["change-hours", "rehearse-a-change"])
def test_draft_check_plan_simulate_copy(name: str) -> None:
    """In this order, on each page that shows a change."""
    text = (ROOT / f"docs/how-to/{name}.md").read_text(encoding="utf-8")
    where = [text.index(step) for step in WAY]
    assert where == sorted(where)


@pytest.mark.parametrize(
    "name", ["tutorial.md", "how-to/go-live.md", "how-to/add-a-room.md", "how-to/map-from-a-spreadsheet.md"]
)
def test_who_shows_a_change_says_that_saving_is_not_going_live(name: str) -> None:
    """And leads to the page that says how."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert "change-hours.md#from-a-draft-to-the-building" in text
