"""What stands in brackets: commas, colons and brackets of another keyboard, and the way through quotes."""

from __future__ import annotations

import re
from typing import Final

from config.signs import said
from config.signs.alike import OPENING, QUOTES, blank, odd_space, twin, unseen
from config.signs.edits import Mended
from config.signs.words import FREE, NAME, SECRET, Keys

OPEN: Final = "[{"
CLOSE: Final = {"]": "[", "}": "{"}
_ENTRY: Final = re.compile(r"[\s\u3000]*([^\s:：,，、{}\[\]]{1,40})[\s\u3000]*[:：∶]")
_NEXT_KEY: Final = re.compile(r"\s*[,，]\s*[\w-]+\s*[:：](?=\s|$)")
_NEXT_ITEM: Final = re.compile(r"\s*[,，]")
_CLOSERS: Final = ('"', "”", "＂", "」")
_COMMAS: Final = ",;"


class Flow:
    """Where the scanner stands in brackets, from one line to the next."""

    def __init__(self, mended: Mended, keys: Keys) -> None:
        self.mended = mended
        self.keys = keys
        self.open: list[str] = []
        self.quote = ""
        """The quote that a text over several lines began with."""
        self.begun = (0, 0)
        """Line and column of that quote."""
        self.key = ""
        """The key whose value is read, at the innermost brace."""
        self.valued = False
        """Whether that value has begun: another colon belongs to it."""

    def space(self, n: int, at: int) -> int:
        """Past what nobody sees, naming what is no plain space."""
        line = self.mended.lines[n]
        while at < len(line) and blank(line[at]):
            if line[at] != " " and not (line[at] == "\t" and not line[at:].strip()):
                self.name(n, at, "" if unseen(line[at]) else " ")
            at += 1
        return at

    def name(self, n: int, at: int, instead: str, *, shown: str | None = None) -> None:
        """Name the sign at a column and put another in its place."""
        self.mended.slips.append(said.sign(n, at, self.mended.lines[n][at], shown))
        self.mended.edit(n, at, 1, instead)

    def quoted(self, n: int, at: int) -> int:
        """Past a text in quotes that begins at a column, or goes on from the line before; `at` beyond the line if it does."""
        line = self.mended.lines[n]
        if not self.quote:
            self.quote, self.begun, at = line[at], (n, at), at + 1
        while at < len(line):
            if self.quote == '"' and line[at] == "\\":
                at += 2
                continue
            if line[at] == self.quote:
                if self.quote == "'" and line[at + 1 : at + 2] == "'":
                    at += 2
                    continue
                self.quote = ""
                return at + 1
            if unseen(line[at]) and not (_beyond(line, at - 1) and _beyond(line, at + 1)):
                self.name(n, at, "")
            at += 1
        return at

    def close(self, n: int) -> None:
        """Name the quote that was never closed, and close it: before the next key or item of its brackets, or at their end. What stood
        between it and line `n` was read as its text, and is left out."""
        begun, at = self.begun
        line = self.mended.lines[begun]
        self.mended.slips.append(said.open_quote(begun, at))
        end = len(line.rstrip(" \t"))
        if self.open:
            found = (_NEXT_ITEM if self.open[-1] == "[" else _NEXT_KEY).search(line, at)
            end = found.start() if found else len(line[:end].rstrip("]} "))
        self.mended.edit(begun, end, 0, self.quote)
        self.quote = ""
        for between in range(begun + 1, n):
            self.mended.edit(between, 0, len(self.mended.lines[between]), "")
        if self.open:
            self.valued = True
            self.read(begun, end)

    def begins_quote(self, n: int, at: int) -> int | None:
        """Past a text in quotes of whatever kind; None where there is none. Curly ones around a text are taken."""
        line = self.mended.lines[n]
        first = line[at]
        if first in "\"'":
            end = _other_end(line, at, first)
            if end is None:
                return self.quoted(n, at)
            self.name(n, end, first, shown=first)
            return end + 1
        if first not in QUOTES:
            return None
        end = _closing(line, at, bool(self.open))
        if end is None:
            return None
        self.mended.edit(n, at, 1, "'")
        for inner in range(at + 1, end):
            if line[inner] == "'":
                self.mended.edit(n, inner, 1, "''")
        self.mended.edit(n, end, 1, "'")
        return end + 1

    def read(self, n: int, at: int) -> int:
        """On through a line from inside brackets, until they are closed or the line ends. The column behind."""
        line = self.mended.lines[n]
        if self.quote:
            at = self.quoted(n, at)
        while self.open and not self.quote:
            at = self.space(n, at)
            if at >= len(line):
                return at
            if line[at] == "#" and (at == 0 or blank(line[at - 1])):
                if not self._swallows(n, at):
                    return len(line)
                at = len(line)
                continue
            at = self._token(n, at)
        return at

    def unopened(self, n: int, begin: int, end: int) -> None:
        """Name the quote that ends a text of its own and was never opened; 55" are inches."""
        text = self.mended.lines[n][begin:end].rstrip()
        if self.key not in FREE or self.key in SECRET or text[-1:] not in _CLOSERS or text[-2:-1].isdigit():
            return
        if not any(sign in QUOTES or sign == '"' for sign in text[:-1]):
            self.mended.slips.append(said.unopened(n, begin + len(text) - 1))

    def push(self, sign: str) -> None:
        """A bracket opens."""
        self.open.append(sign)
        self.key, self.valued = "", False

    def _pop(self) -> None:
        self.open.pop()
        self.key, self.valued = "", True

    def _token(self, n: int, at: int) -> int:
        line = self.mended.lines[n]
        sign = line[at]
        alike = twin(sign)
        if sign in OPEN or (alike in OPEN and self.key not in FREE if alike else False):
            if alike:
                self.name(n, at, alike)
            self.push(alike or sign)
            return at + 1
        if sign in CLOSE or (alike in CLOSE if alike else False):
            if alike:
                self.name(n, at, alike)
            self._pop()
            return at + 1
        if sign == ",":
            self.key, self.valued = "", False
            return at + 1
        if alike and alike in _COMMAS and self._separates(n, at):
            return self._comma(n, at)
        past = self.begins_quote(n, at)
        if past is not None:
            return self._behind(n, at, past)
        past = self._plain(n, at)
        if self.valued:
            self.unopened(n, at, past)
        return past

    def _comma(self, n: int, at: int) -> int:
        if self.mended.lines[n][at] in "、､︑":
            self.mended.edit(n, at, 1, ", ")
        else:
            self.mended.slips.append(said.sign(n, at, self.mended.lines[n][at], ","))
            self.mended.edit(n, at, 1, ", ")
        self.key, self.valued = "", False
        return at + 1

    def _separates(self, n: int, at: int) -> bool:
        """Whether a comma of another keyboard ends an entry here: in a list always, among keys where a key follows."""
        if self.open[-1] == "[":
            return True
        entry = _ENTRY.match(self.mended.lines[n], at + 1)
        if entry is None:
            return False
        named = NAME.fullmatch(entry[1]) is not None and not entry[1].isdecimal()
        return entry[1] in self.keys or (named and self.key not in FREE)

    def _behind(self, n: int, at: int, past: int) -> int:
        """After a quoted text: a key's colon, of whichever keyboard."""
        line = self.mended.lines[n]
        if self.open[-1] == "{" and not self.valued and not self.quote:
            colon = past
            while colon < len(line) and line[colon] == " ":
                colon += 1
            if colon < len(line) and (line[colon] == ":" or twin(line[colon]) == ":"):
                return self._colon(n, at, colon, line[at:past])
        return past

    def _plain(self, n: int, begin: int) -> int:
        """Past a word: to the comma, bracket or colon behind it."""
        line, at = self.mended.lines[n], begin
        depth = 0
        while at < len(line):
            sign = line[at]
            alike = twin(sign)
            if sign in ",[]{}":
                return at
            if sign == "#" and blank(line[at - 1]):
                return at
            if sign == ":" or alike == ":":
                past = self._colon_in(n, begin, at)
                if past is not None:
                    return past
            elif alike in ("[", "(", "{"):
                depth += 1
            elif alike in ("]", "}", ")"):
                if depth == 0 and alike != ")" and at > begin:
                    return at
                depth -= 1
            elif alike and alike in _COMMAS and self._separates(n, at):
                return at
            elif unseen(sign) or (odd_space(sign) and sign != "\u3000"):
                self.name(n, at, "" if unseen(sign) else " ")
            at += 1
        return at

    def _colon_in(self, n: int, begin: int, at: int) -> int | None:
        """Past a colon that ends a key; None for one that belongs to the word."""
        line = self.mended.lines[n]
        word = line[begin:at].strip()
        behind = line[at + 1 : at + 2]
        if self.open[-1] == "[":
            if line[at] == ":" and (not behind or behind in " ,]"):
                self.key = word
                return at + 1
            if word not in self.keys or line[at] == ":":
                return None
        elif self.valued or (
            line[at] != ":" and not (word in self.keys or NAME.fullmatch(word)) and ": " in line[at:]
        ):
            return None
        return self._colon(n, begin, at, word)

    def _colon(self, n: int, begin: int, at: int, word: str) -> int:
        """A key's colon: one of another keyboard is taken, a space that is missing behind ours is named."""
        line = self.mended.lines[n]
        behind = line[at + 1 : at + 2]
        sticks = bool(behind) and not blank(behind) and behind not in ",]}"
        if line[at] != ":":
            self.mended.edit(n, at, 1, ": " if sticks else ":")
        elif sticks and line[begin] not in "\"'":
            self.mended.slips.append(said.no_space(n, at, ":"))
            self.mended.edit(n, at + 1, 0, " ")
        self.key, self.valued = word.strip("\"'“”‘’ "), True
        return at + 1

    def _swallows(self, n: int, at: int) -> bool:
        """A name that begins with `#` in braces: all behind it, the closing brace, too, would be a comment."""
        line = self.mended.lines[n]
        if not self.valued or not self.key or line[at + 1 : at + 2].strip() == "" or self.key not in FREE:
            return False
        end = min((i for i in (line.find(c, at) for c in ",}]") if i >= 0), default=len(line))
        self.mended.slips.append(said.swallowed(n, at, self.key, line[at:end].strip(), whole=True))
        self.mended.edit(n, at, end - at, "'" + line[at:end].replace("'", "''") + "'")
        rest = Flow(self.mended, self.keys)
        rest.open, rest.key, rest.valued = self.open, self.key, True
        rest.read(n, end)
        self.key, self.valued, self.quote, self.begun = rest.key, rest.valued, rest.quote, rest.begun
        return True


def _beyond(line: str, at: int) -> bool:
    """Whether a sign stands there that is no English one: what joins such signs is part of their script."""
    return 0 <= at < len(line) and not line[at].isascii() and not blank(line[at])


def _closing(line: str, at: int, in_flow: bool) -> int | None:
    """Where a curly quote that begins a text is closed, with nothing of the text behind it; None where it is not."""
    if line[at] not in OPENING and line.count(line[at], at) < 2:
        return None
    for end in range(at + 1, len(line)):
        if line[end] not in QUOTES and line[end] not in "\"'":
            continue
        rest = line[end + 1 :].lstrip(" \t\u3000\u00a0")
        if not rest or rest[0] == "#" or rest[0] in ":：":
            return end
        if in_flow and (rest[0] in ",]}" or (twin(rest[0]) or "") in tuple(",;]}")):
            return end
    return None


def _other_end(line: str, at: int, first: str) -> int | None:
    """Where a text that an English quote opens is closed by a curly one; None where it is closed by its own."""
    if first in line[at + 1 :]:
        return None
    for end in range(len(line) - 1, at, -1):
        if line[end] in QUOTES:
            rest = line[end + 1 :].strip()
            return end if not rest or rest[0] in "#,]}:：，、】" else None
    return None
