"""The site file as YAML that keeps its comments: loaded, changed, and put back so that no other line moves."""

from __future__ import annotations

import io
import re
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


def _yaml(text: str) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # a long line is its writer's
    item = _ITEM.search(text)
    offset = 2 if item is None or item[1] else 0
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    return yaml


class Document:
    """A site file under work. `tree` is its data with the comments; changed in place. Raises ValueError for no YAML."""

    def __init__(self, text: str) -> None:
        self.mark = text.startswith("\ufeff")
        self.crlf = "\r\n" in text
        self.text = text.lstrip("\ufeff").replace("\r\n", "\n")
        self._yaml = _yaml(self.text)
        try:
            self.tree: Any = self._yaml.load(self.text)
        except YAMLError as error:
            raise ValueError(str(error)) from error
        if not isinstance(self.tree, CommentedMap):
            raise ValueError("no keys at the top")
        self._before = self._dumped()

    def _dumped(self) -> str:
        out = io.StringIO()
        self._yaml.dump(self.tree, out)
        return out.getvalue()

    def written(self) -> str:
        """The text with what was changed, and every other line as it was."""
        text = merged(self.text, self._before, self._dumped())
        text = text.replace("\n", "\r\n") if self.crlf else text
        return "\ufeff" + text if self.mark else text


def merged(text: str, before: str, after: str) -> str:
    """`text` with the changes that lead from `before` to `after`, `before` being the same text as a writer would set it.

    Where a change meets lines that the writer set otherwise, those are taken as the writer sets them.
    """
    if text == before:
        return after
    old, base, new = (t.splitlines(keepends=True) for t in (text, before, after))
    where = _where(base, old)
    found: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, base, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += old[where[i1] : where[i2]]
        else:
            found += new[j1:j2]
    return "".join(found)


def _where(base: list[str], old: list[str]) -> list[int]:
    """The line of `old` at which each line of `base` begins, and the end."""
    where = [0] * (len(base) + 1)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, base, old, autojunk=False).get_opcodes():
        for i in range(i1, i2):
            where[i] = j1 + (i - i1) if tag == "equal" else min(j2, j1 + (i - i1))
    where[len(base)] = len(old)
    return where
