"""What is wrong with a site file, where, and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from config.phrase import columns
from config.secrets import NOT_QUOTED, secret_lines
from config.visible import visible

MAX_PROBLEMS = 500
"""More than anybody would mend at a time: what stands behind them in the file is counted, not worded."""

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions (from 0) from the top of the file down to a value."""


class Severity(StrEnum):
    """An error keeps the file from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` and `column` count from 1, in characters."""

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR
    width: int = 1
    """Characters that the caret underlines."""
    message_zh: str = ""
    hint_zh: str = ""
    """The same in Chinese, where it is said in Chinese."""

    @property
    def is_error(self) -> bool:
        """True when the file cannot be used as it is."""
        return self.severity is Severity.ERROR


def ok(problems: Iterable[Problem]) -> bool:
    """True when no problem is an error."""
    return not any(p.is_error for p in problems)


def as_json(problems: Sequence[Problem]) -> dict[str, Any]:
    """The shape that `check --format json` prints. A warning's message begins with `warning: `."""
    return {
        "ok": ok(problems),
        "problems": [
            {
                "file": p.file,
                "line": p.line,
                "column": p.column,
                "path": p.path,
                "message": p.message if p.is_error else f"warning: {p.message}",
                "hint": p.hint,
                **({"message_zh": p.message_zh, "hint_zh": p.hint_zh} if p.message_zh else {}),
            }
            for p in problems
        ],
    }


_WIDEST = 120


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around a column (from 1), and the column in that part."""
    if len(line) <= _WIDEST:
        return line, column
    start = max(0, min(column - 1 - _WIDEST // 3, len(line) - _WIDEST))
    left = "…" if start else ""
    right = "…" if start + _WIDEST < len(line) else ""
    return left + line[start : start + _WIDEST] + right, column - start + len(left)


def render(problem: Problem, text: str = "") -> str:
    """The problem for a terminal: `file:line:column`, message, excerpt with caret, hint.

    `text` is the whole file; without it there is no excerpt. Tabs of the excerpt become one space. A line that may
    hold a secret is not quoted: what is printed here stands on the page and in the log, too.
    """
    parts = [f"{problem.file}:{problem.line}:{problem.column}: {problem.severity}: {problem.message}"]
    lines = text.splitlines()
    if problem.line in secret_lines(text):
        parts.append(f"{problem.line:>5} | {NOT_QUOTED}")
    elif 0 < problem.line <= len(lines) and lines[problem.line - 1].strip():
        line, column = _window(lines[problem.line - 1].replace("\t", " "), problem.column)
        line = visible(line)
        gutter = f"{problem.line:>5} | "
        before = columns(line[: column - 1])
        marked = line[column - 1 : column - 1 + problem.width]
        parts.append(gutter + line)
        parts.append(" " * (len(gutter) + before) + "^" * max(1, columns(marked)))
    if problem.hint:
        parts.append(f"        hint: {problem.hint}")
    if problem.message_zh:
        parts.append(f"        {problem.message_zh}")
    if problem.hint_zh:
        parts.append(f"        提示：{problem.hint_zh}")
    return "\n".join(parts)


def render_all(problems: Sequence[Problem], text: str = "") -> str:
    """Every problem for a terminal, and how many there are; empty where there are none."""
    if not problems:
        return ""
    errors = sum(p.is_error for p in problems)
    warnings = len(problems) - errors
    counts = [
        f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n
    ]
    return "\n\n".join([*(render(p, text) for p in problems), ", ".join(counts)])


def dotted(path: Path) -> str:
    """`zones.f1-hall.hours`, `exemptions[0].until`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None."""
    words = {k.lower(): k for k in known}
    found = difflib.get_close_matches(str(word).lower(), words, n=1, cutoff=0.6)
    return words[found[0]] if found else None


def did_you_mean(word: object, known: Iterable[str], limit: int = 12) -> str:
    """A hint: the nearest known word, else all of them while they are few."""
    known = sorted(known)
    near = nearest(word, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if not known:
        return "there are none in this file yet"
    more = ", …" if len(known) > limit else ""
    return f"known: {', '.join(known[:limit])}{more}"
