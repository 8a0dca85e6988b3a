"""The pictures of the page in the documentation."""

from __future__ import annotations

from tests.tools.showcase import MOST, PAGES, ROOT, SIZES


def test_the_pictures_of_the_documentation_are_there_and_small() -> None:
    """Each page, size and language; `make screenshots` draws them."""
    for name in PAGES:
        for lang in ("zh", "en"):
            for width, _ in SIZES:
                file = ROOT / f"docs/img/{name}-{lang}-{width}.png"
                assert 5_000 < file.stat().st_size < MOST, file


def test_every_picture_is_shown_or_led_to_by_a_page() -> None:
    """One that no page has is drawn, kept and sent along for nobody."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [file.name for file in (ROOT / "docs/img").iterdir() if f"img/{file.name})" not in text] == []
