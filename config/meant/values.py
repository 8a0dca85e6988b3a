"""One value as it was meant, and what of it is named: by what kind of value belongs there."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Literal, NamedTuple

from config.codes import Code
from config.meant.chinese import BOOLS, meant_choice
from config.phrase import Phrase
from config.signs import said
from config.signs.alike import blank, folded, letter_or_digit, twin
from config.values import parse_hours

_TAKEN: Final = frozenset(":-~")
"""Signs that mean the same whichever keyboard they come from: of hours, days and places."""
_ENDS: Final = frozenset(".,;!")
"""Signs that end a sentence: behind a value they mean nothing."""
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


class Kind(NamedTuple):
    """What belongs in a place of the file: a type, and the function that reads it where it has one."""

    type: Any
    reads: Callable[..., Any] | None = None


class Named(NamedTuple):
    """A slip in a value: its column from 0 in the value, its code, what is said of it."""

    column: int
    code: Code
    message: Phrase
    hint: Phrase


class Read(NamedTuple):
    """A value as it was meant, and what of it is named."""

    meant: str
    slips: list[Named]


def read(text: str, kind: Kind) -> Read:
    """A value of a kind as it was meant."""
    slips: list[Named] = []
    meant = _signs(text, kind, slips)
    if kind.type is bool:
        meant = BOOLS.get(meant.strip(), meant)
    elif kind.type in (int, float) and kind.reads is None:
        meant = _number(text, meant, slips)
    else:
        meant = _choice(text, meant, kind, slips)
    return Read(meant, slips)


def _signs(text: str, kind: Kind, slips: list[Named]) -> str:
    """Without the signs of another keyboard, and without a comment that sticks to the value."""
    comment = re.search(r"(?<=\S)#(?=\s|$)", text)
    if comment is not None:
        slips.append(
            Named(comment.start(), "missing-space",
                  Phrase("a space is missing before the `#` of a comment", "注释的 `#` 前面少一个空格"),
                  Phrase("write ` # `, with a space before and after it", "请写成 ` # `，前后各一个空格"))
        )  # fmt: skip
        text = text[: comment.start()]
    if text.isascii():
        return text
    out: list[str] = []
    for at, sign in enumerate(text):
        plain = twin(sign)
        if plain is None:
            out.append(" " if blank(sign) else sign)
        elif letter_or_digit(sign) or plain in _TAKEN or (sign in "、､︑" and kind.reads is parse_hours):
            out.append(plain)
        else:
            last = not text[at + 1 :].strip("。．，；！、 ")
            slip = said.sign(0, at, sign, "" if last and plain in _ENDS else plain)
            slips.append(Named(at, slip.code, slip.message, slip.hint))
            out.append("" if last and plain in _ENDS else plain)
    return "".join(out).strip()


def _number(text: str, meant: str, slips: list[Named]) -> str:
    """A number, without the unit or the sign that somebody wrote behind it."""
    found = _NUMBER.match(meant.strip())
    rest = meant.strip()[found.end() :] if found is not None else ""
    if found is None or not rest or rest[0].lower() in "eE_.":
        return meant
    if slips or not rest.strip():
        return meant
    at = max(0, folded(text).find(rest))
    odd = text[at + len(rest) - len(rest.lstrip()) :] if at < len(text) else rest
    if rest[0] == ",":
        hint = Phrase(
            "write digits only, with a point before decimals", "只写数字；小数点用 `.`，不写千分位逗号"
        )
    else:
        hint = Phrase(f"write {found[0]} alone, without a unit", f"只写 {found[0]}，不写单位")
    column = at + len(rest) - len(rest.lstrip())
    slips.append(
        Named(
            column,
            "not-a-number",
            Phrase(f"`{odd}` does not belong to a number", f"数字里不能有“{odd}”"),
            hint,
        )
    )
    return found[0]


def _choice(text: str, meant: str, kind: Kind, slips: list[Named]) -> str:
    """One of several words, where it is written in Chinese."""
    choices = _choices(kind.type)
    if not choices or meant in choices or meant.isascii():
        return meant
    found = meant_choice(meant, choices)
    if found is None:
        return meant
    slips.append(
        Named(0, "unknown-choice",
              Phrase(f"`{text}` is a word of Chinese for `{found}`", f"`{text}` 在这里要写 `{found}`"),
              Phrase(f"write `{found}`", f"请写 `{found}`"))
    )  # fmt: skip
    return found


def _choices(kind: Any) -> Mapping[str, None]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {str(member.value): None for member in kind}
    if typing.get_origin(kind) is Literal:
        return {str(each): None for each in typing.get_args(kind)}
    return {}
