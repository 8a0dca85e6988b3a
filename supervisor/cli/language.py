"""In which language this process speaks: what was asked for, else the site file's, else the terminal's, else English.

A verb has one reader. Whoever speaks to that reader asks here, at the last moment; what is found out is a Phrase till then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from config.phrase import LANGS, Lang, Phrase

OPTION: Final = "--lang"
HELP: Final = Phrase(
    "The language; else the site file's `language`, else the terminal's.",
    "语言；默认按站点文件的 language，再按终端语言",
)


class Tongue(StrEnum):
    """A language by its code."""

    ZH = "zh"
    EN = "en"


@dataclass(slots=True)
class _Chosen:
    """What is known of the reader so far."""

    asked: Lang | None = None
    of_site: Lang | None = None


_chosen: Final = _Chosen()


def begin() -> None:
    """A new command line: nothing of an earlier one holds."""
    _chosen.asked = _chosen.of_site = None


def heed(arguments: Sequence[str]) -> None:
    """Take `--lang` from a command line before it is parsed: its help and its errors are told in that language, too."""
    for here, word in enumerate(arguments):
        if word == "--":
            return
        option, _, value = word.partition("=")
        if option == OPTION:
            value = value or (arguments[here + 1] if here + 1 < len(arguments) else "")
            _chosen.asked = next((lang for lang in LANGS if lang == value), _chosen.asked)


def of_site(lang: Lang | None) -> None:
    """What the site file says; the first of several counts."""
    _chosen.of_site = _chosen.of_site or lang


def named() -> Lang | None:
    """The language that somebody named; None where nobody did."""
    return _chosen.asked or _chosen.of_site or _terminal()


def spoken(otherwise: Lang = "en") -> Lang:
    """The language to speak."""
    return named() or otherwise


def told(said: Phrase) -> str:
    """A text as its reader reads it."""
    return said.told(spoken())


def either(said: Phrase) -> str:
    """The same; both where nobody named a language."""
    lang = named()
    return " · ".join(said) if lang is None and said.en != said.zh else said.told(lang or "en")


def _terminal() -> Lang | None:
    """The locale's language (POSIX: LC_ALL before LC_MESSAGES before LANG); C and POSIX are none. English where the terminal
    has no Chinese signs: a row of question marks helps nobody."""
    if not _has_chinese(getattr(sys.stderr, "encoding", None) or "utf-8"):
        return "en"
    locale = next((os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "")
    language = locale.partition(".")[0].lower()
    if language in ("", "c", "posix"):
        return None
    return "zh" if language.startswith("zh") else "en"


def _has_chinese(encoding: str) -> bool:
    try:
        return bool("中文".encode(encoding))
    except (UnicodeEncodeError, LookupError):
        return False
