"""A text in both languages, and how wide a text stands in a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple, TypeAlias

Lang: TypeAlias = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


class Phrase(NamedTuple):
    """A text in English and in Chinese: every pair of them is one."""

    en: str
    zh: str

    def told(self, lang: Lang) -> str:
        """The text in one language."""
        return self.zh if lang == "zh" else self.en

    def detailed(self, detail: Phrase) -> Phrase:
        """The text and, after a colon as each language writes it, what it is about or comes of."""
        return Phrase(f"{self.en}: {detail.en}", f"{self.zh}：{detail.zh}")


def same(text: object) -> Phrase:
    """What reads alike in both: a name, a number, somebody else's words in a message."""
    return Phrase(str(text), str(text))


class Said(Exception):
    """An exception whose message is a phrase; as a string it is English, for logs. It may travel between processes."""

    def __init__(self, said: Phrase) -> None:
        super().__init__(said)
        self.said = said

    def __str__(self) -> str:
        return self.said.en


def columns(text: str) -> int:
    """Terminal columns of a text: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def filled(text: str, width: int, indent: int = 0, hang: int = 0) -> str:
    """Lines no wider than `width` columns, broken between words, or between any two Chinese signs."""
    lines, line = [], " " * indent
    empty = True
    for piece in re.findall(
        r"[^\s一-鿿，。；：、（）！？]+[，。；：、）！？]?|[一-鿿][，。；：、）！？]*|[（]|\s+|\S", text
    ):
        blank = piece.isspace()
        if not empty and not blank and columns(line) + columns(piece) > width:
            lines.append(line.rstrip())
            line, empty = " " * (indent or hang), True
        if blank and empty:
            continue
        line += " " if blank else piece
        empty = False
    return "\n".join([*lines, line.rstrip()])
