"""What somebody may have meant by a time, a day or a duration that is not taken: the words that would be right, as a question."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from config import spoken
from config.phrase import Phrase
from config.problems import meant

_COUNTS: Final = {
    **{
        word: n
        for n, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1
        )
    },
    "a": 1,
    "an": 1,
    "half": 0.5,
    "quarter": 0.25,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "ninety": 90,
}
_SECONDS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_COUNT: Final = rf"\d+(?:\.\d+)?\s*|(?<![a-z])(?:{'|'.join(_COUNTS)})\s+"
_PART: Final = re.compile(
    rf"({_COUNT})(?:of an |an |a )?(days?|d|hours?|hrs?|hr|h|minutes?|mins?|m|seconds?|secs?|s|'|′)(?![a-z])"
)
_AND_A_HALF: Final = re.compile(rf"({_COUNT})(days?|hours?|hrs?|minutes?|mins?)\s*and a half")
_ISO: Final = re.compile(r"pt?(\d.*)")
_HALF_DAY: Final = r"\s*(a\.?m\.?|p\.?m\.?)?"
_CLOCK: Final = re.compile(rf"(\d{{1,2}})(?:[:.h](\d{{2}})?(?::00)?)?(?:\s*o'?clock)?{_HALF_DAY}")
_PAST: Final = re.compile(
    rf"(half past|half|quarter past|quarter to)\s+(\d{{1,2}}|{'|'.join(_COUNTS)}){_HALF_DAY}"
)
_PAST_MINUTES: Final = {"half past": 30, "half": 30, "quarter past": 15, "quarter to": -15}
_ALL_DAY: Final = frozenset({"all day", "24 hours", "24/7", "round the clock", "24hrs", "24hours", "always"})
_SHUT: Final = frozenset({"closed", "close", "off", "no", "none", "-", "–", "—", "shut", "rest", "false"})
_BETWEEN: Final = re.compile(r"\s*(?:[-~–—]+|\bto\b|\buntil\b|\btill\b|至|到)\s*")
_MONTHS: Final = {
    n: i
    for i, n in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH: Final = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_FIRST: Final = re.compile(rf"{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s*(\d{{4}}))?")
_MONTH_FIRST: Final = re.compile(rf"{_MONTH}\s+{_DAY}(?:,?\s*(\d{{4}}))?")
_BARE_DAY: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_HOLIDAY: Final = re.compile(
    "国庆|中秋|春节|元旦|五一|劳动节|清明|端午|除夕|十一|黄金周|过年"
    "|national day|spring festival|new year|labou?r day|mid-?autumn|dragon boat|qing ?ming|golden week|christmas|easter"
)
_OF_THE_WEEK: Final = re.compile(
    "周[一二三四五六日天末]|星期[一二三四五六日天]|礼拜.|双休|工作日|平日"
    "|weekends?|weekdays?|workdays?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
)
_OWN_LINE: Final = Phrase(
    "a day stands before the colon, a line each, in the group's hours: `weekend: closed`",
    "日子写在冒号前，在该组的 hours 中各占一行：`weekend: closed`",
)
_KNOWN_HOLIDAYS: Final = Phrase(
    "public holidays are known already, and closed unless the group's hours have a line `holiday: 09:00-12:00`; "
    "for other days write their dates: `from: 2026-10-01`, `to: 2026-10-07`",
    "法定节假日已在日历中，默认关闭，要开放则在该组 hours 中写 `holiday: 09:00-12:00`；其他日子请写日期：`from: 2026-10-01`、`to: 2026-10-07`",
)
_HOLIDAY_KEY: Final = Phrase(
    "write `holiday:` for every public holiday; one of them alone goes to special_days:, with its dates",
    "所有法定节假日写 `holiday:`；只指其中一个，请写到 special_days: 并注明日期",
)


def _said(text: object) -> str:
    return " ".join(spoken.plain(str(text)).lower().split())


def duration(text: object) -> Phrase | None:
    """`30min` for 30 minutes, half an hour, PT30M; of 1:30 either reading."""
    said = _said(text)
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})", said):
        whole, rest = int(found[1]), int(found[2])
        return Phrase(
            f"write `{60 * whole + rest}min` for hours and minutes, `{60 * whole + rest}s` for minutes and seconds",
            f"时:分请写 `{60 * whole + rest}min`，分:秒请写 `{60 * whole + rest}s`",
        )
    seconds = _seconds(_ISO.sub(r"\1", said) if _ISO.fullmatch(said) else said)
    return meant(short(seconds)) if seconds else None


def _seconds(said: str) -> float | None:
    said = _AND_A_HALF.sub(lambda f: f"{_count(f[1]) + 0.5} {f[2]}", said)
    said = re.sub(r"^(\d+)\s*h\s*(\d{1,2})$", r"\1h \2m", said)
    total, at, unit = 0.0, 0, ""
    for found in _PART.finditer(said):
        if said[at : found.start()].strip(" ,") not in ("", "and"):
            return None
        unit = "m" if found[2] in "'′" else found[2][0]
        total, at = total + _count(found[1]) * _SECONDS[unit], found.end()
    return total if unit and not said[at:].strip(" .") else None


def _count(text: str) -> float:
    text = text.strip()
    return _COUNTS[text] if text in _COUNTS else float(text)


def short(seconds: float) -> str:
    """A length of time as it is best written: 90s, 15min, 4h."""
    for unit, name in (("d", "d"), ("h", "h"), ("m", "min")):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:g}{name}"
    return f"{seconds:g}s"


def clock(text: object) -> Phrase | None:
    """`21:00` for 9pm, `08:30` for half past 8, `17:30` for 17.30 and 17h30."""
    at = _clock(_said(text))
    return None if at is None else meant(_shown(at))


def _clock(said: str) -> int | None:
    """Minutes since midnight."""
    if said in ("noon", "midday"):
        return 720
    if found := _PAST.fullmatch(said):
        hour, minutes, half = int(_count(found[2])), _PAST_MINUTES[found[1]], found[3]
    elif found := _CLOCK.fullmatch(said):
        hour, minutes, half = int(found[1]), int(found[2] or 0), found[3]
    else:
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    at = 60 * hour + minutes
    return at if 0 <= at <= 1440 and minutes < 60 else None


def _shown(at: int) -> str:
    return f"{at // 60:02d}:{at % 60:02d}"


def hours(text: object) -> Phrase | None:
    """`09:00-17:00` for 9am-5pm and 9-5; both ends where one is told; a day that stands where its hours belong."""
    said = _said(text)
    if said in _ALL_DAY:
        return meant("24h")
    if said in _SHUT:
        return meant("closed")
    parts = _BETWEEN.split(re.sub(r"^from\s+", "", said))
    if len(parts) == 2:
        first, last = _clock(parts[0]), _clock(parts[1])
        if first is None or last is None or first == last:
            return None
        if last < first and last < 720 and re.fullmatch(r"[\d.:]+", said.replace("-", "")):
            last += 720  # from 9 to 5
        return meant(f"{_shown(first)}-{_shown(last)}")
    if (at := _clock(said)) is not None:
        both = f"09:00-{_shown(at)}" if at > 720 else f"{_shown(at)}-17:30"
        return Phrase(f"write when it opens and when it closes, like {both}", f"开门和关门都要写，如 {both}")
    return _OWN_LINE if _OF_THE_WEEK.fullmatch(said) else None


def day(text: object) -> Phrase | None:
    """`2026-10-01` for 1 Oct 2026; its year where that is missing; what is known of holidays and days of the week."""
    said = _said(text)
    if month_day := spoken.month_day(said):
        return _of_year(*month_day, None)
    if found := _DAY_FIRST.fullmatch(said):
        return _of_year(_MONTHS[found[2]], int(found[1]), found[3])
    if found := _MONTH_FIRST.fullmatch(said):
        return _of_year(_MONTHS[found[1]], int(found[2]), found[3])
    if found := _BARE_DAY.fullmatch(said):
        return _of_year(int(found[1]), int(found[2]), None)
    if _HOLIDAY.search(said):
        return _KNOWN_HOLIDAYS
    return _OWN_LINE if _OF_THE_WEEK.fullmatch(said) else None


def _of_year(month: int, number: int, year: str | None) -> Phrase | None:
    if not (1 <= month <= 12 and 1 <= number <= 31):
        return None
    if year is not None:
        return meant(f"{year}-{month:02d}-{number:02d}")
    return Phrase(
        f"write its year as well, like 2026-{month:02d}-{number:02d}",
        f"还要写年份，如 2026-{month:02d}-{number:02d}",
    )


def key(name: object, known: Collection[str]) -> Phrase | None:
    """A holiday's name where the keys are days."""
    return _HOLIDAY_KEY if "holiday" in known and _HOLIDAY.search(_said(name)) else None
