"""Text that others wrote, made harmless: out of a file, or off the wire."""

from __future__ import annotations

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
