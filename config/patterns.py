"""How times, days, durations and places may be written, for editors: what the loader takes matches, what it refuses does not.

Each is one regular expression of ECMA 262, in which `\\d` is a digit of an English keyboard; the loader folds the others.
"""

from __future__ import annotations

from typing import Final

from config.objects import OBJECTS
from config.spoken import AFTERNOON, ALL_DAY, CLOSED, MORNING, NEXT_DAY, NOON

_D: Final = "[0-9０-９]"
_S: Final = r"[\s　]*"
_Q: Final = "[\"'“”‘’„‟「」『』〝〞]?"
"""A quote of another keyboard may stand around a value."""
_NUMERAL: Final = "[〇零一二两三四五六七八九十]{1,3}"
_COLON: Final = "[:：∶]"
_DASH: Final = "[-‐‑‒–—―−－ー─~～〜]"
_HALF: Final = f"(?:{'|'.join((*MORNING, *AFTERNOON, NOON))})?"
_HOUR: Final = f"(?:[0０1１]?{_D}|[2２][0-4０-４])"
_MINUTE: Final = f"[0-5０-５]{_D}"
_TIME: Final = (
    f"{_HALF}{_S}(?:{_HOUR}{_COLON}{_MINUTE}(?:{_COLON}[0０]{{2}})?"
    f"|(?:{_HOUR}|{_NUMERAL}){_S}[点时](?:钟|整)?(?:(?:{_D}{{1,2}}|{_NUMERAL})分?|半|[一三13]刻)?)"
)
_SPAN: Final = f"(?:[从自]{_S})?{_TIME}{_S}(?:{_DASH}+|至|到){_S}(?:{'|'.join(NEXT_DAY)})?{_S}{_TIME}"
_WORDS: Final = "|".join(sorted(word.replace(" ", " ?") for word in ALL_DAY | CLOSED))
_MONTH: Final = "(?:[0０]?[1-9１-９]|[1１][0-2０-２])"
_DAY: Final = f"(?:[0０]?[1-9１-９]|[12１２]{_D}|[3３][01０１])"
_UNIT: Final = "(?:秒钟?|分钟?|个?小时|个?钟头|时|天|日)"
_TYPES: Final = "|".join(OBJECTS)
_OBJECT: Final = f"(?:(?:{_TYPES}){_S}[:,：]{_S}{_D}+|[A-Za-z]{{2,4}}[:-]?[0-9]+)"
"""The second form is a controller's short name, AI0 or AV:10."""


def _whole(pattern: str) -> str:
    return f"^{_S}{_Q}{_S}(?:{pattern}){_S}{_Q}{_S}$"


CLOCK: Final = _whole(_TIME)
HOURS: Final = _whole(f"{_SPAN}(?:{_S}(?:[,;、]|和|及|以及){_S}{_SPAN})*|{_WORDS}")
DURATION: Final = _whole(
    f"{_D}+(?:[.]{_D}+)?{_S}(?:s|sec|min|m|h|d|[ａ-ｚ]{{1,3}})?"
    f"|(?:(?:{_D}+(?:[.]{_D}+)?|{_NUMERAL}){_S}(?:个半(?:小时|钟头)|{_UNIT}半?){_S})+"
    "|半(?:个?小时|分钟|天)|[一三13１３]刻钟"
)
DAY: Final = _whole(
    f"{_D}{{4}}{_S}(?:年|/|[.]|{_DASH}){_S}{_MONTH}{_S}(?:月|/|[.]|{_DASH}){_S}{_DAY}{_S}[日号]?"
)
MONTH_DAY: Final = _whole(f"{_MONTH}{_S}(?:{_DASH}|月){_S}{_DAY}{_S}[日号]?")
OBJECT: Final = _whole(_OBJECT)
PLACE: Final = _whole(f"[^/\\s]+{_S}/{_S}{_OBJECT}")
OFFSET: Final = _whole(f"[^/\\s]+{_S}/{_S}{_D}+")
NUMBER: Final = _whole(f"[-+]?{_D}+(?:[.]{_D}+)?(?:[eE][-+]?{_D}+)?")
WHOLE: Final = _whole(f"[-+]?{_D}+")
