"""Times, days and durations as people write them in Chinese, or with the signs of a Chinese keyboard."""

from __future__ import annotations

import re
from typing import Final

from config.signs.alike import folded

_DIGITS: Final = {**{sign: n for n, sign in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_NUMERAL: Final = re.compile(r"[零〇一二两三四五六七八九十]{1,3}(?=[点时分刻小个秒天月日号])")
MORNING: Final = ("上午", "早上", "早晨", "清晨", "凌晨", "早")
AFTERNOON: Final = ("下午", "傍晚", "晚上", "夜里", "夜间", "晚", "午后")
NOON: Final = "中午"
NEXT_DAY: Final = ("次日", "翌日", "第二天", "第2天", "隔天")
"""Before a closing hour that is the next day's."""
_CLOCK: Final = re.compile(
    rf"({'|'.join((*MORNING, *AFTERNOON, NOON))})?(\d{{1,2}})(?::(\d{{2}})(?::00)?|[点时](?:钟|整)?(?:(\d{{1,2}})分?|(半)|([一三13])刻)?)"
)
CLOSED: Final = frozenset(
    {
        "closed",
        "关闭",
        "休息",
        "不开放",
        "放假",
        "不上班",
        "休",
        "停用",
        "关",
        "闭馆",
        "不营业",
        "无",
        "不开",
        "不开门",
    }
)
ALL_DAY: Final = frozenset({"24h", "24 h", "24小时", "全天", "整天", "全日", "整日", "全天候", "昼夜"})
BETWEEN: Final = re.compile(r"\s*(?:[-~]+|至|到)\s*")
"""What stands between opening and closing."""
APART: Final = re.compile(r"\s*(?:[,;、]|和|及|以及)\s*")
"""What stands between two openings of a day."""
_YEAR_DAY: Final = re.compile(r"(\d{4})\s*(?:年|/|\.|-)\s*(\d{1,2})\s*(?:月|/|\.|-)\s*(\d{1,2})\s*[日号]?")
_MONTH_DAY: Final = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_UNITS: Final = {
    **dict.fromkeys(("秒", "秒钟"), "s"),
    **dict.fromkeys(("分", "分钟"), "min"),
    **dict.fromkeys(("时", "小时", "个小时", "钟头", "个钟头"), "h"),
    **dict.fromkeys(("天", "日"), "d"),
}
_LENGTH: Final = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})(半)?")


def plain(text: str) -> str:
    """With the signs of an English keyboard, and numerals as digits where a unit of time follows."""
    signs = text if text.isascii() else folded(text).replace("、", ",")
    return _NUMERAL.sub(lambda found: str(_number(found[0])), signs).strip()


def _number(numeral: str) -> int:
    """八 → 8, 十 → 10, 十二 → 12, 二十 → 20, 三十五 → 35."""
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return int("".join(str(_DIGITS[sign]) for sign in numeral))
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def clock(text: str) -> tuple[int, int] | None:
    """Hour and minute of 8点半, 下午5:30, 20时; None for what is no time of day, or could be two of them."""
    found = _CLOCK.fullmatch(plain(text).replace(" ", ""))
    if found is None:
        return None
    half, hour = found[1], int(found[2])
    minute = int(found[3] or found[4] or (30 if found[5] else 0))
    if found[6]:
        minute = 15 if found[6] in "一1" else 45
    if half is None:
        return hour, minute
    if hour == 12 and half != NOON and half not in ("下午", "午后"):
        return None  # midnight, or noon?
    if half in MORNING:
        return (hour, minute) if hour < 12 else None
    if half == NOON:
        return (hour + 12 if hour < 3 else hour, minute) if hour in (1, 2, 11, 12, 13) else None
    return (hour + 12 if hour < 12 else hour), minute


def span(text: str) -> tuple[str, str] | None:
    """Opening and closing of 8点半到17点, 下午2点至5点 as two times; None where it is not two, or may be two others.

    A closing hour without its half of the day is that of the opening, where it was the afternoon; after an evening or a
    morning nobody knows.
    """
    parts = BETWEEN.split(plain(text).removeprefix("从").removeprefix("自"))
    if len(parts) != 2 or not all(parts):
        return None
    if parts[1].startswith(NEXT_DAY):
        parts[1] = re.sub(f"^({'|'.join(NEXT_DAY)})", "", parts[1]).strip()
        first, last = clock(parts[0]), clock(parts[1])
        return (parts[0], parts[1]) if first is not None and last is not None and last < first else None
    halves = [
        next((half for half in (*MORNING, *AFTERNOON, NOON) if part.startswith(half)), "") for part in parts
    ]
    if halves[0] and not halves[1]:
        first, last = clock(parts[0]), clock(parts[1])
        if first is not None and last is not None and last[0] < 12 and last < first:
            if halves[0] not in ("下午", "午后", NOON):
                return None
            return parts[0], f"下午{parts[1]}"
    return parts[0], parts[1]


def day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of 2026年10月1日, 2026/10/1, 2026.10.1; None for anything else."""
    found = _YEAR_DAY.fullmatch(plain(text))
    return (int(found[1]), int(found[2]), int(found[3])) if found is not None else None


def month_day(text: str) -> tuple[int, int] | None:
    """Month and day of 10月1日; None for anything else."""
    found = _MONTH_DAY.fullmatch(plain(text))
    return (int(found[1]), int(found[2])) if found is not None else None


def length(text: str) -> list[tuple[float, str]]:
    """Numbers and units of 15分钟, 1小时30分, 一个半小时, 半小时; empty for what is no such length."""
    said = plain(text).replace(" ", "")
    halves = {
        "1刻钟": (15.0, "min"),
        "3刻钟": (45.0, "min"),
        "半小时": (0.5, "h"),
        "半个小时": (0.5, "h"),
        "半分钟": (0.5, "min"),
        "半天": (0.5, "d"),
    }
    if said in halves:
        return [halves[said]]
    said = re.sub(r"^([一二两三四五六七八九]|\d+)个半(小时|钟头)$", _and_a_half, said)
    parts: list[tuple[float, str]] = []
    at = 0
    while at < len(said):
        found = _LENGTH.match(said, at)
        if found is None:
            return []
        parts.append((float(found[1]) + (0.5 if found[3] else 0.0), _UNITS[found[2]]))
        at = found.end()
    return parts


def _and_a_half(found: re.Match[str]) -> str:
    whole = _DIGITS[found[1]] if found[1] in _DIGITS else int(found[1])
    return f"{whole}.5小时"
