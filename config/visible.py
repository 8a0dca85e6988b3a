"""Text that others wrote, made harmless: out of a file, or off the wire."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 1_000
"""Characters after which nobody reads on."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control characters, marks of direction, halves of characters, ends of lines: what could forge a line or a colour."""


def visible(text: str, longest: int = LONGEST) -> str:
    """A text of others for a terminal, a log, a page: control characters as `�`, and cut where nobody reads on.

    What is visible already stays as it is, however often it passes here.
    """
    text = text if len(text) <= longest else text[:longest] + "…"
    if text.isprintable():
        return text
    return "".join("�" if unicodedata.category(sign) in _UNSEEN else sign for sign in text)


_FORGING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks of direction: what comes after them is read as something else."""


def forging(text: str) -> str | None:
    """The first sign of a text that a terminal obeys, that turns it round, or that is half a sign; None where it has none. Ends of lines
    and tabs are none; neither is what only takes no room, as texts copied from a chat have it."""
    if text.isprintable():
        return None
    return next(
        (s for s in text if (unicodedata.category(s) in ("Cc", "Cs") and s not in "\n\t") or s in _FORGING),
        None,
    )


def visible_lines(text: str) -> str:
    """The same of a text that has lines of ours: their ends stay."""
    if text.isprintable():
        return text
    return "\n".join(visible(line, len(line)) for line in text.split("\n"))


_FORMULA: Final = frozenset("=+-@\t\r")
"""What a spreadsheet takes for the beginning of a formula, also in a CSV file that is only opened (OWASP, CSV injection)."""
_NUMBER: Final = re.compile(r"[+-]\d+(\.\d+)?")


def in_a_cell(text: str) -> str:
    """A text of others for a spreadsheet: what would be a formula there has a `'` before it; a number is one."""
    return f"'{text}" if text[:1] in _FORMULA and text and not _NUMBER.fullmatch(text) else text


def out_of_a_cell(text: str) -> str:
    """The text that was meant, when such a table comes back."""
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA and len(text) > 1 else text
