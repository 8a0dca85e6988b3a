"""A text in two languages says the same in both, and each in its own."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_FOLDERS = ("config", "schedules", "drivers", "simulator", "supervisor")
_OTHERWISE = {
    "config/checks/tariff.py": "the days are in the hint",
    "supervisor/daemon/widening.py": "how many more there are is not counted in Chinese",
    "supervisor/telling/reports/notice_part.py": "Chinese names the kind of figure",
    "supervisor/cli/plan.py": "a weekday is a format in English",
    "supervisor/telling/explained.py": "Chinese adds the rule's title, which in English is its name",
    "supervisor/ledger/account.py": "a pair of causes has a Chinese name of its own",
    "supervisor/ledger/review.py": "the English is a heading's second half, the Chinese a whole sentence",
    "supervisor/rehearsal/page.py": "the heading's number stands in the English legend",
}
"""Files whose two languages are built otherwise, and why."""
_CHINESE = re.compile(r"[一-鿿]")
_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Four words of English in a row: a sentence, and no name, unit, key or example."""
_QUOTED = re.compile(r"`[^`]*`|https?://\S+|--[a-z-]+|[a-z]+ SITE\.yaml|pip install\S*")


def test_both_are_filled_with_the_same_values() -> None:
    """A number that only one of them tells is a different message."""
    wrong = [
        place
        for place, en, zh in _pairs()
        if (n := _values(en)) is not None and (m := _values(zh)) is not None and n != m
        if place.rpartition(":")[0] not in _OTHERWISE
    ]
    assert wrong == []


def test_chinese_is_chinese_and_english_is_not() -> None:
    """Neither half is left in the other's tongue; the page's link to its other language alone is meant so."""
    wrong = [
        place
        for place, en, zh in _pairs()
        if (en_text := _text(en)) is not None and (zh_text := _text(zh)) is not None
        if (_CHINESE.search(en_text) and en_text != "中文") or _WORDS.search(_QUOTED.sub("", zh_text))
    ]
    assert wrong == []


def test_what_reads_alike_in_both_is_no_sentence() -> None:
    """A pair of the same text twice is a message that was never turned: names and numbers are `same`, and only they."""
    alike = [
        place
        for place, en, zh in _pairs()
        if ast.dump(en) == ast.dump(zh)
        and (_text(en) is None or _WORDS.search(_QUOTED.sub("", _text(en) or "")))
        if not place.startswith("config/phrase.py:")
    ]
    assert alike == []
    sentences = [
        f"{place}:{node.lineno}"
        for place, node in _calls("same")
        if any(_WORDS.search(_QUOTED.sub("", _text(given) or "")) for given in node.args)
    ]
    assert sentences == []


def _pairs() -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Every phrase that is written out in the code, with its place."""
    for name, first in (("Phrase", 0), ("Coded", 1)):
        for place, node in _calls(name):
            if len(node.args) == first + 2:
                yield f"{place}:{node.lineno}", node.args[first], node.args[first + 1]


def _calls(name: str) -> Iterable[tuple[str, ast.Call]]:
    """Every call of a function by its bare name, with the file it stands in."""
    return _all_calls()[name]


@functools.cache
def _all_calls() -> Mapping[str, list[tuple[str, ast.Call]]]:
    """The whole tree is read once."""
    found: dict[str, list[tuple[str, ast.Call]]] = {name: [] for name in ("Phrase", "Coded", "same")}
    for folder in _FOLDERS:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            place = str(path.relative_to(_ROOT))
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in found:
                    found[name].append((place, node))
    return found


def _text(node: ast.expr) -> str | None:
    """What is written in it, without its values; None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    return None


def _values(node: ast.expr) -> int | None:
    """How many values fill it, without what only inflects or chooses; None for what is no text."""
    if _text(node) is None:
        return None
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    filled = [p.value for p in parts if isinstance(p, ast.FormattedValue)]
    return sum(not isinstance(value, ast.IfExp) for value in filled)
