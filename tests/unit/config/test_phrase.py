"""Every Chinese and English pair is one Phrase, and a text knows its width in a terminal."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from config.phrase import LANGS, Phrase, columns

_ROOT = Path(__file__).parents[3]


def test_a_phrase_is_told_in_either_language() -> None:
    """The reader chooses; whoever wrote it wrote both."""
    assert [Phrase("window", "窗户").told(lang) for lang in LANGS] == ["窗户", "window"]


@pytest.mark.parametrize(("text", "wide"), [("open", 4), ("开窗", 4), ("26 °C（夏季）", 13), ("", 0)])
def test_chinese_takes_two_columns(text: str, wide: int) -> None:
    """A table stays straight whatever it is written in."""
    assert columns(text) == wide


def test_no_pair_of_languages_is_a_bare_tuple() -> None:
    """Two texts of which one alone is Chinese could be taken for either order: they are a Phrase."""
    bare = [
        f"{path.relative_to(_ROOT)}:{node.lineno}"
        for folder in ("config", "schedules", "drivers", "simulator", "supervisor")
        for path in sorted((_ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Tuple)
        and len(node.elts) == 2
        and {_chinese(e) for e in node.elts} == {True, False}
    ]
    assert bare == []


def _chinese(node: ast.expr) -> bool | None:
    """Whether a text is written in Chinese; None for what is no text."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
    said = "".join(texts).strip()
    return any("一" <= c <= "鿿" for c in said) if said else None
