"""A text in both languages, and how wide a text stands in a terminal."""

from __future__ import annotations

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


def columns(text: str) -> int:
    """Terminal columns of a text: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
