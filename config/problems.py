"""What is wrong with a site file, where, and how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from config.codes import Code, Coded
from config.phrase import Lang, Phrase, columns, filled
from config.secrets import NOT_QUOTED, secret_lines
from config.visible import visible

MAX_PROBLEMS = 500
"""More than anybody would mend at a time: what stands behind them in the file is counted, not worded."""

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions (from 0) from the top of the file down to a value."""


NO_REMEDY = Phrase("", "")


class Severity(StrEnum):
    """An error keeps the file from being used; a warning does not, and a note asks nothing of anybody: `check` alone tells it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def word(self) -> Phrase:
        """What it is called before a message."""
        return _WORDS[self]


_WORDS: Final = {
    Severity.ERROR: Phrase("error", "错误"),
    Severity.WARNING: Phrase("warning", "警告"),
    Severity.NOTE: Phrase("note", "说明"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` and `column` count from 1, in characters."""

    file: str
    line: int
    column: int
    path: str
    said: Coded
    """What is wrong."""
    remedy: Phrase = NO_REMEDY
    """What to do about it."""
    severity: Severity = Severity.ERROR
    width: int = 1
    """Characters that the caret underlines."""

    @property
    def code(self) -> Code:
        """What kind of problem it is: a word that stays while sentences are reworded."""
        return self.said.code

    @property
    def message(self) -> str:
        """What is wrong, in English: for logs, and for programs."""
        return self.said.en

    @property
    def hint(self) -> str:
        """What to do about it, in English."""
        return self.remedy.en

    @property
    def message_zh(self) -> str:
        """What is wrong, in Chinese."""
        return self.said.zh

    @property
    def hint_zh(self) -> str:
        """What to do about it, in Chinese."""
        return self.remedy.zh

    @property
    def is_error(self) -> bool:
        """True when the file cannot be used as it is."""
        return self.severity is Severity.ERROR


def ok(problems: Iterable[Problem]) -> bool:
    """True when no problem is an error."""
    return not any(p.is_error for p in problems)


def as_json(problems: Sequence[Problem], lang: Lang = "en") -> dict[str, Any]:
    """The shape that `check --format json` prints. A warning's message begins with `warning: ` and a note's with
    `note: `, marks for programs, in either language. `message_zh` and `hint_zh` are Chinese whatever `lang` is.
    """
    return {
        "ok": ok(problems),
        "problems": [
            {
                "file": p.file,
                "line": p.line,
                "column": p.column,
                "path": p.path,
                "severity": p.severity.value,
                "code": p.code,
                "message": p.said.told(lang) if p.is_error else f"{p.severity.value}: {p.said.told(lang)}",
                "hint": p.remedy.told(lang),
                "message_zh": p.said.zh,
                "hint_zh": p.remedy.zh,
            }
            for p in problems
        ],
    }


_WIDEST = 120


def _window(line: str, column: int, room: int | None = None) -> tuple[str, int]:
    """The part of a long line around a column (from 1), and the column in that part; in `room` terminal columns at most."""
    widest = _WIDEST
    if room is not None and columns(line) > room:
        widest = min(_WIDEST, len(line) - 1, room - 2)
    if len(line) <= widest:
        return line, column
    start = max(0, min(column - 1 - widest // 3, len(line) - widest))
    left = "…" if start else ""
    part = line[start : start + widest]
    while room is not None and columns(part) > room - 2:  # a Chinese sign takes two
        part = part[:-1]
    right = "…" if start + len(part) < len(line) else ""
    return left + part + right, column - start + len(left)


def render(problem: Problem, text: str = "", lang: Lang = "en", width: int | None = None) -> str:
    """The problem for a terminal, in one language: `file:line:column`, message, excerpt with caret, hint.

    `text` is the whole file; without it there is no excerpt. Tabs of the excerpt become one space. A line that may
    hold a secret is not quoted: what is printed here stands on the page and in the log, too. `width`: columns that
    no line exceeds, but for a name that is longer by itself; None for lines as long as they are.
    """
    severity = problem.severity.word.told(lang)
    where = f"{problem.file}:{problem.line}:{problem.column}"
    parts = [
        _within(
            f"{where}: {severity}{': ' if lang == 'en' else '：'}{problem.said.told(lang)}", width, hang=2
        )
    ]
    lines = text.splitlines()
    if problem.line in secret_lines(text):
        parts.append(f"{problem.line:>5} | {NOT_QUOTED.told(lang)}")
    elif 0 < problem.line <= len(lines) and lines[problem.line - 1].strip():
        gutter = f"{problem.line:>5} | "
        room = None if width is None else width - len(gutter)
        line, column = _window(lines[problem.line - 1].replace("\t", " "), problem.column, room)
        line = visible(line)
        before = columns(line[: column - 1])
        marked = line[column - 1 : column - 1 + problem.width]
        parts.append(gutter + line)
        parts.append(" " * (len(gutter) + before) + "^" * max(1, columns(marked)))
    if problem.hint:
        hint = Phrase(f"hint: {problem.remedy.en}", f"提示：{problem.remedy.zh}").told(lang)
        parts.append(f"        {hint}" if width is None else filled(hint, width, indent=8))
    return "\n".join(parts)


def _within(text: str, width: int | None, hang: int) -> str:
    return text if width is None or columns(text) <= width else filled(text, width, hang=hang)


def render_all(
    problems: Sequence[Problem], text: str = "", lang: Lang = "en", width: int | None = None
) -> str:
    """Every problem for a terminal, and how many there are; empty where there are none."""
    if not problems:
        return ""
    counted = [(n, s.word) for s in Severity if (n := sum(p.severity is s for p in problems))]
    counts = Phrase(
        ", ".join(f"{n} {word.en}{'s' if n > 1 else ''}" for n, word in counted),
        "，".join(f"{n} 个{word.zh}" for n, word in counted),
    )
    return "\n\n".join([*(render(p, text, lang, width) for p in problems), counts.told(lang)])


def dotted(path: Path) -> str:
    """`zones.f1-hall.hours`, `exemptions[0].until`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None where the nearest one means something else.

    A part more or less is another thing (`supply_temperature` is not `temperature`), and so is another number, floor or
    side (`ddc-3` is not `ddc-2`, 东 not 西); a slip is within a part.
    """
    said = str(word).lower()
    words = {k.lower(): k for k in known}
    close = difflib.get_close_matches(said, words, n=5, cutoff=_ALIKE)
    return next((words[each] for each in close if _same_parts(said, each) and not apart(said, each)), None)


_ALIKE: Final = 0.6
_JOINED: Final = 0.88
"""How alike two words are whose parts do not match one by one: a hyphen forgotten, not a word more."""


def _same_parts(said: str, known: str) -> bool:
    one, other = re.split(r"[\W_]+", said), re.split(r"[\W_]+", known)
    if len(one) == len(other):
        return all(_part_alike(a, b) for a, b in zip(one, other, strict=True))
    return difflib.SequenceMatcher(None, "".join(one), "".join(other)).ratio() >= _JOINED


_CONTRARY: Final = tuple(
    frozenset(group.split())
    for group in (
        "supply return exhaust fresh", "heating cooling heat cool", "hot cold chilled", "east west north south", "in out",
        "indoor outdoor", "inlet outlet", "inside outside", "upper lower up down", "left right", "front rear back",
        "min max minimum maximum", "low high", "open close closed", "start stop", "on off", "summer winter spring autumn",
        "first second third fourth", "odd even", "new old", "men women", "day night",
    )
)  # fmt: skip
"""English words of which one is never a slip for another."""
_SIDES: Final = re.compile(r"[东西南北左右上下前后内外进出供回冷热男女新旧甲乙丙丁一二三四五六七八九十零]")
"""Chinese signs that tell one thing from its neighbour."""


def apart(one: str, other: str) -> bool:
    """Whether two names that look alike are those of neighbours: another number, side, floor or season."""
    first, second = re.findall(r"\d+", one), re.findall(r"\d+", other)
    if first and second and [n.lstrip("0") for n in first] != [n.lstrip("0") for n in second]:
        return True
    first, second = _SIDES.findall(one), _SIDES.findall(other)
    if first and second and first != second:
        return True
    mine, theirs = set(re.split(r"[\W_\d]+", one)), set(re.split(r"[\W_\d]+", other))
    return any((a := mine & group) and (b := theirs & group) and a != b for group in _CONTRARY)


def _part_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return True
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE


def meant(word: object) -> Phrase:
    """A hint: the word that was most likely meant."""
    return Phrase(f"did you mean `{word}`?", f"是否指 `{word}`？")


def did_you_mean(word: object, known: Iterable[str], limit: int = 12) -> Phrase:
    """A hint: the nearest known word, else all of them while they are few."""
    known = sorted(known)
    near = nearest(word, known)
    if near is not None:
        return meant(near)
    if not known:
        return Phrase("there are none in this file yet", "本文件中尚未登记任何一个")
    shown = [*known[:limit], "…"] if len(known) > limit else known
    return Phrase(f"known: {', '.join(shown)}", f"可用：{'、'.join(shown)}")
