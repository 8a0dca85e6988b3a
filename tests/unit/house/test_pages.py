"""The pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    """A reader who clicks does not fall out of the repository."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not gone


def test_the_index_names_every_page() -> None:
    """A page that the index does not lead to is not found."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")]
    missing = [str(page.relative_to(ROOT / "docs")) for page in pages if page.name != "index.md"]
    assert [page for page in missing if f"({page})" not in index] == []


def test_the_chinese_pages_have_the_commands_of_the_english_ones() -> None:
    """A command that one page tells and its twin does not have is a different procedure; each page leads to its twin."""
    for page in sorted((ROOT / "docs" / "zh").glob("*.md")):
        twin = ROOT / "docs" / ("tutorial.md" if page.stem == "tutorial" else f"how-to/{page.name}")
        zh, en = page.read_text(encoding="utf-8"), twin.read_text(encoding="utf-8")
        verbs = {match[1] for match in _VERB.finditer(zh)}
        assert page.stem == "tutorial" or verbs <= {match[1] for match in _VERB.finditer(en)}, page.name
        assert twin.name in zh and f"](zh/{page.name})" in (ROOT / "docs/index.md").read_text(
            encoding="utf-8"
        )


def test_the_two_first_hours_have_the_same_commands_and_edits() -> None:
    """From the unknown network on: the twin differs by its language and the name of who signs, and by nothing else."""
    pages = [(ROOT / "docs" / page).read_text(encoding="utf-8") for page in ("tutorial.md", "zh/tutorial.md")]
    en, zh = (page[page.index("$ python -m simulator config/examples") :] for page in pages)
    typed = re.compile(r"^\$ [^\n]*$|^```diff\n.*?^```$", re.MULTILINE | re.DOTALL)
    spoken = [line.replace(" --lang zh", "").replace("王敏", '"Wang Min"') for line in typed.findall(zh)]
    assert spoken == typed.findall(en.split("\n## ")[0])


_VERB = re.compile(r"building-supervisor ((?:ledger |trial )?[a-z]+)")
