"""One pass over a text before the parser: signs of another keyboard mended where they would break a line, and named."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from config.signs import said
from config.signs.alike import blank, odd_space, twin, unseen
from config.signs.dashes import Dashes
from config.signs.edits import Mended
from config.signs.flow import OPEN, Flow
from config.signs.words import FREE, NAME, SECRET, Keys

_BULLETS: Final = frozenset("•·●○◆▪■◦‣・")
_BLOCK: Final = re.compile(r"[|>][+-]?\d?[+-]?\s*(#.*)?$")
_ANEW: Final = re.compile(r"""- |#|["']?[\w.-]+["']?\s*:(?=\s|$)""")
_CONFLICT: Final = re.compile(r"<{7} |\|{7} |={7}$|>{7} ")
"""What git writes around the two versions of a place that two people changed."""
_DOCUMENT: Final = re.compile(r"(---|\.\.\.)(\s|$)|%")


class _Key(NamedTuple):
    """A key of a line: where it begins, the column of its colon, itself."""

    at: int
    colon: int
    word: str


def mend(text: str, keys: Keys) -> Mended:
    """The text as the parser is to see it, the slips that are named, and the way back to the columns that were typed."""
    mended = Mended(text.split("\n"))
    scanner = _Scanner(mended, keys)
    for n in range(len(mended.lines)):
        scanner.line(n)
    mended.unreadable |= any(slip.code == "tab" for slip in mended.slips)
    return mended


class _Scanner:
    def __init__(self, mended: Mended, keys: Keys) -> None:
        self.mended = mended
        self.keys = keys
        self.flow = Flow(mended, keys)
        self.dashes = Dashes(mended)
        self.block: int | None = None
        """How deep the key of a text in a block (`|`, `>`) stands, while its lines go on."""
        self.wordy: int | None = None
        """How deep the key of a plain text stands: what is deeper goes on with it."""
        self.key = ""
        self.conflict = False
        """Within two versions of a place that git left side by side."""

    def line(self, n: int) -> None:
        line = self.mended.lines[n]
        if _CONFLICT.match(line):
            if line[0] == "<" or not self.conflict:
                self.mended.slips.append(said.conflict(n))
            self.conflict, self.mended.unreadable = line[0] != ">", True
            return
        if self.flow.quote and self._begins_anew(n, line):
            self.flow.close(n)
        if self.flow.quote or self.flow.open:
            at = self.flow.read(n, 0) if self.flow.open else self.flow.quoted(n, 0)
            if not self.flow.quote and not self.flow.open:
                self._behind(n, at)
            return
        bare = line.lstrip(" ")
        if self.block is not None:
            if not bare or len(line) - len(bare) > self.block:
                return
            self.block = None
        self._fresh(n, line)

    def _begins_anew(self, n: int, line: str) -> bool:
        """Whether a line within a quoted text stands no deeper than where the text began, and begins a key, an item or a comment:
        YAML lets no quoted text go on there, so its quote was never closed."""
        begun = self.mended.lines[self.flow.begun[0]]
        depth = len(line) - len(line.lstrip(" "))
        if depth >= len(line) or depth > len(begun) - len(begun.lstrip(" ")):
            return False
        return _ANEW.match(line, depth) is not None or self._begins_key(line, depth)

    def _fresh(self, n: int, line: str) -> None:
        """A line that begins outside brackets, quotes and blocks of text."""
        at = 0
        while at < len(line) and blank(line[at]):
            at += 1
        if at == len(line):
            if line.strip(" "):
                self.mended.edit(n, 0, len(line), "")
            return
        if line[at] == "#":
            if line[:at].strip(" "):
                self.mended.edit(n, 0, at, " " * at)
            return
        if at == 0 and _DOCUMENT.match(line):
            return
        depth = self._indent(n, line, at)
        if twin(line[at]) == "#":
            self.flow.name(n, at, "#")
            return
        if self.wordy is not None and depth > self.wordy and not self._begins_key(line, at):
            self._plain(n, at)
            return
        self._entry(n, at, depth)

    def _indent(self, n: int, line: str, end: int) -> int:
        """How deep a line stands. What is no plain space before it is named: a full-width space is two wide."""
        depth = 0
        for at in range(end):
            if line[at] == " ":
                depth += 1
                continue
            again = at > 0 and line[at - 1] == line[at]  # a run of them is one slip
            wide = "" if unseen(line[at]) else "  " if line[at] in "\u3000\t" else " "
            if not again:
                named = said.tab(n, at) if line[at] == "\t" else said.sign(n, at, line[at])
                run = len(line[at:]) - len(line[at:].lstrip(line[at]))
                self.mended.slips.append(named._replace(width=run))
            self.mended.edit(n, at, 1, wide)
            depth += len(wide)
        return depth

    def _begins_key(self, line: str, at: int) -> bool:
        key = _key(line, at)
        return key is not None and key.word in self.keys

    def _entry(self, n: int, at: int, depth: int) -> None:
        """A line of a list or of keys, from its first sign on."""
        line = self.mended.lines[n]
        self.wordy = None
        dashed = False
        while at < len(line):
            width = self._dash(n, at)
            if not width:
                break
            begin, at = at, self._past_space(n, at + width)
            self.dashes.dash(n, depth, _first(line, at))
            dashed = True
            depth += max(2, at - begin)
        if at >= len(line) or line[at] == "#":
            return
        key = _key(line, at)
        if key is not None and self._is_colon(line, key, dashed):
            self.dashes.key(n, depth, at, key.word, dashed)
            self._keyed(n, key, depth)
            return
        self.dashes.other(n, depth, at, line[at], dashed)
        self.key = ""
        self._value(n, at, depth - 1 if not dashed else depth - 2)

    def _dash(self, n: int, at: int) -> int:
        """How many characters the dash of a list takes at a column, with a space that is put behind it; 0 for none."""
        line = self.mended.lines[n]
        sign, behind = line[at], line[at + 1 : at + 2]
        if sign == "-" and (not behind or blank(behind)):
            return 1
        if sign == "-" and line.startswith("---"):
            return 0
        alike = twin(sign) == "-" or sign in _BULLETS or (sign == "*" and behind == " ")
        if not (sign == "-" or alike):
            return 0
        sticks = bool(behind) and not blank(behind)
        if sticks and not (behind in OPEN or twin(behind) in ("[", "{") or self._begins_key(line, at + 1)):
            return 0
        if sign == "-":
            self.mended.slips.append(said.no_space(n, at, "-"))
            self.mended.edit(n, at + 1, 0, " ")
        else:
            self.flow.name(n, at, "- " if sticks else "-", shown="-")
        return 1

    def _past_space(self, n: int, at: int) -> int:
        return self.flow.space(n, at)

    def _is_colon(self, line: str, key: _Key, dashed: bool) -> bool:
        """Whether what looks like a key's colon is one."""
        behind = line[key.colon + 1 : key.colon + 2]
        if line[key.colon] == ":":
            if not behind or blank(behind):
                return True
            return key.word in self.keys or (
                not dashed
                and (behind in "[{\"'" or twin(behind) is not None)
                and bool(NAME.fullmatch(key.word))
            )
        if key.word in self.keys:
            return True
        return not dashed and ": " not in line[key.colon :] and " " not in key.word

    def _keyed(self, n: int, key: _Key, depth: int) -> None:
        """A key with its colon, then its value."""
        line = self.mended.lines[n]
        if line[key.at] not in "\"'":
            self.flow.begins_quote(n, key.at)
        behind = line[key.colon + 1 : key.colon + 2]
        sticks = bool(behind) and not blank(behind)
        if line[key.colon] != ":":
            if key.word in SECRET:
                self.mended.slips.append(said.sign(n, key.colon, line[key.colon]))
            self.mended.edit(n, key.colon, 1, ": " if sticks else ":")
        elif sticks:
            self.mended.slips.append(said.no_space(n, key.colon, ":"))
            self.mended.edit(n, key.colon + 1, 0, " ")
        self.key = key.word.strip("\"'“”‘’「」 ")
        self._value(n, self._past_space(n, key.colon + 1), depth)

    def _value(self, n: int, at: int, depth: int) -> None:
        """What stands behind a key or a dash; `depth` is the key's."""
        line = self.mended.lines[n]
        if at >= len(line):
            return
        if line[at] == "#":
            self._swallow(n, at, whole=True)
            return
        if line[at] in "|>" and _BLOCK.match(line, at):
            self.block = depth
            return
        alike = twin(line[at])
        if line[at] in OPEN or (alike in ("[", "{") and self.key not in FREE):
            if alike:
                self.flow.name(n, at, alike)
            self.flow.push(alike or line[at])
            at = self.flow.read(n, at + 1)
            if not self.flow.open and not self.flow.quote:
                self._behind(n, at)
            return
        past = self.flow.begins_quote(n, at)
        if past is not None:
            if not self.flow.quote:
                self._behind(n, past)
            return
        if line[at] in "&*!":
            return
        self.wordy = depth
        self._plain(n, at)

    def _plain(self, n: int, at: int) -> None:
        """A text without quotes: what nobody sees in it, and a `#` that takes its end away."""
        line = self.mended.lines[n]
        begin = at
        end = len(line.rstrip(" \t"))
        self.flow.key = self.key
        self.flow.unopened(n, at, line.find(" #", at) if " #" in line[at:] else end)
        while at < len(line):
            sign = line[at]
            if sign == "#" and at > begin and blank(line[at - 1]):
                self._swallow(n, at, whole=False)
                return
            if sign == "\t":
                self.mended.edit(n, at, 1, " ")
                if at < end and line[at + 1 : at + 2] != "#":
                    self.mended.slips.append(said.sign(n, at, sign))
            elif unseen(sign):
                if not (sign in "\u200c\u200d" and begin < at < len(line) - 1 and not line[at - 1].isascii()):
                    self.flow.name(n, at, "")
            elif odd_space(sign) and (sign != "\u3000" or self.key not in FREE):
                self._odd(n, at, end)
            elif twin(sign) == "#" and line[at - 1] == " " and self.key not in FREE:
                self.flow.name(n, at, "#")
                return
            at += 1

    def _odd(self, n: int, at: int, end: int) -> None:
        """A space of another kind in a plain text: at its end it is let go, within it named."""
        line = self.mended.lines[n]
        if not line[at:].strip("\u3000\u00a0 \t") or line[at] == "\u3000":
            self.mended.edit(n, at, 1, " ")
        else:
            self.flow.name(n, at, " ")

    def _swallow(self, n: int, at: int, *, whole: bool) -> None:
        """A `#` behind the key of a text of its own, which sticks to the word that follows."""
        line = self.mended.lines[n]
        if self.key not in FREE or not line[at + 1 : at + 2].strip():
            return
        text = line[at:].rstrip()
        if whole:
            self.mended.slips.append(said.swallowed(n, at, self.key, text, whole=True))
            self.mended.edit(n, at, len(text), "'" + text.replace("'", "''") + "'")
            return
        begin = line.find(":") + 1
        self.mended.slips.append(said.swallowed(n, at, self.key, line[begin:].strip(), whole=False))

    def _behind(self, n: int, at: int) -> None:
        """After a closing bracket or quote: signs of another keyboard that mean nothing there."""
        line = self.mended.lines[n]
        at = self.flow.space(n, at)
        while at < len(line) and (twin(line[at]) or "") in tuple(",.;!"):
            self.mended.slips.append(said.sign(n, at, line[at], ""))
            self.mended.edit(n, at, 1, "")
            at = self.flow.space(n, at + 1)
        if at < len(line) and twin(line[at]) == "#":
            self.flow.name(n, at, "#")


def _key(line: str, at: int) -> _Key | None:
    """The key that may begin at a column: up to the first colon of either keyboard, outside quotes."""
    begin = at
    first = line[at]
    if first in "{}[],#&*!|>%@`" or twin(first) in ("[", "{", "(", "<"):
        return None
    while at < len(line):
        sign = line[at]
        if sign == "#" and at > begin and blank(line[at - 1]):
            return None
        if sign == ":" or twin(sign) == ":":
            word = line[begin:at].strip("\"'“”‘’「」＂＇ \u3000\u00a0")
            return _Key(begin, at, word) if word else None
        at += 1
    return None


def _first(line: str, at: int) -> str:
    """The key that an item begins with, or its bracket."""
    if line[at : at + 1] in ("{", "["):
        return line[at]
    key = _key(line, at) if at < len(line) else None
    return key.word if key is not None else ""
