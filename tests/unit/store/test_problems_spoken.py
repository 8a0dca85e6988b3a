"""Whatever the store says that is wrong, a reader of Chinese reads it in Chinese, and what to do, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.store.problems import StoreProblem

_NAMES = frozenset(
    {"Parquet", "pyarrow", "pip", "install", "SQLite", "sqlite", "postgresql", "psycopg", "database"}
)
"""Names of things, and what is typed."""


def _said(node: ast.expr) -> str | None:
    """A text as it is written, with a figure for whatever is put in; None for what is no text here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "7" for part in node.values]
        return "".join(str(part) for part in parts)
    return None


def _problems() -> Iterator[tuple[str, str]]:
    """Message and hint of each problem that is made anywhere."""
    for file in sorted(Path("supervisor").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "StoreProblem(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "StoreProblem" and node.args:
                message = _said(node.args[0])
                hint = _said(node.args[1]) if len(node.args) == 2 else ""
                if message is not None:
                    yield message, hint or ""


@pytest.mark.parametrize(("message", "hint"), sorted(set(_problems())))
def test_no_word_of_it_is_left_in_english(message: str, hint: str) -> None:
    """Looked for in the program itself, so that a new problem has its Chinese from the beginning."""
    for said in StoreProblem(message, hint).pair:
        left = set(re.findall(r"[A-Za-z]{3,}", said.zh)) - _NAMES
        assert not left, said.zh


def test_a_database_of_a_newer_program_says_what_to_do_in_chinese() -> None:
    """The program was set back by a version, the database was not."""
    problem = StoreProblem(
        "the database has revision v0042, which this program does not know",
        "Install the version that wrote it, or a later one.",
    )
    said, remedy = problem.pair
    assert said.zh == "数据库的版本为 v0042，本程序不认识"
    assert remedy.zh == "请安装写入该数据库的版本，或更新的版本。"
