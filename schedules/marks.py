"""What a title in a calendar file says of the day: closed, worked, nothing, or not plain.

Only words that leave no doubt are read. `调休` alone is in doubt (the day off, or the day worked for it), `午休` and
`值班` are other things, and a person's leave closes no building. Which words are plain is a site choice of ours; a
site's own stand under `means:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Meaning(StrEnum):
    """What an event makes of its days."""

    CLOSED = "closed"
    WORKED = "worked"
    NOTHING = "nothing"


HOLIDAYS: Final = frozenset(
    [
        "元旦",
        "元旦节",
        "春节",
        "除夕",
        "农历除夕",
        "大年三十",
        "初一",
        "清明",
        "清明节",
        "劳动节",
        "五一",
        "五一节",
        "五一劳动节",
        "国际劳动节",
        "端午",
        "端午节",
        "中秋",
        "中秋节",
        "国庆",
        "国庆节",
        "十一",
        "十一国庆节",
        "国庆中秋",
        "国庆中秋节",
    ]
)
"""Names of the state's holidays (Regulation on Public Holidays, 2024), as calendar programs write them."""

_NAME: Final = "|".join(sorted(HOLIDAYS, key=len, reverse=True))
_WHOSE: Final = "全体|全员|全楼|全馆|大楼|办公楼|本馆|本楼|公司|单位|机关|学校|图书馆|博物馆"
_REST: Final = re.compile(
    rf"(?:(?:{_NAME}|{_WHOSE})*(?:休息|休息日|放假|假期|假日|闭馆|休馆|停业|关闭|关门|闭园)"
    rf"|(?:{_NAME})(?:休|休假))"
)
_WORK: Final = re.compile(
    rf"(?:{_NAME}|{_WHOSE})*(?:正常|照常|调休|调班|补假)?(?:补班|补班日|上班|上班日|工作日)|(?:{_NAME})班"
)
_BESIDE_MARK: Final = re.compile(rf"休|班|(?:{_NAME})+(?:假期)?|[第共]?\d+天?|调休|(?:法定)?节?假日|假期")
"""What may stand beside a mark of one character: with a person's name it is a roster."""
_ENGLISH_WORK: Final = re.compile(
    r"(make ?up |working |work )day|makeup workday|make up workday|workday|worked"
)
_ENGLISH_REST: Final = re.compile(
    r"(the )?((building|offices?|library|museum|school|site|company) )?(is |are )?(closed|closure)( .*)?"
)
_DOUBT: Final = re.compile(
    r"不|未|非|取消|值班|加班|轮班|除外|部分|\b(no|not|except|cancelled|partly|half)\b"
)
_WORDS: Final = re.compile(r"[^\W_]+")
APPLE: Final = {"ALTERNATE-WORKDAY": Meaning.WORKED, "WORK-HOLIDAY": Meaning.CLOSED}
"""Values of X-APPLE-SPECIAL-DAY in the holiday calendars that Apple publishes."""


def told(title: str, means: Mapping[str, Meaning]) -> Meaning | None:
    """What the site's own words make of a title: the whole title first, else the longest word in it.

    Letters match whole words, in any case; None where no word is in it, or two of one length disagree.
    """
    plain = {word.strip().casefold(): meaning for word, meaning in means.items() if word.strip()}
    folded = title.strip().casefold()
    if folded in plain:
        return plain[folded]
    inside = [word for word in plain if re.search(_bounded(word), folded)]
    longest = max(map(len, inside), default=0)
    found = {plain[word] for word in inside if len(word) == longest}
    return found.pop() if len(found) == 1 else None


def _bounded(word: str) -> str:
    """A pattern of a word: one of Latin letters or digits is not part of a longer one."""
    before = r"(?<![0-9a-z])" if re.match(r"[0-9a-z]", word) else ""
    after = r"(?![0-9a-z])" if re.search(r"[0-9a-z]$", word) else ""
    return before + re.escape(word) + after


def plain(title: str) -> Meaning | None:
    """What a title says without doubt of the day: closed or worked; else None."""
    words = _WORDS.findall(title)
    english = " ".join(words).casefold()
    marks = set(words) & {"休", "班"} if all(_BESIDE_MARK.fullmatch(word) for word in words) else set()
    rest = "休" in marks or any(_REST.fullmatch(word) for word in words)
    work = "班" in marks or any(_WORK.fullmatch(word) for word in words)
    rest, work = (
        rest or bool(_ENGLISH_REST.fullmatch(english)),
        work or bool(_ENGLISH_WORK.fullmatch(english)),
    )
    if rest is work or any(_DOUBT.search(word.casefold()) for word in words):
        return None
    return Meaning.CLOSED if rest else Meaning.WORKED


def is_holiday(title: str) -> bool:
    """True where a title is the name of one of the state's holidays, and nothing else."""
    return title.strip() in HOLIDAYS


def names_holiday(title: str) -> bool:
    """True where a title speaks of one of the state's holidays."""
    return any(name in title for name in HOLIDAYS if name not in ("初一", "十一", "五一"))
