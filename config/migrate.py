"""Site files of earlier versions → the version that this program reads."""

from __future__ import annotations

import re

_VERSION = re.compile(r"^version\s*:", re.MULTILINE)
_FIRST_KEY = re.compile(r"^[A-Za-z_\"'][^\n]*:", re.MULTILINE)


def migrate(text: str) -> tuple[str, list[str]]:
    """The text as version 1, comments kept, and what was changed; unchanged where nothing had to be.

    Version 1 is the first: a file from before versions were written only lacks the key.
    """
    first = _FIRST_KEY.search(text)
    if _VERSION.search(text) or first is None:
        return text, []
    return f"{text[: first.start()]}version: 1\n{text[first.start() :]}", ["added `version: 1`"]
