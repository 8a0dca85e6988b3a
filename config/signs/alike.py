"""Signs that look like one of an English keyboard: by their category in Unicode, not one by one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from config.phrase import Phrase

COLON, COMMA, DASH, TILDE = ":", ",", "-", "~"
_FORMS: Final = ("<wide>", "<narrow>", "<small>", "<vertical>")
"""Unicode's own word that a character is another one in a different width."""
_TWINS: Final[dict[str, str]] = {
    ":": "∶꞉ː˸︓",
    ",": "、､︐︑،‚",
    ".": "。｡․",
    ";": "；;",
    "~": "～〜∼˜∽",
    "-": "−ー─━﹘⁃",
    "/": "∕⁄╱",
    "\\": "∖",
    "#": "♯",
    "*": "∗⁎",
    "|": "∣│",
    "[": "【〔〖〘〚",
    "]": "】〕〗〙〛",
    "{": "⦃",
    "}": "⦄",
    "<": "《〈‹",
    ">": "》〉›",
    '"': "“”„‟「」『』〝〞〟«»″",
    "'": "‘’‛′",
    "a": "аα", "e": "е", "o": "оο", "p": "рρ", "c": "с", "x": "х", "y": "у", "i": "і", "s": "ѕ", "j": "ј",
    "A": "АΑ", "B": "ВΒ", "E": "ЕΕ", "H": "НΗ", "K": "КΚ", "M": "МΜ", "O": "ОΟ", "P": "РΡ", "C": "С", "T": "ТΤ", "X": "ХΧ",
}  # fmt: skip
"""Those of no width: punctuation of Chinese, mathematics, and letters of other alphabets that look the same (the common
ones of Unicode TS 39, confusables)."""
_TWIN_OF: Final = {sign: twin for twin, signs in _TWINS.items() for sign in signs}
OPENING: Final = frozenset("“‘„‟「『〝«‹")
"""Quotes that open. ” and ’ open, too, where somebody's keyboard has but one of a pair."""
QUOTES: Final = frozenset(_TWINS['"'] + _TWINS["'"] + "＂＇")
_NAMES: Final[dict[str, Phrase]] = {
    ":": Phrase("colon", "冒号"),
    ",": Phrase("comma", "逗号"),
    ".": Phrase("full stop", "句号"),
    ";": Phrase("semicolon", "分号"),
    "~": Phrase("tilde", "波浪号"),
    "-": Phrase("dash", "横线"),
    "/": Phrase("slash", "斜线"),
    "\\": Phrase("backslash", "反斜线"),
    "#": Phrase("number sign", "井号"),
    "|": Phrase("bar", "竖线"),
    "[": Phrase("opening bracket", "左方括号"),
    "]": Phrase("closing bracket", "右方括号"),
    "{": Phrase("opening brace", "左花括号"),
    "}": Phrase("closing brace", "右花括号"),
    "(": Phrase("opening parenthesis", "左括号"),
    ")": Phrase("closing parenthesis", "右括号"),
    "<": Phrase("opening angle bracket", "左尖括号"),
    ">": Phrase("closing angle bracket", "右尖括号"),
    '"': Phrase("quotation mark", "引号"),
    "'": Phrase("quotation mark", "引号"),
    "!": Phrase("exclamation mark", "感叹号"),
    "?": Phrase("question mark", "问号"),
    "%": Phrase("per cent sign", "百分号"),
    "&": Phrase("ampersand", "and 号"),
    "*": Phrase("asterisk", "星号"),
    "@": Phrase("at sign", "at 号"),
    "+": Phrase("plus sign", "加号"),
    "=": Phrase("equals sign", "等号"),
    "_": Phrase("underscore", "下划线"),
}
_UNSEEN: Final[dict[str, Phrase]] = {
    "\t": Phrase("a tab", "制表符 Tab"),
    "\u00a0": Phrase("a no-break space", "不间断空格"),
    "\u3000": Phrase("a full-width space", "全角空格"),
    "\u202f": Phrase("a narrow no-break space", "窄不间断空格"),
    "\u200b": Phrase("a zero-width space", "零宽空格"),
    "\ufeff": Phrase("a byte order mark", "字节顺序标记"),
    "\u00ad": Phrase("a soft hyphen", "软连字符"),
}


@lru_cache(maxsize=4096)
def twin(sign: str) -> str | None:
    """The sign of an English keyboard that another one looks like; None where it looks like none, or is one."""
    if sign.isascii():
        return None
    known = _TWIN_OF.get(sign)
    if known is not None:
        return known
    if unicodedata.category(sign) == "Pd":
        return "-"
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.decimal(sign))
    form, _, code = unicodedata.decomposition(sign).partition(" ")
    if form not in _FORMS or " " in code:
        return None
    plain = chr(int(code, 16))
    return plain if plain.isascii() and plain != " " else _TWIN_OF.get(plain)


def unseen(sign: str) -> bool:
    """Whether a character takes no width at all: nobody sees that it is there."""
    return sign == "\u00ad" or unicodedata.category(sign) == "Cf"


def odd_space(sign: str) -> bool:
    """Whether a character is a space, though not that of the space bar."""
    return sign == "\t" or (sign != " " and unicodedata.category(sign) == "Zs")


def blank(sign: str) -> bool:
    """Whether nobody sees anything there."""
    return sign == " " or odd_space(sign) or unseen(sign)


def letter_or_digit(sign: str) -> bool:
    """Whether a sign is a letter or a digit in another width, or a digit of another script: it means the same.

    A letter of another alphabet only looks like one.
    """
    plain = twin(sign)
    return plain is not None and plain.isalnum() and sign not in _TWIN_OF


def called(sign: str) -> Phrase:
    """A character as people name it, with its number where nobody can see it."""
    number = f"U+{ord(sign):04X}"
    if sign in _UNSEEN or unseen(sign) or odd_space(sign):
        name = _UNSEEN.get(sign)
        if name is None:
            word = unicodedata.name(sign, number).lower()
            name = Phrase(f"a {word}", f"{'看不见的字符' if unseen(sign) else '特殊空格'} {word}")
        return Phrase(f"{name.en} ({number})", f"{name.zh}（{number}）")
    plain = twin(sign)
    if plain is not None and plain.isalpha():
        script = unicodedata.name(sign, "").split()[0].capitalize()
        zh = {"Cyrillic": "西里尔字母", "Greek": "希腊字母"}.get(script, "其他文字的字母")
        name = Phrase(f"{script} letter", zh)
        return Phrase(f"the {name.en} `{sign}` ({number})", f"{name.zh}“{sign}”（{number}）")
    name = _NAMES.get(plain or "")
    wide = unicodedata.east_asian_width(sign) in "FW"
    if name is None:
        return Phrase(f"`{sign}` ({number})", f"“{sign}”（{number}）")
    if wide:
        return Phrase(f"the full-width {name.en} `{sign}`", f"全角{name.zh}“{sign}”")
    return Phrase(
        f"`{sign}`, which only looks like a {name.en} ({number})", f"形似{name.zh}的“{sign}”（{number}）"
    )


def folded(text: str) -> str:
    """A word with each look-alike as the sign it looks like, without what nobody sees."""
    if text.isascii():
        return text
    return "".join(" " if odd_space(s) else twin(s) or s for s in text if not unseen(s))


def same_name(word: str) -> str:
    """A name without its spaces and the width of its signs: 201 办公室 and ２０１办公室 are one."""
    return "".join(sign for sign in folded(word) if not blank(sign)).casefold()
