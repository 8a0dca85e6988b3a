"""What of a site file may be a secret: read off its text alone, for a file that cannot be read is quoted, too.

Rather too much counts than too little: a line that is not quoted still has its number, its column and its message.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from config.phrase import Phrase

HIDDEN: Final = "…"
NOT_QUOTED: Final = Phrase("(may hold a secret: not quoted)", "（可能含密，不予显示）")
_WORDS: Final = re.compile(
    r"database|datenbank|dsn|token|pass|pwd|secret|credential|api.?key|private|auth(?!or)|bearer|cookie|session"
    r"|mqtt|broker|user|login|cipher|psk|salt|hash|certificate|密码|口令|令牌|密钥|数据库|BEGIN [A-Z ]*KEY",
    re.IGNORECASE,
)
"""Words of keys that may hold a secret, ours and others'."""
_TOPIC_WORDS: Final = re.compile(r"mqtt|broker", re.IGNORECASE)
"""Words that are secret as keys, and none in a topic: `zigbee2mqtt/room-101`."""
_MEANT: Final = ("database", "tokens", "token", "password", "passwd", "secret", "credentials", "mqtt")
"""What a key may have been meant to be: one misspelt holds the same secret."""
_USER: Final = re.compile(r"://[^\s/]*@|\S:\S+@")
_USERS_PART: Final = re.compile(r"://[^\s\"']*@")
_NAMED: Final = re.compile(
    r"\b((?:ssl)?pass(?:word|wd|file)?\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'\"]+)", re.IGNORECASE
)
"""`password=…` as addresses and PostgreSQL's own connection strings have it."""
_ASKED: Final = re.compile(r"[?&][\w-]+=")
"""A user's part of an address, or what is asked for in it: `postgresql://me:secret@host`, `…?password=secret`."""
_KEY: Final = re.compile(
    r"(\s*)(?:-\s+)*(?:\?\s*)?[\"']?([^\s\"':{}\[\],#&*!][^\"':{}\[\],]*?)[\"']?\s*:(?:\s|$)"
)
_ANY_KEY: Final = re.compile(r"(?<![\w.-])([\w.-]{1,64})[\"']?\s{0,9}[:：]")
_NUMBERED: Final = re.compile(r"\d")
"""Names of rooms and devices, of which there are tens of thousands: none is likened to a secret's."""
_ANCHOR, _ALIAS = re.compile(r"&([^\s,\[\]{}]+)"), re.compile(r"\*([^\s,\[\]{}]+)")
_TOKEN: Final = re.compile(r"[^\s\[\]{},\"']+")
_QUOTED: Final = re.compile(r"`[^`]*`|'[^'\s]*'|\"[^\"\s]*\"")
_DATA: Final = re.compile(r"[:@=/+]")
"""Signs of a word that is no key."""
_LONGEST_KEY: Final = 24
_SHORTEST: Final = 4
"""Characters of a word that is looked for in whatever is said; a shorter one is found where its own line is spoken of."""


@lru_cache(maxsize=4)
def secret_lines(text: str) -> frozenset[int]:
    """The numbers, from 1, of lines that may hold a secret, or a piece of one that is written over lines."""
    lines = text.splitlines()
    begun = {n for n, line in enumerate(lines) if _tells(line)}
    marked = _blocks(lines, begun)
    for topics in _topics(lines):
        marked -= topics
        marked |= _blocks(lines, {n for n in begun & topics if _tells(_TOPIC_WORDS.sub("", lines[n]))})
    aliases = {name for n in marked for name in _ALIAS.findall(lines[n])}
    if aliases:
        anchors = {n for n, line in enumerate(lines) if aliases.intersection(_ANCHOR.findall(line))}
        marked |= _blocks(lines, anchors)
    return frozenset(n + 1 for n in marked)


def _tells(line: str) -> bool:
    """Whether a line names something secret, or something that was meant to."""
    if _WORDS.search(line) or _ASKED.search(line) or ("@" in line and _USER.search(line)):
        return True
    return any(_meant(key.lower()) for key in _ANY_KEY.findall(line) if not _NUMBERED.search(key))


@lru_cache(maxsize=2_000)
def _meant(key: str) -> bool:
    return 4 <= len(key) <= 16 and bool(difflib.get_close_matches(key, _MEANT, n=1, cutoff=0.75))


def _blocks(lines: list[str], begun: set[int]) -> set[int]:
    """Those lines, and what goes on beneath each: until a key stands as far left as its own."""
    marked: set[int] = set()
    for first in sorted(begun):
        if first in marked and _KEY.match(lines[first]) is None:
            continue
        indent = len(lines[first]) - len(lines[first].lstrip())
        marked.add(first)
        for n in range(first + 1, len(lines)):
            key = _KEY.match(lines[n])
            if key is not None and len(key[1]) <= indent:
                break
            marked.add(n)
    return marked


def _topics(lines: list[str]) -> Iterator[set[int]]:
    """The topics of each broker (`mqtt:`, beneath it `topics:`), which are no secret: a line among them is one only where it
    says so itself."""
    above: list[tuple[int, str]] = []
    for first, line in enumerate(lines):
        key = _KEY.match(line)
        if key is None:
            continue
        while above and above[-1][0] >= len(key[1]):
            above.pop()
        if key[2] == "topics" and above and above[-1][1] == "mqtt":
            inside = {first}
            for n in range(first + 1, len(lines)):
                next_ = _KEY.match(lines[n])
                if next_ is not None and len(next_[1]) <= len(key[1]):
                    break
                inside.add(n)
            yield inside
        above.append((len(key[1]), key[2]))


@dataclass(frozen=True)
class Secrets:
    """What may not be said of one file. `known` are the words of every site file: keys that may be named."""

    lines: frozenset[int]
    words: tuple[str, ...]
    known: frozenset[str]
    another_kind: bool = False
    """It is no site file: it may be somebody's list of passwords."""

    def cover(self, said: str, line: int = 0) -> str:
        """A sentence without the words of secret lines; one about such a `line` quotes nothing but keys."""
        if not self.lines:
            return said
        for word in self.words:
            said = said.replace(word, HIDDEN)
        if line not in self.lines:
            return said
        return _QUOTED.sub(self._quote, said)

    def _quote(self, found: re.Match[str]) -> str:
        sign, inside = found[0][0], found[0][1:-1]
        return found[0] if self._may_be_named(inside) else f"{sign}{HIDDEN}{sign}"

    def _may_be_named(self, word: str) -> bool:
        """A key of site files or one misspelt, or no word at all; in a file of another kind any plain key."""
        if self.another_kind and len(word) <= _LONGEST_KEY and not _DATA.search(word):
            return True
        return not any(sign.isalnum() for sign in word) or word in self.known or _near(word, self.known)


def _near(word: str, known: frozenset[str]) -> bool:
    return len(word) >= _SHORTEST and bool(difflib.get_close_matches(word, known, n=1, cutoff=0.75))


def secrets_of(text: str, known: Iterable[str], *, another_kind: bool = False) -> Secrets:
    """What may not be said of a file with this text; `another_kind` where it is no site file."""
    lines, keys = text.splitlines(), frozenset(known)
    numbers = frozenset(range(1, len(lines) + 1)) if another_kind else secret_lines(text)
    words = {
        piece
        for number in numbers
        for word in _TOKEN.findall(lines[number - 1])
        if not word.startswith("#") and not (word.endswith(":") and _near(word[:-1], keys))
        for piece in _pieces(word.rstrip(":"))
    }
    words = {word for word in words if len(word) >= _SHORTEST and word not in keys}
    if another_kind:
        words = {word for word in words if _DATA.search(word)}
    return Secrets(numbers, tuple(sorted(words, key=len, reverse=True)), keys, another_kind)


def _pieces(word: str) -> list[str]:
    """A word, and of an address what may be quoted apart from it: the user's part and what is asked for."""
    user, at, _ = word.rpartition("@")
    pieces = [word.rpartition("!")[0], *re.split(r"[:/!]", user)] if at or word.startswith("!") else []
    return [word, *pieces, *re.findall(r"[?&][^=&]*=([^&]*)", word)]


def covered(said: str) -> str:
    """Somebody else's words without the user's part of any address in them, and without a password that they name."""
    said = _USERS_PART.sub(f"://{HIDDEN}@", said)
    return _NAMED.sub(lambda found: f"{found[1]}{HIDDEN}", said)


def masked(address: str) -> str:
    """A database's or a broker's address without what may be a secret in it: its user's part, and what it asks for."""
    start, scheme, rest = address.rpartition("://") if "://" in address else ("", "", address)
    before, question, asked = rest.partition("?")
    if "@" in asked:
        before, question, asked = rest, "", ""
    user, at, place = before.rpartition("@")
    shown = f"{HIDDEN}@{place}" if at and user else before
    return f"{start}{scheme}{shown}{question}{re.sub(r'=[^&]*', f'={HIDDEN}', asked)}"
